"""Networks of growing width on a hundred images, each beside its linearisation."""

import functools

import numpy as np
import xarray as xr

from scalinglib import kernels, networks
from scalinglib._input import generator, one_of, truth, whole_number
from scalinglib.data.fashion_mnist import load_fashion_mnist
from scalinglib.data.labels import one_hot
from scalinglib.data.pixels import centre_and_normalise
from scalinglib.experiments import sweep

__all__ = ["make_image_widths", "network_and_linearisation"]

#: Images for training and for the test; steps and momentum of gradient descent.
TRAIN, TEST, STEPS, MOMENTUM = 100, 300, 100, 0.75

#: Widths, and initialisations of each.
WIDTHS, TRIALS = [2**k for k in range(6, 13)], 16


@functools.cache
def _problem():
    """Images, labels, and the rate: half of what the infinitely wide network bears."""
    X, y = load_fashion_mnist()
    X = centre_and_normalise(X)[: TRAIN + TEST]
    largest = np.linalg.eigvalsh(kernels.ntk(X[:TRAIN], depth=2))[-1]
    return X, y[: TRAIN + TEST], TRAIN / (2 * largest)


def network_and_linearisation(rng, *, W, loss, centred=False):
    r"""Test losses of a network and of its own linearisation: a trial.

    Two hidden layers of ReLU in the NTK parameterisation learn 100 images of ten
    classes by a hundred steps of gradient descent with momentum. The linearisation at
    the same initialisation does the same. So is figure 1a, bottom right, of
    arXiv:2102.06701 made (appendix A.4), at 100 to 500 steps.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the initialisation.
    W : int
        Width of both hidden layers, ≥ 1.
    loss : {"mse", "cross-entropy"}
        On one-hot targets, less their mean, or on labels.
    centred : bool, default False
        Leave out what the network computes at initialisation.

    Returns
    -------
    DataArray, dims (model)
        Losses on 300 other images of ``network`` and ``linearised``.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> loss = network_and_linearisation(0, W=64, loss="cross-entropy")
    >>> bool(abs(loss[0] - loss[1]) < 0.2 * loss[0])
    True
    """
    one_of("loss", loss, ("mse", "cross-entropy"))
    whole_number("W", W, least=1)
    X, y, rate = _problem()
    Y = y if loss == "cross-entropy" else one_hot(y)
    net = networks.MLP([X.shape[1], W, W, 10])
    start = net.initialise(1, rng=generator(rng), dtype=np.float32)
    measure = (
        networks.cross_entropy
        if loss == "cross-entropy"
        else networks.mean_squared_error
    )
    options = {
        "rate": rate,
        "steps": STEPS,
        "momentum": MOMENTUM,
        "loss": loss,
        "centred": truth("centred", centred),
        "device": "cpu",
    }
    found = []
    for learn in (networks.gradient_descent, networks.linearised):
        predict = learn(net, **options)(X[:TRAIN], Y[:TRAIN], start=start)
        found.append(float(measure(predict(X[TRAIN:]), Y[TRAIN:])[0]))
    return xr.DataArray(
        found, dims="model", coords={"model": ["network", "linearised"]}
    )


def make_image_widths(*, checkpoint=None):
    """Losses of networks of width 64…4096 and of their linearisations, 16 trials each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (loss, centred, W, model, trial)
        As `network_and_linearisation` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("image_widths").W.values.tolist()
    [64, 128, 256, 512, 1024, 2048, 4096]
    """
    grid = {
        "loss": ["mse", "cross-entropy"],
        "centred": [False, True],
        "W": WIDTHS,
    }
    found = sweep.run(
        network_and_linearisation, trials=TRIALS, seed=0, checkpoint=checkpoint, **grid
    )
    return found.rename("test_loss").astype(np.float32)
