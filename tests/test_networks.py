"""Tests of ensembles of networks, their training and their tangent kernels."""

import numpy as np
import pytest

from scalinglib import kernels

torch = pytest.importorskip("torch")

from scalinglib import networks  # noqa: E402
from scalinglib.networks import (  # noqa: E402
    MLP,
    adam,
    cross_entropy,
    gradient_descent,
    linearised,
    mean_squared_error,
)

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
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


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Threads of torch that wait for a busy core would make these tests slow."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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


def close(actual, expected, tolerance=1e-12):
    """Assert agreement, relative to the largest entry."""
    expected = np.asarray(expected)
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)


def member(arrays, t):
    """One member of an ensemble, as an ensemble of one."""
    return tuple(a[t : t + 1] for a in arrays)


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


def jacobian(net, parameters, X):
    """Jacobian (D C, P) of one member by autograd."""
    theta = [torch.tensor(p[0]) for p in parameters]
    J = torch.autograd.functional.jacobian(
        lambda *theta: evaluate(net, theta, torch.tensor(X)).flatten(), tuple(theta)
    )
    return torch.cat([j.flatten(1) for j in J], dim=1).numpy()


@NETS
@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("own", [False, True])
def test_a_member_is_the_network_trained_alone(net, loss, name, own):
    """Training together gives what training each member on its own gives."""
    parameters = net.initialise(3, rng=0)
    X, Y = data(0, (3, 8) if own else (8,), loss=loss)
    fit = learner(net, name, loss=loss)
    together, new = fit(parameters, X, Y), data(1)[0]
    for t in range(3):
        alone = fit(member(parameters, t), X[t] if own else X, Y[t] if own else Y)
        close(together(new)[t], alone(new)[0])
        close(together.loss[t], alone.loss[0])
        for a, b in zip(together.parameters, alone.parameters, strict=True):
            close(a[t], b[0])


