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


# ---- action masks ----


def find_masks(env, info):
    """How an environment reports action masks, from its first reset: "info", "method" or None."""
    if isinstance(info, dict) and "action_mask" in info:
        return "info"
    try:
        method = env.get_wrapper_attr("action_masks")
    except Exception:
        method = getattr(env.unwrapped, "action_masks", None)
    return "method" if callable(method) else None


def ask_method(env):
    """What action_masks() of the environment or one of its wrappers gives."""
    try:
        return env.get_wrapper_attr("action_masks")()
    except AttributeError:
        return env.unwrapped.action_masks()


def read_mask(value, whose, where, into):
    """Writes a mask: one truth value for each action, of which at least one is true."""
    try:
        mask = np.asarray(value)
    except Exception:
        mask = np.asarray(None)
    if mask.dtype.kind not in "biu":
        raise Refused("e", f"{where} gave {shown(value)} as {whose}; a mask is an array of bool, int8 or uint8")
    if mask.shape != into.shape:
        raise Refused("e", f"{where} gave {whose} of shape {mask.shape}; a mask has one value for each of the {len(into)} actions, shape {into.shape}")
    if mask.dtype.kind != "b":
        wrong = (mask != 0) & (mask != 1)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise Refused("e", f"{where} gave {whose} with the value {mask[at]} for action {at}; it must be 1 (allowed) or 0 (forbidden)")
    if not mask.any():
        raise Refused("e", f"{where} gave {whose} that allows no action; it must allow at least one until the game has terminated")
    np.copyto(into, mask, casting="unsafe")


# ---- observations ----


FIRST, LAST = (0, 1, 2), (2, 0, 1)  # the axes of a space in the order C, H, W
LEAST_SIDE, FEW_CHANNELS = 3, 4  # of a picture: the smallest window of a network's trunk; what only channels have


def guess_axes(shape):
    """The order of three axes, and whether it is a mere guess: two equal sides are the board; few channels are channels."""
    a, b, c = shape
    if a == b or b == c:
        return (LAST if a == b else FIRST), False
    if (a <= FEW_CHANNELS) != (c <= FEW_CHANNELS):
        return (FIRST if a <= FEW_CHANNELS else LAST), False
    board_last, board_first = max(b, c) / min(b, c), max(a, b) / min(a, b)  # the sides of a board are similar
    if board_first == board_last:
        return (FIRST if a < c else LAST), True
    return (LAST if board_first < board_last else FIRST), True


def read_axes(space, channels):
    """The axes of a picture as C, H, W (two: H, W) by gym.channels, None if it is a row of numbers; and a notice."""
    shape = space.shape
    if channels == "none":
        return None, ""
    if channels != "auto":
        if len(shape) not in (2, 3):
            raise Refused("u", f"gym.channels = {channels}: its observations have {len(shape)} dimensions ({shape}); pictures are HxW, "
                          "HxWxC or CxHxW")
        return ((0, 1) if len(shape) == 2 else FIRST if channels == "first" else LAST), ""
    if len(shape) == 2:
        return ((0, 1) if min(shape) >= LEAST_SIDE else None), ""
    if len(shape) != 3:
        return None, ""
    axes, guess = guess_axes(shape)
    if min(shape[axes[1]], shape[axes[2]]) < LEAST_SIDE:
        return None, ""
    if not guess:
        return axes, ""
    read, other = ("first", "last") if axes == FIRST else ("last", "first")
    return axes, (f"its observations of shape {shape} are read as {shape[axes[1]]} x {shape[axes[2]]} pictures with {shape[axes[0]]} "
                  f"channels; gym.channels = {other} reads them the other way, {read} confirms")


