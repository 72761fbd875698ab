#!/usr/bin/env python3
"""Runs compare_runs with programs that only pretend to train and differ in one known way each."""
import os
import stat
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare_runs")

# Writes what a run leaves. CHANGE names the way in which this program differs; LACKS what its doctor misses.
PROGRAM = """#!{python}
import json, os, struct, sys
CHANGE, LACKS = {change!r}, {lacks!r}
words = sys.argv[1:]
if words[0] == "doctor":
    print(json.dumps({{"parts": [{{"what": what, "ok": what not in LACKS, "found": "" if what in LACKS else "bf16"}}
                                for what in ("processor", "Atari emulator", "Atari ROMs", "gymnasium")]}}))
    sys.exit(1 if LACKS else 0)
resume = words.index("--resume") if "--resume" in words else 0
options = dict(word.split("=", 1) for word in words if "=" in word)
run = words[resume + 1] if resume else os.path.join(options["--run.root"], "default", options["--run.name"])
if CHANGE == "fails":
    print("rainbow: no room", file=sys.stderr)
    sys.exit(1)
if CHANGE == "forgets" and resume:
    sys.exit(0)
steps = options["--run.max_steps"]
os.makedirs(run, exist_ok=resume > 0)
for name in ("train.csv", "eval.csv"):
    with open(os.path.join(run, name), "a") as file:
        if not resume:
            file.write("step,return,seconds\\n" if CHANGE != "header" else "step,score,seconds\\n")
        rows = 1 if CHANGE == "row" else 2
        for row in range(rows):
            file.write(f"{{steps}},{{7 if CHANGE == 'cell' and row else 3}},{{os.getpid()}}\\n")
if CHANGE != "checkpoint":
    path = os.path.join(run, "checkpoints", "step_" + steps)
    os.makedirs(path)
    numbers = [1.0, -0.0 if CHANGE == "bit" else 0.0]
    name = "b" if CHANGE == "name" else "a"
    shape = [1, 2] if CHANGE == "shape" else [2]
    header = json.dumps({{"__metadata__": {{"pid": str(os.getpid())}}, name: {{"dtype": "F32", "shape": shape, "data_offsets": [0, 8]}}}}).encode()
    with open(os.path.join(path, "weights.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + struct.pack("<2f", *numbers))
"""

CHANGES = [  # the way, and the sentences that name it for the run cartpole
    ("cell", ["eval.csv: return differs in 1 rows, first in row 2: 3 | 7", "train.csv: return differs in 1 rows, first in row 2: 3 | 7"]),
    ("row", ["eval.csv: 2 | 1 rows", "train.csv: 2 | 1 rows"]),
    ("header", ["eval.csv: columns step,return,seconds | step,score,seconds", "train.csv: columns step,return,seconds | step,score,seconds"]),
    ("bit", ["checkpoints/step_4000/weights.safetensors: 1 of 2 numbers of a differ"]),
    ("shape", ["checkpoints/step_4000/weights.safetensors: a is F32 [2] | F32 [1, 2]"]),
    ("name", ["checkpoints/step_4000/weights.safetensors: only OLD has the tensor a",
              "checkpoints/step_4000/weights.safetensors: only NEW has the tensor b"]),
    ("checkpoint", ["only OLD has checkpoints/step_4000/weights.safetensors"]),
    ("fails", ["NEW failed: exit status 1: rainbow: no room"]),
]


class CompareRuns(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def program(self, name, change="", lacks=()):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(PROGRAM.format(python=sys.executable, change=change, lacks=lacks))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        return path

    def compare(self, *arguments):
        done = subprocess.run([sys.executable, TOOL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout.splitlines()

    def test_equal(self):
        status, lines = self.compare(self.program("old"), self.program("new"))
        self.assertEqual((status, lines[-1]), (0, "6 equal, 0 different, 0 not run"))
        self.assertEqual(len(lines), 7)

    def test_each_difference(self):
        for change, sentences in CHANGES:
            with self.subTest(change=change):
                status, lines = self.compare("--only=cartpole", self.program("old"), self.program("new", change))
                self.assertEqual(status, 1)
                self.assertEqual(lines, ["cartpole     DIFFERENT"] + ["  " + s for s in sentences] + ["0 equal, 1 different, 0 not run"])

    def test_a_difference_after_the_resume(self):
        status, lines = self.compare("--only=resumed", self.program("old"), self.program("new", "forgets"))
        self.assertEqual(status, 1)
        self.assertIn("  only OLD has checkpoints/step_4000/weights.safetensors", lines)

    def test_missing_parts(self):
        status, lines = self.compare(self.program("old", lacks=("Atari ROMs", "gymnasium")), self.program("new"))
        self.assertEqual(status, 0)
        self.assertEqual(lines[2:5], ["atari-f32    not run: Atari ROMs is missing", "atari-bf16   not run: Atari ROMs is missing",
                                      "gymnasium    not run: gymnasium is missing"])
        self.assertEqual(lines[-1], "3 equal, 0 different, 3 not run")
        status, lines = self.compare("--only=gymnasium", self.program("old", lacks=("gymnasium",)), self.program("new"))
        self.assertEqual(status, 2)
        status, lines = self.compare("--only=atari-bf16", self.program("old", lacks=("processor",)), self.program("new"))
        self.assertEqual(status, 2)

    def test_nothing_is_not_equal(self):
        status, lines = self.compare("--only=cartpole", self.program("old", "checkpoint"), self.program("new", "checkpoint"))
        self.assertEqual(status, 1)
        self.assertIn("  OLD has no weights.safetensors: there is nothing to compare", lines)

    def test_usage(self):
        old = self.program("old")
        self.assertEqual(self.compare(old)[0], 2)
        self.assertEqual(self.compare(old, self.directory)[0], 2)
        self.assertEqual(self.compare("--keep", self.directory, old, old)[0], 2)
        self.assertEqual(self.compare("--help")[0], 0)


unittest.main()
