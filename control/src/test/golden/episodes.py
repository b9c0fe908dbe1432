"""Writes one CSV an environment with episodes of random and hard-driven actions. Gymnasium 1.3.0, NumPy 2.4.6.

Columns: seed, options (low:high or x_init:y_init), t, action, reward, terminated, truncated, o0...; t = 0 is the reset row.
The published reference episodes (seeds 0 and 1, the scripted policies of ScriptedPoliciesTest) come first.
"""

import csv
import pathlib

import gymnasium as gym
import numpy as np

here = pathlib.Path(__file__).parent.parent / "resources/golden"
scripted = {
    "CartPole-v1": lambda o, t: int(o[2] + 0.5 * o[3] > 0),
    "MountainCar-v0": lambda o, t: 2 if o[1] >= 0 else 0,
    "MountainCarContinuous-v0": lambda o, t: np.array([0.75 if o[1] >= 0 else -0.75], np.float32),
    "Acrobot-v1": lambda o, t: 0 if o[4] > 0 else 2,
    "Pendulum-v1": lambda o, t: np.array([((t % 9) - 4) / 2], np.float32),
}
# Starts at the walls, at the goal and at full speed.
starts = {
    "CartPole-v1": [(-2.4, 2.4), (0.2, 0.2)],
    "MountainCar-v0": [(-1.2, -1.2), (0.499, 0.501), (-1.2, 0.6)],
    "MountainCarContinuous-v0": [(-1.2, -1.2), (0.44, 0.46), (-1.2, 0.6)],
    "Acrobot-v1": [(-3.0, 3.0), (-12.0, 12.0)],
    "Pendulum-v1": [(0.0, 8.0), (20.0, 0.5)],
}
names = {"Pendulum-v1": ("x_init", "y_init")}


def row(seed, start, t, action, reward, terminated, truncated, observation):
    options = "" if start is None else f"{start[0]}:{start[1]}"
    return [seed, options, t, action, reward, int(terminated), int(truncated), *(float(o) for o in observation)]


for name, policy in scripted.items():
    env = gym.make(name)
    rows = []
    first, second = names.get(name, ("low", "high"))

    def episode(seed, start, policy, limit):
        options = None if start is None else {first: start[0], second: start[1]}
        observation, _ = env.reset(seed=seed, options=options)
        rows.append(row(seed, start, 0, "", "", False, False, observation))
        for t in range(limit):
            action = policy(observation, t)
            observation, reward, terminated, truncated, _ = env.step(action)
            written = float(action[0]) if isinstance(action, np.ndarray) else action
            rows.append(row(seed, start, t + 1, written, repr(float(reward)), terminated, truncated, observation))
            if terminated or truncated:
                break

    for seed in (0, 1):
        episode(seed, None, policy, 500)
    for seed in (2, 2**40 + 5):
        env.action_space.seed(seed)
        episode(seed, None, lambda o, t: env.action_space.sample(), 120)
    for seed, start in enumerate(starts[name]):
        env.action_space.seed(seed)
        # Beyond the bounds, where the space has any: environments clip.
        hard = lambda o, t: env.action_space.sample() * np.float32(1.5) if not hasattr(env.action_space, "n") else env.action_space.sample()
        episode(seed, start, hard, 40)
    with open(here / f"{name}.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
