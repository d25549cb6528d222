"""A Gram matrix that is never stored: its products, and some of its columns."""

import joblib
import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator
from threadpoolctl import threadpool_limits

from scalinglib._input import finite_rows, function, whole_number

__all__ = ["GramOperator"]


class GramOperator(LinearOperator):
    r"""Gram matrix of many points as an operator: ``operator @ V`` is K V.

    Each tile of K is made, used for the rows and, as K is symmetric, for the columns
    that it stands for, and forgotten. So memory is that of the points and of V, and
    time is D²/2 values of the kernel a product, whatever the number of columns of V.

    Parameters
    ----------
    kernel : callable
        ``kernel(X)`` is the Gram matrix (D, D), ``kernel(X, Y)`` is (D, D').
    X : (D, n) array_like
        Finite. In float32 the kernel is evaluated in float32, twice as fast; sums over
        tiles are float64 always.
    tile : int, default 512
        Rows of a tile, at least 1.

    Raises
    ------
    ValueError
        If an argument is not as told.

    Notes
    -----
    Tiles run through joblib's threads: one after another, or, with
    ``joblib.parallel_config(n_jobs=2)``, two at a time. Their sum is taken in one
    order, so that no digit depends on the number of threads.

    Examples
    --------
    >>> from functools import partial
    >>> from scalinglib.kernels import laplace
    >>> X = np.random.default_rng(0).random((500, 2))
    >>> K = partial(laplace, bandwidth=1.0)
    >>> v = np.ones(500)
    >>> bool(np.allclose(GramOperator(K, X, tile=64) @ v, K(X) @ v, rtol=1e-12))
    True
    """

    def __init__(self, kernel, X, *, tile=512):
        """Check the points, and evaluate nothing yet."""
        function("kernel", kernel, of="(X, Y)")
        single = getattr(X, "dtype", None) == np.float32
        self.kernel = kernel
        self.X = finite_rows("X", X).astype(np.float32 if single else float)
        tile = whole_number("tile", tile, least=1)
        D, self._tile_rows = len(self.X), tile
        self._rows = [slice(i, min(i + tile, D)) for i in range(0, D, tile)]
        super().__init__(np.float64, (D, D))

    def _matmat(self, V):
        """K V for all columns of V at once."""
        pairs = [(i, j) for k, i in enumerate(self._rows) for j in self._rows[k:]]
        out = np.zeros((len(self.X), V.shape[1]))
        with threadpool_limits(limits=1):
            products = joblib.Parallel(require="sharedmem", return_as="generator")(
                joblib.delayed(self._tile)(i, j, V) for i, j in pairs
            )
            for (i, j), (upper, lower) in zip(pairs, products, strict=True):
                out[i] += upper
                if i != j:
                    out[j] += lower
        return out

    def _matvec(self, v):
        return self._matmat(v.reshape(-1, 1))

    def _rmatmat(self, V):
        return self._matmat(V)

    def _adjoint(self):
        return self

    def _tile(self, i, j, V):
        if i == j:  # a kernel may know its diagonal better than rounding does
            return self.kernel(self.X[i]).astype(float, copy=False) @ V[i], None
        K = self.kernel(self.X[i], self.X[j]).astype(float, copy=False)
        return K @ V[j], K.T @ V[i]

    def predict(self, X_new, A):
        """Values at new points of the function with these coefficients.

        Parameters
        ----------
        X_new : (D', n) array_like
        A : (D, C) array_like

        Returns
        -------
        (D', C) ndarray
        """
        A, out = np.asarray(A), np.zeros((len(X_new), np.shape(A)[1]))
        for start in range(0, len(X_new), self._tile_rows):
            new = slice(start, start + self._tile_rows)
            for i in self._rows:
                out[new] += self.kernel(X_new[new], self.X[i]) @ A[i]
        return out

    def columns(self, places):
        """Some columns of K, a stored matrix.

        Parameters
        ----------
        places : (r,) array_like of int

        Returns
        -------
        (D, r) ndarray
        """
        chosen = self.X[np.asarray(places)]
        return np.concatenate([self.kernel(self.X[i], chosen) for i in self._rows])

    def nystrom(self, places):
        """Factor B of Nyström's approximation B Bᵀ of K, from some of its columns.

        Parameters
        ----------
        places : (r,) array_like of int

        Returns
        -------
        (D, at most r) ndarray of float64
            Without directions that are rounding.

        Raises
        ------
        ValueError
            If the kernel is not finite there, or zero.
        """
        C = self.columns(places)
        if not np.isfinite(C).all():
            raise ValueError("K must be finite, got nan or infinity from its kernel")
        values, vectors = eigh(C[places].astype(float))
        if not values[-1] > 0:
            raise ValueError("K must not be zero")
        seen = values > len(values) * np.finfo(C.dtype).eps * values[-1]
        return C @ (vectors[:, seen] / np.sqrt(values[seen]))
