"""What a user passes is checked once: from images to their exponents."""

import sys
from collections import Counter
from functools import partial

import numpy as np
import pytest

from scalinglib import _input, data, geometry, kernels, learners, spectra, theory

X = np.random.default_rng(0).random((400, 20))
Y = data.one_hot(np.arange(400) % 10)
kernel = partial(kernels.ntk, depth=1)
Z = data.centre_and_normalise(X)
K, k = kernel(Z[:320]), kernel(Z[320:], Z[:320])
sample = spectra.Sample(K)
learn = learners.kernel_ridge(kernel)
WALK = {
    "scaling of images": lambda: data.centre_and_normalise(X),
    "kernel": lambda: kernel(Z),
    "kernel between": lambda: kernel(Z[320:], Z[:320]),
    "tail": lambda: spectra.tail_exponent(K),
    "resolution": lambda: spectra.resolution_exponent(K),
    "noise": lambda: spectra.noise_exponent(K),
    "spectrum": lambda: spectra.empirical(K),
    "TwoNN": lambda: geometry.two_nn(X),
    "Levina and Bickel": lambda: geometry.levina_bickel(X, 5),
    "dimension": lambda: geometry.dimension.estimate(X, rng=0),
    "Lipschitz": lambda: geometry.lipschitz_constant(Y[:, 0], X),
    "neighbours": lambda: geometry.nearest(X),
    "copy": lambda: geometry.k_nearest()(X, Y),
    "KARE": lambda: theory.kare(K, Y[:320], [64, 128]),
    "missed power": lambda: theory.missed_power(K, Y[:320], [0.1]),
    "extrapolated": lambda: theory.extrapolated_loss(K, Y[:320], 2000),
    "left out": lambda: learners.leave_one_out(K, Y[:320]),
    "nested": lambda: learners.nested_predictions(K, k, Y[:320], [64, 128]),
    "ridge": lambda: learn(Z[:320], Y[:320]),
    "KARE of a sample": lambda: theory.kare(sample, Y[:320], [64, 128]),
}

ROOMS = data, geometry, geometry.dimension, kernels, learners, spectra, theory


@pytest.fixture
def checks(monkeypatch):
    """Large arrays that the functions of `_input` were given, by name and shape."""
    seen, inside = Counter(), [0]
    for room in ROOMS:  # a module that came later would keep what is only for here
        for name in room.__all__:
            getattr(room, name)

    def watched(check):
        def watching(*arguments, **options):
            inside[0] += 1
            try:
                for value in arguments if inside[0] == 1 else ():
                    if np.size(value) > 1000:
                        seen[str(arguments[0]), np.shape(value)] += 1
                return check(*arguments, **options)
            finally:
                inside[0] -= 1

        return watching

    for name in ("real_array", "positive", "gram", "finite_rows", "rows_and_targets"):
        check = getattr(_input, name)
        for module in [m for n, m in sys.modules.items() if n.startswith("scalinglib")]:
            if vars(module).get(name) is check:
                monkeypatch.setattr(module, name, watched(check))
    return seen


@pytest.mark.filterwarnings("ignore::scalinglib.geometry.DimensionWarning")
@pytest.mark.parametrize("step", WALK.values(), ids=WALK)
def test_each_array_is_checked_once(step, checks):
    """A public function checks what it takes and calls inner ones that trust it."""
    step()
    assert checks
    assert set(checks.values()) == {1}
