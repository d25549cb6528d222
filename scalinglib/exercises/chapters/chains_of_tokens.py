"""Checked exercises of chapter 9: chains, and what becomes of the formula."""

from functools import partial

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=9)


# ------------------------------------------------------- ex-chain-constant


def best(A, gamma, D):
    """Best order of a chain, and the best loss."""
    n = (2 * gamma * A * D) ** (1 / (gamma + 1))
    return n, (1 + gamma) * A * n**-gamma


def with_order(n, A, gamma, D):
    """An order and what it costs: bias and noise."""
    return n, A * n**-gamma + n / (2 * D)


def full_noise(A, gamma, D):
    """Best order and loss if a weight cost a whole nat."""
    n = (gamma * A * D) ** (1 / (gamma + 1))
    return n, (1 + gamma) * A * n**-gamma


CHAIN = of_chapter(
    id="ex-chain-constant",
    objective=3,
    title="The constant of a chain",
    asks="Hand in a function of A, gamma and D that returns the best order and the "
    "best loss.",
    kind=Function(
        draw=inputs(A=over(0.01, 10), gamma=uniform(0.5, 3), D=over(1e4, 1e9))
    ),
    reference=best,
    right="At the best order the noise is γ times the bias: marginal gains are equal, "
    "costs are not.",
    wrong=(
        Wrong(
            belief="equal costs for equal marginal gains",
            answer=lambda A, gamma, D: with_order(
                (2 * A * D) ** (1 / (gamma + 1)), A, gamma, D
            ),
            says="You set bias and noise equal. At the best order one more weight "
            "gains as much as it costs: it is the derivatives that are equal.",
        ),
        Wrong(
            belief="a weight costs a whole nat",
            answer=full_noise,
            says="Noise adds half a nat for each weight, in all of the data. Compare "
            "your cost of a weight with that equation.",
        ),
        Wrong(
            belief="the loss is what lies beyond the horizon",
            answer=lambda A, gamma, D: (
                best(A, gamma, D)[0],
                best(A, gamma, D)[1] / (1 + gamma),
            ),
            says="The order is right. But the loss there is the bias alone: the "
            "weights have to be paid, too.",
        ),
        Wrong(
            belief="a power keeps its exponent when it is differentiated",
            answer=lambda A, gamma, D: with_order(
                (2 * gamma * A * D) ** (1 / gamma), A, gamma, D
            ),
            says="The derivative of n to the power −γ has another exponent than "
            "−γ. Set the sum of both derivatives to zero again.",
        ),
        Wrong(
            belief="the loss for the order",
            answer=lambda A, gamma, D: best(A, gamma, D)[::-1],
            says="First the order, then the loss: you have them the other way round.",
        ),
    ),
    hints=(
        "Differentiate bias and noise with respect to n, and set the sum to zero.",
        "At the best order the noise is γ times the bias.",
    ),
    reasoning=r"$\gamma An^{-\gamma-1}=1/2D$ gives $n^*=(2\gamma AD)^{1/(\gamma+1)}$. "
    r"There the noise $n^*/2D$ is γ times the bias, so the loss is $(1+\gamma)$ times "
    r"the bias.",
)


# ----------------------------------------------------------------- ex-told


def told_and_not(q, s):
    """Exponents of who was told the lags k^q, and of who has a weight for each lag."""
    gamma = 2 * s - 1 / q
    return gamma / (2 * s), gamma / (gamma + 1)


