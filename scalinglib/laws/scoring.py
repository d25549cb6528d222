r"""What an interval is worth, once the truth is known."""

import numpy as np

from scalinglib._input import probability, real_array
from scalinglib._labels import broadcast, labelled, like

__all__ = ["interval_score"]


def interval_score(low, high, truth, level=0.9):
    r"""Width of an interval, and a fine for what it misses by.

    .. math:: (b - a) + \frac{2}{1 - p}\big[(a - y)_+ + (y - b)_+\big]

    for ends a and b, a truth y and a level p. Who believes a distribution and says any
    other interval than that between its quantiles :math:`(1 - p)/2` and
    :math:`(1 + p)/2` expects a higher score: lower is better. Of losses and sizes take
    logarithms first, so that the unit does not matter.

    Parameters
    ----------
    low, high, truth : array_like
        Ends of the interval and what was found, of shapes that broadcast; ends may be
        infinite.
    level : float, default 0.9
        Probability that was claimed.

    Returns
    -------
    float, ndarray or DataArray
        Of the shape to which they broadcast, at least zero.

    Raises
    ------
    ValueError
        If one is no number, `high` is below `low`, or `level` is out of range.

    References
    ----------
    T. Gneiting and A. E. Raftery, "Strictly proper scoring rules, prediction, and
    estimation", Journal of the American Statistical Association 102 (2007) 359–378,
    eq. (43).

    Examples
    --------
    >>> interval_score(1.0, 2.0, 1.5), interval_score(1.0, 2.0, 2.1)
    (1.0, 3.0...)
    """
    fine = 2 / (1 - probability("level", level))
    for name, values in (("low", low), ("high", high), ("truth", truth)):
        if np.isnan(real_array(name, values)).any():
            raise ValueError(f"{name} must hold numbers, got nan")
    if not np.isfinite(real_array("truth", truth)).all():
        raise ValueError("truth must be finite, got infinity")
    if not any(map(labelled, (low, high, truth))):
        low, high, truth = np.broadcast_arrays(low, high, truth)
    *ends, template = broadcast(low=low, high=high, truth=truth)
    low, high, truth = (np.asarray(end, float) for end in ends)
    if (high < low).any():
        raise ValueError("high must be at least low, got an interval from above")
    below, above = np.maximum(low - truth, 0), np.maximum(truth - high, 0)
    with np.errstate(invalid="ignore"):
        width = np.where(low == high, 0.0, high - low)
    found = like(template, width + fine * (below + above))
    return found if np.ndim(found) else float(found)
