"""Forecasts of curves: what is promised on curves that had no part in them."""

import numpy as np
import pytest
import xarray as xr
from thorough import first_of, long

from scalinglib import data, laws
from scalinglib.laws import LAWS
from scalinglib.laws.assuming import _inflated, assumed
from scalinglib.laws.points import points_of

X = 2.0 ** np.arange(6, 15)


def power(seed=0, trials=5, noise=0.02, alpha=0.5, x=X):
    """Trials of a power law."""
    rng = np.random.default_rng(seed)
    return x, x[:, None] ** -alpha * np.exp(
        noise * rng.standard_normal((len(x), trials))
    )


def held_back():
    """Curves that had no part in learning to forecast, and their first sizes."""
    table = data.load_learning_curves()
    table = table[table["dataset"] % data.HELD_BACK == 0]
    for _, rows in table.groupby(["dataset", "learner"]):
        wide = rows.pivot(index="D", columns="trial", values="error")
        x, loss = wide.index.to_numpy(float), wide.to_numpy()
        yield x, loss, int((x <= x[-1] / 8).sum())


@long
def test_intervals_hold_on_curves_that_were_not_seen():
    """Of 77 curves, to eight times the size: as often as they say, within chance.

    Eleven data sets are few, and curves of one go together: three standard errors of
    thirty independent ones.
    """
    scores = []
    for x, loss, n in held_back():
        found = laws.forecast((x[:n], loss[:n]), at=x[-1])
        truth = np.log(np.nanmean(loss[-1]))
        scores.append(float(found._distribution.score(truth)))
    for level, z in ((0.5, 0.674), (0.8, 1.282), (0.9, 1.645)):
        held = np.mean(np.abs(scores) <= z)
        assert abs(held - level) < 3 * np.sqrt(level * (1 - level) / 30), (level, held)


@long
def test_known_forms_miss_where_forecasts_hold():
    """The interval of a law that is taken for granted holds less often, by far."""
    held = []
    for x, loss, n in list(held_back())[::4]:
        curve, truth = (x[:n], loss[:n]), np.nanmean(loss[-1])
        names = None, "floor"
        held.append(
            [laws.forecast(curve, at=x[-1], assume=a).covers(truth) for a in names]
        )
    free, fixed = np.mean(held, axis=0)
    assert free > fixed + 0.15


@pytest.mark.parametrize("assume", [None, "law", "floor"])
def test_units_do_not_matter(assume):
    """Sizes in thousands and losses in bits: the same forecast."""
    x, loss = power()
    one = laws.forecast((x, loss), at=1e5, assume=assume)
    other = laws.forecast((x / 1e3, loss / np.log(2)), at=100.0, assume=assume)
    ends = np.array([one.value, *one.interval()]) / np.log(2)
    np.testing.assert_allclose([other.value, *other.interval()], ends, rtol=2e-3)


def test_labels_and_missing_trials():
    """A DataArray says the same as arrays; a missing trial is no zero."""
    x, loss = power()
    loss[3, 1] = np.nan
    labelled = xr.DataArray(loss.T, {"D": x, "trial": range(5)}, ["trial", "D"])
    one, other = (laws.forecast(c, at=1e5) for c in ((x, loss), labelled))
    assert one.interval() == other.interval()
    assert abs(np.log(one.value / 1e5**-0.5)) < 0.2


def test_intervals_are_nested_and_quantiles_agree():
    """Higher levels hold lower ones, draws follow, probabilities invert quantiles."""
    found = laws.forecast(power(), at=1e5, level=0.8, rng=1)
    assert found.interval() == found.interval(0.8)
    ends = [found.interval(level) for level in (0.5, 0.8, 0.9, 0.999)]
    lows, highs = np.array(ends).T
    assert (np.diff(lows) < 0).all()
    assert (np.diff(highs) > 0).all()
    for share in (0.01, 0.3, 0.5, 0.95):
        assert found.probability_below(found.quantile(share)) == pytest.approx(share)
        below = np.mean(found.draws < found.quantile(share))
        assert below == pytest.approx(share, abs=0.03)
    assert sum(found.speak.values()) == pytest.approx(1)


def test_less_is_known_of_less():
    """Three sizes, one run, a farther target: wider, and never nothing."""

    def width(curve, at=1e5):
        low, high = laws.forecast(curve, at=at).interval()
        return np.log(high / low)

    x, loss = power()
    whole = width((x, loss))
    assert width((x, loss), at=1e6) > whole
    assert width((x[-3:], loss[-3:])) > whole
    assert width((x[-3:], loss[-3:, 0])) > width((x, loss[:, 0]))


def test_warnings():
    """Too far is said, and that past forecasts of this curve failed."""
    curve = power(noise=0.003)
    assert not laws.forecast(curve, at=1e5).warnings
    (far,) = laws.forecast(curve, at=1e9).warnings
    assert "22 times, and this is farther" in far
    x = 2.0 ** np.arange(6, 20)
    dropped = np.where(np.arange(14) < 9, 1.0, 0.3)[:, None]  # as if a rate was lowered
    _, loss = power(x=x, noise=0.003, alpha=0.1)
    found = laws.forecast((x, loss * dropped), at=2.0**23)
    assert "missed" in found.warnings[0]
    assert found.warnings[0] in str(found)
    later = x[found.past["origin"].values - 1]
    assert (found.past["at"] > later).all()


