"""Learning curves from a spectrum: identities, limits, two roads, simulation."""

import mpmath as mp
import numpy as np
import pytest
import xarray as xr
from coupled_equations import nested_roots

from scalinglib.random_features import gaussian
from scalinglib.regression import leave_one_out
from scalinglib.spectra import PowerLaw
from scalinglib.theory import (
    extrapolated_loss,
    finite_size_loss,
    kare,
    kernel_loss,
    large_m_constant,
    learnabilities,
    missed_power,
    predicted_exponent,
    random_feature_loss,
    resolution,
)

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
ALPHAS = pytest.mark.parametrize("alpha", [0.1, 0.25, 1.0, 3.0])


def draw(seed, S=300):
    """Eigenvalues, powers and sizes of a random problem."""
    rng = np.random.default_rng(seed)
    lam = np.sort(rng.exponential(size=S) ** 3)[::-1]
    D, P = 10 ** rng.uniform(0, 2.4, (2, 40))
    return lam, rng.exponential(size=S), D, P


def mp_sum(alpha, gamma):
    """Return Σ 1 / (1 + γ i^a) and minus its derivative by log γ, to 30 digits.

    For small γ by Mellin's transform, an asymptotic series. Otherwise term by term
    until γ i^a > 2, and from there by the geometric series and Hurwitz's ζ.
    """
    a, gamma = 1 + mp.mpf(alpha), mp.mpf(gamma)
    if gamma < 1e-3:
        angle = mp.pi / a
        main = gamma ** (-1 / a) * angle / mp.sin(angle)
        powers = [(-gamma) ** k * mp.zeta(-k * a) for k in range(12)]
        return main + mp.fsum(powers), main / a - mp.fsum(
            k * p for k, p in enumerate(powers)
        )
    N = int((2 / gamma) ** (1 / a)) + 1
    L = [1 / (1 + gamma * mp.mpf(i) ** a) for i in range(1, N)]
    powers = [(-1) ** (k - 1) * gamma**-k * mp.zeta(k * a, N) for k in range(1, 90)]
    return mp.fsum(L + powers), mp.fsum(
        [x * (1 - x) for x in L] + [k * p for k, p in enumerate(powers, 1)]
    )


@ALPHAS
@pytest.mark.parametrize("exponent", [2, 1, -2, -6, -12])
def test_sums_over_infinitely_many_modes(alpha, exponent):
    """Σ λ/(λ+γ) and Σ λγ/(λ+γ)² against series in ζ, to ten digits."""
    gamma = 10.0 ** (exponent * (1 + alpha if exponent < 0 else 1))
    x, w = PowerLaw(alpha).quadrature(gamma ** (-1 / (1 + alpha)) + 1)
    L = 1 / (1 + gamma * x ** (1 + alpha))
    z, spread = mp_sum(alpha, gamma)
    assert w @ L == pytest.approx(float(z), rel=1e-10)
    assert w @ (L * (1 - L)) == pytest.approx(float(spread), rel=1e-9)


@ALPHAS
@pytest.mark.parametrize(
    ("D", "P"), [(1e13, 2e13), (1e13, np.inf), (30, 1e13), (1e13, 30), (100, 1e6)]
)
def test_corners_of_a_large_grid(alpha, D, P):
    """L(D, P) at up to 10¹³ points and features against high precision."""
    with mp.workdps(40):
        m, M = mp.mpf(min(D, P)), mp.mpf(max(D, P))
        start = mp.log(large_m_constant(alpha)) - (1 + mp.mpf(alpha)) * mp.log(m)
        u = mp.findroot(lambda u: mp_sum(alpha, mp.exp(u))[0] / m - 1, start)
        expected = m * mp.exp(u) / (1 - m / M)
    found = random_feature_loss(PowerLaw(alpha), D, P)
    assert found == pytest.approx(float(expected), rel=1e-10)


