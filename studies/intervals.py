"""The picture and the table of a study that compares agents on games: scores with their intervals, from its results/runs.csv.

The score of a run is the mean of its last four evaluations (column `evaluated`). Intervals are 95 % percentiles of a bootstrap over seeds, drawn within
each game (Agarwal et al. 2021), 20,000 times.
"""
import csv
import math
import pathlib
import random
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
DRAWS = 20000
NOTHING = float("nan")

GNUPLOT = r"""# Redraw with: gnuplot {study}.gp
set terminal svg size 980,{height} font 'sans-serif,13' background '#ffffff'
set output '{study}.svg'
set multiplot layout 1,{panels}
set border 1 linecolor '#777777'
set xtics nomirror textcolor '#444444'
set grid xtics linecolor '#e4e4e4' linetype 1
set yrange [{bottom}:-0.5]
set tmargin at screen {top}
set bmargin at screen {foot}
unset key
set label 1 '{heading}' noenhanced at screen 0.02,{first} left font ',17'
set label 2 "Blue: mean of the seeds and its 95 % interval (bootstrap over seeds); orange: the seeds" at screen 0.02,{second} left font ',12' textcolor '#555555'
array titles[{panels}] = [{titles}]
array labels[{panels}] = [{labels}]
array steps[{panels}] = [{steps}]
do for [panel = 1:{panels}] {{
  set title titles[panel] noenhanced
  set lmargin at screen 0.205 + 0.795 * (panel - 1) / {panels}
  set rmargin at screen 0.205 + 0.795 * (panel - 0.1) / {panels} - 0.01
  set xrange [0:*]
  set xtics steps[panel]
  set xlabel labels[panel]
  if (panel > 1) {{ set format y ''; unset ytics }}
  else {{ set ytics scale 0 textcolor '#222222' }}
  plot '{study}.dat' index panel - 1 using 3:1:4:5:ytic(2) with xerrorbars linewidth 2 linecolor '#0072B2' pointtype 7 pointsize 0.8, \
    for [seed = 6:{last}] '' index panel - 1 using seed:($1+0.25) with points pointtype 6 pointsize 0.6 linecolor '#D55E00'
  unset label 1
  unset label 2
}}
"""


def mean(values):
    return sum(values) / len(values) if values else NOTHING


def same(seeds):
    return seeds


def interval(statistic):
    """The 95 % interval of statistic(draw), where draw(seeds) draws seeds with repetition."""
    dice = random.Random(1)
    values = sorted(statistic(lambda seeds: dice.choices(seeds, k=len(seeds))) for _ in range(DRAWS))
    return values[int(0.025 * DRAWS)], values[int(0.975 * DRAWS) - 1]


def scores(study, games):
    """{(game, agent): the scores of its seeds, in their order} of the runs GAME-AGENT-sSEED."""
    found = {}
    with open(HERE / study / "results" / "runs.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            name = re.fullmatch(rf"({'|'.join(games)})-(\w+)-s(\d+)", row["name"])
            if name:
                found.setdefault((name[1], name[2]), []).append(float(row["evaluated"]))
    return found


def of_game(found, game, agents):
    """One panel: (mean, low, high, the scores of its seeds) for each agent of a game."""
    rows = []
    for agent in agents:
        seeds = found.get((game, agent), [])
        low, high = interval(lambda draw, seeds=seeds: mean(draw(seeds))) if len(seeds) > 1 else (mean(seeds), mean(seeds))
        rows.append((mean(seeds), low, high, seeds))
    return rows


def tick(rows):
    """The distance of about five ticks from 0 to the largest number of a panel: 1, 2 or 5 times a power of ten."""
    most = max([number for middle, low, high, seeds in rows for number in (middle, low, high, *seeds) if number == number], default=1)
    power = 10 ** math.floor(math.log10(most / 5))
    return min((part * power for part in (1, 2, 5, 10)), key=lambda step: abs(most / step - 4.5))


def cell(row, digits, most):
    """A score for people: its mean, its interval, and how many seeds it has if others have more."""
    middle, low, high, seeds = row
    if middle != middle:
        return "–"
    count = [f"{len(seeds)} seed{'s' * (len(seeds) > 1)}"] if 0 < len(seeds) < most else []
    spread = [f"{low:.{digits}f} to {high:.{digits}f}"] if low < high else []
    return f"{middle:.{digits}f}" + f" ({', '.join(spread + count)})" * bool(spread or count)


def write_table(study, agents, panels, most):
    """Replaces the table of the study's README."""
    page = HERE / study / "README.md"
    lines = ["| agent | " + " | ".join(panel[1] for panel in panels) + " |", "|---|" + "---|" * len(panels)]
    for i, name in enumerate(agents.values()):
        lines.append(f"| {name} | " + " | ".join(cell(rows[i], 2 if key == "both" else 1, most) for key, _, _, rows in panels) + " |")
    text, count = re.subn(r"(<!-- made by figure -->\n).*?(\n<!-- end -->)", lambda m: m[1] + "\n" + "\n".join(lines) + "\n" + m[2],
                          page.read_text(encoding="utf-8"), flags=re.S)
    assert count == 1, f"{page}: has no place for its table"
    page.write_text(text, encoding="utf-8")


def draw(study, heading, agents, panels):
    """Writes results/scores.csv, the picture, and the table of the README. agents: {agent: its name}; panels: [(key, title, label below, rows)]."""
    results = HERE / study / "results"
    panels = [panel for panel in panels if any(row[0] == row[0] for row in panel[3])]  # a study that is under way may have none yet of a game
    most = max(len(seeds) for *_, rows in panels for *_, seeds in rows)
    with open(results / "scores.csv", "w", encoding="utf-8") as table, open(results / f"{study}.dat", "w", encoding="utf-8") as data:
        table.write("game,agent,seeds,mean,low,high,scores_of_seeds\n")
        for key, _, _, rows in panels:
            for i, ((agent, name), (middle, low, high, seeds)) in enumerate(zip(agents.items(), rows)):
                if middle == middle:
                    table.write(f"{key},{agent},{len(seeds) or ''},{middle:.3f},{low:.3f},{high:.3f},{' '.join(f'{s:.2f}' for s in seeds)}\n")
                points = [f"{s:.4f}" for s in seeds] + ["nan"] * (most - len(seeds))
                data.write(f'{i} "{name}" {middle:.4f} {low:.4f} {high:.4f} {" ".join(points)}\n')
            data.write("\n\n")
    height = 150 + 38 * len(agents)
    quoted = [", ".join(f"'{panel[i]}'" for panel in panels) for i in (1, 2)]
    (results / f"{study}.gp").write_text(GNUPLOT.format(study=study, panels=len(panels), titles=quoted[0], labels=quoted[1], last=5 + most,
                                                        steps=", ".join(f"{tick(panel[3]):g}" for panel in panels), bottom=len(agents) - 0.3,
                                                        height=height, heading=heading, first=round(1 - 20 / height, 3), second=round(1 - 42 / height, 3),
                                                        top=round(1 - 95 / height, 3), foot=round(55 / height, 3)))
    subprocess.run(["gnuplot", f"{study}.gp"], cwd=results, check=True)
    write_table(study, agents, panels, most)
    print((results / "scores.csv").read_text(), end="")
