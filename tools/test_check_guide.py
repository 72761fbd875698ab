#!/usr/bin/env python3
"""Feeds check_guide trees with known faults and expects each at its line and nothing else."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_guide")

CHAPTER = """# 1. Values

$$Q = r$$

The code is [`rb_learn`](../../src/agent/agent.c) in [`rb_batch`](../../src/agent/agent.c); [back](README.md#what-is-here),
[up](../../README.md), [out](https://example.org/x#y), `agent.gamma` and `--net.hidden=3`.

```sh
rainbow train cartpole --agent.gamma=0 --seeds 1..3 --double --no-noisy
rainbow plot runs/* --title "A" -o a.svg
```

![a](pictures/a.svg)
"""

# Everything here is allowed: phrases in code, abbreviations, long tables, long code, a long link on its own line.
PROSE = f"""# A run

A run has files.

# Changes. A heading may have two. It may be very long: {"x" * 140}

- **A lead.** One sentence (Mnih et al. 2015, e.g. Fig. 3 vs. A. Graves et al.; Ms. Pac-Man see `a. B` and `nobody`) of
  two lines, `to the bit`, with 1.5 of them.
- What is this?
- Does `rainbow eval RUN` print it so that many can read it, and tell it apart?

    nobody is told. So many {"x" * 140}

```text
Of one's own. In turns {"x" * 140}
```

| a | two sentences. In a cell {"x" * 140} |
|---|---|

- [a link](https://example.org/{"x" * 140}).
- $a. B = {"x" * 10}$ is an equation
"""

GOOD = {
    "README.md": "# R\n\n[g](docs/guide/README.md), `rainbow eval RUN`, `env.h`, `train.csv`, `rainbow COMMAND --help`\n",
    "docs/parameters.md": "| `agent.gamma` | `0.99` |\n| `net.hidden` | `512` |\n| `env.count` | `1` |\n",
    "docs/README.md": "[p](parameters.md) [g](guide/README.md)\n",
    "docs/guide/README.md": "# Guide\n\n## What is here?\n\n[one](01-values.md)\n\n    rainbow train cartpole   # agent.gamma\n",
    "docs/guide/01-values.md": CHAPTER,
    "CHANGELOG.md": PROSE,
    "src/config/params.def": '// nobody\nRB_TEXT(run, env, "so many", 0, "a name from `rainbow envs`, one row per game")\nRB_END(run)\n',
    "docs/guide/dqn.ini": "# a comment = nothing\n[agent]\ngamma = 0.9\n[net]\nhidden = 1\n",
    "docs/guide/pictures/a.svg": "<svg/>",
    "src/agent/agent.c": "// rb_gone( is only spoken of\ntypedef struct rb_batch {\n    int n;\n} rb_batch;\nstatic int rb_learn(int x)\n{\n    return rb_other(x);\n}\n",
    "src/cli/cmd_train.c": '    const cli_option options[] = {CLI_VALUE("seeds", "LIST", "seeds"), {0}};\n    .name = "train",\n',
    "src/cli/cmd_plot.c": '    const cli_option options[] = {CLI_VALUE("title", "TEXT", "title"), CLI_VALUE(\n        "out", "FILE", "file"), {0}};\n    .name = "plot",\n',
    "src/cli/cmd_eval.c": '    .name = "eval",\n',
    "src/config/short_forms.c": '    {.name = "double",\n     .key = "agent.double_q"},\n    {.name = "noisy", .key = "net.noisy"},\n',
}

BAD = [  # page, text put at its end, a part of the sentence
    ("README.md", "[x](docs/none.md)", "docs/none.md is not there"),
    ("README.md", "![x](docs/pictures/none.png)", "none.png is not there"),
    ("README.md", "[x](../elsewhere.md)", "leads out of the tree"),
    ("README.md", "[x](docs/guide/README.md#what-is)", "has no heading #what-is"),
    ("README.md", "[x](#nowhere)", "README.md has no heading #nowhere"),
    ("README.md", "[`rb_gone`](src/agent/agent.c)", "has no rb_gone"),
    ("README.md", "[`rb_other()`](src/agent/agent.c)", "has no rb_other"),
    ("README.md", "`agent.gama`", "no parameter agent.gama"),
    ("README.md", "`rainbow train cartpole --net.width=3`", "no parameter net.width"),
    ("README.md", "`rainbow trian cartpole`", "no command rainbow trian"),
    ("README.md", "\n    rainbow plot runs --titel x", "rainbow plot has no option --titel"),
    ("README.md", "```sh\nx && rainbow eval runs --loud\n```", "rainbow eval has no option --loud"),
    ("docs/guide/01-values.md", "![b](pictures/b.svg)", "pictures/b.svg is not there"),
    ("docs/guide/01-values.md", "$x \\, y$ and $x \\quad y$", "in an equation"),
    ("docs/guide/dqn.ini", "[agent]\nbach = 3", "no parameter agent.bach"),
]

PHRASES = [  # a refused phrase in its sentence
    "after so many games", "the same to the bit", "exact to\nthe bit", "measured in turns", "one's own network", "runs that are gone on with",
    "resume goes on exactly where it was", "Nobody waits", "it is told before", "never told", "it says so", "if nothing is said",
    "hold the fast ones against it", "curves laid over each other", "only where it is asked", "Of these it has two", "A norm; of a layer", "| x | of a layer |", "a row a game",
    "one file a command", "runs with a seed each", "not before there are two", "a preset at home in its task",
]

PROSE_FAULTS = [  # text, a part of the sentence
    ("What it reads is a file.", 'begins with "What"'),
    ("It reads. Who is handed it, may\nchange it.", 'begins with "Who"'),
    ("- Whose turn it is stands in a file.", 'begins with "Whose"'),
    ("x" * 141, "141 characters"),
    ("- a [link](https://example.org) and " + "x" * 140, "characters"),
    ("It reads. It writes.", "a second sentence"),
    ("It reads (a file.) `It` writes.", "a second sentence"),
    ("Does it read? [It](https://example.org) does.", "a second sentence"),
    ("- **A lead.** It reads. **It** writes.", "a second sentence"),
]

CUT = [  # a chapter without what it must have
    ("$$", "equation"), ("```sh", "commands"), ("![a]", "picture"), ("../../src/", "link to the code"), ("-o a.svg", "no command here makes a.svg"),
]


class CheckGuide(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        for path, text in GOOD.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def faults(self):
        done = subprocess.run([sys.executable, CHECK, self.root], stdout=subprocess.PIPE, text=True)
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 1 if lines else 0)
        return lines

    def test_good_tree(self):
        self.assertEqual(self.faults(), [])

    def test_faults(self):
        for page, text, sentence in BAD:
            with self.subTest(text=text):
                self.write(page, GOOD[page] + text + "\n")
                faults = [fault for fault in self.faults() if "no command here makes" not in fault]
                self.assertEqual(len(faults), 1, faults)
                self.assertIn(sentence, faults[0])
                last = (GOOD[page] + text).rstrip("`\n").count("\n") + 1
                self.assertTrue(faults[0].startswith(f"{page}:{last}: "), faults[0])
                self.write(page, GOOD[page])

    def planted(self, page, texts):
        """Writes the texts as paragraphs at the page's end; gives the faults found in each."""
        text, found, lines = GOOD[page], {}, {}
        for planted in texts:
            text += "\n" + planted + "\n"
            lines.update({text.count("\n") - n: planted for n in range(planted.count("\n") + 1)})
        self.write(page, text)
        for fault in self.faults():
            path, line, sentence = fault.split(":", 2)
            self.assertEqual(path, page, fault)
            found.setdefault(lines[int(line)], []).append(sentence.strip())
        self.write(page, GOOD[page])
        return found

    def test_phrases(self):
        for page in ("README.md", "docs/guide/README.md", "CHANGELOG.md"):
            found = self.planted(page, PHRASES)
            for phrase in PHRASES:
                with self.subTest(page=page, phrase=phrase):
                    self.assertEqual(len(found.get(phrase, [])), 1, found.get(phrase))
                    self.assertRegex(found[phrase][0], '^".*": write ')

    def test_every_phrase_has_a_test(self):
        with open(CHECK, encoding="utf-8") as file:
            table = file.read().partition("\nPHRASES = (\n")[2].partition("\n)\n")[0]
        instead = {faults[0].partition('": write ')[2] for faults in self.planted("README.md", PHRASES).values()}
        self.assertEqual(len(instead), len(table.splitlines()))

    def test_prose(self):
        found = self.planted("CHANGELOG.md", [text for text, _ in PROSE_FAULTS])
        for text, sentence in PROSE_FAULTS:
            with self.subTest(text=text):
                self.assertTrue([fault for fault in found.get(text, []) if sentence in fault], found.get(text))

    def test_help(self):
        path = "src/config/params.def"
        rows = ['RB_INT(run, n, 1, 0, 2, "", 1, "%s")' % phrase.replace("\n", " ") for phrase in PHRASES]
        found = self.planted(path, rows)
        for row in rows:
            with self.subTest(row=row):
                self.assertEqual(len(found.get(row, [])), 1, found.get(row))

    def test_chapters(self):
        for what, sentence in CUT:
            with self.subTest(what=what):
                self.write("docs/guide/01-values.md", CHAPTER.replace(what, "x "))
                self.assertTrue(any(sentence in fault for fault in self.faults()))

    def test_two_chapters_with_one_group(self):
        chapter = CHAPTER.replace("--seeds 1..3", "--run.group=coin")
        self.write("docs/guide/01-values.md", chapter)
        self.assertEqual(self.faults(), [])
        self.write("docs/guide/02-more.md", chapter)
        self.assertEqual(self.faults(), ["docs/guide/02-more.md:9: docs/guide/01-values.md has a group coin too"])

    def test_published_faults(self):
        page = "# F\n\n## 1. A\n\n[`test_a`](../tests/x/test_x.c)\n\n## 2. B\n\n[`b`](../tests/x/test_x.c)\n"
        code = "// Why.\n// docs/faults.md, 1\nstatic void test_a(void **state)\n{\n}\n\n// docs/faults.md, 2\nstatic void b(void **state)\n"
        self.write("docs/README.md", GOOD["docs/README.md"] + "[f](faults.md)\n")
        self.write("docs/faults.md", page)
        self.write("tests/x/test_x.c", code)
        self.write("src/agent/other.c", "// docs/faults.md, 2\n")
        self.assertEqual(self.faults(), [])
        cases = [  # changed file, from, to, where and what
            ("tests/x/test_x.c", "faults.md, 2", "faults.md, 3", ["docs/faults.md:9: b is not below a comment", "tests/x/test_x.c:7: docs/faults.md has no entry 3"]),
            ("tests/x/test_x.c", "void b(", "void c(", ["docs/faults.md:9: tests/x/test_x.c has no test b", "tests/x/test_x.c:7: entry 2 of docs/faults.md does not name c"]),
            ("tests/x/test_x.c", "2\nstatic", "2\n\nstatic", ["docs/faults.md:9: b is not below a comment", "tests/x/test_x.c:7: cites entry 2 of docs/faults.md above no test"]),
            ("tests/x/test_x.c", "// docs/faults.md, 1", "//", ["docs/faults.md:5: test_a is not below a comment"]),
            ("docs/faults.md", "[`b`](../tests/x/test_x.c)", "", ["docs/faults.md:7: entry 2 names no test", "tests/x/test_x.c:7: entry 2 of docs/faults.md does not name b"]),
            ("docs/faults.md", "test_x.c)\n\n## 2", "test_y.c)\n\n## 2", ["docs/faults.md:5: ../tests/x/test_y.c is not there",
                "docs/faults.md:5: tests/x/test_y.c has no test test_a", "tests/x/test_x.c:2: entry 1 of docs/faults.md does not name test_a"]),
            ("docs/faults.md", "## 2. B", "## 3. B", ["docs/faults.md:7: entry 2 has another number", "src/agent/other.c:1: docs/faults.md has no entry 2",
                "tests/x/test_x.c:7: docs/faults.md has no entry 2"]),
        ]
        for path, old, new, sentences in cases:
            with self.subTest(new=new):
                text = {"docs/faults.md": page, "tests/x/test_x.c": code}[path]
                self.assertEqual(text.count(old), 1)
                self.write(path, text.replace(old, new))
                faults = self.faults()
                self.assertEqual(len(faults), len(sentences), faults)
                for fault, sentence in zip(faults, sentences):
                    self.assertTrue(fault.startswith(sentence), (fault, sentence))
                self.write(path, text)

    def test_picture_not_shown(self):
        self.write("docs/guide/pictures/old.svg", "<svg/>")
        self.assertEqual(self.faults(), ["docs/guide/pictures/old.svg:1: no chapter shows it"])

    def test_drawing_that_no_chapter_shows(self):
        self.write("docs/guide/drawings/old.svg", "<svg/>")
        self.assertEqual(self.faults(), ["docs/guide/drawings/old.svg:1: no chapter shows it"])
        self.write("docs/guide/README.md", GOOD["docs/guide/README.md"] + "\n![old](drawings/old.svg)\n")
        self.assertEqual(self.faults(), [])

    def test_page_not_named(self):
        self.write("docs/new.md", "# New\n")
        self.assertEqual(self.faults(), ["docs/README.md:1: does not name new.md"])


unittest.main()
