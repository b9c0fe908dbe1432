"""Log-probabilities and entropies of Stable-Baselines3's action distributions on a few numbers.

Run with Stable-Baselines3 on the path: PYTHONPATH=path/to/stable-baselines3 python testing/golden/ppo_heads.py
"""

import json
import pathlib

import stable_baselines3
import torch
from stable_baselines3.common.distributions import (
    CategoricalDistribution,
    DiagGaussianDistribution,
    StateDependentNoiseDistribution,
)

TARGET = pathlib.Path(__file__).parents[1] / "src/main/resources/golden/ppo/heads.json"
ROWS, LATENT, ACTIONS = 4, 5, 3

torch.manual_seed(20)
latent = torch.tanh(torch.randn(ROWS, LATENT))
outputs = torch.randn(ROWS, ACTIONS)
actions = torch.randn(ROWS, ACTIONS)
chosen = torch.tensor([2, 0, 1, 2])
log_std = 0.5 * torch.randn(ACTIONS)
log_std_matrix = 0.5 * torch.randn(LATENT, ACTIONS) - 1


def figures(distribution, taken):
    return {
        "logProbs": distribution.log_prob(taken).tolist(),
        "entropy": distribution.entropy().tolist(),
    }


smooth = StateDependentNoiseDistribution(ACTIONS)
smooth.proba_distribution_net(LATENT, LATENT)
golden = {
    "versions": {"stable-baselines3": stable_baselines3.__version__, "torch": torch.__version__},
    "latent": latent.tolist(),
    "outputs": outputs.tolist(),
    "actions": actions.tolist(),
    "chosen": chosen.tolist(),
    "logStd": log_std.tolist(),
    "logStdMatrix": log_std_matrix.tolist(),
    "categorical": figures(CategoricalDistribution(ACTIONS).proba_distribution(outputs), chosen),
    "gaussian": figures(DiagGaussianDistribution(ACTIONS).proba_distribution(outputs, log_std), actions),
    "stateDependent": figures(smooth.proba_distribution(outputs, log_std_matrix, latent), actions),
}
TARGET.write_text(json.dumps(golden, indent=1) + "\n")
