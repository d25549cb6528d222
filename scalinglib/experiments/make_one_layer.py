"""Train networks with one hidden layer, erf and ReLU, and store their predictions.

Run ``python -m scalinglib.experiments.make_one_layer`` (about a minute).
"""

import sys
from pathlib import Path

import numpy as np

from scalinglib.experiments.width import WIDTHS, wide_networks

MEMBERS = 32
MOST = {"erf": 4096, "relu": 1024}


def main(file):
    """Write the predictions for all widths to a file."""
    f = {
        activation: [
            wide_networks(MEMBERS, W=W, depth=1, rng=W, activation=activation).values
            for W in WIDTHS
            if most >= W
        ]
        for activation, most in MOST.items()
    }
    # Differences between models of one member matter to 1e-6: float32 is enough.
    np.savez_compressed(file, **{a: np.float32(values) for a, values in f.items()})


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "data" / "one_layer.npz"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
