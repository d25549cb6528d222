"""Eigenvalues of a Gram matrix that is not stored are those of the one that is."""

from functools import partial

import joblib
import numpy as np
import pytest
from thorough import first_of

from scalinglib.kernels import GramOperator, gaussian, laplace, matern
from scalinglib.spectra import empirical

KERNELS = {
    "matern": partial(matern, nu=1.5, bandwidth=1.0),
    "laplace": partial(laplace, bandwidth=1.0),
    "gaussian": partial(gaussian, bandwidth=1.0),  # beyond rounding at some mode
}


def points(N, n, dtype=float):
    """Uniform in a cube."""
    return np.random.default_rng(0).random((N, n)).astype(dtype)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("n", first_of([12, 3, 1]))
@pytest.mark.parametrize("modes", first_of([40, 1]))
def test_eigenvalues_are_those_of_the_matrix(kernel, n, modes):
    """To 2e-6 where they are above rounding, and as many are trusted."""
    X = points(1500, n)  # more than the start is made of
    found, exact = empirical(GramOperator(kernel, X), modes=modes), empirical(kernel(X))
    lam = exact.lam[:modes]
    sure = lam > 1e-11 * lam[0]
    np.testing.assert_allclose(found.lam[sure], lam[sure], rtol=2e-6)
    assert (np.diff(found.lam) <= 0).all()
    assert found.trusted == min(exact.trusted, sum(lam > 1500 * 2.3e-16 * lam[0]))


def test_singles():
    """What can be trusted is right to a few units of single precision."""
    X = points(1500, 3, np.float32)
    found = empirical(GramOperator(KERNELS["laplace"], X), modes=60)
    exact = empirical(KERNELS["laplace"](X.astype(float))).lam
    assert 20 < found.trusted <= 60
    near = slice(found.trusted)
    np.testing.assert_allclose(found.lam[near], exact[near], rtol=1e-4)


def test_threads_do_not_change_a_bit():
    """As products do not."""
    operator = GramOperator(KERNELS["matern"], points(1300, 5), tile=64)
    alone = empirical(operator, modes=20).lam
    with joblib.parallel_config(n_jobs=3):
        np.testing.assert_array_equal(empirical(operator, modes=20).lam, alone)


def test_few_products_are_taken(monkeypatch):
    """Each costs a matrix: three for one that falls as in the notes."""
    taken = []
    product = GramOperator._matmat
    monkeypatch.setattr(
        GramOperator, "_matmat", lambda K, V: taken.append(V.shape) or product(K, V)
    )
    empirical(GramOperator(KERNELS["matern"], points(2000, 10)), modes=40)
    assert taken == 3 * [(2000, 60)]


def test_a_low_rank():
    """Modes that are not there are zero to rounding, and not trusted."""
    linear = lambda X, Y=None: X @ (X if Y is None else Y).T  # noqa: E731
    found = empirical(GramOperator(linear, points(1500, 4)), modes=10)
    assert found.trusted == 4
    assert abs(found.lam[4:]).max() < 1e-13 * found.lam[0]


def test_eigenvalues_that_are_all_alike():
    """Of a unit matrix any vector will do."""
    unit = lambda X, Y=None: (X == (X if Y is None else Y).T).astype(float)  # noqa: E731
    found = empirical(GramOperator(unit, np.arange(800.0)[:, None]), modes=20)
    np.testing.assert_allclose(found.lam, 1 / 800, rtol=1e-12)


def test_a_spectrum_that_hardly_falls_is_told():
    """In place of numbers that are not those."""
    X = np.random.default_rng(0).standard_normal((1600, 3000))
    linear = lambda X, Y=None: X @ (X if Y is None else Y).T  # noqa: E731
    with pytest.raises(RuntimeError, match=r"fall faster: of the 200 largest one is"):
        empirical(GramOperator(linear, X), modes=200)


@pytest.mark.parametrize(
    ("kernel", "modes", "message"),
    [
        (laplace, None, "modes must be"),
        (laplace, 0, "modes must be at least 1"),
        (laplace, 51, r"at most N/8 = 50 of a GramOperator, got 51.*store the matrix"),
        (lambda X, Y: np.zeros((len(X), len(Y))), 5, "K must not be zero"),
        (lambda X, Y: np.full((len(X), len(Y)), np.nan), 5, "K must be finite"),
    ],
    ids=["none", "no mode", "many", "zero", "nan"],
)
def test_errors(kernel, modes, message):
    """Name the argument and what to do."""
    with pytest.raises(ValueError, match=message):
        empirical(GramOperator(kernel, points(400, 2)), modes=modes)
