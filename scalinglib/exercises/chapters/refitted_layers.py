"""Checked exercise of chapter 7: what a refitted last layer loses."""

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function

__all__ = ["EXERCISES"]


def refitted(lam, v2, noise, kappa):
    """Number of examples and loss of a refit, for a resolution κ."""
    learned = lam / (lam + kappa)
    D = learned.sum()
    return D, ((1 - learned) ** 2 @ v2 + noise) * D / (D - learned @ learned)


def lost(change):
    """The same D with another loss, of what is learned, of the lists and the factor."""

    def answer(lam, v2, noise, kappa):
        D = refitted(lam, v2, noise, kappa)[0]
        learned = lam / (lam + kappa)
        return D, change(learned, v2, noise, D / (D - learned @ learned))

    return answer


def lists(rng):
    """Eigenvalues, power, noise and a resolution."""
    i = np.arange(1.0, rng.integers(30, 60))
    lam, v2 = i ** -rng.uniform(1.2, 2), i ** -rng.uniform(1.2, 2)
    noise, kappa = rng.uniform(0.1, 0.5), np.exp(rng.uniform(*np.log([3e-3, 0.1])))
    return {"lam": lam, "v2": v2, "noise": float(noise), "kappa": float(kappa)}


REFIT = Exercise(
    id="ex-refit",
    chapter=7,
    objective=5,
    title="What a refit loses",
    asks="Hand in a function of lam, v2, noise and kappa that returns D and the loss.",
    kind=Function(draw=lists),
    reference=refitted,
    right="Three lists say it all, before training or after: where features come from "
    "is not among them.",
    wrong=(
        Wrong(
            belief="learned features need no more examples",
            answer=lost(lambda learned, v2, noise, factor: noise),
            says="That is what is left with endless data. The last layer is fitted "
            "anew, from D examples: which modes do these not yet resolve?",
        ),
        Wrong(
            belief="the unexplained part is only added",
            answer=lost(
                lambda learned, v2, noise, f: f * (1 - learned) ** 2 @ v2 + noise
            ),
            says="What no combination of features explains acts as noise on the "
            "labels. The fit follows it, too: the factor belongs to both parts.",
        ),
        Wrong(
            belief="what the features cannot say costs nothing",
            answer=lost(lambda learned, v2, noise, f: f * (1 - learned) ** 2 @ v2),
            says="With this the loss would go to zero with more examples. The labels "
            "have a part that is in no mode; where is it?",
        ),
        Wrong(
            belief="no price for a sample",
            answer=lost(lambda learned, v2, noise, f: (1 - learned) ** 2 @ v2 + noise),
            says="That is what the modes not learned hold. But the fit also errs in "
            "what it has learned, since D examples are a sample: a factor above one.",
        ),
        Wrong(
            belief="amplitude for power",
            answer=lost(lambda learned, v2, noise, f: f * ((1 - learned) @ v2 + noise)),
            says="One minus the learnability is the share of an amplitude that is "
            "missing. The list holds powers, and the loss is squared.",
        ),
    ),
    hints=(
        "Without a ridge the learnabilities add up to D.",
        "The loss is a factor times what is left of the power plus what the features "
        "do not explain. The factor has the sum of the squared learnabilities in it.",
    ),
    reasoning=r"With $L_i=\lambda_i/(\lambda_i+\kappa)$ chapter 4 has $D=\sum_iL_i$ "
    r"and $L=\frac{D}{D-\sum L_i^2}\bigl[\sum_i(1-L_i)^2v_i^2+\sigma^2\bigr]$.",
)

EXERCISES = (REFIT,)
