"""Power laws planted and found again, and what a fit refuses."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import SIZES, planted
from scipy.optimize import least_squares
from thorough import examples, first_of

from scalinglib.laws import estimators, fit_power_law, local_exponents

# -- planted truths ------------------------------------------------------------------


@given(
    log_amplitude=st.floats(-200, 200),
    alpha=st.floats(-3, 3),
    start=st.floats(1e-6, 1e6),
    ratio=st.floats(1.1, 10),
    n=st.integers(2, 20),
)
def test_exact_law_is_reproduced(log_amplitude, alpha, start, ratio, n):
    """Noiseless data come back, whatever their units and spacing."""
    x = start * ratio ** np.arange(n)
    loss = np.exp(log_amplitude - alpha * np.log(x))
    fit = fit_power_law(x, loss, rng=0)
    assert fit.exponent == pytest.approx(alpha, abs=1e-9)
    np.testing.assert_allclose(fit(x), loss, rtol=1e-8)


@settings(deadline=None, max_examples=examples(60))
@given(
    alpha=st.floats(0.1, 3),
    floor=st.floats(1e-3, 10),
    unit=st.floats(1e-100, 1e100),
    scale=st.floats(1e-6, 1e6),
    n=st.integers(4, 20),
)
def test_exact_law_with_a_floor_is_reproduced(alpha, floor, unit, scale, n):
    """Noiseless data on a floor come back, exponent and floor, in all units."""
    x = 2.0 ** np.arange(n)
    loss = unit * (floor + x**-alpha)
    fit = fit_power_law(scale * x, loss, offset="fit", rng=0)
    assert fit.exponent == pytest.approx(alpha, rel=1e-4)
    assert fit.offset == pytest.approx(unit * floor, rel=1e-4)
    np.testing.assert_allclose(fit(scale * x), loss, rtol=1e-7)


# Bunched at moderate values, where a fit is possible, and out to what floats hold.
positive = st.one_of(st.floats(1e-3, 1e3), st.floats(1e-300, 1e300), st.integers(1, 9))


@settings(deadline=None, max_examples=examples(150))
@given(
    points=st.lists(st.tuples(positive, positive), min_size=1, max_size=12),
    offset=st.sampled_from([0.0, "fit", 1e-200, 0.5]),
)
def test_hostile_input_gets_an_answer_or_a_clear_error(points, offset):
    """Whatever the numbers: a finite best fit, or an error that names the argument."""
    x, loss = np.array(sorted(points)).T
    try:
        fit = fit_power_law(x, loss, offset=offset, rng=0)
    except ValueError as error:
        refused = str(error)
    else:
        refused = None
    if refused:
        named = (
            "x must",
            "loss must",
            "offset must",
            "with an offset",
            "the amplitude",
        )
        assert refused.startswith(named)
        return
    assert np.isfinite([fit.amplitude, fit.exponent, fit.offset]).all()
    assert not np.isnan(fit.interval()).any()
    if offset == 0.0:  # the normal equations of the line
        u, residual = np.log(x), np.log(loss) + fit.exponent * np.log(x)
        residual -= np.log(fit.amplitude)
        size = np.abs(np.log(loss)).max() * len(x) + 1
        assert abs(residual.sum()) < 1e-8 * size
        assert abs(residual @ (u - u.mean())) < 1e-8 * size * np.ptp(u)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
@pytest.mark.parametrize("offset", ["fit", 0.08])
def test_agrees_with_a_general_optimiser(seed, offset):
    """Variable projection finds what scipy's least squares finds from the truth."""
    mean = planted(seed, 0.7, 0.1).mean(axis=1)
    free = offset == "fit"

    def residual(p):
        floor = p[2] if free else offset
        return 1 - (floor + np.exp(p[0] - p[1] * np.log(SIZES))) / mean

    start = [0.7 * np.log(64), 0.7, 0.1][: 3 if free else 2]
    slow = least_squares(residual, start, xtol=1e-15, ftol=1e-15, gtol=1e-15).x
    fit = fit_power_law(SIZES, mean, offset=offset, rng=0)
    assert fit.exponent == pytest.approx(slow[1], rel=1e-6)
    assert np.log(fit.amplitude) == pytest.approx(slow[0], rel=1e-6)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
