"""Stochastic descent on examples that come again, beside one that sees all but once."""

import functools

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import generator, real_array, whole_number
from scalinglib.experiments import sweep
from scalinglib.experiments.populations import population_problem

__all__ = [
    "REPEATS",
    "excess_of_repeats",
    "make_repeated_examples",
    "repeated",
    "repeats_problem",
    "shuffled_places",
]

#: How the networks are trained; they draw 1024 examples in all.
REPEATS = {"rate": 0.2, "steps": 64, "batch": 16}

#: Sizes of the data sets; what is stored has so many members in each of the trials.
SIZES, MEMBERS, TRIALS = [2**k for k in range(5, 13)], 128, 16


@functools.cache
def repeats_problem():
    """A network of 16 ReLU units, its initialisation, and the images it learns.

    Returns
    -------
    net, start, X, Y
        Those of `population_problem`, in single precision and read-only: X is
        (12000, 49), Y one-hot less its mean.

    Examples
    --------
    >>> net, start, X, Y = repeats_problem()
    >>> net.widths, X.shape
    ((49, 16, 10), (12000, 49))
    """
    _, _, X, Y, _ = population_problem("images", "mse")
    net = networks.MLP([49, 16, 10])
    start = net.initialise(1, rng=1, dtype=np.float32)
    found = *start, X.astype(np.float32), Y.astype(np.float32)
    for array in found:
        array.setflags(write=False)  # all trials share them
    return net, start, *found[-2:]


def repeated(fresh, places):
    """Sequence of examples in which those at equal places are the same.

    Of a sequence that never repeats itself it keeps as much as it can: the two differ
    only where a place comes again. Their losses are then nearly equal, and a few
    members tell the difference.

    Parameters
    ----------
    fresh : (M,) array_like
        Independent examples.
    places : (M,) array_like of int
        Which of the D examples of a data set each step of the sequence takes.

    Returns
    -------
    (M,) ndarray
        At each step the fresh example of the first step with this place. If `fresh` is
        independent and `places` are independent of it, that is a sequence from a data
        set of D independent examples.

    Raises
    ------
    ValueError
        If the two are not of one shape (M,), M ≥ 1.

    Examples
    --------
    >>> repeated([10, 11, 12, 13], [2, 0, 2, 1]).tolist()
    [10, 11, 10, 13]
    """
    fresh, places = real_array("fresh", fresh), real_array("places", places)
    if fresh.ndim != 1 or fresh.shape != places.shape or not fresh.size:
        raise ValueError(
            f"fresh and places must have one shape (M,), M >= 1, got {fresh.shape} "
            f"and {places.shape}"
        )
    _, first, which = np.unique(places, return_index=True, return_inverse=True)
    return fresh[first[which]]


def shuffled_places(rng, D, M):
    """M places of D, all of them in random order before any comes again.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws an order for each epoch.
    D, M : int
        Both ≥ 1.

    Returns
    -------
    (M,) ndarray of int

    Raises
    ------
    ValueError
        If `D` or `M` is below 1.

    Examples
    --------
    >>> sorted(shuffled_places(0, 3, 6)[:3].tolist())
    [0, 1, 2]
    """
    rng = generator(rng)
    D, M = whole_number("D", D, least=1), whole_number("M", M, least=1)
    epochs = [rng.permutation(D) for _ in range(-(-M // D))]
    return np.concatenate(epochs)[:M]


def excess_of_repeats(rng, *, sizes=SIZES, members=MEMBERS):
    """Losses after as many steps on D examples as on endless ones: a trial.

    Each member has its own data set and its own batches, all have one initialisation.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws data sets and batches.
    sizes : sequence of int
        The values of D, each ≥ 1.
    members : int
        Over so many is averaged, ≥ 1.

    Returns
    -------
    DataArray, dims (order, D)
        Losses over the population: ``once``, of batches that are drawn from it, at
        every size the same; ``replacement``, of batches that are drawn with replacement
        from D examples; ``shuffled``, all D before any comes again. All three are made
        of the same fresh examples, see `repeated`.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> loss = excess_of_repeats(0, sizes=[64], members=4)[:, 0]
    >>> bool(loss.sel(order="replacement") > loss.sel(order="once"))
    True
    """
    rng, M = generator(rng), REPEATS["steps"] * REPEATS["batch"]
    sizes = [whole_number("sizes", D, least=1) for D in np.atleast_1d(sizes)]
    members = whole_number("members", members, least=1)
    N = len(repeats_problem()[2])
    fresh = rng.integers(N, size=(members, M))
    found = np.empty((3, len(sizes)))
    found[0] = _loss(fresh)
    for at, D in enumerate(sizes):
        drawn = rng.integers(D, size=(members, M))
        found[1, at] = _loss([*map(repeated, fresh, drawn)])
        orders = [shuffled_places(rng, D, M) for _ in range(members)]
        found[2, at] = _loss([*map(repeated, fresh, orders)])
    coords = {"order": ["once", "replacement", "shuffled"], "D": sizes}
    return xr.DataArray(found, coords=coords)


def _loss(examples):
    """Mean population loss of networks that see these examples, (T, M), in turn."""
    net, start, X, Y = repeats_problem()
    step = networks.gradient_descent(net, rate=REPEATS["rate"], steps=1, device="cpu")
    examples = np.array(examples)
    theta = [np.repeat(p, len(examples), axis=0) for p in start]
    for part in np.split(examples, REPEATS["steps"], axis=1):
        theta = step(X[part], Y[part], start=theta).parameters
    losses = [
        networks.mean_squared_error(net([p[t : t + 64] for p in theta], X), Y)
        for t in range(0, len(examples), 64)  # not all predictions at once
    ]
    return np.concatenate(losses).mean(dtype=float)


def make_repeated_examples(*, checkpoint=None):
    """Losses on D = 32…4096 examples and on endless ones, 16 trials of 128 members.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (order, D, trial)
        As `excess_of_repeats` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("repeated_examples").order.values.tolist()
    ['once', 'replacement', 'shuffled']
    """
    found = sweep.run(excess_of_repeats, trials=TRIALS, seed=0, checkpoint=checkpoint)
    return found.astype(np.float32)
