"""Products of powers: planted exponents, their intervals, and what cannot be told."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import examples

from scalinglib.laws import fit_product, read


def planted(seed, n=12, scatter=0.1):
    """Runs of y = 3 N^-0.25 D^0.1 with independent scatter."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(6, 9, n), 10 ** rng.uniform(8, 11, n)
    return 3 * N**-0.25 * D**0.1 * np.exp(scatter * rng.standard_normal(n)), N, D


@settings(max_examples=examples(40), deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(1e-6, 1e6), st.integers(0, 10**6))
def test_exact_laws_are_found(a, b, c, seed):
    """Constant, exponents and values without noise."""
    rng = np.random.default_rng(seed)
    N, D = 10 ** rng.uniform(0, 4, (2, 8))
    law = fit_product(c * N**a * D**b, N=N, D=D)
    assert law.constant == pytest.approx(c, rel=1e-6)
    assert law.exponents["N"].value == pytest.approx(a, abs=1e-8)
    assert law.exponents["D"].value == pytest.approx(b, abs=1e-8)
    assert law(D=2.0, N=3.0) == pytest.approx(c * 3**a * 2**b, rel=1e-6)


def test_intervals_hold():
    """Of exponents, of the law far away, and of new runs: 95 % of 1000 samples."""
    held = np.zeros(4)
    rng = np.random.default_rng(7)
    far = {"N": 1e10, "D": 1e12}
    truth = 3 * far["N"] ** -0.25 * far["D"] ** 0.1
    for seed in range(1000):
        y, N, D = planted(seed)
        law = fit_product(y, N=N, D=D)
        low, high = law.interval(**far)
        lowest, highest = law.interval(new=True, level=0.8, **far)
        run = truth * np.exp(0.1 * rng.standard_normal())
        held += [
            law.exponents["N"].covers(-0.25),
            law.exponents["D"].covers(0.1),
            low < truth < high,
            lowest < run < highest,
        ]
    np.testing.assert_allclose(held / 1000, [0.95, 0.95, 0.95, 0.8], atol=0.03)


def test_units_change_the_constant_alone():
    """Exponents, residuals and relative intervals do not know units."""
    y, N, D = planted(0)
    one, two = fit_product(y, N=N, D=D), fit_product(100 * y, N=N / 1e6, D=D)
    for name in ("N", "D"):
        assert one.exponents[name].value == pytest.approx(two.exponents[name].value)
        assert one.exponents[name].stderr == pytest.approx(two.exponents[name].stderr)
    np.testing.assert_allclose(one.residuals, two.residuals, atol=1e-12)
    assert two(N=1e3, D=1e9) == pytest.approx(100 * one(N=1e9, D=1e9))


def test_tables_and_labels():
    """A table of several sizes is fitted at once; residuals keep its labels."""
    y, N, D = planted(1)
    curve = read({"N": N, "D": D, "lr": y}, ["N", "D"], "lr")
    law = fit_product(curve)
    plain = fit_product(y, N=N, D=D)
    assert law.exponents["D"].value == pytest.approx(plain.exponents["D"].value)
    assert law.residuals.dims == ("run",)
    D = xr.DataArray([1e9, 1e10], dims="D", coords={"D": [1e9, 1e10]})
    assert law(N=1e8, D=D).dims == ("D",)
    assert law.interval(N=1e8, D=D)[0].dims == ("D",)
    assert "N^-0.2" in str(law)


def test_without_freedom_nothing_is_bounded():
    """Three runs and three parameters: exact, and no interval."""
    y, N, D = planted(2, n=3)
    law = fit_product(y, N=N, D=D)
    assert law.exponents["N"].interval() == (-np.inf, np.inf)
    assert law.interval(N=1e8, D=1e9) == (0, np.inf)
    assert law(N=N, D=D) == pytest.approx(y)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({}, "need sizes by name"),
        ({"N": [1, 2, 4, 8], "D": [20, 40, 80, 160]}, "N goes together with"),
        ({"N": [1, 2, 4, 8], "D": [3, 3, 3, 3]}, "D is the same in all"),
        ({"N": [1, 2, 4]}, "shapes"),
        ({"N": [1, 2, 4, 0]}, "N must be finite and positive"),
        ({"N": [1, 2, 4, np.nan]}, "N must be finite and positive"),
        ({c: np.geomspace(1, 8, 4) for c in "ABCD"}, "at least 5 runs"),
    ],
)
def test_what_cannot_be_fitted_is_refused(sizes, said):
    """The error names the size."""
    with pytest.raises(ValueError, match=said):
        fit_product([1.0, 2.0, 3.0, 4.5], **sizes)


def test_a_law_is_asked_for_all_its_sizes():
    """Neither fewer nor others."""
    y, N, D = planted(3)
    law = fit_product(y, N=N, D=D)
    for sizes in ({"N": 1.0}, {"N": 1.0, "D": 1.0, "C": 1.0}, {"N": 1.0, "C": 1.0}):
        with pytest.raises(ValueError, match="by name, N, D"):
            law(**sizes)
    with pytest.raises(ValueError, match="one shape"):
        law(N=[1.0, 2.0], D=[1.0, 2.0, 3.0])
    curve = read({"N": N, "D": D, "lr": y}, ["N", "D"], "lr")
    with pytest.raises(ValueError, match="labels"):
        fit_product(curve, N=N)
