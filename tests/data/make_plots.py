#!/usr/bin/env python3
"""Points of made-up runs, and what numpy and scipy make of them: smoothed by a trailing window on a grid, mean over the
runs and Student's 95 % interval of that mean. Writes plots.txt, which tests/results/test_plots.c reads.

    python3 make_plots.py
"""
import os
import sys

import numpy as np
import scipy
from scipy import stats

RUNS, WINDOW, STEP = 5, 700.0, 250.0


def smooth(x, y, at):
    inside = y[(x > at - WINDOW) & (x <= at)]
    if inside.size:
        return inside.mean()
    return y[x <= at][-1]


def main():
    rng = np.random.default_rng(6)
    out = [f"# numpy {np.__version__}, scipy {scipy.__version__}, python {sys.version.split()[0]}"]
    runs = []
    for r in range(RUNS):
        # Games of very different lengths, so that some windows are empty.
        x = np.cumsum(rng.integers(1, 900 if r != 2 else 2500, 30)).astype(float)
        y = np.round(rng.normal(20, 40, 30) + x / 100, 3)
        runs.append((x, y))
        out.append(f"run {x.size}")
        out += [f"{a:.17g} {b:.17g}" for a, b in zip(x, y)]
    first, end = max(x[0] for x, _ in runs), min(x[-1] for x, _ in runs)
    grid = [k * STEP for k in range(int(np.ceil(first / STEP)), int(end // STEP) + 1)]
    if grid[-1] < end:
        grid.append(end)
    out.append(f"band {WINDOW:g} {STEP:g} {len(grid)}")
    for at in grid:
        values = np.array([smooth(x, y, at) for x, y in runs])
        low, high = stats.t.interval(0.95, RUNS - 1, values.mean(), stats.sem(values))
        out.append(f"{at:.17g} {values.mean():.17g} {low:.17g} {high:.17g}")
    degrees = list(range(1, 31)) + [49, 50, 99, 100, 499]
    out.append(f"student {len(degrees)}")
    out += [f"{n} {stats.t.ppf(0.975, n):.17g}" for n in degrees]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "plots.txt"), "w", encoding="ascii") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
