r"""An exponent of learning predicted from two of a text: :math:`\gamma_H / 2 \beta_C`.

D tokens show correlations above their noise, :math:`c / \sqrt D`, up to the lag
:math:`n^* \propto D^{1 / 2 \beta_C}`. Who predicts from so many tokens loses what
more of them would tell, :math:`H_{n^*} - H_\infty \propto n^{*-\gamma_H}`.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit

from scalinglib.laws.uncertainty import Estimate, StudentEstimate, tails

__all__ = ["PredictedExponent", "predicted_exponent"]

POINTS = 400  # of each distribution


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
        gamma, beta = (_draws(each) for each in (self.gamma, self.beta))
        return np.quantile(gamma[:, None] / (2 * beta), tails(level))


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
        only positive values count.

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
        if not each.value > 0:
            raise ValueError(f"{name} must be above zero, got {each.value!r}")
    return PredictedExponent(gamma.value / (2 * beta.value), gamma, beta)


def _draws(estimate):
    """Values that are equally likely, the positive ones."""
    shares = (np.arange(POINTS) + 0.5) / POINTS
    values = estimate.value + estimate.stderr * stdtrit(estimate.freedom, shares)
    return values[values > 0]
