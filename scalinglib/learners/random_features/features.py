"""Features of the teacher, and how the student's are mixed of them."""

import numpy as np

from scalinglib._input import generator, one_of, whole_number
from scalinglib.spectra.power_law import eigenvalues

__all__ = ["gaussian", "projection"]


def gaussian(spectrum, D, *, rng=None):
    r"""Draw independent Gaussian features with a given spectrum.

    Parameters
    ----------
    spectrum : (S,) array_like
        λ_i ≥ 0, in falling order: F_i has variance λ_i, for teachers ω ~ N(0, 𝟙).
    D : int
        Number of points, ≥ 1.
    rng : None, int or numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    (D, S) ndarray

    Raises
    ------
    ValueError
        As `theory.kernel_loss` for the spectrum, or if D is below 1.

    Examples
    --------
    >>> gaussian([1.0, 0.25], 5, rng=0).shape
    (5, 2)
    """
    lam = eigenvalues(spectrum)
    D = whole_number("D", D, least=1)
    return generator(rng).standard_normal((D, len(lam))) * np.sqrt(lam)


def projection(P, S, *, kind="gaussian", rng=None):
    r"""Draw the matrix 𝒫 that makes the student's features of the teacher's, f = 𝒫 F.

    Parameters
    ----------
    P, S : int
        Numbers of features of the student and of the teacher, ≥ 1.
    kind : {"gaussian", "choice"}
        Independent standard normal entries, or P of the S features, chosen uniformly
        without repetition: then P ≤ S.
    rng : None, int or numpy.random.Generator
        Source of random numbers.

    Returns
    -------
    (P, S) ndarray
        Its first rows are a projection on fewer features.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> projection(2, 3, kind="choice", rng=0).sum(axis=1).tolist()
    [1.0, 1.0]
    """
    P, S = whole_number("P", P, least=1), whole_number("S", S, least=1)
    rng = generator(rng)
    if one_of("kind", kind, ("gaussian", "choice")) == "gaussian":
        return rng.standard_normal((P, S))
    if P > S:
        raise ValueError(f"P must be at most S = {S} for a choice, got {P}")
    mix = np.zeros((P, S))
    mix[np.arange(P), rng.permutation(S)[:P]] = 1
    return mix
