"""Gymnasium environments for the tests of what rainbow reads from spaces and steps.

    rainbow/Values-v0    action i gives VALUES[i]: a reward, terminated, truncated
    rainbow/Skips-v0     pictures; the reward counts the frames of a step
    rainbow/Shape-v0     a Box of any shape, type and bounds; number i of the observation at step t is low + (7 i + 3 t) % (high - low + 1)
"""
import decimal
import fractions

import gymnasium
import numpy as np
from gymnasium import spaces

VALUES = (
    # read
    (1.5, False, False),
    (np.float16(1.5), np.False_, np.False_),
    (np.float32(1.5), np.array(False), np.array([False])),
    (np.float64(1.5), 0, 0),
    (np.longdouble(1.5), np.int64(0), np.float32(0)),
    (np.array(1.5), False, False),
    (np.array([1.5]), False, False),
    (np.array([[1.5]], np.float32), False, False),
    (fractions.Fraction(3, 2), False, False),
    (decimal.Decimal("1.5"), False, False),
    (-3, np.True_, False),
    (np.int8(-3), np.array([True]), False),
    (np.array([-3]), 1, False),
    (-(2**70), False, np.True_),
    (True, False, np.array(True)),
    (np.True_, False, 1.0),
    # refused
    (None, False, False),
    ("1.5", False, False),
    (b"1.5", False, False),
    ([1.5], False, False),
    (np.array([1.0, 2.0]), False, False),
    (np.array([]), False, False),
    (1j, False, False),
    (10**400, False, False),
    (-(10**5000), False, False),
    (0.0, None, False),
    (0.0, False, None),
    (0.0, "False", False),
    (0.0, False, {}),
    (0.0, np.array([True, False]), False),
)


class Values(gymnasium.Env):
    action_space = spaces.Discrete(len(VALUES), start=-5)
    observation_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}

    def step(self, action):
        assert type(action) is type(self.action_space.sample())
        return (np.zeros(1, np.float32), *VALUES[action.item() + 5], {})


class Many(Values):
    def __init__(self, actions):
        self.action_space = spaces.Discrete(actions)


class Steering(Values):
    """Like CarRacing: its actions are continuous unless an argument numbers them."""

    def __init__(self, continuous=True):
        self.action_space = spaces.Box(-1, 1, (2,)) if continuous else spaces.Discrete(5)


class Shape(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def __init__(self, shape, low=0, high=255, dtype="uint8", binary=False, outside=None):
        low, high = (np.array(bound).reshape(-1) for bound in (low, high))
        count = int(np.prod(shape))
        self.low, self.high = np.resize(low, count).astype(int), np.resize(high, count).astype(int)
        type_ = np.dtype(dtype)
        bounds = (self.low.reshape(shape).astype(type_), self.high.reshape(shape).astype(type_))
        self.observation_space = spaces.MultiBinary(shape) if binary else spaces.Box(*bounds, tuple(shape), type_)
        self.outside = outside

    def seen(self):
        i = np.arange(self.low.size)
        values = self.low + (7 * i + 3 * self.at) % (self.high - self.low + 1)
        if self.outside is not None and self.at == 1:
            values[-1] = self.outside
        return values.reshape(self.observation_space.shape).astype(self.observation_space.dtype)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at = 0
        return self.seen(), {}

    def step(self, action):
        self.at += 1
        return self.seen(), 0.0, False, False, {}


class Skips(Shape):
    """Like ALE's games: a step takes `frameskip` frames, which its reward counts."""

    def __init__(self, frameskip=1):
        super().__init__((30, 40))
        self._frameskip = frameskip

    def step(self, action):
        self.at += self._frameskip
        return self.seen(), float(self._frameskip), False, False, {}


def skipping_twice():
    return gymnasium.wrappers.MaxAndSkipObservation(Skips(), 3)


gymnasium.register("rainbow/Skips-v0", Skips, kwargs={"frameskip": 4})
gymnasium.register("rainbow/SkipsUnregistered-v0", lambda: Skips(5))
gymnasium.register("rainbow/SkipsTwice-v0", skipping_twice)
gymnasium.register("rainbow/Shape-v0", Shape)
gymnasium.register("rainbow/Steering-v0", Steering)
gymnasium.register("rainbow/Values-v0", Values)
gymnasium.register("rainbow/Many-v0", Many)
