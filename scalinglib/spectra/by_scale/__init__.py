"""The exponent of a spectrum, scale by scale, from what a sample resolves.

`exponent` is the one to use. `rows` holds the eigenvalues of a sample and how points
share them; `resolving` turns them into numbers of modes that need no correction;
`bands` counts near one scale; `octaves` reads an exponent from each octave; `agreement`
says what they have in common.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "agreement": ["SpectralExponent"],
        "estimating": ["exponent"],
    },
)
