r"""Loss over steps and parameters: gradient flow, and one-pass SGD, at fixed compute.

The course's alphabet: eigenvalues :math:`\lambda_k = k^{-b}` and power
:math:`v_k^2 = k^{-a}` of the target in mode k, whose sum is the loss at the start; P
parameters, t steps or time, C = P t.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "mode_descent": ["truncated_loss"],
        "mode_optimum": [
            "TruncatedLaw",
            "TruncatedOptimum",
            "truncated_law",
            "truncated_optimum",
        ],
        "recursion": ["ProjectedModes", "projected_modes", "sgd_recursion"],
    },
)
