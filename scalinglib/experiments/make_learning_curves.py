"""Train small networks on data sets of every size, and store their excess losses.

Run ``python -m scalinglib.experiments.make_learning_curves`` (two cores: about three
minutes).
"""

import sys
from pathlib import Path

import numpy as np

from scalinglib.experiments.populations import MEASURES, population_curve

TRIALS = 16


def main(file):
    """Write the curves of all four problems to a file."""
    excess = [
        [population_curve(data, loss, trials=TRIALS).values for loss in MEASURES]
        for data in ("teacher", "images")
    ]
    np.savez_compressed(file, excess=np.array(excess))


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "data" / "learning_curves.npz"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
