"""An exponent from each octave of a spectrum, with the noise that they share."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from scalinglib.spectra.by_scale.bands import (
    APART,
    FIRST,
    band,
    fall,
    log_count,
    modes_above,
)
from scalinglib.spectra.by_scale.resolving import resolved

__all__ = ["NUISANCES", "Windows", "windows"]

UNKNOWN = 0.5  # error of an exponent over it, beyond which it tells nothing
# Of the points, that may be learned in full: more where features may be of a few
# coordinates, and the closest pairs rule what is small.
SHARE, OF_KERNEL = 1 / 8, 1 / 16
NUISANCES = ("head", "late", "beyond", "floor", "longer")
STEPS = {"head": 1e-3, "floor": 1e-4, "longer": 1e-4}


@dataclass(frozen=True, eq=False)
class Windows:
    """Exponents of M octaves next to each other, from coarse to fine.

    Attributes
    ----------
    a : (M,) ndarray
        Exponents.
    covariance : (M, M) ndarray
        Of their noise.
    n : (M, 2) ndarray
        Modes above the coarser and above the finer end.
    kappa : (M,) ndarray
        Resolution at the finer end, in units of the largest eigenvalue of K / N.
    responses : (5, M) ndarray
        What `NUISANCES` of size one would add to the exponents: modes too many at the
        head; a law that sets in late, as n to the power -1/2; modes too many far
        beyond, over the count at the finest scale; a floor under the eigenvalues, in
        units of the finest resolution; and an end that comes later, in log P.
    """

    a: np.ndarray
    covariance: np.ndarray
    n: np.ndarray
    kappa: np.ndarray
    responses: np.ndarray

    def __len__(self):
        return len(self.a)


def windows(rows, *, within=None):
    """Octaves of the scales that a sample resolves, and the exponent in each.

    Parameters
    ----------
    rows : Rows
        A sample.
    within : (2,) ndarray, optional
        First and last mode to look at.

    Returns
    -------
    Windows or None
        None if there is no octave of scales at which counts grow as for a power law.

    Notes
    -----
    Scales go from four modes above κ to where an eighth of the points would be learned
    in full, Σ L² = N / 8, a sixteenth for a kernel; or to where the features end, and
    the count grows half as fast as in the middle. A window is about an octave of it.
    """
    middles, to_ridge = _octaves(rows, within)
    if middles is None:
        return None
    M = len(middles) - 1
    at = resolved(rows, to_ridge(middles[:, None] + APART).ravel())
    z, T = at.z.reshape(M + 1, 4), at.T.reshape(M + 1, 4)
    log_G, log_T = np.log(band(z, T)), np.log(T).mean(axis=1)
    z_i, T_i = (x.reshape(-1, M + 1, 4) for x in (at.z_without, at.T_without))
    with np.errstate(invalid="ignore", divide="ignore"):
        dG = np.log(band(z_i, T_i)) - log_G  # (n, M + 1)
        dT = np.log(T_i).mean(axis=2) - log_T
    a, tops, slopes = _falls(log_G, T, rows.columns)
    influence = (
        slopes[0] * dG[:, :-1] + slopes[1] * dG[:, 1:] + slopes[2] * np.diff(dT, axis=1)
    )
    influence = influence - influence.mean(axis=0)
    covariance = (rows.D - 1) * influence.T @ influence / len(influence)
    n = np.exp(np.stack([tops, tops + np.diff(log_T)], axis=1) / a[:, None])
    error = np.sqrt(np.diagonal(covariance))
    # A stretch without gaps in which every octave tells something.
    some = _longest(error < a * UNKNOWN)
    if some.start == some.stop:
        return None
    ends = slice(some.start, some.stop + 1)
    a, n, slopes = a[some], n[some], slopes[:, some]
    return Windows(
        a,
        covariance[some, some],
        n,
        rows.D * np.exp(-log_T[ends][1:]),
        _responses(a, n, T[ends], log_G[ends], rows.columns, slopes),
    )


def _octaves(rows, within):
    """Logarithms of T at the ends of windows, and ridges as a function of log T."""
    low = max(rows.lam[-1] / 20, rows.rounding)
    grid = np.geomspace(2.0, low, int(4 * np.log(2 / low)) + 8)
    at = resolved(rows, grid, without=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_T = np.log(at.T)
    # Below rounding, and without a ridge if features are more than points, T stands.
    good = np.cumprod(np.r_[True, np.diff(log_T) > 1e-6]).astype(bool)
    good &= log_T < np.log(rows.D / (10 * rows.rounding))
    log_T, z, grid = log_T[good], at.z[good], grid[good]
    if len(log_T) < 8:
        return None, None
    z_at, ridge_at = CubicSpline(log_T, z), CubicSpline(log_T, np.log(grid))
    learned = CubicSpline(log_T, z - z_at(log_T, 1))  # Σ L²
    middle = np.linspace(log_T[0] - APART[0], log_T[-1] - APART[-1], 200)
    near = middle[:, None] + APART
    with np.errstate(invalid="ignore", divide="ignore"):
        log_G = np.log(band(z_at(near), np.exp(near)))
    slope = np.gradient(log_G, middle)
    share = OF_KERNEL if np.isinf(rows.columns) else SHARE
    use = np.isfinite(slope) & (slope > 0) & (learned(middle) <= share * rows.D)
    exponent = 1 / np.clip(slope, 0.05, 1.6)
    n, (least, most) = modes_above(np.exp(log_G), exponent), (FIRST, np.inf)
    if within is not None:
        least, most = within
    use &= (n >= least) & (n <= most)
    if not use.any():
        return None, None
    use &= slope > np.median(slope[use]) / 2
    run = _longest(use)
    log_G, middle = log_G[run], middle[run]
    octaves = round((log_G[-1] - log_G[0]) / np.log(2))
    if octaves < 1:
        return None, None
    ends = np.linspace(log_G[0], log_G[-1], octaves + 1)
    return np.interp(ends, log_G, middle), lambda log_T: np.exp(ridge_at(log_T))


def _falls(log_G, T, columns):
    """Exponents, heights, and how the exponents move with what they are read from."""
    M, h = len(log_G) - 1, 1e-4
    a, tops, slopes = np.empty(M), np.empty(M), np.empty((3, M))
    for w in range(M):
        G, at = log_G[w : w + 2], T[w : w + 2]
        a[w], tops[w] = fall(G, at, columns)
        moved = (
            fall(G + np.array([h, 0]), at, columns),
            fall(G + np.array([0, h]), at, columns),
            fall(G, at * np.exp([[0], [h]]), columns),
        )
        slopes[:, w] = [(new - a[w]) / h for new, _ in moved]
    return a, tops, slopes


def _responses(a, n, T, log_G, columns, slopes):
    """How nuisances of size one would change the exponents."""
    log_T = np.log(T).mean(axis=1)
    own, typical = T / np.exp(log_T)[:, None], np.median(a)
    tops = typical * np.log(np.r_[n[:, 0], n[-1, 1]])
    changes = {name: np.zeros(len(tops)) for name in NUISANCES}
    for name, h in STEPS.items():
        if name != "head" and np.isinf(columns):
            continue  # an endless spectrum ends nowhere, and stands on nothing
        scale = log_T - log_T[-1] if name == "floor" else np.zeros(len(tops))
        changes[name] = [
            log_count(typical, top, t, columns, **{name: s})
            - log_count(typical, top, t, columns)
            for top, t, s in zip(tops, own, h * np.exp(scale), strict=True)
        ] / np.float64(h)
    # Modes far below a scale that are too many: each counts (λT)².
    changes["beyond"] = np.exp(2 * (log_T - log_T[-1]) + log_G[-1] - log_G)
    out = [
        slopes[0] * np.array(change)[:-1] + slopes[1] * np.array(change)[1:]
        for change in changes.values()
    ]
    out[NUISANCES.index("late")] = a * np.sqrt(n[0, 0] / n[:, 0])
    return np.array(out)


def _longest(use):
    """The longest stretch of true ones, a slice."""
    runs = np.flatnonzero(np.diff(np.r_[0, use, 0])).reshape(-1, 2)
    first, last = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return slice(first, last)
