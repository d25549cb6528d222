"""A report of forecasts of one curve: one file that needs no other."""

import importlib.resources
from dataclasses import dataclass

import numpy as np
import xarray as xr

import scalinglib
from scalinglib._input import named_path, positive
from scalinglib.laws.comparing import compare
from scalinglib.laws.forecasting import forecast
from scalinglib.laws.hindsight import held
from scalinglib.laws.points import coarse, points_of
from scalinglib.plotting.forecasts import plot_forecast, plot_laws, plot_past
from scalinglib.report.checklist import Facts, filled_in
from scalinglib.report.pictures import picture
from scalinglib.report.records import digits_for, level_of, percent, record_of

__all__ = ["Report", "forecast_report"]

ENDINGS = ".html", ".htm"
LEVELS = 0.5, 0.8, 0.9, 0.95


@dataclass(frozen=True, repr=False)
class Report:
    """A report, ready to be saved.

    Attributes
    ----------
    html : str
        All of it.
    forecasts : tuple of Forecast
        What it tells.
    """

    html: str
    forecasts: tuple

    def save(self, path):
        """Write the file.

        Parameters
        ----------
        path : path-like
            Ends in .html or .htm; a file there is written over.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        ValueError
            If it does not end so, or its folder does not exist.
        """
        path = named_path("path", path)
        if path.suffix.lower() not in ENDINGS:
            raise ValueError(f"path must end in .html or .htm, got {str(path)!r}")
        if not path.absolute().parent.is_dir():
            raise ValueError(
                f"path must be in a folder that exists, got {str(path)!r}; make "
                f"{str(path.parent)!r} first"
            )
        path.write_text(self.html, encoding="utf-8")
        return path

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
    guesses = tuple(forecast(curve, at=x, level=level, assume=assume) for x in sizes)
    points = points_of(curve)
    facts = _facts(points, guesses, _compared(curve, points))
    listed = filled_in(facts, notes)
    source = _texts(source)
    name, loss = facts.size, facts.loss
    if title is None:
        title = f"{loss} at {name} = {_number(guesses[0].at)}"
    if not isinstance(title, str):
        raise ValueError(f"title must be text, got {title!r}")
    html = _template().render(
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
        version=scalinglib.__version__,
        answers=[record_of(each) for each in guesses],
    )
    return Report(html, guesses)


def _warnings(guesses):
    """Each with the size it is about, if there are several."""
    several = len(guesses) > 1
    return [
        (f"At {_number(each.at)}: " if several else "") + text[0].upper() + text[1:]
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
            lambda ax: _with_legend(ax, plot_forecast, guess),
            f"{loss} over {name}, both logarithmic: {facts.sizes} points, and a fan "
            f"from the last of them to {_number(guess.value, digits)} at "
            f"{_number(guess.at)}, between {_number(low, digits)} and "
            f"{_number(high, digits)}.",
        )
    }
    if guess.past.sizes["origin"]:
        right = held(guess.past).values
        found["past"] = picture(
            lambda ax: _with_legend(ax, plot_past, guess),
            f"Measured over forecast {loss} with intervals, for {len(right)} forecasts "
            f"from the first sizes: {right.sum()} hold one.",
        )
    if facts.comparison is not None:
        fits = facts.comparison.fits
        found["laws"] = picture(
            lambda ax: _with_legend(ax, plot_laws, guess, fits),
            f"The same points with {len(fits)} laws through them: {', '.join(fits)}.",
        )
    return found


def _with_legend(ax, draw, *what):
    draw(ax, *what)
    ax.legend(fontsize="small")


def _texts(source):
    source = {} if source is None else source
    if not isinstance(source, dict) or not all(
        isinstance(text, str) for pair in source.items() for text in pair
    ):
        raise ValueError(f"source must be a dict of texts, got {source!r}")
    return source


def _template():
    """The page, in which all that is put is escaped."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise ImportError("a report needs jinja2: pip install jinja2") from None
    room = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    room.filters |= {"number": _number, "percent": _percent, "interval": _interval}
    room.filters |= {"exp": np.exp, "level": level_of}
    text = importlib.resources.files("scalinglib.report") / "forecasts.html.j2"
    return room.from_string(text.read_text(encoding="utf-8"))


def _number(value, digits=4):
    """Some digits; a whole number in full as long as it is short."""
    value = float(value)
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == round(value) and abs(value) < 1e12:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.{digits}g}".replace("-", "−")


def _interval(ends, least=3):
    digits = digits_for(*ends, least)
    return " to ".join(_number(end, digits) for end in ends)


def _percent(share, digits=3):
    return percent(share, digits).replace("-", "−")
