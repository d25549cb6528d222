"""Checked exercises of the scaling lab: what a card says, and how much luck is in it.

They stand on the page of practice, `scaling_lab`.
"""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="scaling_lab")


# ------------------------------------------------------------- ex-lab-play


def scores_of(low, high, truth):
    """Interval scores of the logarithms, at 90 %."""
    beside = np.maximum(np.log(low / truth), 0) + np.maximum(np.log(truth / high), 0)
    return np.log(high / low) + 20 * beside


def shares_of(score, expected, stranger):
    """Where a score lies between a stranger's and the one expected, in logarithms."""
    return np.log(stranger / score) / np.log(stranger / expected)


def marked(low, high, truth, expected, stranger):
    """Mean score of some games, and their points together."""
    score = scores_of(low, high, truth)
    points = 50 * np.clip(shares_of(score, expected, stranger), 0, 1)
    return score.mean(), points.sum()


def marked_by(score_of, share_of=shares_of):
    """The same with another score, or with points that fall otherwise."""

    def said(low, high, truth, expected, stranger):
        score = score_of(low, high, truth)
        points = 50 * np.clip(share_of(score, expected, stranger), 0, 1)
        return score.mean(), points.sum()

    return said


def without_logarithms(low, high, truth):
    """The score of the losses themselves."""
    beside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return high - low + 20 * beside


def half_the_fine(low, high, truth):
    """The score with a fine of one over what the level leaves."""
    width = np.log(high / low)
    return (width + scores_of(low, high, truth)) / 2


def unlimited(low, high, truth, expected, stranger):
    """Points that may be more than all there are, or less than none."""
    score = scores_of(low, high, truth)
    return score.mean(), (50 * shares_of(score, expected, stranger)).sum()


def three_games(rng):
    """Intervals of three games, truths, and the scores they are compared with."""
    expected, stranger = rng.uniform(0.1, 0.3, 3), rng.uniform(1.0, 3.0, 3)
    spread = expected / 4 * np.exp(rng.uniform(-2, 1, 3))
    truth = np.exp(rng.uniform(-3, 0, 3))
    middle = truth * np.exp(2 * spread * rng.standard_normal(3))
    ends = middle * np.exp(1.645 * spread * [[-1], [1]])
    low, high = ends
    return {
        "low": low,
        "high": high,
        "truth": truth,
        "expected": expected,
        "stranger": stranger,
    }


PLAY = of_page(
    id="ex-lab-play",
    objective=1,
    title="Three games",
    asks="Hand in a function of low, high, truth, expected and stranger, a number for "
    "each of three games, that returns the mean score and the sum of the points.",
    kind=Function(draw=three_games),
    reference=marked,
    right="Width and misses are both relative, and so are points: to halve a score is "
    "worth the same wherever one stands.",
    wrong=(
        Wrong(
            belief="losses are compared as they are",
            answer=marked_by(without_logarithms),
            says="Your score has the unit of a loss: a game whose losses are ten times "
            "smaller would be ten times easier. The card compares logarithms.",
        ),
        Wrong(
            belief="the fine is one over what the level leaves",
            answer=marked_by(half_the_fine),
            says="The fine is twice too small. With a level of 90 % each side is "
            "missed by one truth in twenty: compare the interval score's equation.",
        ),
        Wrong(
            belief="a narrow interval is a good one",
            answer=marked_by(lambda low, high, truth: np.log(high / low)),
            says="You count the widths alone. An interval that misses is fined for the "
            "distance to the truth, and dearly.",
        ),
        Wrong(
            belief="points fall with the score itself",
            answer=marked_by(
                scores_of,
                lambda score, expected, stranger: (
                    (stranger - score) / (stranger - expected)
                ),
            ),
            says="The scores are right. Between a stranger and the best there is, "
            "points fall with the logarithm: each halving of the score is worth the "
            "same.",
        ),
        Wrong(
            belief="who does better than expected gets more than all",
            answer=unlimited,
            says="The scores are right. But no question has more points than fifty, or "
            "fewer than none: luck beyond what can be expected is not paid.",
        ),
    ),
    hints=(
        'local_exponents(game.curve.mean("trial")) after a scout of eight octaves. A '
        "break shows as a step in the exponents, a floor as a slow fade at the end.",
        "If you know nothing, buy EVEN.",
        "For the card: laws.interval_score of the logarithms of low, high and truth is "
        "the score; np.clip keeps the share of the points between zero and one.",
    ),
    reasoning="The score is the width in logarithms and twenty times what the truth "
    "lies outside. The share of the points is where its logarithm lies between a "
    "stranger's and the one expected, and at most one and at least zero.",
)


# ------------------------------------------------------------- ex-lab-exam


def games_each(gap, spread):
    """Games of each of two strategies until the gap is two standard errors."""
    return 2 * (2 * spread / gap) ** 2


EXAM = of_page(
    id="ex-lab-exam",
    objective=4,
    title="Hold an exam",
    asks="Hand in a function of gap and spread that returns the number of games that "
    "each of two strategies has to play, a float.",
    kind=Function(draw=inputs(gap=over(2, 40), spread=over(5, 50))),
    reference=games_each,
    right="An exam of one game is a lottery with a little skill in it. Half of the gap "
    "takes four times the games.",
    wrong=(
        Wrong(
            belief="only one of them has luck",
            answer=lambda gap, spread: (2 * spread / gap) ** 2,
            says="That is the error of one mean. Two are compared, of games that are "
            "not the same, and either may have been lucky.",
        ),
        Wrong(
            belief="two lucks add up",
            answer=lambda gap, spread: 4 * (2 * spread / gap) ** 2,
            says="You add the two standard errors. The games of the two are "
            "independent: it is the squares that add up.",
        ),
        Wrong(
            belief="one standard error is proof",
            answer=lambda gap, spread: 2 * (spread / gap) ** 2,
            says="At your number the gap is as large as one standard error, and two "
            "equal strategies differ by so much in one comparison of three.",
        ),
        Wrong(
            belief="luck goes away as one over the number",
            answer=lambda gap, spread: 2 * np.sqrt(2) * spread / gap,
            says="The error of a mean falls with the root of the number of games. "
            "Solve for the number with that root in place.",
        ),
        Wrong(
            belief="a ratio turned upside down",
            answer=lambda gap, spread: 2 * (2 * gap / spread) ** 2,
            says="With yours, strategies that are nearly equal are told apart at once. "
            "The smaller the gap, the more games it takes.",
        ),
    ),
    hints=(
        "tempfile.TemporaryDirectory() is a folder that cleans up.",
        "The mean of n games has an error of its own. How does it fall with n, and "
        "what is the error of a difference of two?",
    ),
    reasoning=r"The difference of two means of $n$ games has the standard error "
    r"$\text{spread}\sqrt{2/n}$. Twice that is the gap.",
)

EXERCISES = (PLAY, EXAM)
