"""Any module of torch, through torch.func: two roads to the numbers of an MLP."""

import copy

import numpy as np
import pytest
from small_networks import close, data, learner, member, torch_loss
from thorough import first_of, long

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scalinglib.networks import MLP, Module, adam, linearised  # noqa: E402

BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
BOTH_RULES = pytest.mark.parametrize("name", ["momentum", "adam"])
SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def perceptron():
    """Build the module of an MLP of one hidden layer."""
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))


def convolutions():
    """Build a small network for images of 6 × 6."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 6, 6)),
        nn.Conv2d(1, 3, 3),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.LayerNorm(12),
        nn.Linear(12, 2),
    )


def both(members=3, rng=0):
    """Return an ensemble twice: through torch.func, and by hand-written passes."""
    module = Module(perceptron, inputs=3, outputs=2)
    mlp = MLP([3, 5, 2], "tanh", "standard", bias=1.0)
    theirs = module.initialise(members, rng=rng)
    ours = tuple(
        np.ascontiguousarray(a.swapaxes(1, 2)) if a.ndim == 3 else a[:, None]
        for a in theirs
    )
    return (module, theirs), (mlp, ours)


@long
@SEEDS
@BOTH_LOSSES
@BOTH_RULES
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_the_module_of_an_mlp_learns_as_the_mlp(seed, loss, name, own, centred):
    """Two roads, batches and all, to 1e-12."""
    X, Y = data(seed, (3, 8) if own else (8,), loss=loss)
    options = {"loss": loss, "batch": 3, "rng": 1, "centred": centred, "scale": 2.0}
    found = [
        learner(net, name, **options)(X, Y, start=start)
        for net, start in both(rng=seed)
    ]
    new = data(seed + 1)[0]
    close(found[0](new), found[1](new))
    close(found[0].loss, found[1].loss)


@SEEDS
@pytest.mark.parametrize("own", [False, True])
def test_kernels_and_products_are_those_of_the_mlp(seed, own):
    """So are the tangent kernel, its products, and the linearised network."""
    X, Y = data(seed, (3, 6) if own else (6,))
    new = data(seed + 1)[0]
    v = np.random.default_rng(seed).standard_normal((3, 6, 2))
    module, mlp = both(rng=seed)
    close(*(net.tangent_kernel(p, X) for net, p in (module, mlp)))
    close(*(net.tangent_kernel(p, new, X) for net, p in (module, mlp)))
    close(*(net.tangent_product(p, new, X, v) for net, p in (module, mlp)))
    close(*(net(p, X) for net, p in (module, mlp)))
    close(
        *(linearised(net)(X, Y, start=p)(new) for net, p in (module, mlp)),
        1e-8,
    )


@SEEDS
@BOTH_LOSSES
def test_convolutions_learn_as_in_a_loop_of_torch(seed, loss):
    """Each member of an ensemble is the module trained alone with torch.optim."""
    net = Module(convolutions, inputs=36, outputs=2)
    parameters = net.initialise(2, rng=seed)
    X, Y = data(seed, n=36, loss=loss)
    predict = learner(net, "adam", loss=loss)(X, Y, start=parameters)
    x, y = torch.tensor(X), torch.tensor(Y)
    for t in range(2):
        module = convolutions().double()
        with torch.no_grad():
            for p, value in zip(
                module.parameters(), member(parameters, t), strict=True
            ):
                p.copy_(torch.from_numpy(value[0]))
        optimiser = torch.optim.Adam(module.parameters(), lr=0.03)
        for _ in range(15):
            optimiser.zero_grad()
            torch_loss(module(x), y, loss).backward()
            optimiser.step()
        close(predict(X)[t], module(x).detach(), 1e-10)


def test_what_the_last_layer_keeps_is_not_changed():
    """A module that ends in a tanh needs its output to go back: the scale spares it."""

    def build():
        return nn.Sequential(nn.Linear(3, 2), nn.Tanh())

    net, (X, Y) = Module(build, inputs=3, outputs=2), data(0)
    start = net.initialise(1, rng=0)
    predict = learner(net, rate=0.1, momentum=0.0, scale=2.0)(X, Y, start=start)
    module, x = build().double(), torch.tensor(X)
    with torch.no_grad():
        for p, value in zip(module.parameters(), start, strict=True):
            p.copy_(torch.from_numpy(value[0]))
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1 / 4)
    for _ in range(15):
        optimiser.zero_grad()
        torch_loss(2 * module(x), torch.tensor(Y), "mse").backward()
        optimiser.step()
    close(predict(X)[0], 2 * module(x).detach(), 1e-10)


@SEEDS
def test_attention_and_masks_work(seed):
    """A module with a buffer, for a sequence, and a member of it alone."""

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix, self.out = nn.Linear(2, 6), nn.Linear(2, 1)
            self.register_buffer("mask", torch.ones(4, 4).tril().bool())

        def forward(self, x):
            q, k, v = self.mix(x.view(len(x), 4, 2)).chunk(3, dim=-1)
            scores = (q @ k.mT).masked_fill(~self.mask, -torch.inf)
            return self.out((scores.softmax(dim=-1) @ v).mean(dim=1))

    net = Module(Attention, inputs=8, outputs=1)
    parameters, (X, Y) = net.initialise(3, rng=seed), data(seed, n=8, C=1)
    learn = learner(net, "adam", steps=60)
    predict = learn(X, Y, start=parameters)
    alone = learn(X, Y, start=member(parameters, 1))
    close(predict(X)[1], alone(X)[0])
    assert (predict.loss < ((net(parameters, X) - Y) ** 2).mean(axis=(1, 2))).all()


class OfTorch(nn.Module):
    """Attention as torch brings it, over four places of two numbers each."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.out = kind, nn.Linear(2, 1)
        if kind == "attention":
            self.mix = nn.MultiheadAttention(2, 2, batch_first=True)
        elif kind == "layer":
            options = {"dim_feedforward": 4, "dropout": 0.0, "batch_first": True}
            self.mix = nn.TransformerEncoderLayer(2, 2, **options)
        else:
            self.mix = nn.Linear(2, 6)

    def forward(self, x):
        """Mix the places, and take their mean."""
        x = x.view(len(x), 4, 2)
        if self.kind == "attention":
            x = self.mix(x, x, x, need_weights=False)[0]
        elif self.kind == "layer":
            x = self.mix(x)
        else:
            heads = [a[:, None] for a in self.mix(x).chunk(3, dim=-1)]
            x = nn.functional.scaled_dot_product_attention(*heads)[:, 0]
        return self.out(x.mean(dim=1))


