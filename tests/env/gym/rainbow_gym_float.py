"""Pictures of floats, for tests/train/test_gym_runs.c: a bright square on the left or on the right of a 12 x 12 picture with two
channels. In the first channel it asks for the action of its side, in the second for the other one; so both place and channel count."""
import gymnasium
import numpy as np
from gymnasium import spaces


class FloatPicture(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def __init__(self, last=True):
        self.last = last
        self.observation_space = spaces.Box(-1, 1, (12, 12, 2) if last else (2, 12, 12), np.float32)

    def look(self):
        self.right, self.channel = self.np_random.integers(2), self.np_random.integers(2)
        planes = self.np_random.uniform(-0.3, 0.3, (2, 12, 12)).astype(np.float32)
        y, x = self.np_random.integers(9), self.np_random.integers(4)
        planes[self.channel, y : y + 3, x + 6 * self.right : x + 6 * self.right + 3] = 1
        return planes.transpose(1, 2, 0) if self.last else planes

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.at = 0
        return self.look(), {}

    def step(self, action):
        self.at += 1
        reward = float(action == (self.right ^ self.channel))
        return self.look(), reward, self.at == 10, False, {}


gymnasium.register("rainbow/FloatPicture-v0", FloatPicture)
