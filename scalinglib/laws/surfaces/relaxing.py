r"""Lower bounds of the Huber objective of a surface on cells of its exponents.

The inequalities are proved in the notes of
`scalinglib.laws.surfaces.certificate.certify`. Objectives are divided by delta here.
"""

from dataclasses import dataclass

import numpy as np

LEVELS = 64, 16, 4, 2, 1  # widths of the quadratic part, in units of delta
STEPS, LAST = 6, 40  # of Newton's method on each level, and on the last
HALVINGS = 50  # until a knot is known to rounding
AXES = (0, 1), (1, 3)  # of exponents, and where the two columns of each begin


@dataclass(frozen=True, eq=False)
class Problem:
    """Runs as the bounds see them.

    Attributes
    ----------
    logs : (2, n) ndarray
        Centred logarithms of parameters and data.
    loss : (n,) ndarray
        Losses.
    delta : float
        Where the Huber loss turns linear, at most 1.
    ceilings : (n,) ndarray
        Above 1; what fitted over measured loss is known not to exceed.
    rounding : float
        Relative error that a sum over the runs may have.
    """

    logs: np.ndarray
    loss: np.ndarray
    delta: float
    ceilings: np.ndarray
    rounding: float


def knots(width, ceilings):
    """Logarithms where the chords to the ceilings begin, which they touch there."""
    ends = np.log(ceilings)
    low, high = np.zeros_like(ends), np.minimum(width, ends)
    for _ in range(HALVINGS):
        t = (low + high) / 2
        tangent = t**2 / 2 + t * (ceilings * np.exp(-t) - 1)
        short = tangent < width * (ends - width / 2)
        low, high = np.where(short, t, low), np.where(short, high, t)
    return np.where(width >= ends, ends, low)


def convexified(u, width, ceilings, at):
    """A convex function below the Huber loss of log u: value, slope, curvature.

    Beyond the ceiling, where no u lies, it goes on as a steep parabola.
    """
    t, inverse, begin = np.log(u), 1 / u, np.exp(at)
    low, chord = t < -width, t > at
    rise = at / width / begin
    on_chord = at**2 / (2 * width) + rise * (u - begin)
    value = np.where(low, -t - width / 2, np.where(chord, on_chord, t * t / 2 / width))
    slope = np.where(low, -inverse, np.where(chord, rise, t * inverse / width))
    inner = np.where(chord, 0.0, (1 - t) * inverse**2 / width)
    curvature = np.where(low, inverse**2, inner)
    beyond = np.maximum(u - ceilings, 0)
    value += beyond**2 / (2 * width)
    return value, slope + beyond / width, curvature + (beyond > 0) / width


def columns(problem, cells):
    """Five columns (m, 5, n): the floor, and both terms at both ends of their cells.

    In units in which a coefficient above 1 would pass a ceiling.
    """
    flat = (problem.loss.min() / problem.loss)[None, None]
    parts = [flat / (flat / problem.ceilings).max()]
    parts[0] = np.broadcast_to(parts[0], (len(cells), 1, len(problem.loss)))
    for axis, _ in AXES:
        ends = np.exp(-cells[:, axis, :, None] * problem.logs[axis]) / problem.loss
        least = (ends.min(axis=1) / problem.ceilings).max(axis=1)
        parts.append(ends / least[:, None, None])
    return np.concatenate(parts, axis=1)


def certain(problem, cells, Z, u, value, slope, pull):
    """What the tangents at u prove, the slopes of columns, and what curvature costs."""
    weights = slope - pull
    along = np.einsum("mjn,mn->mj", Z, weights)
    bound = (value - slope * u).sum(axis=1) + np.minimum(along[:, 0], 0)
    cost = np.zeros_like(along)
    for axis, first in AXES:
        ends = Z[:, first : first + 2]
        largest = np.where(weights > 0, ends.max(axis=1), ends.min(axis=1))
        bent = (weights * largest) @ problem.logs[axis] ** 2
        side = np.ptp(cells[:, axis], axis=1)
        sag = np.maximum(bent, 0) * side**2 / 8
        cost[:, first : first + 2] = sag[:, None]
        least = along[:, first : first + 2].min(axis=1) - sag
        bound += np.minimum(least, 0)
    largest = (Z / problem.ceilings).max(axis=2).sum(axis=1)
    terms = (abs(value) + abs(slope) * u).sum(axis=1)
    terms += largest * (abs(weights) @ problem.ceilings)
    return bound - problem.rounding * terms, along, cost


