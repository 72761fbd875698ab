"""The C library, its errors as exceptions, and settings from keyword arguments."""
from __future__ import annotations

import os
import warnings
from typing import Any, Iterable

from . import _rainbow

ffi: Any = _rainbow.ffi
lib: Any = _rainbow.lib

lib.rb_rainbow_init()


class RainbowError(RuntimeError):
    """A failure that the library reports. `str(error)` is one sentence with what was found and what was expected."""


class UsageError(RainbowError, ValueError):
    """A setting, an argument or an order of calls that is not possible."""


class DamagedFileError(RainbowError, ValueError):
    """A file was read, but it is not what it should be."""


class NumberError(RainbowError, ValueError):
    """A number that is not finite, where learning needs one; also if learning has diverged."""


class SavedFileError(RainbowError, OSError):
    """A file or directory cannot be read, written or made, or it exists already."""


class NotEnoughMemoryError(RainbowError, MemoryError):
    """The learner or the run does not fit into memory."""


_KINDS = {
    lib.RB_ERR_USAGE: UsageError,
    lib.RB_ERR_FILE: SavedFileError,
    lib.RB_ERR_EXISTS: SavedFileError,
    lib.RB_ERR_FULL: SavedFileError,
    lib.RB_ERR_FORMAT: DamagedFileError,
    lib.RB_ERR_MEMORY: NotEnoughMemoryError,
    lib.RB_ERR_NUMBER: NumberError,
}


def raise_for(status: int, error: Any) -> None:
    """Raises what a status other than RB_OK stands for."""
    sentence = ffi.string(error.message).decode("utf-8", "replace")
    raise _KINDS.get(status, RainbowError)(sentence)


def check(status: int, error: Any) -> None:
    if status != lib.RB_OK:
        raise_for(status, error)


def path_bytes(path: "str | os.PathLike[str]") -> bytes:
    return os.fsencode(os.fspath(path))


def words(texts: Iterable[str]) -> tuple[Any, int, list[Any]]:
    """Command line words for C: the array, its length, and what must stay alive beside it."""
    kept = [ffi.new("char[]", text.encode()) for text in texts]
    return ffi.new("char *[]", kept), len(kept), kept


# ---- settings

_GROUPS = {ffi.string(lib.rb_param_get(i).key).decode().split(".")[0] for i in range(lib.rb_param_count())}


def _value(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return str(value)


def _word(name: str, value: Any) -> str:
    """`optim_learning_rate=1e-4` and `**{"optim.learning_rate": 1e-4}` are --optim.learning_rate=1e-4; `seed=3` is --seed=3."""
    group, _, rest = name.partition("_")
    if "." not in name and rest and group in _GROUPS:
        name = f"{group}.{rest}"
    if "." not in name:
        name = name.replace("_", "-")
        if value is True:
            return f"--{name}"
        if value is False:
            return f"--no-{name}"
    return f"--{name}={_value(value)}"


def parameter_words(parameters: "dict[str, Any]") -> list[str]:
    return [_word(name, value) for name, value in parameters.items() if value is not None]


@ffi.def_extern()  # type: ignore[untyped-decorator,unused-ignore,misc]
def _advice(context: Any, sentence: Any) -> None:
    warnings.warn(ffi.string(sentence).decode("utf-8", "replace"), UserWarning, stacklevel=5)


class Config:
    """Settings, as rainbow/config.h describes them."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        error, out = ffi.new("rb_error *"), ffi.new("rb_config **")
        check(lib.rb_config_create(out, error), error)
        self.pointer = ffi.gc(out[0], lib.rb_config_destroy)
        array, count, _kept = words(texts)
        check(lib.rb_config_arguments(self.pointer, count, array, error), error)

    def advise(self) -> None:
        """Warns of settings that have no effect on a learner."""
        lib.rb_learner_advice(self.pointer, lib._advice, ffi.NULL)

    def get(self, key: str) -> str:
        error, out = ffi.new("rb_error *"), ffi.new("char[4104]")
        check(lib.rb_config_get(self.pointer, key.encode(), out, 4104, error), error)
        return str(ffi.string(out).decode())
