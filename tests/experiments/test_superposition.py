"""Features that share dimensions: the exact loss, its minima, and what is stored."""

import numpy as np
import pytest
from thorough import exhaustive, first_of, long

from scalinglib import stored
from scalinglib.experiments import results, superposition
from scalinglib.experiments.superposition import (
    feature_frequencies,
    features_in_few_dimensions,
    reconstruction_loss,
)


def drawn(seed, n=7, m=3):
    """Rows, biases of both signs and frequencies."""
    rng = np.random.default_rng(seed)
    W, b = rng.standard_normal((n, m)), 0.5 * rng.standard_normal(n)
    return W, b, feature_frequencies(n, 1)


@pytest.mark.parametrize("seed", first_of(range(4)))
def test_loss_is_a_mean_over_values(seed):
    """A fine grid of values of every feature gives the closed form."""
    W, b, p = drawn(seed)
    v = (np.arange(20_000) + 0.5) / 10_000
    total = 0
    for i, probability in enumerate(p):
        x = np.zeros((len(v), len(p)))
        x[:, i] = v
        error = np.maximum(x @ W @ W.T + b, 0) - x
        total += probability * (error**2).sum(axis=1).mean()
    assert reconstruction_loss(W, b, p) == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize("seed", first_of(range(4)))
def test_loss_knows_its_slopes(seed):
    """Differences of the loss along overlaps and along biases."""
    W, b, p = drawn(seed)
    G = W @ W.T
    _, by_G, by_b = superposition._loss(G, b, p)
    rng = np.random.default_rng(seed)
    U, u = 1e-6 * rng.standard_normal(G.shape), 1e-6 * rng.standard_normal(len(b))
    ends = [superposition._loss(G + s * U, b + s * u, p)[0] for s in (1, -1)]
    along = 2 * ((by_G * U).sum() + by_b @ u)
    assert ends[0] - ends[1] == pytest.approx(along, rel=1e-4)


def test_coordinates_do_not_matter():
    """Turning all rows changes no overlap."""
    W, b, p = drawn(0)
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    turned = reconstruction_loss(W @ Q, b, p)
    assert turned == pytest.approx(reconstruction_loss(W, b, p), rel=1e-12)


def test_biases_of_random_directions_are_the_best():
    """No bias can be moved either way without a loss."""
    rng = np.random.default_rng(3)
    W = rng.standard_normal((40, 12))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    p = feature_frequencies(40, 0.5)
    b = superposition._best_biases(W @ W.T, p)
    least = reconstruction_loss(W, b, p)
    for j in range(40):
        for step in (-0.01, 0.01):
            other = b.copy()
            other[j] += step
            assert reconstruction_loss(W, other, p) > least


def test_features_with_room_lose_nothing():
    """Random directions in very many dimensions are orthogonal."""
    found = features_in_few_dimensions(0, n=8, m=20_000, a=1, regime="random")
    assert found.sel(of="loss") < 0.01


def test_decay_leaves_the_rare_out():
    """As many rows live as there are dimensions, and the others are lost."""
    n, m, p = 64, 6, feature_frequencies(64, 1.5)
    found = features_in_few_dimensions(0, n=n, m=m, a=1.5, regime="decay")
    expected = 4 / 3 * ((p[m] ** 2 / p[:m]).sum() + p[m:].sum())
    assert found.sel(of="loss") == pytest.approx(expected, rel=0.03)
    assert m - 2 <= found.sel(of="alive") <= m + 1


def test_growth_keeps_all_and_spreads_them():
    """No row is lost, and the mean square overlap is near the least there is."""
    n, m = 60, 6
    found = features_in_few_dimensions(0, n=n, m=m, a=0, regime="growth")
    least = (n - m) / m / (n - 1)
    assert found.sel(of="alive") == n
    assert least <= found.sel(of="overlap") < 1.05 * least
    random = features_in_few_dimensions(0, n=n, m=m, a=0, regime="random")
    assert found.sel(of="loss") < 0.8 * random.sel(of="loss")


def again(regime, **options):
    """Trial 0 of the smallest problem, and what was stored of it."""
    then = stored.load("superposition").sel(regime=regime, m=8, trial=0, a=1.25)
    problem = {"n": superposition.FEATURES, "m": 8, "a": 1.25, "regime": regime}
    rng = np.random.default_rng([0, 0])
    now = features_in_few_dimensions(rng, **problem, **options)
    return now.sel(of="loss").item() / then.sel(of="loss").item()


@long
def test_a_stored_point_is_found_again():
    """Under decay, but for rounding on the way to a minimum."""
    assert again("decay") == pytest.approx(1, abs=0.005)


@exhaustive
def test_a_shorter_descent_has_not_got_further():
    """Under growth, where what is stored took minutes: above it, and nearer later."""
    early, later = again("growth", steps=60), again("growth", steps=300)
    assert 1.005 < later < early < 1.3


def test_maker_runs_every_regime(monkeypatch):
    """The trial gets regime, exponent and dimensions, and nothing else varies."""
    trial = features_in_few_dimensions(0, n=2, m=1, a=0, regime="random").copy()

    def quick(rng, *, n, m, a, regime):
        return trial * 0 + n + 1000 * a + m / 100 + (regime == "growth") + rng.random()

    monkeypatch.setattr(superposition, "features_in_few_dimensions", quick)
    made, then = results.find("superposition")(), stored.load("superposition")
    assert made.coords.equals(then.coords)
    assert made.dims == then.dims
    assert made.dtype == np.float32
    assert made.attrs["seed"] == then.attrs["seed"]
    first = np.random.default_rng([0, 0]).random()
    expected = 400 + 1000 * made.a + made.m / 100 + (made.regime == "growth") + first
    np.testing.assert_allclose(
        *np.broadcast_arrays(
            made.isel(trial=0).transpose("a", "m", "regime", "of"),
            expected.transpose("a", "m", "regime").values[..., None],
        ),
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"n": 1}, "n must"),
        ({"m": 0}, "m must"),
        ({"m": 9}, "m must"),
        ({"a": -1}, "a must"),
        ({"regime": "none"}, "regime must"),
        ({"steps": 0}, "steps must"),
    ],
)
def test_bad_settings_are_named(change, named):
    """What is not accepted is refused, with the name of the argument."""
    setting = {"n": 9, "m": 3, "a": 1, "regime": "growth"} | change
    with pytest.raises(ValueError, match=named):
        features_in_few_dimensions(0, **setting)


def test_shapes_must_match():
    """A bias for each row."""
    with pytest.raises(ValueError, match="W, b and p must"):
        reconstruction_loss(np.ones((3, 2)), np.zeros(2), np.ones(3) / 3)
