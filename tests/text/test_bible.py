"""The King James Bible, against numbers that a prototype of others measured.

Those are of another Kneser–Ney and of other blocks: tolerances are what that makes.
"""

import numpy as np
import pytest
from thorough import exhaustive, long

from scalinglib import data, text


@pytest.fixture(scope="module")
def bible():
    """All of it."""
    return data.load_text("king_james")


@pytest.fixture(scope="module")
def in_words(bible):
    """Its correlations in words."""
    lags = [*(2**k for k in range(9)), 1024, 2048]
    return text.correlations(text.words(bible, lower=True), lags=lags, rng=0)


@exhaustive
def test_losses_of_characters(bible):
    """L_1, L_4 and L_16 in nats, and the exponent of the best order."""
    tokens = text.characters(bible, lower=True)
    sizes = [2**k * 1024 for k in range(4, 12)] + [3_760_000]
    curves = text.ngram_curves(tokens, sizes=sizes, trials=1, rng=0)
    losses = curves.losses.isel(D=-1).sel(n=[1, 4, 16])
    np.testing.assert_allclose(losses, [2.245, 1.140, 0.907], atol=0.02)
    assert curves.exponent(16_384).value == pytest.approx(0.104, abs=0.01)
    gamma = curves.entropy_exponent(last=4)
    assert gamma.value == pytest.approx(0.51, abs=0.08)  # H_n extrapolated in D
    np.testing.assert_allclose(curves.plug_in.sel(n=[8, 12]), [0.629, 0.281], atol=0.02)


@exhaustive
def test_losses_of_words(bible):
    """L_2 in nats, the exponent, and that there is no exponent of entropies."""
    tokens = text.words(bible, lower=True)
    curves = text.ngram_curves(tokens, orders=6, rng=0)
    assert float(curves.losses.sel(n=2)[-1]) == pytest.approx(4.04, abs=0.03)
    assert curves.exponent(16_000).value == pytest.approx(0.074, abs=0.01)
    with pytest.raises(ValueError, match="entropies must be known"):
        curves.entropy_exponent()


@long
def test_correlations_of_characters(bible):
    """On lags 1 to 32, of all counts and without the noise in them."""
    tokens = text.characters(bible, lower=True)
    found = text.correlations(tokens, lags=[1, 2, 4, 8, 16, 32], rng=0)
    assert found.exponent(of="raw").value == pytest.approx(1.66, abs=0.2)
    assert found.exponent().value == pytest.approx(1.81, abs=0.2)
    assert found.noise == pytest.approx(0.55, abs=0.1)


@exhaustive
def test_correlations_of_words_fall_fast_then_slowly(in_words):
    """Two regimes: grammar to lag 6, subjects beyond."""
    assert in_words.exponent(of="raw").value == pytest.approx(0.98, abs=0.2)
    assert in_words.exponent(1, 4).value > 1.2
    assert in_words.exponent(16, 256).value < 0.35
    assert in_words.noise == pytest.approx(0.33, abs=0.06)


@exhaustive
def test_the_plateau_is_what_books_differ_by(in_words):
    """Words a thousand apart are correlated across the text, not within a page."""
    far = in_words.lags.loc[[1024, 2048]]
    assert (far["strength"] > 3.5 * far["error"]).all()
    assert (far["local"].abs() < 3 * far["local_error"]).all()
    assert (far["local"] < 0.2 * far["strength"]).all()
