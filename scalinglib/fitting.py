r"""Fit :math:`L(x) = L_\infty + A x^{-\alpha}` with an interval that can be trusted."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import elementwise
from scipy.stats import norm
from scipy.stats import t as student_t

from scalinglib._input import curve, enough, generator, number, positive

__all__ = ["PowerLawFit", "fit_power_law", "local_exponents"]

RESAMPLES = 1000
TAIL = 0.025  # of the resamples, beyond each end of a 95 % interval


@dataclass(frozen=True)
class PowerLawFit:
    r"""A fitted law :math:`L(x) = L_\infty + A x^{-\alpha}`; call it to evaluate it.

    Attributes
    ----------
    amplitude : float
        :math:`A`.
    exponent : float
        :math:`\alpha`, positive where the loss falls.
    offset : float
        :math:`L_\infty`, given or fitted.
    interval : tuple of float
        95 % interval of the exponent. An end the data do not bound is infinite.
    identified : bool
        Whether the ends of the interval differ by less than a factor of two, or by
        less than 0.05; by less than 15 % where a floor was fitted but may be zero.
        If not, the data do not determine the exponent.
    resamples : ndarray, shape (B, 3)
        Rows :math:`(\log A, \alpha, L_\infty)`, one for each bootstrap resample. The
        exponent is infinite where a resample shows no power law at all.
    stretch : float
        Factor by which the ends of percentile intervals of the resamples are moved
        away from the estimate; infinite where there is nothing to resample.
    """

    amplitude: float
    exponent: float
    offset: float
    interval: tuple[float, float]
    identified: bool
    resamples: np.ndarray = field(repr=False, compare=False)
    stretch: float = field(repr=False, compare=False)

    def __call__(self, x):
        """Evaluate the fitted law at `x` (any shape, positive)."""
        parameters = np.log(self.amplitude), self.exponent, self.offset
        with np.errstate(over="ignore", under="ignore"):
            return _law(positive("x", x), *parameters)

    def covers(self, exponent):
        """Whether the 95 % interval holds this exponent."""
        low, high = self.interval
        return low <= exponent <= high

    def band(self, x):
        """95 % pointwise interval of the fitted law at `x`: ``(lower, upper)``.

        It holds what the scatter of the data says about the fitted curve, under the
        assumption that the law itself is right, also where `x` was not measured.
        Resamples without a power law are left out. Infinitely wide where the data
        leave no residual. Both ends have the shape of `x`.
        """
        x = positive("x", x)
        if np.isinf(self.stretch):
            return np.zeros_like(x), np.full_like(x, np.inf)
        # A known floor is common to all curves: the band is that of the excess over it.
        floors = self.resamples[:, 2]
        known = floors[0] if np.all(floors == floors[0]) else 0.0
        resolved = self.resamples[np.isfinite(self.resamples[:, 1])]
        estimate = np.array([[np.log(self.amplitude), self.exponent, self.offset]])
        centre = _log_excess(x, estimate, known)[0]
        curves = _log_excess(x, resolved, known)
        ends = np.quantile(curves, [TAIL, 1 - TAIL], axis=0)
        with np.errstate(over="ignore", under="ignore"):
            lower, upper = known + np.exp(centre + self.stretch * (ends - centre))
        return lower, upper

    def __str__(self):
        floor = f"{self.offset:.3g} + " if self.offset else ""
        low, high = self.interval
        said = "" if self.identified else "; these data do not determine it"
        return (
            f"L = {floor}{self.amplitude:.3g} x^{-self.exponent + 0.0:.3f}, "
            f"exponent {low:.3f} to {high:.3f} (95 %){said}"
        )


def fit_power_law(x, loss=None, *, offset=0.0, rng=None):
    r"""Fit :math:`L(x) = L_\infty + A x^{-\alpha}` to a learning curve.

    Parameters
    ----------
    x : array_like, shape (n,), or DataArray
        Sizes: positive, strictly increasing. Or the whole curve as one
        :class:`xarray.DataArray` with one dimension of sizes and, if there are
        trials, a dimension ``trial``; then leave `loss` out.
    loss : array_like, shape (n,) or (n, trials)
        Positive losses. A column is one trial, which may be correlated across sizes.
    offset : float or "fit", default 0.0
        :math:`L_\infty`: known, in [0, smallest mean loss), or to be fitted there.
    rng : None, int or Generator
        For the bootstrap; see :func:`numpy.random.default_rng`.

    Returns
    -------
    PowerLawFit

    Raises
    ------
    ValueError
        If `x` or `loss` is not finite and positive or spans more than 60 decades, `x`
        is not strictly increasing, the shapes do not match, there are fewer sizes than
        parameters (2, or 3 with a fitted offset), the offset is not below the smallest
        mean loss, the loss does not fall although there is an offset, or the amplitude
        is not a float.

    Notes
    -----
    *Estimate.* The fit minimises relative errors of the mean over trials
    :math:`\bar L_i`. Offset 0: the straight line on log–log paper, least squares of
    :math:`\log \bar L_i` on :math:`\log x_i`. Any other offset: least squares of
    :math:`1 - L(x_i)/\bar L_i`. No logarithm is taken of a difference that noise can
    turn negative, and points lost in the noise say nothing about the exponent. For
    fixed :math:`\alpha` the model is linear in :math:`A` and :math:`L_\infty \ge 0`;
    both are eliminated (variable projection [1]_), one scalar minimisation remains.

    *Interval.* With trials, whole trials are resampled (so correlation across sizes
    is kept) and the fit is repeated. With one curve, the relative residuals are
    resampled, which assumes that they are independent. The percentile interval of few
    observations is too short; its ends are moved away from the estimate by the ratio
    of a Student quantile to the normal one, times :math:`\sqrt{T/(T-1)}` for
    :math:`T` trials, after [2]_, Section 5. As many points as parameters and one
    curve leave no residual: the interval is infinite.

    Numerics: a floor and a small exponent imitate each other. The result says so:
    look at ``identified`` and at the interval before you look at the exponent.

    References
    ----------
    .. [1] G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and
       nonlinear least squares problems whose variables separate", SIAM J. Numer.
       Anal. 10 (1973) 413–432.
    .. [2] T. Hesterberg, "What teachers should know about the bootstrap", The
       American Statistician 69 (2015) 371–386.

    Examples
    --------
    >>> x = np.array([100.0, 200, 400, 800, 1600])
    >>> print(fit_power_law(x, 3 * x**-0.5, rng=0))
    L = 3 x^-0.500, exponent 0.500 to 0.500 (95 %)
    >>> print(fit_power_law(x, 0.1 + 3 * x**-0.5, offset="fit", rng=0))
    L = 0.1 + 3 x^-0.500, exponent 0.500 to 0.500 (95 %)
    """
    x, loss = curve(x, loss)
    floor_fitted = isinstance(offset, str) and offset == "fit"
    offset = None if floor_fitted else _known_offset(offset, loss)
    # In units of the first size and of the smallest loss all numbers are moderate.
    units = x[0], loss.mean(axis=1).min()
    x, loss = x / units[0], loss / units[1]
    fit = _fitter(x, loss, None if floor_fitted else offset / units[1])

    (estimate,) = fit(loss.mean(axis=1)[None])
    amplitude, exponent, offset = _restored(estimate, units)
    parameters = 3 if floor_fitted else 2
    rng = generator(rng)
    curves, stretch = _resample(loss, _law(x, *estimate), parameters, rng)
    resamples = fit(curves)
    low, high = _interval(exponent, resamples[:, 1], stretch)
    identified = _identified(low, high)
    if floor_fitted:
        low = max(low, 0.0)
        # A floor that may be zero is no small matter for the exponent, unless the
        # exponents with and without it are nearly the same.
        dispensable = np.mean(resamples[:, 2] == 0) > TAIL
        identified = bool(high <= (1.15 if dispensable else 2) * low)
    return PowerLawFit(
        amplitude,
        exponent,
        offset,
        interval=(low, high),
        identified=identified,
        resamples=_in_units(resamples, units),
        stretch=stretch,
    )


def local_exponents(x, loss=None, *, offset=0.0):
    r"""Exponents :math:`-\Delta\log(L-L_\infty)/\Delta\log x` between neighbours.

    A power law has the same one everywhere. Look at these before fitting a line.

    Parameters
    ----------
    x, loss
        As in :func:`fit_power_law`.
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
        For input that :func:`fit_power_law` does not take.

    Examples
    --------
    >>> middle, exponent, _ = local_exponents([1, 4, 16], [1.1, 0.6, 0.35], offset=0.1)
    >>> middle, exponent
    (array([2., 8.]), array([0.5, 0.5]))
    """
    x, loss = curve(x, loss)
    mean = loss.mean(axis=1)
    excess = mean - _known_offset(offset, loss)
    step = np.diff(np.log(x))
    # d log(mean) = (loss - mean)/excess: a trial's share in the local exponent.
    share = -np.diff((loss - mean[:, None]) / excess[:, None], axis=0) / step[:, None]
    trials = loss.shape[1]
    stderr = np.full(len(step), np.inf)
    if trials > 1:
        stderr = share.std(axis=1, ddof=1) / np.sqrt(trials)
    return np.sqrt(x[1:]) * np.sqrt(x[:-1]), -np.diff(np.log(excess)) / step, stderr


# -- the estimators: curves (B, n) in, rows (log A, alpha, L_inf) out, (B, 3) ----------


def _fitter(x, loss, offset):
    """The estimator that `offset` asks for, once the data are known to allow it."""
    if offset is None:
        enough(x, 3)
    if offset == 0:
        return lambda curves: _fit_line(x, curves)
    mean = loss.mean(axis=1)
    slope = _fit_line(x, mean[None])[0, 1]
    if not slope * np.log(x[-1]) > 1e-12:  # less is rounding
        raise ValueError(
            "with an offset the loss must fall with x; over the range of x this one "
            f"changes by a factor of {np.exp(-slope * np.log(x[-1])):.3g}"
        )
    return lambda curves: _fit_excess(x, curves, offset, lowest=slope / 4)


def _fit_line(x, curves):
    """Least squares of log L on log x: no offset."""
    u, v = np.log(x), np.log(curves)
    du = u - u.mean()
    slope = v @ du / (du @ du)
    log_amplitude = v.mean(axis=1) - slope * u.mean()
    return np.stack([log_amplitude, -slope, np.zeros(len(curves))], axis=1)


def _fit_excess(x, curves, offset, lowest):
    """Minimise the projected misfit over alpha: on a grid, then in a bracket."""
    t = np.log(x)
    # Above `highest` only the first point feels the power law: a spike on a constant.
    highest = max(36 / t[1], 2 * lowest)
    grid = np.geomspace(lowest, highest, 64)
    weight = (curves.min(axis=1, keepdims=True) / curves) ** 2
    weight /= weight.sum(axis=1, keepdims=True)

    def misfit(log_alpha, b):
        return _project(np.exp(log_alpha), t, curves[b], weight[b], offset)[2]

    best = _best_on_grid(grid, t, curves, weight, offset)
    centre = np.clip(best, 1, len(grid) - 2)
    found = elementwise.find_minimum(
        misfit,
        tuple(np.log(grid[centre + step]) for step in (-1, 0, 1)),
        args=(np.arange(len(curves)),),
    )
    alpha = np.where(best == centre, np.exp(found.x), grid[best])
    amplitude, floor, _ = _project(alpha, t, curves, weight, offset)

    falls = amplitude > 0
    log_amplitude = np.log(np.where(falls, amplitude, 1.0))
    alpha = np.where(falls & (best < len(grid) - 1), alpha, np.inf)
    rows = np.stack([log_amplitude, alpha, floor], axis=1)
    if offset is not None:
        return rows
    # Where no floor helps, the answer is that of offset=0.
    return np.where((falls & (floor > 0))[:, None], rows, _fit_line(x, curves))


def _best_on_grid(grid, t, curves, weight, offset):
    """Index of the least misfit of each curve, by matrix products where these tell."""
    misfits, sure = _misfits(grid, t, curves, weight, offset)
    best = misfits.argmin(axis=1)
    sure &= np.exp(-grid[best] * t[1]) > 1e-6  # beyond, all misfits are nearly equal
    if not sure.all():
        rest = curves[~sure], weight[~sure], offset
        one_by_one = [_project(np.array([a]), t, *rest)[2] for a in grid]
        best[~sure] = np.argmin(one_by_one, axis=0)
    return best


def _misfits(grid, t, curves, weight, offset):
    """Misfits of all curves and exponents (B, G), and where rounding spoils none.

    The third of `_project`, up to a factor of each curve, by sums of products. They are
    taken about the point with the greatest weight, or too much would cancel.
    """
    ref = int(weight.sum(axis=0).argmax())
    alpha, gap = grid[:, None], t - t[ref]
    # exp(-alpha t) less its value at that point, without a difference.
    power = -np.sign(gap) * np.exp(-alpha * np.minimum(t, t[ref]))
    power *= -np.expm1(-alpha * abs(gap))
    there, loss = np.exp(-grid * t[ref]), curves - curves[:, [ref]]
    p, pp = weight @ power.T, weight @ (power**2).T
    c, cc = ((weight * part).sum(axis=1, keepdims=True) for part in (loss, loss**2))
    pc = (weight * loss) @ power.T
    # A law on a known floor, or on none.
    level = curves[:, [ref]] - (offset or 0.0)
    pp_bare = pp + 2 * there * p + there**2
    pc_bare = pc + level * p + there * (c + level)
    cc_bare = cc + 2 * level * c + level**2
    misfit = cc_bare - np.maximum(pc_bare, 0.0) ** 2 / pp_bare
    sure = np.ones(len(curves), bool)
    if offset is None:
        variance, covariance = pp - p**2, pc - p * c
        sure = (variance > 1e-6 * pp).all(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            amplitude = np.maximum(covariance, 0.0) / variance
            level, fall = level + c, amplitude * (there + p)
            sure &= (abs(level - fall) > 1e-9 * (abs(level) + fall)).all(axis=1)
            fitted = cc - c**2 - amplitude * covariance
        misfit = np.where(level > fall, fitted, misfit)
    return misfit, sure & (misfit.min(axis=1) > 1e-9 * cc_bare[:, 0])


def _project(alpha, t, curves, weight, offset):
    """Best amplitude >= 0, the floor >= 0, and the misfit they leave.

    The misfit is the sum of squared relative errors, sum_i (1 - L(x_i)/L_i)^2. For
    a given exponent it is quadratic in the other two: a regression on `power`, with
    `weight` proportional to L_i^-2. One exponent for each curve, or one for all.
    """
    power = np.exp(-alpha[:, None] * t)

    def mean(values):
        return np.einsum("bi,bi->b", weight, np.broadcast_to(values, weight.shape))

    if offset is None:
        centre = mean(power)
        dp = power - centre[:, None]
        amplitude = np.maximum(mean(dp * curves) / mean(dp**2), 0.0)
        floor = mean(curves) - amplitude * centre
        if (none := floor <= 0).any():
            bare = mean(power * curves) / mean(power**2)
            amplitude = np.where(none, bare, amplitude)
            floor = np.maximum(floor, 0.0)
    else:
        amplitude = mean(power * (curves - offset)) / mean(power**2)
        amplitude = np.maximum(amplitude, 0.0)
        floor = np.full(len(curves), offset)
    model = floor[:, None] + amplitude[:, None] * power
    return amplitude, floor, ((1 - model / curves) ** 2).sum(axis=1)


def _law(x, log_amplitude, exponent, offset):
    """L_inf + A x^-alpha, in logarithms so that no factor overflows on its own."""
    return offset + np.exp(log_amplitude - exponent * np.log(x))


def _log_excess(x, rows, floor):
    """log(L(x) - floor) for every row (log A, alpha, L_inf), floor <= L_inf."""
    log_a, alpha, offset = (
        column.reshape(-1, *np.ones(x.ndim, int)) for column in rows.T
    )
    with np.errstate(divide="ignore"):  # no floor left: log 0 = -inf adds nothing
        rest = np.log(offset - floor)
    return np.logaddexp(rest, log_a - alpha * np.log(x))


def _in_units(rows, units):
    """Rows (log A, alpha, L_inf) for sizes and losses in their own units again."""
    log_a, alpha, offset = rows.T
    # A resample without a law has an infinite exponent; its amplitude stays as it is.
    shift = np.where(np.isfinite(alpha), alpha, 0.0) * np.log(units[0])
    return np.stack([log_a + np.log(units[1]) + shift, alpha, offset * units[1]], 1)


# -- the interval --------------------------------------------------------------------


def _resample(loss, fitted, parameters, rng):
    """Bootstrap curves (B, n), and how far to stretch their percentile interval."""
    n, trials = loss.shape
    # Trials without scatter carry no information on the error; residuals may.
    if np.ptp(loss / fitted[:, None], axis=1).max() > 1e-12:
        counts = rng.multinomial(trials, np.full(trials, 1 / trials), size=RESAMPLES)
        return counts @ loss.T / trials, _stretch(trials - 1) * _unbias(trials, 1)
    residual = np.log(loss[:, 0] / fitted)  # one curve, or copies of it
    draws = rng.choice(residual, size=(RESAMPLES, n))
    if n == parameters:
        return fitted * np.exp(draws), np.inf
    return fitted * np.exp(draws), _stretch(n - parameters) * _unbias(n, parameters)


def _stretch(freedom):
    """Student's quantile over the normal one."""
    return student_t.ppf(1 - TAIL, freedom) / norm.ppf(1 - TAIL)


