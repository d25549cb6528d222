"""Sheets that are not flat: one rolled up, others bent into more dimensions."""

import numpy as np

from scalinglib._input import finite_rows, generator, number, whole_number
from scalinglib.geometry.manifolds import Manifold, _all_on

__all__ = ["embedding", "swiss_roll"]


def swiss_roll(*, turns=1.5, height=10.0):
    r"""Rolled-up sheet in three dimensions: d = 2.

    .. math::

       (t \cos t, \; h, \; t \sin t), \qquad
       t \in [\tfrac32\pi, \tfrac32\pi + 2\pi \, \text{turns}], \quad
       h \in [0, \text{height}],

    uniform in area, not in t.

    Parameters
    ----------
    turns : float, default 1.5
        How often it is rolled, > 0.
    height : float, default 10
        Its width, > 0.

    Returns
    -------
    Manifold
        Its distance is that on the sheet unrolled.

    Raises
    ------
    ValueError
        If an argument is not above zero or larger than 1e6.

    References
    ----------
    J. Tenenbaum, V. de Silva, J. Langford, Science 290, 2319 (2000).

    Examples
    --------
    >>> roll = swiss_roll()
    >>> X, Y = roll.sample(2, rng=0)
    >>> bool(roll.distance([X], [Y])[0] >= np.linalg.norm(X - Y))
    True
    """
    turns, height = number("turns", turns), number("height", height)
    if not (0 < turns <= 1e6 and 0 < height <= 1e6):
        raise ValueError(
            f"turns and height must be above zero, at most 1e6, got {turns}, {height}"
        )
    t0 = 1.5 * np.pi
    ends = _arc(np.array([t0, t0 + 2 * np.pi * turns]))

    def draw(rng, D):
        u, v = rng.random((D, 2)).T
        t = _arc_inverse(ends[0] + u * (ends[1] - ends[0]))
        return np.column_stack([t * np.cos(t), v * height, t * np.sin(t)])

    def unrolled(X, Y):
        lengths = []
        for name, Z in {"X": X, "Y": Y}.items():
            t = np.hypot(Z[:, 0], Z[:, 2])
            off = np.hypot(Z[:, 0] - t * np.cos(t), Z[:, 2] - t * np.sin(t))
            _all_on(name, "the swiss roll", off < 1e-6 * t)
            lengths.append(_arc(t))
        return np.hypot(lengths[0] - lengths[1], X[:, 1] - Y[:, 1])

    return Manifold("swiss roll", 2, 3, draw, unrolled)


def embedding(n, n_ambient, *, curvature=0.0, rng=None):
    r"""Draw a smooth, one-to-one map from n into n_ambient dimensions.

    .. math::

       x \mapsto Q \bigl(x, \; c \sin(2\pi A x + \phi)\bigr)

    with random orthonormal columns Q, directions A and phases φ: a rotation if the
    curvature c is zero, a bent sheet otherwise. It stretches lengths by factors
    between 1 and :math:`\sqrt{1 + (2\pi c)^2 \|A\|^2}`.

    Parameters
    ----------
    n : int
        Coordinates of what is embedded, ≥ 1.
    n_ambient : int
        Coordinates of the result: ≥ n, and > n where the curvature is not zero.
    curvature : float, default 0
        c ≥ 0, in units of the coordinates.
    rng : None, int or numpy.random.Generator
        Draws Q, A and φ.

    Returns
    -------
    embed : callable
        ``embed(X (D, n)) -> (D, n_ambient)``.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``embed`` for another shape.

    Examples
    --------
    >>> from scalinglib.geometry import cube
    >>> embed = embedding(2, 50, rng=0)
    >>> X = cube(2).sample(2, rng=0)
    >>> bool(np.isclose(np.ptp(embed(X), axis=0) @ np.ptp(embed(X), axis=0),
    ...                 np.ptp(X, axis=0) @ np.ptp(X, axis=0)))
    True
    """
    n, n_ambient = (
        whole_number(name, value, least=1)
        for name, value in {"n": n, "n_ambient": n_ambient}.items()
    )
    curvature = number("curvature", curvature, least=0)
    if n_ambient < n + (curvature > 0):
        raise ValueError(
            f"n_ambient must be at least {n + (curvature > 0)}, got {n_ambient}"
        )
    rng = generator(rng)
    bent = min(n_ambient - n, n) if curvature else 0
    Q = np.linalg.qr(rng.standard_normal((n_ambient, n + bent)))[0]
    A = rng.standard_normal((n, bent))
    A /= np.linalg.norm(A, axis=0)
    phases = 2 * np.pi * rng.random(bent)

    def embed(X):
        X = finite_rows("X", X, n=n)
        if (largest := np.abs(X).max()) > 1e9:  # waves lose their digits to whole turns
            raise ValueError(f"X must be at most 1e9 in size, got {largest:g}")
        waves = curvature * np.sin(2 * np.pi * X @ A + phases)
        return np.hstack([X, waves]) @ Q.T

    return embed


def _arc(t):
    """Length of the spiral r = t from its centre."""
    return (t * np.hypot(1, t) + np.arcsinh(t)) / 2


def _arc_inverse(length):
    """Parameter of the spiral at a length, by Newton's method, which is convex here."""
    t = np.sqrt(2 * length)
    for _ in range(6):
        t -= (_arc(t) - length) / np.hypot(1, t)
    return t
