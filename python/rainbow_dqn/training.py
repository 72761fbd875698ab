"""Training in one call: whole runs of the program, or a loop over your own environment."""
from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from typing import Any, Callable, Optional, Union

from ._library import Config, UsageError, check, ffi, lib, parameter_words, path_bytes, words
from ._spaces import autoreset_of
from .agent import Agent, Path
from .runs import Run

# What a callback gets; returning False ends the training.
Callback = Callable[["dict[str, float]"], Optional[bool]]

_PROGRESS = "step max_steps frames updates games done return_mean eval_mean eval_step epsilon loss q_mean replay_size steps_per_second seconds"


class _Hooks:
    """The Python side of a run's hooks."""

    def __init__(self, callback: Optional[Callback]) -> None:
        self.callback, self.run, self.raised = callback, None, None  # type: Optional[Callback], Any, Optional[BaseException]
        self.handle = ffi.new_handle(self)
        self.c = ffi.new("rb_run_hooks *", {"context": self.handle, "progress": lib._progress, "message": lib._message})

    def progress(self, progress: Any) -> None:
        if self.callback is None or self.raised is not None:
            return
        try:
            goes_on = self.callback({name: getattr(progress, name) for name in _PROGRESS.split()})
        except BaseException as error:
            self.raised, goes_on = error, False
        if goes_on is False:
            lib.rb_run_stop(self.run)


@ffi.def_extern()  # type: ignore[untyped-decorator,unused-ignore,misc]
def _progress(context: Any, progress: Any) -> None:
    ffi.from_handle(context).progress(progress)


@ffi.def_extern()  # type: ignore[untyped-decorator,unused-ignore,misc]
def _message(context: Any, warning: bool, text: Any) -> None:
    if warning:
        warnings.warn(ffi.string(text).decode("utf-8", "replace"), UserWarning, stacklevel=4)


def _run(create: Callable[[Any, Any], int], callback: Optional[Callback]) -> Run:
    """Trains a run until it ends or the callback stops it. It is saved whatever happens, and an exception of the callback is raised
    after that."""
    error, hooks = ffi.new("rb_error *"), _Hooks(callback)
    out = ffi.new("rb_run **")
    outcome: "list[int]" = []
    begun, lock = False, threading.RLock()

    def work() -> int:
        # The thread that trains also destroys: an exception of a signal's handler may leave the other one at any moment.
        nonlocal begun
        with lock:
            begun = out[0] != ffi.NULL
        if not begun:
            return int(lib.RB_INTERRUPTED)
        try:
            outcome.append(lib.rb_run_train(out[0], error))
        finally:
            with lock:
                run, out[0] = out[0], ffi.NULL
            lib.rb_run_destroy(run)
        return outcome[0]

    def stop() -> None:
        with lock:
            if out[0] != ffi.NULL:
                lib.rb_run_stop(out[0])

    raised: Optional[BaseException] = None
    try:
        check(create(out, (hooks.c, error)), error)
        hooks.run = out[0]
        directory = os.fsdecode(ffi.string(lib.rb_run_directory(out[0])))
        _interruptible(work, stop)
    except BaseException as fault:
        raised = fault
    finally:
        with lock:
            unused, out[0] = (ffi.NULL, out[0]) if begun else (out[0], ffi.NULL)
        if unused != ffi.NULL:
            lib.rb_run_destroy(unused)
    raised = raised if raised is not None else hooks.raised
    if outcome and outcome[0] != lib.RB_INTERRUPTED:
        try:
            check(outcome[0], error)  # what went wrong comes first: it may not be saved
        except Exception as fault:
            raise fault from raised
    if raised is not None:
        raise raised
    return Run(directory)


