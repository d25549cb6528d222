"""Surfaces of losses: the minimum, the intervals, the best split, what is not told."""

import numpy as np
import pytest
import xarray as xr
from planted_surfaces import Planted, planted
from scipy.optimize import minimize
from thorough import first_of, long, some

from scalinglib import data, laws
from scalinglib.laws.surfaces import FORMS, minimum
from scalinglib.laws.surfaces.observed import runs_of

EXACT = Planted(1.7, 400.0, 1500.0, 0.34, 0.36)


def runs(truth=EXACT, *, P=(1e7, 1e10), D=(1e9, 1e12), many=(6, 7), noise=0.0, seed=0):
    """A grid of runs of a surface: P, D, loss."""
    sides = (np.geomspace(*ends, n) for ends, n in zip((P, D), many, strict=True))
    P, D = (side.ravel() for side in np.meshgrid(*sides))
    scatter = np.random.default_rng(seed).standard_normal(P.size)
    return P, D, truth(P, D) * np.exp(noise * scatter)


@pytest.fixture(scope="module")
def chinchilla():
    """The 240 runs that everybody fits."""
    return data.load_surface_runs("chinchilla").nsmallest(240, "loss")


@pytest.fixture(scope="module")
def published(chinchilla):
    """The surface of these runs."""
    P, C, loss = (chinchilla[name].to_numpy() for name in ("N", "C", "loss"))
    return laws.fit_loss_surface(P, loss=loss, C=C, rng=0)


# -- the minimum -----------------------------------------------------------------------


@pytest.mark.parametrize("delta", [1e-3, np.inf])
@pytest.mark.parametrize(
    "truth", [EXACT, Planted(0.6, 4e4, 160, 0.7, 0.2), Planted(2.0, 3e3, 9, 0.5, 0.1)]
)
def test_exact_surfaces_are_found(truth, delta):
    """All five parameters, from runs without noise."""
    found = laws.fit_loss_surface(*runs(truth), delta=delta, resamples=0)
    for name in ("E", "A", "B", "alpha_P", "alpha_D"):
        value = getattr(truth, name)
        assert getattr(found, name) == pytest.approx(value, rel=2e-4), name


def test_published_minimum(published):
    """Chinchilla: what an independent program found from 200 random starts."""
    assert published.objective == pytest.approx(1.018277e-3, rel=1e-5)
    assert published.alpha_P == pytest.approx(0.34731, abs=1e-4)
    assert published.alpha_D == pytest.approx(0.36717, abs=1e-4)
    assert published.optimal(1e24).P.value == pytest.approx(9.718e10, rel=1e-3)
    assert published.condition == pytest.approx(61.9, rel=0.01)


def test_no_start_gets_lower(chinchilla, published):
    """Of random starts at the scale of the runs: with another minimiser too."""
    form, rng = FORMS["additive"], np.random.default_rng(0)
    logs = np.log([published.runs.P, published.runs.D, published.runs.loss])
    sizes = logs[:2] - np.array(published._units[:2])[:, None]
    log_loss = logs[2] - published._units[2]
    low, high = np.log([0.1, 0.02, 0.02]), np.log([1.0, 2.0, 2.0])
    for k in range(20):
        theta = np.append(rng.uniform(low, high), rng.uniform(0.05, 1.2, 2))
        _, objective = minimum.descend(form, theta, sizes, log_loss, 1e-3)
        assert objective >= published.objective * (1 - 1e-9)
        if k == 0:  # one that knows no gradient, and takes its time

            def total(theta):
                off = log_loss - form.log_loss(theta[None], sizes)[0][0]
                inner = np.clip(off, -1e-3, 1e-3)
                return 1e3 * (inner * (off - inner / 2)).sum()

            options = {"maxfev": 4000, "xatol": 1e-9, "fatol": 1e-12}
            other = minimize(
                total, published._theta + 0.01, method="Nelder-Mead", options=options
            )
            assert other.fun / 1e3 == pytest.approx(published.objective, rel=1e-4)


