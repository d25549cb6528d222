"""Curves for fits of laws: planted ones, and a few with the shapes that real ones have.

The latter have no law: plateaus, a late fall, a bump, few sizes, few trials.
"""

import numpy as np
import xarray as xr

from scalinglib.laws import LAWS

#: Sizes, and parameters of each law in the order in which it lists them.
X = 2.0 ** np.arange(6, 18)
TRUTHS = {
    "power": {"amplitude": 2.0, "exponent": 0.3},
    "variance": {"floor": 0.1, "amplitude": 10.0},
    "floor": {"floor": 0.1, "amplitude": 2.0, "exponent": 0.5},
    "exponential": {"floor": 0.1, "amplitude": 0.5, "scale": 2000.0},
    "saturating": {
        "floor": 0.1,
        "ceiling": 1.5,
        "amplitude": 30.0,
        "exponent": 0.7,
        "shape": 1.0,
    },
    "break": {
        "floor": 0.0,
        "amplitude": 2.0,
        "early": 0.1,
        "exponent": 0.6,
        "place": 3000.0,
        "width": 0.5,
    },
}


def planted_loss(name, x=X):
    """The law in its own units: a loss at each x."""
    law, theta = LAWS[name], []
    for parameter in law.parameters:
        value = TRUTHS[name][parameter.name]
        if parameter.kind == "high loss":
            value = -1 / value
        theta.append(np.log(value) if parameter.logarithmic else value)
    return np.exp(law.curve(np.array([theta]), np.log(x))[0][0])


def noisy(name, seed, *, trials=1, noise=0.03, errors=False, x=X):
    """Trials of a planted law, or their mean with the errors that it has."""
    own = sum(name.encode())  # curves of two laws are independent
    rng = np.random.default_rng([seed, trials, errors, own])
    loss = planted_loss(name, x)
    draws = loss[:, None] * np.exp(noise * rng.standard_normal((len(x), trials)))
    if not errors:
        return x, draws
    stderr = noise * loss / np.sqrt(trials)
    return xr.DataArray(
        draws.mean(axis=1), coords={"D": x, "error": ("D", stderr)}, dims="D"
    )


def shapes():
    """Curves without a law, (x, loss (n, trials)) by name."""
    x = np.round(16 * np.sqrt(2) ** np.arange(18))
    u = np.log(x / x[0])
    rng = np.random.default_rng(5)
    means = {
        "plateau, then a fall": 0.4 / (1 + np.exp(2 * (u - 4))) + 0.02,
        "fall, then a plateau": 0.12 + 0.5 * np.exp(-1.1 * u),
        "slowly, ever slower": 0.5 / (1 + u),
        "a bump": 0.3 * np.exp(-0.3 * u) * (1 + 0.6 * np.exp(-2 * (u - 2) ** 2)),
        "steeper and steeper": 0.5 * np.exp(-0.06 * u**2),
        "flat": 0.3 + 0 * u,
        "rising": 0.1 * np.exp(0.1 * u),
    }
    spread = {name: 0.02 + 0.03 * rng.random() for name in means}
    return {
        name: (x, mean[:, None] * np.exp(spread[name] * rng.standard_normal((18, 4))))
        for name, mean in means.items()
    }
