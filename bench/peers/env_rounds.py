"""Shared by the vector environments of other programs: a protocol, random actions drawn before the clock starts, and rounds.

The protocol is that of `rainbow bench env`: four frames per step, the last two pooled by their maximum, grey, 84 x 84, the newest four stacked,
up to 30 no-ops at the start, no sticky actions, no automatic FIRE, at most 108,000 frames."""
import argparse
import time

import rounds


def options(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--game", default="breakout", help="as in atari/NAME")
    parser.add_argument("--envs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=float, default=1, help="seconds before the first round")
    rounds.add_options(parser, seconds=5)
    return parser.parse_args()


def play(step, actions, seconds):
    """Steps all environments until the time is up; returns steps, seconds, processor seconds, games that ended."""
    turns = games = 0
    start, cpu = time.perf_counter(), time.process_time()
    while (now := time.perf_counter()) - start < seconds:
        _, _, terminated, truncated, _ = step(actions[turns % len(actions)])
        games += int((terminated | truncated).sum())
        turns += 1
    return turns * actions.shape[1], now - start, time.process_time() - cpu, games


def measure(o, step, choices, **versions):
    import numpy
    actions = numpy.random.default_rng(1).integers(0, choices, size=(1024, o.envs), dtype=numpy.int32)
    play(step, actions, o.warmup)
    for _ in rounds.rounds(o.serve):
        steps, seconds, cpu_seconds, games = play(step, actions, o.seconds)
        rounds.report(game=o.game, environments=o.envs, threads=o.threads, steps=steps, games=games, seconds=seconds, cpu_seconds=cpu_seconds,
                      steps_per_second=steps / seconds, steps_per_cpu_second=steps / cpu_seconds, **versions)
