"""Checked exercises of chapter 2: what fluctuations cost, and under which loss."""

from functools import partial

import numpy as np

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=2)


# ------------------------------------------------------------- ex-log-mean


def of_logarithm(z):
    """D times variance and bias of the logarithm of a mean of D draws."""
    variance = z.var() / z.mean() ** 2
    return variance, -variance / 2


def population(rng):
    """Some numbers above zero."""
    scale, many = rng.uniform(0.3, 3), int(rng.integers(5, 40))
    return {"z": scale * rng.lognormal(0, 0.6, many)}


LOG_MEAN = of_chapter(
    id="ex-log-mean",
    objective=1,
    title="The logarithm of a mean",
    asks="Hand in a function of the array z that returns two numbers: to what D times "
    "the variance tends, and to what D times the bias.",
    kind=Function(draw=population),
    reference=of_logarithm,
    right="A mean without bias, and a bent function of it with one, of the order of "
    "the variance.",
    wrong=(
        Wrong(
            belief="a function of an unbiased mean is unbiased",
            answer=lambda z: (of_logarithm(z)[0], 0.0),
            says="That holds for straight functions. A logarithm is bent: a mean that "
            "is too small lowers it by more than one too large raises it.",
        ),
        Wrong(
            belief="the bias has the sign of the variance",
            answer=lambda z: np.multiply(of_logarithm(z), (1, -1)),
            says="The size is right. But the logarithm lies below its tangents: is it "
            "too large on average, or too small? Look at the sign of its curvature.",
        ),
        Wrong(
            belief="a Taylor series without its factorials",
            answer=lambda z: np.multiply(of_logarithm(z), (1, 2)),
            says="The bias comes from the term of second order. What stands in front "
            "of the second derivative in a Taylor series?",
        ),
        Wrong(
            belief="the second moment for the variance",
            answer=lambda z: np.multiply((1, -0.5), np.mean(z**2) / z.mean() ** 2),
            says="Your covariance of a draw lacks its second part, the product of the "
            "probabilities. If all z are equal nothing fluctuates: test that.",
        ),
        Wrong(
            belief="n − 1 for n",
            answer=lambda z: np.multiply((1, -0.5), z.var(ddof=1) / z.mean() ** 2),
            says="You divide by one less than the number of examples, as for a sample. "
            "But z is the whole population, and its variance is known.",
        ),
        Wrong(
            belief="the prediction fluctuates as the mean does",
            answer=lambda z: (z.var(), of_logarithm(z)[1]),
            says="That is the variance of the mean. By how much does the logarithm "
            "change if the mean changes a little?",
        ),
        Wrong(
            belief="a logarithm has the slope one",
            answer=lambda z: np.multiply((1, -0.5), z.var()),
            says="Count z in other units: a logarithm only shifts, and its "
            "fluctuations stay, but yours change. Which slope has a logarithm at the "
            "mean of z?",
        ),
        Wrong(
            belief="a mean of logarithms",
            answer=lambda z: np.multiply((1, -0.5), np.log(z).var()),
            says="That is how the logarithm of one example fluctuates. The prediction "
            "averages z first, and takes the logarithm of the mean.",
        ),
    ),
    hints=(
        "The gradient of G has the entries z over the mean: the slope of the "
        "logarithm times the derivative of the mean.",
        "With V as in the theorem, the quadratic form of z in V is the variance of z.",
    ),
    reasoning=r"$G(\hat p)=\log(\hat p\cdot z)$ has $g=z/\bar z$ and "
    r"$H=-zz^{\mathsf T}/\bar z^2$, and $z^{\mathsf T}Vz$ is the variance of $z$. So "
    r"$g^{\mathsf T}Vg=\operatorname{var}z/\bar z^2$, and $\operatorname{tr}(HV)/2$ is "
    r"minus one half of it.",
)


# ------------------------------------------------------------- ex-ensemble


def what_is_left(T, b):
    """Share of the excess left by the average of T networks, and by a wider one."""
    return 1 / T + (1 - 1 / T) * b, 1 / T


