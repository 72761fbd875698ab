#!/usr/bin/env python3
"""Makes the weights of other programs for tests/rollout/test_init_weights.c and tests/cli/weights.t, and their Q-values.

    python make_other_weights.py DIRECTORY        needs stable-baselines3, torch, safetensors

Made with Stable-Baselines3 2.9.2, torch 2.15.0, safetensors 0.8.0:

    sb3_cartpole.safetensors         DQN("MlpPolicy", "CartPole-v1"), trained for 50,000 steps; its best evaluation
    sb3_cnn.safetensors              the names of CnnPolicy, with few channels and random weights, as the others below
    cleanrl_dqn.safetensors          those of CleanRL's dqn.py,
    cleanrl_dqn_atari.safetensors    dqn_atari.py,
    cleanrl_c51.safetensors          c51.py,
    cleanrl_rainbow.safetensors      and rainbow_atari.py
    torch_rainbow.safetensors        our names: all of Rainbow for CartPole, as any program may write it, without our metadata
    other_weights_q.safetensors      for each, under its name, the Q-values [SAMPLES][actions] of observations that the test makes, too
"""
import os
import sys
import tempfile

import torch
from safetensors.torch import save_file
from torch import nn

SAMPLES = 6
OUT = sys.argv[1]
torch.set_num_threads(1)


def floats(size):
    i = torch.arange(SAMPLES * size)
    return ((i * 37 + 11) % 64 / 32.0 - 1.0).reshape(SAMPLES, size)


def pictures():
    i = torch.arange(SAMPLES * 4 * 44 * 44)
    return ((i * 31 + i // 44 * 17 + i // 1936 * 101) % 256).to(torch.uint8).reshape(SAMPLES, 4, 44, 44)


def convolutions():
    return [nn.Conv2d(4, 5, 8, stride=4), nn.ReLU(), nn.Conv2d(5, 6, 4, stride=2), nn.ReLU(), nn.Conv2d(6, 7, 3, stride=1), nn.ReLU(), nn.Flatten()]


def part(**modules):
    module = nn.Module()
    for name, child in modules.items():
        module.add_module(name, child)
    return module


class NoisyLinear(nn.Module):
    """The parameters and buffers that CleanRL's NoisyLinear has; without noise only the means count."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight_mu = nn.Parameter(torch.rand(outputs, inputs) - 0.5)
        self.weight_sigma = nn.Parameter(torch.rand(outputs, inputs))
        self.register_buffer("weight_epsilon", torch.randn(outputs, inputs))
        self.bias_mu = nn.Parameter(torch.rand(outputs) - 0.5)
        self.bias_sigma = nn.Parameter(torch.rand(outputs))
        self.register_buffer("bias_epsilon", torch.randn(outputs))

    def forward(self, x):
        return nn.functional.linear(x, self.weight_mu, self.bias_mu)


def save(name, module, q):
    save_file({key: value.contiguous().clone() for key, value in module.state_dict().items()}, os.path.join(OUT, name + ".safetensors"))
    found[name] = q.detach().float().contiguous()


def train_cartpole():
    """The agent of the best of 20 evaluations."""
    import gymnasium
    from stable_baselines3 import DQN
    from stable_baselines3.common.callbacks import EvalCallback
    from stable_baselines3.common.monitor import Monitor
    with tempfile.TemporaryDirectory() as here:
        model = DQN("MlpPolicy", "CartPole-v1", learning_rate=1e-3, batch_size=64, buffer_size=100_000, learning_starts=1000, gamma=0.99,
                    target_update_interval=10, train_freq=256, gradient_steps=128, exploration_fraction=0.16, exploration_final_eps=0.04,
                    seed=2, device="cpu")
        model.learn(50_000, callback=EvalCallback(Monitor(gymnasium.make("CartPole-v1")), eval_freq=2500, n_eval_episodes=10,
                                                  best_model_save_path=here, verbose=1))
        return DQN.load(os.path.join(here, "best_model"), device="cpu").policy


found = {}
policy = train_cartpole()
save("sb3_cartpole", policy, policy.q_net(floats(4)))
torch.manual_seed(1)

seen = pictures() / 255.0
cnn, linear, last = nn.Sequential(*convolutions()), nn.Sequential(nn.Linear(28, 16), nn.ReLU()), nn.Sequential(nn.Linear(16, 3))
save("sb3_cnn", part(q_net=part(features_extractor=part(cnn=cnn, linear=linear), q_net=last),
                     q_net_target=part(q_net=nn.Sequential(nn.Linear(16, 3)))), last(linear(cnn(seen))))

network = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 2))
save("cleanrl_dqn", part(network=network), network(floats(4)))

network = nn.Sequential(*convolutions(), nn.Linear(28, 16), nn.ReLU(), nn.Linear(16, 3))
save("cleanrl_dqn_atari", part(network=network), network(seen))

network, atoms = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 2 * 7)), torch.linspace(-100, 100, 7)
module = part(network=network)
module.register_buffer("atoms", atoms)
save("cleanrl_c51", module, (network(floats(4)).reshape(SAMPLES, 2, 7).softmax(2) * atoms).sum(2))

network, atoms = nn.Sequential(*convolutions()), torch.linspace(-10, 10, 5)
value = nn.Sequential(NoisyLinear(28, 16), nn.ReLU(), NoisyLinear(16, 5))
advantage = nn.Sequential(NoisyLinear(28, 16), nn.ReLU(), NoisyLinear(16, 3 * 5))
module = part(network=network, value_head=value, advantage_head=advantage)
module.register_buffer("support", atoms)
features = network(seen)
v, a = value(features).reshape(SAMPLES, 1, 5), advantage(features).reshape(SAMPLES, 3, 5)
save("cleanrl_rainbow", module, ((v + a - a.mean(1, keepdim=True)).softmax(2) * atoms).sum(2))

network, atoms = nn.ModuleList([nn.Linear(4, 16)]), torch.linspace(-10, 10, 51)
advantage, value = (nn.ModuleList([NoisyLinear(16, 16), NoisyLinear(16, outputs * 51)]) for outputs in (2, 1))
for layer in (*advantage, *value):  # our files have no draw of noise
    del layer.weight_epsilon, layer.bias_epsilon
features = network[0](floats(4)).relu()
a, v = (stream[1](stream[0](features).relu()).reshape(SAMPLES, -1, 51) for stream in (advantage, value))
save("torch_rainbow", part(trunk=network, advantage=advantage, value=value), ((v + a - a.mean(1, keepdim=True)).softmax(2) * atoms).sum(2))

save_file(found, os.path.join(OUT, "other_weights_q.safetensors"))
