"""Texts made up: of sentences that branch, and of parts that differ."""

import numpy as np


def branching(D, *, rng, letters="abcdef", rules=2, levels=7):
    """Sentences of a grammar: each symbol becomes one of its pairs, level after level.

    Tokens that are far apart have a common ancestor that is far up: correlations fall
    over all lags, and who knows more of what came before loses less.
    """
    rng = np.random.default_rng(rng)
    V = len(letters)
    pairs = rng.permutation(V * V)[: V * rules].reshape(V, rules)
    tree = rng.integers(V, size=(-(-D // 2**levels), 1))
    for _ in range(levels):
        chosen = pairs[tree, rng.integers(rules, size=tree.shape)]
        tree = np.stack(np.divmod(chosen, V), axis=-1).reshape(len(tree), -1)
    return "".join(np.array([*letters])[tree.ravel()[:D]])


def of_parts(D, *, part, rng):
    """Letters drawn alone, but from parts that prefer one of two, in turn."""
    rng = np.random.default_rng(rng)
    prefers = np.arange(D) // part % 2
    return "".join(np.where(rng.random(D) < np.where(prefers, 0.9, 0.1), "a", "b"))