@pytest.mark.parametrize("which", ["X", "Y", "weights", "parameters", "all"])
def test_what_is_shared_is_repeated(which):
    """One initialisation or one data set for all equals as many copies of it."""
    net = MLP([3, 5, 2], "tanh")
    own, shared = data(0, (4, 8)), data(1)
    w = np.random.default_rng(0).uniform(size=(4, 8))
    X = own[0] if which in ("X", "all") else shared[0]
    Y = own[1] if which in ("Y", "all") else shared[1]
    weights = w if which in ("weights", "all") else None
    parameters = net.initialise(4 if which == "parameters" else 1, rng=0)
    copied = [np.repeat(p, 4 // len(p), axis=0) for p in parameters]
    full = [np.broadcast_to(a, (4, *a.shape[-2:])) for a in (X, Y)]
    fit = learner(net, centred=True)
    predict, expected = fit(parameters, X, Y, weights), fit(copied, *full, weights)
    close(predict(shared[0]), expected(shared[0]))
    assert len(predict.loss) == len(predict.parameters[0]) == 4
    if which != "weights":
        exact = linearised(net)(copied, *full)
        close(linearised(net)(parameters, X, Y)(shared[0]), exact(shared[0]), 1e-9)


@NETS
@SEEDS
@BOTH_LOSSES
def test_gradients_are_those_of_autograd(net, seed, loss):
    """One step of plain gradient descent moves against autograd's gradient."""
    parameters = net.initialise(2, rng=seed)
    X, Y = data(seed, loss=loss)
    after = gradient_descent(net, rate=1.0, steps=1, loss=loss)(parameters, X, Y)
    for t in range(2):
        theta = [torch.tensor(p[t], requires_grad=True) for p in parameters]
        f = evaluate(net, theta, torch.tensor(X))
        close(net(parameters, X)[t], f.detach())
        expected = torch.autograd.grad(torch_loss(f, torch.tensor(Y), loss), theta)
        for a, b, g in zip(after.parameters, parameters, expected, strict=True):
            close(b[t] - a[t], g)


@SEEDS
@BOTH_LOSSES
@pytest.mark.parametrize("bias", [0.0, 0.5])
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("widths", [[3, 5, 2], [3, 6, 4, 2]])
def test_training_agrees_with_torch(seed, loss, bias, name, widths):
    """40 steps in standard parameterisation are those of torch.optim."""
    net = MLP(widths, "tanh" if seed == 2 else "relu", "standard", bias)
    parameters = net.initialise(1, rng=seed)
    X, Y = data(seed, loss=loss)
    predict = learner(net, name, loss=loss, steps=40)(parameters, X, Y)
    theirs = module(net, parameters)
    if name == "adam":
        optimiser = torch.optim.Adam(theirs.parameters(), lr=0.03)
    else:
        optimiser = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.8)
    x, y = torch.tensor(X), torch.tensor(Y)
    for _ in range(40):
        optimiser.zero_grad()
        torch_loss(theirs(x), y, loss).backward()
        optimiser.step()
    close(predict(X)[0], theirs(x).detach(), 1e-10)
    close(predict.loss[0], torch_loss(theirs(x), y, loss).detach(), 1e-10)
    for a, b in zip(predict.parameters, theirs.parameters(), strict=True):
        close(a[0].T if b.ndim == 2 else a[0, 0], b.detach(), 1e-10)


def test_adam_uses_its_options():
    """β₁, β₂ and ε are those of torch.optim.Adam."""
    net, (X, Y) = MLP([3, 5, 2], "tanh", "standard"), data(0)
    parameters = net.initialise(1, rng=0)
    options = {"betas": (0.5, 0.9), "eps": 0.1}
    predict = learner(net, "adam", **options)(parameters, X, Y)
    theirs = module(net, parameters)
    optimiser = torch.optim.Adam(theirs.parameters(), lr=0.03, **options)
    for _ in range(15):
        optimiser.zero_grad()
        torch_loss(theirs(torch.tensor(X)), torch.tensor(Y), "mse").backward()
        optimiser.step()
    close(predict(X)[0], theirs(torch.tensor(X)).detach(), 1e-10)


@SEEDS
@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("own", [False, True])
def test_integer_weights_are_repeated_examples(seed, loss, name, own):
    """An example of weight k counts as k examples, one of weight 0 as none."""
    net = MLP([3, 5, 2], "tanh", bias=0.5)
    parameters, (X, Y) = net.initialise(2, rng=seed), data(seed, loss=loss)
    fit, k = learner(net, name, loss=loss), np.array([[0, 1, 2, 3] * 2, [2, 1] * 4])
    weighted = fit(parameters, X, Y, k if own else k[0])
    for t in range(2):
        i = np.repeat(np.arange(8), k[t if own else 0])
        repeated = fit(member(parameters, t), X[i], Y[i])
        close(weighted(X)[t], repeated(X)[0])
        close(weighted.loss[t], repeated.loss[0])


@BOTH_LOSSES
def test_uniform_weights_are_none(loss):
    """Equal weights, whatever their size, change nothing."""
    net, (X, Y) = MLP([3, 5, 2]), data(0, loss=loss)
    parameters, fit = net.initialise(2, rng=0), learner(net, loss=loss)
    expected = fit(parameters, X, Y)
    for weights in (np.ones(8, int), np.full((2, 8), 0.3)):
        close(fit(parameters, X, Y, weights)(X), expected(X))


@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_groups_do_not_matter(loss, name, own, centred, monkeypatch):
    """Members are trained in groups that fit into the cache: here two, or all five."""
    parameters = NET.initialise(5, rng=0)
    X, Y = data(0, (5, 8) if own else (8,), loss=loss)
    fit = learner(NET, name, loss=loss, centred=centred)
    whole = fit(parameters, X, Y)
    each = 8 * sum(NET.widths[1:]) + sum(a[0].size for a in parameters)
    monkeypatch.setattr(networks, "_CACHED", 2 * each)
    grouped = fit(parameters, X, Y)
    close(grouped.loss, whole.loss)
    close(grouped(X), whole(X))


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


@NETS
@BOTH_LOSSES
def test_float32_is_close_to_float64(net, loss):
    """All results are float32 for float32 parameters, and close to float64."""
    X, Y = data(0, loss=loss)
    results = []
    for dtype in (np.float32, np.float64):
        parameters = net.initialise(2, rng=0, dtype=dtype)
        predict = learner(net, loss=loss)(parameters, X, Y)
        results.append([predict(X), predict.loss, net.tangent_kernel(parameters, X)])
        assert all(a.dtype == dtype for a in (*results[-1], *predict.parameters))
    for a, b in zip(*results, strict=True):
        close(a, b, 2e-5)


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
    predict = linearised(net, centred=centred)(parameters, X, Y)
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
    fit = gradient_descent(net, rate=0.5, steps=1000, momentum=0.8, centred=centred)
    expected = linearised(net, centred=centred)(parameters, X, Y)
    close(fit(parameters, X, Y)(new), expected(new), 1e-10)


@pytest.mark.parametrize("centred", [False, True])
def test_gap_to_the_linearised_network_falls_with_width(centred):
    """Wide networks of erf learn what their linearisation learns, up to O(1/√W)."""
    (X, Y), new = data(0, (4,), C=1), data(1)[0]
    X, gaps = 2 * X / np.linalg.norm(X, axis=1, keepdims=True), []
    for W in (16, 1024):
        net = MLP([3, W, 1], "erf")
        parameters = net.initialise(8, rng=0)
        fit = gradient_descent(net, rate=0.2, steps=500, momentum=0.9, centred=centred)
        predict = fit(parameters, X, Y)
        assert (predict.loss < 1e-6).all()
        limit = linearised(net, centred=centred)(parameters, X, Y)
        gaps.append(np.sqrt(np.mean((predict(new) - limit(new)) ** 2)))
    assert gaps[1] < gaps[0] / 4  # 1/8 to leading order


@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_centred_is_the_difference_from_the_start(loss, name):
    """A centred predictor is f(θ) − f(θ₀), and learns what that shift makes of f."""
    net, (X, Y) = MLP([3, 5, 2], "tanh", bias=0.5), data(0, loss=loss)
    parameters, new = net.initialise(3, rng=0), data(1)[0]
    predict = learner(net, name, loss=loss, centred=True)(parameters, X, Y)
    close(predict(new), net(predict.parameters, new) - net(parameters, new))
    measure = mean_squared_error if loss == "mse" else cross_entropy
    close(predict.loss, measure(predict(X), Y))
    if loss == "mse":  # the same as to learn Y + f(θ₀)
        moved = learner(net, name)(parameters, X, Y + net(parameters, X))
        close(moved(new), net(predict.parameters, new))


@SEEDS
@pytest.mark.parametrize("own", [False, True])
def test_losses_are_those_of_torch(seed, own):
    """Both measures agree with torch.nn.functional, member by member."""
    rng = np.random.default_rng(seed)
    f, lead = rng.standard_normal((4, 9, 3)), (4, 9) if own else (9,)
    Y, y = rng.standard_normal((*lead, 3)), rng.integers(3, size=lead)
    for ours, target, name in [
        (mean_squared_error, Y, "mse"),
        (cross_entropy, y, "cross-entropy"),
    ]:
        found = ours(f, target)
        assert found.shape == (4,)
        each = target if own else [target] * 4
        for t in range(4):
            args = torch.tensor(f[t]), torch.tensor(each[t])
            close(found[t], torch_loss(*args, name))
        close(ours(f[:1], target)[0], found[0])
        close(ours(f.astype(np.float32), target), found, 1e-6)


def test_cross_entropy_of_huge_logits():
    """Logits that exp would overflow give the exact loss, and can be trained on."""
    f = [[[1e300, -1e300], [-1e4, 1e4]]]
    np.testing.assert_array_equal(cross_entropy(f, [0, 1]), [0.0])
    np.testing.assert_array_equal(cross_entropy(f, [0, 0]), [1e4])
    net = MLP([1, 2])
    predict = learner(net, loss="cross-entropy")([np.ones((1, 1, 2))], [[1e6]], [0])
    assert np.isfinite(predict([[1e6]])).all()


@pytest.mark.parametrize("kind", ["strided", "read-only", "float32", "int", "list"])
def test_any_array_will_do(kind):
    """Layout and type of what is passed do not matter, and it is left alone."""
    net, rng = MLP([3, 5, 2], "tanh"), np.random.default_rng(0)
    X, Y = rng.integers(-2, 3, (8, 3)), rng.integers(-2, 3, (8, 2))
    w, parameters = rng.integers(1, 4, 8), net.initialise(2, rng=0)

    def convert(a):
        if kind == "list":
            return a.tolist()
        if kind == "strided":
            return np.asfortranarray(np.repeat(a, 2, axis=0))[::-2][::-1]
        a = a.astype({"float32": np.float32, "int": np.int16}.get(kind, a.dtype))
        a.flags.writeable = kind != "read-only"
        return a

    passed = [convert(X), convert(Y), convert(w)]
    given = [convert(p) for p in parameters] if kind[0] in "srl" else parameters
    before = [np.array(a) for a in (*passed, *given)]
    for fit in (learner(net), learner(net, "adam", centred=True), linearised(net)):
        few = [2] if fit.__qualname__.startswith("linearised") else [8, 3]
        D, extra = few[0], [] if len(few) == 1 else [2]
        predict = fit(given, *(passed[i][:D] for i in (0, 1, *extra)))
        arguments = [X[:D].astype(float), Y[:D].astype(float)]
        exact = fit(parameters, *arguments, *([w.astype(float)] if extra else []))
        close(predict(passed[0]), exact(X.astype(float)))
    net.tangent_kernel(given, passed[0], passed[0])
    for a, b in zip((*passed, *given), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "build",
    [
        lambda net: learner(net),
        lambda net: learner(net, "adam", centred=True),
        lambda net: learner(net, centred=True),
        lambda net: linearised(net),
    ],
)
def test_later_changes_do_not_matter(build):
    """A predictor keeps what it needs: the caller's arrays may change afterwards."""
    net, (X, Y), new = MLP([3, 5, 2], "tanh"), data(0, (2,)), data(1)[0]
    parameters = net.initialise(2, rng=0)
    predict = build(net)(parameters, X, Y)
    expected, after = predict(new), [p.copy() for p in predict.parameters]
    for a in (*parameters, X, Y):
        a[:] = 1
    np.testing.assert_array_equal(predict(new), expected)
    for a, b in zip(predict.parameters, after, strict=True):
        np.testing.assert_array_equal(a, b)


NET = MLP([3, 5, 2])
START = NET.initialise(4, rng=0)
X, Y = data(0)
LABELS = np.arange(8) % 2
NAN = np.where(X > 1, np.nan, X)
MASKED = np.ma.masked_array(X, X > 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": [3]}, r"widths must list .*got \[3\]"),
        ({"widths": []}, "widths must list"),
        ({"widths": 3}, "widths must list"),
        ({"widths": [3, 0, 1]}, "widths must be at least 1, got 0"),
        ({"widths": [3, -1]}, "widths must be at least 1, got -1"),
        ({"widths": [3.0, 1]}, "widths must be a whole number, got 3.0"),
        ({"widths": None}, "widths must list .*got None"),
        ({"widths": [3, 2.5, 1]}, "widths must be a whole number, got 2.5"),
        ({"widths": [3, True]}, "widths must be a whole number, got True"),
        ({"widths": [3, [2], 1]}, r"widths must be a whole number, got \[2\]"),
        ({"bias": np.longdouble("1e4000")}, "bias must be a finite number"),
        ({"activation": "gelu"}, "activation must be one of 'relu', .*got 'gelu'"),
        ({"activation": ["relu"]}, "activation must be one of"),
        ({"parameterisation": "mup"}, "parameterisation must be one of.*'mup'"),
        ({"bias": -1}, "bias must be a finite number >= 0, got -1"),
        ({"bias": np.nan}, "bias must be a finite number >= 0, got nan"),
    ],
)
def test_rejects_architectures(options, message):
    """An architecture has n, widths and C above zero and known choices."""
    with pytest.raises(ValueError, match=message):
        MLP(**{"widths": [3, 1], **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"members": 0}, "members must be at least 1, got 0"),
        ({"members": 2.0}, "members must be a whole number, got 2.0"),
        ({"rng": "a"}, "rng must be a whole number, got 'a'"),
        ({"dtype": np.float16}, "dtype must be float64 or float32, got"),
        ({"dtype": "abc"}, "dtype must be float64 or float32, got 'abc'"),
    ],
)
def test_rejects_ways_to_initialise(options, message):
    """There is one member at least, of a type that torch trains in."""
    with pytest.raises(ValueError, match=message):
        NET.initialise(**{"members": 1, **options})


