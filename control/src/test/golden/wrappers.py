"""Writes wrappers.csv: two episodes of MountainCarContinuous-v0 within Gymnasium's wrappers. Gymnasium 1.3.0, NumPy 2.4.6.

Columns: t, action, reward, observation, return and length where the episode ended. The first episode reaches the goal.
"""

import pathlib

import gymnasium as gym
import numpy as np
from gymnasium import wrappers

here = pathlib.Path(__file__).parent.parent / "resources/golden"
env = gym.make("MountainCarContinuous-v0", max_episode_steps=120)
env = wrappers.RescaleAction(env, np.float32(-3), np.float32(5))
env = wrappers.RecordEpisodeStatistics(env)
env = wrappers.NormalizeReward(wrappers.NormalizeObservation(env), gamma=0.9)
lines = []
for seed, policy in ((4, lambda speed: 4.5 if speed >= 0 else -2.5), (5, lambda speed: 0.25)):
    observation, _ = env.reset(seed=seed)
    lines.append(f"0,,,{' '.join(repr(float(o)) for o in observation)},,")
    for t in range(1, 200):
        action = np.array([policy(env.unwrapped.state[1])], np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        episode = info.get("episode", {"r": "", "l": ""})
        numbers = " ".join(repr(float(o)) for o in observation)
        returned = repr(float(episode["r"])) if terminated or truncated else ""
        lines.append(f"{t},{float(action[0])!r},{float(reward)!r},{numbers},{returned},{episode['l']}")
        if terminated or truncated:
            break
(here / "wrappers.csv").write_text("\n".join(lines) + "\n")
