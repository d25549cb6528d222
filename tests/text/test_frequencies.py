"""Zipf's and Heaps' exponents and what a text leaves unseen, where they are known."""

from itertools import combinations, permutations

import mpmath as mp
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln
from thorough import exhaustive, first_of, long

import scalinglib.text._blocks as _blocks
import scalinglib.text.frequencies as frequencies
import scalinglib.text.rarefaction as rarefaction
from scalinglib import text
from scalinglib.text import (
    ZipfLaw,
    distinct,
    heaps_exponent,
    missing_mass,
    zipf_exponent,
)

LANGUAGES = [0.3, 0.5, 1.0]
short_texts = st.lists(st.integers(0, 4), min_size=2, max_size=9).filter(
    lambda ids: len(set(ids)) > 1
)


def planted(alpha, D, *, rng):
    """Tokens of a Zipf law."""
    return ZipfLaw(alpha).draw(D, rng=rng)


def bursty(alpha, D, *, rng):
    """The same, but half of the words come seven times in a row: of 4 D tokens."""
    return np.repeat(ZipfLaw(alpha).draw(D, rng=rng), rng.choice([1, 7], D))


def heaps_slope(alpha, h):
    """The slope that a law has between the sizes of an estimate."""
    few, many = ZipfLaw(alpha).distinct([h.first, h.last])
    return np.log(many / few) / np.log(h.last / h.first)


# -- distinct and missing: sums over all ways --------------------------------------


@given(short_texts)
def test_distinct_is_a_mean_over_subsets(ids):
    """Of all ways to take D tokens, counted one by one."""
    sizes = np.arange(1, len(ids) + 1)
    want = [np.mean([len({*some}) for some in combinations(ids, D)]) for D in sizes]
    np.testing.assert_allclose(distinct(ids, sizes), want, rtol=1e-12)


@given(short_texts)
def test_in_order_is_a_count(ids):
    """Of the first D tokens; at the end both curves are V."""
    sizes = np.arange(1, len(ids) + 1)
    found = distinct(ids, sizes, in_order=True)
    assert found.tolist() == [len({*ids[:D]}) for D in sizes]
    assert found[-1] == pytest.approx(distinct(ids, sizes)[-1])


@pytest.mark.parametrize("ids", [[0, 0, 1, 2, 0, 1], [3, 3, 3, 3, 1]])
def test_missing_mass_is_a_chance(ids):
    """That the next token is new, over all orders of the text."""
    orders = [*permutations(ids)]
    for D in range(1, len(ids)):
        new = np.mean([order[D] not in order[:D] for order in orders])
        # The error needs a longer text, the value does not.
        found = rarefaction._missing(np.bincount(ids), np.array([D]))
        assert found[0] == pytest.approx(new, rel=1e-12)


def test_missing_mass_is_a_step_of_distinct():
    """V(D + 1) − V(D), and Good's share of what occurs once at the end."""
    ids = planted(0.5, 3000, rng=0)
    D = np.array([1, 10, 100, 1000, 2998])
    found = missing_mass(ids, [*D, 2999]).value
    np.testing.assert_allclose(
        found[:-1], distinct(ids, D + 1) - distinct(ids, D), rtol=1e-9
    )
    assert found[-1] == pytest.approx((np.unique_counts(ids)[1] == 1).sum() / 3000)
    many = planted(0.5, 300_000, rng=0)
    assert distinct(many, [1])[0] == pytest.approx(1, rel=1e-11)


def test_distinct_is_hypergeometric():
    """Binomials by gamma functions, as far as these keep their digits."""
    ids = planted(0.5, 20_000, rng=1)
    n, N = np.unique_counts(ids)[1], len(ids)
    for D in 100, 5000, 19_000:
        fits = n[n <= N - D]
        log = gammaln(N - fits + 1) - gammaln(N - fits - D + 1)
        log += gammaln(N - D + 1) - gammaln(N + 1)
        want = len(n) - np.exp(log).sum()
        assert distinct(ids, [D])[0] == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("alpha", first_of(LANGUAGES))
