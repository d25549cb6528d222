"""Tests of the kernels on the torus whose eigenvalues are a power."""

from functools import partial

import numpy as np
import pytest
import xarray as xr

from scalinglib import experiments, standard_errors_off, sweep


def test_kernel_on_the_circle_is_a_parabola():
    """For p = 2 the sum over waves is a Bernoulli polynomial."""
    kernel = experiments.torus_kernel(2, d=1)
    h = np.array([0.01, 0.1, 0.25, 0.5])
    found = kernel([[0]], (h * kernel.size).astype(int)[:, None])[0]
    h = (h * kernel.size).astype(int) / kernel.size
    expected = 1 + 4 * np.pi**2 * (1 / 12 - h / 2 + h**2 / 2)
    assert found == pytest.approx(expected, abs=2 * kernel.rest)


@pytest.mark.parametrize(("d", "p"), [(1, 2.0), (2, 3.0), (2, 5.0), (3, 4.0)])
def test_variance_does_not_depend_on_the_grid(d, p):
    """What a coarser grid leaves out is in its rest."""
    fine = experiments.torus_kernel(p, d=d)
    coarse = experiments.torus_kernel(p, d=d, size=fine.size // 2)
    assert coarse.rest > fine.rest
    assert coarse.variance == pytest.approx(fine.variance, abs=coarse.rest / 10)


def test_eigenvalues_are_those_it_was_made_of():
    """On all points of a small grid K / N has the eigenvalues of the waves."""
    kernel = experiments.torus_kernel(3.0, d=2, size=8)
    X = kernel.sample(64, rng=0)
    found = np.linalg.eigvalsh(kernel(X) / 64)[::-1]
    assert found[0] == pytest.approx(1)  # the constant …
    assert found[1:5] == pytest.approx(np.ones(4))  # and four of length one
    assert found[5:9] == pytest.approx(np.full(4, 2**-1.5))


def test_loss_on_the_circle_is_that_of_straight_lines():
    """For p = 2 gaps are Brownian bridges: 4π²/3(D + 1), within four errors."""
    kernel, D = (
        experiments.torus_kernel(2, d=1),
        xr.DataArray([16, 64], coords={"D": [16, 64]}),
    )
    trial = partial(experiments.prior_loss, student=kernel, D=D)
    losses = sweep.run(trial, trials=200, seed=0)
    exact = 4 * np.pi**2 / (3 * (D + 1))
    assert (abs(standard_errors_off(losses, exact)) < 4).all()


def test_another_teacher_is_that_of_teacher_average():
    """With a teacher of its own kind, told as another, the loss is the same."""
    student, twin = (experiments.torus_kernel(3, d=2, size=64) for _ in range(2))
    own = experiments.prior_loss(5, student, [20, 40])
    other = experiments.prior_loss(5, student, [20, 40], teacher=twin)
    assert other == pytest.approx(own)


def test_noise_and_ridge_are_those_of_one_labelled_draw():
    """Over targets and noise, the mean squared error of regression on drawn labels."""
    student = experiments.torus_kernel(3, d=1, size=256)
    expected = experiments.prior_loss(5, student, [30], ridge=0.2, noise=0.5).item()
    X = student.sample(30 + 200, rng=5)
    rng, places = np.random.default_rng(1), np.arange(230)
    f = np.linalg.cholesky(student.gram(X)) @ rng.standard_normal((230, 4000))
    Y = f[:30] + np.sqrt(0.5) * rng.standard_normal((30, 4000))
    weights = np.linalg.solve(student.gram(X)[:30, :30] + 0.2 * np.eye(30), Y)
    errors = ((student(X, X[:30]) @ weights - f)[places >= 30] ** 2).mean(axis=0)
    off = (errors.mean() - expected) / (errors.std() / np.sqrt(4000))
    assert abs(off) < 4


def test_a_ridge_for_each_size():
    """Each loss is that of its own ridge; noise and one ridge are checked."""
    student = experiments.torus_kernel(3, d=2, size=64)
    D = xr.DataArray([20, 40], coords={"D": [20, 40]})
    both = experiments.prior_loss(5, student, D, ridge=[0.1, 0.3], noise=0.2)
    for ridge in (0.1, 0.3):
        one = experiments.prior_loss(5, student, D, ridge=ridge, noise=0.2)
        at = 20 if ridge == 0.1 else 40
        assert both.sel(D=at).item() == pytest.approx(one.sel(D=at).item())
    with pytest.raises(ValueError, match="one for each of 2 D, got 3"):
        experiments.prior_loss(5, student, D, ridge=[0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="noise must be a finite number >= 0"):
        experiments.prior_loss(5, student, D, noise=-0.1)


def test_a_teacher_on_another_grid_is_refused():
    """Places of one grid are not places of another."""
    student, teacher = (experiments.torus_kernel(2, d=1, size=s) for s in (64, 128))
    with pytest.raises(ValueError, match="grid"):
        experiments.prior_loss(0, student, [8], teacher=teacher)


def test_more_places_than_there_are_is_refused():
    """They are different ones."""
    with pytest.raises(ValueError, match="at most 64"):
        experiments.torus_kernel(2, d=1, size=64).sample(65)
