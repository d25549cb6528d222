"""Sizes for a loss, rates of exchange, gains; and curves of scikit-learn."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import GaussianNB
from thorough import exhaustive

from scalinglib import laws

X = 2.0 ** np.arange(6, 14)


def planted(seed, *, scale=1.0, floor=0.0, noise=0.02):
    """A power on a floor, five trials a size."""
    rng = np.random.default_rng(seed)
    loss = floor + scale * X**-0.5
    return X, loss[:, None] * np.exp(noise * rng.standard_normal((len(X), 5)))


def test_size_for_is_the_inverse_of_the_forecast():
    """Quantiles of the loss at its ends are the loss that was asked for."""
    curve, loss = planted(0), 0.006
    found = laws.size_for(curve, loss)
    low, high = found.interval()
    assert low < (1 / loss) ** 2 < high
    assert found.value == pytest.approx((1 / loss) ** 2, rel=0.2)
    for size, share in ((low, 0.05), (found.value, 0.5), (high, 0.95)):
        chance = laws.forecast(curve, at=size).probability_below(loss)
        assert chance == pytest.approx(share, abs=0.04)


def test_a_loss_that_was_reached_lies_within_the_curve():
    """At the size where it was, and narrowly."""
    found = laws.size_for(planted(1, noise=0.01), 0.05)
    low, high = found.interval()
    assert low < 400 < high < 600
    assert found.reached > 0.999
    assert not found.beyond


def test_a_loss_below_the_floor_may_never_be_reached():
    """The upper end is infinite, and the probability is small."""
    found = laws.size_for(planted(2, floor=0.1), 0.05)
    assert found.interval()[1] == np.inf
    assert found.reached < 0.3
    assert found.beyond


@exhaustive
def test_exchange_rates_hold():
    """Twice the loss of a square root: four times the samples. And back."""
    held, both = 0, []
    for seed in range(4):
        a, b = planted(seed), planted(100 + seed, scale=2.0)
        rate = laws.exchange_rate(a, b, loss=0.03, rng=0)
        held += rate.covers(4.0)
        both.append((rate.value, laws.exchange_rate(b, a, loss=0.03, rng=0).value))
    assert held >= 3
    one, other = np.array(both).T
    np.testing.assert_allclose(one * other, 1, rtol=0.1)
    assert np.median(one) == pytest.approx(4.0, rel=0.1)


def test_gain_of_twice_the_data():
    """A square root falls by three tenths, a floor by next to nothing."""
    falls = laws.gain(planted(3), 2)
    assert falls.covers(1 - 2**-0.5)
    assert falls.probability > 0.99
    rests = laws.gain(planted(3, floor=1.0), 2)
    assert rests.value < 0.03
    assert rests.covers(0.0, level=0.99)


def test_curves_of_a_classifier_and_of_a_regression():
    """Errors are one less the accuracy, squared errors are positive; both repeat."""
    X, y = load_digits(return_X_y=True)
    asked = {"splits": 3, "rng": 0, "progress": False}
    curve = laws.from_estimator(GaussianNB(), X, y, [50, 200, 800], **asked)
    assert curve.sizes == {"D": 3, "trial": 3}
    assert 0.05 < float(curve.sel(D=800).mean()) < float(curve.sel(D=50).mean()) < 0.5
    again = laws.from_estimator(GaussianNB(), X, y, [50, 200], **asked)
    np.testing.assert_array_equal(again, curve[:2])
    X, y = load_diabetes(return_X_y=True)
    curve = laws.from_estimator(Ridge(1e-3), X, y, [30, 100, 300], **asked)
    assert (curve > 2000).all()  # the noise of the labels: their variance is 5930
    assert laws.forecast(curve, at=1000).value > 1000


def test_a_classifier_of_one_class_fails_loudly():
    """What an estimator raises is raised, and not stored as a missing number."""
    with pytest.raises(ValueError, match="class"):
        laws.from_estimator(
            GaussianNB(priors=[0.5, 0.5]), np.ones((50, 1)), np.arange(50), [10],
            progress=False,
        )  # fmt: skip
