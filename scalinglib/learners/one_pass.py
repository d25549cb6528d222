r"""One-pass SGD on random features of Gaussian inputs, simulated."""

import numpy as np

from scalinglib._input import above_zero, generator, real_array, whole_number
from scalinglib.theory.dynamics.recursion import mode_features

__all__ = ["one_pass_sgd"]


def one_pass_sgd(W, *, a, b, steps, step, batch=1, runs=1, rng=None):
    r"""Losses of one-pass SGD on features z = W x, in independent runs.

    Inputs x are Gaussian with M independent components of variance
    :math:`\lambda_k = k^{-b}`; the target y is linear in x, of power
    :math:`v_k^2 = k^{-a}` in each. Weights start at zero, and no example is seen twice:

    .. math::

       \theta \leftarrow \theta - \frac{\gamma}{B} \sum_{n=1}^B
       z_n (\theta \cdot z_n - y_n) .

    Parameters
    ----------
    W : (P, M) array_like
        Features, P ≤ M; in the theory independent, of variance 1/P.
    a : float
        Exponent of the target's power, above zero.
    b : float
        Exponent of the eigenvalues, above zero.
    steps : (T,) array_like
        Numbers of steps, whole, ≥ 0, rising, at which the loss is told.
    step : float
        Step size γ > 0.
    batch : int, default 1
        Fresh examples B in each step.
    runs : int, default 1
        Independent runs with the same features.
    rng : None, int or numpy.random.Generator
        Source of the examples.

    Returns
    -------
    (runs, T) ndarray
        Loss E (θ·z − y)² of the weights, exact: it is the squared distance of
        Wᵀθ from the target's coefficients, weighted by Λ, and needs no test set.

    Raises
    ------
    ValueError
        If an argument is not one of these, or the weights grow beyond all bounds.

    See Also
    --------
    scalinglib.theory.dynamics.recursion.sgd_recursion : Its expectation.

    Notes
    -----
    The literature's plane of 2405.15074 is b = 2α, a = 2(α + β); the step that is
    stable there is of the order of one over Σ λ_k. Near the largest stable step of
    `sgd_recursion` losses of runs have heavy tails: the expectation is that of rare
    runs, and the mean of a few hundred is far below it.

    References
    ----------
    E. Paquette, C. Paquette, L. Xiao, J. Pennington, "4+3 phases of compute-optimal
    neural scaling laws", arXiv:2405.15074 (2024).

    Examples
    --------
    >>> W = np.random.default_rng(0).standard_normal((8, 40)) / np.sqrt(8)
    >>> loss = one_pass_sgd(W, a=1.5, b=2.0, steps=[0, 100], step=0.3, runs=50, rng=1)
    >>> loss.shape, bool(loss[:, 1].mean() < loss[0, 0] / 2)
    ((50, 2), True)
    """
    A, v = mode_features(W, a, b)
    if A.ndim != 2:
        raise ValueError(f"W must be (P, M), one matrix for all runs, got {A.shape}")
    steps, step = _rising(steps), above_zero("step", step)
    batch = whole_number("batch", batch, least=1)
    runs, rng = whole_number("runs", runs, least=1), generator(rng)
    theta, losses = np.zeros((runs, len(A))), np.empty((runs, len(steps)))
    columns = np.c_[A.T, v]
    done = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for place, last in enumerate(steps):
            for _ in range(done, last):
                # Inputs of variance one in each mode; A has their scales.
                seen = rng.standard_normal((runs * batch, len(v))) @ columns
                z, y = seen[:, :-1], seen[:, -1]
                z = z.reshape(runs, batch, -1)
                off = (z @ theta[..., None])[..., 0] - y.reshape(runs, batch)
                theta -= step / batch * (off[:, None] @ z)[:, 0]
            losses[:, place] = ((theta @ A - v) ** 2).sum(axis=1)
            done = last
    if not np.isfinite(losses).all():
        raise ValueError(f"step must be smaller: at {step:g} the weights overflow")
    return losses


def _rising(steps):
    """Numbers of steps, whole, from zero, rising."""
    counts = real_array("steps", steps)
    if counts.ndim != 1 or not counts.size or counts.dtype.kind not in "iu":
        raise ValueError(f"steps must be whole numbers, (T,), got {steps}")
    if counts[0] < 0 or (np.diff(counts.astype(np.int64)) <= 0).any():
        raise ValueError(f"steps must rise from 0 or more, got {steps}")
    return counts.tolist()
