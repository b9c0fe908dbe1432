"""Writes ppo/update.json and ppo/gae.json: what Stable-Baselines3 and CleanRL make of the same numbers.

The updates of Stable-Baselines3 are calls of its own `PPO.train` on a rollout buffer that is filled here. CleanRL is a script
that cannot be imported: its `Agent` and the lines from the forward pass to the optimizer's step are cut out of its files by
their first and last words and executed, unchanged but for layers of 8 instead of 64 units.

    git clone https://github.com/vwxyzjn/cleanrl && git -C cleanrl checkout fe8d8a03
    pip install git+https://github.com/DLR-RM/stable-baselines3@e05d2dbe gymnasium==1.3.0
    CLEANRL=cleanrl python testing/golden/ppo.py
"""

import os
import pathlib
import textwrap
import types

import gymnasium
import numpy
import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv

import golden

golden.VERSIONS["stable_baselines3"] = stable_baselines3.__version__ + " e05d2dbe"
golden.VERSIONS["gymnasium"] = gymnasium.__version__
golden.VERSIONS["cleanrl"] = "fe8d8a03"
CLEANRL = pathlib.Path(os.environ["CLEANRL"]) / "cleanrl"
OBSERVATIONS, UNITS, ACTIONS, STEPS, UPDATES = 3, 8, 2, 24, 2
SPACES = {
    "discrete": gymnasium.spaces.Discrete(ACTIONS),
    "gaussian": gymnasium.spaces.Box(-1, 1, (ACTIONS,), numpy.float32),
}
OBSERVATION_SPACE = gymnasium.spaces.Box(-10, 10, (OBSERVATIONS,), numpy.float32)
# Our names of the weights, CleanRL's layout; what they are called there.
SB3_NAMES = {
    "actor.0": "mlp_extractor.policy_net.0",
    "actor.2": "mlp_extractor.policy_net.2",
    "actor.4": "action_net",
    "critic.0": "mlp_extractor.value_net.0",
    "critic.2": "mlp_extractor.value_net.2",
    "critic.4": "value_net",
}


def layers():
    sizes = {"actor": (OBSERVATIONS, UNITS, UNITS, ACTIONS), "critic": (OBSERVATIONS, UNITS, UNITS, 1)}
    for net, widths in sizes.items():
        for i in range(3):
            yield f"{net}.{2 * i}", widths[i], widths[i + 1]


def initial(kind):
    """Weights, in the layout of torch: [out, in]."""
    generator = torch.Generator().manual_seed(11)
    weights = {}
    for name, inputs, outputs in layers():
        weights[f"{name}.weight"] = torch.randn(outputs, inputs, generator=generator) * 0.6
        weights[f"{name}.bias"] = torch.randn(outputs, generator=generator) * 0.1
    if kind == "gaussian":
        weights["logstd"] = torch.tensor([-0.3, 0.2])
    return weights


def forward(kind, weights, observations, actions):
    """Log-probabilities and values of these weights, to draw old ones around them."""
    def net(prefix):
        x = observations
        for i in (0, 2):
            x = torch.tanh(x @ weights[f"{prefix}.{i}.weight"].T + weights[f"{prefix}.{i}.bias"])
        return x @ weights[f"{prefix}.4.weight"].T + weights[f"{prefix}.4.bias"]

    head = net("actor")
    if kind == "discrete":
        log_probs = torch.distributions.Categorical(logits=head).log_prob(actions)
    else:
        log_probs = torch.distributions.Normal(head, weights["logstd"].exp()).log_prob(actions).sum(1)
    return log_probs, net("critic").flatten()


