"""What Gymnasium's own RescaleObservation makes of bytes: prints the numbers of rainbow/Shape-v0, rescaled to 0 .. 255 and rounded.

    python scaled.py DIRECTORY KWARGS STEPS        one line per step; DIRECTORY holds rainbow_gym_values.py
"""
import json
import sys

import gymnasium
import numpy as np
from gymnasium.wrappers import DtypeObservation, RescaleObservation

sys.dont_write_bytecode = True
sys.path.append(sys.argv[1])
import rainbow_gym_values  # registers it

env = gymnasium.make("rainbow/Shape-v0", disable_env_checker=True, **json.loads(sys.argv[2]))
space = env.observation_space
env = RescaleObservation(DtypeObservation(env, np.float64), np.zeros(space.shape), np.full(space.shape, 255.0))
seen, _ = env.reset()
for _ in range(int(sys.argv[3])):
    print(*np.rint(seen).astype(int).ravel())
    seen = env.step(0)[0]
