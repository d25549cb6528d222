"""Learning curves of n-gram models: the loss of each order against the data."""

from dataclasses import dataclass, field, replace

import numpy as np

from scalinglib._input import generator, increasing, whole_number
from scalinglib.text.entropies import between, counted_entropies
from scalinglib.text.histories import sort_histories
from scalinglib.text.kneser_ney import held_out_losses
from scalinglib.text.octaves import falling_exponent
from scalinglib.text.tokens import as_tokens

__all__ = ["NGramCurves", "ngram_curves"]

BLOCK, LEAST_BLOCK = 1024, 64  # tokens
BLOCKS = 64  # as many there should be in a short text
TRIED = 0.08  # share of the blocks that is held out
LEAST_TRIED = 8  # blocks
MOST = 2**23  # tokens that are used
KNOWN = 0.5  # of an entropy: how far its bounds may be apart
LATE = 300  # by default an exponent is read from eight octaves, sizes being rounded


@dataclass(frozen=True, eq=False)
class NGramCurves:
    r"""Losses :math:`L_n(D)` of n-gram models that learned from D tokens.

    Attributes
    ----------
    losses : DataArray, dimensions (n, D)
        Nats a token, on blocks of the text that were held out.
    errors : DataArray, dimensions (n, D)
        Their standard errors: of the blocks held out, and of those learned from.
    entropies : DataFrame
        Conditional entropies :math:`H_n`, a row for each n: the ``value``, and ``low``
        and ``high``, between which it lies for certain but for the sampling of blocks.
    plug_in : DataArray, dimension n
        Entropies of the largest data, frequencies taken at their word: too small, the
        more so the larger n.
    V : int
        Size of the vocabulary.
    block : int
        Tokens in a block of the text.
    """

    losses: object = field(repr=False)
    errors: object = field(repr=False)
    entropies: object = field(repr=False)
    plug_in: object = field(repr=False)
    V: int
    block: int

    @property
    def best(self):
        """The envelope: the loss of the best order at each size, a DataArray over D."""
        return self.losses.min("n")

    def exponent(self, first=None, last=None):
        r"""How fast the best loss falls, :math:`\min_n L_n \propto D^{-\alpha_D}`.

        Parameters
        ----------
        first, last : int, optional
            Tokens: the range of D to look at, by default the last eight octaves.

        Returns
        -------
        OctaveExponent
        """
        if first is None:
            first = float(self.losses.D[-1]) / LATE
        best = self.best.sel(D=slice(first, last))
        return falling_exponent(best.D, best, name="losses")

    def entropy_exponent(self, first=1, last=None):
        r"""How fast conditional entropies fall, :math:`H_n \propto n^{-\gamma_H}`.

        Parameters
        ----------
        first : int, default 1
            The first order n.
        last : int, optional
            The last one; by default the last whose bounds differ by at most half of it.

        Returns
        -------
        OctaveExponent
            Without a floor: these orders cannot tell one from a smaller exponent.

        Raises
        ------
        ValueError
            If the orders that are known do not span two octaves.
        """
        known = self.entropies.loc[first:last]
        width = (known["high"] - known["low"]) / known["value"]
        if last is None:
            known = known[(width <= KNOWN).cummin()]
        if len(known) < 3 or known.index[-1] < 4 * first:
            raise ValueError(
                f"entropies must be known to a half from n = {first} to "
                f"{4 * first} to have an exponent, but {_told(self.entropies, first)}; "
                "a longer text or a smaller vocabulary is needed"
            )
        found = falling_exponent(known.index, known["value"], name="entropies")
        # Wherever the entropies lie between their bounds, evenly.
        ends = np.log(known["high"] / known["low"]).iloc[[0, -1]].sum()
        bounds = ends / np.log(known.index[-1] / known.index[0]) / np.sqrt(12)
        return replace(found, stderr=float(np.hypot(found.stderr, bounds)))


