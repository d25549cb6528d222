"""A target along one direction of ten: a network that finds it, its kernel after."""

from functools import partial

import numpy as np
import xarray as xr

from scalinglib import kernels, networks
from scalinglib._input import generator, rows_and_targets, whole_number

__all__ = [
    "DIRECTION",
    "DIRECTION_NETWORK",
    "direction_problem",
    "kernel_before_and_after",
    "network_with_features",
]

#: Number of coordinates, units, test points, steps of Adam.
INPUTS, WIDTH, TEST, STEPS = 10, 256, 1000, 4000

#: The unit vector on which the target depends.
DIRECTION = np.full(INPUTS, INPUTS**-0.5)

#: The network that learns it: one hidden layer in which features move at every width.
DIRECTION_NETWORK = networks.MLP(
    [INPUTS, WIDTH, 1], "relu", "mup", bias=0.5, input_scale=INPUTS**-0.5
)


def direction_problem(rng, D):
    r"""Draw inputs of the sphere of radius √10, and labels along one direction.

    .. math:: y = |w^\star \cdot x| - 0.8

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the inputs.
    D : int
        How many, ≥ 1.

    Returns
    -------
    X, Y : ndarrays (D, 10), (D,)

    Raises
    ------
    ValueError
        If `D` is below 1.

    Examples
    --------
    >>> X, Y = direction_problem(0, 4)
    >>> (X**2).sum(axis=1).round(9).tolist()
    [10.0, 10.0, 10.0, 10.0]
    """
    X = generator(rng).standard_normal((whole_number("D", D, least=1), INPUTS))
    X *= np.sqrt(INPUTS) / np.linalg.norm(X, axis=1, keepdims=True)
    return X, np.abs(X @ DIRECTION) - 0.8


def network_with_features(rng, X, Y):
    """Train `DIRECTION_NETWORK`, which may change its features, by Adam.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the initialisation and the batches of 64.
    X, Y : (D, 10) and (D,) array_like
        Examples.

    Returns
    -------
    scalinglib.networks.Predictor

    Raises
    ------
    ValueError
        If shapes do not match.

    Examples
    --------
    >>> network_with_features(0, *direction_problem(0, 32)).loss.max() < 1e-3
    np.True_
    """
    X, Y = rows_and_targets(X, Y)
    options = {"batch": 64, "schedule": "cosine", "centred": True, "device": "cpu"}
    learn = networks.adam(DIRECTION_NETWORK, rate=0.01, steps=STEPS, rng=rng, **options)
    return learn(X, Y)


def kernel_before_and_after(rng, D):
    """Losses of a kernel, of a network, and of the network's kernel: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws examples, as many others, 1000 test points, then what the network needs.
    D : int
        Number of examples, ≥ 1.

    Returns
    -------
    DataArray, dims (learner)
        Mean squared errors of ``kernel at the start``, regression with the tangent
        kernel of the infinitely wide network; of the ``network``; and of ``kernel
        after``, regression on the other D examples with its tangent kernel after
        training.

    Raises
    ------
    ValueError
        If `D` is below 1.

    Examples
    --------
    >>> loss = kernel_before_and_after(0, 64)
    >>> bool(loss.sel(learner="network") < loss.sel(learner="kernel at the start"))
    True
    """
    rng = generator(rng)
    (X, Y), (Z, V), (x, y) = (direction_problem(rng, m) for m in (D, D, TEST))
    limit = partial(kernels.ntk, depth=1, bias=0.5)
    near, far = (a / np.sqrt(INPUTS) for a in (X, x))
    trained = network_with_features(rng, X, Y)
    K, k = (
        DIRECTION_NETWORK.tangent_kernel(trained.parameters, a, Z, device="cpu")[0]
        for a in (Z, x)
    )
    found = {
        "kernel at the start": _regression(limit(near), limit(far, near), Y),
        "network": trained(x),
        "kernel after": _regression(K, k, V),
    }
    errors = [((f - y) ** 2).mean() for f in found.values()]
    return xr.DataArray(errors, dims="learner", coords={"learner": [*found]})


def _regression(K, k, Y):
    """Kernel regression, with a ridge as small as rounding."""
    return k @ np.linalg.solve(K + 1e-10 * np.trace(K) * np.eye(len(K)), Y)
