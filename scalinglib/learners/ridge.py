"""Ridge regression with a kernel, and what one factorisation gives."""

import copy

import numpy as np
from scipy.linalg import cho_solve

from scalinglib._input import function, gram, increasing, number
from scalinglib._labels import like
from scalinglib._linalg import (
    checked_rows,
    checked_targets,
    cholesky_factor,
    solve_lower,
)
from scalinglib.spectra.samples import Sample

__all__ = ["kernel_ridge", "leave_one_out", "nested_predictions"]


def leave_one_out(K, Y, *, ridge=0.0):
    r"""Residual of kernel ridge regression at each point when the others are fitted.

    .. math::

       Y_i - f_{-i}(x_i) = \frac{[(K + \delta)^{-1} Y]_i}{[(K + \delta)^{-1}]_{ii}}

    Parameters
    ----------
    K : (D, D) array_like or Sample
        Gram matrix of the training points.
    Y : (D,) or (D, C) array_like or DataArray
        Targets.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    ndarray or DataArray of the shape of Y

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
    ridge, labels = number("ridge", ridge, least=0), Y
    K = K if isinstance(K, Sample) else gram("K", K)
    Y = checked_targets(Y, len(K), getattr(K, "dtype", float))
    if isinstance(K, Sample):
        inverse = K.inverse_factor(ridge)
    else:
        L = cholesky_factor(K, ridge, overwrite=False)
        inverse = solve_lower(L, np.eye(len(K), dtype=K.dtype))
    left_out = inverse.T @ (inverse @ Y.reshape(len(Y), -1))
    left_out /= (inverse**2).sum(axis=0)[:, None]
    return like(labels, left_out.reshape(Y.shape))


def kernel_ridge(kernel, *, ridge=0.0):
    r"""Kernel ridge regression, a learner: ``learn(X, Y)`` returns ``predict(X_new)``.

    .. math:: f(x) = K(x, X) \, [K(X, X) + \delta \mathbb 1]^{-1} Y

    Parameters
    ----------
    kernel : callable
        ``kernel(X)`` is the Gram matrix (D, D), ``kernel(X_new, X)`` is (D', D).
    ridge : float
        δ ≥ 0, added to K (not divided by D). Zero interpolates the data.

    Returns
    -------
    learn : callable
        ``learn(X, Y)`` for X (D, n) and Y (D,) or (D, C) returns ``predict``, and
        ``predict(X_new)`` for X_new (D', n) the values (D',) or (D', C), in the type of
        the kernel. ``learn.nested(X, Y, X_new, sizes)`` are the predictions for every
        size, by `nested_predictions`, which `learning_curve` makes use of.

    Raises
    ------
    ValueError
        If `ridge` is negative or `kernel` cannot be called; by ``learn`` if K is not
        finite, not symmetric or not positive definite to rounding, or Y does not match
        it.

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
    function("kernel", kernel, of="(X, Y)")
    ridge = number("ridge", ridge, least=0)

    def learn(X, Y):
        X = copy.deepcopy(X)  # predict sees the points that were fitted
        K = gram("K", kernel(X))
        L = cholesky_factor(K, ridge, overwrite=False)
        alpha = cho_solve(
            (L, True), checked_targets(Y, len(K), K.dtype), check_finite=False
        )

        def predict(X_new):
            return kernel(X_new, X) @ alpha

        return predict

    def nested(X, Y, X_test, sizes):
        K, K_test = kernel(X), kernel(X_test, X)
        return nested_predictions(K, K_test, Y, sizes, ridge=ridge)

    learn.nested = nested
    return learn


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
    G. Golub, C. Van Loan, "Matrix computations", 4th ed. (2013).

    Examples
    --------
    >>> K = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> nested_predictions(K, K_test=K[:1], Y=[4.0, 1.0], sizes=[1, 2])
    array([[4.],
           [4.]])
    """
    ridge = number("ridge", ridge, least=0)
    K = gram("K", K)
    Y = checked_targets(Y, len(K), K.dtype)
    sizes = increasing("sizes", sizes, most=len(K))
    K_test = checked_rows("K_test", K_test, len(K))
    D = sizes[-1]
    L = cholesky_factor(K[:D, :D], ridge, overwrite)
    B = solve_lower(L, Y[:D].reshape(D, -1))
    seen = np.arange(D)[:, None] < sizes
    blocks = (seen[:, :, None] * B[:, None, :]).reshape(D, -1)
    f = K_test[:, :D] @ solve_lower(L, blocks, trans="T")
    return np.moveaxis(f.reshape(len(K_test), len(sizes), *Y.shape[1:]), 0, 1)
