"""Kernels of infinitely wide networks."""

import numpy as np

from scalinglib._input import number, one_of, whole_number
from scalinglib.kernels._gram import LARGEST, Recipe, evaluate, squares_of
from scalinglib.kernels._layers import (
    _PI,
    _around,
    _erf,
    _polar,
    _relu,
    _with_coordinate,
)

__all__ = ["arc_cosine", "nngp", "ntk"]


def ntk(X, Y=None, *, depth, activation="relu", bias=0.0, diagonal=False):
    r"""Neural tangent kernel of the infinitely wide network.

    .. math::

       \Theta^0 = \Sigma^0 = x \cdot y + \beta^2, \qquad
       \Theta^{l+1} = \Sigma^{l+1} + \Theta^l \dot\Sigma^{l+1}, \qquad
       \Sigma^{l+1} = r_l s_l \, \kappa_1(\theta_l) + \beta^2, \qquad
       \dot\Sigma^{l+1} = \kappa_0(\theta_l),

    for ReLU, where r_l² = Σ^l(x, x), s_l² = Σ^l(y, y) and θ_l is the angle with
    cos θ_l = Σ^l / (r_l s_l). Without a bias Θ(x, x) = (depth + 1) ‖x‖² and
    Θ(ax, by) = ab Θ(x, y) for a, b > 0. For erf

    .. math::

       \Sigma^{l+1} = \frac2\pi \arcsin \frac{2 \Sigma^l(x, y)}{\sqrt{d}} + \beta^2,
       \quad \dot\Sigma^{l+1} = \frac4\pi \frac1{\sqrt{d - 4 \Sigma^l(x, y)^2}}, \quad
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
    bias : float, default 0.0
        β from 0 to 1e15, standard deviation of the biases in every layer, which are
        trained too.
    diagonal : bool, default False
        Return Θ(x, x) for the rows of `X` only.

    Returns
    -------
    (D, D') ndarray, or (D,)
        Θ of the rows of `X` and of `Y`: float32 if both are, otherwise float64.

    Raises
    ------
    ValueError
        If `depth` is not an integer ≥ 0 or `bias` out of range, if `X` or `Y` is not a
        real finite matrix with ‖x‖² in the range of the result, if they differ in n, or
        if a row is zero and the kernel homogeneous (ReLU, no bias): zero has no
        direction.

    Notes
    -----
    Numerics: near θ = 0 and θ = π the angle is the square root of 1 ∓ cos θ, which a
    float32 cosine has lost (errors of 1e-4). So cosines and 1 ∓ cos θ are computed in
    float64, and only then rounded to the result's type in which the layers are applied.
    For ReLU, in units of (depth + 1) r₀ s₀ an entry is right to about 1e-7 in float32,
    in float64 to 1e-15, but 1e-8 where (x, β) and (y, β) are parallel or opposite, as
    all are for a large bias; the diagonal of ``ntk(X)`` is exact.

    References
    ----------
    A. Jacot, F. Gabriel, C. Hongler, arXiv:1806.07572 (2018), Theorem 1;
    S. Arora et al., arXiv:1904.11955 (2019);
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009);
    C. Williams, "Computing with infinite networks" (1997), for erf.

    Examples
    --------
    >>> ntk([[3.0, 4.0], [0.0, 2.0]], depth=1).round(6)
    array([[50.      , 14.632535],
           [14.632535,  8.      ]])
    """
    return evaluate(_network(depth, activation, bias, tangent=True), X, Y, diagonal)


