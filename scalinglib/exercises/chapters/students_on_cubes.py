"""Checked exercises of chapter 7: exponents of students, and how they are averaged."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, Number

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=7)


def steepness(D, losses):
    """How fast losses fall over D, on log–log axes; one for each column."""
    return -np.polyfit(np.log(D), np.log(losses), 1)[0]


# ------------------------------------------------------- ex-sizes-that-count


def over_sizes(D, test, counts):
    """Mean exponent of the trials over some sizes, and its standard error."""
    each = steepness(D[counts], test[counts])
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


def that_count(D, test, train):
    """The same over the sizes at which the typical student fits its examples."""
    ratio = np.exp(np.log(test / train).mean(axis=1))
    return over_sizes(D, test, np.cumprod(ratio >= 10).astype(bool))


def of_mean_losses(D, test, train):
    """The same, with one exponent of the losses' means."""
    mean = np.broadcast_to(test.mean(axis=1, keepdims=True), test.shape)
    return that_count(D, mean, train * mean / test)[0], that_count(D, test, train)[1]


def students(rng):
    """Sizes and losses of eight students; the optimiser's floor is met on the way."""
    D, last, alpha = 128 * 2.0 ** np.arange(6), rng.integers(2, 4), rng.uniform(0.6, 2)
    level = np.exp(0.6 * rng.standard_normal(8))
    own, luck = np.exp(0.1 * rng.standard_normal((2, 6, 8)))
    floor = (D[last] * 2**0.5) ** -alpha / 9
    law = D[:, None] ** -(alpha * rng.uniform(0.8, 1.25, 8)) * own
    law *= D[last] ** -alpha / np.exp(np.log(law[last]).mean())
    return {"D": D, "test": level * (law + floor), "train": level * floor * luck}


COUNT = of_chapter(
    id="ex-sizes-that-count",
    objective=1,
    title="Sizes that count",
    asks="Hand in a function of D, test and train that returns the mean exponent of "
    "the trials over the sizes that count, and its standard error.",
    kind=Function(draw=students),
    reference=that_count,
    right="The rule knows no exponent, so it can be fixed before one is seen; and what "
    "has scatter are pairs, not the points of a line.",
    wrong=(
        Wrong(
            belief="every size that was run counts",
            answer=lambda D, test, train: over_sizes(D, test, slice(None)),
            says="You fit all sizes. At the last ones the students do not fit their "
            "examples any more, and more data do not lower what the optimiser leaves.",
        ),
        Wrong(
            belief="losses averaged, not exponents",
            answer=of_mean_losses,
            says="You fit a line through the mean loss, which is mostly that of the "
            "worst teachers. Each pair has a slope: take these, then average.",
        ),
        Wrong(
            belief="the scatter of one pair for that of their mean",
            answer=lambda D, test, train: (
                np.array(that_count(D, test, train)) * (1, test.shape[1] ** 0.5)
            ),
            says="The exponent is right. But you give the scatter of single pairs. "
            "With more pairs it stays what it is; how does the error of a mean shrink?",
        ),
        Wrong(
            belief="n for n − 1",
            answer=lambda D, test, train: (
                np.array(that_count(D, test, train)) * (1, (1 - 1 / len(test.T)) ** 0.5)
            ),
            says="The exponent is right. Around a mean that was taken from the same "
            "few numbers they scatter too little: numpy divides by their count unless "
            "ddof says otherwise.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda D, test, train: (
                np.array(that_count(D, test, train)) * (-1, 1)
            ),
            says="That is the slope on log–log paper. An exponent is above zero if "
            "the loss falls.",
        ),
    ),
    hints=(
        "The typical loss of a size is the geometric mean over its trials.",
        "A matrix of logarithms can be handed to np.polyfit: it fits each column.",
    ),
    reasoning="A size counts if the geometric means of test and training loss are a "
    "factor of ten apart, and all smaller sizes count too. Each column has a slope "
    "over these; the error of their mean is their scatter over the root of the count.",
)


# ------------------------------------------------------------ ex-which-mean


def two_means(D, losses):
    """By how much the arithmetic mean is steeper, and the largest share of a trial."""
    typical = np.exp(np.log(losses).mean(axis=1))
    steeper = steepness(D, losses.mean(axis=1)) - steepness(D, typical)
    return steeper, (losses / losses.sum(axis=1, keepdims=True)).max()


def share(kept):
    """The same with another share."""
    return lambda D, losses: (two_means(D, losses)[0], kept(losses))


def teachers(rng):
    """Sizes and losses of eight pairs whose levels differ by factors."""
    D = 128 * 2.0 ** np.arange(5)
    level, alpha = np.exp(0.8 * rng.standard_normal(8)), rng.uniform(0.4, 0.8, 8)
    own = np.exp(0.1 * rng.standard_normal((5, 8)))
    return {"D": D, "losses": level * (D[:, None] / 512) ** -alpha * own}


