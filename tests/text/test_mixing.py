"""Losses learned from mixtures: by hand, against one source, with repeats."""

import numpy as np
import pytest
import sources
import xarray as xr

from scalinglib.text import exchange_rates, mixture_losses
from scalinglib.text.kneser_ney import discounts


def drawn(texts, block, rng):
    """Blocks of each text in the order drawn, and how many are held out."""
    rng = np.random.default_rng(rng)
    for text in texts:
        blocks = text[: len(text) // block * block].reshape(-1, block)
        yield blocks[rng.permutation(len(blocks))], len(blocks) // 8


def by_hand(texts, count, block, rng, *, repeats=(1, 1)):
    """Losses of single tokens, order 0, from counts of what was drawn."""
    (first, held_1), (second, held_2) = drawn(texts, block, rng)
    learned = [
        blocks[held : held + tokens // block // again].repeat(again, axis=0).ravel()
        for blocks, held, tokens, again in zip(
            (first, second), (held_1, held_2), count, repeats, strict=True
        )
    ]
    V = max(text.max() for text in texts) + 1
    counts = np.bincount(np.concatenate(learned), minlength=V)
    off = discounts(counts[counts > 0])[np.minimum(counts, 3)]
    p = (counts - off + off.sum() / V) / counts.sum()
    return [-np.log(p[b[:h]]).mean() for b, h in ((first, held_1), (second, held_2))]


def skewed(seed, D, V, power):
    """Independent tokens, the first the most frequent."""
    p = np.arange(1.0, V + 1) ** -power
    return np.random.default_rng(seed).choice(V, size=D, p=p / p.sum())


@pytest.mark.parametrize("count", [(640, 0), (0, 320), (640, 320), (64, 1280)])
def test_single_tokens_are_counted_as_by_hand(count):
    """Order 0: one table of counts of both, tried on what was held out."""
    texts = skewed(0, 3200, 30, 1.0), 39 - skewed(1, 4000, 40, 2.0)
    found = mixture_losses(texts, [count], order=0, block=64, rng=5)
    np.testing.assert_allclose(found[0, :, 0], by_hand(texts, count, 64, 5))
    assert found.tokens.values.tolist() == [list(count)]


def test_what_is_repeated_is_counted_again():
    """Who asks for four times what there is counts it four times."""
    texts = skewed(0, 3200, 30, 1.0), 39 - skewed(1, 4000, 40, 2.0)
    count, unique = [640, 1280], [640, 320]
    found = mixture_losses(texts, [count], unique=unique, order=0, block=64, rng=5)
    expected = by_hand(texts, count, 64, 5, repeats=(1, 4))
    np.testing.assert_allclose(found[0, :, 0], expected)
    once = mixture_losses(texts, [count], order=0, block=64, rng=5)
    assert abs(once - found).max() > 1e-3
    enough = mixture_losses(
        texts, [[640, 320]], unique=unique, order=0, block=64, rng=5
    )
    plain = mixture_losses(texts, [[640, 320]], order=0, block=64, rng=5)
    np.testing.assert_array_equal(enough, plain)


def test_a_token_of_the_same_language_is_worth_one():
    """Two texts of one source: from d of each as from 2 d of either."""
    rng = np.random.default_rng(0)
    chain = sources.markov(6, concentration=0.5, rng=rng)
    texts = [sources.sample(chain, 80_000, rng) for _ in range(2)]
    rows = [[8192, 0], [0, 8192], [4096, 4096], [4096, 0], [0, 4096]]
    found = mixture_losses(texts, rows, order=3, block=256, trials=16, rng=0)
    for i in (0, 1):
        loss = found.isel(source=i)
        same = loss[2] - loss[i]
        assert abs(same.mean()) < 4 * same.std(ddof=1) / 4
        more = loss[3 + i] - loss[2]
        assert more.mean() > 8 * more.std(ddof=1) / 4


def test_what_is_held_out_is_not_learned():
    """Each block has a token of its own: none of those tried has ever been seen."""
    texts = np.arange(64).repeat(32), 64 + np.arange(64).repeat(32)
    found = mixture_losses(texts, [[1792, 1792]], order=0, block=32, rng=0)
    assert (found > np.log(128)).all()


def test_each_loss_is_of_its_source():
    """Learned from one alone: nothing is lost on it, much on the other."""
    texts = np.arange(8000) % 2, np.arange(8000) % 3
    one, other = mixture_losses(
        texts, [[2048, 0], [0, 2048]], order=2, block=64, rng=0
    ).isel(trial=0)
    assert one[0] < 0.01 < 1 < one[1]
    assert other[1] < 0.01 < 0.5 < other[0]


def test_mixtures_and_trials_do_not_depend_on_what_else_is_asked():
    """A point alone is the same point among others; so is the first trial."""
    texts = skewed(0, 6400, 30, 1.0), skewed(1, 6400, 40, 2.0)
    rows = [[640, 64], [64, 1280], [3200, 0]]
    found = mixture_losses(texts, rows, order=2, block=64, trials=3, rng=7)
    for i, row in enumerate(rows):
        alone = mixture_losses(texts, [row], order=2, block=64, rng=7)
        np.testing.assert_allclose(alone[0, :, 0], found[i, :, 0], rtol=1e-12)
    assert abs(found[..., 0] - found[..., 1]).min() > 0


def test_more_than_there_is():
    """It says how much is left, and how to learn it again."""
    texts = skewed(0, 3200, 30, 1.0), skewed(1, 6400, 40, 2.0)
    with pytest.raises(ValueError, match=r"at most 2816 tokens of source 0.*unique"):
        mixture_losses(texts, [[2880, 64]], block=64)
    with pytest.raises(ValueError, match=r"^unique must be from 64 tokens"):
        mixture_losses(texts, [[64, 64]], unique=[2880, 64], block=64)
    with pytest.raises(ValueError, match=r"^counts must hold tokens"):
        mixture_losses(texts, [[64, 64], [0, 0]], block=64)


def by_power(tokens, worth):
    """Losses of a learner to which a token of the other source is worth so much."""
    tokens = np.array(tokens)
    effective = tokens @ [[1, worth[1]], [worth[0], 1]]
    with np.errstate(divide="ignore"):
        loss = np.maximum(effective, 1e-9) ** -0.2
    trials = np.stack([loss, 2 * loss], axis=-1)
    names = "point", "source", "trial"
    return xr.DataArray(trials, dims=names, coords={"tokens": (names[:2], tokens)})


@pytest.mark.parametrize("worth", [(0.5, -0.1), (0, 1), (-0.3, 0.25)])
def test_planted_rates_of_exchange(worth):
    """Read off losses of a power law, between whose sizes nothing is guessed."""
    sizes = 2 ** np.arange(8, 15)
    alone = np.concatenate([np.outer(sizes, [1, 0]), np.outer(sizes, [0, 1])])
    mixed = np.array([[1000, 1000], [1000, 2000], [4000, 2000]])
    found = by_power(np.concatenate([mixed, alone[::-1]]), worth)
    for i in (0, 1):
        rates = exchange_rates(found, i)
        np.testing.assert_allclose(rates, worth[i], atol=1e-9)
        assert rates.own.values.tolist() == mixed[:, i].tolist()
        assert rates.other.values.tolist() == mixed[:, 1 - i].tolist()


def test_rates_that_no_size_alone_tells_are_left_out():
    """A mixture worth more than the largest of the source, and one below the least."""
    mixed = [[1000, 1000], [100, 100], [900, 0], [500, 500], [256, 0]]
    rates = exchange_rates(by_power(mixed, (0.1, 0)), 0)
    assert rates.own.values.tolist() == [500]
    assert rates.dims == ("point", "trial")


def test_sizes_count_from_where_losses_fall_in_every_trial():
    """One draw in which the first doubling does harm: the size before is left out."""
    mixed = [[900, 900], [300, 300], [256, 0], [512, 0], [1024, 0], [2048, 0]]
    losses = by_power(mixed, (0.1, 0))
    whole = exchange_rates(losses, 0)
    losses[2, 0, 1] = losses[3, 0, 1]
    rates = exchange_rates(losses, 0)
    assert whole.own.values.tolist() == [900, 300]
    assert rates.own.values.tolist() == [900]
    np.testing.assert_allclose(rates, 0.1, atol=1e-9)


def test_rates_need_losses_that_fall():
    """One size alone tells nothing, and so do losses that rise."""
    with pytest.raises(ValueError, match=r"^losses must fall"):
        exchange_rates(by_power([[1000, 1000], [900, 0]], (0.1, 0)), 0)
    with pytest.raises(ValueError, match=r"^losses must fall"):
        exchange_rates(1 / by_power([[10, 10], [900, 0], [800, 0]], (0.1, 0)), 0)