@pytest.mark.parametrize("D", [10, 100, 1000])
def test_closed_forms_for_inverse_squares(D):
    """λ = i⁻²: κ = π²/(2D+1)², L = Dπ²/(2D+1)², and 4D/(2D+1) for pure noise."""
    spectrum, kappa = PowerLaw(1), np.pi**2 / (2 * D + 1) ** 2
    assert resolution(spectrum, D).kappa == pytest.approx(kappa, rel=1e-10)
    assert kernel_loss(spectrum, D) == pytest.approx(D * kappa, rel=1e-10)
    nothing = np.zeros(1)
    noise = kernel_loss(spectrum, D, target=nothing, noise=1.0)
    assert noise == pytest.approx(4 * D / (2 * D + 1), rel=1e-10)


@ALPHAS
def test_laws_for_many_points(alpha):
    """L → C m^(−α), E₀ → 1 + α, and m + ½ for m is better than m."""
    spectrum, D, C = PowerLaw(alpha), 1e9, large_m_constant(alpha)
    assert kernel_loss(spectrum, D) == pytest.approx(C * D**-alpha, rel=1e-6)
    noise = kernel_loss(spectrum, D, target=[0.0], noise=1.0)
    assert noise == pytest.approx(1 + alpha, rel=1e-6)
    shifted = np.abs(kernel_loss(spectrum, 10) / (C * 10.5**-alpha) - 1)
    assert shifted < np.abs(kernel_loss(spectrum, 10) / (C * 10.0**-alpha) - 1)


@pytest.mark.parametrize(
    ("alpha", "beta"), [(1.0, None), (0.5, 2.0), (1.0, 0.3), (0.5, 6.0), (1.0, 9.0)]
)
def test_exponents(alpha, beta):
    """The local exponent far out is the predicted one, saturated or not."""
    target = None if beta is None else PowerLaw(beta)
    D = np.array([1e6, 1e7])
    loss = kernel_loss(PowerLaw(alpha), D, target=target)
    found = -np.diff(np.log10(loss))[0]
    assert found == pytest.approx(predicted_exponent(alpha, beta), rel=0.01)


@SEEDS
def test_duality(seed):
    """Without ridge and noise D and P can be exchanged, to 1e-12."""
    lam, _, D, P = draw(seed)
    there, back = random_feature_loss(lam, D, P), random_feature_loss(lam, P, D)
    np.testing.assert_allclose(there, back, rtol=1e-12)
    m, M = np.minimum(D, P), np.maximum(D, P)
    gamma = resolution(lam, D, P).gamma
    np.testing.assert_allclose(there, m * gamma / (1 - m / M), rtol=1e-10)


@SEEDS
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 10.0])
def test_infinitely_many_features_are_a_kernel(seed, ridge):
    """P → ∞ is kernel regression, to 1e-10."""
    lam, v2, D, _ = draw(seed)
    options = {"target": v2, "ridge": ridge, "noise": 0.1}
    wide = random_feature_loss(lam, D, 1e15, **options)
    np.testing.assert_allclose(wide, kernel_loss(lam, D, **options), rtol=1e-10)


@SEEDS
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 10.0])
def test_learnability_is_conserved(seed, ridge):
    """Σ L_i + δ/κ = D for kernels; with P features the other equation holds too."""
    lam, _, D, P = draw(seed)
    L = learnabilities(lam, D, ridge=ridge).sum(axis=-1)
    kappa = resolution(lam, D, ridge=ridge).kappa
    np.testing.assert_allclose(L + ridge / kappa, D, rtol=1e-10)
    if ridge:
        kappa, gamma = resolution(lam, D, P, ridge=ridge)
        L = learnabilities(lam, D, P, ridge=ridge).sum(axis=-1)
        np.testing.assert_allclose(L + ridge / kappa, D, rtol=1e-10)
        np.testing.assert_allclose(L + P * kappa / gamma, P, rtol=1e-10)


