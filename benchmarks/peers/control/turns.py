"""What every peer in control environments shares: turns on demand, and how a policy is judged."""

import contextlib
import json
import os
import sys
import time

import gymnasium

EVALUATION_EPISODES, EVALUATION_SEED = 100, 1_000_000


def mean_return(act, identity="CartPole-v1"):
    """Mean return over episodes of seeds that no training uses, with the policy's best actions."""
    total = 0.0
    environment = gymnasium.make(identity)
    for episode in range(EVALUATION_EPISODES):
        observation, _ = environment.reset(seed=EVALUATION_SEED + episode)
        done = False
        while not done:
            observation, reward, terminated, truncated, _ = environment.step(act(observation))
            total += float(reward)
            done = terminated or truncated
    return total / EVALUATION_EPISODES


def answer(work):
    """Says ready; then, for each line of input, prints the figures of one turn. Work takes the number of the turn, from 1,
    and returns the steps it made and what it gives judged afterwards, outside of the time."""
    print("ready", flush=True)
    for turn, _ in enumerate(sys.stdin, 1):
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            start, cpu = time.perf_counter(), time.process_time()
            steps, judge = work(turn)
            seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
            value = judge()
        figures = {"seconds": seconds, "cpu_seconds": cpu_seconds, "steps": steps, "value": value}
        print(json.dumps(figures), flush=True)