@pytest.mark.parametrize("optimiser", [gradient_descent, adam])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate must be above zero, got 0"),
        ({"rate": -1.0}, "rate must be above zero, got -1.0"),
        ({"rate": np.nan}, "rate must be a finite number, got nan"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"steps": 2.0}, "steps must be a whole number, got 2.0"),
        ({"loss": "l2"}, "loss must be one of 'mse', 'cross-entropy'; got 'l2'"),
        ({"net": "mlp"}, "net must be an MLP, got 'mlp'"),
        ({"centred": "no"}, "centred must be True or False, got 'no'"),
        ({"centred": None}, "centred must be True or False, got None"),
        ({"device": "nonsense"}, "device must be one that torch can use"),
    ],
)
def test_rejects_options(optimiser, options, message):
    """Options are checked before any training."""
    options = {"net": NET, "rate": 0.1, "steps": 1, **options}
    with pytest.raises(ValueError, match=message):
        optimiser(options.pop("net"), **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda o: gradient_descent(NET, momentum=1, **o), r"in \[0, 1\), got 1"),
        (lambda o: gradient_descent(NET, momentum=-0.1, **o), "momentum must be"),
        (lambda o: adam(NET, betas=0.9, **o), "betas must be two numbers, got 0.9"),
        (lambda o: adam(NET, betas=(0.9,) * 3, **o), "betas must be two numbers"),
        (lambda o: adam(NET, betas=(0.9, 1), **o), r"betas must be in \[0, 1\), got"),
        (lambda o: adam(NET, betas=(-0.1, 0.9), **o), "betas must be .*>= 0, got -0.1"),
        (lambda o: linearised(NET, centred=1), "centred must be True or False, got 1"),
        (lambda o: linearised(NET, device="x"), "device must be one that torch"),
        (lambda o: adam(NET, eps=0, **o), "eps must be above zero, got 0"),
        (lambda o: linearised(None), "net must be an MLP, got None"),
    ],
)
def test_rejects_options_of_one_learner(call, message):
    """So are momentum, the betas, ε and the net of the linearised network."""
    with pytest.raises(ValueError, match=message):
        call({"rate": 0.1, "steps": 1})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (None, "parameters must be a tuple, got"),
        (START[0], "parameters must be a tuple, got"),
        ([], "parameters must have the shapes"),
        ([1.0, 2.0], "parameters must have the shapes"),
        (MLP([3, 6, 2]).initialise(4), "parameters must have the shapes"),
        (MLP([3, 5, 2], bias=1).initialise(4), "parameters must have the shapes"),
        ((START[0], START[1][:2]), "parameters must have the shapes"),
        ((START[0], START[1].astype(np.float32)), "parameters .* one type, got"),
        ([p.astype(int) for p in START], "parameters must be float64 or float32"),
        ([p[:0] for p in START], "parameters must be .* one member at least"),
        ([p * np.nan for p in START], "parameters must be finite in float64, got nan"),
        ([np.ma.masked_array(p, p > 1) for p in START], "must not be masked"),
    ],
)
def test_rejects_parameters(parameters, message):
    """Parameters are those of this architecture, all finite and of one type."""
    for call in (
        lambda: NET(parameters, X),
        lambda: NET.tangent_kernel(parameters, X),
        lambda: learner(NET)(parameters, X, Y),
        lambda: linearised(NET)(parameters, X, Y),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (X[:, :2], r"must be \(D, 3\) or \(4, D, 3\), not empty; got \(8, 2\)"),
        (X[0], r"must be \(D, 3\) .*got \(3,\)"),
        (X[:0], r"must be .*not empty; got \(0, 3\)"),
        (np.stack([X] * 3), r"must be .*\(4, D, 3\), .*got \(3, 8, 3\)"),
        (NAN, "must be finite in float64, got nan"),
        (X * np.inf, "must be finite in float64, got -inf to inf"),
        (np.where(X > 0, X, -np.inf), "must be finite in float64, got -inf to"),
        (MASKED, "must not be masked"),
        (X * 1j, "must hold real numbers"),
        (None, "must hold real numbers"),
    ],
)
def test_rejects_inputs(bad, message):
    """Inputs are finite, real, of the right shape, wherever they are passed."""
    predict = learner(NET)(START, X, Y)
    for name, call in [
        ("X", lambda: NET(START, bad)),
        ("X", lambda: NET.tangent_kernel(START, bad)),
        ("Y", lambda: NET.tangent_kernel(START, X, bad if bad is not None else 1j)),
        ("X", lambda: NET.tangent_product(START, bad, X, Y)),
        ("Y", lambda: NET.tangent_product(START, X, 1j if bad is None else bad, Y)),
        ("X", lambda: learner(NET)(START, bad, Y)),
        ("X", lambda: linearised(NET)(START, bad, Y)),
        ("X_new", lambda: predict(bad)),
        ("X_new", lambda: linearised(NET)(START, X[:2], Y[:2])(bad)),
    ]:
        with pytest.raises(ValueError, match=f"^{name} {message}"):
            call()


