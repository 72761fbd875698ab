#!/usr/bin/env python3
"""Ours against theirs on this machine, in turns, so that both meet the same noise: ratios with their spread.

    python3 bench/compare.py --python PYTHON [--rows rainbow,minatar] [--quick] [--out FILE.json]
    python3 bench/compare.py --markdown FILE.json ... > bench/RESULTS.md
    python3 bench/compare.py --list

PYTHON is an interpreter that has torch, and for the trainings stable-baselines3, gymnasium, ale-py and opencv-python-headless. The program is
build/release/rainbow unless --rainbow names another. Nothing else should run on the machine: PyTorch's threads wait for each other in every
operation, and lose far more than others when one of them has to share its core. What other programs used before each round is written down.

For an update every setting of PyTorch that is worth it (bench/peers/torch_update.py --help) is tried first. The fastest of those
that run as written, the fastest of those that are compiled first (torch.compile), and PyTorch as started by default then take turns with ours.
In each round every side measures once, the order turned round every other time; the ratio is taken round by round, and above 1 means
that ours is faster. Printed: its median, its quarters and its ends, and each side's median and best.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"

# name: what it measures, its scene, the peer, what ours is allowed and theirs, and what must hold: the least ratio with AVX2 only / with
# AVX-512 and bf16.
ROWS = {
    "rainbow": dict(what="Rainbow update, batch 32", kind="update", scene="rainbow", precision="any", targets=(3.3, 4.5)),
    "rainbow-f32": dict(what="Rainbow update, f32 against f32", kind="update", scene="rainbow", precision="f32", targets=(3.3, 3.3)),
    "dqn": dict(what="Nature DQN update, centred RMSProp", kind="update", scene="dqn", precision="any", targets=(2.5, 3)),
    "dqn-f32": dict(what="Nature DQN update, centred RMSProp, f32 against f32", kind="update", scene="dqn", precision="f32"),
    "dqn-adam": dict(what="Nature DQN update, Adam", kind="update", scene="dqn-adam", precision="any", targets=(2.5, 3)),
    "dqn-adam-f32": dict(what="Nature DQN update, Adam, f32 against f32", kind="update", scene="dqn-adam", precision="f32"),
    "c51": dict(what="C51 update", kind="update", scene="c51", precision="any"),
    "minatar": dict(what="MinAtar-sized update", kind="update", scene="minatar", precision="any", targets=(6, 6)),
    "cartpole-update": dict(what="CartPole-sized update, 256-256, batch 64", kind="update", scene="cartpole", precision="any"),
    "breakout-dqn-1": dict(what="Breakout end to end, nature DQN, 1 environment", kind="train", scene="breakout-dqn-1", targets=(3.3, 4),
                           peers={"as it comes": ["sb3_train.py", "--scene", "breakout-dqn-1"],
                                  "pairs of stacks": ["sb3_train.py", "--scene", "breakout-dqn-1", "--pairs"]}),
    "breakout-dqn-8": dict(what="Breakout end to end, nature DQN, 8 environments", kind="train", scene="breakout-dqn-8", targets=(3.3, 4),
                           peers={"as it comes": ["sb3_train.py", "--scene", "breakout-dqn-8"],
                                  "pairs of stacks": ["sb3_train.py", "--scene", "breakout-dqn-8", "--pairs"]}),
    "breakout-rainbow": dict(what="Breakout end to end, full Rainbow, 1 environment", kind="train", scene="breakout-rainbow-1", targets=(5, 7),
                             peers={"default": ["torch_rainbow_train.py"]}),
    "cartpole": dict(what="CartPole end to end", kind="train", scene="cartpole-dqn", targets=(12, 12),
                     peers={"as it comes": ["sb3_train.py", "--scene", "cartpole-dqn"],
                            "1 thread": ["sb3_train.py", "--scene", "cartpole-dqn", "--threads", "1"]}),
    "rainbow-1-16": dict(what="Breakout, full Rainbow, 1 environment against 16 of our own", kind="self", scene="breakout-rainbow-1",
                         other="breakout-rainbow-16", targets=(0.9, 0.9)),
    "waiting": dict(what="Share of the time the threads wait, Breakout, 8 environments", kind="share", scene="breakout-dqn-8", most=0.10),
}
# Of a scene that is tried no further: what won its trials on machines with and without bf16.
QUICK = {"adam": ["fused-last-2t", "fused-last-bf16-2t", "fused-last-compile-bf16-2t"],
         "rmsprop": ["loop-last-2t", "loop-last-bf16-2t", "foreach-last-compile-bf16-2t"],
         "minatar": ["loop-2t", "foreach-compile-2t"], "cartpole": ["fused-1t", "fused-compile-1t"]}


class Unable(Exception):
    """A row that can't be measured here; its sentence says why."""


