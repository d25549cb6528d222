"""Fits of laws: planted truths come back, with a test and intervals that hold."""

import functools

import numpy as np
import pytest
import xarray as xr
from curves_like_real import TRUTHS, X, noisy, planted_loss
from hypothesis import example, given, settings
from hypothesis import strategies as st
from thorough import examples, first_of, long, some

from scalinglib.laws import LAWS, compare, fit
from scalinglib.laws.points import _median, points_of

EACH = pytest.mark.parametrize("name", LAWS)
CURVES = dict.fromkeys(LAWS, 25) | {"saturating": 10, "break": 10}
FEW = 8  # curves of each law where somebody waits: see `some`
KINDS = {
    "one run a size": {},
    "errors": {"errors": True},
    "three trials": {"trials": 3},
    "ten trials": {"trials": 10},
}


@functools.cache
def fits(name, kind):
    """Fits of a law to seeded curves of it."""
    return [
        fit(noisy(name, seed, **KINDS[kind]), name)
        for seed in some(range(CURVES[name]), FEW)
    ]


# -- the test of fit -------------------------------------------------------------------


@long
@pytest.mark.parametrize("kind", KINDS)
def test_false_alarms_keep_their_level(kind):
    """On planted curves of all six laws, at most 5 % and three standard errors."""
    alarms = [not found.fits for name in LAWS for found in fits(name, kind)]
    assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(alarms))


@pytest.mark.parametrize(
    ("truth", "wrong"),
    [
        ("floor", "power"),
        ("floor", "variance"),
        ("floor", "exponential"),
        ("variance", "exponential"),
        ("saturating", "floor"),
        ("break", "floor"),
    ],
)
@pytest.mark.parametrize("kind", ["errors", "ten trials"])
def test_the_nearest_wrong_law_is_refused(truth, wrong, kind):
    """A law of another family fails: always at 1 % error of the mean, mostly at 3 %."""
    passed = [fit(noisy(truth, s, **KINDS[kind]), wrong).fits for s in range(10)]
    assert np.mean(passed) <= (0.0 if kind == "ten trials" else 0.2)


def test_neighbours_alone_tell_a_wrong_law():
    """One run a size, no errors: residuals of a line through a floor are alike."""
    passed = [fit(noisy("floor", seed), "power").fits for seed in range(20)]
    assert np.mean(passed) <= 0.1


def test_too_few_points_are_not_called_a_fit():
    """With one degree of freedom and no errors nothing can be tested."""
    found = fit((X[:4], planted_loss("floor")[:4] * [1, 1.01, 0.99, 1]), "floor")
    assert found.fits is None
    assert not found.identified
    assert str(found).startswith("floor cannot be tested")


# -- intervals -------------------------------------------------------------------------


@functools.cache
def held(name):
    """Whether intervals hold the planted main parameter, over kinds of curves."""
    main = LAWS[name].main
    found = [each for kind in KINDS for each in fits(name, kind)]
    ends = [each.interval(main) for each in found]
    return [low <= TRUTHS[name][main] <= high for low, high in ends]


@pytest.mark.parametrize("name", first_of(LAWS, 3))
def test_intervals_hold_the_planted_parameter(name):
    """At least nine tenths of the 95 % intervals do, whatever tells the errors."""
    assert np.mean(held(name)) >= 0.9


def test_every_parameter_has_its_interval():
    """The planted floor and amplitude lie in theirs; higher levels are longer."""
    found = fits("floor", "ten trials")[0]
    for name, truth in TRUTHS["floor"].items():
        low, high = found.interval(name, 0.99)
        assert low < truth < high
        inner = found.interval(name, 0.5)
        assert low < inner[0] < found.parameters[name] < inner[1] < high


def test_trials_that_remember_shorten_intervals_a_little():
    """Neighbours share half of their deviations: four of five 95 % intervals hold."""
    lag = abs(np.subtract.outer(np.arange(12), np.arange(12)))
    root, held = np.linalg.cholesky(0.5**lag), []
    for seed in range(40):
        noise = 0.03 * root @ np.random.default_rng(seed).standard_normal((12, 10))
        found = fit((X, planted_loss("floor")[:, None] * np.exp(noise)))
        low, high = found.interval("exponent")
        held.append(low <= 0.5 <= high)
    assert np.mean(held) >= 0.8


