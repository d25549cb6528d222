"""Loss over training time of the two-layer model, lazy and rich."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from thorough import first_of, long

from scalinglib.theory import gradient_flow, in_time

K = np.arange(1, 200_001.0)


def slope(t, loss):
    """Exponent of a fall."""
    return -np.polyfit(np.log(t), np.log(loss), 1)[0]


def modes(beta):
    """Eigenvalues k^-2 and a target whose loss falls as τ^-β."""
    return {"lam": K**-2, "v2": K ** (-1 - 2 * beta)}


@long
@pytest.mark.parametrize("beta", first_of([0.5, 1.5, 0.25, 0.75], 2))
def test_exponents_are_those_of_the_theory(beta):
    """Lazy β; rich 2β/(1+β) for hard tasks and β for easy ones, within 0.03.

    If the kernel grew as the square of what is learned the exponent of hard tasks were
    one or more: far outside.
    """
    t = np.geomspace(30, 1e3, 30)
    lazy = gradient_flow(1000 * t, **modes(beta))
    rich = gradient_flow(t, richness=10, **modes(beta))
    assert abs(slope(t, lazy.loss) - beta) < 0.02
    expected = beta * max(1, 2 / (1 + beta))
    assert abs(slope(t, rich.loss) - expected) < 0.03
    assert (lazy.growth == 1).all()


@pytest.mark.parametrize(("beta", "least", "most"), [(0.5, 0.25, 0.4), (1.5, 0, 0.03)])
def test_the_kernel_grows_for_hard_tasks_only(beta, least, most):
    """It grows as t^((1-β)/(1+β)) = t^(1/3) for β = 1/2, and not for β = 3/2."""
    t = np.geomspace(30, 1e3, 30)
    growth = gradient_flow(t, richness=10, **modes(beta)).growth
    assert least < -slope(t, growth) < most


@pytest.mark.parametrize("beta", [0.5, 1.5])
def test_the_clock_against_the_whole_flow(beta):
    """Gradient flow of a, b itself: the same exponent, at a loss a little lower."""
    lam, v2, g = K[:600] ** -2, K[:600] ** (-1 - 2 * beta), 10.0
    w = g * np.sqrt(v2 / lam)

    def flow(_, state):
        a, b = state[0], state[1:]
        pull = lam * (w - a * b)
        return np.concatenate([[pull @ b], a * pull])

    t = np.geomspace(2, 100, 25)
    start = np.concatenate([[1.0], np.zeros(600)])
    found = solve_ivp(flow, (0, 100), start, "LSODA", t, rtol=1e-7, atol=1e-9).y
    a, b = found[0], found[1:]
    np.testing.assert_allclose(a**2 - (b**2).sum(axis=0), 1, rtol=1e-3)
    loss = (lam[:, None] * (w[:, None] - a * b) ** 2).sum(axis=0) / g**2
    model = gradient_flow(t, lam=lam, v2=v2, richness=g)
    assert (np.abs(loss / model.loss - 0.85) < 0.18).all()
    assert abs(slope(t, loss) - slope(t, model.loss)) < 0.06
    norm = np.sqrt((a * b**2 * a).sum(axis=0))
    np.testing.assert_allclose(a**2, (1 + np.sqrt(1 + 4 * norm**2)) / 2, rtol=1e-3)


def test_one_mode_can_be_solved_by_hand():
    """Lazy: an exponential. Rich: the clock of one mode, by fine quadrature."""
    t = np.array([0.0, 1e-4, 0.5, 3.0])
    lazy = gradient_flow(t, lam=[2.0], v2=[3.0]).loss
    np.testing.assert_allclose(lazy, 3 * np.exp(-4 * t))
    tau = np.linspace(0, 4, 400_001)
    growth = (1 + np.sqrt(1 + 4 * 25 * 1.5 * (1 - np.exp(-2 * tau)) ** 2)) / 2
    dt = 1 / growth
    time = np.concatenate([[0], np.cumsum((dt[1:] + dt[:-1]) / 2 * np.diff(tau))])
    at = np.interp(t[:3], time, tau)
    rich = gradient_flow(t[:3], lam=[2.0], v2=[3.0], richness=5.0)
    np.testing.assert_allclose(rich.loss, 3 * np.exp(-4 * at), rtol=2e-3)


@pytest.mark.parametrize(
    ("lam", "v2", "richness"),
    [
        ([1.0], [1.0], 1e3),
        ([1.0], [1.0], 1e6),
        ([1.0], [1e6], 1.0),
        ([1.0, 0.25], [163840.0, 16384.0], 10.0),
        ([1.0, 0.1, 1e-3], [0.5, 0.5, 1.0], 0.3),
        ([1.0, 1e-4], [0.0, 1.0], 100.0),
    ],
)
def test_the_clock_against_a_solver(lam, v2, richness):
    """The equation of the clock, integrated by scipy: 1e-5, whatever is scarce."""
    lam, v2 = np.array(lam), np.array(v2)

    def growth(tau):
        learned = (v2 / lam * np.expm1(-lam * tau) ** 2).sum()
        return (1 + np.sqrt(1 + 4 * richness**2 * learned)) / 2

    scale = 1 / max(lam.max(), richness * np.sqrt((v2 * lam).sum()))
    t = scale * np.geomspace(1e-4, 10, 13)
    options = {"rtol": 1e-11, "atol": 1e-30, "t_eval": t, "method": "LSODA"}
    tau = solve_ivp(lambda _, y: [growth(y[0])], (0, t[-1]), [0.0], **options).y[0]
    found = gradient_flow(t, lam=lam, v2=v2, richness=richness)
    exact = np.exp(-2 * np.outer(tau, lam)) @ v2
    np.testing.assert_allclose(np.log(found.loss), np.log(exact), rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(found.growth, [growth(s) for s in tau], rtol=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        {"richness": 1e200, "v2": [1e300]},
        {"v2": [1e308, 1e308], "lam": [1.0, 2.0], "richness": 10.0},
        {"t": [1e308], "richness": 1e300, "v2": [1e300]},
    ],
)
def test_rejects_what_overflows(options):
    """No number that is none is returned, and the message names what is large."""
    options = {"t": [1.0, 2.0], "lam": [1.0], "v2": [1.0], "richness": 1.0} | options
    with pytest.raises(ValueError, match="richness, v2, lam or t must be smaller"):
        gradient_flow(options.pop("t"), **options)


def test_tiny_eigenvalues_do_no_harm():
    """Modes that nobody learns keep their power, and nothing overflows."""
    found = gradient_flow([0.0, 1e3], lam=[1, 1e-300], v2=[1, 1e10], richness=1.0)
    np.testing.assert_allclose(found.loss, [1e10 + 1, 1e10])
    assert np.isfinite(found.growth).all()


def test_the_order_of_modes_and_times_does_not_matter():
    """Sums do not know of an order; times may come in any."""
    t, few = np.geomspace(0.1, 1e4, 9), {"lam": K[:500] ** -2, "v2": K[:500] ** -1.5}
    model = gradient_flow(t, richness=3, **few)
    turned = {name: values[::-1] for name, values in few.items()}
    back = gradient_flow(t[::-1], richness=3, **turned)
    np.testing.assert_allclose(model.loss, back.loss[::-1], rtol=1e-12)


@pytest.mark.parametrize("seed", first_of(range(3)))
def test_merged_neighbours_change_no_clock(seed, monkeypatch):
    """The clock of modes taken one by one, to a millionth."""
    rng = np.random.default_rng(seed)
    lam, v2 = np.exp(rng.normal(0, 3, 3000)), rng.exponential(size=3000)
    v2[:10] = 0
    t = np.geomspace(1e-4, 1e3, 20)
    merged = gradient_flow(t, lam=lam, v2=v2, richness=3.0)
    assert len(in_time._merged(lam, v2)[0]) < 2990
    monkeypatch.setattr(in_time, "_merged", lambda lam, v2: (lam, v2))
    alone = gradient_flow(t, lam=lam, v2=v2, richness=3.0)
    np.testing.assert_allclose(merged.growth, alone.growth, rtol=1e-6)
    np.testing.assert_allclose(merged.loss, alone.loss, rtol=1e-5, atol=1e-12)
