"""Students on cubes and of growing width: problems, and stored results made again."""

import numpy as np
import pytest
from thorough import exhaustive, first_of, long

pytest.importorskip("torch")

from scalinglib import stored
from scalinglib.experiments.cube_networks import (
    cube_problem,
    steps_for,
    student_on_cube,
)
from scalinglib.experiments.endless_cubes import students_of_width
from scalinglib.experiments.image_widths import network_and_linearisation

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


@SEEDS
@pytest.mark.parametrize("d", [2, 5])
def test_data_sets_are_nested_and_the_teacher_is_one(seed, d):
    """Fewer points are a prefix of more, with the same test and the same scale."""
    few, many = (cube_problem(seed, d=d, D=D) for D in (16, 64))
    for a, b in zip(few[:2], many[:2], strict=True):
        np.testing.assert_array_equal(a, b[:16])
    for a, b in zip(few[2:], many[2:], strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.abs(many[2]).max() <= 1
    np.testing.assert_allclose([many[3].mean(), many[3].std()], [0, 1], atol=1e-12)


@exhaustive
@pytest.mark.parametrize(("d", "t"), [(8, 0), (5, 3)])
def test_stored_students_learn_again(d, t):
    """A stored trial at the smallest size, within the scatter of the eight."""
    found = stored.load("cube_networks").sel(d=d, D=128, of="test")

    def steps(D):  # the initialisation is drawn behind the largest data set
        return steps_for(D) if D == 128 else 1

    again = student_on_cube(np.random.default_rng([0, t]), d=d, steps=steps)
    off = np.log(again.sel(of="test", D=128).item() / found.sel(trial=t).item())
    assert abs(off) < 0.1 * np.log(found).std("trial")


@exhaustive
def test_stored_wide_students_learn_again():
    """Two of sixteen students of eight units on endless data, within the scatter."""
    found = np.log(stored.load("cube_widths").sel(d=8, W=8))
    again = students_of_width(np.random.default_rng([0, 0]), d=8, W=8, members=2)
    off = np.log(again.values) - found.values[:2]
    assert np.abs(off).max() < found.std("trial") / 4


@pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
@pytest.mark.parametrize("centred", [False, True])
def test_stored_widths_of_images_are_trained_again(loss, centred):
    """A network of 64 units and its linearisation, to the precision of float32."""
    found = stored.load("image_widths").sel(loss=loss, centred=centred, W=64, trial=1)
    rng = np.random.default_rng([0, 1])
    again = network_and_linearisation(rng, W=64, loss=loss, centred=centred)
    np.testing.assert_allclose(again, found, rtol=1e-3)


@exhaustive
def test_single_precision_is_enough():
    """At d = 4 and D = 256 a student in float64 is as good, to three per cent."""
    few = {"d": 4, "sizes": [256], "steps": lambda D: 3000}
    single, double = (
        student_on_cube(0, dtype=dtype, **few).sel(of="test").item()
        for dtype in ("float32", "float64")
    )
    assert abs(np.log(single / double)) < 0.03


@long
def test_a_bent_cube_is_the_same_problem_in_fifty_coordinates():
    """At first glance it is a little harder, and no more."""
    few = {"d": 3, "sizes": [64], "steps": lambda D: 1000}
    flat, bent = (
        student_on_cube(0, bent=b, **few).sel(of="test").item() for b in (False, True)
    )
    assert 0.3 < bent / flat < 3


def test_first_students_do_not_depend_on_their_number():
    """Members draw from sources of their own."""
    few, many = (students_of_width(0, d=2, W=5, members=m, steps=20) for m in (2, 4))
    np.testing.assert_allclose(few, many[:2], rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cube_problem(0, d=0, D=3), "d must be at least 1"),
        (lambda: cube_problem(0, d=2, D=0), "D must be at least 1"),
        (lambda: steps_for(0), "D must be at least 1"),
        (lambda: student_on_cube(0, d=2, dtype="half"), "dtype must be one of"),
        (lambda: students_of_width(0, d=2, W=0), "widths must be at least 1"),
        (lambda: students_of_width(0, d=2, W=3, members=0), "members must be"),
        (lambda: network_and_linearisation(0, W=0, loss="mse"), "W must be at least"),
        (lambda: network_and_linearisation(0, W=8, loss="mae"), "loss must be one of"),
        (
            lambda: network_and_linearisation(0, W=8, loss="mse", centred=1),
            "centred must be True or False",
        ),
    ],
)
def test_rejects_problems_of_cubes(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call()
