"""An agent for loops of your own: it acts, remembers and learns."""
from __future__ import annotations

import os
import warnings
from typing import Any, Optional, Union

import gymnasium
import numpy as np

from ._library import Config, UsageError, check, ffi, lib, parameter_words, path_bytes, words
from ._spaces import Actions, Observations, autoreset_name

Path = Union[str, "os.PathLike[str]"]
Action = Union[int, "np.ndarray[Any, Any]"]


class Agent:
    """A deep Q-learning agent that learns from steps that your own loop makes.

    One environment::

        agent = Agent(env.observation_space, env.action_space, preset="cartpole-dqn")
        obs, info = env.reset()
        for _ in range(50_000):
            action = agent.act(obs)
            next_obs, reward, terminated, truncated, info = env.step(action)
            agent.observe(next_obs, reward, terminated, truncated, info)
            obs = next_obs if not (terminated or truncated) else env.reset()[0]

    A vector of N environments, of ``gymnasium.make_vec`` or ``gymnasium.vector``: the same loop without the resets, with
    ``num_envs=N`` and the spaces of a single one (``envs.single_observation_space``).

    Parameters
    ----------
    observation_space, action_space:
        Gymnasium spaces of one environment. Box (vectors of any numeric type; pictures HxW, HxWxC, CxHxW of bytes), Discrete,
        MultiDiscrete and MultiBinary observations, and Dict and Tuple of these with at most one picture; Discrete and MultiDiscrete
        actions.
        What a space means is read as by ``rainbow train gym/ID``.
    preset:
        One of ``rainbow presets``; None: the table's defaults.
    num_envs:
        0: one environment, whose observations, actions and rewards have no axis of environments; N: a vector of N.
    autoreset:
        When a vector resets: ``"next_step"``, ``"same_step"`` or ``"disabled"``, as in ``envs.metadata["autoreset_mode"]``.
    stack:
        Frames that the agent stacks into one observation, if ``env_stack`` is not given. Replay stores each once, so leave
        stacking to the agent rather than to a wrapper.
    channels:
        Where pictures have their channels: ``"auto"``, ``"first"``, ``"last"`` or ``"none"`` (``gym.channels``).
    manual:
        ``observe`` makes no updates; call :meth:`learn`.
    masks:
        The environment reports action masks, which actions are allowed: give that of an episode's first observation to :meth:`act`,
        and ``info`` with an ``"action_mask"``, or ``mask``, to :meth:`observe`. No other action is ever chosen or valued.
    **parameters:
        Settings of docs/parameters.md with an underscore for the dot, ``optim_learning_rate=1e-4``, or a short form, ``seed=3``,
        ``double=True``.

    Raises
    ------
    UsageError
        A space that cannot be learned from, an unknown setting, or a value out of range; the sentence says what is expected.
    NotEnoughMemoryError
        Replay and network do not fit into memory.
    """

    def __init__(
        self,
        observation_space: "gymnasium.Space[Any]",
        action_space: "gymnasium.Space[Any]",
        preset: Optional[str] = "rainbow",
        *,
        num_envs: int = 0,
        autoreset: Any = "next_step",
        stack: int = 1,
        channels: str = "auto",
        manual: bool = False,
        masks: bool = False,
        **parameters: Any,
    ) -> None:
        self._begin(observation_space, action_space, num_envs, autoreset, channels)
        texts = parameter_words(parameters)
        config = Config(([f"--preset={preset}"] if preset else []) + texts)
        config.advise()
        shape = self._observations.shape
        spec = ffi.new(
            "rb_learner_spec *",
            {
                "kind": self._observations.kind,
                "channels": shape[0],
                "height": shape[1],
                "width": shape[2],
                "stack": stack,
                "actions": self._actions.count,
                "streams": self._count,
                "manual": manual,
                "masks": masks,
                "vector": self._observations.vector,
            },
        )
        out = ffi.new("rb_learner **")
        check(lib.rb_learner_create(out, config.pointer, spec, self._error), self._error)
        self._adopt(out[0], masks)

    def _begin(self, observation_space: Any, action_space: Any, num_envs: int, autoreset: Any, channels: str) -> None:
        self.observation_space, self.action_space = observation_space, action_space
        self._observations, self._actions = Observations(observation_space, channels), Actions(action_space)
        if self._observations.notice and isinstance(observation_space, gymnasium.spaces.Box):  # a guess, or pictures read as a row
            warnings.warn(self._observations.notice, UserWarning, stacklevel=3)
        self._batched, self._count, self._autoreset = num_envs > 0, max(num_envs, 1), autoreset_name(autoreset)
        self._error = ffi.new("rb_error *")

    def _adopt(self, learner: Any, masks: bool) -> None:
        count = self._count
        self._masked = masks
        self._learner = learner
        self._player: Any = None
        self._chosen = np.zeros(count, np.int32)
        self._chosen_at = ffi.cast("int32_t *", self._chosen.ctypes.data)
        self._one = ffi.new("double[1]"), ffi.new("uint8_t[1]"), ffi.new("uint8_t[1]")
        # Environments of a vector that reset in the step to come: their action and its result are not the agent's.
        self._resetting = np.zeros(count, bool)
        self._acting: Optional["np.ndarray[Any, Any]"] = None  # the streams that acted; None: all
        self._awaits = False  # an act of a vector is not observed yet

    # ---- the loop

    def act(self, obs: Any, mask: Any = None) -> Action:
        """Chooses with exploration.

        ``obs``: an observation of the space; for a vector [N, ...]. Returns a value of the action space: an int, for a vector int64
        [N]; with MultiDiscrete actions an array of the space's type, for a vector [N, ...].
        In an episode, it must be the observation that :meth:`observe` got last. ``mask``: [A] or [N, A], true for actions that are
        allowed; None: all at an episode's first observation, later those that :meth:`observe` got.
        """
        learner = self._open()
        rows = self._observations.rows(obs, self._count, self._batched)
        allowed = self._mask_rows(mask)
        if self._batched and self._resetting.any():
            return self._act_some(rows, allowed)
        at = ffi.cast("void *", ffi.from_buffer(rows))
        masks = ffi.NULL if allowed is None else ffi.cast("uint8_t *", allowed.ctypes.data)
        status = lib.rb_learner_act_many(learner, self._count, ffi.NULL, at, masks, self._chosen_at, self._error)
        if status:
            check(status, self._error)
        self._acting = None
        if not self._batched:
            return self._actions.one(int(self._chosen[0]))
        self._awaits = True
        return self._actions.many(self._chosen)

    def _mask_rows(self, mask: Any) -> "Optional[np.ndarray[Any, Any]]":
        return _mask_rows(self, mask)

    def _act_some(self, rows: "np.ndarray[Any, Any]", allowed: "Optional[np.ndarray[Any, Any]]") -> "np.ndarray[Any, Any]":
        which = np.flatnonzero(~self._resetting).astype(np.int32)
        actions = np.zeros(self._count, np.int32)
        self._acting = which
        if len(which):
            seen = np.ascontiguousarray(rows[which])
            some = None if allowed is None else np.ascontiguousarray(allowed[which])
            check(
                lib.rb_learner_act_many(
                    self._learner,
                    len(which),
                    ffi.cast("int *", which.ctypes.data),
                    ffi.cast("void *", seen.ctypes.data),
                    ffi.NULL if some is None else ffi.cast("uint8_t *", some.ctypes.data),
                    self._chosen_at,
                    self._error,
                ),
                self._error,
            )
            actions[which] = self._chosen[: len(which)]
        self._awaits = True
        return self._actions.many(actions)

    def observe(self, next_obs: Any, reward: Any, terminated: Any, truncated: Any, info: Any = None, *, mask: Any = None) -> None:
        """Reports what the actions of the last :meth:`act` led to, and makes the updates that are due.

        The values are those of ``env.step``: ``next_obs`` as in :meth:`act`, ``reward`` a number or [N], ``terminated`` and
        ``truncated`` a bool or [N]. ``info`` is read for two things: vectors that reset in the same step keep an episode's last
        observation in ``info["final_obs"]``, and with ``masks=True`` the actions allowed at ``next_obs`` are ``mask``, or else
        ``info["action_mask"]``.
        """
        learner = self._open()
        allowed = None
        if self._masked:
            allowed = self._mask_rows(mask if mask is not None else (info or {}).get("action_mask"))
        if not self._batched:
            one_reward, one_end, one_cut = self._one
            one_reward[0], one_end[0], one_cut[0] = reward, bool(terminated), bool(truncated)
            at = ffi.cast("void *", ffi.from_buffer(self._observations.rows(next_obs, 1, False)))
            masks = ffi.NULL if allowed is None else ffi.cast("uint8_t *", allowed.ctypes.data)
            status = lib.rb_learner_observe_many(learner, 1, ffi.NULL, one_reward, one_end, one_cut, at, masks, self._error)
            if status:
                check(status, self._error)
            return
        self._observe_many(next_obs, reward, terminated, truncated, info, allowed)

    def _observe_many(self, next_obs: Any, reward: Any, terminated: Any, truncated: Any, info: Any, allowed: Any = None) -> None:
        rewards = self._row(reward, "reward", np.float64)
        ends, cut = self._row(terminated, "terminated", np.uint8), self._row(truncated, "truncated", np.uint8)
        done = (ends | cut).astype(bool)
        if self._autoreset == "next_step" and done.any() and _final_of(info) is not None:
            raise UsageError('info has the last observation of an episode, so this vector resets in the same step: autoreset="same_step"')
        if self._autoreset == "same_step" and done.any():
            next_obs = self._with_final(next_obs, done, info)
            allowed = self._final_masks(allowed, done, info)
        rows = self._observations.rows(next_obs, self._count, True)
        which: Any = ffi.NULL
        kept, count = self._acting, self._count
        if kept is not None:
            rewards, ends, cut, rows = rewards[kept], ends[kept], cut[kept], np.ascontiguousarray(rows[kept])
            which, count = ffi.cast("int *", kept.ctypes.data), len(kept)
            allowed = None if allowed is None else np.ascontiguousarray(allowed[kept])
        if count:
            check(
                lib.rb_learner_observe_many(
                    self._learner,
                    count,
                    which,
                    ffi.cast("double *", rewards.ctypes.data),
                    ffi.cast("uint8_t *", ends.ctypes.data),
                    ffi.cast("uint8_t *", cut.ctypes.data),
                    ffi.cast("void *", rows.ctypes.data),
                    ffi.NULL if allowed is None else ffi.cast("uint8_t *", allowed.ctypes.data),
                    self._error,
                ),
                self._error,
            )
        self._acting = None
        self._awaits = False
        if self._autoreset == "next_step":
            self._resetting = done & ~self._resetting

    def _row(self, values: Any, name: str, dtype: Any) -> "np.ndarray[Any, Any]":
        row = np.ascontiguousarray(values, dtype)
        if row.shape != (self._count,):
            raise UsageError(f"{name} has shape {row.shape}, but there are {self._count} environments: must be ({self._count},)")
        return row

    def _with_final(self, next_obs: Any, done: "np.ndarray[Any, Any]", info: Any) -> Any:
        final = _final_of(info)
        if final is None:
            raise UsageError('an episode ended, and info has no "final_obs": autoreset="same_step" needs the last observation of each')
        return self._observations.replaced(next_obs, done, final)

    def _final_masks(self, allowed: Any, done: "np.ndarray[Any, Any]", info: Any) -> Any:
        """The masks of a vector, those of ended episodes replaced by the masks of their last observations; all allowed if unknown."""
        if allowed is None:
            return None
        final = (info or {}).get("final_info")
        allowed = allowed.copy()
        for i in np.flatnonzero(done):
            if isinstance(final, dict):  # a dict of rows; before Gymnasium 1.0 a row of dicts
                rows = final.get("action_mask")
                mask = None if rows is None else rows[i]
            else:
                mask = None if final is None or final[i] is None else final[i].get("action_mask")
            allowed[i] = 1 if mask is None else np.asarray(mask, np.uint8)
        return allowed

    def abandon(self, env: int = 0) -> None:
        """Ends an environment's episode where it stands, as if truncated there: it was reset, lost or replaced."""
        check(lib.rb_learner_abandon(self._open(), env, self._error), self._error)
        self._resetting[env] = False
        if self._awaits:  # the others' step is still to be observed
            acted = np.arange(self._count, dtype=np.int32) if self._acting is None else self._acting
            self._acting = acted[acted != env]

    def learn(self, updates: Optional[int] = None) -> int:
        """Makes updates now, and returns how many.

        None: those that are due, which only a manual agent leaves over; a number: as many, due or not. None are made while replay
        holds fewer than ``agent_start_steps`` steps.
        """
        made = ffi.new("int64_t *")
        check(lib.rb_learner_learn(self._open(), -1 if updates is None else updates, made, self._error), self._error)
        return int(made[0])

    # ---- play

    def predict(self, obs: Any, *, mask: Any = None, episode_start: Any = None, epsilon: float = 0.0) -> Action:
        """Chooses greedily, without noise and without remembering anything: for evaluations. Shapes as in :meth:`act`."""
        self._open()
        if self._player is None:
            out = ffi.new("rb_player **")
            check(lib.rb_player_of(out, self._learner, self._count, self._error), self._error)
            self._player = out[0]
        return _play(self, self._player, obs, self._mask_rows(mask), episode_start, epsilon)

    # ---- state

    def save(self, path: Path) -> None:
        """Writes the whole state to one file, completely or not at all: settings, network, optimiser, replay, random streams."""
        check(lib.rb_learner_save(self._open(), path_bytes(path), self._error), self._error)

    @classmethod
    def load(
        cls,
        path: Path,
        observation_space: "gymnasium.Space[Any]",
        action_space: "gymnasium.Space[Any]",
        *,
        autoreset: Any = "next_step",
        channels: str = "auto",
        batched: Optional[bool] = None,
        resetting: Any = None,
        **changes: Any,
    ) -> "Agent":
        """An agent that goes on as the saved one would have, to the bit, if it was saved after an :meth:`observe` and before the next
        :meth:`act`.

        ``changes``: settings that may change on resume, such as ``compute_threads``. ``batched``: whether it is for a vector of
        environments; None: if it has more than one. ``resetting``: the :attr:`resetting` of the saved agent, if the environments
        of a vector go on too; None: none resets in its next step. The environments' own state is yours to restore; after a reset, call
        :meth:`abandon`.
        """
        error, out = ffi.new("rb_error *"), ffi.new("rb_learner **")
        array, count, _kept = words(parameter_words(changes))
        check(lib.rb_learner_load(out, path_bytes(path), count, array, error), error)
        spec = ffi.new("rb_learner_spec *")
        lib.rb_learner_describe(out[0], spec)
        agent = cls.__new__(cls)
        try:
            many = spec.streams > 1 if batched is None else batched
            agent._begin(observation_space, action_space, spec.streams if many else 0, autoreset, channels)
            agent._expect(spec, path)
        except BaseException:
            lib.rb_learner_destroy(out[0])
            raise
        agent._adopt(out[0], bool(spec.masks))
        if resetting is not None:
            agent._resetting = agent._row(resetting, "resetting", bool)
        return agent

    def _expect(self, spec: Any, path: Path) -> None:
        was = (spec.kind, (spec.channels, spec.height, spec.width), int(spec.vector), spec.actions)
        now = (self._observations.kind, self._observations.shape, self._observations.vector, self._actions.count)
        if was != now:
            kinds = {lib.RB_OBS_U8: "bytes", lib.RB_OBS_F32: "floats"}
            then, this = (
                f"{kinds[k]} of shape {s}{f' beside {v} numbers' if v else ''} and {a} actions" for k, s, v, a in (was, now)
            )
            raise UsageError(f"{os.fspath(path)} was saved for observations of {then}, but these spaces have {this}")

    def export(self, path: Path) -> None:
        """Writes the network for other programs: FILE.onnx or FILE.safetensors."""
        check(lib.rb_learner_export(self._open(), path_bytes(path), ffi.NULL, self._error), self._error)

    @property
    def stats(self) -> "dict[str, float]":
        """steps, episodes, updates, replay_size, replay_capacity, epsilon, return_mean (of the last 100), loss, q_mean."""
        stats = ffi.new("rb_learner_stats *")
        lib.rb_learner_get(self._open(), stats)
        names = "steps episodes updates replay_size replay_capacity epsilon return_mean loss q_mean"
        return {name: getattr(stats, name) for name in names.split()}

    @property
    def resetting(self) -> "np.ndarray[Any, Any]":
        """Bool [N]: the environments of a vector whose next step only resets them (``autoreset="next_step"``)."""
        which: "np.ndarray[Any, Any]" = self._resetting.copy()
        return which

    @property
    def masked(self) -> bool:
        """Whether it was made with ``masks=True``."""
        return self._masked

    def setting(self, key: str) -> str:
        """A parameter's value as text: ``agent.setting("agent.gamma")``."""
        out = ffi.new("char[4104]")
        check(lib.rb_config_get(lib.rb_learner_config(self._open()), key.encode(), out, 4104, self._error), self._error)
        return str(ffi.string(out).decode())

    @property
    def state_hash(self) -> int:
        """A hash of everything that :meth:`save` writes."""
        out = ffi.new("uint64_t *")
        check(lib.rb_learner_hash(self._open(), out, self._error), self._error)
        return int(out[0])

    def close(self) -> None:
        """Frees the memory; also at the end of a ``with`` block. Later calls raise UsageError."""
        if self._learner is not None:  # refuses while another thread is in it
            error = ffi.new("rb_error *")
            if lib.rb_learner_learn(self._learner, 0, ffi.NULL, error) == lib.RB_ERR_USAGE:
                check(lib.RB_ERR_USAGE, error)
        if self._player is not None:
            lib.rb_player_destroy(self._player)
        if self._learner is not None:
            lib.rb_learner_destroy(self._learner)
        self._player = self._learner = None

    def _open(self) -> Any:
        if self._learner is None:
            raise UsageError("this agent was closed")
        return self._learner

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_learner", None) is not None and lib is not None:
            self.close()


