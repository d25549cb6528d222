"""A smooth target on the torus, and networks that learn it."""

import numpy as np

from scalinglib import geometry, networks
from scalinglib._input import finite_rows, generator
from scalinglib.experiments import sweep

__all__ = ["make_torus_networks", "network_on_torus", "on_circles", "torus_problem"]


def torus_problem(rng, *, d, D):
    r"""Draw training and test points of the torus, labelled by a smooth target.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the points: 1000 for the test, then those for training, so that fewer of
        them are a prefix of more.
    d : int
        Dimension of the torus, ≥ 1.
    D : int
        Number of training points, ≥ 1.

    Returns
    -------
    target : scalinglib.geometry.Teacher
        The same random Fourier series of 2d modes for every draw.
    X : (D, d) ndarray
        Training points.
    X_test : (1000, d) ndarray
        Test points.

    Raises
    ------
    ValueError
        If `d` or `D` is below 1.

    Examples
    --------
    >>> target, X, X_test = torus_problem(0, d=2, D=64)
    >>> target(X).shape, X_test.shape
    ((64,), (1000, 2))
    """
    rng, torus = generator(rng), geometry.torus(d)
    target = geometry.fourier(d, smoothness=3, modes=2 * d, rng=0)
    X_test = torus.sample(1000, rng=rng)
    return target, torus.sample(D, rng=rng), X_test


def on_circles(X):
    r"""Points of the torus as points of a sphere: one circle for each coordinate.

    .. math::

       x \mapsto (\cos 2\pi x_1, \sin 2\pi x_1, \dots, \cos 2\pi x_d, \sin 2\pi x_d, 1)
       / \sqrt{d + 1}

    It multiplies lengths on the torus by :math:`2\pi / \sqrt{d + 1}`. The last
    coordinate serves networks and kernels without biases as one.

    Parameters
    ----------
    X : (D, d) array_like
        Coordinates of period 1.

    Returns
    -------
    (D, 2d + 1) ndarray
        Rows of length 1.

    Raises
    ------
    ValueError
        If `X` is not (D, d) or an entry is not finite.

    Examples
    --------
    >>> (on_circles([[0.0], [0.25]]) * 2**0.5).round(12).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    """
    angles = 2 * np.pi * (finite_rows("X", X) % 1)
    D, d = angles.shape
    pairs = np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(D, 2 * d)
    return np.hstack([pairs, np.ones((D, 1))]) / np.sqrt(d + 1)


def network_on_torus(rng, *, d, D):
    r"""Test loss of a ReLU network trained on `torus_problem`: a trial.

    Two hidden layers of width 128, full-batch Adam at a rate that falls in four stages,
    4000 steps in all.

    Parameters
    ----------
    rng, d, D
        As in `torus_problem`; then the initialisation is drawn.

    Returns
    -------
    float
        Mean squared error on the test points.

    Raises
    ------
    ValueError
        As `torus_problem`.

    Examples
    --------
    >>> 0 < network_on_torus(np.random.default_rng(0), d=1, D=16) < 0.1
    True
    """
    target, X, X_test = torus_problem(rng, d=d, D=D)
    net = networks.MLP([2 * d + 1, 128, 128, 1], parameterisation="standard", bias=0.1)
    parameters, Y = net.initialise(1, rng=rng), target(X)[:, None]
    for rate, steps in [(3e-3, 1000), (1e-3, 1500), (3e-4, 1000), (1e-4, 500)]:
        learn = networks.adam(net, rate=rate, steps=steps)
        predict = learn(on_circles(X), Y, start=parameters)
        parameters = predict.parameters
    errors = predict(on_circles(X_test))[0, :, 0] - target(X_test)
    return float((errors**2).mean())


def make_torus_networks():
    """Test losses of `network_on_torus` for d = 2 and 3, D = 64…1024, 8 trials each.

    Returns
    -------
    DataArray, dims (d, D, trial)
        Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("torus_networks").sizes["trial"]
    8
    """
    sizes = [64, 128, 256, 512, 1024]
    return sweep.run(network_on_torus, trials=8, seed=0, d=[2, 3], D=sizes)
