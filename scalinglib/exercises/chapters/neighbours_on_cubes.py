"""A checked exercise of chapter 7: the line of the nearest neighbour."""

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Choice

__all__ = ["EXERCISES"]


# --------------------------------------------------------- ex-nearest-line


def of_neighbours():
    """Exponent of the nearest neighbour."""
    return "2/d"


NEAREST = Exercise(
    chapter=7,
    id="ex-nearest-line",
    objective=2,
    title="The nearest neighbour's line",
    asks="Hand in one of '1/d', '2/d', '3/d' and '4/d'.",
    kind=Choice(labels=("1/d", "2/d", "3/d", "4/d")),
    reference=of_neighbours,
    right="A learner that is constant around each example has another line on the same "
    "data: the rungs of the ladder belong to learners, not to tasks.",
    wrong=(
        Wrong(
            belief="the exponent is universal",
            answer=lambda: "4/d",
            says="That is the line of the networks. The neighbour copies an answer "
            "instead of laying a plane: what does it neglect, and to which order?",
        ),
        Wrong(
            belief="kinks are what a neighbour stumbles over",
            answer=lambda: "3/d",
            says="Kinks are what limits planes. A copied answer is off wherever the "
            "target has a slope, kink or not.",
        ),
        Wrong(
            belief="a loss that falls as the error",
            answer=lambda: "1/d",
            says="A copied answer is off by about the distance of the neighbour. But "
            "the loss is a squared error.",
        ),
    ),
    hints=(
        "geometry.nearest(X)(x) returns distances and indices. The loss is the mean "
        "squared difference of the targets at a point and at its neighbour.",
        "Chapter 3 has it on a torus. Does a boundary matter in many dimensions?",
    ),
    reasoning=r"A copied answer is off by about the distance, $D^{-1/d}$, and the loss "
    r"squares that: $\alpha_D=2/d$. The boundary does not change it.",
)

EXERCISES = (NEAREST,)
