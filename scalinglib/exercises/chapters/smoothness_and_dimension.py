"""Checked exercises of chapter 5: what smoothness and dimension do to a spectrum."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=5)


# ---------------------------------------------------------------- ex-bound


def bound(B, t, M):
    """Bound on the sum of all waves from M on, both signs."""
    s = np.linspace(1, 3, 20_001)
    c = np.min(2 - 2 * np.sinc(2 * s))
    return B * M**-t / (c * (t + 1))


def with_least(c):
    """The same with another least value of the average."""
    return lambda B, t, M: B * M**-t / (c * (t + 1))


BOUND = of_chapter(
    id="ex-bound",
    objective=3,
    title="The constant in the bound",
    asks="Hand in a function of B, t and M that returns the bound on the sum of all "
    "waves from M on.",
    kind=Function(
        draw=inputs(B=over(0.5, 50), t=uniform(0.3, 1.9), M=whole(5, 200)), within=1e-3
    ),
    reference=bound,
    right="Right in the power and generous in the constant: each step that drops a "
    "term, or takes the least one, gives something away.",
    wrong=(
        Wrong(
            belief="an average is the largest value",
            answer=lambda B, t, M: (t + 1) * bound(B, t, M),
            says="You bound the average of the differences by the largest of them. "
            "That is true, but the steps are uniform, and most are shorter.",
        ),
        Wrong(
            belief="the limit of fast waves for the least value",
            answer=with_least(2.0),
            says="So the average is for very fast waves. A little above s = 1 it dips "
            "below, and the bound must hold there, too.",
        ),
        Wrong(
            belief="the largest value for the least",
            answer=with_least(4.0),
            says="A squared sine can be so large. To bound a sum of waves from above "
            "you need the least that each contributes to the average.",
        ),
        Wrong(
            belief="a bound on the sum is one on each wave",
            answer=lambda B, t, M: bound(B, t, M) / M,
            says="You divide by the number of waves, as in the last step of the proof. "
            "Asked is the bound on their sum.",
        ),
        Wrong(
            belief="the length of a step for a wave number",
            answer=lambda B, t, M: bound(B, t, M) * M ** (2 * t),
            says="Your bound grows with M, and fewer waves are left beyond a larger "
            "M. How long are the steps that see waves from M on?",
        ),
        Wrong(
            belief="waves of one sign are all waves",
            answer=lambda B, t, M: bound(B, t, M) / 2,
            says="The kernel's sum runs over k and −k, the differences see both, and "
            "so does the bound. Do not halve it.",
        ),
    ),
    hints=(
        "For h uniform below r in size, average the t-th power of it.",
        "The average of 2 − 2 cos 2πkh is 2 − 2 sin(2πkr)/(2πkr). Where is it least, "
        "if kr is one or more?",
    ),
    reasoning=r"Averaged over $\lvert h\rvert\le r$, $\sum_kb_k\bigl(2-2\frac{\sin2\pi "
    r"kr}{2\pi kr}\bigr)\le\frac{B\,r^t}{t+1}$. With $r=1/M$ every wave from $M$ on is "
    r"counted at least $c$ times, $c=\min_{s\ge1}\bigl(2-2\frac{\sin2\pi s}{2\pi s}"
    r"\bigr)\approx1.74$; drop the others.",
)


# -------------------------------------------------------------- ex-product


def of_product(t, d):
    """Exponent, what the bound promises, and the power of the logarithm."""
    return t, t / d, (1 + t) * (d - 1)


PRODUCT = of_chapter(
    id="ex-product",
    objective=3,
    title="A bound that is not reached",
    asks="Hand in a function of t and d that returns three numbers: the exponent of "
    "the product kernel, the least that the bound allows, the power of log n.",
    kind=Function(draw=inputs(t=uniform(0.4, 1.9), d=whole(2, 6))),
    reference=of_product,
    right="A bound is for the worst case. What is rough along the axes only has few "
    "slow directions, and falls as in one dimension but for a logarithm.",
    wrong=(
        Wrong(
            belief="a bound for an equality",
            answer=lambda t, d: (t / d, t / d, 0),
            says="So it would be if the kernel were equally rough in all directions. "
            "Count the tuples with a product below R: how many are there?",
        ),
        Wrong(
            belief="all directions are like the diagonal",
            answer=lambda t, d: (t, t / d, 0),
            says="The exponent is right. But tuples with a product below R reach far "
            "along the axes, and there are many more than R of them. Count again.",
        ),
        Wrong(
            belief="the logarithm of the count for that of the eigenvalue",
            answer=lambda t, d: (t, t / d, d - 1),
            says="With this power the logarithm stands in the count n of tuples. Solve "
            "for R, and put it into the eigenvalue, which is a power of R.",
        ),
        Wrong(
            belief="every coordinate brings a logarithm",
            answer=lambda t, d: (t, t / d, (1 + t) * d),
            says="For d = 1 there would be a logarithm, and there is none. Sum over "
            "one coordinate after the other: what does the first bring?",
        ),
        Wrong(
            belief="the exponent of the eigenvalues for that of the loss",
            answer=lambda t, d: (1 + t, 1 + t / d, (1 + t) * (d - 1)),
            says="So fast do the eigenvalues fall. The exponent of a spectrum is the "
            "one that its learning curve gets from it, by the theorem of the tail.",
        ),
    ),
    hints=(
        "Count: how many pairs of positive whole numbers have a product of at most R?",
        "The sum of R/k over k up to R is about R log R. Each further coordinate "
        "brings one more logarithm.",
    ),
    reasoning=r"$n\sim R\,(\log R)^{d-1}$ tuples have a product up to $R$, and then "
    r"$\lambda\ge R^{-(1+t)}$. So $\lambda_n\sim n^{-(1+t)}(\log n)^{(1+t)(d-1)}$.",
)


# ------------------------------------------------------------- ex-embedded


def seen_around(d, n_ambient, b, k):
    """Exponent of Laplace's kernel in the limit, and around the wave number k."""
    share = (b * k) ** 2 / (1 + (b * k) ** 2)
    return 1 / d, (1 + 1 / d) * share - 1


