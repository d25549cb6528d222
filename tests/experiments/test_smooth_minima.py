"""A small network at its minimum: derivatives, sandwich, and what training costs."""

import numpy as np
import pytest

pytest.importorskip("torch")

from scalinglib import networks, stored
from scalinglib.experiments.smooth_minima import minima_problem, trained_on_draw
from scalinglib.experiments.tanh_fit import TanhFit


def small(rng, units=3):
    """A fit of 40 points in two dimensions, parameters, and unequal weights."""
    rng = np.random.default_rng(rng)
    fit = TanhFit(rng.standard_normal((40, 2)), rng.standard_normal(40), units)
    return fit, rng.standard_normal(fit.P), rng.dirichlet(np.ones(40))


def test_it_is_the_network_of_the_package():
    """Outputs and tangent kernel of an MLP with the same weights, to rounding."""
    fit, theta, _ = small(0)
    r, J = fit.errors(theta)
    units = theta[:-1].reshape(3, 4)
    net = networks.MLP([2, 3, 1], "tanh", "standard", bias=1.0)
    arrays = units[:, :2].T, units[:, 2][None], units[:, 3:], theta[-1:][None]
    parameters = [a[None] for a in arrays]
    X = fit.X[:, :-1]
    np.testing.assert_allclose(net(parameters, X)[0, :, 0] - fit.Y, r, atol=1e-12)
    K = net.tangent_kernel(parameters, X)[0]
    np.testing.assert_allclose(J @ J.T, K, atol=1e-10)


def test_derivatives_are_those_of_the_loss():
    """Central differences of the loss and of the gradient, with unequal weights."""
    fit, theta, p = small(1)
    shifts = 1e-5 * np.eye(fit.P)
    ends = [[fit.loss_and_gradient(theta + s * d, p) for s in (1, -1)] for d in shifts]
    slope = [(up[0] - down[0]) / 2e-5 for up, down in ends]
    bend = [(up[1] - down[1]) / 2e-5 for up, down in ends]
    np.testing.assert_allclose(fit.loss_and_gradient(theta, p)[1], slope, atol=1e-8)
    np.testing.assert_allclose(fit.hessian(theta, p), bend, atol=1e-7)


def test_weights_are_repetitions():
    """A minimum with whole-numbered weights is that of the examples written out."""
    fit, best = minima_problem()
    times = np.random.default_rng(2).multinomial(3000, np.full(2048, 1 / 2048))
    written = TanhFit(*(np.repeat(a, times, 0) for a in (fit.X[:, :-1], fit.Y)), 4)
    there = fit.minimum(best, times / 3000)
    assert np.abs(there - best).max() > 0.01
    np.testing.assert_allclose(written.minimum(best), there, atol=1e-5)


def test_a_right_model_pays_for_each_parameter():
    """Where the student is the teacher, the sandwich is σ² P."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((40_000, 2))
    theta = 1.5 * rng.standard_normal(9)
    clean = TanhFit(X, np.zeros(len(X)), 2).errors(theta)[0]
    noise = 0.1 * rng.standard_normal(len(X))
    fit = TanhFit(X, clean + noise, 2)
    H, C = fit.sandwich(fit.minimum(theta))
    price = np.trace(np.linalg.solve(H, C)) / 2
    assert abs(price / (0.01 * fit.P) - 1) < 0.03


def test_the_sandwich_is_the_price_of_training():
    """The excess over 40 draws, within four standard errors, and no other price."""
    fit, best = minima_problem()
    H, C = fit.sandwich(best)
    assert np.linalg.eigvalsh(H)[0] > 1e-3
    price = np.trace(np.linalg.solve(H, C)) / 2
    rng, least = np.random.default_rng(4), fit.loss_and_gradient(best)[0]
    draws = rng.multinomial(12_800, np.full(2048, 1 / 2048), size=40) / 12_800
    found = [fit.loss_and_gradient(fit.minimum(best, p))[0] - least for p in draws]
    scaled = 12_800 * np.array(found) / price
    error = scaled.std(ddof=1) / np.sqrt(40)
    assert abs(scaled.mean() - 1) < 4 * error
    assert scaled.mean() - 4 * error > 0.0025 * fit.P / price


def test_a_stored_draw_is_trained_again():
    """The first trial of the page, at two sizes, to what rounding leaves."""
    then = stored.peek("to_the_end").isel(trial=0)
    for D in (1600, 25_600):
        found = trained_on_draw(np.random.default_rng([0, 0]), D)
        np.testing.assert_allclose(found, then.sel(D=D), rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TanhFit(np.ones((3, 2)), np.ones(2), 1), "X and Y must have as many"),
        (lambda: TanhFit(np.ones((3, 2)), np.ones((3, 1)), 1), "Y must be finite"),
        (lambda: TanhFit(np.ones((3, 2)), np.ones(3), 0), "units must be at least 1"),
        (lambda: small(0)[0].errors(np.ones(4)), "theta must be 13 finite numbers"),
        (
            lambda: small(0)[0].hessian(np.ones(13), np.ones(40)),
            "p must be 40 weights",
        ),
        (lambda: trained_on_draw(0, 0), "D must be at least 1"),
    ],
)
def test_what_is_refused(call, message):
    """Errors name the argument and what is accepted."""
    with pytest.raises(ValueError, match=message):
        call()
