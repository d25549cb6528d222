"""What the functions of training in one pass accept: a part of `domains.py`."""

import numpy as np
from accepted import Domain, above_zero, array, but, number

noise = Domain(True, (None, 1, "yes", 0.0))

DOMAINS_OF_DYNAMICS = {
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
