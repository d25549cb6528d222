"""Sums over a Zipf law without end: by other roads, at their limits, and drawn."""

import copy
import pickle

import mpmath as mp
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from scalinglib.text import ZipfLaw

ALPHAS = [0.01, 0.05, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0]
LANGUAGES = [0.25, 0.5, 1.0, 2.0]
SUMS = ["missing_mass", "distinct", "local_exponent"]


def by_zetas(alpha, D, *, power):
    """Σ over items of p^power (1 − p)^D, or without its first term, term by term."""
    with mp.workdps(50):  # binomials of 60 cancel to a number of order one
        a, Z = 1 + mp.mpf(alpha), mp.zeta(1 + mp.mpf(alpha))
        orders = range(0 if power else 1, D + 1)
        terms = (
            (-1) ** j * mp.binomial(D, j) * moment(a, Z, j + power) for j in orders
        )
        return mp.fsum(terms)


def moment(a, Z, j):
    """Σ p^j."""
    return mp.zeta(a * j) / Z**j


# -- exact sums ----------------------------------------------------------------------


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("D", [0, 1, 2, 7, 60])
def test_missing_mass_is_a_sum_of_zetas(alpha, D):
    """Multiplied out, (1 − p)^D sums to zeta functions, with no tail at all."""
    want = by_zetas(alpha, D, power=1)
    assert abs(float(ZipfLaw(alpha).missing_mass(D) / want - 1)) < 1e-12


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("D", [1, 2, 7, 60])
def test_distinct_is_a_sum_of_zetas(alpha, D):
    """The same for 1 − (1 − p)^D, whose first term is D."""
    want = -by_zetas(alpha, D, power=0)
    assert abs(float(ZipfLaw(alpha).distinct(D) / want - 1)) < 1e-12


@pytest.mark.parametrize("alpha", [0.05, 0.25, 0.5, 1.0, 2.0])
def test_missing_mass_is_a_beta_function(alpha):
    """Beyond what is exponentially small, wherever the sum gives way to its tail."""
    D, theta = np.geomspace(3e4, 1e15, 25), mp.mpf(alpha) / (1 + mp.mpf(alpha))
    width = mp.zeta(1 + mp.mpf(alpha)) ** (theta - 1) * (1 - theta)
    law = ZipfLaw(alpha)
    want = np.array([float(width * mp.beta(theta, mp.mpf(n) + 1)) for n in D])
    np.testing.assert_allclose(law.missing_mass(D), want, rtol=4e-11)
    want = [width * mp.beta(theta, n) * n / (1 - theta) - 0.5 for n in map(mp.mpf, D)]
    np.testing.assert_allclose(law.distinct(D), np.array(want, float), rtol=4e-11)


@pytest.mark.parametrize("alpha", [0.05, 0.25, 0.5, 1.0, 2.0])
def test_local_exponent_is_a_difference_of_psi(alpha):
    """The logarithmic derivative of that beta function."""
    D, theta = np.geomspace(3e5, 1e8, 9), mp.mpf(alpha) / (1 + mp.mpf(alpha))
    with mp.workdps(40):
        want = [n * (mp.psi(0, n + 1 + theta) - mp.psi(0, n + 1)) for n in D.tolist()]
    found = ZipfLaw(alpha).local_exponent(D)
    np.testing.assert_allclose(found, np.array(want, float), rtol=4e-11)


@given(alpha=st.floats(0.01, 30), log_D=st.floats(-3, 15))
def test_local_exponent_is_a_derivative(alpha, log_D):
    """Of the logarithm of the missing mass, by differences of fourth order."""
    law, D = ZipfLaw(alpha), 10**log_D
    near = np.log(law.missing_mass(D * np.exp(0.002 * np.array([-2, -1, 1, 2]))))
    slope = near @ np.array([1, -8, 8, -1]) / 0.024
    assert law.local_exponent(D) == pytest.approx(-slope, rel=1e-5, abs=1e-9)


