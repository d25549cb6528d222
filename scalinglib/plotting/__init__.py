"""Figures of curves, surfaces and texts: one style, one way to draw a sweep."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "curves": ["plot_intervals", "plot_law", "plot_scaled", "plot_sweep"],
        "estimates": ["plot_dimension", "plot_exponent"],
        "forecasts": ["plot_forecast", "plot_laws", "plot_past"],
        "planes": ["plot_plane", "plot_regimes"],
        "surfaces": [
            "plot_frontier",
            "plot_isoflops",
            "plot_residuals",
            "plot_surface",
        ],
        "style": ["COLOURS", "MARKERS", "STYLE", "log_axes", "subplots", "use_style"],
        "texts": ["plot_correlations", "plot_entropies", "plot_ngram_curves"],
    },
)
