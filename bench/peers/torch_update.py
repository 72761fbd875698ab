"""The full Rainbow update in PyTorch, written to be as fast as PyTorch lets it be, to stand beside `rainbow bench learner`.

Batch 32, 4 x 84 x 84 bytes, nature trunk, two noisy streams of 512 (factorised), 51 atoms, 6 actions, double, Adam, norm clipped
at 10: the online network on s and s', the target network on s', projection, cross-entropy, backward, clip, Adam, new noise.

Settings that matter to PyTorch's speed on a processor are tried (fused or foreach Adam, channels_last or not, f32 or bfloat16 autocast);
--setting picks one, `--setting all` times each. Prints one JSON object a line: {"setting": ..., "median_ms": ...}.
"""
import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

ACTIONS, ATOMS, BATCH, V_MIN, V_MAX = 6, 51, 32, -10.0, 10.0


class NoisyLinear(nn.Module):
    def __init__(self, inputs, outputs, sigma0=0.5):
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        bound = 1 / math.sqrt(inputs)
        self.weight_mu = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound))
        self.weight_sigma = nn.Parameter(torch.full((outputs, inputs), sigma0 * bound))
        self.bias_mu = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))
        self.bias_sigma = nn.Parameter(torch.full((outputs,), sigma0 * bound))
        self.draw()

    def draw(self):
        scale = lambda n: (lambda x: x.sign() * x.abs().sqrt())(torch.randn(n))
        self.eps_in, self.eps_out = scale(self.inputs), scale(self.outputs)

    def forward(self, x):
        weight = torch.addcmul(self.weight_mu, self.weight_sigma, torch.outer(self.eps_out, self.eps_in))
        return F.linear(x, weight, torch.addcmul(self.bias_mu, self.bias_sigma, self.eps_out))


class Rainbow(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(),
                                   nn.Conv2d(64, 64, 3, 1), nn.ReLU(), nn.Flatten())
        self.advantage = nn.Sequential(NoisyLinear(3136, 512), nn.ReLU(), NoisyLinear(512, ACTIONS * ATOMS))
        self.value = nn.Sequential(NoisyLinear(3136, 512), nn.ReLU(), NoisyLinear(512, ATOMS))

    def draw(self):
        for m in self.modules():
            if isinstance(m, NoisyLinear):
                m.draw()

    def forward(self, x):
        h = self.trunk(x)
        a = self.advantage(h).view(-1, ACTIONS, ATOMS)
        return self.value(h).view(-1, 1, ATOMS) + a - a.mean(1, keepdim=True)


def project(probability, returns, discounts, support):
    step = (V_MAX - V_MIN) / (ATOMS - 1)
    b = ((returns[:, None] + discounts[:, None] * support).clamp(V_MIN, V_MAX) - V_MIN) / step
    low = b.floor().clamp(max=ATOMS - 2)
    share = b - low
    out = torch.zeros_like(probability)
    out.scatter_add_(1, low.long(), probability * (1 - share))
    out.scatter_add_(1, low.long() + 1, probability * share)
    return out


class Learner:
    def __init__(self, adam, channels_last, bf16):
        self.online, self.target = Rainbow(), Rainbow()
        self.target.load_state_dict(self.online.state_dict())
        self.channels_last, self.bf16 = channels_last, bf16
        if channels_last:
            self.online, self.target = (n.to(memory_format=torch.channels_last) for n in (self.online, self.target))
        self.optimiser = torch.optim.Adam(self.online.parameters(), lr=6.25e-5, eps=1.5e-4, **{adam: True})
        self.support = torch.linspace(V_MIN, V_MAX, ATOMS)
        self.states, self.next_states = (torch.randint(0, 256, (BATCH, 4, 84, 84), dtype=torch.uint8) for _ in "12")
        self.actions = torch.randint(0, ACTIONS, (BATCH,))
        self.returns, self.weights = torch.rand(BATCH), torch.ones(BATCH)
        self.discounts = torch.full((BATCH,), 0.97)

    def picture(self, x):
        x = x.float() / 255
        return x.contiguous(memory_format=torch.channels_last) if self.channels_last else x

    def update(self):
        rows = torch.arange(BATCH)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            next_states = self.picture(self.next_states)
            with torch.no_grad():
                best = (self.online(next_states).float().softmax(2) * self.support).sum(2).argmax(1)
                self.target.draw()
                probability = self.target(next_states).float().softmax(2)[rows, best]
                goal = project(probability, self.returns, self.discounts, self.support)
            log_p = F.log_softmax(self.online(self.picture(self.states)).float()[rows, self.actions], 1)
        losses = -(goal * log_p).sum(1)
        self.optimiser.zero_grad(set_to_none=True)
        (losses * self.weights).mean().backward()
        nn.utils.clip_grad_norm_(self.online.parameters(), 10.0, foreach=True)
        self.optimiser.step()
        self.online.draw()
        priorities = losses.detach() + (goal * goal.clamp_min(1e-30).log()).sum(1)
        return priorities.numpy()


SETTINGS = {f"{adam}{'-channels_last' if last else ''}{'-bf16' if bf16 else ''}": (adam, last, bf16)
            for adam in ("fused", "foreach") for last in (False, True) for bf16 in (False, True)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", default="all", choices=["all", *SETTINGS])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--updates", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in SETTINGS if options.setting == "all" else [options.setting]:
        torch.manual_seed(1)
        learner = Learner(*SETTINGS[name])
        times = []
        for i in range(options.warmup + options.updates):
            start = time.perf_counter()
            learner.update()
            if i >= options.warmup:
                times.append(1e3 * (time.perf_counter() - start))
        print(json.dumps({"setting": name, "torch": torch.__version__, "threads": options.threads,
                          "median_ms": statistics.median(times), "min_ms": min(times)}), flush=True)


if __name__ == "__main__":
    main()
