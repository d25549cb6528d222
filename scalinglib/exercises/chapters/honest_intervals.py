"""Checked exercises of one's own curves: what an interval promises, and what it costs.

They stand on the page of practice, `your_own_curves`.
"""

import math
from functools import partial
from statistics import NormalDist

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Choice, Function, inputs, over, uniform

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="your_own_curves")


# ----------------------------------------------------------------- ex-held


def by_sets(held, group):
    """Mean over groups of the share that was held, and its standard error."""
    means = np.array([held[group == g].mean() for g in np.unique(group)])
    return means.mean(), means.std(ddof=1) / np.sqrt(len(means))


def by_curves(held, group):
    """The same, with each curve for a group of its own."""
    return by_sets(held, np.arange(len(held)))


def played(rng):
    """Curves of some data sets, and whether their intervals held."""
    sizes = rng.integers(2, 10, size=rng.integers(8, 15))
    group = np.repeat(np.arange(len(sizes)), sizes)
    chance = rng.choice([0.3, 0.7, 0.9, 1.0], len(sizes))[group]
    return {"held": (rng.random(len(group)) < chance).astype(float), "group": group}


HELD = of_page(
    id="ex-held",
    objective=2,
    title="How many curves are eleven data sets?",
    asks="Hand in a function of held and group that returns the share held, as a mean "
    "over data sets, and its standard error.",
    kind=Function(draw=played),
    reference=by_sets,
    right="What repeats are data sets: their number decides how well the share is "
    "known, however many curves each of them brings.",
    wrong=(
        Wrong(
            belief="every curve is an experiment of its own",
            answer=by_curves,
            says="You count curves. Eight learners on one hard data set miss together: "
            "seven of them tell little that the first did not. What is drawn anew each "
            "time?",
        ),
        Wrong(
            belief="a large data set counts for more",
            answer=lambda held, group: (held.mean(), by_sets(held, group)[1]),
            says="Your error is one over data sets, and your share is one over curves. "
            "Then the data set with most curves has most to say. First average within "
            "each.",
        ),
        Wrong(
            belief="the scatter of data sets for the error of their mean",
            answer=lambda held, group: (
                by_sets(held, group)[0],
                by_sets(held, group)[1] * np.sqrt(len(np.unique(group))),
            ),
            says="So far one data set is off. The mean over several is known better.",
        ),
        Wrong(
            belief="a data set is the toss of a coin",
            answer=lambda held, group: (
                by_sets(held, group)[0],
                np.sqrt(np.prod([1 - by_sets(held, group)[0], by_sets(held, group)[0]]))
                / np.sqrt(len(np.unique(group))),
            ),
            says="A coin has two sides. A data set brings a share, anything from none "
            "to all of its curves, and shares scatter less than coins. Look how they "
            "scatter.",
        ),
        Wrong(
            belief="the scatter about the true mean",
            answer=lambda held, group: (
                by_sets(held, group)[0],
                by_sets(held, group)[1] * np.sqrt(1 - 1 / len(np.unique(group))),
            ),
            says="You divide the squares by the number of data sets. They are taken "
            "about the mean of the same ones, which is nearer to them than the true "
            "one.",
        ),
    ),
    hints=(
        "held[group == g] are the curves of one data set.",
        "Let each data set hand in one number. From here on there are only these.",
    ),
    reasoning="One number for each data set, the share of its curves that were held; "
    "then the mean of these numbers, and the standard error of a mean.",
)


# --------------------------------------------------------------- ex-digits


def to_be_run():
    """What brings the middle nearest to what was measured."""
    return "a larger size"


