"""Transformers that learn a text: what they learn, by which rule, from which rows."""

from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scalinglib.networks import language, language_model  # noqa: E402
from scalinglib.text import characters  # noqa: E402

SMALL = {"width": 16, "heads": 2, "context": 8, "batch": 16, "rate": 0.01, "rng": 0}


@pytest.fixture(scope="module")
def chain():
    """Blocks of a Markov chain of order 1 on three tokens, and its H_0 and H_1."""
    rng = np.random.default_rng(0)
    T = np.array([[0.8, 0.15, 0.05], [0.1, 0.1, 0.8], [0.3, 0.6, 0.1]])
    states = [0]
    for u in rng.random(2**15 - 1):
        states.append(int(np.searchsorted(T[states[-1]].cumsum(), u)))
    pi = np.linalg.matrix_power(T, 100)[0]
    H = -(pi @ np.log(pi)), -(pi @ (T * np.log(T)).sum(axis=1))
    return np.array(states).reshape(-1, 64), H


@pytest.fixture(scope="module")
def model(chain):
    """What learned half of these blocks."""
    learn = language_model(3, steps=200, keep=[0, 20], **SMALL)
    return learn(chain[0][:256])


def test_what_a_chain_leaves_is_learned(chain, model):
    """One token known is as good as seven, without any it is the entropy of each."""
    blocks, (H_0, H_1) = chain
    nats = model.losses(blocks[256:])
    L_n, error = nats.mean(axis=0), nats.std(axis=0) / np.sqrt(len(nats))
    assert nats.shape == (256 * 8, 8)
    assert abs(L_n[0] - H_0) < 0.01 + 3 * error[0]
    assert (abs(L_n[1:] - H_1) < 0.01 + 3 * error[1:]).all()
    # And no better than can be known.
    assert nats[:, 1:].mean() > H_1 - 3 * nats[:, 1:].std() / np.sqrt(nats.size)


def test_losses_are_of_probabilities(model):
    """Over all tokens that could stand at a place these sum to one."""
    row = [0, 1, 2, 2, 1, 0, 1, 2]
    for place in range(8):
        rows = [[*row[:place], last, *row[place + 1 :]] for last in range(3)]
        assert np.exp(-model.losses(rows)[:, place]).sum() == pytest.approx(1, abs=1e-5)


def test_what_was_kept(chain, model):
    """The start knows nothing of the text, and every step something more."""
    assert list(model.path) == [0, 20]
    stages = [*model.path.values(), model]
    losses = [stage.losses(chain[0][256:]).mean() for stage in stages]
    assert losses[0] > losses[1] + 0.1 > losses[2] + 0.1
    assert {stage.P for stage in stages} == {model.P} == {2 * (12 * 256 + 32) + 5 * 16}


def test_blocks_are_cut_into_rows(model):
    """Each row knows nothing of the one before, and what is left over is dropped."""
    blocks = np.random.default_rng(1).integers(3, size=(2, 19))
    rows = [block[i : i + 8] for block in blocks for i in (0, 8)]
    alone = np.concatenate([model.losses(row) for row in rows])
    np.testing.assert_allclose(model.losses(blocks), alone, atol=1e-5)


def test_a_text_may_be_tokens():
    """Of the vocabulary that was learned."""
    tokens = characters("abcabcabcabc" * 10)
    model = language_model(tokens.V, steps=2, **SMALL)(tokens)
    np.testing.assert_array_equal(model.losses(tokens), model.losses(tokens.ids))


def test_the_same_seed_is_the_same_model(chain):
    """Whatever torch had drawn before; and its state is left as it was."""
    blocks = chain[0][:8]
    learn = language_model(3, steps=3, dropout=0.3, **SMALL)
    found = []
    for state in (1, 2):
        torch.manual_seed(state)
        before = torch.get_rng_state()
        found.append(learn(blocks).losses(blocks))
        assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(*found)
    other = language_model(3, steps=3, dropout=0.3, **SMALL | {"rng": 1})
    assert (other(blocks).losses(blocks) != found[0]).any()
    undropped = language_model(3, steps=3, **SMALL)
    assert (undropped(blocks).losses(blocks) != found[0]).any()


def test_rows_are_from_everywhere_within_blocks():
    """Each window of each block is as likely as any other, and none crosses an end."""
    blocks = np.arange(3 * 10).reshape(3, 10)
    rng = np.random.default_rng(0)
    rows = torch.cat([language._rows(blocks, 4, 50, rng) for _ in range(84)]).numpy()
    np.testing.assert_array_equal(np.diff(rows), 1)
    first, counts = np.unique(rows[:, 0], return_counts=True)
    assert first.tolist() == [i for i in range(30) if i % 10 <= 6]
    # 4200 rows on 21 windows: 200 each, with a spread of 14.
    assert abs(counts - 200).max() < 60
    assert 9 < counts.std() < 20


