"""Best sizes of budgets: planted surfaces, their bias, coverage and bad profiles."""

import functools

import numpy as np
import pytest
import xarray as xr
from thorough import exhaustive, long

from scalinglib.laws import fit_isoflop, parabola_bias, read
from scalinglib.laws.surfaces.valleys import vertex

A, B, E = 480.0, 2100.0, 1.8
BUDGETS = np.geomspace(6e18, 3e21, 8)
ALPHAS = 0.34, 0.28
WIDTH = np.log(8)


def best(C, alphas=ALPHAS):
    """The best P of a budget, from the planted surface."""
    a, b = alphas
    return (a * A / (b * B)) ** (1 / (a + b)) * (C / 6) ** (b / (a + b))


def planted(
    *, seed=0, noise=0.0, alphas=ALPHAS, width=WIDTH, drift=0.0, n=9, C=BUDGETS
):
    """Runs (P, C, loss) of budgets, in windows about their best sizes."""
    C = np.repeat(C, n)
    y = np.tile(np.linspace(-1, 1, n), len(C) // n)
    P = best(C, alphas) * np.exp(drift + width * y)
    loss = E + A * P ** -alphas[0] + B * (C / (6 * P)) ** -alphas[1]
    return P, C, loss * (1 + noise * np.random.default_rng(seed).normal(size=len(P)))


def of(C, k):
    """Which runs are of a budget."""
    return np.isclose(C, BUDGETS[k])


def fitted(runs, **options):
    """Fit to runs of `planted`."""
    P, C, loss = runs
    return fit_isoflop(P, loss=loss, C=C, **options)


@pytest.mark.parametrize("drift", [0.0, 0.4])
def test_parabolas_have_their_bias(drift):
    """Without noise the vertex is off by what the closed form says; so is optimal."""
    found = fitted(planted(drift=drift))
    bias = parabola_bias(*ALPHAS, np.log(8), drift=drift, points=9)
    off = np.log(found.profiles["P"] / best(BUDGETS))
    np.testing.assert_allclose(off, bias, atol=1e-9)
    P, D = found.optimal([1e18, 1e24])
    np.testing.assert_allclose(np.log(P.value / best(P.value * D.value * 6)), bias)
    np.testing.assert_allclose(found.bias(*ALPHAS), bias, atol=1e-9)
    assert found.exponent.value == pytest.approx(0.28 / 0.62)


@long
@pytest.mark.parametrize("alphas", [(0.34, 0.28), (0.9, 0.3)])
@pytest.mark.parametrize("drift", [0.0, 0.4])
def test_the_surface_has_none(alphas, drift):
    """Without noise: optimum, data, loss and exponents, wherever the window lies."""
    found = fitted(planted(alphas=alphas, drift=drift), shape="surface")
    P = best(BUDGETS, alphas)
    D = BUDGETS / (6 * P)
    np.testing.assert_allclose(found.profiles["P"], P, rtol=1e-6)
    np.testing.assert_allclose(found.profiles["D"], D, rtol=1e-6)
    loss = E + A * P ** -alphas[0] + B * D ** -alphas[1]
    np.testing.assert_allclose(found.profiles["loss"], loss, rtol=1e-9)
    for estimate, truth in zip(found.exponents, alphas, strict=True):
        assert estimate.value == pytest.approx(truth, rel=1e-5)


def test_compute_that_scatters_is_no_matter_to_the_surface():
    """Budgets met to two per cent: D is that of the run, the answer as exact."""
    P, C, _ = planted()
    C = C * np.exp(np.random.default_rng(0).uniform(-0.02, 0.02, len(C)))
    loss = E + A * P ** -ALPHAS[0] + B * (C / (6 * P)) ** -ALPHAS[1]
    found = fitted((P, C, loss), shape="surface")
    assert found.profiles.sizes["C"] == 8
    assert found.left_over == 0
    np.testing.assert_allclose(
        found.profiles["P"], best(found.profiles["C"]), rtol=1e-6
    )


@functools.cache
def held(shape, sets, noise=0.01):
    """Shares of intervals of ln P* that hold, at each budget and ten times beyond."""
    at = np.append(BUDGETS, 10 * BUDGETS[-1])
    shares = 0
    for seed in range(sets):
        found = fitted(planted(seed=seed, noise=noise, n=11), shape=shape)
        low, high = found.optimal(at)[0].interval()
        shares = shares + ((low < best(at)) & (best(at) < high)) / sets
    return shares


@pytest.mark.parametrize(
    ("sets", "most"), [(12, 4), pytest.param(200, 3, marks=exhaustive)]
)
def test_intervals_of_the_surface_hold(sets, most):
    """Within the budgets and beyond: 95 %, within so many errors of the share."""
    error = np.sqrt(0.95 * 0.05 / sets)
    assert (held("surface", sets) > 0.95 - most * error).all()


@exhaustive
def test_intervals_of_parabolas_do_not_know_their_bias():
    """With little noise those of the surface hold, those of parabolas do not."""
    assert held("surface", 100, 0.002).min() > 0.88
    assert held("parabola", 100, 0.002).min() < 0.7


def test_the_gradient_of_a_vertex():
    """Of sizes that are not evenly spaced, against differences."""
    u = np.array([0.0, 0.3, 0.9, 2.0, 3.5])
    loss = 2 + (u - 2.5) ** 2 + 0.1 * np.cos(5 * u)
    steps = 1e-6 * np.eye(5)
    change = [vertex(u, loss + s)[0] - vertex(u, loss - s)[0] for s in steps]
    np.testing.assert_allclose(vertex(u, loss)[2], np.array(change) / 2e-6, rtol=1e-6)


@exhaustive
@pytest.mark.parametrize(("shape", "noise"), [("parabola", 0.01), ("surface", 0.001)])
def test_errors_of_minima_are_their_scatter(shape, noise):
    """Of 200 tables in windows that drift, within four standard errors of it.

    With less noise than that what a parabola misses would be taken for noise.
    """
    many = [
        fitted(planted(seed=s, noise=noise, drift=0.8, C=BUDGETS[:3]), shape=shape)
        for s in range(200)
    ]
    tables = [found.profiles for found in many]
    scatter = np.std([np.log(t["P"]) for t in tables], axis=0, ddof=1)
    error = np.sqrt(np.mean([t["stderr"] ** 2 for t in tables], axis=0))
    np.testing.assert_allclose(error / scatter, 1, atol=4 / np.sqrt(2 * 200))


@exhaustive
def test_scatter_of_minima_widens_the_interval():
    """Minima exact but 15 % about their law: the interval of its exponent holds."""
    covered, scatters = [], []
    for seed in range(60):
        P, C, loss = planted(noise=0.0003, seed=seed)
        moved = np.random.default_rng([seed, 1]).normal(0, 0.15, len(BUDGETS))
        found = fitted((P * np.exp(np.repeat(moved, 9)), C, loss))
        covered.append(found.exponent.covers(0.28 / 0.62))
        scatters.append(found.scatter)
    assert np.mean(covered) > 0.95 - 4 * 0.028
    assert np.mean(scatters) == pytest.approx(0.15, rel=0.15)


def test_one_bad_run_is_left_out():
    """It is noted, and the minimum is what it was; nothing else is noted."""
    P, C, loss = planted(noise=0.002, n=12)
    spoiled = loss.copy()
    spoiled[40] *= 1.1
    whole, found = fitted((P, C, loss)), fitted((P, C, spoiled))
    note = found.profiles["note"].values
    assert note[3] == f"left out the run of P = {P[40]:.3g}, off the others"
    assert not any(np.delete(note, 3))
    assert found.profiles["runs"].values[3] == 11
    off = np.log(found.profiles["P"] / whole.profiles["P"])
    assert abs(off).max() < 2 * whole.profiles["stderr"].max()


@pytest.mark.parametrize("shape", ["parabola", "surface"])
def test_a_minimum_off_the_others_is_noted(shape):
    """By a factor of two; the power law is drawn little, its interval still holds."""
    P, C, loss = planted(noise=0.003)
    P[of(C, 2)] *= 2
    found = fitted((P, C, loss), shape=shape)
    notes = found.profiles["note"].values
    assert "off the power law of the others by a factor" in notes[2]
    assert not any("power law" in note for note in np.delete(notes, 2))
    assert found.exponent.covers(0.28 / 0.62)
    assert fitted(planted(noise=0.003), shape=shape).scatter < found.scatter


def test_a_minimum_off_the_others_is_noted_though_its_error_allows_it():
    """Two points on one side say little of where it is, and that is said."""
    P, C, loss = planted(noise=0.001)
    which = of(C, 4)
    P[which] *= 2
    loss[which] *= 1 + 0.1 * np.random.default_rng(3).normal(size=9)
    notes = fitted((P, C, loss)).profiles["note"].values
    assert "off the power law of the others" in notes[4]
    assert "its own error allows" in notes[4]


def test_what_is_wrong_with_a_profile_is_noted():
    """A window on one side, one that turns at its last but one, one upside down."""
    P, C, loss = planted()
    for k, drift in enumerate([3.0, 0.9 * WIDTH]):
        moved = planted(drift=drift)
        P[of(C, k)], loss[of(C, k)] = moved[0][of(C, k)], moved[2][of(C, k)]
    loss[of(C, 2)] = 9 - loss[of(C, 2)]
    found = fitted((P, C, loss))
    notes = found.profiles["note"].values
    assert "outside the window" in notes[0]
    assert "one side of the minimum has one size" in notes[1]
    assert "opens downward" in notes[2]
    assert np.isnan(found.profiles["P"][2])
    assert found.profiles["used"].values.tolist() == [False, True, False] + [True] * 5
    assert "opens downward" in str(found)
    np.testing.assert_array_equal(np.isnan(found.bias(*ALPHAS)), np.arange(8) == 2)


def test_budgets_among_other_runs_are_found():
    """Runs all over compute belong to none, and what is named is what is taken."""
    P, C, loss = planted()
    rng = np.random.default_rng(1)
    P, C = (
        np.append(P, best(1e20) * rng.uniform(0.3, 3, 40)),
        np.append(C, np.exp(rng.uniform(np.log(6e18), np.log(3e21), 40))),
    )
    loss = E + A * P ** -ALPHAS[0] + B * (C / (6 * P)) ** -ALPHAS[1]
    found = fitted((P, C, loss))
    np.testing.assert_allclose(found.profiles["C"], BUDGETS, rtol=0.02)
    assert 30 <= found.left_over <= 40
    named = fitted((P, C, loss), budgets=BUDGETS[[1, 4, 6]])
    np.testing.assert_allclose(named.profiles["C"], BUDGETS[[1, 4, 6]])
    assert named.left_over >= 80
    with pytest.raises(ValueError, match="two profiles of 5 sizes"):
        fitted((P[-40:], C[-40:], loss[-40:]))


def test_four_sizes_are_no_profile():
    """Neither of four, nor of four and a second seed of each."""
    P, C, loss = planted(n=4)
    for times in (1, 2):
        with pytest.raises(ValueError, match="at least two profiles of 5 sizes"):
            fitted((np.tile(P, times), np.tile(C, times), np.tile(loss, times)))
    assert fitted(planted(n=5)).profiles["sizes"].values.tolist() == [5] * 8


def test_units_change_nothing():
    """Compute of another rate, parameters in millions: the same exponent and error."""
    P, C, loss = planted(noise=0.01)
    one = fitted((P, C, loss), shape="surface")
    two = fit_isoflop(P / 1e6, loss=7 * loss, C=C / 1e9, flops=2.0, shape="surface")
    assert two.exponent.value == pytest.approx(one.exponent.value, abs=1e-5)
    assert two.exponent.stderr == pytest.approx(one.exponent.stderr, rel=1e-3)
    P, D = two.optimal(1e13)
    assert 2 * P.value * D.value == pytest.approx(1e13)


def test_labels():
    """A table that was read, and labelled budgets."""
    P, C, loss = planted(noise=0.01)
    table = read({"N": P, "D": C / (6 * P), "loss": loss}, ("N", "D"))
    found, plain = fit_isoflop(table), fitted((P, C, loss))
    assert found.exponent.value == pytest.approx(plain.exponent.value)
    C = xr.DataArray([1e22, 1e23], dims="C", coords={"C": [1, 2]})
    P, _ = found.optimal(C)
    assert P.value.dims == ("C",)
    assert P.interval()[1].dims == ("C",)
    assert np.ndim(found.optimal(1e22)[0].interval()[0]) == 0
    assert f"{found.optimal(1e22)[0]:.2g}"


def test_what_cannot_be_is_refused():
    """Losses that only fall, budgets that touch, and a bias of no parabola."""
    P, C, loss = planted()
    with pytest.raises(ValueError, match="minimum within the sizes"):
        fitted((P, C, 2 + P**-0.3))
    with pytest.raises(ValueError, match="budgets must be more than 11 % apart"):
        fitted((P, C, loss), budgets=[1e19, 1.05e19])
    found = fitted((P, C, loss), shape="surface")
    with pytest.raises(ValueError, match="shape must be 'parabola'"):
        found.bias(0.3, 0.3)
    with pytest.raises(ValueError, match="C must be finite and positive"):
        found.optimal(0.0)
    for bad in (0.0, np.nan, "a"):
        with pytest.raises(ValueError, match="alpha_P"):
            fitted((P, C, loss)).bias(bad, 0.3)
    with pytest.raises(ValueError, match="level"):
        found.optimal(1e22)[0].interval(95)
