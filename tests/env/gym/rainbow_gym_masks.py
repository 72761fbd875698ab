"""Gymnasium environments that report action masks, for the tests of rainbow's worker.

    rainbow/Mask-v0     in step `at` (0: the reset) of game `game`, `what` is wrong (FAULTS); `how` is info, method, both, wrapper or none
The mask of a state allows action a if (a + game + step) % 3 is not 0. Six actions, numbered from `start`; a game ends after 5 steps,
`ends`: terminated or truncated. An observation is (game, step, actions so far that were forbidden, seed).
"""
import gymnasium
import numpy as np
from gymnasium import spaces

ACTIONS, STEPS = 6, 5


def mask_of(game, step):
    return np.array([(a + game + step) % 3 != 0 for a in range(ACTIONS)], np.int8)


FAULTS = {
    "none": lambda mask: mask,
    "bool": lambda mask: mask.astype(bool),
    "uint8": lambda mask: mask.astype(np.uint8),
    "list": lambda mask: mask.tolist(),
    "short": lambda mask: mask[:-1],
    "square": lambda mask: np.stack([mask, mask]),
    "floats": lambda mask: mask.astype(np.float32),
    "text": lambda mask: "110110",
    "nothing": lambda mask: mask * 0,
    "two": lambda mask: mask * 2,
    "missing": lambda mask: None,
}


class Mask(gymnasium.Env):
    observation_space = spaces.Box(-np.inf, np.inf, (4,), np.float32)

    def __init__(self, how="info", what="none", game=1, at=0, ends="terminated", start=0):
        self.action_space = spaces.Discrete(ACTIONS, start=start)
        self.how, self.what, self.wrong_game, self.wrong_at, self.ends, self.start = how, what, game, at, ends, start
        self.game = self.at = self.forbidden = 0
        self.seed = -1
        if how in ("method", "both"):
            self.action_masks = self.mask

    def mask(self):
        wrong = (self.game, self.at) == (self.wrong_game, self.wrong_at)
        if wrong and self.what == "raise":
            raise ValueError("no mask today")
        return FAULTS[self.what if wrong or self.what in ("bool", "uint8", "list") else "none"](mask_of(self.game, self.at))

    def info(self):
        mask = self.mask() if self.how in ("info", "both") else None
        return {} if mask is None else {"action_mask": mask}

    def seen(self):
        return np.array([self.game, self.at, self.forbidden, self.seed % 1000], np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.seed = seed
        self.game, self.at = self.game + 1, 0
        return self.seen(), self.info()

    def step(self, action):
        self.forbidden += not mask_of(self.game, self.at)[action - self.start]
        self.at += 1
        over = self.at == STEPS
        info = {} if over and self.ends == "terminated" else self.info()
        return self.seen(), 1.0, over and self.ends == "terminated", over and self.ends == "truncated", info


class Masking(gymnasium.Wrapper):
    """A wrapper that knows the masks."""

    def action_masks(self):
        return self.env.unwrapped.mask()


gymnasium.register("rainbow/Mask-v0", Mask)
gymnasium.register("rainbow/WrappedMask-v0", lambda **kwargs: Masking(Mask(how="none", **kwargs)))