def nngp(X, Y=None, *, depth, activation="relu", bias=0.0, diagonal=False):
    r"""Covariance of the outputs of the infinitely wide random network.

    .. math::

       \Sigma^0 = x \cdot y + \beta^2, \qquad
       \Sigma^{l+1} = r_l s_l \, \kappa_1(\theta_l) + \beta^2, \qquad
       \cos\theta_l = \frac{\Sigma^l}{r_l s_l},

    for ReLU, with r_l² = Σ^l(x, x) and s_l² = Σ^l(y, y), scaled (weight variance
    2/fan-in in the hidden layers) so that without a bias Σ(x, x) = ‖x‖² at every depth;
    for erf as in `ntk`, with weight variance 1/fan-in. By this kernel the network at
    initialisation is a Gaussian process.

    Parameters
    ----------
    X, Y, depth, activation, bias, diagonal
        As in `ntk`.

    Returns
    -------
    (D, D') ndarray, or (D,)
        Σ of the rows of `X` and of `Y`: float32 if both are, otherwise float64.

    Raises
    ------
    ValueError
        As `ntk`, whose notes on numerics hold here too.

    References
    ----------
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009);
    J. Lee et al., arXiv:1711.00165 (2018), section 2.

    Examples
    --------
    >>> nngp([[1.0, 0.0], [0.0, 1.0]], depth=1).round(6)
    array([[1.     , 0.31831],
           [0.31831, 1.     ]])
    """
    return evaluate(_network(depth, activation, bias, tangent=False), X, Y, diagonal)


def arc_cosine(X, Y=None, *, order, diagonal=False):
    r"""Inner product of infinitely many random units, steps or ReLUs.

    .. math::

       K_0 = \kappa_0(\theta) = 2 \, \mathbb E_w [1_{w \cdot x > 0} 1_{w \cdot y > 0}],
       \qquad
       K_1 = \|x\| \|y\| \, \kappa_1(\theta)
           = 2 \, \mathbb E_w [(w \cdot x)_+ (w \cdot y)_+]

    with standard normal w. Order 1 is `nngp` with one hidden layer.

    Parameters
    ----------
    X, Y, diagonal
        As in `ntk`; no row may be zero.
    order : {0, 1}
        0 for steps, 1 for ReLUs.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        As `ntk`, or if `order` is neither 0 nor 1.

    References
    ----------
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009).

    Examples
    --------
    >>> arc_cosine([[1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]], order=0)
    array([[0.5, 1. ]])
    """
    return evaluate(_arc_cosine(order), X, Y, diagonal)


def _network(depth, activation="relu", bias=0.0, *, tangent):
    depth = whole_number("depth", depth, least=0)
    bias = number("bias", bias, least=0)
    if bias > 1e15:
        raise ValueError(f"bias must be at most 1e15, got {bias:g}")
    square = bias**2
    one_of("activation", activation, ("relu", "erf"))

    def inner_product(A, B, out):
        np.matmul(A, B.T, out=out)

    if activation == "erf":

        def extended(name, X, dtype):
            X = _with_coordinate(X, bias)
            # Θ ≤ (4/π)^depth ‖x‖ ‖y‖ + … must fit the type, squares of ‖x‖² float64.
            limit = (
                min(float(np.finfo(dtype).max) / 1e3, LARGEST) * (np.pi / 4) ** depth
            )
            return X, squares_of(name, X, limit)

        def values(S, sx, sy, dtype):
            return _erf(S, sx, sy, depth, square, dtype, tangent)

        return Recipe(
            extended,
            inner_product,
            lambda sx: sx,
            values,
            lambda t: (t + square, np.ones((), t.dtype) + square),
        )

    def polar(name, X, dtype):
        layers = (depth + 1) * (depth + 2 if square else 2) / 2
        return _polar(name, _with_coordinate(X, bias), dtype, layers)

    def values(cos, r, s, dtype):
        return _relu(cos, r, s, depth, square, dtype, tangent)

    return Recipe(
        polar,
        inner_product,
        np.ones_like,
        values,
        lambda t: _lifted(t, square),
    )


def _lifted(t, square):
    """Cosine and length of unit vectors with one more coordinate."""
    whole = np.ones((), t.dtype) + square
    return (t + square) / whole, np.sqrt(whole)


def _arc_cosine(order):
    order = whole_number("order", order, least=0)
    if order == 1:
        return _network(1, tangent=False)
    if order:
        raise ValueError(f"order must be 0 or 1, got {order}")

    def values(cos, r, s, dtype):
        u, v, _ = _around(cos, dtype)
        return 1 - np.arctan2(np.sqrt(u * v), 1 - u) / _PI.astype(dtype)

    return _network(1, tangent=False)._replace(values=values)
