#!/usr/bin/env python3
"""One update of the learner in PyTorch, written to be as fast as PyTorch allows, to compare with `rainbow bench learner`.

    torch_update.py --scene rainbow --setting all      time the settings, alternating
    torch_update.py --scene minatar --setting fused-1t --updates 500

Scenes, with the network, batch, loss and optimiser of the scene of the same name of `rainbow bench learner`:
    rainbow    4 x 84 x 84 bytes, nature trunk, two noisy streams of 512 (factorised), 51 atoms, double, Adam, norm clipped
    c51        the same trunk, hidden 512, 51 atoms, Adam
    dqn        the same trunk, hidden 512, Huber, centred RMSProp
    dqn-adam   the same with Adam, norm clipped
    minatar    4 x 10 x 10, conv 16 3x3, hidden 128, Huber, centred RMSProp
    cartpole   4 numbers, 256-256, batch 64, Huber, Adam, norm clipped
and one more, `rainbow` with the trunk impala of twice the width and batches of 256:
    impala     `rainbow bench learner --preset=rainbow --net.trunk=impala --net.width=2 --agent.batch=256`
An update is: targets from the next states, loss, backward, clipping, the optimiser's step, new noise, priorities.

A setting is words joined by -; each affects PyTorch's speed on a processor:
    default            PyTorch's defaults: plain optimiser, PyTorch's own number of threads (alone, or with bf16)
    loop|foreach|fused the optimiser's implementation (RMSProp has no fused one)
    last               channels_last memory format
    bf16               autocast to bfloat16; the target network is kept in bfloat16
    fpmath             f32 tensors, products in bfloat16 inside the library (oneDNN's fpmath mode)
    compile            torch.compile over forward, loss and backward, and over the optimiser if it is not fused (needs a C++ compiler)
    1t|2t|...          threads
Prints one JSON object per line: {"scene", "setting", "torch", "threads", "median_ms", "min_ms"}. With --serve and one setting it prints
one line for each line on standard input.
"""
import argparse
import math
import shutil
import statistics
import time

import rounds

rounds.require("torch_update.py", ("torch", "torch"))
import torch
import torch.nn.functional as F
from torch import nn

V_MIN, V_MAX = -10.0, 10.0
SCENES = {  # trunk, picture or numbers, actions, atoms, batch, noisy dueling double, optimiser, clip
    "rainbow": dict(trunk="nature", shape=(4, 84, 84), actions=6, atoms=51, batch=32, full=True, rule="adam", rate=6.25e-5, eps=1.5e-4, clip=10),
    "c51": dict(trunk="nature", shape=(4, 84, 84), actions=6, atoms=51, batch=32, full=False, rule="adam", rate=2.5e-4, eps=3.125e-4, clip=0),
    "dqn": dict(trunk="nature", shape=(4, 84, 84), actions=6, atoms=1, batch=32, full=False, rule="rmsprop", rate=2.5e-4, eps=0.01, clip=0),
    "dqn-adam": dict(trunk="nature", shape=(4, 84, 84), actions=6, atoms=1, batch=32, full=False, rule="adam", rate=1e-4, eps=1e-8, clip=10),
    "minatar": dict(trunk="minatar", shape=(4, 10, 10), actions=6, atoms=1, batch=32, full=False, rule="rmsprop", rate=2.5e-4, eps=0.01, clip=0),
    "impala": dict(trunk="impala", shape=(4, 84, 84), actions=6, atoms=51, batch=256, full=True, rule="adam", rate=6.25e-5, eps=1.5e-4, clip=10),
    "cartpole": dict(trunk="mlp", shape=(4,), actions=2, atoms=1, batch=64, full=False, rule="adam", rate=5e-4, eps=1e-4, clip=10),
}


class NoisyLinear(nn.Module):
    def __init__(self, inputs, outputs, sigma0=0.5):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        bound = 1 / math.sqrt(inputs)
        self.weight_mu = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound))
        self.weight_sigma = nn.Parameter(torch.full((outputs, inputs), sigma0 * bound))
        self.bias_mu = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))
        self.bias_sigma = nn.Parameter(torch.full((outputs,), sigma0 * bound))
        self.register_buffer("eps_in", torch.empty(inputs))
        self.register_buffer("eps_out", torch.empty(outputs))
        self.draw()

    def draw(self):
        for eps in (self.eps_in, self.eps_out):
            eps.normal_()
            eps.copy_(eps.sign() * eps.abs().sqrt())

    def forward(self, x):
        weight = torch.addcmul(self.weight_mu, self.weight_sigma, torch.outer(self.eps_out, self.eps_in))
        return F.linear(x, weight, torch.addcmul(self.bias_mu, self.bias_sigma, self.eps_out))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.within = nn.Sequential(nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1), nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1))

    def forward(self, x):
        return x + self.within(x)