def is_f32(setting):
    return not {"bf16", "fpmath"} & set(setting.split("-"))


class Program:
    """Ours: started anew for each round, for it starts at once."""

    def __init__(self, options):
        self.options = options
        self.knows_precision = not subprocess.run([options.rainbow, "params", "compute.precision"], capture_output=True).returncode

    def run(self, words):
        done = subprocess.run([self.options.rainbow, "bench", *words, *self.options.words.split(), "--json"], capture_output=True, text=True)
        if done.returncode:
            raise Unable(f"rainbow bench {' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def precision(self, row):
        """Both precisions take part where any is allowed; a program without the parameter computes in f32."""
        if not self.knows_precision:
            return {"f32": []}
        kinds = ("f32",) if row.get("precision") == "f32" or "avx512_bf16" not in cpu()["flags"] else ("f32", "bf16")
        return {kind: [f"--compute.precision={kind}"] for kind in kinds}

    def update(self, row, words):
        result = self.run(["learner", "--scene", row["scene"], f"--updates={updates_of(row, self.options)}", *words])
        return {"value": result["median_ms"], "best": result["min_ms"], "kernels": result["kernels"], "threads": result["threads"]}

    def train(self, scene, words=()):
        result = self.run(["train", "--scene", scene, f"--seconds={self.options.seconds}", "--warmup=3", *words])["scenes"][0]
        return {"value": result["steps_per_second"], "best": result["fastest_steps_per_second"], **result}


class Peer:
    """Theirs: started once, then asked for a round at a time."""

    def __init__(self, options, words):
        self.words = words
        command = [options.python, "-u", str(PEERS / words[0]), *words[1:], "--serve"]
        self.messages = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.messages, text=True)
        self.read("ready")

    def read(self, word=None):
        """The next line that is JSON, or `word`: emulators print a banner."""
        for line in self.process.stdout:
            if line.strip() == word:
                return None
            if line.startswith("{"):
                return json.loads(line)
        self.messages.seek(0)
        raise Unable(f"{' '.join(self.words)} ended: {self.messages.read().strip()}")

    def measure(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        result = self.read()
        return {"value": result.get("median_ms", result.get("steps_per_second")), **result}

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # it has gone already
            pass
        self.process.wait()
        self.messages.close()


def updates_of(row, options):
    return (400 if row["scene"] in ("minatar", "cartpole") else 30) // (2 if options.quick else 1)


def choose_settings(row, options):
    """PyTorch's settings that take turns with ours: the best as written, the best compiled, and the default."""
    if options.settings:
        return options.settings.split(",")
    rule = row["scene"] if row["scene"] in QUICK else "rmsprop" if row["scene"] == "dqn" else "adam"
    if options.quick:
        return ["default"] + [s for s in QUICK[rule] if row["precision"] == "any" or is_f32(s)]
    words = [options.python, str(PEERS / "torch_update.py"), "--scene", row["scene"], "--setting", "all",
             "--updates", str(updates_of(row, options)), "--warmup", "10"]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise Unable(done.stderr.strip())
    tried = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for t in tried:
        print(f"    tried {t['setting']:<32} {t['median_ms']:8.3f} ms, best {t['min_ms']:.3f}")
    allowed = sorted((t for t in tried if t["setting"] != "default" and (row["precision"] == "any" or is_f32(t["setting"]))),
                     key=lambda t: t["median_ms"])
    chosen = [next((t["setting"] for t in allowed if ("compile" in t["setting"]) == compiled), None) for compiled in (False, True)]
    return ["default"] + [c for c in chosen if c]


def sides_of(name, row, options, program):
    """{side: function that measures once}, ours first, and what must be closed."""
    if row["kind"] == "update":
        ours = {f"ours, {kind}": (lambda words=words: program.update(row, words)) for kind, words in program.precision(row).items()}
        peers = {f"PyTorch, {s}": ["torch_update.py", "--scene", row["scene"], "--setting", s, "--updates", str(updates_of(row, options)), "--warmup", "10"]
                 for s in choose_settings(row, options)}
    elif row["kind"] == "train":
        ours = {f"ours, {kind}": (lambda words=words: program.train(row["scene"], words)) for kind, words in program.precision(row).items()}
        owner = "Stable-Baselines3" if "sb3" in next(iter(row["peers"].values()))[0] else "PyTorch Rainbow"
        peers = {f"{owner}, {how}": [*words, "--seconds", str(options.seconds)] for how, words in row["peers"].items()}
    elif row["kind"] == "self":
        return {"ours": lambda: program.train(row["scene"]), "ours, 16": lambda: program.train(row["other"])}, []
    else:
        return {"ours": lambda: program.train(row["scene"])}, []
    started = {}
    try:
        for side, words in peers.items():
            started[side] = Peer(options, words)
    except BaseException:
        for peer in started.values():
            peer.close()
        raise
    return {**ours, **{side: peer.measure for side, peer in started.items()}}, list(started.values())


def busy_share(seconds=0.5):
    """What other programs use of all cores just now: the peers sleep between their rounds."""
    def ticks():
        fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]
    if not os.path.exists("/proc/stat"):
        return 0.0
    (all_before, idle_before), _, (all_after, idle_after) = ticks(), time.sleep(seconds), ticks()
    return 1 - (idle_after - idle_before) / max(1, all_after - all_before)


