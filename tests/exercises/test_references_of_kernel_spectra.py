"""References of chapter 5, by another road: the package, quadrature, counting."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.special import j0
from test_references import SEEDS, posed
from thorough import long

from scalinglib import kernels, local_exponents, spectra, theory
from scalinglib.exercises.catalogue import look_up


@SEEDS
def test_steps(seed):
    """Gauss's rule on the circle, for the package's kernel."""
    found, case = posed("ex-steps", seed)
    K = kernels.profile(kernels.arc_cosine, order=0)
    lam = spectra.sphere(K, d=1, degrees=60).lam
    assert found == pytest.approx(lam[case["k"] :][:2], abs=1e-12)


@SEEDS
def test_next_order(seed):
    """The sum itself, solved: nearer to it than a tenth of the correction."""
    found, case = posed("ex-tail-steps", seed)
    A, alpha, D = case.values()
    exact = A * theory.kernel_loss(spectra.PowerLaw(alpha=alpha), D)
    limit = A * theory.large_m_constant(alpha) * D**-alpha
    assert abs(found / exact - 1) < 0.1 * abs(limit / exact - 1)
    assert found == pytest.approx(exact, rel=5e-4)


@long
@SEEDS
def test_late_tail(seed):
    """The package's constants; and the curve of the summed spectrum, roughly."""
    (limit, index, local), case = posed("ex-sum", seed)
    eps, D = case.values()
    far = np.array([1e9, 1e10])
    tail = local_exponents(far, far**-3 + eps * far**-2)[1][0]
    assert limit + 1 == pytest.approx(tail, abs=1e-4)
    assert brentq(lambda n: n**-3 - eps * n**-2, 1, 1e6) == pytest.approx(index)
    near = D * np.exp([-1e-3, 1e-3])
    steep, flat = (theory.large_m_constant(alpha) for alpha in (2, 1))
    added = steep * near**-2 + eps * flat / near
    assert local == pytest.approx(local_exponents(near, added)[1][0], abs=1e-5)
    n = np.arange(1, 400_001.0)
    solved = theory.kernel_loss(
        n**-3 + eps * n**-2, near, ridge=eps / n[-1], noise=eps / n[-1]
    )
    assert local == pytest.approx(local_exponents(near, solved)[1][0], rel=0.06)


@SEEDS
def test_bound(seed):
    """Averages over steps by quadrature; and no spectrum of its kind breaks it."""
    found, case = posed("ex-bound", seed)
    B, t, M = case.values()

    def seen(s):
        """Average of a wave with s oscillations within the longest step."""
        return quad(lambda h: (2 * np.sin(np.pi * s * h)) ** 2, 0, 1, limit=200)[0]

    grid = np.linspace(1, 4, 301)
    start = grid[np.argmin([seen(s) for s in grid])]
    least = minimize_scalar(seen, bracket=(start - 0.02, start, start + 0.02)).fun
    above = quad(lambda h: B * h**t, 0, 1 / M)[0] * M
    assert found == pytest.approx(above / least, rel=1e-5)
    k = np.arange(1.0, 40_001)
    b = k ** -(1 + t)  # of each sign
    h = np.geomspace(1e-3, 0.5, 60)
    of_h = (2 * b * (2 * np.sin(np.pi * np.outer(h, k))) ** 2).sum(axis=1)
    scale = B / (of_h / h**t).max()  # so that the constant is B
    tail = scale * 2 * b[k >= M].sum()
    assert found / 100 < tail < found


@pytest.mark.parametrize("d", [2, 3, 4])
def test_product(d):
    """Tuples are counted one by one, and the count is followed to where it rules."""
    _, case = posed("ex-product")
    of_product, t = look_up("ex-product").reference, case["t"]
    tuples = ones = np.ones(20_000)
    for _ in range(d - 1):
        tuples, before = np.zeros_like(ones), tuples
        for k in range(1, len(ones) + 1):
            tuples[k - 1 :: k] += before[: len(ones) // k]
    R = np.arange(1.0, len(ones) + 1)
    polynomial = np.polyfit(np.log(R[99:]), (np.cumsum(tuples) / R)[99:], d)
    assert abs(polynomial[0]) < 0.02  # no higher power of the logarithm
    log_R = np.geomspace(1e4, 1e8, 20)
    log_n = log_R + np.log(np.polyval(polynomial[1:], log_R))
    parts = np.stack([log_n, np.log(log_n), np.ones(20)], axis=1)
    slope, of_log, _ = np.linalg.lstsq(parts, -(1 + t) * log_R)[0]
    alpha, promised, power = of_product(t, d)
    assert slope == pytest.approx(-(1 + alpha), rel=1e-6)
    assert of_log == pytest.approx(power, abs=0.02)
    # The worst case that the bound allows: as strong in all directions.
    k = np.sort(np.linalg.norm(np.indices((12,) * d).reshape(d, -1) + 0.5, axis=0))
    n = np.arange(1, len(k) + 1)
    inside = (k > 2) & (k < 11)
    worst = np.polyfit(np.log(n[inside]), -(d + t) * np.log(k[inside]), 1)[0]
    assert promised == pytest.approx(-worst - 1, abs=0.06)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_embedded(d):
    """Fourier transforms of Laplace's kernel by quadrature, in one to three d."""
    reference = look_up("ex-embedded").reference
    waves = {
        1: lambda r, k: np.cos(k * r),
        2: lambda r, k: r * j0(k * r),
        3: lambda r, k: r * np.sin(k * r) / k,
    }
    wave = waves[d]

    def local(b, k):
        """Local exponent of the transform, by the number of waves up to k."""
        near = k * np.exp([-0.02, 0.02])
        lam = [
            quad(lambda r, k=k: wave(r, k) * np.exp(-r / b), 0, 40 * b, limit=4000)[0]
            for k in near
        ]
        return local_exponents(near**d, lam)[1][0] - 1

    for b, k in ((0.7, 1.5), (2.0, 3.0)):
        limit, around = reference(d, 9, b, k)
        assert around == pytest.approx(local(b, k), abs=1e-3)
    assert limit == pytest.approx(local(1.0, 25.0), abs=5e-3)
