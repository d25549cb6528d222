"""Surfaces of awkward tables: what must not be said, and what must."""

import numpy as np
import pytest
from thorough import first_of, long, some

from scalinglib import laws
from scalinglib.laws.surfaces import FORMS, minimum
from scalinglib.laws.surfaces.observed import together
from scalinglib.laws.surfaces.resampling import (
    Linearised,
    ResampledEstimate,
    Resamples,
)

fit = laws.fit_loss_surface
RNG = np.random.default_rng(0)
P, D = 10 ** RNG.uniform(7, 9, 60), 10 ** RNG.uniform(10, 12, 60)


def truth(P, D, E=1.8):
    """A surface like those of language models."""
    return E + 400 * P**-0.34 + 2000 * D**-0.36


LOSS = truth(P, D) * np.exp(0.003 * RNG.standard_normal(60))


def test_constant_losses_have_no_best_split():
    """Terms of rounding leave the split open, whatever the bootstrap does."""
    found = fit(P, D, np.full(60, 2.0), rng=0)
    assert found.optimal(1e24).P.interval() == (0.0, np.inf)
    assert not any(found.identified[name] for name in found.form.exponents)


def test_losses_that_rise_are_named():
    """Scores instead of losses: no split, and a question."""
    found = fit(P, D, 1 + 1e-4 * P**0.2 + 1e-3 * D**0.1, rng=0)
    for ask in (found.optimal, found.isoflop, found.tokens_per_parameter):
        with pytest.raises(ValueError, match="Are these losses, and not scores"):
            ask(1e24)


def test_dense_sizes_are_many():
    """Sizes that follow each other closely are no single size."""
    dense = np.linspace(5e10, 1e11, 61)
    assert together(dense).max() + 1 > 20
    assert together(np.array([1.0, 1.019, 1.038])).tolist() == [0, 0, 1]
    sizes = [s.ravel() for s in np.meshgrid(np.geomspace(1e8, 1e10, 6), dense)]
    noise = 1e-4 * np.random.default_rng(1).standard_normal(sizes[0].size)
    found = fit(*sizes, truth(*sizes) * np.exp(noise), rng=0)
    assert found.identified["alpha_D"]


def test_whole_numbers_of_any_length_are_budgets():
    """As people write them in Python."""
    found = fit(P, D, LOSS, resamples=0)
    assert found.optimal(10**24).P.value == found.optimal(1e24).P.value
    many = found.optimal([10**18, 10**22]).P.value
    np.testing.assert_array_equal(many, found.optimal([1e18, 1e22]).P.value)
    again = fit([int(p) * 10**20 for p in P], D, LOSS, resamples=0)
    assert again.alpha_P == pytest.approx(found.alpha_P, rel=1e-4)


def test_a_floor_of_zero_is_dispensable():
    """Planted without a floor: that is the reason, and the exponents are known."""
    noise = 0.003 * np.random.default_rng(2).standard_normal(60)
    found = fit(P, D, truth(P, D, E=0) * np.exp(noise), rng=0)
    assert "the runs can do without" in found.reasons["E"]
    assert found.identified["alpha_P"] & found.identified["alpha_D"]
    assert [*found.reasons] == ["E"]


@long
def test_few_runs_are_not_accused():
    """With normal noise a run that is said to be far off is none of a hundred."""
    told = 0
    for seed in some(range(60), 15):
        rng, n = np.random.default_rng(seed), [7, 20, 40][seed % 3]
        few = 10 ** rng.uniform(7, 9, n), 10 ** rng.uniform(10, 12, n)
        loss = truth(*few) * np.exp(0.01 * rng.standard_normal(n))
        told += any("far off" in w for w in fit(*few, loss, resamples=0).warnings)
    assert told <= 1
    off = LOSS * np.where(np.arange(60) == 17, 1.5, 1)
    assert f"P = {P[17]:.4g}" in fit(P, D, off, resamples=0).warnings[0]


@long
@pytest.mark.parametrize("seed", first_of(range(12), 3))
def test_few_noisy_runs_reach_their_minimum(seed):
    """As low as the best of twenty starts."""
    rng, n = np.random.default_rng([9, seed]), 8
    few = 10 ** rng.uniform(7, 9, n), 10 ** rng.uniform(10, 12, n)
    loss = truth(*few) * np.exp(0.1 * rng.standard_t(3, n))
    found, form = fit(*few, loss, resamples=0), FORMS["additive"]
    logs = np.log([*few, loss])
    sizes = logs[:2] - np.array(found._units[:2])[:, None]
    log_loss = logs[2] - found._units[2]
    others = []
    for _ in range(20):
        theta = np.r_[np.log(rng.uniform(0.02, 1, 3)), rng.uniform(0.05, 1.5, 2)]
        others.append(minimum.descend(form, theta, sizes, log_loss, 1e-3)[1])
    assert found.objective <= min(others) * 1.002


def test_levels_beyond_the_resamples_are_refused():
    """Two resamples beyond the ends are the least."""
    found = fit(P, D, LOSS, rng=0, resamples=100)
    assert found.interval("E", 0.98)[0] > 0
    with pytest.raises(ValueError, match=r"level must be at most 0\.98 with 100 res"):
        found.interval("E", 0.99)


