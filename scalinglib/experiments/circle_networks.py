"""A network learns functions on the circle, lazily or with its features: over time."""

from math import sqrt

import numpy as np
import xarray as xr

from scalinglib import networks, theory
from scalinglib._input import above_zero, real_array, rising, whole_number
from scalinglib.experiments import sweep

__all__ = [
    "circle_eigenvalues",
    "circle_exponents",
    "circle_target",
    "make_circle_networks",
    "network_on_circle",
]

#: Angles of the inputs, pairs of angles of the units, even harmonics of a target.
POINTS, DIRECTIONS, HARMONICS = 1024, 256, 250

#: A step is this over the mean of K(x, x): at 2 over the largest eigenvalue it fails.
STEP = 0.6

#: What is stored: hard targets and an easy one, lazy and rich, at these times.
BETAS, RICHNESS, TIMES = [0.25, 0.5, 1.5], [0.03, 1.0], np.geomspace(1, 1000, 31)


def circle_eigenvalues(m):
    r"""Eigenvalues of the infinitely wide network's kernel, for even harmonics.

    .. math:: \lambda_m = \frac{m^2 + 3}{\pi^2 (m^2 - 1)^2}

    of the tangent kernel of one hidden layer of ReLU on the circle, scaled to
    K(x, x) = 1. Those of odd m > 1 vanish: without biases there is nothing to learn
    them with.

    Parameters
    ----------
    m : array_like of int
        Even numbers ≥ 2.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        If a number is odd or below 2.

    Examples
    --------
    >>> circle_eigenvalues([2, 4]).round(4)
    array([0.0788, 0.0086])
    """
    m = real_array("m", m)
    if m.size == 0 or m.dtype.kind not in "iu" or (m < 2).any() or (m % 2).any():
        raise ValueError(f"m must be even whole numbers from 2, got {m}")
    m = m.astype(float)
    return (m**2 + 3) / (np.pi * (m**2 - 1)) ** 2


def circle_target(beta, harmonics=HARMONICS):
    r"""Harmonics of a target whose loss falls as :math:`t^{-\beta}` in lazy training.

    .. math:: f^\star(\theta) = \sum_k a_k \cos 2 k \theta, \qquad
       a_k^2 \propto k^{-1 - 2\beta}

    With λ ~ k⁻² the harmonics that are not learned at time t are those beyond √t.

    Parameters
    ----------
    beta : float
        β > 0. Below 1 the task is hard: the kernel's norm of the target is infinite.
    harmonics : int
        How many, ≥ 1.

    Returns
    -------
    m, v2 : (harmonics,) ndarrays
        Numbers m = 2k, and the power of each harmonic; its sum is one.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> m, v2 = circle_target(0.5, harmonics=3)
    >>> m.tolist(), v2.round(3).tolist()
    ([2, 4, 6], [0.735, 0.184, 0.082])
    """
    beta = above_zero("beta", beta)
    k = np.arange(1, whole_number("harmonics", harmonics, least=1) + 1)
    v2 = k ** (-1 - 2 * beta)
    return 2 * k, v2 / v2.sum()