def _unbias(n, parameters):
    """The factor by which n resampled residuals are too small."""
    return np.sqrt(n / (n - parameters))


def _interval(estimate, resampled, stretch):
    """Percentiles of the resamples, moved away from the estimate by `stretch`."""
    if np.isinf(stretch):
        return -np.inf, np.inf
    # inverted_cdf: no interpolation, which between a number and inf would be nan.
    ends = np.quantile(resampled, [TAIL, 1 - TAIL], method="inverted_cdf")
    low, high = estimate + stretch * (ends - estimate)
    return float(min(low, estimate)), float(max(high, estimate))


def _identified(low, high):
    """Ends within a factor of two of each other, or both within 0.05."""
    nearest_to_zero = max(low, -high, 0.0)
    return bool(high - low <= max(nearest_to_zero, 0.05))


def _known_offset(offset, loss):
    """An offset that the losses allow."""
    smallest = loss.mean(axis=1).min()
    if isinstance(offset, str) or not 0 <= number("offset", offset) < smallest:
        raise ValueError(
            "offset must be 'fit' or a number from 0 to below the smallest mean loss "
            f"{smallest:.6g}, got {offset!r}"
        )
    return float(offset)


def _restored(estimate, units):
    """Amplitude, exponent and offset as floats, or why there are none."""
    if np.isinf(estimate[1]):
        raise ValueError(
            "with an offset the loss must fall beyond the second size; this one is "
            "constant from there on, which bounds no exponent"
        )
    ((log_amplitude, exponent, offset),) = _in_units(estimate[None], units)
    with np.errstate(over="ignore", under="ignore"):
        amplitude = np.exp(log_amplitude)
    if not 0 < amplitude < np.inf:
        raise ValueError(
            f"the amplitude exp({log_amplitude:.4g}) is not a float; x must be closer "
            "to 1: divide it by a typical size"
        )
    return float(amplitude), float(exponent), float(offset)