@SEEDS
@pytest.mark.parametrize("ridge", [1e-2, 5.0])
def test_against_the_coupled_equations(seed, ridge):
    """The same loss as from nested root-finding and the formula as published."""
    lam, v2, D, P = draw(seed)
    found = random_feature_loss(lam, D, P, target=v2, ridge=ridge, noise=0.2)
    dumb = [
        nested_roots(lam, *sizes, v2, ridge, 0.2) for sizes in zip(D, P, strict=True)
    ]
    np.testing.assert_allclose(found, dumb, rtol=1e-8)


@pytest.mark.parametrize("P", [50, 99, 100, 101, 200, np.inf])
def test_small_ridges_lead_to_none(P):
    """δ → 0 is continuous but at D = P, where the loss grows as 1/√δ."""
    lam = np.arange(1, 2001) ** -2.0
    tiny, smaller = (random_feature_loss(lam, 100, P, ridge=r) for r in (1e-16, 1e-20))
    if P == 100:
        assert smaller / tiny == pytest.approx(100, rel=0.01)
        assert random_feature_loss(lam, 100, 100) == np.inf
    else:
        assert smaller == pytest.approx(random_feature_loss(lam, 100, P), rel=1e-4)


def test_a_target_as_smooth_as_one_likes_loses_no_digits():
    """What is left of well-learned modes is (1 − L)², not a difference of ones."""
    lam, v2 = np.array([1.0, 1e-8, 1e-9, 1e-9]), np.array([1.0, 0, 0, 0])
    L = learnabilities(lam, 2.5)
    D, q, gamma = 2.5, (L**2).sum(), resolution(lam, 2.5).gamma
    expected = D / (D - q) * (gamma / (1 + gamma)) ** 2
    assert expected < 1e-15
    assert kernel_loss(lam, D, target=v2) == pytest.approx(expected, rel=1e-9)


def test_unlearnable_power_stays():
    """Power in modes with λ = 0 is never learned, whatever D and P."""
    lam, v2 = np.array([1.0, 0.5, 0.25, 0.0]), np.array([1.0, 1, 1, 0.7])
    assert random_feature_loss(lam, np.inf, np.inf, target=v2) == pytest.approx(0.7)
    assert kernel_loss(lam, 1e9, target=v2, ridge=1e-3) == pytest.approx(0.7, rel=1e-6)


def test_shapes_and_infinities():
    """D and P broadcast; both may be infinite; scalars give scalars."""
    loss = random_feature_loss(PowerLaw(1), [[10], [np.inf]], [5, 20, np.inf])
    assert loss.shape == (2, 3)
    assert loss[1, 2] == 0
    assert np.isfinite(loss).all()
    assert loss[1, 0] == pytest.approx(random_feature_loss(PowerLaw(1), 5, np.inf))
    assert np.ndim(kernel_loss(PowerLaw(1), 7)) == 0
    noisy = random_feature_loss(PowerLaw(1), np.inf, np.inf, noise=0.3)
    assert noisy == pytest.approx(0.3)


