"""Checked exercises of the page on one's own budget: valleys, and what they forgive."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="your_own_budget")


# ---------------------------------------------------------------- ex-drift


def displaced(alpha_P, alpha_D, w, c):
    """Lowest point of a parabola less the optimum, in ln P, to leading order."""
    return (alpha_P - alpha_D) * (w**2 / 10 - c**2 / 2)


DRIFT = of_page(
    id="ex-drift",
    objective=3,
    title="Windows that drift",
    asks="Hand in a function of alpha_P, alpha_D, w and c that returns the bias of "
    "ln P to leading order.",
    kind=Function(
        draw=inputs(
            alpha_P=uniform(0.3, 0.6),
            alpha_D=uniform(0.1, 0.28),
            w=uniform(0.7, 2.1),
            c=uniform(-1.2, 1.2),
        )
    ),
    reference=displaced,
    right="Even in the drift, to this order: windows too far left and too far right "
    "err alike. What is left for the exponent is of the next order.",
    wrong=(
        Wrong(
            belief="the window is where the optimum is",
            answer=lambda alpha_P, alpha_D, w, c: (alpha_P - alpha_D) * w**2 / 10,
            says="That is the bias of a centred window. Around another centre the "
            "cubic term has an even part as well, and that bends the parabola.",
        ),
        Wrong(
            belief="a parabola touches in the middle of its window",
            answer=lambda alpha_P, alpha_D, w, c: -(alpha_P - alpha_D) * c**2 / 2,
            says="That parabola has value, slope and curvature of the valley at the "
            "centre of the window: right for a very narrow one. What does the width "
            "do to the slope?",
        ),
        Wrong(
            belief="width and drift push the same way",
            answer=lambda alpha_P, alpha_D, w, c: (
                (alpha_P - alpha_D) * (w**2 / 10 + c**2 / 2)
            ),
            says="Both sizes are right, one sign is not. Try a narrow window far on "
            "the steep side: its curvature is too large, and where does a parabola "
            "from there turn?",
        ),
        Wrong(
            belief="the lowest point goes where the window goes",
            answer=lambda alpha_P, alpha_D, w, c: c + (alpha_P - alpha_D) * w**2 / 10,
            says="A window that is moved still sees where the valley falls. For a "
            "valley that is a parabola, no window is off at all.",
        ),
        Wrong(
            belief="the wrong side",
            answer=lambda alpha_P, alpha_D, w, c: -displaced(alpha_P, alpha_D, w, c),
            says="The size is right. Take a centred window: the steeper side lifts "
            "its end, and the parabola leans away from it.",
        ),
        Wrong(
            belief="the slope for the lowest point",
            answer=lambda alpha_P, alpha_D, w, c: (
                (alpha_P + alpha_D) * displaced(alpha_P, alpha_D, w, c)
            ),
            says="The cubic term has a difference of squares, and you keep all of it. "
            "To find the lowest point, divide the slope by the curvature.",
        ),
    ),
    hints=(
        "The centre of the window less the optimum, in ln P, is the argument drift of "
        "laws.parabola_bias.",
        "The exponent is off by the slope of the bias over ln C: np.polyfit.",
        "For the formula, write u = c + v, expand the cubic term in v, and replace "
        "its v³ by the line that least squares puts in its place.",
    ),
    reasoning=r"With $u=c+v$ the cube is $v^3+3cv^2+3c^2v+c^3$, and least squares "
    r"replaces $v^3$ by $\tfrac35w^2v$. The derivative of the parabola vanishes where "
    r"$u=(\alpha_P-\alpha_D)\,(\tfrac{w^2}{10}+c(u-c)+\tfrac{c^2}2)$, and on the right "
    r"$u$ is small.",
)


# ----------------------------------------------------------------- ex-flat


def band(lost, share, alpha_P, alpha_D):
    """Largest size over smallest that lose at most this, to leading order."""
    u = np.sqrt(2 * lost / (alpha_P * alpha_D * share))
    return np.exp(2 * u)


FLAT = of_page(
    id="ex-flat",
    objective=5,
    title="How wide is one per cent",
    asks="Hand in a function of lost, share, alpha_P and alpha_D that returns the "
    "factor from the smallest to the largest size.",
    kind=Function(
        draw=inputs(
            lost=over(1e-3, 0.02),
            share=uniform(0.06, 0.7),
            alpha_P=uniform(0.2, 0.5),
            alpha_D=uniform(0.2, 0.5),
        )
    ),
    reference=band,
    right="The share of the excess is all that knows of the budget: the less is left "
    "to win, the wider the band.",
    wrong=(
        Wrong(
            belief="from the best size to one end",
            answer=lambda lost, share, alpha_P, alpha_D: (
                band(lost, share, alpha_P, alpha_D) ** 0.5
            ),
            says="So far is one end of the band from the best size. Models may be too "
            "small as well as too large.",
        ),
        Wrong(
            belief="the floor can be lost, too",
            answer=lambda lost, share, alpha_P, alpha_D: band(
                lost, 1, alpha_P, alpha_D
            ),
            says="You let the excess grow by this share of itself. The loss may grow "
            "by it, floor and all, and only the excess can grow.",
        ),
        Wrong(
            belief="a larger excess forgives more",
            answer=lambda lost, share, alpha_P, alpha_D: band(
                lost * share, 1, alpha_P, alpha_D
            ),
            says="You take the share of the excess on the wrong side: then a loss that "
            "is nearly all floor would forgive nothing. How much of itself may a small "
            "excess grow?",
        ),
        Wrong(
            belief="the half of the second order forgotten",
            answer=lambda lost, share, alpha_P, alpha_D: band(
                lost / 2, share, alpha_P, alpha_D
            ),
            says="The dependence is right. Look at the second-order term again: a "
            "square comes with the second derivative over two.",
        ),
        Wrong(
            belief="the curvature not measured by the valley's depth",
            answer=lambda lost, share, alpha_P, alpha_D: np.exp(
                2 * np.sqrt(2 * lost / ((alpha_P + alpha_D) * share))
            ),
            says="The sum of the exponents is the curvature of the two terms. Divide "
            "by their value at the bottom, for asked is growth as a share of the "
            "excess.",
        ),
        Wrong(
            belief="the logarithm of a factor for the factor",
            answer=lambda lost, share, alpha_P, alpha_D: np.log(
                band(lost, share, alpha_P, alpha_D)
            ),
            says="So wide is the band in ln P. Asked is the factor between the two "
            "sizes.",
        ),
    ),
    hints=(
        "Expand the valley to second order in u and divide by its value at u = 0.",
        "It may grow by 1 % of the loss. The band goes from −u to u.",
    ),
    reasoning=r"The excess grows by $\tfrac12\alpha_P\alpha_D u^2$ of itself, and it "
    r"is a given share of the loss. Their product is what is lost; solve for $u$, and "
    r"take the factor from $-u$ to $u$.",
)


# --------------------------------------------------------------- ex-saving


def enough(off, alpha_P, alpha_D):
    """Share of the budget that would have reached this loss, well split."""
    small, large = off**-alpha_P, off**alpha_D
    excess = (alpha_D * small + alpha_P * large) / (alpha_P + alpha_D)
    return excess ** -(1 / alpha_P + 1 / alpha_D)


SAVING = of_page(
    id="ex-saving",
    objective=5,
    title="What would have been enough",
    asks="Hand in a function of off, alpha_P and alpha_D that returns the share of "
    "the budget that would have been enough.",
    kind=Function(
        draw=inputs(
            off=over(0.08, 12),
            alpha_P=uniform(0.2, 0.3),
            alpha_D=uniform(0.33, 0.5),
        )
    ),
    reference=enough,
    right="Neither floor nor amplitudes nor the budget are in it: what a wrong split "
    "wastes is known by the exponents.",
    wrong=(
        Wrong(
            belief="compute is wasted as the excess is",
            answer=lambda off, alpha_P, alpha_D: (
                enough(off, alpha_P, alpha_D) ** (1 / (1 / alpha_P + 1 / alpha_D))
            ),
            says="You have found by how much the excess is above the least one. But "
            "the least excess falls slowly with compute: what little it lost was "
            "dear.",
        ),
        Wrong(
            belief="the exponents add",
            answer=lambda off, alpha_P, alpha_D: (
                enough(off, alpha_P, alpha_D)
                ** (alpha_P * alpha_D / (alpha_P + alpha_D) ** 2)
            ),
            says="The compute has to pay for parameters and for tokens. So it is the "
            "reciprocals of the exponents that add, not the exponents.",
        ),
        Wrong(
            belief="a model too large is one too small",
            answer=lambda off, alpha_P, alpha_D: enough(1 / off, alpha_P, alpha_D),
            says="You have the two sides exchanged. The term of the parameters grows "
            "if the model is too small; let off go to zero and look which one rules.",
        ),
        Wrong(
            belief="each term has its own exponent as its weight",
            answer=lambda off, alpha_P, alpha_D: (
                (
                    (alpha_P * off**-alpha_P + alpha_D * off**alpha_D)
                    / (alpha_P + alpha_D)
                )
                ** -(1 / alpha_P + 1 / alpha_D)
            ),
            says="With these weights the loss is not least at the best size: try off "
            "near one. There the terms are not equal; each times its exponent is.",
        ),
        Wrong(
            belief="compute is wasted as parameters are",
            answer=lambda off, alpha_P, alpha_D: min(off, 1 / off),
            says="You take the wrong factor in the model for a factor in compute. But "
            "compute that did not go into parameters went into tokens: a valley is "
            "flat at its bottom.",
        ),
        Wrong(
            belief="how much more for how much of it",
            answer=lambda off, alpha_P, alpha_D: 1 / enough(off, alpha_P, alpha_D),
            says="It is upside down: so many times too much was spent. Which share of "
            "it would have done?",
        ),
    ),
    hints=(
        "Divide the valley at u = ln off by its value at the bottom.",
        "The least excess falls as a power of C. Its exponent is in the cell above: "
        "one over it is a sum of two reciprocals.",
    ),
    reasoning=r"The excess is above the least one by the factor "
    r"$(\alpha_D e^{-\alpha_P u}+\alpha_P e^{\alpha_D u})/(\alpha_P+\alpha_D)$ with "
    r"$u=\log(P/P^*)$, and the least one falls as $C^{-\gamma}$, "
    r"$1/\gamma=1/\alpha_P+1/\alpha_D$.",
)

EXERCISES = (DRIFT, FLAT, SAVING)
