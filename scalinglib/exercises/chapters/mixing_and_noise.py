"""Checked exercises of chapter 8: what mixed features and single examples cost."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=8)


# ---------------------------------------------------------------- ex-floor


def mixed_floor(lam, v2, P):
    """What random features miss, and the share of modes beyond P in it."""
    low, high = -60.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        many = (lam / (lam + np.exp(middle))).sum() > P
        low, high = (middle, high) if many else (low, middle)
    missed = v2 * np.exp(low) / (lam + np.exp(low))
    return missed.sum(), missed[P:].sum() / missed.sum()


def missing(kappa, lam, v2, P, *, power=1):
    """The same for a given κ, and for a power of what is missing of each mode."""
    missed = v2 * (kappa / (lam + kappa)) ** power
    return missed.sum(), missed[P:].sum() / missed.sum()


def resolution(lam, P):
    """The κ at which P modes are learned, from what one mode of power one misses."""
    first = mixed_floor(lam, 1.0 * (np.arange(len(lam)) == 0), P)[0]
    return lam[0] * first / (1 - first)


def drawn_modes(rng):
    """Eigenvalues, a target's powers and a size."""
    k = np.arange(1.0, 2001)
    return {
        "lam": k ** -rng.uniform(1.2, 2.5),
        "v2": k ** -rng.uniform(1.5, 4),
        "P": int(rng.integers(20, 200)),
    }


FLOOR = of_chapter(
    id="ex-floor",
    objective=4,
    title="The price of mixing",
    asks="Hand in a function of lam, v2 and P that returns the floor, and the share of "
    "it that is modes beyond P.",
    kind=Function(draw=drawn_modes),
    reference=mixed_floor,
    right="On easy tasks next to nothing of the floor lies beyond P: it is what "
    "learned modes lose, for random features never get one quite pure.",
    wrong=(
        Wrong(
            belief="P features are the first P modes",
            answer=lambda lam, v2, P: (v2[P:].sum(), 1.0),
            says="That is the floor of modes in their order. Random features mix all "
            "of them: the first ones are learned in part, and so are those beyond.",
        ),
        Wrong(
            belief="the resolution is the eigenvalue of the last mode",
            answer=lambda lam, v2, P: missing(lam[P - 1], lam, v2, P),
            says="It is of that order, and no more. The second equation tells which "
            "κ it is; solve it.",
        ),
        Wrong(
            belief="what is missing of a mode, squared",
            answer=lambda lam, v2, P: missing(resolution(lam, P), lam, v2, P, power=2),
            says="You square the missing share of each mode: that is a bias alone. "
            "The equation of this chapter has the first power.",
        ),
        Wrong(
            belief="what is learned for what is missed",
            answer=lambda lam, v2, P: (
                v2.sum() - mixed_floor(lam, v2, P)[0],
                mixed_floor(lam, v2, P)[1],
            ),
            says="The larger an eigenvalue against κ, the more is learned of its mode. "
            "Your floor grows with what is learned.",
        ),
        Wrong(
            belief="the share of the other modes",
            answer=lambda lam, v2, P: (
                mixed_floor(lam, v2, P)[0],
                1 - mixed_floor(lam, v2, P)[1],
            ),
            says="The floor is right. The share is that of the modes up to P; asked "
            "are those beyond.",
        ),
        Wrong(
            belief="counting from one where Python counts from zero",
            answer=lambda lam, v2, P: (
                mixed_floor(lam, v2, P)[0],
                missing(resolution(lam, P), lam, v2, P - 1)[1],
            ),
            says="The floor is right. The share has a mode too many: the first mode "
            "beyond P is number P + 1, and stands at the index P.",
        ),
    ),
    hints=(
        "scipy.optimize.brentq over the logarithm of κ; the count of learned modes "
        "falls with κ.",
        "Cut the sum of the floor behind mode P.",
    ),
    reasoning=r"The sum of $\lambda_k/(\lambda_k+\kappa)$ falls with κ, so there is "
    r"one κ at which it is $P$, found by bisection. Each mode misses the share "
    r"$\kappa/(\lambda_k+\kappa)$ of its power.",
)


# -------------------------------------------------------------- ex-batches


def clock_and_step(step, B, D):
    """Clock of a run with batches, and the step on single examples that equals it."""
    return step * D / B, step / B


