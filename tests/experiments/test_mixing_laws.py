"""Laws of mixtures find what was planted, there and at other shares and budgets."""

import numpy as np
import pytest
import xarray as xr

from scalinglib.experiments import MIXING_LAWS, mixture_errors, mixture_forecast

SHARES, BUDGETS = np.array([0.125, 0.25, 0.5, 0.75, 0.875]), 2 ** np.arange(14, 20)

PLANTED = {
    "counted": lambda h, D: 0.3 + 4 * (D * (h + 0.2 * (1 - h))) ** -0.15,
    "counted, to harm": lambda h, D: 0.3 + 4 * (D * (h - 0.1 * (1 - h))) ** -0.15,
    "diluted": lambda h, D: 0.3 + 4 * (D * h**1.4) ** -0.15,
    "diluted, to help": lambda h, D: 0.3 + 4 * (D * h**0.7) ** -0.15,
    "mixing law": lambda h, D: 0.3 + 4 * D**-0.15 * (1 + np.exp(-2 * h)),
    "mixing law, to rise": lambda h, D: 0.3 + 4 * D**-0.15 * (1 + np.exp(h - 1)),
}


def runs(planted, shares=SHARES, budgets=BUDGETS, trials=(1.0,)):
    """Losses as planted, on both sources, times a factor in each trial."""
    h, D = (grid.ravel() for grid in np.meshgrid(shares, budgets))
    tokens = np.stack([h * D, (1 - h) * D], axis=1).round().astype(int)
    loss = np.stack([planted(h, 1.0 * D), planted(1 - h, 1.0 * D)], axis=1)
    names = "point", "source", "trial"
    loss = loss[..., None] * np.array(trials)
    return xr.DataArray(loss, dims=names, coords={"tokens": (names[:2], tokens)})


@pytest.mark.parametrize("source", [0, 1])
@pytest.mark.parametrize("name", PLANTED)
def test_planted_losses_are_forecast(name, source):
    """New shares at old budgets, old and new ones at 32 times the largest."""
    planted, law = PLANTED[name], name.split(",")[0]
    h = np.array([0.2, 0.6, 0.95, 0.5, 0.2])
    D = BUDGETS[-1] * np.array([0.25, 0.25, 1, 32, 32])
    said = mixture_forecast(law, runs(planted), source, share=h, D=D)
    np.testing.assert_allclose(said, planted(h, D), rtol=2e-3)


@pytest.mark.parametrize("law", MIXING_LAWS)
def test_another_law_is_seen_to_be_another(law):
    """Where a planted law is not the fitted one, small shares give it away."""
    for name, planted in PLANTED.items():
        if name.split(",")[0] != law and "to" not in name:
            new = {"share": [0.03], "D": [2.0**16]}
            said = mixture_forecast(law, runs(planted), 0, **new)
            assert abs(said[0] / planted(0.03, 2.0**16) - 1) > 0.002, name


@pytest.mark.parametrize("law", MIXING_LAWS)
def test_order_of_the_runs_does_not_matter(law):
    """Runs shuffled, and points to forecast in another order."""
    losses = runs(PLANTED["diluted"])
    shuffled = losses[np.random.default_rng(0).permutation(losses.sizes["point"])]
    h, D = np.array([0.3, 0.6, 0.9]), 2.0 ** np.array([22, 16, 22])
    one = mixture_forecast(law, losses, 0, share=h, D=D)
    other = mixture_forecast(law, shuffled, 0, share=h[::-1], D=D[::-1])
    np.testing.assert_allclose(one, other[::-1], rtol=1e-4)


def test_errors_of_a_law_that_is_true_and_of_one_that_is_not():
    """Zero; and what the forecast is off, root mean square over points."""
    planted, new = PLANTED["diluted"], (np.array([0.03, 0.6]), BUDGETS[-2:])
    losses, tried = runs(planted, trials=[1, 1, 1]), runs(planted, *new, [1, 1, 1])
    error, stderr = mixture_errors("diluted", losses, 0, tried=tried)
    assert error < 1e-4
    assert stderr < 1e-4
    h = tried.tokens.values[:, 0] / tried.tokens.values.sum(axis=1)
    said = mixture_forecast(
        "mixing law", losses, 0, share=h, D=tried.tokens.values.sum(axis=1)
    )
    off = np.log(said / tried[:, 0, 0].values)
    error, stderr = mixture_errors("mixing law", losses, 0, tried=tried)
    assert error == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-3)
    assert stderr < 1e-6


def test_scatter_of_an_error_is_that_of_its_mean():
    """Losses tried are off by factors: the error is that of the factors' mean."""
    planted = PLANTED["counted"]
    factors = 1.2 + 0.01 * np.random.default_rng(0).standard_normal(12)
    losses, tried = runs(planted, trials=np.ones(12)), runs(planted, trials=factors)
    error, stderr = mixture_errors("counted", losses, 1, tried=tried)
    assert error == pytest.approx(np.log(factors.mean()), rel=1e-3)
    expected = factors.std(ddof=1) / factors.mean() / np.sqrt(12)
    assert stderr == pytest.approx(expected, rel=0.02)
