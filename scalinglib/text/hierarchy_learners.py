"""Learners of a hierarchy: what tells which pairs stand for one symbol."""

import numpy as np
from scipy.special import comb

from scalinglib._input import generator, one_of, probability, whole_number
from scalinglib.text.hierarchies import RandomHierarchy

__all__ = ["pair_clustering", "sentences_needed"]

_STARTS = 20  # of k-means
_FIRST = 16  # sentences
_TOKENS = 1 << 22  # that are sampled at a time
_STEP = 2**0.25  # from one number of sentences to the next


def pair_clustering(grammar, tokens, height, *, by="tokens", rng):
    r"""How well pairs are sorted by the symbols they stand for, from what is beside.

    Symbols up to `height` − 1 are known. Their pairs are known too, but not which of
    them stand for one symbol. Those that do are exchangeable, and so are followed by
    the same things: for every pair one counts what occurs at one place of its sibling,
    and sorts the pairs into v clusters of like counts.

    Parameters
    ----------
    grammar : RandomHierarchy
        What made the tokens.
    tokens : (D, n) array_like of int
        Sentences, or whole subtrees of them, n a multiple of 2 ** (`height` + 1). Every
        such stretch is a symbol of height `height` and its sibling.
    height : int
        Height of the symbols to find, from 1 to L − 1.
    by : {"tokens", "latents"}, default "tokens"
        What one counts: the last token of the sibling, or the pair that the sibling
        is, in the symbols that are known.
    rng : Generator, int or None
        Source of randomness, of the starts of k-means.

    Returns
    -------
    float
        Adjusted Rand index of clusters and symbols, over the pairs that occur: 1 if
        they are the same, 0 in the mean for clusters drawn by lot.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the tokens are not of the grammar.

    Notes
    -----
    K-means of the frequencies, from 20 starts, of which the best is kept.

    Examples
    --------
    >>> grammar = RandomHierarchy(L=2, rng=0)
    >>> sentences = grammar.sample(20_000, rng=0)
    >>> bool(pair_clustering(grammar, sentences, 1, rng=0) > 0.9)
    True
    """
    grammar, height, by = _task(grammar, height, by)
    rng = generator(rng)
    counts, symbols = _counts(grammar, tokens, height, by)
    return _score(counts, symbols, grammar.v, rng)


def sentences_needed(grammar, height, *, by="tokens", score=0.7, most=1 << 20, rng):
    """How many sentences it takes to find the symbols of a height.

    Sentences are added until `pair_clustering` of them reaches the score. Each has
    2 ** (L − `height` − 1) pairs of siblings of this height.

    Parameters
    ----------
    grammar, height, by
        As in `pair_clustering`.
    score : float, default 0.7
        Adjusted Rand index to reach, above 0 and below 1.
    most : int, default 2 ** 20
        Give up after so many sentences.
    rng : Generator, int or None
        Source of randomness.

    Returns
    -------
    int
        The first number of sentences at which it is reached, in steps of 19 %.

    Raises
    ------
    ValueError
        If a parameter is out of range, or `most` do not suffice.

    Notes
    -----
    By latents it takes as many pairs of siblings at all heights, twice the sentences
    for each: a symbol tells its sibling as much high up as low. By tokens it takes more
    of both. The way down to the token, a rule drawn at each height, costs the squared
    covariance a factor m / (1 − 1/v) in the mean, and what tells apart the symbols most
    alike somewhat more. With v = 8, m = 4, L = 4 sentences grow by 12.5 ± 1 from height
    to height, in the mean over 40 grammars; single ones differ by factors of 2.

    Examples
    --------
    >>> grammar = RandomHierarchy(L=2, rng=0)
    >>> 500 < sentences_needed(grammar, 1, rng=0) < 10_000
    True
    """
    grammar, height, by = _task(grammar, height, by)
    score, most = probability("score", score), whole_number("most", most, least=1)
    rng, counts, D = generator(rng), 0, 0
    target = float(_FIRST)
    while target <= most:
        while int(target) > D:
            part = min(int(target) - D, max(_TOKENS >> grammar.L, 1))
            sentences = grammar.sample(part, rng=rng)
            more, symbols = _counts(grammar, sentences, height, by)
            counts, D = counts + more, D + part
        if _score(counts, symbols, grammar.v, rng) >= score:
            return D
        target *= _STEP
    raise ValueError(
        f"most must be more, got {most}: they do not suffice for symbols of height "
        f"{height} by {by}"
    )


