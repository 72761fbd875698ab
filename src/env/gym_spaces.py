# Spaces of Gymnasium environments, as rainbow reads them: the first part of the program that gym_worker.py describes, and
# a module of the Python package. Each kind of space is read in one place here, or refused with the reason.
import inspect
import math
import operator

U8, F32 = 0, 1  # rb_obs_kind
MOST_NUMBERS = 1 << 24  # per observation
MOST_ACTIONS = 1 << 16  # RB_ENV_ACTIONS_MOST
MOST_COMBINATIONS = 1 << 12  # of several choices at once: most of more would hardly ever be tried
SHOWN_MOST = 60  # characters of a value in a message
SHOWN_PARTS = 8  # of a Dict or a Tuple in a notice


class Refused(Exception):
    """An answer other than "done": a letter from gym_block.h and a message."""

    def __init__(self, letter, sentence):
        super().__init__(sentence)
        self.letter = letter


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


def shown_space(space):
    text = " ".join(str(space).split())
    return text if len(text) <= SHOWN_MOST else text[:SHOWN_MOST] + "..."


# ---- actions ----


class Numbered:
    """The actions of a Discrete: its values are of the type of the space's own samples."""

    def __init__(self, space):
        if space.n > MOST_ACTIONS:
            raise Refused("u", f"it has {int(space.n):,} actions; at most {MOST_ACTIONS:,} can be learned, because each is an output "
                          "of the network")
        self.count, self.start, self.type = int(space.n), int(space.start), space.dtype.type

    def value(self, number):
        return self.type(number + self.start)

    def names(self):
        return []


class Product:
    """The combinations of a MultiDiscrete, in row-major order: the last choice changes first, as in np.ravel_multi_index."""

    def __init__(self, space):
        sizes = [int(n) for n in space.nvec.ravel()]
        self.count = math.prod(sizes)
        if self.count > MOST_COMBINATIONS:
            raise Refused("u", f"its actions are {len(sizes)} choices at once ({shown_space(space)}), {self.count:,} combinations; at most "
                          f"{MOST_COMBINATIONS:,} can be learned, because each is an output of the network; a gymnasium.ActionWrapper can "
                          "number some of them (see docs/gymnasium.md)")
        starts = getattr(space, "start", np.zeros_like(space.nvec)).ravel()
        rows = np.stack(np.unravel_index(np.arange(self.count), sizes), axis=-1) + starts
        self.values = rows.reshape(self.count, *space.shape).astype(space.dtype)

    def value(self, number):
        return self.values[number].copy()  # environments may keep or change it

    def names(self):
        return [",".join(map(str, row.ravel())) for row in self.values]


def number_actions(space):
    """The actions of a space by their numbers; None: they can't be numbered."""
    if isinstance(space, gymnasium.spaces.Discrete):
        return Numbered(space)
    return Product(space) if isinstance(space, gymnasium.spaces.MultiDiscrete) else None


def read_actions(env):
    """The actions of an environment by their numbers."""
    found, space = number_actions(env.action_space), env.action_space
    if found is not None:
        return found
    only, wrapped = "only numbered actions (Discrete, MultiDiscrete) can be learned", "see docs/gymnasium.md"
    if not isinstance(space, gymnasium.spaces.Box):
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

    kind, vector = F32, 0  # vector: numbers beside a picture

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

    kind, vector = F32, 0

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


class Flat:
    """The parts of a Dict or a Tuple, nested or not, as one row of floats: the numbers and the order of gymnasium's FlattenObservation,
    which are the order of space.spaces and, of bytes too, the values as they are."""

    kind, vector = F32, 0

    def __init__(self, space, parts):
        self.parts, self.shape, at = [], None, 0  # of a part: its path of keys, its reader, its place
        for path, part in parts:
            reader = read_part(space, path, part)
            self.parts.append((path, reader, at, at + reader.shape[0]))
            at += reader.shape[0]
        self.shape = (at, 1, 1)

    def view(self, frame):
        return [reader.view(frame[at:end]) for _, reader, at, end in self.parts]

    def write(self, seen, views):
        for (path, reader, _, _), view in zip(self.parts, views):
            write_part(seen, path, reader, view)

    def listed(self):
        parts = [f"{path_name(path)} {end - at}" for path, _, at, end in self.parts]
        more = f" and {len(parts) - SHOWN_PARTS} more parts" if len(parts) > SHOWN_PARTS else ""
        return f"{', '.join(parts[:SHOWN_PARTS])}{more}"

    def notice(self, space):
        return (f"its observations, a {type(space).__name__}, are read as one vector of {self.shape[0]:,} numbers, as "
                f"gymnasium.wrappers.FlattenObservation makes it: {self.listed()}")


