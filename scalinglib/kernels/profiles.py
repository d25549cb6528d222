"""A kernel between unit vectors, as a function of the cosine."""

from scalinglib._input import real_array
from scalinglib.kernels.network import _arc_cosine, _network, arc_cosine, nngp, ntk
from scalinglib.kernels.stationary import (
    _gaussian,
    _laplace,
    _matern,
    gaussian,
    laplace,
    matern,
)

__all__ = ["profile"]


def profile(kernel, **choices):
    r"""Kernel between unit vectors, as a function of their inner product.

    Parameters
    ----------
    kernel : function
        One of `ntk`, `nngp`, `arc_cosine`, `gaussian`, `laplace` and `matern`.
    **choices
        Its keywords, such as ``depth`` or ``bandwidth``.

    Returns
    -------
    callable
        ``profile(t)`` for cosines t in [−1, 1], in the type of t: in extended precision
        if that is (`matern` only for ν = ½, 3/2, 5/2). What
        :func:`scalinglib.spectra.analytic.sphere` takes.

    Raises
    ------
    ValueError
        If the kernel is another one, or as the kernel; by the profile, if t is not in
        [−1, 1].

    Examples
    --------
    >>> import numpy as np
    >>> profile(ntk, depth=1)(np.array([-1.0, 0.0, 1.0])).round(6)
    array([0.     , 0.31831, 2.     ])
    """
    recipes = [recipe for known, recipe in _RECIPES.items() if known is kernel]
    if not recipes:
        names = ", ".join(known.__name__ for known in _RECIPES)
        raise ValueError(f"kernel must be one of {names}, got {kernel!r}")
    recipe = recipes[0](**choices)

    def at(t):
        t = real_array("t", t)
        t = t if t.dtype.kind == "f" and t.itemsize > 2 else t.astype(float)
        if t.size and not abs(t).max() <= 1:  # so written, it is true for nan
            raise ValueError(f"t must be a cosine, from -1 to 1, got {abs(t).max()}")
        product, own = recipe.on_sphere(t)
        return recipe.values(product, own, own, t.dtype)

    return at


_RECIPES = {
    ntk: lambda **choices: _network(**choices, tangent=True),
    nngp: lambda **choices: _network(**choices, tangent=False),
    arc_cosine: _arc_cosine,
    gaussian: _gaussian,
    laplace: _laplace,
    matern: _matern,
}
