#!/usr/bin/env python3
"""Makes net_golden.txt: what PyTorch computes for the networks of tests/nn/test_net_golden.c.

Weights, noise, observations and output gradients come from a linear congruential generator that the test has too, so
that only results are stored: the outputs, the gradient's norm, and of every parameter's gradient and of every parameter
after ten updates the largest size, the product with a vector of that generator, and a few entries (all where there are few).
Runs in float64: the truth should not have rounding of its own. "rmsprop" and "centred" add epsilon under the root, as Mnih et
al. 2015 do and torch.optim.RMSprop does not, so their rule is written out; "torch" and "torch-centred" are PyTorch's RMSprop,
and Adam, RAdam and clipping are its own, too. "adamw" and "radamw" decay weights, but not biases, which are a parameter group of
their own.

A ReLU's input that rounding can push over 0 changes a gradient by far more than rounding does. So seeds are tried until
none comes nearer to 0 than MARGIN in any run of that network.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
SAMPLES = 24
MARGIN = 1e-6
nearest = [1.0]  # size of the smallest ReLU input so far


def lcg(seed, count):
    """`count` numbers in [-1, 1), whole multiples of 2^-23: x <- a x + c, from the fourth on, by doubling the steps known."""
    a, c = np.uint64(6364136223846793005), np.uint64(1442695040888963407)
    factor, term = np.array([a]), np.array([c])
    while len(factor) < count + 4:
        factor, term = np.append(factor, factor * factor[-1]), np.append(term, factor * term[-1] + term)
    start = np.uint64((seed * 2654435761 + 12345) & 0xFFFFFFFFFFFFFFFF)
    return ((factor * start + term) >> np.uint64(40))[4:count + 4] / 8388608.0 - 1.0


CONVS = {
    "nature": [(32, 8, 4), (64, 4, 2), (64, 3, 1)],
    "nature42": [(32, 4, 2), (64, 4, 2), (64, 3, 1)],
    "nips": [(16, 8, 4), (32, 4, 2)],
    "der": [(32, 5, 5), (64, 5, 5)],
    "minatar": [(16, 3, 1)],
}
ALL = [(rule, clip) for rule in ("adam", "rmsprop", "centred") for clip in ("none", "norm", "value")] + [("torch", "none"), ("torch-centred", "norm"), ("radam", "none"), ("radam", "norm"), ("adamw", "none"), ("adamw", "norm"), ("radamw", "norm")]
ONE, TWO = [("adam", "norm")], [("adam", "norm"), ("centred", "value"), ("adamw", "none")]
# name, trunk, mlp widths, (planes, height, width), bytes, actions, outputs, hidden, dueling, noisy, batch, rules
NETS = [
    ("plain", "mlp", [20, 12], (5, 1, 1), False, 3, 1, 0, False, "off", 7, ALL),
    ("hidden", "mlp", [20], (5, 1, 1), False, 3, 1, 18, False, "off", 40, ONE),
    ("dueling", "mlp", [33], (5, 1, 1), False, 4, 1, 17, True, "off", 6, ONE),
    ("factorised", "mlp", [16], (6, 1, 1), False, 3, 1, 20, False, "factorised", 5, ALL),
    ("independent", "mlp", [16], (6, 1, 1), False, 3, 1, 20, False, "independent", 5, ALL),
    ("atoms", "mlp", [24], (4, 1, 1), False, 2, 11, 16, False, "off", 6, ONE),
    ("everything", "mlp", [24], (4, 1, 1), False, 3, 7, 40, True, "factorised", 6, ALL),
    ("many", "mlp", [10], (4, 1, 1), False, 3, 7, 40, True, "factorised", 130, ONE),
    ("linear", "mlp", [], (4, 1, 1), False, 2, 1, 0, True, "off", 3, ONE),
    ("pixels-mlp", "mlp", [9], (2, 5, 3), True, 2, 1, 0, False, "off", 3, ONE),
    ("nature", "nature", [], (1, 84, 84), True, 3, 1, 8, False, "off", 3, ONE),
    ("nature-small", "nature42", [], (2, 20, 22), True, 3, 5, 12, True, "factorised", 9, TWO),
    ("nips", "nips", [], (3, 44, 52), True, 4, 1, 10, True, "independent", 9, ONE),
    ("der", "der", [], (4, 50, 53), False, 2, 3, 6, False, "off", 2, ONE),
    ("minatar", "minatar", [], (5, 10, 10), True, 6, 1, 24, False, "off", 11, ONE),
]


def build(net, number):
    """Tensors in the order and by the names of rb_net_tensor_info, and the noise of each sigma."""
    _, trunk, mlp, (planes, height, width), _, actions, outputs, hidden, dueling, noisy, _, _ = net
    shapes = []
    if trunk == "mlp":
        fan = planes * height * width
        for i, n in enumerate(mlp):
            shapes += [(f"trunk.{i}.weight", (n, fan)), (f"trunk.{i}.bias", (n,))]
            fan = n
    else:
        c, h, w = planes, height, width
        for i, (n, k, s) in enumerate(CONVS[trunk]):
            shapes += [(f"trunk.{i}.weight", (n, c, k, k)), (f"trunk.{i}.bias", (n,))]
            c, h, w = n, (h - k) // s + 1, (w - k) // s + 1
        fan = c * h * w
    streams = [("advantage", actions * outputs), ("value", outputs)] if dueling else [("head", actions * outputs)]

    def linear(name, n, m):
        if noisy == "off":
            return [(name + ".weight", (n, m)), (name + ".bias", (n,))]
        return [(name + ".weight_mu", (n, m)), (name + ".bias_mu", (n,)), (name + ".weight_sigma", (n, m)), (name + ".bias_sigma", (n,))]

    for stage in ([0, 1] if hidden else [0]):
        last = stage == (1 if hidden else 0)
        for name, n in streams:
            shapes += linear(f"{name}.{stage}", n if last else hidden, hidden if stage == 1 else fan)

    tensors, noise, fan = {}, {}, 1
    for i, (name, shape) in enumerate(shapes):
        if len(shape) > 1:
            fan = int(np.prod(shape[1:]))
        u = lcg(number * 1000 + i * 10, int(np.prod(shape)))
        value = (0.5 + 0.25 * u) / np.sqrt(fan) if "sigma" in name else u / np.sqrt(fan)
        value = value.astype(np.float32).astype(np.float64)
        tensors[name] = torch.tensor(value.reshape(shape), requires_grad=True)
        if "weight_sigma" in name:
            count = sum(shape) if noisy == "factorised" else int(np.prod(shape))
            noise[name] = torch.tensor((1.5 * lcg(number * 1000 + i * 10 + 1, count)).astype(np.float32).astype(np.float64))
        if "bias_sigma" in name:
            if noisy == "factorised":
                noise[name] = noise[name.replace("bias", "weight")][-shape[0]:]
            else:
                noise[name] = torch.tensor((1.5 * lcg(number * 1000 + i * 10 + 1, shape[0])).astype(np.float32).astype(np.float64))
    return tensors, noise


def relu(x):
    nearest[0] = min(nearest[0], float(x.detach().abs().min()))
    return F.relu(x)


def forward(net, t, noise, x):
    _, trunk, mlp, _, _, actions, outputs, hidden, dueling, noisy, batch, _ = net

    def linear(name, x):
        if noisy == "off" or name.startswith("trunk"):
            return F.linear(x, t[name + ".weight"], t[name + ".bias"])
        e, (n, m) = noise[name + ".weight_sigma"], t[name + ".weight_mu"].shape
        e = torch.outer(e[m:], e[:m]) if noisy == "factorised" else e.reshape(n, m)
        return F.linear(x, t[name + ".weight_mu"] + t[name + ".weight_sigma"] * e,
                        t[name + ".bias_mu"] + t[name + ".bias_sigma"] * noise[name + ".bias_sigma"])

    if trunk == "mlp":
        x = x.flatten(1)
        for i in range(len(mlp)):
            x = relu(linear(f"trunk.{i}", x))
    else:
        for i, (_, _, s) in enumerate(CONVS[trunk]):
            x = relu(F.conv2d(x, t[f"trunk.{i}.weight"], t[f"trunk.{i}.bias"], stride=s))
        x = x.flatten(1)

    def stream(name):
        return linear(name + ".1", relu(linear(name + ".0", x))) if hidden else linear(name + ".0", x)

    if not dueling:
        return stream("head").reshape(batch, actions, outputs)
    a, v = stream("advantage").reshape(batch, actions, outputs), stream("value").reshape(batch, 1, outputs)
    return v + a - a.mean(1, keepdim=True)


class RMSProp:
    def __init__(self, parameters, rate, decay, epsilon, centred):
        self.p, self.rate, self.decay, self.epsilon, self.centred = list(parameters), rate, decay, epsilon, centred
        self.mean = [torch.zeros_like(p) for p in self.p]
        self.square = [torch.zeros_like(p) for p in self.p]

    def step(self):
        with torch.no_grad():
            for p, m, v in zip(self.p, self.mean, self.square):
                v.mul_(self.decay).add_((1 - self.decay) * p.grad**2)
                m.mul_(self.decay).add_((1 - self.decay) * p.grad)
                p -= self.rate * p.grad / torch.sqrt((v - m**2 if self.centred else v) + self.epsilon)


def summary(values, seed):
    values = values.detach().numpy().flatten()
    n = len(values)
    entries = values if n <= SAMPLES else values[[(k * 7919 + 13) % n for k in range(SAMPLES)]]
    numbers = [np.abs(values).max(), np.dot(values, lcg(seed, n)), *entries]
    return f"{len(entries)} " + " ".join(f"{v:.9g}" for v in numbers)


def results(net, number):
    """The lines of one network, or None where a ReLU came too near to its edge."""
    name, _, _, (planes, height, width), is_bytes, actions, outputs, *_, batch, rules = net
    u = lcg(number * 1000 + 900, batch * planes * height * width)
    x = torch.tensor(np.floor((u + 1) * 128) / 255 if is_bytes else u).reshape(batch, planes, height, width)
    target = torch.tensor(lcg(number * 1000 + 901, batch * actions * outputs)).reshape(batch, actions, outputs) / batch

    def loss(tensors, noise):
        q = forward(net, tensors, noise, x)
        return q, (target * q).sum() + 0.025 * (q * q).sum()

    nearest[0] = 1.0
    tensors, noise = build(net, number)
    q, value = loss(tensors, noise)
    value.backward()
    norm = torch.sqrt(sum((t.grad**2).sum() for t in tensors.values()))
    lines = [f"net {name} {number}", f"outputs {q.numel()} " + " ".join(f"{v:.9g}" for v in q.detach().numpy().flatten()), f"norm {norm:.9g}"]
    lines += [f"gradient {key} " + summary(t.grad, i) for i, (key, t) in enumerate(tensors.items())]
    for rule, clip in rules:
        tensors, noise = build(net, number)
        if rule == "adam":
            optimiser = torch.optim.Adam(tensors.values(), lr=6.25e-4, eps=1.5e-4)
        elif rule == "radam":  # not rectified in the first five updates
            optimiser = torch.optim.RAdam(tensors.values(), lr=6.25e-4, eps=1.5e-4)
        elif rule in ("adamw", "radamw"):
            groups = [{"params": [t for key, t in tensors.items() if ("bias" in key) == bias], "weight_decay": 0 if bias else 3.0}
                      for bias in (False, True)]
            if rule == "adamw":
                optimiser = torch.optim.AdamW(groups, lr=6.25e-4, eps=1.5e-4)
            else:
                optimiser = torch.optim.RAdam(groups, lr=6.25e-4, eps=1.5e-4, decoupled_weight_decay=True)
        elif rule.startswith("torch"):
            optimiser = torch.optim.RMSprop(tensors.values(), lr=2.5e-3, alpha=0.95, eps=0.01, centered=rule == "torch-centred")
        else:
            optimiser = RMSProp(tensors.values(), 2.5e-3, 0.95, 0.01, rule == "centred")
        for _ in range(10):
            for t in tensors.values():
                t.grad = None
            loss(tensors, noise)[1].backward()
            if nearest[0] < MARGIN:
                return None
            if clip == "norm":
                torch.nn.utils.clip_grad_norm_(tensors.values(), 0.5)
            if clip == "value":
                torch.nn.utils.clip_grad_value_(tensors.values(), 0.02)
            optimiser.step()
        lines.append(f"rule {rule} {clip}")
        lines += [f"after {key} " + summary(t, i) for i, (key, t) in enumerate(tensors.items())]
    return lines


def main(out):
    print(f"# {sys.argv[0].split('/')[-1]}: torch {torch.__version__}, numpy {np.__version__}, float64", file=out)
    for number, net in enumerate(NETS):
        while (lines := results(net, number)) is None:
            number += len(NETS)
        print("\n".join(lines), file=out)
        print(net[0], "seed", number, "nearest", nearest[0])
    print("end", file=out)


if __name__ == "__main__":
    with open(sys.argv[1] if len(sys.argv) > 1 else "net_golden.txt", "w") as out:
        main(out)
