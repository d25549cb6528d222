"""Checked exercises of chapter 2: which limit, and where it is."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=2)


# -------------------------------------------------------------- ex-unknown


def through_three(losses):
    """Exponent and floor of the power law through losses at D, 2D and 4D."""
    first, second, third = losses
    ratio = (first - second) / (second - third)
    return np.log2(ratio), third - (second - third) / (ratio - 1)


def last_is_floor(losses):
    """The same if the last loss were the floor."""
    first, second, third = losses
    return np.log2((first - third) / (second - third)), third


def three_losses(rng):
    """Losses on a floor, whose excess is nearly a power."""
    late = rng.uniform(-0.2, 0.5)  # 1/(D − late) is steeper than 1/D, or flatter
    excess = (np.array([1, 2, 4]) - late) ** -rng.uniform(0.6, 1.4)
    return {"losses": rng.uniform(0.2, 2) + rng.uniform(0.1, 1) * excess}


UNKNOWN = of_chapter(
    id="ex-unknown",
    objective=3,
    title="The floor unknown",
    asks="Hand in a function of the array losses, at D, 2D and 4D, that returns two "
    "numbers: exponent and floor.",
    kind=Function(draw=three_losses),
    reference=through_three,
    right="Two differences know the exponent without the floor. Whether the excess is "
    "a power they do not know.",
    wrong=(
        Wrong(
            belief="the floor not subtracted",
            answer=lambda losses: (np.log2(losses[0] / losses[2]) / 2, 0.0),
            says="That is the local exponent of the loss, as if it fell to zero. The "
            "law is about the excess, and the floor cancels in differences of losses.",
        ),
        Wrong(
            belief="the last loss is the floor",
            answer=last_is_floor,
            says="The loss still falls at the last size. Who subtracts it as a limit "
            "takes too much from each loss, and the exponent comes out too large.",
        ),
        Wrong(
            belief="the exponent is universal",
            answer=lambda losses: (1.0, 2 * losses[2] - losses[1]),
            says="You take the exponent for one and extrapolate. Then the losses "
            "cannot contradict it. Let all three of them speak.",
        ),
        Wrong(
            belief="a natural logarithm for octaves",
            answer=lambda losses: (
                through_three(losses)[0] * np.log(2),
                through_three(losses)[1],
            ),
            says="The floor is right. But your sizes are octaves apart, so the "
            "logarithm above must count in octaves, too.",
        ),
        Wrong(
            belief="the fall of one octave for that of two",
            answer=lambda losses: (
                through_three(losses)[0] / 2,
                through_three(losses)[1],
            ),
            says="The floor is right. From the first difference of losses to the "
            "second, how often does the data double?",
        ),
    ),
    hints=(
        "In differences of losses the floor cancels. By which factor is the second "
        "difference smaller than the first, if the excess is a power?",
        "Of the last two excesses you know the difference, and the ratio.",
        'For the whole curve fit_power_law takes offset="fit". Least squares has a '
        "steeper local exponent at first: which of the three parameters absorbs it?",
    ),
    reasoning=r"With $r=2^\alpha$ the excesses are $E,E/r,E/r^2$, so the differences "
    r"have the ratio $r$. And $L_2-L_3=(r-1)\,E_3$ gives the last excess.",
)


# ---------------------------------------------------------- ex-one-example


def limit_of_one(s, c, a, y):
    """Mean and variance of the prediction, as initialised, of one example learned."""
    return a * y, s - 2 * a * c + a**2 * s


def one_example(rng):
    """Covariances, ratio of tangent kernels, label."""
    s = rng.uniform(0.2, 2)
    return {
        "s": s,
        "c": s * rng.uniform(0.1, 0.9),
        "a": rng.uniform(0.1, 0.95),
        "y": rng.uniform(0.5, 2),
    }


ONE_EXAMPLE = of_chapter(
    id="ex-one-example",
    objective=4,
    title="One example",
    asks="Hand in a function of s, c, a and y that returns mean and variance of the "
    "prediction.",
    kind=Function(draw=one_example),
    reference=limit_of_one,
    right="It is zero at the example and nowhere else: without centring the limit "
    "itself is random.",
    wrong=(
        Wrong(
            belief="training removes the random start",
            answer=lambda s, c, a, y: (a * y, 0.0),
            says="It does so at the example. At another input, what was learned there "
            "is subtracted from what the network was here, and they differ.",
        ),
        Wrong(
            belief="training leaves the random start as it was",
            answer=lambda s, c, a, y: (a * y, s),
            says="So it is far from the example, where a is zero. The network that "
            "learns the label unlearns its own start there, and so a part of it here.",
        ),
        Wrong(
            belief="both values of the start are independent",
            answer=lambda s, c, a, y: (a * y, s + a**2 * s),
            says="You add two variances. The start is one function, and its values at "
            "two inputs are alike.",
        ),
        Wrong(
            belief="a covariance counted once",
            answer=lambda s, c, a, y: (a * y, s - a * c + a**2 * s),
            says="In the variance of a difference the covariance comes twice. At the "
            "example itself, where a is one, nothing may be left: test that.",
        ),
        Wrong(
            belief="a network draws from the posterior of its start",
            answer=lambda s, c, a, y: (c * y / s, s - c**2 / s),
            says="That conditions the Gaussian process of the start on the label. "
            "Gradient descent follows the tangent kernel, which is another one.",
        ),
    ),
    hints=(
        "With one example the limit is f₀(x) + a (y − f₀(x₁)). Only f₀ is random, with "
        "mean zero.",
        "The variance of u − av is a sum of three terms.",
    ),
    reasoning=r"The limit $f_0(x)+a\,(y-f_0(x_1))$ has the mean $ay$, and the variance "
    r"of $f_0(x)-af_0(x_1)$, which is $s-2ac+a^2s$.",
)

EXERCISES = (UNKNOWN, ONE_EXAMPLE)
