"""The bias of an IsoFLOP parabola: against fits, against quadrature, and its limits."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import examples

from scalinglib.laws import parabola_bias, parabola_bias_expansion

EXPONENTS = st.floats(0.05, 1.2)
WIDTHS, DRIFTS = st.floats(0.05, 4.2), st.floats(-1.5, 1.5)


def loss_at(u, alpha_P, alpha_D):
    """Loss on a line of constant compute, less its floor, of runs u from the best."""
    return np.exp(-alpha_P * u) / alpha_P + np.exp(alpha_D * u) / alpha_D


def vertex(u, loss):
    """Of numpy's parabola, fitted about the middle."""
    middle, scale = (u[0] + u[-1]) / 2, (u[-1] - u[0]) / 2
    second, first, _ = np.polyfit((u - middle) / scale, loss, 2)
    return middle - scale * first / (2 * second)


@settings(max_examples=examples(100), deadline=None)
@given(EXPONENTS, EXPONENTS, WIDTHS, DRIFTS, st.integers(3, 40))
def test_points_are_a_fit_of_numpy(alpha_P, alpha_D, half_width, drift, points):
    """The closed form is the vertex of a fit to equally spaced runs."""
    u = drift + half_width * np.linspace(-1, 1, points)
    loss = loss_at(u, alpha_P, alpha_D)
    bias = parabola_bias(alpha_P, alpha_D, half_width, drift=drift, points=points)
    near = 1e-9 + 1e-14 / (alpha_P * alpha_D * half_width) ** 2
    assert bias == pytest.approx(vertex(u, loss), abs=near)


@settings(max_examples=examples(100), deadline=None)
@given(EXPONENTS, EXPONENTS, WIDTHS, DRIFTS)
def test_a_filled_window_is_an_integral(alpha_P, alpha_D, half_width, drift):
    """The closed form is the vertex of a fit to all of the window, by quadrature."""
    y, weight = np.polynomial.legendre.leggauss(60)
    loss = loss_at(drift + half_width * y, alpha_P, alpha_D)
    loss -= loss_at(drift, alpha_P, alpha_D)  # else its rounding would drown the rest
    q = y**2 - 1 / 3
    slope = weight @ (y * loss) / (weight @ y**2)
    curvature = weight @ (q * loss) / (weight @ q**2)
    bias = parabola_bias(alpha_P, alpha_D, half_width, drift=drift)
    expected = drift - half_width * slope / (2 * curvature)
    near = 1e-9 + 1e-14 / (alpha_P * alpha_D * half_width) ** 2
    assert bias == pytest.approx(expected, abs=near)


@given(EXPONENTS, EXPONENTS, WIDTHS, DRIFTS)
def test_in_data_it_is_the_negative(alpha_P, alpha_D, half_width, drift):
    """Exponents exchanged and the window mirrored: ln D is a constant less ln P."""
    one = parabola_bias(alpha_P, alpha_D, half_width, drift=drift)
    two = parabola_bias(alpha_D, alpha_P, half_width, drift=-drift)
    assert one == pytest.approx(-two, abs=1e-12)


@given(EXPONENTS, WIDTHS)
def test_like_exponents_and_a_centred_window_have_none(alpha, half_width):
    """Zero then, of points too; not where the window drifts."""
    assert parabola_bias(alpha, alpha, half_width) == 0
    assert parabola_bias(alpha, alpha, half_width, points=7) == 0
    assert abs(parabola_bias(alpha, alpha, half_width, drift=1.0)) > 1e-6


def test_chinchilla():
    """Windows of two to 64 times the best size, of exponents .34 and .28."""
    widths = np.log([2, 4, 8, 16, 64])
    known = [0.0029, 0.0115, 0.0259, 0.0461, 0.1035]
    np.testing.assert_allclose(parabola_bias(0.34, 0.28, widths), known, atol=5e-5)


@pytest.mark.parametrize("points", [None, 3, 8])
def test_narrow_windows_are_a_step_of_newton(points):
    """From the middle of the window; nothing is lost to cancellation."""
    a, b, c = 0.34, 0.28, 0.5
    step = (np.exp(b * c) - np.exp(-a * c)) / (b * np.exp(b * c) + a * np.exp(-a * c))
    found = parabola_bias(a, b, [1e-200, 1e-9, 1e-5], drift=c, points=points)
    np.testing.assert_allclose(found, c - step, rtol=0, atol=1e-10)


