r"""Loss over training time, lazy and rich: a model of two layers that one can solve."""

from typing import NamedTuple

import numpy as np
from scipy.integrate import cumulative_simpson
from scipy.interpolate import CubicHermiteSpline

from scalinglib._input import number, positive, real_array

__all__ = ["Training", "gradient_flow"]

_STEPS = 64  # of the quadrature, for each factor of ten in time


class Training(NamedTuple):
    """What gradient flow has done at some times.

    Attributes
    ----------
    loss : (n,) ndarray
        Power of the target that is not learned yet.
    growth : (n,) ndarray
        Kernel over the kernel at the start.

    Examples
    --------
    >>> gradient_flow([0.0], lam=[1.0], v2=[2.0]).loss.tolist()
    [2.0]
    """

    loss: np.ndarray
    growth: np.ndarray


def gradient_flow(t, *, lam, v2, richness=0.0):
    r"""Loss of a two-layer linear model over training time, lazy or rich.

    .. math::

       L = \sum_k v_k^2 e^{-2 \lambda_k \tau}, \qquad
       \frac{d\tau}{dt} = \frac{1 + \sqrt{1 + 4 \gamma^2 S(\tau)}}2, \qquad
       S = \sum_k \frac{v_k^2}{\lambda_k} \bigl(1 - e^{-\lambda_k \tau}\bigr)^2

    The lazy model, γ = 0, learns mode k at the rate λ_k. In the rich one the layers
    grow as they learn, the kernel with them, and the clock τ of all modes runs faster.
    If λ_k ~ k^(−1/ν) and :math:`L(\tau) \sim \tau^{-\beta}`, then S grows as
    :math:`\tau^{1 - \beta}` as long as β < 1, and

    .. math:: L(t) \sim t^{-\beta \max(1, \, 2 / (1 + \beta))} .

    Parameters
    ----------
    t : (n,) array_like
        Times ≥ 0, in units in which mode k is learned lazily at the rate λ_k.
    lam : (M,) array_like
        Eigenvalues λ_k > 0 of the kernel at the start.
    v2 : (M,) array_like
        Power v_k² ≥ 0 of the target in each mode.
    richness : float, default 0.0
        γ ≥ 0.

    Returns
    -------
    Training
        ``loss`` L and ``growth`` dτ/dt, both (n,).

    Raises
    ------
    ValueError
        If an argument is not one of these, or lengths differ.

    Notes
    -----
    Let f = (a/γ) Σ b_k ψ_k with one number a and a vector b of readouts, a = 1 and
    b = 0 at the start. Gradient flow conserves a² − b·b = 1, so that the kernel a²
    that all modes see follows from the norm of what is learned, γ²S = a²(a² − 1). What
    is neglected is the growth along b itself, where most of the target is learned. With
    many modes, in the window of a power law, the exact flow has the same exponents at
    losses of one half to one of these. With few modes, and for what the first modes
    hold, what is neglected is not small: it nearly doubles their last rate.

    The clock is right to 1e-6, and so is a loss that is not yet exponentially small.

    A finite number of modes ends the law: what is told of a power law's loss is too low
    by the share of its power beyond the last mode.

    References
    ----------
    B. Bordelon, A. Atanasov, C. Pehlevan, "How feature learning can improve neural
    scaling laws", arXiv:2409.17858 (2024), where the exponent comes from; the model and
    its clock are derived anew here.

    Examples
    --------
    >>> k = np.arange(1, 100_001.0)
    >>> hard = {"lam": k**-2, "v2": k**-2}  # β = 1/2
    >>> for richness in (0.0, 10.0):
    ...     early, late = gradient_flow([1e2, 1e3], richness=richness, **hard).loss
    ...     print(round(np.log10(early / late), 2))
    0.5
    0.67
    """
    t = real_array("t", t).astype(float)
    lam, v2 = positive("lam", lam), real_array("v2", v2).astype(float)
    richness = number("richness", richness, least=0)
    if t.ndim != 1 or not t.size or not np.isfinite(t).all() or t.min() < 0:
        raise ValueError(f"t must be finite times >= 0 in one dimension, got {t}")
    if lam.ndim != 1 or not lam.size:
        raise ValueError(f"lam must be (M,), not empty, got {lam.shape}")
    if v2.shape != lam.shape or not np.isfinite(v2).all() or v2.min() < 0:
        raise ValueError(
            f"v2 must be {lam.shape} as lam is, finite and not negative, got "
            f"{v2.shape} from {v2.min() if v2.size else None}"
        )
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _solved(t, lam, v2, richness)
    if not all(np.isfinite(values).all() for values in found):
        raise ValueError(
            "richness, v2, lam or t must be smaller: the result overflows; the largest "
            f"are {richness:g}, {v2.max():g}, {lam.max():g} and {t.max():g}"
        )
    return found


