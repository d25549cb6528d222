r"""Experiments that a chapter, the tests and a stored result share."""

import numpy as np
import xarray as xr

from scalinglib import datasets, kernels, manifolds, networks, sweep, teachers
from scalinglib._input import finite_rows, generator, real_array, whole_number

__all__ = [
    "data_sweep",
    "ensemble_means",
    "first_order",
    "learning_curve",
    "linear_part",
    "linear_response",
    "load_ensemble_means",
    "load_learning_curves",
    "load_one_layer",
    "load_torus_networks",
    "load_two_layers",
    "network_on_torus",
    "on_circles",
    "population_problem",
    "teacher_population",
    "torus_problem",
    "wide_networks",
    "width_problem",
]

#: How `wide_networks` trains: gradient descent of so many steps, with this momentum,
#: at the rate 1 / (2 λ_max / D) for the infinitely wide network.
STEPS, MOMENTUM = 120, 0.75

OUTPUTS = 6

#: What `wide_networks` compares, and the widths at which that is stored.
MODELS = ["net", "linearised", "first order"]
WIDTHS = [2**k for k in range(5, 13)]

#: Sizes of the data sets of `learning_curve`: more than two decades.
SIZES = [2**k for k in range(7, 15)]

MEASURES = {
    "mse": networks.mean_squared_error,
    "cross-entropy": networks.cross_entropy,
}


def data_sweep(fit, initial, X, Y, measure, sizes, *, blocks=32):
    r"""Learning curve of one initialisation under nested random data sets: a trial.

    The examples (X, Y) are the whole population. A trial draws D_max of them with
    replacement, cuts these into D_max / D sets for every D, trains on each, and
    averages the population loss. Sizes of which all sets are used share what is random
    to first order in the empirical distribution; `first_order` measures that, and it is
    subtracted: its expectation is zero.

    Parameters
    ----------
    fit : callable
        A learner of `scalinglib.networks` that takes weights.
    initial : tuple of ndarray
        Parameters of one member, T = 1.
    X, Y : (N, n) ndarray and (N, C) or (N,) ndarray
        The population.
    measure : callable
        ``measure(f, Y) -> (T,)``: `networks.mean_squared_error` or
        `networks.cross_entropy`.
    sizes : sequence of int
        The values of D, increasing; each divides the last.
    blocks : int, default 32
        At most so many sets of each size.

    Returns
    -------
    trial : callable
        ``trial(rng) -> DataArray`` over D, for `scalinglib.sweep.run`.

    Raises
    ------
    ValueError
        If `sizes` do not increase or do not divide the last, `blocks` is below 1, there
        are more members than one, or X and Y are empty or of different lengths.

    Examples
    --------
    >>> net = networks.MLP([2, 3, 1], activation="tanh")
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> trial = data_sweep(
    ...     networks.gradient_descent(net, rate=0.1, steps=10),
    ...     net.initialise(1, rng=0), X, X[:, :1],
    ...     networks.mean_squared_error, [16, 64],
    ... )
    >>> trial(np.random.default_rng(1)).dims
    ('D',)
    """
    sizes = [whole_number("sizes", D, least=1) for D in np.atleast_1d(sizes)]
    if not sizes or sizes != sorted(set(sizes)) or any(sizes[-1] % D for D in sizes):
        raise ValueError(
            f"sizes must be at least one, increase and divide the last, got {sizes}"
        )
    blocks = whole_number("blocks", blocks, least=1)
    X, Y = _population(initial, X, Y)

    def trial(rng):
        drawn = rng.integers(len(X), size=sizes[-1])
        losses = []
        for D in sizes:
            sets = drawn.reshape(-1, D)[:blocks]
            predict = fit(initial, X[sets], Y[sets])
            losses.append(measure(predict(X), Y).mean())
        shift = first_order(fit, initial, X, Y, measure, drawn)
        return xr.DataArray(np.array(losses) - shift, dims="D", coords={"D": sizes})

    return trial


