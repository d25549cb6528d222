"""Populations from which data sets are drawn, and learning curves on them."""

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import one_of, whole_number
from scalinglib.data.fashion_mnist import load_fashion_mnist
from scalinglib.data.labels import one_hot
from scalinglib.data.pixels import centre_and_normalise
from scalinglib.experiments import sweep
from scalinglib.experiments.sampling import data_sweep

__all__ = [
    "make_learning_curves",
    "population_curve",
    "population_problem",
    "teacher_population",
]

#: Sizes of the data sets of `population_curve`: more than two decades.
SIZES = [2**k for k in range(7, 15)]

#: What `population_problem` knows.
DATA, LOSSES = ["teacher", "images"], ["mse", "cross-entropy"]


def teacher_population(N):
    r"""Population of points labelled by a random network, the teacher.

    Parameters
    ----------
    N : int
        Number of points, ≥ 1.

    Returns
    -------
    X, Y : ndarrays (N, 8), (N, 2)
        Points on the sphere of radius √2 and the outputs of a network of 32 erf units.

    Raises
    ------
    ValueError
        If `N` is below 1.

    Examples
    --------
    >>> X, Y = teacher_population(100)
    >>> X.shape, Y.shape
    ((100, 8), (100, 2))
    """
    X = np.random.default_rng(0).standard_normal((whole_number("N", N, least=1), 8))
    X *= np.sqrt(2) / np.linalg.norm(X, axis=1, keepdims=True)
    teacher = networks.MLP([8, 32, 2], "erf")
    return X, teacher(teacher.initialise(1, rng=7), X)[0]


def population_problem(data, loss):
    """A small network, its initialisation, and a population from which data are drawn.

    Parameters
    ----------
    data : {"teacher", "images"}
        8192 points of `teacher_population`, or the 12 000 images of Fashion-MNIST that
        ship with the package, pooled to 7 × 7 pixels.
    loss : {"mse", "cross-entropy"}
        On which the network is trained, and measured.

    Returns
    -------
    learn, initial, X, Y, measure
        As `data_sweep` takes them.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> learn, initial, X, Y, measure = population_problem("teacher", "mse")
    >>> X.shape, Y.shape
    ((8192, 8), (8192, 2))
    """
    one_of("data", data, DATA)
    one_of("loss", loss, LOSSES)
    if data == "teacher":
        net = networks.MLP([8, 16, 2], "erf")
        X, Y = teacher_population(8192)
        labels = Y.argmax(axis=1)
    else:
        net = networks.MLP([49, 16, 10])
        images, labels = load_fashion_mnist()
        pooled = images.reshape(-1, 7, 2, 7, 2).mean(axis=(2, 4)).reshape(-1, 49)
        X = centre_and_normalise(pooled).astype(float)
        Y = one_hot(labels)
    learn = networks.gradient_descent(
        net, rate=0.2, steps=50, momentum=0.9, loss=loss, centred=True
    )
    targets, measure = (
        (Y, networks.mean_squared_error)
        if loss == "mse"
        else (labels, networks.cross_entropy)
    )
    return learn, net.initialise(1, rng=1), X, targets, measure


def population_curve(data, loss, *, trials, seed=0, sizes=SIZES):
    """Excess loss of `population_problem` at every size of data set.

    The limit is exact: the loss of the network trained on the population itself.

    Parameters
    ----------
    data, loss
        As in `population_problem`.
    trials : int
        Number of nested draws, ≥ 1. The first are the same whatever their number.
    seed : int, default 0
        Of `scalinglib.experiments.sweep.run`.
    sizes : sequence of int
        The values of D, powers of two up to 2¹⁴. With the same last, fewer of them
        have the same losses.

    Returns
    -------
    DataArray, dims (D, trial)

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> curve = population_curve("teacher", "mse", trials=1)
    >>> bool((curve.sel(D=128) > 64 * curve.sel(D=16384)).all())
    True
    """
    setting = population_problem(data, loss)
    learn, initial, X, Y, _ = setting
    trial = data_sweep(*setting, sizes, blocks=16)
    limit = learn(X, Y, start=initial).loss[0]
    return sweep.run(trial, trials=trials, seed=seed) - limit


def make_learning_curves():
    """Excess losses of `population_curve` for each population and loss, 16 trials.

    Returns
    -------
    DataArray, dims (data, loss, D, trial)
        Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("learning_curves").sel(data="images", loss="mse").dims
    ('D', 'trial')
    """
    rows = [
        [population_curve(data, loss, trials=16) for loss in LOSSES] for data in DATA
    ]
    names = [
        xr.DataArray(values, dims=name, name=name)
        for name, values in (("data", DATA), ("loss", LOSSES))
    ]
    excess = xr.concat([xr.concat(row, names[1]) for row in rows], names[0])
    return excess.rename("excess").assign_attrs(seed=0)
