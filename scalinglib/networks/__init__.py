r"""Ensembles of multilayer perceptrons, trained all at once.

A network maps x to f(x) through

.. math::

   z^1 = W^1 x + \sigma_b b^1, \qquad
   z^{l+1} = \sqrt{c / W_l} \; W^{l+1} \varphi(z^l) + \sigma_b b^{l+1}, \qquad
   f(x) = z^{L+1},

with all W, b standard normal at initialisation and c = 2 for ReLU, 1 for erf and tanh:
the NTK parameterisation. (In the standard one the factors are in the parameters.) As
W_l → ∞, without biases and with ReLU or erf, the tangent kernel becomes that of
`scalinglib.kernels`. Every array of parameters has a leading axis, one entry for each
member of the ensemble. Transformers that predict the next token of a text are trained
one at a time, by `language_model`. Only this room imports torch. All randomness comes
from numpy, torch's own being seeded from it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "convolutions": ["convolutional"],
        "language": ["LanguageModel", "language_model"],
        "linearisation": ["linearised"],
        "measures": ["cross_entropy", "mean_squared_error"],
        "mlp": ["MLP"],
        "modules": ["Module"],
        "protocol": ["Predictor"],
        "training": ["adam", "gradient_descent"],
        "transformers": ["Transformer"],
    },
)
