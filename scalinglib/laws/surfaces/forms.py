r"""Surfaces as data: what a loss over parameters and data may look like.

Sizes and losses are in units that make all numbers moderate: :math:`x = \log P/P_0`,
:math:`y = \log D/D_0` about the geometric means, and :math:`\log L/L_0`. The logarithms
of the terms at :math:`P_0` and :math:`D_0` are the parameters :math:`\theta` of a fit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalinglib.laws.surfaces.linear_terms import best_terms

__all__ = ["FORMS", "Form"]

LOWEST, HIGHEST = -30.0, 10.0  # logarithm of a term at the geometric means
STEEPEST = 4.0  # exponent
START = 10.0  # repetitions that are worth something
FAR, HALVINGS = 40.0, 60  # of the search for a best split
# Of the grids on which a start is looked for: exponents, and ratios of two of them.
EXPONENTS, RATIOS = np.geomspace(0.03, 1.6, 14), np.geomspace(0.1, 10, 14)


@dataclass(frozen=True)
class Form:
    """A surface by its formula.

    Attributes
    ----------
    name : str
        Key of `FORMS`.
    formula : str
        As one would write it.
    names : tuple of str
        Its parameters as they are reported.
    exponents : tuple of str
        Those that are exponents.
    source : str
        Where it is from.
    start : callable
        ``start(sizes, log_loss)`` returns the theta (p,) with which a fit begins.
    log_loss : callable
        ``log_loss(theta, sizes)`` for theta (B, p) and logs of sizes (3, n), of P, D
        and different data, returns log L (B, n), None, and its gradient (B, n, p).
    parameters : callable
        ``parameters(theta, units)`` for theta (B, p) and logs of the units of P, D and
        L returns (B, p) numbers in the order of `names`.
    log_optimum : callable
        ``log_optimum(theta, budget, unique)`` for theta (B, 1, p), logs of P·D (k,) and
        of different data, infinite if all are, in units, returns that of the best P,
        (B, k).
    low, high : tuple of float
        Limits of theta.
    """

    name: str
    formula: str
    names: tuple
    exponents: tuple
    source: str
    start: Callable
    log_loss: Callable
    parameters: Callable
    log_optimum: Callable
    low: tuple
    high: tuple

    @property
    def floor(self):
        """Which of theta is the floor: ones and zeros."""
        return tuple(int(self.names[0] == "E" and k == 0) for k in range(len(self.low)))

    @property
    def exponent(self):
        """Which of theta are exponents."""
        return tuple(int(LOWEST < low < 1 and low >= 0) for low in self.low)


def _log_sum(terms):
    """Log of the sum over the first axis, and the share of each term."""
    largest = terms.max(axis=0)
    shares = np.exp(terms - largest)
    total = shares.sum(axis=0)
    shares /= total
    return largest + np.log(total), shares


# -- a floor and two powers ------------------------------------------------------------


def _additive_start(sizes, log_loss):
    """The best of a grid of exponents, with the terms that go with them."""
    columns = [np.exp(-np.outer(EXPONENTS, size)) for size in sizes[:2]]
    terms, (i, j) = best_terms(*columns, log_loss, floor=True)
    return np.array([*terms, EXPONENTS[i], EXPONENTS[j]])


def _additive(theta, sizes):
    x, y = sizes[:2]
    e, a, b, alpha, beta = theta.T[..., None]
    terms = np.stack(np.broadcast_arrays(e, a - alpha * x, b - beta * y))
    value, (of_floor, of_P, of_D) = _log_sum(terms)
    gradient = np.stack([of_floor, of_P, of_D, -x * of_P, -y * of_D], axis=-1)
    return value, None, gradient


def _additive_parameters(theta, units):
    e, a, b, alpha, beta = theta.T
    P, D, L = units
    with np.errstate(over="ignore", under="ignore"):
        terms = np.exp([e + L, a + L + alpha * P, b + L + beta * D])
    return np.stack([*terms, alpha, beta], axis=-1)


def _additive_optimum(theta, budget, unique=None):
    _, a, b, alpha, beta = np.moveaxis(theta, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = a - b + np.log(alpha) - np.log(beta)
        return (ratio + beta * budget) / (alpha + beta)


# -- Kaplan's joint form ---------------------------------------------------------------


def _joint_start(sizes, log_loss):
    """The same for a root of the loss, which is a sum of powers."""
    found = []
    inverse = np.exp(-sizes[1])[None]
    for beta in EXPONENTS:
        columns = np.exp(-np.outer(RATIOS, sizes[0]))
        terms, (i, _) = best_terms(columns, inverse, log_loss / beta, floor=False)
        theta = np.array([*terms[1:], RATIOS[i], beta])
        value = _joint(theta[None], sizes)[0][0]
        found.append((((log_loss - value) ** 2).sum(), *theta))
    return np.array(min(found)[1:])


def _joint(theta, sizes):
    x, y = sizes[:2]
    a, b, q, beta = theta.T[..., None]
    value, (of_P, of_D) = _log_sum(np.stack(np.broadcast_arrays(a - q * x, b - y)))
    gradient = [beta * of_P, beta * of_D, -beta * x * of_P, value]
    return beta * value, None, np.stack(gradient, axis=-1)


def _joint_parameters(theta, units):
    a, b, q, beta = theta.T
    P, D, L = units
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        return np.stack(
            [
                np.exp((a + L / beta) / q + P),
                np.exp(b + L / beta + D),
                q * beta,
                beta,
            ],
            axis=-1,
        )


def _joint_optimum(theta, budget, unique=None):
    a, b, q, _ = np.moveaxis(theta, -1, 0)
    with np.errstate(divide="ignore"):
        return (a - b + np.log(q) + budget) / (1 + q)


# -- data that are seen again ----------------------------------------------------------


def _worth(sizes, rho):
    """Log of the fresh data that data with repetitions are worth, and derivatives.

    By log D and by rho, the log of the repetitions after which nothing is gained.
    """
    y, fresh = sizes[1], sizes[2]
    again = np.expm1(np.maximum(y - fresh, 0.0))
    lasting = np.exp(rho)
    share = np.exp(-again / lasting)
    gained = lasting * -np.expm1(-again / lasting)
    worth = np.minimum(y, fresh) + np.log1p(gained)
    by_y = np.where(y > fresh, (1 + again) * share / (1 + gained), 1.0)
    by_rho = (gained - again * share) / (1 + gained)
    return worth, by_y, by_rho


def _repeated_start(sizes, log_loss):
    """As if no data were seen again, and some repetitions that are worth something."""
    return np.append(_additive_start(sizes[:2], log_loss), np.log(START))


def _repeated(theta, sizes):
    worth, _, by_rho = _worth(sizes, theta[:, 5:])
    x = np.broadcast_to(sizes[0], worth.shape)
    value, _, gradient = _additive(theta[:, :5], np.stack([x, worth]))
    beta = theta[:, 4:5]
    last = beta * gradient[..., 2] * -by_rho
    return value, None, np.concatenate([gradient, last[..., None]], axis=-1)


def _repeated_parameters(theta, units):
    found = _additive_parameters(theta[:, :5], units)
    return np.column_stack([found, np.exp(theta[:, 5])])


def _repeated_optimum(theta, budget, fresh):
    """Where the derivative of the loss along the budget changes its sign."""
    low = _additive_optimum(theta[..., :5], budget)
    if np.isinf(fresh).all():
        return low
    _, a, b, alpha, beta, rho = np.moveaxis(theta, -1, 0)
    high = np.maximum(budget, low) + FAR
    for _ in range(HALVINGS):
        x = (low + high) / 2
        sizes = x, budget - x, fresh
        worth, by_y, _ = _worth(np.broadcast_arrays(*sizes), rho)
        with np.errstate(divide="ignore"):
            falls = np.log(alpha) + a - alpha * x > (
                np.log(beta * by_y) + b - beta * worth
            )
        low, high = np.where(falls, x, low), np.where(falls, high, x)
    return (low + high) / 2


#: All surfaces by name.
FORMS = {
    form.name: form
    for form in (
        Form(
            name="additive",
            formula="E + A P^-alpha_P + B D^-alpha_D",
            names=("E", "A", "B", "alpha_P", "alpha_D"),
            exponents=("alpha_P", "alpha_D"),
            source="Hoffmann et al., arXiv:2203.15556 (2022), eq. 2",
            start=_additive_start,
            log_loss=_additive,
            parameters=_additive_parameters,
            log_optimum=_additive_optimum,
            low=(LOWEST, LOWEST, LOWEST, 0.0, 0.0),
            high=(HIGHEST, HIGHEST, HIGHEST, STEEPEST, STEEPEST),
        ),
        Form(
            name="joint",
            formula="((P_c/P)^(alpha_P/alpha_D) + D_c/D)^alpha_D",
            names=("P_c", "D_c", "alpha_P", "alpha_D"),
            exponents=("alpha_P", "alpha_D"),
            source="Kaplan et al., arXiv:2001.08361 (2020), eq. 1.5",
            start=_joint_start,
            log_loss=_joint,
            parameters=_joint_parameters,
            log_optimum=_joint_optimum,
            low=(LOWEST, LOWEST, 0.0, 1e-6),
            high=(HIGHEST, HIGHEST, 40.0, STEEPEST),
        ),
        Form(
            name="repeated",
            formula="E + A P^-alpha_P + B D'^-alpha_D, "
            "D' = U + U R (1 - exp(-(D/U - 1)/R))",
            names=("E", "A", "B", "alpha_P", "alpha_D", "R"),
            exponents=("alpha_P", "alpha_D"),
            source="Muennighoff et al., arXiv:2305.16264 (2023), for the data",
            start=_repeated_start,
            log_loss=_repeated,
            parameters=_repeated_parameters,
            log_optimum=_repeated_optimum,
            low=(LOWEST, LOWEST, LOWEST, 0.0, 0.0, np.log(1e-2)),
            high=(HIGHEST, HIGHEST, HIGHEST, STEEPEST, STEEPEST, np.log(1e4)),
        ),
    )
}
