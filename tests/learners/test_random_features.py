"""Random features: against the definition, theory, and exact finite-size factors."""

import numpy as np
import pytest
from thorough import first_of, long

from scalinglib import theory
from scalinglib.learners.random_features import (
    gaussian,
    limit,
    losses,
    projection,
    teacher_student,
)

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
D, P = [3, 10, 20, 33, 60], [2, 10, 21, 40, 80]


def by_definition(F, mix, lam, ridge, noise):
    """‖Λ^{1/2}(𝟙 − A)‖² with A of S rows and columns, one pair of sizes at a time."""
    out = np.zeros((len(D), len(P)))
    for i, d in enumerate(D):
        for j, p in enumerate(P):
            f = F[:d] @ mix[:p].T
            K = f @ f.T / p + ridge * np.eye(d)
            inverse = f.T @ np.linalg.inv(K) / p if ridge else np.linalg.pinv(f, 1e-15)
            B = np.sqrt(lam)[:, None] * (mix[:p].T @ inverse)
            missed = np.diag(np.sqrt(lam)) - B @ F[:d]
            out[i, j] = (missed**2).sum() + noise * (1 + (B**2).sum())
    return out


@SEEDS
@pytest.mark.parametrize("kind", ["gaussian", "choice"])
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_against_the_definition(seed, kind, ridge, noise):
    """One factorisation for many sizes gives what each size gives alone."""
    lam = np.arange(1, 121) ** -1.5
    F, mix = gaussian(lam, 60, rng=seed), projection(80, 120, kind=kind, rng=seed)
    options = {"D": D, "P": P, "ridge": ridge, "noise": noise}
    found = losses(F, mix, np.sqrt(lam), **options)
    np.testing.assert_allclose(found, by_definition(F, mix, lam, ridge, noise), 1e-8)
    full = losses(F, mix, np.diag(np.sqrt(lam)), **options)
    np.testing.assert_allclose(full, found, rtol=1e-9)


def standard_errors_off(draws, expected):
    """How far a mean over draws is from what is expected, in standard errors."""
    error = np.std(draws, axis=0, ddof=1) / np.sqrt(len(draws))
    return (np.mean(draws, axis=0) - expected) / error


@SEEDS
def test_exact_factor_for_more_points_than_features(seed):
    """Gaussian features, fixed 𝒫: L(D, P) = L(∞, P) (D − 1) / (D − P − 1)."""
    lam, P, D = np.arange(1, 61) ** -1.5, 5, np.array([10, 20, 40])
    mix = projection(P, 60, rng=seed)
    C = (mix * lam) @ mix.T
    floor = lam.sum() - np.trace(np.linalg.solve(C, (mix * lam**2) @ mix.T))
    rng, root = np.random.default_rng(seed), np.sqrt(lam)
    draws = [
        losses(gaussian(lam, 40, rng=rng), mix, root, D=D, P=[P]).values[:, 0]
        for _ in range(400)
    ]
    expected = floor * (D - 1) / (D - P - 1)
    assert (np.abs(standard_errors_off(draws, expected)) < 4).all()


@SEEDS
def test_exact_factor_for_more_features_than_points(seed):
    """Any fixed points, Gaussian 𝒫: L(D, P) = L(D, ∞) (P − 1) / (P − D − 1)."""
    lam, D, P = np.arange(1, 61) ** -1.5, 5, np.array([10, 20, 40])
    rng, root = np.random.default_rng(seed), np.sqrt(lam)
    F = rng.exponential(size=(D, 60)) * root  # not Gaussian at all
    seen = F.T @ np.linalg.solve(F @ F.T, F)
    floor = (lam[:, None] * (np.eye(60) - seen) ** 2).sum()
    draws = [
        losses(F, projection(40, 60, rng=rng), root, D=[D], P=P).values[0]
        for _ in range(400)
    ]
    expected = floor * (P - 1) / (P - D - 1)
    assert (np.abs(standard_errors_off(draws, expected)) < 4).all()