def first_order(fit, initial, X, Y, measure, drawn):
    r"""Change of the population loss to first order in the empirical distribution.

    .. math::

       \frac{\mathrm d}{\mathrm d\epsilon} L[\hat f_{p + \epsilon (\hat p - p)}]
       \Big|_{\epsilon = 0},

    by a central difference, where p is uniform over the population and p̂ over what
    was drawn. The derivative is linear in p̂ − p, so its expectation over draws is zero;
    the difference is accurate to the square of its small step.

    Parameters
    ----------
    fit, initial, X, Y, measure
        As in `data_sweep`.
    drawn : (D,) ndarray of int
        Which examples were drawn.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `drawn` does not hold indices of the population, there are more members than
        one, or X and Y are empty or of different lengths.

    Examples
    --------
    >>> net, X = networks.MLP([2, 3, 1], "tanh"), np.eye(2)
    >>> fit = networks.gradient_descent(net, rate=0.1, steps=10)
    >>> setting = fit, net.initialise(1, rng=0), X, X[:, :1]
    >>> mse = networks.mean_squared_error
    >>> once, twice = (first_order(*setting, mse, [0, *k * [1]]) for k in (2, 5))
    >>> round(twice / once, 2)  # p̂ − p is twice as far: 1/6 and 1/3
    2.0
    """
    up, down, step = _tilted(fit, initial, X, Y, real_array("drawn", drawn)[None])
    return float((measure(up, Y) - measure(down, Y)).item() / (2 * step))


def linear_part(fit, initial, X, Y, drawn):
    r"""Change of the predictions to first order in the empirical distribution.

    .. math::

       g \cdot (\hat p - p) = \frac{\mathrm d}{\mathrm d\epsilon}
       \hat f_{p + \epsilon (\hat p - p)} \Big|_{\epsilon = 0}

    as in `first_order`, for many data sets at once.

    Parameters
    ----------
    fit, initial, X, Y
        As in `data_sweep`.
    drawn : (T, D) ndarray of int
        Which examples were drawn, for each of T data sets.

    Returns
    -------
    (T, N, C) ndarray
        At every example of the population.

    Raises
    ------
    ValueError
        As in `first_order`.

    Examples
    --------
    >>> net, X = networks.MLP([2, 3, 1], "tanh"), np.eye(2)
    >>> fit = networks.gradient_descent(net, rate=0.1, steps=10)
    >>> setting = fit, net.initialise(1, rng=0), X, X[:, :1]
    >>> linear_part(*setting, np.array([[0, 1, 1], [0, 0, 1]])).sum(axis=0).round(6)
    array([[0.],
           [0.]])
    """
    up, down, step = _tilted(fit, initial, X, Y, real_array("drawn", drawn))
    return (up - down) / (2 * step)


def _population(initial, X, Y):
    """One member, and as many inputs as targets."""
    X, Y = real_array("X", X), real_array("Y", Y)
    if not X.ndim or not Y.ndim or not len(X) or len(X) != len(Y):
        raise ValueError(
            "X and Y must have the same number of rows, at least one; "
            f"got shapes {X.shape} and {Y.shape}"
        )
    members = {len(p) for p in initial}
    if members != {1}:
        raise ValueError(f"initial must hold one member, got {sorted(members)}")
    return X, Y


def _check_drawn(drawn, N):
    """Rows of indices of the population."""
    whole = drawn.dtype.kind in "iu"
    if drawn.ndim != 2 or not drawn.size or not whole or not _within(drawn, N):
        raise ValueError(
            f"drawn must hold whole numbers from 0 to {N - 1}, one row for each data "
            f"set, got {drawn.dtype} of shape {drawn.shape}"
        )


def _within(drawn, N):
    return drawn.min() >= 0 and drawn.max() < N


def _tilted(fit, initial, X, Y, drawn):
    """Train on the population with weights p ± ε (p̂ − p), for each row of draws."""
    X, Y = _population(initial, X, Y)
    _check_drawn(drawn, len(X))
    N, D = len(X), drawn.shape[1]
    relative = np.stack([np.bincount(i, minlength=N) for i in drawn]) * (N / D) - 1
    step = 0.02 / max(1, relative.max() / 25)  # no weight may become negative
    weights = 1 + step * np.concatenate([relative, -relative])
    up, down = np.split(fit(initial, X, Y, weights)(X), 2)
    return up, down, step


