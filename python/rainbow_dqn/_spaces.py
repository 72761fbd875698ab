"""Gymnasium's spaces and values as the learner reads them: the same code as the program's own worker (gym/ID)."""
from __future__ import annotations

from typing import Any, Optional, Union

import gymnasium
import numpy as np

from . import _gym_spaces
from ._library import UsageError, lib

_gym_spaces.np = np
_gym_spaces.gymnasium = gymnasium


class Observations:
    """Turns observations of a space into rows of bytes or floats that C reads: [N][channels][height][width], a vector behind each."""

    def __init__(self, space: "gymnasium.Space[Any]", channels: str) -> None:
        try:
            self.reader, self.notice = _gym_spaces.read_observations(space, channels)
        except _gym_spaces.Refused as refused:
            raise UsageError(f"the observation space: {refused}") from None
        self.space = space
        self.kind = lib.RB_OBS_U8 if self.reader.kind == _gym_spaces.U8 else lib.RB_OBS_F32
        self.dtype = np.dtype(np.uint8 if self.reader.kind == _gym_spaces.U8 else np.float32)
        self.shape: tuple[int, int, int] = tuple(int(n) for n in self.reader.shape)  # type: ignore[assignment]
        self.vector = int(self.reader.vector)  # numbers beside a picture
        self.row: "tuple[int, ...]" = (_gym_spaces.frame_numbers(self.reader),) if self.vector else self.shape
        axes = getattr(self.reader, "axes", None)
        # A box whose memory is laid out as C reads it needs no copy.
        self.plain = isinstance(space, gymnasium.spaces.Box) and space.dtype == self.dtype
        self.plain = self.plain and (axes is None or tuple(axes) in ((0, 1), (0, 1, 2))) and not getattr(self.reader, "scaled", False)
        self.buffer = np.zeros((0, *self.row), self.dtype)

    def rows(self, observations: Any, count: int, batched: bool) -> "np.ndarray[Any, Any]":
        """[count][channels][height][width], contiguous; the caller's own memory if its layout fits."""
        own = observations.__class__ is np.ndarray and self.plain
        if own and observations.dtype == self.dtype and observations.flags.c_contiguous:
            shape = (count, *self.space.shape) if batched else self.space.shape  # type: ignore[misc]
            if observations.shape == shape:
                return observations  # type: ignore[no-any-return]
        if len(self.buffer) < count:
            self.buffer = np.zeros((count, *self.row), self.dtype)
        single = self.singles(observations, count) if batched else [observations]
        for i in range(count):
            view = self.reader.view(self.buffer[i].reshape(-1))
            try:
                self.reader.write(single[i], view)
            except _gym_spaces.Refused as refused:
                where = f"observation {i}" if batched else "the observation"
                raise UsageError(f"{where} does not fit: the environment {refused}") from None
        return self.buffer[:count]

    def singles(self, observations: Any, count: int) -> Any:
        """The observations of a vector, one for each environment: a new list if the space has parts, else as they are."""
        if isinstance(self.space, _PARTED):
            return _singles(self.space, observations, count, "")
        if len(observations) != count:
            raise UsageError(f"{len(observations)} observations for {count} environments: must be one for each")
        return observations

    def replaced(self, observations: Any, which: "np.ndarray[Any, Any]", by: Any) -> Any:
        """The observations of a vector, those of the environments ``which`` replaced by theirs in ``by``."""
        kept = self.singles(observations, len(which))
        kept = kept if isinstance(self.space, _PARTED) else np.array(kept)
        for i in np.flatnonzero(which):
            kept[i] = by[i]
        return kept


_PARTED = (gymnasium.spaces.Dict, gymnasium.spaces.Tuple)


def _singles(space: Any, seen: Any, count: int, name: str) -> "list[Any]":
    """Gymnasium's vectors batch each part of a Dict or a Tuple; a list, or an array of objects, is one observation for each environment."""
    objects = isinstance(seen, list) or (isinstance(seen, np.ndarray) and seen.dtype == object)
    if isinstance(space, _PARTED) and not objects:
        mapping, parts = isinstance(space, gymnasium.spaces.Dict), {}
        pairs: Any = space.spaces.items() if isinstance(space.spaces, dict) else enumerate(space.spaces)
        for key, part in pairs:
            try:
                batch = seen[key]
            except Exception:
                raise UsageError(f"the observations of the {count} environments lack the part {name}{key} of the space") from None
            parts[key] = _singles(part, batch, count, f"{name}{key}.")
        rows = [{key: part[i] for key, part in parts.items()} for i in range(count)]
        return rows if mapping else [tuple(row.values()) for row in rows]
    if len(seen) != count:
        of = f" of the part {name[:-1]}" if name else ""
        raise UsageError(f"{len(seen)} observations{of} for {count} environments: must be one for each")
    return list(seen)


class Actions:
    """Numbered actions and the values of a space."""

    def __init__(self, space: "gymnasium.Space[Any]") -> None:
        try:
            found = _gym_spaces.number_actions(space)
        except _gym_spaces.Refused as refused:
            raise UsageError(f"the action space: {refused}") from None
        if found is None:
            kinds = "gymnasium.spaces.Discrete or MultiDiscrete"
            raise UsageError(f"the action space is {space}: only numbered actions ({kinds}) can be learned")
        self.count = int(found.count)
        # Of several choices at once, all combinations: [A, ...].
        self.table: "Optional[np.ndarray[Any, Any]]" = getattr(found, "values", None)
        self.start = 0 if self.table is not None else int(found.start)

    def one(self, number: int) -> "Union[int, np.ndarray[Any, Any]]":
        """The value of an action: an int, or a new array of the space's shape and type."""
        return number + self.start if self.table is None else self.table[number].copy()

    def many(self, numbers: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """The values of [N] actions: int64 [N], or [N, ...] of the space's type."""
        values: "np.ndarray[Any, Any]" = numbers.astype(np.int64) + self.start if self.table is None else self.table[numbers]
        return values


_AUTORESETS = {"nextstep": "next_step", "samestep": "same_step", "disabled": "disabled"}


def autoreset_name(mode: Any) -> str:
    """A member of Gymnasium's AutoresetMode, its name or its value, as "next_step", "same_step" or "disabled"."""
    text = str(getattr(mode, "name", mode))
    name = _AUTORESETS.get(text.lower().replace("_", ""))
    if name is None:
        raise UsageError(f'autoreset is {mode!r}: must be "next_step", "same_step" or "disabled"')
    return name


def autoreset_of(env: Any) -> str:
    """When a vector of environments resets; before Gymnasium 1.1 they did not say: those of 1.0 in the next step, older ones in the
    same step."""
    old = int(gymnasium.__version__.split(".")[0]) < 1
    return autoreset_name((getattr(env, "metadata", None) or {}).get("autoreset_mode", "same_step" if old else "next_step"))
