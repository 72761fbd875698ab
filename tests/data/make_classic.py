"""Makes acrobot.bin and mountaincar.bin: 100 episodes each of Gymnasium's Acrobot-v1 and MountainCar-v0, for
tests/env/test_acrobot.c and test_mountaincar.c.

    python make_classic.py acrobot > acrobot.bin
    python make_classic.py mountaincar > mountaincar.bin

A third of the episodes play random actions, the others push the way things move (with some random actions), so that they reach
the end. The file, little endian:
    "RBCLASS1" · u32 bytes of the note · the note (versions, text)
    u32 episodes · u32 numbers N of a state · u32 steps between marks
    per episode: f64 start[N] · u32 steps · u8 terminated · actions, 4 a byte, lowest bits first · u64 hash of the steps ·
        f64 state[N] at every mark and after the last step
A step is hashed (FNV-1a, 64 bits) as f64 state[N], f32 observation, f64 reward, u8 terminated. The marks are for machines whose
cosine is another: from mark to mark the states still agree closely.
"""

import struct
import sys

import gymnasium
import numpy as np

EPISODES = 100
MARK = 25


def fnv(hashed, data):
    for byte in data:
        hashed = ((hashed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return hashed


def choose(rng, name, episode, state):
    if episode % 3 == 0 or rng.random() < 0.1:
        return int(rng.integers(3))
    speed = state[1] if name == "mountaincar" else state[3]
    return 2 if speed > 0 else 0


def main(name):
    env = gymnasium.make({"acrobot": "Acrobot-v1", "mountaincar": "MountainCar-v0"}[name]).unwrapped
    limit = {"acrobot": 500, "mountaincar": 200}[name]
    rng = np.random.default_rng(2025)
    note = f"gymnasium {gymnasium.__version__}, numpy {np.__version__}, python {sys.version.split()[0]}".encode()
    out = sys.stdout.buffer
    env.reset(seed=0)
    out.write(b"RBCLASS1" + struct.pack("<I", len(note)) + note + struct.pack("<III", EPISODES, len(env.state), MARK))
    for episode in range(EPISODES):
        env.reset(seed=episode)
        state = np.array(env.state, "<f8")
        start, marks, actions, hashed, terminated = state, [], [], 0xCBF29CE484222325, False
        while not terminated and len(actions) < limit:
            action = choose(rng, name, episode, state)
            observation, reward, terminated, _, _ = env.step(action)
            state = np.array(env.state, "<f8")
            actions.append(action)
            hashed = fnv(hashed, state.tobytes() + observation.astype("<f4").tobytes() + struct.pack("<dB", reward, terminated))
            if len(actions) % MARK == 0:
                marks.append(state)
        if len(actions) % MARK:
            marks.append(state)
        padded = actions + [0] * (-len(actions) % 4)
        packed = bytes(a | b << 2 | c << 4 | d << 6 for a, b, c, d in zip(*[iter(padded)] * 4))
        out.write(start.tobytes() + struct.pack("<IB", len(actions), terminated) + packed + struct.pack("<Q", hashed)
                  + b"".join(m.tobytes() for m in marks))


main(sys.argv[1])
