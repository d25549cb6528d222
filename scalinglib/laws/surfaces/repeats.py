"""Whether runs of the same sizes are seeds, or the same runs in another unit."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MOST = 0.8  # of repeated settings: so many that agree are no chance
LEAST, FEW = 3, 6  # settings that can tell; and so few that only a constant ratio does
NEAR, EACH = 0.25, 0.012  # a ratio like its neighbours', stricter for each one less
BESIDE = 2  # neighbours on each side
APART = 3.0  # a gap in the middle so many times as wide as others, of several runs


def refuse_two_units(loss, setting):
    """Refuse runs that are there twice, in two units.

    A table may list a loss and its exponential, bits and nats, training and test loss
    in one column. Of each repeated setting, the smaller and the larger half of the
    losses are set against each other. Two units are one smooth function of each
    other: their ratio is much like that of the neighbours in loss. That of seeds is
    what chance makes it.

    Parameters
    ----------
    loss : (n,) ndarray
    setting : (n,) ndarray of int
        The same number where the sizes are the same.

    Raises
    ------
    ValueError
        If four fifths of the repeated settings are one smooth function of each other.
    """
    low, high, rows = _halves(loss, setting)
    if len(low) < LEAST:
        return
    order = np.argsort(low)
    ratio = np.log(high / low)[order]
    wide = sliding_window_view(np.pad(ratio, BESIDE, "reflect"), 2 * BESIDE + 1)
    usual = np.median(wide, axis=1)
    near = EACH * (len(ratio) if len(ratio) >= FEW else 1)
    alike = abs(ratio - usual) < min(NEAR, near) * usual
    if alike.mean() >= MOST:
        raise ValueError(
            f"loss must be in one unit: {len(low)} settings of P and D are there "
            f"twice, and the larger loss is one rising function of the smaller, as "
            f"{low[order][0]:.4g} → {high[order][0]:.4g} and {low[order][-1]:.4g} → "
            f"{high[order][-1]:.4g} (first in row {rows[order][0]}); a loss and its "
            "exponential, or two test sets? Keep one of them"
        )


def _halves(loss, setting):
    """Lower and upper losses of repeated settings, and where each begins.

    Of more than two runs, settings count whose halves are well apart.
    """
    low, high, rows, repeated = [], [], [], 0
    for number in np.flatnonzero(np.bincount(setting) > 1):
        where = np.flatnonzero(setting == number)
        values = np.sort(loss[where])
        if values[0] == values[-1]:
            continue  # a row that is there twice
        repeated += 1
        half = len(values) // 2
        gaps = np.diff(np.log(values))
        others = np.delete(gaps, half - 1)
        if len(values) % 2 or (others.size and gaps[half - 1] < APART * others.max()):
            continue
        low.append(values[:half].mean())
        high.append(values[half:].mean())
        rows.append(where[0])
    if len(low) < MOST * repeated:
        low = []
    return np.array(low), np.array(high), np.array(rows)
