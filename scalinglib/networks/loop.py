"""The loop of training, the same for every architecture and every rule."""

from dataclasses import dataclass

import numpy as np
import torch
from tqdm import trange

from scalinglib._input import above_zero, number, one_of, truth, whole_number
from scalinglib.networks import _tensors, batches, passes, rules, schedules
from scalinglib.networks.architecture import Architecture
from scalinglib.networks.measures import _LOSSES
from scalinglib.networks.protocol import Predictor, learner

_ON_GPU = 2**28  # so many numbers, computed together, fit into the memory of any


@dataclass(frozen=True)
class Choices:
    """What learners by gradients have in common, checked once."""

    net: Architecture
    rate: float
    steps: int
    batch: int | None
    schedule: object
    loss: str
    centred: bool
    scale: float
    keep: tuple
    rng: object
    device: object

    def __post_init__(self):
        """Refuse what no training could use."""
        refuse_no_network(self.net)
        own = {
            "rate": above_zero("rate", self.rate),
            "steps": whole_number("steps", self.steps, least=1),
            "scale": above_zero("scale", self.scale),
            "centred": truth("centred", self.centred),
        }
        if self.batch is not None:
            own["batch"] = whole_number("batch", self.batch, least=1)
        one_of("loss", self.loss, _LOSSES)
        own["schedule"] = schedules.factors(self.schedule, own["steps"])
        own["keep"] = _kept(self.keep, own["steps"])
        _tensors.device(self.device)
        for name, value in own.items():
            object.__setattr__(self, name, value)


def refuse_no_network(net):
    """Refuse what is no network."""
    if not isinstance(net, Architecture):
        raise ValueError(f"net must be an MLP or a Module, got {net!r}")


def share(name, value):
    """Value as a float in [0, 1)."""
    checked = number(name, value, least=0)
    if checked >= 1:
        raise ValueError(f"{name} must be in [0, 1), got {value!r}")
    return checked


def _kept(steps, last):
    """Steps after which parameters are kept, in order."""
    try:
        found = [whole_number("keep", step, least=0) for step in steps]
    except TypeError:
        raise ValueError(f"keep must list steps, got {steps!r}") from None
    if found != sorted(set(found)) or (found and found[-1] > last):
        raise ValueError(f"keep must list rising steps up to {last}, got {steps!r}")
    return tuple(found)


def trained(choices, rule):
    """Learner that trains by a rule of `rules`."""
    net, centred, batch = choices.net, choices.centred, choices.batch
    _, _, checked = _LOSSES[choices.loss]

    def fit(parameters, X, Y, weights=None):
        initial = net._checked(parameters, choices.device, "start")
        X = _tensors.inputs("X", X, net.inputs, initial, own=True)
        members, D = _tensors.members(initial, X), X.shape[-2]
        Y = checked(Y, members, D, net.outputs, X)
        w = _tensors.weights(weights, _tensors.members(initial, X, Y), D, X)
        initial = _tensors.as_many(initial, X, Y, w)
        X = X if X.ndim == 3 else X[None]
        f0 = [net._evaluate(initial, X)] if centred else []
        few = batch is not None and batch < D
        sources = batches.streams(choices.rng, len(initial[0]))

        def examples(group):
            own = [a if len(a) == 1 else a[group] for a in (X, Y, w, *f0)]
            if not few:
                return own, batches.everything(own)
            x, y, v, *at_start = own
            drawn = [x, y, v * (D / batch), *at_start]
            return own, batches.shuffled(drawn, D, batch, sources[group])

        return _run(choices, rule, initial, examples, batch if few else D)

    def online(draw, *, start):
        initial = net._checked(start, choices.device, "start")
        members = len(initial[0])
        if batch is None:
            raise ValueError("batch must say how many examples a step draws, got None")
        draws = _draws(draw, members)
        sources = batches.streams(choices.rng, members)

        def examples(group):
            fresh = batches.Fresh(
                draws[group], sources[group], batch, net, checked, initial[0]
            )
            theta = [p[group] for p in initial]

            def beside(x, y, w):
                return [x, y, w, *([net._evaluate(theta, x)] if centred else [])]

            x, y = fresh.block(batches.DRAWN)
            test = beside(x, y, _tensors.weights(None, 1, batches.DRAWN, x))
            return test, (beside(*parts) for parts in fresh)

        return _run(choices, rule, initial, examples, batch)

    classes = choices.loss == "cross-entropy"
    learn = learner(net, fit, choices.rng, labels=classes, sources=True)
    learn.online = online
    return learn


