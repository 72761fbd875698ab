"""Shared by the tests of exported C files: runs of the program, and what its agents saw and did.

Each test is called as  TEST.py RAINBOW  and exits with 0: passed, 1: failed, 77: not run, or only in part, because something is missing.
"""
import array
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RAINBOW = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "rainbow"
FAST = ["--eval.every_steps=0", "--compute.threads=1", "--tensorboard.enabled=false", "--plot.enabled=false", "--quiet"]
TYPES = {"F32": "f", "U8": "B", "I32": "i"}


def rainbow(folder, *words):
    result = subprocess.run([RAINBOW, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(words)}: {result.stderr}"
    return result.stdout


def train(folder, env, name, *words):
    """Returns the run's path."""
    rainbow(folder, "train", env, "--run.root=runs", "--run.group=g", f"--run.name={name}", *FAST, *words)
    return f"runs/g/{name}"


class Trace:
    """What an agent saw and did in some games: `observations`, one bytes object each, `actions`, `games`, and Q-values."""

    def __init__(self, folder, run, episodes):
        rainbow(folder, "eval", run, f"--episodes={episodes}", "--epsilon=0", "--threads=1", "--trace=trace.st", "--trace-steps=20000")
        with open(os.path.join(folder, "trace.st"), "rb") as file:
            data = file.read()
        start = 8 + int.from_bytes(data[:8], "little")
        held = {}
        for name, entry in json.loads(data[8:start]).items():
            if name != "__metadata__":
                first, end = entry["data_offsets"]
                held[name] = array.array(TYPES[entry["dtype"]], data[start + first:start + end])
        self.actions, self.games = held["actions"].tolist(), held["games"].tolist()
        self.bytes = held["observations"].typecode == "B"
        count, raw = len(self.actions), held["observations"].tobytes()
        size = len(raw) // count
        self.observations = [raw[i * size:(i + 1) * size] for i in range(count)]
        self.raw = raw
