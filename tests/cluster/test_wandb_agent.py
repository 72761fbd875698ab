#!/usr/bin/env python3
"""The sweep of examples/cluster with the agent of Weights & Biases: the agent's own code reads the sweep and starts the trials; the server's three
answers are played here. A trial that the agent stops saves its run, leaves no process, and is resumed when it is started again. 77: no wandb.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tracking"))
from kit import RAINBOW, SMALL, SOURCE, need, records  # noqa: E402

need("wandb")
import wandb  # noqa: E402
import yaml  # noqa: E402
from wandb import wandb_agent  # noqa: E402
from wandb.apis.public import sweeps  # noqa: E402


def arguments(config, **more):
    """Values as the server sends them: for each parameter of the sweep the first that it may choose, and `more`."""
    chosen = {key: one.get("min", one.get("values", [None])[0]) for key, one in config["parameters"].items()}
    return {key: {"value": value} for key, value in {**chosen, **more}.items()}


class Server:
    """Answers an agent's heartbeats with commands, one after the other, each when the last has had its effect."""

    def __init__(self, config, script):
        self.config, self.script = config, script

    def sweep(self, *_, **__):
        return {"config": yaml.safe_dump(self.config)}

    def register(self, *_, **__):
        return {"id": "agent"}

    def heartbeat(self, api, agent, metrics, states):
        return next(self.script)(states)


def agent(config, script):
    server = Server(config, iter(script))
    sweeps._sweep_with_runs, sweeps._register_agent, sweeps._agent_heartbeat = server.sweep, server.register, server.heartbeat
    wandb.Api = lambda *_, **__: None
    wandb_agent.run_agent("owner/project/sweep")


def run(config, name, kind="run", **more):
    return lambda states: [{"id": name, "type": kind, "run_id": name, "program": config["program"], "args": arguments(config, **more)}]


def processes_of(name):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if entry.isdigit() and f"--run.name={name}".encode() in words:
                found.append(words)
        except OSError:
            pass
    return found


def ended(name):
    return os.path.exists(f"runs/sweep/{name}/end.json")


def repeat(make):
    """make() may wait: it is called again and again until it gives commands; then the script goes on."""
    while True:
        done = []
        yield lambda states: done.extend(make(states)) or list(done)
        if done:
            return


def left(name):
    """The agent has no such process any more: it is told to exit."""
    return repeat(lambda states: [{"id": "exit", "type": "exit"}] if name not in states else [])


def stopped(config, name, small):
    yield run(config, name, **small)
    yield from repeat(lambda states: [{"id": "stop", "type": "stop", "run_id": name}] if os.path.exists(f"runs/sweep/{name}/train.csv") else [])
    yield from left(name)


def resumed(config, name, small):
    yield run(config, name, kind="resume", **small)
    yield from left(name)


def main():
    with open(os.path.join(SOURCE, "examples", "cluster", "wandb_sweep.yaml"), encoding="utf-8") as file:
        config = yaml.safe_load(file)
    known = subprocess.run([RAINBOW, "params", "--markdown"], capture_output=True, text=True, check=True).stdout
    for key in config["parameters"]:
        assert f"| `{key}` |" in known, key
    small = dict(word[2:].split("=") for word in SMALL)
    small.update({"plot.enabled": "false", "tensorboard.enabled": "false", "eval.every_steps": 0, "eval.episodes": 1, "run.max_steps": 40000})
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        os.symlink(os.path.join(SOURCE, "examples"), "examples")  # `program` is a path in the source tree
        os.environ.update(RAINBOW=RAINBOW, WANDB_MODE="offline", WANDB_DIR=here, WANDB_CACHE_DIR=here, WANDB_CONFIG_DIR=here, WANDB_DATA_DIR=here,
                          WANDB_ERROR_REPORTING="false", WANDB_SILENT="true", HOME=here,
                          PATH=os.path.dirname(sys.executable) + ":" + os.environ["PATH"])
        wandb_agent.Agent.POLL_INTERVAL = 1
        agent(config, stopped(config, "trial", small))
        assert not ended("trial") and not processes_of("trial"), "a process of the stopped trial is left over"
        assert os.listdir("runs/sweep/trial/checkpoints"), "the stopped trial has no checkpoint"
        agent(config, resumed(config, "trial", small))
        with open("runs/sweep/trial/end.json", encoding="utf-8") as file:
            mean = json.load(file)["eval_mean"]
        kinds, summary = [], {}
        for path in sorted(glob.glob("wandb/offline-run-*/*.wandb"), key=os.path.getmtime):
            for record in records(path):
                kinds.append(record.WhichOneof("record_type"))
                summary.update({item.key: json.loads(item.value_json) for item in record.summary.update})
        assert kinds.count("preempting") == 1, kinds
        assert summary["eval_mean"] == mean and summary["status"] == "ended", summary
        os.chdir("/")
    print("a trial that the agent started, stopped and resumed")


main()
