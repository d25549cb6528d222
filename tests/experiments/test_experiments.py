"""Tests of the experiments that a chapter, these tests and a stored result share."""

import numpy as np
import pytest
import xarray as xr
from thorough import first_of, long

from scalinglib import experiments, geometry, kernels, learners, networks, stored
from scalinglib.experiments import width

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
LEARNERS = pytest.mark.parametrize(
    ("loss", "measure"),
    [
        ("mse", networks.mean_squared_error),
        ("cross-entropy", networks.cross_entropy),
    ],
)


def population(loss, N=200):
    """Return inputs and targets of two classes, and a small smooth network."""
    X = np.random.default_rng(0).standard_normal((N, 3))
    y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
    Y = np.eye(2)[y] if loss == "mse" else y
    net = networks.MLP([3, 4, 2], "tanh")
    return net, net.initialise(1, rng=0), X, Y


def learner(net, loss):
    """Gradient descent of few steps, centred."""
    return networks.gradient_descent(
        net, rate=0.2, steps=20, momentum=0.5, loss=loss, centred=True
    )


@SEEDS
@LEARNERS
def test_first_order_is_the_linear_term(seed, loss, measure):
    """What first_order leaves of the change of the loss falls as the step squared."""
    net, initial, X, Y = population(loss)
    learn = learner(net, loss)
    drawn = np.random.default_rng(seed).integers(len(X), size=100)
    excess = np.bincount(drawn, minlength=len(X)) * (len(X) / 100) - 1
    floor = learn(X, Y, start=initial).loss[0]
    slope = experiments.first_order(learn, initial, X, Y, measure, drawn)
    steps = np.array([0.04, 0.08])
    weights = 1 + steps[:, None] * excess
    losses = measure(learn(X, Y, start=initial, weights=weights)(X), Y)
    left = np.abs(losses - floor - slope * steps)
    assert np.log2(left[1] / left[0]) == pytest.approx(2, abs=0.3)


@LEARNERS
def test_first_order_is_linear_in_what_was_drawn(loss, measure):
    """Of two data sets together it is the mean of both: so its expectation is zero."""
    net, initial, X, Y = population(loss)
    learn = learner(net, loss)
    one, two = np.random.default_rng(0).integers(len(X), size=(2, 64))
    terms = [
        experiments.first_order(learn, initial, X, Y, measure, drawn)
        for drawn in (one, two, np.r_[one, two])
    ]
    assert (terms[0] + terms[1]) / 2 == pytest.approx(terms[2], rel=1e-2)


@SEEDS
def test_linear_part_is_the_derivative_of_every_prediction(seed):
    """Its product with the slope of the loss is first_order, its mean over draws 0."""
    net, initial, X, Y = population("mse")
    learn, mse = learner(net, "mse"), networks.mean_squared_error
    drawn = np.random.default_rng(seed).integers(len(X), size=(3, 100))
    parts = experiments.linear_part(learn, initial, X, Y, drawn)
    slope = 2 * (learn(X, Y, start=initial)(X)[0] - Y)
    for part, one in zip(parts, drawn, strict=True):
        term = experiments.first_order(learn, initial, X, Y, mse, one)
        assert (slope * part).sum(axis=1).mean() == pytest.approx(term, rel=1e-2)
    whole = experiments.linear_part(learn, initial, X, Y, drawn.reshape(1, -1))
    scale = np.abs(parts).max()
    np.testing.assert_allclose(parts.mean(axis=0), whole[0], atol=1e-2 * scale)


def test_first_order_of_the_population_is_zero():
    """Every example drawn once: the empirical distribution is the population."""
    net, initial, X, Y = population("mse")
    learn = learner(net, "mse")
    mse, everyone = networks.mean_squared_error, np.arange(len(X))
    assert experiments.first_order(learn, initial, X, Y, mse, everyone) == 0


