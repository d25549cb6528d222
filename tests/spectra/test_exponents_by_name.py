"""Exponents a and α = a − 1, dimensions of spheres: told apart by name."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb

from scalinglib import geometry
from scalinglib.laws import StudentEstimate
from scalinglib.spectra import ExponentEstimate, PowerLaw, sphere

EXPONENTS = pytest.mark.parametrize(
    "spectrum",
    [PowerLaw(alpha=0.7), PowerLaw(alpha=0.1), PowerLaw(a=1.7), PowerLaw(a=1.1)],
    ids=repr,
)

# -- power laws ----------------------------------------------------------------------


@given(alpha=st.floats(0.001, 30))
def test_a_is_alpha_and_one(alpha):
    """Both names for one spectrum, up to the rounding of a sum."""
    one, other = PowerLaw(alpha=alpha), PowerLaw(a=max(1 + alpha, 1.001))
    assert one.alpha == alpha
    assert other.alpha == pytest.approx(alpha, abs=1e-14)
    assert one.a == 1 + alpha
    assert other.a == pytest.approx(1 + alpha, rel=1e-15)


def test_eigenvalues_fall_with_a():
    """i^-1.7 under both names, and its sum."""
    i = np.arange(1, 6)
    for spectrum in (PowerLaw(a=1.7), PowerLaw(alpha=0.7)):
        np.testing.assert_allclose(spectrum(i), i**-1.7, rtol=1e-14)
    assert PowerLaw(a=2).total == pytest.approx(np.pi**2 / 6)


def test_equal_spectra_are_one_key():
    """Under either name; another exponent and a number are something else."""
    assert PowerLaw(a=1.7) == PowerLaw(alpha=0.7)
    assert len({PowerLaw(a=2), PowerLaw(alpha=1), PowerLaw(alpha=1.0)}) == 1
    assert PowerLaw(alpha=0.7) != PowerLaw(alpha=0.8)
    assert PowerLaw(alpha=1) != 1


@EXPONENTS
def test_what_is_stored_comes_back(spectrum):
    """Pickled, copied, and typed as it is printed."""
    text = repr(spectrum)
    for other in (
        pickle.loads(pickle.dumps(spectrum)),
        copy.deepcopy(spectrum),
        eval(text, {"PowerLaw": PowerLaw}),
    ):
        assert other == spectrum
        assert hash(other) == hash(spectrum)
        assert repr(other) == text


@EXPONENTS
@pytest.mark.parametrize("name", ["a", "alpha"])
def test_exponents_are_not_changed_later(spectrum, name):
    """A spectrum may be the key of a dict."""
    with pytest.raises(AttributeError):
        setattr(spectrum, name, 2.0)


@pytest.mark.parametrize(
    ("unnamed", "named"),
    [
        ((1.7,), {}),
        ((), {}),
        ((), {"a": 1.7, "alpha": 0.7}),
        ((1.7,), {"alpha": 0.7}),
        ((1.7, 0.7), {}),
    ],
)
def test_not_one_name_is_refused_with_the_remedy(unnamed, named):
    """No exponent, two, or one that could be either."""
    remedy = r"by name: PowerLaw\(a=1.7\) or, .*PowerLaw\(alpha=0.7\); got \["
    with pytest.raises(TypeError, match=remedy):
        PowerLaw(*unnamed, **named)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"a": 1}, "a must be from 1.001 to 31, got 1"),
        ({"a": 0.7}, "a must be from 1.001 to 31, got 0.7"),
        ({"a": 31.1}, "a must be from 1.001 to 31, got 31.1"),
        ({"alpha": 30.1}, "alpha must be from 0.001 to 30, got 30.1"),
        ({"alpha": np.nan}, "alpha must be a finite number, got nan"),
        ({"a": "1.7"}, "a must hold real numbers, got '1.7'"),
    ],
)
def test_exponents_out_of_range_are_named_as_given(named, message):
    """In the letter that was typed."""
    with pytest.raises(ValueError, match=f"^{message}"):
        PowerLaw(**named)


# -- spheres -------------------------------------------------------------------------


def waves(k):
    """Cos kθ."""
    return lambda t: np.cos(k * np.arccos(t))


@pytest.mark.parametrize("k", [0, 1, 2, 7])
def test_the_sphere_of_dimension_one_is_the_circle(k):
    """Of cos kθ all is in degree k, shared by two waves; a constant is one."""
    lam, multiplicity = sphere(waves(k), d=1, degrees=9)
    assert multiplicity.tolist() == [1, *9 * [2]]
    np.testing.assert_allclose(lam, np.eye(10)[k] / multiplicity, atol=1e-15)


@pytest.mark.parametrize("r", [-0.3, 0.5])
def test_the_sphere_of_dimension_two_is_the_globe(r):
    """Of Legendre's generating function, 1 / |r x − y|: r^k / (2k + 1)."""
    k = np.arange(21)
    lam, multiplicity = sphere(
        lambda t: (1 - 2 * r * t + r**2) ** -0.5, d=2, degrees=20
    )
    assert multiplicity.tolist() == (2 * k + 1).tolist()
    np.testing.assert_allclose(lam, r**k / (2 * k + 1), atol=1e-15)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_spheres_by_gegenbauers_generating_function(d):
    """|r x − y|^(1 − d) is Σ r^k C_k, where C_k(1) is a binomial coefficient."""
    k, r = np.arange(16), 0.4
    lam, multiplicity = sphere(
        lambda t: (1 - 2 * r * t + r**2) ** ((1 - d) / 2), d=d, degrees=15
    )
    np.testing.assert_allclose(lam * multiplicity, r**k * comb(k + d - 2, k), 1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_both_rooms_mean_the_same_sphere(d):
    """The second moment of points of geometry is the eigenvalue of degree one."""
    X = geometry.sphere(d).sample(20_000, rng=0)
    lam, multiplicity = sphere(lambda t: t, d=d, degrees=1)
    assert multiplicity[1] == X.shape[1] == d + 1
    assert lam[1] == pytest.approx(1 / (d + 1), rel=1e-12)
    np.testing.assert_allclose((X**2).mean(axis=0), lam[1], rtol=0.05)


def test_a_dimension_without_a_name_is_refused():
    """It could be that of the space around."""
    with pytest.raises(TypeError, match="positional argument"):
        sphere(np.exp, 2, 4)


# -- estimates -----------------------------------------------------------------------


def test_alpha_of_an_estimate_is_a_minus_one():
    """With the same error, degrees of freedom and length of the interval."""
    a = ExponentEstimate.of_mean([1.4, 1.5, 1.7, 1.6])
    alpha = a.alpha_K
    assert isinstance(alpha, StudentEstimate)
    assert alpha.value == pytest.approx(0.55)
    assert (alpha.stderr, alpha.freedom) == (a.stderr, 3)
    np.testing.assert_allclose(alpha.interval(0.8), np.subtract(a.interval(0.8), 1))
    assert a.covers(1.55)
    assert not a.covers(0.55)


@pytest.mark.parametrize("value", [1.0, 0.8])
def test_no_alpha_without_a_sum(value):
    """For a ≤ 1 the message says what to use, and that works."""
    a = ExponentEstimate.of_mean([value - 0.1, value, value + 0.1])
    message = rf"a is {a.value:.3g}: use value and interval\(\), which are those of a"
    with pytest.raises(ValueError, match=f"alpha_K is a - 1 for a > 1.*{message}"):
        _ = a.alpha_K
    assert a.interval()[0] < a.value < a.interval()[1]


def test_alpha_may_be_as_small_as_its_error():
    """Just above one there is a sum, whatever the interval."""
    alpha = ExponentEstimate.of_mean([0.9, 1.0, 1.2]).alpha_K
    assert alpha.interval()[0] < 0 < alpha.value
