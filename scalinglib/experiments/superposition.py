r"""More features than dimensions: an autoencoder of sparse features, without data.

One of n features is active at a time, feature i with probability :math:`p_i`, and its
value v is uniform in (0, 2). The autoencoder squeezes it through m numbers,

.. math:: \hat x = \max(0, W W^\mathsf{T} x + b),

with a row of m numbers in W for each feature. Its expected loss is a sum over pairs of
features, each known in closed form: nothing is sampled.
"""

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from scalinglib._input import generator, number, one_of, real_array, whole_number
from scalinglib.experiments import sweep

__all__ = [
    "feature_frequencies",
    "features_in_few_dimensions",
    "make_superposition",
    "reconstruction_loss",
]

#: Number of features, exponents of their frequencies, dimensions, trials.
FEATURES, EXPONENTS, DIMENSIONS, TRIALS = 400, [1.25, 1.5, 1.75], [8, 16, 32, 64], 3

#: How strongly rows are drawn to length one; length at the start under decay.
GROWTH, SHORT = 0.01, 0.1

_REGIMES = "random", "growth", "decay"


def feature_frequencies(n, a):
    r"""Probabilities :math:`p_i\propto i^{-a}` of n features.

    Parameters
    ----------
    n : int
        At least 2.
    a : float
        Not negative; 0 for features that are all as frequent.

    Returns
    -------
    ndarray (n,)
        With sum one.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> feature_frequencies(3, 1).round(3).tolist()
    [0.545, 0.273, 0.182]
    """
    whole_number("n", n, least=2)
    p = np.arange(1.0, n + 1) ** -number("a", a, least=0)
    return p / p.sum()


def reconstruction_loss(W, b, p):
    r"""Expected squared error of the autoencoder, over features and their values.

    .. math::

       L = \sum_i p_i\, \mathbb E_v \sum_j
       \bigl(\max(0, v\, W_i\cdot W_j + b_j) - v\,\delta_{ij}\bigr)^2

    Parameters
    ----------
    W : (n, m) array_like
        A row for each feature.
    b : (n,) array_like
        Biases of the outputs.
    p : (n,) array_like
        Probabilities of the features.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes do not match, something is not finite, or `p` negative.

    Examples
    --------
    Nothing is said, and all of E v² = 4/3 is lost:

    >>> float(reconstruction_loss(np.zeros((4, 2)), np.zeros(4), np.full(4, 0.25)))
    1.3333333333333333
    """
    named = {"W": W, "b": b, "p": p}
    W, b, p = (real_array(*pair).astype(float) for pair in named.items())
    if W.ndim != 2 or b.shape != W.shape[:1] or p.shape != W.shape[:1]:
        raise ValueError(
            f"W, b and p must be (n, m), (n,) and (n,), got {W.shape}, {b.shape} and "
            f"{p.shape}"
        )
    if not all(np.isfinite(a).all() for a in (W, b, p)) or (p < 0).any():
        raise ValueError("W, b and p must be finite, and p not negative")
    return _loss(W @ W.T, b, p)[0]


def _loss(G, b, p):
    """Loss from the overlaps G = W Wᵀ; what it changes by with G, and with b.

    Row i of G is the active feature, column j the output. For each pair the output
    z = v G + b is positive on one stretch of v, of which all that follows is made.
    """
    end, start = np.maximum(2 * G + b, 0), np.maximum(b, 0)  # output at v = 2 and 0
    part = (end > 0) ^ (start > 0)  # outputs that change sign
    share = np.where(part, np.abs(end - start) / np.abs(2 * G + ~part), 1.0)
    share[(end == 0) & (start == 0)] = 0
    middle = np.where(G > 0, 2 - share, share)  # of the stretch
    mean = share * (end + start) / 2
    square = share * (end**2 + end * start + start**2) / 3
    with_v = middle * mean + share**2 * (end - start) / 6  # E v max(0, z)
    own = np.diagonal(with_v)
    loss = p @ (4 / 3 - 2 * own + square.sum(axis=1))
    by_G, by_b = 2 * p[:, None] * with_v, 2 * p @ mean
    on, at = np.diagonal(share), np.diagonal(middle)
    by_G.flat[:: len(p) + 1] -= 2 * p * on * (at**2 + on**2 / 3)
    return loss, by_G, by_b - 2 * p * on * at


