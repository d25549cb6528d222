"""Stored losses of mixtures are those of these texts, and parts are what they say."""

import numpy as np
import pytest
from thorough import exhaustive, first_of, long

from scalinglib import data, stored, text
from scalinglib.experiments import pair_of_texts
from scalinglib.experiments.mixtures import PAIRS


def first_trial(name, then, points):
    """Some mixtures of the stored ones, learned again."""
    counts = then.tokens.values[points]
    return text.mixture_losses(pair_of_texts(name), counts, rng=0).isel(trial=0)


@exhaustive
def test_stored_mixtures_are_of_these_texts():
    """The smallest budget at every share, in the first trial."""
    then = stored.load("mixtures")
    few = np.flatnonzero(then.D == 2**14)
    again = first_trial("Bible, Python", then, few)
    np.testing.assert_allclose(again, then[few, :, 0], rtol=1e-6)
    np.testing.assert_array_equal(then.tokens.sum("source"), then.D)
    np.testing.assert_array_equal(then.tokens[:, 0], then.D * then.share)


@long
@pytest.mark.parametrize("name", first_of(PAIRS))
def test_stored_transfers_are_of_these_texts(name):
    """From 2048 tokens of one, of the other and of both, in the first trial."""
    then = stored.load("transfers").sel(pair=name)
    few = np.flatnonzero(then.tokens.max("source") == 2**11)
    assert len(few) == 3
    again = first_trial(name, then, few)
    np.testing.assert_allclose(again, then[few, :, 0], rtol=1e-6)


@long
@pytest.mark.parametrize("name", first_of(PAIRS))
def test_a_pair_is_two_texts_end_to_end(name):
    """Spelled out again they are the texts that ship."""
    bible, library = (data.load_text(n) for n in ("king_james", "python_library"))
    first, second = pair_of_texts(name)
    if name == "Python recoded":
        assert second.min() > first.max()
        second = second - np.int32(167)
    whole = {"Testaments": bible, "halves of Python": library}.get(
        name, bible + library
    )
    tokens = text.characters(whole, layout=True)
    np.testing.assert_array_equal(np.concatenate([first, second]), tokens.ids)


def test_testaments_are_parted_where_the_new_one_begins():
    """Malachi ends, Matthew begins."""
    old, _ = pair_of_texts("Testaments")
    whole = data.load_text("king_james")
    assert whole[: len(old)].rstrip().endswith("smite the earth with a curse.")
    assert whole[len(old) :].startswith("The book of the generation of Jesus Christ")
