#!/usr/bin/env python3
"""Time until a score is reached: our recipes and four other programs, alternating on this machine.

    scripts/get-peers                                       # once: the other programs, at pinned versions
    python3 bench/time_to_score.py --tasks cartpole,acrobot [--seeds 3] [--out FILE.csv]
    python3 bench/time_to_score.py --markdown FILE.csv ...  # the table of what was measured
    python3 bench/time_to_score.py --list                   # tasks, programs and the exact settings of each

A score is reached at the first evaluation whose mean over 20 greedy games (epsilon 0) is at least the goal; evaluations come after the
same number of steps for every program of a task. Seconds are wall time on all cores from the start of training: compilation is
included, and also reported alone; evaluations and the imports of Python are not included. All programs play the same game.
For each seed the programs of a task run one after the other, in the opposite order for every other seed; the ratio is taken seed by
seed, and above 1 means that ours is faster. A run that takes longer than --timeout ends there, and its ratio is a lower bound.
Nothing else should run on the machine; what others used of it before each run is written down.
"""
import argparse
import csv
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

from compare import busy_share, cpu

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "rainbow" / "peers-1"
GAMES = 20

TASKS = {
    "cartpole": dict(what="CartPole-v1", env="cartpole", goal=475, every=4096),
    "acrobot": dict(what="Acrobot-v1", env="acrobot", goal=-100, every=4096),
    "breakout": dict(what="MinAtar Breakout", env="minatar/breakout", goal=20, every=20480),
    "freeway": dict(what="MinAtar Freeway", env="minatar/freeway", goal=50, every=20480),
}
# Ours: the options behind `rainbow train ENV`. The schedules of the presets are for the length of the published runs; a run that ends at a
# score wants shorter ones.
OURS = {
    "cartpole": {"ours": "--preset=cartpole-pqn --env.count=16 --agent.minibatches=8 --run.max_steps=200k --optim.learning_rate=0.0005",
                 "ours, cartpole-dqn": "--preset=cartpole-dqn"},
    "acrobot": {"ours": "--preset=cartpole-pqn --run.max_steps=100k --optim.learning_rate=0.001"},
    "breakout": {"ours": "--preset=minatar-pqn --env.count=32 --agent.minibatches=8 --run.max_steps=2M --optim.learning_rate=0.002"},
    "freeway": {"ours": "--preset=minatar-pqn --env.count=32 --agent.minibatches=8 --run.max_steps=2M --optim.learning_rate=0.002 "
                        "--env.max_episode_steps=2500"},
}
STEPS = {"cartpole": 500_000, "acrobot": 500_000, "breakout": 2_000_000, "freeway": 2_000_000}  # of the JAX PQN, with its schedules
OUR_RECIPE = {"cartpole": (200_000, "NUM_ENVS=16", "NUM_MINIBATCHES=8", "LR=0.0005"), "acrobot": (100_000, "LR=0.001"),
              "breakout": (2_000_000, "NUM_ENVS=32", "NUM_MINIBATCHES=8", "LR=0.002"),
              "freeway": (2_000_000, "NUM_ENVS=32", "NUM_MINIBATCHES=8", "LR=0.002")}  # the same for the JAX PQN


def peers_of(task, options):
    """{side: command}, without what all of them take."""
    torch, jax = [options.torch_python], [options.jax_python]
    every = {
        "SB3 DQN": [*torch, PEERS / "sb3_score.py"],
        "CleanRL DQN": [*torch, PEERS / "cleanrl_score.py", "--source", options.cleanrl, "--program", "dqn"],
        "CleanRL PQN": [*torch, PEERS / "cleanrl_score.py", "--source", options.cleanrl, "--program", "pqn"],
        "JAX PQN": [*jax, PEERS / "purejaxql_score.py", "--source", options.purejaxql, "--steps", STEPS[task]],
    }
    if task in OUR_RECIPE:
        every["JAX PQN, our recipe"] = [*every["JAX PQN"][:-1], OUR_RECIPE[task][0], "--set", *OUR_RECIPE[task][1:]]
    return {side: [str(word) for word in words] for side, words in every.items()}


