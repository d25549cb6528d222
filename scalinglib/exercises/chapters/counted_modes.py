"""Checked exercises of chapter 4: what a count of learned modes makes of the loss."""

import math
from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=4)


# -------------------------------------------------------------- ex-erratum


def tail_and_loss(alpha):
    """Coefficient of the tail, and how much larger the loss is."""
    x = math.pi / (1 + alpha)
    constant = (x / math.sin(x)) ** (1 + alpha)
    return 1 / alpha, alpha * constant


def over_tail(alpha, coefficient):
    """The same for another coefficient."""
    right, ratio = tail_and_loss(alpha)
    return coefficient, right * ratio / coefficient


ERRATUM = of_chapter(
    id="ex-erratum",
    objective=2,
    title="An erratum",
    asks="Hand in a function of alpha that returns the coefficient, and the loss of "
    "this chapter divided by that tail.",
    kind=Function(draw=inputs(alpha=over(0.1, 9))),
    reference=tail_and_loss,
    right="One exponent, two constants: it costs a factor that the first modes are "
    "learned imperfectly, and the more so the steeper the spectrum.",
    wrong=(
        Wrong(
            belief="the printed coefficient",
            answer=lambda alpha: over_tail(alpha, alpha),
            says="So it stands in print. Sum a few thousand terms for a small α: is "
            "the tail of a slowly falling series small or large?",
        ),
        Wrong(
            belief="the power of the summand is that of the sum",
            answer=lambda alpha: over_tail(alpha, 1 / (1 + alpha)),
            says="An integral divides by its own power, which is one more than that "
            "of what is integrated.",
        ),
        Wrong(
            belief="a power has no constant",
            answer=lambda alpha: over_tail(alpha, 1.0),
            says="That is D times the largest of the missed terms. They fall, and "
            "there is no end of them: it is their sum that is asked for.",
        ),
        Wrong(
            belief="the constant of the loss for a ratio",
            answer=lambda alpha: (
                1 / alpha,
                tail_and_loss(alpha)[0] * tail_and_loss(alpha)[1],
            ),
            says="The coefficient is right. Your second number is the loss without its "
            "power of D; it has still to be divided by the tail.",
        ),
        Wrong(
            belief="times for divided by",
            answer=lambda alpha: (
                1 / alpha,
                tail_and_loss(alpha)[0] ** 2 * tail_and_loss(alpha)[1],
            ),
            says="The coefficient is right. But with it you multiplied the constant of "
            "the loss: divide by the tail that you found.",
        ),
        Wrong(
            belief="the order of the two",
            answer=lambda alpha: tail_and_loss(alpha)[::-1],
            says="Both numbers are there, in the other order: the coefficient of the "
            "tail comes first, then by what the loss is larger.",
        ),
        Wrong(
            belief="γ has the constant of the count",
            answer=lambda alpha: (
                1 / alpha,
                alpha * tail_and_loss(alpha)[1] ** (1 / (1 + alpha)),
            ),
            says="The coefficient is right. Beware of the other constant: solving "
            "the count for γ raises all of it to a power.",
        ),
    ),
    hints=(
        "Replace the sum by an integral.",
        "The tail of spectra.PowerLaw is total minus the sum of the first D modes. "
        "theory.large_m_constant has the constant of the loss.",
    ),
    reasoning=r"$\int_D^\infty x^{-(1+\alpha)}dx=\frac1\alpha D^{-\alpha}$, and the "
    r"loss is $C_\alpha D^{-\alpha}$.",
)


# ----------------------------------------------------------------- ex-coth


def in_closed_form(m):
    """Resolution, loss without noise, and factor of the noise, at D = m."""
    gamma = math.pi**2 / (2 * m + 1) ** 2
    return gamma, m * gamma, 4 * m / (2 * m + 1)


def with_count(m, u, factor):
    """The same for another u."""
    gamma = (math.pi / u) ** 2
    return gamma, m * gamma, factor


