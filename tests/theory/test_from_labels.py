"""Estimates of the loss from training data: identities, planted truths."""

import numpy as np
import pytest
from thorough import first_of, long, some

from scalinglib.learners import leave_one_out
from scalinglib.learners.random_features import gaussian
from scalinglib.spectra import PowerLaw
from scalinglib.theory import extrapolated_loss, kare, kernel_loss, missed_power

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def noisy_problem(seed, D, noise=0.0, S=2000):
    """Gram matrix and targets of Gaussian features with λ = i^-2, and their tail."""
    rng = np.random.default_rng(seed)
    F = gaussian(PowerLaw(alpha=1.0)(np.arange(1, S + 1)), D, rng=rng)
    root = np.sqrt(1 / (S + 0.5))  # of the variance in what is beyond S
    Y = F @ (rng.standard_normal(S)) + root * rng.standard_normal(D)
    Y += noise**0.5 * rng.standard_normal(D)
    return F @ F.T + root**2 * np.eye(D), Y


@SEEDS
@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_kare_is_generalised_cross_validation(seed, ridge):
    """D |(1 − H) Y|² / (tr (1 − H))² with the hat matrix H, at every size."""
    K, Y = noisy_problem(seed, 60)
    Y = np.stack([Y, Y**2], axis=1)
    for D, found in zip([7, 60], kare(K, Y, [7, 60], ridge=ridge), strict=True):
        rest = np.eye(D) - K[:D, :D] @ np.linalg.inv(K[:D, :D] + ridge * np.eye(D))
        expected = D * ((rest @ Y[:D]) ** 2).sum() / np.trace(rest) ** 2
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("ridge", first_of([0.05, 0.0]))
def test_kare_is_the_loss_on_average(noise, ridge):
    """Its mean over data sets is theory's loss, to 4 standard errors and 3 / D."""
    sizes = [100, 200]
    found = [
        kare(*noisy_problem(seed, 200, noise), sizes, ridge=ridge) for seed in range(60)
    ]
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / 60**0.5
    expected = kernel_loss(PowerLaw(alpha=1.0), sizes, ridge=ridge, noise=noise)
    # The next order in 1/D is at most 3 (400 data sets, D = 50 to 200).
    assert (abs(mean - expected) < (4 * error + 3 * expected / sizes)).all()
    assert (error < 0.05 * expected).all()


@SEEDS
def test_kare_and_leave_one_out(seed):
    """For Gaussian features both estimate the same loss; no number is the other's."""
    K, Y = noisy_problem(seed, 300, noise=0.1)
    left_out = (leave_one_out(K, Y, ridge=0.01) ** 2).mean()
    (found,) = kare(K, Y, [300], ridge=0.01)
    assert found == pytest.approx(left_out, rel=0.05)
    assert found != left_out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"K": np.ones((2, 3))}, r"K must be finite and \(D, D\)"),
        (
            {"K": np.ones((2, 2))},
            "K must be positive definite, but given the points",
        ),
        ({"Y": [1.0]}, r"Y must be finite and \(2,\) or \(2, C\)"),
        ({"Y": [1.0, np.nan]}, "Y must be finite"),
        ({"sizes": [3]}, "sizes must be increasing integers from 1 to 2"),
        ({"ridge": -1.0}, "ridge must be a finite number >= 0"),
    ],
)
def test_kare_rejects(arguments, message):
    """What has no estimate is named."""
    given = {"K": np.eye(2), "Y": [1.0, 2.0], "sizes": [2]} | arguments
    with pytest.raises(ValueError, match=message):
        kare(**given)


@SEEDS
def test_missed_power_is_kare_without_its_factor(seed):
    """B = L̂ (1 − q/N), and 1/(N − q) is the derivative of κ̂ by the ridge."""
    K, Y = noisy_problem(seed, 60)
    Y = np.stack([Y, Y**2], axis=1)
    for ridge in (0.01, 0.3):
        seen = missed_power(K, Y, [ridge * 0.9999, ridge, ridge * 1.0001])
        slope = (seen.kappa[2] - seen.kappa[0]) / (2e-4 * ridge)
        expected = kare(K, Y, [60], ridge=ridge)[0] / (60 * slope)
        assert seen.power[1] == pytest.approx(expected, rel=1e-6)
        assert seen.learned[1] == pytest.approx(60 - ridge / seen.kappa[1])


@SEEDS
def test_missed_power_by_definition(seed):
    """|R Y|² / tr R² with the inverse itself, for any number of outputs."""
    K, Y = noisy_problem(seed, 40)
    R = np.linalg.inv(K + 0.2 * np.eye(40))
    seen = missed_power(K, Y, [0.2])
    assert seen.kappa[0] == pytest.approx(1 / np.trace(R))
    assert seen.power[0] == pytest.approx(((R @ Y) ** 2).sum() / np.trace(R @ R))
    twice = missed_power(K, np.stack([Y, Y], axis=1), [0.2])
    assert twice.power[0] == pytest.approx(2 * seen.power[0])


@long
def test_missed_power_of_planted_labels():
    """Gaussian features, three lists of powers: the exact sum at κ̂, to 4 s.e. + 1 %."""
    i, N = np.arange(1, 2001), 400
    lam, ridges = i**-2.0, N * np.geomspace(1e-4, 1e-1, 8)
    for beta, noise in ((0.5, 0.0), (1.0, 0.05), (3.0, 0.2)):
        ratios = []
        for seed in some(range(24), 8):
            rng = np.random.default_rng([seed, 7])
            phi = rng.standard_normal((N, 2000))
            v2 = i ** -(1 + beta)
            y = phi @ (np.sqrt(v2) * rng.choice([-1, 1], 2000))
            y += np.sqrt(noise) * rng.standard_normal(N)
            seen = missed_power((phi * lam) @ phi.T, y, ridges)
            missed = (seen.kappa[:, None] / (lam + seen.kappa[:, None])) ** 2 @ v2
            ratios.append(seen.power / (missed + noise))
        mean, error = (
            np.mean(ratios, axis=0),
            np.std(ratios, axis=0) / len(ratios) ** 0.5,
        )
        assert (abs(mean - 1) < 4 * error + 0.01).all()
        assert (error < 0.03).all()


