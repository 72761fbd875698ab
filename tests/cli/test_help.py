#!/usr/bin/env python3
"""Walks the help of all commands: its shape, its options, its examples, and what is made from the same tables.

    test_help.py RAINBOW

Every example runs, in a wrapper that keeps trainings and benchmarks short. An example that needs a display, an emulator, a
library or a file that is not there may say so.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RAINBOW = os.path.abspath(sys.argv.pop(1))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLUMNS = 100
ROW = re.compile(r"^  (?:-(\w), )?--([\w.-]+)(?:[ =](\S+))?(?:  +(\S.*))?$")
MISSING = re.compile(r"display|no such file|emulator|get-atari|built without|was built|no SDL|library|GPU|sbatch|squeue")
SHORT = """#!/bin/sh
case "$1 $2" in
'train '*) set -- "$@" --run.max_steps=90 --eval.every_steps=0 --plot.enabled=false ;;
'cluster slurm') shift 2; set -- cluster slurm --run.max_steps=90 --agent.start_steps=50 "$@" ;;
'bench learner') set -- "$@" --updates 1 --warmup 0 ;;
'bench replay') set -- "$@" --rounds 1 ;;
'bench env' | 'bench train') set -- "$@" --seconds 1 --warmup 0 ;;
esac
exec %s "$@"
"""


def run(*words, **how):
    return subprocess.run([RAINBOW, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


def section(text, name):
    found = re.search(rf"^{name}\b[^\n]*:\n((?:  .*\n)+)", text, re.M)
    return found.group(1) if found else ""


def command_names(text):
    return re.findall(r"^  ([a-z]+)  +\S", section(text, "Commands"), re.M)


class Command:
    def __init__(self, name):
        self.name, self.text = name, run("help", *name.split()).stdout
        self.rows = [ROW.match(line) for part in ("Options", "Settings") for line in section(self.text, part).splitlines()]
        self.rows = [row for row in self.rows if row]
        self.options = {row.group(2) for row in self.rows} | {"help"}
        self.letters = {row.group(1) for row in self.rows if row.group(1)} | {"h"}
        self.examples = re.findall(r"^  (\S.*)\n((?:      .*\n)+)", section(self.text, "Examples"), re.M)


def all_commands():
    for name in command_names(run("help").stdout):
        yield Command(name)
        for part in command_names(run("help", name).stdout):
            yield Command(f"{name} {part}")


COMMANDS = {command.name: command for command in all_commands()}
SETTINGS = {row.group(2): row for row in COMMANDS["train"].rows} if "train" in COMMANDS else {}
KEYS = set(re.findall(r"^  --([a-z]+\.[a-z0-9_]+)=", run("params").stdout, re.M))


class Help(unittest.TestCase):
    def test_commands(self):
        self.assertGreaterEqual(len(COMMANDS), 20)
        overview = run("help")
        self.assertEqual((overview.returncode, overview.stderr), (0, ""))
        self.assertEqual(overview.stdout, run("--help").stdout)
        self.assertTrue(all(len(line) <= COLUMNS for line in overview.stdout.splitlines()))
        self.assertIn("Where to begin:\n  rainbow train", overview.stdout)

    def test_shape(self):
        for name, command in COMMANDS.items():
            with self.subTest(command=name):
                self.assertEqual(command.text, run(*name.split(), "--help").stdout)
                self.assertEqual([line for line in command.text.splitlines() if len(line) > COLUMNS], [])
                usage, sentence, rest = command.text.split("\n\n", 2)
                self.assertTrue(all(line[:6] in ("usage:", "      ") for line in usage.splitlines()), usage)
                self.assertRegex(sentence, r"^[A-Z][^\n.]*\.$")
                self.assertEqual(len(command.examples), 2)
                self.assertTrue(rest.rstrip().endswith(command.examples[-1][1].rstrip()), "the examples come last")
                for line, does in command.examples:
                    self.assertIn(f"rainbow {name}", line)
                    self.assertRegex(" ".join(does.split()), r"^[A-Z].*\.$")

    def test_options_have_help(self):
        for name, command in COMMANDS.items():
            lines = command.text.splitlines()
            for at, line in enumerate(lines):
                row = ROW.match(line)
                if row:
                    with self.subTest(command=name, option=row.group(2)):
                        help_text = row.group(4) or (lines[at + 1].strip() if lines[at + 1].startswith("      ") else "")
                        self.assertRegex(help_text, r"^\w.*\w")

    def test_usage_and_text_name_known_options(self):
        """Sentences may name options of another command, as `rainbow help train` does."""
        known = {option for command in COMMANDS.values() for option in command.options} | set(SETTINGS) | KEYS | {"version"}
        for name, command in COMMANDS.items():
            usage, rest = command.text.split("\n\n", 1)
            for option in re.findall(r"(?<!\S)--([a-zA-Z][\w.-]*)", usage):
                self.assertIn(option, command.options, f"usage of {name}")
            for option in re.findall(r"(?<![\w-])--([a-zA-Z][\w.-]*\w)", rest):
                self.assertIn(option, known, f"help of {name}")

    def test_unknown_options(self):
        for name, command in COMMANDS.items():
            with self.subTest(command=name):
                env = ["cartpole"] if "GROUP.KEY" in command.options else []
                done = run(*name.split(), *env, "--no-such-option")
                self.assertEqual(done.returncode, 2)
                if name not in ("bench", "cluster"):
                    self.assertIn("no option --no-such-option", done.stderr)

    def test_settings_are_those_of_the_configuration(self):
        with open(os.path.join(SOURCE, "src", "config", "short_forms.c"), encoding="utf-8") as file:
            rows = re.findall(r'\{(\.name = "[^}]*)\}', file.read())
        forms = [[(re.search(rf'\.{field} = "([^"]*)"', row) or (None, None))[1] for field in ("name", "value", "off")] for row in rows]
        self.assertGreater(len(forms), 5)
        expected = {"preset": True, "config": True, "GROUP.KEY": True}
        for name, value, off in forms:
            expected[name] = value is not None
            if off is not None:
                expected[f"no-{name}"] = False
        own = section(COMMANDS["train"].text, "Settings")
        found = {row.group(2): row.group(3) is not None for row in map(ROW.match, own.splitlines()) if row}
        self.assertEqual(found, expected)

    def test_help_of_a_command(self):
        self.assertEqual(run("help", "trian").returncode, 2)
        self.assertIn("did you mean train", run("help", "trian").stderr)
        self.assertEqual(run("help", "bench", "learners").returncode, 2)
        self.assertEqual(run("help", "train", "eval").returncode, 2)
        self.assertEqual(run("help", "--man", "train").returncode, 2)
        self.assertEqual(run("help", "--completion", "fish").returncode, 2)


class Examples(unittest.TestCase):
    def test_options_are_known(self):
        for name, command in COMMANDS.items():
            for line, _ in command.examples:
                for call in re.findall(r"rainbow ((?:(?!&&|[|>]).)*)", line):
                    words = call.split()
                    caller = COMMANDS.get(" ".join(words[:2])) or COMMANDS.get(words[0])
                    self.assertIsNotNone(caller, line)
                    takes_settings = "GROUP.KEY" in caller.options
                    for word in words[1:]:
                        option = word[2:].partition("=")[0]
                        if word.startswith("--"):
                            self.assertTrue(option in caller.options or takes_settings and (option in SETTINGS or option in KEYS),
                                            f"{line}: {word}")
                        elif word.startswith("-"):
                            self.assertIn(word[1:], caller.letters, line)

    def test_they_run(self):
        bash = shutil.which("bash")
        if not bash:
            self.skipTest("no bash")
        with tempfile.TemporaryDirectory() as here:
            os.mkdir(os.path.join(here, "bin"))
            wrapper = os.path.join(here, "bin", "rainbow")
            with open(wrapper, "w", encoding="utf-8") as file:
                file.write(SHORT % RAINBOW)
            os.chmod(wrapper, 0o755)
            places = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
            places["PATH"] = os.path.join(here, "bin") + os.pathsep + places["PATH"]
            made = subprocess.run([RAINBOW, "train", "cartpole", "--run.name=cartpole-s1", "--run.max_steps=60", "--agent.start_steps=40",
                                   "--eval.every_steps=20", "--eval.episodes=2", "--plot.enabled=false"], cwd=here, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            for name, command in COMMANDS.items():
                for line, _ in command.examples:
                    with self.subTest(line=line):
                        done = subprocess.run([bash, "-c", line], cwd=here, env=places, stdin=subprocess.DEVNULL, text=True,
                                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                        if done.returncode == 1:
                            self.assertRegex(done.stderr, MISSING)
                        else:
                            self.assertEqual(done.returncode, 0, done.stderr)


class Made(unittest.TestCase):
    """The man page and the completion scripts."""

    def test_man(self):
        page = run("help", "--man").stdout
        plain = page.replace("\\-", "-")
        for name, command in COMMANDS.items():
            self.assertIn(f'.SS "{name}"', plain)
            for option in command.options - {"help"}:
                self.assertIn(f"--{option}", plain)
        for key in KEYS:
            self.assertIn(f"--{key}=", plain)
        for reader in (["groff", "-man", "-ww", "-z"], ["mandoc", "-T", "lint", "-W", "error"]):
            if shutil.which(reader[0]):
                done = subprocess.run(reader, input=page, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertEqual(done.stdout, "", reader)

    def complete(self, script, *words):
        line = " ".join(f"'{word}'" for word in words)
        call = f"source '{script}'; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _rainbow; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", call], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=os.path.dirname(script))
        return set(done.stdout.split("\n")) - {""}

    def test_bash(self):
        if not shutil.which("bash"):
            self.skipTest("no bash")
        with tempfile.TemporaryDirectory() as here:
            os.makedirs(os.path.join(here, "runs", "default"))
            script = os.path.join(here, "a script.bash")
            with open(script, "w", encoding="utf-8") as file:
                file.write(run("help", "--completion", "bash").stdout)
            one_word = {name for name in COMMANDS if " " not in name}
            self.assertEqual(self.complete(script, "rainbow", "") - {"--help", "--version"}, one_word)
            for name, command in COMMANDS.items():
                offered = {word.strip().rstrip("=")[2:] for word in self.complete(script, "rainbow", *name.split(), "--")}
                self.assertLessEqual(command.options - {"GROUP.KEY"}, offered, name)
            self.assertEqual(self.complete(script, "rainbow", "bench", ""), {"learner", "env", "replay", "train"})
            self.assertEqual(self.complete(script, "rainbow", "train", "--preset", "cartpole-d"), {"cartpole-dqn"})
            self.assertEqual(self.complete(script, "rainbow", "train", "--preset", "=", "cartpole-d"), {"cartpole-dqn"})
            self.assertEqual(self.complete(script, "rainbow", "train", "--agent.double"), {"--agent.double_q="})
            self.assertEqual(self.complete(script, "rainbow", "train", "--optim.kind", "=", ""), {"adam", "rmsprop", "rmsprop_centered", "radam"})
            self.assertEqual(self.complete(script, "rainbow", "bench", "learner", "--scene", "dqn-"), {"dqn-adam"})
            self.assertEqual(self.complete(script, "rainbow", "play", "cartpole-"), {"cartpole-pixels"})
            self.assertEqual(self.complete(script, "rainbow", "eval", "ru"), {"runs"})
            self.assertEqual(self.complete(script, "rainbow", "plot", "-o", "a"), {"a script.bash"})
            self.assertEqual(self.complete(script, "rainbow", "eval", "--episodes", ""), set())

    def test_zsh(self):
        script = run("help", "--completion=zsh").stdout
        self.assertTrue(script.startswith("#compdef rainbow\n"))
        for command in COMMANDS.values():
            for option in command.options - {"GROUP.KEY", "help"}:
                self.assertRegex(script, rf"'--{option}=?\[")
        if shutil.which("zsh"):
            done = subprocess.run(["zsh", "-n"], input=script, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual((done.returncode, done.stdout), (0, ""))


unittest.main()
