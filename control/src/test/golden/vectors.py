"""Writes vectors.csv and normalize.csv. Gymnasium 1.3.0, Stable-Baselines3 2.9.0a4 (e05d2db), NumPy 2.4.6.

vectors.csv: SyncVectorEnv of three CartPole-v1 (time limit 12, so that both ends come up) in the three autoreset modes.
Columns: mode, t, environment, kind (reset, step, mask), action, reward, terminated, truncated, observation, final observation.

normalize.csv: VecNormalize around DummyVecEnv of three Pendulum-v1 with a time limit of 20.
Columns: t, environment, action, reward, done, observation, terminal observation; then the statistics.
"""

import pathlib

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

here = pathlib.Path(__file__).parent.parent / "resources/golden"
n = 3


def numbers(values):
    return " ".join(repr(float(value)) for value in values)


lines = []
for mode in AutoresetMode:
    vector = SyncVectorEnv([lambda: gym.make("CartPole-v1", max_episode_steps=12)] * n, autoreset_mode=mode)
    observations, _ = vector.reset(seed=11)
    for i in range(n):
        lines.append(f"{mode.name},0,{i},reset,,,,,{numbers(observations[i])},")
    ended = np.zeros(n, bool)
    for t in range(1, 41):
        if mode == AutoresetMode.DISABLED and ended.any():
            observations, _ = vector.reset(options={"reset_mask": ended})
            for i in range(n):
                lines.append(f"{mode.name},{t},{i},{'mask' if ended[i] else 'kept'},,,,,{numbers(observations[i])},")
        # Environment 0 always pushes to one side and falls, the others hold out longer.
        actions = np.array([1, t % 2, int(observations[2][2] + 0.5 * observations[2][3] > 0)])
        observations, rewards, terminated, truncated, infos = vector.step(actions)
        ended = terminated | truncated
        for i in range(n):
            final = numbers(infos["final_obs"][i]) if "final_obs" in infos and infos["_final_obs"][i] else ""
            lines.append(
                f"{mode.name},{t},{i},step,{actions[i]},{float(rewards[i])!r},{int(terminated[i])},{int(truncated[i])},"
                f"{numbers(observations[i])},{final}"
            )
(here / "vectors.csv").write_text("\n".join(lines) + "\n")

lines = []
vector = VecNormalize(DummyVecEnv([lambda: gym.make("Pendulum-v1", max_episode_steps=20)] * n), gamma=0.98)
vector.seed(5)
observations = vector.reset()
for i in range(n):
    lines.append(f"0,{i},,,,{numbers(observations[i])},")
for t in range(1, 46):
    actions = np.array([[((t * (i + 1)) % 9 - 4) / 2] for i in range(n)], np.float32)
    observations, rewards, dones, infos = vector.step(actions)
    for i in range(n):
        final = numbers(infos[i]["terminal_observation"]) if dones[i] else ""
        lines.append(f"{t},{i},{actions[i][0]!s},{float(rewards[i])!r},{int(dones[i])},{numbers(observations[i])},{final}")
lines.append(f"observation,{numbers(vector.obs_rms.mean)},{numbers(vector.obs_rms.var)},{vector.obs_rms.count!r}")
lines.append(f"return,{float(vector.ret_rms.mean)!r},{float(vector.ret_rms.var)!r},{vector.ret_rms.count!r}")
(here / "normalize.csv").write_text("\n".join(lines) + "\n")
