#!/usr/bin/env python3
"""The real window: real keys through an X server without a screen (Xvfb), and the displayed pixels.

    test_window.py RAINBOW      exit status 0: passed, 1: failed, 77: not run because Xvfb, xdotool or SDL2 is missing

The test waits for each expected result, so a slow machine only takes longer.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # no files beside the sources
from screen import HEIGHT, WIDTH, Screen, Window as AnyWindow, read_png, wait_for  # noqa: E402

RAINBOW = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "rainbow"
AMBER, GREEN, PANEL = (244, 184, 74), (120, 200, 140), (25, 29, 37)
GAME = (24, 66, 840, 630)  # x, y, width, height of the game's area on the canvas
CELL, LEFT, TOP = 63, 129, 66  # MinAtar's ten by ten cells in that area


def not_run(why):
    print(f"not run: {why}")
    raise SystemExit(77)


class Window(AnyWindow):
    """With what the test asks of it."""

    def __init__(self, where, folder, *words):
        super().__init__(RAINBOW, where, folder, *words)

    def paused(self):
        return self.has(AMBER, 400, 30, 464, 22)

    def paddle(self):
        """The column of MinAtar's paddle: the blue cell of the lowest row."""
        for column in range(10):
            red, _, blue = self.pixel(LEFT + CELL * column + 30, TOP + CELL * 9 + 30)
            if blue > red + 40:
                return column
        return None


def test_watch(screen, folder, run):
    window = Window(screen, folder, "watch", run, "--epsilon=0", "--env.sticky=0")
    wait_for("the game", lambda: window.pixel(LEFT + 30, TOP + CELL + 30) != window.pixel(GAME[0] + 5, GAME[1] + 5))
    window.key("p")
    wait_for("the pause", window.paused)
    still = window.pixels(*GAME)
    time.sleep(0.5)
    assert window.pixels(*GAME) == still, "moved while paused"

    window.key("period")
    wait_for("one step", lambda: window.pixels(*GAME) != still)
    step = window.pixels(*GAME)
    time.sleep(0.5)
    assert window.pixels(*GAME) == step, "a step is one step"

    window.key("s")
    shot = os.path.join(folder, "breakout-1.png")
    wait_for("the screenshot", lambda: os.path.exists(shot))
    rows = read_png(shot)  # the file is written whole or not at all
    assert (len(rows[0]), len(rows)) == (WIDTH, HEIGHT)
    x, y, width, height = GAME
    assert [row[x:x + width] for row in rows[y:y + height]] == step, "the picture is the window's"

    window.key("n", "t")
    wait_for("the pill", lambda: window.has(GREEN, 400, 30, 464, 22))
    for key, towards in (("Left", -1), ("Right", 1)):
        window.hold(key, True)
        for _ in range(3):
            before = wait_for("the paddle", lambda: str(window.paddle() if window.paddle() is not None else ""))
            window.key("period")
            wanted = str(min(max(int(before) + towards, 0), 9))
            wait_for(f"the paddle one to the {key}", lambda: str(window.paddle()) == wanted)
        window.hold(key, False)
    window.key("t")
    wait_for("no pill", lambda: not window.has(GREEN, 400, 30, 464, 22))

    window.key("h")
    wait_for("the help", lambda: window.pixel(340, 400) == PANEL and window.has(AMBER, 340, 190, 200, 20))
    window.key("Escape")
    wait_for("no help", lambda: window.pixel(340, 400) != PANEL or not window.has(AMBER, 340, 190, 200, 20))

    brick = window.pixel(LEFT + 30, TOP + 3 * CELL + 30)  # scaled with the window, with the same aspect ratio
    screen.tool("windowsize", window.id, WIDTH // 2, HEIGHT // 2 + 100)
    window.place()
    wait_for("the smaller picture", lambda: window.pixel((LEFT + 30) // 2, 50 + (TOP + 3 * CELL + 30) // 2) == brick)
    assert window.pixel(300, 20) == (0, 0, 0) and window.pixel(300, HEIGHT // 2 + 80) == (0, 0, 0)

    window.key("p")
    wait_for("going on", lambda: not window.has(AMBER, 200, 65, 232, 11))
    window.key("q")
    out = window.ends()
    assert re.match(r"minatar/breakout, step \d+: \d+ steps, ", out), out


def test_best_weights_that_change(screen, folder, run):
    """R loads the best weights of a run that has meanwhile found better ones, though their path is the same."""
    best = os.path.join(folder, run, "checkpoints", "best")
    at = {step: f"step_{step:012d}" for step in (100, 200)}
    os.remove(best)
    os.symlink(at[100], best)
    window = Window(screen, folder, "watch", run, "--best")
    wait_for("the game", lambda: window.pixel(LEFT + 30, TOP + CELL + 30) != window.pixel(GAME[0] + 5, GAME[1] + 5))
    os.symlink(at[200], best + ".new")
    os.replace(best + ".new", best)
    window.key("r", "p")  # keys act in order
    wait_for("the pause", window.paused)
    window.key("q")
    out = window.ends()
    assert out.startswith("minatar/breakout, step 200: "), out


def test_play(screen, folder):
    window = Window(screen, folder, "play", "minatar/breakout", "--env.sticky=0")
    wait_for("the card", lambda: window.has(AMBER, 300, 350, 300, 30))
    time.sleep(0.4)
    assert window.paddle() is not None
    before = window.paddle()
    window.hold("Left", True)
    wait_for("the paddle at the left", lambda: window.paddle() == 0)
    assert before > 0
    window.hold("Left", False)
    wait_for("the end of the game", lambda: window.has(AMBER, 300, 300, 300, 40))
    kept = os.path.join(folder, "runs", "play.csv")
    wait_for("the score", lambda: os.path.exists(kept))
    window.key("q")
    out = window.ends()
    assert "1 game finished" in out and "runs/play.csv" in out, out
    with open(kept) as file:
        assert re.fullmatch(r"return,steps,env\n[\d.]+,\d+,minatar/breakout\n", file.read())

    window = Window(screen, folder, "play", "cartpole")
    window.process.send_signal(signal.SIGTERM)  # has the same effect as closing the window
    assert "cartpole: 0 steps" in window.ends()


def main():
    for name in ("Xvfb", "xdotool"):
        if not shutil.which(name):
            not_run(f"{name} is missing; Debian's package is {name.lower()}")
    doctor = subprocess.run([RAINBOW, "doctor"], capture_output=True, text=True).stdout
    if not re.search(r"^ok +windows ", doctor, re.M):
        not_run("rainbow is built without SDL2")
    folder = tempfile.mkdtemp()
    screen = None
    try:
        result = subprocess.run(
            [RAINBOW, "train", "minatar/breakout", "--preset=minatar-dqn", "--run.max_steps=200", "--agent.start_steps=100",
             "--agent.batch=8", "--net.hidden=16", "--replay.capacity=500", "--eval.every_steps=0", "--checkpoint.every_steps=100", "--plot.enabled=false",
             "--compute.threads=1"], cwd=folder, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        run = result.stdout.splitlines()[0]
        screen = Screen(folder)
        test_watch(screen, folder, run)
        test_best_weights_that_change(screen, folder, run)
        test_play(screen, folder)
    finally:
        if screen:
            screen.close()
        shutil.rmtree(folder)
    print("good")


main()
