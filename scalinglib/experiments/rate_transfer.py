r"""Networks of growing width and one target: which rate is best, how the loss falls.

The target is one random network, the same in every trial, on the unit sphere in eight
dimensions. Students have two hidden layers of ReLU, no biases, and see every example
once. In the maximal-update parameterisation one rate serves all widths.
"""

import functools

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import above_zero, generator, one_of, whole_number
from scalinglib.experiments import sweep

__all__ = [
    "losses_at_rate",
    "losses_in_time",
    "make_normalised_curves",
    "make_rate_transfer",
    "moves_of_first_step",
    "sphere_examples",
]

#: Dimension of the inputs, widths of the teacher, examples of a step.
INPUTS, TEACHER, BATCH = 8, [128, 128], 64

#: Test points, and those on which a single step is looked at.
TEST, SEEN = 4096, 256

#: Rates and widths of the ladder, steps at each, students of each.
RATES, LADDER, STEPS, STUDENTS = 2.0 ** np.arange(-12, 1), 2 ** np.arange(5, 10), 400, 8

#: Widths of the curves in time, students of each, and the shares of the training.
WIDTHS, MEMBERS, SHARES = [16, 24, 32, 48, 64], 16, np.arange(1, 41) / 40

#: Ways to train over time at this rate: schedule, and power of W in the steps.
RATE = 1 / 8
WAYS = {"decay": ("cosine", 2), "constant": ("constant", 2)}
WAYS["same steps"] = "cosine", 0


def sphere_examples(rng, B):
    """Draw points of the unit sphere in eight dimensions and what the teacher says.

    The teacher is one random network of two hidden layers of 128 ReLU units, always
    the same; its answers have mean 0 and variance 1 on the test points.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the points.
    B : int
        How many, ≥ 1.

    Returns
    -------
    X, Y : ndarrays (B, 8), (B, 1), in single precision

    Raises
    ------
    ValueError
        If `B` is below 1.

    Examples
    --------
    >>> X, Y = sphere_examples(0, 4)
    >>> np.allclose((X**2).sum(axis=1), 1), Y.shape
    (True, (4, 1))
    """
    X = _sphere(generator(rng), whole_number("B", B, least=1))
    weights, mean, spread, *_ = _teacher()
    return X, (_TEACHER(weights, X, device="cpu")[0] - mean) / spread


def losses_at_rate(rng, *, parameterisation, W, rate, members=STUDENTS, steps=STEPS):
    """Losses of students after a training by Adam at this rate: a trial.

    The rate falls to zero as a cosine; each of 400 steps draws 64 new examples.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Has a child for each student, which draws its initialisation and its examples,
        the same at every rate.
    parameterisation : {"standard", "mup", "ntk"}
    W, members, steps : int
        Width of both hidden layers, number of students, steps: ≥ 1. The first students
        are the same whatever their number.
    rate : float
        At the beginning, > 0.

    Returns
    -------
    DataArray, dims (member)
        Mean squared errors on 4096 test points.

    Raises
    ------
    ValueError
        If one is not what it must be.

    Examples
    --------
    >>> losses_at_rate(0, parameterisation="mup", W=8, rate=0.1, members=2).dims
    ('member',)
    """
    net, keep = _student(parameterisation, W), [steps]
    return _losses(_trained(rng, net, members, rate, steps, "cosine", keep))[-1]


def losses_in_time(rng, *, way, W, members=MEMBERS, steps=None):
    r"""Losses of students while they are trained: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        As in `losses_at_rate`.
    way : {"decay", "constant", "same steps"}
        Adam in the maximal-update parameterisation at the rate 1/8, which falls to
        zero as a cosine or stays, for steps in proportion to :math:`W^2`; or the
        cosine with the same steps at all widths.
    W, members : int
        Width of both hidden layers, and number of students: ≥ 1.
    steps : int, optional
        By default :math:`4000\,(W/32)^2`, or 4000 if they are the same.

    Returns
    -------
    DataArray, dims (share, member)
        Mean squared errors on 4096 test points after the shares 1/40, …, 1 of the
        training.

    Raises
    ------
    ValueError
        If an argument is not one of these, or there are fewer than 40 steps.

    Examples
    --------
    >>> loss = losses_in_time(0, way="decay", W=8, members=2)
    >>> loss.dims, bool((loss.sel(share=1) < loss.sel(share=0.25)).all())
    (('share', 'member'), True)
    """
    schedule, power = WAYS[one_of("way", way, WAYS)]
    net = _student("mup", W)
    if steps is None:
        steps = max(len(SHARES), round(4000 * (W / 32) ** power))
    steps = whole_number("steps", steps, least=len(SHARES))
    keep = np.round(SHARES * steps).astype(int)
    path = _trained(rng, net, members, RATE, steps, schedule, keep)
    return _losses(path).assign_coords(share=SHARES)


