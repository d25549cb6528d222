"""Checked exercises of chapter 4: a student on fixed features, and its loss."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=4)

LAM = np.arange(1, 25) ** -1.5  # spectrum of the teachers that are drawn


def teacher_and_student(rng):
    """Training points, mixture and test points; sizes that are not close."""
    few, many = rng.integers(4, 9), rng.integers(11, 17)
    D, P = rng.permutation([few, many])
    F, F_test = (
        rng.standard_normal((n, len(LAM))) * np.sqrt(LAM) for n in (int(D), 30)
    )
    mix = rng.standard_normal((int(P), len(LAM)))
    return {"F": F, "mix": mix, "F_test": F_test}


# -------------------------------------------------------------- ex-student


def predicted(F, mix, y, F_test):
    """Predictions of the student of smallest norm."""
    theta = np.linalg.pinv(F @ mix.T) @ y
    return F_test @ mix.T @ theta


def on_features(f, y, f_test):
    """Least squares of smallest norm on any features."""
    return f_test @ np.linalg.pinv(f) @ y


def with_offset(F, mix, y, F_test):
    """The same with one more feature, which is constant."""
    f, f_test = (np.c_[np.ones(len(X)), X @ mix.T] for X in (F, F_test))
    return on_features(f, y, f_test)


def trained(rng):
    """What a student is given, with labels of a teacher."""
    drawn = teacher_and_student(rng)
    y = drawn["F"] @ rng.standard_normal(len(LAM))
    return {"F": drawn["F"], "mix": drawn["mix"], "y": y, "F_test": drawn["F_test"]}


STUDENT = of_chapter(
    id="ex-student",
    objective=1,
    title="The student as code",
    asks="Hand in a function of F, mix, y and F_test that returns the predictions at "
    "the test points.",
    kind=Function(draw=trained, absolute=1e-7),
    reference=predicted,
    right="A linear map of the labels: that is why the average over teachers can be "
    "done on paper.",
    wrong=(
        Wrong(
            belief="the student sees the teacher's features",
            answer=lambda F, mix, y, F_test: on_features(F, y, F_test),
            says="You fit on all S features. The student has only P mixtures of them, "
            "at the training points and at the test points.",
        ),
        Wrong(
            belief="P features are the first P",
            answer=lambda F, mix, y, F_test: on_features(
                F[:, : len(mix)], y, F_test[:, : len(mix)]
            ),
            says="You give the student the first P of the teacher's features, the best "
            "that there are. It mixes all of them, at random.",
        ),
        Wrong(
            belief="a correlation for a regression",
            answer=lambda F, mix, y, F_test: F_test @ mix.T @ (mix @ F.T @ y) / len(F),
            says="That is each feature's correlation with the labels, as if features "
            "were independent and of one size. What is left after such a fit?",
        ),
        Wrong(
            belief="least squares has an offset",
            answer=with_offset,
            says="You fit a constant too, as many libraries do unasked. The model has "
            "the P features and nothing else.",
        ),
        Wrong(
            belief="predictions where the labels are known",
            answer=lambda F, mix, y, F_test: on_features(F @ mix.T, y, F @ mix.T),
            says="You predict at the training points. What the student has learned is "
            "tested elsewhere: what does it see there?",
        ),
    ),
    hints=(
        "The features of the student are F times the transposed mix, at the test "
        "points as well.",
        "np.linalg.lstsq and np.linalg.pinv both find the solution of smallest norm.",
    ),
    reasoning=r"$\hat\theta=\bar f^+\bar y$ with $\bar f=\bar F\mathcal P^{\mathsf T}$"
    r", and the prediction at $x$ is $\hat\theta\cdot\mathcal PF(x)$.",
)


# --------------------------------------------------------------- ex-traces


def by_traces(F, mix, F_test):
    """The first formula for P ≤ D, else the second."""
    f, f_test = F @ mix.T, F_test @ mix.T
    own = (F_test**2).sum(axis=1).mean()
    if len(mix) <= len(F):
        half = np.linalg.solve(f.T @ f, f.T @ F)
        square = (f_test @ half) ** 2
        cross = (f_test @ half) * F_test
    else:
        weights = np.linalg.solve(f @ f.T, f @ f_test.T)
        square = weights * (F @ F.T @ weights)
        cross = weights * (F @ F_test.T)
        square, cross = square.T, cross.T
    return own + (square - 2 * cross).sum(axis=1).mean()


def of_map(F_test, A, *, crossed=2):
    """Loss of predictions that are A times the teacher's features."""
    seen = F_test @ A
    return (F_test**2 + seen**2 - crossed * F_test * seen).sum(axis=1).mean()


def learned(F, mix):
    """The map A of the proof."""
    return mix.T @ np.linalg.pinv(F @ mix.T) @ F


def mean_alone(F, mix, F_test):
    """Its mean for the inverted matrix, and the draw for all others."""
    f = F @ mix.T
    if len(mix) <= len(F):
        C = mix @ F_test.T @ F_test @ mix.T / len(F_test)
        A = mix.T @ np.linalg.solve(C, f.T @ F / len(F))
    else:
        A = mix.T @ f.T @ np.linalg.solve(F @ F.T, F) / len(mix)
    return of_map(F_test, A)


def without_the_larger(F, mix, F_test):
    """Loss if there were no end of the larger resource."""
    if len(mix) > len(F):
        return of_map(F_test, np.linalg.pinv(F) @ F)
    C = F_test.T @ F_test
    return of_map(F_test, mix.T @ np.linalg.solve(mix @ C @ mix.T, mix @ C))


