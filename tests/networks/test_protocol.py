"""Networks as learners: ``learn(X, Y)`` draws one and speaks in shapes of Y."""

import numpy as np
import pytest
from small_networks import data, learner
from thorough import first_of

pytest.importorskip("torch")

from scalinglib import geometry, learners, networks
from scalinglib.networks import (
    MLP,
    cross_entropy,
    linearised,
    mean_squared_error,
    protocol,
)

BUILDS = {
    "gradient descent": lambda net, **o: learner(net, **o),
    "adam": lambda net, **o: learner(net, "adam", **o),
    "linearised": linearised,
}
LEARNERS = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
X, Y = data(0, (4,))
NEW = data(1)[0]
NET, ONE = MLP([3, 50, 2], "erf", bias=0.5), MLP([3, 50, 1], "erf", bias=0.5)


@LEARNERS
@SEEDS
@pytest.mark.parametrize("centred", [False, True])
def test_one_network_is_the_first_of_an_ensemble(build, seed, centred):
    """Without start it is member 0 of those drawn from the seed, to the bit."""
    learn = build(NET, rng=seed, centred=centred)
    predict, first = learn(X, Y), learn(X, Y, start=NET.initialise(1, rng=seed))
    assert predict(NEW).shape == (8, 2)
    np.testing.assert_array_equal(predict(NEW), first(NEW)[0])
    np.testing.assert_array_equal(predict.loss, first.loss)
    for a, b in zip(predict.parameters, first.parameters, strict=True):
        np.testing.assert_array_equal(a, b)


@LEARNERS
@SEEDS
def test_targets_without_an_axis_of_outputs(build, seed):
    """Targets (D,) give predictions (D',), the column that targets (D, 1) give."""
    learn, y = build(ONE, rng=seed), Y[:, 0]
    start = ONE.initialise(1, rng=seed)
    assert learn(X, y)(NEW).shape == (8,)
    assert learn(X, Y[:, :1])(NEW).shape == (8, 1)
    expected = learn(X, Y[:, :1], start=start)(NEW)[0]
    np.testing.assert_array_equal(learn(X, y)(NEW), expected[:, 0])
    np.testing.assert_array_equal(learn(X, Y[:, :1])(NEW), expected)
    np.testing.assert_array_equal(learn(X, y.tolist())(NEW.tolist()), expected[:, 0])


@LEARNERS
def test_a_seed_draws_the_same_network_and_a_generator_another(build):
    """A whole number is the seed of every call; a Generator goes on."""
    seeded = build(NET, rng=5)
    np.testing.assert_array_equal(seeded(X, Y)(NEW), seeded(X, Y)(NEW))
    going_on = build(NET, rng=np.random.default_rng(5))
    first, second = going_on(X, Y)(NEW), going_on(X, Y)(NEW)
    np.testing.assert_array_equal(first, seeded(X, Y)(NEW))
    assert (first != second).all()
    for unseeded in (build(NET), build(NET, rng=None)):
        assert (unseeded(X, Y)(NEW) != unseeded(X, Y)(NEW)).all()


@SEEDS
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_labels_give_an_output_for_each_class(seed, name):
    """For the cross-entropy Y is labels (D,), and predictions are logits (D', C)."""
    learn, y = learner(NET, name, loss="cross-entropy", rng=seed), [0, 1, 1, 0]
    f = learn(X, y)(NEW)
    assert f.shape == (8, 2)
    start = NET.initialise(1, rng=seed)
    np.testing.assert_array_equal(f, learn(X, y, start=start)(NEW)[0])


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_one_network_takes_weights(name):
    """Weights of the examples are passed on, with and without start."""
    learn, w = learner(NET, name, rng=0), [0, 1, 2, 3]
    f, start = learn(X, Y, weights=w)(NEW), NET.initialise(1, rng=0)
    np.testing.assert_array_equal(f, learn(X, Y, start=start, weights=w)(NEW)[0])
    assert (f != learn(X, Y)(NEW)).any()


