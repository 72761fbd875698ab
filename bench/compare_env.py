#!/usr/bin/env python3
"""Environments alone, ours against ALE's own vector environment and EnvPool on this machine: in turns, so that all meet the same noise.

    python3 bench/compare_env.py --python PYTHON [--games breakout,pong,seaquest] [--threads 1,2] [--rounds 7] [--seconds 5] [--out FILE.json]

PYTHON is an interpreter that has ale-py, gymnasium and envpool. Same game, same protocol, same number of environments and threads, random
actions (bench/peers/env_rounds.py). In each round every side measures once, the order turned round every other time; the ratio is taken round
by round, and above 1 means that ours is faster. Printed: steps a second, and ratios as median (least .. quarters .. most); then the same for
steps in a second of the processor's time, which a machine that other programs use spoils less: there a side that waits for its threads loses
nothing, so it stands beside the first and not in its place.
"""
import argparse
import json
import pathlib
import statistics
import subprocess

from compare import Peer, Unable, busy_share, cpu, spread

PEERS = {"ALE's AtariVectorEnv": ("ale_vector.py", 1.05), "EnvPool": ("envpool_vector.py", 1.3)}
MEASURES = {"steps_per_second": "steps/s", "steps_per_cpu_second": "steps per second of the processor"}


def ours(options, game, threads):
    words = [options.rainbow, "bench", "env", f"atari/{game}", "--atari.sticky=0", "--atari.noop_min=1", "--atari.noop_max=30",
             f"--env.count={options.envs}", f"--threads={threads}", f"--seconds={options.seconds}", "--warmup=1", "--json"]
    scene = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["scenes"][0]
    return {**scene, "steps_per_cpu_second": scene["steps"] / (scene["running_share"] * scene["seconds"] * scene["threads"])}


def measure(options, game, threads):
    """{side: its rounds}, ours first."""
    peers = {}
    try:
        for name, (script, _) in PEERS.items():
            words = [script, "--game", game, "--envs", str(options.envs), "--threads", str(threads), "--seconds", str(options.seconds)]
            try:
                peers[name] = Peer(options, words)
            except Unable as why:
                print(f"    left out: {why}")
        sides = {"ours": lambda: ours(options, game, threads), **{name: peer.measure for name, peer in peers.items()}}
        rounds = {side: [] for side in sides}
        for i in range(options.rounds):
            for side in (list(sides) if i % 2 == 0 else reversed(sides)):
                rounds[side].append(sides[side]())
        return rounds
    finally:
        for peer in peers.values():
            peer.close()


def show(rounds):
    for key, unit in MEASURES.items():
        for side, values in rounds.items():
            numbers = [v[key] for v in values]
            line = f"    {side:<22} median {statistics.median(numbers):7,.0f}, best {max(numbers):7,.0f} {unit}"
            if side != "ours":
                r = spread([o[key] / t[key] for o, t in zip(rounds["ours"], values)])
                line += f"; ours: {r['median']:.2f} × ({r['least']:.2f} .. {r['quarters'][0]:.2f} .. {r['quarters'][1]:.2f} .. {r['most']:.2f})"
            print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rainbow", default="build/release/rainbow", help="our program")
    parser.add_argument("--python", default="python3", help="interpreter that has the peers' packages")
    parser.add_argument("--games", default="breakout,pong,seaquest")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--envs", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    parser.add_argument("--out", default="", help="write everything measured to this file, as JSON")
    options = parser.parse_args()
    results = []
    for game in options.games.split(","):
        for threads in (int(t) for t in options.threads.split(",")):
            print(f"{game}, {options.envs} environments, {threads} threads; other programs use {100 * busy_share():.0f} % of the machine")
            rounds = measure(options, game, threads)
            show(rounds)
            results.append({"game": game, "environments": options.envs, "threads": threads, "rounds": rounds})
            if options.out:
                pathlib.Path(options.out).write_text(json.dumps({"cpu": cpu(), "results": results}, indent=1) + "\n")
    print("should be at least " + ", ".join(f"{least} × {name}" for name, (_, least) in PEERS.items()))


if __name__ == "__main__":
    main()
