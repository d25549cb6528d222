"""Rows of features, and of a Gram matrix."""

import numpy as np
from scipy.linalg import eigh

from scalinglib._input import finite_rows, gram
from scalinglib.spectra.by_scale.rows import (
    LEAST,
    above_rounding,
    assembled,
    checked_columns,
    rounding_in,
)

__all__ = ["of_features", "of_gram"]

MOST = 50_000  # rows whose shares are looked at
OUT = 8.0  # mean square of the mean, over what it is by chance
FEW = 3, 1e-3  # rows, or share of them, that may be set aside
ALIKE = 0.1  # correlation of neighbouring rows
FAR = 1e4  # squared length over that of the median row, from where it is set aside
NULL = 1e-10  # mean square of the mean over that of the rows, which is rounding


def of_features(features, *, centred, rng):
    """Rows of a matrix of features.

    Parameters
    ----------
    features : (N, P) array_like
        A row for each point.
    centred : bool
        Whether the mean of the rows does not count. One that stands out is a mode of
        its own if it does, and set apart from the rest.
    rng : numpy.random.Generator
        Draws at most 50 000 of the points, whose shares are looked at.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        If there are fewer than 20 rows or columns that vary, or a value is not finite.
    """
    F = finite_rows("features", features, least=LEAST)
    F, _ = _over_largest("features", F)
    varied = np.ptp(F, axis=0) > 0
    if varied.sum() < LEAST:
        raise ValueError(
            f"features must have at least {LEAST} columns that vary, got "
            f"{varied.sum()} of {F.shape[1]}"
        )
    said = []
    if not varied.all():
        said.append(f"{(~varied).sum()} of {F.shape[1]} columns do not vary")
    rows, of_rows = _kept("features", F, ((F - np.median(F, axis=0)) ** 2).sum(axis=1))
    F = F[rows]
    mean, square = F.mean(axis=0), (F**2).sum() / len(F)
    share, (N, P) = float(mean @ mean / square), F[:, varied].shape
    apart = centred or _stands_out(share, N)
    F = (F - mean if apart else F)[:, varied]
    lam, V = _eigh(F.T @ F if P < N else F @ F.T)
    rounding = max(N, P) * np.finfo(float).eps
    lam, V = above_rounding(lam, V, rounding)
    some = rng.permutation(N)[:MOST] if N > MOST else slice(None)
    shares = (F[some] @ V) ** 2 / lam if P < N else V[some] ** 2
    said += [*of_rows, *_in_a_row(F), *_of_mean(share, N, centred)]
    return _shared(lam, shares, N, P, rounding, share, said, apart=apart)


def of_gram(K, *, centred, columns, rng):
    """Rows of a Gram matrix.

    Parameters
    ----------
    K : (N, N) array_like
        Positive semidefinite.
    centred : bool
        As in `of_features`.
    columns : int, optional
        How many features there are, infinitely many if not given.
    rng : numpy.random.Generator
        Draws at most 50 000 of the points, whose shares are looked at.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        If the matrix is not finite and symmetric, has fewer than 20 rows, or an
        eigenvalue that is negative beyond rounding.
    """
    K = gram("gram", K)
    eps, N = np.finfo(K.dtype).eps, len(K)
    if N < LEAST:
        raise ValueError(f"gram must have at least {LEAST} rows, got {N}")
    K, unit = _over_largest("gram", K.astype(float))
    columns = checked_columns(columns, asked=False)
    means = K.mean(axis=0)
    rows, said = _kept("gram", K, np.diagonal(K) - 2 * means + means.mean(), N * eps)
    K = K[np.ix_(rows, rows)]
    N, means = len(K), K.mean(axis=0)
    trace = max(np.trace(K), np.finfo(float).tiny)
    share = float(means.mean() * N / trace)
    apart = centred or _stands_out(share, N)
    if apart:
        K = K - means - means[:, None] + means.mean()
    lam, U = _eigh(K)
    # What was subtracted has left its rounding.
    subtracted = share * trace / max(lam[-1], np.finfo(float).tiny) * apart
    rounding = eps * max(N, 4 * np.sqrt(N) * subtracted)
    rounding, low = rounding_in("gram", lam, rounding, unit)
    said += low
    lam, U = above_rounding(lam, U, rounding)
    some = rng.permutation(N)[:MOST] if N > MOST else slice(None)
    said += _of_mean(share, N, centred)
    shares = U[some] ** 2
    return _shared(lam, shares, N, columns, rounding, share, said, apart=apart)


def _shared(lam, shares, N, columns, rounding, mean_share, found, *, apart):
    """With the number of independent points, and what no eigenvector has of a row."""
    D = N - (apart or abs(mean_share) < NULL)
    rest = np.maximum(D / N - shares.sum(axis=1), 0) if len(lam) < D else 0.0
    of_mean = {"mean_share": mean_share, "found": found}
    return assembled(lam, shares, rest, D, columns, rounding, **of_mean)


def _stands_out(share, N):
    """Whether the mean of the rows is more than that of random ones with mean zero."""
    return share > OUT / N


def _of_mean(share, N, centred):
    """What to say of the mean of the rows."""
    if abs(share) < NULL:
        return [] if centred else ["the mean of the rows is zero already"]
    if not _stands_out(share, N):
        return []
    then = "subtracted" if centred else "a mode of its own, set apart"
    what = f"the mean of the rows has an eigenvalue of {share:.2g} of the trace"
    return [f"{what}, {then}"]


def _kept(name, values, squares, slack=0.0):
    """Rows that are not out of all proportion, and what to say of rows."""
    lone = (squares > FAR * np.median(squares)) & (np.median(squares) > 0)
    if lone.sum() > max(FEW[0], FEW[1] * len(values)):
        lone[:] = False  # not a few outliers: data are like that
    rows = np.flatnonzero(~lone)
    said = []
    if copies := _copies(values[rows], slack):
        if len(rows) - copies < LEAST:
            raise ValueError(
                f"{name} must have at least {LEAST} different rows, got "
                f"{len(rows) - copies}"
            )
        said.append(
            f"{copies} rows are copies of others, and stay: leave them out if they are "
            "one measurement twice"
        )
    if lone.any():
        said.append(f"{lone.sum()} rows set aside, a hundred times as long as others")
    return rows, said


def _copies(values, slack):
    """How many rows are the same as others."""
    sums = values @ np.random.default_rng(0).standard_normal(values.shape[1])
    order = np.argsort(sums, kind="stable")
    near = np.abs(np.diff(sums[order])) <= 1e-12 * np.abs(sums).max()
    pairs = zip(order[:-1][near], order[1:][near], strict=True)
    return sum((np.abs(values[i] - values[j]) <= slack).all() for i, j in pairs)


def _in_a_row(F):
    """What to say of rows that are like those before them."""
    squares = (F**2).sum(axis=1)
    alike = (F[1:] * F[:-1]).sum() / squares.sum()
    lam = (F**2).mean(axis=0)
    by_chance = np.sqrt((lam**2).sum() / len(F)) / lam.sum()
    if alike < max(ALIKE, 6 * by_chance):
        return []
    return [
        f"rows are like those before them (correlation {alike:.2g}): if they are in "
        "order of time they are not independent, and neither value nor interval holds"
    ]


def _over_largest(name, values):
    """Values over the largest of them, and that one."""
    largest = np.abs(values).max()
    if not largest > 0:
        raise ValueError(f"{name} must not be all zero")
    return values / largest, largest


def _eigh(K):
    """Eigenvalues, rising, and eigenvectors."""
    return eigh(K, check_finite=False, driver="evd", overwrite_a=True)
