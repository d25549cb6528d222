r"""One pass of training on random features: losses, phases, compute-optimal sizes.

The model of Paquette et al. (2405.15074). Modes k = 1, 2, … have the eigenvalue
:math:`\lambda_k = k^{-b}`, and the target the power :math:`v_k^2 = k^{-a}` in them. A
model with P parameters sees P random mixtures of the modes, Gaussian projections, and
is trained by stochastic gradient descent, one new example in each of t steps: the
compute is C = P t. Gradient flow is the same without the noise of the examples.

`one_pass_loss` is the loss, `phase` what it becomes along the best sizes for large C,
`compute_optimal` the best sizes as they are.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "deterministic": ["one_pass_loss"],
        "frontiers": ["Frontier", "compute_optimal"],
        "phases": ["Phase", "phase", "phase_terms"],
    },
)
