"""Train networks with two hidden layers, W = 32…4096, and store their predictions.

Run ``python -m scalinglib.experiments.make_two_layers`` (two cores: about ten minutes).
"""

import sys
from pathlib import Path

import numpy as np

from scalinglib.experiments.width import wide_networks

WIDTHS = [32, 64, 128, 256, 512, 1024, 2048, 4096]
MEMBERS = 32


def main(file):
    """Write the predictions for all widths to a file."""
    f = [wide_networks(MEMBERS, W=W, depth=2, rng=W).values for W in WIDTHS]
    # Differences between models of one member matter to 1e-6: float32 is enough.
    np.savez_compressed(file, f=np.stack(f).astype(np.float32), W=WIDTHS)


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "data" / "two_layers.npz"
    main(sys.argv[1] if len(sys.argv) > 1 else default)
