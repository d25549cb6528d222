"""Tests of initialisation, tangent kernels and linearised networks."""

import numpy as np
import pytest
from small_networks import ACTIVATIONS, NETS, close, data, evaluate, member
from thorough import first_of

from scalinglib import kernels

torch = pytest.importorskip("torch")

from scalinglib.networks import MLP, gradient_descent, linearised, mean_squared_error  # noqa: E402

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def jacobian(net, parameters, X):
    """Jacobian (D C, P) of one member by autograd."""
    theta = [torch.tensor(p[0]) for p in parameters]
    J = torch.autograd.functional.jacobian(
        lambda *theta: evaluate(net, theta, torch.tensor(X)).flatten(), tuple(theta)
    )
    return torch.cat([j.flatten(1) for j in J], dim=1).numpy()


@NETS
@SEEDS
def test_tangent_kernel_is_that_of_autograd(net, seed):
    """The kernel is J Jᵀ, between two sets of inputs too, shared or not."""
    parameters, X, Y = net.initialise(2, rng=seed), data(seed)[0], data(9, (2, 5))[0]
    square = net.tangent_kernel(parameters, X)
    cross = net.tangent_kernel(parameters, X, Y)
    back = net.tangent_kernel(parameters, Y, X)
    for t in range(2):
        J, K = (jacobian(net, member(parameters, t), a) for a in (X, Y[t]))
        close(square[t], J @ J.T)
        close(cross[t], J @ K.T)
        close(back[t], K @ J.T)


@NETS
@SEEDS
@pytest.mark.parametrize("own", [False, True])
def test_tangent_product_is_the_kernel_times_a_vector(net, seed, own):
    """For inputs and vectors shared by the members or not, and for one member."""
    parameters = net.initialise(2, rng=seed)
    lead = (2,) if own else ()
    X, Y = data(seed, (*lead, 4))[0], data(9, (*lead, 5))[0]
    v = np.random.default_rng(seed).standard_normal((2, 5, net.widths[-1]))
    kernel = net.tangent_kernel(parameters, X, Y)
    for vector in (v, v[0]):
        flat = np.broadcast_to(vector, v.shape).reshape(2, -1, 1)
        product = net.tangent_product(parameters, X, Y, vector)
        close(product, (kernel @ flat).reshape(product.shape))
    if not own:
        one = net.tangent_product(member(parameters, 0), X, Y, v)
        close(one, (kernel[:1] @ v.reshape(2, -1, 1)).reshape(one.shape))


@SEEDS
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_parameterisations_are_one_function(seed, activation):
    """From one rng both parameterisations start at the same function."""
    X = data(seed)[0]
    f, g = (
        net(net.initialise(3, rng=seed), X)
        for net in (
            MLP([3, 6, 4, 2], activation, "ntk", 0.5),
            MLP([3, 6, 4, 2], activation, "standard", 0.5),
        )
    )
    close(f, g)


def test_initial_parameters_are_normal():
    """NTK: sd 1; standard: √(c/W) behind a hidden layer, σ_b for the biases."""
    n = 200
    ntk = MLP([n, n, n], bias=0.5).initialise(1, rng=0)
    standard = MLP([n, n, n], "relu", "standard", 0.5).initialise(1, rng=0)
    erf = MLP([n, n, n], "erf", "standard").initialise(1, rng=0)
    assert [p.std() for p in ntk] == pytest.approx([1, 1, 1, 1], rel=0.2)
    expected = [1, 0.5, (2 / n) ** 0.5, 0.5]
    assert [p.std() for p in standard] == pytest.approx(expected, rel=0.2)
    assert [p.std() for p in erf] == pytest.approx([1, (1 / n) ** 0.5], rel=0.02)


@SEEDS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_first_members_do_not_depend_on_their_number(seed, dtype):
    """To draw more members leaves the first as they are, in each type."""
    net = MLP([3, 5, 2], bias=0.5)
    few = net.initialise(2, rng=seed, dtype=dtype)
    many = net.initialise(7, rng=np.random.default_rng(seed), dtype=dtype)
    for a, b in zip(few, many, strict=True):
        assert a.dtype == b.dtype == dtype
        np.testing.assert_array_equal(a, b[:2])
        assert len(np.unique(b)) == b.size


