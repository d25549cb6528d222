"""Forecasts that measured curves allow: what was seen, and what came later."""

from dataclasses import dataclass

import numpy as np

from scalinglib.laws.points import points_of

#: Log ratios of sizes.
HORIZONS = np.log([2.0, 4.0, 8.0, 16.0])


@dataclass(frozen=True, eq=False)
class Example:
    """The first sizes of a curve, and what was measured later.

    Attributes
    ----------
    group : object
        The data set: curves of one go into one fold.
    kind : str
        ``"trials"``, ``"thinned"`` (every second to fourth size) or ``"single"`` (one
        run a size).
    u, y : ndarray, shape (n,)
        Log sizes and log mean losses.
    error : ndarray, shape (n,), or None
    ahead, truth : float
        Log ratio of the target's size to the last one, and its log loss.
    horizon : int
        Of `HORIZONS`, the one that this was chosen for.
    largest : bool
        Whether the target is the largest size of the curve.
    """

    group: object
    kind: str
    u: np.ndarray
    y: np.ndarray
    error: object
    ahead: float
    truth: float
    horizon: int
    largest: bool


def examples_of(curves, seed=0):
    """Forecasts that curves allow, of three kinds.

    Parameters
    ----------
    curves : iterable of (group, x, loss)
        Sizes (n,) and losses (n, trials), nan where a trial is missing.
    seed : int, default 0
        Which sizes are left out where curves are thinned.

    Yields
    ------
    Example
    """
    rng = np.random.default_rng(seed)
    for group, x, loss in curves:
        n = len(x)
        yield from _of_curve(group, "trials", x, loss, 2)
        step = rng.choice([2, 3, 4])
        few = np.arange((n - 1) % step, n, step)
        few = few[rng.choice([0, 0, 2]) :] if len(few) > 7 else few
        yield from _of_curve(group, "thinned", x[few], loss[few], 1)
        if rng.random() < 0.5:
            few = np.arange(rng.choice([0, 4]), n)
        single = loss[few][:, :1]
        if (single > 0).all():
            step = 1 if len(few) < 10 else 2
            yield from _of_curve(group, "single", x[few], single, step)


def _of_curve(group, kind, x, loss, step):
    """Forecasts from every so many sizes, and all those of the largest size."""
    whole = points_of((x, loss))
    u, y = np.log(whole.x), np.log(whole.mean)
    wanted = {n: [] for n in range(3, len(u), step)}
    for h, horizon in enumerate(HORIZONS):
        for n, targets in wanted.items():
            later = np.flatnonzero(u >= u[n - 1] + horizon - 0.05)
            if len(later) and u[later[0]] < u[n - 1] + horizon + 0.45:
                targets.append((h, later[0], False))
        n = int((u <= u[-1] - horizon + 1e-9).sum())
        if n >= 3:
            wanted.setdefault(n, []).append((h, len(u) - 1, True))
    for n, targets in wanted.items():
        if not targets:
            continue
        seen = points_of((x[:n], loss[:n]))
        error = seen.error if seen.freedom else None
        for h, target, largest in targets:
            yield Example(
                group, kind, u[:n], np.log(seen.mean), error,
                u[target] - u[n - 1], y[target], h, largest,
            )  # fmt: skip


def folds(groups, count=5, seed=0):
    """The fold of each example: examples of one group in one."""
    names = np.unique(groups)
    places = np.random.default_rng(seed).permutation(len(names)) % count
    return places[np.searchsorted(names, groups)]
