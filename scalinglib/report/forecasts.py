"""A report of forecasts of one curve: one file that needs no other."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from scalinglib._input import positive
from scalinglib.laws.comparing import compare
from scalinglib.laws.forecasting import forecast
from scalinglib.laws.hindsight import held
from scalinglib.laws.points import coarse, points_of
from scalinglib.plotting.forecasts import plot_forecast, plot_laws, plot_past
from scalinglib.report.checklist import Facts, filled_in, notes_of
from scalinglib.report.pages import Page, number, template, texts_of
from scalinglib.report.pictures import picture, with_legend
from scalinglib.report.records import digits_for, record_of

__all__ = ["Report", "forecast_report"]

LEVELS = 0.5, 0.8, 0.9, 0.95


@dataclass(frozen=True, repr=False)
class Report(Page):
    """A report of forecasts, ready to be saved.

    Attributes
    ----------
    html : str
        All of it.
    forecasts : tuple of Forecast
        What it tells.
    """

    forecasts: tuple

    def __repr__(self):
        ats = ", ".join(f"{each.at:g}" for each in self.forecasts)
        return f"<report of {len(self.html) / 1e3:.0f} kB, forecasts at {ats}>"


def forecast_report(
    curve, *, at, level=0.9, assume=None, title=None, source=None, notes=None
):
    r"""Forecasts of a curve with their reasons, as one page of HTML.

    The picture, on light and on dark; the numbers; how such forecasts did on the
    curve's own later sizes; which laws describe it; the points themselves; and the
    checklist of a study of scaling laws, filled in as far as a table of losses tells.

    Parameters
    ----------
    curve : DataArray, or a pair of array_like
        As in `scalinglib.laws.forecasting.forecast`.
    at : float or (k,) array_like
        Sizes to forecast, each above the largest of `curve`. The first is drawn, and
        past forecasts are as far ahead as it is.
    level : float, default 0.9
        Probability of the interval.
    assume : str, optional
        As in `forecast`.
    title : str, optional
        By default what is forecast.
    source : dict of str to str, optional
        What to say of how it was made: a file, a command.
    notes : dict of str to str, optional
        What only people know, by keys of `scalinglib.report.checklist.CHECKLIST`, such
        as ``{"data": "C4, each token once"}``.

    Returns
    -------
    Report

    Raises
    ------
    ImportError
        If jinja2 is not installed.
    ValueError
        If an argument is one that `forecast` refuses, `source` or `notes` are no texts,
        or a key of `notes` is none of the checklist.

    Examples
    --------
    >>> x = 2.0 ** np.arange(6, 14)
    >>> found = forecast_report((x, 0.1 + x**-0.5), at=65536)
    >>> found
    <report of ... kB, forecasts at 65536>
    >>> found.html[:15]
    '<!doctype html>'
    """
    sizes = np.atleast_1d(positive("at", at))
    if not sizes.size or sizes.ndim > 1:
        raise ValueError(f"at must be a size or a list of them, got {at!r}")
    if not isinstance(title, str | None):
        raise ValueError(f"title must be text, got {title!r}")
    source, notes = texts_of(source), notes_of(notes)
    page = template("forecasts.html.j2")
    guesses = tuple(forecast(curve, at=x, level=level, assume=assume) for x in sizes)
    points = points_of(curve)
    facts = _facts(points, guesses, _compared(curve, points))
    listed = filled_in(facts, notes)
    name, loss = facts.size, facts.loss
    if title is None:
        title = f"{loss} at {name} = {number(guesses[0].at)}"
    html = page.render(
        title=title,
        size=name,
        loss=loss,
        facts=facts,
        guesses=guesses,
        levels=sorted({*LEVELS, guesses[0].level}),
        warnings=_warnings(guesses),
        digits=digits_for(*guesses[0].interval()),
        fine=digits_for(points.mean.min(), points.mean.max(), 5),
        points=points,
        pictures=_pictures(facts, guesses[0]),
        held=held(guesses[0].past).values,
        listed=listed,
        source=source,
        answers_of="forecasts",
        answers=[record_of(each) for each in guesses],
    )
    return Report(html, guesses)


def _warnings(guesses):
    """Each with the size it is about, if there are several."""
    several = len(guesses) > 1
    return [
        (f"At {number(each.at)}: " if several else "") + text[0].upper() + text[1:]
        for each in guesses
        for text in each.warnings
    ]


def _facts(points, guesses, comparison):
    labels = points.labels
    kept = set() if labels is None else {*labels.coords} - {*labels.dims, "error"}
    return Facts(
        size="size" if labels is None else str(labels.dims[0]),
        loss="loss" if labels is None else str(labels.name or "loss"),
        largest=float(points.x[-1]),
        sizes=len(points.x),
        runs=int(points.trials.sum()),
        trials=(int(points.trials.min()), int(points.trials.max())),
        freedom=float(points.freedom),
        settings=tuple(sorted(map(str, kept - {"trial"}))),
        forecasts=guesses,
        comparison=comparison,
    )


def _compared(curve, points):
    """Laws side by side, or None where there are too few sizes.

    As for the forecast, many sizes are averaged in steps of log size.
    """
    few = coarse(points, independent=True)
    if len(few.x) < len(points.x):
        curve = xr.DataArray(few.mean, {"x": few.x})
        if few.freedom:
            curve = curve.assign_coords(error=("x", few.mean * few.error))
    try:
        return compare(curve)
    except ValueError:
        return None


def _pictures(facts, guess):
    name, loss = facts.size, facts.loss
    low, high = guess.interval()
    digits = digits_for(low, high)
    found = {
        "forecast": picture(
            lambda ax: with_legend(ax, plot_forecast, guess),
            f"{loss} over {name}, both logarithmic: {facts.sizes} points, and a fan "
            f"from the last of them to {number(guess.value, digits)} at "
            f"{number(guess.at)}, between {number(low, digits)} and "
            f"{number(high, digits)}.",
        )
    }
    if guess.past.sizes["origin"]:
        right = held(guess.past).values
        found["past"] = picture(
            lambda ax: with_legend(ax, plot_past, guess),
            f"Measured over forecast {loss} with intervals, for {len(right)} forecasts "
            f"from the first sizes: {right.sum()} hold one.",
        )
    if facts.comparison is not None:
        fits = facts.comparison.fits
        found["laws"] = picture(
            lambda ax: with_legend(ax, plot_laws, guess, fits),
            f"The same points with {len(fits)} laws through them: {', '.join(fits)}.",
        )
    return found
