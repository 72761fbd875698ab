#!/usr/bin/env python3
"""One trial of a sweep of Weights & Biases (wandb_sweep.yaml): trains with the values that the sweep chose, and reports the result.

The agent starts it with one word per parameter, `--optim.learning_rate=0.0003`, which `rainbow train` takes as it is. RAINBOW: the program, if it is
not in PATH. A trial that is stopped (Ctrl-C, SIGTERM, SIGUSR1) saves its run, and the sweep is told that it was preempted: started again, it is resumed.
"""
import json
import os
import signal
import subprocess
import sys

import wandb

run = wandb.init(resume="allow")
command = [os.environ.get("RAINBOW", "rainbow"), "train", "cartpole", "--run.group=sweep", f"--run.name={run.id}", "--quiet",
           "--resume-if-present", "--json-result", *sys.argv[1:]]
trial = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, lambda number, frame: trial.send_signal(number))
result = json.loads(trial.communicate()[0].strip().split("\n")[-1])
run.summary.update({key: value for key, value in result.items() if value is not None})
if result["eval_mean"] is not None:
    run.log({"eval_mean": result["eval_mean"]})
if result["status"] == "stopped":
    run.mark_preempting()
run.finish(exit_code=trial.returncode)
sys.exit(trial.returncode)
