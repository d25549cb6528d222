"""Cells of two exponents: the first ones, their quarters, and what is left of them."""

import numpy as np

from scalinglib.laws.surfaces.relaxing import lower_bounds

SIDE = 0.125  # of the first cells
BATCH = 256  # cells at a time
PULLS = 1.0, 4.0  # on a ratio, to bound it
LEAST = 1 + 1e-6  # a ceiling may be no lower


def grid(ends):
    """The first cells, and what is known of them: nothing."""
    parts = [
        np.linspace(low, up, 1 + int(np.ceil((up - low) / SIDE))) for low, up in ends
    ]
    cells = np.array(
        [
            ((a, b), (c, d))
            for a, b in zip(parts[0], parts[0][1:], strict=False)
            for c, d in zip(parts[1], parts[1][1:], strict=False)
        ]
    )
    return cells, np.zeros(len(cells))


def quarters(cells):
    """Each cell cut in four."""
    middle = cells.mean(axis=2)
    parts = []
    for first in (0, 1):
        for second in (0, 1):
            part = cells.copy()
            part[:, 0, 1 - first] = middle[:, 0]
            part[:, 1, 1 - second] = middle[:, 1]
            parts.append(part)
    return np.concatenate(parts)


def swept(problem, cells, known, side, high, gap, most):
    """Cells of at most this side that may hold the objective, bounds, how many seen."""
    kept, bounds, seen = [cells[:0]], [known[:0]], 0
    while len(cells):
        now, cells = cells[:BATCH], cells[BATCH:]
        bound, known = known[:BATCH], known[BATCH:]
        large = np.ptp(now, axis=2).max(axis=1) > side * (1 + 1e-9)
        if seen < most:
            seen += len(now)
            hopeless = np.where(large, high, -np.inf)
            found = lower_bounds(problem, now, enough=high, hopeless=hopeless, gap=gap)
            bound = np.maximum(bound, found)
        else:
            large[:] = False
        alive = bound <= high
        kept.append(now[alive & ~large])
        bounds.append(bound[alive & ~large])
        cells = np.concatenate([cells, quarters(now[alive & large])])
        known = np.concatenate([known, np.tile(bound[alive & large], 4)])
    return np.concatenate(kept), np.concatenate(bounds), seen


def lowered(problem, cells, high, gap):
    """Ceilings that hold wherever the objective is at most the one found."""
    n = len(problem.loss)
    ceilings = np.full(n, LEAST)
    for cell in cells:
        # Of this cell; runs count that may raise what the other cells allow.
        allowed = problem.ceilings.copy()
        for pull in PULLS:
            left = np.flatnonzero(allowed > ceilings)
            for k in np.split(left, range(BATCH, len(left), BATCH)):
                bound = lower_bounds(
                    problem,
                    np.repeat(cell[None], len(k), axis=0),
                    enough=high - pull * ceilings[k],
                    gap=gap,
                    pull=pull * (k[:, None] == np.arange(n)),
                )
                ratio = (high - bound) / pull * (1 + 1e-9)
                allowed[k] = np.minimum(allowed[k], ratio)
        ceilings = np.maximum(ceilings, allowed)
    return np.minimum(problem.ceilings, ceilings)
