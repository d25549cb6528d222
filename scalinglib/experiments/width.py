"""Networks of growing width, beside their linearisation and their limit."""

import numpy as np
import xarray as xr

from scalinglib import data, networks
from scalinglib._input import generator, whole_number
from scalinglib.experiments.wide_limit import (
    OUTPUTS,
    _limit,
    linear_response,
    width_problem,
)

__all__ = [
    "ensemble_means",
    "load_ensemble_means",
    "load_one_layer",
    "load_two_layers",
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


def load_one_layer(activation="erf"):
    """Load the stored predictions of networks with one hidden layer.

    Parameters
    ----------
    activation : {"erf", "relu"}

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them, with 32 members for each W, drawn with
        ``rng = W``: W = 32…4096 for erf, 32…1024 for ReLU.

    Raises
    ------
    ValueError
        For another activation.

    Notes
    -----
    Made by ``python -m scalinglib.experiments.make_one_layer`` in about a minute.

    Examples
    --------
    >>> load_one_layer("relu").W.values.tolist()
    [32, 64, 128, 256, 512, 1024]
    """
    if not isinstance(activation, str) or activation not in ("erf", "relu"):
        raise ValueError(f"activation must be 'erf' or 'relu', got {activation!r}")
    f = data.stored_arrays("one_layer.npz")[activation].astype(float)
    return xr.DataArray(
        f,
        dims=["W", "model", "point", "trial"],
        coords={"W": WIDTHS[: len(f)], "model": MODELS},
    )


def load_two_layers():
    """Load the stored predictions of networks with two hidden layers, W = 32…4096.

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them, with 32 members for each W, drawn with
        ``rng = W``.

    Notes
    -----
    Made by ``python -m scalinglib.experiments.make_two_layers`` in about ten minutes.

    Examples
    --------
    >>> load_two_layers().sizes["trial"]
    32
    """
    return _stored("two_layers.npz", "model", MODELS)


def load_ensemble_means():
    """Load the stored means over ensembles of networks with one hidden layer.

    Returns
    -------
    DataArray, dims (W, of, point, trial)
        As `ensemble_means` returns them, for 32 ensembles of 128 networks for each W
        in 32…256, drawn with ``rng = W``.

    Notes
    -----
    Made by ``python -m scalinglib.experiments.make_ensemble_means`` in about two
    minutes.

    Examples
    --------
    >>> load_ensemble_means().sizes["trial"]
    32
    """
    return _stored("ensemble_means.npz", "of", ["mean", "variance", "first order"])


def _stored(name, dim, coordinates):
    """Array f of a file of the package, for every W."""
    stored = data.stored_arrays(name)
    return xr.DataArray(
        stored["f"].astype(float),
        dims=["W", dim, "point", "trial"],
        coords={"W": stored["W"], dim: coordinates},
    )
