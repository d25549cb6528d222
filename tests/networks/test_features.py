"""The features that the last layer combines, and convolutions."""

import numpy as np
import pytest
from thorough import first_of, long

pytest.importorskip("torch")

from scalinglib.networks import MLP, adam, convolutional

X = np.random.default_rng(0).standard_normal((7, 3))


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh"])
@pytest.mark.parametrize("widths", [[3, 5, 4, 2], [3, 5, 2], [3, 2]])
@pytest.mark.parametrize("own", [False, True])
def test_the_last_layer_of_features_is_the_network(activation, widths, own):
    """Of every member, with and without data of its own."""
    net = MLP(widths, activation, "standard")
    theta = net.initialise(4, rng=1)
    x = np.stack([X, 2 * X, -X, X**2]) if own else X
    features = net.features(theta, x)
    assert features.shape == (4, 7, widths[-2])
    np.testing.assert_allclose(features @ theta[-1], net(theta, x), atol=1e-12)


def test_features_in_other_parameterisations():
    """Those of the standard one, whose parameters hold the factors."""
    ntk, standard = (
        MLP([3, 5, 4, 2], "relu", p, bias=0.3) for p in ("ntk", "standard")
    )
    theta = ntk.initialise(2, rng=0)
    spread = zip(theta, ntk._rows, strict=True)
    scaled = tuple(a * row.factor for a, row in spread)
    np.testing.assert_allclose(ntk.features(theta, X), standard.features(scaled, X))


def test_features_reject_as_the_network_does():
    """By the same checks."""
    net = MLP([3, 5, 2])
    theta = net.initialise(1, rng=0)
    for call in (net, net.features):
        with pytest.raises(ValueError, match="X must be"):
            call(theta, X[:, :2])
        with pytest.raises(ValueError, match="parameters must"):
            call(theta[:1], X)


@long
@pytest.mark.parametrize("side", first_of([9, 8, 14, 28], 2))
def test_convolutions_fit_the_image(side):
    """A side of any parity, to the last pixel that a stride of two reaches."""
    net = convolutional(side, 3, channels=2, hidden=4)
    theta = net.initialise(2, rng=0)
    rows = np.random.default_rng(0).standard_normal((5, side**2))
    assert net(theta, rows).shape == (2, 5, 3)
    reached = 2 * ((side - 4) // 2) + 4  # pixels that some window covers
    rows = rows.reshape(5, side, side)
    rows[:, reached:] = rows[:, :, reached:] = 1e3
    changed = net(theta, rows.reshape(5, -1))
    rows[:, reached:] = rows[:, :, reached:] = 0
    np.testing.assert_array_equal(changed, net(theta, rows.reshape(5, -1)))


@long
def test_convolutions_see_that_an_image_moved():
    """A bar that stands or lies is told apart, wherever it is: a dense layer is not."""
    rng, images = np.random.default_rng(0), np.zeros((64, 10, 10))
    y = np.arange(64) % 2
    for image, lies in zip(images, y, strict=True):
        row, column = rng.integers(7, size=2)
        image[row : row + (1 if lies else 4), column : column + (4 if lies else 1)] = 1
    rows = images.reshape(64, -1)
    net = convolutional(10, 2, channels=8, hidden=16)
    learn = adam(net, rate=0.01, steps=150, loss="cross-entropy", rng=0)
    right = learn(rows[:32], y[:32])(rows[32:]).argmax(axis=1) == y[32:]
    assert right.mean() > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((7, 3), "side must be at least 8"),
        ((14, 0), "outputs must be at least 1"),
        ((14.5, 3), "side must be"),
    ],
)
def test_rejects_images_too_small(arguments, message):
    """And outputs that are none."""
    with pytest.raises(ValueError, match=message):
        convolutional(*arguments)
