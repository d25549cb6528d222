"""Manifolds of dimension d: points drawn uniformly, and distances.

A manifold is known by its dimension d, by how to draw points of it, and by how far
apart two of its points are *along* it. Its points are rows of ambient coordinates,
(D, n_ambient).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from scalinglib._input import finite_rows, generator, whole_number

__all__ = ["Manifold", "ball", "cube", "sphere", "torus"]


@dataclass(frozen=True, eq=False)
class Manifold:
    """A manifold with its uniform distribution.

    Attributes
    ----------
    name : str
        For figures and messages.
    d : int
        Intrinsic dimension.
    n_ambient : int
        Coordinates of a point, ≥ d.
    period : float or None
        Period of the coordinates where they are those of a torus.

    Examples
    --------
    >>> circle = sphere(1)
    >>> circle.d, circle.n_ambient, circle.sample(5, rng=0).shape
    (1, 2, (5, 2))
    """

    name: str
    d: int
    n_ambient: int
    _draw: Callable
    _distance: Callable
    period: float | None = None

    def sample(self, D, *, rng=None):
        """Draw points independently and uniformly.

        Parameters
        ----------
        D : int
            Number of points, ≥ 1. Fewer points are a prefix of more.
        rng : None, int or numpy.random.Generator
            Source of random numbers.

        Returns
        -------
        (D, n_ambient) ndarray

        Raises
        ------
        ValueError
            If `D` is below 1 or no whole number.

        Examples
        --------
        >>> torus(2).sample(3, rng=0).round(2).tolist()
        [[0.64, 0.27], [0.04, 0.02], [0.81, 0.91]]
        """
        return self._draw(generator(rng), whole_number("D", D, least=1))

    def distance(self, X, Y):
        """Length of the shortest path on the manifold between rows of X and of Y.

        Parameters
        ----------
        X, Y : (D, n_ambient) array_like
            Points of the manifold.

        Returns
        -------
        (D,) ndarray

        Raises
        ------
        ValueError
            If shapes do not match, an entry is not finite, or a point is not on the
            sphere or the swiss roll.

        Examples
        --------
        >>> torus(1).distance([[0.1]], [[0.9]]).round(12).tolist()
        [0.2]
        """
        X, Y = (
            finite_rows(name, array, n=self.n_ambient)
            for name, array in {"X": X, "Y": Y}.items()
        )
        if len(X) != len(Y):
            raise ValueError(f"X and Y must have as many rows, got {len(X)}, {len(Y)}")
        return self._distance(X, Y)


def torus(d):
    """Unit torus, flat: the cube [0, 1)^d whose opposite faces are one.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1.

    Returns
    -------
    Manifold
        With ``period`` 1.

    Raises
    ------
    ValueError
        If `d` is below 1.

    Examples
    --------
    >>> torus(3).period
    1.0
    """
    d = whole_number("d", d, least=1)

    def along(X, Y):
        gap = np.abs(X - Y) % 1
        return np.linalg.norm(np.minimum(gap, 1 - gap), axis=1)

    return Manifold(f"torus, d = {d}", d, d, partial(_uniform, d=d), along, 1.0)


def cube(d):
    """Unit cube [0, 1)^d.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1.

    Returns
    -------
    Manifold

    Raises
    ------
    ValueError
        If `d` is below 1.

    Examples
    --------
    >>> cube(2).distance([[0.0, 0.0]], [[0.9, 0.0]]).tolist()
    [0.9]
    """
    d = whole_number("d", d, least=1)
    return Manifold(f"cube, d = {d}", d, d, partial(_uniform, d=d), _straight)


def sphere(d):
    r"""Unit sphere of dimension d in d + 1 dimensions.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1: the circle is 1.

    Returns
    -------
    Manifold
        Its distance is the angle between two points.

    Raises
    ------
    ValueError
        If `d` is below 1.

    Notes
    -----
    Numerics: the angle is :math:`2 \arctan(\|x - y\| / \|x + y\|)`, exact for near and
    for opposite points, where the arc cosine of x · y loses half of the digits.

    Examples
    --------
    >>> float(sphere(1).distance([[1.0, 0.0]], [[0.0, 1.0]])[0] / np.pi)
    0.5
    """
    d = whole_number("d", d, least=1)

    def angle(X, Y):
        for name, Z in {"X": X, "Y": Y}.items():
            _all_on(name, "the unit sphere", np.abs(_lengths(Z) - 1) < 1e-6)
        apart, together = (np.linalg.norm(v, axis=1) for v in (X - Y, X + Y))
        return 2 * np.arctan2(apart, together)

    return Manifold(f"sphere, d = {d}", d, d + 1, partial(_direction, n=d + 1), angle)


def ball(d):
    """Unit ball of dimension d.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1.

    Returns
    -------
    Manifold

    Raises
    ------
    ValueError
        If `d` is below 1.

    Examples
    --------
    >>> bool(np.linalg.norm(ball(3).sample(100, rng=0), axis=1).max() < 1)
    True
    """
    d = whole_number("d", d, least=1)

    def draw(rng, D):
        # A point comes from d + 2 numbers in a row: a prefix stays a prefix.
        z = rng.standard_normal((D, d + 2))
        # Archimedes: of a uniform point on the sphere in d + 2 dimensions, any d
        # coordinates are uniform in the ball.
        return z[:, :d] / np.linalg.norm(z, axis=1, keepdims=True)

    return Manifold(f"ball, d = {d}", d, d, draw, _straight)


def _uniform(rng, D, *, d):
    return rng.random((D, d))


def _direction(rng, D, *, n):
    z = rng.standard_normal((D, n))
    return z / np.linalg.norm(z, axis=1, keepdims=True)


def _straight(X, Y):
    return _lengths(X - Y)


def _lengths(X):
    return np.linalg.norm(X, axis=1)


def _all_on(name, manifold, on):
    """Refuse points that are not on a manifold: they have no distance along it."""
    if not on.all():
        row = int(np.argmin(on))
        raise ValueError(f"{name} must lie on {manifold}, which row {row} does not")
