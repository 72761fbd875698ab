"""Catch: balls fall, and a paddle at the bottom catches them. The environment of docs/custom-environment.md, for Gymnasium.

    PYTHONPATH=examples rainbow train gym/Catch-v0 --gym.import catch_env

The board is 10 x 10. A ball starts at a random place of the top row, falls one row per step and drifts by -1, 0 or 1 columns,
bouncing off the walls; the paddle moves by as much. +1 for a caught ball; a game is ten balls, 90 steps.
examples/catch.c is the same game in C.
"""
import gymnasium
import numpy as np

SIDE, BALLS = 10, 10


class Catch(gymnasium.Env):
    def __init__(self):
        self.action_space = gymnasium.spaces.Discrete(3)  # left, stay, right
        self.observation_space = gymnasium.spaces.Box(-1, 1, (5,), np.float32)

    def drop(self):
        """The next ball."""
        self.x, self.y, self.drift = int(self.np_random.integers(SIDE)), 0, int(self.np_random.integers(3)) - 1

    def seen(self):
        """About -1 to 1, so that no input outweighs the others."""
        return np.array([self.x / 4.5 - 1, self.y / 4.5 - 1, self.drift, self.paddle / 4.5 - 1, self.balls / BALLS], np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)  # seeds self.np_random
        self.paddle, self.balls = int(self.np_random.integers(SIDE)), BALLS
        self.drop()
        return self.seen(), {}

    def step(self, action):
        self.paddle = min(max(self.paddle + int(action) - 1, 0), SIDE - 1)
        if not 0 <= self.x + self.drift < SIDE:
            self.drift = -self.drift
        self.x, self.y = self.x + self.drift, self.y + 1
        if self.y < SIDE - 1:
            return self.seen(), 0.0, False, False, {}
        reward, self.balls = float(self.x == self.paddle), self.balls - 1
        if self.balls:
            self.drop()
        return self.seen(), reward, self.balls == 0, False, {}


gymnasium.register("Catch-v0", Catch)
