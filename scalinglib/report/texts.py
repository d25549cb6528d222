"""A report of a text: its statistics, what they predict, and whether it comes true."""

from dataclasses import dataclass

import numpy as np

from scalinglib.plotting.texts import (
    orders_shown,
    plot_correlations,
    plot_entropies,
    plot_ngram_curves,
)
from scalinglib.report.pages import Page, number, template, texts_of
from scalinglib.report.pictures import picture, with_legend
from scalinglib.report.records import digits_for
from scalinglib.report.text_records import text_record

__all__ = ["TextReport", "text_report"]

#: What each exponent is called, what it is of, and what its range is of.
EXPONENTS = {
    "beta": ("β", "C", "of correlations", "n"),
    "gamma": ("γ", "H", "of entropies", "n"),
    "measured": ("α", "D", "of the best n-gram", "D"),
    "predicted": ("α", "D", "predicted", None),
}


@dataclass(frozen=True, repr=False)
class TextReport(Page):
    """A report of a text, ready to be saved.

    Attributes
    ----------
    html : str
        All of it.
    analysis : Analysis
        What it tells of.
    """

    analysis: object

    def __repr__(self):
        return f"<report of {len(self.html) / 1e3:.0f} kB, {self.analysis.tokens}>"


def text_report(analysis, *, level=0.95, title=None, source=None):
    r"""What a text says of its own learning curve, as one page of HTML.

    The exponent of n-grams beside the one that correlations and entropies predict, each
    with its interval and the range that it stands on; what cannot be determined, and
    why; three pictures, on light and on dark; and what to be careful with.

    Parameters
    ----------
    analysis : Analysis
        Of `scalinglib.text.analyse`.
    level : float, default 0.95
        Probability of the intervals.
    title : str, optional
        By default what the text is.
    source : dict of str to str, optional
        What to say of how it was made: a file, a command.

    Returns
    -------
    TextReport

    Raises
    ------
    ImportError
        If jinja2 is not installed.
    ValueError
        If `analysis` is none, or another argument is out of range or no text.

    Examples
    --------
    >>> from scalinglib.text import analyse, words
    >>> found = analyse(words("the cat sat on the mat. " * 200), orders=4, rng=0)
    >>> text_report(found)
    <report of ... kB, 1400 words, 6 different>
    """
    record = text_record(analysis, level)
    if title is None:
        title = f"A text of {number(len(analysis.tokens))} {analysis.tokens.unit}"
    if not isinstance(title, str):
        raise ValueError(f"title must be text, got {title!r}")
    source, page = texts_of(source), template("texts.html.j2")
    shown = orders_shown(record["entropies"][-1]["n"])
    html = page.render(
        title=title,
        record=record,
        exponents={
            name: _row(name, each) for name, each in record["exponents"].items()
        },
        entropies=[row for row in record["entropies"] if row["n"] in shown],
        octaves=[row for row in record["correlations"] if row["n"].bit_count() == 1],
        pictures=_pictures(analysis),
        source=source,
        answers_of="text",
        answers=record,
    )
    return TextReport(html, analysis)


def _row(name, found):
    """An exponent as a line of the table; without ends if there is none."""
    letter, index, said, of = EXPONENTS[name]
    row = {"letter": letter, "index": index, "said": said, **found, "ends": None}
    if found["value"] is None:
        return row
    ends = [np.inf if found[end] is None else found[end] for end in ("low", "high")]
    row |= {"ends": ends, "digits": digits_for(*ends, 2), "of": of}
    octaves = found["octaves"]
    return row | {"octaves": octaves and (min(octaves), max(octaves))}


def _pictures(analysis):
    """Curves, correlations and entropies, with what one sees."""
    found, curves = analysis.correlations, analysis.curves
    orders = int(curves.losses.n[-1])
    drawn = {
        "curves": (
            plot_ngram_curves,
            curves,
            analysis.measured,
            f"Loss over the number of tokens learned from, both logarithmic, for "
            f"n-grams of orders 0 to {orders}; the best of them falls from "
            f"{number(curves.best[0], 3)} to {number(curves.best[-1], 3)} nats.",
        ),
    }
    # A logarithmic axis has no place for a text that repeats itself to the letter.
    if (found.lags["raw"] > 0).any():
        drawn["correlations"] = (
            plot_correlations,
            found,
            analysis.beta,
            f"Strength of correlations over the lag, both logarithmic, from lag 1 to "
            f"{found.lags.index[-1]}, with the noise of "
            f"{number(found.noise / np.sqrt(found.D), 2)} as a dashed line.",
        )
    if (curves.entropies["value"].loc[1:] > 0).any():
        drawn["entropies"] = (
            plot_entropies,
            curves,
            analysis.gamma,
            f"Conditional entropy over the order n, both logarithmic, from 1 to "
            f"{orders}, in a band between its bounds.",
        )
    return {
        name: picture(
            lambda ax, draw=draw, what=what, law=law: with_legend(
                ax, draw, what, exponent=law
            ),
            says,
        )
        for name, (draw, what, law, says) in drawn.items()
    }
