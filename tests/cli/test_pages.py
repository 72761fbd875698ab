#!/usr/bin/env python3
"""Runs the commands of pages, kept short: each must end well, so that no page shows a command that the program refuses.

    test_pages.py RAINBOW [PAGE...]

A command is a line of an indented block that begins with rainbow (or with VARIABLE=value, or with cc), or a piece of code
in a table or a sentence that begins with rainbow and has more than the command's name. A wrapper gives trainings 90 steps without updates (and on Atari without an evaluation), evaluations two short games and benchmarks one round. The words RUN,
ENV and so on stand for a run and for names made here. A command may end with status 1 if this machine lacks an emulator, a package,
a display or a library, and says which; commands with "..." or an unknown word in capitals are not commands, and are left out.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

RAINBOW = os.path.abspath(sys.argv[1])
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = ("README.md", "docs/commands.md", "docs/custom-environment.md", "docs/troubleshooting.md", "docs/hardware.md", "docs/migration.md", "docs/weights-and-biases.md", "docs/weights.md")
STANDS_FOR = {"RUN": "runs/default/demo", "ENV": "cartpole", "NAME": "cartpole", "WORD": "gamma", "FILE": "file", "DIR": ".", "PRESET": "dqn"}
MISSING = re.compile(r"display|emulator|get-atari|get-gymnasium|built without|was built|no SDL|library|can be no video|no gymnasium")
NOT_MADE = re.compile(r"no such|has no config.ini|no run")  # by a command before, which lacked something
WRAPPER = """#!/bin/sh
case " $* " in
*' --help '*) ;;
' train --resume '*) set -- "$@" --run.max_steps=300 --eval.enabled=false --plot.enabled=false ;;
' train '*) set -- "$@" --run.max_steps=90 --run.max_episodes=0 --run.max_minutes=0 --eval.every_steps=0 --eval.every_episodes=0 --eval.episodes=1 \\
    --eval.max_episode_steps=60 --plot.enabled=false --replay.capacity=2000 --agent.start_steps=300 \\
    --checkpoint.every_steps=0 --record.every_steps=0 --record.every_episodes=0 --tensorboard.enabled=false --run.overwrite=true
    case " $* " in *' atari/'* | *' ALE/'* | *Frameskip*) set -- "$@" --eval.enabled=false ;; esac ;;
' eval '*) set -- "$@" --episodes 2 --max-episode-steps 60 ;;
' record '*) set -- "$@" --steps 20 ;;
' bench learner '*) set -- "$@" --updates 1 --warmup 0 ;;
' bench replay '*) set -- "$@" --rounds 1 ;;
' presets --here ') set -- presets --here gridworld --seconds 1 ;;
' presets --here btr ') set -- presets --here dqn --seconds 1 ;; # btr's updates take a second each
' presets --here '*) set -- "$@" --seconds 1 ;;
' bench env '* | ' bench train '*) set -- "$@" --seconds 1 --warmup 0 ;;
esac
exec %s "$@"
"""
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:rainbow|build/release/rainbow|cc) ")
BLOCK = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}[^\n]*\n)+")


def commands(text):
    """(line, command) of a page, in order."""
    found = []
    text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M | re.S)
    for block in BLOCK.finditer(text):
        joined = re.sub(r"\\\n\s*", "", block.group())
        for line in joined.splitlines():
            found.append((block.start(), re.sub(r"\s+#.*", "", line.strip())))
    bare = BLOCK.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for span in re.finditer(r"`(rainbow [^`\n]+)`", bare):  # a single word may only name a command, without what it needs
        if " " in span.group(1)[8:] or span.group(1)[8:] in ("doctor", "envs", "presets", "params"):
            found.append((span.start(), span.group(1).replace("\\|", "|")))
    found = [(text.count("\n", 0, at) + 1, command) for at, command in found if COMMAND.match(command) and "..." not in command]
    out, seen = [], set()
    for line, command in sorted(found, key=lambda one: one[0]):
        words = set(re.findall(r"(?<![\w./-])[A-Z][A-Z_]+(?![\w.=/-])", command))
        if words <= set(STANDS_FOR) and command not in seen:
            seen.add(command)
            out.append((line, re.sub(r"(?<![\w./-])([A-Z][A-Z_]+)(?![\w.=/-])", lambda m: STANDS_FOR.get(m.group(1), m.group(1)), command)))
    return out


def main():
    pages = sys.argv[2:] or PAGES
    bad, count, lacking = [], 0, 0
    with tempfile.TemporaryDirectory() as here:
        os.mkdir(os.path.join(here, "bin"))
        wrapper = os.path.join(here, "bin", "rainbow")
        with open(wrapper, "w") as file:
            file.write(WRAPPER % RAINBOW)
        os.chmod(wrapper, 0o755)
        environment = {**os.environ, "PATH": os.path.join(here, "bin") + os.pathsep + os.environ["PATH"]}
        environment.pop("DISPLAY", None)
        os.makedirs(os.path.join(here, "build", "release"))
        os.symlink(wrapper, os.path.join(here, "build", "release", "rainbow"))
        for name in ("include", "examples", "scripts", "docs"):
            os.symlink(os.path.join(SOURCE, name), os.path.join(here, name))
        made = subprocess.run([RAINBOW, "train", "cartpole", "--run.name=demo", "--run.max_steps=300", "--eval.episodes=1", "--agent.start_steps=64",
                               "--plot.enabled=false", "--eval.max_episode_steps=60"], cwd=here, env=environment, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        os.mkdir(os.path.join(here, "downloaded"))  # what an artifact holds
        for name in ("weights.safetensors", "config.ini"):
            shutil.copy(os.path.join(here, "runs/default/demo/checkpoints/step_000000000300", name), os.path.join(here, "downloaded"))
        shutil.copy(os.path.join(SOURCE, "tests/data/sb3_cartpole.safetensors"), os.path.join(here, "cartpole.safetensors"))
        for page in pages:
            with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
                found = commands(file.read())
            assert found, f"{page}: no command"
            for line, command in found:
                done = subprocess.run(["sh", "-c", command], cwd=here, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
                count += 1
                if done.returncode == 0:
                    continue
                if done.returncode == 1 and (MISSING.search(done.stderr) or lacking and NOT_MADE.search(done.stderr)):
                    lacking += 1
                    continue
                bad.append(f"{page}:{line}: {command}\n    status {done.returncode}: {done.stderr.strip()[-400:]}")
    for sentence in bad:
        print(sentence)
    print(f"{count} commands ran, {len(bad)} of them failed; {lacking} need what this machine lacks")
    sys.exit(bool(bad))


main()
