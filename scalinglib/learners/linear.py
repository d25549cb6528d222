"""Least squares on features, and what each training example contributes."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import get_lapack_funcs, qr, solve_triangular, svd

from scalinglib._input import finite_rows, function, number
from scalinglib._linalg import checked_targets

__all__ = ["LeastSquares", "feature_ridge", "least_squares"]


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
    R. Cook, S. Weisberg, "Residuals and influence in regression" (1982).

    Examples
    --------
    >>> fit = least_squares([[1.0], [1.0], [1.0]], [0.0, 3.0, 6.0])
    >>> fit.theta.round(12), fit.left_out.round(12)  # the mean, and of the other two
    (array([3.]), array([-4.5,  0. ,  4.5]))
    """
    f = finite_rows("f", f)
    ridge = number("ridge", ridge, least=0)
    Y = checked_targets(Y, len(f), f.dtype)
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


def feature_ridge(features, *, ridge=0.0):
    r"""Ridge regression on features, a learner: ``learn(X, Y)`` returns ``predict``.

    .. math:: f(x) = \hat\theta \cdot \mathrm{features}(x)

    Parameters
    ----------
    features : callable
        ``features(X)`` is (D, P) for X (D, n).
    ridge : float, default 0.0
        δ ≥ 0, as in `least_squares`.

    Returns
    -------
    learn : callable
        ``learn(X, Y)`` for Y (D,) or (D, C) returns ``predict``, and ``predict(X_new)``
        for X_new (D', n) the values (D',) or (D', C).

    Raises
    ------
    ValueError
        If `ridge` is negative or `features` cannot be called; by ``learn`` and
        ``predict`` if inputs are not finite rows, and as `least_squares`.

    Examples
    --------
    >>> predict = feature_ridge(lambda X: np.hstack([X**0, X]))([[0.0], [1.0]], [1, 3])
    >>> predict(np.array([[2.0]])).round(12)
    array([5.])
    """
    function("features", features, of="inputs")
    ridge = number("ridge", ridge, least=0)

    def learn(X, Y):
        theta = least_squares(features(finite_rows("X", X)), Y, ridge=ridge).theta
        return lambda X_new: features(finite_rows("X_new", X_new)) @ theta

    return learn


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
