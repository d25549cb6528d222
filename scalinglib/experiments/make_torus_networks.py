"""Train ReLU networks on points of a torus, and store their test losses.

Run ``python -m scalinglib.experiments.make_torus_networks`` (two cores: about ten
minutes).
"""

import sys
from pathlib import Path

import numpy as np

from scalinglib.experiments import sweep
from scalinglib.experiments.torus_networks import network_on_torus

DIMENSIONS = [2, 3]
SIZES = [64, 128, 256, 512, 1024]
TRIALS = 8


def main(file):
    """Write the losses for every dimension and size to a file."""
    loss = sweep.run(network_on_torus, trials=TRIALS, seed=0, d=DIMENSIONS, D=SIZES)
    np.savez_compressed(file, loss=loss.values, d=DIMENSIONS, D=SIZES)


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "data" / "torus_networks.npz"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