COTH = of_chapter(
    id="ex-coth",
    objective=2,
    title="A sum in closed form",
    asks="Hand in a function of m that returns three numbers at D = m: γ, the loss "
    "and the factor of the noise.",
    kind=Function(draw=inputs(m=whole(8, 200)), within=1e-5),
    reference=in_closed_form,
    right="The half of the large-m law is all that corrects it here, and noise costs "
    "up to twice itself, however many the points.",
    wrong=(
        Wrong(
            belief="large m needs no half",
            answer=lambda m: with_count(m, 2 * m, 2.0),
            says="That is the limit, and at m = 20 it is off by five per cent. The "
            "closed form has a term beside u coth u.",
        ),
        Wrong(
            belief="the sum begins at zero",
            answer=lambda m: with_count(m, 2 * m - 1, 4 * m / (2 * m - 1)),
            says="The sign beside u coth u is off: a sum from one on is half of the "
            "sum over all whole numbers without its middle term.",
        ),
        Wrong(
            belief="the loss is the resolution",
            answer=lambda m: tuple(np.multiply(in_closed_form(m), (1, 1 / m, 1))),
            says="γ is the loss for each unit that is learned: of a mode with the "
            "share L, γL is left. How much is learned in all?",
        ),
        Wrong(
            belief="γ is eigenvalue number m",
            answer=lambda m: (m**-2.0, 1 / m, in_closed_form(m)[2]),
            says="That would hold if the first m modes were learned and the others "
            "not. Learned shares fade, and the count alone fixes γ.",
        ),
        Wrong(
            belief="the noise of the labels themselves left out",
            answer=lambda m: (*in_closed_form(m)[:2], (2 * m - 1) / (2 * m + 1)),
            says="γ and the loss are right. The third is what learning adds to the "
            "noise; asked is the factor, which holds the noise of a test label too.",
        ),
    ),
    hints=(
        "coth u is one, up to an exponential of −2u.",
        "q is z plus γ times the derivative of z by γ. Show that first.",
    ),
    reasoning=r"$m=\frac12(u-1)$, so $\gamma_m=\pi^2/(2m+1)^2$. From "
    r"$q=z+\gamma\,dz/d\gamma$ follows $q=D-\frac{2D+1}4$.",
)


# --------------------------------------------------------------- ex-smooth


def exponent(alpha, beta):
    """Exponent of the loss for targets of power i^-(1 + beta)."""
    return np.minimum(beta, 2 * (1 + alpha))


def kernel_and_targets(rng):
    """A kernel, and four targets from rough to smoother than it can use."""
    alpha = float(rng.uniform(0.3, 1))
    parts = rng.uniform([0.05, 0.3, 0.6, 1.2], [0.1, 0.45, 0.9, 2])
    return {"alpha": alpha, "beta": 2 * (1 + alpha) * parts}


SMOOTH = of_chapter(
    id="ex-smooth",
    objective=2,
    title="A smoother target",
    asks="Hand in a function of alpha and an array beta that returns the exponents of "
    "L(D), an array.",
    kind=Function(draw=kernel_and_targets),
    reference=exponent,
    right="What is missed beyond the resolution, or what is blurred before it: the "
    "slower of two powers decides.",
    wrong=(
        Wrong(
            belief="the spectrum's exponent for the learning curve's",
            answer=lambda alpha, beta: alpha + 0 * beta,
            says="That holds for teachers drawn with the power of the spectrum. Here "
            "the target has its own, and beyond the resolution that is what is missed.",
        ),
        Wrong(
            belief="the smoother the target, the faster, without end",
            answer=lambda alpha, beta: beta,
            says="So it is while the modes that are not seen decide. But those before "
            "are learned imperfectly, and that has a power of its own.",
        ),
        Wrong(
            belief="the kernel's limit for every target",
            answer=lambda alpha, beta: 2 * (1 + alpha) + 0 * beta,
            says="That is what the modes before the resolution leave. A rough target "
            "has more beyond it. Compare the two for each β.",
        ),
        Wrong(
            belief="what is left of a mode is not squared",
            answer=lambda alpha, beta: np.minimum(beta, 1 + alpha),
            says="You let each mode leave its share in the first power. That is the "
            "law of few features; with few data the share is squared.",
        ),
        Wrong(
            belief="α for 1 + α",
            answer=lambda alpha, beta: np.minimum(beta, 2 * alpha),
            says="Eigenvalues fall faster than the tail of their sum, by one power. "
            "Which of the two does γ follow?",
        ),
    ),
    hints=(
        "The factor tends to a constant. Split the sum at i near D.",
        "Below, what is left of a mode is γ over its eigenvalue.",
        "np.minimum takes the smaller of two, entry by entry.",
    ),
    reasoning=r"Beyond $D$, $\sum_{i>D}i^{-(1+\beta)}\propto D^{-\beta}$ is missed. "
    r"Before, it is $D^{-2(1+\alpha)}\sum_{i<D}i^{2(1+\alpha)-(1+\beta)}$: again "
    r"$D^{-\beta}$ if the upper end rules the sum, else $D^{-2(1+\alpha)}$.",
)

EXERCISES = (ERRATUM, COTH, SMOOTH)
