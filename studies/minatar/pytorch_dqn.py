#!/usr/bin/env python3
"""The same DQN in PyTorch, on the published games: what the settings give when nothing of Rainbow is in it.

    studies/minatar/pytorch_dqn.py GAME SEED STEPS STEP_SIZE FILE.csv     needs torch, numpy and minatar; some 900 steps a second

Writes a line a game: the step that it ended at, its return. Settings as in the preset minatar-dqn.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F
from minatar import Environment

ACTIONS, CAPACITY, BATCH, GAMMA, START, TARGET_EVERY = 6, 100_000, 32, 0.99, 5_000, 1_000
EPSILON_END, EPSILON_STEPS, DECAY, ADDED = 0.1, 100_000, 0.95, 0.01


def initial(planes):
    """PyTorch's own initial weights."""
    layers = torch.nn.Conv2d(planes, 16, 3), torch.nn.Linear(1024, 128), torch.nn.Linear(128, ACTIONS)
    return [p.detach().clone() for layer in layers for p in layer.parameters()]


def windows(planes):
    """The numbers of a picture that each of the convolution's 64 places sees: [64 * planes * 9]."""
    place = (torch.arange(8)[:, None] * 10 + torch.arange(8)).reshape(-1)
    seen = (torch.arange(planes)[:, None, None] * 100 + torch.arange(3)[:, None] * 10 + torch.arange(3)).reshape(-1)
    return (place[:, None] + seen).reshape(-1)


def q_values(p, pictures, taken):
    seen = pictures.reshape(len(pictures), -1)[:, taken].reshape(len(pictures), 64, -1).float()
    maps = F.relu(seen @ p[0].reshape(16, -1).t() + p[1]).transpose(1, 2)
    return F.linear(F.relu(F.linear(maps.reshape(len(pictures), 1024), p[2], p[3])), p[4], p[5])


def loss(p, target, taken, states, actions, rewards, ended, next_states):
    expected = rewards + GAMMA * (1 - ended) * q_values(target, next_states, taken).max(1)[0]
    return F.smooth_l1_loss(q_values(p, states, taken).gather(1, actions).squeeze(1), expected.detach())


def update(p, target, squares, means, step_size, taken, *batch):
    """Centred RMSProp, epsilon added to the root."""
    for w, g, s, m in zip(p, torch.func.grad(loss)(p, target, taken, *batch), squares, means):
        s.mul_(DECAY).add_((1 - DECAY) * g * g)
        m.mul_(DECAY).add_((1 - DECAY) * g)
        w.sub_(step_size * g / ((s - m * m).sqrt() + ADDED))


@torch.no_grad()
def train(game, seed, steps, step_size, out):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    dice, env = np.random.default_rng(seed), Environment(game)
    env.seed(seed)
    planes = env.state_shape()[2]
    p, taken = initial(planes), windows(planes)
    target, squares, means = [w.clone() for w in p], [torch.zeros_like(w) for w in p], [torch.zeros_like(w) for w in p]
    learn = torch.compile(update)
    act = torch.compile(lambda p, picture: q_values(p, picture, taken).argmax(1))
    states, next_states = (torch.zeros(CAPACITY, planes, 10, 10, dtype=torch.uint8) for _ in range(2))
    actions, rewards, ended = torch.zeros(CAPACITY, 1, dtype=torch.int64), torch.zeros(CAPACITY), torch.zeros(CAPACITY)
    step = 0
    while step < steps:
        env.reset()
        state, total, over = env.state().transpose(2, 0, 1), 0.0, False
        while not over and step < steps:
            epsilon = 1 if step < START else max(EPSILON_END, 1 - (1 - EPSILON_END) * (step - START) / EPSILON_STEPS)
            picture = torch.from_numpy(np.ascontiguousarray(state).astype(np.uint8)).unsqueeze(0)
            action = int(dice.integers(ACTIONS)) if dice.random() < epsilon else int(act(p, picture))
            reward, over = env.act(action)
            next_state, i = env.state().transpose(2, 0, 1), step % CAPACITY
            states.numpy()[i], next_states.numpy()[i] = state, next_state
            actions[i, 0], rewards[i], ended[i] = action, reward, over
            if step > START:
                k = torch.from_numpy(dice.integers(0, min(step + 1, CAPACITY), BATCH))
                learn(p, target, squares, means, step_size, taken, states[k], actions[k], rewards[k], ended[k], next_states[k])
                if (step - START) % TARGET_EVERY == 0:
                    for t, w in zip(target, p):
                        t.copy_(w)
            total, step, state = total + reward, step + 1, next_state
        out.write(f"{step},{total:g}\n")
        out.flush()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    with open(sys.argv[5], "w") as file:
        file.write("step,return\n")
        train(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), file)
