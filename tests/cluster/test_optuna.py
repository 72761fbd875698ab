#!/usr/bin/env python3
"""examples/cluster/optuna_sweep.py: a short sweep, stopped in the middle and resumed; each trial's result is that of its run. 77: no Optuna."""
import glob
import json
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RAINBOW = os.path.abspath(sys.argv[1])
SMALL = ["--run.max_steps=600", "--agent.start_steps=100", "--agent.batch=8", "--net.hidden=16", "--net.mlp=16", "--replay.capacity=600",
         "--compute.threads=1", "--plot.enabled=false", "--tensorboard.enabled=false", "--eval.every_steps=0", "--eval.episodes=1"]


def find_python():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for python in (os.path.join(cache, "rainbow", "optuna-1", "bin", "python"), sys.executable):
        if os.path.exists(python) and not subprocess.run([python, "-c", "import optuna"], capture_output=True, check=False).returncode:
            return python
    print("not run: the Python package optuna is missing; ./scripts/get-optuna gets it")
    sys.exit(77)


def sweep(python, *words):
    return subprocess.run([python, os.path.join(SOURCE, "examples", "cluster", "optuna_sweep.py"), f"--rainbow={RAINBOW}", *words, *SMALL],
                          capture_output=True, text=True, check=False)


def main():
    python = find_python()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        stopped = sweep(python, "--trials=3", "--run.time_limit_minutes=1e-9")
        assert stopped.returncode == 75, stopped
        first = set(os.listdir("runs/optuna"))
        assert len(first) == 1 and not glob.glob("runs/optuna/*/end.json"), first
        done = sweep(python, "--trials=3")
        assert done.returncode == 0 and "best of " in done.stdout, done
        ended = [json.load(open(path, encoding="utf-8"))["eval_mean"] for path in glob.glob("runs/optuna/*/end.json")]
        assert len(ended) == 3 and first <= set(os.listdir("runs/optuna")), (ended, os.listdir("runs/optuna"))
        assert f": {max(ended):g} with " in done.stdout, (ended, done.stdout)
        again = sweep(python, "--trials=3")
        assert again.returncode == 0 and len(os.listdir("runs/optuna")) == 3, again
        os.chdir("/")
    print("a sweep of three trials, stopped in the first and resumed")


main()