def _solved(t, lam, v2, richness):
    """Loss and growth, not finite if something overflows."""
    tau = t if richness == 0 or not v2.any() else _clock(t, lam, v2, richness)
    loss = _at(tau, lam, lambda x: np.exp(-2 * x) @ v2)
    return Training(loss, _growth(tau, lam, v2, richness))


def _growth(tau, lam, v2, richness):
    """Kernel over that at the start, dτ/dt."""
    # v² (1 - e^(-x))² / λ with x = λτ, as v² τ times a number from 0 to 1/2: a quotient
    # v²/λ might overflow.
    learned = tau * _at(tau, lam, lambda x: _share_of(x) @ v2)
    return (1 + np.hypot(1, 2 * richness * np.sqrt(learned))) / 2


def _share_of(x):
    """(1 - e^(-x))² / x, which is x for small x."""
    return np.divide(np.expm1(-x) ** 2, x, out=np.zeros_like(x), where=x > 0)


def _at(tau, lam, sum_over_modes):
    """A sum over modes of what λτ determines, for each time, some at once."""
    parts = np.array_split(tau, max(1, tau.size * lam.size // 2**22))
    return np.concatenate([sum_over_modes(np.outer(part, lam)) for part in parts])


def _merged(lam, v2):
    """Neighbours as one mode, where λ differs by less than a thousandth.

    It has their power and its mean λ, so that sums of smooth functions of log λ are
    wrong by a ten-millionth; of 200 000 modes of a power law a twentieth is left.
    """
    held = v2 > 0
    lam, v2 = lam[held], v2[held]
    _, where = np.unique(np.floor(1000 * np.log(lam)), return_inverse=True)
    share = v2 / v2.max()
    power = np.bincount(where, share)
    mean = np.bincount(where, share * (lam / lam.max())) / power
    # A power that is nothing beside the largest may leave no mean.
    kept = power * mean > 0
    return mean[kept] * lam.max(), power[kept] * v2.max()


def _clock(t, lam, v2, richness):
    """τ at the times t: the integral of dt = dτ / growth, turned around.

    At first τ = t: until modes are learned or the kernel has grown, at the rate
    γ √Σ v²λ. From there on τ runs no slower than t, and dt = (τ / growth) d log τ.
    """
    fastest = max(lam.max(), richness * np.sqrt((v2 * lam).sum()))
    first, (lam, v2) = 1e-3 / fastest, _merged(lam, v2)
    if not first > 0:
        return np.full_like(t, np.nan)
    if t.max() <= first:
        return t
    tau, slow, found = np.array([first]), np.empty(0), np.empty(0)
    while not len(found) or found[-1] < t.max():
        end = max(t.max(), 10 * tau[-1])
        more = int(_STEPS * (np.log10(end) - np.log10(tau[-1]))) + 2
        part = np.geomspace(tau[-1], end, more)
        tau = np.concatenate([tau, part[1:]]) if len(slow) else part
        new = part[1:] if len(slow) else part
        slow = np.concatenate([slow, new / _growth(new, lam, v2, richness)])
        found = first + cumulative_simpson(slow, x=np.log(tau), initial=0.0)
    # Both ends of every step are known with their slopes, d log τ / d log t.
    inside = CubicHermiteSpline(np.log(found), np.log(tau), found / slow)
    return np.where(t <= first, t, np.exp(inside(np.log(np.maximum(t, first)))))
