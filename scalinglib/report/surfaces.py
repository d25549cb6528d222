"""A report of a surface of losses and the best split of budgets: one file."""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import positive, probability
from scalinglib.laws.forecasting import forecast
from scalinglib.laws.surfaces.profiles import fit_isoflop
from scalinglib.plotting.surfaces import (
    plot_frontier,
    plot_isoflops,
    plot_residuals,
    plot_surface,
)
from scalinglib.report.pages import Page, number, template, texts_of
from scalinglib.report.pictures import picture, with_legend
from scalinglib.report.records import finite, interval_or_none

__all__ = ["SurfaceReport", "surface_record", "surface_report"]

CURVE = 3  # valleys, whose lowest losses can be forecast
FAR = 10.0  # times the largest budget that was run: what is asked if nothing is


@dataclass(frozen=True, repr=False)
class SurfaceReport(Page):
    """A report of a surface, ready to be saved.

    Attributes
    ----------
    html : str
        All of it.
    surface : LossSurface
        What it tells of.
    """

    surface: object

    def __repr__(self):
        return f"<report of {len(self.html) / 1e3:.0f} kB, {self.surface}>"


def surface_report(surface, *, budgets=(), level=0.95, title=None, source=None):
    r"""A surface of losses and what it says of budgets, as one page of HTML.

    The best split with its interval; contours, profiles and residuals, on light and on
    dark; what the runs determine and what they do not, and why; and how fits to the
    runs of small budgets forecast the larger ones.

    Parameters
    ----------
    surface : LossSurface
        Of `scalinglib.laws.fit_loss_surface`.
    budgets : float or (k,) array_like, optional
        Compute, positive. By default ten times the largest that was run.
    level : float, default 0.95
        Probability of the intervals.
    title : str, optional
        By default what is asked.
    source : dict of str to str, optional
        What to say of how it was made: a file, a command.

    Returns
    -------
    SurfaceReport

    Raises
    ------
    ImportError
        If jinja2 is not installed.
    ValueError
        If an argument is out of range, or `source` holds no texts.

    Examples
    --------
    >>> from scalinglib.data import load_surface_runs
    >>> from scalinglib.laws import fit_loss_surface
    >>> table = load_surface_runs("llama3")
    >>> runs = (table[name].to_numpy() for name in ("N", "D", "loss"))
    >>> found = surface_report(fit_loss_surface(*runs, rng=0), budgets=3.8e25)
    >>> found.html[:15]
    '<!doctype html>'
    """
    level = probability("level", level)
    compute = surface.flops * surface.runs.P * surface.runs.D
    budgets = np.atleast_1d(positive("budgets", budgets)).ravel()
    if not budgets.size:
        budgets = np.array([FAR * compute.max()])
    if title is None:
        title = f"The best split of {number(budgets[0])} FLOP"
    if not isinstance(title, str):
        raise ValueError(f"title must be text, got {title!r}")
    source, page = texts_of(source), template("surfaces.html.j2")
    best = surface.optimal(budgets)
    columns = {"P": best.P, "D": best.D, "loss": best.loss}
    columns |= {"ratio": best.tokens_per_parameter}
    told = {
        name: np.stack([each.value, *each.interval(level)], axis=1)
        for name, each in columns.items()
    }
    rows = [
        {"C": C, "times": round(C / compute.max(), 3)}
        | {name: values[k] for name, values in told.items()}
        for k, C in enumerate(budgets)
    ]
    record = surface_record(surface, budgets, level)
    for row, found in zip(rows, record["budgets"], strict=True):
        row["valleys"] = found["loss_by_valleys"]
    html = page.render(
        title=title,
        surface=surface,
        rows=rows,
        level_=level,
        compute=compute,
        parameters=[
            (name, value, surface.interval(name, level), surface.reasons.get(name))
            for name, value in surface.parameters.items()
        ],
        hindsight=surface.hindsight().reset_index().to_dict("records"),
        pictures=_pictures(surface, budgets, level, compute),
        source=source,
        answers_of="surface",
        answers=record,
    )
    return SurfaceReport(html, surface)


def surface_record(surface, budgets, level):
    """What a surface says, as a dict that JSON knows."""
    best = surface.optimal(np.asarray(budgets, float))

    columns = {"P": best.P, "D": best.D, "loss": best.loss}
    columns |= {"tokens_per_parameter": best.tokens_per_parameter}
    ends = {name: each.interval(level) for name, each in columns.items()}

    def at(name, k):
        low, high = (end[k] for end in ends[name])
        return {"value": finite(columns[name].value[k])} | interval_or_none(low, high)

    bottoms = _by_valleys(surface, budgets, level)
    return {
        "form": surface.form.name,
        "formula": surface.form.formula,
        "runs": len(surface.runs),
        "objective": surface.objective,
        "delta": finite(surface.delta),
        "condition": finite(surface.condition),
        "flops": surface.flops,
        "level": level,
        "parameters": {
            name: {
                "value": finite(value),
                **interval_or_none(*surface.interval(name, level)),
                "identified": surface.identified[name],
                "because": surface.reasons.get(name),
            }
            for name, value in surface.parameters.items()
        },
        "budgets": [
            {"C": float(C), **{name: at(name, k) for name in columns}}
            | {"loss_by_valleys": bottoms.get(float(C))}
            for k, C in enumerate(budgets)
        ],
        "warnings": list(surface.warnings),
    }


def _by_valleys(surface, budgets, level):
    """Least losses of budgets beyond the runs, by the valleys' lowest losses alone.

    These are a curve over compute, whose forecast takes no surface for granted and has
    intervals that were tried on other curves.
    """
    runs = surface.runs
    if runs.unique is not None:
        return {}
    try:
        valleys = fit_isoflop(runs.P, runs.D, runs.loss, flops=surface.flops)
    except ValueError:  # there are none
        return {}
    bottoms = valleys.profiles.loss.dropna("C")
    if len(bottoms) < CURVE:
        return {}
    told = {}
    for C in (float(C) for C in budgets if bottoms.C.max() < C):
        found = forecast(bottoms, at=C, rng=0)
        told[C] = {"value": found.value} | interval_or_none(*found.interval(level))
        told[C]["warnings"] = list(found.warnings)
    return told


def _pictures(surface, budgets, level, compute):
    ends = compute.min(), max(compute.max(), budgets.max())
    runs, best = surface.runs, surface.optimal(budgets[0])
    drawn = {
        "surface": (
            plot_surface,
            {"budgets": budgets},
            f"Parameters over data, both logarithmic: {len(runs)} runs, contours of "
            f"the loss, and the line of best splits, at {number(budgets[0])} FLOP "
            f"{number(best.P.value)} parameters.",
        ),
        "isoflops": (
            plot_isoflops,
            {"level": level},
            "Loss over parameters at several budgets: valleys, and the runs in them.",
        ),
        "frontier": (
            plot_frontier,
            {"budgets": np.geomspace(*ends, 60), "level": level},
            f"Best parameters over compute, both logarithmic, with a band of "
            f"{100 * level:.8g} per cent.",
        ),
        "residuals": (
            plot_residuals,
            {},
            "How many per cent each run is above the surface, over its parameters.",
        ),
    }
    return {
        name: picture(
            lambda ax, draw=draw, how=how: with_legend(ax, draw, surface, **how), says
        )
        for name, (draw, how, says) in drawn.items()
    }
