"""At which resolution a learner sees the target, and what it learns of each mode."""

from typing import NamedTuple

import numpy as np

from scalinglib._input import whole_number
from scalinglib._labels import like
from scalinglib.spectra.power_law import PowerLaw, eigenvalues
from scalinglib.theory._solver import solved

__all__ = ["Resolution", "learnabilities", "resolution"]


class Resolution(NamedTuple):
    """Resolutions at which a learner sees the target.

    Attributes
    ----------
    kappa : ndarray or DataArray
        κ, of the kernel that the P features make: that of D points.
    gamma : ndarray or DataArray
        γ ≥ κ, of the spectrum: modes with λ ≫ γ are learned.

    Examples
    --------
    >>> kappa, gamma = Resolution(0.1, 0.2)
    """

    kappa: np.ndarray
    gamma: np.ndarray


def resolution(spectrum, D, P=np.inf, *, ridge=0.0):
    r"""Resolutions κ and γ at which D points and P features see a target.

    .. math:: (D - z)(P - z) = \delta P / \gamma, \qquad \kappa = \gamma (P - z) / P

    Parameters
    ----------
    spectrum, D, P, ridge
        As in `random_feature_loss`.

    Returns
    -------
    Resolution
        ``(kappa, gamma)``, of the shape that D and P broadcast to. Without a ridge κ is
        zero for P < D: the data determine all parameters.

    Raises
    ------
    ValueError
        As `random_feature_loss`.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> kappa, gamma = resolution(PowerLaw(alpha=1), 10)
    >>> bool(kappa == gamma), round(float(gamma) * 21**2 / np.pi**2, 12)
    (True, 1.0)
    """
    return Resolution(*solved(_resolutions, spectrum, D, P, None, ridge))


def _resolutions(at):
    """κ and γ where the equations are solved."""
    with np.errstate(divide="ignore"):
        kappa = at.gamma / (1 + at.sums[0] / at.gap_P)
    return [kappa, at.gamma]


def learnabilities(spectrum, D, P=np.inf, *, ridge=0.0, modes=None):
    r"""Fraction of each mode that is learned on average, L_i = λ_i / (λ_i + γ).

    .. math:: \sum_i L_i + \delta / \kappa = D

    Parameters
    ----------
    spectrum, D, P, ridge
        As in `random_feature_loss`.
    modes : int, optional
        How many modes to return: by default all, for a `PowerLaw` required.

    Returns
    -------
    ndarray or DataArray
        Of the shape that D and P broadcast to, and a last axis ``mode``.

    Raises
    ------
    ValueError
        As `random_feature_loss`, or if `modes` is out of range.

    Examples
    --------
    >>> L = learnabilities([4.0, 1.0, 1.0], 2)
    >>> L.round(3).tolist(), round(float(L.sum()), 12)
    ([0.845, 0.577, 0.577], 2.0)
    """
    gamma = resolution(spectrum, D, P, ridge=ridge).gamma
    if isinstance(spectrum, PowerLaw):
        lam = spectrum(np.arange(1, whole_number("modes", modes, least=1) + 1))
    else:
        lam = eigenvalues(spectrum)
        modes = len(lam) if modes is None else whole_number("modes", modes, least=1)
        if modes > len(lam):
            raise ValueError(f"modes must be at most {len(lam)}, got {modes}")
        lam = lam[:modes]
    total = lam + np.expand_dims(np.asarray(gamma), -1)
    L = np.divide(lam, total, out=np.zeros(total.shape), where=total > 0)
    return like(gamma, L, mode=np.arange(1, len(lam) + 1))
