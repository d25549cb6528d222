"""A transformer: its formulas written out, what it sees, how it is drawn."""

from math import erf, sqrt

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scalinglib.networks import Transformer  # noqa: E402


@pytest.fixture
def net():
    """A small one, of double precision, whose gains are not all one."""
    torch.manual_seed(0)
    net = Transformer(5, width=8, layers=2, heads=2).double()
    for name, array in net.named_parameters():
        if "norm" in name or "before" in name:
            array.data.uniform_(0.5, 2)
    return net


def scores(net, ids):
    """Scores of one row as numpy: place by place, token by token, without torch."""
    held = {name: array.numpy(force=True) for name, array in net.named_parameters()}
    E = held["tokens.weight"]
    V, W = len(E) - 1, E.shape[1]
    x = sqrt(W) * E[[V, *ids[:-1]]]
    for layer in range(2):
        own = {
            name.removeprefix(f"layers.{layer}."): array for name, array in held.items()
        }
        normed = [normal(row) * own["before_attention.weight"] for row in x]
        q, k, v = np.split(np.array(normed) @ own["seen.weight"].T, 3, axis=1)
        heard = np.zeros_like(x)
        for i in range(len(x)):
            for head in (slice(0, 4), slice(4, 8)):
                # Two pairs of features: one turns by 1 a token, the other by 0.1.
                weights = [
                    np.exp(turned(q[i, head], i) @ turned(k[j, head], j) / sqrt(4))
                    for j in range(i + 1)
                ]
                heard[i, head] = weights @ v[: i + 1, head] / sum(weights)
        x = x + heard @ own["heard.weight"].T
        for i in range(len(x)):
            h = own["up.weight"] @ (normal(x[i]) * own["before_network.weight"])
            h = [z * (1 + erf(z / sqrt(2))) / 2 for z in h]
            x[i] = x[i] + own["down.weight"] @ h
    return np.array([normal(row) * held["norm.weight"] for row in x]) @ E[:V].T


def normal(row):
    """Of mean zero and variance one."""
    return (row - row.mean()) / np.sqrt(row.var() + 1e-5)


def turned(z, place):
    """Features (a, b) of a head as complex numbers, turned."""
    a = (z[:2] + 1j * z[2:]) * np.exp(1j * place * np.array([1.0, 0.1]))
    return np.concatenate([a.real, a.imag])


def test_scores_are_those_of_the_formulas(net):
    """Against loops over places, heads and tokens."""
    ids = np.random.default_rng(0).integers(5, size=(3, 7))
    with torch.no_grad():
        found = net(torch.from_numpy(ids)).numpy()
    expected = [scores(net, row) for row in ids]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_no_token_sees_itself_or_what_follows(net):
    """A changed token changes scores after it, all of them, and none before."""
    ids = torch.tensor([[0, 1, 2, 3, 4, 0, 1]])
    changed = ids.clone()
    changed[0, 3] = 0
    with torch.no_grad():
        moved = (net(ids) - net(changed))[0].abs().amax(dim=-1)
    assert (moved[:4] == 0).all()
    assert (moved[4:] > 1e-6).all()


def test_order_matters(net):
    """The same tokens before, in another order, give other scores."""
    with torch.no_grad():
        found = net(torch.tensor([[0, 1, 2, 3], [1, 0, 2, 3]]))[:, -1]
    assert (found[0] - found[1]).abs().max() > 1e-3


@pytest.mark.parametrize(("width", "layers", "heads"), [(16, 1, 2), (32, 3, 4)])
def test_number_of_parameters(width, layers, heads):
    """12 W² and two gains in a layer, embeddings, the last gain."""
    net = Transformer(7, width=width, layers=layers, heads=heads)
    expected = layers * (12 * width**2 + 2 * width) + 8 * width + width
    assert sum(array.numel() for array in net.parameters()) == expected


def test_how_it_is_drawn():
    """Variances of the matrices, to five of their standard errors."""
    torch.manual_seed(0)
    net = Transformer(500, width=64, layers=8)
    layer = net.layers[0]
    expected = {
        net.tokens: 1 / 64,
        layer.seen: 1 / 4 / 64,
        layer.up: 1 / 4 / 64,
        layer.heard: 1 / 4 / 64 / 16,
        layer.down: 1 / 4 / 256 / 16,
    }
    for part, variance in expected.items():
        found = part.weight.square().mean().item()
        within = 5 * sqrt(2 / part.weight.numel())
        assert found == pytest.approx(variance, rel=within)
    assert all((gain.weight == 1).all() for gain in (net.norm, layer.before_network))


def test_dropout_is_for_training_only():
    """Two passes in training differ, two passes in use do not."""
    torch.manual_seed(0)
    net, ids = Transformer(5, width=8, heads=2, dropout=0.5), torch.arange(5)[None]
    assert not torch.equal(net.train()(ids), net.train()(ids))
    assert torch.equal(net.eval()(ids), net.eval()(ids))
    plain = Transformer(5, width=8, heads=2)
    assert torch.equal(plain.train()(ids), plain.train()(ids))


@pytest.mark.parametrize("place", ["tokens", "heard", "down"])
def test_features_are_left_out_in_three_places(place):
    """Of the embeddings and of what each half of a layer adds, and nowhere else."""
    torch.manual_seed(0)
    net = Transformer(5, width=8, layers=1, heads=2, dropout=0.5).train()
    ids = torch.tensor([[0, 1, 2]])

    def silence(name):
        """No features left out here, or none there that could be."""
        if name == "tokens":
            net.dropout.p = 0.0
        else:
            getattr(net.layers[0], name).weight.data[:] = 0.0

    for other in {"tokens", "heard", "down"} - {place}:
        silence(other)
    assert not torch.equal(net(ids), net(ids))
    silence(place)
    assert torch.equal(net(ids), net(ids))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"V": 0}, "V must be at least 1"),
        ({"width": 12}, "width must be a multiple of twice heads, 8, got 12"),
        ({"width": 0}, "width must be at least 2"),
        ({"heads": 0}, "heads must be at least 1"),
        ({"layers": 1.5}, "layers must be a whole number"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\)"),
        ({"dropout": -0.1}, "dropout must be"),
    ],
)
def test_what_is_refused(change, said):
    """By name, with what is accepted."""
    with pytest.raises(ValueError, match=said):
        Transformer(**{"V": 5, "width": 8} | change)
