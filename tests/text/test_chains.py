"""A chain of copies is what it says; its learners lose what theory says."""

import numpy as np
import pytest
import xarray as xr
from chains_by_hand import covariances, entropies, states
from scipy.linalg import toeplitz
from thorough import exhaustive, long

from scalinglib.text import (
    AdditiveChain,
    ChainLearner,
    mean_divergence,
    quadratic_excess,
)

STEEP = pytest.mark.parametrize("s", [1.2, 1.5, 2.0])
SMALL = [
    AdditiveChain(1.5, V=2, reach=8),
    AdditiveChain(1.2, V=3, epsilon=0.4, reach=5),
    AdditiveChain.of_lags([1, 2, 4], [1, 3, 2], V=4, epsilon=0.6),
]
CHAINS = {s: AdditiveChain(s) for s in (1.2, 1.5, 2.0)}
SPARSE = AdditiveChain(1.2, spacing=2)


def slope(x, y):
    """Exponent with which y falls, all x alike."""
    return -np.polyfit(np.log(x), np.log(y), 1)[0]


def correlations_of(tokens, V, lags):
    """Correlations of a text, by counting."""
    same = np.array([np.sum(tokens[n:] == tokens[:-n]) for n in lags])
    return (same / (len(tokens) - lags) - 1 / V) / (1 - 1 / V)


def test_lags_are_powers_and_weights_a_distribution():
    """Lags up to the reach, weights that fall with them and sum to one."""
    assert SPARSE.lags.tolist() == [k**2 for k in range(1, 91)]
    assert SPARSE.reach == 90**2
    np.testing.assert_allclose(SPARSE.weights.sum(), 1)
    np.testing.assert_allclose(SPARSE.weights[1] / SPARSE.weights[0], 4**-1.2)
    assert AdditiveChain(2, spacing=3, reach=27).lags.tolist() == [1, 8, 27]
    assert AdditiveChain(2, spacing=3, reach=26).lags.tolist() == [1, 8]


def test_a_chain_of_given_lags_is_the_same():
    """With the lags and any multiple of the weights of a chain."""
    one = CHAINS[1.5]
    other = AdditiveChain.of_lags(one.lags, 7 * one.weights)
    n = np.arange(100)
    np.testing.assert_allclose(other.correlation(n), one.correlation(n), rtol=1e-12)
    assert (one.sample(99, rng=0) == other.sample(99, rng=0)).all()
    for flat in other, AdditiveChain(0.9, reach=9):
        with pytest.raises(ValueError, match="s must be above 1"):
            flat.gamma  # noqa: B018


@pytest.mark.parametrize("chain", SMALL, ids=str)
def test_covariances_are_those_of_all_pasts(chain):
    """C(n) is r(n) (1/V − 11ᵀ/V²), of norm r(n)/V, by a road without Fourier."""
    n = np.arange(1, chain.reach)
    found, r = covariances(chain, n), chain.correlation(n)
    shape = np.eye(chain.V) / chain.V - 1 / chain.V**2
    np.testing.assert_allclose(found, r[:, None, None] * shape, atol=1e-12)
    norm = np.linalg.norm(found, 2, axis=(1, 2))
    np.testing.assert_allclose(norm, r / chain.V, atol=1e-12)


@pytest.mark.parametrize("chain", [*CHAINS.values(), SPARSE], ids=str)
def test_correlations_solve_the_equations_of_yule_and_walker(chain):
    """At all lags, and E∞ is what they leave, and that of Kolmogorov and Szegő."""
    assert chain.correlation(0) == 1
    half = chain.correlation(np.arange(4 * chain.reach))
    full = np.r_[half[: chain.reach][:0:-1], half]
    predicted = np.convolve(full, np.r_[0, chain.coefficients])[chain.reach - 1 :]
    np.testing.assert_allclose(predicted[1 : len(half)], half[1:], atol=1e-14)
    left = 1 - chain.coefficients @ half[1 : chain.reach + 1]
    np.testing.assert_allclose(left, chain.unexplained, rtol=1e-13)
    density = np.fft.fft(np.r_[half, half[:0:-1]]).real
    geometric = np.exp(np.log(density).mean())
    np.testing.assert_allclose(geometric, chain.unexplained, rtol=1e-6)


