"""Checked exercises of chapter 9: what is in a text."""

import math
from functools import partial

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Choice, Function, inputs, over, uniform

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=9)


# ---------------------------------------------------------------- ex-heaps


def growth(alpha):
    """Exponent with which the number of different items grows."""
    return 1 / (1 + alpha)


HEAPS = of_chapter(
    id="ex-heaps",
    objective=1,
    title="New words",
    asks="Hand in a function of alpha that returns the exponent of V(D).",
    kind=Function(draw=inputs(alpha=uniform(0.2, 1.6))),
    reference=growth,
    right="A sum over what is missing: its exponent and that of the loss make one.",
    wrong=(
        Wrong(
            belief="the exponent of the missing mass for that of the count",
            answer=lambda alpha: alpha / (1 + alpha),
            says="So the missing mass falls. It is the gain from one more draw; the "
            "count is the sum of all the gains so far. How does such a sum grow?",
        ),
        Wrong(
            belief="D draws reach item D",
            answer=lambda alpha: 1 - alpha,
            says="You sum a missing mass that falls as D to the power −α. But item k "
            "is rarer than 1/k, so D draws do not get to item D. Where is the cut?",
        ),
        Wrong(
            belief="every draw brings something new",
            answer=lambda alpha: 1.0,
            says="Then no item would come twice. The more has been seen, the less is "
            "missing, and the rarer are new items.",
        ),
        Wrong(
            belief="the exponent of the probabilities for that of the count",
            answer=lambda alpha: 1 + alpha,
            says="That is how fast the probabilities fall with the rank. And a count "
            "cannot grow faster than the number of draws. At which rank is an item "
            "expected once?",
        ),
        Wrong(
            belief="a falling quantity for a growing one",
            answer=lambda alpha: -1 / (1 + alpha),
            says="With this sign the number of different items would fall while you "
            "draw. Look at the sign.",
        ),
    ),
    hints=(
        "When is the next draw a new item?",
        "Sum D to the power −θ over D, with θ the exponent of the missing mass.",
    ),
    reasoning=r"The count grows by one if the next draw is new, and the probability of "
    r"that is the missing mass, which falls as $D^{-\theta}$ with "
    r"$\theta=\alpha/(1+\alpha)$. The sum of it grows as $D^{1-\theta}$.",
)


# ---------------------------------------------------------------- ex-flips


def horizon(q, c, D):
    """Distance at which the covariance of flips meets the noise."""
    return math.log(math.sqrt(D) / (2 * c)) / -math.log(1 - 2 * q)


def other_horizon(q, level, *, kept=2):
    """The same for another level of noise, and for what is kept from step to step."""
    return math.log(1 / level) / -math.log(1 - kept * q)


FLIPS = of_chapter(
    id="ex-flips",
    objective=2,
    title="A text that forgets",
    asks="Hand in a function of q, c and D that returns the horizon.",
    kind=Function(
        draw=inputs(q=uniform(0.02, 0.4), c=uniform(0.6, 1.5), D=over(1e4, 1e8))
    ),
    reference=horizon,
    right="A logarithm of D: each factor in data adds as many tokens as the last.",
    wrong=(
        Wrong(
            belief="the correlation for the covariance",
            answer=lambda q, c, D: other_horizon(q, c / D**0.5),
            says="The correlation of neighbours multiplies from step to step, that is "
            "right. But the strength is a singular value of the covariance. What does "
            "it start from at distance zero?",
        ),
        Wrong(
            belief="an entry of the matrix for its norm",
            answer=lambda q, c, D: other_horizon(q, 4 * c / D**0.5),
            says="That is where one entry of the matrix meets the noise. The strength "
            "is the largest singular value: multiply the matrix with (1, −1).",
        ),
        Wrong(
            belief="noise falls as 1/D",
            answer=lambda q, c, D: other_horizon(q, 2 * c / D),
            says="Variances of counted shares fall as 1/D. A covariance is compared "
            "with a standard deviation.",
        ),
        Wrong(
            belief="what flips twice is forgotten",
            answer=lambda q, c, D: other_horizon(q, 2 * c / D**0.5, kept=1),
            says="You multiply by the probability of no flip. But who flips twice is "
            "back: correlation is agreement less disagreement.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=lambda q, c, D: horizon(q, c, D) / math.log(10),
            says="A ratio of two logarithms does not depend on the base if both have "
            "the same. Here one is decimal and the other natural.",
        ),
    ),
    hints=(
        "The correlation of neighbours is agreement less disagreement, and it is "
        "multiplied from step to step.",
        "For two tokens that are alike, C(n) is half the correlation times a "
        "projection. Set its norm equal to the noise.",
    ),
    reasoning=r"The strength is $(1-2q)^n/2$. It meets $c/\sqrt D$ where "
    r"$n\,\log\frac1{1-2q}=\log\frac{\sqrt D}{2c}$. There is no power in it.",
)


# ------------------------------------------------------------- ex-spelling


def carried_by():
    """What the fast fall of correlations between letters is made of."""
    return "spelling"


SPELLING = of_chapter(
    id="ex-spelling",
    objective=2,
    title="What letters remember",
    asks="Hand in one of the words 'grammar', 'noise', 'spelling' and 'topics'.",
    kind=Choice(labels=("grammar", "noise", "spelling", "topics")),
    reference=carried_by,
    right="Where words end is the memory of letters, and it ends with the words.",
    wrong=(
        Wrong(
            belief="order of words is behind all correlations",
            answer=lambda: "grammar",
            says="Shuffled words have no grammar. Look at what shuffling leaves as it "
            "was, at lags up to four.",
        ),
        Wrong(
            belief="what is weak is noise",
            answer=lambda: "noise",
            says="Noise would be as strong in one half as in the other and along other "
            "directions; these strengths are measured along directions from elsewhere. "
            "And noise does not fall with the distance.",
        ),
        Wrong(
            belief="one exponent for letters and words",
            answer=lambda: "topics",
            says="What a text is about changes over hundreds of words. Over which "
            "distances do the letters' correlations fall, and how long are words?",
        ),
    ),
    hints=(
        '" ".join(rng.permutation(text.split())) keeps each word whole.',
        "How long are words?",
    ),
    reasoning="Shuffling the words leaves the correlations up to four letters as "
    "they are and takes away all at sixteen: so the steep fall of characters is "
    "mostly where words end.",
)

EXERCISES = (HEAPS, FLIPS, SPELLING)