def lower_bounds(problem, cells, *, enough, hopeless=-np.inf, gap, pull=None):
    """Lower bounds on cells of the objective over delta, less a pull on its ratios.

    Parameters
    ----------
    problem : Problem
    cells : (m, 2, 2) ndarray
        Lower and upper ends of both exponents.
    enough : float or (m,) ndarray
        A cell is left alone once its bound is as high.
    hopeless : float or (m,) ndarray
        And once what the bound tends to is lower.
    gap : float
        Between the bound and what it tends to, about.
    pull : (m, n) ndarray, optional
        Coefficients of fitted over measured loss that are subtracted.

    Returns
    -------
    (m,) ndarray
    """
    m, n = len(cells), len(problem.loss)
    pull = np.zeros((m, n)) if pull is None else pull
    enough, hopeless = np.broadcast_to(enough, m), np.broadcast_to(hopeless, m)
    Z, x = columns(problem, cells), np.full((m, 5), 0.2)
    best, barrier = np.full(m, -np.inf), gap / 5
    todo = np.arange(m)
    for level in LEVELS:
        width = min(level * problem.delta, 1.0)
        shape = width, problem.ceilings, knots(width, problem.ceilings)
        for _ in range(LAST if level == 1 else STEPS):
            Zs, xs, pulls = Z[todo], x[todo], pull[todo]
            u = _combined(Zs, xs)
            value, slope, curvature = convexified(u, *shape)
            bound, along, cost = certain(
                problem, cells[todo], Zs, u, value, slope, pulls
            )
            best[todo] = np.maximum(best[todo], bound)
            tends = value.sum(axis=1) - (pulls * u).sum(axis=1) - (cost * xs).sum(1)
            done = best[todo] >= enough[todo]
            if level == 1:
                done |= (tends < hopeless[todo]) | (tends - best[todo] < 2 * gap)
            left = ~done
            todo = todo[left]
            if not len(todo):
                return best
            linear = cost[left], pulls[left], barrier
            x[todo] = _newton(
                (Zs[left], xs[left], curvature[left], along[left]), linear, shape
            )
    return best


def _combined(Z, x):
    return np.einsum("mjn,mj->mn", Z, x)


def _newton(state, linear, shape):
    """One step of Newton's method with a logarithmic barrier, halved until it helps."""
    Z, x, curvature, along = state
    cost, _, barrier = linear
    gradient = along - cost - barrier / x
    hessian = (Z * curvature[:, None]) @ Z.transpose(0, 2, 1)
    diagonal = np.einsum("mjj->mj", hessian) * 1e-9 + barrier / x**2
    hessian += diagonal[:, :, None] * np.eye(5)
    step = -np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
    shrinks = step < 0
    room = np.where(shrinks, -0.9 * x / np.where(shrinks, step, -1), np.inf)
    length = np.minimum(1, room.min(axis=1))
    promised = (gradient * step).sum(axis=1)
    start = _merit(Z, x, linear, shape)
    new, todo = x.copy(), np.arange(len(x))
    for _ in range(8):
        trial = x[todo] + length[todo, None] * step[todo]
        some = cost[todo], linear[1][todo], barrier
        reached = _merit(Z[todo], trial, some, shape)
        good = reached <= start[todo] + 0.1 * length[todo] * promised[todo]
        new[todo[good]] = trial[good]
        todo = todo[~good]
        if not len(todo):
            break
        length[todo] *= 0.35
    return new


def _merit(Z, x, linear, shape):
    """What a step must lower."""
    cost, pull, barrier = linear
    u = _combined(Z, x)
    value = convexified(u, *shape)[0].sum(axis=1) - (pull * u).sum(axis=1)
    return value - (cost * x).sum(axis=1) - barrier * np.log(x).sum(axis=1)
