"""A Gram matrix that is factored once gives what the matrix gives."""

import numpy as np
import pytest

from scalinglib.learners import leave_one_out
from scalinglib.spectra import Sample, resolutions, samples
from scalinglib.theory import extrapolated_loss, kare, missed_power

N, SIZES = 96, [8, 40, 96]
RNG = np.random.default_rng(0)
F = RNG.standard_normal((N, 400)) * np.arange(1, 401) ** -1.0
K = F @ F.T
Y = F @ RNG.standard_normal((400, 2))
FREE = {  # of units: what has no ridge
    "resolutions": lambda K: resolutions(K),
    "kare": lambda K: kare(K, Y, SIZES),
    "extrapolated": lambda K: extrapolated_loss(K, Y, [200, 1000]),
    "left out": lambda K: leave_one_out(K, Y),
}
ASKED = FREE | {
    "kare with a ridge": lambda K: kare(K, Y, SIZES, ridge=0.3),
    "missed power": lambda K: np.array(missed_power(K, Y, [0.01, 1.0])),
    "left out with a ridge": lambda K: leave_one_out(K, Y, ridge=0.3),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_sample_stands_for_its_matrix(ask):
    """What is asked of it first, and what is asked after other questions."""
    sample = Sample(K)
    for _ in range(2):
        np.testing.assert_allclose(ask(sample), ask(K), rtol=1e-9)
        resolutions(sample), sample.modes()


@pytest.mark.parametrize("scale", [3e-150, 7e150])
@pytest.mark.parametrize("ask", FREE.values(), ids=FREE)
def test_units_of_the_matrix(ask, scale):
    """Units change a resolution by their factor and a loss not at all."""
    expected = ask(K) * (scale if ask is FREE["resolutions"] else 1)
    np.testing.assert_allclose(ask(Sample(scale * K)), expected, rtol=1e-9)


@pytest.mark.parametrize("D", [1, 40, N])
def test_the_first_points_are_a_sample(D):
    """Before the factors are there and after, they are those of the leading block."""
    fresh, used = Sample(K), Sample(K)
    used.inverse_factor(), used.modes()
    for sample in (fresh.first(D), used.first(D), used.first(N).first(D)):
        assert len(sample) == D
        left_out = leave_one_out(sample, Y[:D])
        np.testing.assert_allclose(left_out, leave_one_out(K[:D, :D], Y[:D]), rtol=1e-9)
        found = missed_power(sample, Y[:D], [0.1])
        expected = missed_power(K[:D, :D], Y[:D], [0.1])
        np.testing.assert_allclose(np.array(found), np.array(expected), rtol=1e-9)


def test_each_factor_is_made_once(monkeypatch):
    """One Cholesky factor for each ridge, one eigendecomposition, for all targets."""
    made = []

    def counted(name):
        make = getattr(samples, name)

        def count(*args, **kwargs):
            made.append(name)
            return make(*args, **kwargs)

        return count

    for name in ("cholesky_factor", "eigh"):
        monkeypatch.setattr(samples, name, counted(name))
    sample = Sample(K)
    for y in Y.T:
        resolutions(sample)
        kare(sample, y, SIZES)
        extrapolated_loss(sample, y, 500)
        for D in SIZES:
            leave_one_out(sample.first(D), y[:D])
        kare(sample, y, SIZES, ridge=1.0)
    assert sorted(made) == ["cholesky_factor", "cholesky_factor", "eigh"]


def test_rounding_is_that_of_the_matrix():
    """A float32 matrix of low rank may have eigenvalues as negative as its rounding."""
    few = F[:, :20].astype(np.float32)
    assert Sample(few @ few.T).modes()[0].min() == 0
    with pytest.raises(ValueError, match="no negative eigenvalue, got -"):
        Sample((few @ few.T).astype(float)).modes()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Sample([[1.0, 2.0]]), "K must be finite and"),
        (lambda: Sample([[0.0]]), "K must not be zero"),
        (lambda: Sample([[np.nan]]), "K must be finite"),
        (lambda: Sample(K).first(0), "D must be at least 1, got 0"),
        (lambda: Sample(K).first(N + 1), "D must be at most the 96 points, got 97"),
        (lambda: Sample(K).inverse_factor(-1), "ridge must be .*>= 0, got -1"),
        (lambda: resolutions(Sample(np.ones((3, 3)))), "positive definite beyond"),
        (lambda: kare(Sample(np.ones((3, 3))), [1, 2, 3], [3]), "positive definite"),
        (lambda: kare(Sample(K), Y[:5], [3]), r"Y must be finite and \(96,\)"),
        (
            lambda: Sample(4e9 * (np.ones((3, 3)) - np.eye(3))).inverse_factor(2e9),
            r"pass ridge > 2e\+09",
        ),
    ],
)
def test_rejects(call, message):
    """Matrices and sizes are checked, and remedies are in the user's units."""
    with pytest.raises(ValueError, match=message):
        call()