@SEEDS
@pytest.mark.parametrize(("ridge", "noise"), [(0.0, 0.0), (0.01, 0.0), (0.01, 0.1)])
def test_simulation_agrees_with_theory(seed, ridge, noise):
    """The mean over draws is within four standard errors of the closed form.

    At small sizes it is not: see the next test.
    """
    lam, sizes = np.arange(1, 801) ** -2.0, {"D": [50, 150], "P": [150, 600]}
    rng = np.random.default_rng(seed)
    settings = {"ridge": ridge, "noise": noise}
    draws = [teacher_student(rng, spectrum=lam, **sizes, **settings) for _ in range(8)]
    at = np.array([[50], [150]]), np.array([150, 600])
    expected = theory.random_feature_loss(lam, *at, **settings)
    off = standard_errors_off(draws, expected)
    pole = np.array([[False, False], [ridge == 0, False]])  # D = P
    assert (np.abs(off[~pole]) < 4).all()


@long
@SEEDS
def test_the_theory_is_for_many_points(seed):
    """At D = 5 its leading order is plainly wrong; with the next order it is not."""
    lam, D = np.arange(1, 121) ** -2.0, np.array([5, 10, 20])
    rng = np.random.default_rng(seed)
    draws = [
        losses(gaussian(lam, 20, rng=rng), np.eye(120), np.sqrt(lam), D=D, P=[120])
        for _ in range(1000)
    ]
    draws = np.array(draws)[:, :, 0]
    assert (standard_errors_off(draws, theory.kernel_loss(lam, D)) > 4).all()
    next_order = theory.finite_size_loss(lam, D)
    assert (np.abs(standard_errors_off(draws, next_order)) < 4).all()


@SEEDS
def test_next_order_in_both_sizes(seed):
    """Nine losses from twelve points on agree with it, near the pole too."""
    lam, D, P = np.arange(1, 201) ** -2.5, [12, 25, 50], [17, 33, 66]
    rng = np.random.default_rng(seed)
    draws = [teacher_student(rng, spectrum=lam, D=D, P=P).values for _ in range(250)]
    next_order = theory.finite_size_loss(lam, np.array(D)[:, None], P)
    assert (np.abs(standard_errors_off(draws, next_order)) < 4).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"D": [2, 1]}, "D must be increasing integers from 1"),
        ({"D": [99]}, "D must be increasing integers from 1 to 8, got"),
        ({"P": [1.5]}, "P must be increasing integers"),
        ({"ridge": -1}, "ridge must be a finite number >= 0"),
        ({"noise": -1}, "noise must be a finite number >= 0"),
        ({"mix": np.ones((4, 7))}, "mix must have the S = 6 columns of F, got 7"),
        ({"mix": np.ones((4, 6))}, "features must be linearly independent"),
        ({"root": np.ones(5)}, r"root must be finite, .* with S = 6, got \(5,\)"),
        ({"F": np.full((8, 6), np.nan)}, "F must be a finite matrix"),
    ],
)
def test_rejects_what_is_no_experiment(options, message):
    """Shapes, sizes and settings that do not fit are named."""
    lam = np.ones(6)
    given = {"F": gaussian(lam, 8, rng=0), "mix": projection(4, 6, rng=1), "root": lam}
    given |= {"D": [2, 8], "P": [3, 4]} | options
    with pytest.raises(ValueError, match=message):
        losses(given.pop("F"), given.pop("mix"), given.pop("root"), **given)


def test_rejects_projections_and_spectra():
    """More features than there are, kinds and spectra that do not exist."""
    with pytest.raises(ValueError, match="P must be at most S = 3 for a choice, got 4"):
        projection(4, 3, kind="choice")
    with pytest.raises(ValueError, match="kind must be one of 'gaussian', 'choice'"):
        projection(2, 3, kind="random")
    with pytest.raises(ValueError, match="spectrum must not be negative"):
        gaussian([1.0, -1.0], 3)


def test_losses_below_rounding_and_tiny_ridges_are_refused():
    """The length is a difference, and K̂ without δ may be singular."""
    steep, sizes = np.arange(1, 26) ** -21.0, {"D": [8], "P": [9]}
    with pytest.raises(ValueError, match="the loss must be above rounding"):
        teacher_student(0, spectrum=steep, **sizes)
    lam = np.arange(1, 26) ** -2.0
    for ridge in (1e-20, 1e-14):
        with pytest.raises(ValueError, match="ridge must be zero, or large enough"):
            teacher_student(0, spectrum=lam, D=[12], P=[5], ridge=ridge)


