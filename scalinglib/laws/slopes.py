"""The exponent between neighbouring sizes."""

import numpy as np

from scalinglib.laws.curves import curve, known_offset
from scalinglib.laws.uncertainty import mean_and_error

__all__ = ["local_exponents"]


def local_exponents(x, loss=None, *, offset=0.0):
    r"""Exponents :math:`-\Delta\log(L-L_\infty)/\Delta\log x` between neighbours.

    A power law has the same one everywhere. Look at these before fitting a line.

    Parameters
    ----------
    x, loss
        As in :func:`scalinglib.laws.power_law.fit_power_law`.
    offset : float, default 0.0
        Known :math:`L_\infty`, subtracted first; below every mean loss.

    Returns
    -------
    middle : ndarray, shape (n - 1,)
        Geometric means of neighbouring sizes.
    exponent : ndarray, shape (n - 1,)
        From the mean over trials.
    stderr : ndarray, shape (n - 1,)
        Standard error from the scatter over trials, to first order in it; infinite
        where there is one trial only.

    Raises
    ------
    ValueError
        For input that :func:`scalinglib.laws.power_law.fit_power_law` does not take.

    Examples
    --------
    >>> middle, exponent, _ = local_exponents([1, 4, 16], [1.1, 0.6, 0.35], offset=0.1)
    >>> middle, exponent
    (array([2., 8.]), array([0.5, 0.5]))
    """
    x, loss = curve(x, loss)
    mean = loss.mean(axis=1)
    excess = mean - known_offset(offset, loss)
    step = np.diff(np.log(x))
    # d log(mean) = (loss - mean)/excess: a trial's share in the local exponent.
    share = -np.diff((loss - mean[:, None]) / excess[:, None], axis=0) / step[:, None]
    stderr = np.full(len(step), np.inf)
    if loss.shape[1] > 1:
        stderr = mean_and_error(share)[1]
    return np.sqrt(x[1:]) * np.sqrt(x[:-1]), -np.diff(np.log(excess)) / step, stderr
