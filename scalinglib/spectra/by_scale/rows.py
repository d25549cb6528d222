"""Eigenvalues of a sample, and the share of each point in their eigenvectors."""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import number, whole_number

__all__ = ["Rows", "above_rounding", "assembled", "checked_columns", "rounding_in"]

LEAST = 20  # rows, and columns
SINGLE = 1e-6  # of the largest eigenvalue: what single precision makes negative


@dataclass(frozen=True, eq=False)
class Rows:
    r"""What a sample of N points tells, K = U diag(λ) Uᵀ.

    Attributes
    ----------
    lam : (r,) ndarray
        Eigenvalues of K above rounding, in falling order, the largest one.
    shares : (n, r) ndarray
        Squares of rows of U, :math:`U_{ij}^2`; of all points or of some.
    rest : (n,) ndarray
        What the eigenvectors of zero have of the row.
    D : int
        Points, one less if their mean is subtracted.
    columns : float
        Dimension of the features, infinite for a kernel.
    rounding : float
        Eigenvalue below which nothing is more than rounding.
    mean_share : float
        What the mean of the rows has of the trace, nan where it is not known.
    found : tuple of str
        What there is to say of the sample.
    """

    lam: np.ndarray
    shares: np.ndarray
    rest: np.ndarray
    D: int
    columns: float
    rounding: float
    mean_share: float = np.nan
    found: tuple = ()


def assembled(lam, shares, rest, D, columns, rounding, *, mean_share=np.nan, found=()):
    """Rows with shares of one for each point, and the largest eigenvalue one.

    Parameters
    ----------
    lam, shares, rest, D, columns, rounding, mean_share, found
        As in `Rows`, in any unit. If there are fewer eigenvalues than points and
        columns, the features have no more directions.

    Returns
    -------
    Rows
    """
    if len(lam) < min(D, columns):
        columns = len(lam)
    total = shares.sum(axis=1) + rest
    rest = np.broadcast_to(rest / total, len(shares))
    shares = shares / total[:, None]
    return Rows(
        lam / lam[0], shares, rest, D, columns, rounding, mean_share, tuple(found)
    )


def above_rounding(lam, U, relative):
    """Eigenvalues above rounding in falling order, and their eigenvectors.

    Parameters
    ----------
    lam : (n,) ndarray
        Eigenvalues, rising.
    U : (N, n) ndarray
        Columns that go with them.
    relative : float
        Rounding over the largest eigenvalue.

    Returns
    -------
    lam : (r,) ndarray
    U : (N, r) ndarray
    """
    above = lam > relative * lam[-1]
    return lam[above][::-1], U[:, above][:, ::-1]


def rounding_in(name, lam, relative, unit=1.0):
    """Eigenvalue, over the largest, below which nothing is more than rounding.

    Parameters
    ----------
    name : str
        Of the argument.
    lam : (n,) ndarray
        Eigenvalues, rising.
    relative : float
        Rounding over the largest eigenvalue, of numbers of this precision.
    unit : float, default 1.0
        Of the eigenvalues.

    Returns
    -------
    float
    list of str
        What to say of it.

    Raises
    ------
    ValueError
        If the least is negative beyond rounding, that of single precision too.
    """
    worst = -lam[0] / lam[-1] if lam[-1] > 0 else np.inf
    if worst <= 10 * relative:
        return relative, []
    if worst > SINGLE:
        ridge, largest = -lam[0] * unit, lam[-1] * unit
        raise ValueError(
            f"{name} must have no negative eigenvalue, but its least is -{ridge:.3g} "
            f"and its largest {largest:.3g}: it is no kernel, or of numbers of low "
            f"precision. A ridge of {ridge:.3g} would hide that, and raise every "
            "eigenvalue by as much"
        )
    said = f"least eigenvalue -{worst:.2g} of the largest, rounding of lower precision"
    return 2 * worst, [f"{said}: none below twice as much is used"]


def checked_columns(columns, *, asked):
    """How many columns the features had.

    Parameters
    ----------
    columns : int, float or None
        A whole number, or infinity.
    asked : bool
        Whether it must be given; otherwise None is infinity.

    Returns
    -------
    int or float

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if columns is None:
        if asked:
            raise ValueError(
                "columns must be given with eigenvalues: how many columns the features "
                "had, or numpy.inf for a kernel"
            )
        return np.inf
    if isinstance(columns, float | np.floating) and np.isposinf(columns):
        return np.inf
    if isinstance(columns, float | np.floating) and columns == int(
        number("columns", columns)
    ):
        columns = int(columns)
    return whole_number("columns", columns, least=LEAST)
