r"""Gradient flow on the first P modes of a power law: the simplest law of compute."""

import numpy as np
from scipy.special import gammaln, hyp1f1, zeta

from scalinglib._input import number, positive, real_array
from scalinglib._labels import broadcast, like

__all__ = ["truncated_loss"]

_DIRECT = 400  # modes that are summed one by one
_AT_ONCE = 2**12  # sums whose terms are held in memory
LARGEST = 2.0**52  # number of modes: beyond it P + 1/2 is no float
LATEST = 1e300  # time


def truncated_loss(a, b, *, P, t):
    r"""Loss of gradient flow on the first P modes, the others never learned.

    .. math:: L = \sum_{k \le P} k^{-a} e^{-2 k^{-b} t} + \sum_{k > P} k^{-a}

    Parameters
    ----------
    a : float
        Exponent of the target's power, :math:`v_k^2 = k^{-a}`, from 1.001 to 31.
    b : float
        Exponent of the eigenvalues, :math:`\lambda_k = k^{-b}`, from 0.1 to 31.
    P : array_like or DataArray
        Number of modes, whole, from 1 to 2⁵².
    t : array_like or DataArray
        Time, from 0 to 10³⁰⁰; broadcast with `P`.

    Returns
    -------
    ndarray of the common shape, or a DataArray with its labels

    Raises
    ------
    ValueError
        If an argument is not one of these, or the shapes do not broadcast.

    Notes
    -----
    The first 400 modes are summed one by one. The others are an integral between half
    whole numbers K, with the first two corrections of Euler and Maclaurin's midpoint
    form, and with u = 2 K^(−b) t and s = (a − 1)/b it is in closed form:

    .. math::

       \int_K^\infty k^{-a} e^{-2 k^{-b} t} dk
       = \frac{K^{1-a}}{a-1} M(s, s+1, -u) ,

    Kummer's function M, which is an incomplete gamma function, s u^(−s) γ(s, u). A sum
    to 10¹² costs what one to 400 does, and is right to 1e-14.

    The literature's plane of 2405.15074 (λ_j = j^(−2α), coefficients j^(−β) of features
    of unit variance times λ_j^½) is b = 2α, a = 2(α + β).

    References
    ----------
    B. Bordelon, A. Atanasov, C. Pehlevan, "A dynamical model of neural scaling laws",
    arXiv:2402.01092 (2024); the modes cut off at P, without their random features, are
    a simplification made here.

    Examples
    --------
    >>> loss = truncated_loss(1.5, 2.0, P=[1, 10**12], t=1.0)
    >>> bool(abs(loss[0] - (np.exp(-2) + zeta(1.5) - 1)) < 1e-12)
    True
    """
    a, b = checked_exponents(a, b)
    given = _as_modes(P), _as_times(t)
    modes, times, template = broadcast(P=given[0], t=given[1])
    try:
        modes, times = np.broadcast_arrays(modes, times)
    except ValueError:
        raise ValueError(
            f"P and t must broadcast, got shapes {modes.shape} and {times.shape}"
        ) from None
    return like(template, loss_of_modes(a, b, modes, times))


def loss_of_modes(a, b, P, t):
    """Loss for checked arrays of one shape."""

    def terms(k, t):
        return k**-a * np.exp(-2 * k**-b * t)

    return direct(terms, P, t) + beyond(a, b, P, t) + zeta(a, P + 1)


def direct(terms, P, *arrays):
    """Sum of terms over the modes to P, or to 400; a block of settings at a time."""
    k = np.arange(1, _DIRECT + 1.0)
    columns = [x.reshape(-1, 1) for x in (P, *arrays)]
    total = np.empty(P.size)
    for start in range(0, P.size, _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        last, *rows = (column[block] for column in columns)
        total[block] = np.where(k <= last, terms(k, *rows), 0).sum(axis=1)
    return total.reshape(P.shape)


def beyond(a, b, P, t):
    """Sum of k^-a exp(-2 k^-b t) over the modes from 401 to P."""
    first, last = _DIRECT + 0.5, np.maximum(P, _DIRECT) + 0.5
    return _integral(a, b, first, t) - _integral(a, b, last, t)


def _integral(a, b, K, t):
    """The same sum over all modes beyond K, which is half a whole number."""
    u, s = 2 * K**-b * t, (a - 1) / b
    small = np.minimum(u, 1e3)  # of what is larger the exponential is zero
    # k d/dk of a term is p times it, k dp/dk is q, and k dq/dk is r.
    p, q, r = b * small - a, -(b**2) * small, b**3 * small
    third = p**3 + 3 * p * q + r - 3 * (p**2 + q) + 2 * p
    term = K**-a * np.exp(-small)
    correction = term * (p / (24 * K) - 7 * third / (5760 * K**3))
    # Kummer's function, or its limits for small and large u, where scipy's may be nan.
    limit = np.exp(gammaln(s + 1) - s * np.log(np.maximum(u, 1e3)))
    kummer = hyp1f1(s, s + 1, -np.maximum(small, 1e-20))
    share = np.where(u < 1e3, kummer, limit)
    return K ** (1 - a) / (a - 1) * share + correction


def checked_exponents(a, b):
    """The two exponents, where the sums are right."""
    a, b = number("a", a), number("b", b)
    for name, value, least in (("a", a, 1.001), ("b", b, 0.1)):
        if not least <= value <= 31:
            raise ValueError(f"{name} must be from {least} to 31, got {value:g}")
    return a, b


def _as_modes(P):
    """Whole numbers of modes, as floats; labels stay."""
    modes = positive("P", P)
    if (modes != np.floor(modes)).any() or modes.max(initial=1) > LARGEST:
        wrong = modes[(modes != np.floor(modes)) | (modes > LARGEST)][0]
        raise ValueError(f"P must be whole numbers from 1 to 2^52, got {wrong:g}")
    return like(P, modes)


def _as_times(t):
    """Times that are not negative, as floats; labels stay."""
    times = real_array("t", t).astype(float)
    if not ((times >= 0) & (times <= LATEST)).all():
        wrong = times[~((times >= 0) & (times <= LATEST))][0]
        raise ValueError(f"t must be times from 0 to {LATEST:g}, got {wrong:g}")
    return like(t, times)
