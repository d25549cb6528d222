"""Checked exercises of chapter 8: the best split, its constant, and a wrong count."""

import math
from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=8)


# -------------------------------------------------------- ex-half-the-loss


def for_half(a, b):
    """Factors of the compute and of the size for half the loss."""
    return 2 ** ((1 + b) / (a - 1)), 2 ** (1 / (a - 1))


def along(loss_exponent, size_exponent):
    """The same for other exponents of the best split."""

    def factors(a, b):
        compute = 2 ** (1 / loss_exponent(a, b))
        return compute, compute ** size_exponent(a, b)

    return factors


HALF_THE_LOSS = of_chapter(
    id="ex-half-the-loss",
    objective=1,
    title="Half the loss",
    asks="Hand in a function of a and b that returns two factors: by which the compute "
    "grows, and by which the size.",
    kind=Function(draw=inputs(a=uniform(1.3, 2.5), b=uniform(1.2, 3))),
    reference=for_half,
    right="The target tells how large the model has to be, whatever the kernel; the "
    "kernel tells how long it then has to be trained.",
    wrong=(
        Wrong(
            belief="a factor in the compute has the exponent of the loss",
            answer=lambda a, b: tuple(2 ** ((a - 1) / (1 + b) / x) for x in (1, 1 + b)),
            says="The loss is a power of the compute, and the compute is asked. Turn "
            "the power around: half the loss cannot be so cheap.",
        ),
        Wrong(
            belief="all of the compute goes into size",
            answer=along(lambda a, b: a - 1, lambda a, b: 1),
            says="A larger model at the same time does not halve its loss: the new "
            "modes would not be learned. Time has to grow with it.",
        ),
        Wrong(
            belief="all of the compute goes into time",
            answer=along(lambda a, b: (a - 1) / b, lambda a, b: 0),
            says="A model of the same size has modes that it will never learn: longer "
            "training ends in that floor. Both have to grow.",
        ),
        Wrong(
            belief="the split is a square root, whatever the spectrum",
            answer=along(lambda a, b: (a - 1) / (1 + b), lambda a, b: 1 / 2),
            says="The compute is right. Size and time share it equally only if each "
            "new mode is learned as fast as the last, or so. Here the spectrum falls.",
        ),
        Wrong(
            belief="time for size",
            answer=along(lambda a, b: (a - 1) / (1 + b), lambda a, b: b / (1 + b)),
            says="The compute is right, and so would be the factor of the time. Asked "
            "is that of the size.",
        ),
        Wrong(
            belief="exponents of size and of time add",
            answer=along(lambda a, b: (a - 1) * (1 + 1 / b), lambda a, b: 1 / (1 + b)),
            says="You let the compute work for size and for time at once. It is a "
            "product of both, and what goes into one is missing in the other.",
        ),
    ),
    hints=(
        "Turn the power law of the loss at the best split around.",
        "The size grows as the compute to the power 1/(1 + b). What is left of b?",
    ),
    reasoning=r"$L^*\sim C^{-(a-1)/(1+b)}$ is halved by $2^{(1+b)/(a-1)}$ times the "
    r"compute, and $P^*\sim C^{1/(1+b)}$ makes $2^{1/(a-1)}$ of it.",
)


# ----------------------------------------------------------------- ex-edge


def size_constant(a, b):
    """Best number of modes over its power of the compute."""
    s = (a - 1) / b
    y = np.linspace(0, 40, 40_001)
    density = y**s * np.exp(-y)
    beyond = (density[::-1].cumsum()[::-1] - density / 2) * y[1]
    u = np.interp(0, b * y**s * (1 - np.exp(-y)) - beyond, y)
    return (2 / u) ** (1 / (1 + b))


def two_powers(a, b, *, weights):
    """The constant if size and time had powers in these proportions."""
    s = (a - 1) / b
    in_size, in_time = 1 / (a - 1), math.gamma(s) / b * 2**-s
    return (weights(a, b) * in_size / in_time) ** (1 / (a - 1 + s))