def moves_of_first_step(rng, *, parameterisation, W, rate=1e-6, members=8):
    """How far the first step of Adam moves the output, one array at a time: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        As in `losses_at_rate`.
    parameterisation : {"standard", "mup", "ntk"}
    W, members : int
        Width of both hidden layers, and number of students: ≥ 1.
    rate : float
        So small that the move is in proportion to it.

    Returns
    -------
    DataArray, dims (layer)
        Root mean square, over 256 test points and students, of the change of the
        output for each unit of rate, if only the weights ``first``, ``hidden`` or
        ``last`` make their step.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> moves = moves_of_first_step(0, parameterisation="standard", W=64)
    >>> bool(moves.sel(layer="hidden") > moves.sel(layer="first"))
    True
    """
    net, rate = _student(parameterisation, W), above_zero("rate", rate)
    sources, start = _drawn(rng, net, members, np.float64)
    examples = [sphere_examples(source, BATCH) for source in sources]
    X, Y = (np.stack(parts).astype(float) for parts in zip(*examples, strict=True))
    learn = networks.adam(net, rate=rate, steps=1, device="cpu")
    then = learn(X, Y, start=start).parameters
    X = _teacher()[3][:SEEN].astype(float)
    before, found = net(start, X, device="cpu"), []
    for k in range(len(start)):
        mixed = (*start[:k], then[k], *start[k + 1 :])
        move = (net(mixed, X, device="cpu") - before) / rate
        found.append(np.sqrt((move**2).mean()))
    return xr.DataArray(found, coords={"layer": ["first", "hidden", "last"]})


def make_rate_transfer(*, checkpoint=None):
    """Losses of students of width 32…512 at rates from 1/4096 to 1, eight of each.

    Parameters
    ----------
    checkpoint : path, optional

    Returns
    -------
    DataArray, dims (parameterisation, W, rate, trial)
        As `losses_at_rate` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("rate_transfer").W.values.tolist()
    [32, 64, 128, 256, 512]
    """
    grid = {"parameterisation": ["standard", "mup"], "W": LADDER, "rate": RATES}
    return _made(losses_at_rate, checkpoint, grid)


def make_normalised_curves(*, checkpoint=None):
    """Losses in time of students of width 16…64, trained in three ways, 16 of each.

    Parameters
    ----------
    checkpoint : path, optional

    Returns
    -------
    DataArray, dims (way, W, share, trial)
        As `losses_in_time` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("normalised_curves").way.values.tolist()
    ['decay', 'constant', 'same steps']
    """
    return _made(losses_in_time, checkpoint, {"way": [*WAYS], "W": WIDTHS})


def _made(trial, checkpoint, grid):
    """One trial at every point, whose members are the trials of the result."""
    found = sweep.run(trial, trials=1, seed=0, checkpoint=checkpoint, **grid)
    found = found.isel(trial=0, drop=True).rename(member="trial")
    return found.rename("loss").astype(np.float32)


_TEACHER = networks.MLP([INPUTS, *TEACHER, 1], "relu", "standard")


def _sphere(rng, B):
    X = rng.standard_normal((B, INPUTS), dtype=np.float32)
    return X / np.linalg.norm(X, axis=1, keepdims=True)


@functools.cache
def _teacher():
    """Weights of the teacher, mean and spread of its answers, test points, answers."""
    rng = np.random.default_rng(0)
    weights = _TEACHER.initialise(1, rng=rng, dtype=np.float32)
    X = _sphere(rng, TEST)
    Y = _TEACHER(weights, X, device="cpu")[0]
    mean, spread = Y.mean(), Y.std()
    return weights, mean, spread, X, (Y - mean) / spread


def _student(parameterisation, W):
    W = whole_number("W", W, least=1)
    return networks.MLP([INPUTS, W, W, 1], "relu", parameterisation)


def _drawn(rng, net, members, dtype=np.float32):
    """Sources of random numbers, one for each student, and what they begin with."""
    sources = generator(rng).spawn(whole_number("members", members, least=1))
    starts = [net.initialise(1, rng=source, dtype=dtype) for source in sources]
    start = tuple(np.concatenate(arrays) for arrays in zip(*starts, strict=True))
    return sources, start


def _trained(rng, net, members, rate, steps, schedule, keep):
    """Students at the steps that are kept."""
    sources, start = _drawn(rng, net, members)
    options = {"rate": rate, "steps": steps, "batch": BATCH, "schedule": schedule}
    learn = networks.adam(net, **options, keep=keep, rng=sources, device="cpu")
    return learn.online(sphere_examples, start=start).path


def _losses(path):
    """Mean squared errors on the test points, over steps and members."""
    *_, X, Y = _teacher()
    found = [((f(X) - Y) ** 2).mean(axis=(1, 2)) for f in path.values()]
    return xr.DataArray(np.array(found, dtype=float), dims=["share", "member"])
