r"""Kernels: of infinitely wide networks, of distances, of random features.

For ReLU, with θ the angle between x and y, Cho and Saul's arc-cosine functions

.. math::

   \kappa_0 = \frac{\pi - \theta}{\pi}, \qquad
   \kappa_1 = \frac{\sin\theta + (\pi - \theta)\cos\theta}{\pi}

carry a kernel through one ReLU layer: κ₁ is the cosine of the angle behind the layer,
κ₀ the fraction of its units that are on for both inputs. For erf the same integrals are
an arcsine and an inverse square root (Williams).

Every kernel takes inputs as rows and returns the Gram matrix, in float32 if all inputs
are, otherwise in float64 (`torus` always). It is filled tile by tile, at half the work
where `Y` is missing; ``diagonal=True`` gives K(x, x) alone, at the cost of D entries.
"""

from math import lgamma, log

import numpy as np
from scipy.special import kve

from scalinglib._gram import (
    LARGEST,
    Recipe,
    alone,
    evaluate,
    squared_distances,
    squares_of,
)
from scalinglib._input import above_zero, finite_rows, number, real_array, whole_number

__all__ = [
    "arc_cosine",
    "brownian",
    "from_features",
    "gaussian",
    "laplace",
    "matern",
    "nngp",
    "ntk",
    "profile",
    "torus",
]

