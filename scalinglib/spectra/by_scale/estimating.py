"""The exponent of a spectrum, with an interval that says what the sample does not."""

import numpy as np

from scalinglib._input import generator, pair, rising, truth
from scalinglib.spectra.by_scale.agreement import agreed
from scalinglib.spectra.by_scale.matrices import of_features, of_gram
from scalinglib.spectra.by_scale.octaves import windows
from scalinglib.spectra.by_scale.values import of_eigenvalues

__all__ = ["exponent"]


def exponent(
    *,
    features=None,
    gram=None,
    eigenvalues=None,
    centred=None,
    points=None,
    columns=None,
    window=None,
    rng=None,
):
    r"""Estimate the exponent a of a spectrum, :math:`\lambda_n \propto n^{-a}`.

    Parameters
    ----------
    features : (N, P) array_like, optional
        A row for each point; the spectrum is that of their covariance.
    gram : (N, N) array_like, optional
        Gram matrix K of a kernel.
    eigenvalues : (n,) array_like, optional
        All eigenvalues of a covariance or of a Gram matrix, in any order and unit. One
        of these three must be given.
    centred : bool
        Whether the mean of the features does not count. True subtracts it. False
        leaves it: if it stands out, it is a mode of its own, which is named, and set
        apart while the others are read. For eigenvalues: whether it was subtracted.
    points : int, optional
        How many points eigenvalues come from; only with these, and then needed.
    columns : int, optional
        How many columns the features had, `numpy.inf` for a kernel: needed with
        eigenvalues. A Gram matrix is taken for that of a kernel, with infinitely many.
    window : (float, float), optional
        First and last mode to look at; by default the scales that agree are found.
    rng : None, int or numpy.random.Generator
        Draws 50 000 of more points, and what is not known of points if only eigenvalues
        are given.

    Returns
    -------
    SpectralExponent

    Raises
    ------
    ValueError
        If not exactly one of the three is given, an argument is not one of these, a
        matrix has negative eigenvalues, or there is no octave of modes that follow a
        power.

    Notes
    -----
    Eigenvalues of a sample are not those of the kernel: the large ones are too large,
    the small ones too small, and a fit through them is wrong by more than it scatters.
    What is not distorted is what a ridge δ resolves. With z degrees of freedom, and a
    mean loss ℓ at points that the learner has not seen, averaged over its own prior,

    .. math::

       z = \sum_n \frac{\lambda_n}{\lambda_n + \kappa}, \qquad
       \kappa = \frac{\ell}{z},

    with eigenvalues of the kernel, for rows of different lengths too. The third divided
    difference of z / κ counts modes near one scale. From how much it grows over an
    octave follows an exponent, with the known end of a finite spectrum. Octaves go from
    four modes to those that an eighth of the points can learn, or for a kernel a
    sixteenth.

    The noise of these exponents is a jackknife's over points, its sum in closed form.
    What they have in common is averaged by evidence: over stretches of scales, over how
    much scales differ, and over deviations. These are a head that is not as the rest, a
    law that sets in late, a floor of noise, and an end that is not where the columns
    end, or is not known.

    Points must be independent of each other; neighbouring rows that are alike are
    named. Rows may differ in length, not in shape, and with eigenvalues alone not in
    length either. What is seen is the spectrum at these scales: a kernel of few
    coordinates may need more points to show the exponent of its tail.

    References
    ----------
    J. Simon, D. Karkada, N. Ghosh, M. Belkin, arXiv:2311.14646, for κ from a Gram
    matrix without ridge; chapter 5 of the course for the equation behind it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> F = rng.standard_normal((1000, 500)) * np.arange(1, 501) ** -0.6
    >>> a = exponent(features=F, centred=True)
    >>> a.covers(1.2), a.alpha_K.covers(0.2)
    (True, True)
    >>> lam = np.linalg.eigvalsh(F.T @ F)
    >>> exponent(eigenvalues=lam, points=1000, columns=500, centred=False, rng=0).status
    'power law'
    """
    given = {"features": features, "gram": gram, "eigenvalues": eigenvalues}
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) != 1:
        raise ValueError(
            "exponent takes one of features=, gram= and eigenvalues=, got "
            f"{' and '.join(given) or 'none'}"
        )
    if centred is None:
        raise ValueError(
            "centred must be True, if the mean of the features does not count, or "
            "False: it has an eigenvalue of its own, which may be the largest"
        )
    centred, rng = truth("centred", centred), generator(rng)
    (kind,) = given
    within = None if window is None else rising("window", pair("window", window))
    if points is not None and kind != "eigenvalues":
        raise ValueError(f"points is for eigenvalues, {kind} have their own number")
    if columns is not None and kind == "features":
        raise ValueError("columns is for gram and eigenvalues, features have their own")
    if kind == "features":
        rows = of_features(features, centred=centred, rng=rng)
    elif kind == "gram":
        rows = of_gram(gram, centred=centred, columns=columns, rng=rng)
    else:
        rows = of_eigenvalues(
            eigenvalues, centred=centred, points=points, columns=columns, rng=rng
        )
    seen = windows(rows, within=within)
    if seen is None:
        if window is None:
            where, why = "from the fourth on", "they may be nearly equal, or fall "
            why += "faster than any power"
        else:
            where = f"from {window[0]:g} to {window[1]:g}"
            why = "widen it, to less than an eighth of the points"
        raise ValueError(
            f"{kind} must have at least an octave of modes, {where}, whose eigenvalues "
            f"fall as a power; of {len(rows.lam)} above rounding none is found: {why}"
        )
    return agreed(
        seen,
        mean_share=rows.mean_share,
        found=rows.found,
        known_end=rows.columns < np.inf,
        choose=window is None,
    )