SQUARES = np.arange(1, 11) ** -2.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel_loss(SQUARES[::-1], 3), "spectrum must be in falling order"),
        (lambda: kernel_loss(-SQUARES, 3), "spectrum must not be negative"),
        (lambda: kernel_loss(0 * SQUARES, 3), "spectrum must not be .* all zero"),
        (lambda: kernel_loss(np.nan * SQUARES, 3), "spectrum must be finite, got nan"),
        (lambda: kernel_loss([SQUARES], 3), r"spectrum must be .*\(S,\), got shape"),
        (lambda: kernel_loss([], 3), r"spectrum must .* got shape \(0,\)"),
        (lambda: kernel_loss(SQUARES, 10), "number of modes, 10, unless .* got 10"),
        (
            lambda: random_feature_loss(SQUARES, np.inf, 20, ridge=1.0),
            "number of modes, 10, unless there is a ridge and D is finite; got 20",
        ),
        (lambda: kernel_loss(SQUARES, 0), "D must be above zero .* got 0"),
        (lambda: kernel_loss(SQUARES, [1, np.nan]), "D must be above zero"),
        (lambda: random_feature_loss(SQUARES, 3, -1), "P must be above zero"),
        (lambda: kernel_loss(SQUARES, 3, ridge=-1), "ridge must be a finite number >="),
        (lambda: kernel_loss(SQUARES, 3, noise=-1), "noise must be a finite number >="),
        (lambda: kernel_loss(SQUARES, 3, target=[1.0]), r"each mode, \(10,\)"),
        (lambda: kernel_loss(SQUARES, 3, target=-SQUARES), "not negative: it is v²"),
        (
            lambda: random_feature_loss(SQUARES, [1, 2], [1, 2, 3]),
            r"D and P must broadcast .* got \(2,\) and \(3,\)",
        ),
        (lambda: learnabilities(PowerLaw(1), 3), "modes must be a whole number"),
        (lambda: learnabilities(SQUARES, 3, modes=11), "modes must be at most 10"),
        (lambda: predicted_exponent(0), "alpha must be above zero, got 0"),
        (lambda: large_m_constant(-1), "alpha must be above zero, got -1"),
        (lambda: PowerLaw(0), "alpha must be from 0.001 to 30, got 0"),
        (lambda: PowerLaw(1)([0]), "i must be finite and positive"),
    ],
)
def test_rejects_what_is_no_spectrum(call, message):
    """Spectra, sizes and settings out of range are named."""
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_next_order_of_a_power_law(alpha):
    """It adds α / (2m), and the exact pole (M − 1) / (M − m − 1)."""
    spectrum, D = PowerLaw(alpha), np.array([1e5, 1e6])
    limit = finite_size_loss(spectrum, D)
    added = (limit / kernel_loss(spectrum, D) - 1) * D
    np.testing.assert_allclose(added, alpha / 2, rtol=2e-3)
    finite = finite_size_loss(spectrum, D, 2e6)
    np.testing.assert_allclose(finite, limit * (2e6 - 1) / (2e6 - D - 1), rtol=1e-12)


def test_next_order_is_symmetric_and_has_a_wider_pole():
    """Duality; infinite for |D − P| ≤ 1 as the mean is; nothing is left at ∞."""
    D, P = (
        np.array([3.0, 10, 11, 400, 1e9])[:, None],
        np.array([4.0, 12, 300, np.inf]),
    )
    loss = finite_size_loss(PowerLaw(0.5), D, P)
    np.testing.assert_allclose(loss, finite_size_loss(PowerLaw(0.5), P, D), rtol=1e-13)
    assert np.isinf(loss).tolist() == (abs(D - P) <= 1).tolist()
    assert finite_size_loss(PowerLaw(0.5), np.inf) == 0
    lam = np.arange(1, 2001) ** -2.0
    with pytest.raises(ValueError, match="must be below the number of modes, 2000"):
        finite_size_loss(lam, 2000)
    np.testing.assert_allclose(
        finite_size_loss(lam, 20, 50), finite_size_loss(lam, [20], [50])[0]
    )


def test_next_order_of_a_plane_is_that_of_its_points():
    """Entry by entry, as numbers where a number was asked for."""
    D, P = np.array([5.0, 30, 7]), np.array([9.0, 5.5, 100, 31])
    plane = finite_size_loss(PowerLaw(1), D[:, None], P)
    single = [[finite_size_loss(PowerLaw(1), d, p) for p in P] for d in D]
    np.testing.assert_allclose(plane, single, rtol=1e-12)
    assert plane[0, 1] == np.inf  # |D − P| is a half
    for function in (finite_size_loss, kernel_loss):
        assert np.ndim(function(PowerLaw(1), 5)) == 0
        assert float(function(PowerLaw(1), 5)) > 0


@pytest.mark.parametrize(
    ("spectrum", "D", "message"),
    [
        ([1.0, 1e-6, 1e-7], 1, "spectrum must fall slowly and without gaps"),
        (PowerLaw(30), 1, "spectrum must fall slowly and without gaps"),
        (PowerLaw(1), 0.5, "D and P must be at least 1, got 0.5"),
    ],
)
def test_next_order_refuses_where_it_is_no_small_term(spectrum, D, message):
    """Next to a gap, in a very steep spectrum, below one point."""
    with pytest.raises(ValueError, match=message):
        finite_size_loss(spectrum, D)


