"""Checked exercises of chapter 1: the law, its floor and its price."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, Number, Numbers, inputs, over, uniform

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=1)


# ---------------------------------------------------------------- ex-price


def price(D, before, after, alpha, floor):
    """Examples that a loss takes, without a floor and on one."""
    bare = D * (before / after) ** (1 / alpha)
    return bare, D * ((before - floor) / (after - floor)) ** (1 / alpha)


def both(of_ratio):
    """The same mistake with and without the floor, of the ratio of excesses."""
    return lambda D, before, after, alpha, floor: tuple(
        D * of_ratio((before - f) / (after - f), alpha) for f in (0, floor)
    )


PRICE = of_chapter(
    id="ex-price",
    objective=1,
    title="The price of progress",
    asks="Hand in two numbers of examples: without a floor, and on the floor.",
    kind=Numbers(
        within=0.01,
        given={"D": 1000, "before": 0.25, "after": 0.20, "alpha": 0.155, "floor": 0.10},
    ),
    reference=price,
    right="It is the excess that falls as a power: on a floor the same step in the "
    "loss is a larger one in what can still be won.",
    wrong=(
        Wrong(
            belief="the irreducible loss not subtracted",
            answer=lambda D, before, after, alpha, floor: price(
                D, before, after, alpha, 0
            ),
            says="The second curve has a floor, and the exponent is that of the "
            "excess. From what to what has the excess to fall?",
        ),
        Wrong(
            belief="a factor in the data has the exponent of the loss",
            answer=both(lambda ratio, alpha: ratio**alpha),
            says="You raise the ratio of the losses to the power α. But the loss is a "
            "power of the data. Solve for the data.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=both(lambda ratio, alpha: ratio ** (-1 / alpha)),
            says="With this sign a smaller loss would take fewer examples than you "
            "have. Which ratio is above one?",
        ),
        Wrong(
            belief="a power for a straight line",
            answer=both(lambda ratio, alpha: 1 + (ratio - 1) / alpha),
            says="You divide the relative change of the loss by α. That holds for "
            "small steps; over a long one, step follows upon step.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=both(lambda ratio, alpha: 10 ** (np.log(ratio) / alpha)),
            says="You take a natural logarithm and go back by a power of ten. Any "
            "base will do, but the same on both ways.",
        ),
    ),
    hints=(
        "Two excesses are to each other as the two sizes to the power −α. Solve for "
        "the second size.",
        "With a floor the excess has to go from 0.15 to 0.10, not from 0.25 to 0.20.",
    ),
    reasoning=r"From $E(D_2)/E(D_1)=(D_2/D_1)^{-\alpha}$ follows "
    r"$D_2=D_1\,(E_1/E_2)^{1/\alpha}$, with $E=L$ or with $E=L-0.10$.",
)


# -------------------------------------------------------- ex-read-exponent


def read_off(D, losses, floor):
    """Exponent of the excess between two sizes."""
    excess = np.subtract(losses, floor)
    return -np.diff(np.log(excess))[0] / np.diff(np.log(D))[0]


READ = of_chapter(
    id="ex-read-exponent",
    objective=1,
    title="Read an exponent",
    asks="Hand in the exponent, a number.",
    kind=Number(
        within=0.01, given={"D": (1000, 4000), "losses": (0.31, 0.26), "floor": 0.20}
    ),
    reference=read_off,
    right="The law is one of the excess, and its slope has no base and no unit.",
    wrong=(
        Wrong(
            belief="the irreducible loss not subtracted",
            answer=lambda D, losses, floor: read_off(D, losses, 0),
            says="That is how steeply the loss itself falls. The law is about the "
            "excess; what is left of each loss above the floor?",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda D, losses, floor: -read_off(D, losses, floor),
            says="That is the slope on log–log paper. The exponent is above zero if "
            "the loss falls: its minus stands in the law.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=lambda D, losses, floor: read_off(D, losses, floor) / np.log(10),
            says="One of the two logarithms is decimal and the other natural. Any "
            "base will do, but the same for both.",
        ),
        Wrong(
            belief="a natural logarithm divided by doublings",
            answer=lambda D, losses, floor: read_off(D, losses, floor) * np.log(2),
            says="You divide by the number of doublings, so the logarithm above must "
            "count doublings too.",
        ),
        Wrong(
            belief="the whole fall for that of one doubling",
            answer=lambda D, losses, floor: read_off(D, losses, floor) * 2,
            says="That is what the whole step brings. How often does the data double "
            "between the two sizes?",
        ),
    ),
    hints=(
        "Take the two excesses, not the two losses.",
        "The exponent is a ratio of two differences of logarithms.",
    ),
    reasoning=r"The excesses are $0.11$ and $0.06$, and "
    r"$\alpha=\log(0.11/0.06)/\log 4$.",
)


# ----------------------------------------------------------------- ex-half


def where_half(floor, A, alpha):
    """Where the local exponent is half of the exponent."""
    return (A / floor) ** (1 / alpha)


HALF = of_chapter(
    id="ex-half",
    objective=3,
    title="Where the slope has halved",
    asks="Hand in a function of floor, A and alpha that returns x.",
    kind=Function(
        draw=inputs(floor=over(0.05, 0.8), A=over(1, 9), alpha=uniform(0.2, 0.9))
    ),
    reference=where_half,
    right="Half of the loss is floor there: that size is the scale which a pure power "
    "law does not have.",
    wrong=(
        Wrong(
            belief="the slope halves when the excess does",
            answer=lambda floor, A, alpha: 2 ** (1 / alpha),
            says="The excess has no scale: it halves over a factor, wherever you "
            "start. The slope of the loss depends on the share that the floor has.",
        ),
        Wrong(
            belief="half of the slope where the excess is half of the floor",
            answer=lambda floor, A, alpha: (2 * A / floor) ** (1 / alpha),
            says="There the excess is a third of the loss. The local exponent is α "
            "times the share of the loss that is excess.",
        ),
        Wrong(
            belief="half of the slope where the excess is twice the floor",
            answer=lambda floor, A, alpha: (A / (2 * floor)) ** (1 / alpha),
            says="There the floor is a third of the loss, and the slope has lost a "
            "third. How large is the floor's share when the slope has lost half?",
        ),
        Wrong(
            belief="a factor in x has the exponent of the loss",
            answer=lambda floor, A, alpha: (A / floor) ** alpha,
            says="You have found what is equal at that place. But solve it for x: "
            "there x stands under a power.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda floor, A, alpha: (floor / A) ** (1 / alpha),
            says="With this sign a lower floor would be felt earlier. Let the floor "
            "go to zero: where must x go?",
        ),
        Wrong(
            belief="the excess falls as 1/x",
            answer=lambda floor, A, alpha: A / floor,
            says="So it is for α = 1 only. Solve for x with the exponent in place.",
        ),
    ),
    hints=(
        "The local exponent is α times the share of the loss that is excess.",
        "That share must be one half. What does it say about excess and floor?",
    ),
    reasoning=r"The share $1-L_\infty/L$ is one half if $L=2L_\infty$: excess and "
    r"floor are equal, $A\,x^{-\alpha}=L_\infty$.",
)

EXERCISES = (PRICE, READ, HALF)