def _draws(draw, members):
    """What draws the examples of each member."""
    draws = list(draw) if isinstance(draw, list | tuple) else [draw] * members
    if len(draws) != members or not all(map(callable, draws)):
        raise ValueError(
            "draw must be a function (rng, B) -> X, Y, or one for each of "
            f"{members} members, got {draw!r}"
        )
    return draws


def _run(choices, rule, initial, examples, rows):
    """Train, some members at a time, and hand out what they have become."""
    net, members, like = choices.net, len(initial[0]), initial[0]
    groups = _groups(net, members, rows, like.device)
    keep = (*choices.keep, choices.steps)
    kept = {step: [] for step in keep}
    with trange(
        len(groups) * choices.steps, disable=None, leave=False, delay=1
    ) as progress:
        for group in groups:
            own, steps = examples(group)
            start = [p[group] for p in initial]
            for step, theta in _steps(choices, rule, start, steps, keep, progress):
                loss = _loss(choices, theta, own)
                # On the last step the vector is nobody else's.
                whole = theta if step == choices.steps else [p.clone() for p in theta]
                kept[step].append((loss, *whole))
    path = {
        step: _predictor(choices, initial, *map(torch.cat, zip(*parts, strict=True)))
        for step, parts in kept.items()
    }
    last = path[choices.steps]
    _finite(choices, last)
    if choices.steps not in choices.keep:
        del path[choices.steps]
    own = tuple(p.copy() for p in last.parameters)
    return Predictor(own, last.loss.copy(), last._predict, path)


def _steps(choices, rule, start, examples, keep, progress):
    """Yield the steps that are kept, with the parameters after each."""
    net, (begin, rates) = choices.net, rule
    evaluate = _LOSSES[choices.loss][1]
    shapes, members = [p.shape[1:] for p in start], len(start[0])
    vector, theta = rules.flat(shapes, members, start[0])
    gradient, into = rules.flat(shapes, members, start[0])
    for p, value in zip(theta, start, strict=True):
        p.copy_(value)
    move = begin(vector, rules.spans(shapes, net._rates(rates), members))
    keep = set(keep)
    if 0 in keep:
        yield 0, theta
    for t, factor in enumerate(choices.schedule, start=1):
        x, y, w, *f0 = next(examples)
        f, seen = net._forward(theta, x)
        if choices.centred:
            f -= f0[0]
        if choices.scale != 1:
            f *= choices.scale
        g = evaluate(f, y, w)
        if choices.scale != 1:
            g *= choices.scale
        net._gradients(theta, seen, g, into)
        move(gradient, t, factor)
        progress.update()
        if t in keep:
            yield t, theta


def _loss(choices, theta, own):
    """Loss of each member on all its examples."""
    x, y, w, *f0 = own
    f = choices.net._evaluate(theta, x)
    f = choices.scale * (f - f0[0] if choices.centred else f)
    return _LOSSES[choices.loss][0](f, y, w)


def _predictor(choices, initial, loss, *theta):
    """What a user gets of an ensemble at some step."""
    net = choices.net

    def predict(X_new):
        at = _tensors.inputs("X_new", X_new, net.inputs, theta)
        f = net._evaluate(theta, at)
        if choices.centred:
            f -= net._evaluate(initial, at)
        if choices.scale != 1:
            f *= choices.scale
        return _tensors.result(f, "X_new", X_new)

    return Predictor(_tensors.arrays(theta), loss.numpy(force=True), predict)


def _finite(choices, last):
    """Refuse a training that diverged."""
    finite = np.isfinite(last.loss)
    for p in last.parameters:
        finite &= np.isfinite(p).all(axis=tuple(range(1, p.ndim)))
    if not finite.all():
        t = int(np.flatnonzero(~finite)[0])
        scaled = f" at scale {choices.scale!r}" if choices.scale != 1 else ""
        raise ValueError(
            f"member {t} diverged in {choices.steps} steps (training loss "
            f"{last.loss[t]:g}): rate must be smaller, got {choices.rate!r}{scaled}; "
            "or the data are too large"
        )


def _groups(net, members, rows, device):
    """Slices of as many members as train together without leaving the cache."""
    most = passes._CACHED if device.type == "cpu" else _ON_GPU
    size = max(1, most // net._numbers(rows))
    return [slice(i, i + size) for i in range(0, members, size)]
