r"""Bracket a loss beyond the sizes that were run, with an interval."""

from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import above_zero, generator
from scalinglib.laws.curves import curve
from scalinglib.laws.power_law import fit_power_law
from scalinglib.laws.uncertainty import LEVEL, Estimate, stretch, tails

__all__ = ["Bracket", "bracket"]

STRAIGHT, FLOOR = 3, 4  # sizes from which each of the two extremes is fitted


@dataclass(frozen=True, eq=False)
class Bracket(Estimate):
    """A loss at a size that was not run, an `Estimate`.

    Attributes
    ----------
    value : float
        Half-way between the extremes, on a logarithmic axis.
    straight : float
        If the exponent stays what it was on average over the last three sizes.
    floor : float
        If what falls now falls to a floor.
    draws : ndarray
        A sample of the predictive distribution.

    Examples
    --------
    >>> guess = Bracket(0.2, 0.18, 0.22, np.linspace(0.18, 0.22, 1001))
    >>> f"{guess:.3f}", guess.covers(0.217, level=0.8)
    ('0.200 (0.181 to 0.219)', False)
    """

    value: float
    straight: float
    floor: float
    draws: np.ndarray = field(repr=False)

    def _ends(self, level):
        return np.quantile(self.draws, tails(level))


def bracket(x, loss=None, *, at, rng=None):
    r"""Bracket a loss far beyond the largest size, between two extremes.

    A learning curve that bends leaves its future open. Two readings bracket it as a
    rule: the average exponent of the last sizes goes on,

    .. math:: \log L = a - \alpha \log x \quad \text{through the last three sizes},

    or what falls now falls to a floor,

    .. math:: L = L_\infty + A x^{-\alpha} \quad \text{through the last four}.

    The forecast is half-way between them on a logarithmic axis. Its distribution takes
    every place between them to be equally likely, for every resample of the trials;
    deviations of the resamples are stretched as `scalinglib.laws.fit_power_law`
    stretches them, by a factor of nine for two trials and of 1.1 for twenty.

    Parameters
    ----------
    x : array_like, shape (n,), or DataArray
        Sizes, positive and increasing, n ≥ 4; or the whole curve as one DataArray with
        dimensions of sizes and ``trial``; then leave `loss` out.
    loss : array_like, shape (n, trials)
        Positive losses, falling on average; at least two trials, better ten.
    at : float
        Size at which the loss is forecast, above the largest of `x`.
    rng : None, int or numpy.random.Generator
        For the bootstrap and the place between the extremes.

    Returns
    -------
    Bracket

    Raises
    ------
    ValueError
        If there are fewer than four sizes or two trials, trials do not differ, the loss
        does not fall over the last sizes, `at` is not beyond them or so far that a loss
        is no float, or `scalinglib.laws.fit_power_law` does not take the data.

    Notes
    -----
    That no more than this can be said without knowing the law, and that the middle is
    a good guess, is experience and not theory. On kernel regression of images the
    rule was chosen on four samples and tried on a fifth: chapter 6 of the course. There
    the interval of 90 % held the truth in 45 games of 45, on five samples of one data
    set: it may be too wide.

    Examples
    --------
    >>> x, rng = np.array([64.0, 128, 256, 512]), np.random.default_rng(0)
    >>> def law(x):  # the exponent falls
    ...     return 2 * x**-0.5 + 0.2 * x**-0.1
    >>> loss = law(x)[:, None] * rng.normal(1, 0.01, (4, 20))
    >>> guess = bracket(x, loss, at=8192, rng=0)
    >>> guess.straight < law(8192) < guess.floor
    True
    """
    x, loss = curve(x, loss)
    if len(x) < FLOOR:
        raise ValueError(f"x must hold at least {FLOOR} sizes, got {len(x)}")
    at = above_zero("at", at)
    if at <= x[-1]:
        raise ValueError(f"at must be beyond the largest size {x[-1]:g}, got {at:g}")
    tail = loss[-STRAIGHT:]
    if loss.shape[1] < 2 or not (np.ptp(tail, axis=1) > 0).all():
        raise ValueError("loss must have at least two trials, and they must differ")
    rng = generator(rng)
    seed = rng.integers(2**32)  # the same trials in both bootstraps
    straight = fit_power_law(x[-STRAIGHT:], tail, rng=seed)
    mean = loss.mean(axis=1)
    if straight.exponent <= 0 or mean[-FLOOR] <= mean[-1]:
        raise ValueError(
            f"loss must fall over the last sizes, its means are {mean[-FLOOR:]}"
        )
    floor = fit_power_law(x[-FLOOR:], loss[-FLOOR:], offset="fit", rng=seed)
    with np.errstate(all="ignore"):  # judged below
        ends = np.log([straight(at), floor(at)])
        noise = [_scatter(fit, at) for fit in (straight, floor)]
        between = rng.random(len(noise[0]))
        draws = np.exp(
            (1 - between) * (ends[0] + noise[0]) + between * (ends[1] + noise[1])
        )
    if not (np.isfinite(ends).all() and np.isfinite(draws).all()):
        raise ValueError(f"at must be closer to the sizes that were run, got {at:g}")
    return Bracket(float(np.exp(ends.mean())), *np.exp(ends).tolist(), draws)


def _scatter(fit, at):
    """Deviations of the logarithm of a fitted law at one size, over resamples."""
    log_a, alpha, offset = fit.resamples.T
    resolved = np.isfinite(alpha)
    fall = np.where(resolved, log_a - np.where(resolved, alpha, 0) * np.log(at), 0)
    with np.errstate(divide="ignore"):
        logs = np.logaddexp(np.log(offset), np.where(resolved, fall, -np.inf))
    stretched = stretch(LEVEL, fit.observations, fit.freedom)
    return stretched * (logs - np.log(fit(at)))
