"""What networks and their training refuse, and how they say so."""

import numpy as np
import pytest
from small_networks import data, learner

torch = pytest.importorskip("torch")

from scalinglib.networks import (  # noqa: E402
    MLP,
    adam,
    cross_entropy,
    gradient_descent,
    linearised,
    mean_squared_error,
)

BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Threads of torch that wait for a busy core would make these tests slow."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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
        (
            {"parameterisation": "mp"},
            "parameterisation must be one of.*got 'mp'",
        ),
        ({"input_scale": 0}, "input_scale must be above zero, got 0"),
        ({"input_scale": np.nan}, "input_scale must be a finite number, got nan"),
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
        ({"loss": "l2"}, "loss must be one of 'mse', 'cross-entropy', got 'l2'"),
        ({"net": "mlp"}, "net must be an MLP or a Module, got 'mlp'"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"batch": 2.5}, "batch must be a whole number, got 2.5"),
        ({"schedule": "linear"}, "schedule must be one of 'constant', 'cosine', got"),
        ({"schedule": None}, "schedule must be one of"),
        ({"schedule": lambda s: -1.0}, r"schedule must .* not negative.* -1.0 at 0"),
        ({"schedule": lambda s: "a"}, r"schedule must return .* got 'a' at 0"),
        ({"scale": 0}, "scale must be above zero, got 0"),
        ({"keep": 3}, "keep must list steps, got 3"),
        ({"keep": [1, 1]}, r"keep must list rising steps up to 1, got \[1, 1\]"),
        ({"keep": [2]}, r"keep must list rising steps up to 1, got \[2\]"),
        ({"keep": [-1]}, "keep must be at least 0, got -1"),
        ({"rng": "a"}, "rng must be a whole number, got 'a'"),
        ({"rng": [0, "a"]}, "rng must be a whole number, got 'a'"),
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
        (lambda o: linearised(None), "net must be an MLP or a Module, got None"),
    ],
)
def test_rejects_options_of_one_learner(call, message):
    """So are momentum, the betas, ε and the net of the linearised network."""
    with pytest.raises(ValueError, match=message):
        call({"rate": 0.1, "steps": 1})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (None, "must be a tuple, got"),
        (3, "must be a tuple, got"),
        (START[0], "must be a tuple, got"),
        ([], "must have the shapes"),
        ([1.0, 2.0], "must have the shapes"),
        (MLP([3, 6, 2]).initialise(4), "must have the shapes"),
        (MLP([3, 5, 2], bias=1).initialise(4), "must have the shapes"),
        ((START[0], START[1][:2]), "must have the shapes"),
        ((START[0], START[1].astype(np.float32)), "one type, got"),
        ([p.astype(int) for p in START], "must be float64 or float32"),
        ([p[:0] for p in START], "must be .* one member at least"),
        ([p * np.nan for p in START], "must be finite in float64, got nan"),
        ([np.ma.masked_array(p, p > 1) for p in START], "must not be masked"),
    ],
)
def test_rejects_parameters(parameters, message):
    """Parameters are those of this architecture, all finite and of one type."""
    calls = [
        lambda: NET(parameters, X),
        lambda: NET.tangent_kernel(parameters, X),
        lambda: learner(NET)(X, Y, start=parameters),
        lambda: linearised(NET)(X, Y, start=parameters),
    ]
    for call in calls[:2]:
        with pytest.raises(ValueError, match=message) as error:
            call()
        assert str(error.value).startswith("parameters ")
    for call in calls[2:] if parameters is not None else []:  # a learner draws its own
        with pytest.raises(ValueError, match=message) as error:
            call()
        assert str(error.value).startswith("start ")


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
    predict = learner(NET)(X, Y, start=START)
    for name, call in [
        ("X", lambda: NET(START, bad)),
        ("X", lambda: NET.tangent_kernel(START, bad)),
        ("Y", lambda: NET.tangent_kernel(START, X, bad if bad is not None else 1j)),
        ("X", lambda: NET.tangent_product(START, bad, X, Y)),
        ("Y", lambda: NET.tangent_product(START, X, 1j if bad is None else bad, Y)),
        ("X", lambda: learner(NET)(bad, Y, start=START)),
        ("X", lambda: linearised(NET)(bad, Y, start=START)),
        ("X_new", lambda: predict(bad)),
        ("X_new", lambda: linearised(NET)(X[:2], Y[:2], start=START)(bad)),
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
        ("cross-entropy", LABELS > 0, "(?i)y must hold real numbers"),
    ],
)
def test_rejects_targets(loss, targets, message):
    """Targets are finite and as many as inputs and outputs; labels whole and < C."""
    measure = mean_squared_error if loss == "mse" else cross_entropy
    with pytest.raises(ValueError, match=message):
        learner(NET, loss=loss)(X, targets, start=START)
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
        learner(NET)(X, Y, start=START, weights=weights)


