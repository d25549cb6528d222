"""Checked exercises of chapter 6: curves that bend, and rules that forecast them."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, uniform

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=6)


# --------------------------------------------------------- ex-hard-classes


def mixture(weights, alpha):
    """Mean of the exponents, and how it changes with the logarithm of D."""
    w = weights / weights.sum()
    mean = w @ alpha
    return mean, -(w @ (alpha - mean) ** 2)


def of_a_sum(A, alpha, D):
    """Local exponent of a sum of power laws at D, and its change with log D."""
    return mixture(A * D**-alpha, alpha)


def classes(rng):
    """Amplitudes and exponents of some classes, and a size."""
    n = int(rng.integers(3, 11))
    A, alpha = rng.uniform(0.05, 1.0, n), rng.uniform(0.05, 0.6, n)
    return {"A": A, "alpha": alpha, "D": float(np.exp(rng.uniform(3, 9)))}


HARD_CLASSES = of_chapter(
    id="ex-hard-classes",
    objective=3,
    title="Which classes are hard",
    asks="Hand in a function of A, alpha and D that returns the local exponent of the "
    "sum at D, and its derivative with respect to log D.",
    kind=Function(draw=classes),
    reference=of_a_sum,
    right="A mean, and a variance that is never below zero: a mixture bends upwards "
    "until one term is left.",
    wrong=(
        Wrong(
            belief="a sum of powers is a power",
            answer=lambda A, alpha, D: (np.mean(alpha), 0.0),
            says="You average the exponents, and nothing changes with D. A product "
            "of powers does so. In a sum the larger term counts for more, and which "
            "is larger changes.",
        ),
        Wrong(
            belief="every class counts alike",
            answer=lambda A, alpha, D: mixture(np.ones(len(A)), alpha),
            says="In the logarithm of the sum a class counts by what it contributes "
            "to the loss. Differentiate the sum, then divide by it.",
        ),
        Wrong(
            belief="a class counts by its amplitude",
            answer=lambda A, alpha, D: mixture(A, alpha),
            says="So it is at a single image. At D images each class contributes "
            "what is left of it there.",
        ),
        Wrong(
            belief="the slowest class decides",
            answer=lambda A, alpha, D: (np.min(alpha), 0.0),
            says="So it will be in the end. At this D the fast classes still "
            "contribute; how far the end is, is the question.",
        ),
        Wrong(
            belief="fast classes take over",
            answer=lambda A, alpha, D: np.multiply(of_a_sum(A, alpha, D), (1, -1)),
            says="With this sign the curve would get steeper. What falls fast is soon "
            "gone: which classes are left at large D?",
        ),
        Wrong(
            belief="a derivative with respect to D",
            answer=lambda A, alpha, D: np.divide(of_a_sum(A, alpha, D), (1, D)),
            says="The exponent is right. Its derivative is asked along the axis of the "
            "log–log plot, with respect to log D.",
        ),
    ),
    hints=(
        "The local exponent of the sum is a weighted mean of the exponents. "
        "Differentiate the logarithm of the sum.",
        "The weights depend on D. How does the weight of a class change with log D, "
        "if its exponent is above the mean?",
    ),
    reasoning=r"With $w_c=A_cD^{-\alpha_c}/\sum$ the local exponent is "
    r"$\bar\alpha=\sum_cw_c\alpha_c$. From $\frac{dw_c}{d\log D}=w_c(\bar\alpha-"
    r"\alpha_c)$ follows $\frac{d\bar\alpha}{d\log D}=-\operatorname{Var}_w(\alpha)$.",
)


# ----------------------------------------------------------- ex-error-rate


def until_seen(alpha, share, seen):
    """Factor in D over which the ratio of two curves falls by a visible part."""
    return (1 - seen) ** (-1 / (share * alpha))


ERROR_RATE = of_chapter(
    id="ex-error-rate",
    objective=4,
    title="Loss or error rate",
    asks="Hand in a function of alpha, share and seen that returns the factor by which "
    "D must grow.",
    kind=Function(
        draw=inputs(
            alpha=uniform(0.1, 0.5), share=uniform(0.1, 0.4), seen=uniform(0.03, 0.3)
        )
    ),
    reference=until_seen,
    right="The ratio of two powers is a power, of a small exponent: curves that are "
    "not the same look alike over several octaves.",
    wrong=(
        Wrong(
            belief="the exponent of a curve for that of the ratio",
            answer=lambda alpha, share, seen: (
                (1 - seen) ** (-1 / (alpha * (1 + share)))
            ),
            says="Over this factor the error rate itself falls by so much. The loss "
            "falls as well; what falls is the ratio of the two?",
        ),
        Wrong(
            belief="a share of an exponent for an exponent",
            answer=lambda alpha, share, seen: (1 - seen) ** (-1 / share),
            says="The share is of the loss's exponent, which is well below one. By "
            "how much do the two exponents differ?",
        ),
        Wrong(
            belief="a power for a straight line",
            answer=lambda alpha, share, seen: 1 + seen / (share * alpha),
            says="You divide the part by the difference of the exponents. That holds "
            "for small steps of D; here step follows upon step.",
        ),
        Wrong(
            belief="a factor in the data has the exponent of the loss",
            answer=lambda alpha, share, seen: (1 - seen) ** (-share * alpha),
            says="The ratio is a power of the data, so the data are another power of "
            "the ratio. Solve for the data.",
        ),
        Wrong(
            belief="the slope's sign",
            answer=lambda alpha, share, seen: (1 - seen) ** (1 / (share * alpha)),
            says="With this sign fewer images would part the curves. Which of the two "
            "falls faster, and so how does their ratio go?",
        ),
    ),
    hints=(
        "learners.learning_curve sees the predictions, and takes any measure of them; "
        "learners.error_rate is one.",
        "It takes several under their names, so that both come from the same "
        "predictions. What falls as a power with the difference of the two exponents?",
    ),
    reasoning=r"The ratio falls as $D^{-s\alpha}$. Set it equal to one less the part "
    r"that is seen, and solve for the factor in $D$.",
)


# ------------------------------------------------------------- ex-own-rule


def on_samples(before, last, truth, chosen, tried):
    """The number r, chosen on some samples, and the rule's error on others."""
    steps, fall = np.log2(before / last) * np.log(16), np.log(last / truth)
    r = np.sum((steps * fall)[chosen]) / np.sum(steps[chosen] ** 2)
    return r, np.sqrt(np.mean((r * steps - fall)[tried] ** 2))


