"""Windows of `rainbow` on an X server without a screen (Xvfb): real keys by xdotool, and the displayed pixels. The tests of this folder
and docs/pictures/windows use it.

Xvfb keeps its screen in a file (XWD), which is read here.
"""
import os
import re
import struct
import subprocess
import time
import zlib

WIDTH, HEIGHT, PATIENCE = 1280, 720, 60


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
    """A process of the program `rainbow` with a window on that screen."""

    def __init__(self, rainbow, screen, folder, *words):
        self.screen = screen
        self.process = subprocess.Popen([rainbow, *words], env=screen.env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
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
