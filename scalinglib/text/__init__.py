r"""Texts as sequences of tokens, their statistics, and what these predict.

A statistic takes `Tokens`, or any sequence of whole numbers. Lags and orders are called
n; :math:`\beta_C` is the exponent of correlations, :math:`\gamma_H` that of
conditional entropies.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "analysis": ["Analysis", "analyse"],
        "chain_learners": ["ChainLearner"],
        "chains": ["AdditiveChain"],
        "covariance": ["Correlations", "correlations"],
        "files": ["read"],
        "frequencies": ["ZipfExponent", "zipf_exponent"],
        "hierarchies": ["RandomHierarchy"],
        "hierarchy_learners": ["pair_clustering", "sentences_needed"],
        "learning": ["NGramCurves", "ngram_curves"],
        "mixing": ["exchange_rates", "mixture_losses"],
        "octaves": ["OctaveExponent"],
        "predicting_chains": ["mean_divergence", "quadratic_excess"],
        "prediction": ["PredictedExponent", "predicted_exponent"],
        "rarefaction": ["HeapsExponent", "distinct", "heaps_exponent", "missing_mass"],
        "tokens": ["Tokens", "byte_pairs", "characters", "words"],
        "zipf_law": ["ZipfLaw"],
    },
)
