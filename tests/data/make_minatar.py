"""Makes minatar.txt: what the published MinAtar package does, for tests/env/test_minatar.c.

    pip install --no-deps minatar numpy
    python make_minatar.py [GAME ...] > minatar.txt          half an hour on one core; without GAME: all five

Lines of the file:
    # a comment; the first one names the versions
    play GAME SEED STEPS STICKY RAMPING FULL HASH          actions at random, see actions_of
    tape GAME SEED RETURN ENDS RAMP HASH ACTIONS           actions as digits, found by trying: they go far into a game
The environment gets seed(SEED), then reset(); the step after the end of a game is one more act(), which does nothing, and then
comes reset(). Where FULL is 0, an action counts in the minimal set. HASH is over records of 64-bit words w, h = h * FACTOR + w: one
record after each reset, one after each act. A record is the picture, bits by channel, row and column, lowest bit first, filled up to
whole words, and a last word: reward + 256 * end + 65536 * ramp after an act, 2^32 after a reset. RAMP is the largest one seen.
"""

import logging
import sys
from importlib.metadata import version

logging.disable(logging.WARNING)  # about plotting libraries, which are not needed

import minatar
import numpy as np

GAMES = ["asterix", "breakout", "freeway", "seaquest", "space_invaders"]
FACTOR = 0x9E3779B97F4A7C15
SEEDS, STEPS = 100, 20000
OTHER_SETTINGS = [(0.0, False, True), (0.25, True, False), (1.0 / 3.0, False, False)]
TAPES, TAPE_STEPS, SEGMENT, TRIES = 2, 4000, 12, 12


def actions_of(seed, steps, count):
    """The finaliser of splitmix64 on seed * 2^32 + step; its upper half, modulo the number of actions."""
    with np.errstate(over="ignore"):
        x = (np.uint64(seed) << np.uint64(32)) + np.arange(steps, dtype=np.uint64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return ((x >> np.uint64(32)) % np.uint64(count)).astype(int)


def hash_of(cells, tails):
    bits = np.array(cells).transpose(0, 3, 1, 2).reshape(len(cells), -1)
    packed = np.packbits(bits, axis=1, bitorder="little")
    width = -(-packed.shape[1] // 8)
    words = np.zeros((len(cells), width + 1), np.uint64)
    padded = np.zeros((len(cells), width * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    words[:, :width] = padded.view("<u8")
    words[:, width] = np.array(tails, np.uint64)
    flat = words.ravel()
    with np.errstate(over="ignore"):
        powers = np.full(len(flat), FACTOR, np.uint64)
        powers[0] = 1
        return int((flat * np.cumprod(powers)[::-1]).sum(dtype=np.uint64))


def ramp_of(env):
    return int(env.env.difficulty_ramp() or 0)


def play(env, seed, actions):
    """Returns hash, return, ends, largest ramp."""
    env.seed(seed)
    env.last_action = 0
    env.reset()
    cells, tails, total, ends, largest, over = [env.state()], [1 << 32], 0, 0, 0, False
    for action in actions:
        reward, end = env.act(action)
        cells.append(env.state())
        tails.append(int(reward) + 256 * bool(end) + 65536 * ramp_of(env))
        total += int(reward)
        largest = max(largest, ramp_of(env))
        if over:
            env.reset()
            cells.append(env.state())
            tails.append(1 << 32)
            ends += 1
        over = bool(end) and not over
    return hash_of(cells, tails), total, ends, largest


# ---- tapes: pieces of random play, the best of some tries kept, back where none survives ----


def copied(value):
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def snapshot(env):
    own = {k: copied(v) for k, v in vars(env.env).items() if k not in ("channels", "action_map", "random")}
    return own, env.random.get_state(), env.last_action


def restore(env, saved):
    own, dice, env.last_action = saved
    vars(env.env).update({k: copied(v) for k, v in own.items()})
    env.random.set_state(dice)


def promise(game, seed, own):
    """What a state is worth besides the rewards so far, so that the search gets where the rules are rarely seen: in Seaquest
    with even seeds many surfacings, with odd ones six divers."""
    if game == "breakout":
        return -0.2 * abs(own.pos - own.ball_x)
    if game == "freeway":
        return 0.5 * (9 - own.pos)
    if game == "seaquest":
        home = own.diver_count >= 6 or (own.diver_count > 0 and own.oxygen < 80)
        nearest = min((abs(d[0] - own.sub_x) + abs(d[1] - own.sub_y) for d in own.divers), default=10)
        air = -40 if own.oxygen < 50 and own.diver_count <= 0 else own.oxygen / 40
        many = 20 * own.ramp_index if seed % 2 == 0 else 0
        return 8 * own.diver_count + many + air - (2 * own.sub_y if home else 0.2 * nearest)
    return 0


def follow(own):
    """In Breakout: towards the ball."""
    return 1 if own.pos > own.ball_x else 3 if own.pos < own.ball_x else 0


def find_tape(game, seed):
    env, rng = minatar.Environment(game), np.random.default_rng(seed)
    env.seed(seed)
    env.reset()
    actions, past = [], []
    while len(actions) < TAPE_STEPS:
        here, best = snapshot(env), None
        for _ in range(TRIES):
            restore(env, here)
            chances, tried, reward, end = rng.dirichlet(np.full(6, 0.5)), [], 0, False
            while len(tried) < SEGMENT and not end:
                tried.append(follow(env.env) if game == "breakout" and rng.random() < 0.9 else int(rng.choice(6, p=chances)))
                full = game == "seaquest" and env.env.diver_count == 6
                gain, end = env.act(tried[-1])
                reward += int(gain) + (100 if full and env.env.diver_count < 0 else 0)
            value = -1000 if end else reward + promise(game, seed, env.env)
            if best is None or value > best[0]:
                best = value, snapshot(env), tried, end
        if best[3] and past and rng.random() < 0.98:
            for _ in range(min(len(past), int(rng.integers(1, 8)))):
                there, length = past.pop()
            restore(env, there)
            del actions[length:]
            continue
        past = past[-30:] + [(here, len(actions))]
        actions += best[2]
        restore(env, best[1])
        if best[3]:
            actions.append(0)  # the one more act
            env.act(0)
            env.reset()
            past = []
    return actions


def main():
    print(f"# minatar {version('minatar')}, numpy {np.__version__}, python {sys.version.split()[0]}")
    for game in sys.argv[1:] or GAMES:
        settings = [(seed, 0.1, True, True) for seed in range(SEEDS)]
        settings += [(SEEDS + i, *setting) for i, setting in enumerate(OTHER_SETTINGS)]
        for seed, sticky, ramping, full in settings:
            env = minatar.Environment(game, sticky_action_prob=sticky, difficulty_ramping=ramping)
            known = list(range(6)) if full else env.minimal_action_set()
            actions = [known[a] for a in actions_of(seed, STEPS, len(known))]
            result = play(env, seed, actions)[0]
            print(f"play {game} {seed} {STEPS} {sticky!r} {ramping:d} {full:d} {result:016x}", flush=True)
        for seed in range(TAPES):
            actions = find_tape(game, seed)
            result, total, ends, ramp = play(minatar.Environment(game), seed, actions)
            print(f"tape {game} {seed} {total} {ends} {ramp} {result:016x} {''.join(map(str, actions))}", flush=True)


if __name__ == "__main__":
    main()