def test_curves_are_those_of_the_law(alpha):
    """Means over texts: what the law's own sums say, within four standard errors."""
    rng, D = np.random.default_rng(2), np.array([10, 100, 1000, 1999])
    texts = [planted(alpha, 2000, rng=rng) for _ in range(200)]
    law = ZipfLaw(alpha)
    counted = np.array([distinct(ids, D) for ids in texts])
    ordered = np.array([distinct(ids, D, in_order=True) for ids in texts])
    missed = np.array([missing_mass(ids, D).value for ids in texts])
    for drawn, said in (
        (counted, law.distinct(D)),
        (ordered, law.distinct(D)),
        (missed, law.missing_mass(D)),
    ):
        error = drawn.std(axis=0, ddof=1) / np.sqrt(200)
        assert (abs(drawn.mean(axis=0) - said) < 4 * error).all()
        assert (error < 0.03 * said).all()


def test_bursts_delay_new_words():
    """In order a bursty text has fewer words; taken at random it does not show."""
    ids = bursty(0.5, 5000, rng=np.random.default_rng(3))
    D = [100, 1000]
    assert (distinct(ids, D, in_order=True) < 0.7 * distinct(ids, D)).all()


# -- intervals hold what was planted ------------------------------------------------


def coverage(estimates, truths):
    """Share of the 95 % intervals that hold the truth."""
    pairs = zip(estimates, truths, strict=True)
    return np.mean([estimate.covers(truth) for estimate, truth in pairs])


@exhaustive
@pytest.mark.parametrize("alpha", LANGUAGES)
def test_zipf_exponents_are_covered(alpha):
    """No bias within its error, and intervals that hold 1 + α as often as they say.

    By luck alone of 95 in 100, fewer than 88 or more than 99 would be one in a hundred.
    """
    rng = np.random.default_rng(4)
    found = [zipf_exponent(planted(alpha, 10_000, rng=rng)) for _ in range(100)]
    values = np.array([z.value for z in found])
    error = values.std(ddof=1) / 10
    assert abs(values.mean() - 1 - alpha) < 4 * error
    assert 0.88 <= coverage(found, [1 + alpha] * 100) <= 0.99
    told = np.sqrt(np.mean([z.stderr**2 for z in found]))
    assert told == pytest.approx(values.std(ddof=1), rel=0.3)
    assert np.mean([z.bends for z in found]) < 0.15


@exhaustive
@pytest.mark.parametrize("alpha", LANGUAGES)
def test_zipf_exponents_of_longer_texts(alpha):
    """The same where errors are three times smaller, and so must the bias be."""
    rng = np.random.default_rng(5)
    found = [zipf_exponent(planted(alpha, 100_000, rng=rng)) for _ in range(100)]
    values = np.array([z.value for z in found])
    assert abs(values.mean() - 1 - alpha) < 0.4 * values.std(ddof=1)
    assert 0.88 <= coverage(found, [1 + alpha] * 100) <= 0.99


@pytest.mark.parametrize("alpha", first_of(LANGUAGES))
def test_heaps_exponents_are_covered(alpha):
    """Intervals that hold the law's own slope, as often as they say."""
    rng = np.random.default_rng(6)
    found = [heaps_exponent(planted(alpha, 3000, rng=rng)) for _ in range(100)]
    off = np.array([h.value - heaps_slope(alpha, h) for h in found])
    assert abs(off.mean()) < 0.4 * off.std(ddof=1)
    assert 0.88 <= coverage(found, [heaps_slope(alpha, h) for h in found]) <= 0.99
    assert (found[0].first, found[0].last, found[0].freedom) == (187, 1500, 19)


