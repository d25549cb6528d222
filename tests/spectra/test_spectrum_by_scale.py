"""What a sample resolves: identities, against sums over modes and brute force."""

import numpy as np
import pytest
from thorough import exhaustive, first_of, long

from scalinglib.laws.averaging import averaged, combined
from scalinglib.spectra.by_scale.bands import APART, band, fall, log_count, modes_above
from scalinglib.spectra.by_scale.matrices import of_features, of_gram
from scalinglib.spectra.by_scale.octaves import NUISANCES, windows
from scalinglib.spectra.by_scale.resolving import resolved
from scalinglib.spectra.by_scale.values import of_eigenvalues

RNG = np.random.default_rng


def modes(P, a):
    """Eigenvalues n^-a."""
    return np.arange(1, P + 1) ** -a


def drawn(N, P, a, *, seed=0, lengths=0.0):
    """Gaussian features with eigenvalues n^-a, times lengths that scatter."""
    rng = RNG(seed)
    F = rng.standard_normal((N, P)) * np.sqrt(modes(P, a))
    s = np.exp(lengths * rng.standard_normal((N, 1)))
    return F * s / np.sqrt((s**2).mean())


def rows_of(F, *, centred=False):
    """A sample of features, and the largest eigenvalue of its Gram matrix."""
    rows = of_features(F, centred=centred, rng=RNG(0))
    F = F - F.mean(axis=0) * centred
    return rows, np.linalg.norm(F, 2) ** 2


SHAPES = pytest.mark.parametrize(
    ("N", "P", "a"), [(3000, 300, 1.2), (800, 2000, 0.8), (800, 2000, 1.6)]
)


@SHAPES
@pytest.mark.parametrize("lengths", first_of([0.6, 0.0]))
def test_degrees_of_freedom_are_sums_over_modes(N, P, a, lengths):
    """At the T that a point tells when the others are known, for unequal rows too.

    The nearest wrong theories: T = N / δ, of infinitely many points; and for unequal
    rows T = (N - z) / δ, that of equal ones.
    """
    rows, unit = rows_of(drawn(N, P, a, lengths=lengths))
    lam = modes(P, a)
    # From a dozen modes that are learned to a quarter of what can be.
    ridges = np.geomspace(N * lam[11], N * lam[150], 5) / unit
    at = resolved(rows, ridges, without=False)

    def off(T):
        L = lam[:, None] * T / unit / (1 + lam[:, None] * T / unit)
        return np.abs(np.log(at.z / L.sum(axis=0))).max()

    assert off(at.T) < 0.012
    assert off(N / ridges) > 0.04 or P < N
    if lengths:
        assert off((N - at.z) / ridges) > 2 * off(at.T) + 0.004


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(("N", "P"), [(120, 80), (80, 200)])
def test_without_a_point(N, P, centred):
    """The degrees of freedom exactly, T to some per cent of its scatter."""
    F = drawn(N, P, 1.2, lengths=0.3)
    rows, unit = rows_of(F, centred=centred)
    ridges = np.geomspace(0.05, 2e-3, 3)
    at = resolved(rows, ridges)
    z, T = np.empty((2, N, 3))
    for i in range(N):
        rest, own = rows_of(np.delete(F, i, axis=0), centred=centred)
        there = resolved(rest, ridges * unit / own, without=False)
        z[i], T[i] = there.z, there.T * unit / own
    np.testing.assert_allclose(at.z_without, z, rtol=1e-9)
    ratio = np.log(at.T_without).std(axis=0) / np.log(T).std(axis=0)
    assert (np.abs(ratio - 1) < 0.15).all()
    for one, other in zip(at.T_without.T, T.T, strict=True):
        assert np.corrcoef(np.log(one), np.log(other))[0, 1] > 0.9


def test_a_band_is_a_sum_over_modes_nearby():
    """Identity of the third divided difference; far modes fall as squares."""
    lam = RNG(0).pareto(1.0, 50)
    T = np.exp(0.3 + APART * 1.3)
    z = (lam[:, None] * T / (1 + lam[:, None] * T)).sum(axis=0)
    near = (lam * np.exp(0.3)) ** 2 / (1 + lam[:, None] * T).prod(axis=1)
    assert band(z, T) == pytest.approx(near.sum(), rel=1e-10)
    for far in (1e-4, 1e4):
        L = far * T / (1 + far * T)
        y = far * np.exp(0.3)
        assert band(L, T) == pytest.approx(min(y, 1 / y) ** 2, rel=0.02)


@long
@pytest.mark.parametrize("a", [0.7, 1.0, 1.3, 2.0, 4.0])
@pytest.mark.parametrize("columns", [500, 4000, np.inf])
def test_counts_of_a_power_law(a, columns):
    """Summed by quadrature beyond the first thousand modes, to the end."""
    T = np.exp(APART)
    many = 3_000_000 if np.isinf(columns) else columns
    lam = 30.0**a * modes(many, a)
    exact = (lam**2 / (1 + lam[:, None] * T).prod(axis=1)).sum()
    if np.isinf(columns):  # what is beyond
        exact += 30 ** (2 * a) * many ** (1 - 2 * a) / (2 * a - 1)
    found = log_count(a, a * np.log(30), T, columns)
    assert found == pytest.approx(np.log(exact), abs=2e-6 if a >= 1 else 2e-5)
    endless = log_count(a, a * np.log(30), np.exp(1e-4 * APART), np.inf)
    if a >= 1:
        assert modes_above(np.exp(endless), a) == pytest.approx(30, rel=0.05)


