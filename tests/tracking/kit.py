"""Shared by the tests of tracking: training in an empty directory, its tables, and reporting what could not be run.

Each test is called as  TEST.py RAINBOW  and exits with 0: passed, 1: failed, 77: not run because a package is missing.
"""
import csv
import os
import struct
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RAINBOW = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "rainbow"
SMALL = ["--agent.start_steps=100", "--agent.batch=8", "--net.hidden=16", "--net.mlp=16", "--replay.capacity=500", "--compute.threads=1"]


def need(package):
    """Continues with an interpreter that has the package: this one, or the one from scripts/get-trackers; otherwise exits as not run."""
    try:
        return __import__(package)
    except ImportError:
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        python = os.path.join(cache, "rainbow", "trackers-1", "bin", "python")
        if os.path.exists(python) and not os.environ.get("RAINBOW_TRACKER"):
            os.environ["RAINBOW_TRACKER"] = "1"
            os.execv(python, [python, *sys.argv])
    print(f"not run: the Python package {package} is missing; ./scripts/get-trackers gets it")
    raise SystemExit(77)


def can_write_events():
    """Whether this build can write event files, according to `rainbow doctor`."""
    text = subprocess.run([RAINBOW, "doctor"], capture_output=True, text=True).stdout
    return any(line.startswith("ok") and "event files" in line for line in text.splitlines())


def command(*words):
    return [RAINBOW, "train", *words]


def train(*words):
    result = subprocess.run(command(*words), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return os.path.abspath(result.stdout.splitlines()[0])


def table(run, name):
    """Rows as dictionaries of numbers; empty fields are omitted."""
    with open(os.path.join(run, name), newline="") as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]


def records(path):
    """The records of a .wandb file (LevelDB's log format, protobuf inside): pieces in blocks of 32 KiB, each with a checksum, a length and its
    kind."""
    from wandb.proto import wandb_internal_pb2
    block, header = 1 << 15, 7
    with open(path, "rb") as file:
        data = file.read()
    at, whole = header, b""  # the file's own header
    while at < len(data):
        left = block - at % block
        if left < header:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        whole += data[at + header:at + header + length]
        at += header + length
        if kind in (1, 4):  # the whole record, or its last piece
            yield wandb_internal_pb2.Record.FromString(whole)
            whole = b""
