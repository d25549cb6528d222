"""Checked exercises of the scaling lab: what runs tell, and which to buy.

They stand on the page of practice, `scaling_lab`.
"""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, whole

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="scaling_lab")


# ------------------------------------------------------------- ex-lab-step


def flattening(D, losses, errors):
    """Fall of the local exponent from the first to the second gap, and its error.

    Three sizes; the errors are relative ones, of mean losses.
    """
    before, after = np.diff(np.log(D))
    weights = np.array([1 / before, -1 / before - 1 / after, 1 / after])
    return weights @ np.log(losses), np.linalg.norm(weights * errors)


def each_exponent(D, errors):
    """Standard errors of the two local exponents."""
    return np.hypot(errors[1:], errors[:-1]) / np.diff(np.log(D))


def three_sizes(rng):
    """Three sizes, losses that flatten a little, and their errors."""
    D = 16.0 * np.cumprod([1, *rng.choice([2, 4, 8, 16], 2)])
    early, late = rng.uniform(0.2, 0.5), rng.uniform(0.0, 0.2)
    fall = np.cumsum([0, *(np.diff(np.log(D)) * (early, late))])
    errors = rng.uniform(0.02, 0.1, 3)
    return {"D": D, "losses": np.exp(-fall), "errors": errors}


STEP = of_page(
    id="ex-lab-step",
    objective=1,
    title="A bend, or noise?",
    asks="Hand in a function of three sizes D, losses and errors that returns by how "
    "much the local exponent falls, and the standard error of that.",
    kind=Function(draw=three_sizes),
    reference=flattening,
    right="The loss in the middle stands in both exponents, once as an end and once as "
    "a beginning: its noise counts for both at once.",
    wrong=(
        Wrong(
            belief="neighbouring exponents are independent",
            answer=lambda D, losses, errors: (
                flattening(D, losses, errors)[0],
                np.hypot(*each_exponent(D, errors)),
            ),
            says="You add the errors of two exponents as if they shared nothing. If "
            "the middle loss is too high by chance, the first comes out too small, and "
            "the second?",
        ),
        Wrong(
            belief="only the last exponent is uncertain",
            answer=lambda D, losses, errors: (
                flattening(D, losses, errors)[0],
                each_exponent(D, errors)[1],
            ),
            says="That is the error of the second exponent alone. It is compared with "
            "the first, which is no better known than that.",
        ),
        Wrong(
            belief="errors add up as they are",
            answer=lambda D, losses, errors: (
                flattening(D, losses, errors)[0],
                each_exponent(D, errors) @ np.ones(2),
            ),
            says="A sum of errors is what happens at the worst, and noise seldom does "
            "its worst everywhere. Add the squares, once for each loss.",
        ),
        Wrong(
            belief="a rise for a fall",
            answer=lambda D, losses, errors: np.multiply(
                flattening(D, losses, errors), (-1, 1)
            ),
            says="That is by how much the exponent rises. Asked is the fall, from the "
            "first pair of sizes to the second: above zero if the curve flattens.",
        ),
        Wrong(
            belief="logarithms of two bases",
            answer=lambda D, losses, errors: np.multiply(
                flattening(D, losses, errors), np.log(2)
            ),
            says="You divide natural logarithms of the losses by numbers of doublings. "
            "Any base will do, but the same for both.",
        ),
    ),
    hints=(
        "Write both local exponents out, and collect what stands before each of the "
        "three logarithms.",
        "The three losses are independent: each has a weight, and the squares of "
        "weight times error add up.",
    ),
    reasoning=r"With gaps $h$ and $k$ in $\log D$ the fall is "
    r"$\frac{y_1-y_2}{h}-\frac{y_2-y_3}{k}$, so $y_2$ has the weight "
    r"$-\frac1h-\frac1k$. The $y$ are independent: squares of weight times error add "
    r"up.",
)


# ------------------------------------------------------------ ex-lab-power


def lever(D1, D2, at, noise, budget):
    """Weights of two sizes in a forecast by a power, and the least standard error."""
    u1, u2, U = np.log([D1, D2, at])
    w2 = (U - u1) / (u2 - u1)
    dear = abs(1 - w2) * np.sqrt(D1) + w2 * np.sqrt(D2)
    return 1 - w2, w2, noise * dear / np.sqrt(budget)


def spent_otherwise(dear):
    """The same weights, with another error, in units of noise over root of budget."""

    def said(D1, D2, at, noise, budget):
        w1, w2, _ = lever(D1, D2, at, noise, budget)
        return w1, w2, noise * dear(abs(w1), w2, D1, D2) / np.sqrt(budget)

    return said


