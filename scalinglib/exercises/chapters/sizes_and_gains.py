"""Checked exercises of one's own curves: tables read, and forecasts made into plans.

They stand on the page of practice, `your_own_curves`.
"""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="your_own_curves")


# ---------------------------------------------------------------- ex-score


def documents_for(D, score, target, factor):
    """Size for a score on a line through losses, and how uncertain it is.

    The second is by which factor the size changes if the loss changes by `factor`.
    """
    slope, level = np.polyfit(np.log(D), np.log(1 - score), 1)
    return np.exp((np.log(1 - target) - level) / slope), factor ** (-1 / slope)


def rising(D, score, target, factor):
    """The same with the score itself on log–log paper."""
    slope, level = np.polyfit(np.log(D), np.log(score), 1)
    return np.exp((np.log(target) - level) / slope), factor ** (1 / slope)


def multiplied(D, score, target, factor):
    """By how much the loss changes if the size does so by the factor."""
    return factor ** -np.polyfit(np.log(D), np.log(1 - score), 1)[0]


def scored(rng):
    """A score that rises, a score to be reached, and an uncertainty of the loss."""
    D = np.round(300 * 1.4 ** np.arange(rng.integers(6, 10)))
    loss = rng.uniform(0.75, 0.9) * (D / D[0]) ** -rng.uniform(0.06, 0.25)
    target = 1 - loss[-1] * rng.uniform(0.6, 0.8)
    noise = 0.003 * rng.standard_normal(len(D))
    return {
        "D": D,
        "score": 1 - loss * np.exp(noise),
        "target": float(target),
        "factor": float(rng.uniform(1.05, 1.4)),
    }


SCORE = of_page(
    id="ex-score",
    objective=1,
    title="A score that rises",
    asks="Hand in a function of D, score, target and factor that returns the size for "
    "this score on a line through the losses, and by what factor the size is "
    "uncertain if the loss is by that factor.",
    kind=Function(draw=scored),
    reference=documents_for,
    right="An error of the log loss is divided by the slope: a loss that hardly moves "
    "is easy to forecast, and the size where it has moved far is anybody's guess.",
    wrong=(
        Wrong(
            belief="a score is as good as a loss",
            answer=rising,
            says="You draw the line through the scores. A score cannot rise above one, "
            "so on log–log paper it has to bend. What falls as a power is what is "
            "missing.",
        ),
        Wrong(
            belief="the target stays a score",
            answer=lambda D, score, target, factor: (
                documents_for(D, score, 1 - target, factor)[0],
                documents_for(D, score, target, factor)[1],
            ),
            says="The scores were made losses, and the target was not: you look where "
            "the loss is as low as that. Which loss belongs to this score?",
        ),
        Wrong(
            belief="a size is as sure as its loss",
            answer=lambda D, score, target, factor: (
                documents_for(D, score, target, factor)[0],
                factor,
            ),
            says="The same factor up and along would do on a slope of one. Draw a "
            "band around a nearly level line: how far apart does it cut the target?",
        ),
        Wrong(
            belief="an error is multiplied by the slope",
            answer=lambda D, score, target, factor: (
                documents_for(D, score, target, factor)[0],
                multiplied(D, score, target, factor),
            ),
            says="You raise the factor to the power of the exponent. That is what the "
            "loss does if the size changes by it; here it is the other way round.",
        ),
        Wrong(
            belief="an uncertain size may be a smaller one",
            answer=lambda D, score, target, factor: (
                documents_for(D, score, target, factor)[0],
                1 / documents_for(D, score, target, factor)[1],
            ),
            says="The size of it is right. As a factor between two ends it is above "
            "one: the slope of a falling loss is negative.",
        ),
    ),
    hints=(
        "laws.read((D, score), score=True) makes 1 − score of it. Try it without.",
        "A score of 0.4 is a loss of 0.6.",
    ),
    reasoning=r"$\log L=c-\alpha\log D$ with $L=1-\text{score}$: solve for $\log D$. "
    r"If $\log L$ is off by $\log f$, then $\log D$ is off by $\log f/\alpha$.",
)


# ----------------------------------------------------------------- ex-plan


def steepness(D, losses):
    """Exponent of a line through each column."""
    return -np.polyfit(np.log(D), np.log(losses), 1)[0]


