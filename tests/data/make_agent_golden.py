#!/usr/bin/env python3
"""Makes agent_golden.bin: ten updates of the agent calculated by PyTorch in double precision.

    make_agent_golden.py PROGRAM        PROGRAM: the built test_agent_golden

PROGRAM --dump gives what the updates start from (settings, weights, batches, the noise drawn); everything after that is
calculated here, from the papers' equations and PyTorch's autograd, Adam and gradient clipping. Losses, Q-values and priorities of
all updates, the gradients of the first and the parameters after the tenth are written for the test to compare.
"""
import os
import platform
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
NAMES = ["double", "dueling", "categorical", "noisy", "loss", "priority", "optimiser", "learning_rate", "beta1", "beta2",
         "decay", "epsilon", "clip_norm", "clip_value", "atoms", "v_min", "v_max", "actions", "planes", "height", "width",
         "picture", "updates", "copy_after", "batch", "tau", "head", "quantiles", "kappa", "tau_samples", "tau_targets",
         "tau_values", "cosines", "munchausen", "munchausen_alpha", "munchausen_tau", "munchausen_clip", "histogram", "hl_sigma",
         "masks"]
FACTORISED = 1  # the choices, numbered as in the parameter table
HUBER, HALF_SQUARED = 0, 2
ADAM, RMSPROP_CENTERED = 0, 2
KL = 0
CATEGORICAL, QUANTILE, IMPLICIT = 2, 3, 4
DECIMALS = ("kappa", "munchausen_alpha", "munchausen_tau", "munchausen_clip", "hl_sigma", "learning_rate", "beta1", "beta2", "decay", "epsilon", "clip_norm", "clip_value", "tau")


def read_records(path):
    data, at, records = open(path, "rb").read(), 0, {}
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        name = data[at + 4:at + 4 + length].decode()
        (count,) = struct.unpack_from("<I", data, at + 4 + length)
        at += 8 + length
        records[name] = torch.from_numpy(np.frombuffer(data, "<f4", count, at).astype(np.float64))
        at += 4 * count
    return records


def write_record(file, name, values):
    values = np.asarray(values, dtype="<f4").ravel()
    file.write(struct.pack("<I", len(name)) + name.encode() + struct.pack("<I", values.size) + values.tobytes())


