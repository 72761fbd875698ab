#!/usr/bin/env python3
"""`rainbow report --html` in a browser: everything is there and inside its picture, nothing is asked of a network, no name is markup, and
the page fits from a telephone's width to a desk's, in light and dark mode.

    test_report_page.py RAINBOW [--keep DIR]       DIR: keeps the page and pictures of it, to be looked at

Ends with status 77 if there is no Chromium.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Missing  # noqa: E402

HOSTILE = "<script>alert(1)</script> & \"quotes\" <b>bold</b>"
EVAL = "step,frames,episodes,mean,std,min,max,median,seconds\n"
TRAIN = "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds\n"
SECTIONS = ["Results", "Over games and seeds", "Probability of improvement", "Curves", "Games", "What differs between the groups",
            "Settings", "Runs", "Notes"]
CONTRAST = """(() => {
  const rgb = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const ratio = c => { const own = light(c); return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05); };
  return ['body', 'main > p', 'th', 'figcaption p', 'td small'].map(s => ratio(getComputedStyle(document.querySelector(s)).color)); })()"""
OUTSIDE = """[...document.querySelectorAll('figure .wide svg')].flatMap(svg => { const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text, .line, .band, .dot')].filter(e => { const b = e.getBoundingClientRect();
    return b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1 || b.bottom > box.bottom + 1; })
    .map(e => e.outerHTML.slice(0, 120)); })"""


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_runs(root, rainbow):
    """Handmade runs of two groups, two games and hostile names, and a trained one with a video; returns whether there is one."""
    for group, preset, n in (("plain", "der", 3), (HOSTILE, "der", 5)):
        for game in ("breakout", "pong"):
            for seed in (1, 2, 3, 4, 5)[:5 if game == "pong" else 2]:
                run = os.path.join(root, "runs", "by-hand" if n == 3 else "<b>hostile", f"{game}-s{seed}")
                put(run + "/config.ini", f"[run]\nenv = atari/{game}\npreset = {preset}\ngroup = {group}\nseed = {seed}\n[agent]\nn_step = {n}\n")
                rows = [(i * 10000, i * 40000, 10, i * n * seed - 20, 2, 0, 9, 3, i) for i in range(1, 13)]
                put(run + "/eval.csv", EVAL + "".join(",".join(map(str, row)) + "\n" for row in rows))
                rows = [(i * 1000, i * 4000, i, 0, i * seed % 17, 9, 0.1, 0.5, 1.5, i, i) for i in range(1, 121)]
                put(run + "/train.csv", TRAIN + "".join(",".join(map(str, row)) + "\n" for row in rows))
    done = subprocess.run([rainbow, "train", "cartpole", "--run.max_steps=600", "--eval.every_steps=200", "--eval.episodes=2",
                           "--eval.max_episode_steps=50", "--record.every_steps=300", "--record.steps=40", "--plot.enabled=false",
                           "--tensorboard.enabled=false", "--run.root=" + root + "/runs", "--compute.threads=1", "--quiet"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode and "video" not in done.stderr and "FFmpeg" not in done.stderr:
        sys.exit("training failed: " + done.stderr)
    return done.returncode == 0


def check(page, path, video):
    wrong = []

    def expect(what, good):
        if not good:
            wrong.append(what)

    page.size(1280, 900)
    page.open(path)
    sections = page.value("[...document.querySelectorAll('h2')].map(e => e.textContent)")
    expect(f"sections {sections}", sections == SECTIONS)
    figures = page.value("document.querySelectorAll('figure .wide svg').length")
    expect(f"{figures} figures", figures == 7)  # a profile, and evaluations and returns of three games
    lines = page.value("[...document.querySelectorAll('figure .wide .line')].map(e => e.getTotalLength())")
    expect(f"lengths of curves {lines}", len(lines) >= 10 and all(length > 20 for length in lines))
    expect("bands", page.value("document.querySelectorAll('.band').length") >= 6)
    expect("script or markup of a name", page.value("document.querySelectorAll('script, b').length") == 0)
    expect("the name as text", page.value("document.body.textContent").count(HOSTILE) >= 5)
    differs = page.value("[...document.querySelectorAll('h2')].find(e => e.textContent.startsWith('What')).nextElementSibling.textContent")
    expect("agent.n_step among the differences", "agent.n_step" in differs)
    settings = page.value("[...document.querySelectorAll('details')].map(e => e.querySelectorAll('tbody tr').length)")
    expect(f"settings {settings}", len(settings) == 3 and min(settings) > 100)
    text = page.value("document.documentElement.outerHTML").lower()
    expect("nan or inf", ">nan" not in text and "inf " not in text and " nan" not in text.split("base64")[0])
    if video:
        expect("a video that plays", page.value("new Promise(done => { const v = document.querySelector('video'); if (!v) return done(0);"
               "if (v.readyState) return done(v.duration); v.onloadedmetadata = () => done(v.duration); v.onerror = () => done(0);"
               "setTimeout(() => done(0), 20000); v.load(); })") > 0.5)
    grounds = set()
    for dark in (False, True):
        for width in (320, 390, 768, 1280):
            page.size(width, 800, dark)
            page.value("document.querySelectorAll('details').forEach(e => e.open = true)")
            wide = page.value("document.documentElement.scrollWidth")
            expect(f"{width} pixels wide: the page takes {wide}", wide <= width)
            outside = page.value(OUTSIDE)
            expect(f"outside of its picture at {width}: {outside[:3]}", not outside)
        contrast = page.value(CONTRAST)
        expect(f"contrast {contrast}, dark {dark}", min(contrast) >= 4.5)
        grounds.add(page.value("getComputedStyle(document.body).backgroundColor"))
    expect("light and dark", len(grounds) == 2)
    expect(f"troubles {page.troubles}", not page.troubles)
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rainbow")
    parser.add_argument("--keep", metavar="DIR")
    args = parser.parse_args()
    try:
        page = Browser()
    except Missing as why:
        print(f"not run: {why}")
        return 77
    with tempfile.TemporaryDirectory() as bare:
        root = os.path.abspath(args.keep or bare)
        rainbow, path = os.path.abspath(args.rainbow), os.path.join(root, "page.html")
        shutil.rmtree(os.path.join(root, "runs"), ignore_errors=True)
        try:
            video = make_runs(root, rainbow)
            subprocess.run([rainbow, "report", "runs", "--against", "plain", "--html", path], cwd=root, check=True, stdout=subprocess.DEVNULL)
            wrong = check(page, path, video)
            page.open(path)
            heads = page.value("document.querySelector('table').rows[0].textContent")
            wrong += [] if "human-normalised" in heads else [f"columns {heads}"]
            if video:  # only the trained run, whose game has no published scores: no empty column
                subprocess.run([rainbow, "report", "runs/default", "--html", path[:-5] + "-2.html"], cwd=root, check=True, stdout=subprocess.DEVNULL)
                page.open(path[:-5] + "-2.html")
                heads = page.value("document.querySelector('table').rows[0].textContent")
                wrong += [] if "human-normalised" not in heads and "best" in heads else [f"columns {heads}"]
            if args.keep:
                for name, width, dark in (("light", 1280, False), ("dark", 1280, True), ("narrow", 360, True)):
                    page.size(width, 900, dark)
                    page.open(path)
                    page.picture(os.path.join(root, name + ".png"))
        finally:
            page.close()
    for line in wrong:
        print("wrong:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
