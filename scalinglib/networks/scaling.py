r"""How a network grows with its width: spread, factor and rates of every array.

A parameterisation says, for each array of parameters, how widely it is drawn (its
*spread*, a standard deviation), what stands in front of it in the network (its
*factor*) and how fast it learns beside the others (its *rates*, one for gradient
descent and one for Adam, which does not feel the size of a gradient). To add one,
write a function of a layer and a line in `_PARAMETERISATIONS`.
"""

from itertools import pairwise
from math import sqrt
from typing import NamedTuple


class Row(NamedTuple):
    """What a parameterisation says of one array of parameters."""

    spread: float
    factor: float
    rate: float = 1.0
    adam_rate: float = 1.0


class Layer(NamedTuple):
    """What a parameterisation may look at."""

    fan_in: int
    fan_out: int
    first: bool
    last: bool
    gain: float  # √c, or σ_x in the first layer
    bias: float


def _ntk(layer):
    """All parameters standard normal, the factors in the network."""
    shrink = 1 if layer.first else sqrt(layer.fan_in)
    return Row(1.0, layer.gain / shrink), Row(1.0, layer.bias)


def _standard(layer):
    """The same function, the factors in the parameters."""
    shrink = 1 if layer.first else sqrt(layer.fan_in)
    return Row(layer.gain / shrink, 1.0), Row(layer.bias, 1.0)


def _mup(layer):
    """Every layer learns at a rate that does not depend on the width.

    Table 8 of arXiv:2203.03466, with the number of inputs taken as fixed. With one
    hidden layer, σ_x = 1 and no biases, gradient descent in it is that in the NTK
    parameterisation at the output scale :math:`W^{-1/2}`.
    """
    W = layer.fan_in
    out = 1.0 if layer.last else float(layer.fan_out)
    bias = Row(layer.bias, 1.0, rate=out)
    if layer.first:
        return Row(layer.gain, 1.0, rate=out), bias
    if layer.last:
        return Row(1.0, layer.gain / W, rate=float(W)), bias
    return Row(layer.gain / sqrt(W), 1.0, adam_rate=1 / W), bias


_PARAMETERISATIONS = {"ntk": _ntk, "standard": _standard, "mup": _mup}


def of_arrays(name, widths, gain, input_scale, bias):
    """Rows of all arrays in order: weights, and biases if there are any, by layer."""
    found, last = [], len(widths) - 2
    for k, (fan_in, fan_out) in enumerate(pairwise(widths)):
        scale = gain if k else input_scale
        layer = Layer(fan_in, fan_out, k == 0, k == last, scale, bias)
        weights, biases = _PARAMETERISATIONS[name](layer)
        found += [weights, biases] if bias else [weights]
    return tuple(found)