def _interruptible(work: Callable[[], int], stop: Callable[[], None]) -> int:
    """Ctrl-C while C works: asks it to stop, waits until it has saved, and then raises KeyboardInterrupt. The same with an exception
    from any other handler of a signal: C has always returned when this does."""
    if threading.current_thread() is not threading.main_thread():
        return work()
    pressed = False

    def on_signal(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        stop()

    # A handler written in Python runs only between two instructions of Python, so a thread does the work meanwhile.
    result: "list[Any]" = []

    def target() -> None:
        try:
            result.append(work())
        except BaseException as fault:
            result.append(fault)
        finally:
            done.set()

    done = threading.Event()  # after an exception in Thread.join, Python 3.11 may call a running thread ended
    before = signal.signal(signal.SIGINT, on_signal)
    worker = threading.Thread(target=target)
    raised: Optional[BaseException] = None
    try:
        worker.start()
        while not done.is_set():
            try:
                done.wait(0.1)
            except BaseException as fault:  # from another signal's handler
                raised = raised or fault
                stop()
    finally:
        signal.signal(signal.SIGINT, before)
    if raised is not None:
        raise raised
    if isinstance(result[0], BaseException):
        raise result[0]
    if pressed:
        raise KeyboardInterrupt
    return int(result[0])


def train(
    env_or_id: Any,
    preset: Optional[str] = None,
    *,
    steps: Optional[int] = None,
    callback: Optional[Callback] = None,
    save: Optional[Path] = None,
    **parameters: Any,
) -> Union[Run, Agent]:
    """Trains an agent.

    With the name of an environment (``"cartpole"``, ``"atari/breakout"``, ``"gym/LunarLander-v3"``, ``"./my_env.so"``) it makes a run,
    as ``rainbow train`` does, with its directory, checkpoints and evaluations, and returns it as a :class:`Run`. ``preset`` None is
    the environment's default preset, ``steps`` is ``run_max_steps``.

    With a Gymnasium environment or vector it runs the loop of :class:`Agent` for ``steps`` steps, all environments together, and
    returns the agent. Action masks are found in ``info["action_mask"]`` of the first reset. ``preset`` None is ``"rainbow"``. ``save``: the file that the agent is written to at the end, and also if the
    environment, the callback or Ctrl-C raises, which is then raised.

    ``callback`` gets a dict several times a second (for environments of your own at the end of each episode, with the items of
    ``Agent.stats``); if it returns False, training ends. ``parameters``: as for :class:`Agent`.
    """
    if isinstance(env_or_id, (str, os.PathLike)):
        if save is not None:
            raise UsageError("save: a run has a directory of its own (run_root, run_group, run_name)")
        texts = [os.fspath(env_or_id)] + ([f"--preset={preset}"] if preset else []) + parameter_words(parameters)
        if steps is not None:
            texts.append(f"--run.max_steps={steps}")
        if os.fspath(env_or_id).startswith("gym/") and not any("gym.python" in text for text in texts):
            texts.append(f"--gym.python={sys.executable}")
        config = Config(texts)
        return _run(lambda out, rest: lib.rb_run_create(out, config.pointer, *rest), callback)
    return _own_loop(env_or_id, preset or "rainbow", 1_000_000 if steps is None else steps, callback, save, parameters)


def resume(directory: Path, *, callback: Optional[Callback] = None, **changes: Any) -> Run:
    """Resumes a run from its newest checkpoint, as ``rainbow train --resume``; ``changes`` such as ``run_max_steps=2_000_000``."""
    array, count, _kept = words(parameter_words(changes))
    path = path_bytes(directory)
    return _run(lambda out, rest: lib.rb_run_resume(out, path, count, array, *rest), callback)


def _own_loop(
    env: Any, preset: str, steps: int, callback: Optional[Callback], save: Optional[Path], parameters: "dict[str, Any]"
) -> Agent:
    count = int(getattr(env, "num_envs", 0))
    observations = env.single_observation_space if count else env.observation_space
    actions = env.single_action_space if count else env.action_space
    if not {"run_max_steps", "run.max_steps", "max_steps"} & parameters.keys():
        parameters["run_max_steps"] = steps
    seed = next((parameters[name] for name in ("run_seed", "run.seed", "seed") if name in parameters), 1)
    obs, info = env.reset(seed=int(seed))
    parameters.setdefault("masks", "action_mask" in info)
    agent = Agent(observations, actions, preset, num_envs=count, autoreset=autoreset_of(env), **parameters)
    try:
        _steps(agent, env, obs, info, count, steps, callback)
    finally:
        if save is not None:
            agent.save(save)
    return agent


def _steps(agent: Agent, env: Any, obs: Any, info: Any, count: int, steps: int, callback: Optional[Callback]) -> None:
    resets = autoreset_of(env) != "disabled"
    for _ in range(-(-steps // max(count, 1))):
        action = agent.act(obs, info.get("action_mask") if agent.masked else None)
        obs, reward, terminated, truncated, info = env.step(action)
        agent.observe(obs, reward, terminated, truncated, info)
        ended = (terminated | truncated).any() if count else terminated or truncated
        if not ended:
            continue
        if callback is not None and callback(agent.stats) is False:
            return
        if not count:
            obs, info = env.reset()
        elif not resets:
            before, over = info, terminated | truncated
            obs, info = env.reset(options={"reset_mask": over})
            if agent.masked:  # those of the others are in the step's info only
                masks = before["action_mask"].copy()
                masks[over] = info["action_mask"][over]
                info = {**info, "action_mask": masks}
