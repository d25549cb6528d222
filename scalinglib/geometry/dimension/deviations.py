r"""How measured moments deviate from those of a small flat ball, and by how much.

In a ball of radius r of a d-dimensional manifold d eigenvalues are near one another
and small ones across. Let :math:`\sigma_p` be the sum of the p-th powers of the small
ones, over d times the p-th power of the mean large one, and v the relative variance of
the large ones. Then

.. math::

   y_2 = -\log d - 2 \sigma_1 + \sigma_1^2 + \sigma_2 + v + \dots, \qquad
   y_3 = -\log d - 3 \sigma_2 + 2 \sigma_3 + 3 v + \dots

Curvature makes :math:`\sigma_1 \propto r^2`, so :math:`\sigma_2` and v are of order
:math:`r^4`: y₂ starts with a straight line in x = r², y₃ without one. Edges, where the
density may be singular, are seen by a share of the balls that grows as r; there v is
large, and y₃ moves twice as far as y₂.
"""

import numpy as np
from scipy.special import logsumexp

from scalinglib.geometry.dimension.scales import LEAST_FOR_CUBES
from scalinglib.laws.averaging import averaged

__all__ = ["from_moments", "from_ratios", "gap_evidence"]

# What deviations there may be, and how large: names are those of the terms below.
AMPLITUDES = {
    "straight": (0.0, 0.03, 0.1, 0.3, 0.6, 1.0),  # of x in y₂, at 64 points
    "leak": (0.0, 0.3),  # share of it that y₃ sees
    "bent_2": (0.0, 0.03, 0.1, 0.3),  # of x² and what follows, in y₂
    "bent_3": (0.0, 0.03, 0.1, 0.3, 0.9),  # and in y₃
    "noise": (0.0, 0.1, 0.3),  # share of unknown noise in the smallest balls
    "edge": (0.0, 0.04, 0.15),  # of r: balls at an edge or at a singular density
}
AGAINST = {"noise": 15.0, "edge": 3.0}  # how unlikely they are, in logs, times the size
OF_RATIOS = {
    "edge": (0.0, 0.05, 0.15, 0.4),
    "straight": AMPLITUDES["straight"],
    "bent": AMPLITUDES["bent_2"],
    "ripple": (0.001, 0.03, 0.1),  # what depends on the scale by chance, as in fractals
}
GAPS = (0.3, 1.0)  # between y₂ and y₃, of what does not vanish
LEAN = 0.6  # mean of the straight part over its root mean square; half-normal has 0.8
LENGTH = 1.0  # over which the bent part changes its mind, in log x
FINITE = 0.15, 0.45  # deviations of order 1/k, in y₂ and y₃
FLOOR = 0.008  # standard deviation of log d that no extrapolation beats
FLOOR_OF_PATHS = 0.0125  # and on the attractor of a trajectory, which is no manifold


def from_moments(scales, *, gap=0.0, path=False):
    """Distribution of −log d from second and third moments.

    Parameters
    ----------
    scales : Scales
        What was measured.
    gap : float, default 0
        Amplitude of a difference of y₃ and y₂ that does not vanish with the radius.
    path : bool, default False
        Whether the points are those of a trajectory, which leaves its set at no edge,
        but whose set has leaves, down to the smallest scales.

    Returns
    -------
    Mixture
    """
    y, q, x, C = _stacked(scales)

    def only(of_2, of_3, shape):
        column = np.where(q == 2, of_2, of_3) * shape
        return np.outer(column, column)

    smooth = _smooth(x)
    terms = {
        "straight": only(1, 0, x) * (1 - LEAN**2),
        "leak": only(0, 1, x),
        "bent_2": (only(1, 0, x**2) + only(1, 3, x**2) / 4) * smooth,
        "bent_3": only(0, 1, x**2) * smooth,
        "noise": only(1, 0, x.min() / x),
        "edge": only(1, 2, np.sqrt(x)),
        "gap": only(0, 1, 1),
    }
    sizes = _every({**AMPLITUDES, "gap": (gap,)} | ({"edge": (0.0,)} if path else {}))
    once = (sizes["straight"] > 0) | (sizes["leak"] == 0)
    sizes = {name: size[once] for name, size in sizes.items()}
    sizes["leak"] = sizes["leak"] * sizes["straight"]
    # Small eigenvalues are not negative: curvature makes y₂ smaller, never larger.
    expected = -LEAN * np.outer(sizes["straight"], np.where(q == 2, x, 0))
    prior = -sum(against * sizes[name] for name, against in AGAINST.items())
    floor = FLOOR_OF_PATHS if path else FLOOR
    return averaged(
        y,
        C,
        np.stack(list(terms.values())),
        np.stack([sizes[name] for name in terms], axis=1),
        prior,
        floor=floor,
        expected=expected,
    )