ENSEMBLE = of_chapter(
    id="ex-ensemble",
    objective=2,
    title="An ensemble",
    asks="Hand in a function of T and b that returns two shares of the excess of one "
    "network: what T averaged networks leave, and what one of T times the width "
    "leaves.",
    kind=Function(draw=inputs(T=whole(2, 16), b=uniform(-0.5, 0.4))),
    reference=what_is_left,
    right="Averages reduce the variance, width reduces both parts: the sign of the "
    "bias's part decides which is better.",
    wrong=(
        Wrong(
            belief="an average removes the bias, too",
            answer=lambda T, b: (1 / T, 1 / T),
            says="All networks of this width have one mean prediction, and their "
            "average has it, too. Which part of the excess does that leave as it was?",
        ),
        Wrong(
            belief="the mean of losses for the loss of the mean",
            answer=lambda T, b: (1.0, 1 / T),
            says="The mean of T losses is on average the loss of one network. Here "
            "predictions are averaged, and then the loss is taken.",
        ),
        Wrong(
            belief="the parts are exchanged",
            answer=lambda T, b: (b / T + 1 - b, 1 / T),
            says="You reduce the bias's part and keep that of the variance. Which of "
            "them does an average of independent predictions reduce?",
        ),
        Wrong(
            belief="the error of a mean for its variance",
            answer=lambda T, b: ((1 - b) / T**0.5 + b, 1 / T),
            says="The standard deviation of a mean falls with the root of T. The "
            "excess is of second order in the fluctuation.",
        ),
        Wrong(
            belief="parameters for width",
            answer=lambda T, b: (what_is_left(T, b)[0], T**-0.5),
            says="So much is left by T times the parameters, with several hidden "
            "layers. Asked is T times the width. What is the law in W?",
        ),
    ),
    hints=(
        "The variance of a mean of T independent predictions is the T-th part of that "
        "of one; the mean prediction stays.",
        "Add what is left of a share 1 − b, and of a share b.",
    ),
    reasoning=r"Averaging leaves $(1-b)/T$ of the variance's part and all of the "
    r"bias's, $b$: together $\tfrac1T+(1-\tfrac1T)\,b$. The width reduces both: "
    r"$c'/TW$ is a share $1/T$ of $c'/W$.",
)


# ---------------------------------------------------------------- ex-huber


def smallest(v, h):
    """The least C that serves at each v, whatever u is, for a Huber loss."""
    return np.minimum(0.5, h / (2 * np.abs(v)))


def kinked(rng):
    """Numbers on both sides of the kinks, and where these are."""
    h = rng.uniform(0.5, 3)
    sizes = h * np.r_[rng.uniform(0.1, 0.9, 3), rng.uniform(1.2, 6, 3)]
    return {"v": rng.permutation(sizes) * rng.choice([-1, 1], 6), "h": h}


HUBER = of_chapter(
    id="ex-huber",
    objective=6,
    title="The third class",
    asks="Hand in a function of an array v and of h that returns for each entry of v "
    "the smallest C with which the inequality holds there for all u.",
    kind=Function(draw=kinked),
    reference=smallest,
    right="Bounded in v by the slope of the straight parts, and everywhere by the "
    "middle: the absolute value has no middle.",
    wrong=(
        Wrong(
            belief="the curvature at v is all that counts",
            answer=lambda v, h: np.where(abs(v) <= h, 0.5, 0.0),
            says="Beyond the kink the loss is straight near v, but the inequality is "
            "for all u. What does it say of a u on the other side?",
        ),
        Wrong(
            belief="a bound read as an equality",
            answer=lambda v, h: np.full(len(v), 0.5),
            says="That serves at every v, as the proof shows. But far out, less is "
            "enough: the slope that v has is that of the loss on a long way.",
        ),
        Wrong(
            belief="the kink is the worst place",
            answer=lambda v, h: np.where(abs(v) > h, 2 * h**2 / (abs(v) + h) ** 2, 0.5),
            says="You took u at the far kink. Go on beyond it: what is left out grows "
            "as u, its bound as the square of the distance. Where is their ratio "
            "largest?",
        ),
        Wrong(
            belief="an integral without its half",
            answer=lambda v, h: np.minimum(1.0, h / abs(v)),
            says="The slope changes by at most the distance s − v, and that is to be "
            "integrated from v to u. What is the integral of s − v?",
        ),
        Wrong(
            belief="the loss is the absolute value",
            answer=lambda v, h: h / (2 * abs(v)),
            says="So it would be if the two straight parts met at a point. Take v in "
            "the quadratic middle, near zero: is so much needed there?",
        ),
    ),
    hints=(
        "The derivative is the identity clipped to an interval. By how much can it "
        "change between two points?",
        "What the inequality bounds is the integral of the derivative at s less that "
        "at v, over s from v to u.",
        "For v beyond one kink try u beyond the other. There what is left out is "
        "2h|u|: for which u is its ratio to the square of the distance largest?",
    ),
    reasoning=r"In the middle the ratio is one half for $u$ near $v$. For $v>h$ "
    r"it vanishes for $u\ge h$, is $\tfrac12(h-u)^2/(v-u)^2$ down to "
    r"$u=-h$, growing, and beyond it $2h|u|/(v+|u|)^2$, which is largest at $u=-v$: "
    r"$h/2v$.",
)

EXERCISES = (LOG_MEAN, ENSEMBLE, HUBER)
