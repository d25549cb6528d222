"""Sentences of a random hierarchy have its statistics; its learners its thresholds."""

from itertools import product

import numpy as np
import pytest
from thorough import exhaustive, long, some

from scalinglib.text import RandomHierarchy, pair_clustering, sentences_needed
from scalinglib.text.hierarchy_learners import _adjusted_rand_index, _clusters

FIVE = [RandomHierarchy(rng=seed) for seed in range(5)]
TINY = RandomHierarchy(v=3, m=2, L=2, rng=1)


def derivations(grammar):
    """All sentences of two heights, each once: all derivations differ in them."""
    found = []
    for z, k in product(range(grammar.v), range(grammar.m)):
        left, right = grammar.rules[1, z, k]
        for a, b in product(grammar.rules[0, left], grammar.rules[0, right]):
            found.append([*a, *b])
    return np.array(found)


def test_a_grammar_is_unambiguous():
    """No pair stands for two symbols of a height, and each has m."""
    for grammar in *FIVE, RandomHierarchy(v=9, m=8, L=2, rng=0):
        v, m, L = grammar.v, grammar.m, grammar.L
        assert grammar.rules.shape == (L, v, m, 2)
        for rules in grammar.rules:
            assert len({tuple(pair) for pair in rules.reshape(-1, 2)}) == v * m
            assert rules.min() >= 0
            assert rules.max() < v
    assert (RandomHierarchy(rng=0).rules == FIVE[0].rules).all()
    assert (RandomHierarchy(rng=1).rules != FIVE[0].rules).any()


def test_exponents_are_those_of_the_rules():
    """log₂ m and log₂ v/m, and half their ratio."""
    grammar = RandomHierarchy(v=32, m=4, rng=0)
    assert (grammar.beta, grammar.gamma, grammar.alpha) == (2, 3, 0.75)


def test_every_derivation_is_as_likely():
    """Each sentence of a tiny grammar occurs within four errors of its share."""
    all_of_them = {tuple(s): i for i, s in enumerate(derivations(TINY))}
    assert len(all_of_them) == 3 * 2**3
    sentences = TINY.sample(40_000, rng=0)
    which = [all_of_them[tuple(s)] for s in sentences.tolist()]
    share = np.bincount(which, minlength=24) / 40_000
    assert (abs(share - 1 / 24) < 4 * np.sqrt(1 / 24 / 40_000)).all()


def test_sentences_are_parsed():
    """Symbols of each height are those of which the next ones are pairs."""
    grammar = FIVE[0]
    sentences = grammar.sample(500, rng=0)
    assert sentences.shape == (500, 16)
    assert (grammar.parse(sentences, 0) == sentences).all()
    below = sentences
    for h in range(1, 5):
        above = grammar.parse(sentences, h)
        pairs = below.reshape(500, -1, 2)
        stands = grammar.rules[h - 1][above] == pairs[:, :, None]
        assert (stands.all(axis=-1).sum(axis=-1) == 1).all()
        below = above
    assert below.shape == (500, 1)
    share = np.bincount(below[:, 0], minlength=8) / 500
    assert (abs(share - 1 / 8) < 4 * np.sqrt(7 / 64 / 500)).all()


def test_covariances_are_those_of_all_sentences():
    """At all pairs of places, by counting through the derivations."""
    one_hot = np.eye(3)[derivations(TINY)]
    for i, j in zip(*np.triu_indices(4, 1), strict=True):
        joint = np.einsum("sa,sb->ab", one_hot[:, i], one_hot[:, j]) / len(one_hot)
        product_ = np.outer(one_hot[:, i].mean(axis=0), one_hot[:, j].mean(axis=0))
        found = TINY.covariance(int(i), int(j))
        np.testing.assert_allclose(found, joint - product_, atol=1e-15)


@long
def test_covariances_are_those_of_a_sample():
    """Of sixteen leaves, within four standard errors, at every height."""
    grammar, D = FIVE[1], 100_000
    one_hot = np.eye(8)[grammar.sample(D, rng=0)]
    for i, j in (4, 5), (1, 3), (10, 13), (2, 15):
        joint = one_hot[:, i].T @ one_hot[:, j] / D
        left, right = (one_hot[:, k].mean(axis=0) for k in (i, j))
        error = np.sqrt(np.outer(left, right) / D)
        off = joint - np.outer(left, right) - grammar.covariance(i, j)
        assert (abs(off) <= 4.5 * error).all()


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_correlation_is_the_mean_over_pairs_of_places(k):
    """Root mean square of covariances of all leaves whose paths meet there."""
    places = [(i, j) for i in range(16) for j in range(i + 1, 16)]
    meet = [(i, j) for i, j in places if i >> k == j >> k and i >> k - 1 != j >> k - 1]
    for grammar in FIVE[:2]:
        squares = [np.sum(grammar.covariance(i, j) ** 2) for i, j in meet]
        np.testing.assert_allclose(grammar.correlation(k) ** 2, np.mean(squares))


