r"""Where the vertex of an IsoFLOP parabola lies beside the true optimum."""

import numpy as np
from scipy.special import ive

from scalinglib._input import positive, real_array, whole_number
from scalinglib._labels import broadcast, like

__all__ = ["parabola_bias", "parabola_bias_expansion"]

FEWEST = 3  # points through which a parabola goes
SMALL = 1.0  # an argument up to which the series is summed
TERMS = 12  # of the series: the next is below 1e-17 of the sum
GOOD = 0.0075  # of the expansion: what it leaves out, at most 1 % with what is behind
REACH = 1.5  # of the larger exponent times half width and drift


def parabola_bias(alpha_P, alpha_D, half_width, *, drift=0.0, points=None):
    r"""Displacement of the vertex of an IsoFLOP parabola, in :math:`\ln P`.

    Of runs of one compute C = 6PD, whose loss is
    :math:`E + A P^{-\alpha_P} + B D^{-\alpha_D}`, the loss is fitted by least squares
    with a parabola in :math:`\ln P`. Its vertex is not the best P. The difference
    depends on the exponents and on the window alone, not on A, B, E or C.

    Parameters
    ----------
    alpha_P, alpha_D : float or array_like
        Exponents of parameters and of data, above zero.
    half_width : float or array_like
        Half the width w of the window of :math:`\ln P`, above zero.
    drift : float or array_like, default 0.0
        The middle c of the window less the logarithm of the best P.
    points : int, optional
        At least 3: so many runs, equally spaced in :math:`\ln P`, the ends of the
        window among them. By default the window is filled evenly.

    Returns
    -------
    float or ndarray or DataArray
        Vertex less optimum, in :math:`\ln P`; in :math:`\ln D` it is the negative.
        Of the broadcast shape of the arguments.

    Raises
    ------
    ValueError
        If something is not finite, not positive where it must be, or the shapes do not
        broadcast; or `points` is no whole number from 3.

    See Also
    --------
    parabola_bias_expansion : What it is for narrow windows.

    Notes
    -----
    Let u be :math:`\ln P` less that of the optimum. At the optimum
    :math:`\alpha_P A P^{-\alpha_P} = \alpha_D B D^{-\alpha_D} = G`, hence

    .. math:: L - E = G \left(\frac{e^{-\alpha_P u}}{\alpha_P}
                             + \frac{e^{\alpha_D u}}{\alpha_D}\right).

    In :math:`u = c + w y` the fit has the slope :math:`\sum y L / \sum y^2` and the
    curvature :math:`\sum q L / \sum q^2` with :math:`q = y^2 - \overline{y^2}`. The odd
    part of :math:`e^{sy}` is :math:`\sinh sy`, its even part :math:`\cosh sy`. With

    .. math:: g_1(s) = \frac{\sum y \sinh sy}{s \sum y^2}, \qquad
              g_2(s) = \frac{2 \sum q \cosh sy}{s^2 \sum q^2},

    both one at s = 0, the vertex is at

    .. math:: \hat u = c - \frac{e^{\alpha_D c} g_1(\alpha_D w)
                                 - e^{-\alpha_P c} g_1(\alpha_P w)}
                {\alpha_D e^{\alpha_D c} g_2(\alpha_D w)
                 + \alpha_P e^{-\alpha_P c} g_2(\alpha_P w)},

    which is a step of Newton's from the middle of the window, smeared over it. Of a
    window filled evenly :math:`g_1 = 3 i_1(s)/s` and :math:`g_2 = 15 i_2(s)/s^2`, with
    the modified spherical Bessel functions, for
    :math:`\int_{-1}^1 P_n(y) e^{sy} dy = 2 i_n(s)`. A centred window has no bias if and
    only if the exponents are alike; one that drifts has.

    References
    ----------
    J. Hoffmann et al., "Training compute-optimal large language models", NeurIPS 2022,
    approach 2.

    Examples
    --------
    Windows of an eighth to eight times the best size, exponents of Chinchilla:

    >>> print(f"{parabola_bias(0.34, 0.28, np.log(8)):.4f}")
    0.0259
    >>> print(f"{parabola_bias(0.34, 0.28, np.log(8), points=9):.4f}")
    0.0319
    """
    a, b, w, c, template = _window(alpha_P, alpha_D, half_width, drift)
    if points is None:
        bends = _evenly
    else:
        points = whole_number("points", points, least=FEWEST)

        def bends(s):
            return _at_points(s, points)

    # What grows is divided by the largest of it.
    up, down = b * (c + w), a * (w - c)
    top = np.maximum(up, down)
    up, down = np.exp(up - top), np.exp(down - top)
    (up_1, up_2), (down_1, down_2) = bends(b * w), bends(a * w)
    slope = up * up_1 - down * down_1
    curvature = b * up * up_2 + a * down * down_2
    return like(template, c - slope / curvature)


