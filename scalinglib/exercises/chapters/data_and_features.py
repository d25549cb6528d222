"""Checked exercises of chapter 4: data and features, exchanged, met and paid for."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=4)


# ---------------------------------------------------------------- ex-lines


def local(alpha, r):
    """Local exponents of the loss in m, and of the excess in M, at M = r m."""
    return alpha - 1 / (r - 1), r / (r - 1)


LINES = of_chapter(
    id="ex-lines",
    objective=3,
    title="What a line reads off",
    asks="Hand in a function of alpha and r that returns two local exponents at "
    "M = r m: of the loss in m, and of the excess in M.",
    kind=Function(draw=inputs(alpha=uniform(0.3, 2), r=uniform(2.5, 12))),
    reference=local,
    right="One factor bends both laws, and in opposite directions. At ten times the "
    "size both are still off by a tenth.",
    wrong=(
        Wrong(
            belief="the exponent is the same at every size",
            answer=lambda alpha, r: (alpha, 1.0),
            says="So it is for r without end. At a finite ratio the factor "
            "with the pole is not constant. Differentiate its logarithm too.",
        ),
        Wrong(
            belief="the pole makes the loss fall faster",
            answer=lambda alpha, r: (alpha + 1 / (r - 1), r / (r - 1)),
            says="The second is right. In the first a sign is off: while m "
            "grows, does the pole come nearer or go away?",
        ),
        Wrong(
            belief="the floor not subtracted",
            answer=lambda alpha, r: (alpha - 1 / (r - 1), 1 / (r - 1)),
            says="The first is right. The second is the exponent of the loss in M, "
            "which fades as it nears its floor. Subtract the floor first.",
        ),
        Wrong(
            belief="a first order for the whole",
            answer=lambda alpha, r: (alpha - 1 / r, 1 + 1 / r),
            says="That is the first order in 1/r. At r = 3 the next orders are half "
            "as much again. Keep the difference of the sizes as it is.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda alpha, r: tuple(np.negative(local(alpha, r))),
            says="Those are slopes on log–log paper. An exponent is above zero if the "
            "loss falls.",
        ),
    ),
    hints=(
        "A local exponent is minus the derivative of the logarithm of the loss by the "
        "logarithm of the size.",
        "The excess is the loss less its limit for M without end. Bring both over one "
        "denominator before you differentiate.",
    ),
    reasoning=r"$\log L=-\alpha\log m-\log(1-m/M)$ up to a constant; the second term "
    r"takes $\frac{m/M}{1-m/M}=\frac1{r-1}$ from the exponent. The excess is "
    r"$m^2\gamma_m/(M-m)$, with the local exponent $M/(M-m)$.",
)


# ----------------------------------------------------------------- ex-hurt


def where_more_hurts(alpha):
    """D/P where the loss turns up, and where it is back at that loss."""
    x = alpha / (1 + alpha)
    worse = x**-alpha / (1 - x)
    return x, worse / (worse - 1)


def back_from(alpha, x):
    """The same for another place of the minimum."""
    worse = x**-alpha / (1 - x)
    return x, worse / (worse - 1)


HURT = of_chapter(
    id="ex-hurt",
    objective=4,
    title="When more data hurt",
    asks="Hand in a function of alpha that returns two ratios D/P: where the loss "
    "stops falling, and where it is back at that loss.",
    kind=Function(draw=inputs(alpha=uniform(0.2, 0.85))),
    reference=where_more_hurts,
    right="The loss turns up before the peak, where the pole grows faster than the law "
    "falls. For a small α that is early.",
    wrong=(
        Wrong(
            belief="the loss falls until D = P",
            answer=lambda alpha: (1.0, 1.0),
            says="There it is largest. It must have turned up before, where the law "
            "still falls but the pole grows faster.",
        ),
        Wrong(
            belief="the other side is a mirror image",
            answer=lambda alpha: (alpha / (1 + alpha), (1 + alpha) / alpha),
            says="The first is right. The exchange mirrors data and features, so the "
            "scarcer one must have the same size; here P is fixed on both sides.",
        ),
        Wrong(
            belief="law and pole in each other's place",
            answer=lambda alpha: back_from(alpha, 1 / (1 + alpha)),
            says="Try a steep law: it should win against the pole for long. With you "
            "it gives in early. Which share belongs to which?",
        ),
        Wrong(
            belief="the pole grows everywhere as at its foot",
            answer=lambda alpha: back_from(alpha, alpha),
            says="That is right for small α, where the minimum is far from the pole. "
            "Nearer to it the pole grows faster: differentiate all of it.",
        ),
        Wrong(
            belief="counted from the peak on",
            answer=lambda alpha: (
                where_more_hurts(alpha)[0],
                where_more_hurts(alpha)[1] - 1,
            ),
            says="The first is right. Your second counts examples beyond the peak "
            "alone; asked is all of D over P.",
        ),
    ),
    hints=(
        "For D < P the loss goes as D to the power −α, over one minus D/P. Put "
        "x = D/P.",
        "The derivative of the logarithm vanishes where the law falls as fast as the "
        "pole grows.",
        "Beyond the peak P is the scarcer: its law stands still, and only the pole's "
        "factor falls.",
    ),
    reasoning=r"$-\frac\alpha x+\frac1{1-x}=0$ at $x=\frac\alpha{1+\alpha}$. With "
    r"$k=x^{-\alpha}/(1-x)$, the loss there in units of $C_\alpha P^{-\alpha}$, the "
    r"other side has $\frac1{1-P/D}=k$ at $D/P=k/(k-1)$.",
)


# ----------------------------------------------------------------- ex-swap


def ridge_after(D, P, ridge):
    """Ridge of the exchanged problem, with P points and D features."""
    return ridge * P / D


SWAP = of_chapter(
    id="ex-swap",
    objective=5,
    title="A ridge changes places",
    asks="Hand in a function of D, P and ridge that returns the ridge of the exchanged "
    "problem.",
    kind=Function(draw=inputs(D=whole(10, 900), P=whole(10, 900), ridge=over(1e-4, 1))),
    reference=ridge_after,
    right="The duality outlives a ridge: what stays is the number that is added to the "
    "product of f and its transpose.",
    wrong=(
        Wrong(
            belief="the ridge is a property of the problem",
            answer=lambda D, P, ridge: ridge,
            says="It is added to a kernel that is a mean over features. Exchanged, "
            "the mean is over another number of them.",
        ),
        Wrong(
            belief="the ratio upside down",
            answer=lambda D, P, ridge: ridge * D / P,
            says="Write what is added to the unnormalised product before and after. "
            "Which size multiplies which ridge?",
        ),
        Wrong(
            belief="the second kernel is no mean",
            answer=lambda D, P, ridge: ridge * P,
            says="That is what is added to the unnormalised product. The exchanged "
            "kernel is a mean too: over how many features?",
        ),
        Wrong(
            belief="a ridge goes with a root of the sizes",
            answer=lambda D, P, ridge: ridge * np.sqrt(P / D),
            says="Singular values go with roots, but a ridge stands beside their "
            "squares. Compare what is added to the product.",
        ),
        Wrong(
            belief="the first kernel is no mean",
            answer=lambda D, P, ridge: ridge / D,
            says="You divide by the number of the new features, rightly. But the old "
            "kernel was a mean too: how much was added to its product?",
        ),
    ),
    hints=(
        "With a ridge the pseudo-inverse becomes the transposed f times the inverse of "
        "f f' + δP.",
        "The transpose may stand before or after the inverse: with f' f + δP in its "
        "middle it is the same matrix.",
    ),
    reasoning=r"With $\bar K+\delta$ the pseudo-inverse becomes "
    r"$\bar f^{\mathsf T}(\bar f\bar f^{\mathsf T}+\delta P)^{-1}=(\bar f^{\mathsf T}"
    r"\bar f+\delta P)^{-1}\bar f^{\mathsf T}$. Transposed, that is the same "
    r"expression of $\bar f^{\mathsf T}$, with the same number in it. The exchanged "
    r"problem has $D$ features, so $\delta'D=\delta P$.",
)


# --------------------------------------------------------------- ex-budget


def best_ratio(alpha):
    """Best ratio of the smaller to the larger, and exponent of the loss in B."""
    return alpha / (2 + alpha), alpha / 2


BUDGET = of_chapter(
    id="ex-budget",
    objective=2,
    title="A budget",
    asks="Hand in a function of alpha that returns the best m/M without a ridge, and "
    "the exponent with which the best loss falls with B.",
    kind=Function(draw=inputs(alpha=uniform(0.2, 3))),
    reference=best_ratio,
    right="Data and features grow together, each as the root of the budget, and by the "
    "duality it does not matter which is the larger.",
    wrong=(
        Wrong(
            belief="equal numbers are best",
            answer=lambda alpha: (1.0, alpha / 2),
            says="The exponent is right. But without a ridge equal numbers are the "
            "peak: the worst that the budget can buy.",
        ),
        Wrong(
            belief="the larger size stays as it is",
            answer=lambda alpha: (alpha / (1 + alpha), alpha / 2),
            says="The exponent is right. You have held M fixed; on a budget it shrinks "
            "when m grows, and the pole comes twice as fast.",
        ),
        Wrong(
            belief="a budget buys one resource",
            answer=lambda alpha: (alpha / (2 + alpha), alpha),
            says="The ratio is right. At a fixed ratio both sizes grow, and their "
            "product is B: how fast does each grow?",
        ),
        Wrong(
            belief="the larger over the smaller",
            answer=lambda alpha: ((2 + alpha) / alpha, alpha / 2),
            says="The exponent is right. The ratio is upside down: m is the smaller of "
            "the two.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda alpha: (alpha / (2 + alpha), -alpha / 2),
            says="The ratio is right. The second is a slope; an exponent is above zero "
            "if the loss falls.",
        ),
    ),
    hints=(
        "The loss goes as m to the power −α, over one minus m/M, with M = B/m.",
        "Set the derivative of its logarithm by log m to zero.",
    ),
    reasoning=r"$\alpha(1-m^2/B)=2m^2/B$, so $m^2/B=m/M=\frac\alpha{2+\alpha}$. Both "
    r"sizes grow as $\sqrt B$, and $L\propto B^{-\alpha/2}$.",
)

EXERCISES = (LINES, HURT, SWAP, BUDGET)
