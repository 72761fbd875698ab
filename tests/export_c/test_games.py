#!/usr/bin/env python3
"""Exported C files act as the program does, in ten games each: with gcc and clang on this machine, and on ARM under QEMU.

    test_games.py RAINBOW

Weights as floats: every action is equal. As 8 bits: 99 % are. Ends with 77 if a compiler or QEMU is missing.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from kit import Trace, rainbow, train

STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
# Reads observations, writes a byte per action.
DRIVER = """#include <stdio.h>
#include "agent.c"
int main(void)
{
    static agent_number observation[AGENT_OBSERVATION];
    while (fread(observation, sizeof observation, 1, stdin) == 1) putchar(agent_act(observation, 0));
    return 0;
}
"""
# compiler, its flags, what runs the result
MACHINES = [("gcc", ["-O2"], []), ("gcc", ["-O3", "-march=native"], []), ("clang", ["-O2"], []),
            ("arm-linux-gnueabihf-gcc", ["-O2", "-static"], ["qemu-arm"]), ("arm-none-eabi-gcc", ["-O2", "-mcpu=cortex-m4", "-mthumb", "-c"], None)]
SMALL = ["--run.max_steps=1500", "--agent.start_steps=500", "--replay.capacity=1500"]
# The network of the preset btr in small, with its targets: IMPALA with spectral normalisation and an adaptive pool, IQN, Munchausen.
BTR = ["--agent.head=implicit", "--agent.tau_samples=8", "--agent.tau_targets=8", "--agent.tau_values=8", "--agent.munchausen=true",
       "--agent.double_q=false", "--net.dueling=true", "--net.noisy=factorised", "--net.init=pytorch", "--net.hidden=32",
       "--net.layers=conv 8 3 1 1, max_pool 3 2 1, residual, spectral_norm, residual, spectral_norm, conv 16 3 1 1, max_pool 3 2 1, residual, "
       "spectral_norm, residual, spectral_norm, relu, adaptive_max_pool 2"]
RUNS = [("cartpole", "atoms", SMALL), ("cartpole", "plain", ["--preset=cartpole-dqn", "--env.stack=2", *SMALL]),
        ("cartpole", "normalised", ["--preset=cartpole-dqn", "--env.stack=2", "--env.normalise=true", *SMALL]),
        ("cartpole", "implicit", ["--preset=cartpole-dqn", "--agent.head=implicit", "--agent.tau_samples=4", "--agent.tau_targets=4", "--agent.tau_values=8",
                                   "--net.mlp=32-32", *SMALL]),
        ("minatar/breakout", "picture", ["--net.hidden=32", *SMALL]), ("minatar/breakout", "btr", [*BTR, "--run.max_steps=1000", "--agent.start_steps=500"])]


def missing(machine):
    """The program that this machine lacks, or None."""
    compiler, _, runner = machine
    return next((word for word in [compiler, *(runner or [])] if not shutil.which(word)), None)


def check(folder, run, trace, small):
    wrong = []
    rainbow(folder, "export", run, "--c", "agent.c", *(["--int8"] if small else []))
    with open(os.path.join(folder, "driver.c"), "w", encoding="utf-8") as file:
        file.write(DRIVER)
    for machine in MACHINES:
        compiler, flags, runner = machine
        if missing(machine):
            continue
        if runner is None: # compiled only
            done = subprocess.run([compiler, *STRICT, *flags, "agent.c", "-o", "agent.o"], cwd=folder, stderr=subprocess.PIPE, text=True, check=False)
            wrong += [f"{compiler}: {done.stderr}"] if done.returncode else []
            continue
        for source, extra in (("agent.c", ["-D", "AGENT_SELF_TEST"]), ("driver.c", [])):
            done = subprocess.run([compiler, *STRICT, *flags, *extra, source, "-o", "play"], cwd=folder, stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                return wrong + [f"{compiler} {flags}: {done.stderr}"]
            played = subprocess.run([*runner, "./play"], cwd=folder, input=trace.raw if source == "driver.c" else b"", stdout=subprocess.PIPE, check=False)
            if played.returncode:
                wrong.append(f"{compiler} {flags}, {source}: status {played.returncode}")
        equal = sum(a == b for a, b in zip(trace.actions, played.stdout, strict=True))
        share = equal / len(trace.actions)
        print(f"{run} {'int8' if small else 'float'} {compiler} {' '.join(flags)}: {equal} of {len(trace.actions)} actions")
        if share < (0.99 if small else 1):
            wrong.append(f"{compiler} {flags}: {share:.2%} of the actions")
    return wrong


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for env, name, words in RUNS:
            run = train(folder, env, name, *words)
            trace = Trace(folder, run, 10)
            for small in (False, True):
                wrong += [f"{name}: {line}" for line in check(folder, run, trace, small)]
    for line in wrong:
        print("wrong:", line)
    lacking = sorted({word for word in map(missing, MACHINES) if word})
    if lacking:
        print("not run, missing:", ", ".join(lacking))
    return 1 if wrong else 77 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