@pytest.mark.parametrize("a", [0.6, 0.8, 1.5, 3.0])
@pytest.mark.parametrize("columns", [300, np.inf])
def test_two_counts_tell_the_exponent(a, columns):
    """There and back; the end is reckoned with."""
    T = np.exp(np.array([[0.0], [a * np.log(2)]]) + APART)
    top = a * np.log(20)
    steps = (0.0, a * np.log(2))
    log_G = [log_count(a, top + s, np.exp(APART), columns) for s in steps]
    found = fall(np.array(log_G), T, columns)
    np.testing.assert_allclose(found, (a, top), rtol=1e-7)
    if np.isfinite(columns) and a < 1:
        endless, _ = fall(np.array(log_G), T, np.inf)
        assert not abs(endless - a) < 0.02


def test_no_power_law_has_falling_counts():
    """Then there is no answer."""
    T = np.exp([APART, 1 + APART])
    assert np.isnan(fall(np.array([3.0, 2.0]), T, np.inf)).all()


@long
@pytest.mark.parametrize("name", first_of(["head", "floor", "longer"]))
def test_responses(name):
    """What a head, a floor or a later end does to the exponents of a large sample."""
    P, a = 600, 1.2
    sizes = {"head": 1, "floor": 0.05, "longer": 0.05}
    rng = RNG(1)
    Z = rng.standard_normal((6000, 660))
    plain = windows(rows_of(Z[:, :P] * np.sqrt(modes(P, a)))[0])
    size = sizes[name]
    if name == "head":
        F = Z[:, : P + 1] * np.sqrt(np.r_[modes(P, a), 4**-a])
    elif name == "floor":
        finest = plain.kappa[-1]  # of the largest eigenvalue, which is one
        F = Z[:, :P] * np.sqrt(modes(P, a) + size * finest)
    else:
        longer = round(P * np.exp(size))
        F = Z[:, :longer] * np.sqrt(modes(longer, a))
    rows, _ = rows_of(F)
    if name != "floor":
        rows = type(rows)(**(vars(rows) | {"columns": P}))
    changed = windows(rows)
    assert len(changed) >= 4
    at, where = (np.log(w.n).mean(axis=1) for w in (plain, changed))
    moved = changed.a - np.interp(where, at, plain.a)
    expected = np.interp(where, at, size * plain.responses[NUISANCES.index(name)])
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(moved, expected, atol=0.25 * np.abs(expected).max())


def test_response_to_what_is_beyond():
    """Taken for endless, a finite spectrum lacks modes far below: the same shape."""
    rows, _ = rows_of(drawn(2000, 500, 0.9, seed=2))
    known = windows(rows)
    endless = windows(type(rows)(**(vars(rows) | {"columns": np.inf})))
    assert len(known) == len(endless) >= 3
    moved, expected = endless.a - known.a, endless.responses[NUISANCES.index("beyond")]
    assert (np.abs(moved) > 0.005).all()
    assert np.corrcoef(moved, expected)[0, 1] < -0.9  # too few, not too many
    assert (known.responses[NUISANCES.index("late")][1:] < known.a[1:]).all()


@pytest.mark.parametrize("P", [300, 900])
def test_three_ways_in(P):
    """The same exponents, errors of eigenvalues alone as those of Gaussian rows."""
    F = drawn(500, P, 1.1, seed=3)
    lam = np.linalg.eigvalsh(F @ F.T)
    ways = (
        rows_of(F)[0],
        of_gram(F @ F.T, centred=False, columns=P, rng=RNG(0)),
        of_eigenvalues(7 * lam, centred=False, points=500, columns=P, rng=RNG(0)),
    )
    first, second, third = (windows(rows) for rows in ways)
    np.testing.assert_allclose(first.a, second.a, rtol=1e-6)
    np.testing.assert_allclose(first.a, third.a, rtol=0.02)
    error, as_drawn = (np.sqrt(np.diagonal(w.covariance)) for w in (first, third))
    np.testing.assert_allclose(as_drawn, error, rtol=0.3)


@exhaustive
def test_errors_are_those_of_new_draws():
    """A jackknife's: not below the scatter, at most one and a half times of it."""
    seen = [windows(rows_of(drawn(400, 300, 1.3, seed=s))[0]) for s in range(30)]
    scatter = np.std([w.a[:3] for w in seen], axis=0, ddof=1)
    error = np.sqrt(np.mean([np.diagonal(w.covariance)[:3] for w in seen], axis=0))
    assert (error > 0.8 * scatter).all()
    assert (error < 1.9 * scatter).all()


def test_errors_are_those_of_points_left_out():
    """The jackknife in closed form, against windows of every smaller sample."""
    F = drawn(60, 50, 1.2, seed=4)
    whole = windows(rows_of(F)[0])
    fewer = [windows(rows_of(np.delete(F, i, axis=0))[0]).a for i in range(60)]
    assert {len(a) for a in fewer} == {len(whole)}
    brute = 59 * np.cov(np.transpose(fewer), bias=True)
    np.testing.assert_allclose(
        np.diagonal(whole.covariance), np.diagonal(np.atleast_2d(brute)), rtol=0.3
    )


def test_models_are_combined_by_their_evidence():
    """As if all their amplitudes stood in one grid."""
    y, C, terms = np.array([1.0, 1.2, 0.9]), 0.01 * np.eye(3), np.eye(3)[None]
    grid, prior = np.array([[0.0], [0.1], [0.5]]), np.log([0.5, 0.25, 0.25])
    whole = averaged(y, C, terms, grid, prior, floor=0.0)
    parts = [
        averaged(y, C, terms, grid[some], prior[some], floor=0.0)
        for some in (slice(1), slice(1, 3))
    ]
    both = combined(parts)
    assert both.evidence == pytest.approx(whole.evidence)
    for share in (0.025, 0.5, 0.9):
        assert both.quantile(share) == pytest.approx(whole.quantile(share), rel=1e-6)
