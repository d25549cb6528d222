"""Losses at all sizes of data and student, averaged over teachers."""

import numpy as np
import xarray as xr
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from scalinglib._input import generator, increasing, number, real_array
from scalinglib.learners.random_features.features import gaussian, projection
from scalinglib.learners.random_features.limits import _independent, _matrix
from scalinglib.spectra.power_law import eigenvalues

__all__ = ["losses", "teacher_student"]


def losses(F, mix, root, *, D, P, ridge=0.0, noise=0.0):
    r"""Test loss at all pairs of sizes, averaged over teachers and over inputs.

    The points are the first D rows of F, the features the first P rows of 𝒫.

    Parameters
    ----------
    F : (D_max, S) array_like
        The teacher's features of the training points, for ω ~ N(0, 𝟙).
    mix : (P_max, S) array_like
        𝒫.
    root : (S,) or (N, S) array_like
        A root of the covariance of F(x): :math:`\Lambda^{1/2}` as its diagonal, or any
        matrix with RᵀR = E F Fᵀ, as the features of N test points divided by √N.
    D, P : sequence of int
        Sizes, increasing.
    ridge : float, default 0.0
        δ ≥ 0, added to :math:`\hat K = \frac1P f f^{\mathsf T}`. Zero is the solution
        of least squares of minimum norm.
    noise : float, default 0.0
        σ² ≥ 0, variance of the label noise. It is part of the loss.

    Returns
    -------
    DataArray, dims (D, P)

    Raises
    ------
    ValueError
        If shapes do not match, an argument is not finite or out of range, sizes do not
        increase or exceed what was drawn; or if to rounding the student's features are
        linearly dependent on the points and the ridge is none, or less than that, or
        a loss is below it.

    Notes
    -----
    Cost: one QR factorisation for every D and one for every P, and products with S
    columns; no matrix of S rows and S columns is made. The squared length is that of
    Λ^{1/2} minus 2 ⟨Λ^{1/2}, VᵀU⟩ plus ⟨VVᵀ, UUᵀ⟩, and the leading blocks of the last
    product are summed cumulatively.

    References
    ----------
    Y. Bahri et al., arXiv:2102.06701v2, section 2.3 and appendix E; without their ½.

    Examples
    --------
    >>> lam = np.arange(1, 51) ** -2.0
    >>> F, mix = gaussian(lam, 8, rng=0), projection(20, 50, rng=1)
    >>> loss = losses(F, mix, np.sqrt(lam), D=[4, 8], P=[5, 20])
    >>> loss.dims, bool((loss < lam.sum()).any())
    (('D', 'P'), True)
    """
    F, mix = _matrix("F", F), _matrix("mix", mix)
    root = _root(root, F.shape[1])
    if mix.shape[1] != F.shape[1]:
        raise ValueError(
            f"mix must have the S = {F.shape[1]} columns of F, got {mix.shape[1]}"
        )
    D, P = increasing("D", D, most=len(F)), increasing("P", P, most=len(mix))
    ridge = number("ridge", ridge, least=0)
    noise = number("noise", noise, least=0)
    F, mix = F[: D[-1]], mix[: P[-1]]
    f = F @ mix.T
    seen = mix * root if root.ndim == 1 else mix @ root.T  # 𝒫 Λ^{1/2}: (P, S or N)
    result = np.full((len(D), len(P)), np.inf)
    if ridge:
        for j, p in enumerate(P):
            result[:, j] = _regularised(f[:, :p], F, seen[:p], root, D, ridge, noise)
    else:
        for i, d in enumerate(D):  # P ≤ D: all P from one factorisation of d points
            few = d >= P
            if few.any():
                result[i, few] = _fewer_features(
                    f[:d], F[:d], seen, root, P[few], noise
                )
        for j, p in enumerate(P):  # D < P: all D from one factorisation of p features
            few = p > D
            if few.any():
                result[few, j] = _fewer_points(
                    f[:, :p], F, seen[:p], root, D[few], noise
                )
    scale = (root**2).sum()
    if result.min() < 1e-13 * scale:
        raise ValueError(
            f"the loss must be above rounding, 1e-13 of E y² = {scale:.3g}, got "
            f"{result.min():.1g}: fewer points or features, or a ridge"
        )
    return xr.DataArray(result + noise, coords={"D": D, "P": P}, dims=["D", "P"])


