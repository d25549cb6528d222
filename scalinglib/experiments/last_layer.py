r"""The last layer of a trained network, refitted on images that it has not seen."""

import numpy as np
import xarray as xr
from scipy.linalg import eigh, lstsq

from scalinglib import networks, theory
from scalinglib._input import (
    finite_rows,
    generator,
    real_array,
    rising,
    truth,
    whole_number,
)
from scalinglib._linalg import checked_targets
from scalinglib.data.fashion_mnist import load_fashion_mnist
from scalinglib.data.labels import one_hot, superclasses
from scalinglib.data.pixels import centre_and_normalise

__all__ = [
    "features_and_labels",
    "make_last_layer",
    "predicted_refits",
    "refit_losses",
]

#: Images that train the network, as many others being the population; steps and rate.
TRAIN, STEPS, BATCH, RATE = 6000, 2000, 64, 1e-3

#: Units of each hidden layer, and how many networks.
WIDTH, NETWORKS = 256, 6

#: Sizes of the refits (∞ stands for all features as they are), ridges, draws.
D, P = (np.r_[2.0 ** np.arange(4, last), np.inf] for last in (12, 10))
DRAWS = 16
RIDGES = 10.0 ** np.arange(-6, 2)


def features_and_labels(
    rng, *, W=WIDTH, steps=STEPS, groups=None, seen=False, dtype="float32"
):
    r"""Features of images by a network before and after training, and their labels.

    A ReLU network of two hidden layers learns the ten classes from 6000 images, by Adam
    on the cross-entropy. The features are those of 6000 other images, as the last
    layer receives them, scaled to mean squared length one.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws which images are which, the initialisation and the batches.
    W : int, default 256
        Units of each hidden layer, ≥ 1.
    steps : int, default 2000
        Of Adam, ≥ 1.
    groups : sequence of sequences of int, optional
        Classes that the network is told to be one, as in
        `scalinglib.data.superclasses`. The labels returned are the ten all the same.
    seen : bool, default False
        Return the features of the images that the network was trained on instead.
    dtype : {"float32", "float64"}
        In which the network is trained.

    Returns
    -------
    before, after : (6000, W) ndarray
    Y : (6000, 10) ndarray
        One-hot, less 1/10.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> before, after, Y = features_and_labels(0, W=16, steps=20)
    >>> after.shape, Y.shape, round(float((after**2).sum(axis=1).mean()), 9)
    ((6000, 16), (6000, 10), 1.0)
    """
    W, steps = (
        whole_number(n, v, least=1) for n, v in {"W": W, "steps": steps}.items()
    )
    order, begin, shuffle = generator(rng).spawn(3)
    images, labels = load_fashion_mnist()
    told = labels if groups is None else superclasses(labels, groups)
    X, at = centre_and_normalise(images), order.permutation(len(images))
    train, others = at[:TRAIN], at[TRAIN:]
    shown = train if truth("seen", seen) else others
    net = networks.MLP([X.shape[1], W, W, told.max() + 1], "relu", "standard")
    start = net.initialise(1, rng=begin, dtype=dtype)
    learn = networks.adam(
        net,
        rate=RATE,
        steps=steps,
        batch=BATCH,
        schedule="cosine",
        loss="cross-entropy",
        rng=shuffle,
        device="cpu",
    )
    end = learn(X[train], told[train], start=start).parameters
    found = (net.features(p, X[shown], device="cpu")[0] for p in (start, end))
    before, after = (_scaled(f.astype(float), W) for f in found)
    return before, after, one_hot(labels[shown])


def _scaled(F, W):
    """Features of mean squared length one."""
    if not F.any():
        raise ValueError(f"W must be larger: all units of a layer died, got {W}")
    return F / np.sqrt((F**2).sum(axis=1).mean())


def refit_losses(rng, F, Y, *, D, P, ridges):
    r"""Loss of ridge regression on mixtures of given features: a trial.

    .. math::

       f = \frac{1}{\sqrt P} F \mathcal P^{\mathsf T}, \qquad
       \hat\theta = (f^{\mathsf T} f + \delta)^{-1} f^{\mathsf T} Y

    on D examples that are drawn from all N with replacement, with Gaussian 𝒫 (P × S);
    the loss is the mean over all N. So the N are the population, and `theory` knows
    everything about it.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the examples, then 𝒫; fewer of either are a prefix of more.
    F : (N, S) array_like
        Features.
    Y : (N,) or (N, C) array_like
        Labels; the loss is summed over outputs.
    D, P : sequence of float
        Numbers of examples and of mixtures, rising. An infinite D are the N themselves,
        without a ridge; an infinite P the features as they are.
    ridges : (n,) array_like
        δ > 0, rising, added to :math:`f f^{\mathsf T}`.

    Returns
    -------
    DataArray, dims (ridge, D, P)

    Raises
    ------
    ValueError
        If shapes do not match or an argument is out of range.

    Examples
    --------
    >>> F = np.random.default_rng(0).standard_normal((500, 20))
    >>> loss = refit_losses(1, F, F[:, 0], D=[100], P=[np.inf], ridges=[1e-9, 1e9])
    >>> bool(loss[0] < 1e-6), bool(abs(loss[1] - (F[:, 0] ** 2).mean()) < 1e-3)
    (True, True)
    """
    F, rng = finite_rows("F", F).astype(float), generator(rng)
    Y = checked_targets(Y, len(F), float).reshape(len(F), -1)
    D, P, ridges = _sizes("D", D), _sizes("P", P), rising("ridges", ridges)
    at = rng.integers(len(F), size=_most(D))
    mix = rng.standard_normal((_most(P), F.shape[1]))
    seen, wanted = F.T @ F / len(F), F.T @ Y / len(F)
    total = (Y**2).sum() / len(F)
    losses = np.empty((len(ridges), len(D), len(P)))
    for j, p in enumerate(P):
        to_f = mix[: int(p)].T / np.sqrt(p) if np.isfinite(p) else np.eye(F.shape[1])
        f, power, target = F[at] @ to_f, to_f.T @ seen @ to_f, to_f.T @ wanted
        for i, d in enumerate(D):
            if np.isfinite(d):
                found = _coefficients(f[: int(d)], Y[at[: int(d)]], ridges)
            else:
                found = [lstsq(power, target)[0]] * len(ridges)
            for k, theta in enumerate(found):
                losses[k, i, j] = (theta * (power @ theta - 2 * target)).sum() + total
    coords = {"ridge": ridges, "D": D, "P": P}
    return xr.DataArray(losses, coords=coords, dims=[*coords])


