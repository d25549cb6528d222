"""Labels of sizes pass through: the same numbers, with the dimensions of what came in.

The dimension has a name and coordinates that no function could make up.
"""

import functools
from typing import NamedTuple

import numpy as np
import pytest
import xarray as xr

from scalinglib.geometry import expected_distance
from scalinglib.laws import fit_power_law
from scalinglib.learners import leave_one_out, teacher_average
from scalinglib.learners.random_features import gaussian, limit
from scalinglib.spectra import PowerLaw
from scalinglib.theory import (
    extrapolated_loss,
    finite_size_loss,
    kare,
    kernel_loss,
    learnabilities,
    missed_power,
    random_feature_loss,
    resolution,
)

SPECTRUM = PowerLaw(alpha=1.0)


@functools.cache
def problem():
    """Gram matrix and labels of 80 points with Gaussian features."""
    rng = np.random.default_rng(0)
    F = gaussian(SPECTRUM(np.arange(1, 501)), 80, rng=rng)
    return F @ F.T, F @ rng.standard_normal(500)


@functools.cache
def law(offset):
    """A fitted law."""
    x, noise = 2.0 ** np.arange(6), np.random.default_rng(0).normal(1, 0.05, (6, 9))
    return fit_power_law(x, (0.1 + 1 / x)[:, None] * noise, offset=offset, rng=0)


def average(sizes, **choices):
    """Mean loss over teachers of 60 points, tested on the others."""
    K, _ = problem()
    return teacher_average(
        K[:60, :60], K[60:, :60], K.diagonal()[60:], sizes, **choices
    )


ANY_SHAPE = {
    "kernel_loss": functools.partial(kernel_loss, SPECTRUM, ridge=0.1),
    "kernel_loss of eigenvalues": functools.partial(kernel_loss, [3, 2, 1], ridge=1.0),
    "random_feature_loss": lambda D: random_feature_loss(SPECTRUM, D, 7.5),
    "random_feature_loss of P": lambda P: random_feature_loss(SPECTRUM, np.array(7), P),
    "finite_size_loss": lambda D: finite_size_loss(SPECTRUM, D, 100),
    "resolution": lambda D: resolution(SPECTRUM, D, 7.5, ridge=0.1),
    "PowerLaw": SPECTRUM,
    "PowerLawFit": lambda x: law("fit")(x),
    "band": lambda x: law("fit").band_if_law(x),
    "band over a known floor": lambda x: law(0.05).band_if_law(x, level=0.5),
    "infinite band": lambda x: fit_power_law([1, 2], [1, 0.5], rng=0).band_if_law(x),
    "expected_distance": lambda D: expected_distance(D, 1),
    "expected_distance in a crowd": lambda D: expected_distance(D, 6),
    "extrapolated_loss": lambda D: extrapolated_loss(*problem(), D),
}
IN_A_ROW = {
    "kare": lambda sizes: kare(*problem(), sizes, ridge=0.1),
    "teacher_average": average,
    "teacher_average with a ridge": functools.partial(average, ridge=0.1),
    "limit": lambda sizes: limit(problem()[0], np.ones(80), sizes),
    "missed_power": lambda ridges: missed_power(*problem(), ridges),
    "leave_one_out": lambda Y: leave_one_out(np.eye(3) + 1, Y),
}
EVERY = pytest.mark.parametrize("name", ANY_SHAPE | IN_A_ROW)
SHAPES = pytest.mark.parametrize("name", ANY_SHAPE)


class Crossed(NamedTuple):
    """A function of D and P, and the dimensions it adds."""

    function: object
    added: tuple = ()


OF_TWO = {
    "random_feature_loss": Crossed(functools.partial(random_feature_loss, SPECTRUM)),
    "finite_size_loss": Crossed(functools.partial(finite_size_loss, SPECTRUM)),
    "resolution": Crossed(functools.partial(resolution, SPECTRUM, ridge=0.1)),
    "learnabilities": Crossed(
        functools.partial(learnabilities, SPECTRUM, modes=4), ("mode",)
    ),
}
TWO = pytest.mark.parametrize("name", OF_TWO)


def parts(found):
    """What was returned as a list: one array, or each of a tuple."""
    return [*found] if isinstance(found, tuple) else [found]


def same_labels(found, sizes):
    """Whether dimensions and coordinates are those of the sizes, all of them."""
    return found.dims == sizes.dims and found.coords.identical(sizes.coords)


def row(values=(4, 9, 11)):
    """Sizes with labels that are not the sizes."""
    coords = {"run": list("abc"), "day": ("run", [3, 1, 2]), "lab": 7}
    return xr.DataArray(list(values), dims="run", coords=coords)


def plane():
    """Sizes with two dimensions."""
    values = [[4, 9, 11], [12, 5, 20]]
    return xr.DataArray(values, coords={"who": [1, 2], "run": list("abc")})


# -- functions of one list of sizes --------------------------------------------------


@EVERY
def test_values_are_those_without_labels(name):
    """To the last digit; dimension and coordinates are those that were passed."""
    function, sizes = (ANY_SHAPE | IN_A_ROW)[name], row()
    bare = parts(function(sizes.values))
    for found, expected in zip(parts(function(sizes)), bare, strict=True):
        assert isinstance(expected, np.ndarray)
        assert same_labels(found, sizes)
        np.testing.assert_array_equal(found.values, expected)


