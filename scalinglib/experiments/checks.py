r"""Claims of the book, checked against numbers where they are made."""

import numpy as np

from scalinglib._input import number, real_array
from scalinglib._labels import broadcast, labelled, like
from scalinglib.laws.uncertainty import mean_and_error

__all__ = ["check", "standard_errors_off"]


def check(claim, measured, expected=True, *, within=0.0):
    r"""Print ``✓ claim: measured (expected …, within …)``, or raise.

    The claim holds if :math:`|\text{measured} - \text{expected}| \le \text{within}`
    in every entry. Printed are at most three digits of what was measured, and none
    finer than a tenth of the tolerance, so that rounding seldom changes the line. A
    tolerance for rounding (10⁻⁶ of what is expected, or less) leaves nothing to tell:
    then the expected number stands alone.

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

    Notes
    -----
    Of many measurements of one number, the least and the greatest are printed; of many
    numbers, the one that is farthest from what was expected.

    Examples
    --------
    >>> check("the slope of a noisy curve", 0.18694, 0.19, within=0.025)
    ✓ the slope of a noisy curve: 0.187 (expected 0.19, within 0.025)
    >>> check("of three of them", [0.18694, 0.2001, 0.1912], 0.19, within=0.025)
    ✓ of three of them: 0.187 to 0.200 (expected 0.19, within 0.025)
    >>> check("a sum of squares", 0.1 + 0.2, 0.3, within=1e-12)
    ✓ a sum of squares: 0.3 (within 1e-12)
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

    holds = (
        np.all(measured == expected) if asked else _close(measured, expected, within)
    )
    if not holds:
        raise AssertionError(
            f"✗ {claim}: measured {_show(measured)}, expected {_show(expected)}"
            + (f" within {within:g}" if within else "")
        )
    print(f"✓ {claim}" if asked else f"✓ {claim}: {_said(measured, expected, within)}")


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


def _said(measured, expected, within):
    """What was measured, and what it was compared with."""
    scale = np.abs(expected).max() or 1
    if within <= 1e-6 * scale:
        return _show(expected) + (f" (within {within:g})" if within else "")
    measured, expected = np.ravel(measured), np.ravel(expected)
    if (expected == expected[0]).all():
        ends = np.array([measured.min(), measured.max()])
        found, of_many = " to ".join(_rounded(ends, within)), ""
    else:
        worst = [np.abs(measured.astype(float) - expected).argmax()]
        (found,), expected = _rounded(measured[worst], within), expected[worst]
        of_many = f", worst of {len(measured)}"
    return f"{found} (expected {_show(expected)}, within {within:g}{of_many})"


def _rounded(values, within):
    """Three digits of the largest, or as many as a tenth of the tolerance supports."""
    largest = float(f"{np.abs(values.astype(float)).max():.2e}")
    leading = int(np.floor(np.log10(largest or within)))
    tenth = max(within, 1e-300) / 10  # that of a denormal number is zero
    last = max(int(np.floor(np.log10(tenth))), leading - 2)
    if values.dtype.kind in "iu":
        last = max(last, 0)
    plain = 1e-4 <= largest < 1e6
    style = f".{max(-last, 0)}f" if plain else f".{max(leading - last, 0)}e"
    rounded = [round(float(v), -last) for v in values]
    said = [format(v, style) if v else "0" for v in rounded]
    return list(dict.fromkeys(said))  # once, where they are the same


def _show(values):
    """Numbers as a reader writes them, commas between, not too many."""
    shown = values.ravel() if (values != values.flat[0]).any() else values.ravel()[:1]
    said = [f"{v:.4g}" if values.dtype.kind == "f" else str(v) for v in shown[:6]]
    return ", ".join(said) + (f", … ({values.size} values)" if len(shown) > 6 else "")
