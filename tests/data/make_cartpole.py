"""Makes cartpole.bin: 100 episodes of Gymnasium's CartPole-v1, for tests/env/test_cartpole.c.

    python make_cartpole.py > cartpole.bin

Half of the episodes play random actions, half push towards where the pole falls (with some random actions), so that many last
long. The file, little endian:
    "RBCARTP1" · u32 bytes of the note · the note (versions, text)
    u32 episodes · per episode: f64 start[4] · u32 steps · actions, 8 a byte, lowest bit first ·
        u64 hash of the steps · f64 last state[4]
A step is hashed (FNV-1a, 64 bits) as f64 state[4], f32 observation[4], f64 reward, u8 terminated.
"""

import struct
import sys

import gymnasium
import numpy as np

EPISODES = 100
LIMIT = 500


def fnv(hashed, data):
    for byte in data:
        hashed = ((hashed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return hashed


def choose(rng, episode, state):
    if episode % 2 == 0 or rng.random() < 0.05:
        return int(rng.integers(2))
    x, x_dot, theta, theta_dot = state
    return int(theta + 0.5 * theta_dot + 0.02 * x + 0.1 * x_dot > 0)


def main():
    env = gymnasium.make("CartPole-v1").unwrapped
    rng = np.random.default_rng(2024)
    note = f"gymnasium {gymnasium.__version__}, numpy {np.__version__}, python {sys.version.split()[0]}".encode()
    out = sys.stdout.buffer
    out.write(b"RBCARTP1" + struct.pack("<I", len(note)) + note + struct.pack("<I", EPISODES))
    for episode in range(EPISODES):
        env.reset(seed=episode)
        start, actions, hashed, terminated = env.state.copy(), [], 0xCBF29CE484222325, False
        while not terminated and len(actions) < LIMIT:
            action = choose(rng, episode, env.state)
            observation, reward, terminated, _, _ = env.step(action)
            actions.append(action)
            hashed = fnv(hashed, env.state.astype("<f8").tobytes() + observation.astype("<f4").tobytes()
                         + struct.pack("<dB", reward, terminated))
        bits = np.packbits(np.array(actions, np.uint8), bitorder="little").tobytes()
        out.write(struct.pack("<4dI", *start, len(actions)) + bits + struct.pack("<Q4d", hashed, *env.state))


main()
