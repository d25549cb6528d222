"""Checked exercises of chapter 3: the ladder, climbed and paid for."""

from functools import partial

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=3)


# ----------------------------------------------------------------- ex-bill


def bill(factor, k, p, d):
    """Factor in data that divides the loss by a factor."""
    return factor ** (d / ((k + 1) * p))


BILL = of_chapter(
    id="ex-bill",
    objective=3,
    title="The bill",
    asks="Hand in a function of factor, k, p and d that returns the factor in data.",
    kind=Function(
        draw=inputs(factor=over(3, 100), k=whole(1, 4), p=whole(2, 4), d=whole(2, 16))
    ),
    reference=bill,
    right="The dimension stands in the exponent of the bill, and a learner that is "
    "exact for more polynomials divides it.",
    wrong=(
        Wrong(
            belief="the exponent of the loss for that of the data",
            answer=lambda factor, k, p, d: factor ** ((k + 1) * p / d),
            says="So the loss falls if the data grow by this factor. Asked is the "
            "other way: solve for the data. Can more dimensions make it cheaper?",
        ),
        Wrong(
            belief="the error for the loss",
            answer=lambda factor, k, p, d: factor ** (d / (k + 1)),
            says="That divides the error by the factor. The loss is a power of the "
            "error: a smaller step in the error is enough.",
        ),
        Wrong(
            belief="the degree for the order of the error",
            answer=lambda factor, k, p, d: factor ** (d / (k * p)),
            says="What the learner gets exactly goes up to the degree. The error "
            "begins with the first term that it misses.",
        ),
        Wrong(
            belief="all learners pay the same",
            answer=lambda factor, k, p, d: factor ** (d / p),
            says="You let the error fall as the distance. So it does for copies of "
            "the nearest label; who puts lines or curves through them does better.",
        ),
        Wrong(
            belief="a power for a product",
            answer=lambda factor, k, p, d: factor * d / ((k + 1) * p),
            says="You multiply where a power stands. Twice the exponent squares the "
            "factor: take logarithms to see it.",
        ),
    ),
    hints=(
        "The factor is the factor in data to the power c/d.",
        "And c counts orders of the error, as often as the loss multiplies it.",
    ),
    reasoning=r"The loss falls as $D^{-c/d}$ with $c=(k+1)p$, so the data must grow by "
    r"the factor to the power $d/c$.",
)


# ---------------------------------------------------------------- ex-rungs


def two_exponents(k, p, s, d):
    """Exponents of the loss for a smooth target and for a rough one."""
    return (k + 1) * p / d, s * p / d


RUNGS = of_chapter(
    id="ex-rungs",
    objective=3,
    title="The next rungs",
    asks="Hand in a function of k, p, s and d that returns two exponents in D: for "
    "the smooth target and for the rough one.",
    kind=Function(
        draw=inputs(k=whole(1, 4), p=whole(2, 4), s=uniform(0.2, 0.9), d=whole(2, 8))
    ),
    reference=two_exponents,
    right="The ladder is climbed by learner and target together: the shorter of the "
    "two decides.",
    wrong=(
        Wrong(
            belief="a rough target climbs, too",
            answer=lambda k, p, s, d: ((k + 1) * p / d,) * 2,
            says="The ladder needs a target with derivatives, for Taylor's polynomial "
            "is subtracted from it. The second target has not even a slope.",
        ),
        Wrong(
            belief="a polynomial adds its degree to the target's smoothness",
            answer=lambda k, p, s, d: ((k + 1) * p / d, (k + s) * p / d),
            says="What does a copy of the nearest label err by on the rough target? "
            "Higher degrees would need a slope to win more, and there is none.",
        ),
        Wrong(
            belief="the degree for the order of the error",
            answer=lambda k, p, s, d: (k * p / d, s * p / d),
            says="Look at the first number. Up to its degree the learner is exact; "
            "the error begins with the next term of Taylor's series.",
        ),
        Wrong(
            belief="the error for the loss",
            answer=lambda k, p, s, d: ((k + 1) / d, s / d),
            says="So the error falls. The loss is a power of it, and falls by that "
            "power faster.",
        ),
        Wrong(
            belief="the power of the distance for that of the data",
            answer=lambda k, p, s, d: ((k + 1) * p, s * p),
            says="These are powers of the distance. The distance itself falls as a "
            "power of the data, more slowly in more dimensions.",
        ),
    ),
    hints=(
        "How does the error depend on the distance? First for polynomials of degree "
        "k, then for a target that only promises increments.",
        "Lagrange's formula for four points: a sum of values, each times a product.",
        "np.searchsorted in the sorted inputs gives the gap that holds x; pad the "
        "inputs by a few points from around the circle.",
    ),
    reasoning=r"On the smooth target the error is $\sim r^{k+1}$, on the rough one "
    r"$\sim r^s$ for every degree. The loss is its power $p$, and $r\sim D^{-1/d}$.",
)

EXERCISES = (BILL, RUNGS)
