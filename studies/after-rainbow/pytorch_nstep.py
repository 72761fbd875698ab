#!/usr/bin/env python3
"""DQN with n-step returns in PyTorch on MinAtar's own Asterix: is it our program that learns slowly there with three steps?

    studies/after-rainbow/pytorch_nstep.py STEPS_OF_RETURNS SEED      needs torch, numpy and minatar; some 300 steps a second

The network, replay, rates and exploration are those of the study's DQN. Prints the mean return of the games that ended in each tenth of 300,000 steps.
"""
import collections
import sys

import numpy as np
import torch
import torch.nn.functional as F
from minatar import Environment
from torch import nn

STEPS, CAPACITY, START, BATCH, GAMMA, TARGET_EVERY, UPDATE_EVERY = 300_000, 100_000, 5_000, 32, 0.99, 1_000, 4


def network(planes):
    return nn.Sequential(nn.Conv2d(planes, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 128), nn.ReLU(), nn.Linear(128, 6))


class Replay:
    def __init__(self, planes):
        self.states, self.next_states = (np.zeros((CAPACITY, planes, 10, 10), np.uint8) for _ in range(2))
        self.actions = np.zeros(CAPACITY, np.int64)
        self.returns, self.discounts = (np.zeros(CAPACITY, np.float32) for _ in range(2))
        self.count = 0

    def add(self, *transition):
        for column, value in zip((self.states, self.actions, self.returns, self.next_states, self.discounts), transition):
            column[self.count % CAPACITY] = value
        self.count += 1

    def sample(self, dice):
        rows = dice.integers(0, min(self.count, CAPACITY), BATCH)
        return [torch.from_numpy(column[rows]) for column in (self.states, self.actions, self.returns, self.next_states, self.discounts)]


def learn(online, target, optimiser, batch):
    states, actions, returns, next_states, discounts = batch
    with torch.no_grad():
        goal = returns + discounts * target(next_states.float()).max(1)[0]
    loss = F.smooth_l1_loss(online(states.float()).gather(1, actions[:, None])[:, 0], goal)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(online.parameters(), 10)
    optimiser.step()


def picture(env):
    return np.ascontiguousarray(env.state().transpose(2, 0, 1)).astype(np.uint8)


def train(n, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    dice, env = np.random.default_rng(seed), Environment("asterix")
    env.seed(seed)
    planes = env.state_shape()[2]
    online, target, replay = network(planes), network(planes), Replay(planes)
    target.load_state_dict(online.state_dict())
    optimiser = torch.optim.Adam(online.parameters(), lr=2.5e-4, eps=1.5e-4, fused=True)
    step, games = 0, []
    while step < STEPS:
        env.reset()
        state, total, over, recent = picture(env), 0, False, collections.deque()
        while not over and step < STEPS:
            if dice.random() < max(0.01, 1 - 0.99 * step / 30_000):
                action = int(dice.integers(6))
            else:
                with torch.no_grad():
                    action = int(online(torch.from_numpy(state)[None].float()).argmax())
            reward, over = env.act(action)
            total, step, next_state = total + reward, step + 1, picture(env)
            recent.append((state, action, reward))
            while recent and (len(recent) == n or over):
                gathered = sum(GAMMA**i * one[2] for i, one in enumerate(recent))
                replay.add(*recent[0][:2], gathered, next_state, 0 if over else GAMMA ** len(recent))
                recent.popleft()
            state = next_state
            if step > START and step % UPDATE_EVERY == 0:
                learn(online, target, optimiser, replay.sample(dice))
            if step % TARGET_EVERY == 0:
                target.load_state_dict(online.state_dict())
        games.append((step, total))
    return [np.mean([score for at, score in games if first < at <= first + STEPS // 10]) for first in range(0, STEPS, STEPS // 10)]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(" ".join(f"{score:.2f}" for score in train(int(sys.argv[1]), int(sys.argv[2]))))
