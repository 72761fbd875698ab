#!/usr/bin/env python3
"""Makes norm_golden.txt: what PyTorch computes for the networks of tests/nn/test_norm_golden.c.

Networks are lists of layers as net.layers has them, made of torch.nn.Conv2d, Linear, BatchNorm1d, BatchNorm2d and
LayerNorm, of pools, residual blocks and parametrizations.spectral_norm. For each: outputs in training, the gradient's norm and every parameter's gradient; then parameters and
running statistics after three updates, and the outputs in evaluation. Weights, noise, observations and output
gradients come from the generator of make_net_golden.py, which the test has too. In float64.
"""
import sys

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from make_net_golden import SAMPLES, lcg, summary

torch.set_default_dtype(torch.float64)
MARGIN = 1e-6
nearest = [1.0]

# name, layers, (planes, height, width), bytes, centred, norm of the hidden layers, hidden, dueling, noisy, ReLU after the
# outputs, actions, outputs, batch
NETS = [
    ("batch", "conv 6 3 1, batch_norm, relu, conv 5 3 2 1, batch_norm, relu, linear 20, batch_norm, relu",
     (3, 11, 9), True, False, "none", 0, False, False, False, 4, 1, 7),
    ("layer", "conv 6 3 1, layer_norm, relu, conv 5 3 2 1, layer_norm, relu, linear 70, layer_norm, relu",
     (3, 11, 9), True, False, "layer", 18, True, False, False, 2, 3, 7),
    ("mixed", "batch_norm, conv 4 5 3 2, relu, layer_norm, conv 20 1 1, conv 7 2 1, relu, batch_norm, relu, layer_norm",
     (2, 12, 13), False, False, "batch", 10, True, False, False, 3, 1, 5),
    ("around", "layer_norm, relu, batch_norm, conv 3 3 2 1, batch_norm, conv 17 2 2, relu, conv 4 2 1 1, layer_norm",
     (2, 10, 9), True, True, "none", 0, False, False, False, 3, 1, 6),
    ("vector", "batch_norm, linear 33, layer_norm, relu, linear 70, batch_norm", (6, 1, 1), False, False, "batch", 9, False,
     False, False, 3, 1, 40),
    ("picture", "layer_norm, linear 9, relu, layer_norm", (2, 5, 3), True, True, "none", 0, False, False, False, 2, 1, 3),
    ("noisy", "conv 32 4 2, batch_norm, relu, conv 64 4 2, batch_norm, relu, conv 64 3 1, batch_norm, relu, linear 24, relu",
     (2, 20, 22), True, True, "layer", 12, True, True, False, 3, 5, 9),
    ("padded", "conv 8 5 2 2, relu, conv 8 3 1 1, conv 12 8 1 3, relu, conv 3 2 3", (4, 10, 9), True, True, "none", 9, False,
     False, True, 4, 1, 9),
    ("centred", "linear 12, relu", (3, 4, 5), True, True, "none", 0, True, False, True, 4, 1, 3),
    ("residual", "conv 6 3 1 1, max_pool 3 2 1, residual, residual, relu, linear 20, relu", (3, 11, 9), True, False, "none", 0,
     False, False, False, 4, 1, 7),
    ("spectral", "conv 20 3 1 1, spectral_norm, max_pool 2, residual, spectral_norm, relu, adaptive_max_pool 4", (2, 12, 13), True,
     True, "none", 10, True, True, False, 3, 3, 6),
    ("pools", "max_pool 3 2 1, conv 7 3 1, batch_norm, relu, adaptive_average_pool 4, residual, layer_norm, conv 18 1 1, "
     "global_average_pool", (2, 14, 12), False, False, "none", 9, False, False, False, 3, 1, 5),
    ("block", "residual, batch_norm, relu, residual, conv 4 3 1 1, max_pool 3 1", (17, 6, 7), False, False, "none", 0, False, False,
     False, 3, 1, 5),
    ("after", "conv 8 3 1 1, relu, residual, spectral_norm, max_pool 2 2, layer_norm, residual, relu, global_average_pool, linear 12",
     (1, 9, 8), True, False, "none", 0, False, False, False, 3, 1, 4),
    ("epsilon", "batch_norm, conv 16 3 1, layer_norm, relu", (4, 10, 10), True, False, "layer", 20, True, False, False, 3, 1,
     8),
    ("channel", "channel_norm, conv 6 3 1 1, channel_norm, relu, conv 20 3 2 1, channel_norm, relu, linear 30, channel_norm, relu",
     (3, 7, 9), True, False, "channel", 18, True, False, False, 3, 1, 9),
    ("append", "conv 20 3 2, relu, conv 5 2 1, relu, append, linear 30, relu", (3, 11, 9), True, False, "none", 0, False, False,
     False, 4, 1, 9),
    ("append_stack", "conv 18 3 1, batch_norm, relu, max_pool 2, append", (6, 9, 10), True, True, "none", 22, True, True, False, 3,
     5, 7),
    ("append_norm", "conv 9 3 1, layer_norm, relu, append, linear 20, layer_norm, relu", (2, 7, 8), False, False, "layer", 12, True,
     False, False, 3, 1, 6),
    ("append_wide", "conv 6 3 1 1, batch_norm, append", (2, 5, 6), True, False, "none", 40, True, False, False, 4, 1, 5),
    ("append_flat", "append, linear 21, relu", (4, 5, 3), True, False, "none", 9, False, False, False, 3, 1, 5),
]
# Numbers of the vector beside each frame's picture, and frames; the vectors join, the oldest frame's first, at "append".
VECTORS = {"append": (5, 1), "append_stack": (7, 3), "append_norm": (17, 2), "append_wide": (1100, 1), "append_flat": (6, 2)}
EPSILON = {"epsilon": 0.02}  # net.norm_epsilon; the other networks have PyTorch's


