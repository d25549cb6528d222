"""A straight line through minima that have errors, and scatter beyond them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtr, stdtrit

ELBOW = 1.5  # errors beyond which a minimum pulls no harder
CUT = 4.0  # squared errors beyond which a minimum says no more of the scatter
MUCH = np.log(1.5)  # off the others, that is said even of a minimum hardly seen
TRIES = 50  # halvings, and rounds of weights
CHANCE = 0.05  # that a line of good minima is said to have one off it


@dataclass(frozen=True, eq=False)
class Line:
    """A line y = b_0 + b_1 (x - centre), the covariance of b, and freedom by parts.

    Attributes
    ----------
    centre : float
    b : (2,) ndarray
    known, excess : (2, 2) ndarray
        Covariance by the errors of the minima, and by the scatter beyond these.
    scatter : float
        Standard deviation of that scatter.
    freedoms : tuple of float
        Of both covariances.
    """

    centre: float
    b: np.ndarray
    known: np.ndarray
    excess: np.ndarray
    scatter: float
    freedoms: tuple

    def at(self, x):
        """Value, standard error and degrees of freedom at x."""
        x = np.asarray(x, float)
        return self.along(np.stack([np.ones_like(x), x - self.centre], axis=-1))

    def along(self, g):
        """The same of a combination g (..., 2) of the coefficients."""
        known = np.einsum("...i,ij,...j->...", g, self.known, g)
        excess = np.einsum("...i,ij,...j->...", g, self.excess, g)
        few, fewer = self.freedoms
        total = known + excess
        # Satterthwaite's: a sum of two variances that are known so well.
        below = known**2 / few + (excess**2 / fewer if fewer else 0.0)
        freedom = total**2 / np.where(below > 0, below, 1.0)
        freedom = np.where(below > 0, freedom, few)
        return g @ self.b, np.sqrt(total), freedom


def line(x, y, covariance, freedom):
    r"""Fit a line to values whose errors go together, with a scatter common to all.

    Weights are :math:`1/(\sigma_k^2 + \tau^2)`, less beyond 1.5 errors after Huber.
    The residuals of a linear fit :math:`H y` are :math:`M y`, :math:`M = 1 - X H`, of
    covariance :math:`M (\Sigma + \tau^2) M^T`. :math:`\tau^2` is the least with which
    the squares of residuals over it are no more than chance makes them, each counted
    to four at most.
    """
    centre = float(x.mean())
    rows = np.stack([np.ones_like(x), x - centre], axis=1)
    share, excess = np.ones(len(x)), 0.0
    for _ in range(TRIES):
        hat = _hat(rows, share / (np.diag(covariance) + excess))
        before, excess = excess, _excess(y, rows, hat, covariance)
        residual = abs(y - rows @ (hat @ y))
        error = np.sqrt(_spread(rows, hat, covariance, excess))
        share = np.minimum(1.0, ELBOW * error / np.maximum(residual, ELBOW * error))
        if abs(excess - before) <= 1e-9 * excess:
            break
    hat = _hat(rows, share / (np.diag(covariance) + excess))
    return Line(
        centre,
        hat @ y,
        hat @ covariance @ hat.T,
        excess * hat @ hat.T,
        float(np.sqrt(excess)),
        (freedom, len(x) - 2),
    )


def off_the_others(x, y, covariance, freedom):
    """Factors by which values are off the line of the others, nan within chance.

    And whether their own error allows it: of the scatter of the others alone they are
    beyond chance, and by more than a half.
    """
    factors, allowed = np.full(len(x), np.nan), np.zeros(len(x), bool)
    if len(x) < 5:
        return factors, allowed
    for k in range(len(x)):
        rest = np.arange(len(x)) != k
        others = line(x[rest], y[rest], covariance[np.ix_(rest, rest)], freedom)
        value, error, freedoms = others.at(x[k])
        freedoms = min(freedoms, len(x) - 3) if others.scatter else freedoms
        usual = -stdtrit(freedoms, CHANCE / (2 * len(x)))
        scattered, off = error**2 + others.scatter**2, y[k] - value
        beyond = abs(off) > usual * np.sqrt(scattered + covariance[k, k])
        seen = abs(off) > max(usual * np.sqrt(scattered), MUCH)
        if beyond or seen:
            factors[k], allowed[k] = np.exp(off), not beyond
    return factors, allowed


def _hat(rows, weight):
    """Coefficients by values, (2, K)."""
    root = np.sqrt(weight / weight.max())
    return np.linalg.pinv(rows * root[:, None]) * root


def _spread(rows, hat, covariance, excess):
    """Variances of residuals."""
    rest = np.eye(len(rows)) - rows @ hat
    known = np.einsum("ki,ij,kj->k", rest, covariance, rest)
    own = np.diag(covariance) + excess
    return np.maximum(known + excess * (rest**2).sum(axis=1), 1e-12 * own + 1e-300)


def _excess(y, rows, hat, covariance):
    """Variance of a scatter common to all, from the residuals."""
    residual = (y - rows @ (hat @ y)) ** 2
    if len(y) < 3:
        return 0.0
    # The mean of min(z², cut) of a normal z.
    usual = chdtr(3, CUT) + CUT * (1 - chdtr(1, CUT))

    def surplus(excess):
        z = residual / _spread(rows, hat, covariance, excess)
        return np.minimum(z, CUT).mean() - usual

    if surplus(0.0) <= 0:
        return 0.0
    low, high = 0.0, residual.sum() + 1e-300
    while surplus(high) > 0:
        high *= 4
    for _ in range(TRIES):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    return high