def test_profile_of_a_line_is_students_interval():
    """On a law that is linear, the interval is that of the regression."""
    x, loss = noisy("power", 1)
    u, y = np.log(x), np.log(loss[:, 0])
    (slope, level), cov = np.polyfit(u, y, 1, cov=True)
    half = 2.2281388519649385 * np.sqrt(cov[0, 0])  # Student's quantile for 10
    low, high = fit((x, loss), "power").interval("exponent")
    assert (low, high) == pytest.approx((-slope - half, -slope + half), rel=1e-3)
    half = 2.2281388519649385 * np.sqrt(cov[1, 1])
    low, high = fit((x, loss), "power").interval("amplitude")
    ends = np.exp([level - half, level + half])
    assert (low, high) == pytest.approx(tuple(ends), rel=2e-3)


def test_an_end_that_nothing_bounds_is_infinite_or_the_limit():
    """A floor that may be zero begins at zero; an exponent of a step is unbounded."""
    found = fit(noisy("power", 0, errors=True), "floor")
    assert found.interval("floor")[0] == 0
    step = fit((X[:6], [2.0, 1, 1.01, 0.99, 1, 1.01]), "floor")
    assert step.interval("exponent")[1] == np.inf
    assert not step.identified


# -- what is known ---------------------------------------------------------------------


def test_a_known_parameter_shortens_the_interval():
    """The exponent is told better by who knows the floor, as a number or a range."""
    curve = noisy("floor", 0, trials=3)
    lengths = []
    for known in (None, {"floor": (0.0995, 0.1005)}, {"floor": 0.1}):
        found = fit(curve, "floor", known=known)
        low, high = found.interval("exponent")
        assert low < 0.5 < high
        lengths.append(high - low)
    assert lengths[0] > lengths[1] > lengths[2]
    assert found.parameters["floor"] == pytest.approx(0.1)
    assert found.interval("floor") == pytest.approx((0.1, 0.1))
    assert "(known)" in str(found)


def test_a_range_holds_its_parameter():
    """The best law within a range that excludes the truth lies at its end."""
    curve = noisy("floor", 0, trials=3)
    found = fit(curve, "floor", known={"floor": (0.12, 0.2)})
    assert found.parameters["floor"] == pytest.approx(0.12)
    assert fit(curve, "floor", known={"exponent": 0.5, "amplitude": 2}).fits
    half = fit(curve, "floor", known={"exponent": 0.9})
    assert half.parameters["exponent"] == 0.9
    assert not half.fits


def test_known_exponent_of_one_is_the_law_of_variance():
    """Two roads to one fit."""
    curve = noisy("variance", 0, trials=3)
    one = fit(curve, "floor", known={"exponent": 1})
    two = fit(curve, "variance")
    assert one.parameters["floor"] == pytest.approx(two.parameters["floor"], rel=1e-5)
    assert one.interval("floor") == pytest.approx(two.interval("floor"), rel=1e-3)


def test_robust_fit_ignores_a_run_that_failed():
    """One loss of twelve is five times too large: as if it were not there, nearly."""
    x, loss = noisy("floor", 3)
    without = fit((np.delete(x, 7), np.delete(loss, 7)))
    loss[7] *= 5
    off = [
        abs(np.log(fit((x, loss), robust=robust)(x) / without(x))).max()
        for robust in (False, True)
    ]
    assert off[1] < 0.05
    assert off[0] > 5 * off[1]


# -- units, labels, missing trials -----------------------------------------------------


@EACH
@settings(deadline=None, max_examples=8)
@given(size=st.floats(1e-9, 1e9), unit=st.floats(1e-9, 1e9))
def test_units_do_not_matter(name, size, unit):
    """A law fitted in other units is the same law."""
    x, loss = noisy(name, 0, trials=3)
    one, other = fit((x, loss), name), fit((size * x, unit * loss), name)
    np.testing.assert_allclose(other(size * x), unit * one(x), rtol=1e-5)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-3)


