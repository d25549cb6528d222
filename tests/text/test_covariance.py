"""Correlations of chains of which they are known, and of texts that have none."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from thorough import exhaustive, some

from scalinglib.text import Correlations, correlations, covariance, pairs

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
    tokens = chain(100_000, V=V, keep=0.9, rng=np.random.default_rng(0))
    lags = correlations(tokens, lags=LAGS, rng=0).lags
    exact = 0.9 ** np.array(LAGS) / V
    for column, error in (("strength", "error"), ("local", "local_error")):
        # All directions are equally strong: what noise finds is one of them.
        off = (lags[column] - exact) / lags[error]
        assert abs(off).max() < 4.5
    assert (lags["raw"] > lags["strength"] - lags["error"]).all()


@pytest.mark.parametrize("draws", [20, pytest.param(150, marks=exhaustive)])
def test_errors_of_the_strength(draws):
    """Off by as much as is said, where one direction is by far the strongest."""
    off = []
    for seed in range(draws):
        tokens = chain(10_000, V=3, keep=0.5, rng=np.random.default_rng(seed))
        tokens[tokens == 2] = 0  # one direction is the strongest
        lags = correlations(tokens, lags=[1, 3, 8], rng=0).lags
        exact = 0.5 ** np.array([1, 3, 8]) * 4 / 9
        off.append((lags["strength"] - exact) / lags["error"])
    off = np.array(off)
    assert (abs(off.mean(axis=0)) < 4 / np.sqrt(draws) + 0.1).all()
    # Too large by as much as two halves that agree by chance would need.
    assert abs(off.std() - np.sqrt(0.5)) < 4 / np.sqrt(6 * draws) + 0.05


@pytest.mark.parametrize("V", [3, 9])
def test_errors_where_all_directions_are_alike(V):
    """Halves that find the same by chance: not too small then."""
    off = []
    for seed in some(range(60), 30):
        tokens = chain(5000, V=V, keep=0.8, rng=np.random.default_rng(seed))
        lags = correlations(tokens, lags=[1, 3], rng=seed).lags
        off.append((lags["strength"] - 0.8 ** np.array([1, 3]) / V) / lags["error"])
    assert 0.7 < np.std(off) < 1 + 4 / np.sqrt(240)


def test_the_norm_lies_between_strength_and_raw():
    """Two thousand tokens alike and few data: nobody finds the directions."""
    tokens = chain(40_000, V=2000, keep=0.7, rng=np.random.default_rng(1))
    row = correlations(tokens, lags=[1], rng=1).lags.loc[1]
    assert row["strength"] < 0.5 * 0.7 / 2000 < 0.7 / 2000 < row["raw"]


def test_a_matrix_of_zeros_has_no_direction(monkeypatch):
    """A header of 400 tokens, then one token for ever; books of one token each."""
    header = np.zeros(60_000, int)
    header[10:410] = np.arange(400)
    lags = correlations(header, lags=[1, 2], rng=0).lags
    assert np.isfinite(lags).all(axis=None)
    monkeypatch.setattr(covariance, "BLOCK", 64)
    books = correlations(np.repeat(np.arange(400), 64), lags=[1], rng=0).lags
    assert abs(books["local"][1]) < 1e-12


def test_horizon_on_exact_numbers():
    """A power law of which lags are known, and where it ends in noise."""
    lags = pd.DataFrame(index=pd.Index([1, 2, 4, 8, 16], name="n"))
    lags["strength"] = lags.index**-1.5
    lags["error"] = 1e-3
    found = Correlations(lags, noise=2.0, D=10**4, V=9, block=64)
    D = xr.DataArray([4.0, 4 * 3.0**3, 4 * 6.0**3], dims="D")
    np.testing.assert_allclose(found.horizon(D), [0, 3, 6])
    assert found.horizon(D).dims == ("D",)
    assert found.horizon(1e12) == np.inf
    assert found.horizon(np.array([])).shape == (0,)
    lags.loc[16, ["strength", "error"]] = -1e-3, 4e-3
    share = np.log(8**-1.5 / 0.02) / np.log(8**-1.5 / 4e-3)  # one error at the end
    assert found.horizon(1e4) == pytest.approx(8 * 2**share)
    assert np.isnan(found.horizon(1e8))


@pytest.mark.parametrize("V", [2, 4, 50])
def test_noise_is_known_to_some_per_cent(V):
    """However few tokens there are: it is shuffled until it is."""
    found = [
        correlations(np.random.default_rng(s).integers(V, size=4000), lags=[1], rng=s)
        for s in range(8)
    ]
    noise = np.array([each.noise for each in found])
    assert noise.std() / noise.mean() < (0.25 if V == 2 else 0.08)


def test_noise_is_that_of_the_whole_text_shuffled():
    """Of two alphabets too: within blocks alone there would be less of it."""
    tokens = np.arange(20_000) // 10_000 * 5 + np.random.default_rng(0).integers(
        5, size=20_000
    )
    even = np.random.default_rng(0).integers(10, size=20_000)
    ours, theirs = (correlations(t, lags=[1], rng=0).noise for t in (tokens, even))
    assert ours == pytest.approx(theirs, rel=0.1)


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
    monkeypatch.setattr(pairs, "DENSE", 3)
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
    counted = pairs.count_pairs(blocks, 2, 3)
    local = counted(local=True)
    np.testing.assert_allclose(local, np.mean(each, axis=0), atol=1e-15)
    f, s = first.reshape(-1, 3), second.reshape(-1, 3)
    halves = (pairs.count_pairs(half, 2, 3) for half in (blocks[:3], blocks[3:]))
    np.testing.assert_allclose(pairs.together(*halves)(), counted(), atol=1e-15)
    whole = counted()
    np.testing.assert_allclose(whole, np.cov(f.T, s.T, ddof=0)[:3, 3:], atol=1e-15)


def test_the_horizon_is_where_the_strength_meets_the_noise():
    """keepⁿ / V = c / √D, to what a straight line between lags is off."""
    tokens = chain(200_000, V=4, keep=0.9, rng=np.random.default_rng(0))
    found = correlations(tokens, lags=range(1, 41), rng=0)
    D = np.array([3e2, 3e3, 1e4])
    exact = np.log(found.noise * 4 / np.sqrt(D)) / np.log(0.9)
    np.testing.assert_allclose(found.horizon(D), exact, rtol=0.08)
    assert found.horizon(1e12) == np.inf
    assert found.horizon(4.0) == 0


def test_exponent_of_a_range_of_lags():
    """Of an exponential it grows with the lags: that is no power law."""
    tokens = chain(200_000, V=4, keep=0.9, rng=np.random.default_rng(0))
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
    for name, bad in (("first", 0), ("first", "a"), ("last", 0), ("last", 2.5)):
        with pytest.raises(ValueError, match=f"{name} must be"):
            found.exponent(**{name: bad})


def test_exponent_ends_where_correlations_are_lost():
    """Before lag 32, if they are; unless it is said where to end."""
    tokens = chain(20_000, V=4, keep=0.7, rng=np.random.default_rng(0))
    found = correlations(tokens, rng=0)
    seen = found.lags["strength"] > found.lags["error"]
    last = found.exponent().last
    assert 4 <= last < 32
    assert seen.loc[:last].all()
    assert not seen.loc[last:].iloc[1]
    steady = chain(200_000, V=4, keep=0.95, rng=np.random.default_rng(0))
    assert correlations(steady, rng=0).exponent().last == 32


def test_default_lags_are_two_an_octave():
    """Up to half of a block."""
    found = correlations(np.arange(40_000) % 3, rng=0)
    assert found.block == 625
    assert found.lags.index.tolist()[:9] == [1, 2, 3, 4, 6, 8, 12, 16, 24]
    assert found.lags.index[-1] == 256
    assert correlations(np.arange(4096) % 3, rng=0).lags.index[-1] == 32  # of 64
    with pytest.raises(ValueError, match=r"lags must be increasing.* from 1 to 312"):
        correlations(np.arange(40_000) % 3, lags=[1, 313])
