"""Losses where only one of points and features is scarce."""

import numpy as np

from scalinglib._input import increasing, real_array
from scalinglib._labels import over
from scalinglib.spectra.power_law import eigenvalues

__all__ = ["limit"]


def limit(vectors, spectrum, sizes):
    r"""Loss where only one of points and features is scarce, averaged over teachers.

    .. math::

       L = \sum_i \lambda_i \, (1 - \Pi_{ii})

    with the projection Π on the span of the first m vectors. With the features of D
    points as vectors it is L(D, ∞), with the rows of :math:`𝒫 Λ^{1/2}` it is L(∞, P):
    the duality of data and parameters is that both are one function. They have the
    same distribution if the vectors do.

    Parameters
    ----------
    vectors : (m_max, S) array_like
        In the eigenbasis of the covariance of the teacher's features.
    spectrum : (S,) array_like
        Its eigenvalues λ, in falling order.
    sizes : sequence of int, or DataArray
        The values of m, increasing, at most m_max and below S.

    Returns
    -------
    (len(sizes),) ndarray or DataArray

    Raises
    ------
    ValueError
        If shapes do not match, an argument is not finite, sizes do not increase or
        exceed m_max or S, the vectors are linearly dependent to rounding, or a loss is
        below it, as for m = S.

    References
    ----------
    Y. Bahri et al., arXiv:2102.06701, the two limits of section 2.3; without their ½.

    Examples
    --------
    >>> limit(np.eye(3), [3.0, 2.0, 1.0], sizes=[1, 2])
    array([3., 1.])
    """
    vectors, lam = _matrix("vectors", vectors), eigenvalues(spectrum)
    labels, sizes = sizes, increasing("sizes", sizes, most=len(vectors))
    most = sizes[-1]
    if vectors.shape[1] != len(lam) or most > len(lam):
        raise ValueError(
            f"vectors must be (m, {len(lam)}) like spectrum, and the largest size at "
            f"most {len(lam)}, got {vectors.shape} and {most}"
        )
    Q, R = np.linalg.qr(vectors[:most].T)
    if not _independent(R):
        raise ValueError("vectors must be linearly independent to rounding")
    loss = lam.sum() - np.cumsum(lam @ Q**2)[sizes - 1]
    if loss.min() < 1e-13 * lam.sum():
        raise ValueError(
            f"sizes must leave a loss above rounding, 1e-13 of {lam.sum():.3g}, got "
            f"{loss.min():.1g} at {sizes[loss.argmin()]} vectors"
        )
    return over(labels, loss)


def _independent(R):
    """Whether no pivot is rounding."""
    pivots = np.abs(R.diagonal())
    return pivots.min() > 10 * len(R) * np.finfo(float).eps * pivots.max()


def _matrix(name, values):
    array = real_array(name, values).astype(float)
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a finite matrix, got shape {array.shape}")
    return array
