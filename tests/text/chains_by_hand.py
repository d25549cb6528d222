"""A chain of few tokens and short memory, all of whose pasts are gone through."""

import numpy as np


def states(chain):
    """All pasts (S, T), latest token first, how likely each is, and what follows."""
    V, T = chain.V, chain.reach
    pasts = np.arange(V**T)[:, None] // V ** np.arange(T) % V
    follows = chain.epsilon / V + np.stack(
        [(pasts == a) @ chain.coefficients for a in range(V)], axis=1
    )
    after = (np.arange(V**T)[:, None] * V + np.arange(V)) % V**T
    likely = np.full(V**T, 1 / V**T)
    for _ in range(500):
        likely = np.bincount(after.ravel(), (likely[:, None] * follows).ravel())
    return pasts, likely, follows


def covariances(chain, lags):
    """Covariances of one-hot tokens at these lags, shorter than the memory."""
    pasts, likely, follows = states(chain)
    one_hot = np.eye(chain.V)[pasts]
    joint = [np.einsum("s,sa,sb->ab", likely, follows, one_hot[:, n - 1]) for n in lags]
    return np.array(joint) - 1 / chain.V**2


def entropies(chain):
    """Entropy of a token given the n before it, n = 0 to T."""
    _, likely, follows = states(chain)
    V, S = follows.shape[1], len(likely)
    found = []
    for n in range(chain.reach + 1):
        seen = np.arange(S) % V**n
        joint = [np.bincount(seen, likely * follows[:, a]) for a in range(V)]
        joint = np.array(joint)
        found.append(-(joint * np.log(joint / joint.sum(axis=0))).sum())
    return np.array(found)
