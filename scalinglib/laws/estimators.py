"""The estimators: curves (B, n) in, rows (log A, alpha, L_inf) out, (B, 3)."""

import numpy as np
from scipy.optimize import elementwise

from scalinglib.laws.curves import enough


def _fitter(x, loss, offset):
    """The estimator that `offset` asks for, once the data are known to allow it."""
    if offset is None:
        enough(x, 3)
    if offset == 0:
        return lambda curves: _fit_line(x, curves)
    mean = loss.mean(axis=1)
    slope = _fit_line(x, mean[None])[0, 1]
    if not slope * np.log(x[-1]) > 1e-12:  # less is rounding
        raise ValueError(
            "with an offset the loss must fall with x; over the range of x this one "
            f"changes by a factor of {np.exp(-slope * np.log(x[-1])):.3g}"
        )
    return lambda curves: _fit_excess(x, curves, offset, lowest=slope / 4)


def _fit_line(x, curves):
    """Least squares of log L on log x: no offset."""
    u, v = np.log(x), np.log(curves)
    du = u - u.mean()
    slope = v @ du / (du @ du)
    log_amplitude = v.mean(axis=1) - slope * u.mean()
    return np.stack([log_amplitude, -slope, np.zeros(len(curves))], axis=1)


def _fit_excess(x, curves, offset, lowest):
    """Minimise the projected misfit over alpha: on a grid, then in a bracket."""
    t = np.log(x)
    # Above `highest` only the first point feels the power law: a spike on a constant.
    highest = max(36 / t[1], 2 * lowest)
    grid = np.geomspace(lowest, highest, 64)
    weight = (curves.min(axis=1, keepdims=True) / curves) ** 2
    weight /= weight.sum(axis=1, keepdims=True)

    def misfit(log_alpha, b):
        return _project(np.exp(log_alpha), t, curves[b], weight[b], offset)[2]

    best = _best_on_grid(grid, t, curves, weight, offset)
    centre = np.clip(best, 1, len(grid) - 2)
    found = elementwise.find_minimum(
        misfit,
        tuple(np.log(grid[centre + step]) for step in (-1, 0, 1)),
        args=(np.arange(len(curves)),),
        tolerances={"xatol": 1e-8},  # nearer to a minimum all values are rounding
    )
    alpha = np.where(best == centre, np.exp(found.x), grid[best])
    amplitude, floor, _ = _project(alpha, t, curves, weight, offset)

    falls = amplitude > 0
    log_amplitude = np.log(np.where(falls, amplitude, 1.0))
    alpha = np.where(falls & (best < len(grid) - 1), alpha, np.inf)
    rows = np.stack([log_amplitude, alpha, floor], axis=1)
    if offset is not None:
        return rows
    # Where no floor helps, the answer is that of offset=0.
    return np.where((falls & (floor > 0))[:, None], rows, _fit_line(x, curves))


def _best_on_grid(grid, t, curves, weight, offset):
    """Index of the least misfit of each curve, by matrix products where these tell."""
    misfits, sure = _misfits(grid, t, curves, weight, offset)
    best = misfits.argmin(axis=1)
    sure &= np.exp(-grid[best] * t[1]) > 1e-6  # beyond, all misfits are nearly equal
    if not sure.all():
        rest = curves[~sure], weight[~sure], offset
        one_by_one = [_project(np.array([a]), t, *rest)[2] for a in grid]
        best[~sure] = np.argmin(one_by_one, axis=0)
    return best


def _misfits(grid, t, curves, weight, offset):
    """Misfits of all curves and exponents (B, G), and where rounding spoils none.

    The third of `_project`, up to a factor of each curve, by sums of products. They are
    taken about the point with the greatest weight, or too much would cancel.
    """
    ref = int(weight.sum(axis=0).argmax())
    alpha, gap = grid[:, None], t - t[ref]
    # exp(-alpha t) less its value at that point, without a difference.
    power = -np.sign(gap) * np.exp(-alpha * np.minimum(t, t[ref]))
    power *= -np.expm1(-alpha * abs(gap))
    there, loss = np.exp(-grid * t[ref]), curves - curves[:, [ref]]
    p, pp = weight @ power.T, weight @ (power**2).T
    c, cc = ((weight * part).sum(axis=1, keepdims=True) for part in (loss, loss**2))
    pc = (weight * loss) @ power.T
    # A law on a known floor, or on none.
    level = curves[:, [ref]] - (offset or 0.0)
    pp_bare = pp + 2 * there * p + there**2
    pc_bare = pc + level * p + there * (c + level)
    cc_bare = cc + 2 * level * c + level**2
    misfit = cc_bare - np.maximum(pc_bare, 0.0) ** 2 / pp_bare
    sure = np.ones(len(curves), bool)
    if offset is None:
        variance, covariance = pp - p**2, pc - p * c
        sure = (variance > 1e-6 * pp).all(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            amplitude = np.maximum(covariance, 0.0) / variance
            level, fall = level + c, amplitude * (there + p)
            sure &= (abs(level - fall) > 1e-9 * (abs(level) + fall)).all(axis=1)
            fitted = cc - c**2 - amplitude * covariance
        misfit = np.where(level > fall, fitted, misfit)
    return misfit, sure & (misfit.min(axis=1) > 1e-9 * cc_bare[:, 0])


def _project(alpha, t, curves, weight, offset):
    """Best amplitude >= 0, the floor >= 0, and the misfit they leave.

    The misfit is the sum of squared relative errors, sum_i (1 - L(x_i)/L_i)^2. For
    a given exponent it is quadratic in the other two: a regression on `power`, with
    `weight` proportional to L_i^-2. One exponent for each curve, or one for all.
    """
    power = np.exp(-alpha[:, None] * t)

    def mean(values):
        return np.einsum("bi,bi->b", weight, np.broadcast_to(values, weight.shape))

    if offset is None:
        centre = mean(power)
        dp = power - centre[:, None]
        amplitude = np.maximum(mean(dp * curves) / mean(dp**2), 0.0)
        floor = mean(curves) - amplitude * centre
        if (none := floor <= 0).any():
            bare = mean(power * curves) / mean(power**2)
            amplitude = np.where(none, bare, amplitude)
            floor = np.maximum(floor, 0.0)
    else:
        amplitude = mean(power * (curves - offset)) / mean(power**2)
        amplitude = np.maximum(amplitude, 0.0)
        floor = np.full(len(curves), offset)
    model = floor[:, None] + amplitude[:, None] * power
    return amplitude, floor, ((1 - model / curves) ** 2).sum(axis=1)


def _law(x, log_amplitude, exponent, offset):
    """L_inf + A x^-alpha, in logarithms so that no factor overflows on its own."""
    return offset + np.exp(log_amplitude - exponent * np.log(x))
