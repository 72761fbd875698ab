#!/usr/bin/env python3
"""Stable-Baselines3's DQN until it plays a score: the lines of bench/peers/score.py.

    sb3_score.py --task cartpole --every 2048 --goal 475 [--seed N]

CartPole and Acrobot have the settings of its zoo (rl-baselines3-zoo, hyperparams/dqn.yml). The MinAtar games, which its zoo lacks, have the
network and the constants of their authors' DQN (Young and Tian 2019), but Adam with Stable-Baselines3's step size of 0.0001, and one update
for every fourth step, which is Stable-Baselines3's default.
"""
import argparse

import score
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor


class MinAtarLayers(BaseFeaturesExtractor):
    """16 convolutions of 3 x 3 and a layer of 128."""

    def __init__(self, space):
        super().__init__(space, 128)
        self.layers = torch.nn.Sequential(torch.nn.Conv2d(space.shape[0], 16, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                                          torch.nn.Linear(16 * 8 * 8, 128), torch.nn.ReLU())

    def forward(self, planes):
        return self.layers(planes)


MINATAR = dict(steps=5_000_000, learning_rate=1e-4, buffer_size=100_000, learning_starts=5000, batch_size=32, train_freq=4, gradient_steps=1,
               target_update_interval=1000, exploration_fraction=100_000 / 5_000_000, exploration_final_eps=0.1,
               policy_kwargs=dict(features_extractor_class=MinAtarLayers, net_arch=[]))
SETTINGS = {
    "cartpole": dict(steps=50_000, learning_rate=2.3e-3, buffer_size=100_000, learning_starts=1000, batch_size=64, train_freq=256,
                     gradient_steps=128, target_update_interval=10, exploration_fraction=0.16, exploration_final_eps=0.04,
                     policy_kwargs=dict(net_arch=[256, 256])),
    "acrobot": dict(steps=100_000, learning_rate=6.3e-4, buffer_size=50_000, learning_starts=0, batch_size=128, train_freq=4,
                    gradient_steps=-1, target_update_interval=250, exploration_fraction=0.12, exploration_final_eps=0.1,
                    policy_kwargs=dict(net_arch=[256, 256])),
    "breakout": MINATAR,
    "freeway": MINATAR,
}


class Callback(BaseCallback):
    def __init__(self, watcher):
        super().__init__()
        self.watcher = watcher

    def _on_step(self):
        self.watcher.stepped(self.num_timesteps, lambda observations: self.model.predict(observations, deterministic=True)[0])
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    score.add_options(parser)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    score.register(flat=False)
    settings = dict(SETTINGS[options.task])
    steps = settings.pop("steps")
    watcher = score.Watcher(options)
    model = DQN("MlpPolicy", score.TASKS[options.task], gamma=0.99, seed=options.seed, device="cpu", **settings)
    model.learn(steps, callback=Callback(watcher))
    watcher.end(steps)


if __name__ == "__main__":
    main()
