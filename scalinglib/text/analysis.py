r"""All that a text says about its own learning curve, and whether it comes true."""

from dataclasses import dataclass, field
from math import isinf

from scalinglib._input import generator, probability, whole_number
from scalinglib.text.covariance import Correlations, correlations
from scalinglib.text.doubts import directions_lost, drift_within, no_power_law
from scalinglib.text.learning import NGramCurves, ngram_curves
from scalinglib.text.octaves import POWER, OctaveExponent
from scalinglib.text.prediction import PredictedExponent, predicted_exponent
from scalinglib.text.tokens import Tokens, as_tokens

__all__ = ["Analysis", "analyse"]

FALLING = {
    "beta": "correlations fall",
    "gamma": "entropies fall",
    "measured": "the best loss falls",
}
NEW = 0.01  # share of new tokens that is told
TELLING = 2.0  # ends of an interval that says something differ by no larger factor


@dataclass(frozen=True, eq=False)
class Analysis:
    r"""What `analyse` found.

    Attributes
    ----------
    tokens : Tokens
        The text.
    correlations : Correlations
        Over distances.
    curves : NGramCurves
        Losses of n-gram models, and conditional entropies.
    gamma, beta, measured : OctaveExponent or None
        :math:`\gamma_H` of the entropies, :math:`\beta_C` of the correlations, and the
        exponent of the best n-gram model; None where it cannot be had.
    predicted : PredictedExponent or None
        :math:`\gamma_H / 2 \beta_C`.
    reasons : dict
        Why there is none: a sentence for each name of what is None.
    """

    tokens: Tokens
    correlations: Correlations = field(repr=False)
    curves: NGramCurves = field(repr=False)
    gamma: OctaveExponent | None
    beta: OctaveExponent | None
    measured: OctaveExponent | None
    predicted: PredictedExponent | None
    reasons: dict = field(repr=False)

    def verdict(self, level=0.95):
        """What follows from prediction and measurement, in a sentence.

        Parameters
        ----------
        level : float, default 0.95
            Probability of the intervals.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        level = probability("level", level)
        for name in ("predicted", "measured"):
            if getattr(self, name) is None:
                return (
                    f"The formula cannot be tried on this text: {self.reasons[name]}."
                )
        predicted = self.predicted.interval(level)
        measured = self.measured.interval(level)
        off = self.measured.value / self.predicted.value
        what = f"measured is {off:.2g} of what was predicted"
        spans = {"prediction": predicted, "measurement": measured}
        wide = [_spanned(name, *ends) for name, ends in spans.items()]
        if predicted[0] > measured[1] or predicted[1] < measured[0]:
            said = (
                f"Prediction and n-grams do not agree: {what}, and the intervals have "
                "nothing in common."
            )
        elif any(wide):
            said = (
                f"Nothing is refuted and little is told: {what}, but the interval of "
                f"{' and that of '.join(filter(None, wide))}."
            )
        else:
            said = f"Prediction and n-grams agree as far as both are known: {what}."
        if {self.gamma.status, self.beta.status} != {POWER}:
            said = f"An exponent of the formula is but a mean here. {said}"
        return said

    @property
    def warnings(self):
        """What to doubt of these numbers, a tuple of sentences."""
        told = []
        for name, said in FALLING.items():
            if name not in self.reasons:
                told += no_power_law(getattr(self, name), said)
        if (new := self.curves.unseen) > NEW:
            told.append(
                f"{100 * new:.2g} % of the tokens held out occur nowhere in what was "
                "learned: the entropies are those of a language without further tokens"
            )
        if self.beta is not None:
            told += directions_lost(self.correlations, self.beta)
            told += drift_within(self.correlations, self.beta)
        return tuple(told)


def _spanned(name, low, high):
    """How far an interval reaches, if that is so far that it tells little."""
    if low <= 0 or isinf(high):
        return f"the {name} has no end on one side"
    if high > TELLING * low:
        return f"the {name} spans a factor of {float(f'{high / low:.2g}'):g}"
    return None


def analyse(tokens, *, orders=16, trials=4, rng=None):
    r"""Statistics of a text, the exponent they predict, and the one of n-grams.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        The text, at least 1024 tokens.
    orders, trials : int
        As in `ngram_curves`.
    rng : None, int or Generator
        Shuffles the text, and draws what is held out.

    Returns
    -------
    Analysis

    Raises
    ------
    ValueError
        If the text is too short, or all tokens are equal.

    Notes
    -----
    The formula is about learners whose loss at a given horizon falls fast; n-grams are
    none. Where the two disagree, that is one of the possible reasons.

    Examples
    --------
    >>> from scalinglib.text import words
    >>> found = analyse(words("the cat sat on the mat. " * 200), orders=4, rng=0)
    >>> print(found.verdict())  # doctest: +ELLIPSIS
    The formula cannot be tried on this text: ...
    """
    tokens = as_tokens("tokens", tokens, least=1024)
    trials = whole_number("trials", trials, least=1)
    rng = generator(rng)
    curves = ngram_curves(tokens, orders=orders, trials=trials, rng=rng)
    found = correlations(tokens, rng=rng)
    reasons, read = {}, {}
    for name, exponent in (
        ("beta", found.exponent),
        ("gamma", curves.entropy_exponent),
        ("measured", curves.exponent),
        ("predicted", lambda: predicted_exponent(read["gamma"], read["beta"])),
    ):
        missing = [n for n in ("beta", "gamma") if name == "predicted" and n in reasons]
        try:
            if missing:
                raise ValueError("; ".join(reasons[n] for n in missing))
            read[name] = exponent()
        except ValueError as error:
            read[name], reasons[name] = None, str(error)
    return Analysis(tokens, found, curves, **read, reasons=reasons)
