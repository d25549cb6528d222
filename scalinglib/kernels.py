r"""Kernels of infinitely wide networks of ReLU or erf units.

For ReLU, with θ the angle between x and y, Cho and Saul's arc-cosine functions

.. math::

   \kappa_0 = \frac{\pi - \theta}{\pi}, \qquad
   \kappa_1 = \frac{\sin\theta + (\pi - \theta)\cos\theta}{\pi}

carry a kernel through one ReLU layer: κ₁ is the cosine of the angle behind the layer,
κ₀ the fraction of its units that are on for both inputs. For erf the same integrals are
an arcsine and an inverse square root (Williams).
"""

from math import pi

import numpy as np

from scalinglib._input import real_array, whole_number

__all__ = ["nngp", "ntk"]

_TILE = 256  # a tile of float64 (0.5 MB) and its temporaries stay in the cache


def ntk(X, Y=None, *, depth, activation="relu"):
    r"""Neural tangent kernel of the infinitely wide network without biases.

    .. math::

       \Theta^0 = x \cdot y, \qquad
       \Theta^{l+1} = \Sigma^{l+1} + \Theta^l \dot\Sigma^{l+1}, \qquad
       \Sigma^{l+1} = \|x\| \|y\| \, \kappa_1(\theta_l), \qquad
       \dot\Sigma^{l+1} = \kappa_0(\theta_l),

    for ReLU, where θ_l is the angle with cos θ_l = Σ^l / (‖x‖ ‖y‖). Then Θ(x, x) =
    (depth + 1) ‖x‖² and Θ(ax, by) = ab Θ(x, y) for a, b > 0. For erf

    .. math::

       \Sigma^{l+1} = \frac2\pi \arcsin \frac{2 \Sigma^l(x, y)}{\sqrt{d}}, \quad
       \dot\Sigma^{l+1} = \frac4\pi \frac1{\sqrt{d - 4 \Sigma^l(x, y)^2}}, \quad
       d = (1 + 2 \Sigma^l(x, x)) (1 + 2 \Sigma^l(y, y)).

    Parameters
    ----------
    X : (D, n) array_like
        Inputs as rows.
    Y : (D', n) array_like, optional
        Other inputs; by default `X`, at half the work.
    depth : int
        Number of hidden layers, ≥ 0.
    activation : {"relu", "erf"}
        The units of all hidden layers.

    Returns
    -------
    (D, D') ndarray
        Θ of the rows of `X` and of `Y`: float32 if both are, otherwise float64.

    Raises
    ------
    ValueError
        If `depth` is not an integer ≥ 0, if `X` or `Y` is not a real finite matrix with
        ‖x‖² in the range of the result, or if they differ in n.

    Notes
    -----
    Numerics: near θ = 0 and θ = π the angle is the square root of 1 ∓ cos θ, which a
    float32 cosine has lost (errors of 1e-4). So cosines and 1 ∓ cos θ are computed in
    float64, and only then rounded to the result's type in which the layers are applied.
    In units of (depth + 1) ‖x‖ ‖y‖, an entry is right to about 1e-7 in float32, in
    float64 to 1e-15, but 1e-8 where x and y are equal or opposite; the diagonal of
    ``ntk(X)`` is exact.

    References
    ----------
    A. Jacot, F. Gabriel, C. Hongler, arXiv:1806.07572 (2018), Theorem 1;
    S. Arora et al., arXiv:1904.11955 (2019), section 3;
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009), eqs. (3)–(6);
    C. Williams, "Computing with infinite networks" (1997), for erf.

    Examples
    --------
    >>> ntk([[3.0, 4.0], [0.0, 2.0]], depth=1).round(6)
    array([[50.      , 14.632535],
           [14.632535,  8.      ]])
    """
    return _gram(X, Y, depth, activation, tangent=True)


def nngp(X, Y=None, *, depth, activation="relu"):
    r"""Covariance of the outputs of the infinitely wide random network.

    .. math::

       \Sigma^0 = x \cdot y, \qquad \Sigma^{l+1} = \|x\| \|y\| \, \kappa_1(\theta_l),
       \qquad \cos\theta_l = \frac{\Sigma^l}{\|x\| \|y\|},

    for ReLU, scaled (weight variance 2/fan-in in the hidden layers) so that Σ(x, x) =
    ‖x‖² at every depth; for erf as in `ntk`, with weight variance 1/fan-in. By this
    kernel the network at initialisation is a Gaussian process.

    Parameters
    ----------
    X : (D, n) array_like
        Inputs as rows.
    Y : (D', n) array_like, optional
        Other inputs; by default `X`, at half the work.
    depth : int
        Number of hidden layers, ≥ 0.
    activation : {"relu", "erf"}
        The units of all hidden layers.

    Returns
    -------
    (D, D') ndarray
        Σ of the rows of `X` and of `Y`: float32 if both are, otherwise float64.

    Raises
    ------
    ValueError
        As `ntk`, whose notes on numerics hold here too.

    References
    ----------
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009), eqs. (3)–(6);
    J. Lee et al., arXiv:1711.00165 (2018), section 2.

    Examples
    --------
    >>> nngp([[1.0, 0.0], [0.0, 1.0]], depth=1).round(6)
    array([[1.     , 0.31831],
           [0.31831, 1.     ]])
    """
    return _gram(X, Y, depth, activation, tangent=False)