TOLD = of_chapter(
    id="ex-told",
    objective=4,
    title="Told the lags",
    asks="Hand in a function of q and s that returns two exponents: of the learner "
    "that was told the lags, and of the one with every lag.",
    kind=Function(draw=inputs(q=whole(2, 6), s=uniform(1.1, 2.0))),
    reference=told_and_not,
    right="One text, one pair of exponents, two learners: what each pays for the same "
    "horizon decides.",
    wrong=(
        Wrong(
            belief="the formula is of the text alone",
            answer=lambda q, s: (1 - 1 / (2 * q * s),) * 2,
            says="You give both learners one exponent. They have the same horizon to "
            "reach, but up to the lag n one has n weights and the other fewer.",
        ),
        Wrong(
            belief="every lag is copied from",
            answer=lambda q, s: (1 - 1 / (2 * s),) * 2,
            says="So it would be for q = 1. Here most lags have no weight. Sum the "
            "squared weights over the lags that there are.",
        ),
        Wrong(
            belief="noise falls as 1/D",
            answer=lambda q, s: (2 * told_and_not(q, s)[0], told_and_not(q, s)[1]),
            says="The horizon is where correlations meet the noise of counted pairs, "
            "which is a standard deviation. Your first exponent takes it for a "
            "variance.",
        ),
        Wrong(
            belief="who pays for more learns faster",
            answer=lambda q, s: told_and_not(q, s)[::-1],
            says="The two are exchanged. Who has weights for lags that are not there "
            "pays for them and gains nothing.",
        ),
        Wrong(
            belief="the fall with context for the fall with data",
            answer=lambda q, s: (2 * s - 1 / q,) * 2,
            says="So the loss falls with the context if data are without end. With "
            "data the horizon grows only as a power of D: how far?",
        ),
    ),
    hints=(
        "Weights beyond the lag n, the k-th there is: sum the squares over all j > k.",
        "The learner that was told pays k/2D, the other n/2D.",
    ),
    reasoning=r"$\sum_{j>k}j^{-2qs}\sim k^{1-2qs}=n^{1/q-2s}$, so $\gamma=2s-1/q$. "
    r"Told: $k^{1-2qs}\sim k/D$, and the loss falls with $1-1/2qs$. With every lag: "
    r"$n^{-\gamma}\sim n/D$, and it falls with $\gamma/(\gamma+1)$.",
)


# ------------------------------------------------------------- ex-any-pair


def partner(beta, alpha):
    """The γ with which this β collapses losses that do not depend on the order."""
    return 2 * alpha * beta


ANY_PAIR = of_chapter(
    id="ex-any-pair",
    objective=5,
    title="Any pair will do",
    asks="Hand in a function of beta and alpha that returns the gamma that goes with "
    "this beta.",
    kind=Function(draw=inputs(beta=uniform(0.6, 3.0), alpha=uniform(0.05, 0.4))),
    reference=partner,
    right="For each β there is one: a collapse fixes the ratio, and leaves the pair "
    "open.",
    wrong=(
        Wrong(
            belief="noise falls as 1/D",
            answer=lambda beta, alpha: alpha * beta,
            says="Your horizontal axis is D over n to the power β. Where does the "
            "horizon put the data that are needed for order n?",
        ),
        Wrong(
            belief="γ and α change places in the formula",
            answer=lambda beta, alpha: alpha / (2 * beta),
            says="That is the formula with the exponent of the curve where γ belongs. "
            "It is α that is known here: solve for the other.",
        ),
        Wrong(
            belief="the losses fall with the exponent of the entropies",
            answer=lambda beta, alpha: alpha,
            says="That rescales the losses by their own exponent, whatever the axis "
            "of x is. Put D as a multiple of its power of n into the loss.",
        ),
        Wrong(
            belief="a ratio turned upside down",
            answer=lambda beta, alpha: 2 * beta / alpha,
            says="The steeper the curve, the smaller is your γ. Test it: with α near "
            "zero the losses hardly depend on D, and need hardly be rescaled.",
        ),
        Wrong(
            belief="a factor that is made smaller by larger n",
            answer=lambda beta, alpha: -2 * alpha * beta,
            says="Look at the sign: at one x larger orders have more data, and so "
            "smaller losses. The factor must make up for that.",
        ),
    ),
    hints=(
        "Write D as x times n to the power 2β.",
        "The powers of n must cancel.",
    ),
    reasoning=r"$n^\gamma D^{-\alpha}$ with $D=x\,n^{2\beta}$ is "
    r"$n^{\gamma-2\alpha\beta}x^{-\alpha}$, which does not depend on $n$ if "
    r"$\gamma=2\alpha\beta$.",
)

EXERCISES = (CHAIN, TOLD, ANY_PAIR)
