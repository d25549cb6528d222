"""What a Gram matrix tells of the spectrum: eigenvalues and resolutions."""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigvalsh
from scipy.sparse.linalg import ArpackError, eigsh

from scalinglib._input import gram, whole_number
from scalinglib._linalg import cholesky_factor, solve_lower
from scalinglib.kernels.operator import GramOperator
from scalinglib.spectra.products import largest_by_products
from scalinglib.spectra.samples import Sample

__all__ = ["EmpiricalSpectrum", "empirical", "resolutions"]


class EmpiricalSpectrum(NamedTuple):
    """Spectrum of a Gram matrix.

    Attributes
    ----------
    lam : ndarray
        Eigenvalues of K / N, in falling order.
    trusted : int
        How many of them are close to those of the kernel: a tenth of N, less where
        rounding comes first.

    Examples
    --------
    >>> lam, trusted = EmpiricalSpectrum(np.ones(10), 1)
    """

    lam: np.ndarray
    trusted: int


def empirical(K, *, modes=None):
    r"""Eigenvalues of K / N, and how many of them can be trusted.

    Parameters
    ----------
    K : (N, N) array_like or GramOperator
        Gram matrix of N random points; float32 stays float32. Of a
        `scalinglib.kernels.GramOperator`, which is never stored, a few modes.
    modes : int, optional
        How many of the largest to compute, from 1 to N; by default all. A few of many
        are found by Lanczos's method, which takes products with K only. Of an operator
        at most N/8.

    Returns
    -------
    EmpiricalSpectrum
        ``(lam, trusted)``.

    Raises
    ------
    ValueError
        If K is not a finite symmetric matrix, or `modes` is out of range.
    RuntimeError
        If the eigenvalues of an operator fall so slowly that they are not found.

    Notes
    -----
    An operator is multiplied with three vectors for every two modes at once, from a
    start by Nyström's approximation, until each eigenpair has a relative residual of
    10⁻³: three to five products, up to ten where they fall slowly. Eigenvalues are then
    right to about 10⁻⁶.

    The first N/10 differ from those of the kernel by a bias of at most
    :math:`0.1 \, (\pi/a) |\cot(\pi/a)|` for :math:`\lambda_n \sim n^{-a}`, see
    `PowerLaw.sampled`, and by fluctuations of a relative size of about √(2/N).
    Eigenvalues below N ε λ₁ may be rounding. Lanczos's method may find an eigenvalue
    that is repeated exactly fewer times than it occurs; at random points none is.

    Examples
    --------
    >>> lam, trusted = empirical(np.diag([3.0, 1.0, 2.0]))
    >>> lam.tolist(), trusted
    ([1.0, 0.6666666666666666, 0.3333333333333333], 0)

    Of more points than a matrix has room for, here of few:

    >>> from functools import partial
    >>> from scalinglib.kernels import GramOperator, laplace
    >>> kernel = partial(laplace, bandwidth=1.0)
    >>> X = np.random.default_rng(0).random((1200, 2))
    >>> some = empirical(GramOperator(kernel, X), modes=20).lam
    >>> bool(np.allclose(some, empirical(kernel(X), modes=20).lam, rtol=1e-5))
    True
    """
    if isinstance(K, GramOperator):
        return _of_products(K, modes)
    K, largest = _scaled(K)
    N = len(K)
    modes = N if modes is None else whole_number("modes", modes, least=1)
    if modes > N:
        raise ValueError(f"modes must be at most N = {N}, got {modes}")
    found = _largest(K, modes) if modes < N / 8 else None  # beyond, all are as fast
    if found is None:
        found = eigvalsh(K, check_finite=False)[N - modes :]
    lam = np.sort(found)[::-1] / N
    above = int((lam > N * np.finfo(K.dtype).eps * lam[0]).sum())
    return EmpiricalSpectrum(lam * K.dtype.type(largest), min(above, N // 10))


def _of_products(K, modes):
    """Of a matrix that is not stored."""
    N = len(K.X)
    modes = whole_number("modes", modes, least=1)
    if modes > N // 8:
        raise ValueError(
            f"modes must be at most N/8 = {N // 8} of a GramOperator, got {modes}: "
            "for more, store the matrix, kernel(X)"
        )
    lam = largest_by_products(K, modes) / N
    above = int((lam > N * np.finfo(K.X.dtype).eps * lam[0]).sum())
    return EmpiricalSpectrum(lam, min(above, N // 10))


def _largest(K, modes):
    """Largest eigenvalues by Lanczos's method, or None where that fails."""
    start = np.random.default_rng(0).standard_normal(len(K)).astype(K.dtype)
    try:
        return eigsh(K, k=modes, which="LA", v0=start, return_eigenvectors=False)
    except ArpackError:  # as for eigenvalues of a high multiplicity
        return None


def resolutions(K):
    r"""Measured resolution of the first D points, for every D.

    .. math:: \hat\kappa(D) = 1 / \operatorname{tr} K_D^{-1}

    Parameters
    ----------
    K : (N, N) array_like or Sample
        Gram matrix of random points in random order; float32 stays float32.

    Returns
    -------
    (N,) ndarray of float64
        At D = 1, …, N, falling.

    Raises
    ------
    ValueError
        If K is not finite, symmetric and positive definite to rounding.

    Notes
    -----
    One factorisation K = L Lᵀ gives all D: the trace is the sum of the squares of the
    first D rows of :math:`L^{-1}`.

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646.

    Examples
    --------
    >>> resolutions(np.diag([1.0, 2.0, 4.0])).round(3)
    array([1.   , 0.667, 0.571])
    """
    if isinstance(K, Sample):
        return K.unit * _resolutions(_factored(K.inverse_factor, np.dtype(float)))
    return _of_matrix(gram("K", K))


def _of_matrix(K):
    """Resolutions of a matrix that was checked."""
    return _resolutions(solve_lower(_factor(K), np.eye(len(K), dtype=K.dtype)))


def _resolutions(inverse):
    """From the inverse of the factor."""
    return 1 / np.cumsum((inverse**2).sum(axis=1, dtype=float))


def _factor(K):
    """Lower triangle of K = L Lᵀ; the rest is not zeroed."""
    return _factored(partial(cholesky_factor, K, 0.0, overwrite=False), K.dtype)


def _factored(factor, dtype):
    """What a function makes of K, or what to do if K is not positive definite."""
    try:
        return factor()
    except ValueError:
        raise ValueError(
            "K must be positive definite beyond rounding: points are too many or too "
            f"close for its spectrum in {dtype}; take fewer, or smaller groups"
        ) from None


def _scaled(K):
    """A symmetric matrix over its largest entry, and that entry."""
    K = gram("K", K)
    largest = max(abs(float(K.max())), abs(float(K.min())))
    if not largest > 0:
        raise ValueError("K must not be zero")
    return K / K.dtype.type(largest), largest
