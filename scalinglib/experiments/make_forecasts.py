"""Run the prediction game of chapter 6 on five samples of images, and store it.

Run ``python -m scalinglib.experiments.make_forecasts`` (two cores: about three
minutes). The images are downloaded, or read from a directory given as ``--source DIR``.
"""

import numpy as np

from scalinglib import data
from scalinglib.experiments._script import run
from scalinglib.experiments.images import KERNELS, forecasting_game

TRIALS = 32


def main(file, source):
    """Write small runs and truths for every sample, kernel and target to a file."""
    X, y = data.fetch_fashion_mnist(source=source)
    X = data.pool(X, 2)
    games = [game(X, y, sample) for sample in range(5)]
    small, truth = (
        np.array(part, dtype=np.float32) for part in zip(*games, strict=True)
    )
    np.savez_compressed(file, small=small, truth=truth)


def game(X, y, sample):
    """Games of all kernels on 10 000 training and 2000 test images."""
    train = np.arange(10_000) + 10_000 * sample
    test = np.arange(2000) + 60_000 + 2000 * sample
    rows = np.r_[train, test]
    small, truth = [], []
    for kernel in KERNELS:
        runs, outcome = forecasting_game(X[rows], y[rows], kernel, trials=TRIALS)
        small.append(runs.transpose("target", "D", "trial").values)
        truth.append(outcome.values)
    return small, truth


if __name__ == "__main__":
    run(main, "forecasts.npz", __doc__)
