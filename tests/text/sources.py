"""Languages of which the entropies are known."""

import numpy as np


def markov(V, *, concentration, rng):
    """Transitions (V, V, V) from two tokens to the next one."""
    return rng.dirichlet(np.full(V, concentration), size=(V, V))


def sample(transitions, D, rng, *, chains=500):
    """D tokens in many chains at once, one after the other."""
    V = len(transitions)
    cumulative = transitions.cumsum(axis=-1)
    length = -(-D // chains) + 60  # and what forgets the start
    tokens = rng.integers(V, size=(length, chains))
    for t in range(2, length):
        ends = cumulative[tokens[t - 2], tokens[t - 1]]
        tokens[t] = (ends < rng.random((chains, 1))).sum(axis=-1).clip(max=V - 1)
    return tokens[60:].T.ravel()[:D]


def entropies(transitions):
    """H_0, H_1 and H_2 = H_3 = …, exactly."""
    V = len(transitions)
    pairs = np.full((V, V), 1 / V**2)
    for _ in range(2000):
        pairs = np.einsum("ab,abc->bc", pairs, transitions)
    of_pairs, of_one = (_entropy(p) for p in (pairs, pairs.sum(axis=1)))
    of_three = _entropy(pairs[..., None] * transitions)
    return np.array([of_one, of_pairs - of_one, of_three - of_pairs])


def _entropy(p):
    """In nats."""
    p = p[p > 0]
    return -(p * np.log(p)).sum()
