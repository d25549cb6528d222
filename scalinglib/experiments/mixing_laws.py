r"""Laws of the loss on a source over its share and the budget, fitted to forecast."""

import numpy as np
from scipy import optimize

from scalinglib._input import one_of, positive, whole_number

__all__ = ["MIXING_LAWS", "mixture_errors", "mixture_forecast"]

#: Names of the laws.
MIXING_LAWS = "mixing law", "counted", "diluted"

UNIT = 2.0**16  # tokens in which budgets are counted, so that parameters are near one
START = -1.0, 0.3, -2.0  # logarithms of floor, amplitude and exponent
MOST = 50.0  # of a logarithm


def mixture_forecast(law, losses, source, *, share, D):
    r"""Losses on a source that a law, fitted to some mixtures, says of others.

    Parameters
    ----------
    law : {"mixing law", "counted", "diluted"}
        The first is :math:`c+k\,e^{th}` for each budget; the others are one power law
        with a floor of effective data, :math:`D\,(h+\tau(1-h))` or :math:`D\,h^{1+x}`.
    losses : DataArray, dimensions (point, source, trial)
        Of `scalinglib.text.mixture_losses`: the same shares of the source, each above
        zero, for every budget. Trials are averaged.
    source : int
        Which source, from 0.
    share, D : (m,) array_like
        The source's share, and the tokens of all sources, of mixtures to forecast.

    Returns
    -------
    (m,) ndarray

    Raises
    ------
    ValueError
        If there is no such law or source, or something is not above zero.

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
    >>> import xarray as xr
    >>> tokens = np.outer(2 ** np.arange(14, 18), [1, 3, 1, 1, 3, 1]).reshape(-1, 2)
    >>> loss = 5 * (tokens**1.5 / tokens.sum(axis=1, keepdims=True) ** 0.5) ** -0.1
    >>> names = "point", "source", "trial"
    >>> losses = xr.DataArray(
    ...     loss[..., None], dims=names, coords={"tokens": (names[:2], tokens)}
    ... )
    >>> new = {"share": [0.1, 0.5], "D": [2.0**20, 2.0**20]}
    >>> mixture_forecast("diluted", losses, 0, **new).round(2).tolist()
    [1.77, 1.39]
    """
    law = one_of("law", law, MIXING_LAWS)
    own, budget, loss = _of_source("losses", losses, source)
    h, D = positive("share", share), positive("D", D)
    if h.ndim != 1 or h.shape != D.shape:
        raise ValueError(f"share and D must be (m,), got {h.shape} and {D.shape}")
    return _forecast(law, own, budget, loss.mean(axis=-1), h, D)


def mixture_errors(law, losses, source, *, tried):
    r"""How far a law's forecasts are from losses that it was not fitted to.

    Parameters
    ----------
    law, losses, source
        As in `mixture_forecast`; three trials or more.
    tried : DataArray, dimensions (point, source, trial)
        Other mixtures, of the same trials.

    Returns
    -------
    error, stderr : float
        Root mean square of errors of log losses, and by how much it scatters with the
        draws: the jackknife's standard error, from leaving out one trial of each.

    Raises
    ------
    ValueError
        As `mixture_forecast`, or if there are fewer than three trials, or others.

    Examples
    --------
    >>> from scalinglib import stored
    >>> runs = stored.load("mixtures")
    >>> half, few = (runs.share.isin(h) for h in (0.5, [0.25, 0.75]))
    >>> tried = runs[half & (runs.D < 2**18)]
    >>> error, stderr = mixture_errors("diluted", runs[few], 0, tried=tried)
    >>> error < 0.02, stderr < error
    (True, True)
    """
    law = one_of("law", law, MIXING_LAWS)
    own, budget, loss = _of_source("losses", losses, source)
    h, D, found = _of_source("tried", tried, source)
    T = loss.shape[-1]
    if T < 3 or found.shape[-1] != T:
        raise ValueError(
            f"tried must have the trials of losses, three or more, got {T} and "
            f"{found.shape[-1]}"
        )

    def error(kept):
        """Root mean square, of the means of some trials."""
        said = _forecast(law, own, budget, loss[:, kept].mean(axis=1), h, D)
        return np.sqrt(np.mean(np.log(said / found[:, kept].mean(axis=1)) ** 2))

    left = [error(np.arange(T) != t) for t in range(T)]
    return float(error(np.arange(T))), float(np.sqrt(T - 1) * np.std(left))


def _of_source(name, losses, source):
    """Shares of the source, budgets, and losses (points, trials)."""
    if getattr(losses, "dims", None) != ("point", "source", "trial"):
        raise ValueError(f"{name} must be a DataArray as mixture_losses returns it")
    source = whole_number("source", source, least=0)
    if source >= losses.sizes["source"]:
        raise ValueError(f"source must be below {losses.sizes['source']}, got {source}")
    tokens = losses.tokens.values
    D = tokens.sum(axis=1).astype(float)
    own = positive(f"{name}: tokens of the source", tokens[:, source])
    return own / D, D, positive(name, losses.values[:, source])


def _forecast(law, h, D, loss, at_h, at_D):
    """Losses at new shares and budgets."""
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