def _sizes(name, values):
    """Rising whole numbers, the last of which may be infinity."""
    sizes = real_array(name, values).astype(float)
    whole = (sizes >= 1).all() and not (sizes[np.isfinite(sizes)] % 1).any()
    if sizes.ndim != 1 or not sizes.size or not (np.diff(sizes) > 0).all() or not whole:
        raise ValueError(
            f"{name} must list rising whole numbers from 1, or infinity, got {values!r}"
        )
    return sizes


def _most(sizes):
    """Largest finite size."""
    return int(sizes[np.isfinite(sizes)].max(initial=0))


def _coefficients(f, y, ridges):
    """Of ridge regression, for every ridge from one eigendecomposition."""
    primal = len(f) > f.shape[1]  # else for dual coefficients, θ = fᵀα
    tall = f if primal else f.T
    values, U = eigh(tall.T @ tall)
    half = U.T @ (tall.T @ y if primal else y)
    found = [U @ (half / (values + ridge)[:, None]) for ridge in ridges]
    return found if primal else [tall @ alpha for alpha in found]


def predicted_refits(found):
    r"""Predict every loss of a result like ``last_layer`` from its modes, by formula.

    Parameters
    ----------
    found : Dataset
        With ``loss``, ``lam``, ``v2`` and ``noise``, as `make_last_layer` returns it.

    Returns
    -------
    DataArray
        Of the dimensions of ``loss``: `scalinglib.theory.random_feature_loss` of the
        spectrum, power and noise that stand beside it.

    Raises
    ------
    ValueError
        If a part is missing.

    Examples
    --------
    >>> from scalinglib import stored
    >>> found = stored.load("last_layer")
    >>> off = predicted_refits(found) / found.loss - 1
    >>> bool(abs(off.sel(ridge=0.1, method="nearest").mean()) < 0.01)
    True
    """
    parts = "loss", "lam", "v2", "noise"
    if not isinstance(found, xr.Dataset) or not set(parts) <= set(found):
        raise ValueError(f"found must be a Dataset with {parts}, got {type(found)}")
    loss = found.loss.transpose("network", "when", "ridge", "D", "P")
    formula = loss.copy(deep=True)
    for network, when, k in np.ndindex(loss.shape[:3]):
        of = found.isel(network=network).sel(when=loss["when"][when])
        kept = of.lam.values > 0  # a list that is short ends with zeros
        about = {"target": of.v2.values[kept], "noise": float(of.noise)}
        known = np.isinf(loss.D) & (kept.sum() <= loss.P)  # then only noise is left
        D = loss.D.where(~known, 1.0)
        predicted = theory.random_feature_loss(
            of.lam.values[kept], D, loss.P, ridge=float(loss.ridge[k]), **about
        )
        formula[network, when, k] = predicted.where(~known, about["noise"])
    return formula.transpose(*found.loss.dims)


def make_last_layer():
    """Losses of refits before and after training, for six networks, sixteen draws each.

    Returns
    -------
    Dataset
        ``loss`` with dims (network, when, ridge, D, P), the mean over draws as
        `refit_losses` returns it; what `scalinglib.theory.feature_modes` finds of the
        features, ``lam`` and ``v2`` with dims (network, when, i) and ``noise`` with
        dims (network, when). ``when`` is before or after training, on images that the
        network has not seen, or ``seen``: after, on those that it was trained on.
        Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("last_layer").sizes["network"]
    6
    """
    numbers = xr.DataArray(np.arange(NETWORKS), dims="network", name="network")
    found = xr.concat([_of_network(n) for n in numbers.values], numbers)
    return found.astype(np.float32).assign_attrs(seed=0)


def _of_network(number):
    """All that is stored of a network."""
    before, after, Y = features_and_labels(np.random.default_rng([0, number]))
    _, known, Y_known = features_and_labels(
        np.random.default_rng([0, number]), seen=True
    )
    rows = {"before": (before, Y), "after": (after, Y), "seen": (known, Y_known)}
    names = xr.DataArray([*rows], dims="when", name="when")
    return xr.concat([_of_features(number, *row) for row in rows.values()], names)


def _of_features(number, F, Y):
    """Modes, and losses of refits."""
    lam, v2, noise = theory.feature_modes(F, Y)
    none = np.zeros(WIDTH - len(lam))
    draws = (np.random.default_rng([1, number, k]) for k in range(DRAWS))
    losses = [refit_losses(rng, F, Y, D=D, P=P, ridges=RIDGES) for rng in draws]
    return xr.Dataset(
        {
            "loss": xr.concat(losses, "draw").mean("draw"),
            "lam": ("i", np.r_[lam, none]),
            "v2": ("i", np.r_[v2, none]),
            "noise": noise,
        },
        coords={"i": np.arange(1, WIDTH + 1)},
    )