_PI = np.arctan2(np.longdouble(0), np.longdouble(-1))


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
    S. Arora et al., arXiv:1904.11955 (2019), section 3;
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009), eqs. (3)–(6);
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
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009), eqs. (3)–(6);
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
    Y. Cho, L. Saul, "Kernel methods for deep learning" (2009), eqs. (3)–(6).

    Examples
    --------
    >>> arc_cosine([[1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]], order=0)
    array([[0.5, 1. ]])
    """
    return evaluate(_arc_cosine(order), X, Y, diagonal)


def gaussian(X, Y=None, *, bandwidth, diagonal=False):
    r"""Infinitely smooth kernel of the distance, :math:`e^{-|x - y|^2 / 2 b^2}`.

    Parameters
    ----------
    X, Y, diagonal
        As in `ntk`.
    bandwidth : float
        b > 0.

    Returns
    -------
    (D, D') ndarray, or (D,)
        Float32 if both inputs are, otherwise float64.

    Raises
    ------
    ValueError
        If an argument is out of range, or `X` and `Y` are not finite matrices of as
        many columns.

    Notes
    -----
    Numerics, for all kernels of the distance: up to 8 coordinates distances come from
    differences. For more they come from inner products, and from differences where
    that loses digits: below a thousandth of the distance from the centre.

    Examples
    --------
    >>> gaussian([[0.0]], [[1.0], [2.0]], bandwidth=1).round(4)
    array([[0.6065, 0.1353]])
    """
    return evaluate(_gaussian(bandwidth), X, Y, diagonal)


def laplace(X, Y=None, *, bandwidth, diagonal=False):
    r"""Kernel with a kink at distance zero, :math:`e^{-|x - y| / b}`: Matérn's, ν = ½.

    Parameters
    ----------
    X, Y, bandwidth, diagonal
        As in `gaussian`.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        As `gaussian`.

    Examples
    --------
    >>> laplace([[0.0]], [[1.0], [2.0]], bandwidth=1).round(4)
    array([[0.3679, 0.1353]])
    """
    return evaluate(_laplace(bandwidth), X, Y, diagonal)


def matern(X, Y=None, *, nu, bandwidth, diagonal=False):
    r"""Matérn's kernel: of Hölder smoothness t = 2ν at distance zero.

    .. math::

       K = \frac{2^{1 - \nu}}{\Gamma(\nu)} z^\nu K_\nu(z), \qquad
       z = \frac{\sqrt{2 \nu} \, |x - y|}{b}

    with the modified Bessel function :math:`K_\nu`. On :math:`\mathbb R^d` its Fourier
    transform is :math:`\propto (2 \nu / b^2 + \omega^2)^{-(\nu + d/2)}`; for ν → ∞ it
    becomes the Gaussian kernel.

    Parameters
    ----------
    X, Y, bandwidth, diagonal
        As in `gaussian`.
    nu : float
        ν from above 0 to 50; ½, 3/2 and 5/2 need no Bessel function and are fast.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        As `gaussian`, or if ν is out of range.

    References
    ----------
    C. Rasmussen, C. Williams, "Gaussian processes for machine learning" (2006), eqs.
    (4.14)–(4.17).

    Examples
    --------
    >>> matern([[0.0]], [[1.0], [2.0]], nu=1.5, bandwidth=1).round(4)
    array([[0.4834, 0.1397]])
    """
    return evaluate(_matern(nu, bandwidth), X, Y, diagonal)


def brownian(X, Y=None, *, diagonal=False):
    """Covariance of Brownian motion at times x ≥ 0, K = min(x, y).

    Parameters
    ----------
    X, Y, diagonal
        As in `ntk`, with one column and nothing below zero.

    Returns
    -------
    (D, D') ndarray, or (D,)

    Raises
    ------
    ValueError
        If `X` or `Y` is not a finite column, or holds negative times.

    Examples
    --------
    >>> brownian([[0.5], [2.0]])
    array([[0.5, 0.5],
           [0.5, 2. ]])
    """
    return evaluate(_brownian(), X, Y, diagonal)


def from_features(features):
    r"""Kernel of given features, :math:`K(x, y) = \frac1P f(x) \cdot f(y)`.

    Parameters
    ----------
    features : callable
        ``features(X)`` returns f, an array (D, P), from inputs (D, n).

    Returns
    -------
    callable
        ``kernel(X, Y=None, *, diagonal=False)``, like those of this module.

    Raises
    ------
    ValueError
        By the kernel, if `features` does not return a finite array (D, P).

    Examples
    --------
    >>> kernel = from_features(lambda X: np.hstack([np.ones_like(X), X]))
    >>> kernel(np.array([[1.0], [3.0]]))
    array([[1., 2.],
           [2., 5.]])
    """
    if not callable(features):
        raise ValueError(f"features must be a function of inputs, got {features!r}")

    def kernel(X, Y=None, *, diagonal=False):
        f = _features("X", features, X)
        if diagonal:
            alone(Y)
            return _bounded(np.einsum("ij,ij->i", f, f) / f.shape[1])
        g = f if Y is None else _features("Y", features, Y)
        if f.shape[1] != g.shape[1]:
            raise ValueError(
                f"features must be as many for X and Y, got {f.shape[1]} and "
                f"{g.shape[1]}"
            )
        with np.errstate(over="ignore"):
            K = f @ g.T  # numpy sees if both are the same and does half
        K /= f.shape[1]
        return _bounded(K)

    return kernel


def torus(lam):
    r"""Kernel on a grid of the unit torus from its eigenvalues.

    .. math:: K(x, y) = \sum_k \lambda_k \cos 2 \pi k \cdot (x - y)

    Points are rows of whole numbers, x = row / size: on a grid every sum over waves is
    a fast Fourier transform. `scalinglib.spectra.torus` makes eigenvalues.

    Parameters
    ----------
    lam : (size, …, size) array_like
        λ_k for the frequencies of :func:`numpy.fft.fftfreq` in each of d dimensions,
        the same for k and −k. Positive, or K is not a covariance.

    Returns
    -------
    callable
        ``kernel(X, Y=None, *, diagonal=False)`` for whole numbers (D, d), integers of
        any size or floats up to 2⁵³: the grid is periodic.

    Raises
    ------
    ValueError
        If `lam` is not finite, not a cube, or not even; by the kernel, if rows are not
        whole numbers or not d of them.

    Examples
    --------
    >>> kernel = torus([0.0, 0.5, 0.0, 0.5])  # one wave on four points
    >>> kernel([[0]], [[0], [1], [2], [7]]).round(12) + 0.0
    array([[ 1.,  0., -1.,  0.]])
    """
    lam = real_array("lam", lam).astype(float)
    size, d = len(lam) if lam.ndim else 0, lam.ndim
    if lam.shape != d * (size,) or not size or not np.isfinite(lam).all():
        raise ValueError(
            f"lam must be finite and of shape (size, …, size), got shape {lam.shape}"
        )
    opposite = np.roll(np.flip(lam), 1, axis=range(d))  # λ at −k
    if abs(lam - opposite).max() > 1e-12 * abs(lam).max():
        raise ValueError("lam must be the same for k and -k")
    with np.errstate(over="ignore", invalid="ignore"):
        table = np.fft.fftn(lam).real
    if not np.isfinite(table).all():
        raise ValueError("lam must have a sum that is a float")
    table = (table + np.roll(np.flip(table), 1, axis=range(d))) / 2  # to the last digit

    def kernel(X, Y=None, *, diagonal=False):
        X = _whole_rows("X", X, d, size)
        if diagonal:
            alone(Y)
            return np.full(len(X), table.flat[0])
        Y = X if Y is None else _whole_rows("Y", Y, d, size)
        place = np.zeros((len(X), len(Y)), np.int64)
        for x, y in zip(X.T, Y.T, strict=True):
            place *= size
            place += np.subtract.outer(x, y) % size
        return table.take(place)

    return kernel


def profile(kernel, **choices):
    r"""Kernel between unit vectors, as a function of their inner product.

    Parameters
    ----------
    kernel : function
        One of `ntk`, `nngp`, `arc_cosine`, `gaussian`, `laplace` and `matern`.
    **choices
        Its keywords, such as ``depth`` or ``bandwidth``.

    Returns
    -------
    callable
        ``profile(t)`` for cosines t in [−1, 1], in the type of t: in extended precision
        if that is (`matern` only for ν = ½, 3/2, 5/2). What
        :func:`scalinglib.spectra.sphere` takes.

    Raises
    ------
    ValueError
        If the kernel is another one, or as the kernel; by the profile, if t is not in
        [−1, 1].

    Examples
    --------
    >>> profile(ntk, depth=1)(np.array([-1.0, 0.0, 1.0])).round(6)
    array([0.     , 0.31831, 2.     ])
    """
    recipes = [recipe for known, recipe in _RECIPES.items() if known is kernel]
    if not recipes:
        names = ", ".join(known.__name__ for known in _RECIPES)
        raise ValueError(f"kernel must be one of {names}, got {kernel!r}")
    recipe = recipes[0](**choices)

    def at(t):
        t = real_array("t", t)
        t = t if t.dtype.kind == "f" and t.itemsize > 2 else t.astype(float)
        if t.size and not abs(t).max() <= 1:  # so written, it is true for nan
            raise ValueError(f"t must be a cosine, from -1 to 1, got {abs(t).max()}")
        product, own = recipe.on_sphere(t)
        return recipe.values(product, own, own, t.dtype)

    return at


# -- what a kernel is made of --------------------------------------------------------


def _network(depth, activation="relu", bias=0.0, *, tangent):
    depth = whole_number("depth", depth, least=0)
    bias = number("bias", bias, least=0)
    if bias > 1e15:
        raise ValueError(f"bias must be at most 1e15, got {bias:g}")
    square = bias**2
    if not isinstance(activation, str) or activation not in ("relu", "erf"):
        raise ValueError(f"activation must be 'relu' or 'erf', got {activation!r}")

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


def _gaussian(bandwidth):
    b = _bandwidth(bandwidth)
    return _of_distance(lambda r: np.exp(-0.5 * r**2), 1 / b)


def _laplace(bandwidth):
    return _matern(1 / 2, bandwidth)


def _matern(nu, bandwidth):
    nu, b = above_zero("nu", nu), _bandwidth(bandwidth)
    if nu > 50:
        raise ValueError(f"nu must be at most 50, got {nu:g}: take the Gaussian kernel")
    closed = {
        0.5: lambda z: np.exp(-z),
        1.5: lambda z: (1 + z) * np.exp(-z),
        2.5: lambda z: (1 + z + z**2 / 3) * np.exp(-z),
    }
    values = closed.get(nu, lambda z: _bessel(nu, z))
    return _of_distance(values, np.sqrt(2 * np.longdouble(nu)) / b)


def _bandwidth(b):
    """In the longest type, for profiles in extended precision."""
    if (b := above_zero("bandwidth", b)) < 1e-300:
        raise ValueError(f"bandwidth must be at least 1e-300, got {b:g}")
    return np.longdouble(b)


def _bessel(nu, z):
    """Return 2^(1−ν) z^ν K_ν(z) / Γ(ν), in logarithms; near zero by its series."""
    z64 = np.asarray(z, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_k = (1 - nu) * log(2) - lgamma(nu) + nu * np.log(z64) - z64
        K = np.exp(log_k) * kve(nu, z64)
        # Where K_ν overflows, for ν ≥ 20 and z < 1e-4, two terms are exact.
        series = 1 - z64**2 / (4 * (nu - 1)) if nu > 1 else np.ones_like(z64)
    K = np.where(np.isfinite(K) & (z64 > 0), np.minimum(K, 1), series)
    return K.astype(z.dtype)


def _of_distance(values, scale):
    """A recipe for values of scale times the distance."""

    def prepare(name, X, dtype):
        X = X.astype(np.float64)
        return X, squares_of(name, X, LARGEST)

    def scaled(square, _, __, dtype):
        with np.errstate(over="ignore"):  # further than a float is far
            z = np.minimum(np.sqrt(square) * scale.astype(square.dtype), 1e4)
        return values(z.astype(dtype))

    return Recipe(
        prepare,
        squared_distances,
        np.zeros_like,
        scaled,
        lambda t: (2 - 2 * t, np.ones((), t.dtype)),
    )


def _brownian():
    def prepare(name, X, dtype):
        X = X.astype(np.float64)
        if X.shape[1] != 1 or not (X.min() >= 0 and X.max() < np.inf):
            raise ValueError(
                f"{name} must be one column of finite times >= 0, got shape {X.shape} "
                f"from {X.min()} to {X.max()}"
            )
        return X, X[:, 0]

    def product(A, B, out):
        np.minimum(A, B.T, out=out)

    def values(least, _, __, dtype):
        return least.astype(dtype)

    return Recipe(prepare, product, lambda x: x, values, on_sphere=None)


_RECIPES = {
    ntk: lambda **choices: _network(**choices, tangent=True),
    nngp: lambda **choices: _network(**choices, tangent=False),
    arc_cosine: _arc_cosine,
    gaussian: _gaussian,
    laplace: _laplace,
    matern: _matern,
}


# -- layers --------------------------------------------------------------------------


def _around(cos, dtype):
    """Return 1 − cos θ, 1 + cos θ and cos θ, rounded after the subtraction."""
    cos = np.clip(cos, -1, 1)
    return (1 - cos).astype(dtype), (1 + cos).astype(dtype), cos.astype(dtype)


def _relu(cos, r, s, depth, bias, dtype, tangent):
    """Apply the layers to unit vectors, in u = 1 − cos θ and v = 1 + cos θ."""
    pi = _PI.astype(dtype)
    u, v, kernel = _around(cos, dtype)
    for _ in range(depth):
        sin, cos = np.sqrt(u * v), 1 - u
        theta = np.arctan2(sin, cos)
        # 1 − κ₁(θ); rounding must not make it negative at θ = 0.
        u = np.maximum(u - (sin - theta * cos) / pi, 0)
        if tangent:
            kernel = kernel * (1 - theta / pi)
        if bias:
            lengths = r * s
            r_next, s_next = np.sqrt(r**2 + bias), np.sqrt(s**2 + bias)
            both = r_next * s_next
            # 1 − cos behind the bias, without a difference of what is nearly equal.
            apart = bias * (r - s) ** 2 / (both + lengths + bias)
            share = (lengths / both).astype(dtype)
            u = u * share + (apart / both).astype(dtype)
            kernel, r, s = kernel * share, r_next, s_next
        v = 2 - u
        kernel = (1 - u) + kernel if tangent else 1 - u
    kernel *= (r * s).astype(dtype)
    return kernel


def _erf(S, sx, sy, depth, bias, dtype, tangent):
    """Apply the layers to inner products S, with Σ(x, x) in sx and Σ(y, y) in sy."""
    factor = 2 / _PI.astype(S.dtype)
    kernel = S = S.copy()
    for _ in range(depth):
        # √(d − 4S²), where nothing cancels for x = y. By Cauchy and Schwarz the last
        # term is not negative; rounding must not make it so.
        rest = np.sqrt(1 + 2 * sx + 2 * sy + 4 * np.maximum(sx * sy - S**2, 0))
        if tangent:
            slope = 2 * factor / rest
        S = factor * np.arctan2(2 * S, rest) + bias
        kernel = S + kernel * slope if tangent else S
        sx, sy = (
            factor * np.arctan2(2 * s, np.sqrt(1 + 4 * s)) + bias for s in (sx, sy)
        )
    return kernel.astype(dtype)


# -- inputs --------------------------------------------------------------------------


def _polar(name, X, dtype, times):
    """Split rows into directions (float64) and lengths."""
    squares = squares_of(name, X, float(np.finfo(dtype).max) / times)
    small = float(np.finfo(dtype).tiny)
    if not squares.min() >= small:
        at = int(squares.argmin())
        what = "is too short" if X[at].any() else "is zero"
        raise ValueError(
            f"{name} must have rows with ‖x‖² ≥ {small:.0e} for a homogeneous kernel, "
            f"row {at} {what}: it has no direction; drop it, or give the network a bias"
        )
    r = np.sqrt(squares)
    X /= r[:, None]
    return X, r


def _with_coordinate(X, value):
    """Rows in float64, a copy, with one more coordinate unless it is zero."""
    X = X.astype(np.float64)
    return np.column_stack([X, np.full(len(X), value)]) if value else X


def _features(name, features, X):
    """Features of inputs: whatever these are, a finite matrix of as many rows."""
    f = real_array(f"features({name})", features(X))
    if f.dtype != np.float32:
        f = f.astype(float, copy=False)
    if f.ndim != 2 or len(f) != len(X) or not f.size or not np.isfinite(f).all():
        raise ValueError(
            f"features({name}) must be finite and ({len(X)}, P), got shape {f.shape}"
        )
    return f


def _whole_rows(name, X, d, size):
    """Places on a periodic grid."""
    finite_rows(name, X, n=d)
    X = np.asarray(X)
    if X.dtype.kind == "f" and not ((np.rint(X) == X) & (abs(X) <= 2**53)).all():
        raise ValueError(f"{name} must hold whole numbers, places on the grid")
    return (X % size).astype(np.int64)


def _bounded(K):
    if not np.isfinite(K).all():
        raise ValueError("features must have inner products that are floats")
    return K
