r"""Variable projection: for given exponents a surface is linear in its terms."""

from itertools import combinations

import numpy as np

SMALL = 1e-6  # of the largest term: a start has no term that is zero


def best_terms(of_P, of_D, log_loss, *, floor):
    r"""Least squares of relative errors over a grid of pairs of columns.

    .. math:: \min_{E, A, B \ge 0} \sum_i
              \left(1 - \frac{E + A\, u_i + B\, v_i}{L_i}\right)^2

    All products of columns come from three matrix products.

    Parameters
    ----------
    of_P, of_D : (m, n) and (k, n) ndarray
        Columns u and v, one for each exponent.
    log_loss : (n,) ndarray
    floor : bool
        Whether there is an E.

    Returns
    -------
    (3,) ndarray
        Logs of E, A and B of the best pair.
    (int, int)
        Which pair it is.
    """
    inverse = np.exp(-log_loss)
    of_P, of_D = of_P * inverse, of_D * inverse
    grid = len(of_P), len(of_D)
    sides = floor * inverse[None, None], of_P[:, None], of_D[None]
    normal, right = np.empty((*grid, 3, 3)), np.empty((*grid, 3))
    for i, one in enumerate(sides):
        right[..., i] = one.sum(axis=-1)
        for j in range(i):
            product = of_P @ of_D.T if j else (one * sides[0]).sum(axis=-1)
            normal[..., i, j] = normal[..., j, i] = product
        normal[..., i, i] = (one**2).sum(axis=-1)
    terms, misfit = _nonnegative(normal, right)
    at = np.unravel_index(misfit.argmin(), misfit.shape)
    return np.log(np.maximum(terms[at], SMALL * terms[at].max())), at


def _nonnegative(normal, right):
    """Least squares with coefficients that are not negative, for stacks of three."""
    best = np.zeros(right.shape)
    least = np.zeros(right.shape[:-1])  # less the sum of squares, which all share
    for size in (1, 2, 3):
        for chosen in map(list, combinations(range(3), size)):
            part = normal[..., chosen, :][..., chosen]
            scale = np.trace(part, axis1=-2, axis2=-1)[..., None, None]
            part = part + (1e-12 * scale + 1e-300) * np.eye(size)
            found = np.linalg.solve(part, right[..., chosen][..., None])[..., 0]
            gained = -(found * right[..., chosen]).sum(axis=-1)
            better = (found >= 0).all(axis=-1) & (gained < least)
            least = np.where(better, gained, least)
            new = np.zeros(right.shape)
            new[..., chosen] = found
            best = np.where(better[..., None], new, best)
    return best, least