EDGE = of_chapter(
    id="ex-edge",
    objective=2,
    title="The constant, derived",
    asks="Hand in a function of a and b that returns the constant p.",
    kind=Function(draw=inputs(a=uniform(1.3, 2.5), b=uniform(1.2, 3)), within=1e-3),
    reference=size_constant,
    right="The power needs the balance alone. The constant needs the whole crossover, "
    "in which the last mode is half learned.",
    wrong=(
        Wrong(
            belief="the crossover is a sum of two powers",
            answer=lambda a, b: two_powers(a, b, weights=lambda a, b: b),
            says="That is the least of the sum of two powers. It counts modes near "
            "the edge twice, and the best model is smaller.",
        ),
        Wrong(
            belief="equal losses for equal marginal gains",
            answer=lambda a, b: two_powers(a, b, weights=lambda a, b: 1),
            says="You set two losses equal, and take both for pure powers. At the "
            "optimum it is the marginal gains that are equal, and neither is pure.",
        ),
        Wrong(
            belief="balance tells the constant",
            answer=lambda a, b: 1.0,
            says="That time balances the b-th power of the size holds up to a factor. "
            "The factor is what this exercise is about.",
        ),
        Wrong(
            belief="training ends when the last mode has fallen to 1/e",
            answer=lambda a, b: 2 ** (1 / (1 + b)),
            says="It would be a reasonable time to stop, but the optimum decides. "
            "How much is left of the last mode was asked in the chapter.",
        ),
        Wrong(
            belief="modes for their squares",
            answer=lambda a, b: size_constant(a, b) / 2 ** (1 / (1 + b)),
            says="You have solved for u. But a mode's part of the loss falls with "
            "twice its rate: look at how u was defined.",
        ),
        Wrong(
            belief="the power of the time for that of the compute",
            answer=lambda a, b: size_constant(a, b) ** ((1 + b) / b),
            says="You have solved for u, and then for P with t held fixed. Put C/P "
            "for t before you take the root.",
        ),
    ),
    hints=(
        "Modes up to P only: the loss is a power of P times a bracket, in which there "
        "is an incomplete gamma function of u.",
        "At constant C the size is a power of u. Differentiate the loss, and integrate "
        "by parts.",
    ),
    reasoning=r"At constant $C$, $P=(2C/u)^{1/(1+b)}$, and the loss is proportional to "
    r"$u^{bs/(1+b)}\bigl[\frac1s+u^{-s}\Gamma(s,u)\bigr]$. Its derivative vanishes "
    r"where $b\,u^s(1-e^{-u})=\Gamma(s+1,u)$. The left rises, the right falls: one "
    r"root.",
)


# ------------------------------------------------------------ ex-uncounted


def seen_exponent(x):
    """Local exponent of a study that leaves one part in x out of its count."""
    return x / (2 * x - 1)


UNCOUNTED = of_chapter(
    id="ex-uncounted",
    objective=3,
    title="Parameters that nobody counted",
    asks="Hand in a function of x that returns the local exponent that the study sees.",
    kind=Function(draw=inputs(x=over(1.1, 30))),
    reference=seen_exponent,
    right="It lies between one half and one, and all of the difference is in the "
    "count: nothing about learning has changed.",
    wrong=(
        Wrong(
            belief="what is constant does not change an exponent",
            answer=lambda x: 0.5,
            says="A constant factor would not. A constant that is subtracted bends a "
            "power law wherever it is not small, as a floor does.",
        ),
        Wrong(
            belief="only the size is miscounted",
            answer=lambda x: x / (2 * (x - 1)),
            says="The study leaves Q out of its compute, too. Write the logarithm of "
            "what it takes for the compute.",
        ),
        Wrong(
            belief="only the compute is miscounted",
            answer=lambda x: (x - 1) / (2 * x - 1),
            says="The study leaves Q out of the size, too: on its vertical axis is "
            "not x. Which of the two errors is the larger?",
        ),
        Wrong(
            belief="size against compute, or compute against size",
            answer=lambda x: (2 * x - 1) / x,
            says="It is upside down: asked is how the size grows with the compute.",
        ),
        Wrong(
            belief="what was left out is added",
            answer=lambda x: x / (2 * x + 1),
            says="P is the true size, and with Q. The study sees less than P, not "
            "more. Look at the sign.",
        ),
        Wrong(
            belief="a ratio of logarithms for a slope",
            answer=lambda x: np.log(x - 1) / np.log(x * (x - 1)),
            says="A local exponent is a ratio of derivatives of logarithms. Yours "
            "changes with the unit in which Q is measured.",
        ),
    ),
    hints=(
        "On the true envelope t grows as P, and so as x. Write the logarithms of what "
        "the study sees with x.",
        "There is one logarithm for the size and there are two for the compute; divide "
        "the derivatives.",
    ),
    reasoning=r"The study sees the size $x-1$ and the compute $x\,(x-1)$, up to "
    r"factors. $\frac{1/(x-1)}{1/x+1/(x-1)}=\frac x{2x-1}$.",
)

EXERCISES = (HALF_THE_LOSS, EDGE, UNCOUNTED)
