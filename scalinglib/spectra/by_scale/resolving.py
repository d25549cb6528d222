r"""How many modes a sample resolves, and how finely, without correction.

A learner with ridge δ on N points has degrees of freedom, and on teachers of its own
prior with noise of variance δ a loss at each point that it has not seen:

.. math::

   z = \operatorname{tr} K (K + \delta)^{-1}, \qquad
   \ell_i = \frac{1}{(K + \delta)^{-1}_{ii}} - \delta .

For many points the first is a sum over the modes of the kernel, at a resolution that
both tell:

.. math::

   z = \sum_n \frac{\lambda_n T}{1 + \lambda_n T}, \qquad
   \frac1T = \kappa = \frac{1}{N z} \sum_i \ell_i .

If all points are alike, κ is :math:`\delta / (N - z)`. For features of other lengths
s, :math:`F_i = s_i G_i` with like G, it is right too, for features that are small in
some rows and large in others it is not: see the page on exponents in chapter 5 of the
course.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Resolved", "resolved"]


class Resolved(NamedTuple):
    """What is resolved at ridges δ.

    Attributes
    ----------
    z : (G,) ndarray
        Degrees of freedom.
    T : (G,) ndarray
        Inverse resolution.
    z_without, T_without : (n, G) ndarray or None
        The same without one of the points each.
    """

    z: np.ndarray
    T: np.ndarray
    z_without: np.ndarray | None = None
    T_without: np.ndarray | None = None


def resolved(rows, ridges, *, without=True):
    r"""Degrees of freedom and resolution at ridges.

    Parameters
    ----------
    rows : Rows
        A sample.
    ridges : (G,) ndarray
        δ > 0, in units of the largest eigenvalue of K.
    without : bool, default True
        Whether also to leave out each of the points in turn.

    Returns
    -------
    Resolved

    Notes
    -----
    With :math:`b_i = (K + \delta)^{-1}_{ii}` and :math:`c_i = (K + \delta)^{-2}_{ii}`,
    point i takes :math:`1 - \delta c_i / b_i` degrees of freedom with it, exactly. The
    others' :math:`1 / b_j` become :math:`1 / b_j + B_{ij}^2 / (b_i b_j^2)` to lowest
    order, B the inverse, and the sum over j is taken with the mean of what stands for
    j: it needs the diagonal only, and is right to some per cent where rows differ by
    length alone.
    """
    ridges = np.asarray(ridges, float)
    inverse = 1 / (rows.lam[:, None] + ridges)
    z = (rows.lam[:, None] * inverse).sum(axis=0)
    b = rows.shares @ inverse + rows.rest[:, None] / ridges
    loss = 1 / b - ridges
    mean = loss.mean(axis=0)
    if not without:
        return Resolved(z, z / mean)
    c = rows.shares @ inverse**2 + rows.rest[:, None] / ridges**2
    z_without = z - 1 + ridges * c / b
    weight = mean / (loss * b**2).mean(axis=0)
    others = rows.D - 1
    loss_without = ((others + 1) * mean - loss + (c - b**2) / b * weight) / others
    return Resolved(z, z / mean, z_without, z_without / loss_without)
