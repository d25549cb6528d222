"""How a Gram matrix is filled: tile by tile, half of it where it is symmetric."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from scalinglib._input import real_array

LARGEST = 1e150  # length², so that products of two are floats
_TILE = 256  # a tile of float64 (0.5 MB) and its temporaries stay in the cache
_DIRECT = 8  # up to so many coordinates differences are cheaper than they are inexact


class Recipe(NamedTuple):
    """A kernel as a function of one product of two rows, and of one number for each."""

    prepare: Callable  # (name, X, dtype) -> rows, and a number for each
    product: Callable  # (rows, rows, out): what the values depend on
    own: Callable  # (number) -> product of a row with itself
    values: Callable  # (product, number, number, dtype) -> K, entry by entry
    on_sphere: Callable  # (cosine) -> product and number of unit vectors


def evaluate(recipe, X, Y, diagonal):
    """Fill the Gram matrix tile by tile, the lower tiles by symmetry if Y is None."""
    X, symmetric = _checked("X", X), Y is None
    Y = X if symmetric else _checked("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"Y has {Y.shape[1]} columns; accepted is X's {X.shape[1]}")
    dtype = np.dtype(np.float32 if X.dtype == Y.dtype == np.float32 else np.float64)

    X, r = recipe.prepare("X", X, dtype)
    own = recipe.values(recipe.own(r), r, r, dtype) if symmetric else None
    if diagonal:
        alone(None if symmetric else Y)
        return own
    Y, s = (X, r) if symmetric else recipe.prepare("Y", Y, dtype)
    K = np.empty((len(X), len(Y)), dtype)
    for rows, cols, products in _tiles(X, Y, symmetric, recipe.product):
        tile = recipe.values(products, r[rows, None], s[cols], dtype)
        if symmetric and rows == cols:  # BLAS need not round x·y and y·x alike
            tile = np.maximum(tile, tile.T)
        K[rows, cols] = tile
        if symmetric:
            K[cols, rows] = tile.T
    if symmetric:
        np.fill_diagonal(K, own)
    return K


def _tiles(X, Y, symmetric, product):
    """Yield slices of X and of Y with their products; upper tiles or all."""
    # Few calls of BLAS, whose threads wait for each other, yet little memory.
    band = _TILE * max(1, len(X) // (8 * _TILE))
    buffer = np.empty((min(band, len(X)), len(Y)))
    for top in range(0, len(X), band):
        left = top if symmetric else 0
        products = buffer[: len(X) - top, left:]
        product(X[top : top + band], Y[left:], products)
        for i in range(0, len(products), _TILE):
            for j in range(i if symmetric else 0, products.shape[1], _TILE):
                rows = slice(top + i, top + i + _TILE)
                cols = slice(left + j, left + j + _TILE)
                yield rows, cols, products[i : i + _TILE, j : j + _TILE]


def squared_distances(A, B, out):
    """From differences, or, where that is slow, from products of centred rows."""
    if A.shape[1] <= _DIRECT:
        out[...] = cdist(A, B, "sqeuclidean")
        return
    centre = A.mean(axis=0)
    U, V = A - centre, B - centre
    a, b = (np.einsum("ij,ij->i", Z, Z) for Z in (U, V))
    np.matmul(U, V.T, out=out)
    out *= -2
    out += a[:, None]
    out += b
    for i in range(0, len(A), 64):  # where digits were lost, from differences
        rows = slice(i, i + 64)
        near = out[rows] < 1e-6 * (a[rows, None] + b)
        for j in np.flatnonzero(near.any(axis=0)):
            apart = A[rows][near[:, j]] - B[j]
            out[rows, j][near[:, j]] = np.einsum("ij,ij->i", apart, apart)


def squares_of(name, X, limit):
    with np.errstate(over="ignore"):
        squares = np.einsum("ij,ij->i", X, X)
    if not squares.max() <= limit:  # so written, it is true for nan
        raise ValueError(
            f"{name} must be finite with ‖x‖² ≤ {limit:.0e}, got {squares.max()}"
        )
    return squares


def _checked(name, X):
    X = real_array(name, X)
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"{name} must be a (D, n) array, not empty; got {X.shape}")
    return X


def alone(Y):
    if Y is not None:
        raise ValueError("Y must be left out for a diagonal: it is that of K(X, X)")
