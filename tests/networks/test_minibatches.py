"""Batches, schedules, output scales and what is kept on the way."""

import numpy as np
import pytest
from small_networks import close, data, learner, member, module, torch_loss
from thorough import exhaustive, first_of, long

torch = pytest.importorskip("torch")

from scalinglib.networks import (  # noqa: E402
    MLP,
    adam,
    batches,
    gradient_descent,
    linearised,
    passes,
)

BOTH_LOSSES = pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
BOTH_RULES = pytest.mark.parametrize("name", ["momentum", "adam"])
SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))
NET = MLP([3, 6, 4, 2], "tanh", "standard", bias=0.5)


@SEEDS
@BOTH_RULES
@BOTH_LOSSES
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("centred", [False, True])
def test_a_member_with_its_shuffles_is_the_network_alone(
    seed, name, loss, own, centred
):
    """Given its source of random numbers, member t is what it is alone."""
    parameters = NET.initialise(3, rng=seed)
    X, Y = data(seed, (3, 8) if own else (8,), loss=loss)
    w = np.random.default_rng(seed).uniform(size=(3, 8))
    options = {"loss": loss, "batch": 3, "centred": centred, "scale": 2.0}
    options |= {"keep": [0, 7], "schedule": "cosine"}
    learn = learner(NET, name, rng=[5, 6, 7], **options)
    together = learn(X, Y, start=parameters, weights=w)
    for t in range(3):
        of_t = (X[t], Y[t]) if own else (X, Y)
        alone = learner(NET, name, rng=[5 + t], **options)(
            *of_t, start=member(parameters, t), weights=w[t]
        )
        close(together(X)[t], alone(X[t] if own else X)[0])
        for step in (0, 7):
            close(together.path[step].loss[t], alone.path[step].loss[0])


@BOTH_RULES
@BOTH_LOSSES
@pytest.mark.parametrize("batch", [8, 9, 1000])
def test_a_batch_of_all_is_no_batch(name, loss, batch):
    """As many examples as there are, or more, are all of them."""
    parameters, (X, Y) = NET.initialise(2, rng=0), data(0, loss=loss)
    whole = learner(NET, name, loss=loss)(X, Y, start=parameters)
    few = learner(NET, name, loss=loss, batch=batch)(X, Y, start=parameters)
    np.testing.assert_array_equal(few.loss, whole.loss)


@SEEDS
@pytest.mark.parametrize(("D", "batch"), [(8, 3), (7, 7), (5, 2), (4, 1)])
def test_every_example_comes_once_before_any_comes_again(seed, D, batch):
    """Batches of an epoch are a permutation, for each member one of its own."""
    sources = batches.streams(seed, 3)
    X = torch.arange(D, dtype=torch.float64)[None, :, None]
    own = X.expand(3, D, 1) + torch.tensor([0.0, 100.0, 200.0])[:, None, None]
    stream = batches.shuffled([X, own.contiguous()], D, batch, sources)
    seen = [next(stream) for _ in range(4 * D)]
    order, mine = (torch.cat(parts, dim=1)[..., 0] for parts in zip(*seen, strict=True))
    assert (mine - order == torch.tensor([[0.0], [100.0], [200.0]])).all()
    for start in range(0, 4 * D * batch - D + 1, D):
        epoch = order[:, start : start + D]
        assert (epoch.sort(dim=1).values == torch.arange(D)).all()
    assert not (order[0] == order[1]).all()


@SEEDS
@BOTH_LOSSES
def test_the_steps_of_an_epoch_add_up(seed, loss):
    """At a tiny rate four batches move as four steps on all, with weights too."""
    parameters, (X, Y) = NET.initialise(2, rng=seed), data(seed, loss=loss)
    w = np.random.default_rng(seed).uniform(size=8)
    moved = []
    for batch in (2, None):
        learn = gradient_descent(
            NET, rate=1e-7, steps=4, batch=batch, loss=loss, rng=seed
        )
        after = learn(X, Y, start=parameters, weights=w).parameters
        moved.append([a - b for a, b in zip(after, parameters, strict=True)])
    for few, whole in zip(*moved, strict=True):
        np.testing.assert_allclose(few, whole, rtol=1e-3, atol=1e-12)


