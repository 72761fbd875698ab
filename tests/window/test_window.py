#!/usr/bin/env python3
"""The real window: real keys through an X server without a screen (Xvfb), and the displayed pixels.

    test_window.py RAINBOW      exit status 0: passed, 1: failed, 77: not run because Xvfb, xdotool or SDL2 is missing

Xvfb keeps its screen in a file (XWD), which is read here; xdotool sends the keys. The test waits for each expected result, so a slow machine
only takes longer.
"""
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib

RAINBOW = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "rainbow"
WIDTH, HEIGHT, PATIENCE = 1280, 720, 60
AMBER, GREEN, PANEL = (244, 184, 74), (120, 200, 140), (25, 29, 37)
GAME = (24, 66, 840, 630)  # x, y, width, height of the game's area on the canvas
CELL, LEFT, TOP = 63, 129, 66  # MinAtar's ten by ten cells in that area


def not_run(why):
    print(f"not run: {why}")
    raise SystemExit(77)


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


class Screen:
    """A separate X server, on the first free display number."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "Xvfb_screen0")
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH + 40}x{HEIGHT + 60}x24", "-nolisten", "tcp", "-noreset",
             "-fbdir", folder],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        self.env = dict(os.environ, DISPLAY=f":{number}", SDL_RENDER_DRIVER="software",
                        ASAN_OPTIONS="detect_leaks=0")  # SDL's own libraries leak; test_watch checks ours
        for name in ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
            self.env.pop(name, None)

    def close(self):
        self.server.terminate()
        self.server.wait()

    def tool(self, *words):
        result = subprocess.run(["xdotool", *map(str, words)], env=self.env, capture_output=True, text=True)
        return result.stdout if result.returncode == 0 else ""

    def pixels(self, x, y, width, height):
        """Rows of (red, green, blue)."""
        with open(self.file, "rb") as file:
            data = file.read()
        fields = struct.unpack(">25I", data[:100])
        size, order, bits, row, colours = fields[0], fields[7], fields[11], fields[12], fields[19]
        assert bits == 32, fields
        start = size + 12 * colours
        swap = (2, 1, 0) if order == 0 else (1, 2, 3)
        rows = []
        for line in range(y, y + height):
            at = start + line * row + 4 * x
            part = data[at:at + 4 * width]
            rows.append([tuple(part[i + k] for k in swap) for i in range(0, len(part), 4)])
        return rows


class Window:
    """A rainbow process with a window on that screen."""

    def __init__(self, screen, folder, *words):
        self.screen = screen
        self.process = subprocess.Popen([RAINBOW, *words], env=screen.env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        wait_for("the window", self.find)

    def find(self):
        assert self.process.poll() is None, self.process.communicate()
        self.id = self.screen.tool("search", "--onlyvisible", "--name", "rainbow (watch|play)").strip()
        return self.id and self.place()

    def place(self):
        """Whether the window has a place; one that is just being made may have none yet."""
        where = self.screen.tool("getwindowgeometry", "--shell", self.id)
        found = [re.search(rf"^{axis}=(-?\d+)", where, re.M) for axis in "XY"]
        if not all(found):
            return False
        self.x, self.y = (int(one.group(1)) for one in found)
        return True

    def key(self, *names):
        for name in names:
            self.screen.tool("key", name)

    def hold(self, name, down):
        self.screen.tool("keydown" if down else "keyup", name)

    def pixels(self, x, y, width, height):
        return self.screen.pixels(self.x + x, self.y + y, width, height)

    def pixel(self, x, y):
        return self.pixels(x, y, 1, 1)[0][0]

    def has(self, colour, x, y, width, height):
        return any(colour in row for row in self.pixels(x, y, width, height))

    def paused(self):
        return self.has(AMBER, 400, 30, 464, 22)

    def paddle(self):
        """The column of MinAtar's paddle: the blue cell of the lowest row."""
        for column in range(10):
            red, _, blue = self.pixel(LEFT + CELL * column + 30, TOP + CELL * 9 + 30)
            if blue > red + 40:
                return column
        return None

    def ends(self, expected=0):
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == expected, (self.process.returncode, out, err)
        assert not err, err
        return out


def read_png(path):
    """Rows of (red, green, blue) of a PNG file with 8 bits per colour."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
            assert (depth, colour) == (8, 2)
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    plain, row, rows = zlib.decompress(packed), bytearray(3 * width), []
    for y in range(height):
        kind, line = plain[y * (3 * width + 1)], bytearray(plain[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
        for i in range(3 * width):
            a, b, c = (line[i - 3] if i > 2 else 0), row[i], (row[i - 3] if i > 2 else 0)
            if kind == 4:  # Paeth
                p = a + b - c
                near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            else:
                near = (0, a, b, (a + b) // 2)[kind]
            line[i] = (line[i] + near) & 255
        row = line
        rows.append([tuple(line[i:i + 3]) for i in range(0, 3 * width, 3)])
    return rows


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
             "--agent.batch=8", "--net.hidden=16", "--replay.capacity=500", "--eval.every_steps=0", "--plot.enabled=false",
             "--compute.threads=1"], cwd=folder, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        run = result.stdout.splitlines()[0]
        screen = Screen(folder)
        test_watch(screen, folder, run)
        test_play(screen, folder)
    finally:
        if screen:
            screen.close()
        shutil.rmtree(folder)
    print("good")


main()
