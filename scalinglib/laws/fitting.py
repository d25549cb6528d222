r"""Fit a law to a learning curve, and say first whether it describes the points."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from scalinglib._input import one_of, positive, probability, truth
from scalinglib._labels import like
from scalinglib.laws import goodness
from scalinglib.laws.families import LAWS
from scalinglib.laws.points import points_of
from scalinglib.laws.posing import at_one, parameters, posed, ranges, reported
from scalinglib.laws.uncertainty import LEVEL

__all__ = ["LawFit", "fit"]

REFUSED = 0.05  # a law is refused whose residuals had a smaller probability
ELBOW = 1.345  # of Huber's loss, in standard errors: 95 % efficient for normal ones
EXACT = 1e-6  # root mean square of log residuals that are rounding


@dataclass(frozen=True, eq=False, repr=False)
class LawFit:
    """A law fitted to a curve; call it to evaluate it.

    Attributes
    ----------
    law : Law
        Its formula, its parameters, its source.
    parameters : dict
        Name and value of each. An amplitude, the excess at x = 1, may be no float: then
        it is 0 or infinite, and the law is evaluated all the same.
    p_value : float
        Probability of residuals as bad as these if the law were right; nan where they
        cannot tell: with fewer than three degrees of freedom and without errors.
    test : str
        What the p-value is of: ``"chi-square"`` or ``"neighbours"``.
    statistic : float
        Sum of the squared residuals, in errors if these are known and else of log L.
    freedom : int
        Degrees of freedom of the residuals: sizes less parameters. One at a limit,
        such as a floor of zero, is not counted.
    known : dict
        What was known of the parameters, as pairs.
    """

    law: object
    parameters: dict
    p_value: float
    test: str
    statistic: float
    freedom: int
    known: dict
    _points: object
    _problem: object
    _theta: np.ndarray
    _cost: float

    @property
    def fits(self):
        """Whether the law passes its test at 5 %; None where there is none."""
        return None if np.isnan(self.p_value) else bool(self.p_value >= REFUSED)

    @cached_property
    def identified(self):
        """Whether the law passes its test and the points bound its main parameter.

        The ends of the 95 % interval then have one sign, and differ by less than a
        factor of two.
        """
        if not self.fits:
            return False
        low, high = sorted(map(abs, self.interval(self.law.main)))
        signs = np.sign(self.interval(self.law.main))
        return bool(signs[0] == signs[1] and high <= 2 * low)

    @property
    def residuals(self):
        """Log of the mean losses over the law, (n,), labelled like the curve."""
        points = self._points
        return like(points.labels, np.log(points.mean / self._values(points.x)[0]))

    def __call__(self, x):
        """Evaluate the law at `x` (any shape, positive), labels and all."""
        return like(x, self._values(positive("x", x))[0])

    def local_exponent(self, x):
        """The exponent -d log L/d log x at `x` (positive), labels and all."""
        return like(x, -self._values(positive("x", x))[1])

    def interval(self, parameter, level=LEVEL):
        """Interval of a parameter, from the profile of the misfit.

        It holds the values with which the law can be as good as Student's quantile
        allows. Errors are taken to be as large as the residuals say, where these are
        larger than the trials say.

        Parameters
        ----------
        parameter : str
            Its name, one of `parameters`.
        level : float, default 0.95
            Probability, above 0 and below 1.

        Returns
        -------
        (float, float)
            Lower and upper end. One that the points do not bound is infinite, or a
            limit of the law: no floor is below zero.

        Raises
        ------
        ValueError
            If the law has no such parameter, or `level` is out of range.
        """
        parameter = one_of("parameter", parameter, self.law.names)
        level = probability("level", level)
        column = self.law.names.index(parameter)
        problem, theta = self._problem, self._theta
        if self.law.parameters[column].kind == "amplitude" and problem.units[0]:
            # An amplitude is the excess at x = 1: there its logarithm is a coordinate.
            problem, theta = at_one(problem, theta)
        errors, scale = np.inf, 1.0
        if self.test == "chi-square":
            errors = self._points.freedom
        if self.test != "chi-square" or self._cost > self.freedom > 0:
            scale = self._cost / self.freedom if self.freedom else np.inf
            errors = min(errors, self.freedom)
        quantile = stdtrit(errors, (1 + level) / 2) if errors else np.inf
        rounding = (EXACT * problem.weight.max()) ** 2 * 1e-6
        threshold = self._cost + scale * quantile**2 + rounding
        ends = problem.profile(theta, self._cost, column, threshold)
        return tuple(
            reported(problem, column, end, limit, parameter in self.known)
            for end, limit in zip(ends, (-1, 1), strict=True)
        )

    def _values(self, x):
        size, loss = self._problem.units
        with np.errstate(over="ignore", under="ignore"):  # far away it is 0 or inf
            value, slope, _ = self.law.curve(
                self._theta[None], np.log(x).ravel() - size
            )
            value = np.exp(value + loss)
        return value.reshape(np.shape(x)), slope.reshape(np.shape(x))

    def __str__(self):
        if self.fits is None:
            verdict = "cannot be tested"
        else:
            verdict = "fits" if self.fits else "does NOT fit"
            verdict += f" ({self.test}, p = {self.p_value:.2g})"
        told = []
        for name, value in self.parameters.items():
            told.append(f"{name} {value:.4g}")
            low, high = self.known.get(name, (None, ""))
            if low == high:
                told[-1] += " (known)"
            elif name == self.law.main:
                low, high = self.interval(name)
                told[-1] += f" ({low:.3g} to {high:.3g})"
        open_ = "; these points do not determine it" * (not self.identified)
        return (
            f"{self.law.name} {verdict}: {', '.join(told)}{open_ if self.fits else ''}"
        )

    __repr__ = __str__


def fit(curve, law="floor", *, known=None, robust=False):
    r"""Fit a law to a learning curve by weighted least squares in logarithms.

    .. math:: \sum_i \left(\frac{\log \bar L_i - \log L(x_i; \theta)}
              {\sigma_i}\right)^2 \to \min

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        Losses with one dimension of increasing sizes and perhaps ``trial``, nan where
        a trial is missing; or sizes (n,) and losses (n,) or (n, trials). A coordinate
        ``error`` along the sizes holds standard errors of the mean, if these are known;
        otherwise trials tell them.
    law : str, default "floor"
        A key of `LAWS`: ``"power"``, ``"variance"``, ``"floor"``, ``"exponential"``,
        ``"saturating"`` or ``"break"``.
    known : dict, optional
        What is known of a parameter: a number, or a pair of numbers between which it
        lies, as in ``{"floor": (1.4, 1.6), "exponent": 0.5}``.
    robust : bool, default False
        Whether residuals beyond 1.345 errors count by their size and not by its square
        (Huber's loss), so that a few runs that failed do not decide. The test of fit
        still counts their squares.

    Returns
    -------
    LawFit

    Raises
    ------
    ValueError
        If `curve` holds no losses at increasing sizes, has hardly more sizes than the
        law has free parameters, or `law` or `known` is none that there is.

    Notes
    -----
    *Errors.* The mean of the trials has the scatter of the trials as its error. Three
    trials tell little: each size borrows four degrees of freedom from the medians of
    its neighbours and of all. With one run a size and no errors, the residuals must
    tell.

    *Test.* With errors, the sum of squares in errors (chi-square). Without, whether
    neighbouring residuals are alike by chance. Both, and the intervals, take the errors
    of different sizes to be independent. Where neighbours share half of their
    deviations, as nested training sets make them, 95 % intervals held 90 % of planted
    exponents, and a single curve was refused in every third case; of three trials whose
    scatter changes twenty-fold between neighbours, 14 % were.

    *Minimum.* Levenberg and Marquardt's method with exact derivatives, from up to
    sixty-four starts, regressions on a grid of what is not linear in the law. A break
    has many minima: on one real curve in twelve there was a deeper one, by more than a
    hundredth.

    Examples
    --------
    >>> x = 2.0 ** np.arange(6, 16)
    >>> noise = np.random.default_rng(1).normal(1, 0.01, (10, 5))
    >>> loss = (0.1 + x**-0.5)[:, None] * noise
    >>> found = fit((x, loss), "floor")
    >>> found.fits, f"{found.parameters['exponent']:.1f}"
    (True, '0.5')
    >>> fit((x, loss), "power").fits
    False
    """
    law = LAWS[one_of("law", law, LAWS)]
    data = points_of(curve)
    robust = truth("robust", robust)
    known = ranges(law, known)
    return fitted(data, law, known, robust)


def fitted(data, law, known, robust):
    """A fit of points that were checked."""
    problem = posed(data, law, known)
    needed = int((problem.low < problem.high).sum()) + 1
    if len(data.x) < needed:
        raise ValueError(
            f"curve must have at least {needed} sizes for the law {law.name!r}, got "
            f"{len(data.x)}; fix parameters by known=…, or take a law with fewer"
        )
    thetas, costs = problem.prefixes([len(data.x)])
    if robust:
        problem, thetas, costs = _robust(problem, thetas, data.freedom)
    theta, cost = thetas[0], float(costs[0])
    residual, gradient = problem.linearised(theta)
    freedom = len(data.x) - gradient.shape[1]
    test, p = "chi-square", np.nan
    if not data.freedom:
        test = "neighbours"
        if np.sqrt(np.mean(residual**2)) < EXACT:
            p = 1.0
        elif freedom >= 3:
            p = goodness.against_runs(residual, gradient)
    elif freedom:
        p = goodness.against_errors(residual, gradient, data)
    return LawFit(
        law,
        parameters(problem, theta),
        p,
        test,
        float(residual @ residual),
        freedom,
        known,
        data,
        problem,
        theta,
        cost,
    )


def _robust(problem, thetas, errors):
    """The fit by Huber's loss; without errors their size is that of the residuals."""
    if errors:
        problem = replace(problem, elbow=ELBOW)
        return problem, *problem.prefixes([len(problem.u)])
    for _ in range(4):
        residual, gradient = problem.linearised(thetas[0])
        share = max(1 - gradient.shape[1] / len(residual), 0.1)
        scale = 1.4826 * np.median(abs(residual)) / np.sqrt(share)
        problem = replace(problem, elbow=ELBOW * max(scale, EXACT))
        thetas, costs = problem.prefixes([len(problem.u)])
    return problem, thetas, costs
