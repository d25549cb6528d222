r"""Kernel regression on images: what chapter 6, the tests and stored results share."""

from functools import partial

import numpy as np
import xarray as xr

from scalinglib import data, geometry, kernels, spectra
from scalinglib._input import finite_rows, one_of, real_array
from scalinglib.experiments import sweep
from scalinglib.learners.blocks import error_matrices

__all__ = [
    "KERNELS",
    "TARGETS",
    "forecasting_game",
    "grouped_losses",
    "make_forecasts",
    "make_pooling",
    "summary",
]

#: Kernels of the prediction game of chapter 6.
KERNELS = {
    "tangent": partial(kernels.ntk, depth=3),
    "Matérn": partial(kernels.matern, nu=1.5, bandwidth=1.0),
    "Laplace": partial(kernels.laplace, bandwidth=1.0),
}

#: Its targets: classes of Fashion-MNIST that are told apart.
TARGETS = {
    "ten": [(label,) for label in range(10)],
    "five": [(0, 6), (2, 4), (1, 3), (5, 7), (8, 9)],
    "two": [(0, 1, 2, 3, 4, 6), (5, 7, 8, 9)],
}

GAME_SIZES, SUMMARY_SIZES = [64, 128, 256, 512], [128, 256, 512, 1024]


def grouped_losses(E, groups):
    r"""Losses when classes are merged, from error matrices of all of them.

    .. math:: L_G = \operatorname{tr} G^{\mathsf T} E \, G

    with G the 0–1 matrix of shape (C, groups) that adds up the classes of a group.

    Parameters
    ----------
    E : DataArray, dims (…, a, b, …)
        As `error_matrices` returns it, perhaps with trials.
    groups : sequence of sequences of int
        Classes that are merged, each class in one group.

    Returns
    -------
    DataArray
        Without the dimensions a and b.

    Raises
    ------
    ValueError
        If E has no dimensions a and b of the same length, or `groups` does not hold
        each class once.

    Examples
    --------
    >>> E = xr.DataArray([[1.0, -0.5], [-0.5, 1.0]], dims=["a", "b"])
    >>> float(grouped_losses(E, [(0,), (1,)])), float(grouped_losses(E, [(0, 1)]))
    (2.0, 1.0)
    """
    square = isinstance(E, xr.DataArray) and {"a", "b"} <= set(E.dims)
    if not square or E.sizes["a"] != E.sizes["b"]:
        raise ValueError(
            "E must be a DataArray with dimensions a and b of the same length, got "
            f"{getattr(E, 'sizes', type(E))}"
        )
    if not np.isfinite(real_array("E", E.values)).all():
        raise ValueError("E must be finite, got nan or infinity")
    classes = np.arange(E.sizes["a"])
    try:
        listed = sorted(label for group in groups for label in group)
    except TypeError:
        listed = []
    if listed != classes.tolist():
        raise ValueError(
            f"groups must hold each class 0…{len(classes) - 1} once, got {groups!r}"
        )
    group = data.superclasses(classes, groups)
    together = xr.DataArray(group[:, None] == group, dims=["a", "b"])
    return E.where(together, 0).sum(["a", "b"])


def forecasting_game(X, y, kernel, *, trials, seed=0):
    r"""Small runs to forecast from, and the loss at 8192 images: the envelope.

    Parameters
    ----------
    X : (12000, 196) array_like
        Images, the last 2000 for the test. Their mean over the others is subtracted,
        then they are scaled to length one.
    y : (12000,) array_like of int
        Labels 0, …, 9.
    kernel : str
        Of `KERNELS`.
    trials : int
        Samples of 512 images, at least 1.
    seed : int
        As in `scalinglib.experiments.sweep.run`. The images of the envelope do not
        depend on it.

    Returns
    -------
    small : DataArray, dims (target, D, trial)
        Losses at D = 64, 128, 256, 512 for the targets of `TARGETS`.
    truth : DataArray, dims (target,)
        Loss at D = 8192.

    Raises
    ------
    ValueError
        If shapes or labels are others, or the kernel is not known.

    Examples
    --------
    >>> X, y = data.load_fashion_mnist()
    >>> small, truth = forecasting_game(X, y, "tangent", trials=1)  # doctest: +SKIP
    """
    one_of("kernel", kernel, KERNELS)
    X, y = real_array("X", X), real_array("y", y)
    if X.shape != (12_000, 196) or y.shape != (12_000,):
        raise ValueError(
            f"X must be (12000, 196) and y (12000,), got {X.shape}, {y.shape}"
        )
    X = data.centre_and_normalise(X, mean=np.mean(X[:10_000], axis=0))
    trial = partial(error_matrices, kernel=KERNELS[kernel], X=X, Y=data.one_hot(y))
    few = partial(trial, sizes=GAME_SIZES)
    E = [sweep.run(few, trials=trials, seed=seed), trial(1, sizes=[8192])]
    names = xr.DataArray([*TARGETS], dims="target", name="target")
    small, truth = (
        xr.concat([grouped_losses(e, g) for g in TARGETS.values()], names) for e in E
    )
    return small, truth.isel(D=0, drop=True)


