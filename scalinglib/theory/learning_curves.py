"""Learning curves from a spectrum: the leading order, and the next."""

from functools import partial

import numpy as np

from scalinglib._input import number
from scalinglib._labels import like
from scalinglib.theory._solver import _grid, _modes, solved
from scalinglib.theory.modes import resolution

__all__ = ["finite_size_loss", "kernel_loss", "random_feature_loss"]


def kernel_loss(spectrum, D, *, target=None, ridge=0.0, noise=0.0):
    r"""Test loss of kernel ridge regression with D training points.

    .. math::

       D = z + \frac\delta\kappa, \qquad
       L = \frac{D}{D - q} \Bigl[ \sum_i (1 - L_i)^2 v_i^2 + \sigma^2 \Bigr],
       \qquad L_i = \frac{\lambda_i}{\lambda_i + \kappa}

    Parameters
    ----------
    spectrum : (S,) array_like or PowerLaw
        Eigenvalues λ_i ≥ 0, in falling order.
    D : array_like of float, or DataArray
        Numbers of training points, > 0; infinity is accepted.
    target : (S,) array_like or PowerLaw, optional
        v_i² ≥ 0, the target's power in each mode. By default the spectrum itself: a
        target drawn from the kernel's own prior.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).
    noise : float, default 0.0
        σ² ≥ 0, variance of the label noise. It is part of the loss.

    Returns
    -------
    float, ndarray or DataArray of the shape of D
        Mean squared error on fresh noisy labels, without a factor ½.

    Raises
    ------
    ValueError
        If the spectrum is not finite, negative, not in falling order or zero, lengths
        differ, an argument is out of range, or there is no ridge and D is not below the
        number of modes above zero.

    Notes
    -----
    A list is taken for all there is. Of :math:`\lambda_i = i^{-(1+\alpha)}` the modes
    beyond n hold the power :math:`n^{-\alpha}/\alpha`, and the loss lacks that or more:
    a third of it in the second example. Where the tail goes on, pass a `PowerLaw`, or
    very many more modes than points.

    References
    ----------
    B. Bordelon, A. Canatar, C. Pehlevan, arXiv:2002.02561; J. Simon et al.,
    arXiv:2110.03922, the "eigenlearning" equations.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> D = 10
    >>> exact = D * np.pi**2 / (2 * D + 1) ** 2
    >>> round(float(kernel_loss(PowerLaw(alpha=1), D) / exact), 12)
    1.0

    Of a spectrum without end, two thousand modes:

    >>> law = PowerLaw(alpha=0.5)
    >>> cut = kernel_loss(law(np.arange(1, 2001)), 300)
    >>> round(float(kernel_loss(law, 300)), 3), round(float(cut), 3)
    (0.217, 0.145)
    """
    return random_feature_loss(
        spectrum, D, np.inf, target=target, ridge=ridge, noise=noise
    )


def random_feature_loss(spectrum, D, P, *, target=None, ridge=0.0, noise=0.0):
    r"""Test loss of ridge regression on P random features with D training points.

    The student's features are P Gaussian mixtures of the teacher's, or any others that
    behave like these, and its kernel is :math:`\hat K = \frac1P f f^{\mathsf T}`. The
    equations stand at the head of `scalinglib.theory`. Without ridge and noise, and
    with the default target, they become, with m = min(D, P) and M = max(D, P),

    .. math::

       L(D, P) = \frac{m \gamma_m}{1 - m / M}, \qquad
       \sum_i \frac{\lambda_i}{\lambda_i + \gamma_m} = m .

    Parameters
    ----------
    spectrum, target, ridge, noise
        As in `kernel_loss`; the ridge is added to :math:`\hat K`.
    D, P : array_like of float, or DataArray
        Numbers of training points and of features, > 0; infinity is accepted. They
        broadcast against each other, DataArrays by the names of their dimensions.

    Returns
    -------
    float, ndarray or DataArray
        Of the shape that D and P broadcast to. Infinite at D = P without a ridge.

    Raises
    ------
    ValueError
        As `kernel_loss`, with min(D, P) in the place of D.

    Notes
    -----
    Numerics: the sums over modes are analytic functions of log γ. They are computed on
    Chebyshev points of panels of width one and interpolated, to fourteen digits, so the
    cost of a grid hardly depends on its size. The equation for γ is monotone: Newton's
    method within a bracket.

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646, the random-feature
    eigenframework; Y. Bahri et al., arXiv:2102.06701, for the model.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> loss = random_feature_loss(PowerLaw(alpha=1), [[10], [1000]], [10, 100, np.inf])
    >>> loss.shape, bool(np.isinf(loss[0, 0]))
    ((2, 3), True)

    A plane with labels, whatever the order of the dimensions:

    >>> import xarray as xr
    >>> D = xr.DataArray([10, 1000], coords={"D": [10, 1000]})
    >>> P = xr.DataArray([30, 100, 300], coords={"P": [30, 100, 300]})
    >>> random_feature_loss(PowerLaw(alpha=1), D, P).sizes
    Frozen({'D': 2, 'P': 3})
    """
    noise = number("noise", noise, least=0)
    (loss,) = solved(partial(_loss, noise), spectrum, D, P, target, ridge)
    return loss


