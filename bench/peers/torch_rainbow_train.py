#!/usr/bin/env python3
"""A Rainbow in PyTorch in the usual style, in steps per second after learning has begun: the peer of `rainbow bench train --scene
breakout-rainbow-1`.

    torch_rainbow_train.py --seconds 20

One Breakout through Gymnasium's AtariPreprocessing and FrameStackObservation; replay keeps each transition as a pair of stacks; the sum
tree is in Python; every 4 steps there is an update of 32 samples: double, dueling, noisy, 51 atoms, n = 3, prioritised (the update is
torch_update.py's `rainbow`, with PyTorch's defaults unless --setting names another of its settings).
Prints one JSON object per line: {"scene", "setting", "steps_per_second", "steps", "updates", "seconds", "torch", "threads"}.
"""
import argparse
import collections
import time

import rounds

rounds.require("torch_rainbow_train.py", ("torch", "torch"), ("numpy", "numpy"), ("gymnasium", "gymnasium"), ("ale_py", "ale-py"),
               ("cv2", "opencv-python-headless"))
import ale_py
import gymnasium
import numpy as np
import torch

import torch_update

CAPACITY, START, UPDATE_EVERY, TARGET_EVERY, STEPS, GAMMA, ALPHA, BETA = 100_000, 1000, 4, 8000, 3, 0.99, 0.5, 0.4


class SumTree:
    def __init__(self, capacity):
        self.size = 1 << (capacity - 1).bit_length()
        self.sums = np.zeros(2 * self.size)

    def set(self, leaf, value):
        node = leaf + self.size
        change = value - self.sums[node]
        while node:
            self.sums[node] += change
            node //= 2

    def find(self, mass):
        node = 1
        while node < self.size:
            node *= 2
            if mass > self.sums[node] and self.sums[node + 1] > 0:
                mass -= self.sums[node]
                node += 1
        return node - self.size


class Replay:
    def __init__(self, capacity):
        self.states, self.next_states = (np.empty((capacity, 4, 84, 84), np.uint8) for _ in "12")
        self.actions, self.returns, self.discounts = np.empty(capacity, np.int64), np.empty(capacity, np.float32), np.empty(capacity, np.float32)
        self.tree, self.capacity, self.at, self.count, self.largest = SumTree(capacity), capacity, 0, 0, 1.0

    def add(self, state, action, total, next_state, discount):
        self.states[self.at], self.next_states[self.at] = state, next_state
        self.actions[self.at], self.returns[self.at], self.discounts[self.at] = action, total, discount
        self.tree.set(self.at, self.largest)
        self.at, self.count = (self.at + 1) % self.capacity, min(self.count + 1, self.capacity)

    def sample(self, batch):
        piece = self.tree.sums[1] / batch
        leaves = np.array([self.tree.find(np.random.uniform(piece * i, piece * (i + 1))) for i in range(batch)])
        chance = self.tree.sums[leaves + self.tree.size] / self.tree.sums[1]
        weights = (self.count * chance) ** -BETA
        return leaves, (weights / weights.max()).astype(np.float32)

    def update(self, leaves, priorities):
        for leaf, priority in zip(leaves, np.maximum(priorities, 0) + 1e-6):
            self.tree.set(leaf, priority**ALPHA)
            self.largest = max(self.largest, priority**ALPHA)


def make_env():
    gymnasium.register_envs(ale_py)
    env = gymnasium.make("BreakoutNoFrameskip-v4")
    env = gymnasium.wrappers.AtariPreprocessing(env, noop_max=30, frame_skip=4, screen_size=84, terminal_on_life_loss=True, grayscale_obs=True)
    return gymnasium.wrappers.FrameStackObservation(env, 4)


class Training:
    def __init__(self, setting):
        self.learner = torch_update.start(torch_update.SCENES["rainbow"], setting, torch.get_num_threads(), actions=4)
        self.env, self.replay, self.recent = make_env(), Replay(CAPACITY), collections.deque()
        self.state, self.steps, self.updates = np.asarray(self.env.reset(seed=1)[0]), 0, 0

    def act(self):
        with torch.no_grad():
            picture = self.learner.picture(torch.from_numpy(self.state)[None])
            q = (self.learner.online(picture).float().softmax(2) * self.learner.support).sum(2)
        return int(q.argmax(1))

    def remember(self, next_state, ended, cut):
        """Turns the oldest of the last n steps into a transition; at an episode's end all of them."""
        while self.recent and (len(self.recent) == STEPS or ended or cut):
            total = sum(GAMMA**i * reward for i, (_, _, reward) in enumerate(self.recent))
            state, action, _ = self.recent[0]
            self.replay.add(state, action, total, next_state, 0.0 if ended else GAMMA ** len(self.recent))
            self.recent.popleft()

    def update(self):
        replay, learner = self.replay, self.learner
        leaves, weights = replay.sample(32)
        learner.states, learner.next_states = torch.from_numpy(replay.states[leaves]), torch.from_numpy(replay.next_states[leaves])
        learner.actions, learner.returns = torch.from_numpy(replay.actions[leaves]), torch.from_numpy(replay.returns[leaves])
        learner.discounts, learner.weights = torch.from_numpy(replay.discounts[leaves]), torch.from_numpy(weights)
        replay.update(leaves, learner.update())
        self.updates += 1

    def step(self):
        action = self.act()
        next_state, reward, ended, cut, _ = self.env.step(action)
        next_state = np.asarray(next_state)
        self.recent.append((self.state, action, float(np.sign(reward))))
        self.remember(next_state, ended, cut)
        self.state = np.asarray(self.env.reset()[0]) if ended or cut else next_state
        self.steps += 1
        if self.steps >= START and self.steps % UPDATE_EVERY == 0:
            self.update()
        if self.steps % TARGET_EVERY == 0:
            self.learner.target.load_state_dict(self.learner.online.state_dict())

    def run(self, seconds):
        begin, steps, updates = time.perf_counter(), self.steps, self.updates
        while time.perf_counter() - begin < seconds or self.steps % UPDATE_EVERY:
            self.step()
        taken = time.perf_counter() - begin
        return {"steps": self.steps - steps, "updates": self.updates - updates, "seconds": taken, "steps_per_second": (self.steps - steps) / taken}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", default="default", help="settings as in torch_update.py")
    parser.add_argument("--warmup", type=float, default=3, help="seconds of learning before the first round")
    rounds.add_options(parser, 10)
    options = parser.parse_args()
    training = Training(options.setting)
    while training.steps < START:
        training.step()
    training.run(options.warmup)
    for _ in rounds.rounds(options.serve):
        rounds.report(scene="breakout-rainbow-1", setting=options.setting, torch=torch.__version__, threads=torch.get_num_threads(),
                      **training.run(options.seconds))


if __name__ == "__main__":
    main()
