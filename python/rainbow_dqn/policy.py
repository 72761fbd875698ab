"""A trained agent that only acts."""
from __future__ import annotations

from typing import Any, Optional

import gymnasium
import numpy as np

from ._library import UsageError, check, ffi, lib, path_bytes
from ._spaces import Actions, Observations
from .agent import Action, Path, _mask_rows, _play


class Policy:
    """The network of a run, of a checkpoint, or of a file that :meth:`Agent.save` wrote. Made by :func:`load`."""

    def __init__(self, path: Path, observation_space: Any, action_space: Any, num_envs: int, channels: str) -> None:
        self._error = ffi.new("rb_error *")
        self._player: Any = None
        self._count, self._batched = max(num_envs, 1), num_envs > 0
        out, spec = ffi.new("rb_player **"), ffi.new("rb_learner_spec *")
        check(lib.rb_player_open(out, path_bytes(path), self._count, self._error), self._error)
        self._player = out[0]
        lib.rb_player_describe(self._player, spec)
        self.stack, self._masked = int(spec.stack), bool(spec.masks)
        shape = (spec.channels, spec.height, spec.width)
        if spec.vector and observation_space is None:
            raise UsageError(
                f"the agent was trained on pictures with a vector of {spec.vector} numbers beside them: give the observation_space, whose "
                "Dict or Tuple has both"
            )
        self.observation_space = observation_space or _space_of(spec.kind, shape)
        self.action_space = action_space or gymnasium.spaces.Discrete(spec.actions)
        if observation_space is None and len(self.observation_space.shape or ()) == 3:
            channels = "first"  # the agent's own, planar pictures
        self._observations, self._actions = Observations(self.observation_space, channels), Actions(self.action_space)
        self._last: Any = None  # which method got an observation last, and its rows
        own = self._observations
        if (own.kind, own.shape, own.vector, self._actions.count) != (spec.kind, shape, int(spec.vector), spec.actions):
            beside, ours = (f" beside {n} numbers" if n else "" for n in (spec.vector, own.vector))
            raise UsageError(
                f"the agent was trained on observations of shape {shape}{beside} and {spec.actions} actions, but these spaces have "
                f"{own.shape}{ours} and {self._actions.count}"
            )

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        *,
        mask: Any = None,
        epsilon: float = 0.01,
    ) -> "tuple[Action, Any]":
        """The action for an observation, and ``state`` as it was given, as in Stable-Baselines3.

        ``observation``: of one environment, or [N, ...] if the policy was loaded for N. ``episode_start``: a bool or [N], true where
        the observation begins an episode, which matters only if the agent stacks frames; None: nowhere but at the first call.
        ``deterministic``: false makes a share of ``epsilon`` of the actions random. ``mask``: [A] or [N, A], true for actions that are
        allowed. Returns an action as :meth:`Agent.act` does.
        """
        allowed = _mask_rows(self, mask)
        again = self._again("predict", observation, episode_start)
        return _play(self, self._player, observation, allowed, episode_start, 0.0 if deterministic else epsilon, again=again), state

    def q_values(self, observation: Any, episode_start: Any = None) -> "np.ndarray[Any, Any]":
        """Float32 [A] or [N, A]: the values that the actions of :meth:`predict` are chosen by.

        Asked right after :meth:`predict` about the same observation, or before it, it means the same moment: an agent that stacks
        frames takes the observation into its stack once.
        """
        q = np.zeros((self._count, self._actions.count), np.float32)
        again = self._again("q_values", observation, episode_start)
        _play(self, self._player, observation, None, episode_start, 0.0, q, again=again)
        return q if self._batched else q[0]

    def _again(self, method: str, observation: Any, episode_start: Any) -> bool:
        """Whether the other method got this observation last."""
        if self.stack == 1:
            return False
        rows = self._observations.rows(observation, self._count, self._batched)
        last, self._last = self._last, (method, rows.copy(), np.array(episode_start))
        if last is None or last[0] == method:
            return False
        same = np.array_equal(last[1], rows) and (not np.any(episode_start) or np.array_equal(last[2], episode_start))
        if same:
            self._last = None  # a third call is about the next moment
        return bool(same)

    def close(self) -> None:
        if self._player is not None:
            lib.rb_player_destroy(self._player)
        self._player = None

    def __del__(self) -> None:
        if getattr(self, "_player", None) is not None and lib is not None:
            self.close()


def _space_of(kind: int, shape: "tuple[int, int, int]") -> "gymnasium.spaces.Box":
    """What the agent reads: floats as a vector, or planar pictures."""
    if kind == lib.RB_OBS_U8:
        return gymnasium.spaces.Box(0, 255, shape if shape[0] > 1 or shape[1:] == (1, 1) else shape[1:], np.uint8)
    plain = shape[1:] == (1, 1)
    return gymnasium.spaces.Box(-np.inf, np.inf, shape[:1] if plain else shape, np.float32)


def load(
    path: Path,
    observation_space: "Optional[gymnasium.Space[Any]]" = None,
    action_space: "Optional[gymnasium.Space[Any]]" = None,
    *,
    num_envs: int = 0,
    channels: str = "auto",
) -> Policy:
    """Loads a trained agent to act with: a run's directory (its newest checkpoint), one checkpoint, or a file of ``Agent.save``.

    ``observation_space``, ``action_space``: those of your environment; None: arrays as the agent reads them, planar pictures or
    vectors, and actions from 0. ``num_envs``: 0 for one environment, N for a vector of N.
    """
    return Policy(path, observation_space, action_space, num_envs, channels)