def test_rejects_sizes_that_differ():
    """One initialisation takes several data sets, but X and Y of as many members."""
    one = NET.initialise(1, rng=0)
    with pytest.raises(ValueError, match=r"Y must be .*\(5, 8, 2\), got \(3, 8, 2\)"):
        learner(NET)(np.stack([X] * 5), np.stack([Y] * 3), start=one)
    with pytest.raises(ValueError, match=r"weights must be .*\(5, 8\), got \(3, 8\)"):
        learner(NET)(X, np.stack([Y] * 5), start=one, weights=np.ones((3, 8)))


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
    learn = learner(NET, name, loss=loss, rate=1e300)
    with pytest.raises(ValueError, match=r"member 0 diverged .*rate must be smaller"):
        learn(*data(0, loss=loss), start=START)


def test_the_member_that_diverges_is_named():
    """Only the third member starts too far away, and the message says so."""
    start = [p.copy() for p in START]
    for p in start:
        p[2] *= 1e150
    with pytest.raises(ValueError, match="member 2 diverged"):
        gradient_descent(NET, rate=0.01, steps=2)(X, Y, start=start)


def test_parameters_that_diverge_behind_a_finite_loss_are_an_error():
    """A unit that died on its way to infinity leaves a loss of zero."""
    net = MLP([1, 1, 1])
    start = [np.full((1, 1, 1), 1e-150), np.ones((1, 1, 1))]
    with pytest.raises(ValueError, match="member 0 diverged"):
        gradient_descent(net, rate=1e200, steps=1)([[1e150]], [[0.0]], start=start)


@pytest.mark.parametrize(
    ("learn", "message"),
    [
        (gradient_descent(NET, rate=1e39, steps=1), "rate must be from .*got 1e[+]39"),
        (adam(NET, rate=1e38, steps=1), r"rate / \(1 - betas\[0\]\) must be from"),
        (adam(NET, rate=0.1, steps=1, eps=1e-46), "eps must be from .*float32"),
        (adam(NET, rate=0.1, steps=1, scale=1e39), "scale must be from .*float32"),
    ],
)
def test_rejects_what_single_precision_cannot_hold(learn, message):
    """Options are numbers of the parameters' type too."""
    with pytest.raises(ValueError, match=message):
        learn(X, Y, start=NET.initialise(1, rng=0, dtype=np.float32))


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
    trained = gradient_descent(NET, rate=0.01, steps=1)(X, Y, start=START)
    start = linear.initialise(1, rng=0)
    rigid = linearised(linear)(X[:2], 1e3 * Y[:2], start=start)
    for name, call in {
        "X": lambda: NET(START, huge),
        "v": lambda: NET.tangent_product(START, X, X, np.sign(Y) * 1e308),
        "X_new": lambda: trained(huge),
        "X_new ": lambda: rigid(huge),
    }.items():
        with pytest.raises(ValueError, match=f"^{name.strip()} must be smaller"):
            call()
    with pytest.raises(ValueError, match="the kernel overflows"):
        linearised(NET)(X[:2] * 1e200, Y[:2], start=START)
    wide = MLP([3, 50, 2])
    start = wide.initialise(1, rng=0)
    with pytest.raises(ValueError, match="Y must be smaller"):
        linearised(wide)(X[:2] * 1e-3, Y[:2] * 1e306, start=start)


def test_rejects_singular_kernels():
    """Equal inputs, or too few parameters, have no linearised solution."""
    message = "tangent kernel of member 0 is not positive definite: .* D C = "
    with pytest.raises(ValueError, match=message + "6"):
        linearised(NET)(X[[0, 0, 1]], Y[:3], start=START)
    few = MLP([3, 1])
    with pytest.raises(ValueError, match=message + "8"):
        linearised(few)(X, Y[:, :1], start=few.initialise(1, rng=0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_singular_kernels_are_never_taken_for_regular_ones(dtype):
    """Rounding may make their last pivot positive; that deceives nobody."""
    net, twice = MLP([3, 64, 1]), X[[0, 1, 2, 0]]
    for seed in range(100):
        start = net.initialise(1, rng=seed, dtype=dtype)
        with pytest.raises(ValueError, match="not positive definite"):
            linearised(net)(twice, Y[:4, :1], start=start)


def test_the_member_with_a_singular_kernel_is_named():
    """A network with weights zero has no gradient in its first layer."""
    net = MLP([3, 50, 2], "erf")
    start = [p.copy() for p in net.initialise(3, rng=0)]
    for p in start:
        p[1] = 0
    with pytest.raises(ValueError, match="member 1 is not positive definite"):
        linearised(net)(X[:2], Y[:2], start=start)