def test_the_past_knows_nothing_of_later_sizes():
    """A past forecast is that of the first sizes alone, their errors included."""
    x, loss = power()
    loss[-2:] *= np.random.default_rng(1).normal(1, 0.5, (2, 5))
    past = laws.forecast((x, loss), at=1e5).past
    for k, origin in enumerate(past["origin"].values):
        seen = x[:origin], loss[:origin]
        alone = laws.forecast(seen, at=float(past["at"][k])).interval()
        np.testing.assert_allclose(alone, (past["low"][k], past["high"][k]), rtol=1e-9)


def test_long_curves_are_averaged():
    """A thousand sizes take no longer, and say what their averages say."""
    x = np.geomspace(64, 16384, 1000)
    found = laws.forecast(power(x=x, noise=0.05, trials=1), at=1e5)
    assert found.covers(1e5**-0.5)
    assert np.ptp(np.log(found.interval())) < 0.5


# -- a law for granted ---------------------------------------------------------------


def test_a_power_with_known_errors_is_a_regression():
    """Against the normal posterior of a line whose slope has a normal prior."""
    x, loss = power(trials=1, noise=0.05)
    error = xr.DataArray(loss[:, 0], {"D": x, "error": ("D", 0.05 * loss[:, 0])}, ["D"])
    found = laws.forecast(error, at=1e6, assume="power")
    u, y = np.log(x), np.log(loss[:, 0])
    G = np.stack([np.ones_like(u), -u], axis=1)
    precision = G.T @ G / 0.05**2 + np.diag([0, 1 / 0.6**2])
    centre = np.linalg.solve(precision, G.T @ y / 0.05**2 + [0, 0.3 / 0.6**2])
    g = np.array([1, -np.log(1e6)])
    sd = np.sqrt(g @ np.linalg.solve(precision, g))
    assert np.log(found.value) == pytest.approx(g @ centre, abs=0.1 * sd)
    width = np.ptp(np.log(found.interval(0.9)))
    assert width == pytest.approx(2 * 1.645 * sd, rel=0.1)


@long
@pytest.mark.parametrize("law", first_of(["floor", "power", "break"]))
def test_planted_laws_are_held(law):
    """Whatever the law is, one of them is: nine in ten, of nine, within chance."""
    rng, held = np.random.default_rng([7, *map(ord, law)]), 0
    for _ in range(9):
        n = rng.integers(6, 25)
        u = np.log(2) * np.arange(n)
        alpha, late = rng.uniform(0.1, 1.0, 2)
        place, floor = rng.uniform(0.25, 0.75) * u[-1], rng.uniform(0.1, 0.9)
        at = u[-1] + np.log(8)

        def value(u, a=alpha, b=late, c=place, floor=floor, last=u[-1]):
            if law == "break":
                return -a * u - (b - a) * 0.5 * np.logaddexp(0, (u - c) / 0.5)
            rest = floor / (1 - floor) * np.exp(-a * last) if law == "floor" else 0.0
            return np.log(rest + np.exp(-a * u))

        noise = np.exp(rng.uniform(np.log(0.02), np.log(0.2)))
        trials = noise * rng.standard_normal((n, rng.integers(1, 6)))
        loss = np.exp(value(u)[:, None] + trials)
        found = laws.forecast((np.exp(u), loss), at=np.exp(at), assume="law")
        held += found.covers(np.exp(value(at)))
    assert held >= 6


def test_evidence_knows_a_floor_from_a_power():
    """The law that was planted speaks most, where it can be told."""
    x = 2.0 ** np.arange(6, 18)
    rng = np.random.default_rng(0)
    noise = np.exp(0.01 * rng.standard_normal((12, 5)))
    at = 2.0**20
    for floor, name in ((0.0, "power"), (0.05, "floor")):
        points = points_of((x, (floor + x**-0.4)[:, None] * noise))
        _, speak = assumed(points, "law", np.log([at]))
        assert max(speak, key=speak.get) == name
        assert set(speak) == set(LAWS)


def test_two_arrays_are_refused_with_the_remedy():
    """The former call says what to write now."""
    x, loss = power()
    with pytest.raises(ValueError, match=r"forecast\(\(x, loss\), at"):
        laws.forecast(x, loss, at=1e5)


@pytest.mark.parametrize("trials", [3, 10])
def test_weights_from_few_trials_are_noise_too(trials):
    """A weighted mean scatters as the inflated errors say, and more than the others."""
    rng, means, said = np.random.default_rng(0), [], {"plain": [], "inflated": []}
    for _ in range(1500):
        loss = 1 + 0.02 * rng.standard_normal((10, trials))
        plain = points_of((2.0 ** np.arange(10), loss))
        for name, points in (("plain", plain), ("inflated", _inflated(plain))):
            weight = points.error**-2
            said[name].append(1 / weight.sum())
        means.append(weight @ np.log(points.mean) / weight.sum())
    ratio = {name: np.var(means) / np.mean(each) for name, each in said.items()}
    assert ratio["inflated"] == pytest.approx(1, abs=0.1)
    assert ratio["plain"] > ratio["inflated"] + 0.1
