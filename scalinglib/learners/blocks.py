"""Errors of kernel regression on blocks of examples, between all pairs of outputs."""

import numpy as np
import xarray as xr

from scalinglib._input import (
    function,
    generator,
    gram,
    increasing,
    real_array,
    rows_and_targets,
    whole_number,
)
from scalinglib._linalg import checked_targets, cholesky_factor, solve_lower

__all__ = ["error_matrices"]


def error_matrices(rng, *, kernel, X, Y, sizes, test=2000):
    r"""Errors of kernel regression on random samples, a matrix for each size: a trial.

    .. math::

       E_{ab}(D) = \mathbb E_x \bigl[(f_D - y)_a \, (f_D - y)_b\bigr]

    Its trace is the loss. Kernel regression is linear in the labels, so the loss for
    the labels y G, with any matrix G, is :math:`\operatorname{tr} G^{\mathsf T} E G`:
    classes that are merged, differences of two, one class alone.

    A sample of D_max points is cut into D_max / D blocks of each smaller size, and the
    matrices of the blocks are averaged.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the sample.
    kernel : callable
        ``kernel(X)`` and ``kernel(X_new, X)``, as those of `scalinglib.kernels`.
    X : (N, n) array_like
        Inputs; the last `test` rows are the test set.
    Y : (N, C) array_like
        Labels.
    sizes : sequence of int
        The values of D, increasing, at most N − test.
    test : int, default 2000
        From 1 to N − 1.

    Returns
    -------
    DataArray, dims (D, a, b)
        Without coordinates for the outputs a and b.

    Raises
    ------
    ValueError
        If shapes do not match, something is not finite, sizes are out of range, or a
        Gram matrix is not positive definite to rounding, as with equal inputs.

    Examples
    --------
    >>> from scalinglib import kernels
    >>> X = np.linspace(0.1, 1, 40)[:, None]
    >>> E = error_matrices(
    ...     0, kernel=kernels.brownian, X=X, Y=np.hstack([X, 1 - X]), sizes=[5, 10],
    ...     test=20,
    ... )
    >>> E.dims, bool(E.sel(D=10)[0, 0] < E.sel(D=5)[0, 0])
    (('D', 'a', 'b'), True)
    """
    rng, (X, Y) = generator(rng), rows_and_targets(X, Y)
    if X.ndim != 2 or Y.ndim != 2:
        raise ValueError(f"X and Y must be (N, n), (N, C), got {X.shape}, {Y.shape}")
    if not (np.isfinite(X).all() and np.isfinite(Y).all()):
        raise ValueError("X and Y must be finite, got nan or infinity")
    function("kernel", kernel, of="(X, Y)")
    test = whole_number("test", test, least=1)
    pool = len(X) - test
    if pool < 1:
        raise ValueError(f"test must be below the {len(X)} rows of X, got {test}")
    sizes = increasing("sizes", sizes, most=pool)
    most = sizes[-1]
    drawn = rng.permutation(pool)[:most]
    K = gram("kernel(X)", kernel(X[drawn]))
    K_test = real_array("kernel(X_new, X)", kernel(X[pool:], X[drawn]))
    if len(K) != most or K_test.shape != (test, most) or not np.isfinite(K_test).all():
        raise ValueError(
            f"kernel must return finite matrices ({most}, {most}) and ({test}, {most}) "
            f"here, got shapes {K.shape} and {K_test.shape}"
        )
    Y_test, Y = Y[pool:], checked_targets(Y[drawn], len(K), K.dtype)
    matrices = [_of_blocks(K, K_test, Y, Y_test, D) for D in sizes]
    if not np.isfinite(matrices).all():
        raise ValueError("Y must be of a size whose squares are floats")
    return xr.DataArray(matrices, dims=["D", "a", "b"], coords={"D": sizes})


def _of_blocks(K, K_test, Y, Y_test, D):
    """Error matrix, averaged over the blocks of D points."""
    most, C = Y.shape
    starts = range(0, most - D + 1, D)
    alpha = np.zeros((most, len(starts), C), K.dtype)  # of a block, zero elsewhere
    for b, start in enumerate(starts):
        part = slice(start, start + D)
        try:
            L = cholesky_factor(K[part, part], 0.0, overwrite=False)
        except ValueError:
            raise ValueError(
                "kernel(X) must be positive definite to rounding: X must hold no "
                f"(nearly) equal rows, and {K.dtype} suffice for so smooth a kernel"
            ) from None
        half = solve_lower(L, Y[part])
        alpha[part, b] = solve_lower(L, half, trans="T")
    f = K_test @ alpha.reshape(most, -1)
    errors = (f - np.tile(Y_test, len(starts))).reshape(-1, C)
    return errors.T @ errors / len(errors)
