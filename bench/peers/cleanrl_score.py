#!/usr/bin/env python3
"""CleanRL's dqn.py or pqn.py until it plays a score: the lines of bench/peers/score.py.

    cleanrl_score.py --source DIRECTORY --program pqn --task cartpole --every 2048 --goal 475 [--seed N] [-- FURTHER OPTIONS]

DIRECTORY holds the repository of CleanRL. Its program runs as it is, in a temporary directory; only the vectors of environments that it
makes count their steps, and evaluate the program's network at a count. CartPole and Acrobot have the program's defaults. The MinAtar games
come as one row of numbers, because the networks of these two programs have full layers only; pqn.py then has the constants that the
authors of PQN chose for MinAtar, and dqn.py a replay and an exploration as long as those of MinAtar's authors. FURTHER OPTIONS come last.
"""
import argparse
import os
import runpy
import sys
import tempfile

import gymnasium
import score
import torch

MINATAR = {
    "dqn": ["--total-timesteps=5000000", "--buffer-size=100000", "--exploration-fraction=0.02", "--end-e=0.1", "--learning-starts=5000",
            "--train-frequency=4", "--batch-size=32", "--target-network-frequency=1000"],
    "pqn": ["--total-timesteps=2000000", "--num-envs=128", "--num-steps=32", "--num-minibatches=32", "--update-epochs=2",
            "--learning-rate=0.0005", "--exploration-fraction=0.1"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    score.add_options(parser)
    parser.add_argument("--source", required=True, help="the directory of CleanRL's repository")
    parser.add_argument("--program", required=True, choices=MINATAR)
    parser.add_argument("further", nargs="*", help="options of the program")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    score.register(flat=True)
    watcher = None

    class Counted(gymnasium.vector.SyncVectorEnv):
        steps = 0

        def step(self, actions):
            result = super().step(actions)
            self.steps += self.num_envs
            network = sys._getframe(1).f_globals["q_network"]  # the program's loop is not in a function

            def choose(observations):
                with torch.no_grad():
                    return network(torch.from_numpy(observations)).argmax(1).numpy()
            watcher.stepped(self.steps, choose)
            return result

    gymnasium.vector.SyncVectorEnv = Counted
    source = os.path.abspath(options.source)
    sys.path.insert(0, source)
    sys.argv = [options.program, f"--env-id={score.TASKS[options.task]}", f"--seed={options.seed}", "--no-cuda",
                *(MINATAR[options.program] if options.task in score.LIMITS else []), *options.further]
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        printed, sys.stdout = sys.stdout, open(os.devnull, "w")  # a line for every game
        score.print = lambda text, flush: print(text, file=printed, flush=True)
        watcher = score.Watcher(options)
        runpy.run_path(f"{source}/cleanrl/{options.program}.py", run_name="__main__")
        watcher.end(watcher.next - options.every)


if __name__ == "__main__":
    main()