def labelled(curve):
    """The same curve with the names of its dimensions."""
    return xr.DataArray(curve[1], dims=["D", "trial"], coords={"D": curve[0]})


def test_labels_pass_through():
    """What is returned along sizes has their name; a pair of arrays has none."""
    curve = labelled(noisy("floor", 0, trials=3))
    found = fit(curve.transpose("trial", "D"))
    assert found.residuals.dims == ("D",)
    np.testing.assert_array_equal(found.residuals.D, X)
    for value in (found(curve.D), found.local_exponent(curve.D)):
        assert value.dims == ("D",)
    np.testing.assert_allclose(
        np.log(curve.mean("trial")), np.log(found(curve.D)) + found.residuals
    )
    assert isinstance(fit(noisy("floor", 0)).residuals, np.ndarray)


@EACH
def test_local_exponent_is_the_slope(name):
    """Against differences of the law; between neighbours far below the scale."""
    found, h = fits(name, "ten trials")[0], 1e-5
    slope = -np.log(found(X * np.exp(h)) / found(X * np.exp(-h))) / (2 * h)
    np.testing.assert_allclose(found.local_exponent(X), slope, rtol=1e-5, atol=1e-8)


def test_missing_trials_and_zeros_are_taken():
    """Trials that do not exist are nan; a mean of trials may hold zeros."""
    x, loss = noisy("floor", 0, trials=5)
    loss[3, 2:] = np.nan
    loss[8, 1:] = np.nan
    loss[11, 0] = 0.0
    data = points_of((x, loss))
    assert list(data.trials[[3, 8, 11]]) == [2, 1, 5]
    assert np.isfinite(data.error).all()
    assert data.mean[3] == pytest.approx(loss[3, :2].mean())
    assert np.isfinite(list(fit((x, loss)).parameters.values())).all()


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_medians_leave_out_what_is_missing(n):
    """As numpy has them, to the bit: of odd and even numbers, of ties, of nothing."""
    rng = np.random.default_rng(n)
    values = rng.integers(4, size=(200, n)) / 3
    values[rng.random(values.shape) < 0.4] = np.nan
    values[0] = np.nan
    expected = [
        np.median(row[~np.isnan(row)]) if not np.isnan(row).all() else np.nan
        for row in values
    ]
    np.testing.assert_array_equal(_median(values), expected)


def test_pooled_errors_are_right_on_average():
    """The squares of the errors average to those of the mean, for any trials."""
    squares = []
    for seed in range(200):
        squares.append(points_of(noisy("floor", seed, trials=4)).error ** 2)
    np.testing.assert_allclose(np.mean(squares, axis=0), 0.03**2 / 4, rtol=0.15)


def test_errors_come_before_trials():
    """A coordinate of errors tells the errors, in units of the loss."""
    curve = labelled(noisy("floor", 0, trials=3))
    curve = curve.assign_coords(error=("D", 0.02 * curve.mean("trial").values))
    data = points_of(curve)
    np.testing.assert_allclose(data.error, 0.02)
    assert data.freedom == np.inf


# -- many at once ----------------------------------------------------------------------


@EACH
def test_prefixes_are_fits_to_the_first_sizes(name):
    """All origins in one batch give what each gives alone."""
    x, loss = noisy(name, 0, errors=False)
    problem = fit((x, loss), name)._problem
    sizes = [8, 9, 11]
    thetas, _ = problem.prefixes(sizes)
    for n, theta in zip(sizes, thetas, strict=True):
        alone = fit((x[:n], loss[:n]), name)
        together = np.exp(problem.law.curve(theta[None], problem.u[:n])[0][0])
        together = together * np.exp(problem.units[1])
        np.testing.assert_allclose(together, alone(x[:n]), rtol=1e-4)


