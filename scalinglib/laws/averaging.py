r"""A common number behind several measured ones, their deviations averaged by evidence.

What was measured, y, is a common constant plus deviations of known shape, each with an
amplitude that nobody knows, plus noise:

.. math::

   y \sim \mathcal N\bigl(\beta \mathbb 1, \; C + \textstyle\sum_h \theta_h^2 T_h\bigr)

For given amplitudes θ the constant β has a normal distribution. Amplitudes are averaged
over a grid by the probability of what was measured. Balls that shrink have a common
dimension so, and scales of a spectrum a common exponent.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

__all__ = ["Mixture", "averaged", "combined"]


@dataclass(frozen=True, eq=False)
class Mixture:
    """A number's distribution: normal ones, weighted.

    Attributes
    ----------
    means, deviations, weights : (G,) ndarray
        Of the normal distributions; the weights sum to one.
    evidence : float
        Logarithm of the probability of the data, amplitudes averaged.
    """

    means: np.ndarray = field(repr=False)
    deviations: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    evidence: float = 0.0

    def quantile(self, share):
        """Value below which this share lies.

        Parameters
        ----------
        share : float
            Above 0 and below 1.

        Returns
        -------
        float
        """

        def beyond(value):
            return self.weights @ ndtr((value - self.means) / self.deviations) - share

        low = (self.means - 40 * self.deviations).min()
        high = (self.means + 40 * self.deviations).max()
        return float(brentq(beyond, low, high, xtol=1e-13))


def averaged(y, C, terms, grid, log_prior, *, floor, expected=0.0):
    """Distribution of the common number.

    Parameters
    ----------
    y : (n,) ndarray
        What was measured.
    C : (n, n) ndarray
        Covariance of its noise.
    terms : (H, n, n) ndarray
        Covariances of the deviations at amplitude one.
    grid : (G, H) ndarray
        Amplitudes.
    log_prior : (G,) ndarray
        Logarithm of the weight of each row before anything is measured.
    expected : (G, n) array_like, default 0
        Deviations to be expected for each row of amplitudes.
    floor : float
        Standard deviation below which no average is believed.

    Returns
    -------
    Mixture
    """
    S = C + np.einsum("gh,hij->gij", grid**2, terms)
    L = np.linalg.cholesky(S)
    off = np.broadcast_to(y - expected, (len(grid), len(y)))
    columns = np.stack([np.ones_like(off), off], axis=2)
    one, white = np.moveaxis(np.linalg.solve(L, columns), 2, 0)
    precision = (one**2).sum(axis=1)
    means = (one * white).sum(axis=1) / precision
    rest = ((white - means[:, None] * one) ** 2).sum(axis=1)
    log_det = 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
    log_weight = log_prior - (log_det + np.log(precision) + rest) / 2
    top = log_weight.max()
    weights = np.exp(log_weight - top)
    evidence = top + np.log(weights.sum())
    weights /= weights.sum()
    kept = weights > 1e-6
    return Mixture(
        means[kept],
        np.sqrt(1 / precision[kept] + floor**2),
        weights[kept] / weights[kept].sum(),
        float(evidence),
    )


def combined(mixtures):
    """One distribution of several that stand for models, weighted by their evidence.

    Parameters
    ----------
    mixtures : list of Mixture
        From `averaged`, with priors of a common sum.

    Returns
    -------
    Mixture
    """
    evidence = np.array([mixture.evidence for mixture in mixtures])
    total = evidence.max() + np.log(np.exp(evidence - evidence.max()).sum())
    weights = np.concatenate([np.exp(m.evidence - total) * m.weights for m in mixtures])
    kept = weights > 1e-6
    return Mixture(
        np.concatenate([m.means for m in mixtures])[kept],
        np.concatenate([m.deviations for m in mixtures])[kept],
        weights[kept] / weights[kept].sum(),
        float(total),
    )
