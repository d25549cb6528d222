"""References of chapter 8, by another road: the package, or a simulation."""

import numpy as np
import pytest
from test_references import SEEDS, posed

from scalinglib import local_exponents, theory
from scalinglib.exercises.catalogue import look_up


@SEEDS
def test_half_the_loss(seed):
    """The exact optimum, mode by mode, at both budgets."""
    (compute, size), case = posed("ex-half-the-loss", seed)
    two = theory.truncated_optimum(*case.values(), [1e16, 1e16 * compute])
    assert two.loss[1] / two.loss[0] == pytest.approx(0.5, rel=0.01)
    assert two.P[1] / two.P[0] == pytest.approx(size, rel=0.01)


@SEEDS
def test_constant_of_the_split(seed):
    """The package's law, and the exact optimum."""
    found, case = posed("ex-edge", seed)
    a, b = case.values()
    law = theory.truncated_law(a, b)
    assert found == pytest.approx(law.size_constant, rel=1e-5)
    best = theory.truncated_optimum(a, b, 1e20).P
    assert found == pytest.approx(best / 1e20 ** (1 / (1 + b)), rel=0.01)


@SEEDS
def test_uncounted(seed):
    """What a study would tabulate, of models with 1000 parameters uncounted."""
    found, case = posed("ex-uncounted", seed)
    P = 1000 * case["x"] * np.exp([-1e-4, 1e-4])
    t = 7 * P  # so the true exponent is one half
    seen = local_exponents((P - 1000) * t, P - 1000)[1][0]
    assert found == pytest.approx(-seen, rel=1e-5)


@SEEDS
def test_mixed_floor(seed):
    """Random features are drawn, and each mode is projected on their span."""
    (floor, share), case = posed("ex-floor", seed)
    lam, v2, P = case.values()
    rng, missed = np.random.default_rng(seed), []
    for _ in range(30):
        features = rng.standard_normal((P, len(lam))) * np.sqrt(lam)
        span = np.linalg.qr(features.T)[0]
        missed.append(v2 * (1 - (span**2).sum(axis=1)))
    mean = np.mean(missed, axis=0)
    assert floor == pytest.approx(mean.sum(), rel=0.05)
    assert share == pytest.approx(mean[P:].sum() / mean.sum(), rel=0.05)


@SEEDS
def test_batches(seed):
    """Both runs by the exact recursion; and gradient flow at that clock."""
    _, case = posed("ex-batches", seed)
    reference, B, D = look_up("ex-batches").reference, case["B"], 64 * 200
    lam = np.arange(1, 33.0) ** -1.5
    start = {"lam": lam, "error": np.ones(32), "floor": 0.1}
    clock, small = reference(0.01, B, D)
    with_batches = theory.sgd_recursion(**start, steps=[D // B], step=0.01, batch=B)
    singles = theory.sgd_recursion(**start, steps=[D], step=small)
    assert with_batches == pytest.approx(singles, rel=0.02)
    nearly_still = {"steps": [D // B], "step": 0.01, "batch": 10**9}
    flow = 0.1 + np.exp(-2 * clock * lam).sum()
    assert theory.sgd_recursion(**start, **nearly_still)[0] == pytest.approx(
        flow, rel=0.02
    )


@SEEDS
def test_three_laws(seed):
    """The package's phases."""
    found, case = posed("ex-three-laws", seed)
    b, targets = case.values()
    phases = [theory.phase(a, b) for a in targets]
    assert {phase.name for phase in phases} == {"Ia", "II", "III"}
    assert found == pytest.approx([phase[2] for phase in phases], rel=1e-12)
