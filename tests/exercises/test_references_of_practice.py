"""References of the exercises of practice, by another road: package, or force."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import gmean, sem
from test_references import SEEDS, posed

from scalinglib import exercises, fit_power_law, lab, laws, local_exponents
from scalinglib.lab.cards import points_for


def reference_of(id):
    """The reference of an exercise."""
    (exercise,) = (e for e in exercises.find() if e.id == id)
    return exercise.reference


# ----------------------------------------------------------- one's own curves


@SEEDS
def test_a_score_that_rises(seed):
    """The package's line through losses, cut where the loss is lower and higher."""
    (size, spread), case = posed("ex-score", seed)
    D, score, target, factor = case.values()
    fit = fit_power_law(D, 1 - score, rng=0)
    cut = [
        (fit.amplitude / (f * (1 - target))) ** (1 / fit.exponent) for f in (1, factor)
    ]
    assert size == pytest.approx(cut[0], rel=1e-6)
    assert fit(size) == pytest.approx(1 - target, rel=1e-9)
    assert spread == pytest.approx(cut[0] / cut[1], rel=1e-9)


@SEEDS
def test_held(seed):
    """A table of means, and scipy's error of a mean."""
    found, case = posed("ex-held", seed)
    means = pd.DataFrame(case).groupby("group").held.mean()
    assert found == pytest.approx((np.mean(list(means)), sem(means)))


@SEEDS
def test_honest(seed):
    """No other ends have a lower score on average, over a fine grid of truths."""
    found, case = posed("ex-honest", seed)
    truths = -case["mean"] * np.log((np.arange(20_000) + 0.5) / 20_000)

    def mean_score(ends):
        low, high = np.sort(ends)
        return laws.interval_score(low, high, truths, case["level"]).mean()

    start = np.quantile(truths, [0.3, 0.7])
    best = minimize(mean_score, start, method="Nelder-Mead", tol=1e-7)
    assert found == pytest.approx(best.x, rel=0.01)


@SEEDS
def test_planted(seed):
    """The scatter of lines through losses that are drawn, and the package's line."""
    (error, miss), case = posed("ex-planted", seed)
    D, losses, noise, at, truth = case.values()
    drawn = np.random.default_rng(seed).standard_normal((len(D), 4000))
    lines = np.polyfit(np.log(D), np.log(losses)[:, None] + noise * drawn, 1)
    assert error == pytest.approx((lines[0] * np.log(at) + lines[1]).std(), rel=0.05)
    assert miss * error == pytest.approx(
        np.log(fit_power_law(D, losses, rng=0)(at) / truth), rel=1e-9
    )


@SEEDS
def test_looked_back(seed):
    """What is fined has missed, and a mean of logarithms is that of geometric means."""
    (missed, lean), case = posed("ex-poker", seed)
    low, value, high, loss = case.values()
    fined = laws.interval_score(low, high, loss) > (high - low) * (1 + 1e-12)
    assert missed == fined.sum() / len(loss)
    assert np.exp(lean) == pytest.approx(gmean(value) / gmean(loss), rel=1e-9)


@SEEDS
def test_surely_faster(seed):
    """The package's fit to each split, and its interval of a mean."""
    found, case = posed("ex-plan", seed)
    D, a, b = case.values()
    each = [
        fit_power_law(D, p, rng=0).exponent - fit_power_law(D, q, rng=0).exponent
        for p, q in zip(a.T, b.T, strict=True)
    ]
    low = laws.StudentEstimate.of_mean(np.array(each)).interval(0.9)[0]
    assert found == pytest.approx((np.mean(each), low), rel=1e-9)


# ------------------------------------------------------------- the scaling lab


@SEEDS
def test_flattening(seed):
    """The package's exponents, and how they change with each of the losses."""
    (fall, error), case = posed("ex-lab-step", seed)
    D, losses, errors = case.values()

    def exponents(logs):
        return local_exponents(D, np.exp(logs))[1]

    early, late = exponents(np.log(losses))
    assert fall == pytest.approx(early - late, rel=1e-9)
    drawn = np.random.default_rng(seed).standard_normal((3000, 3)) * errors
    early, late = np.array([exponents(np.log(losses) + off) for off in drawn]).T
    assert error == pytest.approx((early - late).std(), rel=0.06)


@SEEDS
def test_lever(seed):
    """A power forecast exactly, and the best share of the money by trying."""
    (w1, w2, s), case = posed("ex-lab-power", seed)
    D1, D2, at, noise, budget = case.values()
    truth = lab.truth_of(7)
    assert truth.law.name == "power"
    assert w1 + w2 == pytest.approx(1, rel=1e-12)
    assert truth(D1) ** w1 * truth(D2) ** w2 == pytest.approx(truth(at), rel=1e-9)

    def error(share):
        runs = {D1: share * budget / D1, D2: (1 - share) * budget / D2}
        return lab.design_error(truth, runs, at)

    least = minimize_scalar(error, bounds=(1e-6, 1 - 1e-6), method="bounded")
    assert s / noise == pytest.approx(least.fun / truth.noise, rel=1e-4)


def test_best_of_worst():
    """So much less money would have done: the best runs, fewer of them, are as good."""
    truths = [lab.truth_of(seed) for seed in (1, 5, 7)]
    sizes = 2.0 ** np.arange(4, 15)
    shares = [sizes**r / (sizes**r).sum() for r in (-0.5, 0, 1)]
    runs = [dict(zip(sizes, 65536 * s / sizes, strict=True)) for s in shares]
    ideal = [lab.best_design(t, 65536, t.at) for t in truths]
    errors = np.array([[lab.design_error(t, r, t.at) for t in truths] for r in runs])
    worst, share, middle, mean = reference_of("ex-lab-worst")(
        errors, np.array([d.error for d in ideal])
    )

    def as_good(design, error, truth):
        """Which part of the best runs has this error, by halving."""
        low, high = 1e-12, 10.0
        for _ in range(100):
            part = np.sqrt(low * high)
            fewer = {x: part * n for x, n in design.runs.items()}
            too_few = lab.design_error(truth, fewer, truth.at) > error
            low, high = (part, high) if too_few else (low, part)
        return part

    parts = [
        [as_good(*each) for each in zip(ideal, row, truths, strict=True)]
        for row in errors
    ]
    leasts, means = [min(row) for row in parts], [sum(row) / 3 for row in parts]
    assert (worst, middle) == (leasts.index(max(leasts)), means.index(max(means)))
    assert (share, mean) == pytest.approx((max(leasts), max(means)), rel=1e-6)


@SEEDS
def test_marked(seed):
    """The package's score of the logarithms, and its points."""
    found, case = posed("ex-lab-play", seed)
    low, high, truth, expected, stranger = case.values()
    score = laws.interval_score(*np.log([low, high, truth]))
    points = points_for(score, expected, stranger)
    assert (2 * expected < stranger).all()  # or half of the stranger's would do
    assert found == pytest.approx((score.mean(), points.sum()), rel=1e-9)


@SEEDS
def test_games_each(seed):
    """Two strategies that play so many games, often."""
    case = {"gap": 10.0, "spread": [15.0, 20.0, 30.0][seed]}
    n = round(reference_of("ex-lab-exam")(**case))
    rng = np.random.default_rng(seed)
    means = case["spread"] * rng.standard_normal((2, 4000, n)).mean(axis=2)
    assert 2 * (means[0] - means[1]).std() == pytest.approx(case["gap"], rel=0.06)