def teacher_population(N):
    r"""Population of points labelled by a random network, the teacher.

    Parameters
    ----------
    N : int
        Number of points, ≥ 1.

    Returns
    -------
    X, Y : ndarrays (N, 8), (N, 2)
        Points on the sphere of radius √2 and the outputs of a network of 32 erf units.

    Raises
    ------
    ValueError
        If `N` is below 1.

    Examples
    --------
    >>> X, Y = teacher_population(100)
    >>> X.shape, Y.shape
    ((100, 8), (100, 2))
    """
    X = np.random.default_rng(0).standard_normal((whole_number("N", N, least=1), 8))
    X *= np.sqrt(2) / np.linalg.norm(X, axis=1, keepdims=True)
    teacher = networks.MLP([8, 32, 2], "erf")
    return X, teacher(teacher.initialise(1, rng=7), X)[0]


def population_problem(data, loss):
    """A small network, its initialisation, and a population from which data are drawn.

    Parameters
    ----------
    data : {"teacher", "images"}
        8192 points of `teacher_population`, or the 12 000 images of Fashion-MNIST that
        ship with the package, pooled to 7 × 7 pixels.
    loss : {"mse", "cross-entropy"}
        On which the network is trained, and measured.

    Returns
    -------
    fit, initial, X, Y, measure
        As `data_sweep` takes them.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> fit, initial, X, Y, measure = population_problem("teacher", "mse")
    >>> X.shape, Y.shape
    ((8192, 8), (8192, 2))
    """
    for name, value, accepted in (
        ("data", data, ("teacher", "images")),
        ("loss", loss, tuple(MEASURES)),
    ):
        if value not in accepted:
            raise ValueError(f"{name} must be one of {accepted}, got {value!r}")
    if data == "teacher":
        net = networks.MLP([8, 16, 2], "erf")
        X, Y = teacher_population(8192)
        labels = Y.argmax(axis=1)
    else:
        net = networks.MLP([49, 16, 10])
        images, labels = datasets.load_fashion_mnist()
        pooled = images.reshape(-1, 7, 2, 7, 2).mean(axis=(2, 4)).reshape(-1, 49)
        X = datasets.centre_and_normalise(pooled).astype(float)
        Y = datasets.one_hot(labels)
    fit = networks.gradient_descent(
        net, rate=0.2, steps=50, momentum=0.9, loss=loss, centred=True
    )
    targets = Y if loss == "mse" else labels
    return fit, net.initialise(1, rng=1), X, targets, MEASURES[loss]


def learning_curve(data, loss, *, trials, seed=0, sizes=SIZES):
    """Excess loss of `population_problem` at every size of data set.

    The limit is exact: the loss of the network trained on the population itself.

    Parameters
    ----------
    data, loss
        As in `population_problem`.
    trials : int
        Number of nested draws, ≥ 1. The first are the same whatever their number.
    seed : int, default 0
        Of `scalinglib.sweep.run`.
    sizes : sequence of int
        The values of D, powers of two up to 2¹⁴. With the same last, fewer of them
        have the same losses.

    Returns
    -------
    DataArray, dims (D, trial)

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> curve = learning_curve("teacher", "mse", trials=1)
    >>> bool((curve.sel(D=128) > 64 * curve.sel(D=16384)).all())
    True
    """
    setting = population_problem(data, loss)
    fit, initial, X, Y, _ = setting
    trial = data_sweep(*setting, sizes, blocks=16)
    return sweep.run(trial, trials=trials, seed=seed) - fit(initial, X, Y).loss[0]


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
    if not isinstance(activation, str) or activation not in ("erf", "relu"):
        raise ValueError(f"activation must be 'erf' or 'relu', got {activation!r}")
    X = np.random.default_rng(0).standard_normal((64, 16))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    z = 4 * X
    product = z[:, 1:7] * z[:, 2:8] * (z[:, 3:9] if activation == "erf" else 1)
    Y = (z[:, :6] + product) / np.sqrt(8)
    return X[:32], Y[:32], X[32:], Y[32:]