class Case:
    def __init__(self, name, records):
        prefix = name + "/"
        self.name = name
        self.records = {k[len(prefix):]: v for k, v in records.items() if k.startswith(prefix)}
        s = dict(zip(NAMES, self.records["settings"].tolist()))
        for key in s:  # float32 of a short decimal: back to the decimal
            s[key] = float(f"{s[key]:.6g}") if key in DECIMALS else int(s[key]) if s[key] == int(s[key]) else s[key]
        self.s = s
        self.online = {k[len("before/"):]: v.reshape([int(d) for d in self.records["shape/" + k[len("before/"):]]]).clone()
                       for k, v in self.records.items() if k.startswith("before/")}
        self.target = {k: v.clone() for k, v in self.online.items()}
        if s["head"] == QUANTILE:
            s["atoms"] = s["quantiles"]
        self.support = torch.linspace(s["v_min"], s["v_max"], s["atoms"]) if s["categorical"] else None
        self.m = {k: torch.zeros_like(v) for k, v in self.online.items()}
        self.v = {k: torch.zeros_like(v) for k, v in self.online.items()}

    # ---- network

    def linear(self, x, weights, layer, noise):
        if layer + ".weight" in weights:
            return F.linear(x, weights[layer + ".weight"], weights[layer + ".bias"])
        w, b = weights[layer + ".weight_mu"], weights[layer + ".bias_mu"]
        eps = noise[layer + ".weight_sigma"]
        if self.s["noisy"] == FACTORISED:  # f(eps) of the inputs, then of the outputs
            into, b_noise = eps[:w.shape[1]], eps[w.shape[1]:]
            w_noise = torch.outer(b_noise, into)
        else:
            w_noise, b_noise = eps.reshape(w.shape), noise[layer + ".bias_sigma"]
        w = w + weights[layer + ".weight_sigma"] * w_noise
        b = b + weights[layer + ".bias_sigma"] * b_noise
        return F.linear(x, w, b)

    def outputs(self, weights, observations, noise, fractions=None):
        """[B][A][Z], of an implicit head with one Z for each of the fractions [B][Z]"""
        s = self.s
        if s["picture"]:
            x = observations.reshape(s["batch"], s["planes"], s["height"], s["width"]) / 255
            for i, stride in enumerate((4, 2)):
                x = F.relu(F.conv2d(x, weights[f"trunk.{i}.weight"], weights[f"trunk.{i}.bias"], stride))
            x = x.flatten(1)
        else:
            x = observations.reshape(s["batch"], -1)
            if any(name.startswith("trunk.0.") for name in weights):
                x = F.relu(self.linear(x, weights, "trunk.0", noise))

        def stream(name):
            return self.linear(F.relu(self.linear(x, weights, name + ".0", noise)), weights, name + ".1", noise)

        if s["head"] == IMPLICIT:
            angles = torch.pi * torch.arange(s["cosines"]) * fractions[:, :, None]
            x = x[:, None, :] * F.relu(self.linear(torch.cos(angles), weights, "embedding.0", noise))  # [B][Z][features]
            if not s["dueling"]:
                return stream("head").transpose(1, 2)
            advantage, value = stream("advantage"), stream("value")
            return (value + advantage - advantage.mean(2, keepdim=True)).transpose(1, 2)
        if not s["dueling"]:
            return stream("head").reshape(s["batch"], s["actions"], s["atoms"])
        advantage = stream("advantage").reshape(s["batch"], s["actions"], s["atoms"])
        value = stream("value").reshape(s["batch"], 1, s["atoms"])
        return value + advantage - advantage.mean(1, keepdim=True)

    def q(self, outputs):
        if self.s["head"] in (QUANTILE, IMPLICIT):
            return outputs.mean(2)
        return (F.softmax(outputs, 2) * self.support).sum(2) if self.s["categorical"] else outputs.squeeze(2)

    # ---- one update

    def targets(self, batch, noise):
        """Scalar [B], or distributions [B][Z] and the share of their mass that lay outside the support."""
        s = self.s
        taus = batch["fractions"]
        value = self.outputs(self.target, batch["next_states"], noise["target"], taus.get("next"))
        if s["double"] and not s["munchausen"]:
            chooser = self.outputs(self.online, batch["next_states"], noise["online"], taus.get("choice"))
        else:
            chooser = value
            if s["head"] == IMPLICIT:  # the last fractions choose, the others are the target's
                value, chooser = value[:, :, :s["tau_targets"]], value[:, :, s["tau_targets"]:]
        q_next = self.q(chooser).masked_fill(~batch["next_mask"], -torch.inf)
        best = q_next.argmax(1)
        rows = torch.arange(s["batch"])
        if s["munchausen"]:
            q_state = self.q(self.outputs(self.target, batch["states"], noise["target"], taus.get("soft")))
            scaled_log = s["munchausen_tau"] * F.log_softmax(
                q_state.masked_fill(~batch["mask"], -torch.inf) / s["munchausen_tau"], 1)
            taken = scaled_log[rows, batch["actions"].long()].clamp(s["munchausen_clip"], 0)
            rewards = batch["returns"] + s["munchausen_alpha"] * taken
            policy = F.softmax(q_next / s["munchausen_tau"], 1)
            entropy = -s["munchausen_tau"] * F.log_softmax(q_next / s["munchausen_tau"], 1)
            entropy = entropy.masked_fill(~batch["next_mask"], 0)
        else:
            rewards = batch["returns"]
            policy, entropy = F.one_hot(best, s["actions"]).double(), torch.zeros(s["batch"], s["actions"])
        if s["head"] in (QUANTILE, IMPLICIT):
            following = (policy[:, :, None] * (value + entropy[:, :, None])).sum(1)
            return rewards[:, None] + batch["discounts"][:, None] * following, 0.0
        if s["histogram"]:
            y = rewards + batch["discounts"] * (policy * (self.q(value) + entropy)).sum(1)
            outside = ((y < s["v_min"]) | (y > s["v_max"])).double().mean().item()
            distance = (s["v_max"] - s["v_min"]) / (s["atoms"] - 1)
            edges = torch.linspace(s["v_min"] - distance / 2, s["v_max"] + distance / 2, s["atoms"] + 1)
            normal = torch.distributions.Normal(y.clamp(s["v_min"], s["v_max"])[:, None], s["hl_sigma"] * distance)
            below = normal.cdf(edges[None, :].expand(s["batch"], -1))
            return below.diff(dim=1) / (below[:, -1:] - below[:, :1]), outside
        if s["munchausen"] and s["categorical"]:
            p = policy[:, :, None] * F.softmax(value, 2)  # [B][A][Z]
            t = rewards[:, None, None] + batch["discounts"][:, None, None] * (self.support + entropy[:, :, None])
            p, t = p.flatten(1), t.flatten(1)
            outside = (p * ((t < s["v_min"]) | (t > s["v_max"]))).sum(1).mean().item()
            distance = (s["v_max"] - s["v_min"]) / (s["atoms"] - 1)
            t = t.clamp(s["v_min"], s["v_max"])
            share = (1 - (t[:, None, :] - self.support[None, :, None]).abs() / distance).clamp(min=0)
            return (share * p[:, None, :]).sum(2), outside
        if s["munchausen"]:
            return rewards + batch["discounts"] * (policy * (self.q(value) + entropy)).sum(1), 0.0
        if not s["categorical"]:
            return batch["returns"] + batch["discounts"] * self.q(value)[rows, best], 0.0
        p = F.softmax(value[rows, best], 1)
        t = batch["returns"][:, None] + batch["discounts"][:, None] * self.support
        outside = (p * ((t < s["v_min"]) | (t > s["v_max"]))).sum(1).mean().item()
        t = t.clamp(s["v_min"], s["v_max"])
        distance = (s["v_max"] - s["v_min"]) / (s["atoms"] - 1)
        share = (1 - (t[:, None, :] - self.support[None, :, None]).abs() / distance).clamp(min=0)
        return (share * p[:, None, :]).sum(2), outside

    def loss(self, outputs, targets, batch):
        s = self.s
        taken = outputs[torch.arange(s["batch"]), batch["actions"].long()]
        if s["head"] in (QUANTILE, IMPLICIT):
            if s["head"] == IMPLICIT:
                fractions = batch["fractions"]["state"]
            else:
                fractions = ((torch.arange(s["atoms"]) + 0.5) / s["atoms"]).expand(s["batch"], -1)
            u = targets[:, None, :] - taken[:, :, None]  # [B][predicted][target]
            huber = torch.where(u.abs() <= s["kappa"], u ** 2 / 2, s["kappa"] * (u.abs() - s["kappa"] / 2))
            each = ((fractions[:, :, None] - (u < 0).double()).abs() * huber / s["kappa"]).mean(2).sum(1)
            return (batch["weights"] * each).mean(), each.detach()
        if s["categorical"]:
            cross = -(targets * F.log_softmax(taken, 1)).sum(1)
            entropy = -torch.xlogy(targets, targets).sum(1)
            return (batch["weights"] * cross).mean(), (cross - (entropy if s["priority"] == KL else 0)).detach()
        taken = taken.squeeze(1)
        each = F.huber_loss(taken, targets, reduction="none") if s["loss"] == HUBER else (taken - targets) ** 2
        if s["loss"] == HALF_SQUARED:
            each = each / 2
        return (batch["weights"] * each).mean(), (taken - targets).abs().detach()

    def apply(self, update):
        s = self.s
        parameters = list(self.online.values())
        if s["clip_norm"]:
            torch.nn.utils.clip_grad_norm_(parameters, s["clip_norm"])
        if s["clip_value"]:
            torch.nn.utils.clip_grad_value_(parameters, s["clip_value"])
        if s["optimiser"] == ADAM:
            if update == 0:
                self.adam = torch.optim.Adam(parameters, s["learning_rate"], (s["beta1"], s["beta2"]), s["epsilon"])
            self.adam.step()
            return
        with torch.no_grad():  # RMSProp as in the Nature paper: epsilon under the root, unlike torch.optim.RMSprop
            for key, p in self.online.items():
                self.v[key].mul_(s["decay"]).add_((1 - s["decay"]) * p.grad ** 2)
                spread = self.v[key]
                if s["optimiser"] == RMSPROP_CENTERED:
                    self.m[key].mul_(s["decay"]).add_((1 - s["decay"]) * p.grad)
                    spread = spread - self.m[key] ** 2
                p -= s["learning_rate"] * p.grad / (spread + s["epsilon"]).sqrt()

    def run(self, file):
        s, losses, q_means, clipped, priorities = self.s, [], [], [], []
        for p in self.online.values():
            p.requires_grad_(True)
        for u in range(s["updates"]):
            batch = {k: self.records[f"{u}/{k}"] for k in
                     ("states", "next_states", "actions", "returns", "discounts", "weights")}
            for mask in ("mask", "next_mask"):
                stored = self.records.get(f"{u}/{mask}s", torch.ones(s["batch"] * s["actions"]))
                batch[mask] = stored.reshape(s["batch"], s["actions"]) > 0
            batch["fractions"] = {k.split("/")[-1]: v.reshape(s["batch"], -1) for k, v in self.records.items()
                                  if k.startswith(f"{u}/fractions/")}
            noise = {net: {k[len(f"{u}/{net}/"):]: v for k, v in self.records.items() if k.startswith(f"{u}/{net}/")}
                     for net in ("online", "target")}
            with torch.no_grad():
                targets, outside = self.targets(batch, noise)
            outputs = self.outputs(self.online, batch["states"], noise["online"], batch["fractions"].get("state"))
            loss, priority = self.loss(outputs, targets, batch)
            for p in self.online.values():
                p.grad = None
            loss.backward()
            losses.append(loss.item())
            q_means.append(self.q(outputs.detach()).masked_fill(~batch["mask"], -torch.inf).max(1).values.mean().item())
            clipped.append(outside)
            priorities.append(priority.numpy())
            if u == 0:
                for key, v in noise["online"].items():
                    write_record(file, f"{self.name}/noise/{key}", v)
                for key, p in self.online.items():
                    write_record(file, f"{self.name}/gradient/{key}", p.grad)
            self.apply(u)
            if s["tau"]:
                self.target = {k: torch.lerp(self.target[k], v.detach(), s["tau"]) for k, v in self.online.items()}
            elif u + 1 == s["copy_after"]:
                self.target = {k: v.detach().clone() for k, v in self.online.items()}
        for key, p in self.online.items():
            write_record(file, f"{self.name}/after/{key}", p.detach())
        for name, values in (("loss", losses), ("q_mean", q_means), ("clipped", clipped), ("priorities", priorities)):
            write_record(file, f"{self.name}/{name}", values)


def main():
    with tempfile.TemporaryDirectory() as directory:
        dump = os.path.join(directory, "dump.bin")
        subprocess.run([sys.argv[1], "--dump", dump], check=True, stdout=subprocess.DEVNULL)
        records = read_records(dump)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "agent_golden.bin")
    with open(path, "wb") as file:
        write_record(file, f"made by make_agent_golden.py with Python {platform.python_version()}, PyTorch "
                           f"{torch.__version__}, NumPy {np.__version__}, in double precision", [])
        for name in dict.fromkeys(key.split("/")[0] for key in records):
            Case(name, records).run(file)
    print(f"{path}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