@SHAPES
def test_dimensions_in_any_order(name):
    """A plane of sizes, and the same transposed."""
    function, sizes = ANY_SHAPE[name], plane()
    bare = parts(function(sizes.values))
    straight, turned = parts(function(sizes)), parts(function(sizes.T))
    for one, other, expected in zip(straight, turned, bare, strict=True):
        assert same_labels(one, sizes)
        assert same_labels(other, sizes.T)
        np.testing.assert_array_equal(one.values, expected)
        np.testing.assert_allclose(other.values, expected.T, rtol=1e-12)


@SHAPES
def test_one_size_with_labels(name):
    """What was selected from many keeps the coordinate that says which it was."""
    size = row().isel(run=1)
    for found in parts(ANY_SHAPE[name](size)):
        assert same_labels(found, size)
        assert found.run == "b"


@EVERY
def test_sizes_are_not_changed(name):
    """Neither their values nor their labels."""
    sizes = row()
    (ANY_SHAPE | IN_A_ROW)[name](sizes)
    assert sizes.identical(row())


# -- functions of D and P ------------------------------------------------------------

D_VALUES, P_VALUES = [4.0, 9.0, 30.0], [6.0, 12.0]
D = xr.DataArray(D_VALUES, coords={"D": D_VALUES})
P = xr.DataArray(P_VALUES, coords={"P": P_VALUES})


@TWO
def test_points_and_features_are_crossed(name):
    """D over "D" and P over "P" give the plane of a column and a row."""
    function, added = OF_TWO[name]
    grid = parts(function(np.array(D_VALUES)[:, None], P_VALUES))
    for found, expected in zip(parts(function(D, P)), grid, strict=True):
        assert found.dims == ("D", "P", *added)
        assert found.D.identical(D.D)
        assert found.P.identical(P.P)
        np.testing.assert_array_equal(found.values, expected)


@TWO
def test_points_and_features_of_one_dimension_are_paired(name):
    """One name, one dimension: the diagonal of the plane."""
    function, added = OF_TWO[name]
    paired = D[:2].rename(D="i").assign_coords(i=[0, 1])
    others = P.rename(P="i").assign_coords(i=[0, 1])
    plane = parts(function(D[:2], P))
    for found, crossed in zip(parts(function(paired, others)), plane, strict=True):
        assert found.dims == ("i", *added)
        assert found.i.values.tolist() == [0, 1]
        diagonal = np.array([crossed[0, 0], crossed[1, 1]])
        np.testing.assert_allclose(found.values, diagonal, rtol=1e-12)


@TWO
def test_shared_dimensions_in_any_order(name):
    """P over "P", and D over both, whichever comes first."""
    function, _ = OF_TWO[name]
    both = D + 0 * P
    straight, turned = function(both, P), function(both.T, P)
    for one, other, plain in zip(
        *map(parts, (straight, turned, function(D, P))), strict=True
    ):
        assert one.dims[:2] == ("D", "P")
        assert other.dims[:2] == ("P", "D")
        xr.testing.assert_allclose(one, plain, rtol=1e-12)
        xr.testing.assert_allclose(other.transpose(*one.dims), plain, rtol=1e-12)


@TWO
def test_numbers_stand_beside_labels(name):
    """A number, an array without dimensions, infinity."""
    function, added = OF_TWO[name]
    for number in (50, np.array(50.0), np.inf):
        labelled, bare = function(D, number), function(D_VALUES, number)
        for found, expected in zip(parts(labelled), parts(bare), strict=True):
            assert found.dims == ("D", *added)
            np.testing.assert_array_equal(found.values, expected)
        for found in parts(function(number, P)):
            assert found.dims == ("P", *added)


@TWO
def test_labels_that_do_not_agree_are_refused(name):
    """One dimension with two lists of coordinates, or of two lengths."""
    function, _ = OF_TWO[name]
    others = P.rename(P="D").assign_coords(D=[4.0, 10.0])
    for points in (D[:2], D, D.drop_vars("D")):
        with pytest.raises(ValueError, match="D and P must agree in the coordinates"):
            function(points, others)


@TWO
@pytest.mark.parametrize("bare", [P_VALUES, np.array(P_VALUES), np.array([P_VALUES])])
def test_an_array_beside_labels_is_refused_with_the_remedy(name, bare):
    """Which dimension it has is not known; named as the message says, it is."""
    function, _ = OF_TWO[name]
    for arguments, said in (((D, bare), "P"), ((bare, D), "D")):
        remedy = rf'xr\.DataArray\({said}, coords={{"{said}": {said}}}\)'
        message = f"{said} must be a DataArray or a number .*shape .*{remedy}"
        with pytest.raises(ValueError, match=message):
            function(*arguments)


def test_the_remedy_works():
    """As the message writes it, of a list and of an array."""
    expected = random_feature_loss(SPECTRUM, D, P)
    for values in (P_VALUES, np.array(P_VALUES)):
        named = xr.DataArray(values, coords={"P": values})
        xr.testing.assert_identical(random_feature_loss(SPECTRUM, D, named), expected)


# -- learnabilities ------------------------------------------------------------------


def test_modes_are_counted_from_one():
    """The added dimension comes last and is called mode."""
    sizes = row([1, 2, 2.5])
    found = learnabilities([4.0, 1.0, 1.0], sizes)
    assert found.dims == ("run", "mode")
    assert found.mode.values.tolist() == [1, 2, 3]
    assert same_labels(found.isel(mode=0, drop=True), sizes)
    bare = learnabilities([4.0, 1.0, 1.0], [1, 2, 2.5])
    np.testing.assert_array_equal(found.values, bare)
    np.testing.assert_allclose(found.sum("mode"), [1, 2, 2.5], rtol=1e-12)
