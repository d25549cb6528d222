"""Laws of mixtures find what was planted, there and at other shares and budgets."""

import numpy as np
import pytest

from scalinglib.experiments import MIXING_LAWS, mixture_forecast

SHARES, BUDGETS = np.array([0.125, 0.25, 0.5, 0.75, 0.875]), 2.0 ** np.arange(14, 20)
H, D = (grid.ravel() for grid in np.meshgrid(SHARES, BUDGETS))

PLANTED = {
    "counted": lambda h, D: 0.3 + 4 * (D * (h + 0.2 * (1 - h))) ** -0.15,
    "counted, to harm": lambda h, D: 0.3 + 4 * (D * (h - 0.1 * (1 - h))) ** -0.15,
    "diluted": lambda h, D: 0.3 + 4 * (D * h**1.4) ** -0.15,
    "diluted, to help": lambda h, D: 0.3 + 4 * (D * h**0.7) ** -0.15,
    "mixing law": lambda h, D: 0.3 + 4 * D**-0.15 * (1 + np.exp(-2 * h)),
    "mixing law, to rise": lambda h, D: 0.3 + 4 * D**-0.15 * (1 + np.exp(h - 1)),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_losses_are_forecast(name):
    """New shares at old budgets, old and new ones at 32 times the largest."""
    planted, law = PLANTED[name], name.split(",")[0]
    at_h, at_D = (
        np.array([0.2, 0.6, 0.95, 0.5, 0.2]),
        BUDGETS[-1] * np.array([0.25, 0.25, 1, 32, 32]),
    )
    said = mixture_forecast(law, H, D, planted(H, D), at_share=at_h, at_D=at_D)
    np.testing.assert_allclose(said, planted(at_h, at_D), rtol=2e-3)


@pytest.mark.parametrize("law", MIXING_LAWS)
def test_another_law_is_seen_to_be_another(law):
    """Where a planted law is not the fitted one, small shares give it away."""
    for name, planted in PLANTED.items():
        if name.split(",")[0] != law and "to" not in name:
            at = {"at_share": [0.03], "at_D": [2.0**16]}
            said = mixture_forecast(law, H, D, planted(H, D), **at)
            assert abs(said[0] / planted(0.03, 2.0**16) - 1) > 0.002, name


def test_order_of_the_runs_does_not_matter():
    """Runs shuffled, and points to forecast in another order."""
    order, loss = np.random.default_rng(0).permutation(len(H)), PLANTED["diluted"](H, D)
    at_h, at_D = np.array([0.3, 0.6, 0.9]), 2.0 ** np.array([22, 16, 22])
    for law in MIXING_LAWS:
        one = mixture_forecast(law, H, D, loss, at_share=at_h, at_D=at_D)
        other = mixture_forecast(
            law,
            H[order],
            D[order],
            loss[order],
            at_share=at_h[::-1],
            at_D=at_D[::-1],
        )
        np.testing.assert_allclose(one, other[::-1], rtol=1e-4)