def test_correlations_fall_by_m_for_each_height():
    """Of five grammars β is near log₂ m = 2."""
    C = np.mean([[g.correlation(k) for k in (1, 2, 3, 4)] for g in FIVE], axis=0)
    assert abs(-np.polyfit([1, 2, 3, 4], np.log2(C), 1)[0] - FIVE[0].beta) < 0.25


@pytest.mark.parametrize("m", [4, 8])
def test_a_height_costs_m_and_that_shares_sum_to_one(m):
    """C² falls by (1 − 1/v)² / m², and a root leaves (1 − f) (1 − 1/v)² / vm."""
    v, rest = 32, (1 - 1 / 32) ** 2
    grammars = [RandomHierarchy(v, m, rng=seed) for seed in range(100)]
    squares = np.array([[g.correlation(k) ** 2 for k in (1, 2, 3)] for g in grammars])
    fall = np.log(squares[:, :-1] / squares[:, 1:]) - np.log(m**2 / rest)
    error = fall.std(ddof=1) / np.sqrt(fall.size)
    assert error < 0.02
    assert abs(fall.mean()) < 4 * error
    roots = [RandomHierarchy(v, m, L=1, rng=seed) for seed in range(200)]
    squares = np.array([g.correlation(1) ** 2 for g in roots]) * v * m / (1 - m / v)
    assert abs(squares.mean() / rest - 1) < 0.005


def test_entropies_are_those_of_all_sentences():
    """Of the last token given nothing, its sibling, and all three others."""
    sentences = derivations(TINY)

    def entropy(rows):
        share = np.unique(rows, axis=0, return_counts=True)[1] / len(rows)
        return -np.sum(share * np.log(share))

    for h in 0, 1, 2:
        seen = sentences[:, 4 - 2**h :]
        given = entropy(seen) - (entropy(seen[:, :-1]) if h else 0)
        np.testing.assert_allclose(TINY.entropy(h), given, atol=1e-13)


def test_entropies_fall_to_what_the_parents_leave():
    """With height, never below the entropy given sibling and parent."""
    for grammar in FIVE:
        H = np.array([grammar.entropy(h) for h in range(5)])
        assert (np.diff(H) < 0).all()
        assert H[0] <= np.log(8)
        parent = grammar.parse(sentences := grammar.sample(50_000, rng=0), 1)[:, -1]
        joint = np.zeros((8, 8, 8))
        np.add.at(joint, (parent, sentences[:, -2], sentences[:, -1]), 1 / 50_000)
        seen = np.broadcast_to(joint.sum(axis=2, keepdims=True), joint.shape)
        there = joint > 0
        floor = -np.sum(joint[there] * np.log(joint[there] / seen[there]))
        assert H[-1] > floor


def test_agreement_of_clusters():
    """1 for the same clusters renamed; by hand for a small table; 0 by lot."""
    rng = np.random.default_rng(0)
    one = rng.integers(4, size=30)
    assert _adjusted_rand_index(one, 3 - one) == pytest.approx(1)
    # Hubert and Arabie: index 2, expected 6 · 3 / 15, at most (6 + 3) / 2.
    found = _adjusted_rand_index([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2])
    assert found == pytest.approx((2 - 1.2) / (4.5 - 1.2))
    lots = [_adjusted_rand_index(one, rng.permutation(one)) for _ in range(2000)]
    assert abs(np.mean(lots)) < 4 * np.std(lots) / np.sqrt(2000)


