"""An architecture: its initial parameters, its outputs, its tangent kernel."""

from dataclasses import dataclass
from functools import cached_property
from math import prod, sqrt

import numpy as np

from scalinglib._input import above_zero, generator, number, one_of, whole_number
from scalinglib.networks import _tensors, passes, scaling
from scalinglib.networks.architecture import Architecture
from scalinglib.networks.passes import _ACTIVATIONS
from scalinglib.networks.scaling import _PARAMETERISATIONS

__all__ = ["MLP"]

_DTYPES = (np.float64, np.float32, "float64", "float32")


@dataclass(frozen=True)
class MLP(Architecture):
    r"""An architecture; its parameters live outside of it.

    Parameters
    ----------
    widths : sequence of int
        n, the widths of the hidden layers, and the number C of outputs: all ≥ 1.
    activation : {"relu", "erf", "tanh"}
        φ.
    parameterisation : {"ntk", "standard", "mup"}
        Where the factors :math:`\sqrt{c / W_l}`, σ_x and σ_b are: in the network, whose
        parameters are then all standard normal, or in the initial parameters. Both
        give the same function at initialisation; under gradient descent they differ.
        In the maximal-update parameterisation, ``"mup"``, the last layer has
        :math:`\sqrt c / W_L` instead and each layer a rate of its own, so that features
        learn equally fast at every width.
    bias : float, default 0.0
        σ_b ≥ 0. With 0 there are no biases.
    input_scale : float, default 1.0
        σ_x > 0, in front of the first layer: 1 suits inputs of length one,
        :math:`\sqrt{c / n}` those whose n coordinates are of the order of one.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    A. Jacot, F. Gabriel, C. Hongler, arXiv:1806.07572 (2018). G. Yang et al.,
    arXiv:2203.03466 (2022), table 8, for μP; that a factor and a spread there may be
    multiplied by constants is said in the issues of their package, `microsoft/mup`.

    Examples
    --------
    >>> net = MLP([4, 512, 1])
    >>> parameters = net.initialise(3, rng=0)
    >>> [w.shape for w in parameters]
    [(3, 4, 512), (3, 512, 1)]
    >>> net(parameters, np.eye(4)).shape
    (3, 4, 1)
    """

    widths: tuple[int, ...]
    activation: str = "relu"
    parameterisation: str = "ntk"
    bias: float = 0.0
    input_scale: float = 1.0

    def __post_init__(self):
        """Check the choices, once and for all."""
        try:
            widths = list(self.widths)
        except TypeError:
            widths = []
        if len(widths) < 2:
            raise ValueError(
                f"widths must list n, hidden widths and C, got {self.widths!r}"
            )
        widths = tuple(whole_number("widths", w, least=1) for w in widths)
        one_of("activation", self.activation, _ACTIVATIONS)
        one_of("parameterisation", self.parameterisation, _PARAMETERISATIONS)
        object.__setattr__(self, "widths", widths)
        object.__setattr__(self, "bias", number("bias", self.bias, least=0))
        scale = above_zero("input_scale", self.input_scale)
        object.__setattr__(self, "input_scale", scale)

    @property
    def depth(self):
        """Number of hidden layers."""
        return len(self.widths) - 2

    @property
    def inputs(self):
        """Number n of inputs."""
        return self.widths[0]

    @property
    def outputs(self):
        """Number C of outputs."""
        return self.widths[-1]

    def initialise(self, members, *, rng=None, dtype=np.float64):
        """Draw the parameters of an ensemble.

        The first members are the same whatever their number.

        Parameters
        ----------
        members : int
            T ≥ 1.
        rng : None, int or numpy.random.Generator
            Source of the standard normal numbers.
        dtype : {numpy.float64, numpy.float32}
            In which all that follows is computed.

        Returns
        -------
        tuple of ndarray
            For each layer weights (T, fan_in, fan_out), then, if there are biases,
            (T, 1, fan_out).

        Raises
        ------
        ValueError
            If an argument is not one of these, or a scale is too large for the type.

        Examples
        --------
        >>> [a.shape for a in MLP([4, 8, 1], bias=0.1).initialise(2, rng=0)]
        [(2, 4, 8), (2, 1, 8), (2, 8, 1), (2, 1, 1)]
        """
        members, rng = whole_number("members", members, least=1), generator(rng)
        # A string or a type: anything else need not even compare.
        if not isinstance(dtype, str | type | np.dtype) or dtype not in _DTYPES:
            raise ValueError(f"dtype must be float64 or float32, got {dtype!r}")
        largest = float(np.finfo(dtype).max) / 100  # no draw is a hundred deviations
        for name in ("bias", "input_scale"):
            if (value := getattr(self, name)) > largest:
                raise ValueError(
                    f"{name} must be at most {largest:g} in {np.dtype(dtype)}, "
                    f"got {value!r}"
                )
        parameters = [np.empty((members, *shape), dtype) for shape in self._shapes()]
        for t in range(members):
            for array, row in zip(parameters, self._rows, strict=True):
                array[t] = rng.standard_normal(array.shape[1:])
                array[t] *= row.spread
        return tuple(parameters)

    def features(self, parameters, X, *, device=None):
        r"""Evaluate the features that the last layer combines.

        .. math:: f_j(x) = \varphi(z^L_j(x)), \qquad j = 1, \dots, W_L

        Parameters
        ----------
        parameters : tuple of ndarray
            As `initialise` returns them, T members.
        X : (D, n) or (T, D, n) array_like
            The same inputs for all members, or inputs for each.
        device : str or torch.device, optional
            Where torch computes; by default on a GPU if there is one.

        Returns
        -------
        (T, D, W) ndarray
            What the last hidden layer passes on; without hidden layers the inputs.

        Raises
        ------
        ValueError
            If shapes do not match, something is not finite, or the result overflows.

        Examples
        --------
        >>> net = MLP([2, 8, 1], "relu", "standard")
        >>> parameters, X = net.initialise(3, rng=0), np.eye(2)
        >>> features = net.features(parameters, X)
        >>> np.allclose(features @ parameters[-1], net(parameters, X))
        True
        """
        theta = self._checked(parameters, device)
        x = _tensors.inputs("X", X, self.inputs, theta)
        last, _ = passes.forward(self, theta, x)[1][-1]
        every = last.expand(len(theta[0]), *last.shape[-2:]).contiguous()
        return _tensors.result(every, "X", X)

    def _shapes(self):
        """Shapes of one member's parameters, in order."""
        for fan_in, fan_out in zip(self.widths, self.widths[1:], strict=False):
            yield fan_in, fan_out
            if self.bias:
                yield 1, fan_out

    @cached_property
    def _rows(self):
        """Spread, factor and rates of each array of parameters, in order."""
        gain = sqrt(_ACTIVATIONS[self.activation][2])
        choice = self.parameterisation, self.widths, gain, self.input_scale, self.bias
        return scaling.of_arrays(*choice)

    def _rates(self, rule):
        return [getattr(row, rule) for row in self._rows]

    def _numbers(self, D):
        """How many numbers a member needs to learn from D examples at once."""
        return D * sum(self.widths[1:]) + sum(map(prod, self._shapes()))

    def _evaluate(self, theta, X):
        return passes.evaluate(self, theta, X)

    def _forward(self, theta, X):
        return passes.forward(self, theta, X)

    def _gradients(self, theta, seen, g, into):
        passes.gradients(self, theta, seen, g, into)

    def _kernel(self, theta, X, Y):
        return passes.tangent_kernel(self, theta, X, Y)

    def _product(self, theta, X, Y, v):
        return passes.tangent_product(self, theta, X, Y, v)
