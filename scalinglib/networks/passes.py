"""Forwards and backwards through an ensemble: functions of (net, theta, …)."""

from math import pi, sqrt

import torch

# φ, φ' as a function of z and φ(z), and the constant c.
_ACTIVATIONS = {
    "relu": (torch.relu, lambda z, h: h.sign(), 2.0),
    "erf": (torch.erf, lambda z, h: torch.exp(-(z**2)) * (2 / sqrt(pi)), 1.0),
    "tanh": (torch.tanh, lambda z, h: 1 - h**2, 1.0),
}
_CACHED = 2**18  # so many numbers, computed together, stay in a cache of a few MB


def forward(net, theta, X, *, keep=True):
    """Outputs, and what `gradients` needs: (h, φ'(z)) before each layer."""
    act, slope, _ = _ACTIVATIONS[net.activation]
    h, seen = X, [(X, None)]
    for layer, (scale, W, shift, b) in enumerate(_layers(net, theta)):
        z = torch.matmul(h, W)
        if scale != 1:
            z *= scale
        if b is not None:
            z += b if shift == 1 else shift * b
        if layer == net.depth:
            return z, seen
        h = act(z)
        if keep:
            seen.append((h, slope(z, h)))
    raise AssertionError("unreachable")


def evaluate(net, theta, X):
    """Outputs alone, some examples at a time: layers stay in the cache."""
    # Not too few: each part reads all the weights again.
    rows = max(64, _CACHED // (len(theta[0]) * max(net.widths)))
    parts = X.split(rows, dim=-2)
    return torch.cat([forward(net, theta, x, keep=False)[0] for x in parts], dim=1)


def gradients(net, theta, seen, g, into):
    """Gradients of a loss, from that at the output, written into arrays like theta."""
    layers = list(_layers(net, into))
    for layer, h, back in _backward(net, theta, seen, g):
        scale, dW, shift, db = layers[layer]
        if db is not None:
            torch.sum(back, dim=1, keepdim=True, out=db)
            if shift != 1:
                db *= shift
        # The factor goes with the examples: they are fewer than the weights.
        torch.matmul(h.mT, back if scale == 1 else back * scale, out=dW)


def tangent_kernel(net, theta, X, Y):
    """Tangent kernel of each member, (T, D C, D' C); Y may be None for X."""
    left = _sensitivities(net, theta, X)
    right = left if Y is None else _sensitivities(net, theta, Y)
    C, kernel = net.widths[-1], 0
    layers = list(_layers(net, theta))
    for (layer, h, g), (_, k, e) in zip(left, right, strict=True):
        scale, _, shift, b = layers[layer]
        inputs = scale**2 * torch.matmul(h, k.mT)
        if b is not None:
            inputs = inputs + shift**2
        inputs = inputs.repeat_interleave(C, -2).repeat_interleave(C, -1)
        kernel = kernel + inputs * torch.matmul(g, e.mT)
    return kernel


def tangent_product(net, theta, X, Y, v):
    """That kernel times v (T, D', C), which is (T, D, C), without the kernel."""
    along = [p.new_empty(len(v), *p.shape[1:]) for p in theta]
    gradients(net, theta, forward(net, theta, Y)[1], v, along)
    _, seen = forward(net, theta, X)
    layers = zip(_layers(net, theta), _layers(net, along), seen, strict=True)
    dz = None  # the change of what the layer before computes
    for (scale, W, shift, _), (_, dW, _, db), (h, slope) in layers:
        change = torch.matmul(h, dW)
        if dz is not None:  # the inputs themselves do not change
            change += torch.matmul(dz * slope, W)
        dz = scale * change
        if db is not None:
            dz += shift * db
    return dz


def _layers(net, theta):
    """Yield factor and weights, then factor and biases (or None), of each layer."""
    rows, arrays = iter(net._rows), iter(theta)
    for row, W in zip(rows, arrays, strict=False):
        if net.bias:
            yield row.factor, W, next(rows).factor, next(arrays)
        else:
            yield row.factor, W, 0.0, None


def _backward(net, theta, seen, g):
    """Yield (layer, h, g) from the last layer to the first.

    g holds ∂/∂z of the layer, (T, rows, units); it enters as that of the output.
    """
    layers = list(_layers(net, theta))
    for layer in range(net.depth, -1, -1):
        h, slope = seen[layer]
        yield layer, h, g
        if layer:
            scale, W, _, _ = layers[layer]
            g = torch.matmul(g, W.mT)
            g *= slope if scale == 1 else slope * scale


def _sensitivities(net, theta, X):
    """(layer, h, g): what enters (T, D, fan_in), and ∂f/∂z (T, D C, fan_out)."""
    f, seen = forward(net, theta, X)
    T, D, C = f.shape
    # Outputs share the axis of examples: one row for each pair of both.
    eye = torch.eye(C, dtype=f.dtype, device=f.device).repeat(T, D, 1)
    rows = [(h, None if s is None else s.repeat_interleave(C, dim=1)) for h, s in seen]
    return list(_backward(net, theta, rows, eye))[::-1]
