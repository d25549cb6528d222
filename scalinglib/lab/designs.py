r"""Which runs tell most of a loss that is far away.

Who knows the form of a law, and fits it to runs with errors :math:`\sigma` of the log
loss, knows :math:`\log L` at a size with the variance

.. math:: c^\top \Big(\sum_i \frac{n_i}{\sigma^2} g_i g_i^\top\Big)^{-1} c,

to leading order in :math:`\sigma`, where g are derivatives by the parameters at the
sizes of the :math:`n_i` runs, and c those at the size that is forecast. With a budget
:math:`\sum_i n_i x_i \le B` the best shares of it solve a linear programme: with
:math:`f_i = g_i \sqrt{B/x_i}/\sigma` they are :math:`|w_i|/\sum|w|`, where w has the
smallest :math:`\sum|w|` of all :math:`\sum_i w_i f_i = c`, and that sum is the standard
error.

The geometry of which this is the dual is that of G. Elfving, "Optimum allocation in
linear regression theory", Annals of Mathematical Statistics 23 (1952) 255–262.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from scalinglib._input import above_zero, whole_number
from scalinglib.lab.truths import LARGEST, SMALLEST, Truth

__all__ = ["Design", "best_design", "design_error"]

CANDIDATES = 80  # sizes
SOLVED = 1e-4  # what a parameter changes by less, relatively, is not asked for
SMALL = 1e-9  # share of a budget that is none


@dataclass(frozen=True, eq=False)
class Design:
    """Runs to buy.

    Attributes
    ----------
    runs : dict of int to int
        How many at which size.
    error : float
        Standard error of log loss at the size they are for, for one who knows the form.
    bound : float
        The same for parts of runs: no design is better.
    """

    runs: dict
    error: float
    bound: float

    @property
    def cost(self):
        """A run costs its size."""
        return sum(x * n for x, n in self.runs.items())

    def __str__(self):
        return ", ".join(f"{n} at {x}" for x, n in self.runs.items())


def design_error(truth, runs, at):
    """Standard error of log loss at a size, from these runs and the form of the law.

    Parameters
    ----------
    truth : Truth
    runs : dict of int to int
        How many at which size.
    at : float
        Where.

    Returns
    -------
    float
        Infinite if the runs cannot tell.

    Raises
    ------
    ValueError
        If `truth` is none, `runs` are no runs, or `at` is not above zero.

    Examples
    --------
    >>> from scalinglib.lab import truth_of
    >>> truth = truth_of(1)
    >>> few, many = ({16: n, 4096: n, 256: n, 1024: n} for n in (1, 4))
    >>> design_error(truth, few, 1e5) / design_error(truth, many, 1e5)
    2.0...
    """
    _checked(truth)
    above_zero("at", at)
    if not isinstance(runs, dict) or not all(
        above_zero("runs", x) and above_zero("runs", n) for x, n in runs.items()
    ):
        raise ValueError(f"runs must be a dict of sizes and numbers, got {runs!r}")
    if not runs:
        return np.inf
    g, _ = truth.gradient(list(runs))
    c, _ = truth.gradient([at])
    return _error(g, c[0], np.array(list(runs.values()), float), truth.noise)


def best_design(truth, budget, at, *, smallest=SMALLEST, largest=LARGEST):
    """The best use of a budget by one who knew the law: a yardstick, not a strategy.

    Parameters
    ----------
    truth : Truth
    budget : float
        Sum of sizes that can be run.
    at : float
        Size whose loss is to be known.
    smallest, largest : int
        Sizes that can be run.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If `truth` is none, another argument is out of range, or no design within the
        budget tells the loss.

    Examples
    --------
    >>> from scalinglib.lab import truth_of
    >>> best = best_design(truth_of(1), 65536, 262144)
    >>> best.cost <= 65536, best.bound <= best.error
    (True, True)
    """
    _checked(truth)
    for name, value in (("budget", budget), ("at", at)):
        above_zero(name, value)
    smallest = whole_number("smallest", smallest, least=1)
    largest = whole_number("largest", largest, least=smallest)
    sizes = np.unique(np.geomspace(smallest, largest, CANDIDATES).round())
    g, _ = truth.gradient(sizes)
    c = truth.gradient([at])[0][0]
    f = g * np.sqrt(budget / sizes)[:, None] / truth.noise
    scale = abs(f).max(axis=0)
    f, goal = f / scale, c / scale
    both = np.concatenate([f, -f]).T
    unit = abs(goal).max()
    found = linprog(np.ones(len(both.T)), A_eq=both / unit, b_eq=goal / unit)
    if found.status:
        raise ValueError(
            f"largest must leave sizes enough to tell {g.shape[1]} parameters, got "
            f"{smallest} to {largest}"
        )
    weight = found.x[: len(sizes)] + found.x[len(sizes) :]
    bound = float(weight.sum())
    share = weight / bound
    some = share > SMALL
    counts = share[some] * budget / sizes[some]
    runs = _whole(counts, sizes[some], g[some], c, truth.noise, budget)
    error = _error(g[some], c, runs, truth.noise)
    if not np.isfinite(error):
        raise ValueError(
            f"budget must buy runs enough to tell {g.shape[1]} parameters, got {budget}"
        )
    runs = {int(x): int(n) for x, n in zip(sizes[some], runs, strict=True) if n}
    return Design(runs, error, bound)


def _whole(counts, sizes, g, c, noise, budget):
    """Whole numbers of runs near these, the best that the budget allows."""
    best, least = np.zeros(len(counts)), np.inf
    for ups in itertools.product((False, True), repeat=len(counts)):
        up = np.array(ups)
        # Some are rounded up; the others share what that leaves, and are rounded down.
        runs = np.where(up, np.ceil(counts), 0.0)
        left, wanted = budget - runs @ sizes, counts[~up] @ sizes[~up]
        if left < 0:
            continue
        runs[~up] = np.floor(counts[~up] * min(1.0, left / max(wanted, 1e-300)))
        left = budget - runs @ sizes
        for k in np.argsort(-sizes):  # and the rest goes to the dearest first
            more = np.floor(min(left / sizes[k], max(counts[k] - runs[k], 0) + 1))
            runs[k] += more
            left -= more * sizes[k]
        error = _error(g, c, runs, noise)
        if error < least:
            best, least = runs, error
    return best


def _error(g, c, counts, noise):
    """Standard error of c·theta from counts of observations of g·theta."""
    f = g * (np.sqrt(counts) / noise)[:, None]
    scale = np.maximum(abs(f).max(axis=0), 1e-300)
    weights, *_ = np.linalg.lstsq((f / scale).T, c / scale, rcond=1e-12)
    rest = (f / scale).T @ weights - c / scale
    if abs(rest).max() > SOLVED * abs(c / scale).max():
        return np.inf
    return float(np.sqrt(weights @ weights))


def _checked(truth):
    if not isinstance(truth, Truth):
        raise ValueError(f"truth must be a Truth, got {truth!r}")
