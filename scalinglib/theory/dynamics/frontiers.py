r"""The best number of parameters for a budget, by the solved model."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from scalinglib._input import above_zero, rising, truth
from scalinglib.theory.dynamics.deterministic import RIGHT, both_exponents, solved
from scalinglib.theory.dynamics.phases import decays

__all__ = ["Frontier", "compute_optimal"]

SCAN = 16  # intervals of log P before the search
LEAST = 100.0  # of a budget


@dataclass(frozen=True, eq=False)
class Frontier:
    """Best sizes and losses for budgets.

    Attributes
    ----------
    C : (n,) ndarray
        Compute, C = P t.
    P, t, loss : (n,) ndarray
        Best number of parameters, not a whole one, the steps, the loss.

    See Also
    --------
    compute_optimal : How it is made.
    """

    C: np.ndarray
    P: np.ndarray
    t: np.ndarray
    loss: np.ndarray

    @property
    def loss_exponent(self):
        r"""η of :math:`L \propto C^{-\eta}` between neighbours, (n − 1,)."""
        return -np.diff(np.log(self.loss)) / np.diff(np.log(self.C))

    @property
    def size_exponent(self):
        r"""ξ of :math:`P \propto C^\xi` between neighbours, (n − 1,)."""
        return np.diff(np.log(self.P)) / np.diff(np.log(self.C))


def compute_optimal(a, b, C, *, noise=True, step=None):
    r"""Number of parameters with the least loss, for each budget C = P t.

    Parameters
    ----------
    a, b : float
        Exponents of target and eigenvalues as for `one_pass_loss`; a > 1, b > 0.
    C : (n,) array_like
        Compute, increasing, from 100 on.
    noise : bool, default True
        False for gradient flow.
    step : float, optional
        Step size as for `one_pass_loss`, the same for all sizes. By default the one
        there: with b < 1 it falls with P.

    Returns
    -------
    Frontier

    Raises
    ------
    ValueError
        If an argument is not one of these, or no best size is found between 1 and C.

    Notes
    -----
    Local exponents between budgets tend to those of `phase`. How fast depends on the
    phase: for a = 2.2, b = 1.6 they are within 0.001 from C = 1e10 on, in most places
    off the lines from 1e20 on; for a = 2.24, b = 0.64 the size's is off by 0.09 at
    1e15 and within 0.001 from 1e30 on; in IVb at 1e40 that of the loss by 0.01.

    Sizes between 1 and C are scanned, then Brent's method minimises over log P.

    References
    ----------
    The model of arXiv:2405.15074.

    Examples
    --------
    >>> best = compute_optimal(1.5, 2.0, [1e10, 1e14], noise=False)
    >>> best.loss_exponent.round(3), best.size_exponent.round(3)  # 1/6, 1/3
    (array([0.167]), array([0.333]))
    """
    a, b = both_exponents(a, b)
    decays(a)
    C = rising("C", C)
    if C[0] < LEAST:
        raise ValueError(f"C must be at least {LEAST:g}, got {C[0]:g}")
    noise = truth("noise", noise)
    step = None if step is None else above_zero("step", step)
    P, loss = np.array([_best(a, b, budget, step, noise) for budget in C]).T
    return Frontier(C, P, C / P, loss)


def _best(a, b, C, step, noise):
    """Best number of parameters for one budget, and its loss."""

    def log_loss(log_P):
        P = np.exp(log_P)
        loss, error = solved(a, b, P, np.array([C / P]), step, noise=noise)
        return np.log(loss[0]) if error[0] < RIGHT else np.inf

    scanned = np.linspace(0, np.log(C), SCAN + 1)
    least = int(np.argmin([log_loss(log_P) for log_P in scanned]))
    ends = scanned[max(least - 1, 0)], scanned[min(least + 1, SCAN)]
    options = {"xatol": 1e-8}
    with np.errstate(invalid="ignore"):  # where it meets infinity
        found = minimize_scalar(
            log_loss, bounds=ends, method="bounded", options=options
        )
    if not np.isfinite(found.fun) or least in (0, SCAN):
        raise ValueError(
            f"C = {C:g} has no best size between 1 and C for a = {a:g}, b = {b:g}: "
            "take a larger budget"
        )
    return np.exp(found.x), np.exp(found.fun)
