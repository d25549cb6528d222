"""Checked exercises of chapter 2: examples, neurons and weights, counted."""

import math
from functools import partial

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=2)


# --------------------------------------------------------------- ex-enough


def enough(P, share):
    """Examples for an excess of so much of the floor; what ten times as many save."""
    D = P + 1 + P / share
    left = P / (10 * D - P - 1)
    return D, (share - left) / (1 + share)


def of_the_loss(P, share):
    """The same for a share of the whole loss."""
    return enough(P, share / (1 - share))


def without_the_one(P, share):
    """The same if the regime began at D = P."""
    D = P + P / share
    return D, (share - P / (10 * D - P)) / (1 + share)


ENOUGH = of_chapter(
    id="ex-enough",
    objective=5,
    title="How much is enough?",
    asks="Hand in a function of P and share that returns two numbers: D, not rounded, "
    "and the fraction of itself by which the loss falls with ten times as many.",
    kind=Function(draw=inputs(P=whole(2, 300), share=over(0.003, 0.5))),
    reference=enough,
    right="On a floor, ten times the data buy less than the share that the excess had.",
    wrong=(
        Wrong(
            belief="the leading term for all of it",
            answer=lambda P, share: (P / share, 0.9 * share / (1 + share)),
            says="You take P/D for the excess. That is the law's last stretch; solve "
            "with the denominator as it stands.",
        ),
        Wrong(
            belief="the loss falls as 1/D",
            answer=lambda P, share: (enough(P, share)[0], 0.9),
            says="So the excess falls, nearly. The floor stays where it is, and most "
            "of the loss is floor.",
        ),
        Wrong(
            belief="the error of a mean for its square",
            answer=lambda P, share: enough(P, share**2),
            says="An error falls with the root of D, but the loss is quadratic in it. "
            "Put your D into the formula: how large is the excess?",
        ),
        Wrong(
            belief="a share of the loss for one of the floor",
            answer=of_the_loss,
            says="Your excess is this share of the whole loss, floor and excess. The "
            "exercise sets it as a share of the floor.",
        ),
        Wrong(
            belief="a fraction of the floor for one of the loss",
            answer=lambda P, share: (
                enough(P, share)[0],
                enough(P, share)[1] * (1 + share),
            ),
            says="The second number is the fall in units of the floor. Asked is the "
            "fraction of the loss that there was before.",
        ),
        Wrong(
            belief="the peak lies at D = P",
            answer=without_the_one,
            says="One is off. The mean of one over a χ² with k degrees of freedom is "
            "not 1/k: see the third step of the derivation.",
        ),
    ),
    hints=(
        "Divide the excess by the floor.",
        "Set it to the share and solve for D. Before and after, the loss is the floor "
        "times one plus the share that the excess has.",
    ),
    reasoning=r"$P/(D-P-1)=s$ gives $D=P+1+P/s$. Ten times as many leave a share "
    r"$s'=P/(10D-P-1)$, and the loss falls by $(s-s')/(1+s)$ of itself.",
)


# -------------------------------------------------------------- ex-neurons


def of_kernel(rho, W, n):
    """Mean and standard deviation of a kernel of W straight units."""
    return 2 * rho, math.sqrt((1 + 3 * rho**2) / W)


