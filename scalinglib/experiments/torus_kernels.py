"""Kernels on the torus whose eigenvalues are a power, and what they learn."""

from dataclasses import dataclass, field
from math import gamma, pi

import numpy as np

from scalinglib import kernels, spectra
from scalinglib._input import generator, number, whole_number
from scalinglib._labels import over
from scalinglib.learners.averages import teacher_average

__all__ = ["TorusKernel", "prior_loss", "torus_kernel"]

#: Points of the grid along each axis, by dimension.
SIZES = {1: 2**16, 2: 1024, 3: 128}


@dataclass(frozen=True, eq=False)
class TorusKernel:
    """A kernel on a grid of the unit torus, and what waves beyond the grid add to it.

    Attributes
    ----------
    d, size : int
        Dimension, and points of the grid along each axis.
    variance : float
        K(x, x), all waves included.
    rest : float
        What the waves beyond the grid hold of it. At different places of the grid they
        are uncorrelated: a small independent value at each point.

    Examples
    --------
    >>> kernel = torus_kernel(2, d=1)
    >>> kernel.gram(kernel.sample(3, rng=0)).diagonal().round(6) == round(
    ...     kernel.variance, 6)
    array([ True,  True,  True])
    """

    d: int
    size: int
    variance: float
    rest: float
    _kernel: object = field(repr=False)

    def __call__(self, X, Y=None):
        """Kernel between places on the grid, (D, d) and (D', d), without the rest."""
        return self._kernel(X, Y)

    def sample(self, N, *, rng=None):
        """N different places on the grid, at random: rows of d whole numbers."""
        N, places = whole_number("N", N, least=1), self.size**self.d
        if places < N:
            raise ValueError(f"N must be at most {places}, got {N}")
        place = generator(rng).choice(places, N, replace=False)
        return np.stack(np.unravel_index(place, self.d * (self.size,)), axis=1)

    def gram(self, X):
        """Gram matrix of different places, with the rest on its diagonal."""
        return self(X) + self.rest * np.eye(len(X))


def torus_kernel(p, *, d, size=None):
    r"""Kernel on the unit torus whose eigenvalues are a power of the wave's length.

    .. math:: K(x, y) = 1 + \sum_{k \ne 0} |k|^{-p} \cos 2 \pi k \cdot (x - y)

    That is Matérn's spectrum with ν = (p − d) / 2, of smoothness t = p − d, without its
    length scale.

    Parameters
    ----------
    p : float
        Exponent of the eigenvalues, > d.
    d : int
        Dimension, ≥ 1; without `size` at most 3.
    size : int, optional
        Points of the grid along each axis, even, ≥ 4; by default 2¹⁶, 1024 or 128.

    Returns
    -------
    TorusKernel

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> kernel = torus_kernel(2, d=1)
    >>> bool(np.isclose(kernel.variance, 1 + np.pi**2 / 3))
    True
    """
    d = whole_number("d", d, least=1)
    if size is None and d not in SIZES:
        raise ValueError(f"d must be 1, 2 or 3 where size is not given, got {d}")
    size = SIZES[d] if size is None else whole_number("size", size, least=4)
    if size % 2:
        raise ValueError(f"size must be even, got {size}")
    p, reach = number("p", p), size // 2
    if not d < p <= 50:
        raise ValueError(f"p must be above d = {d} and at most 50, got {p:g}")

    def eigenvalue(k):
        return np.where(k < reach, np.maximum(k, 1.0) ** -p, 0)

    lam = spectra.torus(eigenvalue, d, size)
    area = 2 * pi ** (d / 2) / gamma(d / 2)  # of the unit sphere
    rest = area * reach ** (d - p) / (p - d)
    return TorusKernel(d, size, float(lam.sum() + rest), rest, kernels.torus(lam))


def prior_loss(rng, student, D, *, teacher=None, ridge=0.0, noise=0.0):
    """Loss of a kernel on all teachers of a prior, at every D: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the largest D of points, and 200 for the test.
    student : TorusKernel
        Of the regression.
    D : sequence of int, or DataArray
        Numbers of training points, increasing.
    teacher : TorusKernel, optional
        Covariance of the prior, on the same grid; by default the student's.
    ridge : float or sequence of float, default 0.0
        δ ≥ 0, added to K: one for all D, or one for each.
    noise : float, default 0.0
        σ² ≥ 0, variance of the training labels' noise, over which the mean is taken
        too. The test is without noise: it is the excess.

    Returns
    -------
    ndarray or DataArray
        As `scalinglib.learners.teacher_average`, which says what else is raised.

    Raises
    ------
    ValueError
        If the teacher lives on another grid, `noise` is negative, or there is another
        number of ridges than of D.

    Examples
    --------
    >>> loss = prior_loss(0, torus_kernel(2, d=1), [16, 64])
    >>> bool(2 < loss[0] / loss[1] < 8)
    True
    """
    teacher = student if teacher is None else teacher
    if (student.d, student.size) != (teacher.d, teacher.size):
        raise ValueError(
            f"teacher must live on the student's grid, {student.size} to the "
            f"{student.d}, got {teacher.size} to the {teacher.d}"
        )
    noise, sizes = number("noise", noise, least=0), np.asarray(D)
    if np.shape(ridge) not in {(), sizes.shape}:
        raise ValueError(
            f"ridge must be one number, or one for each of {sizes.size} D, got "
            f"{np.size(ridge)}"
        )
    X = student.sample(int(sizes[-1]) + 200, rng=rng)
    train, test = X[:-200], X[-200:]
    K, K_test = student.gram(train), student(test, train)
    own, labels = np.full(200, teacher.variance), None
    if student is not teacher or noise:
        covariance = teacher.gram(train) + noise * np.eye(len(train))
        labels = covariance, teacher(test, train)
    if np.ndim(ridge) == 0:
        return teacher_average(K, K_test, own, D, teacher=labels, ridge=ridge)
    losses = [
        teacher_average(K, K_test, own, [n], teacher=labels, ridge=each).item()
        for n, each in zip(sizes, ridge, strict=True)
    ]
    return over(D, np.array(losses))