@pytest.mark.parametrize("kind", ["attention", "layer", "function"])
def test_attention_of_torch_has_its_derivatives(kind):
    """It trains as in torch.optim, and its products are those of its kernel."""
    net = Module(lambda: OfTorch(kind), inputs=8, outputs=1)
    parameters, (X, Y) = net.initialise(2, rng=0), data(0, n=8, C=1)
    fast = torch.backends.mha.get_fastpath_enabled()
    predict = learner(net, momentum=0.0, rate=0.1)(X, Y, start=parameters)
    module = OfTorch(kind).double()
    with torch.no_grad():
        for p, value in zip(module.parameters(), parameters, strict=True):
            p.copy_(torch.from_numpy(value[1]))
    optimiser, x = torch.optim.SGD(module.parameters(), lr=0.1), torch.tensor(X)
    for _ in range(15):
        optimiser.zero_grad()
        (module(x) - torch.tensor(Y)).square().mean().backward()
        optimiser.step()
    close(predict(X)[1], module(x).detach(), 1e-10)
    v = np.random.default_rng(0).standard_normal((8, 1))
    direct = net.tangent_kernel(parameters, X) @ v
    close(net.tangent_product(parameters, X, X, v), direct, 1e-10)
    assert torch.backends.mha.get_fastpath_enabled() == fast


def test_initialisation_is_numpys_and_leaves_torch_alone():
    """The first members are the same, and torch's own state is left as it was."""
    net, before = Module(perceptron, inputs=3, outputs=2), torch.get_rng_state()
    few, many = net.initialise(2, rng=4), net.initialise(5, rng=4)
    for a, b in zip(few, many, strict=True):
        np.testing.assert_array_equal(a, b[:2])
    assert not np.allclose(many[0][0], many[0][1])
    assert (torch.get_rng_state() == before).all()


def test_modules_in_single_precision():
    """Everything is float32 for float32 parameters."""
    net = Module(perceptron, inputs=3, outputs=2)
    parameters, (X, Y) = net.initialise(2, rng=0, dtype=np.float32), data(0)
    predict = adam(net, rate=0.01, steps=3)(X, Y, start=parameters)
    assert predict(X).dtype == predict.loss.dtype == np.float32
    assert net.tangent_kernel(parameters, X).dtype == np.float32


