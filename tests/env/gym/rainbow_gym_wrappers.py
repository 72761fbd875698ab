"""Wrappers for the tests of gym.wrappers: good ones, and one for each fault. Counter counts its steps from 0, and ends never."""
import gymnasium
import numpy as np
from gymnasium import spaces


class Counter(gymnasium.Env):
    action_space = spaces.Discrete(3)
    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        self.at = 0
        return np.array([0, seed or 0], np.float32), {}

    def step(self, action):
        self.at += 1
        return np.array([self.at, action], np.float32), 1.0, False, False, {}


class Plus(gymnasium.ObservationWrapper):
    def observation(self, seen):
        return seen + np.float32(1)


class Times(gymnasium.ObservationWrapper):
    def observation(self, seen):
        return seen * np.float32(10)


class Masks(gymnasium.Wrapper):
    def action_masks(self):
        return np.array([True, False, True])


class Needs(gymnasium.Wrapper):
    def __init__(self, env, number):
        super().__init__(env)


class Raises(gymnasium.Wrapper):
    def __init__(self, env):
        raise ValueError("not this one\nnor another")


class Asserts(gymnasium.Wrapper):
    def __init__(self, env):
        assert env is None


class Late(gymnasium.Wrapper):
    @property
    def observation_space(self):
        raise NotImplementedError


class Plain:
    def __init__(self, env):
        pass


def function(env):
    return env


gymnasium.register("rainbow/Counter-v0", Counter)
