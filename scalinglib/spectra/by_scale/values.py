"""Rows of which only the eigenvalues are known."""

import numpy as np

from scalinglib._input import real_array, whole_number
from scalinglib.spectra.by_scale.rows import (
    LEAST,
    above_rounding,
    assembled,
    checked_columns,
    rounding_in,
)

__all__ = ["of_eigenvalues"]

DRAWN = 2000  # rows


def of_eigenvalues(eigenvalues, *, centred, points, columns, rng):
    """Rows of which only the eigenvalues are known, with shares as Gaussian ones have.

    Parameters
    ----------
    eigenvalues : (n,) array_like
        All eigenvalues of a Gram matrix or of a covariance, in any order and unit.
    centred : bool
        Whether the mean had been subtracted.
    points : int
        How many points they come from.
    columns : float
        How many columns the features had, infinite for a kernel.
    rng : numpy.random.Generator
        Draws the shares.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        If eigenvalues are not finite, negative beyond rounding, or not all there.

    Notes
    -----
    If features are Gaussian, eigenvectors of their Gram matrix are any orthonormal ones
    with the same probability, whatever the eigenvalues.
    """
    lam = real_array("eigenvalues", eigenvalues)
    eps = np.finfo(lam.dtype).eps if lam.dtype.kind == "f" else np.finfo(float).eps
    lam = lam.astype(float)
    if lam.ndim != 1 or len(lam) < LEAST or not np.isfinite(lam).all():
        raise ValueError(
            f"eigenvalues must be at least {LEAST} finite numbers in one axis, got "
            f"shape {lam.shape}"
        )
    N, columns = _points(points), checked_columns(columns, asked=True)
    D = N - centred
    if len(lam) < min(D, columns):
        raise ValueError(
            f"eigenvalues must be all {min(D, columns):g} of {N} points and "
            f"{columns:g} columns, got {len(lam)}: what the small ones sum to acts on "
            "the large ones"
        )
    if not lam.max() > 0:
        raise ValueError("eigenvalues must not be all zero or negative")
    lam = np.sort(lam)
    rounding, said = rounding_in("eigenvalues", lam, max(N, len(lam)) * eps)
    lam, _ = above_rounding(lam, lam[None], rounding)
    if len(lam) > min(D, columns):
        raise ValueError(
            f"eigenvalues must be at most {min(D, columns):g} above rounding, of {N} "
            f"points and {columns:g} columns, got {len(lam)}: check `points`, "
            "`columns` and `centred`"
        )
    shares = rng.chisquare(1, (min(N, DRAWN), len(lam)))
    rest = rng.chisquare(D - len(lam), len(shares)) if len(lam) < D else 0.0
    return assembled(lam, shares, rest, D, columns, rounding, found=said)


def _points(points):
    if points is None:
        raise ValueError(
            "points must be given with eigenvalues: how many points they come from"
        )
    return whole_number("points", points, least=LEAST)
