"""Linear algebra that several rooms share: factors of Gram matrices."""

import numpy as np
from scipy.linalg import get_lapack_funcs, solve_triangular

from scalinglib._input import real_array


def cholesky_factor(K, ridge, overwrite, *, unit=1.0):
    """Return L (lower triangle, the rest is not zeroed) with L Lᵀ = K + ridge 𝟙.

    Of a message only: the user's matrix is K · unit.
    """
    K = K if overwrite and K.flags.writeable else K.copy()
    diagonal = np.einsum("ii->i", K)  # a view
    diagonal += ridge
    scale = diagonal.copy()
    # Kᵀ = K is in Fortran order, so that LAPACK works on it in place.
    potrf = get_lapack_funcs("potrf", dtype=K.dtype)
    L, info = potrf(K.T, lower=True, overwrite_a=True, clean=False)
    rounding = np.sqrt(len(K)) * np.finfo(K.dtype).eps * scale
    bad = [info - 1] if info else np.flatnonzero(L.diagonal() ** 2 <= rounding)
    if len(bad):
        raise ValueError(
            f"K must be positive definite, but given the points before it, point "
            f"{bad[0]} has no variance beyond rounding in {K.dtype}: remove "
            f"(nearly) equal points, or pass ridge > {ridge * unit:g}"
        )
    return L


def solve_lower(L, B, trans="N"):
    return solve_triangular(L, B, trans=trans, lower=True, check_finite=False)


def finite(A):
    # The extremes carry nan and ±inf; np.isfinite(A) would be a quarter of A in memory.
    return A.size == 0 or bool(np.isfinite(A.min()) and np.isfinite(A.max()))


def checked_rows(name, K_test, D):
    K_test = real_array(name, K_test)
    if K_test.ndim != 2 or K_test.shape[1] != D or not finite(K_test):
        raise ValueError(
            f"{name} must be finite and (D_test, {D}), got shape {K_test.shape}"
        )
    return K_test if K_test.dtype == np.float32 else K_test.astype(float, copy=False)


def checked_targets(Y, D, dtype):
    """Targets of D points, in this type."""
    Y = real_array("Y", Y).astype(dtype)
    if Y.ndim not in (1, 2) or len(Y) != D or not finite(Y):
        raise ValueError(
            f"Y must be finite and ({D},) or ({D}, C), got shape {Y.shape}"
        )
    return Y
