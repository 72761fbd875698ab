#!/usr/bin/env python3
"""What it costs to be watched: trainings with everything on (event files, the run's own picture, the panel in a terminal) against the same
trainings with everything off, in turns.

    python3 bench/watching.py [--rainbow FILE] [--rounds 5]

Each pair is the same training to the bit. Compared is the time of the processor, gnuplot's included, which other programs on the machine
spoil less than the time of the day. Printed: seconds of both, and on / off as median (least .. most). A video is not among it, for it is
asked for: docs/video.md says what a frame costs.
"""
import argparse
import os
import pathlib
import pty
import statistics
import subprocess
import tempfile
import threading

SCENES = {
    "Breakout, DQN, 20,000 steps": ["atari/breakout", "--preset=dqn", "--replay.capacity=50k", "--agent.start_steps=1k", "--run.max_steps=20k",
                                    "--explore.steps=10k", "--eval.every_steps=10k", "--eval.episodes=1", "--eval.max_episode_steps=1000"],
    "MinAtar Breakout, Rainbow, 100,000 steps": ["minatar/breakout", "--preset=minatar-rainbow", "--run.max_steps=100k", "--eval.episodes=10"],
}
OFF = ["--tensorboard.enabled=false", "--plot.enabled=false", "--quiet"]


def empty(terminal):
    """Reads what the panel draws, as a terminal would."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # the other end is closed
        pass


def seconds(rainbow, words, watched, folder):
    """Of the processor, in a training and all it started."""
    words = [rainbow, "train", *words, "--compute.threads=1", "--checkpoint.every_steps=0", "--run.overwrite=true", f"--run.root={folder}", "--run.name=run"]
    if not watched:
        process = subprocess.Popen([*words, *OFF], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    else:
        terminal, other_end = pty.openpty()
        process = subprocess.Popen(words, stdout=other_end, stderr=other_end, stdin=other_end, env={**os.environ, "TERM": "xterm"})
        os.close(other_end)
        reader = threading.Thread(target=empty, args=(terminal,))
        reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if watched:
        reader.join()
        os.close(terminal)
    if process.returncode:
        raise SystemExit(f"watching.py: the training ended with status {process.returncode}: {' '.join(words)}")
    return usage.ru_utime + usage.ru_stime


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rainbow", default=here.parent / "build/release/rainbow", type=pathlib.Path)
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    if not options.rainbow.exists():
        parser.error(f"{options.rainbow}: there is no such program; build it, or name it with --rainbow")
    with tempfile.TemporaryDirectory() as folder:
        for name, words in SCENES.items():
            on, off = [], []
            for i in range(options.rounds):
                for watched in (True, False) if i % 2 else (False, True):
                    (on if watched else off).append(seconds(options.rainbow.resolve(), words, watched, folder))
            ratios = [a / b for a, b in zip(on, off)]
            print(f"{name}: on {statistics.median(on):.1f} s, off {statistics.median(off):.1f} s; "
                  f"on / off {statistics.median(ratios):.3f} ({min(ratios):.3f} .. {max(ratios):.3f})", flush=True)


if __name__ == "__main__":
    main()
