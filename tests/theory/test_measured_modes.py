"""Spectrum of features and the labels' power in it, from planted ones."""

import numpy as np
import pytest
from thorough import first_of

from scalinglib.theory import feature_modes, kernel_loss

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def planted(seed, N=300, S=6):
    """Features and labels of known modes: exactly, on these N rows."""
    rng = np.random.default_rng(seed)
    phi = np.linalg.qr(rng.standard_normal((N, S + 2)))[0] * np.sqrt(N)
    lam = np.sort(rng.uniform(0.1, 3, S))[::-1]
    v, rest = rng.standard_normal((S, 3)), rng.standard_normal((2, 3))
    turn = np.linalg.qr(rng.standard_normal((S, S)))[0]
    F = (phi[:, :S] * np.sqrt(lam)) @ turn.T
    return F, phi @ np.vstack([v, rest]), lam, (v**2).sum(axis=1), (rest**2).sum()


@SEEDS
def test_finds_planted_modes(seed):
    """Whatever the basis that the features come in."""
    F, Y, *expected = planted(seed)
    for found, planted_one in zip(feature_modes(F, Y), expected, strict=True):
        np.testing.assert_allclose(found, planted_one, rtol=1e-9)


@SEEDS
def test_scales_as_squares(seed):
    """Features twice as large have four times the spectrum; labels, their power."""
    F, Y, *_ = planted(seed)
    lam, v2, noise = feature_modes(F, Y)
    again = feature_modes(2 * F, 3 * Y)
    for found, expected in zip(again, (4 * lam, 9 * v2, 9 * noise), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@SEEDS
def test_leaves_out_modes_that_are_rounding(seed):
    """Features that repeat others add no mode; labels within their span no noise."""
    F, *_ = planted(seed)
    lam, v2, noise = feature_modes(np.hstack([F, F[:, :3]]), F[:, 0])
    assert lam.shape == v2.shape == (6,)
    assert 0 <= noise < 1e-12 * v2.sum()


@SEEDS
def test_the_rest_is_the_loss_with_all_the_data(seed):
    """What least squares leaves on these rows is what the formula has for D = ∞."""
    F, Y, *_ = planted(seed)
    lam, v2, noise = feature_modes(F, Y)
    left = Y - F @ np.linalg.lstsq(F, Y)[0]
    expected = (left**2).sum() / len(Y)
    assert noise == pytest.approx(expected, rel=1e-9)
    many = kernel_loss(lam, 1e9, target=v2, noise=noise, ridge=1e-3)
    assert many == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("F", "Y", "message"),
    [
        (np.zeros((4, 2)), np.ones(4), "F must hold features"),
        (np.full((4, 2), 1e200), np.ones(4), "F must hold features"),
        (np.full((4, 2), 1e-200), np.ones(4), "F must hold features"),
        (np.ones((4, 2)), np.full(4, 1e200), "Y must be of a size"),
        (np.ones((4, 2)), np.ones(3), "Y must be finite and"),
    ],
)
def test_rejects_what_has_no_modes(F, Y, message):
    """Nothing, what overflows or vanishes when squared, and rows that do not match."""
    with pytest.raises(ValueError, match=message):
        feature_modes(F, Y)
