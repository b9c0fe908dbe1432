"""Stable-Baselines3's PPO on CartPole-v1: `sb3.py defaults|zoo STEPS`, a training from scratch a turn, its number the seed."""

import os
import sys

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env

import turns

setting, steps = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(int(os.environ["THREADS"]))


def model(seed):
    if setting == "defaults":
        return PPO("MlpPolicy", "CartPole-v1", seed=seed, device="cpu")
    # rl-baselines3-zoo, hyperparams/ppo.yml
    return PPO(
        "MlpPolicy",
        make_vec_env("CartPole-v1", n_envs=8, seed=seed),
        n_steps=32,
        batch_size=256,
        gae_lambda=0.8,
        gamma=0.98,
        n_epochs=20,
        ent_coef=0.0,
        learning_rate=lambda left: left * 0.001,
        clip_range=lambda left: left * 0.2,
        seed=seed,
        device="cpu",
    )


def train(turn):
    learned = model(turn).learn(steps)
    act = lambda observation: int(learned.predict(observation, deterministic=True)[0])
    return learned.num_timesteps, lambda: turns.mean_return(act)


turns.answer(train)
