r"""Laws as data: what a loss can be as a function of size.

A law is a `Law` in the dictionary `LAWS`; a new one takes an entry there and touches
nothing else. Inside a fit, sizes are logarithms :math:`u = \log x` from some unit, and
losses stand in some unit too; `Parameter.kind` says how a parameter depends on them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from scalinglib.laws import starting

__all__ = ["LAWS", "Law", "Parameter"]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a law.

    Attributes
    ----------
    name : str
        As in ``fit.parameters``.
    kind : str
        ``"loss"`` (fitted as it is), ``"high loss"`` (as -1/loss, for it may be
        infinite), ``"amplitude"`` (logarithm of a loss at x = 1), ``"size"``
        (logarithm), ``"exponent"`` (as it is) or ``"number"`` (logarithm of a positive
        number).
    least : float
        Smallest value there can be; an interval that reaches it ends there.
    """

    name: str
    kind: str
    least: float = 0.0

    @property
    def logarithmic(self):
        """Whether its logarithm is fitted."""
        return self.kind not in ("loss", "high loss", "exponent")


@dataclass(frozen=True, repr=False)
class Law:
    """A law of learning curves.

    Attributes
    ----------
    name, formula, source : str
        What it is called, what it says, and who proposed it.
    parameters : tuple of Parameter
        In the order of the columns of theta.
    main : str
        The parameter that a fit is asked for first.
    curve : callable
        ``curve(theta, u)`` with theta (B, p) and u (n,) returns log L (B, n), its
        derivative by u (B, n) and by theta (B, n, p).
    limits : callable
        ``limits(u, loss)`` returns the lowest and the highest theta, (p,) each.
    starts : callable
        ``starts(u, loss, weight, low, high)`` returns values to start from (B, p).
    order : str or float
        The exponent by which the amplitude depends on the unit of x.
    """

    name: str
    formula: str
    source: str
    parameters: tuple
    main: str
    curve: Callable
    limits: Callable
    starts: Callable
    order: str | float = 0.0

    @property
    def names(self):
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    def __repr__(self):
        return f"<law {self.name}: {self.formula}>"


def _columns(theta):
    return (theta[:, [k]] for k in range(theta.shape[1]))


def _on_floor(floor, log_excess, steepness, *derivatives):
    """Log L, slope and gradient of L = E + exp(log_excess)."""
    with np.errstate(divide="ignore", over="ignore"):  # log 0 = -inf adds nothing
        log_loss = np.logaddexp(np.log(floor), log_excess)
        share, inverse = np.exp(log_excess - log_loss), np.exp(-log_loss)
    gradient = [inverse, *(share * each for each in derivatives)]
    gradient = np.stack(np.broadcast_arrays(*gradient), axis=-1)
    return log_loss, share * steepness, gradient


# -- a power, with and without a floor -------------------------------------------------


def _power(theta, u):
    a, alpha = _columns(theta)
    gradient = np.stack(np.broadcast_arrays(np.ones_like(a), -u), axis=-1)
    return a - alpha * u, -alpha + 0 * u, gradient


def _floor(theta, u):
    floor, a, alpha = _columns(theta)
    return _on_floor(floor, a - alpha * u, -alpha, 1.0, -u)


def _variance(theta, u):
    floor, a = _columns(theta)
    return _on_floor(floor, a - u, -1.0, 1.0)


def _exponential(theta, u):
    floor, a, tau = _columns(theta)
    ratio = np.exp(np.minimum(u - tau, 40.0))  # beyond, exp(-ratio) is zero
    return _on_floor(floor, a - ratio, -ratio, 1.0, ratio)


def _break(theta, u):
    floor, a, early, alpha, place, width = _columns(theta)
    width = np.exp(width)
    z = (u - place) / width
    soft, step = np.logaddexp(0, z), expit(z)
    log_excess = a - early * u - (alpha - early) * width * soft
    bend = alpha - early
    return _on_floor(
        floor,
        log_excess,
        -early - bend * step,
        1.0,
        -u + width * soft,
        -width * soft,
        bend * step,
        -bend * width * (soft - z * step),
    )


