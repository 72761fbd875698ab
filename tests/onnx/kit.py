"""Shared by the tests of exported networks: training runs, the agent's observations and Q-values, and a report of parts not run.

Each test is called as  TEST.py RAINBOW  and exits with 0: passed, 1: failed, 77: not run, or only in part, because something is missing.
"""
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RAINBOW = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "rainbow"
MISSING = []


def need(*packages):
    """Continues with an interpreter that has the packages: this one, or the one from scripts/get-onnx; otherwise exits as not run."""
    for package in packages:
        try:
            __import__(package)
        except ImportError:
            cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
            python = os.path.join(cache, "rainbow", "onnx-1", "bin", "python")
            if os.path.exists(python) and not os.environ.get("RAINBOW_ONNX"):
                os.environ["RAINBOW_ONNX"] = "1"
                os.execv(python, [python, *sys.argv])
            print(f"not run: the Python package {package} is missing; ./scripts/get-onnx gets it")
            raise SystemExit(77)


def rainbow(*words):
    result = subprocess.run([RAINBOW, *words], capture_output=True, text=True)
    assert result.returncode == 0, f"{' '.join(words)}: {result.stderr}"
    return result.stdout


def has(what):
    """Whether this machine has it, according to `rainbow doctor`; if not, the test reports that at its end."""
    text = subprocess.run([RAINBOW, "doctor"], capture_output=True, text=True).stdout
    if any(line.startswith("ok") and what in line for line in text.splitlines()):
        return True
    MISSING.append(what)
    return False


def train(env, *words):
    """Trains for a few updates and returns the run's directory."""
    text = rainbow("train", env, "--run.max_steps=80", "--agent.start_steps=40", "--agent.update_every_steps=8", "--agent.updates=1", "--agent.batch=8", "--replay.capacity=1000",
                   "--eval.enabled=false", "--compute.precision=f32", "--plot.enabled=false", "--tensorboard.enabled=false",
                   "--compute.threads=1", *words)
    return os.path.abspath(text.splitlines()[0])


def load(path):
    """Reads a safetensors file: its arrays and its metadata."""
    import numpy
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header, values = json.loads(data[8:8 + length]), data[8 + length:]
    notes = header.pop("__metadata__", {})
    types = {"F32": "<f4", "I32": "<i4", "U8": "u1"}
    return {name: numpy.frombuffer(values[slice(*one["data_offsets"])], types[one["dtype"]]).reshape(one["shape"])
            for name, one in header.items()}, notes


def store(path, name, array):
    """Replaces the values of one tensor in a file, and leaves the checksum out, as docs/onnx.md asks."""
    with open(path, "rb") as file:
        data = file.read()
    length = int.from_bytes(data[:8], "little")
    header, values = json.loads(data[8:8 + length]), bytearray(data[8 + length:])
    header["__metadata__"].pop("rainbow_checksum", None)
    first, last = header[name]["data_offsets"]
    values[first:last] = array.astype("<f4").tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + values)


def end(said):
    print(said)
    if MISSING:
        print(f"not run: without {', '.join(MISSING)}; `rainbow doctor` says how to get it")
        raise SystemExit(77)
