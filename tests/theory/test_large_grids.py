"""Grids that are solved in parts: the same numbers, on any number of threads."""

import joblib
import numpy as np
import pytest
import xarray as xr

from scalinglib.spectra import PowerLaw
from scalinglib.theory import _solver, kernel_loss, random_feature_loss, resolution

LAM = np.arange(1, 40_001) ** -1.5
LAW = PowerLaw(alpha=0.7)
D = np.geomspace(3, 1e9, 150)
P = 1.03 * np.geomspace(2, 1e10, 140)


@pytest.mark.parametrize("ridge", [0.0, 1e-6, 1e-2])
def test_parts_are_what_points_are_alone(ridge):
    """To rounding, with sizes that are infinite and equal among them."""
    rows, columns = np.r_[D, np.inf], np.r_[P, D[:2], np.inf]
    whole = random_feature_loss(LAW, rows[:, None], columns, ridge=ridge, noise=0.1)
    assert whole.size > _solver._PART  # else there is one part
    rng = np.random.default_rng(0)
    places = [(-1, -1), (0, -3), (1, -2), (-1, 0), (0, -1)]
    places += [(int(rng.integers(151)), int(rng.integers(143))) for _ in range(60)]
    for i, j in places:
        alone = random_feature_loss(LAW, rows[i], columns[j], ridge=ridge, noise=0.1)
        np.testing.assert_allclose(whole[i, j], alone, rtol=2e-12)


def test_threads_change_no_digit():
    """Threads share the table of sums."""
    one = random_feature_loss(LAW, D[:, None], P, ridge=1e-3)
    with joblib.parallel_config(n_jobs=4):
        four = random_feature_loss(LAW, D[:, None], P, ridge=1e-3)
    np.testing.assert_array_equal(one, four)


def test_labels_stay():
    """Of a plane and of what else is returned on it."""
    D_ = xr.DataArray(D, coords={"D": D})
    P_ = xr.DataArray(P, coords={"P": P})
    loss = random_feature_loss(LAW, D_, P_)
    assert loss.dims == ("D", "P")
    plain = random_feature_loss(LAW, D[:, None], P)
    np.testing.assert_array_equal(loss.values, plain)
    kappa, gamma = resolution(LAW, D_, P_)
    assert kappa.dims == gamma.dims == ("D", "P")
    assert (kappa <= gamma * (1 + 1e-12)).all()


def test_a_target_and_a_long_curve():
    """In one dimension, with powers of a target, some of them in no mode."""
    lam, v2 = np.r_[LAM, 0.0], np.r_[LAM**1.2, 0.05]
    sizes = np.linspace(1, 30_000, 20_000)
    curve = kernel_loss(lam, sizes, target=v2, ridge=1e-3)
    for i in (0, 777, 19_999):
        alone = kernel_loss(lam, sizes[i], target=v2, ridge=1e-3)
        np.testing.assert_allclose(curve[i], alone, rtol=1e-12)
    assert (curve > 0.05).all()


def test_too_few_modes_are_told_before_anything_is_solved():
    """With the largest size, as for a small grid."""
    sizes = np.linspace(1, 50_000, 20_000)
    with pytest.raises(ValueError, match=r"below the number of modes, 40000.*50000"):
        kernel_loss(LAM, sizes)


def test_newton_needs_few_steps(monkeypatch):
    """A point that is found stays found: nobody bisects from there again."""
    calls = []
    evaluate = _solver._Table.__call__

    def counted(table, panel, u, **options):
        calls.append(len(u))
        return evaluate(table, panel, u, **options)

    monkeypatch.setattr(_solver._Table, "__call__", counted)
    random_feature_loss(LAW, D[:60, None], P[:60], ridge=1e-3)
    assert len(calls) <= 16
