r"""Target functions of known smoothness.

A teacher is a function of points (D, n) with values (D,). `fourier` and `weierstrass`
live on the unit torus; `relu_network` takes any coordinates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

import numpy as np

from scalinglib._input import above_zero, finite_rows, generator, number, whole_number

__all__ = ["Teacher", "fourier", "relu_network", "weierstrass"]


@dataclass(frozen=True, eq=False)
class Teacher:
    r"""A target function.

    Attributes
    ----------
    n : int
        Coordinates of its inputs.
    lipschitz : float
        A number that :math:`|f(x) - f(x')| / |x - x'|` never exceeds; infinite where
        none is stated.
    gradient : callable or None
        ``gradient(X) -> (D, n)``, where it is known.

    Examples
    --------
    >>> f = Teacher(1, lambda X: np.sin(X[:, 0]), lipschitz=1.0)
    >>> f([[0.0]]).tolist()
    [0.0]
    """

    n: int
    _values: Callable
    lipschitz: float
    gradient: Callable | None = None

    def __call__(self, X):
        """Values at points.

        Parameters
        ----------
        X : (D, n) array_like

        Returns
        -------
        (D,) ndarray

        Raises
        ------
        ValueError
            If the shape does not match, or an entry is not finite or above 1e100.
        """
        X = finite_rows("X", X, n=self.n)
        if (largest := np.abs(X).max()) > 1e100:
            raise ValueError(f"X must be at most 1e100 in size, got {largest:g}")
        return self._values(X)


def fourier(d, *, smoothness, modes=32, rng=None):
    r"""Random Fourier series on the unit torus, with unit variance.

    .. math::

       f(x) = \sum_{k} a_k \cos(2\pi \, k \cdot x + \phi_k), \qquad
       a_k \propto |k|^{-(s + d/2)}

    over the shortest whole vectors k, one of each pair ± k. With infinitely many of
    them f would have derivatives in the mean square of every order below s, not s.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1.
    smoothness : float
        s > 0.
    modes : int, default 32
        How many terms, ≥ 1.
    rng : None, int or numpy.random.Generator
        Draws the phases.

    Returns
    -------
    Teacher
        With its gradient; its Lipschitz bound is the sum of those of the terms.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> f = fourier(1, smoothness=2, modes=1, rng=0)  # a single wave of period 1
    >>> x = np.linspace(0, 1, 1001)[:, None]
    >>> round(float(np.ptp(f(x))), 3), round(f.lipschitz / (2 * np.pi), 3)
    (2.828, 1.414)
    """
    d, modes = whole_number("d", d, least=1), whole_number("modes", modes, least=1)
    s = above_zero("smoothness", smoothness)
    k = _shortest(d, modes)
    length = np.linalg.norm(k, axis=1)
    a = length ** -(s + d / 2)
    a *= np.sqrt(2) / np.linalg.norm(a)  # the mean square of a cosine is one half
    phases = 2 * np.pi * generator(rng).random(modes)

    def values(X):
        return np.cos(2 * np.pi * (X % 1) @ k.T + phases) @ a

    def gradient(X):
        X = finite_rows("X", X, n=d) % 1  # before the waves lose digits to whole turns
        return (np.sin(2 * np.pi * X @ k.T + phases) * -a) @ (2 * np.pi * k)

    return Teacher(d, values, float(2 * np.pi * a @ length), gradient)


def weierstrass(d, *, exponent, octaves=16, rng=None):
    r"""Rough function on the unit torus: Hölder with an exponent below one, no more.

    .. math::

       f(x) = \frac1{\sqrt{d}} \sum_{i=1}^d \sum_{j=0}^{J-1} 2^{-s j}
       \cos(2\pi \, 2^j x_i + \phi_{ij})

    Where distances are above :math:`2^{-J}` its increments are
    :math:`\sim |x - x'|^s`.

    Parameters
    ----------
    d : int
        Dimension, ≥ 1.
    exponent : float
        s in (0, 1).
    octaves : int, default 16
        J, from 1 to 40.
    rng : None, int or numpy.random.Generator
        Draws the phases.

    Returns
    -------
    Teacher
        With an infinite ``lipschitz``: the bound of the finite sum says nothing.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    G. Hardy, "Weierstrass's non-differentiable function", Trans. Amer. Math. Soc. 17,
    301 (1916).

    Examples
    --------
    >>> f = weierstrass(1, exponent=0.5, rng=0)
    >>> x = np.random.default_rng(0).random((4000, 1))
    >>> near, far = (np.std(f(x + h) - f(x)) for h in (2e-4, 2e-2))
    >>> bool(abs(np.log10(far / near) / 2 - 0.5) < 0.05)
    True
    """
    d, J = whole_number("d", d, least=1), whole_number("octaves", octaves, least=1)
    s = number("exponent", exponent)
    if not 0 < s < 1:
        raise ValueError(f"exponent must be in (0, 1), got {exponent!r}")
    if J > 40:
        raise ValueError(f"octaves must be at most 40, got {octaves!r}")
    waves = 2.0 ** np.arange(J)
    phases = 2 * np.pi * generator(rng).random((d, J))

    def values(X):
        # Whole turns are dropped before the cosine loses digits to them.
        turns = (X % 1)[:, :, None] * waves % 1
        return (np.cos(2 * np.pi * turns + phases) @ waves**-s).sum(axis=1) / d**0.5

    return Teacher(d, values, np.inf)


def relu_network(n, *, width=32, depth=2, rng=None):
    r"""Random network of ReLU units, piecewise linear.

    .. math::

       z^1 = W^1 x + b^1, \quad
       z^{l+1} = \sqrt{2 / W} \, W^{l+1} \max(z^l, 0) + b^{l+1}

    with standard normal weights W and biases b and one output.

    Parameters
    ----------
    n : int
        Coordinates of the inputs, ≥ 1.
    width : int, default 32
        Units of a hidden layer, ≥ 1.
    depth : int, default 2
        Hidden layers, ≥ 1.
    rng : None, int or numpy.random.Generator
        Draws weights and biases.

    Returns
    -------
    Teacher
        Its Lipschitz bound is the product of the norms of the layers.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> f = relu_network(3, rng=0)
    >>> f(np.zeros((2, 3))).shape
    (2,)
    """
    n, width, depth = (
        whole_number(name, value, least=1)
        for name, value in {"n": n, "width": width, "depth": depth}.items()
    )
    rng = generator(rng)
    widths = [n, *depth * [width], 1]
    layers = []
    for fan_in, fan_out in pairwise(widths):
        scale = np.sqrt(2 / fan_in) if layers else 1.0
        W = scale * rng.standard_normal((fan_in, fan_out))
        layers.append((W, rng.standard_normal(fan_out)))

    def values(X):
        (W, b), *rest = layers
        z = X @ W + b
        for W, b in rest:
            z = np.maximum(z, 0) @ W + b
        return z[:, 0]

    norms = [np.linalg.norm(W, 2) for W, _ in layers]
    return Teacher(n, values, float(np.prod(norms)))


def _shortest(d, count):
    """The shortest whole vectors but zero, one of each pair ± k, ties in order."""
    square = 1
    while True:
        # Of each pair the vector whose first entry that is not zero is positive.
        found = [k for k in _whole_vectors(d, square) if k > (0,) * d]
        if len(found) >= count:
            found.sort(key=lambda k: sum(i * i for i in k))
            return np.array(found[:count], dtype=float)
        square *= 2


def _whole_vectors(d, square):
    """Yield all whole vectors of at most this squared length."""
    if d == 0:
        yield ()
        return
    for first in range(-isqrt(square), isqrt(square) + 1):
        for rest in _whole_vectors(d - 1, square - first * first):
            yield (first, *rest)
