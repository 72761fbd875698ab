"""A job array of real trainings that is disturbed at random on a real Slurm: requeued, and sent TERM and USR1. It must complete by itself, every
final weight must be bit-identical to that of an undisturbed run, no run may be lost or made twice, and no process may be left over.

    disturbed.py RAINBOW [--long] [--seed N] [--steps N] [--disturbances N]
The short form is a test; the long form is studies/cluster/run. --steps and --disturbances make either shorter. 77: no Slurm here.
"""
import argparse
import csv
import filecmp
import glob
import json
import multiprocessing.pool
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from one_node import Slurm, why_not  # noqa: E402

COMMON = ["--replay.capacity=5000", "--agent.start_steps=500", "--net.hidden=16", "--net.mlp=16", "--agent.batch=16", "--eval.every_steps=0", "--eval.episodes=2",
          "--checkpoint.every_steps=1000", "--plot.enabled=false", "--tensorboard.enabled=false"]
SHORT = {"envs": "cartpole,acrobot", "seeds": "1..2", "sweep": [], "steps": "60000", "disturbances": 4, "least": 2}
LONG = {"envs": "cartpole,acrobot,minatar/breakout", "seeds": "1..4", "sweep": ["--optim.learning_rate=1e-3,1e-4"], "steps": "30000",
        "disturbances": 40, "least": 30}
REFUSED = [(["--partition=nowhere"], "partition"), (["--no-such-option"], "unrecognized option")]
began = time.time()


def say(text):
    print(f"{time.time() - began:7.1f} s  {text}", flush=True)


def fail(text):
    say("FAILED: " + text)
    sys.exit(1)


class Disturber:
    def __init__(self, slurm, seed):
        self.slurm = slurm
        self.random = random.Random(seed)
        self.counts = {}

    def running(self):
        """The job number of each task that has been on the node for a moment (before that, Slurm refuses signals), with its index."""
        lines = self.slurm.call("squeue", "-h", "-r", "-t", "R", "-o", "%F_%K %K %M").stdout.split("\n")
        rows = [line.split() for line in lines if re.fullmatch(r"\d+_\d+ \d+ [\d:]+", line)]
        return [row[:2] for row in rows if row[2] not in ("0:00", "0:01")]

    def hurry(self):
        """A requeued job waits two minutes before it may start: sent off at once here."""
        for line in self.slurm.call("squeue", "-h", "-r", "-t", "PD", "-o", "%F_%K %r").stdout.split("\n"):
            if line.endswith("BeginTime"):
                self.slurm.call("scontrol", "update", f"JobId={line.split()[0]}", "StartTime=now")

    def disturb(self):
        jobs = self.running()
        if not jobs:
            return
        job, task = self.random.choice(jobs)
        kind, words = self.random.choice([
            ("scontrol requeue", ["scontrol", "requeue", job]),
            ("scancel --signal=TERM --batch", ["scancel", "--signal=TERM", "--batch", job]),
            ("scancel --signal=TERM --full", ["scancel", "--signal=TERM", "--full", job]),
            ("scancel --signal=USR1 --batch", ["scancel", "--signal=USR1", "--batch", job]),
            ("scancel --signal=USR1 --full", ["scancel", "--signal=USR1", "--full", job])])
        done = self.slurm.call(*words)
        if done.returncode == 0 and not done.stdout.strip():
            self.counts[kind] = self.counts.get(kind, 0) + 1
            say(f"task {task} (job {job}): {kind}")

    def total(self):
        return sum(self.counts.values())


