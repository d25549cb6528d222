"""The least loss of each profile: of parabolas, or of a surface that all share."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

LIMITS = 0.02, 3.0  # of exponents
GRID = 14  # exponents of each kind, from which the search starts
PRIOR = 4.0  # residuals that the other profiles are worth for the scatter of one
ROUNDING = 1e-9  # of the loss: a valley that is less deep is none
FLAT = 1e-12  # a column this near to the others is one of them
SUPPORTS = (0, 1, 2), (0, 1), (0, 2), (1, 2), (0,), (1,), (2,)


@dataclass(frozen=True, eq=False)
class Valleys:
    """Minima of profiles, and how their errors go together.

    Attributes
    ----------
    log_P, loss : (K,) ndarray
        Where the loss is least and how small it is; nan where there is no minimum.
    covariance : (K, K) ndarray
        Of log_P, from the residuals.
    freedom : int
        Residuals less parameters.
    exponents : (2,) ndarray or None
        Of parameters and data, of the surface.
    errors : (2,) ndarray or None
        Their standard errors.
    """

    log_P: np.ndarray
    loss: np.ndarray
    covariance: np.ndarray
    freedom: int
    exponents: np.ndarray = None
    errors: np.ndarray = None


def vertex(u, loss):
    """Vertex of a least-squares parabola, its loss, gradient by the losses, residual.

    Where the parabola opens downward the vertex is nan.
    """
    middle, scale = (u.max() + u.min()) / 2, np.ptp(u) / 2
    rows = np.vander((u - middle) / scale, 3)
    inverse = np.linalg.pinv(rows)
    second, first, constant = inverse @ loss
    residual = loss - rows @ (second, first, constant)
    if not second > ROUNDING * abs(loss).max():
        return np.nan, np.nan, np.zeros(len(u)), residual
    y = -first / (2 * second)
    gradient = -scale * (inverse[1] + 2 * y * inverse[0]) / (2 * second)
    return middle + scale * y, constant + first * y / 2, gradient, residual


def of_parabolas(profiles):
    """Each profile by itself; of the scatter they know of each other."""
    found = [vertex(np.log(p.P), p.loss) for p in profiles]
    log_P, loss, gradients, residuals = zip(*found, strict=True)
    variances = _scatter(profiles, residuals, [len(p) - 3 for p in profiles])
    errors = [s * (g @ g) for s, g in zip(variances, gradients, strict=True)]
    freedom = sum(len(p) - 3 for p in profiles)
    return Valleys(np.array(log_P), np.array(loss), np.diag(errors), freedom)


def of_surface(profiles, flops):
    r"""All with the exponents of :math:`L_0 + a P^{-\alpha_P} + b D^{-\alpha_D}`.

    L_0, a and b, not negative, are each profile's own: for given exponents they are
    linear, and two exponents are searched.
    """
    exponents = _search(profiles)
    heights, residuals = _heights(profiles, *exponents[:, None])
    share = 2 / sum(map(len, profiles))
    freedoms = [len(p) * (1 - share) - 3 for p in profiles]
    variances = _scatter(profiles, residuals, np.maximum(freedoms, 0.5))
    inverse, free = _inverse(profiles, exponents, heights)
    spread = np.repeat(variances, [len(p) for p in profiles])
    weight = np.repeat([1 / np.median(p.loss) for p in profiles], [*map(len, profiles)])
    inverse = inverse * weight  # of residuals that were divided by the loss
    K = len(profiles)
    log_P, loss, gradient = np.empty(K), np.empty(K), np.zeros((K, 2 + 3 * K))
    for k, (profile, height) in enumerate(zip(profiles, heights, strict=True)):
        found = _lowest(profile, flops, exponents, height[0])
        log_P[k], loss[k], gradient[k, :2], gradient[k, 2 + 3 * k : 5 + 3 * k] = found
    by_loss = gradient @ inverse
    covariance = (by_loss * spread) @ by_loss.T
    errors = np.sqrt((inverse[:2] ** 2 * spread).sum(axis=1))
    errors[~free[:2]] = np.inf
    freedom = len(spread) - int(free.sum())
    return Valleys(log_P, loss, covariance, max(freedom, 1), exponents, errors)


def _scatter(profiles, residuals, freedoms):
    """Variance of the residuals of each profile, drawn towards that of the others."""
    level = np.array([np.median(p.loss) for p in profiles]) ** 2
    squares = np.array([r @ r for r in map(np.ravel, residuals)]) / level
    freedoms = np.asarray(freedoms, float)
    common = np.median(squares / freedoms)
    return level * (squares + PRIOR * common) / (freedoms + PRIOR)


def _columns(profile, alpha_P, alpha_D):
    """Columns (G, n, 3): one, and the two powers about the middle of the profile."""
    u, v = np.log(profile.P), np.log(profile.D)
    left = np.exp(-np.multiply.outer(alpha_P, u - u.mean()))
    right = np.exp(-np.multiply.outer(alpha_D, v - v.mean()))
    return np.stack([np.ones_like(left), left, right], axis=-1)


def _heights(profiles, alpha_P, alpha_D):
    """L_0, a and b (G, 3) of each profile for G exponents, and the residuals (G, n)."""
    heights, residuals = [], []
    for profile in profiles:
        rows = _columns(profile, alpha_P, alpha_D)
        best, least = _of_some(rows, profile.loss, SUPPORTS[0])
        # The best that is not negative is a least-squares fit of some of the columns.
        if len(rest := np.flatnonzero(np.isinf(least))):
            tried = [_of_some(rows[rest], profile.loss, some) for some in SUPPORTS[1:]]
            which = np.argmin([misfit for _, misfit in tried], axis=0)
            best[rest] = np.stack([h for h, _ in tried])[which, np.arange(len(rest))]
        heights.append(best)
        residuals.append(profile.loss - (rows @ best[..., None])[..., 0])
    return heights, residuals


def _of_some(rows, loss, columns):
    """Heights of some columns and their misfit; infinite where one is negative."""
    some = rows[..., columns]
    q, r = np.linalg.qr(some)
    short = abs(np.einsum("gii->gi", r)).min(axis=1) < FLAT
    r[short] = np.eye(len(columns))
    found = np.linalg.solve(r, np.swapaxes(q, 1, 2) @ loss[:, None])
    misfit = ((loss - (some @ found)[..., 0]) ** 2).sum(axis=1)
    misfit[short | (found[..., 0] < 0).any(axis=1)] = np.inf
    heights = np.zeros((len(rows), 3))
    heights[:, columns] = found[..., 0]
    return heights, misfit


def _search(profiles):
    """The two exponents of least squares, of losses relative to each profile's."""

    def relative(alpha_P, alpha_D):
        _, residuals = _heights(profiles, alpha_P, alpha_D)
        levels = [np.median(p.loss) for p in profiles]
        return np.concatenate(
            [r / s for r, s in zip(residuals, levels, strict=True)], axis=-1
        )

    def along(logs):
        return relative(*np.exp(logs)[:, None])[0]

    grid = np.geomspace(LIMITS[0] * 1.5, LIMITS[1] / 1.5, GRID)
    nodes = np.stack(np.meshgrid(grid, grid, indexing="ij")).reshape(2, -1)
    start = nodes[:, np.argmin((relative(*nodes) ** 2).sum(axis=1))]
    found = least_squares(
        along, np.log(start), bounds=np.log(LIMITS), xtol=1e-12, ftol=1e-14, gtol=1e-14
    )
    return np.exp(found.x)


