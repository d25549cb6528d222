"""What a user may pass: numbers and arrays; or an error that says so."""

import operator
from pathlib import Path

import numpy as np


def real_array(name, values):
    """Values as an array of integers or floats, refusing what is only nearly that.

    numpy would drop the mask of a masked array and the imaginary part of a complex
    one, and read True or "2" as numbers.
    """
    if np.ma.isMaskedArray(values):
        raise ValueError(f"{name} must not be masked; drop the masked entries first")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ValueError(f"{name} must hold real numbers ({error})") from None
    if array.dtype == object and all(type(value) is int for value in array.flat):
        array = _floats(array)  # integers too long for numpy's
    if array.dtype.kind not in "fiu":
        raise ValueError(
            f"{name} must hold real numbers, got {_short(values)} of {array.dtype}"
        )
    return array


def _floats(array):
    """Whole numbers of any length as floats, if they are floats."""
    try:
        return array.astype(float)
    except OverflowError:
        return array


def positive(name, values):
    """Values as floats, finite and above zero."""
    array = real_array(name, values).astype(float)
    bad = ~(np.isfinite(array) & (array > 0))
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} must be finite and positive, got {array[where]} at {where}"
        )
    return array


def whole_number(name, value, *, least):
    """Value as an int, at least `least`."""
    # An array without axes, labelled or not, is a number too.
    alone = getattr(value, "shape", None) == () and hasattr(value, "item")
    plain = value.item() if alone else value
    try:
        number = operator.index(plain)
    except TypeError:
        number = None
    if number is None or isinstance(plain, bool | np.bool_):
        raise ValueError(f"{name} must be a whole number, got {_short(value)}")
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {_short(value)}")
    return number


def whole_numbers(name, values, *, most):
    """Whole numbers from 0 to this one, of any shape."""
    array = real_array(name, values)
    whole = array.size and array.dtype.kind in "iu"
    if not whole or array.min() < 0 or array.max() > most:
        raise ValueError(
            f"{name} must be whole numbers from 0 to {most}, got {_short(values)}"
        )
    return array.astype(np.int64)


def number(name, value, *, least=-np.inf):
    """Value as a finite float, at least `least`."""
    array = real_array(name, value)
    # As a float: a longer type may hold what would become infinite.
    if array.ndim or not np.isfinite(float(array)) or array < least:
        accepted = "a finite number" + (f" >= {least:g}" if least > -np.inf else "")
        raise ValueError(f"{name} must be {accepted}, got {_short(value)}")
    return float(array)


def above_zero(name, value):
    """Value as a finite float above zero."""
    if (checked := number(name, value)) <= 0:
        raise ValueError(f"{name} must be above zero, got {_short(value)}")
    return checked


def probability(name, value):
    """Value as a float above 0 and below 1."""
    checked = number(name, value)
    if not 0 < checked < 1:
        raise ValueError(
            f"{name} must be a probability above 0 and below 1, got {_short(value)}; "
            "0.95 is a 95 % interval"
        )
    return checked


def truth(name, value):
    """True or False, and no number that is read as one."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {_short(value)}")
    return bool(value)


def increasing(name, sizes, *, most=None):
    """Sizes as an array of increasing whole numbers from 1, to at most `most`."""
    array = real_array(name, sizes)
    if array.ndim == 1 and array.size > 0 and array.dtype.kind in "iu":
        fits = array.max() < 2**63 and (most is None or array[-1] <= most)
        array = array.astype(np.int64)
        if array[0] >= 1 and (np.diff(array) > 0).all() and fits:
            return array
    end = "" if most is None else f" to {most}"
    raise ValueError(f"{name} must be increasing integers from 1{end}, got {sizes}")


def rising(name, values):
    """Values as floats in one axis, finite, above zero and increasing."""
    array = positive(name, values)
    if array.ndim != 1 or not array.size or not (np.diff(array) > 0).all():
        raise ValueError(f"{name} must be increasing, of shape (n,), got {values}")
    return array


def named_path(name, value):
    """Value as a path."""
    try:
        return Path(value)
    except TypeError:
        raise ValueError(f"{name} must be a path, got {_short(value)}") from None


def generator(rng):
    """Turn None, a whole number or a Generator into a Generator."""
    if not isinstance(rng, np.random.Generator | None):
        rng = whole_number("rng", rng, least=0)
    return np.random.default_rng(rng)


def gram(name, K):
    """A finite symmetric matrix of floats; float32 stays float32."""
    K = real_array(name, K)
    K = K if K.dtype == np.float32 else K.astype(float, copy=False)
    if K.ndim != 2 or K.shape[0] != K.shape[1] or not K.size:
        raise ValueError(f"{name} must be finite and (D, D), got shape {K.shape}")
    largest = max(abs(float(K.max())), abs(float(K.min())))  # nan and ±inf show here
    if not np.isfinite(largest):
        raise ValueError(f"{name} must be finite and (D, D), got nan or infinity")
    for i in range(0, len(K), 32):  # a difference of all of it would be as large again
        if abs(K[i : i + 32] - K[:, i : i + 32].T).max() > 1e-4 * largest:
            raise ValueError(f"{name} must be symmetric, but rows and columns differ")
    return K


def one_of(name, value, accepted):
    """A string that is one of those accepted."""
    if isinstance(value, str) and value in accepted:
        return value
    listed = ", ".join(map(repr, accepted))
    raise ValueError(f"{name} must be one of {listed}, got {_short(value)}")


def function(name, value, *, of):
    """Something to call, with what it is a function of."""
    if not callable(value):
        raise ValueError(f"{name} must be a function of {of}, got {_short(value)}")
    return value


def rows_and_targets(X, Y, *, names=("X", "Y"), least=1):
    """Inputs and targets as arrays with as many rows."""
    X, Y = real_array(names[0], X), real_array(names[1], Y)
    if not X.ndim or not Y.ndim or len(X) != len(Y) or len(X) < least or not Y.size:
        raise ValueError(
            f"{names[0]} and {names[1]} must have as many rows, at least {least}, got "
            f"shapes {X.shape} and {Y.shape}"
        )
    return X, Y


def pair(name, values):
    """Two values."""
    try:
        first, second = values
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair, got {_short(values)}") from None
    return first, second


def _short(value):
    """What was passed, in at most sixty characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def finite_rows(name, values, *, n=None, least=1):
    """Values as finite floats of shape (D, n), at least so many rows."""
    array = real_array(name, values)
    if (
        array.ndim != 2
        or len(array) < least
        or array.shape[1] != (n or max(array.shape[1], 1))
    ):
        rows = f"D >= {least}"
        raise ValueError(
            f"{name} must have shape (D, {n or 'n'}) with {rows}, got {array.shape}"
        )
    array = array.astype(float, copy=False)
    if not np.isfinite(array).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[at]} at {at}")
    return array
