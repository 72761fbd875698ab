"""Makes drawings.bin: pictures of Gymnasium's small tasks, and what a learner from CartPole's pixels sees, for
tests/env/test_drawing.c.

    SDL_VIDEODRIVER=dummy python make_drawings.py > drawings.bin

The file, little endian:
    "RBDRAWN1" · u32 bytes of the note · the note (versions, text)
    u32 pictures · per picture: u8 task (0 CartPole, 1 Acrobot, 2 MountainCar) · f64 state[4] · u16 height, width ·
        its pixels in rows as runs of one colour: u16 length, u8 red, green, blue
    u32 small ones · per small one: f64 CartPole state[4] · u8 [3][40][90], by torchvision's Resize of rows 160 to 319
"""

import struct
import sys

import gymnasium
import numpy as np
import PIL
import pygame
import torch
import torchvision
import torchvision.transforms as T

TASKS = ["CartPole-v1", "Acrobot-v1", "MountainCar-v0"]


def states(rng, task):
    if task == 0:  # upright, leaning, hanging, at and beyond the track's ends
        yield np.zeros(4)
        for _ in range(4):
            yield np.array([rng.uniform(-2, 2), 0, rng.uniform(-0.3, 0.3), 0])
        for x, angle in ((-2.45, 0.2), (2.39, -0.4), (0.3, 2.7), (-1, -1.6), (1.1, np.pi / 2)):
            yield np.array([x, 0.5, angle, -1.0])
    elif task == 1:
        yield np.zeros(4)
        for _ in range(6):
            yield np.array([rng.uniform(-np.pi, np.pi), rng.uniform(-np.pi, np.pi), 0, 0])
    else:
        for x in (-1.2, 0.6, 0.5, -np.pi / 6):
            yield np.array([x, 0, 0, 0])
        for _ in range(4):
            yield np.array([rng.uniform(-1.2, 0.6), 0.01, 0, 0])


def runs(picture):
    flat = picture.reshape(-1, 3).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, (flat[1:] != flat[:-1]).any(1)])
    for start, end in zip(starts, np.r_[starts[1:], len(flat)]):
        while start < end:
            length = min(end - start, 65535)
            yield struct.pack("<H3B", length, *flat[start])
            start += length


def screen(env, task, state):
    env.unwrapped.state = state[: 2 if task == 2 else 4]
    return np.asarray(env.render())


def seen(picture):
    strip = picture.transpose((2, 0, 1))[:, 160:320, :]
    strip = torch.from_numpy(np.ascontiguousarray(strip, dtype=np.float32) / 255)
    small = T.Compose([T.ToPILImage(), T.Resize((40, 90)), T.ToTensor()])(strip)
    return (small * 255).round().to(torch.uint8).numpy()


def main():
    rng = np.random.default_rng(2026)
    envs = [gymnasium.make(name, render_mode="rgb_array") for name in TASKS]
    for env in envs:
        env.reset(seed=0)
    note = (f"gymnasium {gymnasium.__version__}, pygame {pygame.version.ver}, torchvision {torchvision.__version__}, "
            f"pillow {PIL.__version__}, numpy {np.__version__}, python {sys.version.split()[0]}").encode()
    out = sys.stdout.buffer
    chosen = [(task, state) for task in range(3) for state in states(rng, task)]
    out.write(b"RBDRAWN1" + struct.pack("<I", len(note)) + note + struct.pack("<I", len(chosen)))
    for task, state in chosen:
        picture = screen(envs[task], task, state)
        out.write(struct.pack("<B4dHH", task, *state, *picture.shape[:2]) + b"".join(runs(picture)))
    small = [state for task, state in chosen if task == 0][1:8]
    out.write(struct.pack("<I", len(small)))
    for state in small:
        out.write(struct.pack("<4d", *state) + seen(screen(envs[0], 0, state)).tobytes())


main()