def test_labelled_sizes_are_not_paired_by_accident():
    """Two labelled sizes with different names are refused: crossing was meant."""
    D, P = xr.DataArray([3, 4], dims="D"), xr.DataArray([8, 9], dims="P")
    with pytest.raises(ValueError, match="D and P must not have different labels"):
        random_feature_loss(PowerLaw(1), D, P)


def test_learnability_with_infinitely_many_points():
    """A mode that is not there is not learned, all others are."""
    np.testing.assert_array_equal(learnabilities([1.0, 0.0], np.inf), [1, 0])


# -- estimates from training data ----------------------------------------------------


def noisy_problem(seed, D, noise=0.0, S=2000):
    """Gram matrix and targets of Gaussian features with λ = i^-2, and their tail."""
    rng = np.random.default_rng(seed)
    F = gaussian(PowerLaw(1.0)(np.arange(1, S + 1)), D, rng=rng)
    root = np.sqrt(1 / (S + 0.5))  # of the variance in what is beyond S
    Y = F @ (rng.standard_normal(S)) + root * rng.standard_normal(D)
    Y += noise**0.5 * rng.standard_normal(D)
    return F @ F.T + root**2 * np.eye(D), Y


@SEEDS
@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_kare_is_generalised_cross_validation(seed, ridge):
    """D |(1 − H) Y|² / (tr (1 − H))² with the hat matrix H, at every size."""
    K, Y = noisy_problem(seed, 60)
    Y = np.stack([Y, Y**2], axis=1)
    for D, found in zip([7, 60], kare(K, Y, [7, 60], ridge=ridge), strict=True):
        rest = np.eye(D) - K[:D, :D] @ np.linalg.inv(K[:D, :D] + ridge * np.eye(D))
        expected = D * ((rest @ Y[:D]) ** 2).sum() / np.trace(rest) ** 2
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_kare_is_the_loss_on_average(noise, ridge):
    """Its mean over data sets is theory's loss, to 4 standard errors and 3 / D."""
    sizes = [100, 200]
    found = [
        kare(*noisy_problem(seed, 200, noise), sizes, ridge=ridge) for seed in range(60)
    ]
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / 60**0.5
    expected = kernel_loss(PowerLaw(1.0), sizes, ridge=ridge, noise=noise)
    # The next order in 1/D is at most 3 (400 data sets, D = 50 to 200).
    assert (abs(mean - expected) < (4 * error + 3 * expected / sizes)).all()
    assert (error < 0.05 * expected).all()


@SEEDS
def test_kare_and_leave_one_out(seed):
    """For Gaussian features both estimate the same loss; no number is the other's."""
    K, Y = noisy_problem(seed, 300, noise=0.1)
    left_out = (leave_one_out(K, Y, ridge=0.01) ** 2).mean()
    (found,) = kare(K, Y, [300], ridge=0.01)
    assert found == pytest.approx(left_out, rel=0.05)
    assert found != left_out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"K": np.ones((2, 3))}, r"K must be finite and \(D, D\)"),
        (
            {"K": np.ones((2, 2))},
            "K must be positive definite, but given the points",
        ),
        ({"Y": [1.0]}, r"Y must be finite and \(2,\) or \(2, C\)"),
        ({"Y": [1.0, np.nan]}, "Y must be finite"),
        ({"sizes": [3]}, "sizes must be increasing integers from 1 to 2"),
        ({"ridge": -1.0}, "ridge must be a finite number >= 0"),
    ],
)
def test_kare_rejects(arguments, message):
    """What has no estimate is named."""
    given = {"K": np.eye(2), "Y": [1.0, 2.0], "sizes": [2]} | arguments
    with pytest.raises(ValueError, match=message):
        kare(**given)


