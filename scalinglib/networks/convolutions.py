"""A small network for images, of convolutions."""

from torch import nn

from scalinglib._input import whole_number
from scalinglib.networks.modules import Module

__all__ = ["convolutional"]


def convolutional(side, outputs, *, channels=32, hidden=128):
    """Return a network of two convolutions and a hidden layer, for square images.

    A convolution of 4 × 4 pixels and stride 2, one of 3 × 3 with twice as many
    channels, a layer that sees all of them, and the outputs, with ReLU in between. No
    pooling: the stride does its work at a third of the time.

    Parameters
    ----------
    side : int
        Pixels a side, ≥ 8. Inputs are rows of side² pixels.
    outputs : int
        Number C of outputs, ≥ 1.
    channels : int, default 32
        Of the first convolution, ≥ 1.
    hidden : int, default 128
        Units of the layer after the convolutions, ≥ 1.

    Returns
    -------
    Module
        Its parameters are drawn as those of layers of torch: uniform, of variance one
        third over the number of inputs.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> net = convolutional(14, 10, channels=4, hidden=8)
    >>> net.inputs, [p.shape[1:] for p in net.initialise(1, rng=0)][::2]
    (196, [(4, 1, 4, 4), (8, 4, 3, 3), (8, 128), (10, 8)])
    """
    side = whole_number("side", side, least=8)
    outputs, channels, hidden = (
        whole_number(name, value, least=1)
        for name, value in {
            "outputs": outputs,
            "channels": channels,
            "hidden": hidden,
        }.items()
    )
    left = (side - 4) // 2 - 1  # pixels a side after both convolutions

    def build():
        return nn.Sequential(
            nn.Unflatten(1, (1, side, side)),
            nn.Conv2d(1, channels, 4, stride=2),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2 * channels * left**2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, outputs),
        )

    return Module(build, inputs=side**2, outputs=outputs)
