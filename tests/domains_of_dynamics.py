"""What the functions of `scalinglib.theory.dynamics` accept, and SGD of its model."""

import numpy as np
from accepted import above_zero, array, but, number, seed, whole

W = np.random.default_rng(0).standard_normal((4, 9))

exponents = {
    "a": but(number(1.5), 1.0, 0.5, 31.1),
    "b": but(number(2.0), 0.0, 0.05, 31.1),
}
features = array(W, W.T, W[0])
powers = {"a": above_zero(1.5), "b": above_zero(2.0)}

DOMAINS_OF_DYNAMICS = {
    "dynamics.truncated_loss": exponents
    | {
        "P": array([1, 1000], 0, -1, 1.5, 2.0**60, [1, 2, 3]),
        "t": array([0.0, 10.0], -1.0, 1e301, [1.0, 2.0, 3.0]),
    },
    "dynamics.truncated_optimum": exponents
    | {"C": array([1e-3, 1e6], 0.0, -1.0, 1e60, 1e301)},
    "dynamics.truncated_law": exponents,
    "dynamics.projected_modes": {"W": but(features, np.ones((2, 3)))} | powers,
    "dynamics.sgd_recursion": {
        "lam": array([1.0, 0.5], [1.0, 0.0], [1.0, -1.0], 1.0, [], [1.0, 0.5, 0.1]),
        "error": array([1.0, 0.0], [1.0, -1.0], 1.0, [], [1.0, 0.5, 0.1]),
        "steps": array([0, 10], [-1], [0.5], 3, []),
        "step": array(0.1, 0.0, -1.0, 1e300),
        "floor": array(0.1, -1.0),
        "batch": whole(2),
    },
    "learners.one_pass_sgd": powers
    | {
        "W": but(features, np.ones((2, 4, 9))),
        "steps": array([0, 500], [-1, 2], [0.5], 3, [], [2, 1], [1, 1]),
        "step": but(above_zero(0.1), 1e3),
        "batch": whole(2),
        "runs": whole(3),
        "rng": seed(),
    },
}
