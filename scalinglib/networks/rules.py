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


def descent(rate, momentum, scale, fastest):
    """Gradient descent: v ← μ v + g, θ ← θ - η v; `fastest` is the largest factor."""
    rate = rate / scale / scale

    def begin(theta, rates):
        largest = rate * max(r for _, r in rates)
        name = "rate" if scale == 1 else "rate / scale²"
        _fit(name, largest, fastest, scale, theta.dtype)
        velocity = torch.zeros_like(theta) if momentum else None

        def move(gradient, _, factor):
            if momentum:
                torch.add(gradient, velocity, alpha=momentum, out=velocity)
                gradient = velocity
            for where, own in rates:
                theta[where].sub_(gradient[where], alpha=rate * factor * own)

        return move

    return begin, "rate"


def adaptive(rate, betas, eps, scale, fastest):
    """Adam; `fastest` is the largest factor of the schedule."""
    rate, (beta1, beta2) = rate / scale, betas

    def begin(theta, rates):
        largest = rate / (1 - beta1) * max(r for _, r in rates)
        name = "rate" if scale == 1 else "rate / scale"
        _fit(f"{name} / (1 - betas[0])", largest, fastest, scale, theta.dtype)
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


def _fit(name, rate, fastest, scale, dtype):
    """What multiplies gradients and outputs is a number of this type."""
    _tensors.fits("scale", scale, dtype)
    _tensors.fits(name, rate, dtype)
    _tensors.fits(f"{name} times the largest of schedule", rate * fastest, dtype)


def spans(shapes, rates, members):
    """Slices of the vector, as long as they have one rate, and these rates."""
    found, stop = [], 0
    for shape, rate in zip(shapes, rates, strict=True):
        start, stop = stop, stop + members * prod(shape)
        if found and found[-1][1] == rate:
            start = found.pop()[0].start
        found.append((slice(start, stop), rate))
    return found