def test_extrapolated_loss_on_the_prior():
    """Gaussian features, all targets of the prior: theory's curve at 16 N to 10 %."""
    for alpha in (0.5, 1.0):
        lam = np.arange(1, 12_001) ** -(1.0 + alpha)
        rest = PowerLaw(alpha=alpha).total - lam.sum()
        found = []
        for seed in some(range(8), 3):
            f = np.random.default_rng(seed).standard_normal((256, 12_000))
            K = (f * lam) @ f.T + rest * np.eye(256)
            found.append(extrapolated_loss(K, np.linalg.cholesky(K), [256, 4096]))
        expected = kernel_loss(PowerLaw(alpha=alpha), [256, 4096])
        np.testing.assert_allclose(np.mean(found, axis=0), expected, rtol=0.1)


@SEEDS
def test_extrapolated_loss_by_its_definition(seed):
    """Two straight lines, drawn here on grids even in log D and in log κ."""
    K, y = noisy_problem(seed, 256)
    D = np.unique(np.geomspace(32, 256, 40).round().astype(int))
    kappa = [1 / np.trace(np.linalg.inv(K[:d, :d])) for d in D]
    slope, start = np.polyfit(np.log(D), np.log(kappa), 1)
    ridges = np.trace(K) * np.geomspace(1e-8, 1e-1, 1500)
    seen = missed_power(K, y, ridges)
    even = np.linspace(
        *np.log(np.interp([32, 4], seen.learned[::-1], seen.kappa[::-1])), 60
    )
    order = np.argsort(seen.kappa)
    power = np.interp(even, np.log(seen.kappa[order]), np.log(seen.power[order]))
    s, level = np.polyfit(even, power, 1)
    expected = -slope * np.exp(level + s * (start + slope * np.log(4096)))
    assert extrapolated_loss(K, y, 4096) == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"K": np.ones((2, 3))}, r"K must be finite and \(D, D\)"),
        ({"K": np.diag([1.0, -1.0])}, "K must have no negative eigenvalue, got -1"),
        (
            {"K": np.diag([1.0, -1e-9])},
            "K must have no negative eigenvalue, got -1e-09",
        ),
        ({"Y": np.ones((2, 0))}, "Y must have at least one output, got none"),
        ({"Y": [1e200, 1.0]}, "Y must be of a size whose squares are floats"),
        ({"Y": [1.0]}, r"Y must be finite and \(2,\) or \(2, C\)"),
        ({"ridges": [0.0]}, "ridges must be finite and positive, got 0.0"),
        ({"ridges": []}, r"ridges must be \(n,\), not empty"),
        ({"ridges": 1.0}, r"ridges must be \(n,\), not empty"),
    ],
)
def test_missed_power_rejects(arguments, message):
    """Each argument, named."""
    accepted = {"K": np.eye(2), "Y": [1.0, 2.0], "ridges": [1.0]}
    with pytest.raises(ValueError, match=message):
        missed_power(**accepted | arguments)


@SEEDS
@pytest.mark.parametrize("unit", [1e-150, 1e150, 1e250])
def test_units_drop_out(seed, unit):
    """K in any unit, ridges with it; labels in any whose squares are floats."""
    K, y = noisy_problem(seed, 80)
    seen, other = (missed_power(c * K, y, [0.1 * c]) for c in (1.0, unit))
    np.testing.assert_allclose(other.kappa / unit, seen.kappa, rtol=1e-9)
    np.testing.assert_allclose(other.learned, seen.learned, rtol=1e-9)
    np.testing.assert_allclose(other.power, seen.power, rtol=1e-9)
    one, two = (extrapolated_loss(c * K, y, 1000) for c in (1.0, unit))
    assert two == pytest.approx(one, rel=1e-6)
    tiny = extrapolated_loss(K, 1e-120 * y, 1000)
    assert tiny * 1e240 == pytest.approx(one, rel=1e-6)


def test_few_modes_are_counted_without_cancellation():
    """For a large ridge z = tr K / δ, however small."""
    seen = missed_power(np.diag([3.0, 2.0, 1.0]), np.ones(3), [1e14, 1e200])
    np.testing.assert_allclose(seen.learned, [6e-14, 6e-200], rtol=1e-12)
    np.testing.assert_allclose(seen.power, 1.0)


def test_extrapolated_loss_rejects():
    """Too few points, sizes out of range, singular matrices."""
    with pytest.raises(ValueError, match="K must hold at least 64 points, got 63"):
        extrapolated_loss(np.eye(63), np.ones(63), 100)
    with pytest.raises(ValueError, match=r"D must be finite and positive, got 0\.0"):
        extrapolated_loss(np.eye(64), np.ones(64), 0)
    with pytest.raises(ValueError, match="K must be positive definite"):
        extrapolated_loss(np.ones((64, 64)), np.ones(64), 100)
    with pytest.raises(ValueError, match="Y must not be zero"):
        extrapolated_loss(np.eye(64), np.zeros(64), 100)
    with pytest.raises(ValueError, match="Y must have at least one output"):
        extrapolated_loss(np.eye(64), np.zeros((64, 0)), 100)
    outlier = np.diag(np.r_[1e16, np.ones(63)])
    with pytest.raises(ValueError, match="K must have eigenvalues without a gap"):
        extrapolated_loss(outlier, np.ones(64), 100)
