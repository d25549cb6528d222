"""Kernels of given features: of any function, of waves on a torus."""

import numpy as np

from scalinglib._input import finite_rows, function, real_array
from scalinglib.kernels._gram import alone

__all__ = ["from_features", "torus"]


def from_features(features):
    r"""Kernel of given features, :math:`K(x, y) = \frac1P f(x) \cdot f(y)`.

    Parameters
    ----------
    features : callable
        ``features(X)`` returns f, an array (D, P), from inputs (D, n).

    Returns
    -------
    callable
        ``kernel(X, Y=None, *, diagonal=False)``, like the others of this room.

    Raises
    ------
    ValueError
        By the kernel, if `features` does not return a finite array (D, P).

    Examples
    --------
    >>> kernel = from_features(lambda X: np.hstack([np.ones_like(X), X]))
    >>> kernel(np.array([[1.0], [3.0]]))
    array([[1., 2.],
           [2., 5.]])
    """
    function("features", features, of="inputs")

    def kernel(X, Y=None, *, diagonal=False):
        f = _features("X", features, X)
        if diagonal:
            alone(Y)
            return _bounded(np.einsum("ij,ij->i", f, f) / f.shape[1])
        g = f if Y is None else _features("Y", features, Y)
        if f.shape[1] != g.shape[1]:
            raise ValueError(
                f"features must be as many for X and Y, got {f.shape[1]} and "
                f"{g.shape[1]}"
            )
        with np.errstate(over="ignore"):
            K = f @ g.T  # numpy sees if both are the same and does half
        K /= f.shape[1]
        return _bounded(K)

    return kernel


def torus(lam):
    r"""Kernel on a grid of the unit torus from its eigenvalues.

    .. math:: K(x, y) = \sum_k \lambda_k \cos 2 \pi k \cdot (x - y)

    Points are rows of whole numbers, x = row / size: on a grid every sum over waves is
    a fast Fourier transform. `scalinglib.spectra.torus` makes eigenvalues.

    Parameters
    ----------
    lam : (size, …, size) array_like
        λ_k for the frequencies of :func:`numpy.fft.fftfreq` in each of d dimensions,
        the same for k and −k. Positive, or K is not a covariance.

    Returns
    -------
    callable
        ``kernel(X, Y=None, *, diagonal=False)`` for whole numbers (D, d), integers of
        any size or floats up to 2⁵³: the grid is periodic.

    Raises
    ------
    ValueError
        If `lam` is not finite, not a cube, or not even; by the kernel, if rows are not
        whole numbers or not d of them.

    Examples
    --------
    >>> kernel = torus([0.0, 0.5, 0.0, 0.5])  # one wave on four points
    >>> kernel([[0]], [[0], [1], [2], [7]]).round(12) + 0.0
    array([[ 1.,  0., -1.,  0.]])
    """
    lam = real_array("lam", lam).astype(float)
    size, d = len(lam) if lam.ndim else 0, lam.ndim
    if lam.shape != d * (size,) or not size or not np.isfinite(lam).all():
        raise ValueError(
            f"lam must be finite and of shape (size, …, size), got shape {lam.shape}"
        )
    opposite = np.roll(np.flip(lam), 1, axis=range(d))  # λ at −k
    if abs(lam - opposite).max() > 1e-12 * abs(lam).max():
        raise ValueError("lam must be the same for k and -k")
    with np.errstate(over="ignore", invalid="ignore"):
        table = np.fft.fftn(lam).real
    if not np.isfinite(table).all():
        raise ValueError("lam must have a sum that is a float")
    table = (table + np.roll(np.flip(table), 1, axis=range(d))) / 2  # to the last digit

    def kernel(X, Y=None, *, diagonal=False):
        X = _whole_rows("X", X, d, size)
        if diagonal:
            alone(Y)
            return np.full(len(X), table.flat[0])
        Y = X if Y is None else _whole_rows("Y", Y, d, size)
        place = np.zeros((len(X), len(Y)), np.int64)
        for x, y in zip(X.T, Y.T, strict=True):
            place *= size
            place += np.subtract.outer(x, y) % size
        return table.take(place)

    return kernel


def _features(name, features, X):
    """Features of inputs: whatever these are, a finite matrix of as many rows."""
    f = real_array(f"features({name})", features(X))
    if f.dtype != np.float32:
        f = f.astype(float, copy=False)
    if f.ndim != 2 or len(f) != len(X) or not f.size or not np.isfinite(f).all():
        raise ValueError(
            f"features({name}) must be finite and ({len(X)}, P), got shape {f.shape}"
        )
    return f


def _whole_rows(name, X, d, size):
    """Places on a periodic grid."""
    finite_rows(name, X, n=d)
    X = np.asarray(X)
    if X.dtype.kind == "f" and not ((np.rint(X) == X) & (abs(X) <= 2**53)).all():
        raise ValueError(f"{name} must hold whole numbers, places on the grid")
    return (X % size).astype(np.int64)


def _bounded(K):
    if not np.isfinite(K).all():
        raise ValueError("features must have inner products that are floats")
    return K