@long
@SEEDS
@BOTH_RULES
@BOTH_LOSSES
def test_schedules_are_those_of_torch(seed, name, loss):
    """Cosine decay and a rate of stages, on batches, are torch.optim's."""
    parameters, (X, Y) = NET.initialise(1, rng=seed), data(seed, loss=loss)
    x, y = torch.tensor(X), torch.tensor(Y)
    stages = {"cosine": "cosine", "stages": lambda s: 1.0 if s < 0.5 else 0.1}
    for schedule, given in stages.items():
        options = {"loss": loss, "steps": 40, "batch": 3, "rng": [seed]}
        predict = learner(NET, name, schedule=given, **options)(X, Y, start=parameters)
        theirs = module(NET, parameters)
        if name == "adam":
            optimiser = torch.optim.Adam(theirs.parameters(), lr=0.03)
        else:
            optimiser = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.8)
        lowered = (
            torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 40)
            if schedule == "cosine"
            else torch.optim.lr_scheduler.MultiStepLR(optimiser, [20])
        )
        source = np.random.default_rng(seed).spawn(1)[0]
        order = np.concatenate([source.permutation(8) for _ in range(16)])
        for step in range(40):
            at = torch.from_numpy(order[3 * step : 3 * step + 3])
            optimiser.zero_grad()
            torch_loss(theirs(x[at]), y[at], loss).backward()
            optimiser.step()
            lowered.step()
        close(predict(X)[0], theirs(x).detach(), 1e-10)


@BOTH_RULES
@pytest.mark.parametrize("batch", [None, 3])
def test_what_is_kept_is_what_fewer_steps_give(name, batch):
    """Step k on the way is the end of k steps, and 0 the start."""
    parameters, (X, Y) = NET.initialise(3, rng=0), data(0)
    options = {"batch": batch, "rng": 4, "centred": True}
    path = learner(NET, name, steps=15, keep=[0, 4, 15], **options)(
        X, Y, start=parameters
    ).path
    assert list(path) == [0, 4, 15]
    for a, b in zip(path[0].parameters, parameters, strict=True):
        np.testing.assert_array_equal(a, b)
    for step in (4, 15):
        end = learner(NET, name, steps=step, **options)(X, Y, start=parameters)
        close(path[step](X), end(X))
        close(path[step].loss, end.loss)


def test_what_is_kept_of_a_lone_network_has_the_shape_of_its_targets():
    """A network that was drawn predicts in the shape of Y at every step."""
    X, Y = data(0, C=1)
    learn = adam(MLP([3, 4, 1]), rate=0.01, steps=3, keep=[1, 2], rng=0)
    predict = learn(X, Y[:, 0])
    assert [then(X).shape for then in predict.path.values()] == [(8,), (8,)]


@BOTH_RULES
@BOTH_LOSSES
def test_groups_do_not_matter_for_batches(name, loss, monkeypatch):
    """Members keep their shuffles whoever trains beside them."""
    parameters, (X, Y) = NET.initialise(5, rng=0), data(0, (5, 8), loss=loss)
    learn = learner(NET, name, loss=loss, batch=3, rng=2, keep=[3])
    whole = learn(X, Y, start=parameters)
    monkeypatch.setattr(passes, "_CACHED", 2 * NET._numbers(3))
    grouped = learn(X, Y, start=parameters)
    close(grouped(X), whole(X))
    close(grouped.path[3].loss, whole.path[3].loss)


@SEEDS
@BOTH_LOSSES
def test_the_scale_multiplies_the_network(seed, loss):
    """F = a (h(θ) - h(θ₀)), and one step of 1 / a² times the gradient of its loss."""
    parameters, (X, Y) = NET.initialise(2, rng=seed), data(seed, loss=loss)
    options = {"rate": 0.1, "steps": 1, "loss": loss, "centred": True}
    predict = gradient_descent(NET, scale=3.0, **options)(X, Y, start=parameters)
    h0 = NET(parameters, X)
    close(predict(X), 3 * (NET(predict.parameters, X) - h0))
    # The gradient of the loss at f is that at zero, whatever the scale.
    plain = gradient_descent(NET, **options)(X, Y, start=parameters)
    for a, b, start in zip(
        predict.parameters, plain.parameters, parameters, strict=True
    ):
        close(3 * (a - start), b - start, 1e-10)


