"""Blocks of a text, whose differences tell an error that knows of bursts.

A word that came once soon comes again: tokens are not independent, but long blocks of
them nearly are.
"""

import numpy as np
from scipy.linalg import hadamard

BLOCKS = 20  # the degrees of freedom of an error are one less
HALVED = 16  # where half of them are left out at a time


def counts(blocks, V):
    """How often each token occurs in some blocks together."""
    return np.bincount(np.concatenate(blocks), minlength=V)


def jackknife_error(without):
    """Standard error from the estimates without each of the blocks, along axis 0."""
    without = np.asarray(without)
    return np.sqrt((len(without) - 1) * without.var(axis=0))


def balanced_halves():
    """Which of the blocks are in each half of them: in turn a half, and its rest.

    Any two blocks are as often together as apart, so that for what is linear in the
    blocks `halves_error` is the error from their scatter.
    """
    one = hadamard(HALVED)[1:] > 0
    return np.stack([one, ~one], axis=1).reshape(-1, HALVED)


def halves_error(found):
    """Standard error from the estimates of `balanced_halves`, along axis 0.

    What counts ranks is not smooth: a block left out moves it as noise does, not as a
    twentieth of it. Half of the text left out is as much as there is noise.
    """
    found = np.asarray(found)
    return np.sqrt((((found[::2] - found[1::2]) / 2) ** 2).mean(axis=0))


def refuse_without_tail(tokens, what):
    """Refuse tokens most of which have come often: characters, or a short list."""
    once = int((tokens.counts == 1).sum())
    if once < max(0.1 * tokens.V, 1):
        raise ValueError(
            f"tokens must have a tail of rare items, which {what} is about; of "
            f"{tokens.V} different {tokens.unit} only {once} occur once. Words of a "
            "text have one, its characters and byte pairs do not"
        )
