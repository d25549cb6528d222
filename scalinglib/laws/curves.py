"""What a user may pass as a learning curve: sizes and losses."""

import numpy as np

from scalinglib._input import number, positive

DECADES = 60  # of sizes or losses: more is a slip, and squares would overflow


def curve(x, loss):
    """Sizes (n,) and losses (n, trials) from arrays or from one DataArray."""
    if hasattr(loss, "dims"):
        raise ValueError("loss has labels: pass it alone, in the place of x")
    if hasattr(x, "dims") and loss is None:
        x, loss = _unpack(x)
    if loss is None:
        raise ValueError("loss is missing; leave it out only if x is a DataArray")
    x, loss = positive("x", x), positive("loss", loss)
    if x.ndim != 1 or loss.ndim not in (1, 2) or len(loss) != len(x) or not loss.size:
        raise ValueError(
            "x must have shape (n,) and loss (n,) or (n, trials), "
            f"got {x.shape} and {loss.shape}"
        )
    enough(x, 2)
    _increasing(x)
    for name, values in (("x", x), ("loss", loss)):
        if np.ptp(np.log10(values)) > DECADES:
            raise ValueError(
                f"{name} must span at most {DECADES} decades, "
                f"got {values.min():g} to {values.max():g}"
            )
    return x, loss.reshape(len(x), -1)


def enough(x, parameters):
    """At least as many sizes as parameters."""
    if len(x) < parameters:
        raise ValueError(
            f"x must hold at least {parameters} sizes for {parameters} parameters, "
            f"got {len(x)}"
        )


def known_offset(offset, loss):
    """An offset that the losses allow."""
    smallest = loss.mean(axis=1).min()
    if isinstance(offset, str) or not 0 <= number("offset", offset) < smallest:
        raise ValueError(
            "offset must be 'fit' or a number from 0 to below the smallest mean loss "
            f"{smallest:.6g}, got {offset!r}"
        )
    return float(offset)


def _increasing(x):
    # In logarithms: neighbouring floats may share one, and no slope lies between them.
    rises = np.diff(np.log(x)) > 0
    if not rises.all():
        at = int(np.argmin(rises))
        raise ValueError(
            "x must be strictly increasing, without repeats; "
            f"got {float(x[at])!r} followed by {float(x[at + 1])!r} at position {at}"
        )


def _unpack(labelled):
    """The sizes and the losses of a DataArray, the trial dimension last."""
    sizes = [dim for dim in labelled.dims if dim != "trial"]
    if len(sizes) != 1 or sizes[0] not in labelled.coords:
        raise ValueError(
            "x, a DataArray, must have one dimension of sizes, with coordinates, and "
            f"perhaps 'trial'; got {dict(labelled.sizes)}: select one curve with .sel"
        )
    values = labelled.transpose(sizes[0], ...).values
    if "trial" in labelled.dims and values.dtype.kind == "f":
        for bad, said in ((np.isnan(values), "trials missing"), (values == 0, "zero")):
            if bad.any():
                at = labelled[sizes[0]].values[np.argwhere(bad)[0][0]]
                raise ValueError(
                    f"loss must be positive in every trial, and has {said} at "
                    f"{sizes[0]} = {at:.10g}; laws.fit takes such a curve, or take the "
                    "mean, curve.mean('trial')"
                )
    return labelled[sizes[0]].values, values
