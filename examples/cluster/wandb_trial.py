#!/usr/bin/env python3
"""One trial of a sweep of Weights & Biases (wandb_sweep.yaml): trains with the values that the sweep chose, and reports the result.

The agent starts it with one word per parameter, `--optim.learning_rate=0.0003`, which `rainbow train` takes as it is.
"""
import json
import os
import subprocess
import sys

import wandb

run = wandb.init()
command = [os.environ.get("RAINBOW", "rainbow"), "train", "cartpole", "--run.group=sweep", f"--run.name={run.id}", "--quiet",
           "--resume-if-present", "--json-result", *sys.argv[1:]]
done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
result = json.loads(done.stdout.strip().split("\n")[-1])
run.summary.update({key: value for key, value in result.items() if value is not None})
if result["eval_mean"] is not None:
    run.log({"eval_mean": result["eval_mean"]})
run.finish(exit_code=done.returncode)
sys.exit(done.returncode)
