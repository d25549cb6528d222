"""Surfaces of losses: runs, contours, profiles at a budget, the best split of it."""

import numpy as np

from scalinglib._input import positive
from scalinglib.laws.surfaces.observed import together
from scalinglib.plotting.style import COLOURS, log_axes

__all__ = ["plot_frontier", "plot_isoflops", "plot_residuals", "plot_surface"]

ROOM = 2.0  # how far beyond the runs a plane is drawn, as a factor
FINE = 81  # points along an axis of a plane
LEVELS = 9  # contours
FEWEST = 5  # runs of a profile that is drawn
SHOWN = 6  # profiles


def plot_surface(ax, surface, *, budgets=()):
    r"""Draw contours of the loss over parameters and data, the runs, and the frontier.

    Contours are equally spaced in the logarithm of what is above the lowest loss. The
    line is where the loss is least for what it costs, C = flops P D; stars are the
    best splits of the budgets.

    Parameters
    ----------
    ax : Axes
        Where to draw: data to the right, parameters upwards, both logarithmic.
    surface : LossSurface
    budgets : (k,) array_like, optional
        Compute, positive.

    Raises
    ------
    ValueError
        If a budget is not positive.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.data import load_surface_runs
    >>> from scalinglib.laws import fit_loss_surface
    >>> table = load_surface_runs("llama3")
    >>> runs = (table[name].to_numpy() for name in ("N", "D", "loss"))
    >>> surface = fit_loss_surface(*runs, resamples=0)
    >>> ax = subplots()
    >>> plot_surface(ax, surface, budgets=[1e23])
    >>> plt.close(ax.figure)
    """
    runs, budgets = surface.runs, np.atleast_1d(positive("budgets", budgets))
    best = surface.optimal(budgets) if budgets.size else None
    sides = [
        np.append(side, () if best is None else value)
        for side, value in (
            (runs.P, best and best.P.value),
            (runs.D, best and best.D.value),
        )
    ]
    P, D = (np.geomspace(side.min() / ROOM, side.max() * ROOM, FINE) for side in sides)
    loss = surface(*np.meshgrid(P, D, indexing="ij"))
    low, high = loss.min(), runs.loss.max()
    base = low - 0.02 * (high - low)
    steps = base + np.geomspace(low - base, high - base, LEVELS + 2)[1:-1]
    log_axes(ax)
    lines = ax.contour(D, P, loss, levels=steps, colors=COLOURS[3], linewidths=0.8)
    ax.clabel(lines, fmt="%.3g", fontsize="x-small")
    C = surface.flops * np.array([P[0] * D[0], P[-1] * D[-1]])
    along = surface.optimal(np.geomspace(*C, 200))
    inside = (along.P.value > P[0]) & (along.P.value < P[-1])
    inside &= (along.D.value > D[0]) & (along.D.value < D[-1])
    ax.plot(
        along.D.value[inside],
        along.P.value[inside],
        "-",
        marker="",
        color=COLOURS[1],
        label="best split",
    )
    ax.plot(runs.D, runs.P, ".", ms=4, color=COLOURS[0], label="runs")
    if best is not None:
        ax.plot(
            best.D.value, best.P.value, "*", ms=11, color=COLOURS[1], label="budgets"
        )
    ax.set(xlabel="D", ylabel="P", xlim=(D[0], D[-1]), ylim=(P[0], P[-1]))