@pytest.mark.parametrize("offset", [None, 0.0, 0.08])
def test_products_give_the_misfits_of_the_grid(seed, offset):
    """Sums by matrix products and curve by curve agree, wherever the floor ends up."""
    curves = planted(seed, 0.7, 0.1).T
    curves[::3] /= np.linspace(1, 2, 8)  # some that bend down, and need no floor
    t, grid = np.log(SIZES / 64), np.geomspace(0.05, 20, 30)
    weight = curves**-2.0 / (curves**-2.0).sum(axis=1, keepdims=True)
    fast, sure = estimators._misfits(grid, t, curves, weight, offset)
    slow = [estimators._project(np.array([a]), t, curves, weight, offset) for a in grid]
    scale = (curves**-2.0).sum(axis=1, keepdims=True)
    assert sure.all()
    np.testing.assert_allclose(fast * scale, np.transpose([s[2] for s in slow]), 1e-9)
    if offset is None:
        floors = np.array([s[1] for s in slow])
        assert (floors == 0).any()
        assert (floors > 0).any()


def test_no_floor_needed_is_the_straight_line():
    """Data that bend downwards have floor zero and the answer of offset=0."""
    loss = np.exp(-0.3 * np.log(SIZES) - 0.02 * np.log(SIZES) ** 2)
    floor, line = (fit_power_law(SIZES, loss, offset=o, rng=0) for o in ("fit", 0.0))
    assert floor.offset == 0
    assert floor.exponent == pytest.approx(line.exponent, rel=1e-12)


@pytest.mark.parametrize("offset", [0.0, 0.05, "fit"])
def test_units_do_not_matter(offset):
    """The exponent and its interval are the same in other units of x and of loss."""
    curve = planted(0, 0.5, 0.1)
    fit = fit_power_law(SIZES, curve, offset=offset, rng=0)
    scaled = offset if offset == "fit" else 1000 * offset
    other = fit_power_law(SIZES / 7, 1000 * curve, offset=scaled, rng=0)
    assert other.exponent == pytest.approx(fit.exponent, rel=1e-6)
    assert other.interval() == pytest.approx(fit.interval(), rel=1e-5)


def test_labelled_data_give_the_same_fit():
    """A DataArray, in any order of its dimensions, is the same curve."""
    curve = planted(0, 0.5)
    labelled = xr.DataArray(curve, coords={"D": SIZES, "trial": range(20)})
    plain = fit_power_law(SIZES, curve, rng=0)
    assert fit_power_law(labelled, rng=0) == plain
    assert fit_power_law(labelled.transpose(), rng=0) == plain


# -- the result ----------------------------------------------------------------------


def test_result_reads_in_one_line():
    """str(fit) is one line with the law and the interval."""
    text = str(fit_power_law(SIZES, planted(0, 0.5, 0.1), offset="fit", rng=0))
    assert "\n" not in text
    assert text.startswith("L = 0.")
    assert "(95 %)" in text


def test_local_exponents_of_a_law_are_constant():
    """Exact law, known floor: the same exponent everywhere, at geometric means."""
    loss = 0.2 + SIZES**-0.7
    middle, exponent, stderr = local_exponents(SIZES, loss, offset=0.2)
    np.testing.assert_allclose(middle, np.sqrt(2) * SIZES[:-1])
    np.testing.assert_allclose(exponent, 0.7, rtol=1e-12)
    assert np.isinf(stderr).all()


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_local_standard_error(seed):
    """The standard error is the spread of local exponents over repetitions."""
    curves = [planted([seed, s], 0.5, trials=20) for s in range(400)]
    local = [local_exponents(SIZES, curve) for curve in curves]
    spread = np.std([exponent for _, exponent, _ in local], axis=0)
    claimed = np.mean([stderr for _, _, stderr in local], axis=0)
    np.testing.assert_allclose(claimed, spread, rtol=4 / np.sqrt(800))


def test_local_standard_error_on_a_floor():
    """Two trials and a known floor: right on average, in squares."""
    curves = [planted([0, s], 0.5, 0.1, trials=2) for s in range(2000)]
    local = [local_exponents(SIZES, curve, offset=0.1) for curve in curves]
    spread = np.std([exponent for _, exponent, _ in local], axis=0)
    claimed = np.sqrt(np.mean([stderr**2 for _, _, stderr in local], axis=0))
    np.testing.assert_allclose(claimed, spread, rtol=0.15)


def test_negative_exponent_reads_well():
    """A loss that rises is printed as x^ and a positive number."""
    assert " x^0.500," in str(fit_power_law(SIZES, SIZES**0.5, rng=0))
    assert " x^0.000," in str(fit_power_law(SIZES, np.ones(8), rng=0))


# -- bad input -----------------------------------------------------------------------

GOOD = SIZES**-0.5