@exhaustive
@BOTH_RULES
def test_a_large_scale_makes_training_lazy(name):
    """Parameters move as 1/a, and the function ends where its linearisation does."""
    net, (X, Y) = MLP([3, 64, 2], "tanh"), data(0, (5,))
    parameters = net.initialise(2, rng=0)
    moved = []
    for scale in (1.0, 1e3):
        options = {"centred": True, "scale": scale}
        learn = (
            adam(net, rate=0.05, steps=6000, schedule="cosine", **options)
            if name == "adam"
            else gradient_descent(net, rate=0.2, steps=6000, momentum=0.9, **options)
        )
        predict = learn(X, Y, start=parameters)
        far = np.linalg.norm(predict.parameters[0] - parameters[0])
        new = data(1)[0]
        linear = linearised(net, centred=True)(X, Y, start=parameters)(new)
        moved.append((far, np.abs(predict(new) - linear).max()))
    (rich, off), (lazy, close_by) = moved
    assert 300 < rich / lazy < 3000
    # Adam's rule is no gradient flow: it ends elsewhere, on whatever interpolates.
    assert name == "adam" or close_by < 1e-2 * off


@BOTH_RULES
@BOTH_LOSSES
def test_online_on_the_same_examples_is_training_on_them(name, loss):
    """A draw that returns all examples every time is full-batch training."""
    X, Y = data(0, (4096,), loss=loss)
    parameters = NET.initialise(2, rng=0)

    def draw(rng, B):
        return X[np.arange(B) % 4096], Y[np.arange(B) % 4096]

    options = {"loss": loss, "steps": 6, "centred": True, "keep": [2]}
    whole = learner(NET, name, **options)(X, Y, start=parameters)
    online = learner(NET, name, batch=4096, **options).online(draw, start=parameters)
    close(online(X[:8]), whole(X[:8]))
    close(online.path[2].loss, whole.path[2].loss)


def test_online_members_have_draws_and_sources_of_their_own():
    """Member t is the network trained alone on its own draw and source."""
    parameters = NET.initialise(3, rng=0)

    def problem(c):
        def draw(rng, B):
            X = rng.standard_normal((B, 3))
            return X, c * X[:, :2]

        return draw

    draws = [problem(c) for c in (1.0, 2.0, 3.0)]
    together = learner(NET, "adam", batch=5, rng=[1, 2, 3]).online(
        draws, start=parameters
    )
    for t in range(3):
        alone = learner(NET, "adam", batch=5, rng=[1 + t]).online(
            draws[t], start=member(parameters, t)
        )
        close(together.loss[t], alone.loss[0])


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (3, r"draw must be a function \(rng, B\) -> X, Y, or one for each of 2"),
        ([len], "or one for each of 2 members"),
        (lambda rng, B: np.ones((B, 3)), "draw must return X and Y"),
        (lambda rng, B: (np.ones((B, 3)), np.ones((B - 1, 2))), r"Y \(4096, 2\), got"),
        (lambda rng, B: (1.0, 2.0), r"X \(4096, 3\) and Y \(4096, 2\), got \(\)"),
        (lambda rng, B: (np.ones((B, 4)), np.ones((B, 2))), r"X \(4096, 3\) and Y"),
        (lambda rng, B: (np.ones((B, 3)), np.ones((B, 3))), r"got .* and \(4096, 3\)"),
        (lambda rng, B: (np.ones((B, 3)), np.full((B, 2), np.nan)), "must be finite"),
    ],
)
def test_rejects_draws(draw, message):
    """What a draw returns is checked, with its name."""
    learn = adam(NET, rate=0.1, steps=1, batch=4)
    with pytest.raises(ValueError, match=message):
        learn.online(draw, start=NET.initialise(2, rng=0))