def plot_isoflops(ax, surface, budgets=None, *, level=0.95):
    r"""Draw the loss over model sizes at budgets, with bands, and the runs there.

    Parameters
    ----------
    ax : Axes
        Where to draw: parameters to the right, logarithmic, the loss upwards.
    surface : LossSurface
    budgets : (k,) array_like, optional
        Compute. By default up to six of those at which there are five runs or more.
    level : float, default 0.95
        Probability of a band at each size.

    Raises
    ------
    ValueError
        If a budget is not positive, or `level` is out of range.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.data import load_surface_runs
    >>> from scalinglib.laws import fit_loss_surface
    >>> table = load_surface_runs("llama3")
    >>> runs = (table[name].to_numpy() for name in ("N", "D", "loss"))
    >>> ax = subplots()
    >>> plot_isoflops(ax, fit_loss_surface(*runs, resamples=100, rng=0))
    >>> len(ax.lines) > 6
    True
    >>> plt.close(ax.figure)
    """
    runs = surface.runs
    compute = surface.flops * runs.P * runs.D
    groups = together(compute)
    if budgets is None:
        many = np.bincount(groups)
        full = [np.median(compute[groups == k]) for k in np.flatnonzero(many >= FEWEST)]
        picked = np.linspace(0, len(full) - 1, min(SHOWN, len(full))).round()
        budgets = [full[int(k)] for k in picked]
    log_axes(ax)
    ax.set_yscale("linear")
    for k, C in enumerate(np.atleast_1d(positive("budgets", budgets))):
        colour = COLOURS[k % len(COLOURS)]
        profile = surface.isoflop(C, level)
        near = np.flatnonzero(abs(np.log(compute / C)) < 0.1)
        sizes = profile.P.values
        if near.size:
            ends = runs.P[near].min() / ROOM, runs.P[near].max() * ROOM
            keep = (sizes > ends[0]) & (sizes < ends[1])
            profile = profile.isel(P=keep) if keep.any() else profile
        sizes = profile.P.values
        if np.isfinite(profile.high).all():
            ax.fill_between(
                sizes, profile.low, profile.high, color=colour, alpha=0.2, lw=0
            )
        ax.plot(sizes, profile.loss, "-", marker="", color=colour, label=f"C = {C:.3g}")
        ax.plot(runs.P[near], runs.loss[near], ".", color=colour)
    ax.set(xlabel="P", ylabel="loss")


def plot_frontier(ax, surface, budgets, *, level=0.95):
    r"""Draw the best model size over the budget, with a band.

    Parameters
    ----------
    ax : Axes
        Where to draw; its scales become logarithmic.
    surface : LossSurface
    budgets : (k,) array_like
        Compute, positive.
    level : float, default 0.95
        Probability of the band.

    Raises
    ------
    ValueError
        If a budget is not positive, or `level` is out of range.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.data import load_surface_runs
    >>> from scalinglib.laws import fit_loss_surface
    >>> table = load_surface_runs("llama3")
    >>> runs = (table[name].to_numpy() for name in ("N", "D", "loss"))
    >>> ax = subplots()
    >>> surface = fit_loss_surface(*runs, resamples=100, rng=0)
    >>> plot_frontier(ax, surface, [1e20, 1e22, 1e24])
    >>> plt.close(ax.figure)
    """
    budgets = np.atleast_1d(positive("budgets", budgets))
    best = surface.optimal(budgets).P
    low, high = best.interval(level)
    log_axes(ax)
    if np.isfinite(high).all():
        label = f"{100 * level:.8g} %"
        ax.fill_between(
            budgets, low, high, color=COLOURS[1], alpha=0.2, lw=0, label=label
        )
    ax.plot(budgets, best.value, "-", marker="", color=COLOURS[1], label="best P")
    ax.set(xlabel="C", ylabel="P")


def plot_residuals(ax, surface, size="P"):
    r"""Draw what each run's loss is above the surface, in per cent, over a size.

    Parameters
    ----------
    ax : Axes
        Where to draw: the size to the right, logarithmic.
    surface : LossSurface
    size : str, default "P"
        ``"P"``, ``"D"`` or ``"C"``. Thick points are the means of a size.

    Raises
    ------
    ValueError
        If `size` is none of these.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from scalinglib.plotting import subplots
    >>> from scalinglib.data import load_surface_runs
    >>> from scalinglib.laws import fit_loss_surface
    >>> table = load_surface_runs("llama3")
    >>> runs = (table[name].to_numpy() for name in ("N", "D", "loss"))
    >>> ax = subplots()
    >>> plot_residuals(ax, fit_loss_surface(*runs, resamples=0), "C")
    >>> plt.close(ax.figure)
    """
    table, runs = surface.residuals_by(size), surface.runs
    along = {"P": runs.P, "D": runs.D, "C": surface.flops * runs.P * runs.D}[size]
    log_axes(ax)
    ax.set_yscale("linear")
    ax.axhline(0, color=COLOURS[1], lw=1)
    ax.plot(along, 100 * surface.residuals, ".", ms=3, color=COLOURS[0], alpha=0.5)
    means = table[table["runs"] > 2]
    ax.errorbar(
        means.index,
        100 * means["mean"],
        yerr=200 * means["error"],
        fmt="o",
        ms=5,
        color=COLOURS[0],
        label="mean, two errors",
    )
    ax.set(xlabel=size, ylabel="loss above the surface, %")
