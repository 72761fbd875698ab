"""Writes normalise.txt: running statistics of batches of vectors by Gymnasium's RunningMeanStd, and what its
NormalizeObservation and Stable-Baselines3's VecNormalize make of the newest frames (both: (x - mean) / sqrt(var + 1e-8);
the latter clips). Numbers are hexadecimal, so they are exact.

    python tests/data/make_normalise.py > tests/data/normalise.txt       # gymnasium 1.4.0, numpy 2.4.6

A line "batch N" is followed by N frames; then come count, mean, var and the normalised frames, clipped to 2.
"""
import numpy as np
from gymnasium.wrappers.utils import RunningMeanStd

NUMBERS, BATCHES, CLIP = 4, 14, 2
rng = np.random.default_rng(7)
scale, offset = np.array([1e-3, 1.0, 300.0, 2e4]), np.array([0.0, -5.0, 1e4, 1e6])
stats = RunningMeanStd(shape=(NUMBERS,))


def line(word: str, values: np.ndarray) -> None:
    print(word, *(float(v).hex() for v in values))


for batch in range(BATCHES):
    count = [1, 4, 1, 2, 7][batch % 5]
    frames = (rng.standard_normal((count, NUMBERS)) * scale + offset).astype(np.float32).astype(np.float64)
    if batch == 9:
        frames[0] = (offset + 400 * scale).astype(np.float32)
    stats.update(frames)
    print("batch", count)
    for frame in frames:
        line("frame", frame)
    line("count", [stats.count])
    line("mean", stats.mean)
    line("var", stats.var)
    for frame in frames:
        line("out", np.clip((frame - stats.mean) / np.sqrt(stats.var + 1e-8), -CLIP, CLIP))