def network_on_circle(*, beta, richness, times, points=POINTS, directions=DIRECTIONS):
    r"""Loss and kernel of a network over its training time on the circle.

    One hidden layer of ReLU in the maximal-update parameterisation,
    :math:`f = (\gamma W)^{-1} \sum_j a_j \varphi(w_j \cdot x)`, learns `circle_target`
    at all points by gradient descent in steps so short that it is a flow. Units have
    equal angles between them and come in fours, ±w with a = ±1: so f = 0 at the start,
    and it is even at all times.

    Parameters
    ----------
    beta : float
        Of the target.
    richness : float
        γ > 0: small is lazy, one is rich.
    times : sequence of float
        Rising, in units in which the kernel at the start has K(x, x) = 1.
    points, directions : int
        Points of the circle; pairs of angles of units, of which there are four times
        as many.

    Returns
    -------
    DataArray, dims (of, t)
        At the times, ``loss``, the mean squared error over the points, and ``trace``,
        the mean of K(x, x).

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    B. Bordelon, A. Atanasov, C. Pehlevan, arXiv:2409.17858 (2024), do this with
    networks on the circle.

    Examples
    --------
    >>> few = {"times": [1, 10], "points": 64, "directions": 16}
    >>> found = network_on_circle(beta=0.5, richness=1.0, **few)
    >>> bool(found.sel(of="loss")[1] < found.sel(of="loss")[0] < 1)
    True
    """
    times = rising("times", times)
    points = whole_number("points", points, least=8)
    directions = whole_number("directions", directions, least=1)
    richness = above_zero("richness", richness)
    net, theta, X = _circle(points, directions)
    m, v2 = circle_target(beta, min(HARMONICS, points // 4 - 1))
    Y = np.sqrt(2 * v2) @ np.cos(np.outer(m, np.arctan2(X[:, 1], X[:, 0])))
    now, found = 0.0, []
    for t in times:
        while now < t:
            # The kernel hardly changes in so few steps.
            dt = STEP / _trace(theta, X)
            steps = min(20, max(1, round((t - now) / dt)))
            dt = min(dt, (t - now) / steps)
            learn = networks.gradient_descent(
                net,
                rate=dt / 4,
                steps=steps,
                scale=1 / (sqrt(2) * richness),
                device="cpu",
            )
            predict = learn(X, Y[:, None], start=theta)
            theta, now = predict.parameters, now + steps * dt
        found.append([predict.loss[0], _trace(theta, X)])
    return xr.DataArray(
        np.transpose(found).astype(float),
        dims=["of", "t"],
        coords={"of": ["loss", "trace"], "t": times},
    )


def _circle(points, directions):
    """A network, its start, and the points of the circle."""
    angles = 2 * np.pi * np.arange(points) / points
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    half = np.pi * (np.arange(directions) + 0.5) / directions
    w = sqrt(2) * np.stack([np.cos(half), np.sin(half)])
    w = np.concatenate([w, w, -w, -w], axis=1)
    a = np.repeat([1.0, -1.0, 1.0, -1.0], directions)
    net = networks.MLP([2, 4 * directions, 1], "relu", "mup")
    return net, (w.astype("float32")[None], a.astype("float32")[None, :, None]), X


def _trace(theta, X):
    """Mean over the points of the tangent kernel, one at the start."""
    w, a = theta[0][0], theta[1][0]
    h = np.maximum(X.astype(w.dtype) @ w, 0)
    both = (h**2).mean() + ((h > 0) @ a**2 / len(a)).mean()
    return float(both)


def circle_exponents(runs, *, first, last, richness=1.0):
    """Slopes between two times: of a network, of the lazy one, of two solved layers.

    Parameters
    ----------
    runs : DataArray, dims (beta, of, t)
        As `network_on_circle` returns them, for tasks β of 250 harmonics.
    first, last : float
        Two times, rising, within those of `runs`.
    richness : float, default 1.0
        γ ≥ 0 of the model of two layers.

    Returns
    -------
    DataArray, dims (beta, of, learner)
        Powers of time of the ``loss``, and of the kernel's ``trace``, for the learners
        ``lazy``, infinitely wide and exact; ``network``; and ``model``, the two layers
        of `scalinglib.theory.gradient_flow`.

    Raises
    ------
    ValueError
        If `runs` has other dimensions, a time is outside of it, or they do not rise.

    Examples
    --------
    >>> from scalinglib import stored
    >>> runs = stored.load("circle_networks").sel(richness=1, drop=True)
    >>> slopes = circle_exponents(runs, first=100, last=1000)
    >>> slopes.sel(of="loss", beta=0.5).values.round(2)
    array([-0.47, -0.61, -0.76])
    """
    if not isinstance(runs, xr.DataArray) or {*runs.dims} != {"beta", "of", "t"}:
        raise ValueError(
            "runs must be a DataArray over beta, of and t, got "
            f"{getattr(runs, 'dims', type(runs))}"
        )
    runs, t = runs.sel(of=["loss", "trace"]), runs.t.values
    first, last = above_zero("first", first), above_zero("last", last)
    if not t[0] <= first < last <= t[-1]:
        raise ValueError(
            f"first and last must rise within {t[0]:g}…{t[-1]:g}, got {first}, {last}"
        )
    found = []
    for beta in runs.beta.values:
        m, v2 = circle_target(beta)
        modes = {"lam": circle_eigenvalues(m), "v2": v2}
        learners = {
            "lazy": theory.gradient_flow(t, **modes),
            "network": runs.sel(beta=beta).transpose("of", "t").values,
            "model": theory.gradient_flow(t, **modes, richness=richness),
        }
        found.append([np.stack(of_time) for of_time in learners.values()])
    logs = xr.DataArray(
        np.log(found),
        dims=["beta", "learner", "of", "t"],
        coords={
            "beta": runs.beta,
            "learner": [*learners],
            "of": runs["of"],
            "t": np.log(t),
        },
    )
    ends = np.log([first, last])
    slopes = logs.interp(t=ends).diff("t").squeeze("t", drop=True) / np.diff(ends)
    return slopes.transpose("beta", "of", "learner")


def make_circle_networks():
    """Loss and kernel of networks on the circle over time, lazy and rich.

    Returns
    -------
    DataArray, dims (beta, richness, of, t)
        As `network_on_circle` returns them, at 31 times from 1 to 1000. Nothing is
        random.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("circle_networks").beta.values.tolist()
    [0.25, 0.5, 1.5]
    """

    def trial(rng, beta, richness):
        return network_on_circle(beta=beta, richness=richness, times=TIMES)

    grid = {"beta": BETAS, "richness": RICHNESS}
    found = sweep.run(trial, trials=1, seed=0, **grid)
    return found.isel(trial=0, drop=True).astype(np.float32)
