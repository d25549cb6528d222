"""Kernel regression, averaged over teachers of a prior in closed form."""

import numpy as np

from scalinglib._input import gram, increasing, number, pair, real_array
from scalinglib._labels import over
from scalinglib._linalg import checked_rows, cholesky_factor, finite, solve_lower

__all__ = ["teacher_average"]


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
    sizes : sequence of int, or DataArray
        The values of D, increasing, from 1 to at most D_max.
    teacher : (K, K_test), optional
        The same two matrices of the teacher; by default the student's.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    (len(sizes),) ndarray or DataArray
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
    labels, sizes = sizes, increasing("sizes", sizes, most=len(K))
    K_test = checked_rows("K_test", K_test, len(K))
    own = real_array("own", own).astype(float)
    if own.shape != (len(K_test),) or not own.size or not finite(own):
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
    return over(labels, losses)


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
    k_T = checked_rows("teacher's K_test", k_T, len(K))
    if len(k_T) != len(K_test):
        raise ValueError(f"teacher must have {len(K_test)} test points, got {len(k_T)}")
    return K_T, k_T
