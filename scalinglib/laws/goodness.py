"""Does a law describe the points? Tests of the residuals that a fit leaves."""

import numpy as np
from scipy.special import chdtrc, fdtrc

NODES = 2000  # of the integral: its error is far below what a p-value needs


def against_errors(square, free, known):
    r"""Probability of a sum of squared residuals at least as large.

    The sum is :math:`\chi^2` with `free` degrees of freedom if the errors are known;
    if they were themselves estimated with `known` degrees of freedom, sum/free has
    Fisher's distribution. That is an approximation where the errors of different
    points come from different trials, and errs on the side of the law.
    """
    if np.isinf(known):
        return float(chdtrc(free, square))
    return float(fdtrc(free, known, square / free))


def against_runs(residual, gradient):
    r"""Probability of neighbouring residuals at least as alike, by chance.

    The statistic is Durbin and Watson's: the correlation of neighbours,
    :math:`r = \sum e_i e_{i+1} / \sum e_i^2`, of residuals :math:`e = M \epsilon` that
    a fit with this gradient leaves of independent errors. Hence
    :math:`P(r > r_0) = P(\epsilon^T M (N - r_0) M \epsilon > 0)`, a weighted sum of
    squares, which Imhof's integral gives.

    References
    ----------
    J. Durbin and G. S. Watson, Biometrika 37 (1950) 409–428. J. P. Imhof, Biometrika
    48 (1961) 419–426.
    """
    n = len(residual)
    u, s, _ = np.linalg.svd(gradient, full_matrices=True)
    rest = u[:, int((s > 1e-10 * s.max(initial=0.0)).sum()) :]  # basis of what is free
    e = rest.T @ residual
    neighbours = 0.5 * (np.eye(n, k=1) + np.eye(n, k=-1))
    inner = rest.T @ neighbours @ rest
    r = e @ inner @ e / (e @ e)
    weights = np.linalg.eigvalsh(inner) - r
    return float(np.clip(_beyond_zero(weights), 0.0, 1.0))


def _beyond_zero(weights):
    """P(sum_j w_j X_j > 0) for squares X_j of normal variables: Imhof's integral."""
    weights = weights / np.sqrt((weights**2).mean())
    v = (np.arange(NODES) + 0.5) / NODES
    t = (v / (1 - v)) ** 2  # dt = 2 v/(1-v)^3 dv
    angle = 0.5 * np.arctan(np.multiply.outer(t, weights)).sum(axis=1)
    log_size = 0.25 * np.log1p(np.multiply.outer(t, weights) ** 2).sum(axis=1)
    integrand = np.sin(angle) / t * np.exp(-log_size) * 2 * v / (1 - v) ** 3
    return 0.5 + integrand.mean() / np.pi
