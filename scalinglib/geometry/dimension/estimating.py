r"""The dimension of data, with an interval that says what the data do not.

In a ball of radius r of a d-dimensional manifold points spread evenly, and their
covariance Σ has d equal eigenvalues, so tr Σ² / (tr Σ)² = 1/d. Curvature adds small
eigenvalues across; they count in second moments at order r², in third moments at order
r⁴ only. Both are measured in balls of 8 (or 12) to 128 points and continued to r → 0.
"""

import numpy as np

from scalinglib._input import finite_rows, generator, number, real_array
from scalinglib.geometry.dimension.balls import Cloud
from scalinglib.geometry.dimension.deviations import from_moments
from scalinglib.geometry.dimension.grain import (
    far_away,
    rounding_steps,
    within_its_span,
    without_copies,
)
from scalinglib.geometry.dimension.judging import judged
from scalinglib.geometry.dimension.scales import (
    measure,
    measure_radial,
    numbers_of_points,
)
from scalinglib.geometry.dimension.series import correlation_time, one_per_passage
from scalinglib.geometry.searching import _check_units, _checked_period

__all__ = ["estimate"]

LEAST = 40  # rows
HEARD = 0.5  # share of a ball's mean square that must not be noise


def estimate(
    X, *, times=None, theiler=None, rounding=None, noise=None, period=None, rng=None
):
    r"""Estimate the intrinsic dimension of data, with an interval that holds.

    Parameters
    ----------
    X : (N, n) array_like
        Points, at least 40 different ones.
    times : (N,) array_like, optional
        When each was measured, for points of a trajectory: neighbours in time tell of
        the path, not of the set.
    theiler : float, optional
        How far apart in time two points must be to tell of the set, in units of
        `times`; by default the time after which the trajectory has forgotten where it
        was.
    rounding : float, optional
        Step to which the values were rounded, 0 for none. By default it is looked for.
    noise : float, optional
        Standard deviation of noise that is known to be in every coordinate.
    period : float, optional
        Period of the coordinates, for data on a torus.
    rng : None, int or numpy.random.Generator
        Draws at most 4000 centres of balls, and parts of the data that tell the noise.

    Returns
    -------
    DimensionEstimate

    Raises
    ------
    ValueError
        If an argument is not one of these, fewer than 40 rows differ, or they differ by
        noise alone.

    Notes
    -----
    First the grain. Copies are dropped, rows far from all others set aside. If all
    columns are rounded alike, to steps q, the variance q² / 12 is taken off. If
    neighbours are nearer than two steps, values are spread evenly over their steps, and
    q² / 6 is taken off.

    Balls of 8, 12, … points, up to 96 or N / 25, but at most 128 and a tenth of all,
    move to where they are full on all sides. From the points inside come unbiased
    traces of powers of their covariance, averaged over balls, and from these

    .. math::

       y_2 = \log \frac{\operatorname{tr} \Sigma^2}{(\operatorname{tr} \Sigma)^2},
       \qquad
       y_3 = \log \frac{(\operatorname{tr} \Sigma^3)^2}{(\operatorname{tr} \Sigma^2)^3}.

    Both are −log d for d equal eigenvalues. Small ones across the tangent space add
    :math:`-2 \sigma_1` to the first, with their share :math:`\sigma_1 \propto r^2` for
    curvature, and only :math:`-3 \sigma_2` of order :math:`r^4` to the second. The
    common limit for r → 0 is found with curvature, unequal extents, edges and noise of
    unknown size, averaged by evidence and a prior against much noise; it is at most
    what the columns span. How much both scatter is told by halves and quarters of the
    data. Points are taken to be drawn independently: grids and other designs are not.

    Checks: the ratios of distances to neighbours, as in `levina_bickel`, are continued
    to r → 0 alike. If y₂ and y₃ disagree there and the ratios tell less than the
    moments, the odds of both together, or if 1/d differs from place to place in small
    balls too, the data are no manifold: a fractal has no tangent space, and a union of
    sets of different dimension has several. Then the value is the scaling dimension
    from ratios. If the eighth neighbour is nearly as far as any point, no ball is small
    and nothing is resolved.

    References
    ----------
    W. Kong, G. Valiant, Ann. Statist. 45, 2218 (2017): traces of powers from rings of
    different points, there of known mean; T. Himeno, T. Yamada, J. Multivariate Anal.
    130, 27 (2014): up to the second power, of unknown mean. A. Little, M. Maggioni,
    L. Rosasco, "Multiscale geometric methods for data sets I" (MIT, 2012): covariance
    in balls of many sizes, where r² and r⁴ tell tangent from curvature. J. Theiler,
    Phys. Rev. A 34, 2427 (1986): the window of time.

    Examples
    --------
    >>> from scalinglib.geometry import cube, embedding
    >>> X = embedding(3, 20, curvature=0.05, rng=0)(cube(3).sample(1000, rng=0))
    >>> d = estimate(X, rng=0)
    >>> d.status, d.covers(3)
    ('resolved', True)
    """
    X, period = finite_rows("X", X, least=LEAST), _checked_period(period)
    _check_units(X)
    rng = generator(rng)
    X, times = _in_order_of_time(X, times, theiler)
    lone = far_away(X)
    X, times = X[~lone], None if times is None else times[~lone]
    X, known, *said = _known_noise(X, rounding, noise, rng)
    rows = without_copies(X, period=period)
    said += [_set_aside(lone.sum()), _dropped(len(X), len(rows))]
    X, times = X[rows], None if times is None else times[rows]
    if period is None:
        n, X = X.shape[1], within_its_span(X)
        said += [_extents(X, n)]
    how, apart = {}, None
    if times is not None:
        how, apart, passages = _by_passages(X, times, theiler, rng)
        said.append(passages)
    cloud, k = Cloud(X, period), numbers_of_points(len(X))
    scales = measure(cloud, k, rng, noise=known, **how).heard(HEARD)
    radial = measure_radial(cloud, k, rng, apart=apart, **how)
    tangent = from_moments(scales, path=times is not None)
    found = tuple(filter(None, said))
    crowding, most = _crowding(cloud, rng), X.shape[1]
    return judged(scales, radial, tangent, crowding, most=most, found=found)