def relu(x):
    size = x.detach().abs()
    nearest[0] = min(nearest[0], float(size[size > 0].min()))
    return nn.functional.relu(x)


class MaxPool(nn.Module):
    """Also notes how near the largest two numbers of a window are: in float32 the other one could be the larger."""

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def forward(self, x):
        if isinstance(self.pool, nn.MaxPool2d):
            k, s, p = self.pool.kernel_size, self.pool.stride, self.pool.padding
            padded = nn.functional.pad(x.detach(), (p, p, p, p), value=-1e9)
            largest = padded.unfold(2, k, s).unfold(3, k, s).flatten(4).topk(2).values
            gaps = largest[..., 0] - largest[..., 1]
            nearest[0] = min(nearest[0], float(gaps[gaps > 0].min()))
        return self.pool(x)


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.convs = [nn.Conv2d(channels, channels, 3, 1, 1) for _ in range(2)]

    def forward(self, x):
        return x + self.convs[1](relu(self.convs[0](relu(x))))


class Noisy(nn.Module):
    """(mu + sigma * outer(out, in)) x + ..., the noise handed in; factorised."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight_mu, self.bias_mu, self.weight_sigma, self.bias_sigma = (
            nn.Parameter(torch.empty(s)) for s in [(outputs, inputs), (outputs,), (outputs, inputs), (outputs,)])
        self.on = True

    def forward(self, x):
        if not self.on:
            return nn.functional.linear(x, self.weight_mu, self.bias_mu)
        e, m = self.noise, self.weight_mu.shape[1]
        return nn.functional.linear(x, self.weight_mu + self.weight_sigma * torch.outer(e[m:], e[:m]), self.bias_mu + self.bias_sigma * e[m:])


class ChannelNorm(nn.LayerNorm):
    """Each pixel's channels, as Flax's LayerNorm on N, H, W, C."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Net(nn.Module):
    def __init__(self, net):
        super().__init__()
        _, layers, shape, _, _, norm, hidden, dueling, noisy, self.relu_outputs, self.actions, self.outputs, _ = net
        shape, self.trunk, self.affine, self.norms, self.spectral = list(shape), [], [], [], []
        self.epsilon = EPSILON.get(net[0], 1e-5)
        linear = lambda inputs, outputs, is_noisy: Noisy(inputs, outputs) if is_noisy else nn.Linear(inputs, outputs)
        if shape[1:] == [1, 1] and "conv" not in layers:
            shape = shape[:1]
        for line in layers.split(","):
            word, *numbers = line.split()
            numbers = [int(n) for n in numbers]
            if word == "conv":
                layer = nn.Conv2d(shape[0], *numbers)
                shape = list(layer(torch.zeros(1, *shape)).shape[1:])
                self.affine.append(layer)
            elif word == "linear":
                layer = linear(int(np.prod(shape)), numbers[0], noisy and "conv" in layers)
                shape = numbers
                self.affine.append(layer)
                self.trunk.append(nn.Flatten())
            elif word == "relu":
                layer = relu
            elif word == "append":
                layer, shape = self.append, [int(np.prod(shape)) + int(np.prod(VECTORS[net[0]]))]
            elif word == "residual":
                layer = Residual(shape[0])
                self.affine += layer.convs
            elif word == "spectral_norm":
                for conv in self.affine[-2:] if isinstance(self.trunk[-1], Residual) else self.affine[-1:]:
                    self.spectral.append(spectral_norm(conv))
                continue
            elif "pool" in word:
                layer = {"max_pool": lambda k, s=None, p=0: MaxPool(nn.MaxPool2d(k, s, p)),
                         "adaptive_max_pool": lambda n: MaxPool(nn.AdaptiveMaxPool2d(n)),
                         "adaptive_average_pool": nn.AdaptiveAvgPool2d,
                         "global_average_pool": lambda: nn.AdaptiveAvgPool2d(1)}[word](*numbers)
                shape = list(nn.Sequential(layer)(torch.rand(1, *shape)).shape[1:])
            else:
                layer = self.normal(word.split("_")[0], shape)
            self.trunk.append(layer)
        fan, self.streams = int(np.prod(shape)), []
        names = [("advantage", self.actions * self.outputs), ("value", self.outputs)] if dueling else [("head", self.actions * self.outputs)]
        first = [[linear(fan, hidden, noisy)] for _ in names] if hidden else [[] for _ in names]
        for parts in first:
            self.affine += parts
        for parts in first:
            if hidden:
                parts += ([self.normal(norm, [hidden])] if norm != "none" else []) + [relu]
        for parts, (_, n) in zip(first, names):
            parts.append(linear(hidden or fan, n, noisy))
            self.affine.append(parts[-1])
            self.streams.append([nn.Flatten()] + parts)
        for i, m in enumerate(self.affine + self.norms):
            self.add_module(f"m{i}", m)

    def normal(self, kind, shape):
        picture = len(shape) == 3
        make = {"batch": nn.BatchNorm2d if picture else nn.BatchNorm1d, "layer": nn.LayerNorm,
                "channel": ChannelNorm if picture else nn.LayerNorm}[kind]
        self.norms.append(make(shape if kind == "layer" else shape[0], eps=self.epsilon))
        return self.norms[-1]

    def append(self, x):
        return torch.cat([x.flatten(1), self.vector[: len(x)]], 1)

    def tensors(self):
        """In the order of rb_net_tensor_info: what stands in the affine layers, then in the normalisations."""
        for m in self.affine:
            if m in self.spectral:
                yield "weight", m.parametrizations.weight.original
                yield "bias", m.bias
                continue
            for name, p in m.named_parameters():
                yield name, p
        for m in self.norms:
            for name, p in list(m.named_parameters()) + list(m.named_buffers()):
                yield name, p
        for m in self.spectral:
            yield "weight_u", m.parametrizations.weight[0]._u
            yield "weight_v", m.parametrizations.weight[0]._v

    def iterate(self, on):
        """Whether the next passes make a step of the power iteration: one comes before each pass except the first."""
        for m in self.spectral:
            m.parametrizations.weight.train(on)

    def run(self, x):
        for layer in self.trunk:
            x = layer(x)
        ends = []
        for stream in self.streams:
            y = x
            for layer in stream:
                y = layer(y)
            ends.append(y)
        q = ends[0].reshape(len(x), self.actions, self.outputs)
        if len(ends) == 2:
            q = ends[1].reshape(len(x), 1, self.outputs) + q - q.mean(1, keepdim=True)
        return relu(q) if self.relu_outputs else q