def batch(kind, weights):
    """A rollout whose policy and values differ from the present ones, so that clipping binds for some steps."""
    generator = torch.Generator().manual_seed(12)
    randn = lambda *shape: torch.randn(*shape, generator=generator)
    observations = randn(STEPS, OBSERVATIONS)
    actions = torch.randint(0, ACTIONS, (STEPS,), generator=generator) if kind == "discrete" else randn(STEPS, ACTIONS)
    log_probs, values = forward(kind, weights, observations, actions)
    old_values = values + randn(STEPS) * 0.3
    return {
        "observations": observations,
        "actions": actions,
        "log_probs": log_probs + randn(STEPS) * 0.2,
        "values": old_values,
        "advantages": randn(STEPS) + 0.3,
        "returns": old_values + randn(STEPS) * 0.5,
    }


class Norms:
    """Stands in for clip_grad_norm_ and remembers what it returned."""

    def __init__(self):
        self.seen = []
        self.original = torch.nn.utils.clip_grad_norm_

    def __enter__(self):
        torch.nn.utils.clip_grad_norm_ = self
        return self

    def __exit__(self, *_):
        torch.nn.utils.clip_grad_norm_ = self.original

    def __call__(self, parameters, largest):
        norm = self.original(parameters, largest)
        self.seen.append(norm.item())
        return norm


# --- Stable-Baselines3 ---


class Idle(gymnasium.Env):
    """Gives the spaces."""

    def __init__(self, kind):
        self.observation_space = OBSERVATION_SPACE
        self.action_space = SPACES[kind]

    def reset(self, *, seed=None, options=None):
        return numpy.zeros(OBSERVATIONS, numpy.float32), {}


def sb3(kind, weights, rollout, case):
    model = PPO(
        "MlpPolicy",
        DummyVecEnv([lambda: Idle(kind)]),
        n_steps=STEPS,
        batch_size=STEPS,
        n_epochs=1,
        seed=1,
        learning_rate=case["learning_rate"],
        clip_range=case["clip_range"],
        ent_coef=case["entropy_coef"],
        vf_coef=case["value_coef"] / 2,  # of the mean squared error, not its half
        max_grad_norm=case["max_grad_norm"],
        policy_kwargs={
            "net_arch": {"pi": [UNITS, UNITS], "vf": [UNITS, UNITS]},
            "optimizer_kwargs": {"eps": case["epsilon"]},
        },
        device="cpu",
    )
    names = {f"{ours}.{part}": f"{theirs}.{part}" for ours, theirs in SB3_NAMES.items() for part in ("weight", "bias")}
    if kind == "gaussian":
        names["logstd"] = "log_std"
    model.policy.load_state_dict({names[name]: value for name, value in weights.items()})
    buffer = model.rollout_buffer
    buffer.observations[:, 0] = rollout["observations"]
    buffer.actions[:, 0] = rollout["actions"].reshape(STEPS, -1)
    for theirs, ours in (("log_probs",) * 2, ("values",) * 2, ("advantages",) * 2, ("returns",) * 2):
        getattr(buffer, theirs)[:, 0] = rollout[ours]
    buffer.full = True
    model.set_logger(Logger(None, []))
    figures = []
    with Norms() as norms:
        for _ in range(UPDATES):
            model.train()
            logged = model.logger.name_to_value
            figures.append(
                {
                    "policy_loss": float(logged["train/policy_gradient_loss"]),
                    "value_loss": float(logged["train/value_loss"]) / 2,
                    "entropy": -float(logged["train/entropy_loss"]),
                    "approx_kl": float(logged["train/approx_kl"]),
                    "clipfrac": float(logged["train/clip_fraction"]),
                    "explained_variance": float(logged["train/explained_variance"]),
                    "grad_norm": norms.seen[-1],
                }
            )
    state = model.policy.state_dict()
    return figures, {name: state[names[name]] for name in weights}


# --- CleanRL ---


def cut(source, first, last):
    """The lines from the one that starts with `first` to the one that starts with `last`, without their indentation."""
    lines = source.splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().startswith(first))
    end = next(i for i, line in enumerate(lines) if i > start and line.strip().startswith(last))
    return textwrap.dedent("\n".join(lines[start : end + 1]))