class Both:
    """A picture, one part of a Dict or a Tuple, and all other parts as a row of floats behind it."""

    def __init__(self, space, picture, others):
        self.path, self.picture, self.row = picture[0], picture[1], Flat(space, others)
        self.kind, self.shape, self.vector = self.picture.kind, self.picture.shape, self.row.shape[0]

    def view(self, frame):
        numbers = math.prod(self.shape)
        return self.picture.view(frame[:numbers]), self.row.view(frame[numbers:].view(np.float32))

    def write(self, seen, views):
        write_part(seen, self.path, self.picture, views[0])
        self.row.write(seen, views[1])

    def notice(self, space):
        planes, height, width = self.shape
        size = f"{height} x {width}" + (f" with {planes} channels" if planes > 1 else "")
        beside = f" and beside it a vector of {self.vector:,} number{'s' * (self.vector > 1)}: {self.row.listed()}" if self.vector else ""
        return f"its observations, a {type(space).__name__}, are read as the picture {path_name(self.path)}, {size},{beside}".rstrip(",")


def frame_numbers(reader):
    """How many numbers of its kind a frame takes; a float beside bytes takes four."""
    return math.prod(reader.shape) + reader.vector * (4 if reader.kind == U8 else 1)


def write_part(seen, path, reader, view):
    part = seen
    for key in path:
        try:
            part = part[key]
        except Exception:
            raise Refused("e", f"returned an observation without the part {path_name(path)} of its space: {shown(seen)}")
    try:
        reader.write(part, view)
    except Refused as refused:
        raise Refused(refused.letter, f"{refused} (in its part {path_name(path)})")


def parts_of(space, path=()):
    """Pairs of a path and a space for everything in a Dict or a Tuple that is neither."""
    if not isinstance(space, (gymnasium.spaces.Dict, gymnasium.spaces.Tuple)):
        return [(path, space)]
    pairs = space.spaces.items() if isinstance(space, gymnasium.spaces.Dict) else enumerate(space.spaces)
    return [found for key, part in pairs for found in parts_of(part, (*path, key))]


def path_name(path):
    """The name of a part in messages: robot.arm[0]."""
    return "".join(f"[{key}]" if type(key) is int else f".{key}" for key in path).lstrip(".")


def is_picture(part, channels):
    """Whether a part of a Dict or a Tuple is a picture: bytes of three dimensions; by gym.channels any box of three."""
    if channels == "none" or not isinstance(part, (gymnasium.spaces.Box, gymnasium.spaces.MultiBinary)):
        return False
    if channels != "auto":
        return len(part.shape) == 3
    if not isinstance(part, gymnasium.spaces.Box) or part.dtype != np.uint8 or len(part.shape) < 3:
        return False
    return len(part.shape) > 3 or read_axes(part, "auto")[0] is not None


