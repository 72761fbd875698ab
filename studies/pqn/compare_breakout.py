#!/usr/bin/env python3
"""MinAtar's Breakout (its authors' package) and gymnax's, step by step under the same actions.

    compare_breakout.py [--games N] [--random N]        needs the packages minatar and gymnax

The actions follow the ball, with one in --random at random, so that the games are long and meet bricks, walls and both corners of the
paddle. Printed: games, steps, bricks, and the first step of each game at which the planes, the reward or the end differ. The games of
`rainbow` are compared with MinAtar's package by tests/env.
"""
import argparse
import collections

import gymnax
import jax
import numpy as np
from minatar import Environment

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--games", type=int, default=200)
parser.add_argument("--random", type=int, default=10)
options = parser.parse_args()

theirs, params = gymnax.make("Breakout-MinAtar")
step = jax.jit(theirs.step_env)
names = [0, 1, 3]  # nothing, left, right of MinAtar's six actions
rng = np.random.default_rng(1)
original, steps, bricks, differences = Environment("breakout", sticky_action_prob=0), 0, 0, collections.Counter()
for game in range(options.games):
    original.reset()
    inner = original.env
    seed = 0
    while True:  # the start with the ball on the same side
        obs, state = theirs.reset(jax.random.PRNGKey(seed), params)
        if int(state.ball_x) == inner.ball_x:
            break
        seed += 1
    assert (np.array(obs, bool) == original.state()).all()
    done = False
    while not done and int(state.time) < 999:
        aim = np.sign(inner.ball_x + (1 if inner.ball_dir in (1, 2) else -1) * (game % 2) - inner.pos)
        action = int(rng.integers(3)) if rng.integers(options.random) == 0 else int([0, 2, 1][aim])
        reward, done = original.act(names[action])
        obs, state, other_reward, other_done, _ = step(jax.random.PRNGKey(0), state, action, params)
        steps, bricks = steps + 1, bricks + reward
        same = [(np.array(obs, bool) == original.state()).all(), float(other_reward) == reward, bool(other_done) == done]
        if not all(same):
            kinds = ", ".join(what for what, equal in zip(("planes", "reward", "end"), same) if not equal)
            differences[f"{kinds} differ at step {int(state.time)}"] += 1
            break
print(f"{options.games} games, {steps:,} steps, {int(bricks):,} bricks, {differences.total()} games that differ")
for what, count in differences.most_common():
    print(f"{count:6} {what}")