@LEARNERS
def test_rejects_data_of_an_ensemble_without_start(build):
    """Data for each member want members, and the message says how to pass them."""
    learn = build(NET, rng=0)
    remedy = r".*start=net\.initialise\("
    for call, message in (
        (lambda: learn(np.stack([X] * 2), Y), r"X must have shape \(D, 3\), got .*"),
        (lambda: learn(X, np.stack([Y] * 2)), r"Y must have shape \(4, 2\), got .*"),
    ):
        with pytest.raises(ValueError, match=message + remedy):
            call()
    predict = learn(X, Y)
    with pytest.raises(ValueError, match="X_new must have shape" + remedy):
        predict(np.stack([X] * 1))


@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_rejects_labels_and_weights_of_an_ensemble_without_start(name):
    """Nor may labels or weights have an axis of members."""
    remedy = r".*start=net\.initialise\("
    classes = learner(NET, name, rng=0, loss="cross-entropy")
    with pytest.raises(ValueError, match=r"Y must have shape \(4,\), got" + remedy):
        classes(X, np.ones((3, 4), int))
    with pytest.raises(ValueError, match=r"weights must have shape \(4,\)" + remedy):
        learner(NET, name, rng=0)(X, Y, weights=np.ones((3, 4)))


@LEARNERS
@pytest.mark.parametrize(
    ("case", "message"),
    [
        ((X[0], Y[0]), r"X must have shape \(D, 3\), got \(3,\)$"),
        ((X[:, :2], Y), r"X must have shape \(D, 3\), got \(4, 2\)$"),
        ((X, Y[:, 0]), r"Y must have shape \(4, 2\), got \(4,\)$"),
        ((X, Y[:3]), r"Y must have shape \(4, 2\), got \(3, 2\)$"),
    ],
)
def test_rejects_shapes_of_one_data_set(build, case, message):
    """What has no axis of members is not told to use start."""
    with pytest.raises(ValueError, match=message):
        build(NET, rng=0)(*case)


@LEARNERS
def test_positional_parameters_are_told_their_name(build):
    """Parameters of an ensemble go by name; weights mean nothing to an interpolator."""
    with pytest.raises(TypeError, match=r"start=.*weights="):
        build(NET, rng=0)(NET.initialise(2, rng=0), X, Y)
    with pytest.raises(ValueError, match="weights must be left out"):
        linearised(NET)(X, Y, weights=[1, 1, 1, 1])


def test_losses_of_one_network_are_floats():
    """The measures take one network's outputs as they take an ensemble's."""
    f = learner(NET, "momentum", rng=0)(X, Y)(X)
    assert mean_squared_error(f, Y) == mean_squared_error(f[None], Y)[0]
    labels = np.array([0, 1, 1, 0])
    assert cross_entropy(f, labels) == cross_entropy(f[None], labels)[0]


@LEARNERS
@pytest.mark.parametrize("rng", ["a", 1.0, True, -1])
def test_rejects_seeds(build, rng):
    """What draws nothing is refused where the learner is made, not at its first fit."""
    with pytest.raises(ValueError, match="rng must be"):
        build(NET, rng=rng)


@LEARNERS
def test_what_a_learner_returns_is_a_predictor(build):
    """For one network as for an ensemble, with its parameters and its loss."""
    assert networks.Predictor is protocol.Predictor
    learn = build(NET, rng=0)
    for predict, T in (learn(X, Y), 1), (learn(X, Y, start=NET.initialise(3)), 3):
        assert isinstance(predict, networks.Predictor)
        assert predict.loss.shape == (T,)
        assert {len(p) for p in predict.parameters} == {T}


def test_networks_stand_beside_other_learners():
    """A learning curve takes a network and nearest neighbours in one dict."""

    def draw(rng):
        X = rng.uniform(-1, 1, (80, 3))
        return X[:64], X[:64, 0], X[64:], X[64:, 0]

    adam = networks.adam(ONE, rate=0.03, steps=100, rng=0)
    both = {"network": adam, "neighbour": geometry.k_nearest()}
    loss = learners.learning_curve(both, draw, [8, 64])(np.random.default_rng(0))
    assert loss.dims == ("learner", "D")
    assert loss.learner.values.tolist() == ["network", "neighbour"]
    seen, targets, new, truth = draw(np.random.default_rng(0))
    for name, learn in both.items():
        for D in (8, 64):
            alone = ((learn(seen[:D], targets[:D])(new) - truth) ** 2).mean()
            assert loss.sel(learner=name, D=D).item() == pytest.approx(alone, rel=1e-9)
    assert loss.sel(learner="network", D=64) < loss.sel(learner="neighbour", D=64)
