"""Correlations of chains of which they are known, and of texts that have none."""

import numpy as np
import pytest
from thorough import exhaustive

from scalinglib.text import correlations, covariance

LAGS = [1, 2, 3, 4, 6, 8, 12, 16]


def chain(D, *, V, keep, rng):
    """Each token is the one before it with probability `keep`, or a new one."""
    new = rng.random(D) > keep
    new[0] = True
    drawn = rng.integers(V, size=D)
    return drawn[np.maximum.accumulate(np.where(new, np.arange(D), 0))]


@pytest.mark.parametrize("V", [2, 7, 400])
def test_strength_of_a_chain(V):
    """C(n) = keepⁿ (1/V − 1/V²): its norm is keepⁿ / V, within four errors."""
    tokens = chain(300_000, V=V, keep=0.9, rng=np.random.default_rng(0))
    lags = correlations(tokens, lags=LAGS, rng=0).lags
    exact = 0.9 ** np.array(LAGS) / V
    for column, error in (("strength", "error"), ("local", "local_error")):
        # All directions are equally strong: what noise finds is one of them.
        off = (lags[column] - exact) / lags[error]
        assert abs(off).max() < 4.5
    assert (lags["raw"] > lags["strength"] - lags["error"]).all()


@pytest.mark.parametrize("draws", [20, pytest.param(150, marks=exhaustive)])
def test_errors_of_the_strength(draws):
    """Off by as much as is said, on average and in scatter, near the noise too."""
    off = []
    for seed in range(draws):
        tokens = chain(30_000, V=3, keep=0.5, rng=np.random.default_rng(seed))
        tokens[tokens == 2] = 0  # one direction is the strongest
        lags = correlations(tokens, lags=[1, 3, 8], rng=0).lags
        exact = 0.5 ** np.array([1, 3, 8]) * 4 / 9
        off.append((lags["strength"] - exact) / lags["error"])
    off = np.array(off)
    assert (abs(off.mean(axis=0)) < 4 / np.sqrt(draws) + 0.1).all()
    assert abs(off.std() - 1) < 4 / np.sqrt(6 * draws) + 0.05


def test_shuffled_text_has_the_noise_and_no_strength():
    """Counts have c / √D at every lag, halves of the text have nothing in common."""
    rng = np.random.default_rng(0)
    tokens = rng.permutation(chain(200_000, V=30, keep=0.9, rng=rng))
    found = correlations(tokens, lags=LAGS, rng=1)
    floor = found.noise / np.sqrt(len(tokens))
    np.testing.assert_allclose(found.lags["raw"], floor, rtol=0.3)
    off = found.lags["strength"] / found.lags["error"]
    assert abs(off.mean()) < 4 / np.sqrt(len(LAGS))
    assert found.lags["strength"].abs().max() < floor
    assert found.horizon(len(tokens)) == 0


def test_noise_falls_with_the_root_of_the_data():
    """The same c from a text and from ten times as much."""
    rng = np.random.default_rng(0)
    few, many = (
        correlations(rng.integers(9, size=D), lags=[1], rng=0) for D in (10**4, 10**5)
    )
    assert few.noise == pytest.approx(many.noise, rel=0.15)


def test_what_differs_between_blocks_is_not_local():
    """Two books in which one token is frequent or rare, and no grammar at all."""
    rng = np.random.default_rng(0)
    tokens = np.concatenate([rng.random(2**17) < 0.3, rng.random(2**17) < 0.7]).astype(
        int
    )
    lags = correlations(tokens, lags=[1, 100, 1000], rng=0).lags
    np.testing.assert_allclose(lags["strength"], 2 * 0.2**2, rtol=0.05)
    assert (lags["local"].abs() < 4 * lags["local_error"]).all()
    assert (lags["local_error"] < 0.1 * lags["strength"]).all()


def test_sparse_and_dense_are_the_same(monkeypatch):
    """Large vocabularies are never written out as matrices."""
    rng = np.random.default_rng(0)
    tokens = chain(20_000, V=40, keep=0.8, rng=rng) ** 2 % 37
    dense = correlations(tokens, lags=[1, 4], rng=0).lags
    monkeypatch.setattr(covariance, "DENSE", 3)
    sparse = correlations(tokens, lags=[1, 4], rng=0).lags
    np.testing.assert_allclose(sparse, dense, rtol=1e-5)


def test_the_covariance_is_that_of_its_definition():
    """Of pairs within blocks, tokens one by one."""
    blocks = np.random.default_rng(0).integers(3, size=(4, 9))
    first, second = (np.eye(3)[part] for part in (blocks[:, :-2], blocks[:, 2:]))
    each = [
        f.T @ s / 7 - np.outer(f.mean(0), s.mean(0))
        for f, s in zip(first, second, strict=True)
    ]
    pairs = covariance._count(blocks, 2, 3)
    local = pairs(local=True)
    np.testing.assert_allclose(local, np.mean(each, axis=0), atol=1e-15)
    f, s = first.reshape(-1, 3), second.reshape(-1, 3)
    halves = (covariance._count(half, 2, 3) for half in (blocks[:3], blocks[3:]))
    np.testing.assert_allclose(covariance._both(*halves)(), pairs(), atol=1e-15)
    whole = pairs()
    np.testing.assert_allclose(whole, np.cov(f.T, s.T, ddof=0)[:3, 3:], atol=1e-15)


def test_the_horizon_is_where_the_strength_meets_the_noise():
    """keepⁿ / V = c / √D, to what a straight line between lags is off."""
    tokens = chain(400_000, V=4, keep=0.9, rng=np.random.default_rng(0))
    found = correlations(tokens, lags=range(1, 41), rng=0)
    D = np.array([3e2, 3e3, 1e4])
    exact = np.log(found.noise * 4 / np.sqrt(D)) / np.log(0.9)
    np.testing.assert_allclose(found.horizon(D), exact, rtol=0.08)
    assert found.horizon(1e12) == np.inf
    assert found.horizon(4.0) == 0


def test_exponent_of_a_range_of_lags():
    """Of an exponential it grows with the lags: that is no power law."""
    tokens = chain(400_000, V=4, keep=0.9, rng=np.random.default_rng(0))
    found = correlations(tokens, rng=0)
    exponent = found.exponent(1, 16)
    assert exponent.status == "no power law in this range"
    assert (np.diff(exponent.octaves) > 0).all()
    exact = -np.log(0.9) * 15 / np.log(16)  # from the first lag to the last
    assert exponent.octaves.mean() == pytest.approx(exact, rel=0.05)
    for of in ("raw", "local"):
        assert found.exponent(1, 8, of=of).value == pytest.approx(
            found.exponent(1, 8).value, rel=0.05
        )
    with pytest.raises(ValueError, match="correlations must be above zero"):
        found.exponent(1, 1000)
    with pytest.raises(ValueError, match="correlations must be known over two octaves"):
        found.exponent(5, 9)
    with pytest.raises(ValueError, match="of must be one of"):
        found.exponent(of="error")


def test_default_lags_are_two_an_octave():
    """Up to half of a block."""
    found = correlations(np.arange(40_000) % 3, rng=0)
    assert found.block == 625
    assert found.lags.index.tolist()[:9] == [1, 2, 3, 4, 6, 8, 12, 16, 24]
    assert found.lags.index[-1] == 256
    with pytest.raises(ValueError, match=r"lags must be increasing.* from 1 to 312"):
        correlations(np.arange(40_000) % 3, lags=[1, 313])
