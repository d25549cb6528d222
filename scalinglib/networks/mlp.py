"""An architecture: its initial parameters, its outputs, its tangent kernel."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from scalinglib._input import generator, number, one_of, real_array, whole_number
from scalinglib.networks import _tensors, passes
from scalinglib.networks.passes import _ACTIVATIONS

__all__ = ["MLP"]

_PARAMETERISATIONS = ("ntk", "standard")
_DTYPES = (np.float64, np.float32, "float64", "float32")


@dataclass(frozen=True)
class MLP:
    r"""An architecture; its parameters live outside of it.

    Parameters
    ----------
    widths : sequence of int
        n, the widths of the hidden layers, and the number C of outputs: all ≥ 1.
    activation : {"relu", "erf", "tanh"}
        φ.
    parameterisation : {"ntk", "standard"}
        Where the factors :math:`\sqrt{c / W_l}` and σ_b are: in the network, whose
        parameters are then all standard normal, or in the initial parameters. Both
        give the same function at initialisation; under gradient descent they differ.
    bias : float, default 0.0
        σ_b ≥ 0. With 0 there are no biases.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    A. Jacot, F. Gabriel, C. Hongler, arXiv:1806.07572 (2018).

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

    @property
    def depth(self):
        """Number of hidden layers."""
        return len(self.widths) - 2

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
            If an argument is not one of these, or a bias is too large for the type.

        Examples
        --------
        >>> [a.shape for a in MLP([4, 8, 1], bias=0.1).initialise(2, rng=0)]
        [(2, 4, 8), (2, 1, 8), (2, 8, 1), (2, 1, 1)]
        """
        members, rng = whole_number("members", members, least=1), generator(rng)
        # A string or a type: anything else need not even compare.
        if not isinstance(dtype, str | type | np.dtype) or dtype not in _DTYPES:
            raise ValueError(f"dtype must be float64 or float32, got {dtype!r}")
        largest = (
            float(np.finfo(dtype).max) / 100
        )  # no draw is a hundred deviations away
        if self.bias > largest:
            raise ValueError(
                f"bias must be at most {largest:g} in {np.dtype(dtype)}, "
                f"got {self.bias!r}"
            )
        parameters = [np.empty((members, *shape), dtype) for shape in self._shapes()]
        for t in range(members):
            for array, scale in zip(parameters, self._spread(), strict=True):
                array[t] = rng.standard_normal(array.shape[1:])
                array[t] *= scale
        return tuple(parameters)

    def __call__(self, parameters, X, *, device=None):
        """Evaluate all members.

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
        (T, D, C) ndarray

        Raises
        ------
        ValueError
            If shapes do not match, something is not finite, or the result overflows.

        Examples
        --------
        >>> net = MLP([2, 8, 1], "erf")
        >>> net(net.initialise(3, rng=0), [[0.0, 0.0]]).ravel()
        array([0., 0., 0.])
        """
        theta = self._checked(parameters, device)
        return _tensors.result(
            passes.evaluate(self, theta, _tensors.inputs("X", X, theta)), "X", X
        )

    def tangent_kernel(self, parameters, X, Y=None, *, device=None):
        r"""Neural tangent kernel of each member, at these parameters.

        .. math::

           \hat\Theta_{(i c), (j c')} = \sum_p
           \frac{\partial f_c(x_i)}{\partial\theta_p}
           \frac{\partial f_{c'}(y_j)}{\partial\theta_p}

        Parameters
        ----------
        parameters : tuple of ndarray
            As `initialise` returns them, T members.
        X, Y : (D, n) and (D', n) array_like, or with a leading axis T
            By default Y is X.
        device : str or torch.device, optional
            Where torch computes; by default on a GPU if there is one.

        Returns
        -------
        (T, D C, D' C) ndarray
            Rows and columns run over examples, and within them over outputs.

        Raises
        ------
        ValueError
            If shapes do not match, something is not finite, or the result overflows.

        Notes
        -----
        The gradient with respect to a matrix of weights is the outer product of what
        enters the layer and what comes back to it, so a layer adds the product of two
        Gram matrices. No Jacobian is formed.

        Examples
        --------
        >>> net, X = MLP([2, 4096, 1]), np.eye(2)
        >>> wide = net.tangent_kernel(net.initialise(1, rng=0), X)[0]
        >>> from scalinglib.kernels import ntk
        >>> bool(np.abs(wide - ntk(X, depth=1)).max() < 0.1)
        True
        """
        theta = self._checked(parameters, device)
        x = _tensors.inputs("X", X, theta)
        y = None if Y is None else _tensors.inputs("Y", Y, theta)
        return _tensors.result(passes.tangent_kernel(self, theta, x, y), "X", X)

    def tangent_product(self, parameters, X, Y, v, *, device=None):
        r"""Tangent kernel of each member times a vector, without the kernel.

        .. math::

           \sum_{j c'} \hat\Theta_{(i c), (j c')} v_{j c'}

        Parameters
        ----------
        parameters, X, device
            As in `tangent_kernel`.
        Y : (D', n) array_like, or with a leading axis T
            Required here.
        v : (D', C) or (T, D', C) array_like
            A number for each output at each row of Y. One member may take T vectors.

        Returns
        -------
        (T, D, C) ndarray

        Raises
        ------
        ValueError
            If shapes do not match, something is not finite, or the result overflows.

        Notes
        -----
        The derivative of f(X) along the gradient of v · f(Y): about the cost of one
        step of gradient descent.

        Examples
        --------
        >>> net, X = MLP([2, 8, 3]), np.eye(2)
        >>> parameters, v = net.initialise(4, rng=0), np.ones((2, 3))
        >>> direct = net.tangent_kernel(parameters, X) @ v.ravel()
        >>> product = net.tangent_product(parameters, X, X, v)
        >>> np.allclose(product, direct.reshape(4, 2, 3))
        True
        """
        theta = self._checked(parameters, device)
        x, y = _tensors.inputs("X", X, theta), _tensors.inputs("Y", Y, theta)
        along = _tensors.targets(
            v, len(theta[0]), y.shape[-2], self.widths[-1], y, name="v"
        )
        along = along.expand(_tensors.members(theta, y, along), *along.shape[1:])
        return _tensors.result(passes.tangent_product(self, theta, x, y, along), "v", v)

    def _shapes(self):
        """Shapes of one member's parameters, in order."""
        for fan_in, fan_out in zip(self.widths, self.widths[1:], strict=False):
            yield fan_in, fan_out
            if self.bias:
                yield 1, fan_out

    def _spread(self):
        """Standard deviation of each array of parameters at initialisation."""
        standard = self.parameterisation == "standard"
        c = _ACTIVATIONS[self.activation][2]
        for layer, fan_in in enumerate(self.widths[:-1]):
            yield sqrt(c / fan_in) if standard and layer else 1.0
            if self.bias:
                yield self.bias if standard else 1.0

    def _checked(self, parameters, device, name="parameters"):
        """The parameters on the device, of shapes and type that fit."""
        device = _tensors.device(device)
        shapes = list(self._shapes())
        if not isinstance(parameters, tuple | list):
            raise ValueError(f"{name} must be a tuple, got {type(parameters)}")
        arrays = [real_array(name, p) for p in parameters]
        found = [a.shape[1:] for a in arrays]
        if found != shapes or len({(len(a), a.dtype) for a in arrays}) != 1:
            raise ValueError(
                f"{name} must have the shapes (T, ...) with ... = {shapes} and one "
                f"type, got {[(a.shape, str(a.dtype)) for a in arrays]}"
            )
        if arrays[0].dtype not in (np.float64, np.float32) or not len(arrays[0]):
            raise ValueError(
                f"{name} must be float64 or float32, for one member at least; got "
                f"{arrays[0].shape} of {arrays[0].dtype}"
            )
        like = _tensors.tensor(np.empty(0, arrays[0].dtype), device)
        return [_tensors.finite(name, a, like) for a in arrays]