@given(alpha=st.floats(0.01, 30), D=st.floats(0, 9e14))
def test_a_new_item_is_one_that_was_missing(alpha, D):
    """V(D + 1) − V(D) is the missing mass, up to the rounding of both V."""
    law = ZipfLaw(alpha)
    more, fewer = law.distinct([D + 1, D])
    step = (D + 1) - D  # of floats
    gained = step * law.missing_mass(D)
    rounding = 4e-11 * (more + fewer)  # each V is held to that above
    assert more - fewer == pytest.approx(gained, rel=1e-9, abs=rounding)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_first_draws(alpha):
    """Without a draw all mass is missing, the first draw is a new item."""
    law = ZipfLaw(alpha)
    np.testing.assert_allclose(law.missing_mass(0), 1, rtol=1e-12)
    np.testing.assert_allclose(law.distinct([0, 1]), [0, 1], rtol=1e-12)
    slope = law.distinct(1e-200) / 1e-200  # Σ −log(1 − p)
    assert slope == pytest.approx(law.distinct(1e-7) / 1e-7, rel=1e-5)


def test_probabilities():
    """Powers over their sum."""
    law = ZipfLaw(1.0)
    k = np.arange(1, 6)
    np.testing.assert_allclose(law(k), 6 / np.pi**2 / k**2, rtol=1e-14)
    assert ZipfLaw(0.05)(1e18) == pytest.approx(1e18**-1.05 / 20.58084430, rel=1e-9)


# -- exponents -----------------------------------------------------------------------


@pytest.mark.parametrize("alpha", LANGUAGES)
def test_the_exponent_is_theta(alpha):
    """From a thousand draws on within 0.001, by slopes between D and 3 D too."""
    law, D = ZipfLaw(alpha), np.geomspace(1e3, 1e15, 60)
    assert law.exponent == pytest.approx(alpha / (1 + alpha))
    assert abs(law.local_exponent(D) - law.exponent).max() < 1e-3
    slope = np.log(law.missing_mass(D) / law.missing_mass(3 * D)) / np.log(3)
    assert abs(slope - law.exponent).max() < 1e-3


@pytest.mark.parametrize(
    ("alpha", "slope"), [(0.25, 0.1995), (0.5, 0.3325), (1, 0.4985), (2, 0.6651)]
)
def test_slopes_of_few_draws(alpha, slope):
    """Between a hundred and a thousand draws, as a loop over items found them."""
    many, few = ZipfLaw(alpha).missing_mass([1e2, 1e3])
    assert np.log10(many / few) == pytest.approx(slope, abs=6e-5)


@pytest.mark.parametrize("alpha", LANGUAGES)
def test_the_asymptote_is_reached(alpha):
    """Within 1 % from a hundred draws on, 0.01 % from ten thousand; from below."""
    law = ZipfLaw(alpha)
    ratio = law.missing_mass([1e2, 1e4, 1e12]) / law.asymptote([1e2, 1e4, 1e12])
    assert (np.abs(1 - ratio) < [1e-2, 1e-4, 1e-11]).all()
    assert ratio[0] < ratio[1] < 1


@pytest.mark.parametrize("alpha", LANGUAGES)
def test_heaps_exponent_is_the_slope_of_distinct_items(alpha):
    """1 / (1 + α), as far as the half that V(D) lacks does not show."""
    law = ZipfLaw(alpha)
    few, many = law.distinct([1e12, 1e13])
    assert np.log10(many / few) == pytest.approx(law.heaps, abs=2e-5)
    assert law.heaps == pytest.approx(1 - law.exponent)


# -- draws ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "mass"), [(0.5, 0.04370), (1, 0.00691), (2, 9.15e-4)]
)
def test_draws_miss_what_they_should(alpha, mass):
    """Ten thousand tokens leave out that mass and hold so many items."""
    law, rng = ZipfLaw(alpha), np.random.default_rng(0)
    seen = [np.unique(law.draw(10_000, rng=rng)) for _ in range(100)]
    missed = np.array([1 - law(items).sum() for items in seen])
    count = np.array([len(items) for items in seen])
    for drawn, said in (missed, law.missing_mass(1e4)), (count, law.distinct(1e4)):
        error = drawn.std(ddof=1) / 10
        assert abs(drawn.mean() - said) < 4 * error
        assert error < 0.02 * said  # so that no other theory would do
    assert law.missing_mass(1e4) == pytest.approx(mass, rel=1e-3)


