r"""Fit :math:`L(x) = L_\infty + A x^{-\alpha}` with an interval that can be trusted."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from scalinglib._input import generator, positive, probability, whole_number
from scalinglib._labels import like
from scalinglib.laws.curves import curve, known_offset
from scalinglib.laws.estimators import _fitter, _law
from scalinglib.laws.uncertainty import (
    LEVEL,
    RESAMPLES,
    BootstrapEstimate,
    Estimate,
    StudentEstimate,
    _bootstrap,
    stretch,
    tails,
)

__all__ = ["PowerLawFit", "fit_power_law"]


@dataclass(frozen=True)
class PowerLawFit(Estimate):
    r"""A fitted law :math:`L(x) = L_\infty + A x^{-\alpha}`; call it to evaluate it.

    It is the `Estimate` of its exponent: ``fit.interval(0.9)``, ``fit.covers(0.5)`` and
    ``f"{fit:.2f}"`` are about α. An end of the interval that the data do not bound is
    infinite.

    Attributes
    ----------
    amplitude : float
        :math:`A`.
    exponent : float
        :math:`\alpha`, positive where the loss falls; also called ``value``.
    offset : float
        :math:`L_\infty`, given or fitted.
    resamples : ndarray, shape (B, 3)
        Rows :math:`(\log A, \alpha, L_\infty)`, one for each bootstrap resample. The
        exponent is infinite where a resample shows no power law at all.
    observations, freedom : int
        How many trials, or points of a single curve, were resampled, and how many of
        them the fit left free: 0 where there is nothing to resample.
    floor_fitted : bool
        Whether the floor was fitted.
    """

    amplitude: float
    exponent: float
    offset: float
    resamples: np.ndarray = field(repr=False, compare=False)
    observations: int = field(repr=False)
    freedom: int = field(repr=False)
    floor_fitted: bool = field(repr=False)

    @property
    def value(self):
        """The exponent."""
        return self.exponent

    @property
    def floor(self):
        """The floor as an `Estimate`; one that was given has no error."""
        if not self.floor_fitted:
            return StudentEstimate(self.offset, 0.0)
        return self._estimate_of(self.offset, column=2, least=0.0)

    @cached_property
    def identified_if_law(self):
        """Whether the data determine the exponent, if the law itself is right.

        The ends of the 95 % interval then differ by less than a factor of two, or by
        less than 0.05; by less than 15 % where a floor was fitted but may be zero.
        """
        low, high = self.interval()
        if not self.freedom:
            return False
        if not self.floor_fitted:
            return bool(high - low <= max(low, -high, 0.05))
        # A floor that may be zero is no small matter for the exponent, unless the
        # exponents with and without it are nearly the same.
        dispensable = np.mean(self.resamples[:, 2] == 0) > tails(LEVEL)[0]
        return bool(high <= (1.15 if dispensable else 2) * low)

    def __call__(self, x):
        """Evaluate the fitted law at `x` (any shape, positive), labels and all."""
        parameters = np.log(self.amplitude), self.exponent, self.offset
        with np.errstate(over="ignore", under="ignore"):
            return like(x, _law(positive("x", x), *parameters))

    def band_if_law(self, x, level=LEVEL):
        """Pointwise interval of the fitted law at `x`: ``(lower, upper)``.

        It holds what the scatter of the data says about the fitted curve, under the
        assumption that the law itself is right, also where `x` was not measured.
        Resamples without a power law are left out. Infinitely wide where the data
        leave no residual. Both ends have the shape of `x`, and its labels.

        Parameters
        ----------
        x : array_like or DataArray
            Sizes, positive.
        level : float, default 0.95
            Probability, above 0 and below 1.
        """
        level, sizes = probability("level", level), positive("x", x)
        stretched = stretch(level, self.observations, self.freedom)
        if np.isinf(stretched):
            ends = np.zeros_like(sizes), np.full_like(sizes, np.inf)
            return tuple(like(x, end) for end in ends)
        # A known floor is common to all curves: the band is that of the excess over it.
        floors = self.resamples[:, 2]
        known = floors[0] if np.all(floors == floors[0]) else 0.0
        resolved = self.resamples[np.isfinite(self.resamples[:, 1])]
        estimate = np.array([[np.log(self.amplitude), self.exponent, self.offset]])
        centre = _log_excess(sizes, estimate, known)[0]
        curves = _log_excess(sizes, resolved, known)
        ends = np.quantile(curves, tails(level), axis=0)
        with np.errstate(over="ignore", under="ignore"):
            lower, upper = known + np.exp(centre + stretched * (ends - centre))
        return like(x, lower), like(x, upper)

    def _ends(self, level):
        # Only a loss that falls has a floor to be fitted.
        least = 0.0 if self.floor_fitted else -np.inf
        return self._estimate_of(self.exponent, column=1, least=least)._ends(level)

    def _estimate_of(self, value, *, column, least):
        """Estimate of one of the parameters."""
        draws = self.resamples[:, column]
        return BootstrapEstimate(value, draws, self.observations, self.freedom, least)

    def __str__(self):
        floor = f"{self.offset:.3g} + " if self.offset else ""
        low, high = self.interval()
        said = "" if self.identified_if_law else "; these data do not determine it"
        return (
            f"L = {floor}{self.amplitude:.3g} x^{-self.exponent + 0.0:.3f}, "
            f"exponent {low:.3f} to {high:.3f} (95 %){said}"
        )


def fit_power_law(x, loss=None, *, offset=0.0, rng=None, resamples=RESAMPLES):
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
    resamples : int, default 1000
        Of the bootstrap, at least 100; or 0 for the estimate alone, in a fraction of
        the time and with an interval without ends.

    Returns
    -------
    PowerLawFit

    Raises
    ------
    ValueError
        If `x` or `loss` is not finite and positive or spans more than 60 decades, `x`
        is not strictly increasing, the shapes do not match, there are fewer sizes than
        parameters (2, or 3 with a fitted offset), the offset is not below the smallest
        mean loss, the loss does not fall although there is an offset, `resamples` is
        from 1 to 99, or the amplitude is not a float.

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
    resampled, which assumes that they are independent. Percentiles of few resampled
    observations are too close; `BootstrapEstimate` moves them apart. As many points as
    parameters and one curve leave no residual: the interval is infinite.

    Numerics: a floor and a small exponent imitate each other. The result says so:
    look at ``identified_if_law`` and at the interval before you look at the exponent.

    References
    ----------
    .. [1] G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and
       nonlinear least squares problems whose variables separate", SIAM J. Numer.
       Anal. 10 (1973) 413–432.

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
    offset = None if floor_fitted else known_offset(offset, loss)
    # In units of the first size and of the smallest loss all numbers are moderate.
    units = x[0], loss.mean(axis=1).min()
    x, loss = x / units[0], loss / units[1]
    fit = _fitter(x, loss, None if floor_fitted else offset / units[1])

    estimate, rows, observations, freedom = _bootstrap(
        fit, x, loss, 3 if floor_fitted else 2, generator(rng), enough(resamples)
    )
    return PowerLawFit(
        *_restored(estimate, units),
        resamples=_in_units(rows, units),
        observations=observations,
        freedom=freedom,
        floor_fitted=floor_fitted,
    )


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


def enough(resamples):
    """A number of resamples from which percentiles can be read, or none."""
    number = whole_number("resamples", resamples, least=0)
    if 0 < number < 100:
        raise ValueError(
            f"resamples must be 0, for no interval, or at least 100, got {number}"
        )
    return number


def _restored(estimate, units):
    """Amplitude, exponent and offset as floats, or why there are none."""
    ((log_amplitude, exponent, offset),) = _in_units(estimate[None], units)
    with np.errstate(over="ignore", under="ignore"):
        amplitude = np.exp(log_amplitude)
    if not 0 < amplitude < np.inf:
        raise ValueError(
            f"the amplitude exp({log_amplitude:.4g}) is not a float; x must be closer "
            "to 1: divide it by a typical size"
        )
    return float(amplitude), float(exponent), float(offset)
