"""Networks of growing width, beside their linearisation and their limit."""

from functools import partial

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import generator, whole_number
from scalinglib.experiments.wide_limit import (
    OUTPUTS,
    _limit,
    linear_response,
    width_problem,
)

__all__ = [
    "ensemble_means",
    "make_ensemble_means",
    "make_one_layer_erf",
    "make_one_layer_relu",
    "make_two_layers",
    "wide_networks",
]

#: How `wide_networks` trains: gradient descent of so many steps, with this momentum,
#: at the rate 1 / (2 λ_max / D) for the infinitely wide network.
STEPS, MOMENTUM = 120, 0.75

#: What `wide_networks` compares, and the widths at which that is stored.
MODELS = ["net", "linearised", "first order"]
WIDTHS = [2**k for k in range(5, 13)]


def wide_networks(members, *, W, depth, rng, activation="erf", at_once=None):
    r"""Train networks of width W and put their predictions beside those of the theory.

    Parameters
    ----------
    members : int
        How many initialisations.
    W : int
        Width of every hidden layer: ≥ 9 with one hidden layer, or the network has too
        few parameters to fit the data.
    depth : int
        Number of hidden layers, ≥ 1.
    rng : None, int or numpy.random.Generator
        Draws the initialisations.
    activation : {"erf", "relu"}
    at_once : int, optional
        How many to treat together; by default so many that it stays fast. The numbers
        do not depend on it.

    Returns
    -------
    DataArray, dims (model, point, trial)
        At the test points of `width_problem`, its outputs in turn, for each model

        - ``net``: the trained network, centred at its initialisation;
        - ``linearised``: its linearisation at the same initialisation, trained for
          ever;
        - ``first order``: `linear_response`.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> wide_networks(2, W=16, depth=1, rng=0).sizes["point"]
    192
    """
    members, depth = (
        whole_number(name, value, least=1)
        for name, value in {"members": members, "depth": depth}.items()
    )
    W = whole_number("W", W, least=9 if depth == 1 else 7)
    if at_once is None:
        at_once = max(1, 2**20 // (W * max(192, W ** (depth - 1))))
    at_once = whole_number("at_once", at_once, least=1)
    rng, net = generator(rng), networks.MLP([16, *depth * [W], OUTPUTS], activation)
    parts = []
    while members > 0:
        parameters = net.initialise(min(at_once, members), rng=rng)
        parts.append(_three_models(net, parameters))
        members -= at_once
    return xr.DataArray(
        np.concatenate(parts, axis=-1),
        dims=["model", "point", "trial"],
        coords={"model": MODELS},
    )


def _three_models(net, parameters):
    """Predictions (3, point, trial) of `wide_networks`."""
    X, Y, X_test, _ = width_problem(net.activation)
    learn = networks.gradient_descent(
        net,
        rate=len(X) / (2 * np.linalg.eigvalsh(_limit(net)[0])[-1]),
        steps=STEPS,
        momentum=MOMENTUM,
        centred=True,
    )
    trained = learn(X, Y, start=parameters)(X_test)
    linear = networks.linearised(net, centred=True)(X, Y, start=parameters)(X_test)
    f = trained, linear, linear_response(net, parameters)
    return np.stack([values.reshape(len(values), -1).T for values in f])


def ensemble_means(ensembles, *, W, rng, members=128):
    """Train ensembles of networks with one hidden layer and average over each.

    Parameters
    ----------
    ensembles : int
        How many.
    W : int
        Width of the hidden layer.
    rng : None, int or numpy.random.Generator
        Draws the initialisations.
    members : int, default 128
        Members of an ensemble, ≥ 2.

    Returns
    -------
    DataArray, dims (of, point, trial)
        One trial for each ensemble; at the points of `wide_networks`

        - ``mean`` over the members of the trained network's prediction;
        - ``variance`` of it over the members, without bias;
        - ``first order``: mean of `linear_response`.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> ensemble_means(3, W=16, rng=0, members=2).sizes["trial"]
    3
    """
    ensembles = whole_number("ensembles", ensembles, least=1)
    members, rng = whole_number("members", members, least=2), generator(rng)
    parts = []
    for _ in range(ensembles):
        f, _, first = wide_networks(members, W=W, depth=1, rng=rng).values
        parts.append([f.mean(axis=1), f.var(axis=1, ddof=1), first.mean(axis=1)])
    return xr.DataArray(
        np.moveaxis(parts, 0, -1),
        dims=["of", "point", "trial"],
        coords={"of": ["mean", "variance", "first order"]},
    )


def make_one_layer_erf():
    """Predictions of erf networks with one hidden layer, W = 32…4096, 32 members each.

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them; members of width W are drawn with ``rng = W``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("one_layer_erf").W.values.tolist()
    [32, 64, 128, 256, 512, 1024, 2048, 4096]
    """
    return _at_widths(WIDTHS, partial(wide_networks, 32, depth=1))


def make_one_layer_relu():
    """Predictions of ReLU networks with one hidden layer, W = 32…1024, 32 members each.

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them; members of width W are drawn with ``rng = W``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("one_layer_relu").W.values.tolist()
    [32, 64, 128, 256, 512, 1024]
    """
    return _at_widths(
        WIDTHS[:6], partial(wide_networks, 32, depth=1, activation="relu")
    )


def make_two_layers():
    """Predictions of erf networks with two hidden layers, W = 32…4096, 32 members each.

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them; members of width W are drawn with ``rng = W``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("two_layers").sizes["trial"]
    32
    """
    return _at_widths(WIDTHS, partial(wide_networks, 32, depth=2))


def make_ensemble_means():
    """Means over 32 ensembles of 128 erf networks, one hidden layer of W = 32…256.

    Returns
    -------
    DataArray, dims (W, of, point, trial)
        As `ensemble_means` returns them; ensembles of width W are drawn one after
        another with ``rng = W``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("ensemble_means")["of"].values.tolist()
    ['mean', 'variance', 'first order']
    """
    return _at_widths(WIDTHS[:4], partial(ensemble_means, 32))


def _at_widths(widths, trial):
    """One result of ``trial(W=W, rng=W)`` for each width."""
    # Differences between models of one member matter to 1e-6: float32 is enough.
    found = [trial(W=W, rng=W).astype(np.float32) for W in widths]
    f = xr.concat(found, xr.DataArray(widths, dims="W", name="W"))
    return f.rename("f").assign_attrs(seed=widths)