@SEEDS
def test_mean_over_networks_is_the_infinite_kernel(seed):
    """One hidden ReLU layer: means of Θ̂ and of f fᵀ are Θ and Σ, to 4 standard errors.

    With one hidden layer this holds at every width: both are sums over its units.
    """
    net, X, T = MLP([3, 64, 1]), data(seed, (4,))[0], 4000
    parameters = net.initialise(T, rng=seed)
    f = net(parameters, X)
    for samples, exact in [
        (net.tangent_kernel(parameters, X), kernels.ntk(X, depth=1)),
        (f @ f.transpose(0, 2, 1), kernels.nngp(X, depth=1)),
    ]:
        error = samples.std(0, ddof=1) / np.sqrt(T)
        assert (np.abs(samples.mean(0) - exact) < 4 * error).all()
        assert (error < 0.05 * np.abs(exact).max()).all()


@NETS
@pytest.mark.parametrize("centred", [False, True])
def test_linearised_interpolates(net, centred):
    """The linearised network fits its data and is the formula elsewhere."""
    X, Y = data(0, (2,))
    parameters, new = net.initialise(3, rng=0), data(1)[0]
    predict = linearised(net, centred=centred)(X, Y, start=parameters)
    close(predict(X), np.broadcast_to(Y, (3, 2, 2)), 1e-9)
    assert (predict.loss < 1e-20).all()
    for t in range(3):
        one = member(parameters, t)
        J, K = jacobian(net, one, X), jacobian(net, one, new)
        start = np.zeros((2, 2)) if centred else net(one, X)[0]
        expected = K @ J.T @ np.linalg.solve(J @ J.T, (Y - start).ravel())
        first = 0 if centred else net(one, new)[0]
        close(predict(new)[t], first + expected.reshape(8, 2), 1e-9)


@SEEDS
@pytest.mark.parametrize("centred", [False, True])
def test_linearised_is_exact_for_linear_networks(seed, centred):
    """Without hidden layers gradient descent converges to it."""
    net, (X, Y), new = MLP([6, 2]), data(seed, (3,), n=6), data(9, n=6)[0]
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    parameters = net.initialise(2, rng=seed)
    learn = gradient_descent(net, rate=0.5, steps=1000, momentum=0.8, centred=centred)
    expected = linearised(net, centred=centred)(X, Y, start=parameters)
    close(learn(X, Y, start=parameters)(new), expected(new), 1e-10)


@pytest.mark.parametrize("centred", [False, True])
def test_gap_to_the_linearised_network_falls_with_width(centred):
    """Wide networks of erf learn what their linearisation learns, up to O(1/√W)."""
    (X, Y), new = data(0, (4,), C=1), data(1)[0]
    X, gaps = 2 * X / np.linalg.norm(X, axis=1, keepdims=True), []
    for W in (16, 1024):
        net = MLP([3, W, 1], "erf")
        parameters = net.initialise(8, rng=0)
        options = {"rate": 0.2, "steps": 500, "momentum": 0.9, "centred": centred}
        predict = gradient_descent(net, **options)(X, Y, start=parameters)
        assert (predict.loss < 1e-6).all()
        limit = linearised(net, centred=centred)(X, Y, start=parameters)
        gaps.append(np.sqrt(np.mean((predict(new) - limit(new)) ** 2)))
    assert gaps[1] < gaps[0] / 4  # 1/8 to leading order


X, Y = data(0)


def test_linearised_returns_its_initialisation_and_its_loss():
    """Parameters are those it started from; the loss is that of its predictions."""
    net = MLP([3, 50, 2], "erf")
    start = net.initialise(2, rng=0)
    near = X[:1] + 1e-4 * X[:3]  # so ill-conditioned that the loss is not just zero
    predict = linearised(net)(near, Y[:3], start=start)
    for kept, given in zip(predict.parameters, start, strict=True):
        np.testing.assert_array_equal(kept, given)
    direct = mean_squared_error(predict(near), Y[:3])
    assert (direct > 0).all()
    ratio = predict.loss / direct  # of rounding errors: they agree in order only
    assert ((ratio > 0.05) & (ratio < 20)).all()
