"""Surfaces that are known, and runs of them: IsoFLOP designs and grids."""

from dataclasses import dataclass

import numpy as np

CENTRE = 1e8, 1e10  # parameters and data around which there are runs


@dataclass(frozen=True)
class Planted:
    """A surface, its runs, and what is to be found."""

    E: float
    A: float
    B: float
    alpha_P: float
    alpha_D: float
    P: np.ndarray = None
    D: np.ndarray = None
    loss: np.ndarray = None

    def __call__(self, P, D):
        """The loss."""
        return self.E + self.A * P**-self.alpha_P + self.B * D**-self.alpha_D

    def best(self, C):
        """Parameters at the optimum of a budget, from the equation itself."""
        log_P = np.linspace(np.log(1.0), np.log(C / 6), 200_001)
        for _ in range(3):
            at = int(np.argmin(self(np.exp(log_P), C / 6 / np.exp(log_P))))
            around = log_P[max(at - 1, 0)], log_P[min(at + 1, len(log_P) - 1)]
            log_P = np.linspace(*around, 2001)
        return float(np.exp(log_P[at]))

    @property
    def largest(self):
        """The largest budget that was run."""
        return 6 * (self.P * self.D).max()


def planted(seed, *, design=None, noise=None, kind=None):
    """A surface with exponents of .1 to .8, and runs with 1 to 5 % of scatter.

    Designs are ``"isoflop"`` and ``"grid"``, kinds of noise ``"normal"``, ``"heavy"``
    (Student's with three degrees of freedom) and ``"models"``: half of the variance is
    common to the runs of a model size, of which there are fifteen or more.
    """
    rng = np.random.default_rng([77, seed])
    a, b = rng.uniform(0.1, 0.8, 2)
    terms = 1.7 * np.exp(rng.uniform(np.log(0.1), 0, 2))
    A, B = terms * np.array(CENTRE) ** [a, b]
    truth = Planted(1.7, A, B, a, b)
    design = design or rng.choice(["isoflop", "grid"])
    kind = kind or rng.choice(["normal", "heavy", "models"], p=[0.5, 0.25, 0.25])
    noise = noise or rng.uniform(0.01, 0.05)
    P, D = isoflop(rng, truth) if design == "isoflop" else grid(rng, kind)
    if kind == "heavy":
        scatter = rng.standard_t(3, len(P)) / np.sqrt(3)
    else:
        scatter = rng.standard_normal(len(P))
    if kind == "models" and design == "grid":
        _, model = np.unique(P, return_inverse=True)
        common = rng.standard_normal(model.max() + 1)[model]
        scatter = np.sqrt(0.5) * (scatter + common)
    loss = truth(P, D) * np.exp(noise * scatter)
    return Planted(1.7, A, B, a, b, P, D, loss)


def isoflop(rng, truth):
    """Five to ten budgets, five to fifteen sizes about the best of each."""
    below, above = 10 ** -rng.uniform(1, 2), 10 ** rng.uniform(1, 2)
    budgets = 6 * np.prod(CENTRE) * np.geomspace(below, above, rng.integers(5, 11))
    half, many = rng.uniform(np.log(3), np.log(12)), rng.integers(5, 16)
    steps = np.linspace(-half, half, many)
    P = np.concatenate([truth.best(C) * np.exp(steps) for C in budgets])
    return P, np.repeat(budgets, many) / (6 * P)


def grid(rng, kind):
    """Model sizes times data sizes."""
    many = rng.integers(15, 21) if kind == "models" else rng.integers(4, 16)
    widths = 10 ** rng.uniform(1, 2, 2)
    P = CENTRE[0] * np.geomspace(1 / widths[0], widths[0], many)
    D = CENTRE[1] * np.geomspace(1 / widths[1], widths[1], rng.integers(5, 16))
    return (side.ravel() for side in np.meshgrid(P, D))
