"""Checked exercises of chapter 3: how far away the nearest example is."""

import math
from functools import partial

from scalinglib.exercises.described import Exercise, Wrong
from scalinglib.exercises.kinds import Function, inputs, over, uniform, whole

__all__ = ["EXERCISES"]

of_chapter = partial(Exercise, chapter=3)


# ---------------------------------------------------------------- ex-curse


def points_needed(r, d):
    """Number of points on the torus at whose mean distance to the nearest is r."""
    ball = math.pi ** (d / 2) / math.gamma(d / 2 + 1)
    return (math.gamma(1 + 1 / d) / r) ** d / ball


def of_balls(r, d):
    """How many balls of radius r have the volume of the torus."""
    return points_needed(r, d) / math.gamma(1 + 1 / d) ** d


CURSE = of_chapter(
    id="ex-curse",
    objective=1,
    title="The curse of dimension, in numbers",
    asks="Hand in a function of the distance r and of d that returns the number of "
    "points.",
    kind=Function(draw=inputs(r=over(0.005, 0.05), d=whole(2, 20))),
    reference=points_needed,
    right="Half the distance takes two to the power d times the points: that is the "
    "curse.",
    wrong=(
        Wrong(
            belief="a cube for the ball",
            answer=lambda r, d: r**-d,
            says="You count cubes of side r. But near means inside a ball, and in "
            "many dimensions a ball of radius 1 and a cube of side 1 are far apart "
            "in volume.",
        ),
        Wrong(
            belief="a typical distance for the mean",
            answer=of_balls,
            says="That is where one point is expected in the ball of radius r. The "
            "mean of a distance is another number, and has a constant more: compare "
            "with the equation.",
        ),
        Wrong(
            belief="balls that touch",
            answer=lambda r, d: 2**d * of_balls(r, d),
            says="You let neighbours be r apart, each in a ball of half of that, as "
            "when oranges are packed. Here a fresh point looks for the nearest one: "
            "the ball around it has radius r.",
        ),
        Wrong(
            belief="the surface of a ball for its volume",
            answer=lambda r, d: points_needed(r, d) / d,
            says="The constant in front is the surface of the unit ball. Points lie "
            "inside: the volume counts, the surface times an integral over radii.",
        ),
        Wrong(
            belief="the unit ball has the volume one",
            answer=lambda r, d: (math.gamma(1 + 1 / d) / r) ** d,
            says="The ball's volume is missing. In the equation it stands beside the "
            "number of points; it depends on d, and in many dimensions it is tiny.",
        ),
        Wrong(
            belief="an exponent upside down",
            answer=lambda r, d: (of_balls(1, d) * math.gamma(1 + 1 / d) / r) ** (1 / d),
            says="Then more dimensions would need fewer points. The distance falls "
            "as D to the power −1/d. Solve that for D.",
        ),
    ),
    hints=(
        "Set the mean distance for large D equal to r, and solve for D.",
        "The power of both sides with exponent −d frees D.",
    ),
    reasoning=r"From $r=\Gamma(1+\frac1d)\,(V_dD)^{-1/d}$ follows "
    r"$V_dD=\bigl(\Gamma(1+\frac1d)/r\bigr)^d$, with $V_d$ the volume of "
    r"the unit ball.",
)


# -------------------------------------------------------------- ex-density


def moment(power, tilt):
    """The integral of q^power over the torus, for q(x) = 1 − tilt + 2 tilt x₁."""
    up = power + 1
    return ((1 + tilt) ** up - (1 - tilt) ** up) / (2 * tilt * up)


def longer_by(tilt, d):
    """Mean distance for this density over that for uniform data."""
    return moment(1 - 1 / d, tilt)