def _loss(noise, at):
    """The loss where the equations are solved, alone."""
    z, spread, missed, mixed = at.sums
    with np.errstate(divide="ignore"):
        share = spread / (at.gap_P + spread)  # (z − q) / (P − q), zero for P = ∞
        kept = 1 / (1 + spread / at.gap_P)  # (P − z) / (P − q), one for P = ∞
        seen = 1 / (1 + z / at.gap_D)  # (D − z) / D, one for D = ∞
        loss = (missed + share * mixed + noise) / (seen + kept * spread / at.D)
    return [loss]


def finite_size_loss(spectrum, D, P=np.inf):
    r"""Test loss without ridge and noise to next order in one over the sizes.

    With m = min(D, P), M = max(D, P), learnabilities :math:`L_i` at the resolution
    γ of m, :math:`q = \sum_i L_i^2` and :math:`c = \sum_i L_i^3`,

    .. math::

       \mathbb E \, L(D, P) \simeq m \gamma \,
           \Bigl[1 + \frac{q}{m (m - q)} - \frac{q - c}{(m - q)^2}\Bigr] \,
           \frac{M - 1}{M - m - 1} .

    The last factor is exact. For λ_i = i^{−(1+α)} the bracket tends to 1 + α / (2m).

    Parameters
    ----------
    spectrum : (S,) array_like or PowerLaw
        Eigenvalues λ_i ≥ 0, in falling order; the target is a draw from the same prior,
        v² = λ.
    D, P : array_like of float, or DataArray
        Numbers of training points and of features, ≥ 1, as in `random_feature_loss`.

    Returns
    -------
    float, ndarray or DataArray
        Of the shape that D and P broadcast to. Infinite where M − m ≤ 1, as the mean
        over draws is.

    Raises
    ------
    ValueError
        As `random_feature_loss`; or if a size is below one, or the bracket is further
        from one than a half, as next to a gap in the spectrum: then the expansion
        says nothing.

    Notes
    -----
    For Gaussian features and Gaussian mixtures of them. What is left out is of relative
    order 1/m²: for λ = i⁻², 2 % at m = 3, 0.5 % at m = 5, against 7 % of the leading
    order.

    References
    ----------
    Derived in chapter 4 of the course, by leaving out one mode.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> spectrum, D = PowerLaw(alpha=1), 100
    >>> ratio = finite_size_loss(spectrum, D) / kernel_loss(spectrum, D)
    >>> round(float(ratio), 4)
    1.0049
    """
    D, P, labels = _grid(D, P)
    m, M = np.minimum(D, P), np.maximum(D, P)
    if m.min() < 1:
        raise ValueError(f"D and P must be at least 1, got {m.min():g}")
    sizes, place = np.unique(m, return_inverse=True)  # the bracket depends on m alone
    gamma = resolution(spectrum, sizes).gamma
    modes = _modes(spectrum, None, reach=sizes[np.isfinite(sizes)].max(initial=1))
    L = modes.lam / (modes.lam + gamma[:, None])
    q = L**2 @ modes.weight
    spread = (L * (1 - L)) @ modes.weight  # m − q
    curved = (L**2 * (1 - L)) @ modes.weight  # q − c
    with np.errstate(divide="ignore", invalid="ignore"):
        more = q / (sizes * spread) - curved / spread**2
        limit = sizes * gamma * (1 + more)
        wide = np.isfinite(sizes) & ~(abs(more) <= 0.5)
        if wide.any():
            raise ValueError(
                "spectrum must fall slowly and without gaps for an expansion: at "
                f"min(D, P) = {sizes[wide][0]:g} its next term is {more[wide][0]:.2g} "
                "of the first, accepted is 0.5"
            )
        pole = 1 + m / np.where(M - m > 1, M - m - 1, 0)
        loss = limit[place].reshape(m.shape) * pole
    return like(labels, np.where(np.isinf(m), 0, loss)[()])
