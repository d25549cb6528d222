r"""Expected loss of one-pass SGD on Gaussian features, exactly, at any step."""

from typing import NamedTuple

import numpy as np

from scalinglib._input import above_zero, positive, real_array, whole_number

__all__ = ["ProjectedModes", "projected_modes", "sgd_recursion"]


class ProjectedModes(NamedTuple):
    r"""What P given features see of a target in M modes.

    Attributes
    ----------
    lam : (..., P) ndarray
        Eigenvalues of the covariance of the features, falling.
    error : (..., P) ndarray
        Loss at zero weights in each of these directions.
    floor : (...) ndarray
        Loss that no weights undo.

    Examples
    --------
    >>> projected_modes(np.eye(2, 3), a=1.0, b=2.0).lam.tolist()
    [1.0, 0.25]
    """

    lam: np.ndarray
    error: np.ndarray
    floor: np.ndarray


def projected_modes(W, *, a, b):
    r"""Modes of given features of power-law inputs.

    Inputs have M independent components of variance :math:`\lambda_k = k^{-b}`, the
    target has power :math:`v_k^2 = k^{-a}` in each, and the features are z = W x.

    Parameters
    ----------
    W : (..., P, M) array_like
        Features, P ≤ M, linearly independent.
    a : float
        Exponent of the target's power, above zero.
    b : float
        Exponent of the eigenvalues, above zero.

    Returns
    -------
    ProjectedModes

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Notes
    -----
    With :math:`A = W \Lambda^{1/2} = U \Sigma V^{\mathsf T}` and the vector v of the
    :math:`v_k` the loss of weights θ is :math:`\|A^{\mathsf T} \theta - v\|^2`. The
    covariance of the features is A Aᵀ with eigenvalues Σ², the error at θ = 0 is
    :math:`(V^{\mathsf T} v)_i^2` in direction i, and the floor what V leaves of v.

    The literature's plane of 2405.15074 is b = 2α, a = 2(α + β).

    References
    ----------
    E. Paquette, C. Paquette, L. Xiao, J. Pennington, "4+3 phases of compute-optimal
    neural scaling laws", arXiv:2405.15074 (2024), for the model.

    Examples
    --------
    >>> W = np.random.default_rng(0).standard_normal((8, 40)) / np.sqrt(8)
    >>> modes = projected_modes(W, a=1.5, b=2.0)
    >>> power = (np.arange(1, 41) ** -1.5).sum()
    >>> bool(abs(modes.error.sum() + modes.floor - power) < 1e-12)
    True
    """
    A, v = mode_features(W, a, b)
    _, singular, right = np.linalg.svd(A, full_matrices=False)
    if (singular[..., -1] <= 1e-13 * singular[..., 0]).any():
        raise ValueError(
            "W must have linearly independent rows, to rounding: fewer rows, or a "
            "spectrum that falls less"
        )
    seen = right @ v
    left = v - (right.swapaxes(-1, -2) @ seen[..., None])[..., 0]
    return ProjectedModes(singular**2, seen**2, (left**2).sum(axis=-1))


def mode_features(W, a, b):
    """Features over modes of variance one, W Λ^½, and the target there; checked."""
    W = real_array("W", W).astype(float)
    a, b = above_zero("a", a), above_zero("b", b)
    if W.ndim < 2 or not 1 <= W.shape[-2] <= W.shape[-1] or not np.isfinite(W).all():
        raise ValueError(
            f"W must be finite, (..., P, M) with 1 <= P <= M, got shape {W.shape}"
        )
    k = np.arange(1, W.shape[-1] + 1.0)
    return W * k ** (-b / 2), k ** (-a / 2)


