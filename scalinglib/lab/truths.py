"""What a game hides: a law of learning curves, and noise."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from scalinglib._input import positive, whole_number
from scalinglib.laws.families import LAWS

__all__ = ["Truth", "truth_of"]

SMALLEST, LARGEST = 16, 16384  # sizes that can be run
AHEAD = 16  # times the largest, where the loss is forecast
REACH = 2.0, 40.0  # times the largest, where the target is reached
FARTHEST = 1e6  # times the largest, beyond which nobody looks for it
NOISE = 0.01, 0.1
KINDS = {"power": 0.2, "floor": 0.35, "break": 0.45}
TAG = 271828  # a seed of the lab is none of elsewhere


@dataclass(frozen=True, eq=False, repr=False)
class Truth:
    """A law with noise; call it to evaluate the law.

    Attributes
    ----------
    law : Law
        One of `scalinglib.laws.families.LAWS`.
    parameters : dict
        Name and value of each.
    noise : float
        Relative standard deviation of a run.
    at : float
        Size at which the loss is to be forecast.
    target : float
        Loss whose size is to be forecast.
    """

    law: object
    parameters: dict
    noise: float
    at: float
    target: float

    @property
    def theta(self):
        """The parameters as the law takes them, (p,)."""
        values = np.array([self.parameters[name] for name in self.law.names])
        logs = [parameter.logarithmic for parameter in self.law.parameters]
        return np.where(logs, np.log(np.where(logs, values, 1.0)), values)

    def __call__(self, x):
        """Evaluate the law at `x`, of any shape, positive."""
        x = positive("x", x)
        return np.exp(self._logs(x)[0]).reshape(x.shape)[()]

    @property
    def loss(self):
        """The loss at `at`."""
        return float(self(self.at))

    @property
    def size(self):
        """The size at which the loss is `target`."""

        def excess(u):
            return np.log(self(np.exp(u)) / self.target)

        ends = np.log([SMALLEST, LARGEST * FARTHEST])
        return float(np.exp(brentq(excess, *ends, xtol=1e-12)))

    def gradient(self, x):
        """Derivatives of log L by the parameters, (n, p), and by log x, (n,).

        A floor of zero is no parameter: who knows the form knows that there is none.
        """
        _, slope, gradient = self._logs(x)
        free = [self.parameters[name] != 0 for name in self.law.names]
        return gradient[:, free], slope

    def runs(self, seed, x, count):
        """The first losses of runs at a size: more of them begin with the same."""
        rng = np.random.default_rng([TAG, 1, seed, x])
        normal = rng.standard_normal(count)
        # The mean of the runs is the law.
        spread = np.sqrt(np.log1p(self.noise**2))
        return self(x) * np.exp(spread * normal - spread**2 / 2)

    def _logs(self, x):
        u = np.log(np.ravel(x))
        return tuple(part[0] for part in self.law.curve(self.theta[None], u))

    def __repr__(self):
        values = ", ".join(f"{name} {v:.3g}" for name, v in self.parameters.items())
        return f"{self.law.name}, {values}, noise {100 * self.noise:.2g} %"


def truth_of(seed):
    r"""The law behind a seed: a power, one with a floor, or one with a break.

    Exponents are from 0.05 to 0.7, floors up to 0.85 of the loss at the largest size,
    breaks from 8 times the smallest size to an eighth of the largest, between exponents
    of which either may be the larger; the noise of a run is from 1 to 10 per cent.

    Parameters
    ----------
    seed : int
        From 0.

    Returns
    -------
    Truth

    Raises
    ------
    ValueError
        If `seed` is no whole number from 0.

    Examples
    --------
    >>> truth_of(1).law.name
    'floor'
    """
    rng = np.random.default_rng([TAG, 0, whole_number("seed", seed, least=0)])
    name = rng.choice(list(KINDS), p=list(KINDS.values()))
    exponent = np.exp(rng.uniform(*np.log([0.12, 0.6])))
    values = {"amplitude": 1.0, "exponent": exponent}
    if name == "break":
        early, late = rng.permutation([rng.uniform(0.05, 0.2), rng.uniform(0.3, 0.7)])
        place = np.exp(rng.uniform(*np.log([8 * SMALLEST, LARGEST / 8])))
        values |= {"early": early, "exponent": late, "place": place}
        values["width"] = np.exp(rng.uniform(*np.log([0.1, 0.5])))
    # A floor is a share of the loss at the largest size; the first loss is about one.
    share = rng.uniform(0.2, 0.85) if name == "floor" or rng.random() < 0.3 else 0.0
    if name != "power":
        values["floor"] = 0.0
    bare = Truth(LAWS[name], values, 0.0, 1.0, 1.0)
    first, last = bare(SMALLEST), bare(LARGEST)
    scale = np.exp(rng.uniform(-0.7, 1.2)) / first
    values["amplitude"] = float(scale)
    if name != "power":
        values["floor"] = float(scale * last * share / (1 - share))
    noise = np.exp(rng.uniform(*np.log(NOISE)))
    reached = LARGEST * np.exp(rng.uniform(*np.log(REACH)))
    values = {key: float(values[key]) for key in LAWS[name].names}
    law = Truth(LAWS[name], values, float(noise), float(AHEAD * LARGEST), 1.0)
    target = float(f"{law(reached):.4g}")
    return Truth(law.law, values, law.noise, law.at, target)
