"""What the formulas need of features and labels: spectrum, power, and the rest."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import svd

from scalinglib._input import finite_rows
from scalinglib._linalg import checked_targets

__all__ = ["FeatureModes", "feature_modes"]


class FeatureModes(NamedTuple):
    """Features and labels in the eigenbasis of the features' covariance.

    Attributes
    ----------
    lam : (r,) ndarray
        Eigenvalues λ_i > 0 of the covariance, in falling order.
    v2 : (r,) ndarray
        Power v_i² of the labels in each mode, summed over outputs.
    noise : float
        σ²: power of the labels that no combination of the features explains.

    Examples
    --------
    >>> lam, v2, noise = FeatureModes(np.ones(1), np.ones(1), 0.0)
    """

    lam: np.ndarray
    v2: np.ndarray
    noise: float


def feature_modes(F, Y):
    r"""Spectrum of features, and the power of labels in their modes.

    .. math::

       \frac1N F^{\mathsf T} F = \sum_i \lambda_i u_i u_i^{\mathsf T}, \qquad
       \phi_i = \frac{F u_i}{\sqrt{\lambda_i}}, \qquad
       v_i^2 = \Bigl| \frac1N \phi_i^{\mathsf T} Y \Bigr|^2, \qquad
       \sigma^2 = \frac1N |Y|^2 - \sum_i v_i^2

    With these `kernel_loss` and `random_feature_loss` tell what ridge regression on the
    features, or on P random mixtures of them, would lose.

    Parameters
    ----------
    F : (N, S) array_like
        Features as rows.
    Y : (N,) or (N, C) array_like
        Labels.

    Returns
    -------
    FeatureModes
        ``(lam, v2, noise)``. Modes whose λ is rounding, in the type of F, are left out.

    Raises
    ------
    ValueError
        If shapes do not match, something is not finite, or the features are zero or so
        large that squares overflow.

    Notes
    -----
    The N rows are taken for the population: means are means over them. Of a sample of a
    larger population some of the noise is taken for power, :math:`\sigma^2/N` in each
    mode, so that the loss with D of the order of N or more comes out too low; with
    N = r nothing is left for noise. Rows should be of examples that the features were
    not made from: on those that a network was trained on, it seems to know more.

    References
    ----------
    Notation of J. Simon et al., arXiv:2110.03922 and arXiv:2311.14646.

    Examples
    --------
    >>> F = [[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    >>> lam, v2, noise = feature_modes(F, [3.0, -1.0, 1.0, -1.0])
    >>> lam.round(9), v2.round(9), round(noise, 9)
    (array([2. , 0.5]), array([2. , 0.5]), 0.5)
    """
    F = finite_rows("F", F)
    rounding = np.finfo(np.float32 if F.dtype == np.float32 else float).eps
    F, Y = F.astype(float), checked_targets(Y, len(F), float).reshape(len(F), -1)
    if not Y.size:
        raise ValueError("Y must have at least one output, got none")
    root_N = np.sqrt(len(F))
    with np.errstate(over="ignore"):
        total = (Y**2).sum() / len(Y)
        U, s, _ = svd(F, full_matrices=False, check_finite=False)
        kept = s > max(F.shape) * rounding * s[0]
        U, lam = U[:, kept], (s[kept] / root_N) ** 2
        inside = U.T @ Y
        v2 = ((inside / root_N) ** 2).sum(axis=1)
        noise = ((Y - U @ inside) ** 2).sum() / len(Y)
    if not kept.any() or lam.min() == 0 or not np.isfinite(lam[0]):
        raise ValueError(
            "F must hold features of a size whose squares are floats, got singular "
            f"values from {s[-1]:.1g} to {s[0]:.1g}"
        )
    if not np.isfinite(total):
        raise ValueError(
            f"Y must be of a size whose squares are floats, got {np.abs(Y).max():g}"
        )
    return FeatureModes(lam, v2, float(noise))