def spread(values):
    values = sorted(values)
    quarters = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return {"median": statistics.median(values), "least": values[0], "quarters": [quarters[0], quarters[2]], "most": values[-1]}


def ratios_of(row, rounds, ours, theirs):
    """Above 1: ours is faster."""
    pairs = [(r[ours]["value"], r[theirs]["value"]) for r in rounds]
    return spread([t / o for o, t in pairs] if row["kind"] == "update" else [o / t for o, t in pairs])


def compare_row(name, row, options, program):
    print(f"{name}: {row['what']}")
    measure, peers = sides_of(name, row, options, program)
    rounds, busy = [], []
    try:
        for i in range(options.rounds):
            busy.append(busy_share())
            rounds.append({side: measure[side]() for side in (list(measure) if i % 2 == 0 else reversed(measure))})
    finally:
        for peer in peers:
            peer.close()
    sides = {side: spread([r[side]["value"] for r in rounds]) for side in measure}
    better, unit = (min, "ms") if row["kind"] == "update" else (max, "steps/s")
    for side, s in sides.items():
        print(f"    {side:<44} median {s['median']:10.3f} {unit}, best {better(s['least'], s['most']):10.3f}")
    result = {"row": name, "what": row["what"], "unit": unit, "rounds": rounds, "sides": sides, "busy": spread(busy)}
    if result["busy"]["median"] > 0.05:
        print(f"    note: other programs used {100 * result['busy']['median']:.0f} % of the machine; these ratios say little")
    if row["kind"] == "share":
        result["shares"] = {k: spread([r["ours"][k] for r in rounds]) for k in ("waiting_share", "running_share", "queued_share", "stolen_share")}
        print("    " + ", ".join(f"{k.split('_')[0]} {100 * v['median']:.1f} %" for k, v in result["shares"].items()))
        return result
    own = [side for side in measure if side.startswith("ours") and side != "ours, 16"]
    result["ours"] = better(own, key=lambda side: sides[side]["median"])
    result["ratios"] = {side: ratios_of(row, rounds, result["ours"], side) for side in measure if side not in own}
    for side, r in result["ratios"].items():
        print(f"    {result['ours']} against {side}: {r['median']:.2f} ({r['least']:.2f} .. {r['quarters'][0]:.2f} .. {r['quarters'][1]:.2f} .. {r['most']:.2f})")
    result["theirs"] = better(result["ratios"], key=lambda side: sides[side]["median"])
    if row.get("targets"):
        print(f"    should be at least {row['targets'][0]} with AVX2 only, {row['targets'][1]} with AVX-512 and bf16")
    return result


