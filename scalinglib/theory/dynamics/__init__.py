r"""Loss over steps and parameters: gradient flow, and one-pass SGD, at fixed compute.

Modes k = 1, 2, … have the eigenvalue :math:`\lambda_k = k^{-b}`, and the target the
power :math:`v_k^2 = k^{-a}` in them, whose sum is the loss at the start. A model with P
parameters sees the first P modes (`truncated_loss`), or P random mixtures of all of
them (`one_pass_loss`, the model of Paquette et al., 2405.15074). It is trained by
gradient flow, or by stochastic gradient descent with a new example in each of t steps:
the compute is C = P t. `phase` tells what becomes of the loss along the best sizes for
large C, `compute_optimal` has the best sizes as they are, and `sgd_recursion` is exact
for one matrix of features.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "deterministic": ["one_pass_loss"],
        "frontiers": ["Frontier", "compute_optimal"],
        "mode_descent": ["truncated_loss"],
        "mode_optimum": [
            "TruncatedLaw",
            "TruncatedOptimum",
            "truncated_law",
            "truncated_optimum",
        ],
        "phases": ["Phase", "phase", "phase_terms"],
        "recursion": ["ProjectedModes", "projected_modes", "sgd_recursion"],
    },
)