def wide_networks(members, *, W, depth, rng, activation="erf", at_once=None):
    r"""Train networks of width W and put their predictions beside those of the theory.

    Parameters
    ----------
    members : int
        How many initialisations.
    W : int
        Width of every hidden layer: ≥ 9 with one hidden layer, or the network has too
        few parameters to fit the data.
    depth : int
        Number of hidden layers, ≥ 1.
    rng : None, int or numpy.random.Generator
        Draws the initialisations.
    activation : {"erf", "relu"}
    at_once : int, optional
        How many to treat together; by default so many that it stays fast. The numbers
        do not depend on it.

    Returns
    -------
    DataArray, dims (model, point, trial)
        At the test points of `width_problem`, its outputs in turn, for each model

        - ``net``: the trained network, centred at its initialisation;
        - ``linearised``: its linearisation at the same initialisation, trained for
          ever;
        - ``first order``: `linear_response`.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> wide_networks(2, W=16, depth=1, rng=0).sizes["point"]
    192
    """
    members, depth = (
        whole_number(name, value, least=1)
        for name, value in {"members": members, "depth": depth}.items()
    )
    W = whole_number("W", W, least=9 if depth == 1 else 7)
    if at_once is None:
        at_once = max(1, 2**20 // (W * max(192, W ** (depth - 1))))
    at_once = whole_number("at_once", at_once, least=1)
    rng, net = generator(rng), networks.MLP([16, *depth * [W], OUTPUTS], activation)
    parts = []
    while members > 0:
        parameters = net.initialise(min(at_once, members), rng=rng)
        parts.append(_three_models(net, parameters))
        members -= at_once
    return xr.DataArray(
        np.concatenate(parts, axis=-1),
        dims=["model", "point", "trial"],
        coords={"model": MODELS},
    )


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


def _three_models(net, parameters):
    """Predictions (3, point, trial) of `wide_networks`."""
    X, Y, X_test, _ = width_problem(net.activation)
    fit = networks.gradient_descent(
        net,
        rate=len(X) / (2 * np.linalg.eigvalsh(_limit(net)[0])[-1]),
        steps=STEPS,
        momentum=MOMENTUM,
        centred=True,
    )
    trained = fit(parameters, X, Y)(X_test)
    linear = networks.linearised(net, centred=True)(parameters, X, Y)(X_test)
    f = trained, linear, linear_response(net, parameters)
    return np.stack([values.reshape(len(values), -1).T for values in f])


def ensemble_means(ensembles, *, W, rng, members=128):
    """Train ensembles of networks with one hidden layer and average over each.

    Parameters
    ----------
    ensembles : int
        How many.
    W : int
        Width of the hidden layer.
    rng : None, int or numpy.random.Generator
        Draws the initialisations.
    members : int, default 128
        Members of an ensemble, ≥ 2.

    Returns
    -------
    DataArray, dims (of, point, trial)
        One trial for each ensemble; at the points of `wide_networks`

        - ``mean`` over the members of the trained network's prediction;
        - ``variance`` of it over the members, without bias;
        - ``first order``: mean of `linear_response`.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> ensemble_means(3, W=16, rng=0, members=2).sizes["trial"]
    3
    """
    ensembles = whole_number("ensembles", ensembles, least=1)
    members, rng = whole_number("members", members, least=2), generator(rng)
    parts = []
    for _ in range(ensembles):
        f, _, first = wide_networks(members, W=W, depth=1, rng=rng).values
        parts.append([f.mean(axis=1), f.var(axis=1, ddof=1), first.mean(axis=1)])
    return xr.DataArray(
        np.moveaxis(parts, 0, -1),
        dims=["of", "point", "trial"],
        coords={"of": ["mean", "variance", "first order"]},
    )


def load_learning_curves():
    """Load the stored excess losses of `learning_curve`, 16 trials each.

    Returns
    -------
    DataArray, dims (data, loss, D, trial)

    Notes
    -----
    Made by ``python -m scalinglib.data.make_learning_curves`` in about three minutes.

    Examples
    --------
    >>> load_learning_curves().sel(data="images", loss="mse").dims
    ('D', 'trial')
    """
    return xr.DataArray(
        datasets.stored_arrays("learning_curves.npz")["excess"],
        dims=["data", "loss", "D", "trial"],
        coords={"data": ["teacher", "images"], "loss": [*MEASURES], "D": SIZES},
    )


def load_one_layer(activation="erf"):
    """Load the stored predictions of networks with one hidden layer.

    Parameters
    ----------
    activation : {"erf", "relu"}

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them, with 32 members for each W, drawn with
        ``rng = W``: W = 32…4096 for erf, 32…1024 for ReLU.

    Raises
    ------
    ValueError
        For another activation.

    Notes
    -----
    Made by ``python -m scalinglib.data.make_one_layer`` in about a minute.

    Examples
    --------
    >>> load_one_layer("relu").W.values.tolist()
    [32, 64, 128, 256, 512, 1024]
    """
    if not isinstance(activation, str) or activation not in ("erf", "relu"):
        raise ValueError(f"activation must be 'erf' or 'relu', got {activation!r}")
    f = datasets.stored_arrays("one_layer.npz")[activation].astype(float)
    return xr.DataArray(
        f,
        dims=["W", "model", "point", "trial"],
        coords={"W": WIDTHS[: len(f)], "model": MODELS},
    )


def load_two_layers():
    """Load the stored predictions of networks with two hidden layers, W = 32…4096.

    Returns
    -------
    DataArray, dims (W, model, point, trial)
        As `wide_networks` returns them, with 32 members for each W, drawn with
        ``rng = W``.

    Notes
    -----
    Made by ``python -m scalinglib.data.make_two_layers`` in about ten minutes.

    Examples
    --------
    >>> load_two_layers().sizes["trial"]
    32
    """
    return _stored("two_layers.npz", "model", MODELS)


def load_ensemble_means():
    """Load the stored means over ensembles of networks with one hidden layer.

    Returns
    -------
    DataArray, dims (W, of, point, trial)
        As `ensemble_means` returns them, for 32 ensembles of 128 networks for each W
        in 32…256, drawn with ``rng = W``.

    Notes
    -----
    Made by ``python -m scalinglib.data.make_ensemble_means`` in about two minutes.

    Examples
    --------
    >>> load_ensemble_means().sizes["trial"]
    32
    """
    return _stored("ensemble_means.npz", "of", ["mean", "variance", "first order"])


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
    target : scalinglib.teachers.Teacher
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
    rng, torus = generator(rng), manifolds.torus(d)
    target = teachers.fourier(d, smoothness=3, modes=2 * d, rng=0)
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
        predict = learn(parameters, on_circles(X), Y)
        parameters = predict.parameters
    errors = predict(on_circles(X_test))[0, :, 0] - target(X_test)
    return float((errors**2).mean())


def load_torus_networks():
    """Load the stored test losses of `network_on_torus`.

    Returns
    -------
    DataArray, dims (d, D, trial)
        For d = 2 and 3, D = 64…1024 and 8 trials, seed 0.

    Notes
    -----
    Made by ``python -m scalinglib.data.make_torus_networks`` in about ten minutes.

    Examples
    --------
    >>> load_torus_networks().sizes["trial"]
    8
    """
    stored = datasets.stored_arrays("torus_networks.npz")
    sizes = {"d": stored["d"], "D": stored["D"]}
    return xr.DataArray(stored["loss"], dims=["d", "D", "trial"], coords=sizes)


def _stored(name, dim, coordinates):
    """Array f of a file of the package, for every W."""
    stored = datasets.stored_arrays(name)
    return xr.DataArray(
        stored["f"].astype(float),
        dims=["W", dim, "point", "trial"],
        coords={"W": stored["W"], dim: coordinates},
    )