def cleanrl(kind, weights, rollout, case):
    source = (CLEANRL / ("ppo.py" if kind == "discrete" else "ppo_continuous_action.py")).read_text()
    scope = {"np": numpy, "torch": torch, "nn": torch.nn}
    exec("from torch.distributions.categorical import Categorical\nfrom torch.distributions.normal import Normal", scope)
    exec(cut(source, "def layer_init", "return layer"), scope)
    exec(cut(source, "class Agent", "return action, probs").replace("64", str(UNITS)), scope)
    space = SPACES[kind]
    agent = scope["Agent"](types.SimpleNamespace(single_observation_space=OBSERVATION_SPACE, single_action_space=space))
    names = {name: name if kind == "discrete" else name.replace("actor.", "actor_mean.") for name in weights}
    if kind == "gaussian":
        names["logstd"] = "actor_logstd"
    state = agent.state_dict()
    agent.load_state_dict({names[name]: value.reshape(state[names[name]].shape) for name, value in weights.items()})
    scope.update(
        agent=agent,
        optimizer=torch.optim.Adam(agent.parameters(), lr=case["learning_rate"], eps=case["epsilon"]),
        args=types.SimpleNamespace(
            clip_coef=case["clip_range"],
            norm_adv=True,
            clip_vloss=case["value_clip_range"] is not None,
            ent_coef=case["entropy_coef"],
            vf_coef=case["value_coef"],
            max_grad_norm=case["max_grad_norm"],
        ),
        mb_inds=numpy.arange(STEPS),
        b_obs=rollout["observations"],
        b_actions=rollout["actions"],
        b_logprobs=rollout["log_probs"],
        b_values=rollout["values"],
        b_advantages=rollout["advantages"],
        b_returns=rollout["returns"],
    )
    update = cut(source, "_, newlogprob, entropy, newvalue", "optimizer.step()")
    after = cut(source, "y_pred, y_true", "explained_var")
    figures = []
    with Norms() as norms:
        for _ in range(UPDATES):
            scope["clipfracs"] = []
            exec(update, scope)
            exec(after, scope)
            figures.append(
                {
                    "policy_loss": scope["pg_loss"].item(),
                    "value_loss": scope["v_loss"].item(),
                    "entropy": scope["entropy_loss"].item(),
                    "old_approx_kl": scope["old_approx_kl"].item(),
                    "approx_kl": scope["approx_kl"].item(),
                    "clipfrac": scope["clipfracs"][0],
                    "explained_variance": float(scope["explained_var"]),
                    "grad_norm": norms.seen[-1],
                }
            )
    state = agent.state_dict()
    return figures, {name: state[names[name]].reshape(weights[name].shape) for name in weights}


def write_updates():
    # name, kind, value clipping, largest norm, learning rate, epsilon. With an epsilon of 1 a step is nearly as long as its
    # gradient; with 1e-5 the first one is as long as the learning rate whatever the gradient.
    wanted = [
        ("sb3", "discrete", None, 0.5, 3e-4, 1e-5),
        ("sb3", "discrete", None, 100.0, 0.3, 1.0),
        ("sb3", "gaussian", None, 0.5, 3e-4, 1e-5),
        ("sb3", "gaussian", None, 100.0, 0.05, 1.0),
        ("cleanrl", "discrete", 0.2, 0.5, 2.5e-4, 1e-5),
        ("cleanrl", "discrete", 0.2, 100.0, 0.3, 1.0),
        ("cleanrl", "discrete", None, 0.5, 2.5e-4, 1e-5),
        ("cleanrl", "gaussian", 0.2, 0.5, 3e-4, 1e-5),
        ("cleanrl", "gaussian", 0.2, 100.0, 0.05, 1.0),
        ("cleanrl", "gaussian", None, 0.5, 3e-4, 1e-5),
    ]
    kinds = {kind: (initial(kind), batch(kind, initial(kind))) for kind in SPACES}
    cases = []
    for source, kind, value_clip, norm, rate, epsilon in wanted:
        case = {
            "source": source,
            "kind": kind,
            "clip_range": 0.2,
            "value_clip_range": value_clip,
            "value_coef": 1.0 if source == "sb3" else 0.5,
            "entropy_coef": 0.01,
            "max_grad_norm": norm,
            "learning_rate": rate,
            "epsilon": epsilon,
        }
        weights, rollout = kinds[kind]
        copy = {name: value.clone() for name, value in weights.items()}
        figures, after = (sb3 if source == "sb3" else cleanrl)(kind, copy, rollout, case)
        assert 0 < figures[0]["clipfrac"] < 1
        assert (figures[0]["grad_norm"] > norm) == (norm < 1), "clipping is to bind where it is meant to"
        cases.append({**case, "updates": figures, "after": after})
    golden.write(
        "ppo/update.json",
        {"kinds": {kind: {"weights": weights, **rollout} for kind, (weights, rollout) in kinds.items()}, "cases": cases},
    )


