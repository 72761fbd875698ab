"""Deep Q-learning, from DQN to Rainbow: agents for your own loops, whole runs, trained policies and their tables."""
from ._library import (
    DamagedFileError,
    NotEnoughMemoryError,
    NumberError,
    RainbowError,
    SavedFileError,
    UsageError,
    ffi as _ffi,
    lib as _lib,
)
from .agent import Agent
from .policy import Policy, load
from .runs import Run
from .training import resume, train

__version__: str = _ffi.string(_lib.rb_rainbow_version()).decode()

__all__ = [
    "Agent",
    "DamagedFileError",
    "NotEnoughMemoryError",
    "NumberError",
    "Policy",
    "RainbowError",
    "Run",
    "SavedFileError",
    "UsageError",
    "load",
    "resume",
    "train",
]