MEAN = of_chapter(
    id="ex-which-mean",
    objective=1,
    title="Which mean?",
    asks="Hand in a function of D and losses that returns by how much the exponent of "
    "the arithmetic means is larger, and the largest share of one trial in a sum.",
    kind=Function(draw=teachers),
    reference=two_means,
    right="The arithmetic mean listens to the loudest teacher; logarithms count all "
    "alike.",
    wrong=(
        Wrong(
            belief="a mean is a mean",
            answer=lambda D, losses: (0.0, two_means(D, losses)[1]),
            says="Only if all pairs had one slope would both means fall alike. The "
            "arithmetic one follows those with large losses; whose slope is that?",
        ),
        Wrong(
            belief="a difference turned round",
            answer=lambda D, losses: np.array(two_means(D, losses)) * (-1, 1),
            says="You subtract the exponent of the arithmetic means from the other. "
            "Asked is by how much it is the larger one, negative if it is not.",
        ),
        Wrong(
            belief="eight pairs have a say of one eighth each",
            answer=share(lambda losses: 1 / losses.shape[1]),
            says="So it is for the mean of the logarithms. In a sum of the losses "
            "themselves a pair with a tenfold loss counts tenfold.",
        ),
        Wrong(
            belief="a loss over the mean, not over the sum",
            answer=share(
                lambda losses: (losses / losses.mean(axis=1, keepdims=True)).max()
            ),
            says="The shares of all pairs at one size must add up to one; yours add up "
            "to the number of pairs.",
        ),
        Wrong(
            belief="all sizes thrown together",
            answer=share(lambda losses: losses.sum(axis=0).max() / losses.sum()),
            says="You add the losses of all sizes first, and the smallest size "
            "outweighs all others. Each size has a sum of its own, and its own shares.",
        ),
    ),
    hints=(
        "The arithmetic mean of numbers that differ by factors is mostly the largest "
        "of them.",
        "Divide the losses of each size by their sum. With all pairs alike, each would "
        "have one eighth.",
    ),
    reasoning="Fit a line through the logarithms of the arithmetic means, another "
    "through the means of the logarithms, and subtract. Shares are losses over the sum "
    "of their size.",
)


# ----------------------------------------------------------------- ex-fifty


def four_over(D, losses):
    """Four over the exponent of a curve."""
    return 4 / steepness(D, losses)


FIFTY = of_chapter(
    id="ex-fifty",
    objective=2,
    title="Fifty coordinates",
    asks="Hand in a number, four over the mean exponent on the bent cubes of six "
    "dimensions, to three digits.",
    kind=Number(
        within=0.0015,
        given={
            "D": (128, 256, 512, 1024),
            "losses": (0.1139, 0.07716, 0.04454, 0.02644),
        },
    ),
    reference=four_over,
    right="Fifty numbers, and the exponent of as many as there are directions.",
    wrong=(
        Wrong(
            belief="ambient for intrinsic dimension",
            answer=lambda D, losses: 50.0,
            says="Fifty numbers describe a point, but the points fill a sheet. How far "
            "the next example is depends on the directions in which one can go.",
        ),
        Wrong(
            belief="a law instead of a measurement",
            answer=lambda D, losses: 6.0,
            says="That is the law on trial. What do the losses of the bent cubes say?",
        ),
        Wrong(
            belief="the mean of a ratio is the ratio of the mean",
            answer=lambda D, losses: 5.6497,  # of the eight pairs, one by one
            says="That is the mean of four over each exponent. A pair with a small "
            "exponent weighs more in it; average the exponents first.",
        ),
        Wrong(
            belief="the cubes of three dimensions",
            answer=lambda D, losses: 3.087,
            says="That is what the bent cubes of three directions have. The number "
            "asked for is that of the other ones.",
        ),
        Wrong(
            belief="the exponent for four over it",
            answer=lambda D, losses: steepness(D, losses),
            says="You have the exponent itself. The axis of the figure, on which "
            "a dimension can be read, is four over it.",
        ),
        Wrong(
            belief="one over the exponent",
            answer=lambda D, losses: 1 / steepness(D, losses),
            says="That would be the dimension if losses fell as neighbours come "
            "nearer. Planes err by the square, and the loss squares that.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=lambda D, losses: four_over(D, losses) * np.log(10),
            says="One of the two logarithms is decimal and the other natural. Any base "
            "will do, but the same for both.",
        ),
    ),
    hints=(
        'slopes(bent.sel(d=n)) has an exponent for each pair; .mean("trial") is '
        "their mean.",
        "Take four over the mean, not the mean of four over each.",
    ),
    reasoning="The mean slope of the eight pairs is the slope of the mean logarithm. "
    "Four over it is the dimension that the loss sees.",
)

EXERCISES = (COUNT, MEAN, FIFTY)