def summary(X, y, *, trials, seed=0):
    r"""Learning curve, spectrum and dimension of images: three numbers that differ.

    For the tangent kernel of three hidden layers and the ten classes.

    Parameters
    ----------
    X : (N, n) array_like
        Images, the last 2000 for the test, N ≥ 6096. Their mean over the others is
        subtracted, then they are scaled to length one.
    y : (N,) array_like of int
        Labels 0, …, 9.
    trials : int
        Samples of 1024 images for the learning curve, at least 1.
    seed : int
        As in `scalinglib.experiments.sweep.run`.

    Returns
    -------
    Dataset
        ``loss`` with dims (D, trial), D = 128, 256, 512, 1024; ``alpha_K`` with dim
        ``of``, estimate and ends of a 95 % interval, by
        `scalinglib.spectra.resolution_exponent` of eight groups of 512 images;
        ``dimension``, by `scalinglib.geometry.two_nn` of the same 4096.

    Raises
    ------
    ValueError
        If shapes or labels are others.

    Examples
    --------
    >>> X, y = data.load_fashion_mnist()
    >>> found = summary(data.pool(X, 7), y, trials=1)
    >>> round(float(found.dimension))
    3
    """
    X, y = finite_rows("X", X, least=6096), real_array("y", y)
    kernel, Y = KERNELS["tangent"], data.one_hot(y)
    X = data.centre_and_normalise(X, mean=X[:-2000].mean(axis=0))
    X32 = X.astype(np.float32)  # learning curves at twice the speed
    trial = partial(error_matrices, kernel=kernel, X=X32, Y=Y, sizes=SUMMARY_SIZES)
    E = sweep.run(trial, trials=trials, seed=seed)
    alpha = spectra.resolution_exponent(kernel(X[:4096])).alpha_K
    return xr.Dataset(
        {
            "loss": grouped_losses(E, TARGETS["ten"]),
            "alpha_K": ("of", [alpha.value, *alpha.interval()]),
            "dimension": geometry.two_nn(X[:4096]).value,
        },
        coords={"of": ["estimate", "low", "high"]},
    )


def make_forecasts(source=None):
    """The games of `forecasting_game` on five samples of images, 32 trials each.

    Sample s takes the images 10000 s … 10000 (s + 1) of the official training file and
    2000 s … 2000 (s + 1) of the official test file, pooled by 2. So sample 0 is the
    images that ship with the package, before their pixels were rounded to bytes, which
    changes a loss by less than 0.1 %. On samples 1 to 4 the rule of
    `scalinglib.laws.forecast` was chosen.

    Parameters
    ----------
    source : path, optional
        As `scalinglib.data.fetch_fashion_mnist` takes it.

    Returns
    -------
    Dataset
        ``small`` with dims (sample, kernel, target, D, trial) and ``truth`` with dims
        (sample, kernel, target). Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("forecasts")["truth"].sizes["sample"]
    5
    """
    X, y = data.fetch_fashion_mnist(source=source)
    X, games = data.pool(X, 2), []
    names = xr.DataArray([*KERNELS], dims="kernel", name="kernel")
    for sample in range(5):
        train = np.arange(10_000) + 10_000 * sample
        test = np.arange(2000) + 60_000 + 2000 * sample
        chosen = X[np.r_[train, test]], y[np.r_[train, test]]
        played = [forecasting_game(*chosen, kernel, trials=32) for kernel in KERNELS]
        small, truth = (xr.concat(part, names) for part in zip(*played, strict=True))
        games.append(xr.Dataset({"small": small, "truth": truth}))
    found = xr.concat(games, "sample").astype(np.float32)
    return found.assign_attrs(seed=0)


def make_pooling(source=None):
    """The `summary` of images of 28, 14, 7 and 4 pixels a side, 8 trials each.

    Of the images that ship with the package, before their pixels were rounded to bytes.

    Parameters
    ----------
    source : path, optional
        As `scalinglib.data.fetch_fashion_mnist` takes it.

    Returns
    -------
    Dataset
        As `summary` returns it, with the dimension ``side``. Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("pooling").side.values.tolist()
    [28, 14, 7, 4]
    """
    X, y = data.fetch_fashion_mnist(source=source)
    rows = np.r_[:10_000, 60_000:62_000]
    side = xr.DataArray([28, 14, 7, 4], dims="side", name="side")
    found = [
        summary(data.pool(X[rows], 28 // pixels), y[rows], trials=8)
        for pixels in side.values
    ]
    return xr.concat(found, side).assign_attrs(seed=0)
