"""Students of growing width on endless data: parameters are what is scarce."""

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import generator, one_of, whole_number
from scalinglib.experiments import sweep
from scalinglib.experiments.cube_networks import BATCH, RATE, TEST, _network, _teacher

__all__ = ["make_cube_widths", "students_of_width"]

#: Widths of both hidden layers, how many students of each are trained at once, steps.
WIDTHS, MEMBERS, STEPS = [8, 12, 16, 24, 32], 16, 20_000


def students_of_width(rng, *, d, W, members=MEMBERS, steps=STEPS, dtype="float32"):
    r"""Losses of students of width W that see every example once: a trial.

    Teachers are those of `cube_problem`. Data are no bottleneck: each step draws 256
    new examples. The rate falls from 0.003 to zero as a cosine.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws teachers and test points, the same for every width.
    d : int
        Dimension of the cube, ≥ 1.
    W : int
        Width of both hidden layers, ≥ 1.
    members : int
        Pairs of teacher and student. The first are the same whatever their number.
    steps : int
        Of training.
    dtype : {"float32", "float64"}
        In which the students are trained.

    Returns
    -------
    DataArray, dims (member)
        Mean squared errors on 8192 test points, with the coordinate ``P``, the number
        of parameters.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    Y. Bahri et al., arXiv:2102.06701 (2021), figure S4. U. Sharma, J. Kaplan,
    arXiv:2004.10802 (2020).

    Examples
    --------
    >>> loss = students_of_width(0, d=2, W=8, members=2, steps=100)
    >>> loss.dims, loss.P.item()
    (('member',), 105)
    """
    one_of("dtype", dtype, ("float32", "float64"))
    members = whole_number("members", members, least=1)
    net, parts = _network(d, d, [W, W]), []
    for source in generator(rng).spawn(members):
        says = _teacher(source, d, dtype)
        X = source.uniform(-1, 1, (TEST, d))
        Y = says(X)
        draw = _examples(says, d, Y.mean(), Y.std(), dtype)
        start = net.initialise(1, rng=source, dtype=dtype)
        parts.append((X, (Y - Y.mean()) / Y.std(), draw, start, source))
    X, Y, draws, starts, sources = zip(*parts, strict=True)
    learn = networks.adam(
        net,
        rate=RATE,
        steps=steps,
        batch=BATCH,
        schedule="cosine",
        rng=sources,
        device="cpu",
    )
    start = [np.concatenate(arrays) for arrays in zip(*starts, strict=True)]
    found = learn.online(list(draws), start=start)(np.stack(X))
    loss = ((found - np.stack(Y)) ** 2).mean(axis=(1, 2)).astype(float)
    size = sum(a[0].size for a in start)
    return xr.DataArray(loss, dims="member", coords={"P": size})


def _examples(says, d, mean, spread, dtype):
    """What draws examples of a teacher, brought to mean 0 and variance 1."""

    def draw(rng, B):
        X = 2 * rng.random((B, d), dtype=dtype) - 1
        return X, (says(X) - mean) / spread

    return draw


def make_cube_widths(*, checkpoint=None):
    """Losses of students of width 8…32 on endless data of d = 2…8, 16 of each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (d, W, trial)
        As `students_of_width` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("cube_widths").W.values.tolist()
    [8, 12, 16, 24, 32]
    """

    def trial(rng, d, W):
        return students_of_width(rng, d=d, W=W).drop_vars("P")

    grid = {"d": range(2, 9), "W": WIDTHS}
    found = sweep.run(trial, trials=1, seed=0, checkpoint=checkpoint, **grid)
    found = found.isel(trial=0, drop=True).rename(member="trial")
    return found.astype(np.float32)