def impala():
    layers = []
    for before, after in ((4, 32), (32, 64), (64, 64)):
        layers += [nn.Conv2d(before, after, 3, 1, 1), nn.MaxPool2d(3, 2, 1), Residual(after), Residual(after)]
    return layers + [nn.ReLU(), nn.Flatten()], 64 * 11 * 11, 512


TRUNKS = {
    "impala": impala,
    "nature": lambda: ([nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3, 1), nn.ReLU(), nn.Flatten()], 3136, 512),
    "minatar": lambda: ([nn.Conv2d(4, 16, 3, 1), nn.ReLU(), nn.Flatten()], 1024, 128),
    "mlp": lambda: ([nn.Linear(4, 256), nn.ReLU()], 256, 256),
}


class Network(nn.Module):
    def __init__(self, scene):
        super().__init__()
        self.actions, self.atoms = scene["actions"], scene["atoms"]
        layers, features, hidden = TRUNKS[scene["trunk"]]()
        self.trunk = nn.Sequential(*layers)
        linear = NoisyLinear if scene["full"] else nn.Linear
        self.advantage = nn.Sequential(linear(features, hidden), nn.ReLU(), linear(hidden, self.actions * self.atoms))
        self.value = nn.Sequential(linear(features, hidden), nn.ReLU(), linear(hidden, self.atoms)) if scene["full"] else None
        self.noisy = [m for m in self.modules() if isinstance(m, NoisyLinear)]

    def forward(self, x):
        h = self.trunk(x)
        a = self.advantage(h)
        if self.value is None:
            return a.view(-1, self.actions, self.atoms) if self.atoms > 1 else a
        a = a.view(-1, self.actions, self.atoms)
        return self.value(h).view(-1, 1, self.atoms) + a - a.mean(1, keepdim=True)

    def draw(self):
        for layer in self.noisy:
            layer.draw()


def project(probability, returns, discounts, support):
    step = (V_MAX - V_MIN) / (support.numel() - 1)
    b = ((returns[:, None] + discounts[:, None] * support).clamp(V_MIN, V_MAX) - V_MIN) / step
    low = b.floor().clamp(max=support.numel() - 2)
    share = b - low
    out = torch.zeros_like(probability)
    out.scatter_add_(1, low.long(), probability * (1 - share))
    out.scatter_add_(1, low.long() + 1, probability * share)
    return out


def make_optimiser(scene, parameters, words):
    how = {word: True for word in ("foreach", "fused") if word in words}
    if "loop" in words:
        how = {"foreach": False}
    if "graph" in words:
        how["capturable"] = True
    if scene["rule"] == "adam":
        return torch.optim.Adam(parameters, lr=scene["rate"], eps=scene["eps"], **how)
    return torch.optim.RMSprop(parameters, lr=scene["rate"], alpha=0.95, eps=scene["eps"], centered=True, **how)