def test_a_module_is_not_changed_by_training():
    """What `build` returned first is no member of any ensemble."""
    net = Module(perceptron, inputs=3, outputs=2)
    held = copy.deepcopy(net._module.state_dict())
    adam(net, rate=0.1, steps=3, rng=0)(*data(0))
    for name, value in net._module.state_dict().items():
        assert (value == held[name]).all()


def centre(x):
    """Subtract the mean over the examples, which no network may."""
    return x - x.mean(dim=0)


class Centred(nn.Linear):
    """A layer whose output at a row depends on the others."""

    def forward(self, x):
        """Subtract the mean over the examples."""
        return centre(super().forward(x))


class Dropping(nn.Linear):
    """A layer with dropout that is no module."""

    def forward(self, x):
        """Drop half of the outputs in training."""
        return nn.functional.dropout(super().forward(x), 0.5, self.training)


class Recurrent(nn.Module):
    """A recurrent layer of torch, which its transformations do not know."""

    def __init__(self):
        super().__init__()
        self.layer = nn.GRU(1, 2, batch_first=True)

    def forward(self, x):
        """Return the last state."""
        return self.layer(x[..., None])[0][:, -1]


def frozen():
    """Build a module of which one layer does not learn."""
    module = perceptron()
    module[0].requires_grad_(False)
    return module


ONE = nn.Linear(3, 2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ONE, "build must return a new module each time, got the same"),
        (frozen, "whose parameters all learn, got 2 with requires_grad=False: regis"),
        (Recurrent, "torch.func can vectorise .*it says: Batching rule not impl"),
        (lambda: nn.LazyLinear(2), "whose shapes are known, not lazy"),
        (lambda: nn.Linear(3, 2, dtype=torch.complex64), "real parameters"),
        (lambda: Dropping(3, 2), "depend on whether it is in training"),
        (3, "build must be a function of nothing, got 3"),
        (lambda: 3, "build must return a torch module, got <class 'int'>"),
        (nn.ReLU, "build must return a module with parameters"),
        (lambda: nn.Linear(4, 2), r"module of rows \(D, 3\); at three of them it says"),
        (lambda: nn.Linear(3, 4), r"outputs must be .* got \(3, 4\) for \(3, 2\)"),
        (lambda: nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), "in training"),
        (lambda: nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)), "in training"),
        (lambda: Centred(3, 2), "depend on the others"),
    ],
)
def test_rejects_modules(build, message):
    """What cannot be an ensemble is refused when it is built."""
    with pytest.raises(ValueError, match=message):
        Module(build, inputs=3, outputs=2)


def test_a_module_of_the_users_own_is_left_as_it_was():
    """What `build` returns keeps its type and its mode."""
    made = []

    def build():
        made.append(nn.Linear(3, 2))
        return made[-1]

    Module(build, inputs=3, outputs=2).initialise(2, rng=0)
    assert all(m.training and m.weight.dtype == torch.float32 for m in made)


def test_layers_that_look_like_batches_are_taken():
    """Instance normalisation treats each example alone, and is no batch's."""

    def build():
        parts = nn.Unflatten(1, (2, 4)), nn.Conv1d(2, 2, 1), nn.InstanceNorm1d(2)
        return nn.Sequential(*parts, nn.Flatten(), nn.Linear(8, 1))

    net = Module(build, inputs=8, outputs=1)
    assert net(net.initialise(2, rng=0), np.eye(8)).shape == (2, 8, 1)


def test_rejects_modules_that_change_their_shapes():
    """Every member has the same shapes."""
    sizes = iter([2, 2, 2, 3])
    net = Module(
        lambda: nn.Sequential(nn.Linear(3, w := next(sizes)), nn.Linear(w, 1)),
        inputs=3,
        outputs=1,
    )
    with pytest.raises(ValueError, match="always return the same shapes"):
        net.initialise(2, rng=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"members": 0}, "members must be at least 1"),
        ({"members": 1, "dtype": "int"}, "dtype must be float64 or float32"),
    ],
)
def test_rejects_ensembles_of_modules(options, message):
    """Members and type are those of an MLP."""
    with pytest.raises(ValueError, match=message):
        Module(perceptron, inputs=3, outputs=2).initialise(**options)
