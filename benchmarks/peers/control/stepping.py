"""Stepping without learning: `stepping.py ENV single|sync|vector SIZE STEPS`, so many steps of all environments a turn.

Actions follow a fixed rule, so that our side can take the same ones; the value is the sum of all rewards of the turn. `vector` is
CartPole's own vectorised class, which draws its starts in another way.
"""

import sys

import gymnasium
import numpy

import turns

identity, mode, size, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def actions(space):
    """Action t of environment i, [1000][size]."""
    t = numpy.arange(1000)[:, None] + 17 * numpy.arange(size)[None, :]
    mixed = t * 7919 % 10007
    if isinstance(space, gymnasium.spaces.Discrete):
        return mixed % space.n
    return ((2 * mixed / 10006 - 1) * space.high[0]).astype(numpy.float32)[:, :, None]


if mode == "single":
    environment = gymnasium.make(identity)
    wanted = list(actions(environment.action_space)[:, 0])
    environment.reset(seed=0)
else:
    if mode == "sync":
        environment = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make(identity)] * size)
    else:
        environment = gymnasium.make_vec(identity, num_envs=size, vectorization_mode="vector_entry_point")
    wanted = list(actions(environment.single_action_space))
    environment.reset(seed=0)


def one_by_one():
    total = 0.0
    for t in range(steps):
        _, reward, terminated, truncated, _ = environment.step(wanted[t % 1000])
        total += float(reward)
        if terminated or truncated:
            environment.reset()
    return total


def together():
    total = 0.0
    for t in range(steps // size):
        _, rewards, _, _, _ = environment.step(wanted[t % 1000])
        total += float(rewards.sum())
    return total


def turn(_):
    total = one_by_one() if mode == "single" else together()
    return steps // size * size, lambda: total


turns.answer(turn)
