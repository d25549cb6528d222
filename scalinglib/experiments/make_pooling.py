"""Pool images of Fashion-MNIST more and more, and store what becomes of them.

Run ``python -m scalinglib.experiments.make_pooling`` (two cores: about a minute). The
images are downloaded, or read from a directory given as ``--source DIR``.
"""

import numpy as np

from scalinglib import data
from scalinglib.experiments._script import run
from scalinglib.experiments.images import summary

FACTORS = [1, 2, 4, 7]
TRIALS = 8


def main(file, source):
    """Write the summaries for every factor to a file."""
    X, y = data.fetch_fashion_mnist(source=source)
    rows = np.r_[:10_000, 60_000:62_000]
    found = [
        summary(data.pool(X[rows], factor), y[rows], trials=TRIALS)
        for factor in FACTORS
    ]
    names = ["loss", "alpha_K", "dimension"]
    np.savez_compressed(
        file, **{name: np.stack([one[name].values for one in found]) for name in names}
    )


if __name__ == "__main__":
    run(main, "pooling.npz", __doc__)
