#!/usr/bin/env python3
"""The update of torch_update.py on a GPU: eager, compiled and as one CUDA graph, to compare with `rainbow bench learner` on it.

    torch_device_update.py --scene rainbow                                   every setting worth a trial
    torch_device_update.py --scene impala --setting fused-last-bf16-graph

Scenes and settings are those of torch_update.py without the words for threads and fpmath, and with
    tf32     f32 tensors, products in TF32
    graph    the whole update is captured once as a CUDA graph, and replayed
An update begins with the batch in pinned memory of the host and ends with its priorities there, as in Rainbow.
Prints one JSON object per line, like torch_update.py. Run on the processor only (--device cpu), not yet on a GPU.
"""
import argparse

import rounds
import torch_update  # which ends here if torch is missing
import torch

BATCH = ("states", "next_states", "actions", "returns", "weights", "discounts")


class Learner(torch_update.Learner):
    def __init__(self, scene, setting):
        super().__init__(scene, setting)
        self.on_gpu = self.rows.device.type == "cuda"
        here = [getattr(self, name).cpu() for name in BATCH]
        self.sent = [tensor.pin_memory() for tensor in here] if self.on_gpu else here
        self.graph = None
        if "graph" in setting.split("-"):
            self.capture()

    def capture(self):
        """Of the computation alone: a graph reads and writes the same memory each time it is replayed."""
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):  # what is allocated or chosen only once must not become part of it
                self.compute()
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.priorities = self.compute()

    def update(self):
        for name, tensor in zip(BATCH, self.sent):
            getattr(self, name).copy_(tensor, non_blocking=True)
        if self.graph:
            self.graph.replay()
        else:
            self.priorities = self.compute()
        return self.priorities.cpu().numpy()


def settings_of(scene, device):
    rule = "fused" if scene["rule"] == "adam" else "foreach"
    last = "-last" if len(scene["shape"]) > 1 else ""
    graph = ("", "-graph") if device == "cuda" else ("",)
    kinds = ("", "-tf32", "-bf16") if device == "cuda" else ("", "-bf16")
    return [f"{rule}{last}{kind}{how}{captured}" for kind in kinds for how in ("", "-compile") for captured in graph]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--scene", default="rainbow", choices=list(torch_update.SCENES))
    parser.add_argument("--setting", default="all", help="words joined by -, several joined by a comma, or all")
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--warmup", type=int, default=20)
    options = parser.parse_args()
    torch.set_default_device(options.device)
    scene = torch_update.SCENES[options.scene]
    for setting in settings_of(scene, options.device) if options.setting == "all" else options.setting.split(","):
        products = "tf32" if "tf32" in setting.split("-") else "ieee"
        if options.device == "cuda":
            torch.backends.cuda.matmul.fp32_precision = torch.backends.cudnn.conv.fp32_precision = products
        torch.manual_seed(1)
        learner = Learner(scene, setting)
        for _ in range(options.warmup):
            learner.update()
        rounds.report(scene=options.scene, setting=setting, torch=torch.__version__, device=options.device,
                      **torch_update.measure(learner, options.updates))


if __name__ == "__main__":
    main()
