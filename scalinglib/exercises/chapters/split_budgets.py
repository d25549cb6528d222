"""Checked exercises of the page on one's own budget: surfaces and their best splits."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, Numbers, inputs, over, uniform

__all__ = ["EXERCISES"]

of_page = partial(Exercise, chapter="your_own_budget")


# --------------------------------------------------------------- ex-scarce


def best_size(C, A, B, alpha_P, alpha_D, worth):
    """Parameters of least loss, if D tokens are worth so many new ones."""
    P = np.geomspace(1e9, 1e13, 10_001)
    losses = A * P**-alpha_P + B * worth(C / (6 * P)) ** -alpha_D
    return P[np.argmin(losses)]


def split(C, U, A, B, alpha_P, alpha_D, R):
    """Best size with endless tokens and with U different ones; passes over these."""

    def worth(D):
        again = np.maximum(D / U - 1, 0)
        return np.minimum(D, U) + U * R * (1 - np.exp(-again / R))

    law = C, A, B, alpha_P, alpha_D
    scarce = best_size(*law, worth)
    return best_size(*law, lambda D: D), scarce, C / (6 * scarce * U)


def believed(size):
    """The split of who takes the size with scarce tokens from the endless case."""

    def answer(C, U, A, B, alpha_P, alpha_D, R):
        law = C, A, B, alpha_P, alpha_D
        endless = best_size(*law, lambda D: D)
        scarce = size(endless, law, U, R)
        return endless, scarce, C / (6 * scarce * U)

    return answer


SCARCE = of_page(
    id="ex-scarce",
    objective=1,
    title="When tokens run out",
    asks="Hand in three numbers: the best number of parameters with endless tokens, "
    "that with so few different ones, and the passes over these.",
    kind=Numbers(
        within=0.01,
        given={"C": 1e23, "U": 1e10}
        | {"A": 400, "B": 1500, "alpha_P": 0.34, "alpha_D": 0.36, "R": 15},
    ),
    reference=split,
    right="Tokens that fade move the balance: a part of the compute that would have "
    "gone into new ones goes into parameters.",
    wrong=(
        Wrong(
            belief="tokens seen again are as good as new",
            answer=believed(lambda endless, law, U, R: endless),
            says="You leave the model as it was. But each pass adds less than the one "
            "before, and parameters do not fade. Which of the two is now the dearer?",
        ),
        Wrong(
            belief="tokens seen again are worth nothing",
            answer=believed(lambda endless, law, U, R: law[0] / (6 * U)),
            says="You stop after one pass and give all of the rest to parameters. The "
            "second pass is worth nearly as much as the first; look at the form for D "
            "a little above U.",
        ),
        Wrong(
            belief="repetitions count in full, and then not at all",
            answer=believed(
                lambda endless, law, U, R: best_size(
                    *law, lambda D: np.minimum(D, U * (1 + R))
                )
            ),
            says="You end where the repetitions are as many as R. That is a decay, "
            "and no wall: there a token still has more than a third of its worth.",
        ),
        Wrong(
            belief="a model goes with the different tokens that there are",
            answer=believed(
                lambda endless, law, U, R: endless * U / (law[0] / (6 * endless))
            ),
            says="You keep the tokens for each parameter, counting different ones. "
            "Then the model shrinks, and the compute goes into passes that teach "
            "nothing any more. Minimise the loss at this compute.",
        ),
        Wrong(
            belief="repetitions for passes",
            answer=lambda C, U, A, B, alpha_P, alpha_D, R: np.subtract(
                split(C, U, A, B, alpha_P, alpha_D, R), (0, 0, 1)
            ),
            says="So often the tokens are seen again. Asked is how often they are "
            "seen, and the first time counts.",
        ),
        Wrong(
            belief="one FLOP for each parameter and token",
            answer=lambda C, U, A, B, alpha_P, alpha_D, R: split(
                6 * C, U, A, B, alpha_P, alpha_D, R
            ),
            says="You split the compute as C = PD. Forward and backward together, a "
            "parameter costs more than that for each token.",
        ),
    ),
    hints=(
        "np.meshgrid of six model sizes and seven data sizes; U = 2e9 for half of the "
        "runs, and more than they see for the others.",
        "fit.optimal(1e23, unique=1e10) has P and D; D over U is the number of passes.",
    ),
    reasoning=r"The loss at $D=C/6P$ is $A P^{-\alpha_P}+B D'^{-\alpha_D}$ and a "
    r"constant, with $D'$ in place of $D$. Its minimum over $P$ is searched for, once "
    r"with $D'=D$ and once with $U$ different tokens.",
)


# --------------------------------------------------------------- ex-design


def twin(A, B, alpha_P, alpha_D, k):
    """Constants of the other surface with these losses where D = k P."""
    return B * k**-alpha_D, A * k**alpha_P, alpha_D, alpha_P


DESIGN = of_page(
    id="ex-design",
    objective=2,
    title="Twenty-four runs",
    asks="Hand in a function of A, B, alpha_P, alpha_D and k that returns the other "
    "surface's A, B, alpha_P and alpha_D.",
    kind=Function(
        draw=inputs(
            A=over(50, 800),
            B=over(50, 3000),
            alpha_P=uniform(0.22, 0.32),
            alpha_D=uniform(0.36, 0.5),
            k=over(5, 100),
        )
    ),
    reference=twin,
    right="Two surfaces, the same losses at all of these runs, and two different "
    "splits of the next budget: no care in fitting can tell them apart.",
    wrong=(
        Wrong(
            belief="the terms are exchanged and the tokens forgotten",
            answer=lambda A, B, alpha_P, alpha_D, k: (B, A, alpha_D, alpha_P),
            says="So it is where tokens and parameters are equal in number. Here the "
            "one is k times the other, and what stands under the powers is not the "
            "same.",
        ),
        Wrong(
            belief="the amplitudes move and the exponents stay",
            answer=lambda A, B, alpha_P, alpha_D, k: (
                B * k**-alpha_D,
                A * k**alpha_P,
                alpha_P,
                alpha_D,
            ),
            says="A term that gives up its amplitude takes its exponent along: each "
            "power of P has to be there in both surfaces.",
        ),
        Wrong(
            belief="the sign of the power of k",
            answer=lambda A, B, alpha_P, alpha_D, k: (
                B * k**alpha_D,
                A * k**-alpha_P,
                alpha_D,
                alpha_P,
            ),
            says="Put D = kP into the term of the data, and see on which side of the "
            "fraction k comes to stand.",
        ),
        Wrong(
            belief="k has the power of the other term",
            answer=lambda A, B, alpha_P, alpha_D, k: (
                B * k**-alpha_P,
                A * k**alpha_D,
                alpha_D,
                alpha_P,
            ),
            says="k comes from the term in which D stands, in the old surface and in "
            "the new one. Which exponent does that term have in each?",
        ),
        Wrong(
            belief="the fit is unique",
            answer=lambda A, B, alpha_P, alpha_D, k: (A, B, alpha_P, alpha_D),
            says="That is the surface itself. Where D = kP the loss is a sum of two "
            "powers of P; who says which of the two is the term of the data?",
        ),
    ),
    hints=(
        "laws.fit_loss_surface(P, D, loss, rng=0, resamples=100) with arrays; "
        "fit.identified is a dict.",
        "The best size at C is near 0.12 √C here: np.tile(np.geomspace(1 / 8, 8, 8), "
        "3) around it.",
        "For the second design, write the loss as a function of P alone: two powers, "
        "and each may be called the term of the data.",
    ),
    reasoning=r"Where $D=kP$ the loss is "
    r"$E+AP^{-\alpha_P}+Bk^{-\alpha_D}P^{-\alpha_D}$. Read the last power as that of "
    r"the parameters: its amplitude is $Bk^{-\alpha_D}$. The other must then be "
    r"$B'(kP)^{-\alpha_P}$, with $B'k^{-\alpha_P}=A$.",
)


# --------------------------------------------------------------- ex-kaplan


def best_joint(P_c, D_c, alpha_P, alpha_D, C):
    """Best number of parameters of the joint form."""
    q = alpha_P / alpha_D
    return (q * P_c**q * C / (6 * D_c)) ** (1 / (1 + q))


KAPLAN = of_page(
    id="ex-kaplan",
    objective=4,
    title="An older surface",
    asks="Hand in a function of P_c, D_c, alpha_P, alpha_D and C that returns the best "
    "number of parameters of the joint form.",
    kind=Function(
        draw=inputs(
            P_c=over(1e12, 1e15),
            D_c=over(1e12, 1e15),
            alpha_P=uniform(0.05, 0.09),
            alpha_D=uniform(0.095, 0.14),
            C=over(1e19, 1e25),
        )
    ),
    reference=best_joint,
    right="The compute has the same power as in the additive form: two forms that "
    "disagree on the loss agree on how the best model grows.",
    wrong=(
        Wrong(
            belief="at the optimum the two terms are equal",
            answer=lambda P_c, D_c, alpha_P, alpha_D, C: best_joint(
                P_c, D_c * alpha_P / alpha_D, alpha_P, alpha_D, C
            ),
            says="Equal terms are a good guess, and not the minimum: what balances is "
            "each term times its own exponent. Differentiate by the logarithm of P.",
        ),
        Wrong(
            belief="the root is taken of each term",
            answer=lambda P_c, D_c, alpha_P, alpha_D, C: (
                (
                    (alpha_P * P_c**alpha_P / (alpha_D * D_c**alpha_D))
                    * (C / 6) ** alpha_D
                )
                ** (1 / (alpha_P + alpha_D))
            ),
            says="That is the best split of two powers, each with its own exponent. "
            "Here the power is taken of their sum; it moves no minimum, so leave it "
            "away and look at what is inside.",
        ),
        Wrong(
            belief="one exponent for the other",
            answer=lambda P_c, D_c, alpha_P, alpha_D, C: best_joint(
                P_c, D_c, alpha_D, alpha_P, C
            ),
            says="You exchange the two exponents. Which of the two terms in the "
            "bracket has a power, and which exponent divides which?",
        ),
        Wrong(
            belief="one FLOP for each parameter and token",
            answer=lambda P_c, D_c, alpha_P, alpha_D, C: best_joint(
                P_c, D_c, alpha_P, alpha_D, 6 * C
            ),
            says="You split the compute as C = PD. Forward and backward together, a "
            "parameter costs more than that for each token.",
        ),
        Wrong(
            belief="tokens for parameters",
            answer=lambda P_c, D_c, alpha_P, alpha_D, C: (
                C / (6 * best_joint(P_c, D_c, alpha_P, alpha_D, C))
            ),
            says="So many tokens the best model sees. How many parameters does it "
            "have, if all of the compute is spent?",
        ),
    ),
    hints=(
        "hindsight() of both fits has a column error.",
        "Look at the sign of bias, too.",
        "A power of the whole bracket does not move its minimum: put D = C/(6P) into "
        "what is inside, and differentiate.",
    ),
    reasoning=r"With $q=\alpha_P/\alpha_D$ and $D=C/6P$ the bracket is "
    r"$(P_c/P)^q+6PD_c/C$. Its derivative by $\log P$ vanishes where "
    r"$q\,(P_c/P)^q=6PD_c/C$. The compute has the power $1/(1+q)"
    r"=\alpha_D/(\alpha_P+\alpha_D)$.",
)

EXERCISES = (SCARCE, DESIGN, KAPLAN)
