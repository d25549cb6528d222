r"""Ridge regression on features and with a kernel, and what one factorisation gives.

Features f (D, P) with ridge δ are the kernel K = f fᵀ with ridge δ: the same
predictions from P equations or from D.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, get_lapack_funcs, qr, solve_triangular, svd

from scalinglib._input import finite_rows, gram, increasing, number, pair, real_array

# `cholesky_factor`, `solve_lower` and `checked_targets` are for other modules too.
__all__ = [
    "LeastSquares",
    "kernel_ridge",
    "least_squares",
    "leave_one_out",
    "nested_predictions",
    "teacher_average",
]


class LeastSquares(NamedTuple):
    """What `least_squares` found.

    Attributes
    ----------
    theta : (P,) or (P, C) ndarray
        Coefficients θ̂: the prediction at features f is f θ̂.
    residuals : (D,) or (D, C) ndarray
        Y − f θ̂ on the training points.
    left_out : (D,) or (D, C) ndarray
        The same for each point when the others alone are fitted; its mean square
        estimates the test loss.

    Examples
    --------
    >>> fit = least_squares([[1.0], [1.0]], [3.0, 5.0])
    >>> theta, residuals, left_out = fit
    """

    theta: np.ndarray
    residuals: np.ndarray
    left_out: np.ndarray


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # checked at the end
def least_squares(f, Y, *, ridge=0.0):
    r"""Least squares on features, with leave-one-out in closed form.

    .. math::

       \hat\theta = \arg\min_\theta \, \lVert Y - f\theta \rVert^2
                    + \delta \lVert\theta\rVert^2
       = (f^{\mathsf T} f + \delta)^{-1} f^{\mathsf T} Y
       = f^{\mathsf T} (f f^{\mathsf T} + \delta)^{-1} Y ,

    and without ridge the solution of minimum norm, :math:`\hat\theta = f^+ Y`, which is
    where gradient descent from zero ends.

    Parameters
    ----------
    f : (D, P) array_like
        Features of the training points.
    Y : (D,) or (D, C) array_like
        Targets.
    ridge : float, default 0.0
        δ ≥ 0. It is added to the kernel f fᵀ: for :math:`\hat K = \frac1P f f^{\mathsf
        T}` pass f / √P.

    Returns
    -------
    LeastSquares
        ``(theta, residuals, left_out)``.

    Raises
    ------
    ValueError
        If shapes do not match, an argument is not finite, `ridge` is negative, or
        squares of `f` or `Y` overflow or vanish.

    Notes
    -----
    For P < D the equations are solved for θ (primal), else for the dual coefficients
    α = (f fᵀ + δ)⁻¹ Y. The cost is that of a QR factorisation, min(D, P)² max(D, P).
    The residual of a point left out is

    .. math::

       \frac{Y_i - f_i \hat\theta}{1 - h_i}, \quad
       h = \operatorname{diag} f (f^{\mathsf T} f + \delta)^{-1} f^{\mathsf T},
       \qquad\text{or}\qquad
       \frac{\alpha_i}{[(f f^{\mathsf T} + \delta)^{-1}]_{ii}},

    the second where the first is 0 / 0, as for all points of an interpolator.

    Numerics: R of QR = (f; √δ 𝟙) has the square root of the condition of the normal
    equations. Without full rank to rounding, or with a ridge below 10⁻¹⁰ of the largest
    f fᵀ, the singular values are used instead, at several times the cost, and those
    below max(D, P) ε of the largest are dropped.

    References
    ----------
    R. Cook, S. Weisberg, "Residuals and influence in regression" (1982), section 2.2.

    Examples
    --------
    >>> fit = least_squares([[1.0], [1.0], [1.0]], [0.0, 3.0, 6.0])
    >>> fit.theta.round(12), fit.left_out.round(12)  # the mean, and of the other two
    (array([3.]), array([-4.5,  0. ,  4.5]))
    """
    f = finite_rows("f", f)
    ridge = number("ridge", ridge, least=0)
    Y = checked_targets(Y, f)
    dual = f.shape[1] >= len(f)
    tall = f.T if dual else f
    root = np.sqrt(ridge) * np.eye(tall.shape[1] if ridge else 0, tall.shape[1])
    Q, R = qr(np.vstack([tall, root]), mode="economic", check_finite=False)
    # Where f sees nothing but rounding, a small ridge would amplify it as 1/δ.
    least = 1e-5 if ridge else len(tall) * np.finfo(float).eps
    if get_lapack_funcs("trcon", (R,))(R)[0] <= least:
        return _least_squares_of_low_rank(f, Y, ridge)
    Q, y = Q[: len(tall)], Y.reshape(len(Y), -1)
    if dual:
        half = solve_triangular(R, y, trans="T", check_finite=False)
        alpha = solve_triangular(R, half, check_finite=False)
        inverse = solve_triangular(R, np.eye(len(R)), check_finite=False)
        theta, residuals = Q @ half, ridge * alpha
        left_out = alpha / (inverse**2).sum(axis=1, keepdims=True)
    else:
        theta = solve_triangular(R, Q.T @ y, check_finite=False)
        residuals = y - Q @ (Q.T @ y)
        alone = 1 - (Q**2).sum(axis=1, keepdims=True)
        if alone.min() <= 1e-6:  # some coefficient is there for one point only
            return _least_squares_of_low_rank(f, Y, ridge)
        left_out = residuals / alone
    return _shaped(theta, residuals, left_out, Y)


def leave_one_out(K, Y, *, ridge=0.0):
    r"""Residual of kernel ridge regression at each point when the others are fitted.

    .. math::

       Y_i - f_{-i}(x_i) = \frac{[(K + \delta)^{-1} Y]_i}{[(K + \delta)^{-1}]_{ii}}

    Parameters
    ----------
    K : (D, D) ndarray
        Gram matrix of the training points.
    Y : (D,) or (D, C) array_like
        Targets.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    ndarray of the shape of Y

    Raises
    ------
    ValueError
        As `nested_predictions`.

    References
    ----------
    C. Rasmussen, C. Williams, "Gaussian processes for machine learning" (2006),
    section 5.4.2.

    Examples
    --------
    >>> leave_one_out(np.array([[2.0, 1.0], [1.0, 2.0]]), [4.0, 1.0])
    array([ 3.5, -1. ])
    """
    ridge = number("ridge", ridge, least=0)
    K = gram("K", K)
    Y = checked_targets(Y, K)
    L = cholesky_factor(K, ridge, overwrite=False)
    inverse = solve_lower(
        L, np.eye(len(K), dtype=K.dtype)
    )  # L⁻¹, and its columns' squares
    left_out = inverse.T @ (inverse @ Y.reshape(len(Y), -1))
    left_out /= (inverse**2).sum(axis=0)[:, None]
    return left_out.reshape(Y.shape)


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
        K = gram("K", kernel(X))
        L = cholesky_factor(K, ridge, overwrite=False)
        alpha = cho_solve((L, True), checked_targets(Y, K), check_finite=False)

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
    K = gram("K", K)
    Y = checked_targets(Y, K)
    sizes = increasing("sizes", sizes, most=len(K))
    K_test = _checked_rows("K_test", K_test, len(K))
    D = sizes[-1]
    L = cholesky_factor(K[:D, :D], ridge, overwrite)
    B = solve_lower(L, Y[:D].reshape(D, -1))
    seen = np.arange(D)[:, None] < sizes
    blocks = (seen[:, :, None] * B[:, None, :]).reshape(D, -1)
    f = K_test[:, :D] @ solve_lower(L, blocks, trans="T")
    return np.moveaxis(f.reshape(len(K_test), len(sizes), *Y.shape[1:]), 0, 1)


def teacher_average(K, K_test, own, sizes, *, teacher=None, ridge=0.0):
    r"""Test loss of kernel regression, averaged over all teachers of a Gaussian prior.

    With the student's kernel K and the teacher's :math:`K^{\mathrm T}`, and the weights
    :math:`w_D(x) = (K_D + \delta \mathbb 1)^{-1} k_D(x)` of the D training targets in
    the prediction at x,

    .. math::

       L(D) = \mathbb E_x \bigl[ K^{\mathrm T}(x, x) - 2 \, w_D \cdot k^{\mathrm T}_D(x)
              + w_D \cdot K^{\mathrm T}_D w_D \bigr] .

    No teacher is drawn: it is the mean over all functions with that covariance.

    Parameters
    ----------
    K : (D_max, D_max) array_like
        Student's Gram matrix of the training points.
    K_test : (D_test, D_max) array_like
        Student's kernel of the test points with the training points.
    own : (D_test,) array_like
        The teacher's K(x, x) at the test points.
    sizes : sequence of int
        The values of D, increasing, from 1 to at most D_max.
    teacher : (K, K_test), optional
        The same two matrices of the teacher; by default the student's.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    (len(sizes),) ndarray
        Mean over the test points.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, `ridge` is negative, `sizes`
        does not increase, or K is not symmetric and positive definite to rounding.

    Notes
    -----
    Where teacher and student share the kernel and there is no ridge, the loss is
    :math:`K(x, x) - |L^{-1} k(x)|^2` with K = L Lᵀ, and one factorisation serves all D.
    Numerics: it is a difference, and right to about ε K(x, x).

    References
    ----------
    P. Sollich, "Learning curves for Gaussian processes", NIPS (1998); S. Spigler, M.
    Geiger, M. Wyart, arXiv:1905.10843, for teachers of another kernel.

    Examples
    --------
    >>> from scalinglib.kernels import brownian
    >>> x = np.array([[0.5], [1.0]])
    >>> K, K_test = brownian(x), brownian([[0.75]], x)
    >>> teacher_average(K, K_test, own=[0.75], sizes=[1, 2])  # half way: 1/4 − 1/8
    array([0.25 , 0.125])
    """
    ridge = number("ridge", ridge, least=0)
    K = gram("K", K)
    sizes = increasing("sizes", sizes, most=len(K))
    K_test = _checked_rows("K_test", K_test, len(K))
    own = real_array("own", own).astype(float)
    if own.shape != (len(K_test),) or not own.size or not _finite(own):
        raise ValueError(
            f"own must be finite and ({len(K_test)},), with at least one test point, "
            f"got shape {own.shape}"
        )
    same = teacher is None
    K_T, k_T = (K, K_test) if same else _checked_teacher(teacher, K, K_test)
    D = sizes[-1]
    L = cholesky_factor(K[:D, :D], ridge, overwrite=False)
    half = solve_lower(L, K_test[:, :D].T)
    with np.errstate(over="ignore", invalid="ignore"):
        if same and not ridge:
            seen = np.cumsum((half**2).mean(axis=1))
            losses = own.mean() - seen[sizes - 1]
        else:
            losses = _each_size(L, half, K_T, k_T, own, sizes)
    if not np.isfinite(losses).all():
        raise ValueError("K, K_test and own must be of a size whose squares are floats")
    return losses


def _each_size(L, half, K_T, k_T, own, sizes):
    """Losses from the weights of every D, which are solved for one by one."""
    losses = []
    for D in sizes:
        w = solve_lower(L[:D, :D], half[:D], trans="T")
        change = w * (K_T[:D, :D] @ w - 2 * k_T[:, :D].T)
        losses.append((own + change.sum(axis=0)).mean())
    return np.array(losses)


def _checked_teacher(teacher, K, K_test):
    """Gram matrix and rows of a teacher, of the shapes of the student's."""
    K_T, k_T = pair("teacher", teacher)
    K_T = gram("teacher's K", K_T)
    if K_T.shape != K.shape:
        raise ValueError(
            f"teacher must have a Gram matrix of shape {K.shape}, got {K_T.shape}"
        )
    k_T = _checked_rows("teacher's K_test", k_T, len(K))
    if len(k_T) != len(K_test):
        raise ValueError(f"teacher must have {len(K_test)} test points, got {len(k_T)}")
    return K_T, k_T


