"""What training to a minimum costs: a population, and draws from it."""

import functools

import numpy as np
import xarray as xr

from scalinglib._input import generator, whole_number
from scalinglib.experiments.tanh_fit import TanhFit

__all__ = ["NOISE", "minima_problem", "trained_on_draw"]

#: Population, inputs, units of student and teacher, standard deviation of the noise.
POINTS, INPUTS, UNITS, TEACHER, NOISE = 2048, 4, 4, 16, 0.05


@functools.cache
def minima_problem():
    """A population that four units cannot fit, and the best that they can do.

    2048 normal inputs in four dimensions, labelled by a teacher of 16 tanh units and
    noise of variance 0.0025. The student has four units, 25 parameters.

    Returns
    -------
    fit : TanhFit
    theta : (25,) ndarray
        A minimum of its loss, the lowest that was found; read-only.

    Examples
    --------
    >>> fit, theta = minima_problem()
    >>> round(fit.loss_and_gradient(theta)[0].item(), 5)
    0.01337
    """
    rng = np.random.default_rng(2)
    X = rng.standard_normal((POINTS, INPUTS))
    w = rng.standard_normal((INPUTS, TEACHER))
    b, a = rng.standard_normal((2, TEACHER))
    Y = np.tanh(X @ w + b) @ a / np.sqrt(TEACHER) + NOISE * rng.standard_normal(POINTS)
    fit = TanhFit(X, Y, UNITS)
    best = fit.minimum(_start(fit))
    best.setflags(write=False)  # all trials share it
    return fit, best


def _start(fit):
    """One initialisation, from which the minimum of the problem is found."""
    return np.random.default_rng(1).standard_normal(fit.P)


def trained_on_draw(rng, D):
    """Losses of a network that is trained to the end on D draws: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the examples, with replacement from the population of `minima_problem`.
    D : int
        How many, ≥ 1.

    Returns
    -------
    DataArray, dims (of)
        ``excess``: the population loss at the minimum that is reached from that of the
        population, θ*, less the loss at θ*. ``fitted``: how far the *training* loss at
        that minimum lies below that at θ*. ``random start``: the excess at the minimum
        that is reached from one random initialisation, always the same: that from which
        θ* was found on the population. From most others another minimum is found there.

    Raises
    ------
    ValueError
        If `D` is below 1.

    Examples
    --------
    >>> found = trained_on_draw(0, 1000)
    >>> bool((found > 0).all())
    True
    """
    fit, best = minima_problem()
    N, D = len(fit.Y), whole_number("D", D, least=1)
    p = generator(rng).multinomial(D, np.full(N, 1 / N)) / D
    near, far = fit.minimum(best, p), fit.minimum(_start(fit), p)
    least, seen = (fit.loss_and_gradient(best, q)[0] for q in (None, p))
    found = {
        "excess": fit.loss_and_gradient(near)[0] - least,
        "fitted": seen - fit.loss_and_gradient(near, p)[0],
        "random start": fit.loss_and_gradient(far)[0] - least,
    }
    return xr.DataArray([*found.values()], dims="of", coords={"of": [*found]})
