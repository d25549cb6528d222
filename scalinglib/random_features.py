r"""The teacher–student experiment with random features, averaged in closed form.

A teacher is a random combination of S features, y = ω · F(x), and a student combines P
mixtures of them, f = 𝒫 F, by least squares on D examples. In units in which
:math:`\omega_i F_i` has variance λ_i, the student's error is
:math:`F(x) \cdot (\mathbb 1 - A)\,\omega` with A = 𝒫ᵀ f⁺ F, and the loss, averaged over
x and ω, the squared length of a matrix,

.. math:: L = \bigl\| \Lambda^{1/2} (\mathbb 1 - A) \bigr\|^2, \qquad
          \Lambda^{1/2} A = V^{\mathsf T} U .

With f = QR the factors are U = QᵀF and V = R⁻ᵀ𝒫Λ^{1/2}, of P rows. Their rows for fewer
features are their first rows, so one factorisation gives the loss of every P ≤ D; for
D < P points and features change places.
"""

import numpy as np
import xarray as xr
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from scalinglib._input import (
    generator,
    increasing,
    number,
    real_array,
    whole_number,
)
from scalinglib.spectra import eigenvalues

__all__ = ["gaussian", "limit", "losses", "projection", "teacher_student"]


def gaussian(spectrum, D, *, rng=None):
    r"""Draw independent Gaussian features with a given spectrum.

    Parameters
    ----------
    spectrum : (S,) array_like
        λ_i ≥ 0, in falling order: F_i has variance λ_i, for teachers ω ~ N(0, 𝟙).
    D : int
        Number of points, ≥ 1.
    rng : None, int or numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    (D, S) ndarray

    Raises
    ------
    ValueError
        As `theory.kernel_loss` for the spectrum, or if D is below 1.

    Examples
    --------
    >>> gaussian([1.0, 0.25], 5, rng=0).shape
    (5, 2)
    """
    lam = eigenvalues(spectrum)
    D = whole_number("D", D, least=1)
    return generator(rng).standard_normal((D, len(lam))) * np.sqrt(lam)


def projection(P, S, *, kind="gaussian", rng=None):
    r"""Draw the matrix 𝒫 that makes the student's features of the teacher's, f = 𝒫 F.

    Parameters
    ----------
    P, S : int
        Numbers of features of the student and of the teacher, ≥ 1.
    kind : {"gaussian", "choice"}
        Independent standard normal entries, or P of the S features, chosen uniformly
        without repetition: then P ≤ S.
    rng : None, int or numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    (P, S) ndarray
        Its first rows are a projection on fewer features.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> projection(2, 3, kind="choice", rng=0).sum(axis=1).tolist()
    [1.0, 1.0]
    """
    P, S = whole_number("P", P, least=1), whole_number("S", S, least=1)
    rng = generator(rng)
    if not isinstance(kind, str) or kind not in ("gaussian", "choice"):
        raise ValueError(f"kind must be 'gaussian' or 'choice', got {kind!r}")
    if kind == "gaussian":
        return rng.standard_normal((P, S))
    if P > S:
        raise ValueError(f"P must be at most S = {S} for a choice, got {P}")
    mix = np.zeros((P, S))
    mix[np.arange(P), rng.permutation(S)[:P]] = 1
    return mix


def limit(vectors, spectrum, sizes):
    r"""Loss where only one of points and features is scarce, averaged over teachers.

    .. math::

       L = \sum_i \lambda_i \, (1 - \Pi_{ii})

    with the projection Π on the span of the first m vectors. With the features of D
    points as vectors it is L(D, ∞), with the rows of :math:`𝒫 Λ^{1/2}` it is L(∞, P):
    the duality of data and parameters is that both are one function. They have the
    same distribution if the vectors do.

    Parameters
    ----------
    vectors : (m_max, S) array_like
        In the eigenbasis of the covariance of the teacher's features.
    spectrum : (S,) array_like
        Its eigenvalues λ, in falling order.
    sizes : sequence of int
        The values of m, increasing, at most m_max and below S.

    Returns
    -------
    (len(sizes),) ndarray

    Raises
    ------
    ValueError
        If shapes do not match, an argument is not finite, sizes do not increase or
        exceed m_max or S, the vectors are linearly dependent to rounding, or a loss is
        below it, as for m = S.

    References
    ----------
    Y. Bahri et al., arXiv:2102.06701, the two limits of section 2.3; without their ½.

    Examples
    --------
    >>> limit(np.eye(3), [3.0, 2.0, 1.0], sizes=[1, 2])
    array([3., 1.])
    """
    vectors, lam = _matrix("vectors", vectors), eigenvalues(spectrum)
    sizes = increasing("sizes", sizes, most=len(vectors))
    most = sizes[-1]
    if vectors.shape[1] != len(lam) or most > len(lam):
        raise ValueError(
            f"vectors must be (m, {len(lam)}) like spectrum, and the largest size at "
            f"most {len(lam)}, got {vectors.shape} and {most}"
        )
    Q, R = np.linalg.qr(vectors[:most].T)
    if not _independent(R):
        raise ValueError("vectors must be linearly independent to rounding")
    loss = lam.sum() - np.cumsum(lam @ Q**2)[sizes - 1]
    if loss.min() < 1e-13 * lam.sum():
        raise ValueError(
            f"sizes must leave a loss above rounding, 1e-13 of {lam.sum():.3g}, got "
            f"{loss.min():.1g} at {sizes[loss.argmin()]} vectors"
        )
    return loss


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
    Y. Bahri et al., arXiv:2102.06701, section 2.3 and appendix; without their ½.

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


def _independent(R):
    """Whether no pivot is rounding."""
    pivots = np.abs(R.diagonal())
    return pivots.min() > 10 * len(R) * np.finfo(float).eps * pivots.max()


def _check_rank(R):
    if not _independent(R):
        raise ValueError(
            "the student's features must be linearly independent on the points, to "
            "rounding, or ridge must be above zero"
        )


def _matrix(name, values):
    array = real_array(name, values).astype(float)
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a finite matrix, got shape {array.shape}")
    return array


def _root(root, S):
    root = real_array("root", root).astype(float)
    if root.ndim not in (1, 2) or root.shape[-1] != S or not np.isfinite(root).all():
        raise ValueError(
            f"root must be finite, (S,) or (N, S) with S = {S}, got {root.shape}"
        )
    return root
