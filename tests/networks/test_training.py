"""Tests of ensembles of networks, their training and their tangent kernels."""

import numpy as np
import pytest
from small_networks import (
    NETS,
    close,
    data,
    evaluate,
    learner,
    member,
    module,
    torch_loss,
)
from thorough import first_of

torch = pytest.importorskip("torch")

from scalinglib.networks import (  # noqa: E402
    MLP,
    cross_entropy,
    gradient_descent,
    linearised,
    loop,
    mean_squared_error,
    passes,
)

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])


@NETS
@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("own", [False, True])
def test_a_member_is_the_network_trained_alone(net, loss, name, own):
    """Training together gives what training each member on its own gives."""
    parameters = net.initialise(3, rng=0)
    X, Y = data(0, (3, 8) if own else (8,), loss=loss)
    learn = learner(net, name, loss=loss)
    together, new = learn(X, Y, start=parameters), data(1)[0]
    for t in range(3):
        of_t = (X[t], Y[t]) if own else (X, Y)
        alone = learn(*of_t, start=member(parameters, t))
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
    learn = learner(net, centred=True)
    predict = learn(X, Y, start=parameters, weights=weights)
    expected = learn(*full, start=copied, weights=weights)
    close(predict(shared[0]), expected(shared[0]))
    assert len(predict.loss) == len(predict.parameters[0]) == 4
    if which != "weights":
        exact = linearised(net)(*full, start=copied)
        linear = linearised(net)(X, Y, start=parameters)
        close(linear(shared[0]), exact(shared[0]), 1e-9)


@NETS
@SEEDS
@BOTH_LOSSES
def test_gradients_are_those_of_autograd(net, seed, loss):
    """One step of plain gradient descent moves against autograd's gradient."""
    parameters = net.initialise(2, rng=seed)
    X, Y = data(seed, loss=loss)
    learn = gradient_descent(net, rate=1.0, steps=1, loss=loss)
    after = learn(X, Y, start=parameters)
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
    predict = learner(net, name, loss=loss, steps=40)(X, Y, start=parameters)
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
    predict = learner(net, "adam", **options)(X, Y, start=parameters)
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
    learn, k = learner(net, name, loss=loss), np.array([[0, 1, 2, 3] * 2, [2, 1] * 4])
    weighted = learn(X, Y, start=parameters, weights=k if own else k[0])
    for t in range(2):
        i = np.repeat(np.arange(8), k[t if own else 0])
        repeated = learn(X[i], Y[i], start=member(parameters, t))
        close(weighted(X)[t], repeated(X)[0])
        close(weighted.loss[t], repeated.loss[0])


@BOTH_LOSSES
def test_uniform_weights_are_none(loss):
    """Equal weights, whatever their size, change nothing."""
    net, (X, Y) = MLP([3, 5, 2]), data(0, loss=loss)
    parameters, learn = net.initialise(2, rng=0), learner(net, loss=loss)
    expected = learn(X, Y, start=parameters)
    for weights in (np.ones(8, int), np.full((2, 8), 0.3)):
        close(learn(X, Y, start=parameters, weights=weights)(X), expected(X))


@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_groups_do_not_matter(loss, name, own, centred, monkeypatch):
    """Members are trained in groups that fit into the cache: here two, or all five."""
    parameters = NET.initialise(5, rng=0)
    X, Y = data(0, (5, 8) if own else (8,), loss=loss)
    learn = learner(NET, name, loss=loss, centred=centred)
    whole = learn(X, Y, start=parameters)
    each = 8 * sum(NET.widths[1:]) + sum(a[0].size for a in parameters)
    monkeypatch.setattr(passes, "_CACHED", 2 * each)
    grouped = learn(X, Y, start=parameters)
    close(grouped.loss, whole.loss)
    close(grouped(X), whole(X))


@NETS
@BOTH_LOSSES
def test_float32_is_close_to_float64(net, loss):
    """All results are float32 for float32 parameters, and close to float64."""
    X, Y = data(0, loss=loss)
    results = []
    for dtype in (np.float32, np.float64):
        parameters = net.initialise(2, rng=0, dtype=dtype)
        predict = learner(net, loss=loss)(X, Y, start=parameters)
        results.append([predict(X), predict.loss, net.tangent_kernel(parameters, X)])
        assert all(a.dtype == dtype for a in (*results[-1], *predict.parameters))
    for a, b in zip(*results, strict=True):
        close(a, b, 2e-5)


@BOTH_LOSSES
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_centred_is_the_difference_from_the_start(loss, name):
    """A centred predictor is f(θ) − f(θ₀), and learns what that shift makes of f."""
    net, (X, Y) = MLP([3, 5, 2], "tanh", bias=0.5), data(0, loss=loss)
    parameters, new = net.initialise(3, rng=0), data(1)[0]
    learn = learner(net, name, loss=loss, centred=True)
    predict = learn(X, Y, start=parameters)
    close(predict(new), net(predict.parameters, new) - net(parameters, new))
    measure = mean_squared_error if loss == "mse" else cross_entropy
    close(predict.loss, measure(predict(X), Y))
    if loss == "mse":  # the same as to learn Y + f(θ₀)
        shifted = Y + net(parameters, X)
        moved = learner(net, name)(X, shifted, start=parameters)
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
    learn, start = learner(net, loss="cross-entropy"), [np.ones((1, 1, 2))]
    predict = learn([[1e6]], [0], start=start)
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
    for learn, D, weighted in (
        (learner(net), 8, True),
        (learner(net, "adam", centred=True), 8, True),
        (linearised(net), 2, False),
    ):
        options = {"weights": passed[2]} if weighted else {}
        predict = learn(passed[0][:D], passed[1][:D], start=given, **options)
        options = {"weights": w.astype(float)} if weighted else {}
        arguments = X[:D].astype(float), Y[:D].astype(float)
        exact = learn(*arguments, start=parameters, **options)
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
    predict = build(net)(X, Y, start=parameters)
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


@pytest.mark.parametrize("learn", [learner(NET), linearised(NET)])
def test_what_a_fit_returns_is_its_callers(learn):
    """Changing the parameters of a predictor does not change its predictions."""
    predict = learn(X[:2], Y[:2], start=START)
    before = predict(X)
    for p in predict.parameters:
        p[:] = 0
    np.testing.assert_array_equal(predict(X), before)
    assert predict == predict
    assert len({predict}) == 1


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
    learn = gradient_descent(net, rate=1.0, steps=1)
    after = learn([[1.0]], [[1.0]], start=start)
    assert after.parameters[0] == after.parameters[1] == 0


def test_groups_shrink_to_one_member(monkeypatch):
    """A network too large for the cache trains alone."""
    monkeypatch.setattr(passes, "_CACHED", 1)
    assert len(loop._groups(NET, 5, 8, torch.device("cpu"))) == 5
    assert len(loop._groups(NET, 5, 8, torch.device("cuda"))) == 1
