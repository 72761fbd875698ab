# Spaces and values of Gymnasium environments, as rainbow reads them: the first part of the program that gym_worker.py
# describes. Each kind of value that an environment may give is read in one place here, or refused with the reason.
import inspect
import operator

U8, F32 = 0, 1  # rb_obs_kind
MOST_NUMBERS = 1 << 24  # per observation
MOST_ACTIONS = 1 << 16  # RB_ENV_ACTIONS_MOST
SHOWN_MOST = 60  # characters of a value in a message


class Refused(Exception):
    """An answer other than "done": a letter from gym_block.h and a message."""

    def __init__(self, letter, sentence):
        super().__init__(sentence)
        self.letter = letter


# ---- what step returns ----


def shown(value):
    """A value for a message, with its type: "None (NoneType)"."""
    kind = type(value)
    name = kind.__name__ if kind.__module__ in ("builtins", None) else f"{kind.__module__}.{kind.__name__}"
    shape = f" of shape {value.shape}" if getattr(value, "shape", ()) else ""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # such as an integer of thousands of digits
        text = "a value"
    return f"{text if len(text) <= SHOWN_MOST else text[:SHOWN_MOST] + '...'} ({name}{shape})"


def single(value):
    """The one number in an array or tensor; any other value as it is. ValueError if there are several."""
    return value.item() if hasattr(value, "item") else value


def read_reward(value):
    """A number of any type, also in an array of one."""
    if type(value) is float:
        return value
    try:
        number = single(value)
        if not isinstance(number, (str, bytes, bytearray)):  # float() would read these
            return float(number)
    except OverflowError:
        raise Refused("x", f"step() gave {shown(value)} as its reward, which is beyond the range of floating-point numbers")
    except Exception:
        pass
    raise Refused("e", f"step() gave {shown(value)} as its reward; a reward is one number")


def read_flag(value, name):
    """A truth value: bool, a number, or an array of one; not None, which a forgotten `return` gives."""
    if value is True or value is False:
        return value
    try:
        flag = single(value)
        if isinstance(flag, (bool, int, float)):
            return bool(flag)
    except Exception:
        pass
    raise Refused("e", f"step() gave {shown(value)} as {name}; it must be True or False")


# ---- actions ----


def read_actions(env):
    """The number of actions, the value of the first, and their type, which is that of the space's own samples."""
    spaces, space = gymnasium.spaces, env.action_space
    if isinstance(space, spaces.Discrete):
        if space.n > MOST_ACTIONS:
            raise Refused("u", f"it has {int(space.n):,} actions; at most {MOST_ACTIONS:,} can be learned, because each is an output "
                          "of the network")
        return int(space.n), int(space.start), space.dtype.type
    only, wrapped = "only numbered actions (Discrete) can be learned", "see docs/gymnasium.md"
    if not isinstance(space, spaces.Box):
        raise Refused("u", f"its actions are a {type(space).__name__} ({space}); {only}; a gymnasium.ActionWrapper can number the "
                      f"combinations ({wrapped})")
    if "continuous" in inspect.signature(type(env.unwrapped).__init__).parameters:
        helps = "--gym.kwargs='{\"continuous\": false}' makes them numbered"
    elif hasattr(gymnasium.wrappers, "DiscretizeAction"):
        helps = f"gymnasium.wrappers.DiscretizeAction numbers them ({wrapped})"
    else:
        helps = f"a gymnasium.ActionWrapper can number some of them ({wrapped})"
    raise Refused("u", f"its actions are continuous ({space}); {only}; {helps}")


# ---- observations ----


def picture_shape(shape):
    """For a picture: C, H, W and the space's axes in that order; None if it is not a picture."""
    if len(shape) == 2:
        return (1, *shape), None
    if len(shape) != 3:
        return None
    if shape[0] < shape[2]:
        return shape, (0, 1, 2)
    return (shape[2], shape[0], shape[1]), (2, 0, 1)


class Vector:
    """Numbers of any type as floats, in order."""

    kind = F32

    def __init__(self, space):
        self.space, self.shape = space, (int(np.prod(space.shape)), 1, 1)
        self.integral = space.dtype.kind in "iub"

    def view(self, frame):
        return frame.reshape(self.space.shape)

    def check(self, seen):
        seen = np.asarray(seen)
        if seen.shape != self.space.shape:
            raise Refused("e", f"returned an observation of shape {seen.shape}, but its space has {self.space.shape}")
        if seen.dtype.kind not in ("iub" if self.integral else "fiub"):
            raise Refused("e", f"returned an observation of {seen.dtype}, but its space has {self.space.dtype}")
        return seen

    def write(self, seen, view):
        np.copyto(view, self.check(seen), casting="unsafe")


