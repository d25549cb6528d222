"""Checked exercises of one's own curves: laws that part, and forecasts that must fail.

They stand on the page of practice, `your_own_curves`.
"""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="your_own_curves")


# -------------------------------------------------------------- ex-planted


def line_far_away(D, losses, error, at, truth):
    """Standard error of a line's log loss, and in units of it, by how much it misses.

    The error is the relative one of each mean loss.
    """
    u, v = np.log(D), np.log(losses)
    slope, level = np.polyfit(u, v, 1)
    away = u - u.mean()
    reach = (np.log(at) - u.mean()) ** 2 / (away @ away)
    s = error * np.sqrt(1 / len(u) + reach)
    return s, (level + slope * np.log(at) - np.log(truth)) / s


def with_error(s_of):
    """The same miss in units of another error, a function of the right one as well."""

    def said(D, losses, error, at, truth):
        s, miss = line_far_away(D, losses, error, at, truth)
        other = s_of(s, D, losses, error)
        return other, miss * s / other

    return said


def bent(rng):
    """Losses of a power on a floor, without noise, and what comes eight times ahead."""
    D = 64 * 2.0 ** np.arange(rng.integers(7, 12))
    alpha, share = rng.uniform(0.2, 0.6), rng.uniform(0.03, 0.15)
    floor = share / (1 - share) * D[-1] ** -alpha
    at = float(D[-1] * rng.choice([4, 8, 16]))
    return {
        "D": D,
        "losses": floor + D**-alpha,
        "error": float(rng.uniform(0.01, 0.05)),
        "at": at,
        "truth": floor + at**-alpha,
    }


PLANTED = of_page(
    id="ex-planted",
    objective=4,
    title="If the law were known",
    asks="Hand in a function of D, losses, error, at and truth that returns two "
    "numbers: the standard error of the line's log loss at that size, and in units of "
    "it the line's log loss less the true one.",
    kind=Function(draw=bent),
    reference=line_far_away,
    right="The error bar knows of noise and of the lever. Of another law it knows "
    "nothing, and so the miss may be any multiple of it.",
    wrong=(
        Wrong(
            belief="a line is known everywhere as at its middle",
            answer=with_error(lambda s, D, losses, error: error / np.sqrt(len(D))),
            says="That is the error in the middle of the points. Away from it the "
            "error of the slope has a lever as well.",
        ),
        Wrong(
            belief="a line is as sure far away as where it ends",
            answer=with_error(
                lambda s, D, losses, error: line_far_away(D, losses, error, D[-1], 1.0)[
                    0
                ]
            ),
            says="That is the error at the last of the points. The lever goes on "
            "growing from there to the size that is asked for.",
        ),
        Wrong(
            belief="a law's value for a measurement",
            answer=with_error(lambda s, D, losses, error: np.hypot(s, error)),
            says="You add the noise of one more measurement. Asked is the law's value, "
            "which has none.",
        ),
        Wrong(
            belief="a slope through points that share their noise",
            answer=with_error(
                lambda s, D, losses, error: np.sqrt(abs(s**2 - error**2 / len(D)))
            ),
            says="You have the error of the slope, on its lever. The height of the "
            "line in the middle of the points is not certain either.",
        ),
        Wrong(
            belief="the difference's sign",
            answer=lambda D, losses, error, at, truth: np.multiply(
                line_far_away(D, losses, error, at, truth), (1, -1)
            ),
            says="Asked is the line less the truth. A line that does not know of the "
            "floor goes on falling: on which side of the truth does it end?",
        ),
    ),
    hints=(
        "An assumed law is forecast as the law's value; without, as a measurement.",
        "Compare widths by the logarithm of the ratio of the ends.",
        "Write the line about the mean of log D. Then its height and its slope have "
        "errors that are independent.",
    ),
    reasoning=r"About the mean $\bar u$ of $u=\log D$ the height of the line has the "
    r"variance $\sigma^2/n$ and the slope $\sigma^2/\sum(u-\bar u)^2$, and they are "
    r"independent. At $U$ the variance is the first plus $(U-\bar u)^2$ times the "
    r"second.",
)


# ---------------------------------------------------------------- ex-poker


def looked_back(low, value, high, loss):
    """Share of past intervals that missed, and mean log of median over measured."""
    missed = (loss < low) | (loss > high)
    return missed.mean(), np.log(value / loss).mean()


def past(rng):
    """A dozen past forecasts that lean to one side, and what was measured."""
    n = int(rng.integers(9, 15))
    loss = np.sort(rng.uniform(0.02, 0.6, n))[::-1]
    value = loss * np.exp(rng.uniform(-0.2, 0.3) + 0.2 * rng.standard_normal(n))
    below, above = np.exp(-rng.uniform(0.1, 0.4, (2, n)))
    return {"low": value * below, "value": value, "high": value / above, "loss": loss}


POKER = of_page(
    id="ex-poker",
    objective=5,
    title="When would you have known?",
    asks="Hand in a function of low, value, high and loss that returns the share of "
    "past intervals that missed, and the mean of the logarithm of median over measured "
    "loss.",
    kind=Function(draw=past),
    reference=looked_back,
    right="Two alarms: intervals that miss say that they are too short, medians on one "
    "side that the curve does something which no shape foresaw.",
    wrong=(
        Wrong(
            belief="what is held for what is missed",
            answer=lambda low, value, high, loss: (
                1 - looked_back(low, value, high, loss)[0],
                looked_back(low, value, high, loss)[1],
            ),
            says="Your first number is the share that was held. An alarm counts the "
            "others.",
        ),
        Wrong(
            belief="only what comes out worse is a miss",
            answer=lambda low, value, high, loss: (
                (loss > high).mean(),
                looked_back(low, value, high, loss)[1],
            ),
            says="You count the losses above their interval. A loss below it was not "
            "foreseen either, however welcome it may be.",
        ),
        Wrong(
            belief="the sign of what is too high",
            answer=lambda low, value, high, loss: np.multiply(
                looked_back(low, value, high, loss), (1, -1)
            ),
            says="You divide the measured loss by the median. Then medians that are "
            "too high come out below zero.",
        ),
        Wrong(
            belief="how far off, whichever side",
            answer=lambda low, value, high, loss: (
                looked_back(low, value, high, loss)[0],
                abs(np.log(value / loss)).mean(),
            ),
            says="Without their signs, misses on both sides look like a lean to one. "
            "Noise misses too; what gives a lean away is that it does not cancel.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=lambda low, value, high, loss: (
                looked_back(low, value, high, loss)[0],
                np.log10(value / loss).mean(),
            ),
            says="Your second number is in decades. In this course logarithms are "
            "natural, so that a small one is a relative difference.",
        ),
    ),
    hints=(
        "poker.sel(D=slice(None, n)); the size nearest to 8n is there, up to rounding: "
        'poker.sel(D=8 * n, method="nearest").',
        "forecast(…).past has low, value, high and loss, each along origin.",
    ),
    reasoning="A past forecast missed if its loss lies below the lower end or above "
    "the upper. The mean log of median over measured keeps the sign: it is far from "
    "zero only if most medians lie on one side.",
)

EXERCISES = (PLANTED, POKER)
