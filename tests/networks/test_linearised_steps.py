"""The linearised network after some steps: gradient descent of a linear model."""

import numpy as np
import pytest
from small_networks import close, data
from thorough import first_of

torch = pytest.importorskip("torch")

from scalinglib.networks import MLP, gradient_descent, linearised  # noqa: E402

BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
STEPS = {"rate": 0.05, "steps": 30, "momentum": 0.8}


@SEEDS
@BOTH_LOSSES
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_a_network_without_hidden_layers_is_its_linearisation(seed, loss, own, centred):
    """Momentum, weights, data for each member: two roads, to 1e-12."""
    net = MLP([3, 2], bias=0.5)
    parameters = net.initialise(3, rng=seed)
    X, Y = data(seed, (3, 8) if own else (8,), loss=loss)
    w, new = np.random.default_rng(seed).uniform(size=(3, 8)), data(seed + 1)[0]
    trained, linear = (
        learn(net, loss=loss, centred=centred, **STEPS)(
            X, Y, start=parameters, weights=w
        )
        for learn in (gradient_descent, linearised)
    )
    close(linear(new), trained(new))
    close(linear.loss, trained.loss)
    np.testing.assert_array_equal(linear.parameters[0], parameters[0])


@SEEDS
@BOTH_LOSSES
def test_lazy_training_ends_where_the_linearised_network_is(seed, loss):
    """At an output scale of 1e5 the network after 30 steps is linear in its moves."""
    net = MLP([3, 16, 2], "tanh")
    parameters, (X, Y) = net.initialise(2, rng=seed), data(seed, loss=loss)
    options = {"loss": loss, "centred": True, **STEPS}
    new = data(seed + 1)[0]
    linear = linearised(net, **options)(X, Y, start=parameters)(new)
    off = [
        np.abs(
            gradient_descent(net, scale=a, **options)(X, Y, start=parameters)(new)
            - linear
        ).max()
        for a in (1.0, 1e5)
    ]
    assert off[1] < 1e-4 < 1e-2 < off[0]


@SEEDS
def test_many_steps_end_at_the_interpolation(seed):
    """After enough steps nothing is left between some and for ever."""
    net = MLP([3, 512, 2])
    parameters, (X, Y) = net.initialise(2, rng=seed), data(seed, (4,))
    new = data(seed + 1)[0]
    steps = linearised(net, rate=0.2, steps=8000, momentum=0.9)
    for_ever = linearised(net)
    close(*(learn(X, Y, start=parameters)(new) for learn in (steps, for_ever)), 1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0.1}, "rate and steps must both be given or neither"),
        ({"steps": 3}, "rate and steps must both be given or neither"),
        ({"loss": "cross-entropy"}, "steps must be given for loss 'cross-entropy'"),
        ({"momentum": 0.5}, "steps must be given for .* momentum 0.5"),
        ({"momentum": 1.0, "rate": 1, "steps": 2}, r"momentum must be in \[0, 1\)"),
    ],
)
def test_rejects_choices_of_the_linearised_network(options, message):
    """For ever needs neither rate nor steps, and there it is the squared error."""
    with pytest.raises(ValueError, match=message):
        linearised(MLP([3, 2]), **options)


def test_rejects_a_rate_at_which_the_linearised_network_diverges():
    """Steps that are too large are said to be so, of the first such member."""
    learn = linearised(MLP([3, 8, 2]), rate=1e4, steps=200, rng=0)
    with pytest.raises(ValueError, match=r"member 0 diverged .* rate must be smaller"):
        learn(*data(0))
