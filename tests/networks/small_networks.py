"""Small networks, data for them, and the same in plain torch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scalinglib.networks import MLP, adam, gradient_descent  # noqa: E402

NETS = pytest.mark.parametrize(
    "net",
    [
        MLP([3, 2]),
        MLP([3, 5, 2]),
        MLP([3, 5, 2], "erf", "standard"),
        MLP([3, 5, 2], "tanh", bias=0.5),
        MLP([3, 6, 4, 2], "relu", "standard", bias=0.5),
        MLP([3, 6, 4, 2], "erf", bias=0.5),
        MLP([3, 6, 4, 2], "tanh"),
    ],
    ids=str,
)
ACTIVATIONS = {"relu": torch.relu, "erf": torch.erf, "tanh": torch.tanh}


def data(seed, shape=(8,), n=3, C=2, loss="mse"):
    """Draw inputs, and Gaussian targets or labels, of this leading shape."""
    rng = np.random.default_rng([seed, 7])
    X = rng.standard_normal((*shape, n))
    if loss == "mse":
        return X, rng.standard_normal((*shape, C))
    return X, rng.integers(C, size=shape)


def learner(net, name="momentum", **options):
    """Build a learner of a few steps."""
    if name == "adam":
        return adam(net, **{"rate": 0.03, "steps": 15, **options})
    options = {"rate": 0.05, "steps": 15, "momentum": 0.8, **options}
    return gradient_descent(net, **options)


def evaluate(net, theta, X):
    """Evaluate one network as the definition says, from a list of torch tensors."""
    theta, h = iter(theta), X
    ntk = net.parameterisation == "ntk"
    c = 2 if net.activation == "relu" else 1
    for layer, width in enumerate(net.widths[:-1]):
        h = ACTIVATIONS[net.activation](h) if layer else h
        h = h @ next(theta) * ((c / width) ** 0.5 if ntk and layer else 1)
        if net.bias:
            h = h + next(theta) * (net.bias if ntk else 1)
    return h


def close(actual, expected, tolerance=1e-12):
    """Assert agreement, relative to the largest entry."""
    expected = np.asarray(expected)
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)


def member(arrays, t):
    """One member of an ensemble, as an ensemble of one."""
    return tuple(a[t : t + 1] for a in arrays)


def torch_loss(f, Y, loss):
    """Evaluate a loss by torch."""
    if loss == "cross-entropy":
        return torch.nn.functional.cross_entropy(f, Y)
    return torch.nn.functional.mse_loss(f, Y) * f.shape[-1]


def module(net, parameters):
    """Build a torch module from one member of the standard parameterisation."""
    layers, arrays = [], iter(parameters)
    for fan_in, fan_out in zip(net.widths, net.widths[1:], strict=False):
        layers += [torch.nn.Linear(fan_in, fan_out, bool(net.bias)).double()]
        with torch.no_grad():
            layers[-1].weight.copy_(torch.tensor(next(arrays)[0].T))
            if net.bias:
                layers[-1].bias.copy_(torch.tensor(next(arrays)[0, 0]))
        layers += [torch.nn.Tanh() if net.activation == "tanh" else torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])