@pytest.mark.parametrize("alpha", first_of(LANGUAGES))
def test_missing_masses_are_covered(alpha):
    """Up to half of the text as often as they say, at its end more often."""
    rng, D = np.random.default_rng(7), [100, 1500, 2999]
    found = [missing_mass(planted(alpha, 3000, rng=rng), D) for _ in range(100)]
    truth = ZipfLaw(alpha).missing_mass(D)
    ends = np.array([m.interval() for m in found])
    held = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean(axis=0)
    assert (held >= 0.88).all()
    assert (held[:2] <= 0.99).all()
    spread = np.std([m.value for m in found], axis=0, ddof=1)
    told = np.sqrt(np.mean([m.stderr**2 for m in found], axis=0))
    np.testing.assert_allclose(told[:2], spread[:2], rtol=0.35)


@long
def test_bursts_make_errors_larger():
    """As the counts scatter: by √(⟨n²⟩ / ⟨n⟩) = 2.5 for words n = 1 or 7 in a row.

    A multinomial would not see it.
    """
    rng, single, rows = np.random.default_rng(8), [], []
    for _ in range(12):
        single.append(planted(0.5, 40_000, rng=rng))
        rows.append(bursty(0.5, 10_000, rng=rng))
    for estimate in (
        lambda ids: zipf_exponent(ids, last=30).stderr,
        lambda ids: missing_mass(ids, [1000]).stderr[0],
    ):
        of_one, of_rows = (
            np.mean([estimate(ids) ** 2 for ids in texts]) for texts in (single, rows)
        )
        assert 2.0 < np.sqrt(of_rows / of_one) < 3.1


def test_errors_of_missing_mass_are_of_texts_without_a_block():
    """Each of a text a twentieth shorter, after a twentieth fewer tokens."""
    ids = planted(0.5, 2000, rng=16)
    found = missing_mass(ids, [1000, 1999])
    rest = [np.delete(ids, np.arange(i, i + 100)) for i in range(0, 2000, 100)]
    masses = np.array([np.diff(distinct(t, [950, 951]))[0] for t in rest])
    once = np.array([(np.unique_counts(t)[1] == 1).sum() / 1900 for t in rest])
    for error, parts in zip(found.stderr, (masses, once), strict=True):
        assert error == pytest.approx(np.sqrt(19) * parts.std(), rel=1e-6)


# -- ranks ---------------------------------------------------------------------------


def test_counts_by_rank_are_means_over_ties():
    """Of the counts in the other half, over all ways to order what occurs as often."""
    ranking, counted = np.array([5, 2, 2, 0, 7, 2]), np.array([4, 1, 3, 9, 6, 2])
    orders = [[*order] for order in permutations(range(6))]
    orders = [order for order in orders if (np.diff(ranking[order]) <= 0).all()]
    for last in range(1, 7):
        count, times = frequencies._by_rank(ranking, counted, last)
        want = np.mean([counted[order][:last] for order in orders], axis=0)
        np.testing.assert_allclose(count, want, rtol=1e-12)
        assert times.tolist() == sorted(ranking, reverse=True)[:last]


def test_each_half_ranks_the_other():
    """Who counts and who ranks does not matter: neighbouring blocks change places."""
    ids = planted(0.5, 10_240, rng=17)
    other = ids.reshape(16, 2, -1)[:, ::-1].ravel()
    one, two = zipf_exponent(ids), zipf_exponent(other)
    assert two.value == pytest.approx(one.value, abs=1e-9)
    assert two.stderr == pytest.approx(one.stderr, abs=1e-9)


