"""The data that networks of growing width learn, and how their limit responds."""

import numpy as np

from scalinglib import kernels, networks
from scalinglib._input import one_of

__all__ = ["linear_response", "width_problem"]

OUTPUTS = 6


def width_problem(activation="erf"):
    r"""The fixed data of the experiments on width: inputs on a sphere, smooth targets.

    32 training and 32 test points, uniform on the unit sphere in 16 dimensions, and six
    targets, one for each output. With z = 4x, target k is
    :math:`(z_k + z_{k+1} z_{k+2} z_{k+3}) / \sqrt 8`, which is odd, as a network of erf
    is; for ReLU it is :math:`(z_k + z_{k+1} z_{k+2}) / \sqrt 8`. Six targets learned at
    once make the loss of one initialisation less noisy.

    Parameters
    ----------
    activation : {"erf", "relu"}

    Returns
    -------
    X, Y, X_test, Y_test : ndarrays (32, 16), (32, 6), (32, 16), (32, 6)

    Raises
    ------
    ValueError
        For another activation.

    Examples
    --------
    >>> [a.shape for a in width_problem()]
    [(32, 16), (32, 6), (32, 16), (32, 6)]
    """
    one_of("activation", activation, ("erf", "relu"))
    X = np.random.default_rng(0).standard_normal((64, 16))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    z = 4 * X
    product = z[:, 1:7] * z[:, 2:8] * (z[:, 3:9] if activation == "erf" else 1)
    Y = (z[:, :6] + product) / np.sqrt(8)
    return X[:32], Y[:32], X[32:], Y[32:]


def linear_response(net, parameters):
    r"""Change of the infinitely wide network's prediction, to first order in Θ̂ − Θ.

    .. math::

       (\delta\Theta(x, X) - \Theta(x, X) \Theta^{-1} \delta\Theta(X, X))
       \Theta^{-1} Y

    Parameters
    ----------
    net : MLP
        With the inputs and outputs of `width_problem`, hidden layers of its
        activations, no biases, in the NTK parameterisation.
    parameters : tuple of ndarray
        Its initialisation, which determines Θ̂.

    Returns
    -------
    (T, 32, 6) ndarray
        At the test points.

    Raises
    ------
    ValueError
        If `net` is not of this kind.

    Examples
    --------
    >>> net = networks.MLP([16, 32, 6], "erf")
    >>> linear_response(net, net.initialise(3, rng=0)).shape
    (3, 32, 6)
    """
    if (
        not isinstance(net, networks.MLP)
        or (net.widths[0], net.widths[-1]) != (16, OUTPUTS)
        or (net.bias, net.parameterisation) != (0, "ntk")
        or net.depth < 1
    ):
        raise ValueError(
            "net must be an MLP from 16 inputs through hidden layers to "
            f"{OUTPUTS} outputs, ntk, without biases; got {net!r}"
        )
    X, Y, X_test, _ = width_problem(net.activation)
    K, k = _limit(net)
    dual = np.linalg.solve(K, Y)
    at = np.concatenate([X, X_test])
    change = net.tangent_product(parameters, at, X, dual)
    change -= np.concatenate([K, k]) @ dual
    return change[:, len(X) :] - k @ np.linalg.solve(K, change[:, : len(X)])


def _limit(net):
    """Θ(X, X) and Θ(X_test, X) of the infinitely wide network."""
    X, _, X_test, _ = width_problem(net.activation)
    choice = {"depth": net.depth, "activation": net.activation}
    return kernels.ntk(X, **choice), kernels.ntk(X_test, X, **choice)
