"""What the peers of bench/time_to_score share: the tasks as Gymnasium environments, greedy evaluations, and the lines that a peer prints.

One line of JSON per evaluation: {"step", "score", "seconds", "evaluating"}, and one at the end with "reached". "seconds" count from the
start of training, without the evaluations, whose seconds "evaluating" holds.
"""
import json
import sys
import time

import gymnasium
import numpy as np

# name: Gymnasium's id. The MinAtar games are those of MinAtar's own interface, played as gymnax plays them: no sticky actions, the actions
# that have an effect, no growing difficulty, and a limit of steps.
TASKS = {"cartpole": "CartPole-v1", "acrobot": "Acrobot-v1", "breakout": "TimeToScore/Breakout-v0", "freeway": "TimeToScore/Freeway-v0"}
LIMITS = {"breakout": 1000, "freeway": 2500}


def add_options(parser):
    parser.add_argument("--task", required=True, choices=TASKS)
    parser.add_argument("--every", type=int, required=True, help="steps between evaluations")
    parser.add_argument("--games", type=int, default=20)
    parser.add_argument("--goal", type=float, default=float("inf"), help="end at the first evaluation with this mean")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="PyTorch's threads")


class Planes(gymnasium.ObservationWrapper):
    """MinAtar's planes as float32, channels first for a network of convolutions or as one row of numbers for one of full layers."""

    def __init__(self, env, flat):
        super().__init__(env)
        rows, columns, channels = env.observation_space.shape
        shape = (rows * columns * channels,) if flat else (channels, rows, columns)
        self.flat, self.observation_space = flat, gymnasium.spaces.Box(0.0, 1.0, shape, np.float32)

    def observation(self, observation):
        return np.float32(observation).ravel() if self.flat else np.float32(observation).transpose(2, 0, 1)


def register(flat):
    """Makes the MinAtar games known to gymnasium.make by the names above."""
    for game, limit in LIMITS.items():
        def make(game=game, **words):
            from minatar.gym import BaseEnv
            return Planes(BaseEnv(game, use_minimal_action_set=True, sticky_action_prob=0.0, difficulty_ramping=True), flat)
        gymnasium.register(id=TASKS[game], entry_point=make, max_episode_steps=limit, disable_env_checker=True)


class Watcher:
    """Evaluates after every so many steps, and ends the program at the goal."""

    def __init__(self, options):
        self.options, self.envs, self.next = options, None, options.every
        self.began, self.evaluating, self.score = time.monotonic(), 0.0, None

    def stepped(self, step, choose):
        """`choose` takes an array of observations and gives an array of greedy actions."""
        if step < self.next:
            return
        self.next += self.options.every
        before = time.monotonic()
        self.score = self.evaluate(choose)
        self.evaluating += time.monotonic() - before
        print(json.dumps({"step": step, "score": self.score, **self.times()}), flush=True)
        if self.score >= self.options.goal:
            self.end(step)

    def evaluate(self, choose):
        """The mean of one game in each of --games environments, whose starts are the same every time."""
        if self.envs is None:
            self.envs = [gymnasium.make(TASKS[self.options.task]) for _ in range(self.options.games)]
        observations = [env.reset(seed=1000 + i)[0] for i, env in enumerate(self.envs)]
        playing, returns = list(range(len(self.envs))), np.zeros(len(self.envs))
        while playing:
            actions = choose(np.stack([observations[i] for i in playing]))
            still = []
            for i, action in zip(playing, actions):
                observations[i], reward, terminated, truncated, _ = self.envs[i].step(int(action))
                returns[i] += reward
                if not (terminated or truncated):
                    still.append(i)
            playing = still
        return float(returns.mean())

    def times(self):
        return {"seconds": round(time.monotonic() - self.began - self.evaluating, 3), "evaluating": round(self.evaluating, 3)}

    def end(self, step):
        reached = self.score is not None and self.score >= self.options.goal
        print(json.dumps({"reached": reached, "step": step, "score": self.score, **self.times()}), flush=True)
        sys.exit(0)