def adamw(arrays, steps, rate, decay):
    """Steps of AdamW in numpy: yields nothing, is sent gradients, returns arrays."""
    moments = [(np.zeros_like(a), np.zeros_like(a)) for a in arrays]
    for t in range(1, steps + 1):
        gradients = yield arrays
        longest = np.sqrt(sum((g**2).sum() for g in gradients))
        gradients = [g / max(1.0, longest) for g in gradients]
        moments = [
            (0.9 * m + 0.1 * g, 0.98 * v + 0.02 * g**2)
            for (m, v), g in zip(moments, gradients, strict=True)
        ]
        eta = rate * (1 + np.cos(np.pi * (t - 1) / steps)) / 2
        arrays = [
            a * (1 - eta * decay * (a.ndim == 2))
            - eta * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.98**t)) + 1e-8)
            for a, (m, v) in zip(arrays, moments, strict=True)
        ]
    yield arrays


@pytest.mark.parametrize("rate", [1e-3, 0.5])
def test_steps_are_those_of_adamw(rate):
    """Written out, from the gradients: decay of matrices, long gradients shortened."""
    blocks, steps = np.random.default_rng(0).integers(3, size=(4, 16)), 6
    options = SMALL | {"rate": rate, "decay": 0.3, "dtype": "float64"}
    model = language_model(3, steps=steps, keep=range(steps), **options)(blocks)
    stages = [*(stage.net for stage in model.path.values()), model.net]
    source = np.random.default_rng(0)
    source.integers(2**63)  # the seed of the parameters
    rule, longest = None, []
    for before, after in pairwise(stages):
        arrays = [array.numpy() for array in before.parameters()]
        rule = rule or adamw(arrays, steps, rate, 0.3)
        rule.send(None) if before is stages[0] else None
        rows = language._rows(blocks, 8, 16, source)
        before.requires_grad_(True)
        loss = torch.nn.functional.cross_entropy(before(rows).mT, rows)
        gradients = torch.autograd.grad(loss, list(before.parameters()))
        longest.append(float(sum((g**2).sum() for g in gradients) ** 0.5))
        expected = rule.send([g.numpy() for g in gradients])
        for array, right in zip(after.parameters(), expected, strict=True):
            # torch divides by the length and a millionth.
            np.testing.assert_allclose(array.detach(), right, atol=1e-5 * rate)
    assert max(longest) > 1
    assert rate < 0.5 or min(longest) < 1  # not all of them are shortened


def test_each_seed_draws_parameters_of_its_own():
    """And the same seed the same ones, whatever the text."""
    starts = [
        language_model(3, steps=1, keep=[0], **SMALL | {"rng": seed})(text)
        for seed, text in [(0, [0, 1] * 8), (0, [1, 2] * 8), (1, [0, 1] * 8)]
    ]
    first, same, other = (next(m.path[0].net.parameters()) for m in starts)
    assert torch.equal(first, same)
    assert (first != other).all()


def test_the_rate_rises_first():
    """In a tenth of the steps, and at most a hundred."""
    for steps, warm in [(5, 1), (40, 4), (1200, 100)]:
        rates = np.array(language._rates(0.5, [0.8] * steps))
        np.testing.assert_allclose(rates[:warm], 0.4 * np.arange(1, warm + 1) / warm)
        np.testing.assert_allclose(rates[warm:], 0.4)


def test_a_rate_too_large_is_told():
    """And nothing that is not a number is returned."""
    learn = language_model(3, steps=20, **SMALL | {"rate": 1e25})
    with pytest.raises(ValueError, match=r"rate must be smaller: the loss is"):
        learn([0, 1, 2, 1] * 10)


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ([0, 1, 2], r"tokens must be \(L,\) or \(B, L\) with L of 8"),
        (np.zeros((0, 9), int), "tokens must be"),
        (np.zeros((2, 2, 9), int), "tokens must be"),
        ([0, 1, 2, 3] * 5, "tokens must be whole numbers from 0 to V − 1 = 2, got 0"),
        ([0, 1, -1] * 5, "got -1 to 1"),
        ([0.0, 1.0] * 5, "of float64"),
        ("abcabcabc", "tokens must hold real numbers"),
        (None, "tokens must"),
    ],
)
def test_what_is_no_text(model, tokens, said):
    """To learn from, or to be tried on."""
    for use in (language_model(3, steps=1, **SMALL), model.losses):
        with pytest.raises(ValueError, match=said):
            use(tokens)
