# What Gymnasium environments return from reset and step, as rainbow reads it: the second part of the program that
# gym_worker.py describes. Each kind of value is read in one place here, or refused with the reason.


# ---- what step returns ----


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


