"""Which runs share a budget of compute: profiles, and what is wrong with a run."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from scalinglib._input import rising
from scalinglib.laws.surfaces.observed import together

NEAR = 0.05  # of ln C: runs so near a budget are of it
STANDS_OUT = 2.0  # as many runs as beside it, in windows as wide
SIZES = 5  # distinct ones of a profile: four leave a parabola one residual
TOUGH = 7  # sizes up to which a parabola, beyond a cubic, says which run is off
CHANCE = 1e-3  # that a run of a good profile is left out


@dataclass(frozen=True, eq=False)
class Profile:
    """Runs of one budget.

    Attributes
    ----------
    C : float
        The budget.
    P, D, loss : (n,) ndarray
        Runs, by rising P, without those left out.
    sizes : int
        Distinct ones of P.
    left_out : tuple of float
        P of runs that are off the curve of the others.
    """

    C: float
    P: np.ndarray
    D: np.ndarray
    loss: np.ndarray
    sizes: int
    left_out: tuple

    def __len__(self):
        return len(self.P)


def profiles_of(runs, flops, budgets=None):
    """Profiles of at least five sizes, by rising budget, and how many runs are in none.

    Without budgets, they are where ln C of many runs lies within a tenth, exact or
    not, and far fewer lie beside it.
    """
    logs = np.log(flops) + np.log(runs.P) + np.log(runs.D)
    if budgets is None:
        groups = _clusters(logs, runs.P)
        where = "have one C"
    else:
        centres = np.log(rising("budgets", budgets))
        if (np.diff(centres) <= 2 * NEAR).any():
            raise ValueError(
                f"budgets must be more than {100 * np.expm1(2 * NEAR):.0f} % apart, "
                f"for runs within {100 * NEAR:.0f} % are of them, got {budgets}"
            )
        groups = [(c, np.flatnonzero(abs(logs - c) <= NEAR)) for c in centres]
        where = f"are within {100 * NEAR:.0f} % of one of budgets"
    found = [_profile(c, runs.kept(i)) for c, i in groups if _distinct(runs.P[i])]
    if len(found) < 2:
        raise ValueError(
            f"P must hold at least two profiles of {SIZES} sizes, got {len(found)}: so "
            f"many of its {len(runs)} runs {where}; name budgets=, those of the runs, "
            "or fit a surface to them"
        )
    return found, len(runs) - sum(len(p) + len(p.left_out) for p in found)


def _distinct(P):
    """Whether there are enough sizes."""
    return len(P) and together(P).max() + 1 >= SIZES


def _clusters(logs, P):
    """Budgets and their runs: the fullest window first, as long as it stands out."""
    free, found = np.ones(len(logs), bool), []
    while free.any():
        values = np.sort(logs[free])
        counts = np.searchsorted(values, values + 2 * NEAR, "right")
        counts -= np.arange(len(values))
        first = int(np.argmax(counts))
        centre = float(np.median(values[first : first + counts[first]]))
        inside = free & (abs(logs - centre) <= NEAR)
        if counts[first] < SIZES:
            break
        beside = (abs(logs - centre) <= 3 * NEAR) & (abs(logs - centre) > NEAR)
        stands_out = inside.sum() >= STANDS_OUT * beside.sum() / 2
        if stands_out and _distinct(P[inside]):
            found.append((centre, np.flatnonzero(inside)))
        free &= ~inside
    return sorted(found, key=lambda group: group[0])


def _profile(centre, runs):
    """Runs of a budget by their size, without those off the curve of the others."""
    runs = runs.averaged()
    order = np.lexsort((runs.D, runs.P))
    P, D, loss = runs.P[order], runs.D[order], runs.loss[order]
    keep = np.ones(len(P), bool)
    while (worst := _off(np.log(P[keep]), loss[keep])) is not None:
        trial = keep.copy()
        trial[np.flatnonzero(keep)[worst]] = False
        if not _distinct(P[trial]):
            break
        keep = trial
    sizes = int(together(P[keep]).max()) + 1
    left_out = tuple(float(p) for p in P[~keep])
    return Profile(float(np.exp(centre)), P[keep], D[keep], loss[keep], sizes, left_out)


def _off(u, loss):
    """The run that is farthest off a smooth curve of the others, beyond chance."""
    degree = 2 if together(np.exp(u)).max() < TOUGH else 3
    n, freedom = len(u), len(u) - degree - 2
    if freedom < 1:
        return None
    y = 2 * (u - u.min()) / np.ptp(u) - 1
    q, _ = np.linalg.qr(np.vander(y, degree + 1))
    residual = loss - q @ (q.T @ loss)
    room = np.maximum(1 - (q**2).sum(axis=1), 1e-12)
    # Residuals of fits without the run, in errors that these fits tell.
    rest = np.maximum((residual @ residual - residual**2 / room) / freedom, 0.0)
    rest = np.maximum(rest, (1e-9 * loss.max()) ** 2)
    t = abs(residual) / np.sqrt(rest * room)
    worst = int(np.argmax(t))
    # stdtr is the lower tail: both tails, and as many tries as there are runs.
    return worst if 2 * n * stdtr(freedom, -t[worst]) < CHANCE else None
