"""Balls around points, moved to where they are full on all sides."""

from dataclasses import dataclass

import numpy as np

from scalinglib.geometry.dimension.moments import (
    Moments,
    closed_walks,
    second,
    third,
)
from scalinglib.geometry.searching import _fastest, _search

__all__ = ["Balls", "Cloud"]

SHIFTS = 3
_CHUNK = 2**22  # entries of matrices of products, computed together


class Cloud:
    """Points in which to look for balls, and the way to search them.

    Parameters
    ----------
    X : (N, n) ndarray
        Points.
    period : float or None
        Period of the coordinates.
    """

    def __init__(self, X, period=None):
        self.X, self.period = X, period
        self._method = _fastest(X, period)

    def nearest(self, centres, k):
        """Distance and index (m, k) of the k points nearest to each centre."""
        return _search(self.X, k, self.period, self._method)(centres)

    def from_centres(self, centres, index):
        """Vectors (m, k, n) from centres to points, the short way around a torus."""
        Z = self.X[index] - centres[:, None]
        if self.period is not None:
            Z -= self.period * np.round(Z / self.period)
        return Z

    def balls(self, starts, k, *, pick=None):
        r"""Balls of k points each, centred where the mean of their points is.

        Parameters
        ----------
        starts : (m,) ndarray of int
            Points at which to start.
        k : int
            Number of points of a ball.
        pick : callable, optional
            ``pick(index (m, k)) -> (m, k)`` of bool, the points that count.

        Returns
        -------
        Balls
            Of the k − 1 points within the distance of the k-th.

        Notes
        -----
        The centre moves to the mean of its k nearest points, three times. A ball at an
        edge walks inwards, one on a slope of the density uphill, to where the points
        around it are symmetric.
        """
        centres = self.X[starts]
        search = _search(self.X, k, self.period, self._method)
        for _ in range(SHIFTS):
            index = search(centres)[1]
            centres = centres + self.from_centres(centres, index).mean(axis=1)
        distance, index = search(centres)
        squared = distance[:, -1] ** 2
        index, full = index[:, :-1], squared > 0
        index, squared, centres = index[full], squared[full], centres[full]
        return Balls(self, centres, index, squared, pick)


@dataclass(eq=False)
class Balls:
    """Balls of one number of points: their moments, and those of parts of them.

    Attributes
    ----------
    cloud : Cloud
        Where they are.
    centres : (m, n) ndarray
        Their centres.
    index : (m, k − 1) ndarray of int
        Their points.
    squared : (m,) ndarray
        Their squared radii.
    pick : callable or None
        Which points count.
    """

    cloud: Cloud
    centres: np.ndarray
    index: np.ndarray
    squared: np.ndarray
    pick: object = None

    def first(self, m):
        """The first m of them."""
        cut = self.centres[:m], self.index[:m], self.squared[:m]
        return Balls(self.cloud, *cut, self.pick)

    def inverse(self):
        """Mean of one over the squared radius."""
        return (1 / self.squared).mean()

    def moments(self, *, cubes=True, parts=None, part_cubes=False, noise=(0.0, 0)):
        """Moments of each ball in units of its radius, of all its points and of parts.

        Parameters
        ----------
        cubes : bool
            Whether tr Σ³ is asked for.
        part_cubes : bool
            Whether it is asked for parts.
        parts : (N, c) ndarray of bool, optional
            c sets of points, for each of which the moments are taken alone.
        noise : (float, int)
            Variance of the noise, and the number of coordinates it is in.

        Returns
        -------
        whole : Moments
            Of the balls, (m,) each.
        of_parts : Moments or False
            The same for each part, (m, c).
        """
        size = max(1, _CHUNK // self.index.shape[1] ** 2)
        chunks = [
            self._of_some(slice(i, i + size), cubes, parts, part_cubes, noise)
            for i in range(0, len(self.index), size)
        ]
        whole, of_parts = zip(*chunks, strict=True)
        return Moments.of_all(whole), parts is not None and Moments.of_all(of_parts)

    def _of_some(self, some, cubes, parts, part_cubes, noise):
        index, squared = self.index[some], self.squared[some]
        Z = self.cloud.from_centres(self.centres[some], index)
        Z /= np.sqrt(squared)[:, None, None]
        counts = np.ones(index.shape, bool)
        if self.pick is not None:
            counts = self.pick(index)
            Z *= counts[:, :, None]
        H = Z @ Z.swapaxes(1, 2)
        g = np.einsum("mii->mi", H).copy()
        np.einsum("mii->mi", H)[:] = 0
        s = noise[0] / squared
        n = counts.sum(axis=1)
        E = H * H
        sums = g, H.sum(axis=2), E.sum(axis=2)
        whole = Moments(*second(*sums, n), _third(Z, H, E, *sums, n) if cubes else None)
        whole = whole.without_noise(s, noise[1])
        if parts is None:
            return whole, None
        W = (parts[index] & counts[:, :, None]).astype(float)
        n, sums = W.sum(axis=1), (g[:, :, None] * W, W * (H @ W), W * (E @ W))
        of_parts = Moments(*second(*sums, n))
        if part_cubes:
            columns = zip(*(np.moveaxis(v, 2, 0) for v in (W, *sums)), strict=True)
            of_parts.third = np.stack(
                [
                    _third_of_part(Z, H, E, w, *v, count)
                    for (w, *v), count in zip(columns, n.T, strict=True)
                ],
                axis=1,
            )
        return whole, of_parts.without_noise(s[:, None], noise[1])


def _third(Z, H, E, g, h, e, n):
    cubes = np.einsum("mij,mij->mi", E, H)
    bridge = np.einsum("mi,mi->m", h, (H @ h[:, :, None])[:, :, 0])
    return third(h, e, cubes, closed_walks(Z, g, e), bridge, n)


def _third_of_part(Z, H, E, w, *sums):
    both = w[:, :, None] * w[:, None]
    return _third(Z * w[:, :, None], H * both, E * both, *sums)