def gap_evidence(scales):
    """How much the data speak for moments that disagree at radius zero.

    Parameters
    ----------
    scales : Scales
        What was measured.

    Returns
    -------
    float
        Logarithm of the ratio of probabilities, averaged over sizes of the gap.
    """
    gaps = [from_moments(scales, gap=gap).evidence for gap in GAPS]
    return float(logsumexp(gaps) - np.log(len(gaps)) - from_moments(scales).evidence)


def from_ratios(radial):
    """Distribution of −log d from ratios of distances.

    Edges are seen by a share of points that grows as r, the square root of x.

    Parameters
    ----------
    radial : Radial
        What was measured.

    Returns
    -------
    Mixture
    """
    good = np.isfinite(radial.y)
    k, y, variance = radial.k[good], radial.y[good], radial.variance[good]
    x = radial.squared[good] / np.interp(64, radial.k, radial.squared)
    C = _shared(k, 0.5) * np.sqrt(np.outer(variance, variance))
    terms = {
        "edge": np.sqrt(np.outer(x, x)),
        "straight": np.outer(x, x),
        "bent": np.outer(x, x) ** 2 * _smooth(x),
        "ripple": np.eye(len(y)),
    }
    sizes = _every(OF_RATIOS)
    grid = np.stack([sizes[name] for name in terms], axis=1)
    terms = np.stack(list(terms.values()))
    return averaged(y, C, terms, grid, np.zeros(len(grid)), floor=FLOOR)


def _every(amplitudes):
    """All combinations of amplitudes, a column for each name."""
    grid = np.meshgrid(*amplitudes.values(), indexing="ij")
    return {name: g.ravel() for name, g in zip(amplitudes, grid, strict=True)}


def _smooth(x):
    """Correlation of what changes with the radius slowly, and nobody knows how."""
    return np.exp(-(np.subtract.outer(np.log(x), np.log(x)) ** 2) / (2 * LENGTH**2))


def _stacked(scales):
    """y₂ at all scales and y₃ at those that have it, as one vector with its noise."""
    has = (scales.k >= LEAST_FOR_CUBES) & np.isfinite(scales.y3)
    scale = np.concatenate([np.arange(len(scales.k)), np.flatnonzero(has)])
    q = np.concatenate([np.full(len(has), 2), np.full(has.sum(), 3)])
    y = np.where(q == 2, scales.y2[scale], scales.y3[scale])
    good = np.isfinite(y)
    scale, q, y = scale[good], q[good], y[good]
    k = scales.k[scale].astype(float)
    x = scales.squared[scale] / np.interp(64, scales.k, scales.squared)
    # The noise of pairs enters y₃ three times as large as y₂; that of triples y₃ alone.
    pairs = np.where(q == 2, 1, 3) * np.sqrt(scales.variance[scale])
    triples = np.where(q == 2, 0, 1) * np.sqrt(scales.extra[scale])
    finite = np.where(q == 2, *FINITE) / k
    C = _shared(k, 0.5) * np.outer(pairs, pairs)
    C += _shared(k, 1.0) * np.outer(triples, triples)
    return y, q, x, C + np.diag(finite**2 + 1e-7)


def _shared(k, power):
    """Correlation of the noise of two scales."""
    return (np.minimum.outer(k, k) / np.maximum.outer(k, k)) ** power
