#!/usr/bin/env python3
"""A sweep by Optuna: it samples two parameters, `rainbow train` trains each trial and prints its result as one JSON object.

    optuna_sweep.py [--rainbow PROGRAM] [--trials N] [--storage sqlite:///sweep.db] [SETTING ...]

Started several times with the same storage, also on several nodes, the processes share the trials. SETTING: more words for `rainbow train`, such as
--run.max_steps=20000. A trial that stops (exit status 75: a signal, a time limit) ends the sweep with 75, and the same command resumes both: the trial
is enqueued again with its values, and the run of these values is found by its name.
"""
import argparse
import json
import signal
import subprocess
import sys

import optuna

parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
parser.add_argument("--rainbow", default="rainbow")
parser.add_argument("--trials", type=int, default=20)
parser.add_argument("--storage", default="sqlite:///sweep.db")
options, settings = parser.parse_known_args()


stopped = []


def train(trial):
    rate = trial.suggest_float("optim.learning_rate", 1e-5, 1e-2, log=True)
    n_step = trial.suggest_int("agent.n_step", 1, 5)
    command = [options.rainbow, "train", "cartpole", "--run.group=optuna", f"--run.name=rate-{rate:.4e}-n-{n_step}", "--quiet",
               f"--optim.learning_rate={rate:.4e}", f"--agent.n_step={n_step}", "--resume-if-present", "--json-result", *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for number in (signal.SIGTERM, signal.SIGUSR1):  # the run is saved, and the sweep ends with it
        signal.signal(number, lambda number, frame: process.send_signal(number))
    result = json.loads(process.communicate()[0].strip().split("\n")[-1])
    if result["status"] == "stopped":
        trial.study.enqueue_trial(trial.params)
        stopped.append(trial.number)
        trial.study.stop()
        raise optuna.TrialPruned
    if result["status"] == "failed":
        raise RuntimeError(result["error"])
    trial.set_user_attr("directory", result["directory"])
    return result["eval_mean"]


study = optuna.create_study(study_name="cartpole", storage=options.storage, direction="maximize", load_if_exists=True)
complete = sum(trial.state == optuna.trial.TrialState.COMPLETE for trial in study.trials)
study.optimize(train, n_trials=max(0, options.trials - complete), catch=(RuntimeError,))
if stopped:
    sys.exit(75)
print(f"best of {len(study.trials)} trials: {study.best_value:g} with {study.best_params} in {study.best_trial.user_attrs['directory']}")
