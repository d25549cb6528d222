"""One initialisation under random data sets, and what is of first order in them."""

import numpy as np
import xarray as xr

from scalinglib._input import real_array, whole_number

__all__ = ["data_sweep", "first_order", "linear_part"]


def data_sweep(learn, initial, X, Y, measure, sizes, *, blocks=32):
    r"""Learning curve of one initialisation under nested random data sets: a trial.

    The examples (X, Y) are the whole population. A trial draws D_max of them with
    replacement, cuts these into D_max / D sets for every D, trains on each, and
    averages the population loss. Sizes of which all sets are used share what is random
    to first order in the empirical distribution; `first_order` measures that, and it is
    subtracted: its expectation is zero.

    Parameters
    ----------
    learn : callable
        A learner of `scalinglib.networks` that takes ``start`` and ``weights``.
    initial : tuple of ndarray
        Parameters of one member, T = 1.
    X, Y : (N, n) ndarray and (N, C) or (N,) ndarray
        The population.
    measure : callable
        ``measure(f, Y) -> (T,)``: `networks.mean_squared_error` or
        `networks.cross_entropy`.
    sizes : sequence of int
        The values of D, increasing; each divides the last.
    blocks : int, default 32
        At most so many sets of each size.

    Returns
    -------
    trial : callable
        ``trial(rng) -> DataArray`` over D, for `scalinglib.experiments.sweep.run`.

    Raises
    ------
    ValueError
        If `sizes` do not increase or do not divide the last, `blocks` is below 1, there
        are more members than one, or X and Y are empty or of different lengths.

    Examples
    --------
    >>> from scalinglib import networks
    >>> net = networks.MLP([2, 3, 1], activation="tanh")
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> trial = data_sweep(
    ...     networks.gradient_descent(net, rate=0.1, steps=10),
    ...     net.initialise(1, rng=0), X, X[:, :1],
    ...     networks.mean_squared_error, [16, 64],
    ... )
    >>> trial(np.random.default_rng(1)).dims
    ('D',)
    """
    sizes = [whole_number("sizes", D, least=1) for D in np.atleast_1d(sizes)]
    if not sizes or sizes != sorted(set(sizes)) or any(sizes[-1] % D for D in sizes):
        raise ValueError(
            f"sizes must be at least one, increase and divide the last, got {sizes}"
        )
    blocks = whole_number("blocks", blocks, least=1)
    X, Y = _population(initial, X, Y)

    def trial(rng):
        drawn = rng.integers(len(X), size=sizes[-1])
        losses = []
        for D in sizes:
            sets = drawn.reshape(-1, D)[:blocks]
            predict = learn(X[sets], Y[sets], start=initial)
            losses.append(measure(predict(X), Y).mean())
        shift = first_order(learn, initial, X, Y, measure, drawn)
        return xr.DataArray(np.array(losses) - shift, dims="D", coords={"D": sizes})

    return trial


def first_order(learn, initial, X, Y, measure, drawn):
    r"""Change of the population loss to first order in the empirical distribution.

    .. math::

       \frac{\mathrm d}{\mathrm d\epsilon} L[\hat f_{p + \epsilon (\hat p - p)}]
       \Big|_{\epsilon = 0},

    by a central difference, where p is uniform over the population and p̂ over what
    was drawn. The derivative is linear in p̂ − p, so its expectation over draws is
    zero; the difference is accurate to the square of its small step.

    Parameters
    ----------
    learn, initial, X, Y, measure
        As in `data_sweep`.
    drawn : (D,) ndarray of int
        Which examples were drawn.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `drawn` does not hold indices of the population, there are more members than
        one, or X and Y are empty or of different lengths.

    Examples
    --------
    >>> from scalinglib import networks
    >>> net, X = networks.MLP([2, 3, 1], "tanh"), np.eye(2)
    >>> learn = networks.gradient_descent(net, rate=0.1, steps=10)
    >>> setting = learn, net.initialise(1, rng=0), X, X[:, :1]
    >>> mse = networks.mean_squared_error
    >>> once, twice = (first_order(*setting, mse, [0, *k * [1]]) for k in (2, 5))
    >>> round(twice / once, 2)  # p̂ − p is twice as far: 1/6 and 1/3
    2.0
    """
    up, down, step = _tilted(learn, initial, X, Y, real_array("drawn", drawn)[None])
    return float((measure(up, Y) - measure(down, Y)).item() / (2 * step))


def linear_part(learn, initial, X, Y, drawn):
    r"""Change of the predictions to first order in the empirical distribution.

    .. math::

       g \cdot (\hat p - p) = \frac{\mathrm d}{\mathrm d\epsilon}
       \hat f_{p + \epsilon (\hat p - p)} \Big|_{\epsilon = 0}

    as in `first_order`, for many data sets at once.

    Parameters
    ----------
    learn, initial, X, Y
        As in `data_sweep`.
    drawn : (T, D) ndarray of int
        Which examples were drawn, for each of T data sets.

    Returns
    -------
    (T, N, C) ndarray
        At every example of the population.

    Raises
    ------
    ValueError
        As in `first_order`.

    Examples
    --------
    >>> from scalinglib import networks
    >>> net, X = networks.MLP([2, 3, 1], "tanh"), np.eye(2)
    >>> learn = networks.gradient_descent(net, rate=0.1, steps=10)
    >>> setting = learn, net.initialise(1, rng=0), X, X[:, :1]
    >>> linear_part(*setting, np.array([[0, 1, 1], [0, 0, 1]])).sum(axis=0).round(6)
    array([[0.],
           [0.]])
    """
    up, down, step = _tilted(learn, initial, X, Y, real_array("drawn", drawn))
    return (up - down) / (2 * step)


def _population(initial, X, Y):
    """One member, and as many inputs as targets."""
    X, Y = real_array("X", X), real_array("Y", Y)
    if not X.ndim or not Y.ndim or not len(X) or len(X) != len(Y):
        raise ValueError(
            "X and Y must have the same number of rows, at least one; "
            f"got shapes {X.shape} and {Y.shape}"
        )
    members = {len(p) for p in initial}
    if members != {1}:
        raise ValueError(f"initial must hold one member, got {sorted(members)}")
    return X, Y


def _check_drawn(drawn, N):
    """Rows of indices of the population."""
    whole = drawn.dtype.kind in "iu"
    if drawn.ndim != 2 or not drawn.size or not whole or not _within(drawn, N):
        raise ValueError(
            f"drawn must hold whole numbers from 0 to {N - 1}, one row for each data "
            f"set, got {drawn.dtype} of shape {drawn.shape}"
        )


def _within(drawn, N):
    return drawn.min() >= 0 and drawn.max() < N


def _tilted(learn, initial, X, Y, drawn):
    """Train on the population with weights p ± ε (p̂ − p), for each row of draws."""
    X, Y = _population(initial, X, Y)
    _check_drawn(drawn, len(X))
    N, D = len(X), drawn.shape[1]
    relative = np.stack([np.bincount(i, minlength=N) for i in drawn]) * (N / D) - 1
    step = 0.02 / max(1, relative.max() / 25)  # no weight may become negative
    weights = 1 + step * np.concatenate([relative, -relative])
    up, down = np.split(learn(X, Y, start=initial, weights=weights)(X), 2)
    return up, down, step
