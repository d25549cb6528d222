"""What every architecture offers, whoever wrote its passes."""

import numpy as np

from scalinglib._input import real_array
from scalinglib.networks import _tensors

__all__ = ["Architecture"]


class Architecture:
    r"""A network whose parameters live outside of it, for an ensemble of members.

    `MLP` and `Module` are the two there are. A third one gives ``inputs`` n and
    ``outputs`` C, ``initialise``, and five functions of tensors: ``_shapes``,
    ``_forward``, ``_gradients``, ``_kernel`` and ``_product``; learners, kernels and
    products then work as they do here.

    Examples
    --------
    >>> from scalinglib.networks import MLP
    >>> isinstance(MLP([2, 8, 1]), Architecture)
    True
    """

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
        >>> from scalinglib.networks import MLP
        >>> net = MLP([2, 8, 1], "erf")
        >>> net(net.initialise(3, rng=0), [[0.0, 0.0]]).ravel()
        array([0., 0., 0.])
        """
        theta = self._checked(parameters, device)
        x = _tensors.inputs("X", X, self.inputs, theta)
        return _tensors.result(self._evaluate(theta, x), "X", X)

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
        In an MLP the gradient with respect to a matrix of weights is the outer product
        of what enters the layer and what comes back to it, so a layer adds the product
        of two Gram matrices and no Jacobian is formed. Other modules form it.

        The rates that a parameterisation gives to its layers do not enter: in ``"mup"``
        this is not the kernel with which gradient descent begins.

        Examples
        --------
        >>> from scalinglib.kernels import ntk
        >>> from scalinglib.networks import MLP
        >>> net, X = MLP([2, 4096, 1]), np.eye(2)
        >>> wide = net.tangent_kernel(net.initialise(1, rng=0), X)[0]
        >>> bool(np.abs(wide - ntk(X, depth=1)).max() < 0.1)
        True
        """
        theta = self._checked(parameters, device)
        x = _tensors.inputs("X", X, self.inputs, theta)
        y = None if Y is None else _tensors.inputs("Y", Y, self.inputs, theta)
        return _tensors.result(self._kernel(theta, x, y), "X", X)

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
        >>> from scalinglib.networks import MLP
        >>> net, X = MLP([2, 8, 3]), np.eye(2)
        >>> parameters, v = net.initialise(4, rng=0), np.ones((2, 3))
        >>> direct = net.tangent_kernel(parameters, X) @ v.ravel()
        >>> product = net.tangent_product(parameters, X, X, v)
        >>> np.allclose(product, direct.reshape(4, 2, 3))
        True
        """
        theta = self._checked(parameters, device)
        x, y = (
            _tensors.inputs(name, at, self.inputs, theta)
            for name, at in {"X": X, "Y": Y}.items()
        )
        along = _tensors.targets(
            v, len(theta[0]), y.shape[-2], self.outputs, y, name="v"
        )
        along = along.expand(_tensors.members(theta, y, along), *along.shape[1:])
        return _tensors.result(self._product(theta, x, y, along), "v", v)

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

    def _rates(self, rule):
        """Rate of each array beside the others, for ``"rate"`` or ``"adam_rate"``."""
        return [1.0 for _ in self._shapes()]
