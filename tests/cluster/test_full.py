#!/usr/bin/env python3
"""A full disk while an array is written and submitted: a clear sentence, nothing is submitted, and with room the same command works. The programs of
Slurm are played by scripts. 77: no file system can be mounted here."""
import os
import shutil
import subprocess
import sys
import tempfile

RAINBOW = os.path.abspath(sys.argv[1])
FAKES = {"sbatch": '[ "$1" = --version ] || { echo "$@" >> "$CALLED"; echo 7; }', "squeue": "", "sinfo": "", "scontrol": ""}


def command(fake, seeds):
    env = dict(os.environ, PATH=fake + ":" + os.environ["PATH"], CALLED=os.path.join(fake, "called"))
    return subprocess.run([RAINBOW, "cluster", "slurm", "cartpole", "--seeds", seeds, "--run.group=full", "--submit"], env=env, text=True,
                          capture_output=True, check=False)


def fill(leave):
    """Fills the disk but for `leave` pages of 4 KiB."""
    with open("filler", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass
    os.truncate("filler", max(0, os.path.getsize("filler") // 4096 - leave) * 4096)


def check(fake):
    refused = submitted = 0
    for leave in range(0, 40):
        shutil.rmtree("runs", ignore_errors=True)
        if os.path.exists("filler"):
            os.remove("filler")
        fill(leave)
        done = command(fake, "1..100")
        called = os.path.exists(os.path.join(fake, "called"))
        if done.returncode == 0:
            assert called and os.path.exists("runs/full/slurm/jobs.txt"), done
            os.remove(os.path.join(fake, "called"))
            submitted += 1
        else:
            assert done.returncode == 1 and not called, done
            assert "No space left on device" in done.stderr and done.stderr.count("\n") <= 2, done.stderr
            assert not os.path.exists("runs/full/slurm/jobs.txt")
            refused += 1
            os.remove("filler")
            again = command(fake, "1..100")  # with room, the same command
            assert again.returncode == 0, again
            os.remove(os.path.join(fake, "called"))
    assert refused and submitted, (refused, submitted)
    print(f"{refused} sizes of a disk were too small, {submitted} were not; nothing was submitted without a note of it")


def main():
    with tempfile.TemporaryDirectory() as directory:
        fake, disk = os.path.join(directory, "fake"), os.path.join(directory, "disk")
        os.mkdir(fake)
        os.mkdir(disk)
        for name, text in FAKES.items():
            path = os.path.join(fake, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{text}\nexit 0\n")
            os.chmod(path, 0o755)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True, check=False).returncode:
            print("not run: no file system can be mounted here")
            sys.exit(77)
        try:
            os.chdir(disk)
            check(fake)
        finally:
            os.chdir("/")
            subprocess.run(["umount", disk], check=True)


main()
