r"""How many modes a sample resolves, and how finely, without correction.

A learner with ridge δ on N points has

.. math::

   \mathrm{df} = \operatorname{tr} K (K + \delta)^{-1}, \qquad
   v = \frac1N \sum_i \frac{1}{(K + \delta)^{-1}_{ii}} - \delta,

degrees of freedom, and the mean variance left at a point when the others are known. For
many points the first is a sum over the modes of the kernel, at a resolution that both
tell:

.. math::

   \mathrm{df} = \sum_n \frac{\lambda_n T}{1 + \lambda_n T}, \qquad
   T = \frac{\mathrm{df}}{v} .

T is 1/κ of the theory, with eigenvalues of the kernel. If all points are alike, v is
:math:`\delta \, \mathrm{df} / (N - \mathrm{df})`.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Resolved", "resolved"]


class Resolved(NamedTuple):
    """What is resolved at ridges δ.

    Attributes
    ----------
    df : (G,) ndarray
        Degrees of freedom.
    T : (G,) ndarray
        Inverse resolution.
    df_without, T_without : (n, G) ndarray or None
        The same without one of the points each.
    """

    df: np.ndarray
    T: np.ndarray
    df_without: np.ndarray | None = None
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
    j: it needs the diagonal only, and is right to some per cent.
    """
    ridges = np.asarray(ridges, float)
    inverse = 1 / (rows.lam[:, None] + ridges)
    df = (rows.lam[:, None] * inverse).sum(axis=0)
    b = rows.shares @ inverse + rows.rest[:, None] / ridges
    left = 1 / b - ridges  # variance at a point when the others are known
    v = left.mean(axis=0)
    if not without:
        return Resolved(df, df / v)
    c = rows.shares @ inverse**2 + rows.rest[:, None] / ridges**2
    df_without = df - 1 + ridges * c / b
    weight = v / (left * b**2).mean(axis=0)
    others = rows.D - 1
    v_without = ((others + 1) * v - left + (c - b**2) / b * weight) / others
    return Resolved(df, df / v, df_without, df_without / v_without)
