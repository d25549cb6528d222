"""References of chapter 4's exercises, by another road: the package, or by force."""

import numpy as np
import pytest
from scipy.linalg import lstsq
from scipy.optimize import brentq, minimize_scalar
from test_references import SEEDS, posed

from scalinglib import exercises, spectra, theory
from scalinglib.learners import random_features


def reference(id):
    """The solution of an exercise, a function."""
    (exercise,) = (e for e in exercises.find(4) if e.id == id)
    return exercise.reference


def near(law, *, apart=1e-4):
    """Local exponent at one, from two sizes beside it."""
    sizes = np.exp([-apart, apart])
    return -np.diff(np.log(law(sizes)))[0] / (2 * apart)


@SEEDS
def test_student(seed):
    """Scipy's solution of least squares on the student's features."""
    found, case = posed("ex-student", seed)
    F, mix, y, F_test = case.values()
    theta = lstsq(F @ mix.T, y, lapack_driver="gelsy")[0]
    assert found == pytest.approx(F_test @ (mix.T @ theta), abs=1e-9)


def test_the_student_of_smallest_norm():
    """Where many fit, adding to θ what the points do not see makes it longer."""
    rng = np.random.default_rng(0)
    F, mix = rng.standard_normal((4, 9)), rng.standard_normal((7, 9))
    y, f = rng.standard_normal(4), F @ mix.T
    # With test points that show θ itself: 𝒫F = 𝟙.
    theta = reference("ex-student")(F, mix, y, np.linalg.pinv(mix).T)
    assert f @ theta == pytest.approx(y, abs=1e-10)
    unseen = np.linalg.svd(f)[2][4:]
    assert unseen @ theta == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_traces(seed):
    """The package's loss, and the sum over teachers of one feature each."""
    found, case = posed("ex-traces", seed)
    F, mix, F_test = case.values()
    root, size = F_test / np.sqrt(len(F_test)), {"D": [len(F)], "P": [len(mix)]}
    loss = random_features.losses(F, mix, root, **size).item()
    assert found == pytest.approx(loss, rel=1e-9)
    told = [reference("ex-student")(F, mix, y, F_test) for y in F.T]
    each = ((F_test.T - told) ** 2).mean(axis=1)
    assert found == pytest.approx(each.sum(), rel=1e-9)


def test_traces_are_of_both_kinds():
    """Fewer features than points are drawn, and more."""
    (exercise,) = (e for e in exercises.find(4) if e.id == "ex-traces")
    cases = exercise.kind.cases(np.random.default_rng(0))
    assert {len(case["mix"]) < len(case["F"]) for case in cases} == {True, False}


def test_cancel():
    """Means over many draws of points, at one mixture."""
    rng, lam, D, P = np.random.default_rng(0), np.arange(1, 13) ** -0.5, 24, 5
    mix, root = rng.standard_normal((P, len(lam))), np.sqrt(lam)
    F = rng.standard_normal((20_000, D, len(lam))) * root
    C = (mix * lam) @ mix.T
    A = mix.T @ np.linalg.solve(C, mix @ (F.swapaxes(1, 2) @ F / D))
    losses = (((np.eye(len(lam)) - A) ** 2).sum(axis=2) * lam).sum(axis=1)
    seen = mix.T @ np.linalg.solve(C, mix * lam)
    left = lam @ ((np.eye(len(lam)) - seen) ** 2).sum(axis=1)
    found = reference("ex-cancel")(D, P, lam.sum(), left)
    assert found == pytest.approx(losses.mean() - left, rel=0.015)
    assert left / (P + 1) / lam.sum() > 0.045  # so that its term is seen


@SEEDS
def test_erratum(seed):
    """The tail, summed; and the theory's loss, divided by that."""
    (coefficient, larger), case = posed("ex-erratum", seed)
    law, D = spectra.PowerLaw(alpha=case["alpha"]), 20_000
    tail = law.total - law(np.arange(1, 2001)).sum()
    assert coefficient == pytest.approx(tail * 2000.5 ** case["alpha"], rel=1e-5)
    beyond = coefficient * (D + 0.5) ** -case["alpha"]
    assert larger == pytest.approx(theory.kernel_loss(law, D) / beyond, rel=1e-3)