@pytest.mark.parametrize(
    ("loss", "targets", "message"),
    [
        ("mse", Y[:, :1], r"Y must be \(8, 2\) or \(4, 8, 2\), got \(8, 1\)"),
        ("mse", LABELS, r"Y must be \(8, 2\) or \(4, 8, 2\), got \(8,\)"),
        ("mse", np.stack([Y] * 3), r"Y must be .*got \(3, 8, 2\)"),
        ("mse", Y * np.nan, "Y must be finite"),
        ("mse", np.ma.masked_array(Y, Y > 0), "Y must not be masked"),
        ("cross-entropy", Y, r"labels, must be \(8,\) or \(4, 8\), got \(8, 2\)"),
        ("cross-entropy", LABELS + 1, "labels 0, …, 1 .*got 1 to 2"),
        ("cross-entropy", LABELS - 1, "labels 0, …, 1 .*got -1 to 0"),
        ("cross-entropy", LABELS * 1.0, "labels 0, …, 1 .*of float64"),
        ("cross-entropy", LABELS > 0, "Y must hold real numbers"),
    ],
)
def test_rejects_targets(loss, targets, message):
    """Targets are finite and as many as inputs and outputs; labels whole and < C."""
    measure = mean_squared_error if loss == "mse" else cross_entropy
    with pytest.raises(ValueError, match=message):
        learner(NET, loss=loss)(START, X, targets)
    with pytest.raises(ValueError, match=message):
        measure(NET(START, X), targets)


