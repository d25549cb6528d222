"""Companion package of the course *Explaining Neural Scaling Laws*.

One noun per module; ``import scalinglib`` loads none of them. A module is imported
when its name is first used (SPEC 1), so that the package starts fast and works
without the libraries that a module alone needs.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "checks",
        "datasets",
        "dimension",
        "experiments",
        "fitting",
        "forecasting",
        "images",
        "kernels",
        "manifolds",
        "neighbours",
        "networks",
        "plotting",
        "random_features",
        "regression",
        "spectra",
        "stored",
        "sweep",
        "teachers",
        "theory",
    ],
    submod_attrs={
        "checks": ["check", "standard_errors_off"],
        "fitting": ["fit_power_law", "local_exponents"],
        "forecasting": ["forecast"],
    },
)
