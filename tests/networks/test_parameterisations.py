"""Standard, NTK and maximal-update parameterisation: what they say at every width."""

import numpy as np
import pytest
from small_networks import close, data, learner
from thorough import first_of, long

torch = pytest.importorskip("torch")

from scalinglib.networks import MLP, adam, gradient_descent  # noqa: E402

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


@SEEDS
@pytest.mark.parametrize("bias", [0.0, 0.5])
def test_standard_and_ntk_are_one_function(seed, bias):
    """With the factors moved from the network to the parameters nothing changes."""
    choice = {"bias": bias, "input_scale": 0.3}
    ntk, standard = (
        MLP([3, 6, 4, 2], "relu", name, **choice) for name in ("ntk", "standard")
    )
    X = data(seed)[0]
    f = [net(net.initialise(2, rng=seed), X) for net in (ntk, standard)]
    close(*f)
    assert not np.allclose(f[0], MLP([3, 6, 4, 2])(MLP([3, 6, 4, 2]).initialise(2), X))


@SEEDS
@pytest.mark.parametrize("activation", ["relu", "erf"])
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_one_hidden_layer_of_mup_is_ntk_at_a_small_scale(seed, activation, name):
    """Its output is W^(-1/2) of the other's, and so are gradient descent and Adam."""
    W, (X, Y) = 16, data(seed)
    mup, ntk = (MLP([3, W, 2], activation, p) for p in ("mup", "ntk"))
    parameters = mup.initialise(2, rng=seed)
    close(mup(parameters, X), ntk(parameters, X) / W**0.5)
    scale = W**-0.5
    rate = {"rate": 0.03 * scale} if name == "adam" else {}  # Adam divides by it
    in_mup = learner(mup, name)(X, Y, start=parameters)
    in_ntk = learner(ntk, name, scale=scale, **rate)(X, Y, start=parameters)
    close(in_mup(X), in_ntk(X), 1e-7 if name == "adam" else 1e-12)


def layers(net, parameters, X):
    """Pre-activations of all layers."""
    h, found = X, []
    arrays, factors = iter(parameters), (row.factor for row in net._rows)
    for W, b in zip(arrays, arrays, strict=True):
        found.append(next(factors) * (h @ W) + next(factors) * b)
        h = np.maximum(found[-1], 0)
    return found


def moved(parameterisation, W, rule):
    """How far the layers of a network move in one step: root mean squares."""
    net = MLP([8, W, W, 1], "relu", parameterisation, bias=0.5)
    X, Y = data(0, (64,), n=8, C=1)
    start = net.initialise(4, rng=0)
    optimiser, rate = (adam, 1e-3) if rule == "adam" else (gradient_descent, 1e-2)
    after = optimiser(net, rate=rate, steps=1)(X, Y, start=start).parameters
    close(layers(net, after, X)[-1], net(after, X))
    pairs = zip(layers(net, after, X), layers(net, start, X), strict=True)
    return np.array([np.sqrt(((a - b) ** 2).mean()) for a, b in pairs])


@long
@pytest.mark.parametrize("rule", ["descent", "adam"])
def test_all_layers_learn_equally_fast_at_every_width_in_mup(rule):
    """A step moves every layer as far at 1024 units as at 64; in others it does not."""
    ratio = {
        name: moved(name, 1024, rule) / moved(name, 64, rule)
        for name in ("mup", "standard", "ntk")
    }
    # Sixteen times the width: exponents of 1/2 are factors of four, of 1 of sixteen.
    expected = {"mup": [1, 1, 1]}
    if rule == "descent":
        expected |= {"standard": [1 / 4, 4, 16], "ntk": [1 / 4, 1 / 4, 1]}
    for name, law in expected.items():
        assert (np.abs(np.log2(ratio[name] / law)) < 1).all(), (name, ratio[name])
    assert ratio["standard"][-1] > 4


@long
def test_biases_of_mup_learn_equally_fast_at_every_width():
    """A step moves the biases of every layer as far at 1024 units as at 64."""
    X, Y = data(0, (64,), n=8, C=1)
    far = []
    for W in (64, 1024):
        net = MLP([8, W, W, 1], "relu", "mup", bias=0.5)
        start = net.initialise(4, rng=0)
        after = gradient_descent(net, rate=1e-2, steps=1)(X, Y, start=start).parameters
        far.append([np.std(after[k] - start[k]) for k in (1, 3)])
    assert (np.abs(np.log2(np.divide(*far))) < 1).all()


@SEEDS
def test_mup_starts_with_a_small_function(seed):
    """Its output at initialisation falls as W^(-1/2); that of the others does not."""
    X = data(seed)[0]
    size = {
        name: [
            np.sqrt((net(net.initialise(200, rng=seed), X) ** 2).mean())
            for net in (MLP([3, W, 1], "erf", name) for W in (16, 256))
        ]
        for name in ("mup", "ntk", "standard")
    }
    assert abs(size["mup"][0] / size["mup"][1] / 4 - 1) < 0.2
    assert abs(size["ntk"][0] / size["ntk"][1] - 1) < 0.2
    assert abs(size["standard"][0] / size["standard"][1] - 1) < 0.2
