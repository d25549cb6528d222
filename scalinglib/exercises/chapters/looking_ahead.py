"""Checked exercises of chapter 1: when not to forecast."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=1)


def falls_of(losses):
    """Fall of the local exponent from the first octave to the last, in each trial."""
    slopes = -np.diff(np.log2(losses), axis=0)
    return slopes[0] - slopes[-1]


def lower_end(falls, *, scale=None):
    """Mean of trials less a quantile of Student's times a standard error."""
    from scipy.special import stdtrit

    error = falls.std(ddof=1) / np.sqrt(len(falls)) if scale is None else scale
    return falls.mean() - stdtrit(len(falls) - 1, 0.975) * error


def least_fall(losses):
    """Lower end of the 95 % interval of the local exponent's fall."""
    return lower_end(falls_of(losses))


def normal(falls):
    """The same with a quantile of the normal distribution."""
    return falls.mean() - 1.959964 * falls.std(ddof=1) / np.sqrt(len(falls))


def apart(losses):
    """The same, with the errors of two octaves that share no trial."""
    slopes = -np.diff(np.log2(losses), axis=0)[[0, -1]]
    scale = np.hypot(*(slopes.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])))
    return lower_end(slopes[0] - slopes[1], scale=scale)


def three_octaves(rng):
    """Losses at four sizes, an octave apart."""
    floor, alpha = rng.uniform(0.05, 0.4), rng.uniform(0.2, 0.9)
    law = floor + 2.0 ** (-alpha * np.arange(4))
    trials = int(rng.integers(5, 13))
    return {"losses": law[:, None] * (1 + 0.03 * rng.standard_normal((4, trials)))}


FORECAST = of_chapter(
    id="ex-forecast",
    objective=5,
    title="A forecast of your own",
    asks="Hand in a function of the losses at four sizes, an octave apart, in several "
    "trials, that returns the lower end of the 95 % interval of the fall.",
    kind=Function(draw=three_octaves, within=1e-4),
    reference=least_fall,
    right="Above zero, and no forecast is made. Below zero tells only that a fall was "
    "not seen.",
    wrong=(
        Wrong(
            belief="logarithms of two bases",
            answer=lambda losses: lower_end(np.log(2) * falls_of(losses)),
            says="You take differences of natural logarithms for local exponents. "
            "Divide them by the logarithm of the step in size.",
        ),
        Wrong(
            belief="the error of few trials is known",
            answer=lambda losses: normal(falls_of(losses)),
            says="Two standard errors, nearly: that is the normal distribution's "
            "share. With few trials the standard error is uncertain as well.",
        ),
        Wrong(
            belief="the scatter of trials for the error of their mean",
            answer=lambda losses: lower_end(
                falls_of(losses), scale=falls_of(losses).std(ddof=1)
            ),
            says="That interval holds a single trial. Asked is what is known of the "
            "mean over all of them.",
        ),
        Wrong(
            belief="octaves of one trial are independent",
            answer=apart,
            says="You add the errors of two octaves. Take the difference within each "
            "trial, then look how it scatters over the trials.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda losses: lower_end(-falls_of(losses)),
            says="That is the rise from the first octave to the last. A fall is above "
            "zero if the curve flattens.",
        ),
    ),
    hints=(
        "The chapter's fall(losses, 0, -1) is an estimate with an interval().",
        "For one data set: measure(law(last), seed, trials=12), with last = x[-4:].",
        "By hand: within each trial the first local exponent less the last. Then "
        "mean, standard error and Student's quantile over the trials.",
    ),
    reasoning="In each trial the local exponents are differences of logarithms to base "
    "two. The first less the last has a mean and a standard error over trials, and "
    "Student's quantile for one trial less than there are.",
)

EXERCISES = (FORECAST,)
