#!/usr/bin/env python3
"""The page of examples/browser in a browser: its games have the program's rules, its agents choose the program's actions, a masked action is
never taken, and the page asks nothing of a network.

    test_browser.py RAINBOW [--keep DIR]       DIR: keeps the page and a picture of it

Ends with status 77 if Chromium, or clang with lld, is missing.
"""
import array
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

from kit import RAINBOW, SOURCE, Trace, train

sys.path.insert(0, os.path.join(SOURCE, "tests", "page"))
from browser import Browser, Missing  # noqa: E402

SMALL = ["--run.max_steps=3000", "--agent.start_steps=500", "--replay.capacity=4000"]
BYTES = "const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));"
# Replays games by their actions; the number of observations that differ from those of the program.
REPLAY = BYTES + """(games => games.map(({seen, actions}) => { const game = new Breakout(0), all = bytes(seen); let differ = 0;
  game.reset(all[100 + 3 * 10 + 9] > 0);
  actions.forEach((action, t) => { const now = game.observe(); for (let i = 0; i < 400; i++) if (now[i] !== all[400 * t + i]) { differ++; break; }
                                   game.step(action); });
  return differ; }))"""
# One step from each state; the largest difference to the state after it.
STEPS = """(states => { const game = new CartPole(); game.reset(); let most = 0; for (const [before, action, after] of states) {
  game.state = before; game.step(action); after.forEach((value, i) => { most = Math.max(most, Math.abs(value - game.state[i])); }); } return most; })"""
CHOOSE = BYTES + """((player, seen, count) => { const {observation, act} = players[player].agent, all = bytes(seen);
  const numbers = observation instanceof Uint8Array ? all : new Float32Array(all.buffer), each = observation.length, actions = [];
  for (let t = 0; t < count; t++) { observation.set(numbers.subarray(t * each, (t + 1) * each)); actions.push(act()); } return actions; })"""


def encode(observations):
    return base64.b64encode(b"".join(observations)).decode()


def ask(page, code, *values):
    """Calls the function that ends `code`; what comes before it is declared first."""
    declared, _, function = code.rpartition(";(") if code.startswith("const bytes") else ("", "", code[1:])
    words = ", ".join(map(json.dumps, values))
    return page.value(f"(() => {{ {declared}; return ({function}({words}); }})()")


def games_of(trace):
    """The indices of each game's decisions, in order."""
    games = {}
    for i, game in enumerate(trace.games):
        games.setdefault(game, []).append(i)
    return list(games.values())


def check(page, pole, bricks):
    wrong = []

    def expect(what, good):
        if not good:
            wrong.append(what)

    page.value("ready.then(() => { paused = true; return 1; })")
    games = [{"seen": encode(bricks.observations[i] for i in game), "actions": [bricks.actions[i] for i in game]} for game in games_of(bricks)]
    differ = ask(page, REPLAY, games)
    expect(f"Breakout's rules: {differ} observations differ", len(differ) == 10 and not any(differ))
    states = [array.array("f", seen).tolist() for seen in pole.observations]
    steps = [(states[i], pole.actions[i], states[after]) for game in games_of(pole) for i, after in zip(game, game[1:])][:500]
    most = ask(page, STEPS, steps)
    expect(f"CartPole's rules: a state differs by {most}", len(steps) == 500 and most < 1e-6)
    for player, trace in enumerate((pole, bricks)):
        count = min(1000, len(trace.actions))
        chosen = ask(page, CHOOSE, player, encode(trace.observations[:count]), count)
        equal = sum(a == b for a, b in zip(chosen, trace.actions))
        print(f"agent {player}: {equal} of {count} actions")
        expect(f"agent {player}: {equal} of {count} actions", equal == count)

    taken = page.value("(() => { const [row] = players[1].rows.slice(3); row.tick.click(); const seen = new Set();"
                       "for (let i = 0; i < 500; i++) { players[1].step(); seen.add(players[1].action); } row.tick.click(); return [...seen]; })()")
    expect(f"a masked action among {taken}", taken and 3 not in taken and -1 not in taken)
    page.value("for (let i = 0; i < 600; i++) for (const player of players) player.step(); paused = false; 1")
    page.value("new Promise(done => setTimeout(done, 500))")
    expect("games are counted", min(page.value("players.map(player => player.scores.length)")) > 0)
    expect("something is drawn", len(set(page.value("[...document.querySelectorAll('canvas')].map(c => c.toDataURL())"))) == 2)
    for width in (360, 1000):
        page.size(width, 760)
        wide = page.value("document.documentElement.scrollWidth")
        expect(f"{width} pixels wide: the page takes {wide}", wide <= width)
    expect(f"troubles {page.troubles}", not page.troubles)
    return wrong


def main():
    keep = sys.argv[3] if len(sys.argv) > 3 and sys.argv[2] == "--keep" else None
    lacking = [word for word in ("clang", "wasm-ld") if not shutil.which(word)]
    if lacking:
        print("not run, missing:", ", ".join(lacking))
        return 77
    try:
        page = Browser()
    except Missing as why:
        print(f"not run: {why}")
        return 77
    try:
        with tempfile.TemporaryDirectory() as folder:
            pole = train(folder, "cartpole", "pole", *SMALL)
            bricks = train(folder, "minatar/breakout", "bricks", "--minatar.sticky=0", "--net.hidden=32", *SMALL)
            path = os.path.join(folder, "page.html")
            subprocess.run([os.path.join(SOURCE, "examples", "browser", "build"), "--rainbow", RAINBOW, "--float", pole, bricks, path],
                           cwd=folder, check=True, stdout=subprocess.DEVNULL)
            page.size(1000, 760)
            page.open(path)
            wrong = check(page, Trace(folder, pole, 10), Trace(folder, bricks, 10))
            if keep:
                os.makedirs(keep, exist_ok=True)
                shutil.copy(path, keep)
                page.picture(os.path.join(keep, "page.png"))
    finally:
        page.close()
    for line in wrong:
        print("wrong:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
