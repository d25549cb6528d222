r"""Learning curves whose exponent wanders: a mixture of Gaussian processes.

The logarithm of a loss is a level, a shape and a deviation,

.. math:: \log L(x) = \ell + m(u) + \int^u \delta(v)\,dv + \text{noise},
          \qquad u = \log x,

with one of the shapes of `shapes_at`, and an exponent that differs from that of the
shape by a Gaussian process :math:`\delta`. Every shape with every process and every
size of the noise is a component; how well it describes the points is its evidence.
"""

from dataclasses import dataclass

import numpy as np

# Shapes, relative to the last size: exponents, shares of a floor in the last loss,
# rates at which an exponent grows, places at which a fall sets in and where it ends.
EXPONENTS = np.geomspace(0.04, 2.0, 10)
SHARES = np.array([0.0, 0.25, 0.5, 0.7, 0.85, 0.95])
LATE, RATES = np.geomspace(0.05, 0.8, 5), np.array([0.35, 0.7, 1.2])
STEEP, PLACES, SOFT = np.geomspace(0.3, 2.4, 4), np.array([-1.0, 0.0, 1.0]), 0.5
ENDS = np.array([0.0, 0.2, 0.5])  # floors on which a fall that sets in ends
#: Families of shapes, in the order of `shapes_at`, and how many belong to each.
FAMILIES = {
    "constant": 1,
    "power": len(EXPONENTS),
    "floor": len(EXPONENTS) * (len(SHARES) - 1),
    "accelerating": len(LATE) * len(RATES),
    "setting in": len(STEEP) * len(PLACES) * len(ENDS),
}
# Deviations of the exponent: how large, over how many e-folds of size they last.
SIZES = np.array([0.02, 0.05, 0.12, 0.3, 0.8])
LENGTHS = 1.0, 3.0
TRANSIENT = 1.5, 2.0, 2.0  # length, decay from the first size on, factor of the size
NOISE = np.array([0.5, 1.0, 2.0, 4.0])  # in known errors
UNKNOWN = np.array([0.004, 0.012, 0.04, 0.12, 0.36])  # of log L where none are known
LATEST = 3  # sizes whose errors tell that of the next measurement
LEAST = 0.003  # error of log L: nothing is known better


@dataclass(frozen=True, eq=False)
class Components:
    """What each component says.

    Attributes
    ----------
    evidence : ndarray, shape (shapes, processes, noises)
        Log of the probability of the points, up to a constant.
    mean, variance : ndarray, shape (shapes, processes, noises, targets)
        Of log L at the targets, where the noise is not counted.
    noise : ndarray, shape (noises,)
        Standard deviation of a measurement like the last ones.
    pace : (float, float)
        Least and largest slope of y over all points and over their last half.
    """

    evidence: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    noise: np.ndarray
    pace: tuple


def shapes_at(x):
    """The shapes (M, n) at log sizes x from the last one, where they are zero."""
    share, alpha = SHARES[:, None, None], EXPONENTS[:, None]
    laws = np.log(share + (1 - share) * np.exp(-alpha * x))
    rate = RATES[:, None, None]
    growing = -LATE[:, None] / rate * np.expm1(np.minimum(rate * x, 50.0))
    place = PLACES[:, None, None]
    onset = np.logaddexp(0, (x - place) / SOFT) - np.logaddexp(0, -place / SOFT)
    end = ENDS[:, None, None, None]
    onset = np.log(end + (1 - end) * np.exp(-STEEP[:, None] * SOFT * onset))
    parts = (part.reshape(-1, len(x)) for part in (laws, growing, onset))
    return np.concatenate([np.zeros((1, len(x))), *parts])


