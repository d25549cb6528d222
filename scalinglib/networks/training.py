"""Gradient descent and Adam, of all members at once."""

from math import prod, sqrt

import numpy as np
import torch

from scalinglib._input import above_zero, number, one_of, real_array, whole_number
from scalinglib.networks import _tensors, passes
from scalinglib.networks.measures import _LOSSES
from scalinglib.networks.mlp import MLP
from scalinglib.networks.protocol import Predictor, learner

__all__ = ["adam", "gradient_descent"]


def gradient_descent(
    net,
    *,
    rate,
    steps,
    momentum=0.0,
    loss="mse",
    centred=False,
    rng=None,
    device=None,
):
    r"""Full-batch gradient descent, a learner: ``learn(X, Y)`` returns ``predict``.

    .. math::

       v \leftarrow \mu v + \nabla L(\theta), \qquad
       \theta \leftarrow \theta - \eta v

    Parameters
    ----------
    net : MLP
        The architecture.
    rate : float
        η > 0.
    steps : int
        How many, ≥ 1: the same for all members.
    momentum : float, default 0.0
        μ in [0, 1).
    loss : {"mse", "cross-entropy"}
        L, as in `mean_squared_error` and `cross_entropy`.
    centred : bool, default False
        Learn f(θ) − f(θ₀), which is zero at initialisation, instead of f(θ).
    rng : None, int or numpy.random.Generator
        Draws the initialisation for each ``learn(X, Y)``; from a whole number, always
        the same.
    device : str or torch.device, optional
        Where torch computes; by default on a GPU if there is one.

    Returns
    -------
    learn : callable
        ``learn(X, Y) -> Predictor`` trains one network: X is (D, n) and Y (D, C) or,
        for one output, (D,); for the cross-entropy Y is labels (D,).
        ``learn(X, Y, start=parameters)`` trains an ensemble at once. Its parameters
        have a leading axis of T members (or of 1: the same initialisation for all); X
        is (D, n), or (T, D, n) where each member has data of its own; Y (D, C) or
        (T, D, C), or labels (D,) or (T, D). With ``weights=``, (D,) or (T, D), not
        negative, the loss is the weighted mean over the examples. Nothing passed is
        changed.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``learn`` if shapes do not match or a
        loss is not finite after training: the rate is too large.

    Examples
    --------
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> learn = gradient_descent(net, rate=0.1, steps=200, rng=0)
    >>> learn(X, [1.0, -1.0])(X).round(3).tolist()
    [1.0, -1.0]
    >>> predict = learn(X, [[1.0], [-1.0]], start=net.initialise(8, rng=0))
    >>> predict(X).shape, bool(predict.loss.max() < 1e-6)
    ((8, 2, 1), True)
    """
    momentum = number("momentum", momentum, least=0)
    if momentum >= 1:
        raise ValueError(f"momentum must be in [0, 1), got {momentum!r}")
    rate = above_zero("rate", rate)

    def begin(theta):
        _tensors.fits("rate", rate, theta[0].dtype)
        velocity = [torch.zeros_like(p) for p in theta] if momentum else None

        def move(gradients, _):
            if momentum:
                for v, g in zip(velocity, gradients, strict=True):
                    torch.add(g, v, alpha=momentum, out=v)
                gradients = velocity
            for p, g in zip(theta, gradients, strict=True):
                p.sub_(g, alpha=rate)

        return move

    return _trained(net, begin, rate, steps, loss, centred, rng, device)