def _saturating(theta, u):
    """Solve z + (a - 1) log(1 + e^z) = r for z = logit((L - E)/(L0 - E)).

    Newton's method from the asymptote converges from one side for all a > 0, for the
    left-hand side is increasing, and convex or concave throughout.
    """
    floor, top, k, c, shape = _columns(theta)
    top, shape = -1 / top, np.exp(shape)
    width = np.maximum(top - floor, 1e-9 * top)
    r = k - c * u - np.log(width)
    z = np.where(r > 0, r / shape, r)
    for _ in range(30):
        small = np.exp(-abs(z))
        soft = np.maximum(z, 0) + np.log1p(small)
        step = np.where(z > 0, 1, small) / (1 + small)
        change = (z + (shape - 1) * soft - r) / (1 + (shape - 1) * step)
        z = z - change
        if np.max(abs(change)) < 1e-6:  # quadratic: what is left is rounding
            break
    soft, high, low = np.logaddexp(0, z), expit(z), expit(-z)
    share = high * low / (1 + (shape - 1) * high)
    loss = floor * low + (floor + width) * high
    rise = width * share / loss
    gradient = np.broadcast_arrays(
        (low + share) / loss,
        top**2 * (high - share) / loss,
        rise,
        -u * rise,
        -rise * shape * soft,
    )
    return np.log(loss), -c * rise, np.stack(gradient, axis=-1)


# -- the laws --------------------------------------------------------------------------

FLOOR = Parameter("floor", "loss")
AMPLITUDE = Parameter("amplitude", "amplitude")
EXPONENT = Parameter("exponent", "exponent")

#: The laws by name, from the one with the fewest parameters on.
LAWS = {
    law.name: law
    for law in (
        Law(
            "power",
            "A x^-exponent",
            "",
            (AMPLITUDE, Parameter("exponent", "exponent", -np.inf)),
            "exponent",
            _power,
            starting.limited("A", "any"),
            starting.line_starts,
            "exponent",
        ),
        Law(
            "variance",
            "E + A/x",
            "Y. Bahri, E. Dyer, J. Kaplan, J. Lee and U. Sharma, Explaining neural "
            "scaling laws, PNAS 121 (2024): variance-limited",
            (FLOOR, AMPLITUDE),
            "amplitude",
            _variance,
            starting.limited("E", "A"),
            starting.variance_starts,
            1.0,
        ),
        Law(
            "floor",
            "E + A x^-exponent",
            "",
            (FLOOR, AMPLITUDE, EXPONENT),
            "exponent",
            _floor,
            starting.limited("E", "A", "alpha"),
            starting.floor_starts,
            "exponent",
        ),
        # Not stretched, exp(-(x/scale)^k): with k < 1/2 that imitates a power law over
        # any range of sizes that is measured, and tells nothing apart.
        Law(
            "exponential",
            "E + A exp(-x/scale)",
            "",
            (FLOOR, AMPLITUDE, Parameter("scale", "size")),
            "scale",
            _exponential,
            starting.limited("E", "A tau", "tau"),
            starting.exponential_starts,
        ),
        Law(
            "saturating",
            "(L - E)/((L0 - L)/(L0 - E))^shape = A x^-exponent, L0 the ceiling",
            "I. Alabdulmohsin, B. Neyshabur and X. Zhai, Revisiting neural scaling "
            "laws in language and vision, NeurIPS 35 (2022), arXiv:2209.06640: M4",
            (
                FLOOR,
                Parameter("ceiling", "high loss"),
                AMPLITUDE,
                EXPONENT,
                Parameter("shape", "number"),
            ),
            "exponent",
            _saturating,
            starting.limited("low", "high", "A", "alpha", "shape"),
            starting.saturating_starts,
            "exponent",
        ),
        Law(
            "break",
            "E + A x^-early (1 + (x/place)^(1/width))^(-width (exponent - early))",
            "E. Caballero, K. Gupta, I. Rish and D. Krueger, Broken neural scaling "
            "laws, ICLR (2023), arXiv:2210.14891: one break",
            (
                FLOOR,
                AMPLITUDE,
                Parameter("early", "exponent", -np.inf),
                EXPONENT,
                Parameter("place", "size"),
                Parameter("width", "number"),
            ),
            "exponent",
            _break,
            starting.limited("E", "A", "any", "alpha", "inside", "width"),
            starting.break_starts,
            "early",
        ),
    )
}