def build(net, number):
    model = Net(net)
    fan, noise = 1, None
    with torch.no_grad():
        for i, (name, p) in enumerate(model.tensors()):
            affine = i < sum(len(list(m.parameters())) for m in model.affine)
            if name == "num_batches_tracked":
                continue
            u = lcg(number * 1000 + i * 10, p.numel())
            if name in ("weight_u", "weight_v"):
                value = u
            elif affine:
                fan = int(np.prod(p.shape[1:])) if p.dim() > 1 else fan
                value = (0.5 + 0.25 * u) / np.sqrt(fan) if "sigma" in name else u / np.sqrt(fan)
            else:
                value = 1 + 0.5 * u if name in ("weight", "running_var") else 0.5 * u
            p.copy_(torch.tensor(value.astype(np.float32).astype(np.float64).reshape(p.shape)))
            if name == "weight_sigma":
                u = lcg(number * 1000 + i * 10 + 1, sum(p.shape))
                noise = torch.tensor((1.5 * u).astype(np.float32).astype(np.float64))
                next(m for m in model.affine if getattr(m, "weight_sigma", None) is p).noise = noise
    return model


def numbers(values):
    return " ".join(f"{v:.9g}" for v in values.detach().numpy().flatten())


def results(net, number):
    name, _, shape, is_bytes, centred, *_, actions, outputs, batch = net
    u = lcg(number * 1000 + 900, batch * int(np.prod(shape)))
    x = np.floor((u + 1) * 128) if is_bytes else u
    x = torch.tensor(x / 127.5 - 1 if centred else x / 255 if is_bytes else x)
    model = build(net, number)
    if name in VECTORS:
        model.vector = torch.tensor(lcg(number * 1000 + 902, batch * int(np.prod(VECTORS[name])))).reshape(batch, -1)
    x = x.reshape(batch, *shape) if len(shape) == 3 and shape[1:] != (1, 1) else x.reshape(batch, -1)
    target = torch.tensor(lcg(number * 1000 + 901, batch * actions * outputs)).reshape(batch, actions, outputs) / batch
    nearest[0] = 1.0
    model.first_sigmas = [v.parametrizations.weight[0]._u @ v.parametrizations.weight.original.flatten(1)
                          @ v.parametrizations.weight[0]._v for v in model.spectral]
    optimiser = torch.optim.Adam(model.parameters(), lr=6.25e-4, eps=1.5e-4)
    lines = [f"net {name} {number}"]
    for update in range(3):
        optimiser.zero_grad()
        model.iterate(update > 0)
        q = model.run(x)
        ((target * q).sum() + 0.025 * (q * q).sum()).backward()
        if update == 0:
            norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
            lines += [f"outputs {q.numel()} {numbers(q)}", f"norm {norm:.9g}"]
            lines += [f"gradient {key} " + summary(torch.zeros_like(p) if p.grad is None else p.grad, i)
                      for i, (key, p) in enumerate(model.tensors())]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimiser.step()
    model.iterate(True)
    for m in model.spectral:
        m.weight  # the step that the next pass would make
    lines += [f"after {key} " + summary(p.double(), i) for i, (key, p) in enumerate(model.tensors())]
    model.eval()
    for m in model.affine:
        m.on = False
    with torch.no_grad():
        q = model.run(x[:3])
    lines.append(f"evaluation {q.numel()} {numbers(q)}")
    steady = all(abs(float(s.detach())) > 0.2 for s in model.first_sigmas)
    if "-v" in sys.argv:
        print(name, number, nearest[0], [float(s.detach()) for s in model.first_sigmas])
    return lines if nearest[0] >= MARGIN and steady else None


def main(out):
    print(f"# {sys.argv[0].split('/')[-1]}: torch {torch.__version__}, numpy {np.__version__}, float64", file=out)
    for number, net in enumerate(NETS):
        while (lines := results(net, number)) is None:
            number += len(NETS)
        print("\n".join(lines), file=out)
        print(net[0], "seed", number, "nearest", nearest[0])
    print("end", file=out)


if __name__ == "__main__":
    with open(sys.argv[1] if len(sys.argv) > 1 else "norm_golden.txt", "w") as out:
        main(out)