def cpu():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    fields = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in text.split("\n\n")[0].splitlines())}
    flags = set(fields.get("flags", "").split())
    return {"model": fields.get("model name", platform.machine()), "family": fields.get("cpu family", ""), "cores": os.cpu_count(),
            "flags": [f for f in ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16") if f in flags]}


def versions(options):
    look = "import importlib.metadata as m, json, platform; print(json.dumps({'python': platform.python_version(), **{n: m.version(n) for n in " \
           "('torch', 'stable-baselines3', 'gymnasium', 'ale-py', 'numpy') if any(d.metadata['Name'].lower().replace('_', '-') == n for d in m.distributions())}}))"
    done = subprocess.run([options.python, "-c", look], capture_output=True, text=True)
    try:
        commit = subprocess.run(["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:  # no git here
        commit = ""
    ours = subprocess.run([options.rainbow, "--version"], capture_output=True, text=True).stdout.strip()
    return {"rainbow": f"{ours}{f' ({commit})' if commit else ''}", **(json.loads(done.stdout) if not done.returncode else {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rainbow", default="build/release/rainbow", help="our program")
    parser.add_argument("--python", default="python3", help="interpreter that has the peers' packages")
    parser.add_argument("--rows", default=",".join(ROWS), help="which, joined by commas; all by default (--list names them)")
    parser.add_argument("--rounds", type=int, default=0, help="7 by default, 3 with --quick")
    parser.add_argument("--seconds", type=int, default=0, help="of each measurement of a training; 15 by default, 5 with --quick")
    parser.add_argument("--settings", default="", help="PyTorch's settings to compare with, joined by commas, instead of trials")
    parser.add_argument("--words", default="", help="further words for our program, such as \"--kernels avx2\"")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, no trials of settings: for a first look only")
    parser.add_argument("--out", default="", help="write everything measured to this file, as JSON")
    parser.add_argument("--list", action="store_true", help="name the rows")
    parser.add_argument("--append", metavar="FILE", help="with --markdown: text that the page ends with, such as a profile")
    parser.add_argument("--markdown", nargs="+", metavar="FILE", help="print the page of results from files that --out wrote; later ones win")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{name:<18} {row['what']}" for name, row in ROWS.items()))
        return
    if options.markdown:
        import results_page
        print(results_page.page([json.loads(pathlib.Path(f).read_text()) for f in options.markdown], ROWS), end="")
        if options.append:
            print("\n" + pathlib.Path(options.append).read_text(), end="")
        return
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.seconds = options.seconds or (5 if options.quick else 15)
    if unknown := [name for name in options.rows.split(",") if name not in ROWS]:
        parser.error(f"no row {unknown[0]}; --list names them")
    if not pathlib.Path(options.rainbow).exists():
        parser.error(f"{options.rainbow}: there is no such program; build it, or name it with --rainbow")
    program, results, left_out = Program(options), [], False
    head = {"date": datetime.date.today().isoformat(), "cpu": cpu(), "versions": versions(options), "quick": options.quick,
            "command": {"rounds": options.rounds, "seconds": options.seconds, "words": options.words, "settings": options.settings}}
    for name in options.rows.split(","):
        try:
            results.append(compare_row(name, ROWS[name], options, program))
        except Unable as why:
            print(f"    left out: {why}")
            left_out = True
        if options.out:
            pathlib.Path(options.out).write_text(json.dumps({**head, "results": results}, indent=1) + "\n")
    sys.exit(1 if left_out else 0)


if __name__ == "__main__":
    main()
