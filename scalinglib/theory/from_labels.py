"""Learning curves from a Gram matrix and labels, without the spectrum."""

from typing import NamedTuple

import numpy as np

from scalinglib._input import increasing, positive
from scalinglib._labels import like, over
from scalinglib._linalg import checked_targets
from scalinglib.spectra.sampled import resolutions
from scalinglib.spectra.samples import Sample

__all__ = ["MissedPower", "extrapolated_loss", "kare", "missed_power"]


def kare(K, Y, sizes, *, ridge=0.0):
    r"""Estimate the test loss from the training data alone, for every size.

    .. math::

       \hat L(D) = \frac{D \, |(K_D + \delta \mathbb 1)^{-1} Y_D|^2}
                       {[\operatorname{tr} (K_D + \delta \mathbb 1)^{-1}]^2}

    The Kernel Alignment Risk Estimator; with a ridge it is Golub, Heath and Wahba's
    generalised cross-validation. Leave-one-out residuals are
    :math:`\alpha_i / (K + \delta)^{-1}_{ii}`, α = (K + δ)⁻¹ Y: here every diagonal
    entry is replaced by their mean, which also has a meaning as D κ̂ in the theory.

    Parameters
    ----------
    K : (D_max, D_max) array_like or Sample
        Gram matrix of the training points.
    Y : (D_max,) or (D_max, C) array_like
        Training targets.
    sizes : sequence of int, or DataArray
        The values of D, increasing, from 1 to at most D_max; the first points are used.
    ridge : float, default 0.0
        δ ≥ 0, added to K (not divided by D).

    Returns
    -------
    (len(sizes),) ndarray or DataArray
        Estimated mean squared error on fresh labels, noise included, summed over the C
        outputs.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, `ridge` is negative, `sizes`
        does not increase, or K is not symmetric and positive definite to rounding.

    Notes
    -----
    Cost: one factorisation K + δ = L Lᵀ and one inverse of L; the trace for all D is a
    cumulative sum of squares of rows of L⁻¹.

    References
    ----------
    A. Jacot, B. Şimşek, F. Spadaro, C. Hongler, F. Gabriel, arXiv:2006.09796 (2020);
    G. Golub, M. Heath, G. Wahba, Technometrics 21, 215 (1979).

    Examples
    --------
    >>> kare(np.diag([1.0, 2.0]), [1.0, 4.0], sizes=[1, 2])
    array([1.        , 4.44444444])
    """
    sample = Sample.of(K)
    Y = checked_targets(Y, len(sample), float)
    labels, sizes = sizes, increasing("sizes", sizes, most=len(sample))
    most = sizes[-1]
    sample = (
        sample if sample is K else sample.first(most)
    )  # K alone: no more than asked
    inverse = sample.inverse_factor(ridge)[:most, :most]
    trace = np.cumsum((inverse**2).sum(axis=1))
    half = inverse @ Y[:most].reshape(most, -1)
    losses = []
    for D in sizes:
        alpha = inverse[:D, :D].T @ half[:D]
        losses.append(D * (alpha**2).sum() / trace[D - 1] ** 2)
    return over(labels, np.array(losses))


class MissedPower(NamedTuple):
    """What a kernel misses of labels, as a function of its resolution.

    Attributes
    ----------
    kappa : (n,) ndarray
        Resolutions κ.
    learned : (n,) ndarray
        Number of modes above each, z.
    power : (n,) ndarray
        Power of the labels that is missed at that resolution, noise included.

    Examples
    --------
    >>> kappa, learned, power = MissedPower(np.ones(1), np.ones(1), np.ones(1))
    """

    kappa: np.ndarray
    learned: np.ndarray
    power: np.ndarray


def missed_power(K, Y, ridges):
    r"""Power of the labels that is missed at each resolution, from N labelled points.

    .. math::

       R = (K + \delta \mathbb 1)^{-1}, \qquad
       \kappa = \frac1{\operatorname{tr} R}, \qquad
       z = N - \frac\delta\kappa, \qquad
       B = \frac{\operatorname{tr} \, Y^{\mathsf T} R^2 Y}{\operatorname{tr} R^2}
         \simeq \sum_i \Bigl(\frac{\kappa}{\lambda_i + \kappa}\Bigr)^2 v_i^2 + \sigma^2

    A ridge makes the resolution of a sample coarser, as fewer points would: one sample
    shows B at all κ above its own. It is `kare` times (1 − q/N), where the theory's
    :math:`d\delta/d\kappa = N - q` turns the factor into
    :math:`(\operatorname{tr} R)^2 / (N \operatorname{tr} R^2)`.

    Parameters
    ----------
    K : (N, N) array_like or Sample
        Gram matrix.
    Y : (N,) or (N, C) array_like
        Labels; the power is summed over the C outputs.
    ridges : (n,) array_like or DataArray
        δ > 0.

    Returns
    -------
    MissedPower
        ``(kappa, learned, power)``, in the order of the ridges.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, a ridge is not above zero,
        or K is not symmetric, or has a negative eigenvalue beyond rounding in its type.

    Notes
    -----
    One eigendecomposition serves all ridges. On images B is right to a few per cent up
    to z of about N/8, and too low beyond: there the left-out points of the sample are
    not equally hard, as the theory takes them to be.

    References
    ----------
    Derived in chapter 6 of the course from A. Jacot et al., arXiv:2006.09796, and J.
    Simon et al., arXiv:2110.03922.

    Examples
    --------
    >>> seen = missed_power(np.diag([8.0, 1.0]), [2.0, 2.0], ridges=[1.0])
    >>> seen.learned.round(3), seen.power  # 8/9 + 1/2; here every point has y² = 4
    (array([1.389]), array([4.]))
    """
    labels, ridges = ridges, positive("ridges", ridges)
    if ridges.ndim != 1 or not ridges.size:
        raise ValueError(f"ridges must be (n,), not empty, got shape {ridges.shape}")
    sample = Sample.of(K)
    found = _missed(sample, _labels(Y, len(sample)), ridges)
    if not np.isfinite(found.power).all():
        raise ValueError("Y must be of a size whose squares are floats")
    return MissedPower(*(like(labels, values) for values in found))