@pytest.mark.parametrize("truth", ["power", "variance", "exponential", "floor"])
def test_comparison_prefers_the_planted_law(truth):
    """The law that is true looks ahead best, or the next one is as good as it."""
    found = compare(noisy(truth, 1, trials=10))
    table = found.table
    assert list(table.law.values) == list(found.fits)
    assert (np.diff(table.ahead) >= 0).all()
    assert float(table.ahead.sel(law=truth)) <= 1.25 * float(table.ahead[0])
    assert found.fits[truth].fits
    assert "error ahead" in str(found)
    assert float(table.aicc.sel(law=truth) - table.aicc.min()) < 4


def test_comparison_of_few_sizes_leaves_out_large_laws():
    """Six sizes carry no break; asked for by name, it is refused with the remedy."""
    x, loss = noisy("floor", 0, trials=3)
    assert set(compare((x[:6], loss[:6])).fits) <= {
        "power",
        "variance",
        "floor",
        "exponential",
    }
    with pytest.raises(ValueError, match="name laws with fewer parameters"):
        compare((x[:6], loss[:6]), ["break"])


# -- hostile input ---------------------------------------------------------------------

hostile = st.one_of(st.floats(1e-3, 1e3), st.floats(1e-300, 1e300), st.integers(0, 9))


@settings(deadline=None, max_examples=examples(60))
@given(
    values=st.lists(st.tuples(hostile, hostile), min_size=1, max_size=12),
    name=st.sampled_from(sorted(LAWS)),
    robust=st.booleans(),
)
def test_hostile_curves_get_an_answer_or_a_clear_error(values, name, robust):
    """Whatever the numbers: a law that can be evaluated, or an error about `curve`."""
    x, loss = np.array(sorted(values), float).T
    refused = None
    try:
        found = fit((x, loss), name, robust=robust)
    except ValueError as error:
        refused = str(error)
    if refused:
        assert refused.startswith("curve must")
        return
    assert np.isfinite(found(x)).all()
    assert not np.isnan(list(found.parameters.values())).any()
    assert not np.isnan(found.interval(LAWS[name].main)).any()
    assert str(found).count("\n") == 0


@long
@settings(deadline=None, max_examples=6)
@example(losses=[8, 1, 1, 1, 7, 546, 1, 23], ratio=2.0, name="break", robust=False)
@given(
    losses=st.lists(st.floats(1e-6, 1e6), min_size=8, max_size=12),
    ratio=st.floats(1.01, 10),
    name=st.sampled_from(sorted(LAWS)),
    robust=st.booleans(),
)
def test_losses_without_a_law_get_one_all_the_same(losses, ratio, name, robust):
    """Numbers at random are fitted by something finite, with ends that hold it."""
    x = 16 * ratio ** np.arange(len(losses))
    found = fit((x, losses), name, robust=robust)
    assert np.isfinite(found(x)).all()
    assert np.isfinite(found.local_exponent(x)).all()
    for parameter, value in found.parameters.items():
        assert not np.isnan(value)
        low, high = found.interval(parameter)
        assert low <= value * (1 + 1e-9) + 1e-12
        assert value * (1 - 1e-9) - 1e-12 <= high or value < 0
    assert found.test == "neighbours"
    if found.freedom < 3:  # two residuals that are free tell nothing
        assert np.isnan(found.p_value)
    else:
        assert 0 <= found.p_value <= 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.isel(D=slice(None, None, -1)), "sortby"),
        (lambda c: c.where(c.D[3] != c.D), "dropna"),
        (lambda c: c * (c.D[3] != c.D), "leave it out"),
        (lambda c: c - 1, "subtract a score"),
        (lambda c: c.assign_coords(error=("D", 0 * c.D.values)), "drop the coord"),
        (lambda c: c.expand_dims(rate=[1, 2]), "select one curve"),
        (lambda c: c.to_dataset(name="loss"), "select a variable"),
        (lambda c: c.drop_vars("D"), "with coordinates"),
        (lambda c: c.isel(D=slice(3)), "fix parameters by known"),
    ],
)
def test_refusals_name_the_remedy(change, says):
    """A labelled curve that is none, and what to do about it."""
    curve = labelled(noisy("floor", 0, trials=3))
    with pytest.raises(ValueError, match=f"curve must .*{says}"):
        fit(change(curve))
