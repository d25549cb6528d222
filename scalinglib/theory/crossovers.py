r"""At which sizes a learning curve of kernel ridge regression passes to another regime.

Eigenvalues are :math:`\lambda_k = k^{-b}`, the target has the power
:math:`v_k^2 = k^{-a}`, and the regimes are those of `kernel_regime`.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import beta, zeta

from scalinglib._input import number
from scalinglib.theory.regimes import above_one, ridge_falls

__all__ = ["Crossover", "kernel_crossovers"]

FAR = 1e4  # logit of the modes' share of D beyond which nothing is looked for
LARGEST = np.log(1e300)


class Crossover(NamedTuple):
    r"""Where a learning curve passes from one regime to another.

    Attributes
    ----------
    D : float
        Number of points.
    before, after : str
        Names of the regimes, as in `kernel_regime`.
    exponent_before, exponent_after : float
        η of excess :math:`\sim D^{-\eta}` in each.
    """

    D: float
    before: str
    after: str
    exponent_before: float
    exponent_after: float


def kernel_crossovers(a, b, *, noise, ridge=0.0, ridge_exponent=0.0):
    r"""Data sizes at which the excess loss passes from one regime to the next.

    Where noise and bias change places, both have the same excess; where the ridge and
    the number of points do, or the ridge is the best, the local exponent is halfway.

    Parameters
    ----------
    a : float
        Exponent of the target's power, above 1, and not 2b + 1, where the bias is no
        power.
    b : float
        Exponent of the eigenvalues, above 1.
    noise : float
        σ² ≥ 0, variance of the labels' noise.
    ridge : float or "best", default 0.0
        :math:`\delta_0 \ge 0` of the ridge :math:`\delta = \delta_0 D^{-l}` that is
        added to K; or the best ridge at each D.
    ridge_exponent : float, default 0.0
        l > −1.

    Returns
    -------
    list of Crossover
        In the order of D, those with 1 < D < 10³⁰⁰; empty where one regime rules
        throughout.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    For large D and small κ, with p = min((a − 1)/b, 2) and c = 1 − 1/b,

    .. math::

       z = A \kappa^{-1/b}, \quad q = c z, \quad \text{bias} = B \kappa^p, \qquad
       A = \frac{\pi/b}{\sin(\pi/b)}, \quad
       B = \frac{\Gamma(p) \Gamma(2 - p)}{b} \; \text{or} \; \zeta(a - 2b) ,

    the latter for a > 2b + 1. With the modes' share w = z / D, for which
    :math:`D^{b - 1 - l} = A^b (1 - w) / (\delta_0 w^b)`, the whole curve is

    .. math::

       L - \sigma^2 = \frac{B \kappa^p + \sigma^2 c w}{1 - c w}, \qquad
       \kappa = \Bigl(\frac{A}{w D}\Bigr)^b .

    The two terms are equal where :math:`B \kappa^p = \sigma^2 c w`: without a ridge,
    w = 1, at :math:`D = A \, (B / (\sigma^2 c))^{1/(b p)}`. The local exponents of
    either term are rational in w, and to be halfway is a quadratic equation. At the
    best ridge the local exponent is b p times the bias's share of the numerator,
    1 / ((1 + b p)(1 − c w)). For a > b the best ridge is zero until D is so large that
    noise has a share of its own.

    The next terms are smaller by κ to some power: D should be far above one, and a not
    close to 2b + 1. Between cross-overs that are close no regime is reached.

    References
    ----------
    H. Cui, B. Loureiro, F. Krzakala, L. Zdeborová, arXiv:2105.15004, has the cross-over
    to noise at a power of it; read were its introduction and one legend. Constants are
    derived here.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> (first,) = kernel_crossovers(2.0, 2.0, noise=1e-4)
    >>> first.before, first.after, round(first.D)
    ('noiseless ridgeless', 'noisy ridgeless', 24674)

    On its plateau the excess is that of the noise, until a constant ridge helps:

    >>> [round(at.D) for at in kernel_crossovers(2.0, 2.0, noise=1e-4, ridge=1e-7)]
    [24723, 6168503]
    """
    a, b = above_one("a", a), above_one("b", b)
    noise = number("noise", noise, least=0)
    if a == 2 * b + 1:
        raise ValueError(
            f"a must not be 2 b + 1, got a = {a:g}, b = {b:g}: there the bias has a "
            "logarithm; take another a"
        )
    falls = ridge_falls(number("ridge_exponent", ridge_exponent))
    best = isinstance(ridge, str) and ridge == "best"
    if isinstance(ridge, str) and not best:
        raise ValueError(f"ridge must be a number >= 0 or 'best', got {ridge!r}")
    curve = _Curve(a, b, noise, falls)
    if best:
        passes = curve.best()
    elif (ridge := number("ridge", ridge, least=0)) == 0:
        passes = curve.constant_share(np.inf)  # w = 1
    elif falls == b:  # the share is the same for all D
        log_ridge = np.log(ridge) - b * curve.log_A
        passes = curve.constant_share(
            brentq(lambda u: log_ridge - _log_rest(u) + b * _log_share(u), -FAR, FAR)
        )
    else:
        passes = curve.with_ridge(np.log(ridge))
    return [at for at in passes if 1 < at.D < np.inf]


class _Curve:
    """The law of large D, by the logit u of the modes' share w."""

    def __init__(self, a, b, noise, falls):
        self.b, self.falls, self.c = b, falls, 1 - 1 / b
        self.p = p = min((a - 1) / b, 2.0)
        self.log_A = np.log((np.pi / b) / np.sin(np.pi / b))
        self.log_B = np.log(zeta(a - 2 * b) if p == 2 else beta(p, 2 - p) / b)
        with np.errstate(divide="ignore"):
            self.log_noise = np.log(noise * self.c)
        self.exponents = {
            "noiseless ridgeless": b * p,
            "noiseless ridge": falls * p,
            "noisy ridge": 1 - falls / b,
            "noisy ridgeless": 0.0,
        }

    def step(self, log_D, before, after):
        """One cross-over."""
        D = np.exp(log_D) if log_D < LARGEST else np.inf
        return Crossover(
            float(D), before, after, self.exponents[before], self.exponents[after]
        )

    def constant_share(self, u):
        """Noise takes over from bias, and nothing else happens."""
        if self.log_noise == -np.inf:
            return []
        log_w = _log_share(u)
        log_D = self.log_A - log_w
        log_D += (self.log_B - self.log_noise - log_w) / (self.b * self.p)
        return [self.step(log_D, "noiseless ridgeless", "noisy ridgeless")]

    def best(self):
        """Halfway between the exponents with the best ridge at each D."""
        if self.log_noise == -np.inf:
            return []
        fall = self.b * self.p
        self.exponents["noisy ridge"] = fall / (1 + fall)
        w = min(fall / (2 + fall) / self.c, 1.0)
        if w < 1:  # stationary: B κ^p / (σ² c w) from the derivative by w
            log_ratio = -np.log(fall - self.c * w * (1 + fall))
        else:  # no ridge yet; the bias has the share that is halfway
            log_ratio = np.log((2 + fall) / fall)
        log_D = self.log_A - np.log(w)
        log_D += (self.log_B - self.log_noise - np.log(w) - log_ratio) / fall
        return [self.step(log_D, "noiseless ridgeless", "noisy ridge")]

    def with_ridge(self, log_ridge):
        """All that happens with a ridge, in the order of D."""
        b, slope = self.b, self.b - self.falls  # of (1 − w) / w^b with D

        def log_D(u):
            log_power = b * self.log_A - log_ridge + _log_rest(u) - b * _log_share(u)
            return log_power / slope

        def excess(u):
            """Logarithm of bias over noise."""
            log_kappa = b * (self.log_A - _log_share(u) - log_D(u))
            return self.log_B + self.p * log_kappa - self.log_noise - _log_share(u)

        # With a ridge that falls slowly the modes have all of D first, or else last.
        start = FAR if slope > 0 else -FAR
        noisy, ridge = False, slope < 0
        at = self.halfway_bias()
        events = []
        if self.log_noise > -np.inf:
            noisy = excess(start) < 0
            if excess(at) < 0:
                at = self.halfway_noise()
            events = [(log_D(u), "noise") for u in self.equal(excess)]
        events.append((log_D(at), "ridge"))
        passes, before = [], _name(noisy, ridge)
        for size, kind in sorted(events):
            noisy, ridge = noisy ^ (kind == "noise"), ridge ^ (kind == "ridge")
            after = _name(noisy, ridge)
            passes.append(self.step(size, before, after))
            before = after
        return passes

    def equal(self, excess):
        """Where bias and noise are equal: at most once on each side of a turn."""
        gain = 1 - self.falls / self.b - self.p * self.falls
        turn = [np.log(gain / self.p)] if gain > 0 else []
        edges = [-FAR, *turn, FAR]
        return [
            brentq(excess, low, high)
            for low, high in pairwise(edges)
            if excess(low) * excess(high) < 0
        ]

    def halfway_bias(self):
        """Where the local exponent of the bias is halfway, a quadratic in w."""
        p, falls, c = self.p, self.falls, self.c
        half, rest = p * (self.b + falls) / 2, c * (1 - falls / self.b)
        square = p * c * (falls - 1) - rest - half * c**2
        linear = p * (1 - falls - c * falls) + rest + 2 * half * c
        return _logit_between(square, linear, p * falls - half)

    def halfway_noise(self):
        """The same for noise, (1 − c w)² = 2 (1 − w)."""
        return _logit_between(self.c**2, 2 - 2 * self.c, -1.0)


def _name(noisy, ridge):
    """Name of a regime."""
    return f"{'noisy' if noisy else 'noiseless'} {'ridge' if ridge else 'ridgeless'}"


def _log_share(u):
    """Logarithm of w = 1 / (1 + e^-u)."""
    return -np.logaddexp(0, -u)


def _log_rest(u):
    """Logarithm of 1 − w."""
    return -np.logaddexp(0, u)


def _logit_between(square, linear, constant):
    """Logit of the one root from 0 to 1."""
    roots = np.roots([square, linear, constant]).real
    w = min(roots, key=lambda root: abs(root - 0.5))
    return np.log(w) - np.log1p(-w)