class Vector:
    """Numbers of any type as floats, in order; with axes, a picture of them, which is made planar."""

    kind = F32

    def __init__(self, space, axes=None):
        self.space, self.axes, shape = space, axes, space.shape
        self.integral = space.dtype.kind in "iub"
        if axes is None:
            self.shape = (int(np.prod(shape)), 1, 1)
        else:
            self.shape = (1, *shape) if len(axes) == 2 else tuple(shape[axis] for axis in axes)

    def view(self, frame):
        if self.axes is None:
            return frame.reshape(self.space.shape)
        return frame.reshape(self.shape[-len(self.axes) :]).transpose(np.argsort(self.axes))

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
    """A picture or a row of bytes. The network divides bytes by 255; those of a smaller range are spread over it first."""

    kind = U8

    def __init__(self, space, axes=None):
        super().__init__(space, axes)
        self.low, self.high = space.low.astype(np.int32), space.high.astype(np.int32)
        whole = self.high == 255  # stays as it is
        self.scaled = not whole.all()
        if self.scaled:
            base = np.where(whole, 0, self.low)
            span = np.where(whole, 255, self.high - self.low)
            self.base, self.factor = base, np.where(span > 0, 255 / np.maximum(span, 1), 0)
            self.table = None
            if np.all(base == base.flat[0]) and np.all(span == span.flat[0]):  # the usual case, in one look-up
                values = np.clip(np.arange(256), self.low.flat[0], self.high.flat[0])
                self.table = np.rint((values - base.flat[0]) * self.factor.flat[0]).astype(np.uint8)
                self.low, self.high = self.low.flat[0], self.high.flat[0]

    def write(self, seen, view):
        seen = np.asarray(seen)
        if seen.dtype != self.space.dtype or seen.shape != self.space.shape:
            self.refuse(seen)
        if not self.scaled:
            np.copyto(view, seen, casting="unsafe")
            return
        seen = seen.view(np.uint8)  # of booleans, too
        if self.table is None:
            outside = bool(np.any(seen < self.low) or np.any(seen > self.high))
        else:
            outside = bool(seen.max() > self.high or seen.min() < self.low)
        if outside:
            at = np.argmax((seen < self.low) | (seen > self.high))
            raise Refused("e", f"returned an observation with the value {seen.flat[at]}, which is outside its space {self.space}; bytes "
                          "are scaled by the bounds of the space, which must be right")
        view[...] = np.rint((seen - self.base) * self.factor) if self.table is None else self.table[seen]

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


def read_box(space, channels):
    """A picture or numbers, and a notice; MultiBinary is a box, too."""
    axes, notice = read_axes(space, channels)
    box = isinstance(space, gymnasium.spaces.Box)
    bytes_ = box and (space.dtype == np.uint8 or (space.dtype == np.bool_ and axes is not None))
    if bytes_:
        if len(space.shape) > 3 and channels != "none":
            raise Refused("u", f"its observations are bytes of shape {space.shape}; pictures are HxW, HxWxC or CxHxW (env.stack makes "
                          "stacks), gym.channels = none reads a row of numbers")
        return Bytes(space, axes), notice
    return (Vector(space), "") if channels == "auto" else (Vector(space, axes), notice)


def read_observations(space, channels):
    """What reads the observations of a space, and a notice for the user, or ""."""
    spaces, notice = gymnasium.spaces, ""
    if isinstance(space, (spaces.Box, spaces.MultiBinary)):
        found, notice = read_box(space, channels)
    elif channels in ("first", "last"):
        raise Refused("u", f"gym.channels = {channels}: its observations are a {type(space).__name__}, which is no picture")
    elif isinstance(space, spaces.Discrete):
        found = OneHot(space, [int(space.n)], [int(space.start)], True)
    elif isinstance(space, spaces.MultiDiscrete):
        starts = getattr(space, "start", np.zeros_like(space.nvec))
        found = OneHot(space, [int(n) for n in space.nvec.ravel()], [int(s) for s in starts.ravel()], False)
    else:
        refuse_observations(space)
    numbers = found.shape[0] * found.shape[1] * found.shape[2]
    if not 0 < numbers <= MOST_NUMBERS:
        raise Refused("u", f"one of its observations would have {numbers:,} numbers")
    return found, notice