def teacher_student(
    rng, *, spectrum, D, P, kind="gaussian", ridge=0.0, noise=0.0, transform=None
):
    """Draw points and features, and return the loss at all pairs of sizes: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the projection first, then the points.
    spectrum : (S,) array_like
        As in `gaussian`.
    D, P : sequence of int
        Sizes, increasing.
    kind : {"gaussian", "choice"}
        As in `projection`.
    ridge, noise : float
        As in `losses`.
    transform : callable, optional
        Maps the standard normal (D, S) numbers behind the features to others of mean
        zero and variance one: data that are not Gaussian.

    Returns
    -------
    DataArray, dims (D, P)

    Raises
    ------
    ValueError
        As `losses`.

    Examples
    --------
    >>> lam = np.arange(1, 51) ** -2.0
    >>> teacher_student(0, spectrum=lam, D=[4, 8], P=[20]).sizes["D"]
    2
    """
    rng, lam = generator(rng), eigenvalues(spectrum)
    D, P = (increasing(name, sizes) for name, sizes in {"D": D, "P": P}.items())
    mix = projection(int(P[-1]), len(lam), kind=kind, rng=rng)
    F = gaussian(np.ones(len(lam)), int(D[-1]), rng=rng)
    F = _transformed(F, transform) * np.sqrt(lam)
    return losses(F, mix, np.sqrt(lam), D=D, P=P, ridge=ridge, noise=noise)


def _transformed(Z, transform):
    if transform is None:
        return Z
    other = _matrix("transform(Z)", transform(Z))
    if other.shape != Z.shape:
        raise ValueError(f"transform must keep the shape {Z.shape}, got {other.shape}")
    return other


def _fewer_features(f, F, seen, root, P, noise):
    """Loss for all P ≤ D: f = QR, U = QᵀF, V = R⁻ᵀ𝒫Λ^{1/2}."""
    p = P[-1]
    Q, R = np.linalg.qr(f[:, :p])
    _check_rank(R)
    V = solve_triangular(R, seen[:p], trans="T", check_finite=False)
    return _lengths(V, Q.T @ F, root, P, noise, np.eye(p) if noise else None)


def _fewer_points(f, F, seen, root, D, noise):
    """Loss for all D ≤ P: fᵀ = QR, U = R⁻ᵀF, V = Qᵀ𝒫Λ^{1/2}."""
    d = D[-1]
    Q, R = np.linalg.qr(f[:d].T)
    _check_rank(R)
    U = solve_triangular(R, F[:d], trans="T", check_finite=False)
    return _lengths(Q.T @ seen, U, root, D, noise, _carried(R.T) if noise else None)


def _regularised(f, F, seen, root, D, ridge, noise):
    """Loss for all D: K̂ + δ = CCᵀ, U = C⁻¹F, V = C⁻¹ f 𝒫Λ^{1/2} / P."""
    d, p = D[-1], f.shape[1]
    f = f[:d]
    K = f @ f.T / p + ridge * np.eye(d)
    try:
        C = cholesky(K, lower=True, check_finite=False)
        least = C.diagonal().min() ** 2
    except LinAlgError:
        least = 0.0
    if least < 1e-10 * K.diagonal().max():
        raise ValueError(
            f"ridge must be zero, or large enough to tell K̂ + δ from rounding, got "
            f"{ridge:g}, where the largest entry of K̂ is {K.diagonal().max():g}"
        )
    U = solve_triangular(C, F[:d], lower=True, check_finite=False)
    V = solve_triangular(C, f @ seen / p, lower=True, check_finite=False)
    return _lengths(V, U, root, D, noise, _carried(C) if noise else None)


def _carried(L):
    """Covariance of L⁻¹ξ for noise ξ, L lower triangular: fewer points, its block."""
    inverse = solve_triangular(L, np.eye(len(L)), lower=True, check_finite=False)
    return inverse @ inverse.T


def _lengths(V, U, root, sizes, noise, carried):
    """‖Λ^{1/2} − VᵀU‖² + σ² ⟨VVᵀ, carried⟩ for the first rows of V and U."""
    inner = U * root if root.ndim == 1 else U @ root.T
    cross = np.cumsum((V * inner).sum(axis=1))
    square = V @ V.T
    both = square * (U @ U.T + (noise * carried if noise else 0))
    both = both.cumsum(axis=0).cumsum(axis=1).diagonal()
    return ((root**2).sum() - 2 * cross + both)[sizes - 1]


def _check_rank(R):
    if not _independent(R):
        raise ValueError(
            "the student's features must be linearly independent on the points, to "
            "rounding, or ridge must be above zero"
        )


def _root(root, S):
    root = real_array("root", root).astype(float)
    if root.ndim not in (1, 2) or root.shape[-1] != S or not np.isfinite(root).all():
        raise ValueError(
            f"root must be finite, (S,) or (N, S) with S = {S}, got {root.shape}"
        )
    return root