# Both arrays are runs/array, each in a directory of its own: weights name their group.
def rainbow(program, where, *words, check=True):
    done = subprocess.run([program, *words], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if check and done.returncode:
        fail(f"rainbow {' '.join(words)}: {done.returncode}: {done.stderr}")
    return done


def plan(program, where, form, *more, check=True):
    return rainbow(program, where, "cluster", "slurm", form["envs"], *COMMON, *form["sweep"], f"--run.max_steps={form['steps']}",
                   "--seeds", form["seeds"], "--run.group=array", *more, check=check)


def final_weights(run):
    return sorted(glob.glob(os.path.join(run, "checkpoints", "step_*", "weights.safetensors")))[-1]


def table(run):
    with open(os.path.join(run, "train.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    seconds = rows[0].index("seconds")
    return [row[:seconds] + row[seconds + 1:] for row in rows]


def left_over(directory):
    """Processes of rainbow that work in this directory."""
    found = []
    for entry in glob.glob("/proc/[0-9]*"):
        try:
            with open(entry + "/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if len(words) > 2 and words[1] == b"cluster" and os.readlink(entry + "/cwd").startswith(directory):
                found.append(entry[6:] + " " + b" ".join(words).decode())
        except OSError:
            pass
    return found


def compare(names, logs):
    restarts = resumed = 0
    for name in names:
        calm, disturbed = os.path.join("calm/runs/array", name), os.path.join("disturbed/runs/array", name)
        a, b = final_weights(calm), final_weights(disturbed)
        if os.path.basename(os.path.dirname(a)) != os.path.basename(os.path.dirname(b)) or not filecmp.cmp(a, b, shallow=False):
            fail(f"{name}: {b} differs from {a}")
        if table(calm) != table(disturbed):
            fail(f"{name}: train.csv differs, apart from the seconds")
        with open(logs[name], encoding="utf-8") as file:
            log = file.read()
        ends = len(re.findall(rf"^{re.escape(os.path.join('runs/array', name))}$", log, re.M))
        if ends != 1:
            fail(f"{name}: its log has {ends} ends of the run, not one: {logs[name]}")
        restarts += len(re.findall(r", restart [1-9]", log))
        resumed += len(re.findall(r": resumes at step ", log))
    say(f"{len(names)} of {len(names)} final weights and tables of games bit-identical to the undisturbed runs; each run ended once; "
        f"{restarts} restarts of tasks, {resumed} resumes of runs from a checkpoint")


def disturb_until_done(program, slurm, form, seed):
    disturber = Disturber(slurm, seed)
    limit = time.time() + 60 * 60
    while True:
        disturber.hurry()
        state = json.loads(rainbow(program, "disturbed", "cluster", "status", "array", "--json").stdout)["counts"]
        if state["failed"]:
            fail(rainbow(program, "disturbed", "cluster", "status", "array").stdout)
        if not state["running"] and not state["waiting"]:
            break
        if time.time() > limit:
            fail("the array does not complete: " + str(state))
        if disturber.total() < form["disturbances"]:
            disturber.disturb()
        time.sleep(disturber.random.uniform(0.1, 0.6))
    for _ in range(300):
        if not slurm.call("squeue", "-h").stdout.strip():
            break
        time.sleep(0.2)
    else:
        fail("the queue does not become empty")
    say(f"the array is complete, after {disturber.total()} disturbances: "
        + ", ".join(f"{count} x {kind}" for kind, count in sorted(disturber.counts.items())))
    return disturber


def check(program, slurm, form, seed):
    plan(program, "calm", form)
    lines = [line for line in open("calm/runs/array/slurm/runs.txt", encoding="utf-8").read().split("\n") if line and line[0] != "#"]
    names = [line.split("\t")[0] for line in lines]
    say(f"{len(names)} runs: {form['envs']}, seeds {form['seeds']} {' '.join(form['sweep'])}, {form['steps']} steps each")
    with multiprocessing.pool.ThreadPool(2) as pool:
        pool.map(lambda task: rainbow(program, "calm", "cluster", "task", "runs/array/slurm", str(task)), range(1, len(names) + 1))
    say("the undisturbed runs are made, without Slurm")
    for words, reason in REFUSED:
        refused = plan(program, "disturbed", form, "--submit", "--", *words, check=False)
        if refused.returncode != 1 or "nothing was submitted" not in refused.stderr or reason not in refused.stderr or slurm.call("squeue", "-h").stdout:
            fail(f"{words} is not refused as it should be: {refused}")
    say("options that this Slurm refuses: nothing is submitted")
    say(plan(program, "disturbed", form, "--submit").stderr.strip().split("\n")[-1])
    disturber = disturb_until_done(program, slurm, form, seed)
    if disturber.total() < form["least"]:
        fail(f"only {disturber.total()} disturbances, not {form['least']}: the runs are too short for this machine")
    again = plan(program, "disturbed", form, "--submit", check=False).stderr
    state = json.loads(rainbow(program, "disturbed", "cluster", "status", "array", "--json").stdout)
    if state["counts"]["done"] != len(names) or len(state["runs"]) != len(names):
        fail("not all runs are done, or there are others: " + str(state["counts"]))
    compare(names, {name: f"disturbed/runs/array/slurm/logs/{i + 1}.log" for i, name in enumerate(names)})
    if "was submitted already" not in again:
        fail("the same command is not refused: " + again)
    left = left_over(os.getcwd())
    if left:
        fail("processes are left over: " + "; ".join(left))
    say("no process is left over, and the same command again submits nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("rainbow")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--disturbances", type=int)
    options = parser.parse_args()
    form = dict(LONG if options.long else SHORT)
    if options.steps:
        form["steps"] = str(options.steps)
    if options.disturbances:
        form["disturbances"] = form["least"] = options.disturbances
    program = os.path.abspath(options.rainbow)
    reason = why_not()
    if reason:
        print("skipped: " + reason)
        sys.exit(77)
    directory = tempfile.mkdtemp(prefix="rainbow-cluster-")
    slurm = Slurm(os.path.join(directory, "slurm"))
    slurm.start()
    try:
        os.chdir(directory)
        os.mkdir("calm")
        os.mkdir("disturbed")
        check(program, slurm, form, options.seed)
    finally:
        slurm.call("scancel", "--user=root")
        slurm.stop()
        os.chdir("/")
    shutil.rmtree(directory)


main()
