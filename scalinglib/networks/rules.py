"""How a step moves the parameters of a whole ensemble.

All arrays of parameters lie in one vector, one behind the other, and so do their
gradients and moments: a rule is a handful of operations on long vectors, however many
arrays there are. (torch.optim would do as well, but loads its compiler for a second.)
"""

from math import prod, sqrt

import torch

from scalinglib.networks import _tensors


def flat(shapes, members, like):
    """A vector for the arrays of an ensemble, and views of it, one for each array."""
    sizes = [members * prod(shape) for shape in shapes]
    vector = like.new_empty(sum(sizes))
    parts = zip(vector.split(sizes), shapes, strict=True)
    return vector, [part.view(members, *shape) for part, shape in parts]


def descent(rate, momentum, scale):
    """Gradient descent: v ← μ v + g, θ ← θ - η v."""
    rate = rate / scale**2

    def begin(theta, rates):
        _tensors.fits("rate", rate * max(r for _, r in rates), theta.dtype)
        velocity = torch.zeros_like(theta) if momentum else None

        def move(gradient, _, factor):
            if momentum:
                torch.add(gradient, velocity, alpha=momentum, out=velocity)
                gradient = velocity
            for where, own in rates:
                theta[where].sub_(gradient[where], alpha=rate * factor * own)

        return move

    return begin, "rate"


def adaptive(rate, betas, eps, scale):
    """Adam."""
    rate, (beta1, beta2) = rate / scale, betas

    def begin(theta, rates):
        largest = rate / (1 - beta1) * max(r for _, r in rates)
        _tensors.fits("rate / (1 - betas[0])", largest, theta.dtype)
        _tensors.fits("eps", eps, theta.dtype)
        first, second, size = (torch.zeros_like(theta) for _ in range(3))

        def move(gradient, t, factor):
            step, root = rate * factor / (1 - beta1**t), sqrt(1 - beta2**t)
            first.lerp_(gradient, 1 - beta1)
            second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
            torch.sqrt(second, out=size).div_(root).add_(eps)
            for where, own in rates:
                theta[where].addcdiv_(first[where], size[where], value=-step * own)

        return move

    return begin, "adam_rate"


def spans(shapes, rates, members):
    """Slices of the vector, as long as they have one rate, and these rates."""
    found, stop = [], 0
    for shape, rate in zip(shapes, rates, strict=True):
        start, stop = stop, stop + members * prod(shape)
        if found and found[-1][1] == rate:
            start = found.pop()[0].start
        found.append((slice(start, stop), rate))
    return found