@SEEDS
def test_coth(seed):
    """The package's resolution, and its loss with and without noise."""
    (gamma, loss, factor), case = posed("ex-coth", seed)
    law, D = spectra.PowerLaw(alpha=1.0), case["m"]
    assert gamma == pytest.approx(theory.resolution(law, D).gamma, rel=1e-9)
    bare, noisy = (theory.kernel_loss(law, D, noise=noise) for noise in (0, 1))
    assert (loss, factor) == pytest.approx((bare, noisy - bare), rel=1e-8)


@SEEDS
def test_smooth(seed):
    """Slopes of the theory's curves, and what the package predicts."""
    found, case = posed("ex-smooth", seed)
    kernel = spectra.PowerLaw(alpha=case["alpha"])
    for exponent, beta in zip(found, case["beta"], strict=True):
        known = theory.predicted_exponent(case["alpha"], beta)
        assert exponent == pytest.approx(known, rel=1e-12)
        target = spectra.PowerLaw(alpha=beta)
        local = near(lambda D, t=target: theory.kernel_loss(kernel, 1e5 * D, target=t))
        assert exponent == pytest.approx(local, abs=0.1)


@SEEDS
def test_lines(seed):
    """Slopes of the theory's loss, by differences."""
    found, case = posed("ex-lines", seed)
    law, m = spectra.PowerLaw(alpha=case["alpha"]), 1e5
    M, floor = case["r"] * m, theory.kernel_loss(law, m)
    in_m = near(lambda x: theory.random_feature_loss(law, m * x, M))
    in_M = near(lambda x: theory.random_feature_loss(law, m, M * x) - floor)
    assert found == pytest.approx((in_m, in_M), rel=1e-3, abs=1e-3)


@SEEDS
def test_hurt(seed):
    """The minimum of the theory's loss, and a root beyond the peak."""
    (x, back), case = posed("ex-hurt", seed)
    law, P = spectra.PowerLaw(alpha=case["alpha"]), 1e6

    def loss(ratio):
        return float(theory.random_feature_loss(law, ratio * P, P))

    least = minimize_scalar(loss, bounds=(0.01, 0.99), method="bounded")
    assert x == pytest.approx(least.x, abs=1e-3)
    there = brentq(lambda ratio: loss(ratio) - least.fun, 1.0001, 1e3)
    assert back == pytest.approx(there, rel=1e-3)


@SEEDS
def test_swap(seed):
    """With it, losses of exchanged matrices are one number; with another, not."""
    rng, lam = np.random.default_rng(seed), np.arange(1, 31) ** -1.5
    D, P = (int(n) for n in rng.permutation([7, 18]))
    Z, mix = rng.standard_normal((D, 30)), rng.standard_normal((P, 30))

    def loss(points, features, ridge):
        size = {"D": [len(points)], "P": [len(features)]}
        root = np.sqrt(lam)
        return random_features.losses(
            points * root, features, root, ridge=ridge, **size
        ).item()

    ridge = reference("ex-swap")(D, P, 0.3)
    assert loss(mix, Z, ridge) == pytest.approx(loss(Z, mix, 0.3), rel=1e-10)
    assert loss(mix, Z, 2 * ridge) != pytest.approx(loss(Z, mix, 0.3), rel=1e-3)


@SEEDS
def test_budget(seed):
    """The best split of two budgets, by the theory's loss."""
    (ratio, exponent), case = posed("ex-budget", seed)
    law, best = spectra.PowerLaw(alpha=case["alpha"]), []
    for B in (1e10, 1e12):
        least = minimize_scalar(
            lambda u, B=B: float(
                np.log(
                    theory.random_feature_loss(
                        law, np.sqrt(B * np.exp(u)), np.sqrt(B / np.exp(u))
                    )
                )
            ),
            bounds=(np.log(0.01), np.log(0.99)),
            method="bounded",
        )
        best.append(least.fun)
    assert ratio == pytest.approx(np.exp(least.x), rel=2e-3)
    assert exponent == pytest.approx((best[0] - best[1]) / np.log(100), rel=2e-3)
