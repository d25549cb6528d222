r"""Claims of the book, checked against numbers where they are made."""

import numpy as np

from scalinglib._input import number, real_array
from scalinglib._labels import broadcast, labelled, like
from scalinglib.laws.uncertainty import mean_and_error

__all__ = ["check", "standard_errors_off"]


def check(claim, measured, expected=True, *, within=0.0):
    r"""Print ``✓ claim: expected (within tolerance)``, or raise.

    The claim holds if :math:`|\text{measured} - \text{expected}| \le \text{within}`
    in every entry. What is printed is the theory's number and the tolerance, never
    a measured digit: the printed line is the same on every machine while the test
    behind it is real.

    Parameters
    ----------
    claim : str
        One sentence without the full stop: what is claimed.
    measured : bool, float or array_like
        What was measured. An array must hold the claim in every entry.
    expected : bool, float or array_like, default True
        What the claim says; broadcast against `measured`, two DataArrays by the names
        of their dimensions. With ``True`` or ``False``
        the claim is a yes-or-no matter and only its text is printed.
    within : float, default 0.0
        Absolute tolerance, finite and not negative: a literal that the text
        justifies.

    Raises
    ------
    AssertionError
        If the claim does not hold; ``nan`` never holds.
    ValueError
        If the claim is empty, the tolerance is negative or not finite, or there is
        nothing to compare.

    Examples
    --------
    >>> check("the slope of x² on log–log paper", 2.0000001, 2, within=1e-3)
    ✓ the slope of x² on log–log paper: 2 (within 0.001)
    >>> check("the interval excludes one half", not 0.19 < 0.5 < 0.23)
    ✓ the interval excludes one half
    """
    if not isinstance(claim, str) or not claim.strip():
        raise ValueError(f"claim must be a sentence that says something, got {claim!r}")
    within = number("within", within, least=0)
    asked = np.asarray(expected).dtype == bool
    if labelled(measured) and labelled(expected):  # by name, whatever the order
        measured, expected, _ = broadcast(measured=measured, expected=expected)
    # A number is not an answer to a yes-or-no claim, nor True to a number.
    values = _booleans if asked else real_array
    measured, expected = values("measured", measured), values("expected", expected)
    if measured.size == 0 or expected.size == 0:
        raise ValueError(f"measured and expected must not be empty (claim: {claim})")
    try:
        measured, expected = np.broadcast_arrays(measured, expected)
    except ValueError:
        raise ValueError(
            f"measured and expected must have shapes that match, got {measured.shape} "
            f"and {expected.shape} (claim: {claim})"
        ) from None

    if asked:
        holds, said = np.all(measured == expected), ""
    else:
        holds = _close(measured, expected, within)
        said = f": {_show(expected)}" + (f" (within {within:g})" if within else "")
    if not holds:
        raise AssertionError(
            f"✗ {claim}: measured {_show(measured)}, expected {_show(expected)}"
            + (f" within {within:g}" if within else "")
        )
    print(f"✓ {claim}{said}")


def standard_errors_off(curve, expected):
    r"""How far a mean over trials is from a theory, in standard errors of the mean.

    .. math:: \frac{\bar L - L_{\mathrm{theory}}}{s / \sqrt T}

    with the mean :math:`\bar L` and the standard deviation s over T trials.

    Parameters
    ----------
    curve : DataArray
        What was measured; one dimension is ``trial``, of length ≥ 2.
    expected : float, array_like or DataArray
        The theory, broadcast against `curve` without that dimension; with labels it
        must have the same, in any order.

    Returns
    -------
    DataArray
        Of the shape of `curve` without its trials.

    Raises
    ------
    ValueError
        If there are no trials, shapes do not match, something is not finite, or the
        trials do not differ.

    Examples
    --------
    >>> import xarray as xr
    >>> curve = xr.DataArray([[1.0, 3.0], [5.0, 9.0]], dims=["D", "trial"])
    >>> standard_errors_off(curve, [1.0, 9.0]).values
    array([ 1., -1.])
    """
    if "trial" not in getattr(curve, "dims", ()) or curve.sizes["trial"] < 2:
        raise ValueError(
            "curve must be a DataArray with a dimension 'trial' of length >= 2, got "
            f"{getattr(curve, 'sizes', type(curve))}"
        )
    curve = curve.transpose(..., "trial")
    values = real_array("curve", curve.values).astype(float)
    without = curve.isel(trial=0, drop=True)
    if labelled(expected):
        expected = _aligned(expected, without)
    expected = real_array("expected", expected).astype(float)
    if not np.isfinite(values).all() or not np.isfinite(expected).all():
        raise ValueError("curve and expected must be finite, got nan or infinity")
    mean, error = mean_and_error(values)
    if not (np.ptp(values, axis=-1) > 0).all():
        raise ValueError("curve must differ between trials: there is no error to tell")
    try:
        expected = np.broadcast_to(expected, error.shape)
    except ValueError:
        raise ValueError(
            f"expected must have the shape {error.shape} of curve without its trials, "
            f"got {expected.shape}"
        ) from None
    return like(without, (mean - expected) / error)


def _aligned(expected, curve):
    """Labelled values in the order of the dimensions of another array."""
    same = set(expected.dims) == set(curve.dims) and all(
        np.array_equal(expected[dim], curve[dim]) for dim in curve.dims
    )
    if not same:
        raise ValueError(
            f"expected must have the dimensions {curve.dims} of curve and the same "
            f"coordinates, got {expected.dims}"
        )
    return expected.transpose(*curve.dims).values


def _booleans(name, values):
    """Answers to a yes-or-no claim."""
    array = np.asarray(values)
    if array.dtype != bool:
        raise ValueError(
            f"{name} must be True or False where expected is, got {values!r}; "
            "for a number give expected and within"
        )
    return array


def _close(measured, expected, within):
    """Whether every entry is near; nan never is, nor is infinity."""
    measured, expected = measured.astype(float), expected.astype(float)
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(np.all(np.abs(measured - expected) <= within))


def _show(values):
    """Numbers as a reader writes them, commas between, not too many."""
    shown = values.ravel() if (values != values.flat[0]).any() else values.ravel()[:1]
    said = [f"{v:.4g}" if values.dtype.kind == "f" else str(v) for v in shown[:6]]
    return ", ".join(said) + (f", … ({values.size} values)" if len(shown) > 6 else "")