def sgd_recursion(lam, error, *, steps, step, floor=0.0, batch=1):
    r"""Expected loss of one-pass SGD on Gaussian features.

    Parameters
    ----------
    lam : (..., P) array_like
        Eigenvalues λ_i > 0 of the covariance of the features.
    error : (..., P) array_like
        Loss e_i ≥ 0 at the start in each direction.
    steps : (T,) array_like
        Numbers of steps, whole, ≥ 0, in any order.
    step : float or array_like
        Step size γ > 0; of the shape of what stands before P, or broadcast with it.
    floor : float or array_like, default 0.0
        Loss F₀ ≥ 0 that no weights undo, broadcast as `step`: for every step a noise.
    batch : int, default 1
        Fresh examples B in each step, over which the gradient is averaged.

    Returns
    -------
    (..., T) ndarray
        Expected loss :math:`F_0 + \sum_i e_i` after these steps.

    Raises
    ------
    ValueError
        If an argument is not one of these, shapes do not broadcast, or the loss grows
        beyond the range of floats.

    Notes
    -----
    *Derivation.* Let z ~ N(0, K) be the features, y = z·θ* + ρ the target with ρ
    independent of z, Gaussian, of variance F₀, and Δ = θ − θ*. A step is

    .. math::

       \Delta' = \Delta - \frac{\gamma}{B} \sum_n z_n (z_n \cdot \Delta - \rho_n) .

    For S = E ΔΔᵀ, two factors of one example give, by Isserlis' theorem,

    .. math::

       E\, z z^{\mathsf T} S z z^{\mathsf T} = 2 K S K + K \operatorname{tr} K S ,

    and those of two examples K S K. Of the B² pairs B are of the first kind:

    .. math::

       S' = S - \gamma (K S + S K) + \gamma^2 \Bigl[\frac{B + 1}{B} K S K
            + \frac{K}{B} (\operatorname{tr} K S + F_0)\Bigr] .

    In the eigenbasis of K the diagonal of K S K is λ_i² S_ii: the diagonal of S closes,
    whatever stands beside it. With e_i = λ_i S_ii and L = F₀ + Σ e,

    .. math::

       e_i' = \Bigl[1 - 2 \gamma \lambda_i + \tfrac{B+1}{B} \gamma^2 \lambda_i^2\Bigr]
              e_i + \tfrac1B \gamma^2 \lambda_i^2 L .

    The form with (1 − γλ_i)² in brackets, of the literature's Volterra equation, leaves
    out γ²λ_i²e_i/B: it is low where the first modes are learned.

    *Numerics.* With s_i = γλ_i/√B and e_i = s_i y_i the map is symmetric,
    y ← (𝟙 − N) y + F₀ s with N = diag(γλ_i(2 − (1 + 1/B) γλ_i)) − s sᵀ. One
    decomposition of N gives the loss at any step, at O(P). It is right to about
    10⁻¹⁶ times the number of steps, or 10⁻¹³. The loss stays finite as long as N has no
    negative eigenvalue, which is

    .. math::

       \frac{\gamma}{B} \sum_i \frac{\lambda_i}{2 - (1 + 1/B) \gamma \lambda_i} < 1 .

    References
    ----------
    E. Paquette et al., arXiv:2405.15074 (2024), for the Volterra equation; the exact
    recursion is derived here.

    Examples
    --------
    One direction and noise: γ²λ²(3e + F₀) stands beside 1 − 2γλ.

    >>> sgd_recursion([1.0], [1.0], steps=[0, 1], step=0.1, floor=0.5)
    array([1.5  , 1.335])
    """
    lam, error = positive("lam", lam), _not_negative("error", error)
    step, floor = positive("step", step), _not_negative("floor", floor)
    steps, batch = _counts(steps), float(whole_number("batch", batch, least=1))
    if not lam.ndim or not lam.size or error.shape[-1:] != lam.shape[-1:]:
        raise ValueError(
            f"lam and error must be (..., P) with one P >= 1, got {lam.shape} and "
            f"{error.shape}"
        )
    try:
        lam, error, step, floor = np.broadcast_arrays(
            lam, error, step[..., None], floor[..., None]
        )
    except ValueError:
        raise ValueError(
            "lam, error, step and floor must broadcast, got shapes "
            f"{lam.shape}, {error.shape}, {step.shape} and {floor.shape}"
        ) from None
    with np.errstate(over="ignore", invalid="ignore"):
        loss = _at(steps, lam * step, error, floor[..., 0], batch)
    if not np.isfinite(loss).all():
        raise ValueError(
            f"step must be smaller, or steps fewer: the loss overflows within "
            f"{steps.max():g} steps of {step.max():g}"
        )
    return loss


def _at(steps, rate, error, floor, batch):
    """Loss at the steps, from one decomposition; rate is γλ."""
    s = rate / np.sqrt(batch)
    own = rate * (2 - (1 + 1 / batch) * rate)
    N = own[..., None] * np.eye(rate.shape[-1]) - s[..., :, None] * s[..., None, :]
    gone, V = np.linalg.eigh(N)
    gone = np.minimum(gone, 1 - 1e-16)  # below one, but for rounding
    start = (V.swapaxes(-1, -2) @ (error / s)[..., None])[..., 0]
    seen = (V.swapaxes(-1, -2) @ s[..., None])[..., 0]
    # Σ over the steps before of (1 - gone)^n, each with the same noise.
    kept = steps[:, None] * np.log1p(-gone[..., None, :])
    flat = gone == 0
    rounds = -np.expm1(kept) / np.where(flat, 1.0, gone)[..., None, :]
    rounds = np.where(flat[..., None, :], steps[:, None], rounds)
    parts = np.exp(kept) * start[..., None, :]
    parts = parts + floor[..., None, None] * rounds * seen[..., None, :]
    return floor[..., None] + (parts * seen[..., None, :]).sum(axis=-1)


def _not_negative(name, values):
    """Values as finite floats, none below zero."""
    array = real_array(name, values).astype(float)
    if not (np.isfinite(array) & (array >= 0)).all():
        wrong = array[~(np.isfinite(array) & (array >= 0))][0]
        raise ValueError(f"{name} must be finite and at least 0, got {wrong:g}")
    return array


def _counts(steps):
    """Numbers of steps as floats in one axis."""
    counts = _not_negative("steps", steps)
    if counts.ndim != 1 or not counts.size or (counts != np.floor(counts)).any():
        raise ValueError(
            f"steps must be whole numbers >= 0 of shape (T,), got shape {counts.shape}"
        )
    return counts