# --- advantages ---


class Scripted(gymnasium.Env):
    """Ends of episodes at given steps; rewards and observations are drawn from a seed."""

    observation_space = OBSERVATION_SPACE
    action_space = SPACES["discrete"]

    def __init__(self, seed, terminations, truncations):
        self.random = numpy.random.default_rng(seed)
        self.terminations, self.truncations = terminations, truncations
        self.now, self.rewards, self.final = 0, [], {}

    def observation(self):
        return self.random.normal(size=OBSERVATIONS).astype(numpy.float32)

    def reset(self, *, seed=None, options=None):
        return self.observation(), {}

    def step(self, action):
        t, self.now = self.now, self.now + 1
        self.rewards.append(float(numpy.float32(self.random.normal())))
        seen = self.observation()
        self.final[t] = seen
        return seen, self.rewards[-1], t in self.terminations, t in self.truncations, {}


def write_gae():
    """SB3's own collect_rollouts: it adds the value of a truncated episode's last observation to its reward."""
    steps, gamma, lam = 10, 0.97, 0.9
    ends = [({2, 9}, {6}), (set(), {4}), ({5}, {5}), (set(), set())]
    environments = [Scripted(20 + i, *end) for i, end in enumerate(ends)]
    torch.manual_seed(4)
    model = PPO(
        "MlpPolicy",
        DummyVecEnv([lambda e=e: e for e in environments]),
        n_steps=steps,
        batch_size=steps,
        gamma=gamma,
        gae_lambda=lam,
        seed=5,
        policy_kwargs={"net_arch": [UNITS]},
        device="cpu",
    )
    with torch.no_grad():
        model.policy.value_net.weight *= 3
    _, callback = model._setup_learn(steps * len(ends))
    model.collect_rollouts(model.env, callback, model.rollout_buffer, steps)
    buffer = model.rollout_buffer
    rows = []
    for i, (environment, (terminations, truncations)) in enumerate(zip(environments, ends)):
        # The critic's estimate of what came after each step, as it was before any reset.
        seen = torch.as_tensor(numpy.stack([environment.final[t] for t in range(steps)]))
        with torch.no_grad():
            after = model.policy.predict_values(seen).flatten()
        rows.append(
            {
                "values": buffer.values[:, i].tolist(),
                "rewards": environment.rewards[:steps],
                "terminated": [t in terminations for t in range(steps)],
                "truncated": [t in truncations for t in range(steps)],
                "next_values": after,
                "advantages": buffer.advantages[:, i].tolist(),
                "returns": buffer.returns[:, i].tolist(),
            }
        )
    golden.write("ppo/gae.json", {"gamma": gamma, "gae_lambda": lam, "rows": rows})


if __name__ == "__main__":
    write_updates()
    write_gae()
