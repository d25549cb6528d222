"""Checked exercises of chapter 7: lazy and rich training."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, uniform

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=7)


# -------------------------------------------------------- ex-twice-as-good


def longer(beta, n):
    """Factors in time for a loss smaller by a factor n: lazy and rich, if β < 1."""
    return n ** (1 / beta), n ** ((1 + beta) / (2 * beta))


TWICE = of_chapter(
    id="ex-twice-as-good",
    objective=3,
    title="Twice as good",
    asks="Hand in a function of beta, below one, and n that returns two factors in "
    "time, lazy and rich, for a loss smaller by a factor n.",
    kind=Function(draw=inputs(beta=uniform(0.15, 0.85), n=uniform(1.5, 4))),
    reference=longer,
    right="An exponent in time is a price: the harder the task, the more a kernel that "
    "grows saves, without bound.",
    wrong=(
        Wrong(
            belief="twice the exponent, half the time",
            answer=lambda beta, n: (n ** (1 / beta), n ** (1 / beta) * (1 + beta) / 2),
            says="You divide the time by the factor of the exponents. An exponent is "
            "not a speed: the longer the way, the more a larger one saves.",
        ),
        Wrong(
            belief="the kernel grows as the norm squared",
            answer=lambda beta, n: (n ** (1 / beta), n),
            says="So every hard task would fall as 1/t. With two layers the kernel "
            "grows as the norm itself: look at the square root in the theorem.",
        ),
        Wrong(
            belief="features double every hard exponent",
            answer=lambda beta, n: (n ** (1 / beta), n ** (1 / (2 * beta))),
            says="Twice is the limit for the hardest tasks only. How does the factor "
            "depend on β, and what is it where hard meets easy?",
        ),
        Wrong(
            belief="a factor in time has the exponent of the loss",
            answer=lambda beta, n: (n**beta, n ** (2 * beta / (1 + beta))),
            says="You raise the factor of the loss to the exponent. But the loss is a "
            "power of time. Solve for the time.",
        ),
        Wrong(
            belief="lazy and rich exchanged",
            answer=lambda beta, n: longer(beta, n)[::-1],
            says="Asked is lazy first, then rich. In your order it would take longer "
            "on hard tasks to learn features.",
        ),
    ),
    hints=(
        "Turn the power law around: a factor in the loss is a power of a factor in "
        "time.",
        "Write both factors as powers of n, and divide.",
    ),
    reasoning=r"From $L\sim t^{-\chi}$ follows a factor $n^{1/\chi}$ in time: lazily "
    r"with $\chi=\beta$, richly with $\chi=2\beta/(1+\beta)$.",
)


# ----------------------------------------------------------- ex-whole-flow


def flow(lam, aim, state):
    """Velocities of a and b in the flow of both."""
    a, b = state[0], state[1:]
    pull = lam * (aim - a * b)
    return np.r_[pull @ b, a * pull]


def on_the_way(rng):
    """A spectrum, a target times γ, and a place on the way."""
    k = np.arange(1.0, rng.integers(4, 9) + 1)
    aim = rng.uniform(2, 12) * k ** rng.uniform(-1, 0.5)
    state = np.r_[rng.uniform(1, 3), aim * rng.uniform(0.05, 0.3, len(k))]
    return {"lam": k**-2, "aim": aim, "state": state}


WHOLE = of_chapter(
    id="ex-whole-flow",
    objective=3,
    title="The whole flow",
    asks="Hand in a function of lam, aim and state that returns the velocities of a "
    "and of all b, in one array like the state.",
    kind=Function(draw=on_the_way),
    reference=flow,
    right="What one layer does to the other is one and the same product seen from two "
    "sides; therefore the difference of squares stays.",
    wrong=(
        Wrong(
            belief="features stay what they are",
            answer=lambda lam, aim, state: flow(lam, aim, state) * np.sign([0, *aim]),
            says="You let a stand still: that is lazy training. The loss depends on a, "
            "too, through every mode. Differentiate.",
        ),
        Wrong(
            belief="b moves as if a were one",
            answer=lambda lam, aim, state: (
                flow(lam, aim, state) / np.r_[1, 0 * aim + state[0]]
            ),
            says="The output is a times b, so what a small step of b does grows with "
            "a. The chain rule has one more factor.",
        ),
        Wrong(
            belief="eigenvalues for b only",
            answer=lambda lam, aim, state: np.r_[
                (aim - state[0] * state[1:]) @ state[1:], flow(lam, aim, state)[1:]
            ],
            says="In the velocity of a each mode counts alike. But an error in a weak "
            "feature costs little: its eigenvalue weighs it in the loss.",
        ),
        Wrong(
            belief="the target less b, not less the output",
            answer=lambda lam, aim, state: np.r_[
                lam * (aim - state[1:]) @ state[1:], state[0] * lam * (aim - state[1:])
            ],
            says="What is left to learn is the target less what the model says. What "
            "does it say, with two layers?",
        ),
        Wrong(
            belief="uphill",
            answer=lambda lam, aim, state: -flow(lam, aim, state),
            says="With this sign the loss grows. Gradient flow goes against the "
            "gradient.",
        ),
    ),
    hints=(
        "aim is γ times the target's coefficients. The loss is half the sum of λ "
        "times the squared residuals; differentiate it by a, and by each b.",
        'solve_ivp of scipy.integrate with method="LSODA" takes it as it is. Compare '
        "with theory.gradient_flow at the same times.",
    ),
    reasoning=r"With $r_k=\gamma\omega_k-ab_k$ the loss is "
    r"$\frac12\sum\lambda_kr_k^2$, so $\dot a=\sum_k\lambda_kr_kb_k$ "
    r"and $\dot b_k=a\lambda_kr_k$.",
)


# -------------------------------------------------------------- ex-how-far


def travelled(J, y, gamma):
    """Length of the shortest change of parameters that gives f the values y."""
    return gamma * np.sqrt(y @ np.linalg.solve(J @ J.T, y))


def small_networks(rng):
    """Jacobian of a few outputs, targets and a richness."""
    n, P = rng.integers(3, 6), rng.integers(12, 20)
    J = rng.standard_normal((n, P)) * rng.uniform(0.3, 3, (n, 1))
    return {"J": J, "y": rng.standard_normal(n), "gamma": float(rng.uniform(0.02, 0.6))}


HOW_FAR = of_chapter(
    id="ex-how-far",
    objective=4,
    title="How far do they travel?",
    asks="Hand in a function of J, y and gamma that returns how far the parameters of "
    "the linearised network travel.",
    kind=Function(draw=small_networks),
    reference=travelled,
    right="The same function at a distance ∝ γ: so little that no feature changes. "
    "That is what lazy means.",
    wrong=(
        Wrong(
            belief="the learning rate's γ² is that of the way",
            answer=lambda J, y, gamma: travelled(J, y, gamma**2),
            says="The rate has a γ², but the gradient of f has a 1/γ. And steps "
            "tell nothing of where it ends: by how much must f change?",
        ),
        Wrong(
            belief="the same function, the same way",
            answer=lambda J, y, gamma: travelled(J, y, 1),
            says="The function is the same at the end, whatever γ. But the parameters "
            "move h, which is only the γ-th part of it.",
        ),
        Wrong(
            belief="a large output scale moves far",
            answer=lambda J, y, gamma: travelled(J, y, 1 / gamma),
            says="With a large output scale a small change of parameters is a large "
            "one of f. How much is needed for a given change?",
        ),
        Wrong(
            belief="a kernel for its inverse",
            answer=lambda J, y, gamma: gamma * np.sqrt(y @ J @ J.T @ y),
            says="With this a direction in which the outputs hardly react would need "
            "the smallest step. Solve for the change of parameters.",
        ),
        Wrong(
            belief="all directions react alike",
            answer=lambda J, y, gamma: (
                gamma * np.sqrt(y @ y * len(y) / np.trace(J @ J.T))
            ),
            says="You divide by a mean of the kernel. Where the kernel is weak the way "
            "is long: it has eigenvalues, and the targets a part in each.",
        ),
    ),
    hints=(
        "f must change by what the target asks for, whatever γ; its gradient is 1/γ "
        "times that of h.",
        "Gradients are sums of rows of J, so the change of parameters is one, too: the "
        "shortest of all that fit. In the network take predict.parameters minus start, "
        "with the same start for all.",
    ),
    reasoning=r"$\gamma^{-1}J\,\delta\theta=y$ and $\delta\theta=J^{\mathsf T}c$ give "
    r"$\delta\theta=\gamma J^{\mathsf T}(JJ^{\mathsf T})^{-1}y$. Its squared length "
    r"is $\gamma^2\,y^{\mathsf T}(JJ^{\mathsf T})^{-1}y$.",
)

EXERCISES = (TWICE, WHOLE, HOW_FAR)