def read_parts(space, channels):
    """One vector of all parts, or a picture and a vector of the others, and a notice."""
    parts = parts_of(space)
    pictures = [path for path, part in parts if is_picture(part, channels)]
    kind, helps = type(space).__name__, ("gymnasium.wrappers.TransformObservation selects one (see docs/gymnasium.md), gym.channels = none "
                                         "makes one vector of all numbers")
    if not pictures and channels in ("first", "last"):
        raise Refused("u", f"gym.channels = {channels}: its observations are a {kind} without a box of three dimensions, so none is a picture")
    if not pictures:
        found = Flat(space, parts)
        return found, found.notice(space)
    if len(pictures) > 1:
        raise Refused("u", f"its observations are a {kind} with {len(pictures)} pictures ({', '.join(map(path_name, pictures))}); at most one "
                      f"can be learned from; {helps}")
    picture = dict(parts)[pictures[0]]
    if len(picture.shape) > 3:
        raise Refused("u", f"its observations are a {kind} whose part {path_name(pictures[0])} is a picture of bytes of shape {picture.shape}; "
                      f"pictures are HxWxC or CxHxW; {helps}")
    reader, guess = read_box(picture, channels)
    if 0 in picture.shape or reader.shape[1:] == (1, 1):
        raise Refused("u", f"gym.channels = {channels}: its part {path_name(pictures[0])} of shape {picture.shape} would be a picture of one "
                      "pixel; none makes one vector of all numbers")
    others = [(path, part) for path, part in parts if path != pictures[0]]
    found = Both(space, (pictures[0], reader), others)
    where = f"in its part {path_name(pictures[0])}, {guess}" if guess else ""
    return found, "; ".join(filter(None, (found.notice(space), where)))


def read_part(space, path, part):
    spaces, whole = gymnasium.spaces, f"its observations are a {type(space).__name__} whose part {path_name(path)} is a"
    if isinstance(part, (spaces.Box, spaces.MultiBinary)):
        return Vector(part)
    if isinstance(part, (spaces.Discrete, spaces.MultiDiscrete)):
        return one_hot(part)
    raise Refused("u", f"{whole} {type(part).__name__}; the parts of a Dict or a Tuple must be Box, Discrete, MultiDiscrete or "
                  f"MultiBinary; gymnasium.wrappers.{help_with(space)} (see docs/gymnasium.md)")


def one_hot(space):
    if isinstance(space, gymnasium.spaces.Discrete):
        return OneHot(space, [int(space.n)], [int(space.start)], True)
    starts = getattr(space, "start", np.zeros_like(space.nvec))
    return OneHot(space, [int(n) for n in space.nvec.ravel()], [int(s) for s in starts.ravel()], False)


def help_with(space):
    """The wrapper that helps."""
    if not getattr(space, "is_np_flattenable", False):
        return "TransformObservation can turn them into one of these"
    if isinstance(space, (gymnasium.spaces.Dict, gymnasium.spaces.Tuple)):
        return "TransformObservation selects a part, FlattenObservation makes one vector of all"
    return "FlattenObservation makes one vector of them"


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
    if channels != "auto":
        return Vector(space, axes), notice
    if axes is None or len(axes) < 3 or space.dtype.kind != "f":
        return Vector(space), ""
    # A float may be anything, so a guess would make a picture of what is none.
    return Vector(space), (f"its observations of shape {space.shape} are floats, so they are read as a row of {math.prod(space.shape):,} "
                           f"numbers; gym.channels = {'first' if axes == FIRST else 'last'} reads them as pictures, which convolutions "
                           "need, none confirms")


def read_observations(space, channels):
    """What reads the observations of a space, and a notice for the user, or ""."""
    spaces, notice = gymnasium.spaces, ""
    if isinstance(space, (spaces.Box, spaces.MultiBinary)):
        found, notice = read_box(space, channels)
    elif isinstance(space, (spaces.Dict, spaces.Tuple)):
        found, notice = read_parts(space, channels)
    elif channels in ("first", "last"):
        raise Refused("u", f"gym.channels = {channels}: its observations are a {type(space).__name__}, which is no picture")
    elif isinstance(space, (spaces.Discrete, spaces.MultiDiscrete)):
        found = one_hot(space)
    else:
        raise Refused("u", f"its observations are a {type(space).__name__}; Box, Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple "
                      f"of these, can be learned from; gymnasium.wrappers.{help_with(space)} (see docs/gymnasium.md)")
    numbers = math.prod(found.shape) + found.vector
    if not 0 < numbers <= MOST_NUMBERS:
        raise Refused("u", f"one of its observations would have {numbers:,} numbers")
    return found, notice