@pytest.mark.parametrize(
    ("x", "loss", "offset", "message"),
    [
        (SIZES, np.where(SIZES == 64, np.nan, GOOD), 0.0, r"loss .*nan at \(0,\)"),
        (SIZES, np.where(SIZES == 128, np.inf, GOOD), 0.0, r"loss .*inf at \(1,\)"),
        (SIZES, GOOD - 0.2, 0.0, "loss must be finite and positive"),
        (SIZES - 64, GOOD, 0.0, r"x must be finite and positive, got 0.0 at \(0,\)"),
        (-SIZES, GOOD, 0.0, "x must be finite and positive"),
        (SIZES[::-1], GOOD, 0.0, "x must be strictly increasing"),
        (
            np.minimum(SIZES, 1024),
            GOOD,
            0.0,
            r"got .*1024.0.* followed by .*1024.0.* at position 4",
        ),
        (SIZES[:-1], GOOD, 0.0, r"got \(7,\) and \(8,\)"),
        (SIZES, GOOD[None, None], 0.0, r"\(n,\) or \(n, trials\)"),
        (SIZES, np.ones((8, 0)), 0.0, r"got \(8,\) and \(8, 0\)"),
        (SIZES[:1], GOOD[:1], 0.0, "at least 2 sizes"),
        (SIZES[:2], GOOD[:2], "fit", "at least 3 sizes"),
        (SIZES, GOOD, GOOD.min(), "offset must be 'fit' or a number from 0"),
        (SIZES, GOOD, -0.1, "got -0.1"),
        (SIZES, GOOD, np.nan, "got nan"),
        (SIZES, GOOD, "free", "got 'free'"),
        (SIZES, GOOD, True, "offset must hold real numbers, got True"),
        (SIZES, GOOD[::-1], "fit", "must fall with x"),
        (SIZES, np.ones(8), "fit", "must fall with x"),
        (SIZES, np.r_[2.0, np.ones(7)], "fit", "beyond the second size"),
        (SIZES, list("abcdefgh"), 0.0, "loss must hold real numbers"),
        (SIZES * 1e250, SIZES**-3.0, 0.0, "the amplitude .* is not a float"),
        (SIZES, None, 0.0, "loss is missing"),
        (SIZES, xr.DataArray(GOOD), 0.0, "loss has labels: pass it alone"),
        (SIZES, np.ma.array(GOOD, mask=SIZES > 999), 0.0, "loss must not be masked"),
        (SIZES, GOOD + 1j, 0.0, "loss must hold real numbers"),
        (SIZES, GOOD > 0, 0.0, "loss must hold real numbers"),
        (SIZES, [10**400] * 8, 0.0, "loss must hold real numbers"),
        (SIZES, [[1, 2], [3]], 0.0, "loss must hold real numbers"),
        (1e-40 * 1e10 ** np.arange(8), GOOD, 0.0, "x must span at most 60 decades"),
        (SIZES, 10 ** -(SIZES / 100), "fit", "loss must span at most 60 decades"),
    ],
)
def test_bad_input_is_named(x, loss, offset, message):
    """The error names the argument, its value and what is accepted."""
    with pytest.raises(ValueError, match=message):
        fit_power_law(x, loss, offset=offset, rng=0)


@pytest.mark.parametrize("rng", ["abc", 1.5, -1, True])
def test_bad_rng_is_named(rng):
    """What is not a seed is refused."""
    with pytest.raises(ValueError, match="rng must be"):
        fit_power_law(SIZES, GOOD, rng=rng)


@pytest.mark.parametrize("x", [0, -1, np.nan, "a"])
def test_law_is_evaluated_at_sizes_only(x):
    """The fitted law checks its argument as the fit does."""
    fit = fit_power_law(SIZES, GOOD, rng=0)
    for evaluate in (fit, fit.band_if_law):
        with pytest.raises(ValueError, match="x must"):
            evaluate(x)


def test_data_array_needs_its_sizes():
    """Without coordinates there are no sizes."""
    with pytest.raises(ValueError, match="with coordinates"):
        fit_power_law(xr.DataArray(np.ones((8, 2)), dims=("D", "trial")))


def test_sweep_over_two_sizes_is_refused():
    """A DataArray with two grid dimensions is not one curve."""
    plane = xr.DataArray(np.ones((2, 2)), coords={"D": [1, 2], "P": [1, 2]})
    with pytest.raises(ValueError, match="select one curve"):
        fit_power_law(plane)


def test_local_exponents_refuse_what_the_fit_refuses():
    """The same checks guard both functions."""
    with pytest.raises(ValueError, match="offset must be"):
        local_exponents(SIZES, GOOD, offset=1.0)
