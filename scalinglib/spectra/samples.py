"""A Gram matrix that is factored once, whatever is asked of it."""

import numpy as np
from scipy.linalg import eigh

from scalinglib._input import gram, number, whole_number
from scalinglib._linalg import cholesky_factor, solve_lower

__all__ = ["Sample"]


class Sample:
    r"""The Gram matrix of N points in random order, with what was computed from it.

    `resolutions`, `scalinglib.theory.kare`, `scalinglib.theory.missed_power`,
    `scalinglib.theory.extrapolated_loss` and `scalinglib.learners.leave_one_out` take
    it in the place of K. The first of them factors the matrix; for all others, for
    other targets and for the first D points, the factors are there.

    Parameters
    ----------
    K : (N, N) array_like
        Gram matrix; computed with in float64.

    Attributes
    ----------
    N : int
        Number of points.
    unit : float
        A power of two near the largest entry. Within, K is over this unit, so that no
        square overflows; no digit changes.

    Raises
    ------
    ValueError
        If K is not finite, symmetric and different from zero; by what is asked of it if
        it is not positive definite to rounding.

    Examples
    --------
    >>> from scalinglib.spectra import resolutions
    >>> sample = Sample(np.diag([1.0, 2.0, 4.0]))
    >>> resolutions(sample).round(3), resolutions(sample.first(2)).round(3)
    (array([1.   , 0.667, 0.571]), array([1.   , 0.667]))
    """

    def __init__(self, K):
        """Check the matrix, and factor nothing yet."""
        K = gram("K", K)
        largest = float(abs(K).max())
        if not largest > 0:
            raise ValueError("K must not be zero")
        self.N, self.unit = len(K), 2.0 ** np.floor(np.log2(largest))
        self._rounding = len(K) * np.finfo(K.dtype).eps
        self._K = K.astype(float) / self.unit
        self._inverses, self._modes = {}, None

    @classmethod
    def of(cls, K):
        """A sample as it is, or that of a matrix.

        Parameters
        ----------
        K : Sample or (N, N) array_like

        Returns
        -------
        Sample

        Examples
        --------
        >>> sample = Sample([[1.0]])
        >>> Sample.of(sample) is sample
        True
        """
        return K if isinstance(K, Sample) else cls(K)

    def __len__(self):
        return self.N

    def mean_diagonal(self):
        """Mean of K(x, x).

        Returns
        -------
        float

        Examples
        --------
        >>> Sample([[4.0, 0.0], [0.0, 2.0]]).mean_diagonal()
        3.0
        """
        return float(self._K.diagonal().mean() * self.unit)

    def first(self, D):
        """The first D points, with the factors that are there already.

        Parameters
        ----------
        D : int
            From 1 to N.

        Returns
        -------
        Sample

        Raises
        ------
        ValueError
            If D is out of range.

        Notes
        -----
        The factor of a leading block of K is the leading block of the factor, and so is
        its inverse.

        Examples
        --------
        >>> len(Sample(np.eye(3)).first(2))
        2
        """
        D = whole_number("D", D, least=1)
        if D > self.N:
            raise ValueError(f"D must be at most the {self.N} points, got {D}")
        part = object.__new__(Sample)
        part.N, part.unit = D, self.unit
        part._rounding, part._K = self._rounding, self._K[:D, :D]
        part._inverses = {d: part_of[:D, :D] for d, part_of in self._inverses.items()}
        part._modes = None
        return part

    def inverse_factor(self, ridge=0.0):
        r"""Inverse of the lower triangle L of (K + δ𝟙) / unit = L Lᵀ.

        Parameters
        ----------
        ridge : float, default 0.0
            δ ≥ 0, added to K.

        Returns
        -------
        (N, N) ndarray
            Not to be written to.

        Raises
        ------
        ValueError
            If K + δ𝟙 is not positive definite to rounding.

        Examples
        --------
        >>> Sample([[4.0, 0.0], [0.0, 1.0]]).inverse_factor()
        array([[1., 0.],
               [0., 2.]])
        """
        ridge = number("ridge", ridge, least=0)
        if ridge not in self._inverses:
            L = cholesky_factor(
                self._K, ridge / self.unit, overwrite=False, unit=self.unit
            )
            self._inverses[ridge] = solve_lower(L, np.eye(self.N))
        return self._inverses[ridge]

    def modes(self):
        """Eigenvalues of K / unit, rising, and eigenvectors.

        Returns
        -------
        lam : (N,) ndarray
            Not negative: what is negative by rounding is zero.
        U : (N, N) ndarray
            Columns.

        Raises
        ------
        ValueError
            If an eigenvalue is negative beyond rounding.

        Examples
        --------
        >>> Sample([[3.0, 0.0], [0.0, 2.0]]).modes()[0]
        array([1. , 1.5])
        """
        if self._modes is None:
            lam, U = eigh(self._K, check_finite=False, driver="evd")
            if lam[0] < -self._rounding * max(lam[-1], 0):
                raise ValueError(
                    f"K must have no negative eigenvalue, got {lam[0] * self.unit:.3g}"
                )
            self._modes = np.maximum(lam, 0), U
        return self._modes
