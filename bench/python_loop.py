#!/usr/bin/env python3
"""CartPole for some thousand steps in a Gymnasium loop with rainbow_dqn, with Stable-Baselines3, and with the program: alternating runs.

    python bench/python_loop.py [--rainbow PROGRAM] [--steps N] [--rounds N]

Needs rainbow_dqn and stable_baselines3 in this Python. The three have the same network (two layers of --width), batch, updates and one
thread. The defaults are those of Stable-Baselines3's DQN: 64-64, a batch of 32 at every fourth step. `--width 256 --batch 128 --every 16
--updates 16` are those of its zoo for CartPole, with the batch and the updates of the preset cartpole-dqn.
Prints each round's seconds, and the medians of the ratios with their spread.
"""
import argparse
import statistics
import subprocess
import tempfile
import time
import warnings

import gymnasium
import torch
from stable_baselines3 import DQN

from rainbow_dqn import Agent


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rainbow", default="build/release/rainbow")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--updates", type=int, default=1)
    return parser.parse_args()


def settings(a):
    return {"agent.loss": "huber", "run.max_steps": a.steps, "net.mlp": a.width, "net.hidden": a.width, "agent.batch": a.batch,
            "agent.update_every_steps": a.every, "agent.updates": a.updates, "compute.threads": 1}


def loop(a):
    env, steps = gymnasium.make("CartPole-v1"), a.steps
    agent = Agent(env.observation_space, env.action_space, "cartpole-dqn", **settings(a))
    began = time.perf_counter()
    obs, _ = env.reset(seed=1)
    for _ in range(steps):
        action = agent.act(obs)
        obs, reward, terminated, truncated, info = env.step(action)
        agent.observe(obs, reward, terminated, truncated, info)
        if terminated or truncated:
            obs, _ = env.reset()
    return time.perf_counter() - began, agent.stats["updates"]


def stable_baselines3(a):
    steps = a.steps
    torch.set_num_threads(1)
    model = DQN("MlpPolicy", "CartPole-v1", learning_rate=2.5e-4, buffer_size=100_000, learning_starts=1000, batch_size=a.batch, train_freq=a.every,
                gradient_steps=a.updates, target_update_interval=100, exploration_fraction=min(1.0, 8000 / steps), exploration_final_eps=0.04,
                policy_kwargs={"net_arch": [a.width, a.width]}, seed=1, device="cpu")
    began = time.perf_counter()
    model.learn(steps)
    return time.perf_counter() - began, model._n_updates


def program(a):
    with tempfile.TemporaryDirectory() as root:
        words = [a.rainbow, "train", "cartpole", "--preset=cartpole-dqn", f"--run.root={root}", "--eval.enabled=false", "--plot.enabled=false",
                 "--tensorboard.enabled=false", "--checkpoint.every_steps=0", "--quiet", *(f"--{k}={v}" for k, v in settings(a).items())]
        began = time.perf_counter()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began, None


def spread(name, ratios):
    print(f"{name}: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


def main():
    arguments = parse()
    warnings.simplefilter("ignore")
    times = {"loop": [], "sb3": [], "program": []}
    for number in range(arguments.rounds):
        order = [("loop", lambda: loop(arguments)), ("sb3", lambda: stable_baselines3(arguments)),
                 ("program", lambda: program(arguments))]
        for name, run in order if number % 2 == 0 else order[::-1]:
            seconds, updates = run()
            times[name].append(seconds)
            print(f"round {number + 1}: {name} {seconds:.2f} s" + (f", {int(updates)} updates" if updates is not None else ""))
    spread("Stable-Baselines3 / Python loop", [s / p for s, p in zip(times["sb3"], times["loop"])])
    spread("Python loop / program", [p / c for p, c in zip(times["loop"], times["program"])])


if __name__ == "__main__":
    main()