def chosen_and_tried(before, last, truth):
    """The number r of the rule, and its error where it was not chosen."""
    return on_samples(before, last, truth, slice(1, None), 0)


def elsewhere(chosen, tried):
    """The pair for other samples."""
    return lambda before, last, truth: on_samples(before, last, truth, chosen, tried)


def with_number(number):
    """The pair for a number r that is found in another way from steps and falls."""

    def answer(before, last, truth):
        steps, fall = np.log2(before / last) * np.log(16), np.log(last / truth)
        r = number(steps[1:], fall[1:])
        return r, np.sqrt(np.mean((r * steps - fall)[0] ** 2))

    return answer


def bias(before, last, truth):
    """The number, and the mean error instead of the root mean square."""
    r = chosen_and_tried(before, last, truth)[0]
    steps, fall = np.log2(before / last) * np.log(16), np.log(last / truth)
    return r, np.mean((r * steps - fall)[0])


def drawn_games(rng):
    """Losses at 256, 512 and 8192 images: five samples of nine games."""
    slope = rng.uniform(0.1, 0.4, 9) * np.exp(0.1 * rng.standard_normal((5, 9)))
    last = rng.uniform(0.05, 0.5, 9) * np.exp(0.1 * rng.standard_normal((5, 9)))
    kept = rng.uniform(0.7, 0.95) + 0.05 * rng.standard_normal((5, 9))
    return {
        "before": last * 2**slope,
        "last": last,
        "truth": last / 16 ** (kept * slope),
    }


OWN_RULE = of_chapter(
    id="ex-own-rule",
    objective=3,
    title="A rule of your own",
    asks="Hand in a function of before, last and truth that returns two numbers: r, "
    "and the rule's error on sample 0.",
    kind=Function(draw=drawn_games),
    reference=chosen_and_tried,
    right="The rule met sample 0 once, with nothing left to choose: so its error there "
    "tells what it may be on the next sample.",
    wrong=(
        Wrong(
            belief="a test may take part in the choice",
            answer=elsewhere(slice(None), 0),
            says="You choose r on all five samples. Then sample 0 has had a say, and "
            "its error no longer tells how the rule does on what it has not seen.",
        ),
        Wrong(
            belief="a rule is tested where it was chosen",
            answer=elsewhere(slice(1, None), slice(1, None)),
            says="The number is right. But its error is taken on the samples on which "
            "it was chosen, where it is as small as it can be. What is sample 0 for?",
        ),
        Wrong(
            belief="the best rule for the test",
            answer=elsewhere(0, 0),
            says="You choose r on sample 0 and try it there. Of course it does well. "
            "Choose on the other four.",
        ),
        Wrong(
            belief="a mean of ratios for least squares",
            answer=with_number(lambda steps, fall: np.mean(fall / steps)),
            says="In a mean of ratios the flattest games, where r hardly matters, "
            "count as much as the steep ones. Least squares weighs each by its step.",
        ),
        Wrong(
            belief="least squares the other way round",
            answer=with_number(
                lambda steps, fall: np.sum(fall**2) / np.sum(steps * fall)
            ),
            says="You minimise errors of the steps. What is forecast is the fall: it "
            "is the fall's errors that should be small.",
        ),
        Wrong(
            belief="errors of both signs cancel",
            answer=bias,
            says="The number is right. But a mean of errors is small if half of them "
            "are up and half down, however large they are. Square first.",
        ),
        Wrong(
            belief="a natural logarithm for an exponent",
            answer=lambda before, last, truth: np.multiply(
                chosen_and_tried(before, last, truth), (1 / np.log(2), 1)
            ),
            says="The error is right, and the number is large by one factor. A local "
            "exponent is a difference of logarithms over the logarithm of what?",
        ),
    ),
    hints=(
        "stored.load('forecasts') is a Dataset; .mean('trial') first.",
        "The logarithm of the loss is linear in r: one least-squares division.",
        "A rule with more freedom will do better on the samples on which it was "
        "chosen. Is it better on sample 0?",
    ),
    reasoning=r"$\log L(512)-\log L(8192)=r\,\alpha\log16$ is linear in $r$, with "
    r"$\alpha=\log_2L(256)/L(512)$. Least squares over samples 1 to 4 gives $r$; the "
    r"root mean square of what is left on sample 0 is the error.",
)

EXERCISES = (HARD_CLASSES, ERROR_RATE, OWN_RULE)
