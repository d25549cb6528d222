"""What a user passes to networks, as tensors; what comes back, as arrays.

Private to this room. Every function checks what it takes: shapes with or
without a leading axis of T members, finite entries, labels in range.
"""

import numpy as np
import torch

from scalinglib._input import real_array


def inputs(name, X, n, theta, *, own=False):
    """X as a tensor (D, n), or (T, D, n); with `own`, one member may become T."""
    array, members = real_array(name, X), len(theta[0])
    if (
        array.ndim not in (2, 3)
        or array.shape[-1] != n
        or array.size == 0
        or (array.ndim == 3 and len(array) != members and not (own and members == 1))
    ):
        T = "T" if own and members == 1 else members
        raise ValueError(
            f"{name} must be (D, {n}) or ({T}, D, {n}), not empty; got {array.shape}"
        )
    return finite(name, array, theta[0])


def targets(Y, members, D, C, like, *, name="Y"):
    """Y as a tensor (1 or T, D, C), of the type of the parameters."""
    array = real_array(name, Y)
    lead(name, array, members, (D, C))
    Y = finite(name, array, like)
    return Y if Y.ndim == 3 else Y[None]


def labels(y, members, D, C, like, *, name="Y"):
    """Labels as a tensor (1 or T, D) of whole numbers."""
    array = real_array(name, y)
    lead(f"{name}, the labels,", array, members, (D,))
    if array.dtype.kind not in "iu" or not ((array >= 0) & (array < C)).all():
        raise ValueError(
            f"{name} must hold labels 0, …, {C - 1} for the cross-entropy, got "
            f"{array.min()} to {array.max()} of {array.dtype}"
        )
    y = tensor(array.astype(np.int64), like.device)
    return y if y.ndim == 2 else y[None]


def weights(values, members, D, like):
    """Weights as a tensor (1 or T, D) that sums to one; by default uniform."""
    if values is None:
        return like.new_full((1, D), 1 / D)
    array = real_array("weights", values)
    lead("weights", array, members, (D,))
    w = finite("weights", array, like)
    w = w if w.ndim == 2 else w[None]
    total = w.sum(dim=1, keepdim=True)
    if (w < 0).any() or not (total > 0).all() or not total.isfinite().all():
        raise ValueError(
            "weights must not be negative, nor all zero, and their sums finite; got "
            f"{array.min()} to {array.max()} and sums from {total.min():g}"
        )
    return w / total


def outputs(f):
    """Outputs of networks, or of one, as a tensor (T, D, C) of their own type."""
    array = real_array("f", f)
    if array.ndim not in (2, 3) or array.size == 0:
        raise ValueError(f"f must be (T, D, C) or (D, C), not empty; got {array.shape}")
    array = array if array.ndim == 3 else array[None]
    dtype = torch.float32 if array.dtype == np.float32 else torch.float64
    return finite("f", array, torch.empty(0, dtype=dtype))


def lead(name, array, members, shape):
    """Array is of this shape, perhaps with an axis of members in front."""
    # One initialisation serves as many members as there are data sets.
    free = members == 1 and array.ndim == len(shape) + 1 and len(array)
    if array.shape not in (shape, (members, *shape)) and not (
        free and array.shape[1:] == shape
    ):
        own = ", ".join(map(str, ("T" if members == 1 else members, *shape)))
        raise ValueError(f"{name} must be {shape} or ({own}), got {array.shape}")


def members(theta, X, *others):
    """Size of the leading axis."""
    return max(len(theta[0]), len(X) if X.ndim == 3 else 1, *map(len, others))


def as_many(theta, X, *others):
    """One member repeated, if there are several data sets."""
    T = members(theta, X, *others)
    return [p.expand(T, *p.shape[1:]) for p in theta]


def finite(name, array, like):
    """Array as a tensor of the type and on the device of another; never its memory."""
    dtype = np.float32 if like.dtype == torch.float32 else np.float64
    largest = np.finfo(dtype).max
    least, most = array.min(), array.max()
    if not (least >= -largest and most <= largest):
        raise ValueError(
            f"{name} must be finite in {dtype.__name__}, got {least} to {most}"
        )
    return tensor(array.astype(dtype, copy=False), like.device)


def tensor(array, device):
    """Copy of an array: results outlive it, and torch takes no read-only memory."""
    return torch.from_numpy(array.copy(order="C")).to(device)


def result(computed, name, values):
    """Tensor as an array, refusing what overflowed; `values` may be why."""
    if not computed.isfinite().all():
        raise ValueError(
            f"{name} must be smaller, or the other numbers: the result overflows "
            f"{str(computed.dtype).removeprefix('torch.')}; the largest of {name} "
            f"is {np.abs(np.asarray(values)).max():g}"
        )
    return computed.numpy(force=True)


def arrays(theta):
    """Copies: who changes them does not change the predictor."""
    return tuple(p.numpy(force=True).copy() for p in theta)


def device(choice):
    """Device that torch can use, by default a GPU where there is one."""
    if choice is None:
        choice = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        found = torch.device(choice)
        torch.zeros(1, dtype=torch.float64, device=found).numpy(force=True)
    except (RuntimeError, TypeError, AssertionError, ImportError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"device must be one that torch can use, got {choice!r} ({reason})"
        ) from None
    return found


def fits(name, value, dtype):
    """Value is a number of this type too, neither zero nor infinite."""
    least, most = torch.finfo(dtype).tiny, torch.finfo(dtype).max
    if not least <= value <= most:
        short = str(dtype).removeprefix("torch.")
        raise ValueError(
            f"{name} must be from {least:g} to {most:g} for {short} parameters, "
            f"got {value!r}"
        )
