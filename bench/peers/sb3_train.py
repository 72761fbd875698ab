#!/usr/bin/env python3
"""Stable-Baselines3's DQN with its defaults, in steps per second after learning has begun: the peer of `rainbow bench train`.

    sb3_train.py --scene breakout-dqn-8 --seconds 20

Scenes, with the settings of the scene of the same name:
    breakout-dqn-1, breakout-dqn-8   BreakoutNoFrameskip-v4 by make_atari_env and a stack of 4, CnnPolicy, batch 32, one update for
                                     every 4 steps of all environments together, target every 10,000 steps, Adam
    cartpole-dqn                     CartPole-v1 with the settings of its zoo: 256-256, 128 updates of 64 after every 256 steps
Exploration has its final value from the start, so that the network acts in every step, as it does in most of a training run.
Prints one JSON object per line: {"scene", "steps_per_second", "steps", "updates", "seconds", "stable_baselines3", "torch", "threads"}.
"""
import argparse
import os
import time

import rounds

rounds.require("sb3_train.py", ("torch", "torch"), ("stable_baselines3", "stable-baselines3"))
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback

SCENES = ("breakout-dqn-1", "breakout-dqn-8", "cartpole-dqn")
BUFFER = 100_000


class Stopwatch(BaseCallback):
    """Measures rounds of whole rollouts with their updates, after `warmup` seconds of learning."""

    def __init__(self, scene, seconds, warmup, serve):
        super().__init__()
        self.scene, self.seconds, self.warmup = scene, seconds, warmup
        self.learning_since = self.begin = None
        self.rounds, self.stop = rounds.rounds(serve), False

    def next_round(self):
        try:
            next(self.rounds)
        except StopIteration:
            self.stop = True
        self.begin = time.perf_counter(), self.num_timesteps, self.model._n_updates

    def _on_rollout_start(self):
        now = time.perf_counter()
        if self.learning_since is None:
            if self.model._n_updates:
                self.learning_since = now
        elif self.begin is None:
            if now - self.learning_since >= self.warmup:
                self.next_round()
        elif now - self.begin[0] >= self.seconds and not self.stop:
            steps, seconds = self.num_timesteps - self.begin[1], now - self.begin[0]
            rounds.report(scene=self.scene, steps_per_second=steps / seconds, steps=steps, updates=self.model._n_updates - self.begin[2],
                          seconds=seconds, stable_baselines3=stable_baselines3.__version__, torch=torch.__version__, threads=torch.get_num_threads())
            self.next_round()

    def _on_step(self):
        return not self.stop


def breakout(environments, optimise_memory):
    rounds.require("sb3_train.py", ("ale_py", "ale-py"), ("cv2", "opencv-python-headless"))
    import ale_py
    import gymnasium
    from stable_baselines3.common.env_util import make_atari_env
    from stable_baselines3.common.vec_env import VecFrameStack
    gymnasium.register_envs(ale_py)
    env = VecFrameStack(make_atari_env("BreakoutNoFrameskip-v4", n_envs=environments, seed=1), 4)
    memory = {"optimize_memory_usage": True, "replay_buffer_kwargs": {"handle_timeout_termination": False}} if optimise_memory else {}
    return stable_baselines3.DQN("CnnPolicy", env, learning_rate=1e-4, buffer_size=BUFFER, learning_starts=1000, batch_size=32, train_freq=4,
                                 gradient_steps=environments, target_update_interval=10_000, exploration_initial_eps=0.05,
                                 exploration_final_eps=0.05, seed=1, **memory)


def cartpole():
    return stable_baselines3.DQN("MlpPolicy", "CartPole-v1", learning_rate=2.3e-3, buffer_size=BUFFER, learning_starts=1000, batch_size=64,
                                 train_freq=256, gradient_steps=128, target_update_interval=10, exploration_initial_eps=0.04,
                                 exploration_final_eps=0.04, policy_kwargs={"net_arch": [256, 256]}, seed=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", default="breakout-dqn-1", choices=SCENES)
    parser.add_argument("--threads", type=int, default=0, help="PyTorch's threads; 0: its default")
    parser.add_argument("--warmup", type=float, default=3, help="seconds of learning before the first round")
    parser.add_argument("--pairs", action="store_true", help="replay keeps both stacks of a transition (its default) instead of one")
    rounds.add_options(parser, 10)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    model = cartpole() if options.scene == "cartpole-dqn" else breakout(int(options.scene[-1]), not options.pairs)
    model.learn(10**9, callback=Stopwatch(options.scene, options.seconds, options.warmup, options.serve), log_interval=None)


if __name__ == "__main__":
    main()