def _inverse(profiles, exponents, heights):
    """Changes of exponents and heights by a change of each loss, and which are free."""
    K, n = len(profiles), [len(p) for p in profiles]
    rows, free = np.zeros((sum(n), 2 + 3 * K)), np.ones(2 + 3 * K, bool)
    ends = np.cumsum(n)
    for k, (profile, height) in enumerate(zip(profiles, heights, strict=True)):
        columns = _columns(profile, *exponents[:, None])[0]
        u, v = np.log(profile.P), np.log(profile.D)
        at = slice(ends[k] - n[k], ends[k])
        rows[at, 0] = -height[0, 1] * (u - u.mean()) * columns[:, 1]
        rows[at, 1] = -height[0, 2] * (v - v.mean()) * columns[:, 2]
        rows[at, 2 + 3 * k : 5 + 3 * k] = columns
        rows[at] /= np.median(profile.loss)
        # A floor at zero is as uncertain as any other: without noise it may be above.
        free[3 + 3 * k : 5 + 3 * k] = height[0, 1:] > 0
    edge = np.log(exponents) - np.log(np.array(LIMITS)[:, None])
    free[:2] = (abs(edge) > 1e-3).all(axis=0)
    size = np.linalg.norm(rows, axis=0)
    free &= size > 0
    inverse = np.zeros((len(free), len(rows)))
    inverse[free] = np.linalg.pinv(rows[:, free] / size[free]) / size[free, None]
    return inverse, free


def _lowest(profile, flops, exponents, height):
    """Where the loss of the budget is least, the loss, and the gradients of where."""
    (alpha, beta), (floor, a, b) = exponents, height
    if not (a > 0 and b > 0):
        return np.nan, np.nan, np.zeros(2), np.zeros(3)
    u, v = np.log(profile.P).mean(), np.log(profile.D).mean()
    v = np.log(profile.C / flops) - v  # ln P of this budget at the middle of ln D
    both = alpha + beta
    at = (np.log(alpha * a / (beta * b)) + alpha * u + beta * v) / both
    loss = floor + a * np.exp(-alpha * (at - u)) + b * np.exp(beta * (at - v))
    by_exponents = np.array([1 / alpha + u - at, -1 / beta + v - at]) / both
    return at, loss, by_exponents, np.array([0, 1 / a, -1 / b]) / both
