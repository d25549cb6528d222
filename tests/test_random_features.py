"""Random features: against the definition, theory, and exact finite-size factors."""

import numpy as np
import pytest

from scalinglib import theory
from scalinglib.random_features import gaussian, losses, projection, teacher_student

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
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


@SEEDS
@pytest.mark.parametrize(("ridge", "noise"), [(0.0, 0.0), (0.01, 0.0), (0.01, 0.1)])
def test_simulation_agrees_with_theory(seed, ridge, noise):
    """The mean over draws is within four standard errors of the closed form."""
    lam, trials = np.arange(1, 401) ** -2.0, 20
    sizes = {"D": [20, 60], "P": [30, 200]}
    rng = np.random.default_rng(seed)
    draws = np.stack(
        [
            teacher_student(rng, spectrum=lam, ridge=ridge, noise=noise, **sizes)
            for _ in range(trials)
        ]
    )
    expected = theory.random_feature_loss(
        lam, np.array([[20], [60]]), [30, 200], ridge=ridge, noise=noise
    )
    error = draws.std(axis=0, ddof=1) / np.sqrt(trials)
    # The theory is right to 1/m², which a few draws nearly resolve.
    assert (np.abs(draws.mean(axis=0) - expected) < 4 * error + 0.01 * expected).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"D": [2, 1]}, "D must increase, from at least 1"),
        ({"D": [99]}, "D must increase, from at least 1 to at most 8, got"),
        ({"P": [1.5]}, "P must be increasing whole numbers"),
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
    with pytest.raises(ValueError, match="kind must be 'gaussian' or 'choice'"):
        projection(2, 3, kind="random")
    with pytest.raises(ValueError, match="spectrum must be finite and positive"):
        gaussian([1.0, 0.0], 3)