TRACES = of_chapter(
    id="ex-traces",
    objective=1,
    title="Two formulas as code",
    asks="Hand in a function of F, mix and F_test that returns the loss averaged over "
    "teachers: by the first formula for P ≤ D, else by the second.",
    kind=Function(draw=teacher_and_student),
    reference=by_traces,
    right="Nothing was trained and no teacher was drawn: the trace has done both.",
    wrong=(
        Wrong(
            belief="the crossed product comes once",
            answer=lambda F, mix, F_test: of_map(F_test, learned(F, mix), crossed=1),
            says="The square of a difference has its crossed product more than once. "
            "Compare the last term with the theorem's.",
        ),
        Wrong(
            belief="the mean for the inverted matrix alone",
            answer=mean_alone,
            says="You invert what the matrix tends to. Then the errors of the training "
            "points stand in the other matrices alone, and no longer cancel.",
        ),
        Wrong(
            belief="training points for the population",
            answer=lambda F, mix, F_test: of_map(F, learned(F, mix)),
            says="That is the loss on the training points, which for P > D is nothing. "
            "Which of the theorem's symbols have no bar?",
        ),
        Wrong(
            belief="the limit for the loss",
            answer=without_the_larger,
            says="That is the loss for no end of the larger resource. With finitely "
            "many of both, matrices with a bar and without one are two things.",
        ),
        Wrong(
            belief="a factor 1/S in the units of the code",
            answer=lambda F, mix, F_test: by_traces(F, mix, F_test) / F.shape[1],
            says="You divide by S. The code has teachers of unit variance, and no such "
            "factor is left. Are both formulas in one system of units?",
        ),
    ),
    hints=(
        "In the units of the code there is no 1/S. Solve with the matrix, do not "
        "invert it.",
        "Which matrix in the first formula must be invertible, and what is its rank "
        "for P > D?",
    ),
    reasoning=r"Each formula is $\mathbb E_x\lvert F(x)\rvert^2$, a square and twice a "
    r"crossed product. For $P>D$ the matrix $\bar C$ has the rank $D<P$ and no "
    r"inverse, for $P<D$ it is $\bar K$ that has none.",
)


# --------------------------------------------------------------- ex-cancel


def excess_alone(D, P, power, left):
    """Mean excess over the limit if C stands for its mean over points alone."""
    return ((P + 1) * power - left) / D


def sizes_and_losses(rng):
    """Many points for each feature, and a loss below the power of the target."""
    drawn = inputs(P=whole(5, 60), power=over(0.5, 5))(rng)
    D, share = drawn["P"] * int(rng.integers(3, 30)), rng.uniform(0.05, 0.6)
    left = float(share * drawn["power"])
    return {"D": D, "P": drawn["P"], "power": drawn["power"], "left": left}


CANCEL = of_chapter(
    id="ex-cancel",
    objective=1,
    title="Errors that cancel",
    asks="Hand in a function of D, P, power and left that returns the mean excess "
    "over left: power is E y², and left is L(P).",
    kind=Function(draw=sizes_and_losses),
    reference=excess_alone,
    right="The whole target stands in the place of what is missed: the errors of two "
    "matrices had cancelled, and one of them is gone.",
    wrong=(
        Wrong(
            belief="errors cancel whatever is replaced",
            answer=lambda D, P, power, left: P * left / (D - P - 1),
            says="That is the excess of least squares, in which nothing is replaced: "
            "there the errors cancel. Which of the two is left here?",
        ),
        Wrong(
            belief="only what is missed fluctuates",
            answer=lambda D, P, power, left: ((P + 1) * left) / D,
            says="You count fluctuations of what the features cannot say. With C in "
            "place, those of what they can say are no longer fitted away.",
        ),
        Wrong(
            belief="the error of a matrix for that of a loss",
            answer=lambda D, P, power, left: power * np.sqrt((P + 1) / D),
            says="That is how far the matrix is off. The loss is quadratic in it, and "
            "the linear term has mean zero.",
        ),
        Wrong(
            belief="all entries have one variance",
            answer=lambda D, P, power, left: P * power / D,
            says="Nearly. On the diagonal of a Gaussian covariance the variance is "
            "twice that beside it. Which term does that add?",
        ),
        Wrong(
            belief="the target is said by its features",
            answer=lambda D, P, power, left: (P + 1) * power / D,
            says="Nearly. The last term is a trace with the projection, and that "
            "holds only what the features can say of the target.",
        ),
    ),
    hints=(
        "The covariance of the points is their mean with a random matrix W in its "
        "middle, whose own mean is the unit matrix. What is L if W is its mean?",
        "The mean of (W − 1)H(W − 1) is the trace of H times the unit matrix, and H "
        "once more, over D.",
    ),
    reasoning=r"With the projection $H=\Lambda^{1/2}\mathcal P^{\mathsf T}C^{-1}"
    r"\mathcal P\Lambda^{1/2}$ of rank $P$ the excess is $\mathbb E\operatorname{Tr}"
    r"\Lambda(W-\mathbb 1)H(W-\mathbb 1)=\frac1D[P\operatorname{Tr}\Lambda+"
    r"\operatorname{Tr}\Lambda H]$, with $\operatorname{Tr}\Lambda H=\mathbb E\,y^2-"
    r"L(P)$.",
)

EXERCISES = (STUDENT, TRACES, CANCEL)