def by_how_much(each, share=0.95):
    """Mean of splits, and the mean less a quantile of Student's times its error."""
    from scipy.special import stdtrit

    error = each.std(ddof=1) / np.sqrt(len(each))
    return each.mean(), each.mean() - stdtrit(len(each) - 1, share) * error


def surely_faster(D, a, b):
    """By how much the exponent of a is larger, and the 90 % interval's lower end."""
    return by_how_much(steepness(D, a / b))


def ends_apart(D, a, b):
    """The same, with the gap between an interval of each."""
    first, second = steepness(D, a), steepness(D, b)
    upper = -by_how_much(-second)[1]
    return first.mean() - second.mean(), by_how_much(first)[1] - upper


def unpaired(D, a, b):
    """The same, with the errors of two curves that share no split."""
    from scipy.special import stdtrit

    each = np.array([steepness(D, losses) for losses in (a, b)])
    error = np.hypot(*(each.std(axis=1, ddof=1) / np.sqrt(each.shape[1])))
    size = each[0].mean() - each[1].mean()
    return size, size - stdtrit(each.shape[1] - 1, 0.95) * error


def one_luck(D, a, b):
    """The same, with the scatter of single splits."""
    size, low = surely_faster(D, a, b)
    return size, size - (size - low) * np.sqrt(a.shape[1])


def normal(D, a, b):
    """The same, with a quantile of the normal distribution."""
    each = steepness(D, a / b)
    return each.mean(), each.mean() - 1.644854 * each.std(ddof=1) / np.sqrt(len(each))


def two_classifiers(rng):
    """Two curves whose splits are hard or easy for both."""
    D, splits = 256 * 2.0 ** (np.arange(6) / 2), int(rng.integers(5, 9))
    luck = 0.15 * rng.standard_normal(splits) * np.log(D / D[0])[:, None]
    alpha, more = rng.uniform(0.1, 0.3), rng.uniform(0.0, 0.2)
    own = 0.05 * rng.standard_normal((2, len(D), splits))
    a, b = (
        0.4 * (D / D[0])[:, None] ** -exponent * np.exp(luck + noise)
        for exponent, noise in zip((alpha + more, alpha), own, strict=True)
    )
    return {"D": D, "a": a, "b": b}


PLAN = of_page(
    id="ex-plan",
    objective=6,
    title="Is it worth it?",
    asks="Hand in a function of D, a and b that returns by how much the exponent of a "
    "is larger than that of b, and the lower end of the 90 % interval of that.",
    kind=Function(draw=two_classifiers),
    reference=surely_faster,
    right="A split that is hard for one is hard for the other. Their ratio does not "
    "have this luck, and decides what two intervals leave open.",
    wrong=(
        Wrong(
            belief="intervals that overlap are no difference",
            answer=ends_apart,
            says="You ask whether the interval of one ends above the other's. Two that "
            "overlap prove nothing: the difference is known better than both ends "
            "together, and better still in pairs.",
        ),
        Wrong(
            belief="two curves of one split are independent",
            answer=unpaired,
            says="You add two errors as if each classifier had had splits of its own. "
            "They were measured on the same ones: what luck they share, the ratio does "
            "not have.",
        ),
        Wrong(
            belief="the scatter of splits for the error of their mean",
            answer=one_luck,
            says="So far down may a single split be. The mean of several is known "
            "better.",
        ),
        Wrong(
            belief="the error of few splits is known",
            answer=normal,
            says="You take the quantile of the normal distribution. With few splits "
            "the standard error is uncertain as well.",
        ),
        Wrong(
            belief="which of them is divided by the other",
            answer=lambda D, a, b: surely_faster(D, b, a),
            says="You found by how much b falls faster. Asked is a: the curve of which "
            "one wants to know whether it is surely worth more.",
        ),
    ),
    hints=(
        "table[table.dataset == 30].learner.unique() are the classifiers.",
        "Chapter 1's trick: divide one curve by the other, split by split, and ask "
        "for the gain of the ratio.",
    ),
    reasoning="In each split the ratio of the two losses falls with the difference of "
    "their exponents. The 90 % interval of its mean leaves 5 % below: Student's "
    "quantile for one split less than there are.",
)

EXERCISES = (SCORE, PLAN)
