# Importing, making and wrapping Gymnasium environments: the third part of the program that gym_worker.py describes.
import difflib
import importlib
import json
import os
import sys
import traceback

TEXT_MAX = 900  # bytes of a message


def first_line(error):
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def frames_of(error):
    """Where an error came from, without this program's own frames."""
    own = __file__ if "__file__" in globals() else "<stdin>"
    return [f for f in traceback.extract_tb(error.__traceback__) if f.filename not in (own, "<stdin>")]


def tail_of(error):
    """The last lines of a traceback."""
    lines = []
    for line in traceback.format_list(frames_of(error)[-3:]) + traceback.format_exception_only(type(error), error):
        lines += line.rstrip().splitlines()
    return "\n".join("  " + line for line in lines[-8:])[-TEXT_MAX + 100 :]


def broke(what, error):
    return Refused("e", f"{what} raised {type(error).__name__}:\n{tail_of(error)}")


# ---- making ----


def listed(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def search_here():
    """From now on modules are found in $PYTHONPATH and the current directory, too."""
    sys.dont_write_bytecode = True  # no __pycache__ is written beside them
    # At the end, so that no stray file shadows a package.
    sys.path += [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p] + [os.getcwd()]


def load_modules(imports):
    """Imports the modules that register environments."""
    for name in listed(imports):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            where = "" if error.name == name else f" (which {name} imports)"
            raise Refused("u", f"gym.import: {sys.executable} has no module {error.name}{where}")
        except BaseException as error:
            raise broke(f"gym.import: importing {name}", error)


def read_kwargs(text):
    try:
        kwargs = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise Refused("u", f"gym.kwargs = {text if len(text) < 200 else text[:200] + '...'}: is not JSON: {error}")
    if not isinstance(kwargs, dict):
        raise Refused("u", f"gym.kwargs = {text if len(text) < 200 else text[:200] + '...'}: must be a JSON object, such as {{\"continuous\": false}}")
    return kwargs


def load_gymnasium():
    global np, gymnasium
    try:
        import gymnasium
        import numpy as np
    except ImportError as error:
        raise Refused("m", f"{sys.executable} can't import gymnasium: {error}")
    except BaseException as error:
        raise broke("importing gymnasium", error)


def without_skip(name, kwargs, skip):
    """The keyword arguments with frameskip=1 if the environment's own are registered with a frame skip: rainbow holds the action."""
    try:
        own = gymnasium.spec(name).kwargs.get("frameskip", 1)
    except Exception:
        own = 1  # making it names the reason
    return {"frameskip": 1, **kwargs} if skip > 1 and own != 1 else kwargs


def refuse_two_skips(env, kwargs, skip):
    """As Gymnasium's AtariPreprocessing does."""
    own = getattr(env.unwrapped, "_frameskip", 1)
    where = "gym.kwargs has frameskip" if "frameskip" in kwargs else "its own frameskip is"
    while own == 1 and env is not env.unwrapped:  # wrappers in its registration
        for attribute in ("frame_skip", "_skip"):  # AtariPreprocessing, MaxAndSkipObservation
            if type(env).__name__ in ("AtariPreprocessing", "MaxAndSkipObservation"):
                own, where = env.__dict__.get(attribute, own), f"its wrapper {type(env).__name__} has a skip of"
        env = env.env
    if skip > 1 and own != 1:
        raise Refused("u", f"{where} {own}, and gym.pictures = atari holds an action for atari.frame_skip = {skip} frames, {skip} x {own} "
                      "together; set one of them to 1")


def has_limit(env):
    """Whether its games end by a limit of time: Gymnasium's wrapper, or ALE's own limit of frames."""
    if getattr(env.spec, "max_episode_steps", None) or (env.spec and "max_num_frames_per_episode" in env.spec.kwargs):
        return True
    while env is not env.unwrapped:
        if isinstance(env, gymnasium.wrappers.TimeLimit):
            return True
        env = env.env
    return False


def can_draw(name):
    """Whether the environment's metadata lists "rgb_array"; True if it has none, because trying is then worthwhile."""
    try:
        entry = gymnasium.spec(name).entry_point
        creator = entry if callable(entry) else gymnasium.envs.registration.load_env_creator(entry)
        return "rgb_array" in creator.metadata["render_modes"]
    except Exception:
        return True


def make_drawing(name, kwargs):
    """Makes an environment that renders if it can, because people will watch it."""
    if "render_mode" not in kwargs and can_draw(name):
        if not os.environ.get("SDL_VIDEODRIVER"):
            os.environ["SDL_VIDEODRIVER"] = "dummy"  # most render with pygame, which then needs no display
        try:
            return gymnasium.make(name, **{"disable_env_checker": True, **kwargs, "render_mode": "rgb_array"})
        except Exception:
            pass  # if rendering is not the cause, the plain make below fails with the reason
    return make(name, kwargs)


def make(name, kwargs):
    try:
        return gymnasium.make(name, **{"disable_env_checker": True, **kwargs})
    except gymnasium.error.DependencyNotInstalled as error:
        raise Refused("m", f"{sys.executable} lacks a dependency: {first_line(error)}")
    except ModuleNotFoundError as error:
        module = name.partition(":")[0] if ":" in name else None
        if module and error.name in (None, module):
            raise Refused("u", f"{sys.executable} has no module {module}; if {module}.py is in the current directory or in "
                          f"$PYTHONPATH, --gym.import={module} finds it")
        raise Refused("m", f"{sys.executable}: {first_line(error)}")
    except gymnasium.error.Error as error:  # no such name, version or namespace: Gymnasium names the nearest
        raise Refused("u", first_line(error))
    except TypeError as error:
        if kwargs and "argument" in str(error):
            raise Refused("u", f"gym.kwargs: {first_line(error)}")
        raise broke("making it", error)
    except BaseException as error:
        raise broke("making it", error)


# ---- wrapping ----


def load_wrappers(text):
    """The classes of gym.wrappers, each with its name there, module:Class."""
    return [(name, load_wrapper(name)) for name in listed(text)]


def load_wrapper(name):
    module_name, _, class_name = name.partition(":")
    if not module_name or not class_name.isidentifier():
        raise Refused("u", f"gym.wrappers: {name} has not the form module:Class, such as gymnasium.wrappers:FlattenObservation")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        where = "" if module_name.startswith(error.name or " ") else f" (which {module_name} imports)"
        raise Refused("u", f"gym.wrappers: {sys.executable} has no module {error.name}{where}")
    except BaseException as error:
        raise wrapper_broke(f"importing {module_name}", error)
    try:
        found = getattr(module, class_name)
    except Exception:
        near = difflib.get_close_matches(class_name, [key for key in dir(module) if not key.startswith("_")], 1)
        helps = f"; did you mean {near[0]}?" if near else ""
        raise Refused("u", f"gym.wrappers: the module {module_name} has no class {class_name}{helps}")
    if not isinstance(found, type) or not issubclass(found, gymnasium.Wrapper):
        raise Refused("u", f"gym.wrappers: {name} is no gymnasium.Wrapper")
    return found


def wrap(env, wrappers):
    for name, found in wrappers:
        try:
            env = found(env)
            env.action_space, env.observation_space  # some are computed only now
        except BaseException as error:
            if isinstance(error, TypeError) and not frames_of(error):  # the call itself
                raise Refused("u", f"gym.wrappers: {name} can't be made from the environment alone: {first_line(error)}; a class derived "
                              "from it can give the other arguments")
            raise wrapper_broke(name, error)
    return env


def wrapper_broke(what, error):
    frames = frames_of(error)
    where = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    text = str(error).strip()
    return Refused("e", f"gym.wrappers: {what} raised {type(error).__name__}{': ' if text else ''}{text and first_line(error)}{where}")