@pytest.mark.parametrize("name", FORMS)
def test_gradients(name):
    """Of log L by the parameters, against differences."""
    form, rng = FORMS[name], np.random.default_rng(1)
    theta = rng.uniform(-2, 0, len(form.names))
    theta[[k for k, low in enumerate(form.low) if low >= 0]] = 0.7, 0.4
    theta = theta[None]
    sizes = rng.uniform(-3, 3, (3, 9))
    value, _, gradient = form.log_loss(theta, sizes)
    for k in range(theta.shape[1]):
        step = 1e-6 * np.eye(theta.shape[1])[k]
        ends = [form.log_loss(theta + sign * step, sizes)[0] for sign in (1, -1)]
        slope = (ends[0] - ends[1])[0] / 2e-6
        np.testing.assert_allclose(gradient[0, :, k], slope, rtol=1e-6, atol=1e-9)
    assert value.shape == (1, 9)


def test_kaplans_form_is_found_and_told_apart():
    """Planted, and which of the two forms it was shows in the objective."""
    P, D, _ = runs()
    loss = ((9e12 / P) ** (0.08 / 0.1) + 5e13 / D) ** 0.1
    found = laws.fit_loss_surface(P, D, loss, form="joint", resamples=0)
    assert found.alpha_P == pytest.approx(0.08, rel=1e-3)
    assert found.alpha_D == pytest.approx(0.1, rel=1e-3)
    assert found.P_c == pytest.approx(9e12, rel=0.02)
    other = laws.fit_loss_surface(P, D, loss, resamples=0)
    assert found.objective < 0.1 * other.objective
    assert laws.fit_loss_surface(*runs(), resamples=0).objective < 1e-9


def repeated(P, D, U, R=12.0):
    """The exact surface, with data that are worth less when they are seen again."""
    worth = np.where(D > U, U + U * R * (1 - np.exp(-(D / U - 1) / R)), D)
    return EXACT(P, worth)


@long
def test_data_seen_again_are_worth_less():
    """Planted repetitions are found; a best split knows how many data there are."""
    P, D, _ = runs(D=(1e9, 1e11))
    U = np.where(np.arange(len(P)) % 3, 2e9, 1e12)
    found = laws.fit_loss_surface(
        P, D, repeated(P, D, U), unique=U, form="repeated", resamples=0
    )
    assert pytest.approx(12, rel=1e-2) == found.R
    assert found.alpha_D == pytest.approx(0.36, rel=1e-3)
    assert found(1e9, 5e10, 2e9) == pytest.approx(repeated(1e9, 5e10, 2e9), rel=1e-5)
    fresh, scarce = found.optimal(1e22), found.optimal(1e22, unique=1e10)
    assert fresh.P.value == pytest.approx(EXACT.best(1e22), rel=1e-2)
    assert scarce.P.value > 1.4 * fresh.P.value
    for step in (0.97, 1.03):
        near = found(scarce.P.value * step, scarce.D.value / step, 1e10)
        assert near > scarce.loss.value > fresh.loss.value
    plenty = found.optimal(1e22, unique=1e15)
    assert plenty.P.value == pytest.approx(fresh.P.value, rel=1e-6)
    C = found.compute_for(scarce.loss.value, unique=1e10).value
    assert pytest.approx(1e22, rel=1e-6) == C
    assert found.compute_for(1.75, unique=1e9).value == np.inf
    table = {"N": P, "D": D, "U": U, "loss": repeated(P, D, U)}
    labelled = laws.read(table, ("N", "D", "U"))
    again = laws.fit_loss_surface(labelled, unique="U", form="repeated", resamples=0)
    assert pytest.approx(found.R, rel=1e-3) == again.R