def _gram(X, Y, depth, activation, *, tangent):
    """Fill the Gram matrix tile by tile, the lower tiles by symmetry if Y is None."""
    depth = whole_number("depth", depth, least=0)
    if not isinstance(activation, str) or activation not in ("relu", "erf"):
        raise ValueError(f"activation must be 'relu' or 'erf', got {activation!r}")
    prepare, layers = (_polar, _relu) if activation == "relu" else (_with_squares, _erf)
    X, symmetric = _checked("X", X), Y is None
    Y = X if symmetric else _checked("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"Y has {Y.shape[1]} columns; accepted is X's {X.shape[1]}")
    dtype = np.float32 if X.dtype == Y.dtype == np.float32 else np.float64

    X, r = prepare("X", X, dtype, depth)
    Y, s = (X, r) if symmetric else prepare("Y", Y, dtype, depth)
    K = np.empty((len(X), len(Y)), dtype)
    for rows, cols, products in _tiles(X, Y, symmetric):
        tile = layers(products, r[rows], s[cols], depth, dtype, tangent)
        if symmetric and rows == cols:  # BLAS need not round x·y and y·x alike
            tile = np.maximum(tile, tile.T)
        K[rows, cols] = tile
        if symmetric:
            K[cols, rows] = tile.T
    if symmetric and activation == "relu":
        np.fill_diagonal(K, (depth + 1 if tangent else 1) * r**2)
    return K


def _tiles(X, Y, symmetric):
    """Yield slices of X and of Y with their inner products; upper tiles or all."""
    # Few calls of BLAS, whose threads wait for each other, yet a quarter of the memory.
    band = _TILE * max(1, len(X) // (4 * _TILE))
    buffer = np.empty((min(band, len(X)), len(Y)))
    for top in range(0, len(X), band):
        left = top if symmetric else 0
        products = buffer[: len(X) - top, left:]
        np.matmul(X[top : top + band], Y[left:].T, out=products)
        for i in range(0, len(products), _TILE):
            for j in range(i if symmetric else 0, products.shape[1], _TILE):
                rows = slice(top + i, top + i + _TILE)
                cols = slice(left + j, left + j + _TILE)
                yield rows, cols, products[i : i + _TILE, j : j + _TILE]


def _relu(cos, r, s, depth, dtype, tangent):
    """Apply the layers to unit vectors, in u = 1 − cos θ and v = 1 + cos θ."""
    np.clip(cos, -1, 1, out=cos)
    u, v, kernel = ((1 - cos).astype(dtype), (1 + cos).astype(dtype), cos.astype(dtype))
    for _ in range(depth):
        sin, cos = np.sqrt(u * v), 1 - u
        theta = np.arctan2(sin, cos)
        # 1 − κ₁(θ); rounding must not make it negative at θ = 0.
        u = np.maximum(u - (sin - theta * cos) / pi, 0)
        v = 2 - u
        kernel = (1 - u) + kernel * (1 - theta / pi) if tangent else 1 - u
    kernel *= np.outer(r, s).astype(dtype)
    return kernel


def _erf(S, sx, sy, depth, dtype, tangent):
    """Apply the layers to inner products S, with Σ(x, x) in sx and Σ(y, y) in sy."""
    kernel = S = S.copy()
    for _ in range(depth):
        a, b = 1 + 2 * sx, 1 + 2 * sy
        d = np.outer(a, b)
        if tangent:
            # By Cauchy and Schwarz d − 4S² ≥ a + b − 1; rounding must not go below.
            rest = np.maximum(d - 4 * S**2, np.add.outer(a, b) - 1)
            slope = 4 / pi / np.sqrt(rest)
        S = 2 / pi * np.arcsin(np.clip(2 * S / np.sqrt(d), -1, 1))
        kernel = S + kernel * slope if tangent else S
        sx, sy = 2 / pi * np.arcsin(1 - 1 / a), 2 / pi * np.arcsin(1 - 1 / b)
    return kernel.astype(dtype)


def _polar(name, X, dtype, depth):
    """Split rows into directions (float64; a zero row has none) and lengths."""
    X = X.astype(np.float64)
    squares = _squares(name, X, np.finfo(dtype).max / (depth + 1))
    small = np.finfo(np.float64).tiny
    lost = (squares < small) & X.any(axis=1)
    if lost.any():
        raise ValueError(
            f"{name} must have rows that are zero or have ‖x‖² ≥ {small:.0e}; "
            f"row {int(lost.argmax())} has neither"
        )
    r = np.sqrt(squares)
    X /= np.where(r > 0, r, 1)[:, None]
    return X, r


def _with_squares(name, X, dtype, depth):
    """Rows in float64, and their squared lengths."""
    X = X.astype(np.float64)
    # Θ ≤ (4/π)^depth ‖x‖ ‖y‖ + depth must fit the type, and squares of ‖x‖² float64.
    limit = min(float(np.finfo(dtype).max) / 1e3, 1e150) / (4 / pi) ** depth
    return X, _squares(name, X, limit)


def _squares(name, X, limit):
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
