"""What balls of each number of points tell of the dimension, with its noise."""

from dataclasses import dataclass, fields

import numpy as np

from scalinglib.geometry.dimension.moments import average
from scalinglib.geometry.dimension.scatter import (
    between,
    labelled_parts,
    on_a_line,
    order_and_variance,
)

__all__ = ["Radial", "Scales", "measure", "measure_radial", "numbers_of_points"]

_LADDER = (8, 12, 16, 24, 32, 48, 64, 96, 128)
LEAST_FOR_CUBES = 12
UNSHARED = 0.5  # noise of y₃ that is not three times that of y₂, in units of the latter
_CENTRES = 400
_ROWS = 32_000
_TINY, _EQUALLY_FAR = np.finfo(float).tiny, 1e-9


def numbers_of_points(N):
    """Numbers of points of balls: from 8 to a share of all, at most 128.

    A tenth of few points, 96 or a twenty-fifth of many: these need no large balls.
    """
    most = max(16, min(N // 10, max(96, N // 25)))
    return np.array([k for k in _LADDER if k <= most])


@dataclass(frozen=True, eq=False)
class Scales:
    r"""Logarithms of how unequal eigenvalues are, from small balls to large ones.

    Attributes
    ----------
    k : (K,) ndarray of int
        Number of points.
    squared : (K,) ndarray
        Mean squared radius.
    y2, y3 : (K,) ndarray
        Of second and of third moments; y3 is nan where k is too small.
    variance, extra : (K,) ndarray
        Variance of y2, and that of y3 − 3 y2.
    signal : (K,) ndarray
        Share of the mean square that is not known noise.
    spread : (K,) ndarray
        Standard deviation from ball to ball of 1/d, relative to the mean and beyond
        noise; zero where noise hides it.
    """

    k: np.ndarray
    squared: np.ndarray
    y2: np.ndarray
    y3: np.ndarray
    variance: np.ndarray
    extra: np.ndarray
    signal: np.ndarray
    spread: np.ndarray

    def least_spread(self):
        """Smallest spread in balls of 16 to 64 points: what does not vanish with r."""
        return float(self.spread[(self.k >= 16) & (self.k <= 64)].min(initial=np.inf))

    def heard(self, share):
        """Those at which at least this share of the mean square is not known noise.

        Parameters
        ----------
        share : float
            From 0 to 1.

        Returns
        -------
        Scales

        Raises
        ------
        ValueError
            If fewer than two scales are left.
        """
        good = np.isfinite(self.y2) & (self.signal >= share)
        if good.sum() < 2:
            raise ValueError(
                "X must hold more than noise: in balls of all sizes more than "
                f"{1 - share:.0%} of the mean square is rounding or noise; pass a "
                "smaller `rounding` or `noise` if it is, or look at fewer columns"
            )
        return Scales(*(getattr(self, f.name)[good] for f in fields(self)))


@dataclass(frozen=True, eq=False)
class Radial:
    """Logarithms of the mean log ratio of distances, with their variance.

    Attributes
    ----------
    k : (K,) ndarray of int
        Number of neighbours.
    squared : (K,) ndarray
        Mean squared distance to the k-th.
    y : (K,) ndarray
        −log d where points are evenly spread.
    variance : (K,) ndarray
        Its variance.
    """

    k: np.ndarray
    squared: np.ndarray
    y: np.ndarray
    variance: np.ndarray


def measure(cloud, k, rng, *, noise=(0.0, 0), pick=None, block=1):
    """Moments in balls of k points, for every k.

    Parameters
    ----------
    cloud : Cloud
        The points.
    k : (K,) ndarray of int
        Increasing.
    rng : numpy.random.Generator
        Draws centres and parts.
    noise : (float, int)
        Variance of known noise, and in how many coordinates it is.
    pick : callable, optional
        Which points of a ball count.
    block : int
        How many points in a row stay together.

    Returns
    -------
    Scales
    """
    N = len(cloud.X)
    starts = rng.permutation(N)
    halves, quarters = labelled_parts(N, rng, block=block)
    few = halves[:, :8]
    rows = []
    for points in k:
        m = min(N, max(_CENTRES, _ROWS // points))
        balls = cloud.balls(starts[:m], points, pick=pick)
        cubes = points >= LEAST_FOR_CUBES
        both = np.hstack([halves, quarters])
        whole, of_parts = balls.moments(cubes=cubes, parts=both, noise=noise)
        extra = np.nan
        if LEAST_FOR_CUBES <= points <= 48:
            some = balls.first(_CENTRES)
            _, of_halves = some.moments(parts=few, part_cubes=True, noise=noise)
            y2, y3 = of_halves.averaged().logarithms()
            extra = between(y3 - 3 * y2, 2) / 4  # triples: order three
        cut = halves.shape[1]
        spread = _spread(of_parts.second[:, :cut], of_parts.first_squared[:, :cut])
        whole = whole.averaged()
        y2, y3 = whole.logarithms()
        parts = of_parts.averaged().logarithms()[0]
        signal = whole.first / (whole.first + noise[1] * noise[0] * balls.inverse())
        rows.append(
            (
                balls.squared.mean(),
                y2,
                np.nan if y3 is None else y3,
                extra,
                signal,
                spread,
                parts[:cut],
                parts[cut:],
            )
        )
    squared, y2, y3, extra, signal, spread, half, quarter = map(
        np.array, zip(*rows, strict=True)
    )
    variance = order_and_variance(half, quarter, k)
    return Scales(
        k,
        squared,
        y2,
        y3,
        variance,
        on_a_line(extra, k) + UNSHARED**2 * variance,
        signal,
        spread,
    )


def measure_radial(cloud, k, rng, *, pick=None, block=1, apart=None):
    """Mean log ratios of the distances from points to their neighbours, for every k.

    Parameters
    ----------
    cloud, k, rng, pick, block
        As in `measure`.
    apart : callable, optional
        ``apart(starts (m,), index (m, k)) -> (m, k)`` of bool: neighbours that are not
        of the same passage as the point itself.

    Returns
    -------
    Radial
    """
    N = len(cloud.X)
    starts = rng.permutation(N)[: min(N, 4 * _CENTRES)]
    halves, quarters = labelled_parts(N, rng, block=block)
    both = np.hstack([halves, quarters])
    distance, index = cloud.nearest(cloud.X[starts], min(N, int(k[-1]) + 1))
    rows = []
    for points in k:
        r, inside = distance[:, points], index[:, 1:points]
        u = np.log(
            np.maximum(r[:, None], _TINY) / np.maximum(distance[:, 1:points], _TINY)
        )
        counts = np.ones(inside.shape, bool)
        if pick is not None:
            counts = pick(inside) & apart(starts, inside)
        mean = (u * counts).sum() / max(counts.sum(), 1)
        y = np.log(max(mean, _EQUALLY_FAR))
        W = both[inside] & (counts & (r > 0)[:, None])[:, :, None]
        W &= both[starts][:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = np.log(np.einsum("mk,mkc->c", u, W) / W.sum(axis=(0, 1)))
        cut = halves.shape[1]
        rows.append(((r**2).mean(), y, parts[:cut], parts[cut:]))
    squared, y, half, quarter = map(np.array, zip(*rows, strict=True))
    return Radial(k, squared, y, order_and_variance(half, quarter, k))


def _spread(second, first_squared):
    """How much 1/d differs from ball to ball: what halves of their points share.

    Noise is another in each half, the place is the same.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        off = second / average(second, axis=0)
        off = off - first_squared / average(first_squared, axis=0)
    off[~np.isfinite(off)] = np.nan
    pairs = off.reshape(len(off), -1, 2)
    return np.sqrt(np.maximum(average(pairs[..., 0] * pairs[..., 1]), 0.0))