@SEEDS
def test_data_sweep_against_a_loop(seed):
    """Every D: the mean over its sets, trained alone, minus the first-order term."""
    net, initial, X, Y = population("mse")
    learn, mse = learner(net, "mse"), networks.mean_squared_error
    trial = experiments.data_sweep(learn, initial, X, Y, mse, [16, 32, 64], blocks=2)
    curve = trial(np.random.default_rng(seed))
    drawn = np.random.default_rng(seed).integers(len(X), size=64)
    shift = experiments.first_order(learn, initial, X, Y, mse, drawn)
    for D, sets in [(16, 2), (32, 2), (64, 1)]:
        rows = [drawn[i * D : (i + 1) * D] for i in range(sets)]
        alone = [mse(learn(X[r], Y[r], start=initial)(X), Y)[0] for r in rows]
        expected = np.mean(alone) - shift
        assert curve.sel(D=D).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "sizes", [[4, 2], [2, 2, 4], [3, 4], [0, 4], [2.0, 4], [], None]
)
def test_rejects_sizes(sizes):
    """Sizes increase and divide the last."""
    net, initial, X, Y = population("mse")
    learn, mse = learner(net, "mse"), networks.mean_squared_error
    with pytest.raises(ValueError, match="sizes must"):
        experiments.data_sweep(learn, initial, X, Y, mse, sizes)


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_width_problem_is_on_the_sphere(activation):
    """Inputs have unit length; train and test points differ."""
    X, Y, X_test, Y_test = experiments.width_problem(activation)
    rows = np.concatenate([X, X_test])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-12)
    assert len(np.unique(rows, axis=0)) == 64
    assert Y.shape == Y_test.shape == (32, 6)


def test_width_targets_have_the_parity_of_the_network():
    """For erf the targets are odd in x, as networks without biases are."""
    X, Y, *_ = experiments.width_problem()
    z = -4 * X
    product = z[:, 1:7] * z[:, 2:8] * z[:, 3:9]
    np.testing.assert_allclose((z[:, :6] + product) / np.sqrt(8), -Y, rtol=1e-12)


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_linear_response_is_the_derivative(activation):
    """It is the difference of kernel predictions, up to the square of δΘ."""
    X, Y, X_test, _ = experiments.width_problem(activation)

    def theta(*points):
        return kernels.ntk(*points, depth=1, activation=activation)

    f_inf = learners.kernel_ridge(theta)(X, Y)(X_test)
    left = []
    for W in (2**11, 2**15):
        net = networks.MLP([16, W, 6], activation)
        parameters = net.initialise(1, rng=0)
        learn = networks.linearised(net, centred=True)
        exact = learn(X, Y, start=parameters)(X_test)
        change = experiments.linear_response(net, parameters)
        left.append(np.abs(exact - f_inf - change).max() / np.abs(change).max())
    # 16 times the width: a quarter of the relative remainder, within a factor of two.
    assert left[1] < left[0] / 2 < 0.5


def test_linear_response_has_mean_zero_for_one_layer():
    """Because E Θ̂ = Θ there, within 4 standard errors at every test point."""
    net = networks.MLP([16, 32, 6], "erf")
    change = experiments.linear_response(net, net.initialise(300, rng=0))
    error = change.std(axis=0, ddof=1) / np.sqrt(300)
    assert (np.abs(change.mean(axis=0)) < 4.5 * error).all()


