"""Train ensembles of networks with one hidden layer, and store what they average to.

Run ``python -m scalinglib.experiments.make_ensemble_means`` (two cores: about two
minutes).
"""

import sys
from pathlib import Path

import numpy as np

from scalinglib.experiments.width import ensemble_means

WIDTHS = [32, 64, 128, 256]
ENSEMBLES = 32


def main(file):
    """Write the means for all widths to a file."""
    f = [ensemble_means(ENSEMBLES, W=W, rng=W).values for W in WIDTHS]
    np.savez_compressed(file, f=np.stack(f).astype(np.float32), W=WIDTHS)


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "data" / "ensemble_means.npz"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
