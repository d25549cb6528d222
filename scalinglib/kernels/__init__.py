r"""Kernels: of infinitely wide networks, of distances, of random features.

For ReLU, with θ the angle between x and y, Cho and Saul's arc-cosine functions

.. math::

   \kappa_0 = \frac{\pi - \theta}{\pi}, \qquad
   \kappa_1 = \frac{\sin\theta + (\pi - \theta)\cos\theta}{\pi}

carry a kernel through one ReLU layer: κ₁ is the cosine of the angle behind the layer,
κ₀ the fraction of its units that are on for both inputs. For erf the same integrals are
an arcsine and an inverse square root (Williams).

Every kernel takes inputs as rows and returns the Gram matrix, in float32 if all inputs
are, otherwise in float64 (`torus` always). It is filled tile by tile, at half the work
where `Y` is missing; ``diagonal=True`` gives K(x, x) alone, at the cost of D entries.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "features": ["from_features", "torus"],
        "network": ["arc_cosine", "nngp", "ntk"],
        "operator": ["GramOperator"],
        "profiles": ["profile"],
        "stationary": ["brownian", "gaussian", "laplace", "matern"],
    },
)