@pytest.mark.parametrize("depth", [1, 2])
def test_wide_networks_do_not_depend_on_the_batch(depth):
    """All members at once or one by one: the same numbers."""
    together = experiments.wide_networks(3, W=24, depth=depth, rng=0)
    single = experiments.wide_networks(3, W=24, depth=depth, rng=0, at_once=1)
    xr.testing.assert_allclose(together, single, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("W", [32, 64, 128])
def test_stored_networks_are_what_the_command_makes(W):
    """The first members of the narrow widths, trained again, equal the stored ones."""
    again = experiments.wide_networks(4, W=W, depth=2, rng=W)
    found = stored.load("two_layers").sel(W=W).isel(trial=slice(4))
    np.testing.assert_allclose(again.values, found.values, atol=2e-6)


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_stored_single_layers_are_what_the_command_makes(activation):
    """The first members of a narrow width, trained again, equal the stored ones."""
    again = experiments.wide_networks(4, W=64, depth=1, rng=64, activation=activation)
    found = stored.load(f"one_layer_{activation}").sel(W=64).isel(trial=slice(4))
    np.testing.assert_allclose(again.values, found.values, atol=2e-6)


def test_stored_single_layers_are_complete():
    """All widths are there, and finite."""
    erf, relu = map(stored.load, ("one_layer_erf", "one_layer_relu"))
    assert erf.W.values.tolist() == [32, 64, 128, 256, 512, 1024, 2048, 4096]
    assert relu.shape == (6, 3, 192, 32)
    assert np.isfinite(erf).all()
    assert np.isfinite(relu).all()


def test_stored_networks_are_complete():
    """All widths from 32 to 4096, finite, with a training that had converged."""
    found = stored.load("two_layers")
    assert found.W.values.tolist() == [32, 64, 128, 256, 512, 1024, 2048, 4096]
    assert np.isfinite(found.values).all()
    net, linear = found.sel(model="net"), found.sel(model="linearised")
    rms = np.sqrt(((net - linear) ** 2).mean(["point", "trial"]))
    assert (np.diff(rms) < 0).all()


def test_ensemble_means_are_those_of_the_members():
    """Mean and variance of the networks, mean of the first-order terms."""
    means = experiments.ensemble_means(2, W=16, rng=0, members=5)
    f = experiments.wide_networks(10, W=16, depth=1, rng=0)
    for t, members in enumerate((slice(5), slice(5, 10))):
        net, _, first = f.isel(trial=members).values
        expected = net.mean(axis=1), net.var(axis=1, ddof=1), first.mean(axis=1)
        np.testing.assert_allclose(means[..., t], expected, rtol=1e-9, atol=1e-12)


@long
@pytest.mark.parametrize("W", [32, 64])
def test_stored_means_are_what_the_command_makes(W):
    """The first ensemble of the narrow widths, trained again, equals the stored one."""
    again = experiments.ensemble_means(1, W=W, rng=W)
    found = stored.load("ensemble_means").sel(W=W).isel(trial=slice(1))
    np.testing.assert_allclose(again.values, found.values, atol=1e-6)


def test_stored_means_are_complete():
    """All widths, 32 ensembles, a variance that falls as 1/W."""
    found = stored.load("ensemble_means")
    assert found.shape == (4, 3, 192, 32)
    variance = found.sel(of="variance").mean(["point", "trial"])
    assert (np.abs(np.diff(np.log2(variance)) + 1) < 0.2).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ensembles": 0, "W": 8}, "ensembles must"),
        ({"ensembles": 1, "W": 8, "members": 1}, "members must"),
        ({"ensembles": 1, "W": 8}, "W must be at least 9, got 8"),
    ],
)
def test_rejects_ensembles(options, message):
    """Ensembles have two members at least, and networks a width."""
    with pytest.raises(ValueError, match=message):
        experiments.ensemble_means(rng=0, **options)


@pytest.mark.parametrize("activation", ["erf", "relu"])
def test_width_problem_is_its_formula(activation):
    """Points on the unit sphere; every target, at both sets, entry by entry."""
    X, Y, X_test, Y_test = experiments.width_problem(activation)
    assert not np.isin(X, X_test).any()
    for points, targets in ((X, Y), (X_test, Y_test)):
        np.testing.assert_allclose((points**2).sum(axis=1), 1)
        z = 4 * points
        for k in range(6):
            last = z[:, k + 3] if activation == "erf" else 1
            expected = (z[:, k] + z[:, k + 1] * z[:, k + 2] * last) / np.sqrt(8)
            np.testing.assert_allclose(targets[:, k], expected, rtol=1e-12)


def test_a_rare_example_keeps_its_weight_positive():
    """One example drawn again and again: the tilted weights stay above zero."""
    net, initial, X, Y = population("mse")
    setting = learner(net, "mse"), initial, X, Y
    term = experiments.first_order(*setting, networks.mean_squared_error, [5] * 40)
    assert np.isfinite(term)


def test_batches_are_as_large_as_asked(monkeypatch):
    """Members are treated `at_once`, the last few by themselves."""
    sizes, treat = [], width._three_models
    monkeypatch.setattr(
        width,
        "_three_models",
        lambda net, p: sizes.append(len(p[0])) or treat(net, p),
    )
    experiments.wide_networks(5, W=16, depth=1, rng=0, at_once=2)
    assert sizes == [2, 2, 1]


MLP = networks.MLP


