"""The network linearised at its initialisation: after some steps, or for ever."""

import torch

from scalinglib._input import above_zero, one_of, truth, whole_number
from scalinglib.networks import _tensors
from scalinglib.networks.loop import refuse_no_network, share
from scalinglib.networks.measures import _LOSSES
from scalinglib.networks.protocol import Predictor, learner

__all__ = ["linearised"]


def linearised(
    net,
    *,
    rate=None,
    steps=None,
    momentum=0.0,
    loss="mse",
    centred=False,
    rng=None,
    device=None,
):
    r"""The network linearised at its initialisation, trained for ever or some steps.

    .. math::

       f(x) = f_0(x) + \hat\Theta(x, X) \, a, \qquad
       a_\infty = \hat\Theta(X, X)^{-1} (Y - f_0(X))

    with the tangent kernel of these very parameters. For ever is where gradient flow
    on the MSE of the first-order expansion around them ends. With a rate and a number
    of steps a is what `gradient_descent` of that expansion makes of zero,
    :math:`v \leftarrow \mu v + \nabla L(f), \; a \leftarrow a - \eta v`.

    Parameters
    ----------
    net : MLP or Module
        The architecture.
    rate, steps : float and int, optional
        η > 0 and the number of steps, ≥ 1. Without them training goes on for ever.
    momentum, loss
        As in `gradient_descent`; for ever is there for the MSE only.
    centred : bool, default False
        Leave out f₀, as in `gradient_descent`.
    rng, device
        As in `gradient_descent`, but rng is one source.

    Returns
    -------
    learn : callable
        ``learn(X, Y)`` and ``learn(X, Y, start=parameters)`` as in `gradient_descent`,
        with weights if there are steps. The predictor's parameters are those at the
        start.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``learn`` if shapes do not match, a loss
        is not finite after the steps, or, for ever, a kernel is not positive definite:
        its rank is below D C for lack of parameters, for equal inputs, or for an input
        at which the gradient vanishes.

    References
    ----------
    J. Lee et al., "Wide neural networks of any depth evolve as linear models under
    gradient descent", arXiv:1902.06720 (2019).

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib.networks import MLP
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> linearised(net, rng=0)(X, [1.0, -1.0])(X).round(9).tolist()
    [1.0, -1.0]
    """
    refuse_no_network(net)
    if set(net._rates("rate")) != {1.0}:
        raise ValueError(
            "net must be a network all of whose layers learn at one rate, got "
            f"parameterisation {net.parameterisation!r}"
        )
    centred = truth("centred", centred)
    one_of("loss", loss, _LOSSES)
    _tensors.device(device)
    momentum = share("momentum", momentum)
    if (rate is None) != (steps is None):
        raise ValueError(
            f"rate and steps must both be given or neither, got {rate!r} and {steps!r}"
        )
    for_ever = steps is None
    if for_ever and (loss != "mse" or momentum):
        raise ValueError(
            f"steps must be given for loss {loss!r} and momentum {momentum!r}: for "
            "ever is there for the MSE, where momentum changes nothing"
        )
    if not for_ever:
        rate = above_zero("rate", rate)
        steps = whole_number("steps", steps, least=1)
    checked = _LOSSES[loss][2]

    def fit(parameters, X, Y, weights=None):
        theta = net._checked(parameters, device, "start")
        X = _tensors.inputs("X", X, net.inputs, theta, own=True)
        D, members = X.shape[-2], _tensors.members(theta, X)
        Y = checked(Y, members, D, net.outputs, X)
        w = _tensors.weights(weights, _tensors.members(theta, X, Y), D, X)
        theta = _tensors.as_many(theta, X, Y, w)

        def at_start(inputs):
            f = net._evaluate(theta, inputs)
            return torch.zeros_like(f) if centred else f

        kernel, f0 = net._kernel(theta, X, None), at_start(X)
        if for_ever:
            v, losses = _for_ever(kernel, Y - f0)
        else:
            v, losses = _descended(
                kernel, f0, Y, w, _LOSSES[loss], rate, steps, momentum
            )

        def predict(X_new):
            at = _tensors.inputs("X_new", X_new, net.inputs, theta)
            f = at_start(at) + net._product(theta, at, X, v)
            return _tensors.result(f, "X_new", X_new)

        return Predictor(_tensors.arrays(theta), losses.numpy(force=True), predict)

    return learner(net, fit, rng, labels=loss == "cross-entropy", weighted=not for_ever)


def _for_ever(kernel, residual):
    """Dual vectors (T, D, C) that interpolate, and the losses that are left."""
    T, D, C = residual.shape
    dual, left = _solve(kernel, residual.reshape(T, D * C, 1))
    return dual.reshape(T, D, C), left.square().sum(dim=(1, 2)) / D


def _descended(kernel, f, Y, w, loss, rate, steps, momentum):
    """Dual vectors after some steps of gradient descent, and the losses then."""
    evaluate, gradient, _ = loss
    f, dual, velocity = f.clone(), torch.zeros_like(f), torch.zeros_like(f)
    for _ in range(steps):
        velocity = gradient(f.clone(), Y, w) + momentum * velocity
        dual -= rate * velocity
        f -= rate * torch.matmul(kernel, velocity.flatten(1)[..., None]).view(f.shape)
    losses = evaluate(f, Y, w)
    if not losses.isfinite().all():
        t = int((~losses.isfinite()).nonzero()[0, 0])
        raise ValueError(
            f"member {t} diverged in {steps} steps (training loss {losses[t]:g}): rate "
            f"must be smaller, got {rate!r}; or the data are too large"
        )
    return dual, losses


def _solve(kernel, residual):
    """Solution of kernel @ dual = residual for each member, and what is left of it.

    Numerics: rounding makes a singular kernel look positive definite as often as not.
    So pivots must be above their own rounding error, and the equation must hold.
    """
    if not (kernel.isfinite().all() and residual.isfinite().all()):
        raise ValueError(
            "X, Y and the parameters must be smaller: the kernel overflows"
        )
    factor, info = torch.linalg.cholesky_ex(kernel)
    scale = residual.abs().amax(dim=(1, 2), keepdim=True)
    scale = torch.where(
        scale > 0, scale, torch.ones_like(scale)
    )  # squares may overflow
    dual = torch.cholesky_solve(residual / scale, factor)
    left = kernel @ dual - residual / scale
    size, eps = kernel.shape[-1], torch.finfo(kernel.dtype).eps
    pivots = factor.diagonal(dim1=1, dim2=2).square()
    small = pivots <= 4 * size * eps * kernel.diagonal(dim1=1, dim2=2)
    wrong = ~(left.norm(dim=(1, 2)) <= 1e-3 * (residual / scale).norm(dim=(1, 2)))
    singular = (info > 0) | small.any(dim=1) | wrong
    if singular.any():
        t = int(singular.nonzero()[0, 0])
        raise ValueError(
            f"the tangent kernel of member {t} is not positive definite: X must hold "
            "distinct inputs, none at which the gradient vanishes, and the network "
            f"more parameters than D C = {size}"
        )
    dual, left = dual * scale, left * scale
    if not (dual.isfinite().all() and left.square().isfinite().all()):
        raise ValueError("Y must be smaller: the solution overflows")
    return dual, left