BATCHES = of_chapter(
    id="ex-batches",
    objective=5,
    title="Batches",
    asks="Hand in a function of step, B and D that returns two numbers: the clock at "
    "the end of the run with batches, and the step on single examples that does the "
    "same.",
    kind=Function(draw=inputs(step=over(1e-3, 0.5), B=whole(2, 64), D=over(1e3, 1e6))),
    reference=clock_and_step,
    right="At constant compute a batch is a smaller step, and nothing else. What it "
    "buys is time on machines that take examples side by side.",
    wrong=(
        Wrong(
            belief="noise falls as a root, and so must the step",
            answer=lambda step, B, D: (step * D / B, step / B**0.5),
            says="The noise in a loss is a variance, not a standard deviation. And "
            "single examples with your step would be ahead of the clock.",
        ),
        Wrong(
            belief="a batch is as far as its examples one by one",
            answer=lambda step, B, D: (step * D, step),
            says="A batch is averaged, not summed: it makes one step. How many steps "
            "are there in D examples?",
        ),
        Wrong(
            belief="every batch is an example",
            answer=lambda step, B, D: (step * D, step / B),
            says="Your second number is right. But after so many steps the run has "
            "seen B times the examples that it was given.",
        ),
        Wrong(
            belief="an average changes nothing in the step",
            answer=lambda step, B, D: (step * D / B, step),
            says="The clock is right. Single examples make more steps, so with the "
            "same size of step they are at another clock.",
        ),
        Wrong(
            belief="a larger batch for a smaller step, turned around",
            answer=lambda step, B, D: (step * D / B, step * B),
            says="The clock is right. Single examples make more steps than batches: "
            "to arrive at the same clock, must each be larger or smaller?",
        ),
    ),
    hints=(
        "theory.sgd_recursion takes the size of batches, all else as above.",
        "The clock is γ times the number of steps. The noise of one step is the square "
        "of γ over the size of a batch; add it up over all steps.",
    ),
    reasoning=r"$D/B$ steps bring the clock to $\gamma D/B$, with noise "
    r"$\frac DB\cdot\frac{\gamma^2}B$. So do $D$ steps of $\gamma/B$: the clock is "
    r"$D\cdot\frac\gamma B$ and the noise $D\cdot\frac{\gamma^2}{B^2}$.",
)


# ----------------------------------------------------------- ex-three-laws


def best_exponent(b, targets):
    """Exponent of the best size for each target, for b > 1."""

    def one(a):
        if a < b + 1:
            return 1 / (1 + b)
        return (a - b) / a if a < 2 * b else 1 / 2

    return [one(a) for a in targets]


def some_targets(rng):
    """A spectrum, and targets on both sides of both borders."""
    b = rng.uniform(1.3, 2.5)
    ends = np.array([1.1, 1 + b, 2 * b, 2 * b + 2])
    low, width = ends[:-1], np.diff(ends)
    targets = (low + width * rng.uniform(0.15, 0.85, (2, 3))).ravel()
    return {"b": b, "targets": rng.permutation(targets)}


THREE_LAWS = of_chapter(
    id="ex-three-laws",
    objective=5,
    title="Three laws of the split",
    asks="Hand in a function of b and an array of targets that returns the exponent of "
    "the best size for each target.",
    kind=Function(draw=some_targets),
    reference=best_exponent,
    right="The target has a say in the split only between the two borders: before them "
    "the spectrum decides alone, beyond them noise does, with a square root.",
    wrong=(
        Wrong(
            belief="a split is of the spectrum alone",
            answer=lambda b, targets: np.full(len(targets), 1 / (1 + b)),
            says="So it is for modes in their order, and on hard tasks. Features that "
            "mix cost more on the others: another term is in the balance.",
        ),
        Wrong(
            belief="noise is a constant factor for every target",
            answer=lambda b, targets: np.where(
                targets < b + 1, 1 / (1 + b), (targets - b) / targets
            ),
            says="Your last targets are learned so fast that early noise is still "
            "there: compare its memory with what is yet to be learned.",
        ),
        Wrong(
            belief="noise matters on every easy task",
            answer=lambda b, targets: np.where(targets < b + 1, 1 / (1 + b), 1 / 2),
            says="Easy tasks begin where distortion is in the balance, against what is "
            "yet to be learned. Noise needs a target that is learned still faster.",
        ),
        Wrong(
            belief="the split of language models holds for every spectrum",
            answer=lambda b, targets: np.full(len(targets), 1 / 2),
            says="A square root is what one finds in some phases, each for a reason "
            "of its own. Here it needs the noise in the balance.",
        ),
        Wrong(
            belief="the exponent of the loss for that of the size",
            answer=lambda b, targets: [
                (a - 1) / (1 + b)
                if a < b + 1
                else (a - 1) / a
                if a < 2 * b
                else 1 - 1 / (2 * b)
                for a in targets
            ],
            says="So falls the loss at the best split, with both borders in the right "
            "place. Asked is how the size grows.",
        ),
        Wrong(
            belief="what is left for time",
            answer=lambda b, targets: np.subtract(1, best_exponent(b, targets)),
            says="That is the exponent of the best time: with the one of the size it "
            "makes one.",
        ),
    ),
    hints=(
        "There are two borders: where a task becomes easy, and where noise is "
        "forgotten more slowly than the loss falls.",
        "Both laws agree at a border: put b + 1, and then 2b, into the one in the "
        "middle.",
    ),
    reasoning=r"Hard tasks, $a<b+1$, have $1/(1+b)$. From there distortion balances "
    r"what is yet to be learned, and the exponent is $(a-b)/a$. From $a=2b$ on it "
    r"balances the noise, and the exponent is $1/2$.",
)

EXERCISES = (FLOOR, BATCHES, THREE_LAWS)
