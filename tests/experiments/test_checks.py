"""Claims: what holds is printed with what was measured, what fails raises."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given
from hypothesis import strategies as st
from thorough import first_of

from scalinglib.experiments import check, standard_errors_off
from scalinglib.experiments.checks import _rounded


@pytest.mark.parametrize(
    ("measured", "expected", "within", "line"),
    [
        (0.18694, 0.19, 0.025, "0.187 (expected 0.19, within 0.025)"),
        (0.18694, 0.19, 0.1, "0.19 (expected 0.19, within 0.1)"),
        (1.2345, 0, 4, "1.2 (expected 0, within 4)"),
        (-0.03, 0, 4, "0 (expected 0, within 4)"),
        (0.09999, 0.1, 0.005, "0.100 (expected 0.1, within 0.005)"),
        (1e-9, 0, 1e-3, "0 (expected 0, within 0.001)"),
        (95, 94, 4, "95 (expected 94, within 4)"),
        (1234.5, 1200, 100, "1230 (expected 1200, within 100)"),
        (2.34567e-7, 2.3e-7, 1e-8, "2.35e-07 (expected 2.3e-07, within 1e-08)"),
        (0.1 + 0.2, 0.3, 1e-12, "0.3 (within 1e-12)"),
        (3e-13, 0, 1e-12, "0 (within 1e-12)"),
        ([0.99, 1.014], 1, 0.05, "0.99 to 1.01 (expected 1, within 0.05)"),
        ([0.999, 1.001], 1, 0.05, "1.00 (expected 1, within 0.05)"),
        (
            [1, 2.2, 3],
            [1, 2, 3],
            0.5,
            "2.20 (expected 2, within 0.5, worst of 3)",
        ),
    ],
)
def test_prints_what_was_measured(capsys, measured, expected, within, line):
    """Three digits, none finer than a tenth of the tolerance; of many, the extremes."""
    check("claim", measured, expected, within=within)
    assert capsys.readouterr().out == f"✓ claim: {line}\n"


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_printed_digits_are_near_what_was_measured(measured, within):
    """What is printed is off by a twentieth of the tolerance, or by half a percent."""
    (said,) = _rounded(np.array([measured]), within)
    assert abs(float(said) - measured) <= max(0.051 * within, 0.0051 * abs(measured))
    again = measured * (1 + 1e-12)  # another processor, seldom another last digit
    (other,) = _rounded(np.array([again]), within)
    assert abs(float(other) - float(said)) <= max(0.1 * within, 0.011 * abs(measured))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1e6))
@example(0.0, 5e-324, 5e-324)
def test_holds_exactly_where_it_says(measured, expected, within):
    """A claim passes if and only if the distance is within the tolerance."""
    if abs(measured - expected) <= within:
        check("claim", measured, expected, within=within)
    else:
        with pytest.raises(AssertionError, match="✗ claim: measured"):
            check("claim", measured, expected, within=within)


@pytest.mark.parametrize("measured", [np.nan, [0.0, np.nan], np.inf])
def test_nan_never_holds(measured):
    """Neither nan nor infinity is within any tolerance."""
    with pytest.raises(AssertionError):
        check("claim", measured, 0.0, within=1e300)


def test_every_entry_must_hold():
    """One entry off is enough to fail."""
    check("claim", np.full(9, 2.0), 2, within=1e-9)
    with pytest.raises(AssertionError):
        check("claim", [2.0, 2.0, 2.1], 2, within=0.05)


def test_yes_or_no(capsys):
    """A yes-or-no claim prints its text alone, and False raises."""
    check("it falls", True)
    assert capsys.readouterr().out == "✓ it falls\n"
    with pytest.raises(AssertionError, match="measured False, expected True"):
        check("it falls", False)


def test_integers_are_compared_as_numbers(capsys):
    """Small integer types do not wrap around, and integers print in full."""
    with pytest.raises(AssertionError, match=r"expected 100 within 60$"):
        check("claim", np.int8(-100), np.int8(100), within=60)
    check("parameters", 12345, 12345)
    assert capsys.readouterr().out == "✓ parameters: 12345\n"


def test_long_arrays_are_printed_short(capsys):
    """More than six expected values are counted, not listed."""
    check("many", np.arange(100), np.arange(100))
    assert capsys.readouterr().out == "✓ many: 0, 1, 2, 3, 4, 5, … (100 values)\n"


def test_labelled_numbers_are_compared_by_name():
    """The order of the dimensions does not matter, their coordinates do."""
    sizes = {"D": [1, 2], "P": [3, 4]}
    measured = xr.DataArray([[1.0, 2.0], [3.0, 4.0]], coords=sizes)
    check("claim", measured, measured.T)
    check("claim", measured > 2, (measured > 2).T)
    check("claim", measured, measured.isel(D=0), within=2)
    with pytest.raises(AssertionError, match="✗ claim"):
        check("claim", measured, measured.T.values)
    with pytest.raises(AssertionError, match="✗ claim"):
        check("claim", measured, measured.copy(data=measured.values.T))
    with pytest.raises(ValueError, match="must agree in the coordinates they share"):
        check("claim", measured, measured.assign_coords(D=[1, 3]))


@pytest.mark.parametrize(
    ("arguments", "within", "message"),
    [
        (("", 1, 1), 0, "claim must be a sentence"),
        (("claim", 1, 1), -0.1, "within must be a finite number >= 0, got -0.1"),
        (("claim", 1, 1), np.nan, "got nan"),
        (("claim", 1, 1), np.inf, "got inf"),
        (("claim", [], 1), 0, "must not be empty"),
        (("claim", 0.2), 0, "True or False where expected is"),
        (("claim", True, 1), 0, "measured must hold real numbers"),
        (("claim", [1, 2], [1, 2, 3]), 0, r"shapes that match, got \(2,\) and \(3,\)"),
        (("claim", "a", 1), 0, "measured must hold real numbers"),
        (("claim", 1, None), 0, "expected must hold real numbers"),
        (("claim", 1, 1), "a", "within must hold real numbers"),
    ],
)
def test_bad_input_is_named(arguments, within, message):
    """The error names the argument, its value and what is accepted."""
    with pytest.raises(ValueError, match=message):
        check(*arguments, within=within)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_standard_errors_of_a_planted_mean(seed):
    """Means of the truth are off by numbers of variance one; of another, by more."""
    rng = np.random.default_rng(seed)
    truth = np.array([[1.0, 2, 3], [4, 5, 6]])
    draws = truth[:, None] + rng.standard_normal((2, 50, 3))
    curve = xr.DataArray(draws, dims=["D", "trial", "P"])
    off = standard_errors_off(curve, truth)
    assert off.dims == ("D", "P")
    assert off.shape == (2, 3)
    assert (abs(off) < 5).all()
    assert (standard_errors_off(curve, truth + 1) < -3).all()
    scale = np.sqrt(50) / draws.std(axis=1, ddof=1)
    np.testing.assert_allclose(off, (draws.mean(axis=1) - truth) * scale)


@pytest.mark.parametrize(
    ("values", "expected", "message"),
    [
        ([[1.0]], 0, "'trial' of length >= 2"),
        ([[1.0, np.nan]], 0, "must be finite"),
        ([[1.0, 2.0]], np.inf, "must be finite"),
        ([[1.0, 1.0]], 0, "curve must differ between trials"),
        ([[1.0, 2.0]], [1.0, 2.0], r"expected must have the shape \(1,\)"),
    ],
)
def test_standard_errors_rejects(values, expected, message):
    """What has no standard error is named."""
    with pytest.raises(ValueError, match=message):
        standard_errors_off(xr.DataArray(values, dims=["D", "trial"]), expected)
    with pytest.raises(ValueError, match="curve must be a DataArray"):
        standard_errors_off(np.ones((2, 3)), 0)


def test_labelled_theory_is_matched_by_name():
    """The order of the dimensions does not matter, their coordinates do."""
    sizes = {"D": [1, 2], "P": [3, 4, 5]}
    values = np.random.default_rng(0).standard_normal((2, 3, 9))
    curve = xr.DataArray(values, coords={**sizes, "trial": range(9)})
    theory = curve.mean("trial") + xr.DataArray([1.0, 2.0], dims="D")
    plain = standard_errors_off(curve, theory.values)
    xr.testing.assert_identical(plain, xr.DataArray(plain.values, coords=sizes))
    xr.testing.assert_identical(standard_errors_off(curve, theory.T), plain)
    for other in (theory.isel(D=[1, 0]), theory.isel(P=0)):
        with pytest.raises(ValueError, match="expected must have the dimensions"):
            standard_errors_off(curve, other)
    same = xr.DataArray([[0.1] * 3, [1.0, 2.0, 3.0]], dims=["D", "trial"])
    with pytest.raises(ValueError, match="curve must differ between trials"):
        standard_errors_off(same, 0)
