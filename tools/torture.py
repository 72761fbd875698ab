"""What tools/torture_kills, torture_signals and torture_faults share: small runs of each kind, and how they are judged."""
import argparse
import csv
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
SMALL = ["--run.seed=3", "--net.hidden=16", "--eval.every_steps=200", "--eval.episodes=1", "--checkpoint.every_steps=50",
         "--plot.enabled=false", "--compute.threads=1", "--agent.start_steps=100", "--agent.batch=8"]
ATARI = ["atari/breakout", "--preset=der", "--run.max_steps=400", "--replay.capacity=400", *SMALL]
# Each: the words of `rainbow train`; whether it can be repeated bit by bit.
KINDS = {
    "classic": (["cartpole", "--preset=cartpole", "--run.max_steps=3000", "--replay.capacity=1000", "--net.mlp=16", *SMALL], True),
    "minatar": (["minatar/breakout", "--preset=minatar-rainbow", "--env.count=3", "--run.max_steps=1200", "--replay.capacity=600",
                 "--replay.prioritized=true", *SMALL], True),
    "atari": (ATARI, True),
    "compressed": ([*ATARI, "--replay.compress=lz4"], True),
    "gymnasium": (["gym/CartPole-v1", "--preset=cartpole", "--env.count=2", "--run.max_steps=1500", "--replay.capacity=1000",
                   "--net.mlp=16", *SMALL], False),
    "asynchronous": (["cartpole", "--preset=cartpole", "--env.count=3", "--env.asynchronous=true", "--run.max_steps=3000",
                      "--replay.capacity=1000", "--net.mlp=16", *SMALL], False),
}


def arguments(description, short):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("rainbow", help="the program, such as build/release/rainbow")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the random moments; default: another each time")
    parser.add_argument("--short", action="store_true", help=short)
    parser.add_argument("--only", metavar="KIND,...", help="only these kinds")
    given = parser.parse_args()
    given.rainbow = str(pathlib.Path(given.rainbow).resolve())
    print(f"seed {given.seed}")
    random.seed(given.seed)
    os.environ.setdefault("PYTHONPATH", str(TOP / "tests/env/gym"))
    return given


class Torture:
    """One directory for everything, removed at the end unless something was found."""

    def __init__(self, rainbow):
        self.rainbow, self.found = rainbow, []
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="torture-"))
        os.environ["XDG_STATE_HOME"] = str(self.root / "state")

    def words(self, kind, name):
        return [self.rainbow, "train", *KINDS[kind][0], f"--run.root={self.root}/runs", f"--run.name={name}"]

    def resume_words(self, directory, *more):
        return [self.rainbow, "train", "--resume", str(directory), *more]

    def directory(self, name):
        return self.root / "runs/default" / name

    def start(self, words, **how):
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                cwd=self.root, **how)

    def run(self, words, **how):
        process = self.start(words, **how)
        try:
            _, said = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
            return None, said
        return process.returncode, said

    def report(self, text):
        self.found.append(text)
        print(f"FOUND  {text}", flush=True)

    def end(self):
        if self.found:
            print(f"{len(self.found)} faults found; the runs are in {self.root}")
            return 1
        shutil.rmtree(self.root)
        print("no fault found")
        return 0


def can_run(rainbow, kind):
    """Without the emulator or Gymnasium their runs are left out."""
    env = KINDS[kind][0][0]
    done = subprocess.run([rainbow, "check", env, "--steps", "10"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return "install" not in done.stderr and "get-" not in done.stderr


def rows(directory, table):
    """The rows of a table without their seconds."""
    path = directory / table
    if not path.exists():
        return []
    found = list(csv.reader(path.open()))
    seconds = found[0].index("seconds") if found and "seconds" in found[0] else -1
    return [[cell for at, cell in enumerate(row) if at != seconds] for row in found]


def newest(directory):
    steps = sorted(p for p in (directory / "checkpoints").glob("step_*") if not p.name.endswith(".part"))
    return steps[-1] if steps else None


def weights(directory):
    checkpoint = newest(directory)
    return (checkpoint / "weights.safetensors").read_bytes() if checkpoint else None


def same_run(directory, other):
    """What differs between two runs, in words; empty if nothing does."""
    for table in ("train.csv", "eval.csv"):
        if rows(directory, table) != rows(other, table):
            return table
    a, b = newest(directory), newest(other)
    if a is None or b is None or a.name != b.name:
        return "the newest checkpoint"
    return "" if weights(directory) == weights(other) else "the weights"
