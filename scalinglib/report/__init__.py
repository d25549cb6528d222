"""Reports to keep and to send: a question, its answer and the reasons, in one file."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "forecasts": ["Report", "forecast_report"],
        "pages": ["Page"],
        "surfaces": ["SurfaceReport", "surface_report"],
        "texts": ["TextReport", "text_report"],
    },
)
