"""Forwards and backwards through an ensemble: functions of (net, theta, …)."""

from math import pi, sqrt

import torch

# φ, φ' as a function of z and φ(z), and the constant c.
_ACTIVATIONS = {
    "relu": (torch.relu, lambda z, h: (z > 0).to(z.dtype), 2.0),
    "erf": (torch.erf, lambda z, h: torch.exp(-(z**2)) * (2 / sqrt(pi)), 1.0),
    "tanh": (torch.tanh, lambda z, h: 1 - h**2, 1.0),
}
_CACHED = 2**18  # so many numbers, computed together, stay in a cache of a few MB


def forward(net, theta, X, *, keep=True):
    """Outputs, and what `gradients` needs: (h, φ'(z)) before each layer."""
    act, slope, _ = _ACTIVATIONS[net.activation]
    h, seen = X, [(X, None)]
    for layer, (scale, W, b) in enumerate(_layers(net, theta)):
        z = torch.matmul(h, W)
        if scale != 1:
            z *= scale
        if b is not None:
            z += _bias_scale(net) * b
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


def gradients(net, theta, seen, g):
    """Gradients of a loss in the order of theta, from that at the output."""
    gradients = []
    for layer, h, back in _backward(net, theta, seen, g):
        if net.bias:
            gradients.append(_bias_scale(net) * back.sum(dim=1, keepdim=True))
        # The factor goes with the examples: they are fewer than the weights.
        gradients.append(torch.matmul(h.mT, back * _scale(net, layer)))
    return gradients[::-1]


def tangent_kernel(net, theta, X, Y):
    """Tangent kernel of each member, (T, D C, D' C); Y may be None for X."""
    left = _sensitivities(net, theta, X)
    right = left if Y is None else _sensitivities(net, theta, Y)
    C, kernel = net.widths[-1], 0
    for (layer, h, g), (_, k, e) in zip(left, right, strict=True):
        inputs = _scale(net, layer) ** 2 * torch.matmul(h, k.mT)
        if net.bias:
            inputs = inputs + _bias_scale(net) * _bias_scale(net)
        inputs = inputs.repeat_interleave(C, -2).repeat_interleave(C, -1)
        kernel = kernel + inputs * torch.matmul(g, e.mT)
    return kernel


def tangent_product(net, theta, X, Y, v):
    """That kernel times v (T, D', C), which is (T, D, C), without the kernel."""
    along = gradients(net, theta, forward(net, theta, Y)[1], v)
    _, seen = forward(net, theta, X)
    layers = zip(_layers(net, theta), _layers(net, along), seen, strict=True)
    dz = None  # the change of what the layer before computes
    for (scale, W, _), (_, dW, db), (h, slope) in layers:
        change = torch.matmul(h, dW)
        if dz is not None:  # the inputs themselves do not change
            change += torch.matmul(dz * slope, W)
        dz = scale * change
        if db is not None:
            dz += _bias_scale(net) * db
    return dz


def _scale(net, layer):
    """Factor in front of the weights in the network."""
    if layer == 0 or net.parameterisation == "standard":
        return 1.0
    return sqrt(_ACTIVATIONS[net.activation][2] / net.widths[layer])


def _layers(net, theta):
    """Yield the factor, the weights and the biases (or None) of each layer."""
    step = 2 if net.bias else 1
    for layer, k in enumerate(range(0, len(theta), step)):
        yield _scale(net, layer), theta[k], theta[k + 1] if net.bias else None


def _bias_scale(net):
    return net.bias if net.parameterisation == "ntk" else 1.0


def _backward(net, theta, seen, g):
    """Yield (layer, h, g) from the last layer to the first.

    g holds ∂/∂z of the layer, (T, rows, units); it enters as that of the output.
    """
    layers = list(_layers(net, theta))
    for layer in range(net.depth, -1, -1):
        h, slope = seen[layer]
        yield layer, h, g
        if layer:
            scale, W, _ = layers[layer]
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
