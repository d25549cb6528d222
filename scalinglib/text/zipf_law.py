r"""Items without end whose probabilities fall as a power: what D draws show of them.

The oldest answer to the course's question. Learn items by heart; err on those never
seen. An item is learnt at once, when it first comes; but rare ones come late, and there
are always rarer ones. So the loss falls as a power, though no item's does.
"""

import numpy as np
from scipy.special import gamma

from scalinglib._input import generator, number, positive, real_array, whole_number
from scalinglib._labels import like
from scalinglib.text import _zipf_sums as sums

__all__ = ["ZipfLaw"]


class ZipfLaw:
    r"""Probabilities :math:`p_k = k^{-(1+\alpha)} / \zeta(1+\alpha)`, k = 1, 2, ….

    Parameters
    ----------
    alpha : float
        α from 0.01 to 30; words of a natural language have α of some tenths or less.

    Raises
    ------
    ValueError
        If `alpha` is out of range.

    Notes
    -----
    No sum here is cut off. Items one by one up to K = 200 (1 + α); the rest by Euler
    and Maclaurin's formula, whose integral is an incomplete beta function,

    .. math::

       \int_K^\infty p_k (1 - p_k)^D \, dk
       = \frac{c^{1/(1+\alpha)}}{1+\alpha} \, B(p_K; \theta, D + 1), \qquad
       \theta = \frac{\alpha}{1+\alpha}, \quad c = \frac{1}{\zeta(1+\alpha)} ,

    and of which two corrections, by f(K) and f′(K), leave a relative error below
    10⁻¹⁰. A sum over ten million items would not do: at α = 1/4 and D = 10⁷ more than
    a third of what is unseen lies beyond them, and the slope is 0.31 instead of 0.20.

    References
    ----------
    M. Hutter, "Learning curve theory", arXiv:2102.04074.

    Examples
    --------
    >>> law = ZipfLaw(1.0)
    >>> law([1, 2, 3]).round(3).tolist()
    [0.608, 0.152, 0.068]
    >>> law.missing_mass([0, 100, 10_000]).round(4).tolist()
    [1.0, 0.0688, 0.0069]
    >>> law.exponent
    0.5
    """

    def __init__(self, alpha):
        """Take the exponent."""
        self._alpha = number("alpha", alpha)
        if not 0.01 <= self._alpha <= 30:
            raise ValueError(f"alpha must be from 0.01 to 30, got {self._alpha!r}")

    @property
    def alpha(self):
        """α, one less than the exponent of the probabilities."""
        return self._alpha

    @property
    def exponent(self):
        r"""θ = α / (1 + α), the exponent of the missing mass."""
        return self.alpha / (1 + self.alpha)

    @property
    def heaps(self):
        r"""1 / (1 + α), the exponent of Heaps' law for the number of distinct items."""
        return 1 / (1 + self.alpha)

    def __eq__(self, other):
        return isinstance(other, ZipfLaw) and self.alpha == other.alpha

    def __hash__(self):
        return hash((ZipfLaw, self.alpha))

    def __repr__(self):
        return f"ZipfLaw({self.alpha!r})"

    def __call__(self, k):
        """Probability of item k.

        Parameters
        ----------
        k : array_like
            Item, ≥ 1; between whole numbers the same power.

        Returns
        -------
        ndarray of the shape of k, or a DataArray with its labels

        Raises
        ------
        ValueError
            If one is below 1 or not finite.
        """
        items = positive("k", k)
        if (items < 1).any():
            raise ValueError(f"k must be at least 1, the first item, got {items.min()}")
        return like(k, sums.probabilities(self.alpha, items))

    def draw(self, D, *, rng=None):
        r"""Draw D tokens.

        Parameters
        ----------
        D : int
            How many, ≥ 1.
        rng : None, int or numpy.random.Generator
            Draws them.

        Returns
        -------
        (D,) ndarray of int64
            Which item each of them is, from 1.

        Raises
        ------
        ValueError
            If an argument is not one of these.

        Notes
        -----
        An item beyond 2⁶³ has no number in 64 bits; numpy draws again instead. So the
        tokens are of the law on the condition k < 2⁶³, which leaves out a share of
        about :math:`2^{-63\alpha} / (\alpha\,\zeta(1+\alpha))`: below 10⁻⁹ from
        α = 0.5 on, 2·10⁻⁵ at α = 0.25, but 1 % at 0.1 and 11 % at 0.05.

        Examples
        --------
        >>> tokens = ZipfLaw(1.0).draw(10_000, rng=0)
        >>> bool(abs((tokens == 1).mean() - ZipfLaw(1.0)(1)) < 0.02)
        True
        """
        rng, D = generator(rng), whole_number("D", D, least=1)
        return rng.zipf(1 + self.alpha, D)

    def missing_mass(self, D):
        r"""Expected probability of the items that D draws did not show.

        .. math:: L(D) = \sum_{k=1}^\infty p_k \, (1 - p_k)^D

        The loss of who learns items by heart and errs on those never seen.

        Parameters
        ----------
        D : array_like
            Number of draws, ≥ 0; not necessarily whole.

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels

        Raises
        ------
        ValueError
            If one is negative or not finite.

        Notes
        -----
        Nearly all of it is the integral over all p from 0 to 1,
        :math:`c^{1/(1+\alpha)} B(\theta, D + 1) / (1 + \alpha)`; what is left falls
        exponentially in :math:`D^{1/(2+\alpha)}`.

        Examples
        --------
        >>> ZipfLaw(0.25).missing_mass([1e3, 1e9, 1e15]).round(4).tolist()
        [0.2723, 0.0172, 0.0011]
        """
        return self._summed(D, sums.missing)

    def distinct(self, D):
        r"""Expected number of different items among D draws: Heaps' law.

        .. math:: V(D) = \sum_{k=1}^\infty 1 - (1 - p_k)^D \sim D^{1/(1+\alpha)}

        Parameters
        ----------
        D : array_like
            As in `missing_mass`, the mean of V(D + 1) − V(D).

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels

        Raises
        ------
        ValueError
            As `missing_mass`.

        Notes
        -----
        The integral of the tail is by parts one of `missing_mass`:
        :math:`D c^{1/(1+\alpha)} B(p_K; \theta, D) - K \, (1 - (1 - p_K)^D)`. Of the
        sum nearly all is :math:`D c^{1/(1+\alpha)} B(\theta, D) - 1/2`.

        Examples
        --------
        >>> ZipfLaw(1.0).distinct([0, 1, 10_000]).round(2).tolist()
        [0.0, 1.0, 137.7]
        """
        return self._summed(D, sums.distinct)

    def local_exponent(self, D):
        r"""Local exponent of the missing mass, −d log L / d log D.

        .. math::

           \theta_D = -\frac{D}{L(D)} \sum_{k=1}^\infty
           p_k \, (1 - p_k)^D \log(1 - p_k)
           \simeq \theta \, \Bigl(1 - \frac{1 + \theta}{2 D}\Bigr)

        Parameters
        ----------
        D : array_like
            As in `missing_mass`.

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels

        Raises
        ------
        ValueError
            As `missing_mass`.

        Examples
        --------
        >>> ZipfLaw(0.25).local_exponent([10, 100, 1000]).round(4).tolist()
        [0.1994, 0.1988, 0.1999]
        """
        return self._summed(D, _slope)

    def asymptote(self, D):
        r"""What the missing mass comes to for many draws.

        .. math::

           L(D) \simeq \frac{\Gamma(\theta)}{1 + \alpha}
           \, \zeta(1 + \alpha)^{-1/(1+\alpha)} \, D^{-\theta}

        Parameters
        ----------
        D : array_like
            Number of draws, > 0.

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels

        Raises
        ------
        ValueError
            If one is not finite and positive.

        Examples
        --------
        >>> law = ZipfLaw(0.5)
        >>> bool(abs(law.missing_mass(1e6) / law.asymptote(1e6) - 1) < 1e-6)
        True
        """
        sizes = positive("D", D)
        scale = gamma(self.exponent) * sums.width(self.alpha)
        return like(D, scale * sizes**-self.exponent)

    def _summed(self, D, total):
        """A sum over all items for each D."""
        sizes = real_array("D", D).astype(float)
        if bad := sizes[~(np.isfinite(sizes) & (sizes >= 0))].tolist():
            raise ValueError(f"D must be finite numbers of draws >= 0, got {bad[0]}")
        values = total(self.alpha, sizes.ravel())
        return like(D, values.reshape(sizes.shape))


def _slope(alpha, D):
    """-d log L / d log D."""
    return D * sums.decline(alpha, D) / sums.missing(alpha, D)