NEURONS = of_chapter(
    id="ex-neurons",
    objective=4,
    title="Straight units",
    asks="Hand in a function of rho, W and n that returns two numbers: mean and "
    "standard deviation of the kernel's entry.",
    kind=Function(
        draw=inputs(rho=uniform(-0.9, 0.9), W=whole(2, 4096), n=whole(3, 100))
    ),
    reference=of_kernel,
    right="Neurons are the draws: how many weights enter each is not in the answer.",
    wrong=(
        Wrong(
            belief="weights are the draws",
            answer=lambda rho, W, n: (2 * rho, of_kernel(rho, W * n, n)[1]),
            says="You count n weights for each neuron. But they are summed into one "
            "number, its preactivation, and of these there are W.",
        ),
        Wrong(
            belief="a variance for a standard deviation",
            answer=lambda rho, W, n: (2 * rho, of_kernel(rho, W, n)[1] ** 2),
            says="That is the variance. The kernel's entry is off by its root, as a "
            "prediction is by the root of 1/D.",
        ),
        Wrong(
            belief="the last layer is all that learns",
            answer=lambda rho, W, n: (rho, math.sqrt((1 + rho**2) / W)),
            says="So it is if only the weights a are trained. The second term of the "
            "kernel belongs to the weights w.",
        ),
        Wrong(
            belief="two preactivations are independent",
            answer=lambda rho, W, n: (2 * rho, math.sqrt((1 + 2 * rho**2) / W)),
            says="The mean is right. In the variance you take the two preactivations "
            "for independent; but they are of the same weights, for inputs that are "
            "alike.",
        ),
        Wrong(
            belief="the second moment for the variance",
            answer=lambda rho, W, n: (2 * rho, math.sqrt((1 + 7 * rho**2) / W)),
            says="You have the mean of the square of one neuron's term. Of that the "
            "square of its mean is to be subtracted.",
        ),
    ),
    hints=(
        "One neuron adds uv + a²ρ, with u and v its preactivations: standard normal, "
        "with covariance ρ. Take mean and variance of both terms.",
        "For such a pair the mean of u²v² is 1 + 2ρ², and that of the fourth power of "
        "a standard normal number is 3.",
    ),
    reasoning=r"A neuron's term is $uv+a^2\rho$. The means are $\rho$ and $\rho$, the "
    r"variances $1+2\rho^2-\rho^2$ and $(3-1)\rho^2$, and $a$ is independent of "
    r"$u$ and $v$. A mean over $W$ neurons has the variance $(1+3\rho^2)/W$.",
)


# ----------------------------------------------------------- ex-parameters


def on_that_axis(depth, W, ends):
    """Local exponent in P of an excess that falls as 1/W."""
    square = (depth - 1) * W
    return (ends + square) / (ends + 2 * square)


PARAMETERS = of_chapter(
    id="ex-parameters",
    objective=5,
    title="What do parameters buy?",
    asks="Hand in a function of depth, W and ends that returns the local exponent "
    "in P.",
    kind=Function(draw=inputs(depth=whole(1, 5), W=whole(8, 2000), ends=whole(5, 800))),
    reference=on_that_axis,
    right="Between one and one half, by what is on the axis: the law itself, in W, "
    "does not change.",
    wrong=(
        Wrong(
            belief="the exponent is one on every axis",
            answer=lambda depth, W, ends: 1.0,
            says="It is one in the width. With several hidden layers P grows faster "
            "than W, so the excess falls more slowly in P.",
        ),
        Wrong(
            belief="a crossover taken for its end",
            answer=lambda depth, W, ends: 0.5,
            says="That is where it ends with several hidden layers, for W far above "
            "the inputs and outputs. At this W their weights count, too. Differentiate "
            "log P.",
        ),
        Wrong(
            belief="P grows with the exponent of W in P",
            answer=lambda depth, W, ends: 1 / on_that_axis(depth, W, ends),
            says="That is how fast P grows with W. Asked is how fast the excess falls "
            "in P: which is divided by which?",
        ),
        Wrong(
            belief="as many square matrices as hidden layers",
            answer=lambda depth, W, ends: on_that_axis(depth + 1, W, ends),
            says="Count the matrices between two hidden layers: with one hidden layer "
            "there is none.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda depth, W, ends: -on_that_axis(depth, W, ends),
            says="That is the slope on log–log paper. An exponent is above zero if "
            "the excess falls.",
        ),
    ),
    hints=(
        "Between two layers of widths a and b there are ab weights.",
        "The local exponent in P is that in W, divided by the local exponent with "
        "which P grows.",
    ),
    reasoning=r"With $e$ inputs and outputs and $l$ hidden layers $P=eW+(l-1)W^2$, so "
    r"$d\log P/d\log W=(e+2(l-1)W)/(e+(l-1)W)$. The excess is $\propto1/W$; its local "
    r"exponent in $P$ is one over that.",
)

EXERCISES = (ENOUGH, NEURONS, PARAMETERS)
