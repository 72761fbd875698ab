#!/usr/bin/env python3
"""The JAX PQN (purejaxql) until it plays a score: one line of JSON for each of its evaluations, and one at the end.

    purejaxql_score.py --source DIRECTORY --task breakout [--steps N] [--goal SCORE] [--seed N] [--seeds N] [--every STEPS]

DIRECTORY holds the repository of purejaxql; nothing of it is changed. Its programs pqn_minatar.py and pqn_gymnax.py run with the
settings of their own files (config/alg/*.yaml), except those that the options name: the steps, over which epsilon and the step size fall,
and the evaluations, which are greedy. An evaluation plays --games games; the mean is that of each game's first end.

wandb is not used: a module of this file with that name receives what the program would log. The callback's times give the seconds of
compilation (up to the end of the first rollout, without what a rollout and an evaluation take) and of the evaluations, which the compiled
program makes between two rollouts (how much longer such a rollout takes than the median of the others). "seconds" count from before the
compilation, after the imports, without the evaluations.

--seeds N trains N seeds at once (vmap), as the program's NUM_SEEDS; their times are then one for all.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import time
import types

TASKS = {
    "cartpole": dict(program="pqn_gymnax", settings="pqn_cartpole", env="CartPole-v1", limit=500),
    "acrobot": dict(program="pqn_gymnax", settings="pqn_cartpole", env="Acrobot-v1", limit=500),
    "breakout": dict(program="pqn_minatar", settings="pqn_minatar", env="Breakout-MinAtar", limit=1000),
    "freeway": dict(program="pqn_minatar", settings="pqn_minatar", env="Freeway-MinAtar", limit=2500),
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", required=True, help="the directory of purejaxql's repository")
    parser.add_argument("--task", required=True, choices=TASKS)
    parser.add_argument("--steps", type=int, default=0, help="steps of training; those of the program's settings by default")
    parser.add_argument("--every", type=int, default=0, help="steps between evaluations; a twentieth of --steps by default")
    parser.add_argument("--games", type=int, default=20)
    parser.add_argument("--goal", type=float, default=float("inf"), help="end at the first evaluation with this mean")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many to train at once")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="other settings of the program, such as LR=0.0005")
    return parser.parse_args()


class Watcher:
    """What the program logs after each rollout, with the time at which it does so."""

    def __init__(self, options):
        self.options, self.began, self.last = options, None, None
        self.first, self.rollouts, self.evaluations, self.seen, self.step = None, [], [], {}, 0

    def log(self, metrics, step=None):
        now = time.monotonic()
        seed = next(key.partition("/")[0] for key in metrics if key.startswith("rng"))
        update = int(metrics["update_steps"])
        if update != self.step:  # the first seed of a rollout
            took, self.step = now - (self.last or self.began), update
            self.first = self.first or took
            evaluated = update % self.options.period == 0
            if self.last:
                (self.evaluations if evaluated else self.rollouts).append(took)
            self.last = now
        if update % self.options.period:
            return
        row = {"seed": self.seen.setdefault(seed, len(self.seen) + self.options.seed), "step": int(metrics["env_step"]),
               "score": round(float(metrics["test/returned_episode_returns"]), 4),
               "training": round(float(metrics["returned_episode_returns"]), 4), **self.times()}
        print(json.dumps(row), flush=True)
        if row["score"] >= self.options.goal:
            self.end(row["step"], row["score"])

    def times(self):
        rollout = statistics.median(self.rollouts) if self.rollouts else 0
        evaluations = [max(0, seconds - rollout) for seconds in self.evaluations]
        first = statistics.median(evaluations) if evaluations else 0  # one more is made before the first rollout
        evaluating = sum(evaluations) + first
        compiling = (self.first or 0) - rollout - first
        return {"seconds": round(time.monotonic() - self.began - evaluating, 3), "compiling": round(compiling, 3), "evaluating": round(evaluating, 3)}

    def end(self, step, score):
        """Ends the process: the compiled loop cannot be left otherwise."""
        print(json.dumps({"reached": score is not None and score >= self.options.goal, "step": step, "score": score, **self.times()}), flush=True)
        os._exit(0)


def first_games(LogWrapper, jnp):
    class FirstGames(LogWrapper):
        """Marks each environment's first end of a game only: the mean of a test is then that of one game in each environment."""

        def reset(self, key, params=None):
            obs, state = super().reset(key, params)
            return obs, (state, jnp.array(False))

        def step(self, key, state, action, params=None):
            inner, finished = state
            obs, inner, reward, done, info = super().step(key, inner, action, params)
            info["returned_episode"] = jnp.logical_and(done, jnp.logical_not(finished))
            return obs, (inner, jnp.logical_or(finished, done)), reward, done, info
    return FirstGames


def main():
    options = parse()
    task = TASKS[options.task]
    watcher = Watcher(options)
    wandb = types.ModuleType("wandb")
    wandb.log = watcher.log
    sys.modules["wandb"] = wandb
    sys.path.insert(0, options.source)
    import importlib
    import jax
    import jax.numpy as jnp
    import yaml
    program = importlib.import_module(f"purejaxql.{task['program']}")
    program.LogWrapper = first_games(program.LogWrapper, jnp)
    config = yaml.safe_load((pathlib.Path(options.source) / "purejaxql/config/alg" / f"{task['settings']}.yaml").read_text())
    config = {k: float(v) if k.startswith("TOTAL") else v for k, v in config.items()}
    steps = options.steps or config["TOTAL_TIMESTEPS"]
    config |= {name: yaml.safe_load(value) for name, value in (word.split("=", 1) for word in options.set)}
    rollout = config["NUM_ENVS"] * config["NUM_STEPS"]
    updates = int(steps // rollout)
    options.period = max(1, round((options.every or steps / 20) / rollout))
    config |= dict(ENV_NAME=task["env"], TOTAL_TIMESTEPS=steps, TOTAL_TIMESTEPS_DECAY=steps, TEST_DURING_TRAINING=True, EPS_TEST=0.0,
                   TEST_INTERVAL=(options.period + 0.5) / updates, TEST_NUM_ENVS=options.games, WANDB_MODE="ours", WANDB_LOG_ALL_SEEDS=True)
    watcher.began = time.monotonic()
    keys = jax.random.split(jax.random.PRNGKey(options.seed), options.seeds)
    jax.block_until_ready(jax.jit(jax.vmap(program.make_train(config)))(keys))
    jax.effects_barrier()
    watcher.end(updates * rollout, None)


if __name__ == "__main__":
    main()