def test_draws_are_of_items_with_a_number():
    """At α = 0.05 a ninth lies beyond 2⁶³ and is drawn again, as the Notes say."""
    law, D = ZipfLaw(0.05), 200_000
    tokens = law.draw(D, rng=1)
    beyond = 2 ** (-63 * 0.05) * law(1) / 0.05
    assert 0.10 < beyond < 0.12
    share = law(1) / (1 - beyond)
    error = np.sqrt(share / D)
    assert abs((tokens == 1).mean() - share) < 4 * error
    assert abs((tokens == 1).mean() - law(1)) > 4 * error
    assert tokens.min() == 1
    assert tokens.dtype == np.int64


def test_draws_are_those_of_a_seed():
    """The same seed, the same tokens."""
    law = ZipfLaw(1.0)
    assert (law.draw(9, rng=3) == law.draw(9, rng=np.random.default_rng(3))).all()


# -- what is passed ------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SUMS, "asymptote", "__call__"])
def test_shapes_and_labels_pass_through(name):
    """Any shape, no axis, no entry, and a DataArray's dimension."""
    method = getattr(ZipfLaw(0.5), name)
    sizes = xr.DataArray([[1, 10], [100, 1000]], dims=["a", "b"], coords={"b": [3, 4]})
    labelled = method(sizes)
    assert labelled.dims == ("a", "b")
    assert labelled["b"].values.tolist() == [3, 4]
    plain = method(sizes.values)
    np.testing.assert_array_equal(plain, labelled.values)
    assert plain[1, 0] == pytest.approx(float(method(100)), rel=1e-12)
    assert method([]).shape == (0,)


def test_many_sizes_are_summed_in_parts():
    """What each of twenty thousand sizes gets alone."""
    D = np.geomspace(1, 1e6, 20_000)
    law = ZipfLaw(0.5)
    some = [0, 4000, 12_345, 19_999]
    np.testing.assert_allclose(
        law.missing_mass(D)[some], [law.missing_mass(n) for n in D[some]], rtol=1e-12
    )


@pytest.mark.parametrize("alpha", [0, 0.009, 31, -1, np.nan, np.inf, "1", None, [1, 2]])
def test_exponents_that_are_none(alpha):
    """From 0.01 to 30."""
    with pytest.raises(ValueError, match=r"^alpha must"):
        ZipfLaw(alpha)


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("D", [-1, [1, np.nan], np.inf, "3", None, [[1], [1, 2]], 1j])
def test_draws_that_are_no_number(name, D):
    """Finite and not negative."""
    with pytest.raises(ValueError, match=r"^D must"):
        getattr(ZipfLaw(1.0), name)(D)


def test_arguments_of_the_others():
    """No item before the first, no asymptote without a draw, whole draws, a seed."""
    law = ZipfLaw(1.0)
    for method, bad, said in [
        (law, [1, 0.5], "k must be at least 1"),
        (law, 0, "k must be finite and positive"),
        (law.asymptote, 0, "D must be finite and positive"),
        (law.draw, 1.5, "D must be a whole number"),
        (law.draw, 0, "D must be at least 1"),
    ]:
        with pytest.raises(ValueError, match=said):
            method(bad)
    with pytest.raises(ValueError, match="rng must be"):
        law.draw(1, rng="0")


def test_a_law_is_its_exponent():
    """Equal, hashed, printed and stored by it."""
    law = ZipfLaw(0.5)
    assert len({law, ZipfLaw(0.5), ZipfLaw(1)}) == 2
    assert eval(repr(law), {"ZipfLaw": ZipfLaw}) == law != 0.5
    assert pickle.loads(pickle.dumps(law)) == copy.copy(law) == law
