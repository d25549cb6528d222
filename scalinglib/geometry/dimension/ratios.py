r"""Intrinsic dimension of data from the distances to nearest neighbours.

Around a point of a d-dimensional manifold the number of neighbours within r grows as
r^d. So for the distances r_1 < r_2 < … to them, the d log(r_k / r_j) are, in random
order, independent exponential variables, whatever the density, as long as it does not
change within r_k.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scalinglib._input import finite_rows, whole_number
from scalinglib.geometry.dimension.doubts import DimensionWarning, failing
from scalinglib.geometry.searching import _checked_period, _search
from scalinglib.laws.uncertainty import StudentEstimate

__all__ = ["Dimension", "levina_bickel", "two_nn"]


@dataclass(frozen=True, eq=False)
class Dimension(StudentEstimate):
    """An intrinsic dimension with its standard error, which knows of noise only.

    Attributes
    ----------
    value : float
        d.
    stderr : float
        Its standard error.
    freedom : float, default inf
        Degrees of freedom of the interval.

    Examples
    --------
    >>> print(f"{Dimension(2.1, 0.1):.1f}")
    2.1 (1.9 to 2.3)
    """


def two_nn(X, *, period=None):
    r"""Estimate the dimension from the two nearest neighbours of every point.

    .. math::

       d = \Bigl[\frac1N \sum_i \log\frac{r_2(x_i)}{r_1(x_i)}\Bigr]^{-1}

    Parameters
    ----------
    X : (N, n) array_like
        Distinct points, N ≥ 4.
    period : float, optional
        Period of the coordinates, for data on a torus.

    Returns
    -------
    Dimension

    Warns
    -----
    DimensionWarning
        Where an assumption fails: near copies, rounded values, points too far apart
        for their dimension, neighbours in time. The message names the remedy.

    Raises
    ------
    ValueError
        If rows repeat, there are too few of them, or an entry is not finite.

    References
    ----------
    E. Facco, M. d'Errico, A. Rodriguez, A. Laio, Sci. Rep. 7, 12140 (2017), eq. (7);
    by maximum likelihood instead of their fit of a line.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((2000, 3))
    >>> two_nn(X).covers(3, level=0.999)
    True
    """
    return levina_bickel(X, 2, period=period)


def levina_bickel(X, k, *, period=None):
    r"""Estimate the dimension from k nearest neighbours by maximum likelihood.

    .. math::

       d = \Bigl[\frac1N \sum_i u_i\Bigr]^{-1}, \qquad
       u_i = \frac1{k - 1} \sum_{j=1}^{k-1} \log\frac{r_k(x_i)}{r_j(x_i)}

    Parameters
    ----------
    X : (N, n) array_like
        Distinct points.
    k : int
        Number of neighbours, 2 ≤ k < N − 1: more of them make less noise and a larger
        neighbourhood, in which curvature, edges and a changing density are seen.
    period : float, optional
        Period of the coordinates, for data on a torus.

    Returns
    -------
    Dimension

    Warns
    -----
    DimensionWarning
        Where an assumption fails: near copies, rounded values, points too far apart
        for their dimension, neighbours in time. The message names the remedy.

    Raises
    ------
    ValueError
        If rows repeat or form a lattice, `k` is out of range, or an entry is not
        finite.

    Notes
    -----
    The inverses are averaged, not the estimates at each point (MacKay and Ghahramani).
    The k − 1 logarithms of a point are, in random order, independent; those of points
    that are each other's neighbours are not: the textbook error
    :math:`d / \sqrt{N (k - 1)}` is 15 to 30 % too small. Here the variance of the mean
    of u is

    .. math::

       \frac1{N^2} \sum_{i \sim j} (u_i - \bar u)(u_j - \bar u),

    over all pairs of which one is among the k nearest of the other, and i = j, but not
    less than that of the textbook. For k of 20 and more in one or two dimensions it is
    still up to a fifth too small: points may share neighbours without being neighbours.

    References
    ----------
    E. Levina, P. Bickel, NIPS 17 (2004), eq. (8). D. MacKay, Z. Ghahramani, "Comments
    on 'Maximum likelihood estimation of intrinsic dimension'" (2005).

    Examples
    --------
    >>> X = np.random.default_rng(0).random((2000, 2))
    >>> levina_bickel(X, 10, period=1).covers(2, level=0.999)
    True
    """
    X = finite_rows("X", X, least=4)
    k = whole_number("k", k, least=2)
    N = len(X)
    if k > N - 2:
        raise ValueError(f"k must be at most N - 2 = {N - 2}, got {k}")
    distance, index = _search(X, k + 1, _checked_period(period))(X)
    if not (distance[:, 1] > 0).all():
        first = int(np.argmin(distance[:, 1] > 0))
        raise ValueError(
            f"X must hold distinct rows, got one at row {first} that occurs again"
        )
    distance, index = distance[:, 1:], index[:, 1:]
    u = np.log(distance[:, -1:] / distance[:, :-1]).mean(axis=1)
    mean, off = u.mean(), u - u.mean()
    if not mean > 0:
        raise ValueError(
            f"X must not be a lattice, on which the {k} nearest are equally far"
        )
    variance = off @ (_linked(index) @ off) / N**2
    # Neighbours that repel each other may make the sum negative by chance.
    variance = max(variance, mean**2 / (N * (k - 1)))
    found = Dimension(float(1 / mean), float(np.sqrt(variance) / mean**2))
    for doubt in failing(X, distance, index, found.value, period=period):
        warnings.warn(doubt, DimensionWarning, stacklevel=3 if k == 2 else 2)
    return found


def _linked(index):
    """Matrix of ones for pairs of which one is among the neighbours of the other."""
    N, k = index.shape
    ones, rows = np.ones(N * k), np.arange(0, N * k + 1, k)
    near = sparse.csr_array((ones, index.ravel(), rows), shape=(N, N))
    return (near + near.T).sign() + sparse.eye_array(N, format="csr")
