"""Functions that make stored results, with trials that are quick in their place."""

import numpy as np
import pytest
import xarray as xr

from scalinglib import stored
from scalinglib.experiments import images, populations, results, torus_networks, width


def same_form(made, name):
    """Whether what a function returns has the form of what is stored."""
    then = stored.load(name)
    arrays, stored_ones = (
        f if isinstance(f, xr.Dataset) else f.to_dataset() for f in (made, then)
    )
    assert arrays.coords.equals(stored_ones.coords)
    assert {n: a.dims for n, a in arrays.items()} == {
        n: a.dims for n, a in stored_ones.items()
    }
    assert arrays.sizes == stored_ones.sizes
    assert made.attrs["seed"] == then.attrs["seed"]


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("one_layer_erf", "model"),
        ("one_layer_relu", "model"),
        ("two_layers", "model"),
        ("ensemble_means", "of"),
    ],
)
def test_widths_have_their_form(name, of, monkeypatch):
    """Every width is drawn with itself as the seed, in single precision."""
    names = stored.load(name)[of].values

    def trial(members, *, W, rng, depth=1, activation="erf"):
        values = np.full((3, 192, members), 100 * rng + depth + (activation == "relu"))
        return xr.DataArray(
            values * 1.0, dims=[of, "point", "trial"], coords={of: names}
        )

    monkeypatch.setattr(width, "wide_networks", trial)
    monkeypatch.setattr(width, "ensemble_means", trial)
    made = results.find(name)()
    same_form(made, name)
    assert made.dtype == np.float32
    plus = 2 if name in ("one_layer_relu", "two_layers") else 1
    assert (made == 100 * made.W + plus).all()


def test_torus_networks_have_their_form(monkeypatch):
    """Trials of a sweep over dimension and size."""
    monkeypatch.setattr(
        torus_networks, "network_on_torus", lambda rng, d, D: rng.random() + d * D
    )
    made = results.find("torus_networks")()
    same_form(made, "torus_networks")
    first = np.random.default_rng([0, 0]).random()
    np.testing.assert_array_equal(made.isel(trial=0), first + made.d * made.D)


def test_learning_curves_have_their_form(monkeypatch):
    """A curve for every population and loss, where it belongs."""
    sizes = {"D": populations.SIZES, "trial": range(16)}

    def curve(data, loss, *, trials):
        value = 10.0 * populations.DATA.index(data) + populations.LOSSES.index(loss)
        return xr.DataArray(np.full((8, trials), value), coords=sizes, name="loss")

    monkeypatch.setattr(populations, "population_curve", curve)
    made = results.find("learning_curves")()
    same_form(made, "learning_curves")
    assert made.isel(D=0, trial=0).values.tolist() == [[0, 1], [10, 11]]


def give_images(monkeypatch, side):
    """70 000 images, each of one grey, numbered by their labels."""
    number = np.arange(70_000)
    X = np.broadcast_to(np.float32(number % 256 / 256)[:, None], (70_000, side**2))
    monkeypatch.setattr(images.data, "fetch_fashion_mnist", lambda source: (X, number))


def test_forecasts_have_their_form(monkeypatch):
    """Sample s: 10 000 images for training and 2000 for the test, of their own."""
    give_images(monkeypatch, 4)
    sizes = {"D": images.GAME_SIZES, "trial": range(32)}
    targets = {"target": [*images.TARGETS]}

    def game(X, y, kernel, *, trials):
        assert X.shape == (12_000, 4)
        np.testing.assert_allclose(X[:, 0], y % 256 / 256, atol=1e-6)
        value = float(y[0] / 100 + [*images.KERNELS].index(kernel))
        assert y.tolist() == [
            *range(y[0], y[0] + 10_000),
            *range(60_000 + y[0] // 5, 62_000 + y[0] // 5),
        ]
        return (
            xr.DataArray(np.full((3, 4, trials), value), coords=targets | sizes),
            xr.DataArray(np.full(3, -value), coords=targets),
        )

    monkeypatch.setattr(images, "forecasting_game", game)
    made = results.find("forecasts")(source="somewhere")
    same_form(made, "forecasts")
    assert made.small.dtype == made.truth.dtype == np.float32
    expected = 100 * np.arange(5)[:, None] + np.arange(3)
    np.testing.assert_array_equal(made.truth.isel(target=0), -expected)
    np.testing.assert_array_equal(made.small.isel(target=0, D=0, trial=0), expected)


def test_pooling_has_its_form(monkeypatch):
    """The shipped images, with as many pixels as the label of the row says."""
    give_images(monkeypatch, 28)
    coords = {"D": images.SUMMARY_SIZES, "trial": range(8)}

    def summary(X, y, *, trials):
        assert y.tolist() == [*range(10_000), *range(60_000, 62_000)]
        return xr.Dataset(
            {
                "loss": (["D", "trial"], np.full((4, trials), X.shape[1])),
                "alpha_K": ("of", np.zeros(3)),
                "dimension": np.sqrt(X.shape[1]),
            },
            coords=coords | {"of": ["estimate", "low", "high"]},
        )

    monkeypatch.setattr(images, "summary", summary)
    made = results.find("pooling")(source="somewhere")
    same_form(made, "pooling")
    np.testing.assert_array_equal(made.dimension, made.side)
    assert (made.loss == made.side**2).all()