@pytest.mark.parametrize("v", [Y[:4], Y[..., 0], np.stack([Y] * 3), Y * np.nan, "v"])
def test_rejects_vectors(v):
    """A vector has one number for each output at each row, for each member or all."""
    with pytest.raises(ValueError, match=r"^v must "):
        NET.tangent_product(START, X, X, v)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(7), r"weights must be \(8,\) or \(4, 8\), got \(7,\)"),
        (np.ones((3, 8)), r"weights must be .*got \(3, 8\)"),
        (-np.ones(8), "weights must not be negative, .*got -1.0"),
        (np.r_[-0.1, np.ones(7)], "weights must not be negative, .*got -0.1"),
        (np.zeros(8), "weights must not be negative, nor all zero"),
        (np.eye(4, 8) * [[1], [1], [1], [0]], "nor all zero"),
        (np.full(8, np.nan), "weights must be finite"),
        (np.full(8, 1e308), "weights must .* sums finite"),
    ],
)
def test_rejects_weights(weights, message):
    """Weights are finite, not negative, and not all zero for any member."""
    with pytest.raises(ValueError, match=message):
        learner(NET)(START, X, Y, weights)


def test_rejects_sizes_that_differ():
    """One initialisation takes several data sets, but X and Y of as many members."""
    one = NET.initialise(1, rng=0)
    with pytest.raises(ValueError, match=r"Y must be .*\(5, 8, 2\), got \(3, 8, 2\)"):
        learner(NET)(one, np.stack([X] * 5), np.stack([Y] * 3))
    with pytest.raises(ValueError, match=r"weights must be .*\(5, 8\), got \(3, 8\)"):
        learner(NET)(one, X, np.stack([Y] * 5), np.ones((3, 8)))


