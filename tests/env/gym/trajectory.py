"""Gymnasium's own play: prints one line per reset and step of ID, seeded with SEED, under actions that the test also knows.

    python trajectory.py ID SEED STEPS        lines: reward terminated truncated observation...
"""
import sys

import gymnasium
import numpy as np

name, seed, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
env = gymnasium.make(name)


def show(reward, terminated, truncated, seen):
    if isinstance(env.observation_space, gymnasium.spaces.Discrete):
        row = np.zeros(int(env.observation_space.n), np.float32)
        row[int(seen) - int(env.observation_space.start)] = 1
        seen = row
    numbers = " ".join("%.9g" % x for x in np.asarray(seen, np.float32).ravel())
    print("%.17g %d %d %s" % (reward, terminated, truncated and not terminated, numbers))


seen, _ = env.reset(seed=seed)
show(0, False, False, seen)
dice = seed
for _ in range(steps):
    dice = (dice * 1103515245 + 12345) % (1 << 31)
    action = (dice >> 16) % int(env.action_space.n) + int(env.action_space.start)
    seen, reward, terminated, truncated, _ = env.step(action)
    show(float(reward), terminated, truncated, seen)
    if terminated or truncated:
        seen, _ = env.reset()
        show(0, False, False, seen)