def adam(
    net,
    *,
    rate,
    steps,
    betas=(0.9, 0.999),
    eps=1e-8,
    loss="mse",
    centred=False,
    rng=None,
    device=None,
):
    r"""Full-batch Adam, a learner: ``learn(X, Y)`` returns ``predict``.

    .. math::

       m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
       \theta \leftarrow \theta - \eta \,
       \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    net, rate, steps, loss, centred, rng, device
        As in `gradient_descent`.
    betas : pair of float
        β₁ and β₂, in [0, 1).
    eps : float
        ε > 0.

    Returns
    -------
    learn : callable
        As in `gradient_descent`.

    Raises
    ------
    ValueError
        As in `gradient_descent`.

    References
    ----------
    D. Kingma, J. Ba, arXiv:1412.6980 (2015).

    Examples
    --------
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> learn = adam(net, rate=0.03, steps=300, rng=0)
    >>> learn(X, [1.0, -1.0])(X).round(2).tolist()
    [1.0, -1.0]
    """
    if real_array("betas", betas).shape != (2,):
        raise ValueError(f"betas must be two numbers, got {betas!r}")
    beta1, beta2 = (number("betas", beta, least=0) for beta in betas)
    if max(beta1, beta2) >= 1:
        raise ValueError(f"betas must be in [0, 1), got {betas!r}")
    rate, eps = above_zero("rate", rate), above_zero("eps", eps)

    def begin(theta):
        _tensors.fits("rate / (1 - betas[0])", rate / (1 - beta1), theta[0].dtype)
        _tensors.fits("eps", eps, theta[0].dtype)
        first = [torch.zeros_like(p) for p in theta]
        second = [torch.zeros_like(p) for p in theta]

        def move(gradients, t):
            step, root = rate / (1 - beta1**t), sqrt(1 - beta2**t)
            for p, m, v, g in zip(theta, first, second, gradients, strict=True):
                m.lerp_(g, 1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                p.addcdiv_(m, (v.sqrt() / root).add_(eps), value=-step)

        return move

    return _trained(net, begin, rate, steps, loss, centred, rng, device)


def _trained(net, begin, rate, steps, loss, centred, rng, device):
    """Train with ``begin(theta) -> move(gradients, t)``, in place."""
    _check_choices(net, centred, device)
    steps = whole_number("steps", steps, least=1)
    one_of("loss", loss, _LOSSES)
    evaluate, gradient, checked = _LOSSES[loss]

    def fit(parameters, X, Y, weights=None):
        initial = net._checked(parameters, device, "start")
        X = _tensors.inputs("X", X, initial, own=True)
        Y = checked(Y, _tensors.members(initial, X), X.shape[-2], net.widths[-1], X)
        w = _tensors.weights(weights, _tensors.members(initial, X, Y), X.shape[-2], X)
        f0 = passes.evaluate(net, initial, X) if centred else X.new_zeros(1, 1, 1)
        many, shared = (
            _tensors.as_many(initial, X, Y, w),
            (X if X.ndim == 3 else X[None], Y, w, f0),
        )
        parts = []
        for group in _groups(net, len(many[0]), X.shape[-2]):
            x, y, v, at_start = (a if len(a) == 1 else a[group] for a in shared)
            theta = [
                p[group].clone(memory_format=torch.contiguous_format) for p in many
            ]
            move = begin(theta)
            for t in range(1, steps + 1):
                f, seen = passes.forward(net, theta, x)
                move(
                    passes.gradients(net, theta, seen, gradient(f - at_start, y, v)), t
                )
            parts.append(
                (evaluate(passes.evaluate(net, theta, x) - at_start, y, v), *theta)
            )
        final, *theta = map(torch.cat, zip(*parts, strict=True))
        finite = final.isfinite()
        for p in theta:
            finite &= p.isfinite().flatten(1).all(dim=1)
        if not finite.all():
            t = int((~finite).nonzero()[0, 0])
            raise ValueError(
                f"member {t} diverged in {steps} steps (training loss {final[t]:g}): "
                f"rate must be smaller, got {rate!r}; or the data are too large"
            )

        def predict(X_new):
            at = _tensors.inputs("X_new", X_new, theta)
            f = passes.evaluate(net, theta, at)
            if centred:
                f -= passes.evaluate(net, initial, at)
            return _tensors.result(f, "X_new", X_new)

        return Predictor(_tensors.arrays(theta), final.numpy(force=True), predict)

    return learner(net, fit, rng, labels=loss == "cross-entropy")


def _groups(net, members, D):
    """Slices of as many members as train together without leaving the cache."""
    each = D * sum(net.widths[1:]) + sum(map(prod, net._shapes()))
    size = max(1, passes._CACHED // each)
    return [slice(i, i + size) for i in range(0, members, size)]


def _check_choices(net, centred, device):
    """What all learners take."""
    if not isinstance(net, MLP):
        raise ValueError(f"net must be an MLP, got {net!r}")
    if not isinstance(centred, bool | np.bool_):
        raise ValueError(f"centred must be True or False, got {centred!r}")
    _tensors.device(device)
