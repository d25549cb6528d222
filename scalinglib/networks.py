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
member of the ensemble. Only this module and its `_tensors` import torch. All
randomness comes from numpy.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import pi, prod, sqrt

import numpy as np
import torch

from scalinglib import _tensors
from scalinglib._input import above_zero, generator, number, real_array, whole_number

__all__ = [
    "MLP",
    "Predictor",
    "adam",
    "cross_entropy",
    "gradient_descent",
    "linearised",
    "mean_squared_error",
]

# φ, φ' as a function of z and φ(z), and the constant c.
_ACTIVATIONS = {
    "relu": (torch.relu, lambda z, h: (z > 0).to(z.dtype), 2.0),
    "erf": (torch.erf, lambda z, h: torch.exp(-(z**2)) * (2 / sqrt(pi)), 1.0),
    "tanh": (torch.tanh, lambda z, h: 1 - h**2, 1.0),
}
_PARAMETERISATIONS = ("ntk", "standard")
_DTYPES = (np.float64, np.float32, "float64", "float32")
_CACHED = 2**18  # so many numbers, computed together, stay in a cache of a few MB


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
    A. Jacot, F. Gabriel, C. Hongler, arXiv:1806.07572 (2018), section 2.

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
        _one_of("activation", self.activation, _ACTIVATIONS)
        _one_of("parameterisation", self.parameterisation, _PARAMETERISATIONS)
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
            self._evaluate(theta, _tensors.inputs("X", X, theta)), "X", X
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
        return _tensors.result(self._tangent_kernel(theta, x, y), "X", X)

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
        return _tensors.result(self._tangent_product(theta, x, y, along), "v", v)

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

    def _scale(self, layer):
        """Factor in front of the weights in the network."""
        if layer == 0 or self.parameterisation == "standard":
            return 1.0
        return sqrt(_ACTIVATIONS[self.activation][2] / self.widths[layer])

    def _layers(self, theta):
        """Yield the factor, the weights and the biases (or None) of each layer."""
        step = 2 if self.bias else 1
        for layer, k in enumerate(range(0, len(theta), step)):
            yield self._scale(layer), theta[k], theta[k + 1] if self.bias else None

    def _bias_scale(self):
        return self.bias if self.parameterisation == "ntk" else 1.0

    def _forward(self, theta, X, *, keep=True):
        """Outputs, and what `_backward` needs: (h, φ'(z)) before each layer."""
        act, slope, _ = _ACTIVATIONS[self.activation]
        h, seen = X, [(X, None)]
        for layer, (scale, W, b) in enumerate(self._layers(theta)):
            z = torch.matmul(h, W)
            if scale != 1:
                z *= scale
            if b is not None:
                z += self._bias_scale() * b
            if layer == self.depth:
                return z, seen
            h = act(z)
            if keep:
                seen.append((h, slope(z, h)))
        raise AssertionError("unreachable")

    def _evaluate(self, theta, X):
        """Outputs alone, some examples at a time: layers stay in the cache."""
        # Not too few: each part reads all the weights again.
        rows = max(64, _CACHED // (len(theta[0]) * max(self.widths)))
        parts = X.split(rows, dim=-2)
        return torch.cat([self._forward(theta, x, keep=False)[0] for x in parts], dim=1)

    def _backward(self, theta, seen, g):
        """Yield (layer, h, g) from the last layer to the first.

        g holds ∂/∂z of the layer, (T, rows, units); it enters as that of the output.
        """
        layers = list(self._layers(theta))
        for layer in range(self.depth, -1, -1):
            h, slope = seen[layer]
            yield layer, h, g
            if layer:
                scale, W, _ = layers[layer]
                g = torch.matmul(g, W.mT)
                g *= slope if scale == 1 else slope * scale

    def _gradients(self, theta, seen, g):
        """Gradients of a loss in the order of theta, from that at the output."""
        gradients = []
        for layer, h, back in self._backward(theta, seen, g):
            if self.bias:
                gradients.append(self._bias_scale() * back.sum(dim=1, keepdim=True))
            # The factor goes with the examples: they are fewer than the weights.
            gradients.append(torch.matmul(h.mT, back * self._scale(layer)))
        return gradients[::-1]

    def _tangent_kernel(self, theta, X, Y):
        left = self._sensitivities(theta, X)
        right = left if Y is None else self._sensitivities(theta, Y)
        C, kernel = self.widths[-1], 0
        for (layer, h, g), (_, k, e) in zip(left, right, strict=True):
            inputs = self._scale(layer) ** 2 * torch.matmul(h, k.mT)
            if self.bias:
                inputs = inputs + self._bias_scale() * self._bias_scale()
            inputs = inputs.repeat_interleave(C, -2).repeat_interleave(C, -1)
            kernel = kernel + inputs * torch.matmul(g, e.mT)
        return kernel

    def _tangent_product(self, theta, X, Y, v):
        along = self._gradients(theta, self._forward(theta, Y)[1], v)
        _, seen = self._forward(theta, X)
        layers = zip(self._layers(theta), self._layers(along), seen, strict=True)
        dz = None  # the change of what the layer before computes
        for (scale, W, _), (_, dW, db), (h, slope) in layers:
            change = torch.matmul(h, dW)
            if dz is not None:  # the inputs themselves do not change
                change += torch.matmul(dz * slope, W)
            dz = scale * change
            if db is not None:
                dz += self._bias_scale() * db
        return dz

    def _sensitivities(self, theta, X):
        """(layer, h, g): what enters (T, D, fan_in), and ∂f/∂z (T, D C, fan_out)."""
        f, seen = self._forward(theta, X)
        T, D, C = f.shape
        # Outputs share the axis of examples: one row for each pair of both.
        eye = torch.eye(C, dtype=f.dtype, device=f.device).repeat(T, D, 1)
        rows = [
            (h, None if s is None else s.repeat_interleave(C, dim=1)) for h, s in seen
        ]
        return list(self._backward(theta, rows, eye))[::-1]

    def _checked(self, parameters, device):
        """The parameters on the device, of shapes and type that fit."""
        device = _tensors.device(device)
        shapes = list(self._shapes())
        if not isinstance(parameters, tuple | list):
            raise ValueError(f"parameters must be a tuple, got {type(parameters)}")
        arrays = [real_array("parameters", p) for p in parameters]
        found = [a.shape[1:] for a in arrays]
        if found != shapes or len({(len(a), a.dtype) for a in arrays}) != 1:
            raise ValueError(
                f"parameters must have the shapes (T, ...) with ... = {shapes} and one "
                f"type, got {[(a.shape, str(a.dtype)) for a in arrays]}"
            )
        if arrays[0].dtype not in (np.float64, np.float32) or not len(arrays[0]):
            raise ValueError(
                "parameters must be float64 or float32, for one member at least; got "
                f"{arrays[0].shape} of {arrays[0].dtype}"
            )
        like = _tensors.tensor(np.empty(0, arrays[0].dtype), device)
        return [_tensors.finite("parameters", a, like) for a in arrays]


@dataclass(frozen=True, eq=False)
class Predictor:
    """What a fit returns: call it with X (D', n) or (T, D', n) for f (T, D', C).

    Attributes
    ----------
    parameters : tuple of ndarray
        After training; those at initialisation for the linearised network.
    loss : ndarray, shape (T,)
        Loss of each member on its training data.

    Examples
    --------
    >>> net = MLP([1, 4, 1])
    >>> fit = gradient_descent(net, rate=0.1, steps=5)
    >>> predict = fit(net.initialise(3, rng=0), [[1.0], [2.0]], [[0.0], [1.0]])
    >>> predict([[1.5]]).shape, predict.loss.shape, len(predict.parameters)
    ((3, 1, 1), (3,), 2)
    """

    parameters: tuple[np.ndarray, ...] = field(repr=False)
    loss: np.ndarray
    _predict: Callable = field(repr=False)

    def __call__(self, X):
        """Evaluate all members at X.

        Parameters
        ----------
        X : (D', n) or (T, D', n) array_like
            The same inputs for all members, or inputs for each.

        Returns
        -------
        (T, D', C) ndarray

        Raises
        ------
        ValueError
            If the shape does not match or X, or the result, is not finite.
        """
        return self._predict(X)


def gradient_descent(
    net, *, rate, steps, momentum=0.0, loss="mse", centred=False, device=None
):
    r"""Full-batch gradient descent, a learner of ensembles.

    .. math::

       v \leftarrow \mu v + \nabla L(\theta), \qquad
       \theta \leftarrow \theta - \eta v

    Parameters
    ----------
    net : MLP
        The architecture.
    rate : float
        η > 0.
    steps : int
        How many, ≥ 1: the same for all members.
    momentum : float, default 0.0
        μ in [0, 1).
    loss : {"mse", "cross-entropy"}
        L, as in `mean_squared_error` and `cross_entropy`.
    centred : bool, default False
        Learn f(θ) − f(θ₀), which is zero at initialisation, instead of f(θ).
    device : str or torch.device, optional
        Where torch computes; by default on a GPU if there is one.

    Returns
    -------
    fit : callable
        ``fit(parameters, X, Y, weights=None) -> Predictor``. The parameters have a
        leading axis of T members (or of 1: the same initialisation for all); X is
        (D, n), or (T, D, n) where each member has data of its own; Y (D, C) or
        (T, D, C), for the cross-entropy labels (D,) or (T, D). With weights, (D,) or
        (T, D), not negative, the loss is the weighted mean over the examples. Nothing
        passed is changed.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``fit`` if shapes do not match or a loss
        is not finite after training: the rate is too large.

    Examples
    --------
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> fit = gradient_descent(net, rate=0.1, steps=200)
    >>> predict = fit(net.initialise(8, rng=0), X, [[1.0], [-1.0]])
    >>> predict(X).shape, bool(predict.loss.max() < 1e-6)
    ((8, 2, 1), True)
    """
    momentum = number("momentum", momentum, least=0)
    if momentum >= 1:
        raise ValueError(f"momentum must be in [0, 1), got {momentum!r}")
    rate = above_zero("rate", rate)

    def start(theta):
        _tensors.fits("rate", rate, theta[0].dtype)
        velocity = [torch.zeros_like(p) for p in theta] if momentum else None

        def move(gradients, _):
            if momentum:
                for v, g in zip(velocity, gradients, strict=True):
                    torch.add(g, v, alpha=momentum, out=v)
                gradients = velocity
            for p, g in zip(theta, gradients, strict=True):
                p.sub_(g, alpha=rate)

        return move

    return _learner(net, start, rate, steps, loss, centred, device)


def adam(
    net,
    *,
    rate,
    steps,
    betas=(0.9, 0.999),
    eps=1e-8,
    loss="mse",
    centred=False,
    device=None,
):
    r"""Full-batch Adam, a learner of ensembles.

    .. math::

       m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
       \theta \leftarrow \theta - \eta \,
       \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    net, rate, steps, loss, centred, device
        As in `gradient_descent`.
    betas : pair of float
        β₁ and β₂, in [0, 1).
    eps : float
        ε > 0.

    Returns
    -------
    fit : callable
        As in `gradient_descent`.

    Raises
    ------
    ValueError
        As in `gradient_descent`.

    References
    ----------
    D. Kingma, J. Ba, arXiv:1412.6980 (2015), algorithm 1.

    Examples
    --------
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> predict = adam(net, rate=0.03, steps=300)(
    ...     net.initialise(8, rng=0), X, [[1.0], [-1.0]]
    ... )
    >>> bool(predict.loss.max() < 1e-4)
    True
    """
    if real_array("betas", betas).shape != (2,):
        raise ValueError(f"betas must be two numbers, got {betas!r}")
    beta1, beta2 = (number("betas", beta, least=0) for beta in betas)
    if max(beta1, beta2) >= 1:
        raise ValueError(f"betas must be in [0, 1), got {betas!r}")
    rate, eps = above_zero("rate", rate), above_zero("eps", eps)

    def start(theta):
        _tensors.fits("rate / (1 - betas[0])", rate / (1 - beta1), theta[0].dtype)
        _tensors.fits("eps", eps, theta[0].dtype)
        first = [torch.zeros_like(p) for p in theta]
        second = [torch.zeros_like(p) for p in theta]

        def move(gradients, t):
            step, root = rate / (1 - beta1**t), sqrt(1 - beta2**t)
            for p, m, v, g in zip(theta, first, second, gradients, strict=True):
                m.lerp_(g, 1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                p.addcdiv_(m, (v.sqrt() / root).add_(eps), value=-step)

        return move

    return _learner(net, start, rate, steps, loss, centred, device)


def linearised(net, *, centred=False, device=None):
    r"""The network linearised at its initialisation, trained for ever on the MSE.

    .. math::

       f(x) = f_0(x) + \hat\Theta(x, X) \, \hat\Theta(X, X)^{-1} (Y - f_0(X))

    with the tangent kernel of these very parameters: where gradient flow of the
    first-order expansion of the network around them ends.

    Parameters
    ----------
    net : MLP
        The architecture.
    centred : bool, default False
        Leave out f₀, as in `gradient_descent`.
    device : str or torch.device, optional
        Where torch computes; by default on a GPU if there is one.

    Returns
    -------
    fit : callable
        ``fit(parameters, X, Y)`` as in `gradient_descent`, for the MSE.

    Raises
    ------
    ValueError
        By ``fit`` if shapes do not match or a kernel is not positive definite: its rank
        is below D C for lack of parameters, for equal inputs, or for an input at which
        the gradient vanishes.

    References
    ----------
    J. Lee et al., "Wide neural networks of any depth evolve as linear models under
    gradient descent", arXiv:1902.06720 (2019), eqs. (10)–(11).

    Examples
    --------
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> predict = linearised(net)(net.initialise(8, rng=0), X, [[1.0], [-1.0]])
    >>> bool(predict.loss.max() < 1e-20)
    True
    """
    _check_choices(net, centred, device)

    def fit(parameters, X, Y):
        theta = net._checked(parameters, device)
        X = _tensors.inputs("X", X, theta, own=True)
        D = X.shape[-2]
        Y = _tensors.targets(Y, _tensors.members(theta, X), D, net.widths[-1], X)
        theta = _tensors.as_many(theta, X, Y)
        T = len(theta[0])

        def at_start(inputs):
            f = net._evaluate(theta, inputs)
            return torch.zeros_like(f) if centred else f

        kernel = net._tangent_kernel(theta, X, None)
        residual = (Y - at_start(X)).reshape(T, -1, 1)
        dual, left = _solve(kernel, residual)
        v = dual.reshape(T, D, -1)

        def predict(X_new):
            at = _tensors.inputs("X_new", X_new, theta)
            f = at_start(at) + net._tangent_product(theta, at, X, v)
            return _tensors.result(f, "X_new", X_new)

        loss = left.square().sum(dim=(1, 2)) / D
        return Predictor(_tensors.arrays(theta), loss.numpy(force=True), predict)

    return fit


def _solve(kernel, residual):
    """Solution of kernel @ dual = residual for each member, and what is left of it.

    Numerics: rounding makes a singular kernel look positive definite as often as not.
    So pivots must be above their own rounding error, and the equation must hold.
    """
    if not (kernel.isfinite().all() and residual.isfinite().all()):
        raise ValueError(
            "X, Y and the parameters must be smaller: the kernel overflows"
        )
    factor, info = torch.linalg.cholesky_ex(kernel)
    scale = residual.abs().amax(dim=(1, 2), keepdim=True)
    scale = torch.where(
        scale > 0, scale, torch.ones_like(scale)
    )  # squares may overflow
    dual = torch.cholesky_solve(residual / scale, factor)
    left = kernel @ dual - residual / scale
    size, eps = kernel.shape[-1], torch.finfo(kernel.dtype).eps
    pivots = factor.diagonal(dim1=1, dim2=2).square()
    small = pivots <= 4 * size * eps * kernel.diagonal(dim1=1, dim2=2)
    wrong = ~(left.norm(dim=(1, 2)) <= 1e-3 * (residual / scale).norm(dim=(1, 2)))
    singular = (info > 0) | small.any(dim=1) | wrong
    if singular.any():
        t = int(singular.nonzero()[0, 0])
        raise ValueError(
            f"the tangent kernel of member {t} is not positive definite: X must hold "
            "distinct inputs, none at which the gradient vanishes, and the network "
            f"more parameters than D C = {size}"
        )
    dual, left = dual * scale, left * scale
    if not (dual.isfinite().all() and left.square().isfinite().all()):
        raise ValueError("Y must be smaller: the solution overflows")
    return dual, left


def mean_squared_error(f, Y):
    r"""Mean over examples of :math:`\|f(x) - y\|^2`, for each member.

    Parameters
    ----------
    f : (T, D, C) array_like
        Outputs.
    Y : (D, C) or (T, D, C) array_like
        Targets.

    Returns
    -------
    (T,) ndarray

    Raises
    ------
    ValueError
        If shapes do not match, or something is not finite, the loss included.

    Examples
    --------
    >>> mean_squared_error([[[1.0, 2.0]]], [[0.0, 0.0]])
    array([5.])
    """
    g = _tensors.outputs(f)
    Y = _tensors.targets(Y, *g.shape, g)
    return _tensors.result(_mse(g, Y, _tensors.weights(None, *g.shape[:2], g)), "f", f)


def cross_entropy(f, y):
    r"""Mean over examples of :math:`-\log \mathrm{softmax}(f(x))_y`, for each member.

    Parameters
    ----------
    f : (T, D, C) array_like
        Outputs, as logits.
    y : (D,) or (T, D) array_like of int
        Labels 0, …, C − 1.

    Returns
    -------
    (T,) ndarray

    Raises
    ------
    ValueError
        If shapes do not match, a label is none of these, or something is not finite.

    Examples
    --------
    >>> cross_entropy([[[0.0, 0.0]]], [1]).round(6)
    array([0.693147])
    """
    g = _tensors.outputs(f)
    y = _tensors.labels(y, *g.shape, g)
    (g,) = _tensors.as_many([g], g, y)
    return _tensors.result(
        _cross_entropy(g, y, _tensors.weights(None, *g.shape[:2], g)), "f", f
    )


def _learner(net, start, rate, steps, loss, centred, device):
    """Train with ``start(theta) -> move(gradients, t)``, in place."""
    _check_choices(net, centred, device)
    steps = whole_number("steps", steps, least=1)
    _one_of("loss", loss, _LOSSES)
    evaluate, gradient, checked = _LOSSES[loss]

    def fit(parameters, X, Y, weights=None):
        initial = net._checked(parameters, device)
        X = _tensors.inputs("X", X, initial, own=True)
        Y = checked(Y, _tensors.members(initial, X), X.shape[-2], net.widths[-1], X)
        w = _tensors.weights(weights, _tensors.members(initial, X, Y), X.shape[-2], X)
        f0 = net._evaluate(initial, X) if centred else X.new_zeros(1, 1, 1)
        many, shared = (
            _tensors.as_many(initial, X, Y, w),
            (X if X.ndim == 3 else X[None], Y, w, f0),
        )
        parts = []
        for group in _groups(net, len(many[0]), X.shape[-2]):
            x, y, v, at_start = (a if len(a) == 1 else a[group] for a in shared)
            theta = [
                p[group].clone(memory_format=torch.contiguous_format) for p in many
            ]
            move = start(theta)
            for t in range(1, steps + 1):
                f, seen = net._forward(theta, x)
                move(net._gradients(theta, seen, gradient(f - at_start, y, v)), t)
            parts.append((evaluate(net._evaluate(theta, x) - at_start, y, v), *theta))
        final, *theta = map(torch.cat, zip(*parts, strict=True))
        finite = final.isfinite()
        for p in theta:
            finite &= p.isfinite().flatten(1).all(dim=1)
        if not finite.all():
            t = int((~finite).nonzero()[0, 0])
            raise ValueError(
                f"member {t} diverged in {steps} steps (training loss {final[t]:g}): "
                f"rate must be smaller, got {rate!r}; or the data are too large"
            )

        def predict(X_new):
            at = _tensors.inputs("X_new", X_new, theta)
            f = net._evaluate(theta, at)
            if centred:
                f -= net._evaluate(initial, at)
            return _tensors.result(f, "X_new", X_new)

        return Predictor(_tensors.arrays(theta), final.numpy(force=True), predict)

    return fit


def _groups(net, members, D):
    """Slices of as many members as train together without leaving the cache."""
    each = D * sum(net.widths[1:]) + sum(map(prod, net._shapes()))
    size = max(1, _CACHED // each)
    return [slice(i, i + size) for i in range(0, members, size)]


def _mse(f, Y, w):
    """Losses (T,), for weights (T, D)."""
    return (w * (f - Y).square().sum(dim=2)).sum(dim=1)


def _mse_gradient(f, Y, w):
    """Gradient of their sum at f."""
    return (f - Y).mul_(2 * w[..., None])


def _cross_entropy(f, y, w):
    """Losses (T,), for weights (T, D)."""
    labels = y.expand(f.shape[:2])[..., None]
    z = f - f.amax(dim=-1, keepdim=True)
    log_p = z.gather(-1, labels)[..., 0] - z.exp().sum(dim=-1).log()
    return -(w * log_p).sum(dim=1)


def _cross_entropy_gradient(f, y, w):
    """Gradient of their sum at f: softmax (torch's own is slow here) minus one-hot."""
    labels = y.expand(f.shape[:2])[..., None]
    p = (f - f.amax(dim=-1, keepdim=True)).exp_()
    p /= p.sum(dim=-1, keepdim=True)
    p.scatter_add_(-1, labels, p.new_full((1, 1, 1), -1.0).expand_as(labels))
    return p.mul_(w[..., None])


def _one_of(name, value, accepted):
    if not isinstance(value, str) or value not in accepted:
        names = ", ".join(map(repr, accepted))
        raise ValueError(f"{name} must be one of {names}; got {value!r}")


def _check_choices(net, centred, device):
    """What all learners take."""
    if not isinstance(net, MLP):
        raise ValueError(f"net must be an MLP, got {net!r}")
    if not isinstance(centred, bool | np.bool_):
        raise ValueError(f"centred must be True or False, got {centred!r}")
    _tensors.device(device)


# What a learner needs of a loss: its values, its gradient, and a check of its targets.
_LOSSES = {
    "mse": (_mse, _mse_gradient, _tensors.targets),
    "cross-entropy": (_cross_entropy, _cross_entropy_gradient, _tensors.labels),
}