def _missed(sample, Y, ridges):
    """What is missed of labels (N, C) for every ridge."""
    unit_Y = abs(Y).max() or 1.0  # no square overflows
    lam, U = sample.modes()
    R = 1 / (lam + (ridges / sample.unit)[:, None])
    weight = (R / R.max(axis=1, keepdims=True)) ** 2
    power = weight @ ((U.T @ (Y / unit_Y)) ** 2).sum(axis=1) / weight.sum(axis=1)
    with np.errstate(over="ignore", under="ignore"):
        power = power * unit_Y * unit_Y
    return MissedPower(sample.unit / R.sum(axis=1), R @ lam, power)


def extrapolated_loss(K, Y, D):
    r"""Learning curve from N labelled points and no training, continued as powers.

    .. math::

       \hat L(D) = (1 + \alpha) \, B(\kappa(D)), \qquad
       \kappa(D) \propto D^{-(1 + \alpha)}, \qquad B(\kappa) \propto \kappa^s

    The inputs tell the resolution: κ̂ = 1 / tr K⁻¹ of N/8 to N points, evenly weighted
    in log D, continued as a power. The labels tell what is missed at a resolution: B
    of `missed_power` where N/64 to N/8 modes are learned, continued as a power. The
    factor is D/(D − q) for eigenvalues that fall as :math:`i^{-(1 + \alpha)}`.

    Parameters
    ----------
    K : (N, N) array_like or Sample
        Gram matrix of random points in random order, N ≥ 64.
    Y : (N,) or (N, C) array_like
        Labels; the loss is summed over the C outputs.
    D : array_like of float, or DataArray
        Numbers of training points, > 0 and finite.

    Returns
    -------
    float, ndarray or DataArray of the shape of D
        Mean squared error, noise included.

    Raises
    ------
    ValueError
        If an argument is not finite or of the wrong shape, there are fewer than 64
        points, all labels are zero, K is not symmetric and positive definite to
        rounding, or its eigenvalues have a gap where the labels' power is read.

    Notes
    -----
    An interval comes from repeating it on several samples. It shows scatter only: that
    spectrum and labels continue as powers is assumed, right for targets drawn from the
    kernel's prior and wrong for the labels of Fashion-MNIST.

    References
    ----------
    J. Simon et al., arXiv:2110.03922; A. Wei, W. Hu, J. Steinhardt, arXiv:2203.06176,
    for predictions from a Gram matrix and labels.

    Examples
    --------
    >>> from scalinglib.spectra import PowerLaw
    >>> from scalinglib.theory import kernel_loss
    >>> lam, rng = np.arange(1, 3001) ** -2.0, np.random.default_rng(0)
    >>> f = rng.standard_normal((512, 3000)) * lam**0.5
    >>> y = f @ rng.standard_normal((3000, 20))  # twenty targets from the prior
    >>> found = extrapolated_loss(f @ f.T, y, 1000) / 20
    >>> bool(abs(found / kernel_loss(PowerLaw(alpha=1), 1000) - 1) < 0.2)
    True
    """
    sample, labels, D = Sample.of(K), D, positive("D", D)
    N, Y = len(sample), _labels(Y, len(sample))
    if N < 64:
        raise ValueError(f"K must hold at least 64 points, got {N}")
    unit_Y = abs(Y).max()
    if not unit_Y:
        raise ValueError("Y must not be zero: no power could be continued")
    Y = Y / unit_Y
    sizes = np.arange(N // 8, N + 1)
    kappa = np.log(resolutions(sample)[sizes - 1])
    slope, log_kappa = np.polyfit(np.log(sizes), kappa, 1, w=sizes**-0.5)
    ridges = N * sample.mean_diagonal() * np.geomspace(1e-13, 1, 400)
    seen = _missed(sample, Y, ridges)
    used = (seen.learned >= N / 64) & (seen.learned <= N / 8)
    if used.sum() < 10 or seen.learned[used].max() < N / 16:
        raise ValueError(
            f"K must have eigenvalues without a gap: where {N / 64:g} to {N / 8:g} "
            "modes are learned too few ridges show what is missed"
        )
    logs = np.log(seen.kappa[used]), np.log(seen.power[used])
    s, log_power = np.polyfit(*logs, 1)
    logs = log_power + s * (log_kappa + slope * np.log(D)) + 2 * np.log(unit_Y)
    with np.errstate(over="ignore", under="ignore"):
        loss = -slope * np.exp(logs)
    if not (np.isfinite(loss) & (loss > 0)).all():
        raise ValueError("D and Y must be of a size at which the loss is a float")
    return like(labels, loss[()])


def _labels(Y, N):
    """Labels as (N, C), with at least one output."""
    Y = checked_targets(Y, N, float).reshape(N, -1)
    if not Y.size:
        raise ValueError("Y must have at least one output, got none")
    return Y