@SEEDS
def test_missed_power_is_kare_without_its_factor(seed):
    """B = L̂ (1 − q/N), and 1/(N − q) is the derivative of κ̂ by the ridge."""
    K, Y = noisy_problem(seed, 60)
    Y = np.stack([Y, Y**2], axis=1)
    for ridge in (0.01, 0.3):
        seen = missed_power(K, Y, [ridge * 0.9999, ridge, ridge * 1.0001])
        slope = (seen.kappa[2] - seen.kappa[0]) / (2e-4 * ridge)
        expected = kare(K, Y, [60], ridge=ridge)[0] / (60 * slope)
        assert seen.power[1] == pytest.approx(expected, rel=1e-6)
        assert seen.learned[1] == pytest.approx(60 - ridge / seen.kappa[1])


@SEEDS
def test_missed_power_by_definition(seed):
    """|R Y|² / tr R² with the inverse itself, for any number of outputs."""
    K, Y = noisy_problem(seed, 40)
    R = np.linalg.inv(K + 0.2 * np.eye(40))
    seen = missed_power(K, Y, [0.2])
    assert seen.kappa[0] == pytest.approx(1 / np.trace(R))
    assert seen.power[0] == pytest.approx(((R @ Y) ** 2).sum() / np.trace(R @ R))
    twice = missed_power(K, np.stack([Y, Y], axis=1), [0.2])
    assert twice.power[0] == pytest.approx(2 * seen.power[0])


def test_missed_power_of_planted_labels():
    """Gaussian features, three lists of powers: the exact sum at κ̂, to 4 s.e. + 1 %."""
    i, N = np.arange(1, 2001), 400
    lam, ridges = i**-2.0, N * np.geomspace(1e-4, 1e-1, 8)
    for beta, noise in ((0.5, 0.0), (1.0, 0.05), (3.0, 0.2)):
        ratios = []
        for seed in range(24):
            rng = np.random.default_rng([seed, 7])
            phi = rng.standard_normal((N, 2000))
            v2 = i ** -(1 + beta)
            y = phi @ (np.sqrt(v2) * rng.choice([-1, 1], 2000))
            y += np.sqrt(noise) * rng.standard_normal(N)
            seen = missed_power((phi * lam) @ phi.T, y, ridges)
            missed = (seen.kappa[:, None] / (lam + seen.kappa[:, None])) ** 2 @ v2
            ratios.append(seen.power / (missed + noise))
        mean, error = np.mean(ratios, axis=0), np.std(ratios, axis=0) / 24**0.5
        assert (abs(mean - 1) < 4 * error + 0.01).all()
        assert (error < 0.03).all()


def test_extrapolated_loss_on_the_prior():
    """Gaussian features, all targets of the prior: theory's curve at 16 N to 10 %."""
    for alpha in (0.5, 1.0):
        lam = np.arange(1, 12_001) ** -(1.0 + alpha)
        rest = PowerLaw(alpha).total - lam.sum()
        found = []
        for seed in range(8):
            f = np.random.default_rng(seed).standard_normal((256, 12_000))
            K = (f * lam) @ f.T + rest * np.eye(256)
            found.append(extrapolated_loss(K, np.linalg.cholesky(K), [256, 4096]))
        expected = kernel_loss(PowerLaw(alpha), [256, 4096])
        np.testing.assert_allclose(np.mean(found, axis=0), expected, rtol=0.1)