EMBEDDED = of_chapter(
    id="ex-embedded",
    objective=4,
    title="Only the dimension of the data",
    asks="Hand in a function of d, n_ambient, b and k that returns two exponents: in "
    "the limit, and the local one on the flat torus around the wave number k.",
    kind=Function(
        draw=inputs(
            d=whole(1, 3), n_ambient=whole(8, 30), b=over(0.5, 5), k=over(1, 10)
        )
    ),
    reference=seen_around,
    right="Rooms around the data do not count; what counts is whether the window lies "
    "where distances are small against the bandwidth.",
    wrong=(
        Wrong(
            belief="the ambient dimension for that of the data",
            answer=lambda d, n_ambient, b, k: seen_around(n_ambient, d, b, k),
            says="A smooth map is linear at small distances, and the tail of a "
            "spectrum sees no others. Who lives on a sheet does not see the room.",
        ),
        Wrong(
            belief="ν for the smoothness of the kernel",
            answer=lambda d, n_ambient, b, k: seen_around(2 * d, n_ambient, b, k),
            says="That is ν of Laplace's kernel over the dimension. The kernel at its "
            "kink is twice as smooth as a function drawn from its prior.",
        ),
        Wrong(
            belief="the window lies in the tail, wherever it is",
            answer=lambda d, n_ambient, b, k: (1 / d, 1 / d),
            says="The limit is right. But waves longer than the bandwidth are not in "
            "the tail: for b k near one the eigenvalues are still bending.",
        ),
        Wrong(
            belief="the exponent of the eigenvalues for that of the loss",
            answer=lambda d, n_ambient, b, k: np.add(
                seen_around(d, n_ambient, b, k), 1
            ),
            says="So fast do the eigenvalues fall by index. A spectrum's exponent is "
            "one less, and it is this one that the learning curve has.",
        ),
        Wrong(
            belief="the bend lowers the exponent of the loss by its share",
            answer=lambda d, n_ambient, b, k: (
                1 / d,
                (1 + seen_around(d, n_ambient, b, k)[1]) / (1 + d),
            ),
            says="It is the fall of the eigenvalues that the bandwidth lowers. "
            "Differentiate their logarithm first, and take one off afterwards.",
        ),
        Wrong(
            belief="a wide kernel sees only long waves",
            answer=lambda d, n_ambient, b, k: seen_around(d, n_ambient, 1 / b, k),
            says="Look at b = 5 and b = 1: the wider kernel has its tail earlier, for "
            "its kink is small against its width. You have b upside down.",
        ),
    ),
    hints=(
        "At small distances a smooth map is linear: the kernel's t is unchanged.",
        "A torus becomes circles, two coordinates each, before it is bent further. "
        "For the local exponent: n is proportional to the d-th power of the wave "
        "number.",
    ),
    reasoning=r"$t=1$, so $\alpha_K=1/d$. With $\lambda=(b^{-2}+\lvert k\rvert^2)"
    r"^{-(d+1)/2}$ and $n\propto\lvert k\rvert^d$, $-\frac{d\log\lambda}{d\log n}="
    r"\bigl(1+\frac1d\bigr)\frac{b^2k^2}{1+b^2k^2}$, and one less is the local "
    r"exponent.",
)

EXERCISES = (BOUND, PRODUCT, EMBEDDED)