DENSITY = of_chapter(
    id="ex-density",
    objective=1,
    title="Data that are not uniform",
    asks="Hand in a function of tilt and d that returns the factor by which the mean "
    "distance differs from that of uniform data.",
    kind=Function(draw=inputs(tilt=uniform(0.3, 0.95), d=whole(2, 8)), within=1e-5),
    reference=longer_by,
    right="Where data are dense fresh data come often: that makes up for the gaps, "
    "and more.",
    wrong=(
        Wrong(
            belief="a test point anywhere",
            answer=lambda tilt, d: moment(-1 / d, tilt),
            says="You average over the torus. A fresh example is drawn as the others "
            "were: it lies more often where they are dense.",
        ),
        Wrong(
            belief="the same exponent, so the same distance",
            answer=lambda tilt, d: 1.0,
            says="The exponent stays, but a law has a constant, too. Where the density "
            "is twice as high, the neighbour is nearer. What is the mean?",
        ),
        Wrong(
            belief="a power of the mean for the mean of a power",
            answer=lambda tilt, d: moment(2, tilt) ** (-1 / d),
            says="You put the mean density at a test point into the law. The distance "
            "is no straight line in the density: average the distances.",
        ),
        Wrong(
            belief="the distance grows with the density",
            answer=lambda tilt, d: moment(1 + 1 / d, tilt),
            says="Look at the sign in the exponent: with more points in a ball the "
            "nearest is closer, not farther.",
        ),
        Wrong(
            belief="a distance falls as a volume does",
            answer=lambda tilt, d: moment(1 - 1 / d, tilt) ** d,
            says="That is how the volume up to the neighbour would change. A distance "
            "is its d-th root.",
        ),
    ),
    hints=(
        "Near x there are D q(x) points per unit of volume.",
        "The test point is drawn from q as well.",
        "The integral runs over the first coordinate alone, and q is linear in it.",
    ),
    reasoning=r"Given $x$ the distance is that among $D\,q(x)$ points per unit of "
    r"volume. Averaged over $x\sim q$ the factor is $\int q\cdot q^{-1/d}$. With "
    r"$q$ as the variable, which runs evenly from $1-t$ to $1+t$, that is "
    r"$\frac1{2t}\int_{1-t}^{1+t}q^{1-1/d}\,dq$, where $t$ is the tilt.",
)


# --------------------------------------------------------------- ex-memory


def least_and_random(nu, d, P):
    """Least mean distance that any choice of P points has, and that of random ones."""
    scale = (nu * P) ** (-1 / d)
    return d / (d + 1) * scale, math.gamma(1 + 1 / d) * scale


def other(of_least=1.0, of_random=1.0):
    """The same with other constants, functions of d."""

    def answer(nu, d, P):
        scale = (nu * P) ** (-1 / d)
        return of_least(d) * scale, of_random(d) * scale

    return answer


MEMORY = of_chapter(
    id="ex-memory",
    objective=2,
    title="A memory that chooses",
    asks="Hand in a function of nu, d and P that returns two distances: the one below "
    "which no choice comes, and that of random points for large P.",
    kind=Function(draw=inputs(nu=uniform(0.1, 4), d=whole(2, 9), P=whole(100, 10_000))),
    reference=least_and_random,
    right="Both have the same power of P: a choice can win a constant, and the more "
    "dimensions, the less.",
    wrong=(
        Wrong(
            belief="careful choice cannot help",
            answer=other(
                lambda d: math.gamma(1 + 1 / d), lambda d: math.gamma(1 + 1 / d)
            ),
            says="Your two distances are one. Random balls overlap and leave gaps. "
            "Balls of chosen points need not, up to the size at which they fill all.",
        ),
        Wrong(
            belief="the farthest point for the mean",
            answer=other(lambda d: 1.0, lambda d: math.gamma(1 + 1 / d)),
            says="Your least distance is the radius at which balls without overlap "
            "fill everything. So far away is only the rim; most points are nearer.",
        ),
        Wrong(
            belief="the median for the mean",
            answer=other(lambda d: 0.5 ** (1 / d), lambda d: math.log(2) ** (1 / d)),
            says="You ask where half of all points have a neighbour. A mean is the "
            "integral of the chance to be farther than t, over all t.",
        ),
        Wrong(
            belief="the chance to be near for the chance to be far",
            answer=other(lambda d: 1 / (d + 1), lambda d: math.gamma(1 + 1 / d)),
            says="You integrate the share that the balls cover. The mean of a distance "
            "is the integral of the share that is still uncovered.",
        ),
        Wrong(
            belief="random before chosen",
            answer=lambda nu, d, P: least_and_random(nu, d, P)[::-1],
            says="First the least distance of any choice, then that of random points: "
            "the first is the smaller one.",
        ),
    ),
    hints=(
        "For part 1, read the proof on memorisers again. The loss is the absolute "
        "error.",
        "The balls of radius t around P points hold at most P times what one holds.",
        "The mean distance is the integral of the chance to be farther than t, and "
        "that is at least one less what the balls hold, up to where this is zero.",
    ),
    reasoning=r"$\Pr(r>t)\ge1-P\nu t^d$, up to $T=(\nu P)^{-1/d}$, where that is zero. "
    r"The integral is $T-T/(d+1)$. For random points $\Pr(r>t)=(1-\nu t^d)^P\simeq "
    r"e^{-P\nu t^d}$, with the integral $\Gamma(1+\frac1d)\,T$.",
)

EXERCISES = (CURSE, DENSITY, MEMORY)
