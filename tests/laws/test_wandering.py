"""Laws with wandering exponents: covariances, evidence, what components say."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import multivariate_normal

from scalinglib.laws import wandering
from scalinglib.laws.experience import (
    GRID,
    Distribution,
    read_curve,
    shipped_experience,
)

U = np.log(2.0) * np.array([0.0, 1.0, 1.5, 2.5, 4.0, 5.0, 5.5, 7.0])
Y = -0.3 * U + 0.02 * np.random.default_rng(0).standard_normal(len(U))
ERROR = np.full(len(U), 0.02)
AHEAD = np.array([U[-1] + 1.7])


@pytest.mark.parametrize(("a", "b"), [(0.7, 1.9), (-0.7, 1.3), (-2.0, -0.4)])
def test_a_stationary_deviation_is_an_integral(a, b):
    """Twice integrated numerically, with the sign of both directions."""

    def correlation(t, s):
        return np.exp(-abs(s * np.sign(a) - t * np.sign(b)) / 3.0)

    value, _ = dblquad(correlation, 0, abs(a), 0, abs(b))
    expected = value * np.sign(a) * np.sign(b)
    assert wandering._stationary(a, b, 3.0) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.7, 1.9), (1.9, 0.7), (1.0, 1.0)])
def test_a_fading_deviation_is_an_integral(a, b):
    """The same with sizes that decay."""
    length, decay, factor = wandering.TRANSIENT

    def covariance(t, s):
        return factor**2 * np.exp(-(s + t) / decay - abs(s - t) / length)

    value, _ = dblquad(covariance, 0, a, 0, b)
    assert wandering._fading(a, b) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("process", [0, 3, 8, 14])
@pytest.mark.parametrize("error", [ERROR, None], ids=["errors", "no errors"])
def test_components_are_those_of_the_whole_covariance(process, error):
    """Evidence, mean and variance of Gaussian regression with a very loose level."""
    found = wandering.components(U, Y, error, AHEAD)
    shape, noise = 25, 1
    x, ahead = U - U[-1], AHEAD - U[-1]
    size = 0.0 if process == 0 else wandering.SIZES[(process - 1) % 5]
    if process > 10:
        x0, ahead0 = U - U[0], AHEAD - U[0]
        parts = [(x0[:, None], x0), (x0[:, None], ahead0), (ahead0, ahead0)]
        here, there, own = (wandering._fading(*part) for part in parts)
    else:
        length = wandering.LENGTHS[(process - 1) // 5 if process else 0]
        parts = [(x[:, None], x), (x[:, None], ahead), (ahead, ahead)]
        here, there, own = (wandering._stationary(*part, length) for part in parts)
    loose = 1e3
    if error is None:
        sd = np.full(len(U), wandering.UNKNOWN[noise])
    else:
        sd = wandering.NOISE[noise] * np.hypot(error, wandering.LEAST)
    K = size**2 * here + np.diag(sd**2) + loose
    k = size**2 * there + loose
    shapes = wandering.shapes_at(np.append(x, ahead))[shape]
    rest = Y - shapes[:-1]
    mean = shapes[-1] + k.T @ np.linalg.solve(K, rest)
    variance = size**2 * own + loose - k.T @ np.linalg.solve(K, k)
    assert found.mean[shape, process, noise, 0] == pytest.approx(mean[0], abs=1e-5)
    got = found.variance[shape, process, noise, 0]
    assert got == pytest.approx(variance[0, 0], abs=1e-7 + 1e-3 * got)
    # Of evidences only differences count: here from the constant without deviations.
    plain = np.diag(sd**2) + loose
    expected = multivariate_normal.logpdf(rest, cov=K)
    expected -= multivariate_normal.logpdf(Y, cov=plain)
    difference = found.evidence[shape, process, noise] - found.evidence[0, 0, noise]
    assert difference == pytest.approx(expected, abs=1e-3)


def test_shapes_begin_at_the_last_size():
    """All are zero there, none rises, and there are as many as families say."""
    shapes = wandering.shapes_at(np.linspace(-6, 3, 40))
    assert len(shapes) == sum(wandering.FAMILIES.values())
    assert (np.diff(shapes, axis=1) <= 1e-12).all()
    np.testing.assert_allclose(wandering.shapes_at(np.zeros(1)), 0, atol=1e-12)


def test_merged_components_keep_the_mixture():
    """Quantiles of thousands of components, and of those taken together."""
    known_to = shipped_experience()
    found = wandering.components(U, Y, ERROR, np.append(AHEAD, U[-1]))
    weights = known_to.weights(found.evidence, len(U), True)
    assert weights.sum() == pytest.approx(1)
    reading = read_curve(U, Y, ERROR, AHEAD)
    table = reading.distributions[0].quantiles
    rng, model = np.random.default_rng(0), {}
    flat = weights.ravel() / weights.sum()
    for share, power in ((0.7, 1.0), (0.3, 0.4)):
        flat = known_to.weights(found.evidence, len(U), True, power).ravel()
        drawn = rng.choice(len(flat), 100_000, p=flat / flat.sum())
        place = np.unravel_index(drawn, weights.shape)
        group = np.repeat([0, 1, 1, 2, 2], [*wandering.FAMILIES.values()])[place[0]]
        shares = np.exp(known_to.surprises).cumsum(axis=1)[group]
        which = (rng.random((len(drawn), 1)) > shares[:, :2]).sum(axis=1)
        mean = found.mean[..., 0].ravel()[drawn]
        change = abs(mean - Y[-1]) + 0.2 * 1.7
        noise = found.noise[place[2]]
        variance = found.variance[..., 0].ravel()[drawn] + noise**2
        variance += (np.array([0.03, 0.12, 0.5])[which] * change) ** 2
        sample = mean + np.sqrt(variance) * rng.standard_normal(len(drawn))
        model[share] = np.quantile(sample, [0.05, 0.5, 0.95])
    expected = 0.7 * model[0.7] + 0.3 * model[0.3]
    stretched = known_to.stretched(Distribution(table), 1.7, True)
    assert (stretched.quantiles != table).any()
    shift, low, high = (float(v) for v in _stretch(known_to))
    z = 1.6448536
    scores = [(-z - shift) / low, -shift / (low if shift > 0 else high), 0]
    scores[2] = (z - shift) / high
    got = reading.distributions[0].at(np.array(scores))
    width = expected[2] - expected[0]
    np.testing.assert_allclose(got, expected, atol=0.02 * width)


def _stretch(known_to):
    from scalinglib.laws.experience import stretch_at

    return stretch_at(known_to.stretch["True"], 1.7, known_to.horizon)


def test_distribution_and_score_are_inverse():
    """Between the quantiles that are kept and beyond them."""
    held = Distribution(np.sort(np.random.default_rng(0).standard_normal(len(GRID))))
    z = np.array([-4.5, -3.0, -1.23, 0.0, 0.4, 3.0, 5.0])
    np.testing.assert_allclose(held.score(held.at(z)), z, rtol=1e-9, atol=1e-9)
