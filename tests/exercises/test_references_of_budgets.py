"""References of the exercises on splitting a budget, by another road."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from thorough import first_of

from scalinglib import exercises, laws

SEEDS = pytest.mark.parametrize("seed", first_of([0, 1, 2]))


def posed(id, seed=0):
    """Reference and inputs of an exercise."""
    (exercise,) = (e for e in exercises.find() if e.id == id)
    case = exercise.kind.cases(np.random.default_rng(seed))[0]
    return exercise.reference(**case), case


def lowest(loss, near):
    """Size at which a loss over the logarithm of the size is least."""
    start = np.log(near)
    found = minimize_scalar(lambda u: loss(np.exp(u)), bracket=(start - 2, start + 2))
    return np.exp(found.x)


def test_scarce():
    """A fit of the package to planted runs, and its best splits."""
    (endless, scarce, passes), case = posed("ex-scarce")
    C, U, A, B, alpha_P, alpha_D, R = case.values()
    P, D = np.meshgrid(np.geomspace(1e8, 1e11, 6), np.geomspace(1e9, 1e12, 7))
    P, D = P.ravel(), D.ravel()
    unique = np.where(np.arange(len(P)) % 2, 3e9, 1e15)
    again = np.expm1(-np.maximum(D / unique - 1, 0) / R)
    worth = np.minimum(D, unique) - unique * R * again
    loss = 2 + A / P**alpha_P + B / worth**alpha_D
    fit = laws.fit_loss_surface(P, D, loss, unique=unique, form="repeated", resamples=0)
    assert endless == pytest.approx(fit.optimal(C).P.value, rel=2e-3)
    best = fit.optimal(C, unique=U)
    assert scarce == pytest.approx(best.P.value, rel=2e-3)
    assert passes == pytest.approx(best.D.value / U, rel=2e-3)
    assert passes == pytest.approx(C / (6 * scarce * U), rel=1e-9)


@SEEDS
def test_twin(seed):
    """The same losses where D = kP, and other ones elsewhere."""
    other, case = posed("ex-design", seed)
    *one, k = case.values()
    P = np.geomspace(1e6, 1e12, 7)

    def excess(constants, P, D):
        A, B, alpha_P, alpha_D = constants
        return A / P**alpha_P + B / D**alpha_D

    assert excess(other, P, k * P) == pytest.approx(excess(one, P, k * P), rel=1e-12)
    off = excess(other, P, 2 * k * P) / excess(one, P, 2 * k * P)
    assert (abs(off - 1) > 1e-3).all()


@SEEDS
def test_best_of_the_joint_form(seed):
    """The least loss at this compute, by search, and the package's optimum."""
    best, case = posed("ex-kaplan", seed)
    P_c, D_c, alpha_P, alpha_D, C = case.values()

    def loss(P, D):
        return ((P_c / P) ** (alpha_P / alpha_D) + D_c / D) ** alpha_D

    found = lowest(lambda P: np.log(loss(P, C / (6 * P))), best)
    assert best == pytest.approx(found, rel=1e-5)
    runs = np.meshgrid(best * np.geomspace(0.02, 50, 6), np.geomspace(1e8, 1e12, 6))
    P, D = (side.ravel() for side in runs)
    fit = laws.fit_loss_surface(P, D, loss(P, D), form="joint", resamples=0)
    assert best == pytest.approx(fit.optimal(C).P.value, rel=1e-3)


@SEEDS
def test_displaced(seed):
    """The package's exact bias for a small window, and a parabola by least squares."""
    _, case = posed("ex-drift", seed)
    (exercise,) = (e for e in exercises.find() if e.id == "ex-drift")
    a, b, w, c = case.values()
    w, c = 0.01 * w, 0.01 * c
    leading = exercise.reference(a, b, w, c)
    assert leading == pytest.approx(laws.parabola_bias(a, b, w, drift=c), rel=0.05)
    w, c = 10 * w, 10 * c
    u = np.linspace(c - w, c + w, 4001)
    p = np.polyfit(u - c, np.exp(-a * u) / a + np.exp(b * u) / b, 2)
    third = np.abs([w, c]).max() ** 3  # the next order
    assert exercise.reference(a, b, w, c) == pytest.approx(
        c - p[1] / (2 * p[0]), abs=0.2 * third
    )


@SEEDS
def test_band(seed):
    """The valley itself, where little is lost: both ends by search."""
    _, case = posed("ex-flat", seed)
    (exercise,) = (e for e in exercises.find() if e.id == "ex-flat")
    _, share, a, b = case.values()
    lost = 1e-7

    def above(u):
        """How much the loss is above its least, as a share of that."""
        excess = np.exp(-a * u) / a + np.exp(b * u) / b
        bottom = 1 / a + 1 / b
        return (excess - bottom) / (bottom / share) - lost

    ends = brentq(above, -1, 0, xtol=1e-14), brentq(above, 0, 1, xtol=1e-14)
    found = np.log(exercise.reference(lost, share, a, b))
    assert found == pytest.approx(ends[1] - ends[0], rel=1e-3)


@SEEDS
def test_enough(seed):
    """A surface with a floor: the least loss of the smaller budget, by search."""
    share, case = posed("ex-saving", seed)
    off, alpha_P, alpha_D = case.values()

    def loss(P, C):
        return 1.7 + 400 / P**alpha_P + 1500 / (C / (6 * P)) ** alpha_D

    def best(C):
        return lowest(lambda P: loss(P, C), 0.1 * C**0.5)

    wrong = loss(off * best(1e20), 1e20)
    assert loss(best(share * 1e20), share * 1e20) == pytest.approx(wrong, rel=1e-6)