def test_many_points_fill_a_window():
    """The sum goes over into the integral, with an error of second order."""
    for points in (101, 201):
        off = parabola_bias(0.5, 0.3, 2.0, drift=0.3, points=points)
        off -= parabola_bias(0.5, 0.3, 2.0, drift=0.3)
        assert abs(off) < 1 / points
    assert parabola_bias(0.5, 0.3, 2.0, points=4001) == pytest.approx(
        parabola_bias(0.5, 0.3, 2.0), rel=2e-3
    )


def test_huge_windows_do_not_overflow():
    """Where the exponential is beyond any float, the answer is not."""
    assert np.isfinite(parabola_bias(3.0, 2.0, 1e4, drift=10.0))
    assert np.isfinite(parabola_bias(3.0, 2.0, 1e4, drift=10.0, points=7))


def test_the_expansion_is_good_to_one_percent_or_nan():
    """All over exponents, widths and drifts; and it is offered where it should be."""
    exponents = np.geomspace(0.05, 1.2, 15)
    drifts = np.geomspace(1e-4, 4, 20)
    a, b, w, c = np.meshgrid(
        exponents,
        exponents,
        np.geomspace(1e-3, 6, 25),
        np.concatenate([-drifts, [0], drifts]),
        indexing="ij",
        sparse=True,
    )
    found = parabola_bias_expansion(a, b, w, drift=c)
    exact = parabola_bias(a, b, w, drift=c)
    there = ~np.isnan(found)
    # 1e-14: the rounding of a difference of numbers of order one.
    assert (abs(found - exact) <= 0.01 * abs(exact) + 1e-14)[there].all()
    assert there.mean() > 0.5
    assert there[..., 20].mean() > 0.8  # without drift
    assert np.isnan(parabola_bias_expansion(0.5, 0.25, np.log(64)))


@pytest.mark.parametrize("drift", [0.0, 0.02, -0.02])
def test_the_error_of_the_expansion_is_of_fourth_order(drift):
    """Half the window and half the drift: a sixteenth of it."""
    scale = np.array([0.5, 0.25, 0.125])
    window = {"half_width": 0.6 * scale, "drift": drift * scale}
    off = parabola_bias_expansion(0.7, 0.4, **window) - parabola_bias(
        0.7, 0.4, **window
    )
    ratio = off[:-1] / off[1:]
    np.testing.assert_allclose(ratio, 16, rtol=0.1)


def test_arrays_and_labels():
    """Arguments broadcast, by name if they are labelled; numbers give a number."""
    assert np.ndim(parabola_bias(0.3, 0.4, 1.0)) == 0
    assert parabola_bias([0.3, 0.4], [[0.3], [0.5], [0.6]], 1.0).shape == (3, 2)
    width = xr.DataArray([1.0, 2.0], dims="w", coords={"w": [1, 2]})
    for bias in (parabola_bias, parabola_bias_expansion):
        assert bias(0.3, 0.4, width).dims == ("w",)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"alpha_P": 0.0}, "alpha_P must be finite and positive"),
        ({"alpha_D": [0.3, -0.1]}, "alpha_D must be finite and positive"),
        ({"half_width": np.inf}, "half_width must be finite and positive"),
        ({"drift": np.nan}, "drift must be finite"),
        ({"drift": "0"}, "drift must hold real numbers"),
        ({"alpha_P": [0.1, 0.2], "drift": [0.1, 0.2, 0.3]}, "must broadcast"),
    ],
)
def test_what_is_refused(changed, said):
    """By name, and by both functions."""
    good = {"alpha_P": 0.3, "alpha_D": 0.4, "half_width": 1.0}
    for bias in (parabola_bias, parabola_bias_expansion):
        with pytest.raises(ValueError, match=said):
            bias(**good | changed)


@pytest.mark.parametrize("points", [2, 3.5, "3", True])
def test_a_parabola_needs_three_points(points):
    """A whole number of them."""
    with pytest.raises(ValueError, match="points"):
        parabola_bias(0.3, 0.4, 1.0, points=points)
