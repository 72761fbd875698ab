"""What gym_spaces.py guesses: prints "C H W" for each shape of bytes, "N 1 1" for one that is no picture.

    python axes.py GYM_SPACES_PY 4,4,16 6,7 ...
"""
import sys

import gymnasium
import numpy as np

exec(open(sys.argv[1]).read())
for word in sys.argv[2:]:
    shape = tuple(map(int, word.split(",")))
    print(*read_observations(gymnasium.spaces.Box(0, 255, shape, np.uint8), "auto")[0].shape)