@pytest.mark.parametrize(
    "device", ["nonsense", "meta", 3.5, "cuda:99", True, "hpu", "privateuseone", 2**70]
)
def test_rejects_devices(device):
    """A device is one that torch can use here, wherever it is asked for."""
    for call in (
        lambda: NET(START, X, device=device),
        lambda: NET.tangent_kernel(START, X, device=device),
        lambda: NET.tangent_product(START, X, X, Y, device=device),
        lambda: learner(NET, device=device),
        lambda: learner(NET, "adam", device=device),
        lambda: linearised(NET, device=device),
    ):
        with pytest.raises(
            ValueError, match="device must be one that torch can use, got"
        ):
            call()


@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_rejects_rates_that_diverge(loss, name):
    """A rate that is too large is an error that names the member, never nan."""
    fit = learner(NET, name, loss=loss, rate=1e300)
    with pytest.raises(ValueError, match=r"member 0 diverged .*rate must be smaller"):
        fit(START, *data(0, loss=loss))


def test_the_member_that_diverges_is_named():
    """Only the third member starts too far away, and the message says so."""
    start = [p.copy() for p in START]
    for p in start:
        p[2] *= 1e150
    with pytest.raises(ValueError, match="member 2 diverged"):
        gradient_descent(NET, rate=0.01, steps=2)(start, X, Y)


