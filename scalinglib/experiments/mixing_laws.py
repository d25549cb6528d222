r"""Laws of the loss on a source over its share and the budget, fitted to forecast."""

import numpy as np
from scipy import optimize

from scalinglib._input import one_of, positive

__all__ = ["MIXING_LAWS", "mixture_forecast"]

#: Names of the laws.
MIXING_LAWS = "mixing law", "counted", "diluted"

UNIT = 2.0**16  # tokens in which budgets are counted, so that parameters are near one
START = -1.0, 0.3, -2.0  # logarithms of floor, amplitude and exponent
MOST = 50.0  # of a logarithm


def mixture_forecast(law, share, D, loss, *, at_share, at_D):
    r"""Losses that a law, fitted to some mixtures, says of others.

    Parameters
    ----------
    law : {"mixing law", "counted", "diluted"}
        The first is :math:`c+k\,e^{th}` for each budget; the others are one power law
        with a floor of effective data, :math:`D\,(h+\tau(1-h))` or :math:`D\,h^{1+x}`.
    share : (n,) array_like
        Of the source that the loss is of, h, above zero; the same shares for every
        budget.
    D : (n,) array_like
        Tokens of all sources.
    loss : (n,) array_like
        What was measured.
    at_share, at_D : (m,) array_like
        Where to forecast.

    Returns
    -------
    (m,) ndarray

    Raises
    ------
    ValueError
        If there is no such law, shapes differ, or something is not above zero.

    Notes
    -----
    Fits have the least squares of errors of log losses. At a budget where nothing was
    measured the mixing law is fitted to losses that a power law with a floor forecasts
    of each share.

    References
    ----------
    J. Ye et al., "Data mixing laws", arXiv:2403.16952: the first, and its nesting.

    Examples
    --------
    >>> h, D = np.tile([0.2, 0.5, 0.8], 4), np.repeat(2.0 ** np.arange(14, 18), 3)
    >>> loss = 5 * (D * h**1.5) ** -0.1
    >>> at = {"at_share": [0.1, 0.5], "at_D": [2.0**20, 2.0**20]}
    >>> mixture_forecast("diluted", h, D, loss, **at).round(2).tolist()
    [1.77, 1.39]
    """
    law = one_of("law", law, MIXING_LAWS)
    h, D, loss = (
        positive(name, values)
        for name, values in {"share": share, "D": D, "loss": loss}.items()
    )
    at_h, at_D = positive("at_share", at_share), positive("at_D", at_D)
    if not h.ndim == 1 <= len(h) or not h.shape == D.shape == loss.shape:
        raise ValueError(f"share, D and loss must be (n,), got {h.shape}, {D.shape}")
    if at_h.ndim != 1 or at_h.shape != at_D.shape:
        raise ValueError(f"at_share and at_D must be (m,), got {at_h.shape}")
    if law == "mixing law":
        return _nested(h, D, loss, at_h, at_D)
    effective = {"counted": _counted, "diluted": _diluted}[law]
    p = _fitted(lambda p: _power(p, effective(p[3], h, D)), loss, (*START, 0.0))
    return _power(p, effective(p[3], at_h, at_D))


def _power(p, D):
    """A power law with a floor, of logarithms of its three numbers."""
    falls = p[1] - np.exp(np.minimum(p[2], MOST)) * np.log(D / UNIT)
    return np.exp(p[0]) + np.exp(np.minimum(falls, MOST))


def _counted(tau, h, D):
    """Effective data if each other token is worth the same, at least one token."""
    return np.maximum(D * (h + tau * (1 - h)), 1.0)


def _diluted(x, h, D):
    """Effective data if a source's own tokens lose worth as its share sinks."""
    return D * h ** (1 + x)


def _fitted(curve, loss, start):
    """Parameters of the least squares of errors of log losses."""
    with np.errstate(over="ignore"):
        found = optimize.least_squares(
            lambda p: np.log(curve(p) / loss), start, x_scale="jac"
        )
    return found.x


def _nested(h, D, loss, at_h, at_D):
    """The mixing law at each budget."""
    out = np.empty(len(at_h))
    for budget in np.unique(at_D):
        known = budget == D
        if known.any():
            shares, y = h[known], loss[known]
        else:
            shares = np.unique(h)
            y = np.array(
                [_extrapolated(D[h == s], loss[h == s], budget) for s in shares]
            )
        start = np.log(0.9 * y.min()), -1.0, -3.0
        p = _fitted(lambda p, x=shares: _mixing(p, x), y, start)
        out[at_D == budget] = _mixing(p, at_h[at_D == budget])
    return out


def _extrapolated(D, loss, budget):
    """A loss at another budget, by a power law with a floor."""
    return _power(_fitted(lambda p: _power(p, D), loss, START), budget)


def _mixing(p, h):
    """A floor and an exponential, of logarithms of the first two of its numbers."""
    return np.exp(p[0]) + np.exp(np.minimum(p[1] + p[2] * h, MOST))
