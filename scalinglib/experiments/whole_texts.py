r"""What texts say of themselves, at full length: correlations and n-gram curves."""

import numpy as np
import pandas as pd
import xarray as xr

from scalinglib import data
from scalinglib._input import increasing, whole_number
from scalinglib.text.covariance import Correlations, correlations
from scalinglib.text.histories import sort_histories
from scalinglib.text.kneser_ney import held_out_losses
from scalinglib.text.learning import NGramCurves, ngram_curves
from scalinglib.text.tokens import as_tokens, characters, words

__all__ = [
    "correlations_of",
    "losses_in_order",
    "make_king_james_characters",
    "make_king_james_words",
    "make_python_characters",
    "ngrams_of",
    "text_statistics",
]

BLOCK = 1024  # tokens, whose histories do not reach back beyond it
LAST = 0.05  # share of a text that is predicted from what stands before
SPLIT = 2 ** np.arange(16, 22)  # tokens learned from, in order


def text_statistics(tokens, *, orders):
    """Correlations and n-gram curves of a text, as one set of arrays.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        The text.
    orders : int
        The largest order of n-grams.

    Returns
    -------
    Dataset, dims (lag, n, D)
        ``strength``, ``error``, ``raw``, ``local``, ``local_error`` over ``lag``, and
        ``noise``: what `Correlations` holds; ``loss`` and ``loss_error`` over (n, D),
        ``entropy``, ``low``, ``high`` and ``plug_in`` over n, and ``unseen``: what
        `NGramCurves` holds; ``size``, ``V`` and the two lengths of blocks. Both of
        seed 0.

    Examples
    --------
    >>> found = text_statistics([0, 1, 1, 0, 1] * 400, orders=2)
    >>> found.sizes["n"], ngrams_of(found).V
    (3, 2)
    """
    over = correlations(tokens, rng=0)
    curves = ngram_curves(tokens, orders=orders, rng=0)
    lags = xr.Dataset.from_dataframe(over.lags).rename(n="lag")
    known = xr.Dataset.from_dataframe(curves.entropies).rename(value="entropy")
    found = lags.merge(known).assign(
        noise=over.noise,
        unseen=curves.unseen,
        loss=curves.losses,
        loss_error=curves.errors,
        plug_in=curves.plug_in,
    )
    # Single precision; whole numbers as they are.
    whole = {"size": over.D, "V": over.V, "far": over.block, "near": curves.block}
    return found.astype(np.float32).assign_coords(whole).assign_attrs(seed=0)


def correlations_of(found):
    """Correlations out of what `text_statistics` returns.

    Parameters
    ----------
    found : Dataset
        As there, or stored.

    Returns
    -------
    scalinglib.text.Correlations

    Examples
    --------
    >>> from scalinglib import stored
    >>> correlations_of(stored.load("king_james_words")).V
    12772
    """
    names = ["strength", "error", "raw", "local", "local_error"]
    columns = {name: found[name].values for name in names}
    lags = pd.DataFrame(columns, index=pd.Index(found.lag.values, name="n"))
    whole = (int(found[name]) for name in ("size", "V", "far"))
    return Correlations(lags, float(found.noise), *whole)


def ngrams_of(found):
    """Curves of n-grams out of what `text_statistics` returns.

    Parameters
    ----------
    found : Dataset
        As there, or stored.

    Returns
    -------
    scalinglib.text.NGramCurves

    Examples
    --------
    >>> from scalinglib import stored
    >>> ngrams_of(stored.load("king_james_characters")).best.ndim
    1
    """
    columns = {"value": "entropy", "low": "low", "high": "high"}
    columns = {name: found[of].values for name, of in columns.items()}
    known = pd.DataFrame(columns, index=pd.Index(found.n.values, name="n"))
    loss, error, plug_in = (
        found[name].drop_vars(["size", "V", "far", "near"])
        for name in ("loss", "loss_error", "plug_in")
    )
    last = int(found.V), int(found.near), float(found.unseen)
    return NGramCurves(loss, error, known, plug_in, *last)


def losses_in_order(tokens, sizes, *, order):
    """Loss on the end of a text, learned from its beginning or from right before.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        The text; its last twentieth is predicted, in blocks of 1024 tokens.
    sizes : increasing ints
        Tokens to learn from, whole blocks of them.
    order : int
        How many tokens a prediction knows.

    Returns
    -------
    early, late : (k,) ndarray
        Nats a token, learned from the first tokens of the text and from the last ones
        before those that are predicted.

    Raises
    ------
    ValueError
        If sizes are not blocks, or more than there are.

    Examples
    --------
    >>> turned = [0] * 40_960 + [0, 1] * 20_480  # it is another in its second half
    >>> early, late = losses_in_order(turned, [8192], order=1)
    >>> bool(early[0] > 10 * late[0])
    True
    """
    tokens = as_tokens("tokens", tokens, least=40 * BLOCK)
    order = whole_number("order", order, least=0)
    blocks = tokens.ids[len(tokens) % BLOCK :].reshape(-1, BLOCK)
    first = len(blocks) - max(round(LAST * len(blocks)), 1)
    counts = increasing("sizes", sizes, most=first * BLOCK) // BLOCK
    if counts[0] < 1 or order >= BLOCK:
        raise ValueError(f"sizes must be {BLOCK} tokens or more, and order fewer")
    histories, place = sort_histories(blocks, order + 1), np.arange(len(blocks))
    inside = np.arange(order, BLOCK)
    tried = (place[first:, None] * BLOCK + inside).ravel()

    def loss(learned):
        """Of the highest order, from these blocks."""
        used = histories.of_blocks(learned | (place >= first))
        each = held_out_losses(used, learned, tried, V=tokens.V, orders=order)
        return each[-1].mean()

    early = [loss(place < count) for count in counts]
    late = [loss((place >= first - count) & (place < first)) for count in counts]
    return np.array(early), np.array(late)


def make_king_james_characters():
    """Statistics of the Bible's characters, and losses learned in its order.

    Returns
    -------
    Dataset
        As `text_statistics` to order 16; ``early`` and ``late`` of `losses_in_order`
        for order 8 over ``prefix``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("king_james_characters").sizes["n"]
    17
    """
    tokens = characters(data.load_text("king_james"), lower=True)
    found = text_statistics(tokens, orders=16)
    ends = losses_in_order(tokens, SPLIT, order=8)
    pairs = zip(("early", "late"), ends, strict=True)
    ends = {name: ("prefix", end.astype(np.float32)) for name, end in pairs}
    return found.assign(ends).assign_coords(prefix=SPLIT)


def make_king_james_words():
    """Statistics of the Bible's words.

    Returns
    -------
    Dataset
        As `text_statistics` to order 6.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("king_james_words").sizes["n"]
    7
    """
    tokens = words(data.load_text("king_james"), lower=True)
    return text_statistics(tokens, orders=6)


def make_python_characters():
    """Statistics of the characters of Python's library.

    Returns
    -------
    Dataset
        As `text_statistics` to order 16.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("python_characters").sizes["n"]
    17
    """
    tokens = characters(data.load_text("python_library"), layout=True)
    return text_statistics(tokens, orders=16)
