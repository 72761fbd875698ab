"""Gymnasium's spaces and values as the learner reads them: the same code as the program's own worker (gym/ID)."""
from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from . import _gym_spaces
from ._library import UsageError, lib

_gym_spaces.np = np
_gym_spaces.gymnasium = gymnasium


class Observations:
    """Turns observations of a space into rows of bytes or floats that C reads: [N][channels][height][width]."""

    def __init__(self, space: "gymnasium.Space[Any]", channels: str) -> None:
        try:
            self.reader, self.notice = _gym_spaces.read_observations(space, channels)
        except _gym_spaces.Refused as refused:
            raise UsageError(f"the observation space: {refused}") from None
        self.space = space
        self.kind = lib.RB_OBS_U8 if self.reader.kind == _gym_spaces.U8 else lib.RB_OBS_F32
        self.dtype = np.dtype(np.uint8 if self.reader.kind == _gym_spaces.U8 else np.float32)
        self.shape: tuple[int, int, int] = tuple(int(n) for n in self.reader.shape)  # type: ignore[assignment]
        axes = getattr(self.reader, "axes", None)
        # A box whose memory is laid out as C reads it needs no copy.
        self.plain = isinstance(space, gymnasium.spaces.Box) and space.dtype == self.dtype
        self.plain = self.plain and (axes is None or tuple(axes) in ((0, 1), (0, 1, 2))) and not getattr(self.reader, "scaled", False)
        self.buffer = np.zeros((0, *self.shape), self.dtype)

    def rows(self, observations: Any, count: int, batched: bool) -> "np.ndarray[Any, Any]":
        """[count][channels][height][width], contiguous; the caller's own memory if its layout fits."""
        own = observations.__class__ is np.ndarray and self.plain
        if own and observations.dtype == self.dtype and observations.flags.c_contiguous:
            shape = (count, *self.space.shape) if batched else self.space.shape  # type: ignore[misc]
            if observations.shape == shape:
                return observations  # type: ignore[no-any-return]
        if len(self.buffer) < count:
            self.buffer = np.zeros((count, *self.shape), self.dtype)
        if batched and len(observations) != count:
            raise UsageError(f"{len(observations)} observations for {count} environments: must be one for each")
        for i in range(count):
            view = self.reader.view(self.buffer[i].reshape(-1))
            try:
                self.reader.write(observations[i] if batched else observations, view)
            except _gym_spaces.Refused as refused:
                where = f"observation {i}" if batched else "the observation"
                raise UsageError(f"{where} does not fit: the environment {refused}") from None
        return self.buffer[:count]


class Actions:
    """Numbered actions and the values of a space."""

    def __init__(self, space: "gymnasium.Space[Any]") -> None:
        if not isinstance(space, gymnasium.spaces.Discrete):
            raise UsageError(f"the action space is {space}: only numbered actions (gymnasium.spaces.Discrete) can be learned")
        self.count, self.start = int(space.n), int(space.start)


_AUTORESETS = {"nextstep": "next_step", "samestep": "same_step", "disabled": "disabled"}


def autoreset_name(mode: Any) -> str:
    """A member of Gymnasium's AutoresetMode, its name or its value, as "next_step", "same_step" or "disabled"."""
    text = str(getattr(mode, "name", mode))
    name = _AUTORESETS.get(text.lower().replace("_", ""))
    if name is None:
        raise UsageError(f'autoreset is {mode!r}: must be "next_step", "same_step" or "disabled"')
    return name


def autoreset_of(env: Any) -> str:
    """When a vector of environments resets; Gymnasium's vectors before 1.1 do in the next step."""
    return autoreset_name((getattr(env, "metadata", None) or {}).get("autoreset_mode", "next_step"))