def features_in_few_dimensions(rng, *, n, m, a, regime, steps=4000):
    r"""Loss of an autoencoder and the geometry of its rows: a trial.

    Rows begin in random directions. ``"random"``: they stay as they are, of length
    one, and the biases alone are the best. Else L-BFGS finds all. ``"growth"``: the
    penalty :math:`\frac{0.01}2\sum_i(|W_i|-1)^2` draws every row to length one.
    ``"decay"``: the penalty is :math:`\frac\lambda2\sum_i|W_i|^2` with
    :math:`\lambda=\frac{16}3p_{m+1}`, under which a row on its own lives if its
    feature is more frequent than the one of rank m+1.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the directions.
    n, m : int
        Numbers of features, ≥ 2, and of dimensions, from 1 to n - 1; with random
        directions m may be larger.
    a : float
        Exponent of the frequencies, ≥ 0.
    regime : {"random", "growth", "decay"}
        What is done to the lengths of the rows.
    steps : int, default 4000
        Most iterations of L-BFGS. It stops before if an iteration gains less than
        1e-10. Of 400 features in 64 dimensions, under growth, the loss after so many
        still falls by some per cent if they are doubled; after 200 it is half as large
        again or twice as large.

    Returns
    -------
    DataArray, dims (of)
        ``loss``, without the penalty; ``overlap``, mean squared cosine of two rows
        longer than 1/2; and ``alive``, how many these are.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    Y. Liu, Z. Liu, J. Gore, arXiv:2505.10465 (2025), whose published code has several
    features at a time, batches of Adam, and decay or growth beside the gradient.

    Examples
    --------
    Half as many dimensions as features are enough: pairs of opposite rows.

    >>> found = features_in_few_dimensions(0, n=8, m=4, a=0, regime="growth")
    >>> bool(found.sel(of="loss") < 0.01)
    True
    """
    one_of("regime", regime, _REGIMES)
    p = feature_frequencies(n, a)
    whole_number("m", m, least=1)
    if regime != "random" and m >= n:
        raise ValueError(f"m must be below n = {n} unless regime is random, got {m!r}")
    steps = whole_number("steps", steps, least=1)
    W = generator(rng).standard_normal((n, m))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    if regime == "random":
        b = _best_biases(W @ W.T, p)
    else:
        W, b = _trained(W, p, None if regime == "growth" else 16 / 3 * p[m], steps)
    length = np.linalg.norm(W, axis=1)
    long = length > 0.5
    rows = W[long] / length[long, None]
    pairs = max(len(rows) * (len(rows) - 1), 1)
    overlap = (((rows @ rows.T) ** 2).sum() - len(rows)) / pairs
    found = {"loss": _loss(W @ W.T, b, p)[0], "overlap": overlap, "alive": long.sum()}
    return xr.DataArray(
        [float(value) for value in found.values()],
        dims="of",
        coords={"of": [*found]},
    )


def _best_biases(G, p):
    """Where the loss of each output, which has its own bias, stops to fall: bisection.

    With rows of length one no bias above zero helps, and below -2 all are silent.
    """
    low, high = np.full(len(p), -2.0), np.zeros(len(p))
    for _ in range(30):
        b = (low + high) / 2
        rises = _loss(G, b, p)[2] > 0
        low, high = np.where(rises, low, b), np.where(rises, b, high)
    return b


def _trained(W, p, decay, steps):
    """Rows and biases that minimise the loss with its penalty."""
    n, m = W.shape

    def objective(theta):
        W, b = theta[: n * m].reshape(n, m), theta[n * m :]
        loss, by_G, by_b = _loss(W @ W.T, b, p)
        length = np.linalg.norm(W, axis=1, keepdims=True)
        pull = GROWTH if decay is None else decay
        away = length - (decay is None)
        gradient = (by_G + by_G.T) @ W + pull * away / np.maximum(length, 1e-12) * W
        loss += pull / 2 * (away**2).sum()
        return loss, np.concatenate([gradient.ravel(), by_b])

    start = np.concatenate([((1 if decay is None else SHORT) * W).ravel(), np.zeros(n)])
    most = {"maxiter": steps, "maxfun": 2 * steps, "maxcor": 20}
    options = most | {"ftol": 1e-10, "gtol": 1e-10}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return found.x[: n * m].reshape(n, m), found.x[n * m :]


def make_superposition(*, checkpoint=None):
    """Losses of 400 features in 8…64 dimensions, under decay and under growth.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (regime, a, m, of, trial)
        As `features_in_few_dimensions` returns them, for frequencies of exponent 1.25,
        1.5 and 1.75; seed 0, 3 trials.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("superposition").m.values.tolist()
    [8, 16, 32, 64]
    """

    def trial(rng, regime, a, m):
        return features_in_few_dimensions(rng, n=FEATURES, m=m, a=a, regime=regime)

    grid = {"regime": ["decay", "growth"], "a": EXPONENTS, "m": DIMENSIONS}
    found = sweep.run(trial, trials=TRIALS, seed=0, checkpoint=checkpoint, **grid)
    return found.rename("superposition").astype(np.float32)