def _task(grammar, height, by):
    """What is to be found of what."""
    if not isinstance(grammar, RandomHierarchy):
        raise ValueError(
            f"grammar must be a RandomHierarchy, got {type(grammar).__name__}"
        )
    height = whole_number("height", height, least=1)
    if height >= grammar.L:
        raise ValueError(
            f"height must be below that of the root, L = {grammar.L}, to have a "
            f"sibling, got {height}"
        )
    return grammar, height, one_of("by", by, ("tokens", "latents"))


def _counts(grammar, tokens, height, by):
    """What each grammatical pair has beside it, how often; what it stands for."""
    known = grammar.parse(tokens, height - 1)
    if known.shape[1] % 4:
        raise ValueError(
            f"tokens must be (D, n), with n a multiple of {2 ** (height + 1)} for "
            f"siblings of height {height}, got {known.shape[1]} symbols below them"
        )
    v, known = grammar.v, known.reshape(-1, 4)
    pair, beside = (known[:, ::2] * v + known[:, 1::2]).T
    size = v * v
    if by == "tokens":
        beside = np.reshape(tokens, (len(known), -1))[:, -1]
        size = v
    counts = np.bincount(pair * size + beside, minlength=v * v * size)
    codes = grammar.rules[height - 1] @ [v, 1]
    symbols = np.repeat(np.arange(v), grammar.m)
    return counts.reshape(v * v, size)[codes.ravel()], symbols


def _score(counts, symbols, v, rng):
    """Agreement of symbols with clusters of rows of counts."""
    there = counts.sum(axis=1) > 0
    rows = counts[there] / counts[there].sum(axis=1, keepdims=True)
    return _adjusted_rand_index(symbols[there], _clusters(rows, v, rng))


def _clusters(points, k, rng):
    """Labels by Lloyd's k-means: all starts at once, the best is kept."""
    squares = np.sum(points**2, axis=1)

    def distances(centres):
        lengths = np.sum(centres**2, axis=-1)[:, None]
        return squares[:, None] + lengths - 2 * points @ centres.swapaxes(1, 2)

    # Each further centre is a point, drawn by its squared distance to those before.
    centres = points[rng.integers(len(points), size=(_STARTS, 1))]
    while centres.shape[1] < k:
        near = np.maximum(distances(centres).min(axis=2), 0) + 1e-300
        edges = np.cumsum(near, axis=1)
        drawn = rng.random((_STARTS, 1)) * edges[:, -1:]
        chosen = points[np.sum(edges < drawn, axis=1)]
        centres = np.concatenate([centres, chosen[:, None]], axis=1)
    labels = None
    for _ in range(100):
        far = distances(centres)
        found = far.argmin(axis=2)
        if labels is not None and np.array_equal(found, labels):
            break
        labels = found
        member = np.eye(k)[labels].swapaxes(1, 2)
        size = member.sum(axis=2, keepdims=True)
        centres = np.where(size > 0, member @ points / np.maximum(size, 1), centres)
    return labels[far.min(axis=2).sum(axis=1).argmin()]


def _adjusted_rand_index(one, other):
    """Share of pairs sorted alike, beyond what is expected by chance."""
    table = np.zeros((max(one) + 1, max(other) + 1))
    np.add.at(table, (one, other), 1)
    both = comb(table, 2).sum()
    rows, columns = (comb(table.sum(axis=a), 2).sum() for a in (1, 0))
    chance = rows * columns / comb(len(one), 2)
    return float((both - chance) / ((rows + columns) / 2 - chance))