class Bytes(Vector):
    """A picture, which is made planar, or a row of bytes."""

    kind = U8

    def __init__(self, space):
        self.space, self.integral = space, True
        self.shape, self.axes = picture_shape(space.shape) or ((int(np.prod(space.shape)), 1, 1), None)
        self.full = 255 if space.dtype.kind == "b" else 1  # True is white

    def view(self, frame):
        if self.axes is None:
            return frame.reshape(self.space.shape)
        return frame.reshape(self.shape).transpose(np.argsort(self.axes))

    def write(self, seen, view):
        seen = np.asarray(seen)
        if seen.dtype != self.space.dtype or seen.shape != self.space.shape:
            self.refuse(seen)
        np.copyto(view, seen, casting="unsafe")
        if self.full != 1:
            np.multiply(view, 255, out=view)

    def refuse(self, seen):
        self.check(seen)
        raise Refused("e", f"returned an observation of {seen.dtype}, but its space has {self.space.dtype}")


class OneHot:
    """A number as a one-hot row; several numbers side by side."""

    kind = F32

    def __init__(self, space, sizes, starts, scalar):
        self.space, self.sizes, self.scalar = space, sizes, scalar
        self.shape = (sum(sizes), 1, 1)
        self.places = [sum(sizes[:i]) - starts[i] for i in range(len(sizes))]
        self.ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]

    def view(self, frame):
        return frame

    def write(self, seen, view):
        if self.scalar:
            numbers = [seen]
        else:
            seen = np.asarray(seen)
            if seen.shape != self.space.shape:
                raise Refused("e", f"returned an observation of shape {seen.shape}, but its space has {self.space.shape}")
            numbers = seen.ravel()
        view.fill(0)
        for number, place, size, end in zip(numbers, self.places, self.sizes, self.ends):
            try:
                at = operator.index(number) + place
            except TypeError:
                raise Refused("e", f"returned the observation {number!r}, but its space is {self.space}")
            if not end - size <= at < end:
                raise Refused("e", f"returned the observation {number}, which is outside its space {self.space}")
            view[at] = 1


def refuse_observations(space):
    """Names the wrapper that helps."""
    spaces, parts = gymnasium.spaces, ""
    if isinstance(space, spaces.Dict):
        parts = f" of {', '.join(map(str, space.spaces))}"
    helps = "TransformObservation can turn them into one of these"
    if getattr(space, "is_np_flattenable", False):
        helps = "FlattenObservation makes one vector of them"
        if isinstance(space, (spaces.Dict, spaces.Tuple)):
            helps += ", TransformObservation selects a part"
    raise Refused("u", f"its observations are a {type(space).__name__}{parts}; Box, Discrete, MultiDiscrete and MultiBinary can be "
                  f"learned from; gymnasium.wrappers.{helps} (see docs/gymnasium.md)")


def read_observations(space):
    spaces = gymnasium.spaces
    if isinstance(space, spaces.Discrete):
        found = OneHot(space, [int(space.n)], [int(space.start)], True)
    elif isinstance(space, spaces.MultiDiscrete):
        starts = getattr(space, "start", np.zeros_like(space.nvec))
        found = OneHot(space, [int(n) for n in space.nvec.ravel()], [int(s) for s in starts.ravel()], False)
    elif isinstance(space, spaces.MultiBinary):
        found = Vector(space)
    elif isinstance(space, spaces.Box):
        bytes_ = space.dtype == np.uint8 or (space.dtype == np.bool_ and picture_shape(space.shape))
        if bytes_ and len(space.shape) > 3:
            raise Refused("u", f"its observations are bytes of shape {space.shape}; pictures are HxW, HxWxC or CxHxW "
                          "(env.stack makes stacks)")
        found = Bytes(space) if bytes_ else Vector(space)
    else:
        refuse_observations(space)
    numbers = found.shape[0] * found.shape[1] * found.shape[2]
    if not 0 < numbers <= MOST_NUMBERS:
        raise Refused("u", f"one of its observations would have {numbers:,} numbers")
    return found


