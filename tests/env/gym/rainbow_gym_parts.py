"""Gymnasium environments whose observations have parts and whose actions are several choices, for the tests of rainbow's worker.

    rainbow/Parts-v0    observations are samples of a space, by its name (SPACES); in the first step `wrong` is wrong with them (FAULTS)
    rainbow/Combine-v0  actions of MultiDiscrete(sizes, start=start), in `shape` if given; an observation is the last action, flat;
                        `masks`: the length of the masks that it reports, which allow the action of the number of the step
    rainbow/Both-v0     games of 20 steps; the right action, with the reward 1, is the exclusive or of a bit in a picture and a bit in a
                        number beside it; `blank` hides that part; `height`: of the picture
"""
import gymnasium
import numpy as np
from gymnasium import spaces

floats = spaces.Box(-np.inf, np.inf, (2, 3), np.float32)
SPACES = {
    "dict": spaces.Dict({"zebra": floats, "ant": spaces.Discrete(4, start=-1), "middle": spaces.MultiBinary((2, 2))}),
    "tuple": spaces.Tuple((spaces.Discrete(3), spaces.Box(-9, 9, (), np.float64), spaces.MultiDiscrete([[2, 3], [4, 2]]))),
    "nested": spaces.Dict({
        "robot": spaces.Dict({"legs": spaces.Tuple((floats, spaces.Box(-100, 100, (3,), np.int16))), "arm": spaces.Discrete(2)}),
        "goal": spaces.Box(-np.inf, np.inf, (2,), np.float64),
        "bits": spaces.Box(0, 1, (2, 2, 2), np.bool_),
        "row": spaces.Box(0, 255, (5,), np.uint8),
        "board": spaces.Box(0, 2, (3, 3), np.uint8),
    }),
    "bytes": spaces.Dict({"picture": spaces.Box(0, 255, (4, 5, 3), np.uint8), "flag": spaces.Discrete(2)}),
    "deep": spaces.Tuple((spaces.Dict({"picture": spaces.Box(0, 255, (2, 4, 5, 3), np.uint8)}),)),
    "cube": spaces.Dict({"cube": spaces.Box(-9, 9, (3, 4, 6), np.float32), "count": spaces.Discrete(3)}),
    "alone": spaces.Dict({"eye": spaces.Box(0, 255, (4, 5, 3), np.uint8)}),
    "pair": spaces.Tuple((spaces.Box(0, 255, (4, 5, 3), np.uint8), spaces.Dict({"map": spaces.Box(0, 1, (3, 5, 5), np.uint8)}))),
    "scaled": spaces.Dict({"board": spaces.Box(0, 2, (4, 3, 3), np.uint8), "when": spaces.Box(-1, 1, (2,), np.float64), "bit": spaces.MultiBinary(3)}),
    "words": spaces.Dict({"said": spaces.Text(5), "flag": spaces.Discrete(2)}),
    "graph": spaces.Tuple((spaces.Graph(spaces.Discrete(2), None),)),
    "many": spaces.Dict({f"part{i:02}": spaces.Discrete(2) for i in range(11)}),
    "empty": spaces.Dict({}),
}


def without(seen, key):
    return {name: part for name, part in seen.items() if name != key}


FAULTS = {
    "missing": lambda seen: without(seen, "goal"),
    "array": lambda seen: np.zeros(3),
    "inner": lambda seen: {**seen, "robot": {"legs": seen["robot"]["legs"][:1], "arm": 0}},
    "shape": lambda seen: {**seen, "goal": np.zeros(3)},
    "value": lambda seen: {**seen, "robot": {**seen["robot"], "arm": 2}},
    "more": lambda seen: {**seen, "unknown": 1},
}


class Parts(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def __init__(self, space, wrong=""):
        self.observation_space, self.wrong = SPACES[space], wrong
        self.observation_space.seed(3)

    def reset(self, *, seed=None, options=None):
        return self.observation_space.sample(), {}

    def step(self, action):
        seen = self.observation_space.sample()
        return FAULTS[self.wrong](seen) if self.wrong else seen, 0.0, False, False, {}


class Both(gymnasium.Env):
    action_space = spaces.Discrete(2)

    def __init__(self, blank="", height=6):
        self.blank, self.height = blank, height
        self.observation_space = spaces.Dict({"eye": spaces.Box(0, 255, (height, 6, 1), np.uint8), "number": spaces.Box(-1, 1, (1,), np.float32)})

    def look(self):
        self.bits = self.np_random.integers(2, size=2)
        eye = np.zeros((self.height, 6, 1), np.uint8)
        if self.blank != "eye":
            eye[self.np_random.integers(self.height), (0 if self.bits[0] else 3) + self.np_random.integers(3)] = 255
        return {"eye": eye, "number": np.array([0 if self.blank == "number" else self.bits[1] * 2 - 1], np.float32)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.look(), {}

    def step(self, action):
        reward = float(action == self.bits[0] ^ self.bits[1])
        self.steps += 1
        return self.look(), reward, False, self.steps == 20, {}


class Combine(gymnasium.Env):
    def __init__(self, sizes, start=0, shape=None, masks=0):
        sizes = np.array(sizes, np.int64).reshape(shape or -1)
        self.action_space = spaces.MultiDiscrete(sizes, dtype=np.int16, start=np.full_like(sizes, start))
        self.observation_space = spaces.Box(-np.inf, np.inf, (sizes.size,), np.float32)
        self.masks, self.at = masks, 0

    def info(self):
        return {"action_mask": np.arange(self.masks) == self.at % self.masks} if self.masks else {}

    def reset(self, *, seed=None, options=None):
        return np.full(self.observation_space.shape, -9, np.float32), self.info()

    def step(self, action):
        assert self.action_space.contains(action) and type(action) is np.ndarray and action.dtype == np.int16
        self.at += 1
        seen = action.ravel().astype(np.float32)
        action[...] = 99  # it is this environment's own
        return seen, 0.0, False, False, self.info()


gymnasium.register("rainbow/Parts-v0", Parts)
gymnasium.register("rainbow/Combine-v0", Combine)
gymnasium.register("rainbow/Both-v0", Both)
