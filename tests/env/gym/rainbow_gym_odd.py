"""Gymnasium environments for the tests of rainbow's worker: every space that it accepts or rejects, and every kind of fault.

    rainbow/Odd-v0      the action selects what happens: see ACTIONS. An observation is (seed, game, step, 7).
    rainbow/Show-v0     observations of a space, by its name (SPACES); their values follow from game and step.
    rainbow/Take-v0     actions of a space, by its name (TAKES)
    rainbow/Never-v0    can't be made: `how` is raise, hang, die or quit
    rainbow/Late-v0     steps like Odd's "play", but in step `at` of the worker, or reset number `at` if `in_reset`, it does `what`; only once if `once`
                        names a file, which it then makes
    rainbow/Leaks-v0    keeps 8,000 bytes of each game
    rainbow/Draw-v0     renders 4x5 pictures of game and step; in step 1 `draws` selects the picture (DRAWS), or "raise" and so on as for actions
"""
import os
import signal
import sys
import time

import gymnasium
import numpy as np
from gymnasium import spaces

ACTIONS = (
    "play", "terminate", "truncate", "both", "nan", "infinite", "nan_reward", "shape", "dtype", "text", "raise", "quit", "four", "none",
    "die", "exit", "hang", "print", "worse",
)


class Odd(gymnasium.Env):
    action_space = spaces.Discrete(len(ACTIONS), start=3)
    observation_space = spaces.Box(-np.inf, np.inf, (4,), np.float32)

    def __init__(self, reset_does="play", needs_file=""):
        self.game, self.seed, self.reset_does, self.needs_file = 0, -1, reset_does, needs_file

    def get_action_meanings(self):
        return ACTIONS

    def seen(self):
        return np.array([self.seed % 10000, self.game, self.at, 7], np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.seed = seed
        self.game, self.at = self.game + 1, 0
        if self.game > 1 and (not self.needs_file or os.path.exists(self.needs_file)):
            self.act(self.reset_does)
        return self.seen(), {}

    def act(self, what):
        if what == "raise":
            raise ValueError("boom, as asked")
        elif what == "quit":
            sys.exit("enough")
        elif what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "exit":
            os._exit(3)
        elif what == "hang":
            time.sleep(1000)
        elif what == "print":
            print("said by print;", end=" ", flush=True)
            os.write(1, b"and by write\n")

    def step(self, action):
        what = ACTIONS[action - 3]
        self.at += 1
        self.act(what)
        seen, reward = self.seen(), 0.1 * self.at
        if what == "nan":
            seen[2] = np.nan
        elif what == "infinite":
            seen[1] = -np.inf
        elif what == "nan_reward":
            reward = float("nan")
        elif what == "shape":
            seen = seen[:3]
        elif what == "dtype":
            seen = seen.astype(complex)
        elif what == "text":
            seen = "four"
        elif what == "four":
            return seen, reward, False, {}
        elif what == "none":
            reward = None
        elif what == "worse":
            seen = [[1, 2], [3]]
        return seen, reward, what in ("terminate", "both"), what in ("truncate", "both"), {}


class Late(Odd):
    action_space = spaces.Discrete(2)
    steps = resets = 0  # of all instances in this process

    def __init__(self, at, what, in_reset=False, once=""):
        super().__init__()
        self.when, self.what, self.in_reset, self.once = at, what, in_reset, once

    def act_if_due(self, count):
        if count != self.when or (self.once and os.path.exists(self.once)):
            return
        if self.once:
            open(self.once, "w").close()
        self.act(self.what)

    def reset(self, *, seed=None, options=None):
        Late.resets += 1
        if self.in_reset:
            self.act_if_due(Late.resets)
        return super().reset(seed=seed)

    def step(self, action):
        Late.steps += 1
        self.at += 1
        if not self.in_reset:
            self.act_if_due(Late.steps)
        return self.seen(), 0.1 * action, self.at >= 20, False, {}


SPACES = {
    "discrete": spaces.Discrete(5, start=-2),
    "multi_discrete": spaces.MultiDiscrete([3, 4]),
    "multi_binary": spaces.MultiBinary(6),
    "float64": spaces.Box(-1, 1, (2, 3), np.float64),
    "integers": spaces.Box(-100, 100, (3,), np.int64),
    "bytes": spaces.Box(0, 255, (7,), np.uint8),
    "grey": spaces.Box(0, 255, (30, 40), np.uint8),
    "grey1": spaces.Box(0, 255, (30, 40, 1), np.uint8),
    "rgb": spaces.Box(0, 255, (30, 40, 3), np.uint8),
    "planar": spaces.Box(0, 255, (3, 30, 40), np.uint8),
    "bits": spaces.Box(0, 1, (10, 10, 4), np.bool_),
    "stacked": spaces.Box(0, 255, (4, 30, 40, 3), np.uint8),
    "text": spaces.Text(5),
}


def pixel(game, step, channel, y, x):
    return (game * 31 + step * 7 + channel * 50 + y * 3 + x * 5) % 256


class Show(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def __init__(self, space, wrong=False, last=3, rewards=()):
        self.rewards = rewards  # of the steps of a game, instead of 1, 2, 3 ...
        self.observation_space, self.name, self.wrong, self.game, self.last = SPACES[space], space, wrong, 0, last

    def seen(self):
        shape = self.observation_space.shape
        if self.name == "discrete":
            return 9 if self.wrong else (self.game + self.at) % 5 - 2
        if self.name == "multi_discrete":
            return np.array([self.game % 3, self.at % 4])
        if self.name == "multi_binary":
            return np.array([(self.at >> i) & 1 for i in range(6)], np.int8)
        if self.name == "float64":
            return (np.arange(6.0).reshape(2, 3) + self.at) / 7
        if self.name == "integers":
            numbers = np.array([-self.game, self.at, 100])
            return numbers / 2 if self.wrong else numbers
        if self.name == "bytes":
            return np.array([pixel(self.game, self.at, 0, 0, x) for x in range(7)], np.uint8)
        channels, height, width = {"grey": (1, *shape), "planar": shape}.get(self.name) or (shape[-1], *shape[:2])
        c, y, x = np.ogrid[:channels, :height, :width]
        planar = pixel(self.game, self.at, c, y, x).astype(np.float32 if self.wrong else np.uint8)
        if self.name == "bits":
            planar = planar % 2 == 1
        return planar[0] if self.name == "grey" else planar if self.name == "planar" else planar.transpose(1, 2, 0)

    def reset(self, *, seed=None, options=None):
        self.game, self.at = self.game + 1, 0
        return self.seen(), {}

    def step(self, action):
        self.at += 1
        reward = self.rewards[self.at - 1] if self.rewards else self.at
        return self.seen(), float(reward), self.at >= self.last, False, {}


TAKES = {
    "continuous": spaces.Box(-1, 1, (2,)),
    "multi_binary": spaces.MultiBinary(3),
    "tuple": spaces.Tuple((spaces.Discrete(2),)),
}


class Take(gymnasium.Env):
    observation_space = spaces.Discrete(2)

    def __init__(self, space):
        self.action_space = TAKES[space]


class Slow(Odd):
    def __init__(self, seconds):
        super().__init__()
        time.sleep(seconds)


class Never(gymnasium.Env):
    def __init__(self, how):
        Odd.act(self, how)


DRAWS = {
    "small": np.zeros((4, 4, 3), np.uint8),
    "grey": np.zeros((4, 5), np.uint8),
    "floats": np.zeros((4, 5, 3)),
    "nothing": None,
}


class Draw(Odd):
    metadata = {"render_modes": ["human", "rgb_array"]}

    def __init__(self, render_mode=None, draws="picture", always=False):
        super().__init__()
        self.render_mode, self.draws, self.always = render_mode, draws, always

    def render(self):
        assert self.render_mode == "rgb_array"
        if self.at == 1 or self.always:
            self.act(self.draws)
            if self.draws in DRAWS:
                return DRAWS[self.draws]
        y, x, c = np.ogrid[:4, :5, :3]
        return pixel(self.game, self.at, c, y, x).astype(np.uint8)


class Leaks(gymnasium.Env):
    action_space = spaces.Discrete(2)
    observation_space = spaces.Box(0, 1, (2,), np.float32)
    kept = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.kept.append(np.ones(1000))
        return self.np_random.random(2, np.float32), {}

    def step(self, action):
        return self.np_random.random(2, np.float32), 1.0, False, False, {}


def drawn_by_a_function(render_mode="ansi"):
    return Draw(render_mode)


gymnasium.register("rainbow/Odd-v0", Odd)
gymnasium.register("rainbow/Late-v0", Late)
gymnasium.register("rainbow/Draw-v0", Draw)
gymnasium.register("rainbow/DrawByFunction-v0", drawn_by_a_function)
gymnasium.register("rainbow/Show-v0", Show)
gymnasium.register("rainbow/Take-v0", Take)
gymnasium.register("rainbow/Never-v0", Never)
gymnasium.register("rainbow/Slow-v0", Slow)
gymnasium.register("rainbow/Leaks-v0", Leaks)
