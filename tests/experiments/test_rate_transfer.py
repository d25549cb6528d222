"""Students of growing width: the powers of a step, identities, stored points again."""

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("torch")

from scalinglib import stored
from scalinglib.experiments import rate_transfer, results
from scalinglib.experiments.rate_transfer import (
    losses_at_rate,
    losses_in_time,
    moves_of_first_step,
    sphere_examples,
)


@pytest.mark.parametrize(
    ("parameterisation", "powers"),
    [("standard", [1 / 2, 3 / 2, 1]), ("ntk", [1 / 2, 1, 1 / 2]), ("mup", [0, 0, 0])],
)
def test_powers_of_the_width_in_a_step(parameterisation, powers):
    """First, hidden and last weights move the output by the powers that are counted."""
    W = 2 ** np.arange(5, 10)
    moves = [moves_of_first_step(0, parameterisation=parameterisation, W=w) for w in W]
    found = np.polyfit(np.log(W), np.log(moves), 1)[0]
    np.testing.assert_allclose(found, powers, atol=0.2)


def test_a_step_is_in_proportion_to_its_rate():
    """Moves for each unit of rate are the same at rates a factor of ten apart."""
    at = {"parameterisation": "mup", "W": 16, "members": 2}
    small, large = (moves_of_first_step(0, rate=rate, **at) for rate in (1e-7, 1e-6))
    np.testing.assert_allclose(small, large, rtol=1e-4)


def test_the_teacher_is_one_function():
    """The same point has the same label whoever draws it; standardised on many."""
    X, Y = sphere_examples(5, 50_000)
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(sphere_examples(5, 50_000)[1], Y)
    assert abs(Y.mean()) < 0.05
    assert abs(Y.std() - 1) < 0.05


def test_the_first_students_do_not_depend_on_their_number():
    """Two of three are the two."""
    at = {"parameterisation": "mup", "W": 8, "rate": 0.1, "steps": 20}
    two, three = (losses_at_rate(0, members=m, **at) for m in (2, 3))
    np.testing.assert_allclose(three[:2], two, rtol=1e-4)


def test_the_end_of_a_curve_is_the_loss_at_its_rate():
    """The way with decay ends where a training of as many steps at 1/8 ends."""
    curve = losses_in_time(0, way="decay", W=8, members=2, steps=40)
    rate = {"parameterisation": "mup", "rate": 1 / 8}
    end = losses_at_rate(0, W=8, members=2, steps=40, **rate)
    np.testing.assert_allclose(curve.sel(share=1), end, rtol=1e-5)


def test_a_stored_loss_at_a_rate_is_run_again():
    """Two of eight students of width 32, to a hundredth."""
    at = {"parameterisation": "mup", "W": 32, "rate": 2.0**-7}
    then = stored.load("rate_transfer").sel(**at)[:2]
    now = losses_at_rate(np.random.default_rng([0, 0]), members=2, **at)
    np.testing.assert_allclose(now, then, rtol=0.01)


@pytest.mark.parametrize("way", ["decay", "constant"])
def test_a_stored_curve_is_run_again(way):
    """Two of sixteen students of width 16, half of the way, to a tenth."""
    at = {"way": way, "W": 16}
    then = stored.load("normalised_curves").sel(**at)[:20, :2]
    now = losses_in_time(np.random.default_rng([0, 0]), members=2, **at)[:20]
    np.testing.assert_allclose(np.log(now), np.log(then), atol=0.1)


@pytest.mark.parametrize("name", ["rate_transfer", "normalised_curves"])
def test_makers_have_their_form(name, monkeypatch):
    """Every point of the grid once; the students are the trials."""

    def at_rate(rng, *, parameterisation, W, rate):
        value = (parameterisation == "mup") + W * rate
        return xr.DataArray(np.full(8, value), dims="member")

    def in_time(rng, *, way, W):
        share = xr.DataArray(np.arange(1, 41) / 40, dims="share")
        value = W + share + [*rate_transfer.WAYS].index(way)
        return value.expand_dims(member=16).assign_coords(share=share.values)

    monkeypatch.setattr(rate_transfer, "losses_at_rate", at_rate)
    monkeypatch.setattr(rate_transfer, "losses_in_time", in_time)
    made, then = results.find(name)(), stored.load(name)
    assert made.coords.equals(then.coords)
    assert dict(made.sizes) == dict(then.sizes)
    assert (made.dtype, made.attrs["seed"]) == (np.float32, 0)
    if name == "rate_transfer":
        last = made.sel(parameterisation="mup", W=64, rate=0.5)
        np.testing.assert_array_equal(last, 33.0)
    else:
        last = made.sel(way="constant", W=24, share=0.5)
        np.testing.assert_array_equal(last, 25.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sphere_examples(0, 0), "B must be at least 1"),
        (lambda: losses_in_time(0, way="none", W=8), "way must be one of"),
        (lambda: losses_in_time(0, way="decay", W=8, steps=39), "steps must be at"),
        (
            lambda: moves_of_first_step(0, parameterisation="mup", W=8, rate=0),
            "rate must be above zero",
        ),
        (
            lambda: losses_at_rate(0, parameterisation="mup", W=0, rate=1),
            "W must be at least 1",
        ),
    ],
)
def test_rejects_what_is_no_student(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call()