@pytest.mark.parametrize(
    "net",
    [
        None,
        MLP([16, 8, 6], "erf", bias=1.0),
        MLP([16, 8, 6], "erf", "standard"),
        MLP([16, 6], "erf"),
        MLP([8, 8, 6], "erf"),
        MLP([16, 8, 1], "erf"),
    ],
)
def test_rejects_networks_without_this_limit(net):
    """The response is that of one kind of network."""
    start = MLP([16, 8, 6], "erf").initialise(1, rng=0)
    with pytest.raises(ValueError, match="net must be an MLP from 16 inputs"):
        experiments.linear_response(net, start)
    tanh = MLP([16, 8, 6], "tanh")
    with pytest.raises(
        ValueError, match="activation must be one of 'erf', 'relu', got 'ta"
    ):
        experiments.linear_response(tanh, start)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth must be at least 1, got 0"),
        ({"depth": 1.0}, "depth must be a whole number, got 1.0"),
        ({"W": 8.0}, "W must be a whole number, got 8.0"),
        ({"W": 3}, "W must be at least 9, got 3"),
        ({"members": 0}, "members must be at least 1, got 0"),
        ({"at_once": 0}, "at_once must be at least 1, got 0"),
        ({"activation": "Erf"}, "activation must be one of"),
    ],
)
def test_rejects_wide_networks(options, message):
    """Every option of the experiment on width is checked by its own name."""
    options = {"members": 1, "W": 16, "depth": 1, "rng": 0, **options}
    with pytest.raises(ValueError, match=message):
        experiments.wide_networks(options.pop("members"), **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": 2}, r"initial must hold one member, got \[2\]"),
        ({"Y": 100}, "X and Y must have the same number of rows"),
        ({"X": 0, "Y": 0}, "X and Y must have the same number of rows, at least one"),
        ({"drawn": []}, "drawn must hold whole numbers from 0 to 199"),
        ({"drawn": [0.5]}, "drawn must hold whole numbers"),
        ({"drawn": [200]}, "drawn must hold whole numbers"),
        ({"drawn": [-1]}, "drawn must hold whole numbers"),
        ({"drawn": [[0], [1]]}, "drawn must hold whole numbers"),
        ({"drawn": [True]}, "drawn must hold real numbers"),
    ],
)
def test_rejects_populations_and_draws(change, message):
    """One member, as many targets as inputs, and indices of them."""
    net, initial, X, Y = population("mse")
    learn, mse = learner(net, "mse"), networks.mean_squared_error
    if "initial" in change:
        initial = net.initialise(change["initial"], rng=0)
    X, Y = X[: change.get("X", 200)], Y[: change.get("Y", 200)]
    with pytest.raises(ValueError, match=message):
        experiments.first_order(
            learn, initial, X, Y, mse, change.get("drawn", np.arange(10))
        )
    if "drawn" not in change:
        with pytest.raises(ValueError, match=message):
            experiments.data_sweep(learn, initial, X, Y, mse, [4])


@pytest.mark.parametrize("d", [1, 3])
def test_torus_problem_shares_test_points_and_prefixes(d):
    """More training points begin with the fewer; tests and target are the same."""
    target, X, X_test = experiments.torus_problem(0, d=d, D=20)
    again, more, same = experiments.torus_problem(0, d=d, D=50)
    np.testing.assert_array_equal(more[:20], X)
    np.testing.assert_array_equal(same, X_test)
    np.testing.assert_array_equal(again(X), target(X))


@SEEDS
def test_circles_are_the_torus_in_other_units(seed):
    """Rows of length one; small distances grow by 2π / √(d + 1), turns do not count."""
    torus = geometry.torus(3)
    X = torus.sample(50, rng=seed)
    near = X + 1e-5 * np.random.default_rng(seed).standard_normal(X.shape)
    Z = experiments.on_circles(X)
    np.testing.assert_allclose(np.linalg.norm(Z, axis=1), 1)
    np.testing.assert_allclose(experiments.on_circles(X + 2), Z, atol=1e-12)
    ratio = np.linalg.norm(experiments.on_circles(near) - Z, axis=1)
    ratio /= torus.distance(X, near)
    np.testing.assert_allclose(ratio, 2 * np.pi / 2, rtol=1e-6)


@long
@pytest.mark.parametrize("d", first_of([2, 3]))
def test_stored_torus_networks_are_trained_again(d):
    """The first trial at D = 64; 4000 steps of Adam leave a per cent to rounding."""
    found = stored.load("torus_networks").sel(d=d, D=64, trial=0)
    loss = experiments.network_on_torus(np.random.default_rng([0, 0]), d=d, D=64)
    assert loss == pytest.approx(float(found), rel=0.03)


def test_rejects_what_is_no_torus():
    """Sizes and points out of range are named."""
    with pytest.raises(ValueError, match="D must be at least 1, got 0"):
        experiments.torus_problem(0, d=1, D=0)
    with pytest.raises(ValueError, match="d must be at least 1, got 0"):
        experiments.torus_problem(0, d=0, D=1)
    with pytest.raises(ValueError, match="X must be finite, got nan"):
        experiments.on_circles([[np.nan]])