def _least_squares_of_low_rank(f, Y, ridge):
    """From the singular values, whatever the rank: slower."""
    U, s, Vt = svd(f, full_matrices=False, check_finite=False)
    rank = int((s > max(f.shape) * np.finfo(float).eps * s[0]).sum())
    U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
    y = Y.reshape(len(Y), -1)
    seen = U.T @ y
    damped = s**2 + ridge
    theta = Vt.T @ ((s / damped)[:, None] * seen)
    missed = y - U @ seen
    outside = 1 - (U**2).sum(axis=1, keepdims=True)
    alpha = U @ (seen / damped[:, None])
    own = (U**2 @ (1 / damped))[:, None]
    near = np.flatnonzero(outside < 1e-4)  # where 1 − h has lost its digits
    alone = np.zeros((len(f), len(near)))
    alone[near, np.arange(len(near))] = 1
    for _ in range(2):  # Gram and Schmidt's, twice: exact however little is left
        alone = alone - U @ (U.T @ alone)
    outside[near, 0] = (alone**2).sum(axis=0)
    missed[near] = alone.T @ y
    nothing = len(f) * np.finfo(float).eps
    interpolated = outside <= nothing**2  # then the common factor δ drops out
    left_out = np.where(interpolated, alpha, ridge * alpha + missed)
    left_out /= np.where(interpolated, own, ridge * own + outside)
    return _shaped(theta, ridge * alpha + missed, left_out, Y)