def test_a_surface_is_certified_with_its_own_delta():
    """The same as by hand; other forms have none."""
    found = fit(P, D, LOSS, delta=0.01, resamples=0)
    proof = found.certificate(target=0.8)
    by_hand = laws.surfaces.certify(found.runs, found.objective, delta=0.01, target=0.8)
    assert proof == by_hand
    assert 0.8 <= proof.share <= 1
    with pytest.raises(ValueError, match="form must be 'additive'"):
        fit(P, D, LOSS, form="joint", resamples=0).certificate()


def test_sizes_that_stand_in_the_wrong_order_are_refused():
    """Of a labelled array the names tell; compute is not data."""
    table = {"N": P, "D": D, "C": 6 * P * D, "loss": LOSS}
    swapped = laws.read(table, ("D", "N"), ignore="C")
    with pytest.raises(ValueError, match="first size is called 'D'"):
        fit(swapped)
    compute = laws.read(table, ("N", "C"), ignore="D")
    with pytest.raises(ValueError, match="say C='C'"):
        fit(compute)
    assert fit(compute, C="C", resamples=0).alpha_P > 0


def test_sizes_far_from_one_are_refused():
    """Where their products are no floats."""
    with pytest.raises(ValueError, match="P must be within 140 decades of one"):
        fit(P * 1e150, D, LOSS)


def profiles(noise, seed=0):
    """Five budgets of nine sizes about the best of each."""
    C = np.repeat(np.geomspace(1e18, 1e22, 5), 9)
    N = 0.1 * C**0.5 * np.tile(np.geomspace(1 / 8, 8, 9), 5)
    scatter = noise * np.random.default_rng(seed).standard_normal(45)
    return N, truth(N, C / (6 * N)) * np.exp(scatter), C


def test_profiles_of_constant_losses_have_no_minimum():
    """Vertices of rounding are none."""
    N, _, C = profiles(0)
    with pytest.raises(ValueError, match="loss must have a minimum"):
        laws.fit_isoflop(N, loss=np.full(45, 3.3), C=C)


def test_profiles_take_rows_that_are_there_twice_once():
    """The same errors as without them."""
    N, loss, C = profiles(0.003)
    one = laws.fit_isoflop(N, loss=loss, C=C)
    two = laws.fit_isoflop(np.tile(N, 2), loss=np.tile(loss, 2), C=np.tile(C, 2))
    np.testing.assert_allclose(two.profiles.stderr, one.profiles.stderr, rtol=1e-9)


@long
@pytest.mark.parametrize(
    ("seeds", "least"), first_of([(range(12), 9), (range(80), 66)])
)
def test_exponents_of_shared_valleys_are_held(seeds, least):
    """Also where a floor ends at zero: nine in ten at the least, within chance."""
    held = np.zeros(2)
    for seed in seeds:
        N, loss, C = profiles(0.003, seed)
        found = laws.fit_isoflop(N, loss=loss, C=C, shape="surface").exponents
        held += [found[0].covers(0.34), found[1].covers(0.36)]
    assert (held >= least).all()


def test_an_exponent_at_the_end_of_the_search_is_open():
    """Steeper than what is searched: nothing that hangs on it has an interval."""
    P, D = (
        s.ravel() for s in np.meshgrid(np.geomspace(10, 40, 6), np.geomspace(1, 9, 7))
    )
    noise = 0.001 * np.random.default_rng(0).standard_normal(42)
    found = fit(P, D, (1 + 1e7 * P**-7.0 + D**-0.5) * np.exp(noise), rng=0)
    assert found.alpha_P == 4
    assert found.interval("alpha_P") == (0.0, np.inf)
    assert found.optimal(1e5).P.interval() == (0.0, np.inf)
    assert found.interval("alpha_D")[1] < 1


def test_bias_of_hindsight_is_measured_over_forecast():
    """Large runs that are two per cent worse than the surface of the small ones."""
    compute = P * D
    loss = truth(P, D) * np.where(compute > 0.1 * compute.max(), 1.02, 1.0)
    table = fit(P, D, loss, resamples=0).hindsight([0.1])
    np.testing.assert_allclose(table["bias"], np.log(1.02), atol=0.001)


def test_resamples_without_a_number_may_be_anything():
    """A tenth of them nan: both ends are open, whatever the others say."""
    rng = np.random.default_rng(0)
    draws = rng.normal(1, 0.01, (200, 1))
    kinds = Resamples("runs", draws, 50, 45), Resamples("budgets", draws, 50, 45)
    linear = Linearised(np.ones(1), np.full((1, 1), 1e-4), 45)

    def of(theta):
        return theta[:, 0]

    def spoiled(theta):
        return np.where(np.arange(len(theta)) % 10 != 5, theta[:, 0], np.nan)

    low, high = ResampledEstimate(1.0, of, kinds, linear).interval()
    assert 0.97 < low < 0.99 < 1.01 < high < 1.03
    kinds = kinds[:1]
    assert ResampledEstimate(1.0, spoiled, kinds, linear).interval() == (0.0, np.inf)