class Learner:
    def __init__(self, scene, setting):
        words = setting.split("-")
        self.scene, self.last, self.bf16 = scene, "last" in words, "bf16" in words
        self.online, self.target = Network(scene), Network(scene)
        self.target.load_state_dict(self.online.state_dict())
        if self.last:
            self.online, self.target = (n.to(memory_format=torch.channels_last) for n in (self.online, self.target))
        if self.bf16:
            self.target = self.target.to(torch.bfloat16)
        self.optimiser = make_optimiser(scene, self.online.parameters(), words)
        self.clip_foreach = True if {"foreach", "fused"} & set(words) else None
        compiled = torch.compile if "compile" in words else lambda f: f
        self.losses_of = compiled(self.losses)
        self.step = self.optimiser.step if "fused" in words else compiled(self.optimiser.step)
        batch = scene["batch"]
        make = (lambda: torch.randint(0, 256, (batch, *scene["shape"]), dtype=torch.uint8)) if len(scene["shape"]) > 1 else (lambda: torch.rand(batch, *scene["shape"]))
        self.states, self.next_states = make(), make()
        self.support, self.rows = torch.linspace(V_MIN, V_MAX, scene["atoms"]), torch.arange(batch)
        self.actions = torch.randint(0, scene["actions"], (batch,))
        self.returns, self.weights, self.discounts = torch.rand(batch), torch.ones(batch), torch.full((batch,), 0.97)

    def picture(self, x):
        if x.dtype != torch.uint8:
            return x
        x = x.float() / 255
        return x.contiguous(memory_format=torch.channels_last) if self.last else x

    def losses(self, states, next_states):
        """Each sample's loss and priority."""
        states, next_states = self.picture(states), self.picture(next_states)
        for_target = next_states.bfloat16() if self.bf16 else next_states
        with torch.no_grad():
            ahead = self.target(for_target).float()
        if self.scene["atoms"] == 1:
            goal = self.returns + self.discounts * ahead.max(1)[0]
            q = self.online(states).float().gather(1, self.actions[:, None])[:, 0]
            return F.smooth_l1_loss(q, goal, reduction="none"), (q - goal).detach().abs()
        with torch.no_grad():
            chooser = self.online(next_states).float() if self.scene["full"] else ahead
            best = (chooser.softmax(2) * self.support).sum(2).argmax(1)
            goal = project(ahead.softmax(2)[self.rows, best], self.returns, self.discounts, self.support)
        losses = -(goal * F.log_softmax(self.online(states).float()[self.rows, self.actions], 1)).sum(1)
        return losses, losses.detach() + (goal * goal.clamp_min(1e-30).log()).sum(1)

    def compute(self):
        """One update; the priorities, where they were computed."""
        self.target.draw()
        with torch.autocast(self.rows.device.type, torch.bfloat16, enabled=self.bf16):
            losses, priorities = self.losses_of(self.states, self.next_states)
        self.optimiser.zero_grad(set_to_none=True)
        (losses * self.weights).mean().backward()
        if self.scene["clip"]:
            nn.utils.clip_grad_norm_(self.online.parameters(), self.scene["clip"], foreach=self.clip_foreach)
        self.step()
        self.online.draw()
        return priorities

    def update(self):
        return self.compute().numpy()


def settings_of(scene):
    """The settings worth a trial. These are left out because they were slower in every trial: for large networks the plain loop with Adam
    and compiled code in f32; for small networks fpmath."""
    adam, small = scene["rule"] == "adam", scene["trunk"] != "nature"
    compiler = shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")
    rules = ["fused", "foreach"] if adam else ["loop", "foreach"]
    names = []
    for rule in rules:
        for last in ("", "-last") if len(scene["shape"]) > 1 else ("",):
            kinds = ("", "-bf16") if small else ("", "-bf16", "-fpmath")
            if compiler:
                kinds += ("-compile", "-compile-bf16")
            names += [f"{rule}{last}{kind}-{threads}" for kind in kinds for threads in (("1t", "2t") if small else ("2t",))]
    return ["default"] + names


def start(scene, setting, default_threads, **changes):
    words = setting.split("-")
    threads = [int(w[:-1]) for w in words if w[:-1].isdigit() and w[-1] == "t"]
    torch.set_num_threads(threads[0] if threads else default_threads)
    kind = "bf16" if "fpmath" in words else "ieee"
    torch.backends.mkldnn.matmul.fp32_precision = torch.backends.mkldnn.conv.fp32_precision = kind
    torch.manual_seed(1)
    return Learner({**scene, **changes}, setting)


def measure(learner, updates):
    times = []
    for _ in range(updates):
        begin = time.perf_counter()
        learner.update()
        times.append(1e3 * (time.perf_counter() - begin))
    return {"median_ms": statistics.median(times), "min_ms": min(times)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", default="rainbow", choices=list(SCENES))
    parser.add_argument("--setting", default="all", help="words joined by -, several joined by a comma, or all")
    parser.add_argument("--updates", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=5)
    rounds.add_serve(parser)
    options = parser.parse_args()
    default_threads = torch.get_num_threads()
    scene = SCENES[options.scene]
    for name in settings_of(scene) if options.setting == "all" else options.setting.split(","):
        learner = start(scene, name, default_threads)
        for _ in range(options.warmup):
            learner.update()
        for _ in rounds.rounds(options.serve):
            rounds.report(scene=options.scene, setting=name, torch=torch.__version__, threads=torch.get_num_threads(),
                          **measure(learner, options.updates))


if __name__ == "__main__":
    main()
