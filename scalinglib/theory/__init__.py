r"""Learning curves from a spectrum: L(D) of kernels, L(D, P) of random features.

With the learnability of mode i, L_i = λ_i / (λ_i + γ), and

.. math::

   z = \sum_i L_i, \qquad q = \sum_i L_i^2,

the resolution γ is the solution of one symmetric equation,

.. math::

   (D - z)(P - z) = \delta P / \gamma, \qquad z \le \min(D, P),

and the test loss is

.. math::

   L = \frac{D \, \bigl[ \sum_i (1 - L_i)^2 v_i^2
             + \frac{z - q}{P - q} \sum_i L_i (1 - L_i) v_i^2 + \sigma^2 \bigr]}
            {(D - z) + (P - z) \frac{z - q}{P - q}} .

Every term is positive: nothing cancels. The equations are those of Simon et al.
(2311.14646), from which κ = γ (P − z) / P has been eliminated: with it
D − z = δ / κ, and P → ∞ gives the kernel's curve (2110.03922).

They hold to leading order in 1/D and 1/P, for Gaussian features or such as behave like
them. For λ = i⁻² the simulated loss is higher by 10 % at (D, P) = (20, 30) and by 1 %
at (60, 200); `finite_size_loss` has the next order too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "asymptotics": ["large_m_constant", "predicted_exponent"],
        "crossovers": ["Crossover", "kernel_crossovers"],
        "dynamics": [
            "Frontier",
            "Phase",
            "ProjectedModes",
            "TruncatedLaw",
            "TruncatedOptimum",
            "compute_optimal",
            "one_pass_loss",
            "phase",
            "phase_terms",
            "projected_modes",
            "sgd_recursion",
            "truncated_law",
            "truncated_loss",
            "truncated_optimum",
        ],
        "from_labels": ["MissedPower", "extrapolated_loss", "kare", "missed_power"],
        "in_time": ["Training", "gradient_flow"],
        "learning_curves": ["finite_size_loss", "kernel_loss", "random_feature_loss"],
        "measured_modes": ["FeatureModes", "feature_modes"],
        "modes": ["Resolution", "learnabilities", "resolution"],
        "regimes": [
            "FeatureRegime",
            "KernelRegime",
            "feature_regime",
            "kernel_regime",
        ],
    },
)
