"""Budgets of compute, spent on networks that predict pixels."""

import functools
import itertools

import numpy as np

from scalinglib import data
from scalinglib.experiments import sweep
from scalinglib.experiments.pixel_networks import (
    BATCH,
    network_on_pixels,
    pixel_network,
    pixel_problem,
)

__all__ = [
    "LATER_BUDGETS",
    "PIXEL_BUDGETS",
    "make_pixel_networks",
    "make_pixels_again",
    "make_pixels_later",
]

#: Widths of both hidden layers at each budget of compute, in FLOP.
#:
#: :meta hide-value:
PIXEL_BUDGETS = {
    10**9.0: [4, 6, 8, 12, 16, 24, 32],
    10**9.5: [6, 8, 12, 16, 24, 32, 48],
    10**10.0: [8, 12, 16, 24, 32, 48, 64],
    10**10.5: [12, 16, 24, 32, 48, 64, 96],
    10**11.0: [16, 24, 32, 48, 64, 96, 128],
}

#: The same for three and for ten times the largest of these.
#:
#: :meta hide-value:
LATER_BUDGETS = {
    10**11.5: [32, 48, 64, 96, 128, 192, 256],
    10**12.0: [48, 64, 96, 128, 192, 256],
}

#: Widths of networks that see pixels again, how many different ones, and how often.
AGAIN = [32, 96], [2**16, 2**18], [4, 16, 64]

#: Rates of Adam; at the later budgets without the largest, best for short runs only.
RATES = [0.025, 0.05, 0.1, 0.2]
LATER_RATES = RATES[:3]


def make_pixel_networks(*, source=None, checkpoint=None):
    """Nats a pixel of networks on Fashion-MNIST, for budgets from 1e9 to 1e11 FLOP.

    Parameters
    ----------
    source : path, optional
        As in `scalinglib.data.fetch_fashion_mnist`.
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (point, rate, share, trial)
        As `network_on_pixels` returns them, for all widths at all of `PIXEL_BUDGETS`. A
        point has the coordinates ``W``, ``P`` (parameters), ``D`` (pixels seen) and
        ``unique`` (different ones among them). Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("pixel_networks").sizes["share"]
    5
    """
    points = _spent(PIXEL_BUDGETS)
    return _made(points, RATES, source=source, checkpoint=checkpoint)


def make_pixels_later(*, source=None, checkpoint=None):
    """Nats a pixel of networks on Fashion-MNIST, for budgets of 3e11 and 1e12.

    Parameters
    ----------
    source, checkpoint : path, optional
        As in `make_pixel_networks`.

    Returns
    -------
    DataArray, dims (point, rate, share, trial)
        As there, for `LATER_BUDGETS`.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("pixels_later").sizes["point"]
    13
    """
    points = _spent(LATER_BUDGETS)
    return _made(points, LATER_RATES, source=source, checkpoint=checkpoint)


def make_pixels_again(*, source=None, checkpoint=None):
    """Nats a pixel of networks on Fashion-MNIST that see pixels again and again.

    Parameters
    ----------
    source, checkpoint : path, optional
        As in `make_pixel_networks`.

    Returns
    -------
    DataArray, dims (point, rate, share, trial)
        As there, for two widths, two numbers of different pixels, and 4, 16 and 64
        times as many that are seen.

    Examples
    --------
    >>> from scalinglib import stored
    >>> again = stored.load("pixels_again")
    >>> sorted(set((again.D / again.unique).values.tolist()))
    [4.0, 16.0, 64.0]
    """
    points = [
        _point(W, epochs * unique, unique)
        for W, unique, epochs in itertools.product(*AGAIN)
    ]
    return _made(points, LATER_RATES, source=source, checkpoint=checkpoint)


def _made(points, rates, *, source, checkpoint):
    """Losses at these points, the dearest begun first."""

    def trial(rng, W, D, unique, rate):
        few = unique if unique < D else None
        return network_on_pixels(
            rng, problem=_fashion(source), W=W, D=D, rate=rate, unique=few
        )

    dearest = sorted(points, key=lambda point: -_parameters(point["W"]) * point["D"])
    grid = {"points": dearest, "rate": rates}
    found = sweep.run(trial, trials=1, seed=0, checkpoint=checkpoint, **grid)
    found = found.isel(trial=0, drop=True).rename(member="trial")
    # Parameters first, then data: as fits of surfaces take them.
    sizes = {"P": ("point", [_parameters(W) for W in found.W.values.tolist()])}
    sizes |= {name: ("point", found[name].values) for name in ("D", "W", "unique")}
    found = found.reset_coords(drop=True).assign_coords(sizes)
    return found.sortby(["unique", "D", "P"]).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _fashion(source):
    """The problem of Fashion-MNIST at full size."""
    images, _ = data.fetch_fashion_mnist(source=source)
    return pixel_problem(images[:60_000], images[60_000:])


def _spent(budgets):
    """Points at which networks of these widths spend these budgets on new pixels."""
    return [
        _point(W, BATCH * round(C / (6 * _parameters(W) * BATCH)))
        for C, widths in budgets.items()
        for W in widths
    ]


def _point(W, D, unique=None):
    """Width, pixels that are seen, and different ones among them."""
    return {"W": W, "D": D, "unique": unique or D}


def _parameters(W):
    """How many parameters a network of this width has."""
    widths = pixel_network(W).widths
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in itertools.pairwise(widths))
