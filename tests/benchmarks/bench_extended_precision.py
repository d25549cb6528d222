"""The learning curve that double precision does not reach: t = 5 in one dimension.

Run ``pytest tests/benchmarks/bench_extended_precision.py --benchmark-only -s``, on a
machine whose long double has 64 bits of mantissa or more: two minutes.
"""

import numpy as np
import pytest

LONG = np.longdouble
D = np.array([128, 256, 384, 512])
GRID = 2**13  # places on the circle: no two points are closer than one


def kernel(x, y):
    """Return 1 + Σ 2 cos(2π k (x − y)) / k⁶, a Bernoulli polynomial."""
    r = abs(x[:, None] - y)
    bernoulli = r**6 - 3 * r**5 + LONG(5) / 2 * r**4 - r**2 / 2 + LONG(1) / 42
    return 1 + (2 * LONG(np.pi)) ** 6 * bernoulli / 720


def reduce(K, k):
    """Return L⁻¹ k with K = L Lᵀ; LAPACK has neither in this type."""
    L, half = np.zeros_like(K), k.copy()
    for j in range(len(K)):
        column = K[j:, j] - L[j:, :j] @ L[j, :j]
        L[j:, j] = column / np.sqrt(column[0])
        half[j] /= L[j, j]
        half[j + 1 :] -= L[j + 1 :, j, None] * half[j]
    return half


def losses(seed):
    """Loss on draws from the kernel's prior, at every D."""
    place = np.random.default_rng([9, seed]).choice(GRID, D[-1] + 100, replace=False)
    x = place.astype(LONG) / GRID
    train, test = x[: D[-1]], x[D[-1] :]
    half = reduce(kernel(train, train), kernel(train, test))
    own = kernel(test[:1], test[:1])[0, 0]
    return (own - np.cumsum(half**2, axis=0))[D - 1].mean(axis=1).astype(float)


@pytest.mark.skipif(np.finfo(LONG).eps > 2e-19, reason="needs a longer long double")
def test_exponent_of_the_ninth_curve(benchmark):
    """The exponent is t/d = 5 within 5 %, and its interval over trials contains it."""
    curves = benchmark.pedantic(
        lambda: np.array([losses(seed) for seed in range(240)]), rounds=1
    )
    assert np.isfinite(curves).all()

    def exponent(curves):
        return -np.polyfit(np.log(D), np.log(curves.mean(axis=0)), 1)[0]

    rng = np.random.default_rng(0)
    again = [exponent(curves[rng.integers(240, size=240)]) for _ in range(400)]
    low, high = np.percentile(again, [2.5, 97.5])
    print(f"\nexponent {exponent(curves):.2f} ({low:.2f} to {high:.2f})")
    assert exponent(curves) == pytest.approx(5, rel=0.05)
    assert low < 5 < high
