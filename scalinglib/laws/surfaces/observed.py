"""Runs of several sizes: what a surface is fitted to."""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import above_zero, positive
from scalinglib._labels import labelled
from scalinglib.laws.surfaces.repeats import refuse_two_units

TOGETHER = 0.02  # of a logarithm: sizes that differ by less are one size
DECADES = 60  # between the smallest and the largest number of a column
FARTHEST = 140  # decades from one: products of three sizes are still floats
COMPUTE = "C", "compute", "flop", "flops", "FLOP", "FLOPs"
NAMES = {str, type(None)}  # of what names a size, or none
LEAST = 6  # runs: one more than a surface has parameters


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs, a row each; those of the same sizes are seeds.

    Attributes
    ----------
    P, D, loss : (n,) ndarray
        Parameters, data and loss of each run.
    setting : (n,) ndarray of int
        The same number where P and D are the same.
    unique : (n,) ndarray or None
        How many of the data are different ones; None where that is not known.
    """

    P: np.ndarray
    D: np.ndarray
    loss: np.ndarray
    setting: np.ndarray
    unique: np.ndarray = None

    def __len__(self):
        return len(self.loss)

    def kept(self, which):
        """Some of the runs, by a mask."""
        _, setting = np.unique(self.setting[which], return_inverse=True)
        unique = None if self.unique is None else self.unique[which]
        return Runs(self.P[which], self.D[which], self.loss[which], setting, unique)

    def averaged(self):
        """The mean over the seeds of each setting."""
        _, first = np.unique(self.setting, return_index=True)
        loss = np.bincount(self.setting, self.loss) / np.bincount(self.setting)
        unique = None if self.unique is None else self.unique[first]
        return Runs(self.P[first], self.D[first], loss, np.arange(len(first)), unique)


def runs_of(P, D=None, loss=None, *, C=None, flops=6.0, unique=None):
    """Runs from columns, or from a labelled array, checked.

    Parameters
    ----------
    P : (n,) array_like or DataArray
        Parameters; or all of it, as `scalinglib.laws.reading.read` returns it, with two
        sizes: the first is P, the second D.
    D, loss : (n,) array_like, optional
        Data and losses.
    C : (n,) array_like or str, optional
        Training compute instead of data, D = C/(flops P). Of a labelled array the name
        of the size that is compute.
    flops : float, default 6.0
        Compute for each parameter and example.
    unique : (n,) array_like or str, optional
        Different data among D; of a labelled array the name of that size.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If something is missing or there twice, not finite and positive, lengths differ,
        there are fewer than six runs, or the same runs are there in two units.
    """
    flops = above_zero("flops", flops)
    if labelled(P):
        columns = _labelled(P, D, loss, C, unique)
    else:
        columns = _columns(P, D, loss, C, unique)
    columns = {name: positive(name, column) for name, column in columns.items()}
    _alike(columns)
    if "C" in columns:
        C = columns.pop("C")
        columns["D"] = C / (flops * columns["P"])
    P, D, loss = (columns[name] for name in ("P", "D", "loss"))
    unique = columns.get("unique")
    settings = np.stack([P, D] if unique is None else [P, D, unique])
    _, setting = np.unique(settings, axis=1, return_inverse=True)
    setting = setting.reshape(-1)
    refuse_two_units(loss, setting)
    return Runs(P, D, loss, setting, unique)


def together(values, tolerance=TOGETHER):
    """Numbers of groups of positive values that lie within a tolerance, in logs."""
    return together_in_logs(np.log(values), tolerance)


def together_in_logs(logs, tolerance=TOGETHER):
    """The same for logarithms; a group starts at the smallest that is in none yet."""
    order = np.argsort(logs, kind="stable")
    rising, groups = logs[order], np.empty(len(logs), int)
    start, number = 0, 0
    while start < len(rising):
        end = np.searchsorted(rising, rising[start] + tolerance, "right")
        groups[order[start:end]] = number
        start, number = end, number + 1
    return groups


def _columns(P, D, loss, C, unique):
    if (D is None) == (C is None) or loss is None:
        given = [n for n, c in {"D": D, "loss": loss, "C": C}.items() if c is not None]
        raise ValueError(
            f"P needs loss and one of D and C beside it, got {given or 'none'}; or "
            "pass all of it as one labelled array of two sizes, as laws.read(table, "
            '("N", "D")) returns it'
        )
    second = {"D": D} if C is None else {"C": C}
    third = {} if unique is None else {"unique": unique}
    return {"P": P, **second, "loss": loss, **third}


def _labelled(runs, D, loss, C, unique):
    if D is not None or loss is not None or not {type(C), type(unique)} <= NAMES:
        raise ValueError(
            "P holds labelled runs, sizes and all: leave D and loss out, and name the "
            "size that is compute, if one is, as C='C'"
        )
    runs = runs if "trial" in runs.dims else runs.expand_dims("trial", axis=-1)
    along = [dim for dim in runs.dims if dim != "trial"]
    sizes = [
        name
        for name, coordinate in runs.coords.items()
        if coordinate.dims == tuple(along) and name not in ("run", "error")
        if coordinate.dtype.kind in "iuf" and name != unique
    ]
    if len(along) != 1 or len(sizes) < 2:
        raise ValueError(
            "P, a labelled array, must have one dimension of runs with two sizes as "
            f"coordinates, and perhaps 'trial', got {dict(runs.sizes)} and {sizes}"
        )
    if C is not None and (C not in sizes or sizes[0] == C):
        raise ValueError(f"C must name the second size of the runs, got {C!r}: {sizes}")
    if C is None and sizes[1] in COMPUTE:
        raise ValueError(
            f"P holds runs whose second size is called {sizes[1]!r}: if it is compute, "
            f"say C={sizes[1]!r}, and if it is data, rename it"
        )
    if sizes[0] in ("D", "tokens"):
        raise ValueError(
            f"P holds runs whose first size is called {sizes[0]!r}, and the first is "
            "parameters: read them in the order (parameters, data)"
        )
    if unique is not None and unique not in runs.coords:
        raise ValueError(f"unique must name a size of the runs, got {unique!r}")
    second = C or sizes[1]
    losses = runs.transpose(along[0], "trial").values
    at, trial = np.nonzero(~np.isnan(losses))
    first = runs[sizes[0]].values[at]
    key = "D" if C is None else "C"
    third = {} if unique is None else {"unique": runs[unique].values[at]}
    found = {"P": first, key: runs[second].values[at], "loss": losses[at, trial]}
    return found | third


def _alike(columns):
    """One axis, one length, enough of it, and no wild units."""
    shapes = {name: column.shape for name, column in columns.items()}
    if len({*shapes.values()}) > 1 or len(shapes["P"]) != 1:
        raise ValueError(f"columns must have one axis and one length, got {shapes}")
    if len(columns["P"]) < LEAST:
        raise ValueError(
            f"P must hold at least {LEAST} runs, for a surface has five parameters, "
            f"got {len(columns['P'])}"
        )
    for name, column in columns.items():
        if abs(np.log10(column)).max() > FARTHEST:
            raise ValueError(
                f"{name} must be within {FARTHEST} decades of one, got "
                f"{column.min():.3g} to {column.max():.3g}: change its unit"
            )
        if np.ptp(np.log10(column)) > DECADES:
            raise ValueError(
                f"{name} must span at most {DECADES} decades, got {column.min():.3g} "
                f"to {column.max():.3g}"
            )