def test_online_needs_a_batch():
    """Of fresh examples somebody must say how many."""
    with pytest.raises(
        ValueError, match="batch must say how many examples a step draws"
    ):
        adam(NET, rate=0.1, steps=1).online(None, start=NET.initialise(1))


@pytest.mark.parametrize("batch", [None, 4])
def test_rejects_sources_that_are_not_one_for_each_member(batch):
    """A sequence of sources has an entry for each member, and goes with members."""
    X, Y = data(0)
    learn = adam(NET, rate=0.1, steps=1, batch=batch, rng=[0, 1, 2])
    with pytest.raises(ValueError, match="one for each of 2 members, got 3"):
        learn(X, Y, start=NET.initialise(2))
    with pytest.raises(ValueError, match="rng must be one source where a network is"):
        learn(X, Y)


@pytest.mark.parametrize("sources", [range(3), np.arange(3), (0, 1, 2)])
def test_any_sequence_of_sources_will_do(sources):
    """A member alone is trained with its own source, in a sequence or not."""
    (X, Y), parameters = data(0), NET.initialise(3, rng=0)
    together = learner(NET, batch=3, rng=sources)(X, Y, start=parameters)
    for rng in (2, [2]):
        alone = learner(NET, batch=3, rng=rng)(X, Y, start=member(parameters, 2))
        close(together.loss[2], alone.loss[0])


def test_fresh_examples_are_not_the_weights_again():
    """A seed serves for the initialisation and for the draws: they are independent."""
    net, seen = MLP([1, 50, 1]), []

    def draw(rng, B):
        seen.append(rng.standard_normal((B, 1)))
        return seen[-1], seen[-1] ** 2

    start = net.initialise(1, rng=0)
    for rng in (0, [0]):
        gradient_descent(net, rate=0.1, steps=2, batch=3, rng=rng).online(
            draw, start=start
        )
        assert not np.isclose(seen[-1][:50, 0], start[0][0, 0]).any()


@pytest.mark.parametrize("rule", [gradient_descent, adam])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 1e-160}, "rate / scale.* must be from|at scale 1e-160"),
        ({"scale": 1e-200}, "rate / scale.* must be from|at scale 1e-200"),
        ({"scale": 1e300}, "rate / scale.* must be from|at scale 1e[+]300"),
        ({"schedule": lambda s: 1e300, "rate": 1e10}, "largest of schedule must be"),
        ({"schedule": lambda s: 0.0}, "schedule must not be zero at every step"),
    ],
)
def test_rejects_speeds_that_no_number_holds(rule, options, message):
    """Scales and schedules that overflow are told by their name."""
    X, Y = data(0)
    options = {"rate": 0.1, "steps": 2} | options
    if rule is adam and options.get("scale", 1) < 1:
        return  # its steps do not grow beyond all bounds
    with pytest.raises(ValueError, match=message):
        rule(NET, **options)(X, Y, start=NET.initialise(1, rng=0))


def test_what_is_kept_last_is_not_what_is_returned():
    """Who changes the parameters of the end does not change those kept on the way."""
    X, Y = data(0)
    predict = adam(NET, rate=0.1, steps=3, keep=[3])(X, Y, start=NET.initialise(1))
    before = predict.path[3].parameters[0].copy()
    predict.parameters[0][:] = 0
    np.testing.assert_array_equal(predict.path[3].parameters[0], before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@BOTH_RULES
@BOTH_LOSSES
def test_a_gpu_gives_the_same(name, loss):
    """In float32 the numbers agree to 1e-4."""
    parameters = NET.initialise(3, rng=0, dtype=np.float32)
    X, Y = data(0, (3, 8), loss=loss)
    options = {"loss": loss, "batch": 3, "rng": 0, "schedule": "cosine"}
    on = [
        learner(NET, name, device=device, **options)(X, Y, start=parameters)(X)
        for device in ("cpu", "cuda")
    ]
    close(*on, 1e-4)