def test_units_change_the_amplitudes_alone():
    """Exponents and relative intervals do not know units; nor do best splits."""
    P, D, loss = runs(noise=0.01)
    one = laws.fit_loss_surface(P, D, loss, rng=0)
    two = laws.fit_loss_surface(P / 1e6, D * 1e3, loss * 7, rng=0)
    assert one.alpha_P == pytest.approx(two.alpha_P, rel=1e-5)
    assert pytest.approx(7 * one.E, rel=1e-5) == two.E
    ends = [np.array(fit.interval("alpha_D")) for fit in (one, two)]
    np.testing.assert_allclose(*ends, rtol=1e-3)
    best = one.optimal(1e22).P.value, two.optimal(1e19).P.value * 1e6
    assert best[0] == pytest.approx(best[1], rel=1e-4)


def test_order_of_the_runs_does_not_matter():
    """Nor does it which table they are in: arrays, or what `read` returns."""
    P, D, loss = runs(noise=0.01)
    order = np.random.default_rng(0).permutation(len(P))
    one = laws.fit_loss_surface(P, D, loss, resamples=0)
    two = laws.fit_loss_surface(P[order], D[order], loss[order], resamples=0)
    table = {"params": P, "tokens": D, "flop": 6 * P * D, "loss": loss}
    labelled = laws.read(table, ("params", "tokens"), ignore="flop")
    by_C = laws.read(table, ("params", "flop"), ignore="tokens")
    three = laws.fit_loss_surface(labelled, resamples=0)
    four = laws.fit_loss_surface(by_C, C="flop", resamples=0)
    for other in (two, three, four):
        assert other.alpha_P == pytest.approx(one.alpha_P, rel=1e-6)
        assert pytest.approx(one.B, rel=1e-4) == other.B


# -- a budget --------------------------------------------------------------------------


@pytest.mark.parametrize("C", [1e18, 1e21, 1e25])
def test_the_best_split_is_best(C):
    """Against a search over the sizes themselves; and nothing near it is better."""
    found = laws.fit_loss_surface(*runs(), resamples=0)
    best = found.optimal(C)
    assert best.P.value == pytest.approx(EXACT.best(C), rel=2e-3)
    assert 6 * best.P.value * best.D.value == pytest.approx(C)
    assert best.loss.value == pytest.approx(found(best.P.value, best.D.value))
    for step in (0.99, 1.01):
        assert found(best.P.value * step, best.D.value / step) > best.loss.value
    ratio = best.D.value / best.P.value
    assert found.tokens_per_parameter(C).value == pytest.approx(ratio)
    assert found.compute_for(best.loss.value).value == pytest.approx(C, rel=1e-6)


def test_the_best_split_of_the_joint_form_is_best():
    """The same for the other form."""
    P, D, _ = runs()
    loss = ((9e12 / P) ** 0.8 + 5e13 / D) ** 0.1
    found = laws.fit_loss_surface(P, D, loss, form="joint", resamples=0)
    best = found.optimal(1e21)
    for step in (0.98, 1.02):
        assert found(best.P.value * step, best.D.value / step) > best.loss.value
    assert found.compute_for(best.loss.value).value == pytest.approx(1e21, rel=1e-6)


def test_flops_are_a_change_of_units():
    """Twice the flops for each parameter and example is half the budget."""
    P, D, loss = runs(noise=0.01)
    six, twelve = (
        laws.fit_loss_surface(P, D, loss, flops=f, resamples=0) for f in (6, 12)
    )
    ratio = six.optimal(1e21).P.value / twelve.optimal(2e21).P.value
    assert ratio == pytest.approx(1, rel=1e-9)


def test_a_loss_below_the_floor_takes_infinite_compute(published):
    """And one just above it a finite amount."""
    assert published.compute_for(1.8).value == np.inf
    assert 1e26 < published.compute_for(1.83).value < np.inf


