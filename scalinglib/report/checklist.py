"""What a study of a scaling law should tell, and what a table of losses tells of it.

The points are those by which the survey compared more than fifty studies, most of which
leave out what one would need to repeat them; the questions are in words of our own.
The survey: M. Li, S. Kudugunta and L. Zettlemoyer, "(Mis)Fitting: a survey of scaling
laws", ICLR (2025), arXiv:2502.18969.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scalinglib.laws.hindsight import held
from scalinglib.laws.points import MOST
from scalinglib.report.records import level_of

__all__ = ["CHECKLIST", "Answer", "Facts", "Item", "filled_in"]

HEARD = 0.005  # a law with a smaller share is not named


@dataclass(frozen=True)
class Facts:
    """What is known when a curve was forecast.

    Attributes
    ----------
    size, loss : str
        Names of the columns.
    largest : float
        Size.
    sizes, runs : int
        How many there are; a run is a size in a trial.
    trials : (int, int)
        Fewest and most at a size.
    freedom : float
        Degrees of freedom of a standard error: infinite if they were given, 0 if
        nothing tells them.
    settings : tuple of str
        Of which the best was kept at each size.
    forecasts : tuple of Forecast
    comparison : Comparison or None
        None where there are too few sizes.
    """

    size: str
    loss: str
    largest: float
    sizes: int
    runs: int
    trials: tuple
    freedom: float
    settings: tuple
    forecasts: tuple
    comparison: object


@dataclass(frozen=True)
class Item:
    """A point of the checklist.

    Attributes
    ----------
    key : str
        Under which a note can be given.
    group, question : str
        What is asked.
    known : callable, optional
        ``known(facts)``: what the table tells, text. Without it only people know.
    """

    key: str
    group: str
    question: str
    known: Callable | None = None


@dataclass(frozen=True)
class Answer:
    """An item and what there is to say: text, empty where nobody said anything."""

    item: Item
    text: str


def filled_in(facts, notes=None):
    """The checklist, filled in as far as it is known.

    Parameters
    ----------
    facts : Facts
    notes : dict of str to str, optional
        What people add, by the key of an item; it stands after what is known.

    Returns
    -------
    list of Answer

    Raises
    ------
    ValueError
        If a key is none of the checklist, or a note is no text.
    """
    notes = notes_of(notes)
    found = []
    for item in CHECKLIST:
        said = [item.known(facts)] if item.known else []
        said += [notes[item.key].strip()] if item.key in notes else []
        found.append(Answer(item, " ".join(text for text in said if text)))
    return found


def notes_of(notes):
    """Notes of a user: texts, by keys of the checklist."""
    notes = {} if notes is None else notes
    if not isinstance(notes, dict):
        raise ValueError(f"notes must be a dict of texts, got {notes!r}")
    keys = [item.key for item in CHECKLIST]
    for key, text in notes.items():
        if key not in keys:
            raise ValueError(f"notes must be of {', '.join(keys)}; got {key!r}")
        if not isinstance(text, str):
            raise ValueError(f"notes must be text, got {text!r} for {key!r}")
    return notes


def _form(facts):
    if facts.forecasts[0].assumed:
        speak = facts.forecasts[0].speak.items()
        spoke = ", ".join(name for name, share in speak if share >= HEARD)
        return f"Taken for granted: {spoke}."
    return (
        "None is taken for granted: many laws, with exponents that wander, weighted by "
        "how well they describe the points and how often they described other curves. "
        "Laws by themselves stand in the table of laws."
    )


def _parameters(facts):
    if facts.comparison is None:
        return "No law was fitted by itself: there are too few sizes."
    fits = facts.comparison.fits
    each = [f"{name} {len(found.law.names)}" for name, found in fits.items()]
    return f"Of the laws fitted by themselves: {', '.join(each)}."


def _laws(facts):
    fitted = 0 if facts.comparison is None else len(facts.comparison.fits)
    laws = "law" if fitted == 1 else "laws"
    return f"One curve, one forecast; {fitted} {laws} fitted beside it."


def _runs(facts):
    fewest, most = facts.trials
    each = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return f"{facts.runs} runs: {facts.sizes} sizes with {each} each."


def _largest(facts):
    return f"The largest {facts.size} is {facts.largest:.6g}."


def _points(facts):
    if facts.sizes > MOST:
        return f"At most {MOST}: {facts.sizes} sizes, averaged in steps of log size."
    return f"{facts.sizes}: one mean for each size."


def _metric(facts):
    return f"The column {facts.loss}."


def _changed(facts):
    said = []
    if facts.loss.startswith(("1 − ", "−")):
        said.append(f"A score was turned into a loss, {facts.loss}.")
    if max(facts.trials) > 1:
        said.append("The mean over the trials of a size.")
    return " ".join(said) or "Not by this report."


def _subset(facts):
    if not facts.settings:
        return ""
    return f"Of {', '.join(facts.settings)} the best was kept at each size."


def _spread(facts):
    if np.isinf(facts.freedom):
        return "Nothing is resampled; standard errors were given."
    if facts.freedom:
        return (
            "Nothing is resampled; errors are those of the means over trials, with "
            "what neighbouring sizes lend."
        )
    return "Nothing is resampled; nothing in the table tells the errors."


def _method(facts):
    alone = "variable projection and Levenberg–Marquardt from many starts"
    if facts.forecasts[0].assumed:
        return f"A Bayesian average over parameters, by sampling around fits: {alone}."
    return f"A Bayesian average in closed form. Laws by themselves: {alone}."


def _objective(facts):
    said = "Squared residuals of the logarithm of the mean loss"
    return said + (", in standard errors." if facts.freedom else ".")


def _settings(facts):
    level, assumed = level_of(facts.forecasts[0].level), facts.forecasts[0].assumed
    return f"Level {level}; law taken for granted: {assumed or 'none'}; nothing else."


def _starts(facts):
    return (
        "A straight line, and a grid of exponents with the floors and amplitudes that "
        "fit best; the best few go on to the end."
    )


def _validated(facts):
    past = facts.forecasts[0].past
    tried = past.sizes["origin"]
    if not tried:
        return "No: the curve is too short to forecast its own sizes."
    right = int(np.sum(held(past).values))
    return (
        f"On the curve's own later sizes: {right} of {tried} intervals of "
        f"{level_of(facts.forecasts[0].level)} held."
    )


FORM, TRAINING, DATA, FIT = (
    "The law",
    "The training",
    "From runs to points",
    "The fit",
)
CHECKLIST = (
    Item("form", FORM, "Which form has the law?", _form),
    Item("purpose", FORM, "What is it for?", lambda facts: "To forecast a loss."),
    Item("parameters", FORM, "How many parameters are fitted?", _parameters),
    Item("laws", FORM, "How many laws are there?", _laws),
    Item("runs", TRAINING, "How many runs are there for a law?", _runs),
    Item("largest", TRAINING, "How large is the largest run?", _largest),
    Item("compute", TRAINING, "How much compute did it take, and how is it counted?"),
    Item("data", TRAINING, "On which data, and is any of it repeated?"),
    Item(
        "hyperparameters",
        TRAINING,
        "Which hyperparameters, and do they change with size (learning rate, batch, "
        "schedule)?",
    ),
    Item("counting", TRAINING, "How is the size counted (with or without embeddings)?"),
    Item("code", TRAINING, "Where are the training code and the checkpoints?"),
    Item("points", DATA, "How many points has a fit?", _points),
    Item("metric", DATA, "Which metric is it?", _metric),
    Item("evaluation", DATA, "On which data is it measured, and how many of them?"),
    Item("changed", DATA, "Was it changed (averaged, smoothed)?", _changed),
    Item("subset", DATA, "Were runs or checkpoints left out, and why?", _subset),
    Item("spread", DATA, "Is anything resampled, and what are the errors?", _spread),
    Item("method", FIT, "Which algorithm fits it?", _method),
    Item("objective", FIT, "What does it minimise?", _objective),
    Item("settings", FIT, "With which settings?", _settings),
    Item("starts", FIT, "From where does it start?", _starts),
    Item("validated", FIT, "Was the law tried on what it had not seen?", _validated),
)
