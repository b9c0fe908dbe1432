"""CleanRL's ppo.py on CartPole-v1, as written: `cleanrl.py PPO_PY STEPS`, a training from scratch a turn, its number the seed.

The script is executed as the program it is, with what its command line would give; tracking is off by default. `tyro`, which
only reads that command line, is replaced.
"""

import os
import runpy
import sys
import tempfile
import types

import torch

import turns

script, steps = os.path.abspath(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(int(os.environ["THREADS"]))
os.chdir(tempfile.mkdtemp())  # it writes its runs/ to the working directory


def train(turn):
    sys.modules["tyro"] = types.SimpleNamespace(cli=lambda settings: settings(seed=turn, total_timesteps=steps))
    left = runpy.run_path(script, run_name="__main__")

    def act(observation):
        with torch.no_grad():
            return int(left["agent"].actor(torch.as_tensor(observation)).argmax())

    return left["global_step"], lambda: turns.mean_return(act)


turns.answer(train)