def _crowding(cloud, rng):
    """Median squared distance of eighth neighbours, over that of any two points."""
    N = len(cloud.X)
    some = cloud.X[rng.permutation(N)[:1000]]
    eighth = cloud.nearest(some, 9)[0][:, 8]
    one, other = rng.integers(0, N, (2, 4000))
    gaps = cloud.from_centres(cloud.X[one], other[:, None])
    pairs = np.median((gaps**2).sum(axis=(1, 2)))
    return float(np.median(eighth**2) / max(pairs, np.finfo(float).tiny))


def _in_order_of_time(X, times, theiler):
    """Points and times, sorted by time."""
    if times is None:
        if theiler is not None:
            raise ValueError("theiler needs `times`, when each row was measured")
        return X, None
    times = real_array("times", times).astype(float)
    if times.shape != (len(X),) or not (np.abs(times) < 1e300).all():
        raise ValueError(
            f"times must be {len(X)} finite numbers, one a row, got {times.shape}"
        )
    order = np.argsort(times, kind="stable")
    return X[order], times[order]


def _known_noise(X, rounding, noise, rng):
    """Points, variance and coordinates of their known noise, and what to say of it."""
    extent = np.ptp(X, axis=0).max()
    step, sd = (
        None if value is None else number(name, value, least=0)
        for name, value in {"rounding": rounding, "noise": noise}.items()
    )
    for name, value in {"rounding": step, "noise": sd}.items():
        if value is not None and value > extent > 0:
            raise ValueError(
                f"{name} must be at most the extent of the data, {extent:g}, "
                f"got {value:g}"
            )
    varied, n = np.ptp(X, axis=0) > 0, X.shape[1]
    steps = rounding_steps(X) if step is None else np.where(varied, step, 0.0)
    X, variance, said = _unrounded(X, steps, varied, rng)
    if sd is None:
        return X, (variance, int(varied.sum())), said
    # Noise is in all columns; rounding in those that vary, all or nearly all of them.
    noise_too = f"noise of {sd:g} in each of {n} columns taken off"
    return X, (variance + sd**2, n), said, noise_too


def _unrounded(X, steps, varied, rng):
    """Points, the variance of their rounding where it can be taken off, what to say."""
    if not steps.any():
        return X, 0.0, None
    least, most = steps[steps > 0].min(), steps.max()
    of = f"{least:.6g}" if np.isclose(least, most) else f"{least:.6g} to {most:.6g}"
    said = f"{(steps > 0).sum()} columns rounded to multiples of {of}"
    if (varied & ~(steps > 0)).any() or not np.isclose(least, most, rtol=1e-3):
        return X, 0.0, f"{said}, not taken off, because others are not"
    nearest = Cloud(np.unique(X, axis=0)).nearest(X[:1000], min(2, len(X)))[0][:, -1]
    if np.median(nearest) > 2 * most:
        return X, most**2 / 12, said
    # Coarser than points are apart: within its step each value is anywhere.
    X = X + most * (rng.random(X.shape) - 0.5) * varied
    return X, most**2 / 6, f"{said}, and spread over them"


def _set_aside(count):
    return f"{count} rows set aside, far away from all others" if count else None


def _extents(X, n):
    """What to say of columns that span less, or that have other units."""
    if X.shape[1] < n:
        return f"{n} columns span {X.shape[1]} dimensions"
    spread = X.std(axis=0)
    if spread.max() > 100 * spread.min() > 0:
        times = spread.max() / spread.min()
        return (
            f"extents of columns differ by a factor of {times:.0f}: small ones are not "
            "seen; divide each by its extent if units differ"
        )
    return None


def _dropped(before, after):
    if after < LEAST:
        raise ValueError(
            f"X must hold at least {LEAST} different rows, got {after} of {before}"
        )
    if before > after:
        return f"{before - after} of {before} rows dropped, copies of others"
    return None


def _by_passages(X, times, theiler, rng):
    """How to measure a trajectory: which points count, and which are another's."""
    window = correlation_time(X, times) if theiler is None else theiler
    window = number("theiler", window, least=0)
    N, extent = len(X), times[-1] - times[0]
    if not window < extent / 20:
        raise ValueError(
            f"times must go on for more than 20 times as long as points remember each "
            f"other, {window:g}, got {extent:g}; pass a smaller `theiler` if you know"
        )
    block = max(int(np.ceil(N * window / extent)), 1)

    def apart(starts, index):
        return np.abs(times[index] - times[starts][:, None]) > window

    how = {"pick": one_per_passage(times, window, rng), "block": block}
    return how, apart, f"points less than {window:g} apart in time taken as one passage"
