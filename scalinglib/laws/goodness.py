"""Does a law describe the points? Tests of the residuals that a fit leaves."""

import numpy as np
from scipy.special import chdtrc, gammaincc

from scalinglib.laws.points import pooled

DRAWN = 2000  # sets of trials
NODES = 2000  # of the integral: its error is far below what a p-value needs


def against_errors(residual, gradient, points):
    r"""Probability of a sum of squared residuals at least as large, by chance.

    The sum is :math:`\chi^2` if the errors are known. If the scatter of trials told
    them, other trials would have told others: two thousand sets of trials are drawn,
    with as much scatter, and their errors are pooled as those of the curve were. Beyond
    the largest of the sums a gamma distribution of their mean and variance goes on.
    """
    rest = _free(gradient)
    square = residual @ residual
    if points.scatter is None:
        return float(chdtrc(rest.shape[1], square))
    rng, (_, free) = np.random.default_rng(0), points.scatter
    shape = DRAWN, len(free)
    true = points.error**2 * points.trials
    scatter = true * rng.chisquare(np.maximum(free, 1), shape) / np.maximum(free, 1)
    error = np.sqrt(pooled(scatter, free) / true)  # over the true one
    sums = (((rng.standard_normal(shape) / error) @ rest) ** 2).sum(axis=1)
    above = int((sums >= square).sum())
    if above >= 20:
        return above / DRAWN
    mean, variance = sums.mean(), sums.var()
    return float(gammaincc(mean**2 / variance, square * mean / variance))


def _free(gradient):
    """Basis (n, n - p) of the residuals that a fit with this gradient leaves."""
    u, s, _ = np.linalg.svd(gradient, full_matrices=True)
    return u[:, int((s > 1e-10 * s.max(initial=0.0)).sum()) :]


def against_runs(residual, gradient):
    r"""Probability of neighbouring residuals as alike, or as unlike, by chance.

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
    rest = _free(gradient)
    e = rest.T @ residual
    neighbours = 0.5 * (np.eye(n, k=1) + np.eye(n, k=-1))
    inner = rest.T @ neighbours @ rest
    r = e @ inner @ e / (e @ e)
    weights = np.linalg.eigvalsh(inner) - r
    above = np.clip(_beyond_zero(weights), 0.0, 1.0)
    return float(2 * min(above, 1 - above))


def _beyond_zero(weights):
    """P(sum_j w_j X_j > 0) for squares X_j of normal variables: Imhof's integral."""
    weights = weights / np.sqrt((weights**2).mean())
    v = (np.arange(NODES) + 0.5) / NODES
    t = (v / (1 - v)) ** 2  # dt = 2 v/(1-v)^3 dv
    angle = 0.5 * np.arctan(np.multiply.outer(t, weights)).sum(axis=1)
    log_size = 0.25 * np.log1p(np.multiply.outer(t, weights) ** 2).sum(axis=1)
    integrand = np.sin(angle) / t * np.exp(-log_size) * 2 * v / (1 - v) ** 3
    return 0.5 + integrand.mean() / np.pi