def test_arrays_and_labels_pass_through(published):
    """A frontier has the shape and the labels of the budgets; a plane broadcasts."""
    C = xr.DataArray([1e20, 1e22], {"C": [1e20, 1e22]})
    best = published.optimal(C)
    assert best.P.value.dims == ("C",)
    low, high = best.P.interval()
    assert ((low < best.P.value) & (best.P.value < high)).all()
    alone = published.optimal(1e22)
    assert best.P.value.sel(C=1e22).item() == pytest.approx(alone.P.value)
    assert high.sel(C=1e22).item() == pytest.approx(alone.P.interval()[1])
    P = xr.DataArray([1e8, 1e9], {"P": [1e8, 1e9]})
    D = xr.DataArray([1e10, 1e11, 1e12], {"D": [1e10, 1e11, 1e12]})
    plane = published(P, D)
    assert plane.dims == ("P", "D")
    assert plane[0, 1].item() == pytest.approx(published(1e8, 1e11))
    profile = published.isoflop(1e22)
    least = profile.P.values[int(np.argmin(profile.loss.values))]
    assert least == pytest.approx(alone.P.value, rel=0.05)
    assert (profile.low < profile.loss).all()


# -- intervals -------------------------------------------------------------------------


@long
@pytest.mark.parametrize(
    ("seeds", "least"), first_of([(range(12), 10), (range(12, 84), 65)])
)
def test_intervals_hold_on_planted_surfaces(seeds, least):
    """Exponents, floor and the best size a hundredfold ahead: 95 %, within chance."""
    held, sure = [], []
    for seed in seeds:
        truth = planted(seed)
        found = laws.fit_loss_surface(
            truth.P, truth.D, truth.loss, rng=seed, resamples=100
        )
        far = 100 * truth.largest
        held.append(
            [
                found.estimate("E").covers(truth.E),
                found.estimate("alpha_P").covers(truth.alpha_P),
                found.estimate("alpha_D").covers(truth.alpha_D),
                found.optimal(far).P.covers(truth.best(far)),
            ]
        )
        sure.append(all(found.identified.values()))
    assert (np.sum(held, axis=0) >= least).all()
    assert 0.3 < np.mean(sure) < 0.95


@long
def test_good_designs_are_identified():
    """Five budgets or more and 2 % of noise: four in five."""
    found = []
    for seed in some(range(25), 10):
        truth = planted(seed, design="isoflop", noise=0.01, kind="normal")
        fit = laws.fit_loss_surface(truth.P, truth.D, truth.loss, rng=0, resamples=100)
        found.append(all(fit.identified.values()))
    assert np.mean(found) >= 0.8


def one_size(rng):
    """Twenty models of one data size."""
    P = np.geomspace(1e7, 1e9, 20)
    return P, np.full(20, 1e10)


def six_models(rng):
    """Six models, data within a per cent."""
    return np.geomspace(1e7, 1e9, 6), 1e10 * rng.uniform(0.995, 1.005, 6)


def one_budget(rng):
    """One profile."""
    P = np.geomspace(1e7, 1e9, 12)
    return P, 1e18 / P


def constant_ratio(rng):
    """Twenty tokens for each parameter."""
    P = np.geomspace(1e7, 1e10, 12)
    return P, 20 * P


@long
@pytest.mark.parametrize("design", [one_size, six_models, one_budget, constant_ratio])
def test_what_runs_cannot_tell_is_named(design):
    """Designs in which a term cannot be told apart: never all is said to be known."""
    for seed in some(range(12), 3):
        rng = np.random.default_rng(seed)
        P, D = design(rng)
        loss = EXACT(P, D) * np.exp(0.01 * rng.standard_normal(len(P)))
        found = laws.fit_loss_surface(P, D, loss, rng=0, resamples=100)
        assert not all(found.identified.values())
        assert found.reasons.keys() == {
            name for name, known in found.identified.items() if not known
        }
    if design in (one_size, six_models):
        assert "D has 1 distinct value" in found.reasons["alpha_D"]
        assert "alpha_D is not determined" in found.reasons["B"]
        assert not found.identified["E"]


