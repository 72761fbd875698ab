"""What Gymnasium's own FlattenObservation makes of rainbow/Parts-v0: prints the bits of its numbers as float32, and first their count.

    python flattened.py DIRECTORY KWARGS STEPS        one line per step; DIRECTORY holds rainbow_gym_parts.py
"""
import json
import sys

import gymnasium
import numpy as np
from gymnasium.wrappers import FlattenObservation

sys.dont_write_bytecode = True
sys.path.append(sys.argv[1])
import rainbow_gym_parts  # registers it

env = FlattenObservation(gymnasium.make("rainbow/Parts-v0", disable_env_checker=True, **json.loads(sys.argv[2])))
print(*env.observation_space.shape)
seen, _ = env.reset()
for _ in range(int(sys.argv[3])):
    print(*seen.astype(np.float32).view(np.uint32))
    seen = env.step(0)[0]
