"""Writes report.txt: scores and what the rliable package makes of them, for tests/results/test_report_stats.c.

    python3 make_report.py > report.txt        needs rliable, numpy, scipy

Point estimates are rliable's own functions. Intervals come in two kinds: "same", rliable's functions on resamples that are drawn by
the dice of src/base/rng.h, written here a second time, with numpy's percentiles: equal to the last digits; and "own", what
rliable's bootstrap gives with its own dice and more resamples: equal but for chance.
"""
import sys
from importlib.metadata import version

import numpy as np
from rliable import library, metrics

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
BOOTSTRAP, SEED, RESAMPLES = 100, 7, 200


def mix(z):
    z = (z + 0x9E3779B97F4A7C15) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


class Dice:
    """Philox 4x32-10 with the key of seed and purpose, and the counter of index and block."""

    def __init__(self, seed, purpose, index):
        self.key, self.index, self.position = mix(mix(seed) ^ purpose), index, 0

    def block(self, block):
        c = [block & M32, block >> 32, self.index & M32, self.index >> 32]
        k0, k1 = self.key & M32, self.key >> 32
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k0, p1 & M32, (p0 >> 32) ^ c[3] ^ k1, p0 & M32]
            k0, k1 = (k0 + 0x9E3779B9) & M32, (k1 + 0xBB67AE85) & M32
        return c

    def u32(self):
        word = self.block(self.position >> 2)[self.position & 3]
        self.position += 1
        return word

    def below(self, n):
        product = self.u32() * n
        while product & M32 < (1 << 32) % n:
            product = self.u32() * n
        return product >> 32


def resample(scores, dice):
    runs, games = scores.shape
    return np.array([[scores[dice.below(runs), g] for _ in range(runs)] for g in range(games)]).T


def aggregates(s):
    return [metrics.aggregate_iqm(s), metrics.aggregate_median(s), metrics.aggregate_mean(s), metrics.aggregate_optimality_gap(s)]


TAUS = [0.0, 0.1, 0.5, 1.0, 1.7]


def profile(s):
    return library.score_distributions(s, np.array(TAUS))


def show(name, values):
    print(name, *("%.17g" % v for v in np.ravel(values)))


def show_figures(name, reps, function, *sets):
    show(name, function(*sets))
    drawn = []
    for r in range(RESAMPLES):
        dice = Dice(SEED, BOOTSTRAP, r)
        drawn.append(function(*[resample(s, dice) for s in sets]))
    show(name + "_same", np.percentile(np.array(drawn), [2.5, 97.5], axis=0))
    np.random.seed(1)
    key = {"x": sets[0] if len(sets) == 1 else list(sets)}
    _, ends = library.get_interval_estimates(key, function, reps=reps)
    show(name + "_own", ends["x"])


def main():
    print("# made by make_report.py with", ", ".join(f"{p} {version(p)}" for p in ("rliable", "arch", "scipy", "numpy")), "on Python", sys.version.split()[0])
    print("seed", SEED, "resamples", RESAMPLES)
    dice = np.random.RandomState(5)
    for runs, games, runs_y in ((5, 6, 4), (3, 1, 3), (1, 4, 2), (10, 3, 7), (4, 7, 5)):
        x = dice.gamma(1.0, 0.6, (runs, games)) - 0.1
        y = dice.gamma(1.0, 0.5, (runs_y, games)) - 0.1
        x, y = np.round(x, 1 if games == 3 else 6), np.round(y, 1 if games == 3 else 6)  # ties in one of them
        print("case", games, runs, runs_y)
        show("x", x.T)
        show("y", y.T)
        show_figures("aggregates", 10000, lambda s: np.array(aggregates(s)), x)
        show("above", TAUS)
        show_figures("profile", 5000, profile, x)
        show_figures("improvement", 1000, lambda a, b: np.array([metrics.probability_of_improvement(a, b)]), x, y)


main()