def test_one_lag_forgets_by_a_factor_for_each_step():
    """r(kτ) = (1 − ε)^k, and nothing in between."""
    chain = AdditiveChain.of_lags([3], [1], epsilon=0.5)
    n = np.arange(13)
    expected = np.where(n % 3, 0, 0.5 ** (n // 3))
    np.testing.assert_allclose(chain.correlation(n), expected, atol=1e-13)
    np.testing.assert_allclose(chain.unexplained, 0.75)


def test_far_correlations_are_weights():
    """Beyond copies of copies, r is E∞ (1 − ε) w / ε³; labels stay."""
    chain = AdditiveChain(2.0, reach=1 << 15)
    n = xr.DataArray([1000, 3000], dims="n", coords={"n": [1000, 3000]})
    far = chain.unexplained * 0.2 * chain.weights[n.values - 1] / 0.8**3
    ratio = chain.correlation(n) / far
    assert ratio.dims == ("n",)
    assert (abs(ratio - 1) < 0.03).all()
    assert abs(ratio[1] - 1) < abs(ratio[0] - 1)


@STEEP
def test_exponents_of_statistics(s):
    """β at lags 16 to 256 and γ at orders 64 to 1024 are near s and 2s − 1."""
    chain = CHAINS[s]
    assert (chain.beta, chain.gamma) == (s, 2 * s - 1)
    n = np.arange(16, 257)
    assert abs(slope(n, chain.correlation(n)) - s) < 0.07
    n = np.arange(64, 1025)
    fall = slope(n, ChainLearner(chain).bias(n))
    assert abs(fall - chain.gamma) < (0.04 if s >= 1.5 else 0.02)


def test_exponents_of_sparse_lags():
    """At lags k², β is s, and γ, from one gap to the next, 2s − 1/2."""
    lags = SPARSE.lags[1:16]
    assert abs(slope(lags, SPARSE.correlation(lags)) - 1.2) < 0.01
    assert SPARSE.gamma == pytest.approx(1.9)
    middle = (lags[:-1] + lags[1:]) // 2  # between two lags the bias stands still
    assert abs(slope(middle, ChainLearner(SPARSE).bias(middle)) - 1.9) < 0.1


@pytest.mark.parametrize("V", [2, 3])
def test_bias_is_entropy_for_weak_copies(V):
    """H_n − H_T over the bias tends to 1, for two tokens twice as fast in 1 − ε."""
    off = []
    for rare in 0.2, 0.1, 0.05:
        chain = AdditiveChain(1.5, V=V, epsilon=1 - rare, reach=6)
        entropy = entropies(chain)
        ratio = (entropy[:-1] - entropy[-1]) / ChainLearner(chain).bias(np.arange(6))
        off.append(abs(ratio - 1).max())
    assert off[0] < 0.05
    fall = np.array(off[:-1]) / off[1:]
    assert (abs(np.log2(fall) - (2 if V == 2 else 1)) < 0.2).all()


@STEEP
def test_texts_have_these_correlations(s):
    """At lags 1 to 64 of 20 texts, in units of the error of independent tokens."""
    chain, n, D = CHAINS[s], np.arange(1, 65), 2**17
    found = [correlations_of(chain.sample(D, rng=t), 4, n) for t in range(20)]
    z = (np.array(found) - chain.correlation(n)) * np.sqrt(3 * (D - n))
    assert abs(np.sqrt(np.mean(z**2)) - 1) < 0.05
    assert abs(z).max() < 5
    assert abs(z.mean()) < 4 / np.sqrt(20)  # lags of one text are hardly independent


@long
def test_texts_are_stationary_from_their_first_token():
    """First tokens are correlated with the next as all are, on many short texts.

    Lines of copies are longer here than what is drawn of the past at first, and those
    of neighbours meet late.
    """
    chain = AdditiveChain.of_lags([4, 5], [1, 1], V=3, epsilon=0.02)
    n, rng = np.arange(1, 9), np.random.default_rng(0)
    texts = np.array([chain.sample(9, rng=rng) for _ in range(3000)])
    same = (texts[:, 1:] == texts[:, :1]).mean(axis=0)
    expected = 1 / 3 + chain.correlation(n) * 2 / 3
    error = np.sqrt(expected * (1 - expected) / len(texts))
    assert (abs(same - expected) < 4 * error).all()
    share = np.bincount(texts[:, 0], minlength=3) / len(texts)
    assert (abs(share - 1 / 3) < 4 * np.sqrt(2 / 9 / len(texts))).all()


def test_all_orders_are_solved_at_once():
    """What each order leaves is what a solver of linear equations leaves."""
    for chain in (CHAINS[1.5], AdditiveChain(1.2, V=3, epsilon=0.3, reach=60)):
        r = chain.correlation(np.arange(61))
        for n in 1, 2, 7, 60:
            weights = np.linalg.solve(toeplitz(r[:n]), r[1 : n + 1])
            left = 1 - weights @ r[1 : n + 1]
            loss = (chain.V - 1) / 2 * (left / chain.unexplained - 1)
            learner = ChainLearner(chain)
            np.testing.assert_allclose(learner.bias(n), loss, atol=1e-12)
            np.testing.assert_allclose(
                quadratic_excess(chain, weights), loss, atol=1e-12
            )


def test_who_is_told_all_lags_is_not_told_anything():
    """On dense lags the two learners are one, and so they are on a text."""
    chain = AdditiveChain(1.5, reach=40)
    dense, told = ChainLearner(chain), ChainLearner(chain, told=True)
    n, text = np.arange(41), chain.sample(5000, rng=0)
    np.testing.assert_allclose(told.bias(n), dense.bias(n), atol=1e-14)
    assert dense.bias(40) == told.bias(40) == 0
    one, other = (learner.fit(text, n[1:]) for learner in (dense, told))
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_excess_of_any_predictor_is_a_quadratic_form():
    """E = 1 − 2 ŵr + ŵRŵ, for predictors shorter and longer than the memory."""
    chain, rng = AdditiveChain(1.5, V=5, reach=6), np.random.default_rng(0)
    for n in 2, 6, 9:
        guess = rng.normal(0, 0.2, (3, n))
        r = chain.correlation(np.arange(n + 1))
        R = toeplitz(r[:n])
        error = 1 - 2 * guess @ r[1:] + np.einsum("ki,ij,kj->k", guess, R, guess)
        expected = 2 * (error / chain.unexplained - 1)
        np.testing.assert_allclose(quadratic_excess(chain, guess), expected)


def test_squared_errors_of_a_text_are_those_expected():
    """Squared error of one-hot tokens in excess of that of the true probabilities."""
    chain = SMALL[1]
    pasts, likely, follows = states(chain)
    guess = np.array([0.3, 0.0, -0.1])
    q = 1 / 3 + np.stack(
        [((pasts[:, :3] == a) - 1 / 3) @ guess for a in range(3)], axis=1
    )
    squares = likely @ ((follows - q) ** 2).sum(axis=1) * 3 / 2
    excess = quadratic_excess(chain, guess)
    np.testing.assert_allclose(excess, squares / chain.unexplained)


def test_divergence_is_that_of_the_definition():
    """On a text, token by token; on a long one, the mean over all pasts."""
    chain, guess = SMALL[1], np.array([0.3, 0.1, 0.1])
    pasts, likely, follows = states(chain)
    q = 1 / 3 + np.stack(
        [((pasts[:, :3] == a) - 1 / 3) @ guess for a in range(3)], axis=1
    )
    each = (follows * np.log(follows / q)).sum(axis=1)
    text = chain.sample(20_000, rng=0)
    codes = sum(text[4 - j : -1 - j] * 3**j for j in range(5))
    on_text = mean_divergence(chain, guess, text)
    np.testing.assert_allclose(on_text, each[codes].mean(), rtol=1e-10)
    assert abs(on_text / (likely @ each) - 1) < 0.05


@STEEP
def test_nats_are_near_the_quadratic_loss(s):
    """Within 10 % of it for ε = 0.8, the nearer the less a token depends on others."""
    off = []
    for epsilon in 0.8, 0.95:
        chain = AdditiveChain(s, epsilon=epsilon)
        text = chain.sample(2**17, rng=0)
        for guess in np.zeros(1), chain.coefficients[:4]:
            nats = mean_divergence(chain, guess, text)
            off.append(abs(nats / quadratic_excess(chain, guess) - 1))
    assert max(off[:2]) < 0.1
    assert max(off[2:]) < 0.03


def test_learning_is_least_squares():
    """On a text: regression of each one-hot token on those before it."""
    chain, n = AdditiveChain(1.5, epsilon=0.5), 5
    text = chain.sample(50_000, rng=0)
    y = np.eye(4)[text] - 1 / 4
    rows = np.stack([y[n - j : -j] for j in range(1, n + 1)], axis=-1)
    weights = np.linalg.lstsq(rows.reshape(-1, n), y[n:].ravel(), rcond=None)[0]
    found = ChainLearner(chain).fit(text, [n])
    expected = quadratic_excess(chain, weights)
    np.testing.assert_allclose(found, [expected], rtol=0.01)
    lags = SPARSE.lags[:3]
    told = ChainLearner(SPARSE, told=True).fit(text, [3])
    rows = np.stack([y[9 - j : len(y) - j] for j in lags], axis=-1)
    weights = np.zeros(9)
    weights[lags - 1] = np.linalg.lstsq(rows.reshape(-1, 3), y[9:].ravel(), rcond=None)[
        0
    ]
    np.testing.assert_allclose(told, quadratic_excess(SPARSE, [weights]), rtol=0.01)


def test_short_texts_are_not_closed_to_a_ring():
    """Yule and Walker's equations with the counts of forty tokens, to rounding."""
    text, n = CHAINS[2.0].sample(40, rng=0), 30
    y = np.eye(4)[text] - 1 / 4
    r = np.array([np.sum(y[k:] * y[: 40 - k]) for k in range(n + 1)]) / 30
    assert r[0] == 1
    weights = np.linalg.solve(toeplitz(r[:n]), r[1:])
    found = ChainLearner(CHAINS[2.0]).fit(text, [n])
    np.testing.assert_allclose(found, quadratic_excess(CHAINS[2.0], [weights]))


@pytest.mark.parametrize("V", [2, 4, 8])
def test_every_weight_costs_half_a_nat(V):
    """Over the number of tokens, whatever V is, within four standard errors."""
    chain, D, n = AdditiveChain(1.5, V=V, epsilon=0.9, reach=1024), 2**15, 400
    learner = ChainLearner(chain)
    losses = [learner.fit(chain.sample(D, rng=t), [n])[0] for t in range(24)]
    cost = (np.array(losses) - learner.bias(n)) * D / n
    error = cost.std(ddof=1) / np.sqrt(24)
    assert error < 0.02
    assert abs(cost.mean() - 0.5) < 4 * error
    assert abs(cost.std(ddof=1) / cost.mean() / np.sqrt(2 / n) - 1) < 0.5


def test_envelope_is_the_least_of_all_orders():
    """Found by going through them, with labels."""
    learner = ChainLearner(AdditiveChain(1.5, reach=500))
    D = xr.DataArray([1e3, 1e5], dims="D", coords={"D": [1e3, 1e5]})
    n = xr.DataArray(np.arange(501), dims="n")
    loss = learner.loss_of_order(n, D)
    assert loss.dims == ("n", "D")
    np.testing.assert_allclose(loss[7, 1], learner.bias(7) + 7 / 2e5)
    xr.testing.assert_allclose(learner.envelope(D), loss.min("n"))
    xr.testing.assert_equal(learner.best_order(D), loss.argmin("n"))
    two = np.log(learner.envelope(500.0) / learner.envelope(2000.0)) / np.log(4)
    np.testing.assert_allclose(learner.exponent(D)[0], two)
    assert learner.best_order(1e12) == 500
    np.testing.assert_allclose(learner.exponent(1e12), 1)


@STEEP
def test_data_exponent_tends_to_its_limit(s):
    """α of the closed form rises, and is 1 − 1/2s, or γ/2β, with D = 2^28."""
    learner, limit = ChainLearner(CHAINS[s]), 1 - 1 / (2 * s)
    chain = learner.chain
    assert limit == pytest.approx(chain.gamma / (2 * chain.beta))
    alpha = learner.exponent([2.0**12, 2.0**20, 2.0**28])
    assert (np.diff(alpha) > 0).all()
    assert abs(alpha[-1] - limit) < 0.005


@STEEP
def test_losses_collapse(s):
    """n^γ times the loss is A + 1/2x with x = D/n^2β, and another β does not do."""
    chain = CHAINS[s]
    learner, n = ChainLearner(chain), np.array([64, 128, 256, 512, 1024])
    x = np.geomspace(0.01, 100, 9)
    A = learner.bias(256) * 256.0**chain.gamma

    def scaled(beta):
        D = x * n[:, None] ** (2 * beta)
        return learner.loss_of_order(n[:, None], D) * n[:, None] ** chain.gamma

    expected = A + 1 / (2 * x)
    assert abs(np.log(scaled(chain.beta) / expected)).max() < 0.1
    assert abs(np.log(scaled(chain.beta + 0.1) / expected)).max() > 0.2


def test_who_is_told_the_lags_learns_faster():
    """Of lags k²: γ/2β if told, γ/(γ + 1) if not, by the closed forms."""
    dense, told = (ChainLearner(SPARSE, told=t) for t in (False, True))
    D = 2.0 ** np.arange(14, 19)
    gain = slope(D, told.envelope(D)) - slope(D, dense.envelope(D))
    assert gain > 0.05
    D = 2.0 ** np.arange(16, 29)
    gamma, beta = SPARSE.gamma, SPARSE.beta
    assert abs(slope(D, told.envelope(D)) - gamma / (2 * beta)) < 0.01
    assert abs(slope(D, dense.envelope(D)) - gamma / (gamma + 1)) < 0.02


def of_mean(learner, D, texts, orders):
    """Least mean loss of texts of D tokens."""
    rng = np.random.default_rng(D)
    losses = [learner.fit(learner.chain.sample(D, rng=rng), orders) for _ in texts]
    return np.mean(losses, axis=0).min()


@long
def test_learners_lose_what_theory_says():
    """On texts of 2^12 and 2^16 tokens, and with the exponent in between."""
    learner, D = ChainLearner(CHAINS[1.5]), np.array([2**12, 2**16])
    orders = np.unique(np.geomspace(1, 60, 20).astype(int))
    found = np.array([of_mean(learner, int(d), range(48), orders) for d in D])
    theory = learner.envelope(D)
    assert (abs(found / theory - 1) < 0.2).all()
    assert abs(slope(D, found) - slope(D, theory)) < 0.06


@exhaustive
@STEEP
def test_learners_lose_what_theory_says_everywhere(s):
    """From 2^10 to 2^20 tokens, more texts where each scatters more."""
    learner, D = ChainLearner(CHAINS[s]), 2 ** np.arange(10, 21)
    orders = np.unique(np.geomspace(1, 400, 24).astype(int))
    found = np.array(
        [of_mean(learner, int(d), range(32 if d > 2**14 else 128), orders) for d in D]
    )
    theory = learner.envelope(D)
    assert (abs(found / theory - 1) < 0.2).all()
    assert abs(slope(D, found) - slope(D, theory)) < 0.06


@exhaustive
def test_who_is_told_the_lags_learns_faster_from_texts():
    """From 2^14 to 2^18 tokens, each with the exponent of its closed form."""
    D, alpha = 2 ** np.arange(14, 19), []
    for told, orders in (False, np.arange(1, 61)), (True, np.arange(1, 21)):
        learner = ChainLearner(SPARSE, told=told)
        found = [of_mean(learner, int(d), range(64), orders) for d in D]
        alpha.append(slope(D, found))
        assert (abs(found / learner.envelope(D) - 1) < 0.2).all()
        assert abs(alpha[-1] - slope(D, learner.envelope(D))) < 0.06
    assert alpha[1] - alpha[0] > 0.05


def test_a_fit_is_refused_what_it_cannot_learn():
    """Orders whose lags the text does not have, more tokens than the chain."""
    learner = ChainLearner(SPARSE, told=True)
    text = SPARSE.sample(100, rng=0)
    with pytest.raises(ValueError, match=r"orders must be increasing .* to 9"):
        learner.fit(text, [1, 10])
    assert learner.fit(text, [9]).shape == (1,)
    with pytest.raises(ValueError, match="tokens must be of the chain's 4"):
        learner.fit(np.arange(5), [1])
    with pytest.raises(ValueError, match="chain must be an AdditiveChain, got str"):
        ChainLearner("chain")
    with pytest.raises(ValueError, match="told must be True or False"):
        ChainLearner(SPARSE, told=1)
    with pytest.raises(ValueError, match="n must be whole numbers from 0 to 90"):
        learner.bias(91)
    with pytest.raises(ValueError, match="coefficients must predict positive"):
        mean_divergence(SMALL[0], [2.0], SMALL[0].sample(99, rng=0))
    with pytest.raises(ValueError, match="coefficients must be those of one"):
        mean_divergence(SMALL[0], [[0.1]], SMALL[0].sample(99, rng=0))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"s": 0}, "s must be above zero"),
        ({"V": 1}, "V must be at least 2"),
        ({"epsilon": 0}, "epsilon must be above 0"),
        ({"epsilon": 1.0}, "epsilon must be above 0 and below 1"),
        ({"epsilon": "1"}, "epsilon must"),
        ({"reach": 0}, "reach must be at least 1"),
        ({"reach": 10**12}, "reach must be shorter or epsilon larger"),
        ({"epsilon": 1e-6}, "reach must be shorter or epsilon larger"),
        ({"spacing": 0.5}, "spacing must be a whole number"),
    ],
)
def test_chains_that_cannot_be_are_refused(bad, said):
    """With what is accepted."""
    with pytest.raises(ValueError, match=said):
        AdditiveChain(**{"s": 1.5, **bad})


@pytest.mark.parametrize(
    ("lags", "weights", "said"),
    [
        ([2, 1], [1, 1], "lags must be increasing"),
        ([1, 2], [1, 0], "weights must be finite and positive"),
        ([1, 2], [1], "weights must be 2"),
        ([10**15], [1], "reach must be shorter"),
    ],
)
def test_lags_and_weights_that_cannot_be_are_refused(lags, weights, said):
    """With what is accepted."""
    with pytest.raises(ValueError, match=said):
        AdditiveChain.of_lags(lags, weights)