def parabola_bias_expansion(alpha_P, alpha_D, half_width, *, drift=0.0):
    r"""Bias of an IsoFLOP parabola in narrow windows, where that is good to 1 %.

    .. math:: \hat u \approx (\alpha_P - \alpha_D)
              \left(\frac{w^2}{10} - \frac{c^2}{2}\right)
              + c \left(\frac{4 \alpha_P \alpha_D - \alpha_P^2 - \alpha_D^2}{6} c^2
              + \frac{5 \alpha_P^2 - 12 \alpha_P \alpha_D + 5 \alpha_D^2}{70} w^2\right)

    Parameters
    ----------
    alpha_P, alpha_D, half_width, drift : float or array_like
        As in `parabola_bias`; the window is filled evenly.

    Returns
    -------
    float or ndarray or DataArray
        As of `parabola_bias`; nan where the next terms may be more than 1 % of it.

    Raises
    ------
    ValueError
        As of `parabola_bias`.

    Notes
    -----
    The expansion of `parabola_bias` in w and c to third order. The terms that follow,
    of fourth and of fifth order, are at most

    .. math:: |d| (0.0036 d^2 w^4 + 0.0002 M^4 w^6
              + 0.086 M^2 w^2 c^2 + M^2 c^4/3)
              + |c| M^4 (0.0032 w^4 + 0.02 w^2 c^2 + 0.134 c^4),

    where M is the larger exponent, d their difference, and one term of sixth order is
    there for windows without drift. There is a number where this is at most 0.75 % of
    it, and :math:`M (w + |c|) \le 1.5`. Where the bias changes its sign no
    expansion has a small relative error, so windows that drift are often without one.
    Without drift :math:`\hat u = (\alpha_P - \alpha_D) w^2/10`.

    Examples
    --------
    >>> print(f"{parabola_bias_expansion(0.34, 0.28, np.log(8)):.4f}")
    0.0259
    >>> print(parabola_bias_expansion(0.34, 0.28, np.log(8), drift=0.8))
    nan
    """
    a, b, w, c, template = _window(alpha_P, alpha_D, half_width, drift)
    most, far = np.maximum(a, b), abs(c)
    # An underflow is a bias of zero, an overflow one that is not offered.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        apart = a - b
        value = apart * (w**2 / 10 - c**2 / 2)
        value = value + c**3 * (4 * a * b - a**2 - b**2) / 6
        value = value + c * w**2 * (5 * a**2 - 12 * a * b + 5 * b**2) / 70
        even = 0.0036 * apart**2 * w**4 + 0.0002 * most**4 * w**6
        even = even + most**2 * (0.086 * (w * c) ** 2 + c**4 / 3)
        odd = most**4 * (0.0032 * w**4 + 0.02 * (w * c) ** 2 + 0.134 * c**4)
        left = abs(apart) * even + far * odd
        good = (left <= GOOD * abs(value)) & (most * (w + far) <= REACH)
    return like(template, np.where(good, value, np.nan)[()])


def _window(alpha_P, alpha_D, half_width, drift):
    """Arguments as arrays of one shape, and what labels them."""
    arrays = broadcast(
        alpha_P=alpha_P, alpha_D=alpha_D, half_width=half_width, drift=drift
    )
    *arrays, template = arrays
    names = "alpha_P", "alpha_D", "half_width"
    checked = [
        positive(n, values) for n, values in zip(names, arrays[:-1], strict=True)
    ]
    drift = real_array("drift", arrays[-1]).astype(float)
    if not np.isfinite(drift).all():
        raise ValueError(f"drift must be finite, got {drift[~np.isfinite(drift)][0]}")
    shapes = [np.shape(x) for x in (*checked, drift)]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            "alpha_P, alpha_D, half_width and drift must broadcast, got shapes "
            f"{', '.join(map(str, shapes))}"
        ) from None
    return (*np.broadcast_arrays(*checked, drift), template)


def _evenly(s):
    """Both functions g of a filled window, divided by exp(s)."""
    return _bessel(1, s), _bessel(2, s)


def _bessel(n, s):
    """The nth modified spherical Bessel function over its first term and exp(s)."""
    small = np.minimum(s, SMALL)
    term = total = np.ones_like(small)
    for k in range(1, TERMS):
        term = term * small**2 / (2 * k * (2 * n + 2 * k + 1))
        total = total + term
    large = np.maximum(s, SMALL)
    first = {1: 3.0, 2: 15.0}[n]
    asymptotic = first * np.sqrt(np.pi / (2 * large)) * ive(n + 0.5, large) / large**n
    return np.where(s <= SMALL, total * np.exp(-small), asymptotic)


def _at_points(s, points):
    """The same of equally spaced points; the points come in pairs of y and -y."""
    y = np.linspace(-1, 1, points)
    q = y**2 - np.mean(y**2)
    pairs = y > 0
    first = second = 0.0
    for at, weight in zip(y[pairs], q[pairs], strict=True):
        # cosh less one, for q does not see a constant: nothing cancels for small s.
        shrunk, less = np.exp(s * (at - 1)), -np.expm1(-s * at) / s
        first = first + at * shrunk * -np.expm1(-2 * s * at) / s
        second = second + weight * shrunk * less**2
    return first / np.sum(y**2), 2 * second / np.sum(q**2)
