r"""Ridge regression with a kernel, and its learning curve from one factorisation."""

import numpy as np
from scipy.linalg import cho_solve, get_lapack_funcs, solve_triangular

from scalinglib._input import increasing, number, real_array

__all__ = ["kernel_ridge", "nested_predictions"]


def kernel_ridge(kernel, *, ridge=0.0):
    r"""Kernel ridge regression, a learner: ``fit(X, Y)`` returns ``predict(X_new)``.

    .. math:: f(x) = K(x, X) \, [K(X, X) + \delta \mathbb 1]^{-1} Y

    Parameters
    ----------
    kernel : callable
        ``kernel(X)`` is the Gram matrix (D, D), ``kernel(X_new, X)`` is (D', D).
    ridge : float
        δ ≥ 0, added to K (not divided by D). Zero interpolates the data.

    Returns
    -------
    fit : callable
        ``fit(X, Y)`` for X (D, n) and Y (D,) or (D, C) returns ``predict``, and
        ``predict(X_new)`` for X_new (D', n) the values (D',) or (D', C), in the type of
        the kernel.

    Raises
    ------
    ValueError
        If `ridge` is negative; by ``fit`` if K is not finite, not symmetric or not
        positive definite to rounding, or Y does not match it.

    References
    ----------
    C. Rasmussen, C. Williams, "Gaussian processes for machine learning" (2006),
    algorithm 2.1.

    Examples
    --------
    >>> def brownian(X, Y=None):
    ...     return np.minimum(X, (X if Y is None else Y).T)
    >>> predict = kernel_ridge(brownian)(np.array([[1.0], [2.0]]), [3.0, 5.0])
    >>> predict(np.array([[0.5], [1.5], [9.0]]))
    array([1.5, 4. , 5. ])
    """
    ridge = number("ridge", ridge, least=0)

    def fit(X, Y):
        X = np.array(X)  # a copy: predict sees the points that were fitted
        K = _checked_gram(kernel(X))
        L = _cholesky(K, ridge, overwrite=False)
        alpha = cho_solve((L, True), _checked_targets(Y, K), check_finite=False)

        def predict(X_new):
            return kernel(X_new, X) @ alpha

        return predict

    return fit


def nested_predictions(K, K_test, Y, sizes, *, ridge=0.0, overwrite=False):
    r"""Predict from the first D training points, for every D of a learning curve.

    .. math::

       f_D = K_{\mathrm{test}, :D} \, (K_{:D, :D} + \delta \mathbb 1)^{-1} Y_{:D}
           = K_{\mathrm{test}} L^{-\mathsf T}
             \begin{pmatrix} (L^{-1} Y)_{:D} \\ 0 \end{pmatrix}

    One factorisation L Lᵀ = K + δ𝟙 serves all D: the factor of a leading block of K is
    the leading block of L, forward substitution of the first D rows sees only them, and
    back substitution of a vector that ends in zeros starts where these end.

    Parameters
    ----------
    K : (D_max, D_max) ndarray
        Gram matrix of the training points.
    K_test : (D_test, D_max) ndarray
        Kernel of the test points with the training points.
    Y : (D_max,) or (D_max, C) array_like
        Training targets.
    sizes : sequence of int
        The values of D, increasing, from 1 to at most D_max.
    ridge : float
        δ ≥ 0, added to K (not divided by D).
    overwrite : bool
        Allow `K` to be overwritten, whatever its type: in C order and of float type no
        second matrix of its size is made if the largest size is D_max.

    Returns
    -------
    (len(sizes), D_test) or (len(sizes), D_test, C) ndarray
        The predictions f_D, in the type of K and K_test.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, `ridge` is negative, `sizes`
        does not increase, or K is not symmetric, or not positive definite to rounding.

    Notes
    -----
    Cost: D_max³/3 for L and D_max (D_max + D_test) C for each size; nothing of the size
    of K is made but L. Forming L⁻¹K_testᵀ instead, which the nesting suggests too,
    would take D_max² D_test.

    Numerics: float32 stays float32. A pivot L_ii² is a variance, what is left of K_ii
    given the points before; below √D ε K_ii it is rounding error only, and the matrix
    is refused.

    References
    ----------
    G. Golub, C. Van Loan, "Matrix computations", 4th ed. (2013), section 4.2.

    Examples
    --------
    >>> K = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> nested_predictions(K, K_test=K[:1], Y=[4.0, 1.0], sizes=[1, 2])
    array([[4.],
           [4.]])
    """
    ridge = number("ridge", ridge, least=0)
    K = _checked_gram(K)
    Y = _checked_targets(Y, K)
    sizes = increasing("sizes", sizes, most=len(K))
    K_test = real_array("K_test", K_test)
    if K_test.ndim != 2 or K_test.shape[1] != len(K) or not _finite(K_test):
        raise ValueError(
            f"K_test must be finite and (D_test, {len(K)}), got shape {K_test.shape}"
        )
    D = sizes[-1]
    L = _cholesky(K[:D, :D], ridge, overwrite)
    B = _solve(L, Y[:D].reshape(D, -1))
    seen = np.arange(D)[:, None] < sizes
    blocks = (seen[:, :, None] * B[:, None, :]).reshape(D, -1)
    f = K_test[:, :D] @ _solve(L, blocks, trans="T")
    return np.moveaxis(f.reshape(len(K_test), len(sizes), *Y.shape[1:]), 0, 1)


def _cholesky(K, ridge, overwrite):
    """Return L (lower triangle, the rest is not zeroed) with L Lᵀ = K + ridge 𝟙."""
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
            f"(nearly) equal points, or pass ridge > {ridge:g}"
        )
    return L


def _solve(L, B, trans="N"):
    return solve_triangular(L, B, trans=trans, lower=True, check_finite=False)


def _finite(A):
    # The extremes carry nan and ±inf; np.isfinite(A) would be a quarter of A in memory.
    return A.size == 0 or bool(np.isfinite(A.min()) and np.isfinite(A.max()))


def _checked_gram(K):
    K = real_array("K", K)
    K = K if K.dtype == np.float32 else K.astype(np.float64, copy=False)
    if K.ndim != 2 or K.shape[0] != K.shape[1] or K.size == 0 or not _finite(K):
        raise ValueError(f"K must be finite and (D, D), got shape {K.shape}")
    # One row tells a kernel from one of which the rows but not the columns were chosen.
    if not np.allclose(K[0], K[:, 0], rtol=1e-4, atol=1e-4 * np.abs(K[0]).max()):
        raise ValueError("K must be symmetric, but its first row and column differ")
    return K


def _checked_targets(Y, K):
    Y = real_array("Y", Y).astype(K.dtype)
    if Y.ndim not in (1, 2) or len(Y) != len(K) or not _finite(Y):
        raise ValueError(
            f"Y must be finite and ({len(K)},) or ({len(K)}, C), got shape {Y.shape}"
        )
    return Y
