"""Kernel ridge regression on more points than their Gram matrix fits into memory."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from scalinglib._input import (
    above_zero,
    finite_rows,
    function,
    generator,
    whole_number,
)
from scalinglib._linalg import checked_targets
from scalinglib.kernels.operator import GramOperator

__all__ = ["large_kernel_ridge"]


def large_kernel_ridge(
    kernel, *, ridge, rank=1000, tolerance=1e-6, steps=200, tile=512, rng=None
):
    r"""Kernel ridge regression by conjugate gradients, a learner as `kernel_ridge`.

    .. math::

       f(x) = K(x, X) \, a, \qquad (K + \delta \mathbb 1) \, a = Y

    K is never stored: each step is one product with it. Steps are few since the
    equations are first multiplied with the inverse of Nyström's approximation,

    .. math::

       (B B^{\mathsf T} + \delta \mathbb 1)^{-1}
         = \frac{\mathbb 1 - B \, (B^{\mathsf T} B + \delta \mathbb 1)^{-1}
           B^{\mathsf T}}{\delta}, \qquad
       B B^{\mathsf T} = K_{:r} \, K_{rr}^{+} \, K_{r:} ,

    made of r points drawn at random: it takes the place of eigenvalues above δ.

    Parameters
    ----------
    kernel : callable
        ``kernel(X)`` is the Gram matrix (D, D), ``kernel(X, Y)`` is (D, D').
    ridge : float
        δ > 0, added to K (not divided by D). Steps grow as it falls below the
        eigenvalue of order `rank`.
    rank : int, default 1000
        r, at least 1; of fewer points, all. B takes 8 D r bytes.
    tolerance : float, default 1e-6
        Relative residual :math:`|Y - (K + \delta) a| / |Y|` for each target, at the
        end computed anew.
    steps : int, default 200
        At most as many products with K, at least 1.
    tile : int, default 512
        As in `scalinglib.kernels.GramOperator`.
    rng : Generator or seed, optional
        Draws the r points.

    Returns
    -------
    learn : callable
        ``learn(X, Y)`` for X (D, n) and Y (D,) or (D, C) returns ``predict``, which has
        the attributes ``products``, how many with K it took, and ``residual``, the
        largest of the targets. All targets share each product.

    Raises
    ------
    ValueError
        If an argument is not as told; by ``learn`` if Y does not match X.
    RuntimeError
        By ``learn``, if `steps` were not enough; the message says how far it came.

    Notes
    -----
    Cost: D²/2 values of the kernel a product. With Matérn's kernel, ν = 3/2, n = 10 and
    δ = D/1000, six products each, on two cores: D = 10⁴ 7 s, 4·10⁴ 80 s, 10⁵ 7 minutes
    and 1.8 GB. With δ = D/10⁵ it takes 22 products.

    References
    ----------
    Z. Frangella, J. Tropp, M. Udell, SIAM J. Matrix Anal. Appl. 44, 718 (2023), for
    preconditioning by Nyström's approximation; G. Golub, C. Van Loan, "Matrix
    computations", 4th ed. (2013), algorithm 11.5.1.

    Examples
    --------
    >>> from functools import partial
    >>> from scalinglib.kernels import matern
    >>> from scalinglib.learners import kernel_ridge
    >>> K = partial(matern, nu=1.5, bandwidth=1.0)
    >>> X = np.random.default_rng(0).random((500, 3))
    >>> predict = large_kernel_ridge(K, ridge=0.5, rank=100, rng=0)(X, X[:, 0])
    >>> exact = kernel_ridge(K, ridge=0.5)(X, X[:, 0])
    >>> predict.residual < 1e-6, bool(abs(predict(X) - exact(X)).max() < 1e-5)
    (True, True)
    """
    ridge, tolerance = above_zero("ridge", ridge), above_zero("tolerance", tolerance)
    function("kernel", kernel, of="(X, Y)")
    rank, steps, tile = (
        whole_number(name, value, least=1)
        for name, value in {"rank": rank, "steps": steps, "tile": tile}.items()
    )
    rng = generator(rng)

    def learn(X, Y):
        K = GramOperator(kernel, X, tile=tile)
        Y = checked_targets(Y, len(K.X), float)
        places = rng.permutation(len(K.X))[:rank]
        inverse = _inverse(K.nystrom(places), ridge)
        A, products, residual = _conjugate_gradients(
            lambda V: K @ V + ridge * V,
            Y.reshape(len(Y), -1),
            inverse,
            tolerance,
            steps,
        )

        def predict(X_new):
            X_new = finite_rows("X_new", X_new, least=1)
            return K.predict(X_new, A).reshape(len(X_new), *Y.shape[1:])

        predict.products, predict.residual = products, residual
        return predict

    return learn


def _inverse(B, ridge):
    """Inverse of B Bᵀ plus the ridge."""
    inner = B.T @ B
    np.einsum("ii->i", inner)[:] += ridge
    factor = cho_factor(inner)
    return lambda V: (V - B @ cho_solve(factor, B.T @ V)) / ridge


def _conjugate_gradients(product, Y, inverse, tolerance, steps):
    """Solution for all columns at once, products it took, largest relative residual.

    What rounding adds up in the recurrence is seen by a residual computed anew, from
    which it starts again.
    """
    A, R, size = np.zeros_like(Y), Y, np.linalg.norm(Y, axis=0)
    size[size == 0] = 1.0
    taken = 0
    while True:
        Z = inverse(R)
        P, old = Z, (R * Z).sum(axis=0)
        while taken < steps and _far(R, size) > tolerance:
            Q = product(P)
            taken += 1
            step = old / _above_zero((P * Q).sum(axis=0))
            A, R = A + step * P, R - step * Q
            Z = inverse(R)
            new = (R * Z).sum(axis=0)
            P, old = Z + new / _above_zero(old) * P, new
        R = Y - product(A)
        taken += 1
        if (residual := _far(R, size)) <= tolerance:
            return A, taken, residual
        if taken >= steps:
            raise RuntimeError(
                f"after {taken} products the residual is {residual:.1e}, not yet "
                f"{tolerance:g}: raise steps, rank or ridge"
            )


def _far(R, size):
    return float((np.linalg.norm(R, axis=0) / size).max())


def _above_zero(values):
    """Denominators of targets that are solved exactly are zero over zero: no step."""
    return np.where(values > 0, values, 1.0)