def test_parameters_that_diverge_behind_a_finite_loss_are_an_error():
    """A unit that died on its way to infinity leaves a loss of zero."""
    net = MLP([1, 1, 1])
    start = [np.full((1, 1, 1), 1e-150), np.ones((1, 1, 1))]
    with pytest.raises(ValueError, match="member 0 diverged"):
        gradient_descent(net, rate=1e200, steps=1)(start, [[1e150]], [[0.0]])


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (gradient_descent(NET, rate=1e39, steps=1), "rate must be from .*got 1e[+]39"),
        (adam(NET, rate=1e38, steps=1), r"rate / \(1 - betas\[0\]\) must be from"),
        (adam(NET, rate=0.1, steps=1, eps=1e-46), "eps must be from .*float32"),
    ],
)
def test_rejects_what_single_precision_cannot_hold(fit, message):
    """Options are numbers of the parameters' type too."""
    with pytest.raises(ValueError, match=message):
        fit(NET.initialise(1, rng=0, dtype=np.float32), X, Y)


def test_rejects_overflow():
    """What is too large for the type or for the result is named, never inf."""
    single = NET.initialise(1, rng=0, dtype=np.float32)
    with pytest.raises(ValueError, match="X must be finite in float32"):
        NET(single, X * 1e200)
    with pytest.raises(ValueError, match=r"X must be smaller.*float64"):
        NET.tangent_kernel(START, X * 1e200)
    with pytest.raises(ValueError, match="f must be finite"):
        mean_squared_error(NAN[None], X)
    with pytest.raises(ValueError, match=r"f must be smaller.*is 1e[+]200"):
        mean_squared_error([[[1e200]]], [[0.0]])
    with pytest.raises(ValueError, match="f must be smaller"):
        cross_entropy([[[1.7e308, -1.7e308]]], [1])
    with pytest.raises(ValueError, match=r"bias must be at most .*float32, got 1e\+39"):
        MLP([3, 2], bias=1e39).initialise(1, rng=0, dtype="float32")


def test_results_that_overflow_are_errors_everywhere():
    """Networks, products, predictions: each checks what it returns."""
    huge, linear = np.sign(X) * 1.7e308, MLP([3, 2])
    trained = gradient_descent(NET, rate=0.01, steps=1)(START, X, Y)
    rigid = linearised(linear)(linear.initialise(1, rng=0), X[:2], 1e3 * Y[:2])
    for name, call in {
        "X": lambda: NET(START, huge),
        "v": lambda: NET.tangent_product(START, X, X, np.sign(Y) * 1e308),
        "X_new": lambda: trained(huge),
        "X_new ": lambda: rigid(huge),
    }.items():
        with pytest.raises(ValueError, match=f"^{name.strip()} must be smaller"):
            call()
    with pytest.raises(ValueError, match="the kernel overflows"):
        linearised(NET)(START, X[:2] * 1e200, Y[:2])
    with pytest.raises(ValueError, match="Y must be smaller"):
        linearised(MLP([3, 50, 2]))(
            MLP([3, 50, 2]).initialise(1, rng=0), X[:2] * 1e-3, Y[:2] * 1e306
        )


