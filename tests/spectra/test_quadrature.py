"""Few modes with weights sum as infinitely many do."""

import numpy as np
import pytest
from scipy.special import zeta

from scalinglib.spectra import PowerLaw

REACHES = pytest.mark.parametrize("reach", [1, 300, 1e4, 1e9])


@REACHES
@pytest.mark.parametrize("alpha", [0.001, 0.3, 1.0, 4.0, 30.0])
def test_sums_of_powers_are_zeta_functions(alpha, reach):
    """Σ λ = ζ(a), and of λ², λ³ without the last node, whose weight is made for λ."""
    spectrum = PowerLaw(alpha=alpha)
    x, w = spectrum.quadrature(reach)
    assert w @ spectrum(x) == pytest.approx(zeta(spectrum.a), rel=1e-10)
    for power in (2, 3):
        found = w[:-1] @ spectrum(x[:-1]) ** power
        assert found == pytest.approx(zeta(power * spectrum.a), rel=1e-10)


@REACHES
def test_learned_modes_of_two_power_laws(reach):
    """Σ 1 / (1 + γ i^a) for a = 2 and 4, in closed form, at the finest γ allowed."""
    turn = np.pi * reach
    x, w = PowerLaw(a=2).quadrature(reach)
    found = w @ (1 / (1 + (x / reach) ** 2))
    assert found == pytest.approx((turn / np.tanh(turn) - 1) / 2, rel=1e-10)
    x, w = PowerLaw(a=4).quadrature(reach)
    u = np.sqrt(2) * turn
    # (sinh u + sin u) / (cosh u − cos u), over e^u / 2.
    e = np.exp(-u)
    ratio = (1 - e**2 + 2 * e * np.sin(u)) / (1 + e**2 - 2 * e * np.cos(u))
    found = w @ (1 / (1 + (x / reach) ** 4))
    assert found == pytest.approx((u / 2 * ratio - 1) / 2, rel=1e-10)


@pytest.mark.parametrize("direct", [0, 1000])
def test_first_modes_have_weight_one(direct):
    """As many as asked for, at least 400, less the share of Euler and Maclaurin."""
    x, w = PowerLaw(alpha=1.0).quadrature(10, direct=direct)
    modes = max(400, direct)
    np.testing.assert_array_equal(x[:modes], np.arange(1, modes + 1))
    np.testing.assert_array_equal(w[: modes - 1], 1)
    assert x[modes + 1] > modes + 0.5
