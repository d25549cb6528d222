"""What the functions of `scalinglib.theory.dynamics` accept, and SGD of its model."""

import numpy as np
from accepted import Domain, above_zero, array, but, number, seed, whole

W = np.random.default_rng(0).standard_normal((4, 9))

exponents = {
    "a": but(number(1.5), 1.0, 0.5, 31.1),
    "b": but(number(2.0), 0.0, 0.05, 31.1),
}
features = array(W, W.T, W[0])
noise = Domain(True, (None, 1, "yes", 0.0))
powers = {"a": above_zero(1.5), "b": above_zero(2.0)}

DOMAINS_OF_DYNAMICS = {
    "theory.predicted_exponent": {
        "alpha": array(0.5, 0.0, -1.0),
        "beta": array(0.5, 0.0, -1.0, optional=True),
        "of": Domain("P", ("p", "data", 3, None, ["P"])),
    },
    "theory.truncated_loss": exponents
    | {
        "P": array([1, 1000], 0, -1, 1.5, 2.0**60, [1, 2, 3]),
        "t": array([0.0, 10.0], -1.0, 1e301, [1.0, 2.0, 3.0]),
    },
    "theory.truncated_optimum": exponents
    | {"C": array([1e-3, 1e6], 0.0, -1.0, 1e60, 1e301)},
    "theory.truncated_law": exponents,
    "theory.projected_modes": {"W": but(features, np.ones((2, 3)))} | powers,
    "theory.sgd_recursion": {
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
    "theory.one_pass_loss": {
        "a": but(above_zero(2.0), 20.1),
        "b": but(above_zero(1.5), 20.1),
        "P": number(10.0, least=1),
        "t": array([0.0, 1.0, 10.0], [-1.0], []),
        "step": but(above_zero(0.1, optional=True), 1.0),
        "modes": Domain(100, (0, 0.5, -1, np.nan, "5", True, [5, 6], 1j)),
        "noise": noise,
    },
    "theory.compute_optimal": {
        "a": but(above_zero(2.0), 1.0, 20.1),
        "b": but(above_zero(1.5), 20.1),
        "C": array([1e4, 1e6], [1e6, 1e4], [1e4, 1e4], [10.0], [], 1e6, [[1e6]]),
        "noise": noise,
        "step": but(above_zero(0.1, optional=True), 1.0),
    },
    **{
        f"theory.{name}": {
            "a": but(above_zero(2.0), 1.0, 0.5, 20.1),
            "b": but(above_zero(1.5), 20.1),
            "noise": noise,
        }
        for name in ("phase", "phase_terms")
    },
}

ruled = {
    "a": but(number(2.5), 1.0, 0.5),
    "b": but(number(2.0), 1.0, 0.5),
    "ridge_exponent": but(number(0.0, optional=True), -1.0, -2.0),
    "noise_exponent": number(0.0, least=0, optional=True),
}

DOMAINS_OF_REGIMES = {
    "theory.kernel_regime": ruled,
    "theory.feature_regime": ruled | {"q": above_zero(0.5)},
    "theory.kernel_crossovers": {
        "a": but(number(2.5), 1.0, 0.5, 5.0),
        "b": but(number(2.0), 1.0, 0.5),
        "noise": number(1e-3, least=0),
        "ridge": but(number(1e-3, least=0), "optimal"),
        "ridge_exponent": but(number(0.0), -1.0, -2.0),
    },
}