def test_rejects_singular_kernels():
    """Equal inputs, or too few parameters, have no linearised solution."""
    message = "tangent kernel of member 0 is not positive definite: .* D C = "
    with pytest.raises(ValueError, match=message + "6"):
        linearised(NET)(START, X[[0, 0, 1]], Y[:3])
    few = MLP([3, 1])
    with pytest.raises(ValueError, match=message + "8"):
        linearised(few)(few.initialise(1, rng=0), X, Y[:, :1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_singular_kernels_are_never_taken_for_regular_ones(dtype):
    """Rounding may make their last pivot positive; that deceives nobody."""
    net, twice = MLP([3, 64, 1]), X[[0, 1, 2, 0]]
    for seed in range(100):
        start = net.initialise(1, rng=seed, dtype=dtype)
        with pytest.raises(ValueError, match="not positive definite"):
            linearised(net)(start, twice, Y[:4, :1])


def test_the_member_with_a_singular_kernel_is_named():
    """A network with weights zero has no gradient in its first layer."""
    net = MLP([3, 50, 2], "erf")
    start = [p.copy() for p in net.initialise(3, rng=0)]
    for p in start:
        p[1] = 0
    with pytest.raises(ValueError, match="member 1 is not positive definite"):
        linearised(net)(start, X[:2], Y[:2])


@pytest.mark.parametrize("learn", [learner(NET), linearised(NET)])
def test_what_a_fit_returns_is_its_callers(learn):
    """Changing the parameters of a predictor does not change its predictions."""
    predict = learn(START, X[:2], Y[:2])
    before = predict(X)
    for p in predict.parameters:
        p[:] = 0
    np.testing.assert_array_equal(predict(X), before)
    assert predict == predict
    assert len({predict}) == 1


def test_linearised_returns_its_initialisation_and_its_loss():
    """Parameters are those it started from; the loss is that of its predictions."""
    net = MLP([3, 50, 2], "erf")
    start = net.initialise(2, rng=0)
    near = X[:1] + 1e-4 * X[:3]  # so ill-conditioned that the loss is not just zero
    predict = linearised(net)(start, near, Y[:3])
    for kept, given in zip(predict.parameters, start, strict=True):
        np.testing.assert_array_equal(kept, given)
    direct = mean_squared_error(predict(near), Y[:3])
    assert (direct > 0).all()
    ratio = predict.loss / direct  # of rounding errors: they agree in order only
    assert ((ratio > 0.05) & (ratio < 20)).all()


def test_labels_of_any_integer_type():
    """Small, unsigned and foreign integers are labels too."""
    f = NET(START, X)
    for kind in (np.uint8, np.int8, np.int32, np.uint64, ">i8"):
        np.testing.assert_array_equal(
            cross_entropy(f, LABELS.astype(kind)), cross_entropy(f, LABELS)
        )


def test_losses_keep_the_type():
    """Of single-precision outputs the loss is in single precision."""
    f = NET(START, X).astype(np.float32)
    assert mean_squared_error(f, Y).dtype == np.float32
    assert cross_entropy(f, LABELS).dtype == np.float32


def test_relu_is_flat_at_zero():
    """The slope of ReLU at zero is zero: a unit that rests there does not move."""
    net, zero = MLP([1, 1, 1], bias=1.0), np.zeros((1, 1, 1))
    start = [zero, zero, zero + 1, zero]
    after = gradient_descent(net, rate=1.0, steps=1)(start, [[1.0]], [[1.0]])
    assert after.parameters[0] == after.parameters[1] == 0


def test_groups_shrink_to_one_member(monkeypatch):
    """A network too large for the cache trains alone."""
    monkeypatch.setattr(networks, "_CACHED", 1)
    assert len(networks._groups(NET, 5, 8)) == 5
