r"""Unbiased moments of the covariance in a ball, from the products of its points.

Let G be the matrix of products of points, G_ij = x_i · x_j, about any origin. In the
mean over independent points with expectation μ and second moments M = Σ + μμᵀ, a
product of entries along a chain of *different* points is a power of M:

.. math::

   \mathbb E\, G_{ij} = |\mu|^2, \qquad
   \mathbb E\, G_{ij} G_{jk} = \mu^{\mathsf T} M \mu, \qquad
   \mathbb E\, G_{ij} G_{jk} G_{ki} = \operatorname{tr} M^3 .

So the traces of powers of Σ = M − μμᵀ are averages over chains and rings of different
points. Sums over different points are sums over all of them, less those in which two
are the same, and these are products of H, which is G without its diagonal.
"""

import warnings

import numpy as np

__all__ = ["Moments", "average", "closed_walks", "second", "third"]


def average(values, axis=None):
    """Mean of what is not nan; of nothing, nan.

    Parameters
    ----------
    values : ndarray
        Numbers, some of them nan.
    axis : int, optional
        Over which; by default over all.

    Returns
    -------
    float or ndarray
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=axis)


class Moments:
    r"""Moments of the covariance in balls: tr Σ, (tr Σ)², tr Σ², and tr Σ³ if asked.

    Attributes
    ----------
    first, first_squared, second, third : ndarray
        The four, unbiased, in units of the balls' radii.
    """

    def __init__(self, first, first_squared, second, third=None):
        self.first, self.first_squared = first, first_squared
        self.second, self.third = second, third

    @classmethod
    def of_all(cls, some):
        """Those of several lots of balls as one.

        Parameters
        ----------
        some : sequence of Moments
            Of some balls each.

        Returns
        -------
        Moments
        """
        columns = zip(*(m._all() for m in some), strict=True)
        return cls(*(np.concatenate(v) for v in columns))

    def averaged(self):
        """Averages over the balls, of which each counts where it is not nan.

        Returns
        -------
        Moments
        """
        return Moments(*(average(v, axis=0) for v in self._all()))

    def _all(self):
        four = self.first, self.first_squared, self.second, self.third
        return [v for v in four if v is not None]

    def logarithms(self):
        r"""How unequal the eigenvalues are: −log d where d of them are equal.

        .. math::

           y_2 = \log \frac{\operatorname{tr} \Sigma^2}{(\operatorname{tr} \Sigma)^2},
           \qquad
           y_3 = \log \frac{(\operatorname{tr} \Sigma^3)^2}
                          {(\operatorname{tr} \Sigma^2)^3}

        Returns
        -------
        y2, y3 : float or ndarray
            Nan where noise makes a moment negative; y3 is None without third moments.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            y2 = np.log(self.second / self.first_squared)
            y3 = None
            if self.third is not None:
                y3 = 2 * np.log(self.third) - 3 * np.log(self.second)
        return y2, y3

    def without_noise(self, variance, coordinates):
        r"""The same for Σ − s 𝟙: without noise of variance s in some coordinates.

        Parameters
        ----------
        variance : float or ndarray
            s, in the units of Σ.
        coordinates : int
            How many coordinates carry it.

        Returns
        -------
        Moments
        """
        s, total = variance, variance * coordinates
        third = self.third
        if third is not None:
            third = third - 3 * s * self.second + 3 * s**2 * self.first - s**2 * total
        return Moments(
            self.first - total,
            self.first_squared - 2 * total * self.first + total**2,
            self.second - 2 * s * self.first + s * total,
            third,
        )


def second(g, h, e, n):
    r"""Traces up to the second power from sums over a ball's points, on axis 1.

    Parameters
    ----------
    g, h, e : (m, n, …) ndarray
        Of each point :math:`G_{ii}`, :math:`\sum_j H_{ij}`, :math:`\sum_j H_{ij}^2`.
    n : int or (m, …) ndarray
        How many points the sums run over.

    Returns
    -------
    first, first_squared, second : (m, …) ndarray
        Unbiased tr Σ, (tr Σ)², tr Σ².
    """
    n = np.where(n < 4, np.nan, n)
    total, edges = g.sum(axis=1), h.sum(axis=1)
    squares = e.sum(axis=1)
    chains = (h * h).sum(axis=1) - squares
    pairs = edges**2 - 4 * chains - 2 * squares
    n1, n2, n3 = n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)
    first = total / n - edges / n1
    apart = total * edges - 2 * (g * h).sum(axis=1)
    first_squared = (total**2 - (g * g).sum(axis=1)) / n1 - 2 * apart / n2 + pairs / n3
    return first, first_squared, squares / n1 - 2 * chains / n2 + pairs / n3


def third(h, e, cubes, ring, bridge, n):
    r"""Unbiased tr Σ³ from sums over a ball's points.

    Parameters
    ----------
    h, e, cubes : (m, n) ndarray
        Of each point :math:`\sum_j H_{ij}^p` for p = 1, 2, 3.
    ring, bridge : (m,) ndarray
        tr H³ and hᵀHh.
    n : int or (m,) ndarray
        How many points the sums run over, ≥ 6.

    Returns
    -------
    (m,) ndarray

    Notes
    -----
    :math:`\operatorname{tr} \Sigma^3 = \operatorname{tr} M^3 - 3 \mu^{\mathsf T} M^2
    \mu + 3\, \mu^{\mathsf T} M \mu\, |\mu|^2 - |\mu|^6`: a ring of three points, a
    chain of four, a chain of three and a pair, three pairs.
    """
    edges, squares, cubed = h.sum(axis=1), e.sum(axis=1), cubes.sum(axis=1)
    hooks = (e * h).sum(axis=1) - cubed  # H_ij² H_jk
    chains = (h * h).sum(axis=1) - squares
    pairs = edges**2 - 4 * chains - 2 * squares
    stars = (h**3 - 3 * e * h + 2 * cubes).sum(axis=1)
    long = bridge - 2 * hooks - cubed - ring
    chain_and_pair = chains * edges - 2 * stars - 4 * long - 4 * hooks - 2 * ring
    twice_and_pair = squares * edges - 4 * hooks - 2 * cubed
    three_pairs = edges * pairs - 8 * chain_and_pair - 4 * twice_and_pair - 8 * long
    n = np.where(n < 6, np.nan, n)
    falling = np.cumprod([n - i for i in range(6)], axis=0)
    return (
        ring / falling[2]
        - 3 * long / falling[3]
        + 3 * chain_and_pair / falling[4]
        - three_pairs / falling[5]
    )


def closed_walks(Z, g, h_squared):
    r"""Closed walks of three steps, tr H³, by way of the smaller of two matrices.

    Parameters
    ----------
    Z : (m, n, p) ndarray
        Points about their origin; rows of zeros are none.
    g, h_squared : (m, n) ndarray
        :math:`|x_i|^2` and :math:`\sum_j H_{ij}^2`.

    Returns
    -------
    (m,) ndarray
    """
    small = Z.swapaxes(1, 2) @ Z if Z.shape[2] < Z.shape[1] else Z @ Z.swapaxes(1, 2)
    ring = np.einsum("mij,mij->m", small @ small, small)
    return ring - (3 * h_squared * g + g**3).sum(axis=1)