def _shaped(theta, residuals, left_out, Y):
    """Without the axis of outputs where Y had none."""
    found = theta, residuals, left_out
    if not all(np.isfinite(part).all() for part in found):
        raise ValueError("f and Y must be of a size whose squares are floats")
    return LeastSquares(*(part.reshape(len(part), *Y.shape[1:]) for part in found))


def cholesky_factor(K, ridge, overwrite):
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


def solve_lower(L, B, trans="N"):
    return solve_triangular(L, B, trans=trans, lower=True, check_finite=False)


def _finite(A):
    # The extremes carry nan and ±inf; np.isfinite(A) would be a quarter of A in memory.
    return A.size == 0 or bool(np.isfinite(A.min()) and np.isfinite(A.max()))


def _checked_rows(name, K_test, D):
    K_test = real_array(name, K_test)
    if K_test.ndim != 2 or K_test.shape[1] != D or not _finite(K_test):
        raise ValueError(
            f"{name} must be finite and (D_test, {D}), got shape {K_test.shape}"
        )
    return K_test if K_test.dtype == np.float32 else K_test.astype(float, copy=False)


def checked_targets(Y, K):
    Y = real_array("Y", Y).astype(K.dtype)
    if Y.ndim not in (1, 2) or len(Y) != len(K) or not _finite(Y):
        raise ValueError(
            f"Y must be finite and ({len(K)},) or ({len(K)}, C), got shape {Y.shape}"
        )
    return Y