def ngram_curves(tokens, *, orders=16, sizes=None, trials=4, rng=None):
    r"""Learning curves of n-gram models of all orders, by interpolated Kneser–Ney.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        The text.
    orders : int, default 16
        The largest number n of tokens that a prediction knows, from 0 on.
    sizes : increasing ints, optional
        Sizes D of the data to learn from, in tokens; whole blocks are taken. By default
        what is not held out, its half, its quarter, …, down to a block. Of a text of
        more than 8 million tokens blocks of that many are drawn.
    trials : int, default 4
        How many sets of blocks to learn from at each size, as far as a quarter of the
        text holds so many that have no block in common. Their losses are averaged.
    rng : None, int or Generator
        Draws the blocks.

    Returns
    -------
    NGramCurves

    Raises
    ------
    ValueError
        If there are fewer than 1024 tokens, or too few for the sizes, or all are equal.

    Notes
    -----
    The text is cut into blocks of 1024 tokens (of fewer, but at least 64, where it is
    short). One in twelve is held out, drawn by chance, and so are those to learn from:
    both come from all parts of the text. Who learns from the first pages and tries the
    last ones measures how books differ. All orders predict the same tokens.

    One sort serves all orders and sizes: see `scalinglib.text.histories`.

    References
    ----------
    R. Kneser and H. Ney, "Improved backing-off for m-gram language modeling", ICASSP
    1995, 181–184; S. F. Chen and J. Goodman, "An empirical study of smoothing
    techniques for language modeling", Computer Speech & Language 13 (1999) 359–394.

    Examples
    --------
    >>> from scalinglib.text import characters
    >>> curves = ngram_curves(characters("to be or not to be. " * 500), orders=4, rng=0)
    >>> [round(float(loss), 1) for loss in curves.losses.isel(D=-1)]
    [1.9, 0.8, 0.1, 0.1, 0.1]
    """
    tokens = as_tokens("tokens", tokens, least=1024)
    orders = whole_number("orders", orders, least=0)
    trials = whole_number("trials", trials, least=1)
    block = min(BLOCK, max(LEAST_BLOCK, len(tokens) // BLOCKS))
    if orders >= block // 2:
        raise ValueError(
            f"orders must be less than half a block of {block} tokens, got {orders}"
        )
    whole = len(tokens) // block
    drawn = generator(rng).permutation(whole)[: MOST // block]
    tried = max(LEAST_TRIED, round(TRIED * len(drawn)))
    counts = _in_blocks(sizes, block, len(drawn) - tried)
    # In the order drawn: those to try come first, then those to learn from.
    blocks = tokens.ids[: whole * block].reshape(whole, block)
    sets_of = np.clip((len(drawn) - tried) // (4 * counts), 1, trials)
    blocks = blocks[drawn[: tried + (sets_of * counts).max()]]
    histories = sort_histories(blocks, orders + 1)
    losses, errors = [], []
    spread = 0.0  # variance of sets of one block, if it goes with 1 / D
    for count, sets in zip(counts, sets_of, strict=True):
        found = np.array(
            [
                _losses(histories, tried, tried + i * count, count, tokens.V, orders)
                for i in range(sets)
            ]
        )  # (trials, n, blocks held out)
        if len(found) > 1:
            spread = found.mean(axis=2).var(axis=0, ddof=1) * count
        of_tried = found.mean(axis=0).var(axis=-1, ddof=1) / tried
        losses.append(found.mean(axis=(0, 2)))
        errors.append(np.sqrt(of_tried + spread / count / len(found)))
    # Counted in the largest data and in what was largest before it.
    counted = [
        counted_entropies(
            histories.of_blocks(_among(len(blocks), tried, count)), orders=orders
        )
        for count in counts[-2:]
    ]
    losses, errors = np.transpose(losses), np.transpose(errors)
    return _labelled(losses, errors, counted, counts * block, tokens.V, block)


def _losses(histories, tried, first, count, V, orders):
    """Mean losses (orders + 1, tried) on the first blocks, from some of the others."""
    length, whole = histories.length, len(histories) // histories.length
    positions = np.arange(tried)[:, None] * length + np.arange(orders, length)
    learned = _among(whole, first, count)
    used = histories.of_blocks(learned | _among(whole, 0, tried))
    each = held_out_losses(used, learned, positions.ravel(), V=V, orders=orders)
    return each.reshape(orders + 1, tried, -1).mean(axis=-1)


def _among(whole, first, count):
    """Whether each of all blocks is one of so many, from the first of them on."""
    return (np.arange(whole) >= first) & (np.arange(whole) < first + count)


def _in_blocks(sizes, block, most):
    """Sizes as numbers of blocks."""
    if sizes is None:
        halves = most / 2.0 ** np.arange(np.log2(most).astype(int), -1, -1)
        return np.unique(halves.round().astype(int))
    sizes = increasing("sizes", sizes, most=most * block)
    counts = sizes // block
    if counts[0] < 1 or (np.diff(counts) < 1).any():
        raise ValueError(
            f"sizes must differ by whole blocks of {block} tokens, from {block} on, "
            f"got {sizes}"
        )
    return counts


def _labelled(losses, errors, counted, D, V, block):
    """The curves with the names of their dimensions."""
    import xarray as xr  # so that the room loads without it

    n = np.arange(len(losses))
    # What more tokens before it cannot make worse: the best order up to each.
    best = np.minimum.accumulate(losses, axis=0)[:, [max(len(D) - 2, 0), -1]]
    corrected = np.array([corrected for _, corrected in counted])[[0, -1]].T
    plug_in = counted[-1][0]
    entropies = between(best, errors[:, -1], plug_in, corrected)
    both = {"n": n, "D": D}
    return NGramCurves(
        xr.DataArray(losses, coords=both, name="loss"),
        xr.DataArray(errors, coords=both, name="standard error"),
        entropies,
        xr.DataArray(plug_in, coords={"n": n}, name="plug-in entropy"),
        V,
        block,
    )


def _told(entropies, first):
    """What is known of the entropies, in some words."""
    said = []
    for n in (first, 2 * first, 4 * first):
        if n in entropies.index:
            row = entropies.loc[n]
            said.append(f"H_{n} is from {row.low:.3g} to {row.high:.3g}")
    return ", ".join(said) or f"there is none of order {first}"
