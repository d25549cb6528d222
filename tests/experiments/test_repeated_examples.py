"""Descent on examples that come again: how sequences are made, and stored losses."""

import numpy as np
import pytest

pytest.importorskip("torch")

from scalinglib import networks, stored
from scalinglib.experiments import repeated_examples, results
from scalinglib.experiments.repeated_examples import (
    REPEATS,
    excess_of_repeats,
    repeated,
    repeats_problem,
    shuffled_places,
)


def test_equal_places_hold_equal_examples():
    """The same example exactly where the place is the same, the first one given."""
    rng = np.random.default_rng(0)
    places = rng.integers(20, size=100)
    found = repeated(np.arange(100), places)
    same = places[:, None] == places
    assert ((found[:, None] == found) == same).all()
    np.testing.assert_array_equal(found, same.argmax(axis=1))


@pytest.mark.parametrize("D", [1, 7, 32, 100])
def test_shuffled_places_come_in_epochs(D):
    """Each D of them in turn hold every place once, in an order that changes."""
    places = shuffled_places(0, D, 5 * D)
    epochs = places.reshape(5, D)
    assert (np.sort(epochs, axis=1) == np.arange(D)).all()
    assert D < 7 or len(np.unique(epochs, axis=0)) == 5
    few = shuffled_places(0, D, 3)
    np.testing.assert_array_equal(few, shuffled_places(0, D, 4)[:3])


def test_one_pass_is_that_of_the_package():
    """An ensemble that the package's own batches train, within four errors."""
    net, start, X, Y = repeats_problem()
    rng = np.random.default_rng(2)
    sets = rng.integers(len(X), size=(48, 1024))
    learn = networks.gradient_descent(net, **REPEATS, rng=0, device="cpu")
    predict = learn(X[sets], Y[sets], start=start)
    loss = networks.mean_squared_error(predict(X), Y)
    expected = stored.load("repeated_examples").sel(order="once").mean()
    error = loss.std(ddof=1) / np.sqrt(48)
    assert abs(loss.mean() - expected) < 4 * error
    assert error < 0.003


def test_enough_examples_shuffled_are_endless():
    """No example comes again before 1024 are seen: the same networks, exactly."""
    found = excess_of_repeats(0, sizes=[1023, 1024], members=2)
    once, shuffled = found.sel(order="once"), found.sel(order="shuffled")
    assert shuffled[1] == once[1]
    assert shuffled[0] != once[0]


def test_stored_losses_are_found_again():
    """16 members of other seeds, at one size, within four standard errors."""
    then = stored.load("repeated_examples").sel(D=64)
    now = excess_of_repeats(7, sizes=[64], members=16)[:, 0]
    rise = (then - then.sel(order="once")).sel(order=["replacement", "shuffled"])
    found = (now - now.sel(order="once")).sel(order=["replacement", "shuffled"])
    spread = rise.std("trial", ddof=1) * np.sqrt(repeated_examples.MEMBERS / 16)
    assert (abs(found - rise.mean("trial")) < 4 * spread).all()
    assert (4 * spread < rise.mean("trial") / 2).all()


def test_the_result_has_its_form(monkeypatch):
    """Sixteen trials, each from its own source, in single precision."""

    def trial(rng):
        return stored.load("repeated_examples").isel(trial=0, drop=True) + rng.random()

    monkeypatch.setattr(repeated_examples, "excess_of_repeats", trial)
    made, then = results.find("repeated_examples")(), stored.load("repeated_examples")
    assert (made.dims, made.dtype) == (then.dims, np.float32)
    assert made.coords.equals(then.coords)
    first = np.random.default_rng([0, 3]).random()
    rise = made.isel(trial=3) - then.isel(trial=0)
    np.testing.assert_allclose(rise, first, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: repeated([1, 2], [1]), "fresh and places must have one shape"),
        (lambda: shuffled_places(0, 0, 3), "D must be at least 1"),
        (lambda: shuffled_places(0, 3, 0), "M must be at least 1"),
        (lambda: excess_of_repeats(0, sizes=[0]), "sizes must be at least 1"),
        (lambda: excess_of_repeats(0, members=0), "members must be at least 1"),
        (lambda: excess_of_repeats("0"), "rng must be a whole number"),
    ],
)
def test_what_is_refused(call, message):
    """Errors name the argument and what is accepted."""
    with pytest.raises(ValueError, match=message):
        call()
