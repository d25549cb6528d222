"""What fits to the runs of small budgets would have said of the larger ones."""

import numpy as np

from scalinglib._input import positive

SHARES = 0.35, 0.11  # of the largest budget: what lies beyond half a decade, and one
RESAMPLES = 100
LEVEL, NORMAL = 0.95, 1.96  # of an interval, and its half width in standard errors
LEAST = 0.002  # of a loss: to be off by less is no failure


def looked_back(surface, shares):
    """Fits to the runs of small budgets, and how they forecast the others: a table."""
    import pandas as pd

    shares = np.atleast_1d(positive("shares", shares))
    if shares.ndim > 1 or (shares >= 1).any():
        raise ValueError(f"shares must be (k,), above 0 and below 1, got {shares}")
    runs, rows = surface.runs, []
    compute = surface.flops * runs.P * runs.D
    largest = compute.max()
    for share in np.sort(shares)[::-1]:
        seen = compute <= share * largest
        done = rows and seen.sum() == rows[-1]["seen"]
        if done or seen.all() or _too_few(surface, seen):
            continue
        few, later = _parted(surface, seen)
        off = np.log(later.loss) - few._logs(later)
        ratio = _best(few, largest) / _best(surface, largest)
        found = {"C": compute[seen].max(), "seen": seen.sum(), "ahead": (~seen).sum()}
        found |= {"bias": off.mean(), "error": np.sqrt((off**2).mean()), "P": ratio}
        rows.append(found)
    columns = ["C", "seen", "ahead", "bias", "error", "P"]
    return pd.DataFrame(rows, columns=columns).set_index("C")


def _best(surface, C):
    """Best size; nan if the losses do not fall, so that there is none."""
    try:
        return surface.optimal(C).P.value
    except ValueError:
        return np.nan


def failed_before(surface):
    """Sentences for `warnings`: where the form missed larger budgets before.

    From those runs alone the surface is fitted again, with a bootstrap. The geometric
    mean of the later losses over their forecasts is then one number with an error: that
    of the fit and that of the later runs' own scatter.

    Parameters
    ----------
    surface : LossSurface

    Returns
    -------
    tuple of str
        None, or one: for the first share of the largest budget at which the mean is
        outside of an interval of 95 %. With two shares, up to one form in ten that is
        right is named, too. Without a bootstrap of its own a surface is not asked.
    """
    if not surface._resamples:
        return ()
    compute = surface.flops * surface.runs.P * surface.runs.D
    for share in SHARES:
        seen = compute <= share * compute.max()
        if _too_few(surface, seen):
            continue
        few, later = _parted(surface, seen, RESAMPLES)
        off = (np.log(later.loss) - few._logs(later)).mean()
        if abs(off) > max(LEAST, _noise(few, later, off > 0)):
            way = "low" if off > 0 else "high"
            said = (
                f"fitted to the runs up to C = {compute[seen].max():.2g} alone, this "
                f"form forecasts the losses of the larger budgets "
                f"{100 * abs(np.expm1(-off)):.1f} % too {way}, outside of its 95 % "
                "interval: beyond the runs intervals, which take the form for granted, "
                "may be too narrow; compare another form, or forecast the lowest "
                "losses of the budgets as a curve"
            )
            return (said,)
    return ()


def _noise(few, later, above):
    """How far the mean of later losses may lie off its forecast, at 95 %."""
    sizes = few._sizes(later)
    mean = few._estimate(lambda theta: _geometric_mean(few, theta, sizes))
    ends = mean.interval(LEVEL)
    with np.errstate(divide="ignore"):  # an end that is none is zero, or infinite
        of_fit = abs(np.log(ends[int(above)] / mean.value))
    scatter = np.sqrt((few.residuals**2).mean() / len(later.loss))
    return np.hypot(of_fit, NORMAL * scatter)


def _geometric_mean(few, theta, sizes):
    """Of the losses at these sizes, for each theta."""
    return np.exp(few.form.log_loss(theta, sizes)[0].mean(axis=1))


def _parted(surface, seen, number=0):
    """The surface of some runs, and the other runs."""
    from scalinglib.laws.surfaces.surface_fits import fitted

    runs, rng = surface.runs.kept(seen), np.random.default_rng(0)
    few = fitted(runs, surface.form, surface.delta, surface.flops, rng, number)
    return few, surface.runs.kept(~seen)


def _too_few(surface, seen):
    """Whether so few runs are seen that no surface can be fitted to them."""
    last = surface.runs.kept(seen).setting.max(initial=-1)
    return last < len(surface._theta)
