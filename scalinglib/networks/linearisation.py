"""The network linearised at its initialisation, where gradient descent ends."""

import torch

from scalinglib._input import truth
from scalinglib.networks import _tensors
from scalinglib.networks.loop import architecture
from scalinglib.networks.protocol import Predictor, learner

__all__ = ["linearised"]


def linearised(net, *, centred=False, rng=None, device=None):
    r"""The network linearised at its initialisation, trained for ever on the MSE.

    .. math::

       f(x) = f_0(x) + \hat\Theta(x, X) \, \hat\Theta(X, X)^{-1} (Y - f_0(X))

    with the tangent kernel of these very parameters: where gradient flow of the
    first-order expansion of the network around them ends.

    Parameters
    ----------
    net : MLP or Module
        The architecture.
    centred : bool, default False
        Leave out f₀, as in `gradient_descent`.
    rng, device
        As in `gradient_descent`.

    Returns
    -------
    learn : callable
        ``learn(X, Y)`` and ``learn(X, Y, start=parameters)`` as in `gradient_descent`,
        for the MSE.

    Raises
    ------
    ValueError
        By ``learn`` if shapes do not match or a kernel is not positive definite: its
        rank is below D C for lack of parameters, for equal inputs, or for an input at
        which the gradient vanishes.

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
    architecture(net)
    centred = truth("centred", centred)
    _tensors.device(device)

    def fit(parameters, X, Y):
        theta = net._checked(parameters, device, "start")
        X = _tensors.inputs("X", X, net.inputs, theta, own=True)
        D = X.shape[-2]
        Y = _tensors.targets(Y, _tensors.members(theta, X), D, net.outputs, X)
        theta = _tensors.as_many(theta, X, Y)
        T = len(theta[0])

        def at_start(inputs):
            f = net._evaluate(theta, inputs)
            return torch.zeros_like(f) if centred else f

        kernel = net._kernel(theta, X, None)
        residual = (Y - at_start(X)).reshape(T, -1, 1)
        dual, left = _solve(kernel, residual)
        v = dual.reshape(T, D, -1)

        def predict(X_new):
            at = _tensors.inputs("X_new", X_new, net.inputs, theta)
            f = at_start(at) + net._product(theta, at, X, v)
            return _tensors.result(f, "X_new", X_new)

        loss = left.square().sum(dim=(1, 2)) / D
        return Predictor(_tensors.arrays(theta), loss.numpy(force=True), predict)

    return learner(net, fit, rng, weighted=False)


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
