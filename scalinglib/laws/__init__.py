r"""Laws of learning curves, :math:`L(x) = L_\infty + A x^{-\alpha}`.

Losses from a table, a fit with an interval that can be trusted, exponents between
neighbours, a forecast beyond the sizes that were run, and surfaces of two sizes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bracketing": ["Bracket", "bracket"],
        "comparing": ["Comparison", "compare"],
        "families": ["LAWS", "Law", "Parameter"],
        "fitting": ["LawFit", "fit"],
        "forecasting": ["Forecast", "forecast"],
        "uncertainty": ["BootstrapEstimate", "Estimate", "StudentEstimate"],
        "power_law": ["PowerLawFit", "fit_power_law"],
        "planning": [
            "ExchangeRate",
            "Gain",
            "SizeFor",
            "exchange_rate",
            "gain",
            "size_for",
        ],
        "products": ["ProductFit", "fit_product"],
        "reading": ["read"],
        "scikit": ["from_estimator"],
        "scoring": ["interval_score"],
        "slopes": ["local_exponents"],
        "surfaces": [
            "IsoFLOP",
            "LossSurface",
            "OptimalSize",
            "Optimum",
            "ResampledEstimate",
            "fit_isoflop",
            "fit_loss_surface",
            "parabola_bias",
            "parabola_bias_expansion",
        ],
    },
)