@SEEDS
def test_trials_use_what_they_are_given(seed):
    """A choice is random, a transform changes the data, and its shape is checked."""
    setting = {"spectrum": np.arange(1, 51) ** -2.0, "D": [8], "P": [20]}
    plain = teacher_student(seed, **setting).item()
    assert teacher_student(seed, kind="choice", **setting).item() != plain
    assert teacher_student(seed, transform=np.sign, **setting).item() != plain
    chosen = projection(20, 50, kind="choice", rng=seed)
    assert (chosen.sum(axis=1) == 1).all()
    assert (chosen.sum(axis=0) <= 1).all()
    assert not chosen[:, :20].all(axis=0).all()
    assert chosen[:, 20:].any()
    with pytest.raises(ValueError, match="transform must keep the shape"):
        teacher_student(seed, transform=lambda Z: Z[:1], **setting)


@SEEDS
def test_limit_of_features_is_a_factor_away(seed):
    """E over Gaussian 𝒫 is exactly (P − 1) / (P − D − 1) times L(D, ∞), any points."""
    lam = np.arange(1, 61) ** -1.5
    F = np.random.default_rng(seed).exponential(size=(5, 60)) * np.sqrt(lam)
    finite = [
        losses(
            F, projection(40, 60, rng=1000 * seed + t), np.sqrt(lam), D=[5], P=[40]
        ).item()
        for t in range(300)
    ]
    error = np.std(finite) / 300**0.5
    expected = limit(F, lam, [5])[0] * 39 / (40 - 5 - 1)
    assert abs(np.mean(finite) - expected) < 4 * error
    assert error < 0.02 * expected


@SEEDS
def test_limit_of_data_is_the_mean_over_many(seed):
    """E over Gaussian points is exactly (D − 1) / (D − P − 1) times L(∞, P)."""
    lam = np.arange(1, 61) ** -1.5
    mix = projection(5, 60, rng=seed)
    finite = [
        losses(
            gaussian(lam, 40, rng=1000 * seed + t), mix, np.sqrt(lam), D=[40], P=[5]
        ).item()
        for t in range(300)
    ]
    error = np.std(finite) / 300**0.5
    expected = limit(mix * np.sqrt(lam), lam, [5])[0] * 39 / (40 - 5 - 1)
    assert abs(np.mean(finite) - expected) < 4 * error


@SEEDS
def test_limit_by_projection(seed):
    """Σ λ_i (1 − Π_ii) with the projection itself; it falls with every vector."""
    lam = np.sort(np.random.default_rng(seed).exponential(size=30))[::-1]
    V = np.random.default_rng(seed + 9).standard_normal((12, 30))
    found = limit(V, lam, np.arange(1, 13))
    for m in (1, 5, 12):
        Pi = np.linalg.pinv(V[:m]) @ V[:m]
        assert found[m - 1] == pytest.approx((lam * (1 - np.diag(Pi))).sum())
    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize(
    ("vectors", "sizes", "message"),
    [
        (np.ones((2, 4)), [1], r"vectors must be \(m, 3\) like spectrum"),
        (np.ones((4, 3)), [4], r"and the largest size at most 3"),
        (np.ones((2, 3)), [3], "sizes must be increasing integers from 1 to 2"),
        (np.ones((2, 3)), [2], "vectors must be linearly independent"),
        (np.eye(3), [3], "sizes must leave a loss above rounding"),
        (np.eye(3), np.array([1, 2**63], "u8"), "sizes must be increasing integers"),
        ([[np.nan] * 3], [1], "vectors must be a finite matrix"),
    ],
)
def test_limit_rejects(vectors, sizes, message):
    """Shapes, sizes, equal vectors."""
    with pytest.raises(ValueError, match=message):
        limit(vectors, [3.0, 2.0, 1.0], sizes)
