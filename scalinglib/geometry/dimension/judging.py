"""What the scales say together, and how far to trust it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scalinglib.geometry.dimension.deviations import from_ratios, gap_evidence
from scalinglib.geometry.dimension.doubts import CROWDED
from scalinglib.laws.averaging import Mixture
from scalinglib.laws.uncertainty import Estimate

__all__ = ["DimensionEstimate", "judged"]

ODDS = 4.0  # log of odds, from where the data are called no manifold
QUIET = 0.98  # share of the mean square that is not noise, if there is next to none
SPREAD = 0.15  # relative, of 1/d from place to place, in small balls too
RESOLVED, UNRESOLVED = "resolved", "unresolved at this N"
FRACTAL = "not a manifold at these scales"


@dataclass(frozen=True, eq=False)
class DimensionEstimate(Estimate):
    """An intrinsic dimension, how sure it is, and what it stands on.

    Attributes
    ----------
    value : float
        d, the median.
    status : str
        ``"resolved"``; ``"unresolved at this N"`` where the nearest points are not
        near, and the interval holds only if the set is flat that far; ``"not a manifold
        at these scales"``, where the value is a scaling dimension.
    because : str
        Why, in a sentence.
    scales : DataFrame
        By number of points k of a ball: its radius, the dimension told by second and by
        third moments with the standard error of the former, its relative spread from
        place to place, and the dimension told by ratios of distances.
    found : tuple of str
        What was found in the data, and what was done about it.
    tangent, radial : DimensionEstimate or None
        The dimension from moments alone, and that from ratios of distances, of which
        the estimate is one.

    Examples
    --------
    >>> from scalinglib.geometry import dimension, sphere
    >>> d = dimension.estimate(sphere(2).sample(1000, rng=0), rng=0)
    >>> d.status, d.covers(2)
    ('resolved', True)
    """

    value: float
    status: str
    because: str
    scales: pd.DataFrame = field(repr=False)
    found: tuple = ()
    tangent: "DimensionEstimate | None" = field(default=None, repr=False)
    radial: "DimensionEstimate | None" = field(default=None, repr=False)
    _log: Mixture = field(default=None, repr=False)
    _most: float = field(default=np.inf, repr=False)  # columns, or what they span

    def _ends(self, level):
        tail = (1 - level) / 2
        ends = [np.exp(-self._log.quantile(share)) for share in (1 - tail, tail)]
        return tuple(min(end, self._most) for end in ends)

    def __str__(self):
        return f"d = {self:.3g}, {self.status}"


def judged(scales, radial, log_tangent, crowding, *, most, found):
    """Which of two answers to give, and how far to trust it.

    Parameters
    ----------
    scales : Scales
        Moments, by size of the balls.
    radial : Radial
        Ratios of distances, by number of neighbours.
    log_tangent : Mixture
        Distribution of −log d from the moments.
    crowding : float
        Squared distance to the eighth neighbour over that of any two points.
    most : int
        Dimension of the space that the points span.
    found : tuple of str
        What was found in the data.

    Returns
    -------
    DimensionEstimate
    """
    log_radial = from_ratios(radial)

    def told(log, status, because, **parts):
        value = min(np.exp(-log.quantile(0.5)), most)
        parts |= {"scales": _table(scales, radial), "found": found}
        return DimensionEstimate(
            float(value), status, because, _log=log, _most=float(most), **parts
        )

    tangent = told(log_tangent, RESOLVED, "moments alone")
    ratios = told(log_radial, RESOLVED, "ratios of distances alone")
    parts = {"tangent": tangent, "radial": ratios}
    if crowding > CROWDED:
        because = (
            f"the squared distance to the eighth neighbour is {crowding:.0%} of that "
            "of any two points: no ball is small, and the interval holds if the set is "
            "flat that far"
        )
        return told(log_tangent, UNRESOLVED, because, **parts)
    if doubt := _no_manifold(scales, log_tangent, log_radial, tangent, ratios):
        because = (
            f"{doubt}: a fractal, sets of several dimensions, or directions of very "
            "different extents; this is a scaling dimension"
        )
        return told(log_radial, FRACTAL, because, **parts)
    because = "second and third moments agree as the balls shrink"
    return told(log_tangent, RESOLVED, because, **parts)


def _no_manifold(scales, log_tangent, log_radial, tangent, ratios):
    """What speaks against a manifold, if anything does."""
    apart, odds = _apart(log_tangent, log_radial), gap_evidence(scales)
    if apart > 0 or (scales.signal < QUIET).any():  # ratios see noise and call it d
        odds += np.sign(apart) * apart**2 / 2
    if odds > ODDS:
        return f"moments tell {tangent:.3g}, ratios of distances {ratios:.3g}"
    if (spread := scales.least_spread()) > SPREAD:
        return f"the dimension differs from place to place by {spread:.0%} of itself"
    return None


def _apart(tangent, radial):
    """How far ratios of distances are below moments, in standard errors."""
    middle = radial.quantile(0.5) - tangent.quantile(0.5)
    widths = [m.quantile(0.84) - m.quantile(0.16) for m in (tangent, radial)]
    return middle / (np.hypot(*widths) / 2)


def _table(scales, radial):
    """The scales as a table, a row for each number of points."""
    frame = pd.DataFrame(
        {
            "radius": np.sqrt(scales.squared),
            "second": np.exp(-scales.y2),
            "error": np.exp(-scales.y2) * np.sqrt(scales.variance),
            "third": np.exp(-scales.y3),
            "spread": scales.spread,
        },
        index=pd.Index(scales.k, name="k"),
    )
    ratios = pd.Series(np.exp(-radial.y), index=radial.k)
    return frame.assign(radial=ratios.reindex(frame.index))