def _final_of(info: Any) -> Any:
    """The last observations of ended episodes, as vectors that reset in the same step give them; None: there are none."""
    return (info or {}).get("final_obs", (info or {}).get("final_observation"))


def _play(
    of: Any,
    player: Any,
    obs: Any,
    allowed: "Optional[np.ndarray[Any, Any]]",
    episode_start: Any,
    epsilon: float,
    q: Any = None,
    again: bool = False,
) -> Action:
    """One decision of a player. ``of``: what holds _observations, _actions, _count, _batched, _error. ``q``: float32 [N, A] or None.
    ``again``: the player has seen this observation already."""
    rows = of._observations.rows(obs, of._count, of._batched)
    chosen = np.zeros(of._count, np.int32)
    first: Any = ffi.NULL
    if episode_start is not None:
        starts = np.ascontiguousarray(np.broadcast_to(episode_start, (of._count,)), np.uint8)
        first = ffi.cast("uint8_t *", starts.ctypes.data)
    at, out = ffi.NULL if again else ffi.cast("void *", rows.ctypes.data), ffi.cast("int32_t *", chosen.ctypes.data)
    masks = ffi.NULL if allowed is None else ffi.cast("uint8_t *", allowed.ctypes.data)
    values = ffi.NULL if q is None else ffi.cast("float *", q.ctypes.data)
    check(lib.rb_player_act(player, of._count, ffi.NULL, at, first, masks, epsilon, out, values, of._error), of._error)
    if not of._batched:
        return of._actions.one(int(chosen[0]))  # type: ignore[no-any-return]
    return of._actions.many(chosen)  # type: ignore[no-any-return]


def _mask_rows(of: Any, mask: Any) -> "Optional[np.ndarray[Any, Any]]":
    """uint8 [N, A], contiguous."""
    if mask is None:
        return None
    if not of._masked:
        raise UsageError("a mask was given to an agent that was made without masks=True")
    rows = np.stack([np.asarray(row) for row in mask]) if of._batched else np.asarray(mask)
    shape = (of._count, of._actions.count) if of._batched else (of._actions.count,)
    if rows.shape != shape or rows.dtype.kind not in "bui":
        raise UsageError(f"the mask is {rows.dtype} of shape {rows.shape}: must be bool or int8 of shape {shape}")
    if ((rows != 0) & (rows != 1)).any():
        raise UsageError("the mask has a value other than 0 and 1")
    return np.ascontiguousarray(rows.reshape(of._count, of._actions.count), np.uint8)