POWER = of_page(
    id="ex-lab-power",
    objective=2,
    title="The lever of a power",
    asks="Hand in a function of D1, D2, at, noise and budget that returns both "
    "weights and the least standard error.",
    kind=Function(
        draw=inputs(
            D1=whole(16, 64),
            D2=whole(128, 16384),
            at=over(1e5, 1e6),
            noise=over(0.01, 0.1),
            budget=over(1e4, 1e6),
        )
    ),
    reference=lever,
    right="The longer the lever, the smaller the weights, and each unit of weight is "
    "paid with the root of a size: a short lever is the best.",
    wrong=(
        Wrong(
            belief="a run costs the same at every size",
            answer=spent_otherwise(lambda w1, w2, D1, D2: w1 + w2),
            says="The weights are right. But your error is for so many runs, not for "
            "so much money: how many runs does the money buy at either size?",
        ),
        Wrong(
            belief="half of the money for each size",
            answer=spent_otherwise(
                lambda w1, w2, D1, D2: np.sqrt(2 * (w1**2 * D1 + w2**2 * D2))
            ),
            says="That is the error if the money is split evenly. It is least if the "
            "share follows the weight and the root of the price.",
        ),
        Wrong(
            belief="a negative weight takes noise away",
            answer=spent_otherwise(
                lambda w1, w2, D1, D2: w2 * np.sqrt(D2) - w1 * np.sqrt(D1)
            ),
            says="The weight of the small size is below zero, but its runs are noisy "
            "like the others: noise has no sign, and what is subtracted adds to it.",
        ),
        Wrong(
            belief="the weights are shares",
            answer=lambda D1, D2, at, noise, budget: (
                *np.divide(
                    [np.log(at / D2), np.log(at / D1)], np.log(at / D1 * at / D2)
                ),
                lever(D1, D2, at, noise, budget)[2],
            ),
            says="Your weights are both above zero, so what you forecast lies between "
            "the two losses. The size asked for lies beyond both.",
        ),
        Wrong(
            belief="the two sizes are exchanged",
            answer=lambda D1, D2, at, noise, budget: (
                *lever(D1, D2, at, noise, budget)[1::-1],
                lever(D1, D2, at, noise, budget)[2],
            ),
            says="First the weight of D1, the smaller size. Which of the two is nearer "
            "to what is forecast, and which is subtracted?",
        ),
    ),
    hints=(
        "Two equations: the weights add up to one, and the mean of u1 and u2 with "
        "these weights is U.",
        "The weight of the smaller size is negative. Step 3 takes it without its sign.",
    ),
    reasoning=r"$w_1+w_2=1$ and $w_1u_1+w_2u_2=U$ give $w_2=(U-u_1)/(u_2-u_1)$, and "
    r"by step 3 $s=\frac{\sigma}{\sqrt B}(|w_1|\sqrt{D_1}+|w_2|\sqrt{D_2})$.",
)


# ------------------------------------------------------------ ex-lab-worst


def extremes(told):
    """Row that is best in the worst column, and its least; the same of the mean."""
    worst, mean = told.min(axis=1), told.mean(axis=1)
    return worst.argmax(), worst.max(), mean.argmax(), mean.max()


def best_of_worst(errors, best):
    """The designs for who fears the worst game and for who does not."""
    return extremes((best / errors) ** 2)


def of_errors(errors, best):
    """The design of the least mean error for the one of the largest mean efficiency."""
    told, row = (best / errors) ** 2, errors.mean(axis=1).argmin()
    return *best_of_worst(errors, best)[:2], row, told[row].mean()


def at_its_best(errors, best):
    """The best game of each design instead of the worst."""
    told = ((best / errors) ** 2).max(axis=1)
    return told.argmax(), told.max(), *best_of_worst(errors, best)[2:]


def tried_out(rng):
    """Errors of some designs (rows) in ten games, and the least possible ones."""
    best = np.exp(rng.uniform(-5, -1, 10))
    errors = best / np.sqrt(rng.uniform(0.1, 0.9, (int(rng.integers(9, 14)), 10)))
    return {"errors": errors, "best": best}


WORST = of_page(
    id="ex-lab-worst",
    objective=3,
    title="The best of the worst",
    asks="Hand in a function of errors and best that returns four numbers: the row "
    "that is best in its worst game, its efficiency there, the row that is best on "
    "average, and its mean efficiency.",
    kind=Function(draw=tried_out),
    reference=best_of_worst,
    right="Two fears, two designs. An efficiency is a share of the budget: so much "
    "less money would have done, had one known the law.",
    wrong=(
        Wrong(
            belief="errors are as good as information",
            answer=lambda errors, best: extremes(best / errors),
            says="That is a ratio of errors. The efficiency is one of information, "
            "which is counted in runs: how many more for half of the error?",
        ),
        Wrong(
            belief="a mean of errors tells who is efficient",
            answer=of_errors,
            says="The mean error over games is that of the noisiest games. First "
            "compare each game with what was possible in it, then average.",
        ),
        Wrong(
            belief="a design is as good as its best game",
            answer=at_its_best,
            says="You look at the game that suits a design best. Nobody knows which "
            "game it will be: for each row, look at the one that suits it least.",
        ),
        Wrong(
            belief="games for designs",
            answer=lambda errors, best: extremes(((best / errors) ** 2).T),
            says="You take the worst design of each game, and so the row is a game. A "
            "row of errors is a design: look along it.",
        ),
        Wrong(
            belief="counted from one",
            answer=lambda errors, best: np.add(
                best_of_worst(errors, best), (1, 0, 1, 0)
            ),
            says="The efficiencies are right, and the rows are one further down: count "
            "them from zero, as Python does.",
        ),
    ),
    hints=(
        "design_error takes fractions: {16: 25.6, …}. Use efficiency from above.",
        "With a table of efficiencies, a row for each design: take the least of each "
        "row, then look for the row where it is largest.",
    ),
    reasoning="An efficiency is the square of least over actual error. For the worst "
    "game take the minimum along each row and then the row of its maximum; on average, "
    "the mean along each row.",
)

EXERCISES = (STEP, POWER, WORST)
