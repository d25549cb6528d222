r"""Losses over parameters and data, :math:`L(P, D)`, and the best split of a budget."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"certificate": ["Certificate", "certify"]}
)