def components(u, y, error, targets):
    """Evidence and forecasts of all components.

    Parameters
    ----------
    u, y : ndarray, shape (n,)
        Log sizes and log losses.
    error : ndarray, shape (n,), or None
        Standard errors of y; None if nothing tells them.
    targets : ndarray, shape (T,)
        Log sizes.
    """
    n = len(u)
    if error is None:
        error, noise = np.ones(n), UNKNOWN
    else:
        error, noise = np.hypot(error, LEAST), NOISE
    ones, rest = 1 / error, (y - shapes_at(u - u[-1])) / error
    ahead = shapes_at(targets - u[-1])
    found = []
    for sizes, here, there, self_ in _processes(u, targets):
        # In the basis of the process, in units of the errors, all is diagonal.
        spectrum, basis = np.linalg.eigh(here / error[:, None] / error)
        level, points = basis.T @ ones, rest @ basis
        cross = basis.T @ (there / error[:, None])
        q = np.repeat(sizes**2, len(noise))[:, None]
        total = q * np.maximum(spectrum, 0) + np.tile(noise**2, len(sizes))[:, None]
        weight = 1 / total
        weighted = weight * level
        sure = weighted @ level
        height = (points @ weighted.T) / sure  # the level, by generalised least squares
        misfit = np.maximum((points**2) @ weight.T - height**2 * sure, 0)
        evidence = -0.5 * (misfit + np.log(total).sum(axis=1) + np.log(sure))
        gain = q[:, None] * cross.T * weight[:, None]  # (C, T, n)
        missing = 1 - gain @ level
        mean = ahead[:, None] + height[..., None] * missing
        mean = mean + np.einsum("mn,ctn->mct", points, gain)
        variance = q * (self_ - np.einsum("ctn,nt->ct", gain, cross))
        variance = np.maximum(variance, 0) + missing**2 / sure[:, None]
        shape = (*height.shape[:1], len(sizes), len(noise))
        found.append(
            (
                evidence.reshape(shape),
                mean.reshape(*shape, -1),
                np.broadcast_to(variance, mean.shape).reshape(*shape, -1),
            )
        )
    joined = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    back = 0, min(n // 2, n - 3) if n > 3 else 0
    slopes = [(y[-1] - y[k]) / (u[-1] - u[k]) for k in back]
    pace = min(slopes), max(slopes)
    return Components(*joined, noise * np.median(error[-LATEST:]), pace)


def _processes(u, targets):
    """Sizes, covariances of the points, with the targets, and of each target."""
    n, t = len(u), len(targets)
    yield np.zeros(1), np.zeros((n, n)), np.zeros((n, t)), np.zeros(t)
    x, ahead = u - u[-1], targets - u[-1]
    for length in LENGTHS:
        yield (
            SIZES,
            _stationary(x[:, None], x, length),
            _stationary(x[:, None], ahead, length),
            _stationary(ahead, ahead, length),
        )
    x, ahead = u - u[0], targets - u[0]
    yield (
        SIZES,
        _fading(x[:, None], x),
        _fading(x[:, None], ahead),
        _fading(*[ahead] * 2),
    )


def _stationary(a, b, length):
    """Integrals from 0 to a and b of a correlation that decays exponentially."""
    far = np.exp(-abs(a) / length), np.exp(-abs(b) / length)
    lag = np.exp(-abs(a - b) / length)
    same = 2 * np.minimum(abs(a), abs(b)) / length + sum(far) - 1 - lag
    return length**2 * np.where(a * b >= 0, same, -(1 - far[0]) * (1 - far[1]))


def _fading(a, b):
    """The same with sizes that decay from 0 on: exp(-(s + t)/decay)."""
    length, decay, factor = TRANSIENT
    p, m, s = 1 / decay + 1 / length, 1 / decay - 1 / length, 2 / decay
    low, high = np.minimum(a, b), np.maximum(a, b)
    square = -np.expm1(-p * low) / p + np.expm1(-s * low) / s
    beyond = -np.expm1(-m * low) * (np.exp(-p * low) - np.exp(-p * high)) / p
    return factor**2 * (2 * square + beyond) / m