@pytest.mark.parametrize("a", [1.1, 1.3, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("m", [10, 30])
def test_the_weights_are_those_of_lucky_words(a, m):
    """Of a power law m − 1/a in the other half, at ranks whose mean is by w larger."""
    b = 1 / mp.mpf(a)
    ends = [mp.gamma(x - b) / mp.gamma(x) for x in (m + 1, m)]  # words with ≥ x
    shared = mp.quad(lambda r: r**-a, ends) / (ends[1] - ends[0])
    exact = float((m - b) / shared)
    assert 1 - 1 / (2 * a * m) == pytest.approx(exact, abs=0.07 / m**2)


@pytest.mark.parametrize("z", [0.3, 1.0, 1.7, 4.0])
def test_the_likeliest_exponent_is_planted(z):
    """Counts that follow weights and power exactly give the exponent back."""
    r = np.arange(1, 41)
    times = np.array([4000 / r, 3000 / r**0.9])
    count = (1 - 1 / (2 * max(z, 0.5) * times)) * r**-z * [[7.0], [1e5]]
    found = frequencies._likeliest(count, times, 1, 40)
    assert found == pytest.approx(z, abs=1e-6)
    assert frequencies._likeliest(count, times, 6, 17) == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "last", "octaves"),
    [
        (1, 8, [(1, 3), (4, 8)]),
        (1, 38, [(1, 3), (4, 7), (8, 15), (16, 38)]),
        (1, 63, [(1, 3), (4, 7), (8, 15), (16, 31), (32, 63)]),
        (3, 50, [(3, 5), (6, 11), (12, 23), (24, 50)]),
        (10, 40, [(10, 19), (20, 40)]),
    ],
)
def test_octaves_of_ranks(first, last, octaves):
    """Each from where the last one ended, without a short one at the end."""
    assert frequencies._octaves(first, last) == octaves


def test_halves_of_blocks_are_balanced():
    """Each pair of blocks as often together as apart; for means the usual error."""
    halves = _blocks.balanced_halves()
    assert halves.shape == (30, 16)
    assert (halves.sum(axis=1) == 8).all()
    assert (halves[::2] ^ halves[1::2]).all()
    values = np.random.default_rng(9).standard_normal((16, 3))
    found = [values[half].mean(axis=0) for half in halves]
    want = values.std(axis=0, ddof=1) / 4
    np.testing.assert_allclose(_blocks.halves_error(found), want, rtol=1e-12)
    without = [np.delete(values, i, axis=0).mean(axis=0) for i in range(16)]
    np.testing.assert_allclose(_blocks.jackknife_error(without), want, rtol=1e-12)


def test_words_that_bend_are_told():
    """Two exponents, 0.7 up to rank 30 and 1.6 beyond, and one of neither."""
    p = np.arange(1, 5001.0) ** -0.7
    p[30:] *= (np.arange(31, 5001) / 30) ** -0.9
    ids = np.random.default_rng(10).choice(5000, 100_000, p=p / p.sum())
    z = zipf_exponent(ids)
    assert z.bends
    assert 0.7 < z.value < 1.6
    low = zipf_exponent(ids, last=30)
    high = zipf_exponent(ids, first=31)
    assert low.covers(0.7)
    assert high.covers(1.6)
    assert not low.bends
    assert not high.bends
    ends = z.scales["exponent"].iloc[[0, -1]]
    np.testing.assert_allclose(ends, [0.7, 1.6], atol=0.15)


def test_alpha_is_one_less():
    """With the same error; none if z is not above one."""
    z = zipf_exponent(planted(0.5, 10_000, rng=11))
    assert z.alpha.value == pytest.approx(z.value - 1)
    assert (z.alpha.stderr, z.alpha.freedom) == (z.stderr, z.freedom)
    with pytest.raises(ValueError, match="alpha is z - 1"):
        _ = frequencies.ZipfExponent(0.9, 0.1).alpha


# -- what is passed ------------------------------------------------------------------


def test_labels_of_sizes_pass_through():
    """Of every curve over sizes, and of the interval."""
    ids = planted(0.5, 1000, rng=12)
    D = xr.DataArray([10, 100, 900], dims="D", coords={"D": [10, 100, 900]})
    mass = missing_mass(ids, D)
    curves = distinct(ids, D), distinct(ids, D, in_order=True), mass.value, mass.stderr
    for curve in (*curves, *mass.interval()):
        assert curve.dims == ("D",)
        assert curve["D"].values.tolist() == [10, 100, 900]
    plain = missing_mass(ids, D.values)
    np.testing.assert_array_equal(mass.value.values, plain.value)


