r"""Losses over parameters and data, :math:`L(P, D)`, and the best split of a budget."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "certificate": ["Certificate", "certify"],
        "forms": ["FORMS", "Form"],
        "loss_surface": ["LossSurface"],
        "resampling": ["Optimum", "ResampledEstimate"],
        "surface_fits": ["fit_loss_surface"],
        "optima": ["IsoFLOP", "OptimalSize", "Split"],
        "parabolas": ["parabola_bias", "parabola_bias_expansion"],
        "profiles": ["fit_isoflop"],
    },
)
