#!/usr/bin/env python3
"""Runs check_layers.py on trees with known faults, with the real table, and expects each fault at its line and nothing else."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CHECK = os.path.join(HERE, "check_layers.py")
DESIGN = os.path.join(HERE, "..", "DESIGN.md")

GOOD = {
    "include/rainbow/error.h": "#define E 1\n",
    "include/rainbow/env.h": '#include "rainbow/error.h"\n',
    "src/base/arena.h": '#include "rainbow/error.h"\n#include <stddef.h>\n',
    "src/replay/batch.h": '#include "rainbow/env.h"\n',
    "src/replay/ring.h": '#include "base/arena.h"\n',
    "src/agent/agent.c": '#include "replay/batch.h"\n#include "base/arena.h"\n',
    "src/train/loop.c": '#include "replay/ring.h"\n#include "rainbow/env.h"\n',
    "src/bench/bench.h": '#include "train/loop.c"\n',
    "src/cli/main.c": '#include "rainbow/env.h"\n#include <stdio.h>\nint main(void) { printf("x"); abort(); }\n',
}

BAD = [  # file, text, line of the fault, a part of the sentence
    ("src/agent/peeks.c", '#include "base/arena.h"\n#include "replay/ring.h"\n', 2, "agent may not include replay/ring.h"),
    ("src/base/upward.c", '\n#include "train/loop.h"\n', 2, "is not there"),
    ("src/base/up.c", '#include "replay/batch.h"\n', 1, "base may not include replay/batch.h"),
    ("src/replay/sideways.c", '#include "agent/agent.c"\n', 1, "replay may not include agent/agent.c"),
    ("src/results/judges.c", '#include "agent/agent.c"\n', 1, "results may not include agent/agent.c"),
    ("src/results/learns.c", '#include "replay/ring.h"\n', 1, "results may not include replay/ring.h"),
    ("src/rollout/trains.c", '\n#include "train/loop.c"\n', 2, "rollout may not include train/loop.c"),
    ("src/rollout/remembers.c", '#include "replay/ring.h"\n', 1, "rollout may not include replay/ring.h"),
    ("src/rollout/opens.c", "void *f(void) { return fopen(0, 0); }\n", 1, "fopen in rollout"),
    ("src/inspect/learns.c", '#include "agent/agent.c"\n', 1, "inspect may not include agent/agent.c"),
    ("src/inspect/samples.c", '#include "replay/ring.h"\n', 1, "inspect may not include replay/ring.h"),
    ("src/viewer/trains.c", '#include "train/loop.c"\n', 1, "viewer may not include train/loop.c"),
    ("src/viewer/threads.c", "#include <threads.h>\n", 1, "viewer includes <threads.h>"),
    ("src/train/measures.c", '#include "bench/bench.h"\n', 1, "train may not include bench/bench.h"),
    ("src/bench/prints.c", "void f(void) { puts(\"fast\"); }\n", 1, "puts in bench"),
    ("src/bench/types.c", '#include "cli/main.c"\n', 1, "bench may not include cli/main.c"),
    ("src/cli/inside.c", '// a comment\n\n#include "base/arena.h"\n', 3, "cli may not include base/arena.h"),
    ("src/base/bare.c", '#include "arena.h"\n', 1, "write the path"),
    ("include/rainbow/leak.h", '#include "base/arena.h"\n', 1, "rainbow may not include base/arena.h"),
    ("src/nn/prints.c", "void f(void)\n{\n    printf(\"hm\");\n}\n", 3, "printf in nn"),
    ("src/env/dies.c", "void f(void) { exit(1); }\n", 1, "exit in env"),
    ("src/train/says.c", "void f(void) { fputs(\"x\", stderr); }\n", 1, "stderr in train"),
    ("src/agent/takes.c", "/* two\nlines */ void *p = malloc(3);\n", 2, "malloc in agent"),
    ("src/agent/threads.c", "#include <pthread.h>\n", 1, "agent includes <pthread.h>"),
    ("src/nn/simd.c", "#include <immintrin.h>\n", 1, "nn includes <immintrin.h>"),
    ("src/env/plugin_call.c", "void exit(int status) { leave(status); }\n", 1, "exit in env"),
    ("src/cli/object.c", "#include <dlfcn.h>\n", 1, "cli includes <dlfcn.h>"),
    ("src/base/dice.c", "int f(void) { return rand(); }\n", 1, "rand in base"),
    ("src/train/arena.h", "\n", 1, "has the name of"),
    ("src/attic/old.c", "\n", 1, "is in no room"),
]

INNOCENT = [
    ("src/cli/exits.c", "#include <dlfcn.h>\nvoid exit(int status) { leave(status); }\n"),
    ("src/nn/comment.c", "// printf( and exit( and \"stderr\"\n/* malloc(\n   abort( */\n"),
    ("src/nn/string.c", "const char *s = \"never exit(1) or // printf(\"; const char c = '\"';\n"),
    ("src/nn/similar.c", "int n = snprintf(b, 9, \"x\"); rb_arena_exit(1); __attribute__((format(printf, 3, 4)));\n"),
    ("src/nn/gone.c", "/*\n#include \"replay/ring.h\"\n*/\n// #include \"agent/agent.c\"\n"),
]


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copy(DESIGN, os.path.join(self.root, "DESIGN.md"))
        for path, text in GOOD.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self):
        done = subprocess.run([sys.executable, CHECK, self.root], capture_output=True, text=True, check=False)
        faults = [line for line in done.stdout.splitlines() if not line.startswith("check_layers:")]
        return done.returncode, faults, done.stderr

    def test_good_tree_passes(self):
        self.assertEqual(self.check(), (0, [], ""))

    def test_each_fault_is_found_at_its_line(self):
        for path, text, line, sentence in BAD:
            with self.subTest(path):
                self.write(path, text)
                status, faults, _ = self.check()
                os.remove(os.path.join(self.root, path))
                self.assertEqual(status, 1)
                self.assertEqual(len(faults), 1, faults)
                self.assertTrue(faults[0].startswith(f"{path}:{line}: "), faults[0])
                self.assertIn(sentence, faults[0])

    def test_cycles_of_calls_are_found(self):
        self.write("src/nn/layer.c", "int rb_layer(int n)\n{\n    return n ? rb_net(n - 1) : 0;\n}\n")
        self.write("src/nn/net.c", "int rb_net(int n)\n{\n    return rb_layer(n);\n}\n")
        status, faults, _ = self.check()
        self.assertEqual((status, len(faults)), (1, 1), faults)
        self.assertIn("src/nn/layer.c calls rb_net of src/nn/net.c; src/nn/net.c calls rb_layer of src/nn/layer.c", faults[0])

        self.write("src/nn/net.c", "int rb_net(int n)\n{\n    return rb_between(n);\n}\n")  # over a third file
        self.write("src/nn/between.c", "int rb_between(int n)\n{\n    return rb_layer(n);\n}\n")
        status, faults, _ = self.check()
        self.assertEqual((status, len(faults)), (1, 1), faults)
        self.assertEqual(faults[0].count(" calls "), 3)

    def test_calls_that_are_no_cycle(self):
        self.write("src/nn/layer.c", "static int help(int n)\n{\n    return n;\n}\nint rb_layer(int n)\n{\n    return help(n);\n}\n")
        self.write("src/nn/net.c", "// rb_top(\nint help(int n)\n{\n    return rb_layer(n);\n}\n")  # its own help, not layer.c's
        self.write("src/nn/top.c", "int rb_top(int n)\n{\n    return help(n) + rb_layer(n);\n}\n")
        self.assertEqual(self.check(), (0, [], ""))

    def test_comments_and_strings_are_not_code(self):
        for path, text in INNOCENT:
            self.write(path, text)
        self.assertEqual(self.check(), (0, [], ""))

    def test_table_that_is_missing_or_wrong_is_told(self):
        self.write("DESIGN.md", "no table\n")
        self.assertEqual(self.check()[0], 2)
        self.write("DESIGN.md", "| 0 | `base` | x | `cellar` | y |\n")
        status, _, error = self.check()
        self.assertEqual(status, 2)
        self.assertIn("cellar", error)


if __name__ == "__main__":
    unittest.main()
