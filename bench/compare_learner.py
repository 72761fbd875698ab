#!/usr/bin/env python3
"""One Rainbow update, ours against PyTorch's, on this machine: in turns, so that both meet the same noise.

    python3 bench/compare_learner.py --rainbow build/release/rainbow --python PYTHON_WITH_TORCH [--rounds 7] [--threads 2]

Each round runs `rainbow bench learner --preset rainbow` and then bench/peers/torch_update.py in each named setting, and the ratio is taken
round by round. Prints the medians, and ratios (PyTorch / ours) with their smallest and largest round.
"""
import argparse
import json
import pathlib
import statistics
import subprocess


def ours(options):
    words = [options.rainbow, "bench", "learner", "--preset=rainbow", f"--threads={options.threads}", "--updates=30", "--json"]
    if options.kernels:
        words.append(f"--kernels={options.kernels}")
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def theirs(options, setting):
    peer = pathlib.Path(__file__).parent / "peers" / "torch_update.py"
    words = [options.python, str(peer), "--setting", setting, "--threads", str(options.threads)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rainbow", default="build/release/rainbow")
    parser.add_argument("--python", default="python3")
    parser.add_argument("--kernels", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--settings", default="fused,fused-channels_last,foreach,foreach-channels_last",
                        help="PyTorch's settings to try (f32 unless they end in -bf16)")
    options = parser.parse_args()
    settings = options.settings.split(",")
    mine, peers = [], {s: [] for s in settings}
    for _ in range(options.rounds):
        mine.append(ours(options))
        for s in settings:
            peers[s].append(theirs(options, s))
    print(f"rainbow ({mine[0]['kernels']}, {options.threads} threads): median {statistics.median(m['median_ms'] for m in mine):.1f} ms")
    for s in settings:
        ratios = sorted(p["median_ms"] / m["median_ms"] for p, m in zip(peers[s], mine))
        print(f"PyTorch {peers[s][0]['torch']} {s}: median {statistics.median(p['median_ms'] for p in peers[s]):.1f} ms, "
              f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} .. {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
