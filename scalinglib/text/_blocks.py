"""Blocks of a text, whose differences tell an error that knows of bursts.

A word that came once soon comes again: tokens are not independent, but long blocks of
them nearly are.
"""

import numpy as np

BLOCKS = 20  # the degrees of freedom of an error are one less


def counts(blocks, V):
    """How often each token occurs in some blocks together."""
    return np.bincount(np.concatenate(blocks), minlength=V)


def jackknife_error(without):
    """Standard error from the estimates without each of the blocks, along axis 0."""
    without = np.asarray(without)
    return np.sqrt((len(without) - 1) * without.var(axis=0))


def refuse_without_tail(tokens, what):
    """Refuse tokens most of which have come often: characters, or a short list."""
    once = int((tokens.counts == 1).sum())
    if once < max(0.1 * tokens.V, 1):
        raise ValueError(
            f"tokens must have a tail of rare items, which {what} is about; of "
            f"{tokens.V} different {tokens.unit} only {once} occur once. Words of a "
            "text have one, its characters and byte pairs do not"
        )
