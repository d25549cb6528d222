"""Losses of each member, and their gradients."""

import numpy as np

from scalinglib.networks import _tensors

__all__ = ["cross_entropy", "mean_squared_error"]


def mean_squared_error(f, Y):
    r"""Mean over examples of :math:`\|f(x) - y\|^2`, for each member.

    Parameters
    ----------
    f : (T, D, C) or (D, C) array_like
        Outputs of an ensemble, or of one network.
    Y : (D, C) or (T, D, C) array_like
        Targets.

    Returns
    -------
    (T,) ndarray, or float for one network

    Raises
    ------
    ValueError
        If shapes do not match, or something is not finite, the loss included.

    Examples
    --------
    >>> mean_squared_error([[[1.0, 2.0]]], [[0.0, 0.0]])
    array([5.])
    """
    g = _tensors.outputs(f)
    Y = _tensors.targets(Y, *g.shape, g)
    loss = _mse(g, Y, _tensors.weights(None, *g.shape[:2], g))
    return _of_each(_tensors.result(loss, "f", f), f)


def cross_entropy(f, y):
    r"""Mean over examples of :math:`-\log \mathrm{softmax}(f(x))_y`, for each member.

    Parameters
    ----------
    f : (T, D, C) or (D, C) array_like
        Outputs of an ensemble, or of one network, as logits.
    y : (D,) or (T, D) array_like of int
        Labels 0, …, C − 1.

    Returns
    -------
    (T,) ndarray, or float for one network

    Raises
    ------
    ValueError
        If shapes do not match, a label is none of these, or something is not finite.

    Examples
    --------
    >>> cross_entropy([[[0.0, 0.0]]], [1]).round(6)
    array([0.693147])
    """
    g = _tensors.outputs(f)
    y = _tensors.labels(y, *g.shape, g, name="y")
    (g,) = _tensors.as_many([g], g, y)
    loss = _cross_entropy(g, y, _tensors.weights(None, *g.shape[:2], g))
    return _of_each(_tensors.result(loss, "f", f), f)


def _of_each(losses, f):
    """Losses of members, or that of one network which is no ensemble."""
    return losses if np.ndim(f) == 3 else float(losses[0])


def _mse(f, Y, w):
    """Losses (T,), for weights (T, D)."""
    return (w * (f - Y).square().sum(dim=2)).sum(dim=1)


def _mse_gradient(f, Y, w):
    """Gradient of their sum at f."""
    return (f - Y).mul_(2 * w[..., None])


def _cross_entropy(f, y, w):
    """Losses (T,), for weights (T, D)."""
    labels = y.expand(f.shape[:2])[..., None]
    z = f - f.amax(dim=-1, keepdim=True)
    log_p = z.gather(-1, labels)[..., 0] - z.exp().sum(dim=-1).log()
    return -(w * log_p).sum(dim=1)


def _cross_entropy_gradient(f, y, w):
    """Gradient of their sum at f: softmax (torch's own is slow here) minus one-hot."""
    labels = y.expand(f.shape[:2])[..., None]
    p = (f - f.amax(dim=-1, keepdim=True)).exp_()
    p /= p.sum(dim=-1, keepdim=True)
    p.scatter_add_(-1, labels, p.new_full((1, 1, 1), -1.0).expand_as(labels))
    return p.mul_(w[..., None])


# What a learner needs of a loss: its values, its gradient, and a check of its targets.
_LOSSES = {
    "mse": (_mse, _mse_gradient, _tensors.targets),
    "cross-entropy": (_cross_entropy, _cross_entropy_gradient, _tensors.labels),
}