def test_names_and_numbers_are_one_text():
    """What the tokens are called does not matter."""
    ids = planted(0.5, 10_000, rng=13)
    named = text.words(" ".join(f"w{i}" for i in ids))
    assert zipf_exponent(named).value == pytest.approx(zipf_exponent(ids).value)
    assert heaps_exponent(named).value == pytest.approx(heaps_exponent(ids).value)


PROSE = "It was the best of times, it was the worst of times. " * 400


@pytest.mark.parametrize("estimate", [zipf_exponent, heaps_exponent])
@pytest.mark.parametrize("unit", [text.characters, text.words])
def test_a_short_vocabulary_has_no_tail(estimate, unit):
    """Characters, and a few words again and again."""
    with pytest.raises(ValueError, match=r"^tokens must have a tail of rare items"):
        estimate(unit(PROSE))


@pytest.mark.parametrize("estimate", [zipf_exponent, heaps_exponent])
def test_one_in_ten_must_be_rare(estimate):
    """A vocabulary of which nearly all comes often is none of rare words."""
    often = np.random.default_rng(18).permutation(np.repeat(np.arange(90), 200))
    with pytest.raises(ValueError, match="of 99 different numbers only 9 occur once"):
        estimate(np.r_[often, np.arange(90, 99)])
    estimate(np.r_[often, np.arange(90, 100)])


HOSTILE = [], [1], [3] * 5000, [1.5] * 5000, None, "text", [[1, 2]] * 5000, range(30)


@pytest.mark.parametrize("ids", HOSTILE, ids=lambda ids: str(ids)[:12])
def test_what_is_no_text_is_refused(ids):
    """Nothing, one token, all the same, and what holds no whole numbers."""
    for estimate in (
        zipf_exponent,
        heaps_exponent,
        lambda tokens: missing_mass(tokens, [1]),
    ):
        with pytest.raises(ValueError, match=r"^tokens must"):
            estimate(ids)


def test_texts_too_small_are_told():
    """What they lack, and what to do."""
    with pytest.raises(ValueError, match=r"three octaves of ranks.*Take a longer text"):
        zipf_exponent(planted(1.0, 500, rng=14))
    with pytest.raises(ValueError, match="three octaves"):  # no two are the same
        zipf_exponent(np.r_[0, np.arange(5000)])
    apart = np.r_[np.arange(5000), np.repeat(np.arange(5000, 5040), 30)]
    with pytest.raises(ValueError, match="tokens must be of one text; the words of"):
        zipf_exponent(apart)  # each word within a block
    one = np.zeros((2, 8))
    one[:, 2] = 100
    with pytest.raises(ValueError, match="tokens must be of one text"):
        frequencies._likeliest(one[:, 2:], np.full((2, 6), 50), 1, 6)


def test_windows_that_do_not_fit():
    """Ranks and sizes in order, within what the text tells."""
    ids = planted(0.5, 10_000, rng=15)
    for estimate, window, said in [
        (zipf_exponent, {"last": 3}, "last must be from 4 first = 4"),
        (zipf_exponent, {"last": 1000}, r"last must be from 4 .* occur 10 times"),
        (zipf_exponent, {"first": 0}, "first must be at least 1"),
        (heaps_exponent, {"last": 9501}, "last must be at most 9500"),
        (heaps_exponent, {"first": 2501, "last": 5000}, "first must be at most half"),
        (heaps_exponent, {"first": 0}, "first must be at least 1"),
    ]:
        with pytest.raises(ValueError, match=said):
            estimate(ids, **window)
    assert heaps_exponent(ids, last=9500).first == 1187
    assert zipf_exponent(ids, first=2, last=20).scales["first"].tolist() == [2, 4, 8]