def test_runs_of_a_model_that_share_their_luck_widen_the_interval():
    """Fifteen models, each with an error of its own that all its runs have."""
    P, D, loss = runs(many=(15, 8))
    model = np.unique(P, return_inverse=True)[1]
    luck = 0.02 * np.random.default_rng(0).standard_normal(15)[model]
    scatter = 0.002 * np.random.default_rng(1).standard_normal(len(P))
    found = laws.fit_loss_surface(P, D, loss * np.exp(luck + scatter), rng=0)
    draws = found.estimate("alpha_P").resamples
    width = {kind: np.ptp(np.quantile(d, [0.025, 0.975])) for kind, d in draws.items()}
    assert width["model sizes"] > 1.5 * width["runs"]
    assert np.ptp(found.interval("alpha_P")) >= 0.99 * width["model sizes"]


def test_few_groups_are_said():
    """Of six models nothing can be said of what they share."""
    found = laws.fit_loss_surface(*runs(noise=0.01), rng=0, resamples=100)
    assert "too few groups, 6 model sizes" in found.warnings[0]


def test_seeds_are_resampled_together():
    """Two seeds of each setting that are the same run twice tell nothing new."""
    P, D, loss = runs(noise=0.01)
    once = laws.fit_loss_surface(P, D, loss, rng=0)
    twice = laws.fit_loss_surface(*(np.tile(v, 2) for v in (P, D, loss)), rng=0)
    assert twice.objective == pytest.approx(2 * once.objective)
    ends = [fit.interval("alpha_P") for fit in (once, twice)]
    np.testing.assert_allclose(*ends, rtol=1e-3)


def test_no_resamples_no_ends():
    """The estimate alone has an interval without ends, and nothing is identified."""
    found = laws.fit_loss_surface(*runs(noise=0.01), resamples=0)
    assert found.interval("E") == (0.0, np.inf)
    assert not any(found.identified.values())


def test_all_of_it_is_reproducible():
    """One seed, one answer."""
    one, two = (laws.fit_loss_surface(*runs(noise=0.01), rng=5) for _ in range(2))
    assert one.interval("A") == two.interval("A")


# -- looking back ----------------------------------------------------------------------


def test_hindsight_of_an_exact_surface_is_right():
    """Small budgets forecast large ones, where the law holds."""
    table = laws.fit_loss_surface(*runs(), resamples=0).hindsight([0.1, 0.01])
    assert (abs(table["bias"]) < 1e-4).all()
    np.testing.assert_allclose(table["P"], 1, atol=0.01)
    assert (table["seen"] + table["ahead"] == 42).all()
    assert table.index.is_monotonic_decreasing


def test_residuals_by_size_see_a_model_that_failed():
    """One model size, a tenth too high: its mean stands out, for least rows too."""
    P, D, loss = runs(noise=0.002)
    loss = np.where(P.max() == P, 1.1 * loss, loss)
    found = laws.fit_loss_surface(P, D, loss, resamples=0)
    table = found.residuals_by("P")
    assert table["runs"].tolist() == [7] * 6
    off = abs(table["mean"]).groupby(table.index).first()
    assert off.idxmax() == pytest.approx(P.max())
    assert len(found.residuals_by("C")) > 6


# -- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize("unit", first_of([np.exp, np.log1p, lambda v: v / np.log(2)]))
def test_two_units_are_named(unit):
    """Every run twice, a quarter of them honest seeds: not fitted."""
    P, D, loss = runs(noise=0.01)
    other = unit(loss)
    other[::8] = loss[::8] * 1.003
    order = np.random.default_rng(0).permutation(2 * len(P))
    columns = np.tile(P, 2), np.tile(D, 2), np.concatenate([loss, other])
    with pytest.raises(ValueError, match="loss must be in one unit: 42 settings"):
        laws.fit_loss_surface(*(column[order] for column in columns))


def test_llama_twice_is_named():
    """A table that lists every run again with the exponential of its loss."""
    table = data.load_surface_runs("llama3")
    P, D, loss = (table[name].to_numpy() for name in ("N", "D", "loss"))
    assert laws.fit_loss_surface(P, D, loss, resamples=0).alpha_P > 0.2
    with pytest.raises(ValueError, match="its exponential"):
        laws.fit_loss_surface(np.tile(P, 2), np.tile(D, 2), np.r_[loss, np.exp(loss)])


