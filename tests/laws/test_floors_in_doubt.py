"""Floors that are not there, and floors that the data cannot tell."""

import pytest
from planted import coverage, fits
from thorough import exhaustive, first_of, long


@long
@pytest.mark.parametrize("alpha", first_of([0.5, 1, 2]))
def test_coverage_with_a_superfluous_floor(alpha):
    """A floor fitted to a law without one costs little, and is no lack of knowledge."""
    found = fits(alpha, 0.0, "fit", sets=100, resamples=1000)
    assert coverage(found, alpha) >= 0.90
    assert all(fit.identified_if_law for fit in found)


@exhaustive
@pytest.mark.parametrize("floor", [0.1, 0.3])
def test_unidentified_is_said(floor):
    """A tenth on a floor: seldom sure, and hardly ever sure of a wrong exponent."""
    found = fits(0.1, floor, "fit", sets=200)
    sure = [fit for fit in found if fit.identified_if_law]
    assert len(sure) <= 10
    assert sum(not fit.covers(0.1) for fit in sure) <= 1
    assert all("do not determine" in str(f) for f in found if not f.identified_if_law)
