r"""An exponent of learning predicted from two of a text: :math:`\gamma_H / 2 \beta_C`.

D tokens show correlations above their noise, :math:`c / \sqrt D`, up to the lag
:math:`n^* \propto D^{1 / 2 \beta_C}`. Who predicts from so many tokens loses what
more of them would tell, :math:`H_{n^*} - H_\infty \propto n^{*-\gamma_H}`.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, stdtrit

from scalinglib.laws.uncertainty import Estimate, StudentEstimate, tails

__all__ = ["PredictedExponent", "predicted_exponent"]

POINTS, FAR = 400, 18.0  # of each distribution; logit of the farthest, 1e-8


@dataclass(frozen=True, eq=False)
class PredictedExponent(Estimate):
    r"""The data exponent :math:`\alpha_D = \gamma_H / 2 \beta_C`, and what it is of.

    Attributes
    ----------
    value : float
        The ratio.
    gamma, beta : StudentEstimate
        :math:`\gamma_H` of conditional entropies and :math:`\beta_C` of correlations.
    """

    value: float
    gamma: StudentEstimate = field(repr=False)
    beta: StudentEstimate = field(repr=False)

    def _ends(self, level):
        shares, weights = _shares()
        gamma, beta = (_values(each, shares) for each in (self.gamma, self.beta))
        ratio = gamma[:, None] / (2 * beta)
        weight = weights[:, None] * weights
        # An exponent is not negative; what may be zero has no end on that side.
        kept = (gamma[:, None] > 0) & (beta > 0)
        order = np.argsort(ratio[kept])
        ratio, below = ratio[kept][order], np.cumsum(weight[kept][order])
        low, high = np.interp(tails(level) * below[-1], below, ratio)
        if self.gamma.interval(level)[0] <= 0:
            low = 0.0
        if self.beta.interval(level)[0] <= 0:
            high = np.inf
        return min(low, self.value), max(high, self.value)


def predicted_exponent(gamma, beta):
    r"""The data exponent that two exponents of a text predict.

    .. math:: \alpha_D = \frac{\gamma_H}{2 \beta_C}

    Parameters
    ----------
    gamma : StudentEstimate
        Of the conditional entropies: `NGramCurves.entropy_exponent`.
    beta : StudentEstimate
        Of the correlations: `Correlations.exponent`.

    Returns
    -------
    PredictedExponent
        Its interval is that of the ratio of two independent Student variables, of which
        only positive values count. It begins at zero where γ may be zero at this level,
        and has no end where β may be.

    Raises
    ------
    ValueError
        If one is no estimate, or not above zero.

    References
    ----------
    F. Cagnetta, A. Raventós, S. Ganguli and M. Wyart, arXiv:2602.07488.

    Examples
    --------
    >>> from scalinglib.laws import StudentEstimate
    >>> print(predicted_exponent(StudentEstimate(2.0, 0.1), StudentEstimate(1.5, 0.1)))
    0.667 (0.568 to 0.789)
    """
    for name, each in (("gamma", gamma), ("beta", beta)):
        if not isinstance(each, StudentEstimate):
            raise ValueError(f"{name} must be an estimate with an error, got {each!r}")
        numbers = each.value, each.stderr, each.freedom
        if any(np.ndim(x) or np.isnan(x) for x in numbers) or not each.freedom > 0:
            raise ValueError(f"{name} must be one number with an error, got {each!r}")
        if not 0 < each.value < np.inf or not 0 <= each.stderr < np.inf:
            raise ValueError(
                f"{name} must be above zero to predict anything, got {each.value:.3g} "
                f"with a standard error of {each.stderr:.3g}"
            )
    return PredictedExponent(gamma.value / (2 * beta.value), gamma, beta)


def _shares():
    """Shares of a distribution, denser in its tails, and the weights of these."""
    edges = expit(np.linspace(-FAR, FAR, POINTS + 1))
    return (edges[1:] + edges[:-1]) / 2, np.diff(edges)


def _values(estimate, shares):
    """What has these shares below it."""
    return estimate.value + estimate.stderr * stdtrit(estimate.freedom, shares)
