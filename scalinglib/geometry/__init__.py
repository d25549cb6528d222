"""Points on manifolds, targets on them, neighbours, and the dimension these tell.

Inputs are rows of coordinates, (D, n). A manifold draws them, a target labels them, a
search finds the nearest, and what is known there is interpolated.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["dimension"],
    submod_attrs={
        "curved": ["embedding", "swiss_roll"],
        "dimension": [
            *("Dimension", "DimensionEstimate", "DimensionWarning"),
            *("levina_bickel", "two_nn"),
        ],
        "distances": ["expected_distance", "lipschitz_constant"],
        "interpolation": ["k_nearest", "piecewise_linear"],
        "manifolds": ["Manifold", "ball", "cube", "sphere", "torus"],
        "searching": ["nearest"],
        "targets": ["Teacher", "fourier", "relu_network", "weierstrass"],
    },
)