@pytest.mark.parametrize("many", [2, 3, 4])
def test_honest_repeats_are_seeds(many):
    """Of fifty tables with seeds none is refused, with little noise or much."""
    for seed in range(50):
        noise = [0.002, 0.05][seed % 2]
        P, D, loss = (np.tile(v, many) for v in runs())
        scatter = noise * np.random.default_rng(seed).standard_normal(len(P))
        assert len(runs_of(P, D, loss * np.exp(scatter))) == len(P)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"P": [1e7] * 5, "D": [1e9] * 5, "loss": [2.0] * 5}, "at least 6 runs"),
        ({"D": None}, r"P needs loss and one of D and C beside it, got \['loss'\]"),
        ({"C": [1e18] * 42}, "one of D and C"),
        ({"loss": None}, r"got \['D'\]; or pass all of it"),
        ({"loss": [2.0] * 41}, "one axis and one length"),
        ({"loss": np.r_[np.nan, [2.0] * 41]}, r"loss must be finite and positive"),
        ({"D": np.r_[-1.0, [2.0] * 41]}, r"D must be finite and positive, got -1.0"),
        ({"P": np.r_[1e-40, [1e30] * 41]}, "P must span at most 60 decades"),
        ({"form": "chinchilla"}, "form must be one of 'additive', 'joint', 'repeated'"),
        ({"delta": 0}, "delta must be above zero, or infinite"),
        ({"delta": np.nan}, "delta must be above zero, or infinite"),
        ({"resamples": 20}, "resamples must be 0, for no interval, or at least 100"),
        ({"flops": 0}, "flops must be above zero"),
        ({"form": "repeated"}, "unique and form='repeated' need each other"),
        ({"unique": [1e9] * 42}, "unique and form='repeated' need each other"),
    ],
)
def test_rejects(arguments, message):
    """What is wrong is named, with what is accepted."""
    given = dict(zip(["P", "D", "loss"], runs(), strict=True)) | arguments
    with pytest.raises(ValueError, match=message):
        laws.fit_loss_surface(given.pop("P"), **given)


def test_labelled_runs_reject():
    """A curve of one size is no surface; what is compute must be a size."""
    P, D, loss = runs()
    curve = laws.read((P[:6], loss[:6]), "N")
    with pytest.raises(ValueError, match="two sizes as coordinates"):
        laws.fit_loss_surface(curve)
    table = laws.read({"N": P, "D": D, "loss": loss}, ("N", "D"))
    with pytest.raises(ValueError, match="C must name the second size"):
        laws.fit_loss_surface(table, C="N")
    with pytest.raises(ValueError, match="leave D and loss out"):
        laws.fit_loss_surface(table, D)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda s: s.optimal(-1.0), "C must be finite and positive"),
        (lambda s: s.optimal(1e20, 1e9), "unique is for a surface of the form"),
        (lambda s: s(1e9, 1e9, 1e9), "unique is for a surface of the form"),
        (lambda s: s.interval("beta"), "parameter must be one of 'E', 'A', 'B'"),
        (lambda s: s.interval("E", 95), "level must be a probability"),
        (lambda s: s(0.0, 1.0), "P must be finite and positive"),
        (lambda s: s.compute_for(0), "loss must be above zero"),
        (lambda s: s.residuals_by("N"), "size must be one of 'P', 'D', 'C'"),
        (lambda s: s.hindsight([2.0]), "shares must be .k,., above 0 and below 1"),
    ],
)
def test_questions_that_are_refused(ask, message):
    """Asked of a surface."""
    with pytest.raises(ValueError, match=message):
        ask(laws.fit_loss_surface(*runs(), resamples=0))


def test_no_such_attribute():
    """Parameters of the form are attributes, others are not; copies work."""
    import copy
    import pickle

    found = laws.fit_loss_surface(*runs(), resamples=0)
    with pytest.raises(AttributeError, match="no attribute 'beta'"):
        _ = found.beta
    assert copy.copy(found).E == found.E
    assert pickle.loads(pickle.dumps(found)).alpha_P == found.alpha_P