def test_clusters_are_those_planted():
    """Far apart they are found, one empty cluster more or less."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(8), 4)
    points = rng.normal(0, 5, (8, 6))[truth] + rng.normal(0, 0.1, (32, 6))
    assert _adjusted_rand_index(truth, _clusters(points, 8, rng)) == pytest.approx(1)
    assert len(_clusters(np.zeros((5, 2)), 3, rng)) == 5


@pytest.mark.parametrize("by", ["tokens", "latents"])
def test_pairs_are_sorted_with_enough_sentences(by):
    """Hardly with few, well with many."""
    grammar = RandomHierarchy(L=2, rng=0)
    few, many = (
        np.mean(
            [
                pair_clustering(grammar, grammar.sample(D, rng=t), 1, by=by, rng=t)
                for t in range(5)
            ]
        )
        for D in (64, 30_000)
    )
    assert few < 0.3
    assert many > 0.95


def test_sentences_needed_are_those_that_suffice():
    """Fewer for a lower score; other texts of half as many miss it, of twice do not."""
    grammar, seeds = RandomHierarchy(L=2, rng=0), some(range(12), 6)
    low, high = (
        np.array([sentences_needed(grammar, 1, score=s, rng=t) for t in seeds])
        for s in (0.4, 0.7)
    )
    assert (low < high).all()
    steps = 4 * np.log2(np.unique([low, high]) / 16)
    assert np.diff(steps).min() == pytest.approx(1, abs=0.01)

    def score(D):
        texts = (grammar.sample(D, rng=100 + t) for t in seeds)
        return np.mean([pair_clustering(grammar, t, 1, rng=0) for t in texts])

    middle = int(np.median(high))
    assert score(middle // 2) < 0.7 < score(2 * middle)
    assert score(int(np.median(low)) // 2) < 0.4 < score(2 * int(np.median(low)))


def numbers(by, heights, grammars):
    """Sentences needed, the geometric mean over grammars."""
    found = [
        [sentences_needed(g, h, by=by, most=1 << 22, rng=1) for h in heights]
        for g in grammars
    ]
    return np.exp(np.log(found).mean(axis=0))


@long
def test_tokens_need_more_sentences_high_up_than_latents():
    """From height 1 to 2: ten to twenty-five times as many, and twice as many."""
    grammars = [RandomHierarchy(rng=seed) for seed in range(10)]
    first, second = numbers("tokens", (1, 2), grammars)
    assert 10 < second / first < 25
    first, second = numbers("latents", (1, 2), grammars)
    assert 1 / 1.5 < second / first / 2 < 1.5


@exhaustive
def test_thresholds_at_all_heights():
    """By tokens ten to twenty-five times as many, by latents as many pairs."""
    grammars = [RandomHierarchy(rng=seed) for seed in range(40)]
    needed = numbers("tokens", (1, 2, 3), grammars)
    growth = needed[1:] / needed[:-1]
    assert (growth > 10).all()
    assert (growth < 25).all()
    pairs = numbers("latents", (1, 2, 3), grammars) * [4, 2, 1]
    assert pairs.max() / pairs.min() < 1.5
    assert needed[-1] > 50 * pairs[-1]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"v": 2}, "v must be at least 3"),
        ({"m": 1}, "m must be at least 2"),
        ({"m": 8}, "m must be from 2 to v - 1 = 7, got 8"),
        ({"L": 0}, "L must be at least 1"),
        ({"rng": -1}, "rng must be"),
    ],
)
def test_grammars_that_cannot_be_are_refused(bad, said):
    """With what is accepted."""
    with pytest.raises(ValueError, match=said):
        RandomHierarchy(**{"rng": 0, **bad})


def test_what_is_not_of_a_grammar_is_refused():
    """Places, heights and tokens that it does not have."""
    with pytest.raises(ValueError, match="j must be from i"):
        TINY.covariance(2, 2)
    with pytest.raises(ValueError, match="j must be from i"):
        TINY.covariance(0, 4)
    with pytest.raises(ValueError, match="h must be at most L = 2"):
        TINY.entropy(3)
    with pytest.raises(ValueError, match="h must be lower, got 4"):
        RandomHierarchy(v=100, rng=0).entropy(4)
    with pytest.raises(ValueError, match="k must be at least 1"):
        TINY.correlation(0)
    wrong = next(p for p in product(range(3), repeat=2) if not is_rule(p))
    with pytest.raises(ValueError, match="tokens must be of this grammar, row 0"):
        TINY.parse([wrong], 1)
    with pytest.raises(ValueError, match=r"tokens must be .* a multiple of 4"):
        TINY.parse([[0, 0]], 2)
    with pytest.raises(ValueError, match="most must be more, got 32"):
        sentences_needed(TINY, 1, score=0.999, most=32, rng=0)


def is_rule(pair):
    """Whether a pair stands for a symbol of height 1."""
    return list(pair) in TINY.rules[0].reshape(-1, 2).tolist()
