r"""Texts as sequences of tokens, their statistics, and what these predict.

A statistic takes `Tokens`, or any sequence of whole numbers. Lags and orders are called
n; :math:`\beta_C` is the exponent of correlations, :math:`\gamma_H` that of
conditional entropies.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "frequencies": ["ZipfExponent", "zipf_exponent"],
        "rarefaction": ["HeapsExponent", "distinct", "heaps_exponent", "missing_mass"],
        "tokens": ["Tokens", "byte_pairs", "characters", "read", "words"],
        "zipf_law": ["ZipfLaw"],
    },
)