@SEEDS
def test_extrapolated_loss_by_its_definition(seed):
    """Two straight lines, drawn here on grids even in log D and in log κ."""
    K, y = noisy_problem(seed, 256)
    D = np.unique(np.geomspace(32, 256, 40).round().astype(int))
    kappa = [1 / np.trace(np.linalg.inv(K[:d, :d])) for d in D]
    slope, start = np.polyfit(np.log(D), np.log(kappa), 1)
    ridges = np.trace(K) * np.geomspace(1e-8, 1e-1, 1500)
    seen = missed_power(K, y, ridges)
    even = np.linspace(
        *np.log(np.interp([32, 4], seen.learned[::-1], seen.kappa[::-1])), 60
    )
    order = np.argsort(seen.kappa)
    power = np.interp(even, np.log(seen.kappa[order]), np.log(seen.power[order]))
    s, level = np.polyfit(even, power, 1)
    expected = -slope * np.exp(level + s * (start + slope * np.log(4096)))
    assert extrapolated_loss(K, y, 4096) == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"K": np.ones((2, 3))}, r"K must be finite and \(D, D\)"),
        ({"K": np.diag([1.0, -1.0])}, "K must have no negative eigenvalue, got -1"),
        (
            {"K": np.diag([1.0, -1e-9])},
            "K must have no negative eigenvalue, got -1e-09",
        ),
        ({"Y": np.ones((2, 0))}, "Y must have at least one output, got none"),
        ({"Y": [1e200, 1.0]}, "Y must be of a size whose squares are floats"),
        ({"Y": [1.0]}, r"Y must be finite and \(2,\) or \(2, C\)"),
        ({"ridges": [0.0]}, "ridges must be finite and positive, got 0.0"),
        ({"ridges": []}, r"ridges must be \(n,\), not empty"),
        ({"ridges": 1.0}, r"ridges must be \(n,\), not empty"),
    ],
)
def test_missed_power_rejects(arguments, message):
    """Each argument, named."""
    accepted = {"K": np.eye(2), "Y": [1.0, 2.0], "ridges": [1.0]}
    with pytest.raises(ValueError, match=message):
        missed_power(**accepted | arguments)


@SEEDS
@pytest.mark.parametrize("unit", [1e-150, 1e150, 1e250])
def test_units_drop_out(seed, unit):
    """K in any unit, ridges with it; labels in any whose squares are floats."""
    K, y = noisy_problem(seed, 80)
    seen, other = (missed_power(c * K, y, [0.1 * c]) for c in (1.0, unit))
    np.testing.assert_allclose(other.kappa / unit, seen.kappa, rtol=1e-9)
    np.testing.assert_allclose(other.learned, seen.learned, rtol=1e-9)
    np.testing.assert_allclose(other.power, seen.power, rtol=1e-9)
    one, two = (extrapolated_loss(c * K, y, 1000) for c in (1.0, unit))
    assert two == pytest.approx(one, rel=1e-6)
    tiny = extrapolated_loss(K, 1e-120 * y, 1000)
    assert tiny * 1e240 == pytest.approx(one, rel=1e-6)


def test_few_modes_are_counted_without_cancellation():
    """For a large ridge z = tr K / δ, however small."""
    seen = missed_power(np.diag([3.0, 2.0, 1.0]), np.ones(3), [1e14, 1e200])
    np.testing.assert_allclose(seen.learned, [6e-14, 6e-200], rtol=1e-12)
    np.testing.assert_allclose(seen.power, 1.0)


def test_extrapolated_loss_rejects():
    """Too few points, sizes out of range, singular matrices."""
    with pytest.raises(ValueError, match="K must hold at least 64 points, got 63"):
        extrapolated_loss(np.eye(63), np.ones(63), 100)
    with pytest.raises(ValueError, match=r"D must be finite and positive, got 0\.0"):
        extrapolated_loss(np.eye(64), np.ones(64), 0)
    with pytest.raises(ValueError, match="K must be positive definite"):
        extrapolated_loss(np.ones((64, 64)), np.ones(64), 100)
    with pytest.raises(ValueError, match="Y must not be zero"):
        extrapolated_loss(np.eye(64), np.zeros(64), 100)
    with pytest.raises(ValueError, match="Y must have at least one output"):
        extrapolated_loss(np.eye(64), np.zeros((64, 0)), 100)
    outlier = np.diag(np.r_[1e16, np.ones(63)])
    with pytest.raises(ValueError, match="K must have eigenvalues without a gap"):
        extrapolated_loss(outlier, np.ones(64), 100)
