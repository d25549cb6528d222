"""Checked exercises of chapter 1: exponents of curves with noise, and their errors."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=1)


def measured(rng, law, trials, *, noise=0.1):
    """Losses with relative noise, of which a part is shared by a trial's sizes."""
    shared = rng.standard_normal(trials)
    own = rng.standard_normal((len(law), trials))
    return law[:, None] * np.exp(noise * (shared + own) / np.sqrt(2))


def steepness(u, v):
    """How fast a line through these falls; one for each column."""
    return -np.polyfit(u, v, 1)[0]


# --------------------------------------------------------------- ex-window


def bend(u, v):
    """Scatter of points around their line."""
    du, dv = u - u.mean(), v - v.mean()
    return np.sqrt((dv @ dv - (du @ dv) ** 2 / (du @ du)) / (len(u) - 2))


def chosen(x, losses, measure=bend):
    """Window of five points or more that has the least of a measure."""
    u, v, n = np.log(x), np.log(losses), len(x)
    windows = [slice(i, j) for i in range(n) for j in range(i + 5, n + 1)]
    return min(windows, key=lambda w: measure(u[w], v[w]))


def measured_elsewhere(x, first, second):
    """Exponent of the second curve in the straightest window of the first."""
    window = chosen(x, first)
    return steepness(np.log(x[window]), np.log(second[window]))


def uncorrelated(u, v):
    """One less the square of a correlation."""
    du, dv = u - u.mean(), v - v.mean()
    return 1 - (du @ dv) ** 2 / (du @ du) / (dv @ dv)


def two_curves(rng):
    """Sizes and two curves of one law."""
    x = 64 * 2.0 ** np.arange(12)
    law = rng.uniform(1, 9) * x ** -rng.uniform(0.2, 0.6)
    first, second = law * np.exp(0.1 * rng.standard_normal((2, 12)))
    return {"x": x, "first": first, "second": second}


WINDOW = of_chapter(
    id="ex-window",
    objective=4,
    title="Choose here, measure there",
    asks="Hand in a function of x, first and second that chooses the straightest "
    "window on the first curve and returns the exponent of the second there.",
    kind=Function(draw=two_curves),
    reference=measured_elsewhere,
    right="The second curve's noise knows nothing of the choice: for it the window "
    "was fixed in advance.",
    wrong=(
        Wrong(
            belief="what was chosen may be measured where it was chosen",
            answer=lambda x, first, second: measured_elsewhere(x, first, first),
            says="You fit the curve on which you chose: its scatter there was "
            "selected for being small. What is the other curve for?",
        ),
        Wrong(
            belief="a choice may look at the data that it is tested on",
            answer=lambda x, first, second: measured_elsewhere(
                x, np.sqrt(first * second), second
            ),
            says="You choose on the mean of both curves. Then the noise of the one "
            "that you measure has a say in the choice.",
        ),
        Wrong(
            belief="no choice is the honest choice",
            answer=lambda x, first, second: steepness(np.log(x), np.log(second)),
            says="You fit all twelve points. That is honest, but asked is the "
            "window that the first curve chooses.",
        ),
        Wrong(
            belief="the largest R² is the straightest",
            answer=lambda x, first, second: steepness(
                *np.log([a[chosen(x, first, uncorrelated)] for a in (x, second)])
            ),
            says="You choose by correlation, which grows with the length of the "
            "window, however the points scatter. Asked is the least scatter around "
            "the line, as the chapter has it.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda x, first, second: -measured_elsewhere(x, first, second),
            says="That is the slope on log–log paper. An exponent is above zero if "
            "the loss falls.",
        ),
        Wrong(
            belief="the two curves are exchanged",
            answer=lambda x, first, second: measured_elsewhere(x, second, first),
            says="You choose on the second curve and measure on the first. It would "
            "do as well, but asked is the other way.",
        ),
    ),
    hints=(
        "min(windows, key=lambda w: scatter(first, w)) is the window that the first "
        "curve chooses, if x is the chapter's x12.",
        "The noise of the second curve knows nothing of the choice.",
    ),
    reasoning="The window is the one with the least scatter of the first curve around "
    "its line; the line through the second curve in this window has the exponent.",
)


# ----------------------------------------------------------- ex-other-loss


def paired(D, squared, error):
    """Difference of two exponents trial by trial: its mean, and standard error."""
    apart = steepness(np.log(D), np.log(error / squared))
    return apart.mean(), apart.std(ddof=1) / np.sqrt(len(apart))


def unpaired(D, squared, error):
    """The same, with an error as if the two had been measured apart."""
    each = [steepness(np.log(D), np.log(losses)) for losses in (squared, error)]
    errors = np.std(each, axis=1, ddof=1) / np.sqrt(squared.shape[1])
    return np.mean(each[1] - each[0]), np.hypot(*errors)


def of_residuals(D, squared, error):
    """The same, with an error from the points around the line of the means."""
    u, v = np.log(D), np.log(error / squared).mean(axis=1)
    return steepness(u, v), bend(u, v) / (u.std() * np.sqrt(len(u)))


def two_losses(rng):
    """Sizes and two losses of the same trials."""
    D = 256 * 2.0 ** (np.arange(7) / 2)
    alpha, more = rng.uniform(0.1, 0.4), rng.uniform(0.05, 0.2)
    squared = measured(rng, D**-alpha, 8)
    return {
        "D": D,
        "squared": squared,
        "error": squared * measured(rng, D**-more, 8, noise=0.03),
    }


OTHER_LOSS = of_chapter(
    id="ex-other-loss",
    objective=2,
    title="Another loss",
    asks="Hand in a function of D, squared and error that returns by how much the "
    "exponent of the error is larger, and the standard error of that.",
    kind=Function(draw=two_losses),
    reference=paired,
    right="In each trial both losses share their noise; the difference does not have "
    "it.",
    wrong=(
        Wrong(
            belief="two losses of one trial are independent",
            answer=unpaired,
            says="The difference is right. But you add two errors as if the losses "
            "came from different trials. They share their images, and so their luck.",
        ),
        Wrong(
            belief="points of one curve are independent",
            answer=of_residuals,
            says="Your error comes from the points around the line of the means. "
            "Points of one trial move together; what repeats are the trials.",
        ),
        Wrong(
            belief="the scatter of trials for the error of their mean",
            answer=lambda D, squared, error: np.multiply(
                paired(D, squared, error), (1, np.sqrt(squared.shape[1]))
            ),
            says="So far one trial is off. The mean of T trials is known better.",
        ),
        Wrong(
            belief="the scatter about the true mean",
            answer=lambda D, squared, error: np.multiply(
                paired(D, squared, error),
                (1, np.sqrt(1 - 1 / squared.shape[1])),
            ),
            says="You divide the squares by T. They are taken about the mean of the "
            "same trials, which is nearer to them than the true one.",
        ),
        Wrong(
            belief="the difference's sign",
            answer=lambda D, squared, error: np.multiply(
                paired(D, squared, error), (-1, 1)
            ),
            says="The size and its error are right. Asked is how much the error's "
            "exponent is larger than that of the squares.",
        ),
    ),
    hints=(
        "learners.learning_curve takes several measures under their names, and "
        "returns both losses from one trial.",
        'result.sel(measure="error") picks a curve.',
        "The ratio of the two losses is a power law too. Fit its exponent in each "
        "trial.",
    ),
    reasoning="In each trial the ratio of the two losses falls with the difference of "
    "their exponents. Mean and standard error of these slopes are taken over the "
    "trials.",
)

EXERCISES = (WINDOW, OTHER_LOSS)