def run_peer(words, task, seed, options):
    # --set takes every word that follows, so it stays last
    at = words.index("--set") if "--set" in words else len(words)
    words = [*words[:at], "--task", task, "--goal", str(TASKS[task]["goal"]), "--every", str(TASKS[task]["every"]), "--games", str(GAMES),
             "--seed", str(seed), *words[at:]]
    timed_out = False
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as messages:
        process = subprocess.Popen(words, stdout=printed, stderr=messages, text=True)
        try:
            process.wait(options.timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            process.kill()
            process.wait()
        printed.seek(0)
        lines = [json.loads(line) for line in printed if line.startswith("{") and line.endswith("}\n")]
        if not timed_out and (not lines or "reached" not in lines[-1]):
            messages.seek(0)
            raise RuntimeError(f"{shlex.join(words)}: {messages.read().strip()[-2000:]}")
    last = lines[-1] if lines else {"step": 0, "score": None, "seconds": options.timeout, "evaluating": 0}
    best = max((line["score"] for line in lines if line["score"] is not None), default=None)
    return {"reached": last.get("reached", False), "timed_out": timed_out, "step": last["step"], "score": last["score"], "best": best,
            "seconds": last["seconds"], "compiling": last.get("compiling", 0), "evaluating": last["evaluating"]}


def run_ours(words, task, seed, options):
    with tempfile.TemporaryDirectory() as root:
        command = [options.rainbow, "train", TASKS[task]["env"], *words.split(), *options.words.split(), f"--run.seed={seed}", f"--run.root={root}",
                   "--run.group=g", "--run.name=n", f"--eval.every_steps={TASKS[task]['every']}", f"--eval.episodes={GAMES}", "--eval.epsilon=0",
                   f"--run.stop_score={TASKS[task]['goal']}", "--run.stop_evaluations=1", f"--run.max_minutes={options.timeout / 60}",
                   "--checkpoint.every_steps=0", "--checkpoint.best=false", "--plot.enabled=false", "--tensorboard.enabled=false", "--quiet"]
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        wall = time.monotonic() - began
        if done.returncode:
            raise RuntimeError(f"{shlex.join(command)}: {done.stderr.strip()}")
        rows = list(csv.DictReader(open(f"{root}/g/n/eval.csv")))
    last, scores = rows[-1], [float(row["mean"]) for row in rows]
    reached = scores[-1] >= TASKS[task]["goal"]
    seconds = float(last["seconds"])
    return {"reached": reached, "timed_out": seconds >= options.timeout, "step": int(last["step"]), "score": scores[-1], "best": max(scores),
            "seconds": seconds, "compiling": 0, "evaluating": round(wall - seconds, 3)}


def measure(options):
    fields = ["task", "goal", "program", "seed", "reached", "timed_out", "step", "score", "best", "seconds", "compiling", "evaluating", "busy",
              "timeout", "settings"]
    seen = set()
    if os.path.exists(options.out):
        seen = {(row["task"], row["program"], row["seed"]) for row in csv.DictReader(open(options.out))}
    with open(options.out, "a", newline="") as file:
        table = csv.DictWriter(file, fields)
        if not file.tell():
            table.writeheader()
        for task in options.tasks.split(","):
            sides = {name: (run_ours, words) for name, words in OURS[task].items()}
            sides |= {name: (run_peer, words) for name, words in peers_of(task, options).items()}
            chosen = [side for side in sides if not options.programs or side in options.programs.split(";")]
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                for side in chosen if seed % 2 else reversed(chosen):
                    if (task, side, str(seed)) in seen:
                        continue
                    run, words = sides[side]
                    busy = busy_share()
                    result = run(words, task, seed, options)
                    settings = words if isinstance(words, str) else " ".join(pathlib.Path(w).name if "/" in w else w for w in words[1:])
                    table.writerow({"task": task, "goal": TASKS[task]["goal"], "program": side, "seed": seed, "busy": round(busy, 2),
                                    "timeout": options.timeout, "settings": settings, **result})
                    file.flush()
                    print(f"{task}, {side}, seed {seed}: " + (f"{result['seconds']:.1f} s, {result['step']:,} steps, score {result['score']}"
                                                               + ("" if result["reached"] else ", not reached")), flush=True)


def number(value):
    return float(value) if value not in ("", "None") else None


def spread(values):
    ends = f" ({min(values):.1f} to {max(values):.1f})" if len(values) > 1 else ""
    return f"{statistics.median(values):.1f}{ends}"


def markdown(files):
    rows = [row for name in files for row in csv.DictReader(open(name))]
    print("| task, score | program | seeds that reached it | seconds | compiling among them | steps | ratio to ours |")
    print("|---|---|---|---|---|---|---|")
    for task in dict.fromkeys(row["task"] for row in rows):
        of_task = [row for row in rows if row["task"] == task]
        ours = {row["seed"]: float(row["seconds"]) for row in of_task if row["program"] == "ours" and row["reached"] == "True"}
        for program in dict.fromkeys(sorted((row["program"] for row in of_task), key=lambda name: not name.startswith("ours"))):
            mine = [row for row in of_task if row["program"] == program]
            seconds, reached = [float(row["seconds"]) for row in mine], [row for row in mine if row["reached"] == "True"]
            ratios = [float(row["seconds"]) / ours[row["seed"]] for row in mine if row["seed"] in ours]
            bound = "" if len(reached) == len(mine) else "> "
            compiling = statistics.median(float(row["compiling"]) for row in mine)
            best = "" if len(reached) == len(mine) else f", best {max(number(row['best']) or 0 for row in mine):.1f}"
            steps = f"{statistics.median(int(row['step']) for row in reached):,.0f}" if reached else "–"
            print(f"| {TASKS[task]['what']}, {str(TASKS[task]['goal']).replace('-', '−')} | {program} | {len(reached)} of {len(mine)}{best} | "
                  f"{bound}{spread(seconds)} | {f'{compiling:.1f}' if compiling else '–'} | {steps} | "
                  + ("1" if program == "ours" else f"{bound}{spread(ratios)}" if ratios else "–") + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS), help="joined by commas")
    parser.add_argument("--programs", default="", help="only these, joined by semicolons (--list names them)")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=1200, help="seconds after which a run is ended")
    parser.add_argument("--out", default="time_to_score.csv", help="table that gets a row for every run; runs that it has already are left out")
    parser.add_argument("--rainbow", default="build/release/rainbow", help="our program")
    parser.add_argument("--words", default="", help="further options of our program, such as --compute.precision=bf16")
    parser.add_argument("--torch-python", default=CACHE / "torch/bin/python", help="interpreter with Stable-Baselines3 and what CleanRL needs")
    parser.add_argument("--jax-python", default=CACHE / "jax/bin/python", help="interpreter with what purejaxql needs")
    parser.add_argument("--cleanrl", default=CACHE / "cleanrl", help="the directory of CleanRL's repository")
    parser.add_argument("--purejaxql", default=CACHE / "purejaxql", help="the directory of purejaxql's repository")
    parser.add_argument("--list", action="store_true", help="print the tasks, and the settings of each program")
    parser.add_argument("--markdown", nargs="+", metavar="FILE", help="print the table of measurements that --out wrote")
    options = parser.parse_args()
    if unknown := [task for task in options.tasks.split(",") if task not in TASKS]:
        parser.error(f"no task {unknown[0]}; there are {', '.join(TASKS)}")
    if options.markdown:
        markdown(options.markdown)
    elif options.list:
        for task in options.tasks.split(","):
            print(f"{task}: {TASKS[task]['what']}, {TASKS[task]['goal']}, evaluated every {TASKS[task]['every']:,} steps")
            for side, words in {**OURS[task], **peers_of(task, options)}.items():
                print(f"  {side:<20} {words if isinstance(words, str) else shlex.join(words)}")
    else:
        for path in (options.rainbow, options.torch_python, options.jax_python, options.cleanrl, options.purejaxql):
            if not pathlib.Path(path).exists():
                parser.error(f"{path}: not there; scripts/get-peers gets the other programs, cmake --build --preset release builds ours")
        print(f"{cpu()['model']}, {os.cpu_count()} cores")
        try:
            measure(options)
        except RuntimeError as why:
            sys.exit(f"time_to_score.py: {why}")


if __name__ == "__main__":
    main()
