r"""Spectra of kernels: analytic, of a sample, and the exponent α_K read off a sample.

The eigenvalues of a kernel are those of its integral operator over the distribution p
of the inputs, :math:`\int K(x, y) \phi(y) \, p(y) dy = \lambda \phi(x)`. Those of a
Gram matrix of N random points, over N, approach them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "by_scale": ["SpectralExponent", "exponent"],
        "analytic": ["SphereSpectrum", "sphere", "torus"],
        "exponents": ["noise_exponent", "resolution_exponent", "tail_exponent"],
        "groups": ["ExponentEstimate"],
        "power_law": ["PowerLaw"],
        "samples": ["Sample"],
        "sampled": ["EmpiricalSpectrum", "empirical", "resolutions"],
    },
)
