"""Checked exercises of chapter 5: spectra, and the curves that their tails give."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=5)


# ---------------------------------------------------------------- ex-steps


def two_waves(k):
    """Eigenvalues of the wave k and of the next one, for the kernel of steps."""
    return [(1 - (-1) ** j) / (np.pi * j) ** 2 for j in (k, k + 1)]


def of_waves(eigenvalue):
    """Both eigenvalues, by another formula."""
    return lambda k: [eigenvalue(j) for j in (k, k + 1)]


def of_ramps(k):
    """The eigenvalue for ReLU units."""
    return 1 / 4 if k == 1 else 4 * (k % 2 == 0) / (np.pi * (k**2 - 1)) ** 2


STEPS = of_chapter(
    id="ex-steps",
    objective=1,
    title="Steps on the circle",
    asks="Hand in a function of k that returns two eigenvalues: of the wave k and of "
    "the wave k + 1.",
    kind=Function(draw=inputs(k=whole(1, 40)), absolute=1e-9),
    reference=two_waves,
    right="A kink is a square in the spectrum, and a symmetry of the units is a set "
    "of waves that no data will teach.",
    wrong=(
        Wrong(
            belief="a continuous kernel learns every wave",
            answer=of_waves(lambda k: 2 / (np.pi * k) ** 2),
            says="For every other wave you are right. What is left of the integral by "
            "parts holds cos kπ, and half of the waves feel its sign.",
        ),
        Wrong(
            belief="the same waves are missing as for ReLU units",
            answer=of_waves(lambda k: (1 + (-1) ** k) / (np.pi * k) ** 2),
            says="Opposite inputs: a step is on for one of them and off for the "
            "other. Is such a unit, less its mean, an even function or an odd one?",
        ),
        Wrong(
            belief="the spectrum of ReLU units for that of steps",
            answer=of_waves(of_ramps),
            says="That is the chapter's example, the arc-cosine kernel of order one. "
            "Of order zero it has a kink at angle zero, so it must fall more slowly.",
        ),
        Wrong(
            belief="the coefficient of a Fourier series for the eigenvalue",
            answer=of_waves(lambda k: 2 * (1 - (-1) ** k) / (np.pi * k) ** 2),
            says="So much of the cosine is in the kernel's series. An operator that "
            "averages over the circle makes half of it from a wave: a mean of cos².",
        ),
        Wrong(
            belief="sine and cosine share an eigenvalue between them",
            answer=of_waves(lambda k: (1 - (-1) ** k) / (np.pi * k) ** 2 / 2),
            says="The wave counts twice, as a sine and as a cosine; each of them has "
            "the whole eigenvalue. Put both into the sum that gives the trace.",
        ),
    ),
    hints=(
        "Integrate 1 − ϑ/π times cos kϑ from zero to π, divided by π: one integration "
        "by parts.",
        "What is left holds cos kπ, which has another sign for even k than for odd k.",
    ),
    reasoning=r"$\lambda_k=\frac1{\pi^2}\int_0^\pi\frac{\sin k\vartheta}k\,d\vartheta="
    r"\frac{1-\cos k\pi}{\pi^2k^2}$, which is zero for even $k>0$.",
)


# ----------------------------------------------------------- ex-tail-steps


def next_order(A, alpha, D):
    """Loss of the theory for a power law, with the first correction."""
    a = 1 + alpha
    integral = np.pi / a / np.sin(np.pi / a)
    return A * D * (integral / (D + 0.5)) ** a


def resolution(A, alpha, points):
    """The κ at which an integral is this number of points."""
    return next_order(A, alpha, points - 0.5) / (points - 0.5)


TAIL_STEPS = of_chapter(
    id="ex-tail-steps",
    objective=2,
    title="The theorem in numbers",
    asks="Hand in a function of A, alpha and D that returns the loss of the theory, "
    "its first correction included.",
    kind=Function(
        draw=inputs(A=over(0.1, 10), alpha=uniform(0.5, 1.5), D=over(50, 100)),
        within=1e-3,
    ),
    reference=next_order,
    right="A limit says nothing of how it is reached. Here it is from below, and the "
    "step from a sum to an integral costs half a point.",
    wrong=(
        Wrong(
            belief="the sum is its integral",
            answer=lambda A, alpha, D: D * resolution(A, alpha, D),
            says="That is the theorem's power law, without a correction. By the "
            "trapezium rule, what do sum and integral from zero differ by?",
        ),
        Wrong(
            belief="a bound for an equality",
            answer=lambda A, alpha, D: D * resolution(A, alpha, D + 1),
            says="The proof needs no more than that sum and integral differ by at most "
            "one. Asked is by how much they do: look at the term at zero.",
        ),
        Wrong(
            belief="the sum is larger than its integral",
            answer=lambda A, alpha, D: D * resolution(A, alpha, D - 0.5),
            says="The terms fall. So from zero on the integral is larger than the sum "
            "that begins at n = 1: in which direction do you correct?",
        ),
        Wrong(
            belief="the correction belongs to both factors of the loss",
            answer=lambda A, alpha, D: (D + 0.5) * resolution(A, alpha, D + 0.5),
            says="Your κ is right. But the loss is κ times the number of points, and "
            "that number is not corrected.",
        ),
        Wrong(
            belief="D points learn D modes and nothing else",
            answer=lambda A, alpha, D: A * D**-alpha / alpha,
            says="You sum the eigenvalues beyond D. Modes near D are learned in part, "
            "and what is not learned disturbs the rest. First find κ.",
        ),
        Wrong(
            belief="the resolution for the loss",
            answer=lambda A, alpha, D: next_order(A, alpha, D) / D,
            says="That is κ, and it is right. The loss of the theory is a multiple of "
            "it.",
        ),
    ),
    hints=(
        "The trapezium rule, from n = 0, where the term is one.",
        "So the integral is half larger than the sum, and the sum is D. Solve for κ.",
    ),
    reasoning=r"With $a=1+\alpha$ the integral from 0 is $\bigl(\frac\kappa A\bigr)"
    r"^{-1/a}\frac{\pi/a}{\sin(\pi/a)}=D+\frac12$. Solve for κ, and $L=D\kappa$.",
)


# ------------------------------------------------------------------ ex-sum


def late_tail(eps, D):
    """Limit of the exponent, index of the crossover, local exponent at D."""
    steep = (np.pi / 3 / np.sin(np.pi / 3)) ** 3 / D**2
    flat = eps * (np.pi / 2) ** 2 / D
    return 1.0, 1 / eps, (2 * steep + flat) / (steep + flat)


def without_constants(eps, D):
    """Local exponent if the two laws had no constants."""
    return (2 / D + eps) / (1 / D + eps)


SUM = of_chapter(
    id="ex-sum",
    objective=5,
    title="Two kernels added",
    asks="Hand in a function of eps and D that returns three numbers: the exponent in "
    "the limit, the index where the terms are equal, the local exponent at D.",
    kind=Function(draw=inputs(eps=over(1e-4, 1e-2), D=over(10, 1e4))),
    reference=late_tail,
    right="A measured exponent belongs to the range in which it was measured: a small "
    "term of slow decay rules in the end, and shows itself late.",
    wrong=(
        Wrong(
            belief="what is larger at first rules the tail",
            answer=lambda eps, D: (2.0, 1 / eps, 2.0),
            says="A factor ε makes a term small, not its exponent. Go to ever larger "
            "n: which term is left?",
        ),
        Wrong(
            belief="the limit holds at every D",
            answer=lambda eps, D: (1.0, 1 / eps, 1.0),
            says="Of the limit you are right. But at a finite D the curve is a sum of "
            "two laws, and before the crossover the other one is larger.",
        ),
        Wrong(
            belief="the exponent of the eigenvalues for that of the loss",
            answer=lambda eps, D: np.add(late_tail(eps, D), (1, 0, 1)),
            says="So the eigenvalues fall, with an exponent that is one more than that "
            "of the loss. Why, the theorem of the tail says.",
        ),
        Wrong(
            belief="every law has the same constant",
            answer=lambda eps, D: (1.0, 1 / eps, without_constants(eps, D)),
            says="You weight the two exponents by the powers of D alone. The theorem "
            "gives each law a constant, and it depends on the exponent.",
        ),
        Wrong(
            belief="exponents are averaged by the weights of the kernels",
            answer=lambda eps, D: (1.0, 1 / eps, (2 + eps) / (1 + eps)),
            says="Your local exponent does not depend on D. It is an average of both "
            "exponents, but its weights are the two losses at D.",
        ),
        Wrong(
            belief="a root too many at the crossover",
            answer=lambda eps, D: (1.0, eps**-0.5, late_tail(eps, D)[2]),
            says="Look at the index again: set the two terms equal and divide. By "
            "which power of n do they differ?",
        ),
    ),
    hints=(
        "Which term is larger, for which n?",
        "Theorem and constants hold for each term alone. The local exponent of a sum "
        "is the mean of both exponents, weighted by the losses.",
    ),
    reasoning=r"The tail is $\epsilon\,n^{-2}$, and begins at $n=1/\epsilon$. If the "
    r"laws add, $L=C_2D^{-2}+\epsilon\,C_1D^{-1}$, and its local exponent is the mean "
    r"of 2 and 1 with these terms as weights.",
)

EXERCISES = (STEPS, TAIL_STEPS, SUM)
