"""Checked exercises of chapter 6: what images and their labels tell before training."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=6)


def gram(rng, n):
    """Laplace's kernel of n points in three dimensions."""
    points = rng.standard_normal((n, 3))
    return np.exp(-np.linalg.norm(points[:, None] - points, axis=2))


# ------------------------------------------------------------- ex-own-data


def finest(K):
    """Resolution that a sample has without a ridge."""
    return 1 / np.trace(np.linalg.inv(K))


def from_halves(K):
    """Exponent of the resolution from half of the rows to all, less one."""
    half = len(K) // 2
    return np.log2(finest(K[:half, :half]) / finest(K)) - 1


def of_eigenvalues(K):
    """The exponent that a line through a sample's eigenvalues would have."""
    lam = np.linalg.eigvalsh(K)[::-1]
    return -np.polyfit(np.log(np.arange(1, len(K) + 1)), np.log(lam), 1)[0] - 1


OWN_DATA = of_chapter(
    id="ex-own-data",
    objective=1,
    title="Your own data",
    asks="Hand in a function of a Gram matrix K with an even number of rows that "
    "returns α_K between the first half of them and all.",
    kind=Function(draw=lambda rng: {"K": gram(rng, 2 * int(rng.integers(12, 21)))}),
    reference=from_halves,
    right="Two traces, and no label was needed: whether the labels care is another "
    "question.",
    wrong=(
        Wrong(
            belief="the exponent of the eigenvalues for α_K",
            answer=lambda K: from_halves(K) + 1,
            says="That is how fast the resolution falls, and with it the "
            "eigenvalues. What has a law of eigenvalues beside α_K in its exponent?",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda K: -from_halves(K),
            says="The size is right. But the resolution falls while D grows, and an "
            "exponent has its minus in the law.",
        ),
        Wrong(
            belief="a mean for a trace",
            answer=lambda K: from_halves(K) - 1,
            says="You divide the trace by the number of points. Then one power of D "
            "is lost between the two sizes. The resolution is of the trace itself.",
        ),
        Wrong(
            belief="the inverse of a trace for the trace of an inverse",
            answer=lambda K: np.log2(np.trace(K) / np.trace(K[: len(K) // 2])) - 1,
            says="You invert the trace of K, which only counts the points. Invert the "
            "matrix first: its trace is made by the smallest eigenvalues.",
        ),
        Wrong(
            belief="a sample has the eigenvalues of its kernel",
            answer=of_eigenvalues,
            says="You fit a line through the sample's own eigenvalues. They bend away "
            "from those of the kernel on their way down. Compare two sizes by their "
            "resolutions.",
        ),
        Wrong(
            belief="a natural logarithm divided by octaves",
            answer=lambda K: np.log(2) * (from_halves(K) + 1) - 1,
            says="From half to all is one octave, so the logarithm above must count "
            "octaves too; or divide by the natural logarithm of the factor.",
        ),
    ),
    hints=(
        "Columns of very different size: put them on a common scale, then centre and "
        "normalise the rows. Shuffle the rows if they have an order.",
        "np.linalg.inv, its trace, one over it: once for K[:half, :half], once for K.",
        "The resolution falls as the eigenvalues do, and in their exponent α_K is not "
        "alone.",
    ),
    reasoning=r"$\hat\kappa(D)=1/\operatorname{tr}K_D^{-1}\sim D^{-(1+\alpha_K)}$, so "
    r"one octave of $D$ takes $1+\alpha_K$ octaves of $\hat\kappa$.",
)


# ----------------------------------------------------------- ex-one-sample


def from_one_sample(K, Y, ridge):
    """Size whose fit without ridge has this resolution, and the loss of that fit."""
    N = len(K)
    R = np.linalg.inv(K + ridge * np.eye(N))
    trace, squares = np.trace(R), np.sum(R**2)
    z, q = N - ridge * trace, N - trace**2 / squares
    return z, np.sum((R @ Y) ** 2) / squares / (1 - q / z)


def instead(turned):
    """A wrong loss at the right size: of N, ridge, R and |RY|²."""

    def answer(K, Y, ridge):
        R = np.linalg.inv(K + ridge * np.eye(len(K)))
        z = from_one_sample(K, Y, ridge)[0]
        return z, turned(len(K), z, ridge, R, np.sum((R @ Y) ** 2))

    return answer


def entrywise(N, z, ridge, R, residual):
    """The loss, if the square of R is taken entry by entry."""
    squares = np.sum(np.diag(R) ** 2)
    return residual / squares / (1 - (N - np.trace(R) ** 2 / squares) / z)


def smoothed(N, z, ridge, R, residual):
    """The loss, if q is the sum of the squares of the sample's own learnabilities."""
    q = np.sum((np.eye(N) - ridge * R) ** 2)
    return residual / np.sum(R**2) / (1 - q / z)


def a_sample(rng):
    """Gram matrix, labels of three outputs, and a ridge."""
    n = int(rng.integers(12, 21))
    ridge = over(0.05, 2.0)(rng)
    return {"K": gram(rng, n), "Y": rng.standard_normal((n, 3)), "ridge": ridge}


ONE_SAMPLE = of_chapter(
    id="ex-one-sample",
    objective=2,
    title="A learning curve from one sample",
    asks="Hand in a function of K, Y and ridge that returns two numbers: the size D "
    "and the loss of a fit to so many images without a ridge.",
    kind=Function(draw=a_sample),
    reference=from_one_sample,
    right="Each ridge is a size: one labelled sample holds the learning curve of all "
    "smaller ones.",
    wrong=(
        Wrong(
            belief="the missed power for the loss",
            answer=instead(lambda N, z, ridge, R, residual: residual / np.sum(R**2)),
            says="The size is right. But what is missed is not yet the loss: the fit "
            "also pays for what it takes for signal at its D points. Which factor is "
            "before B?",
        ),
        Wrong(
            belief="the loss of the sample with its ridge",
            answer=instead(
                lambda N, z, ridge, R, residual: N * residual / np.trace(R) ** 2
            ),
            says="That is the loss of all N points with this ridge. The fit without a "
            "ridge has the same q and fewer points: which D stands in its factor?",
        ),
        Wrong(
            belief="the square of a matrix, entry by entry",
            answer=instead(entrywise),
            says="R**2 squares each entry, and its trace leaves out all that are not "
            "on the diagonal. The square of a matrix is R @ R.",
        ),
        Wrong(
            belief="a sample has the learnabilities of its kernel",
            answer=instead(smoothed),
            says="You take q from the eigenvalues of the sample. Its own "
            "learnabilities have the right sum, but not the right sum of squares. "
            "Step 2 of the derivation has N − q.",
        ),
        Wrong(
            belief="the error on the training images",
            answer=instead(lambda N, z, ridge, R, residual: ridge**2 * residual / N),
            says="Those are the residuals at the points that were fitted. A new point "
            "is not so lucky; step 1 of the derivation says by how much.",
        ),
        Wrong(
            belief="a mean over the outputs for their sum",
            answer=lambda K, Y, ridge: np.multiply(
                from_one_sample(K, Y, ridge), (1, 1 / Y.shape[1])
            ),
            says="The size is right. The chapter's losses are summed over the "
            "outputs: your average is smaller.",
        ),
    ),
    hints=(
        "Without a ridge the number of points is z itself; with one it is z and the "
        "ridge over κ.",
        "Step 2 of the derivation gives N − q, from two traces. Both fits have one κ, "
        "and so one z, one q and one B.",
    ),
    reasoning=r"$z=N-\delta\operatorname{tr}R$ is the size. Step 2 of the derivation "
    r"gives $q=N-(\operatorname{tr}R)^2/\operatorname{tr}R^2$, and the loss is "
    r"$\hat B/(1-q/z)$.",
)


# --------------------------------------------------------- ex-noisy-labels


def with_noise(B, p, classes):
    """Missed power of labels of which a share p was drawn at random."""
    kept = (1 - p) ** 2
    return kept * B + (1 - 1 / classes) * (1 - kept)


NOISY_LABELS = of_chapter(
    id="ex-noisy-labels",
    objective=2,
    title="Noisy labels",
    asks="Hand in a function of B, p and classes that returns the missed power of the "
    "noisy labels.",
    kind=Function(
        draw=inputs(B=over(0.05, 0.6), p=uniform(0.05, 0.6), classes=whole(3, 20))
    ),
    reference=with_noise,
    right="The old curve, scaled, on a floor: the length of a label is shared by "
    "signal and noise, and noise is missed at every resolution.",
    wrong=(
        Wrong(
            belief="a share of the labels for a share of their power",
            answer=lambda B, p, classes: (1 - p) * B + (1 - 1 / classes) * p,
            says="The mean label shrinks by the share that was kept. But power is a "
            "square: what becomes of it, and what is left for the noise?",
        ),
        Wrong(
            belief="only replaced labels are noise",
            answer=lambda B, p, classes: (1 - p) ** 2 * B + (1 - 1 / classes) * p,
            says="The signal is right. But nobody knows which labels were replaced: "
            "those that were kept scatter about the shrunken mean, too. Let the "
            "lengths add up.",
        ),
        Wrong(
            belief="noise averages out",
            answer=lambda B, p, classes: (1 - p) ** 2 * B,
            says="So the signal shrinks, that is right. But the noise is part of the "
            "labels, and no resolution foresees it. Set p to one: is nothing missed?",
        ),
        Wrong(
            belief="a label vector has length one",
            answer=lambda B, p, classes: (1 - p) ** 2 * B + 1 - (1 - p) ** 2,
            says="Before the mean was subtracted it had. What is the loss of who "
            "guesses nothing?",
        ),
        Wrong(
            belief="noise is added and the signal stays",
            answer=lambda B, p, classes: B + (1 - 1 / classes) * (1 - (1 - p) ** 2),
            says="The floor is right. But a label that is replaced no longer tells "
            "its class: the signal shrinks while the noise grows.",
        ),
        Wrong(
            belief="a random label that happens to be right is signal",
            answer=lambda B, p, classes: with_noise(B, p * (1 - 1 / classes), classes),
            says="You count as kept what chance puts back. But a label drawn from all "
            "classes is zero on average, once the mean is subtracted.",
        ),
    ),
    hints=(
        "On average over the noise the new label vector is the old one, shrunken. The "
        "rest is noise, independent from image to image.",
        "How long is a label vector, noisy or not? How much of that is left for the "
        "noise? And what is missed of pure noise?",
    ),
    reasoning=r"The mean of a noisy label is $(1-p)\,y$, so the signal's power is "
    r"$(1-p)^2$ of what it was. All label vectors have $\lvert y\rvert^2=1-1/C$ for "
    r"$C$ classes; what the signal leaves of it is noise, of which everything is "
    r"missed.",
)

EXERCISES = (OWN_DATA, ONE_SAMPLE, NOISY_LABELS)