DIGITS = of_page(
    id="ex-digits",
    objective=2,
    title="A classifier on your laptop",
    asks="Hand in one of 'a larger size', 'a smaller size', 'more splits' and 'sizes "
    "between'.",
    kind=Choice(
        labels=("a larger size", "a smaller size", "more splits", "sizes between")
    ),
    reference=to_be_run,
    right="A floor shows where the curve has got to it. What was not known is not the "
    "noise, it is whether the fall goes on.",
    wrong=(
        Wrong(
            belief="a longer curve is a better known curve",
            answer=lambda: "a smaller size",
            says="Longer, yes, but at the end where nothing is in doubt: the fall has "
            "begun there, and how it began does not say where it stops.",
        ),
        Wrong(
            belief="what is uncertain is uncertain by noise",
            answer=lambda: "more splits",
            says="They make sure of four points that were known well enough. Fifty "
            "splits instead of ten cost much and still end where the fall is in full "
            "swing.",
        ),
        Wrong(
            belief="more points on a line make the line longer",
            answer=lambda: "sizes between",
            says="They tell the slope better, over the same distance. What is asked "
            "is whether it changes beyond the last one.",
        ),
    ),
    hints=(
        "from sklearn.naive_bayes import GaussianNB; set progress=False.",
        "Draw the curve. Where is its floor first seen?",
    ),
    reasoning="The first four sizes fall as if they would go on. The floor is first "
    "seen beyond them, so that is where a run tells something.",
)


# --------------------------------------------------------------- ex-honest


def best_ends(mean, level):
    """Quantiles of an exponential distribution that leave as much on either side."""
    return -mean * math.log((1 + level) / 2), -mean * math.log((1 - level) / 2)


def normal_ends(mean, level):
    """Those of a normal distribution of the same mean and standard deviation."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    return mean - z * mean, mean + z * mean


def sharpened(mean, level):
    """Half as far from the median."""
    return tuple((end + mean * math.log(2)) / 2 for end in best_ends(mean, level))


HONEST = of_page(
    id="ex-honest",
    objective=3,
    title="Why honesty pays",
    asks="Hand in a function of mean and level that returns the lower and the upper "
    "end of the best interval for an exponential distribution.",
    kind=Function(draw=inputs(mean=over(0.1, 10), level=uniform(0.5, 0.95))),
    reference=best_ends,
    right="As much is left below as above. The score asks for the quantiles that you "
    "believe in, and nobody gains by saying others.",
    wrong=(
        Wrong(
            belief="the shortest interval is the best",
            answer=lambda mean, level: (0.0, -mean * math.log(1 - level)),
            says="That is the shortest interval of this probability, and the score is "
            "no contest of lengths alone: each end is fined for itself. Differentiate "
            "by the lower end.",
        ),
        Wrong(
            belief="all that is believed is normal",
            answer=normal_ends,
            says="So many standard deviations on either side of the mean: that is for "
            "a normal belief. Yours is lopsided and ends at zero; does your lower end?",
        ),
        Wrong(
            belief="the level belongs to either end",
            answer=lambda mean, level: (
                -mean * math.log(level),
                -mean * math.log(1 - level),
            ),
            says="You leave what the level leaves below, and as much again above. Both "
            "together may be missed no more often than that.",
        ),
        Wrong(
            belief="sharper looks better",
            answer=sharpened,
            says="Half as far from the median on either side: narrower, and now the "
            "truth lies outside far more often. Each of these times costs a multiple "
            "of the distance.",
        ),
        Wrong(
            belief="the ends are exchanged",
            answer=lambda mean, level: best_ends(mean, level)[::-1],
            says="The two numbers are right. First the lower end, then the upper.",
        ),
    ),
    hints=(
        "The score is a function of the lower end plus one of the upper. "
        "Differentiate its expectation by the upper one.",
        "The expectation of what lies above an end is the integral, from there on, of "
        "the probability to exceed t.",
    ),
    reasoning=r"$\frac{d}{db}$ of the expected score is $1-\frac2{1-p}\Pr(y>b)$, so "
    r"$\Pr(y>b)=(1-p)/2$, and so for the other end. Here $\Pr(y>b)=e^{-b/m}$.",
)

EXERCISES = (HELD, DIGITS, HONEST)
