"""Checked exercises of chapter 3: when a bound holds, and whether it is attained."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=3)


# -------------------------------------------------------------- ex-runaway


def waves(x, m):
    """Columns 1, cos and sin up to degree m."""
    j = 2 * np.pi * np.arange(1, m + 1) * x[:, None]
    return np.hstack([np.ones((len(x), 1)), np.cos(j), np.sin(j)])


def steepness_of(x):
    """Slopes between 2001 places of the polynomial through |sin πx| at these points."""
    m, line = len(x) // 2, np.linspace(0, 1, 2001)
    weights = np.linalg.solve(waves(x, m), np.abs(np.sin(np.pi * x)))
    return np.abs(np.diff(waves(line, m) @ weights)) * 2000


def steepest(x):
    """Steepest slope of the polynomial."""
    return steepness_of(x).max()


def between_neighbours(x):
    """Steepest slope of straight lines from example to example."""
    x = np.sort(x)
    x = np.append(x, x[0] + 1)
    return np.abs(np.diff(np.abs(np.sin(np.pi * x))) / np.diff(x)).max()


def at_examples(x):
    """Steepest slope of the polynomial at the examples."""
    return steepness_of(x)[np.minimum(2000 * x, 1999).astype(int)].max()


RUNAWAY = of_chapter(
    id="ex-runaway",
    objective=2,
    title="An interpolator that runs away",
    asks="Hand in a function of the points x that returns the steepest slope of the "
    "polynomial through them.",
    kind=Function(
        draw=lambda rng: {"x": rng.random(2 * int(rng.integers(4, 9)) + 1)}, within=0.01
    ),
    reference=steepest,
    right="It goes through every example, and between them as steeply as it likes: a "
    "bounded slope is an assumption about the learner.",
    wrong=(
        Wrong(
            belief="no interpolator is steeper than its data",
            answer=between_neighbours,
            says="That is the steepest step from example to example, about the slope "
            "of the target. Straight lines are not steeper, but between two examples "
            "nothing tells the polynomial to go straight.",
        ),
        Wrong(
            belief="what holds at the examples holds between them",
            answer=at_examples,
            says="You look at the examples only. The polynomial runs away in the gaps "
            "between them: look everywhere on the circle.",
        ),
        Wrong(
            belief="the mean slope for the steepest",
            answer=lambda x: steepness_of(x).mean(),
            says="A Lipschitz constant bounds the slope everywhere. A mean hides the "
            "one place where it is largest.",
        ),
        Wrong(
            belief="all points are as good as even ones",
            answer=lambda x: steepness_of(np.arange(len(x)) / len(x)).max(),
            says="That is the polynomial through evenly spaced points, which is tame. "
            "Random points leave wide gaps and close pairs: use the x given.",
        ),
    ),
    hints=(
        "As many columns as points: the constant, cosines and sines up to degree m; "
        "np.linalg.solve finds their weights.",
        "Take differences on a fine grid over the whole circle.",
    ),
    reasoning=r"The columns $1,\cos2\pi jx,\sin2\pi jx$ with $j\le m$ are as many as "
    r"the points, so one solution goes through all. Its slope is measured on a fine "
    r"grid.",
)


# ------------------------------------------------------------- ex-attained


def loosening(D, bound, losses):
    """Exponent with which bound over loss grows: mean and standard error of trials."""
    ratio = bound[:, None] / losses
    grows = np.polyfit(np.log(D), np.log(ratio), 1)[0]
    return grows.mean(), grows.std(ddof=1) / np.sqrt(len(grows))


def times(first, second):
    """The same with each of the two numbers multiplied."""
    return lambda D, bound, losses: np.multiply(
        loosening(D, bound, losses), (first, second)
    )


def gap(D, bound, losses):
    """Bound over loss at the largest size, and its standard error."""
    ratio = bound[-1] / losses[-1]
    return ratio.mean(), ratio.std(ddof=1) / np.sqrt(len(ratio))


def bounded(rng):
    """Sizes, a bound and the losses of eight trials below it."""
    D = 128 * 2.0 ** np.arange(6)
    d, own = int(rng.integers(2, 6)), rng.standard_normal((6, 8))
    bound = rng.uniform(2, 9) * D ** (-1 / d)
    gone = rng.uniform(3, 30) * D ** rng.uniform(0.05, 0.6)
    return {"D": D, "bound": bound, "losses": (bound / gone)[:, None] * np.exp(own / 9)}


ATTAINED = of_chapter(
    id="ex-attained",
    objective=4,
    title="Does it keep up?",
    asks="Hand in a function of D, bound and losses that returns the exponent with "
    "which the bound over the loss grows, and its standard error.",
    kind=Function(draw=bounded),
    reference=loosening,
    right="A bound that is loose by a constant factor has the law's exponent; one "
    "that loosens as data grow has not.",
    wrong=(
        Wrong(
            belief="the loss's exponent tells how loose the bound is",
            answer=lambda D, bound, losses: loosening(D, np.ones(len(D)), losses),
            says="That is the exponent of the loss. The bound falls, too: whether it "
            "is attained, only the ratio of the two tells.",
        ),
        Wrong(
            belief="a bound that is far above is not attained",
            answer=gap,
            says="You return how far above the bound is at one size. A constant factor "
            "says nothing about the exponent: does the factor change with D?",
        ),
        Wrong(
            belief="the ratio turned upside down",
            answer=times(-1, 1),
            says="You divide the loss by the bound. Asked is the bound over the loss: "
            "what loosens has an exponent above zero.",
        ),
        Wrong(
            belief="the scatter of trials for the error of their mean",
            answer=lambda D, bound, losses: times(1, losses.shape[1] ** 0.5)(
                D, bound, losses
            ),
            says="So far one trial is off. The mean of several trials is known better.",
        ),
        Wrong(
            belief="an octave's growth for the exponent",
            answer=times(np.log(2), np.log(2)),
            says="You divide a natural logarithm by a number of doublings. An exponent "
            "is a ratio of two logarithms of the same base.",
        ),
    ),
    hints=(
        "Divide the bound by the losses of each trial: bound[:, None] / losses.",
        "np.polyfit fits a line to the logarithms of every column at once.",
    ),
    reasoning="A line through the logarithms of the ratio has the exponent as its "
    "slope, one for each trial. Their mean is the answer, and their scatter over the "
    "square root of their number is its error.",
)

EXERCISES = (RUNAWAY, ATTAINED)
