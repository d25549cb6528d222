"""How an answer is off that no known belief explains, without the right one."""

import numpy as np

__all__ = ["how_far_off"]

# What v is of r: functions of right answers, and what to say. The first are for single
# numbers too, in which more patterns would be found by chance.
PATTERNS = {
    "sign": (lambda r: -r, "The size is right, the sign is not."),
    "reciprocal": (lambda r: 1 / r, "It is upside down: what divides what?"),
    "percent": (lambda r: 100 * r, "A factor of 100 is off: percent, or a fraction?"),
    "fraction": (lambda r: r / 100, "A factor of 100 is off: percent, or a fraction?"),
    "ln to log10": (
        lambda r: r / np.log(10),
        "The base of a logarithm is off: natural on one side, decimal on the other.",
    ),
    "log10 to ln": (
        lambda r: r * np.log(10),
        "The base of a logarithm is off: natural on one side, decimal on the other.",
    ),
    "ln to log2": (
        lambda r: r / np.log(2),
        "The base of a logarithm is off: natural on one side, binary on the other.",
    ),
    "log2 to ln": (
        lambda r: r * np.log(2),
        "The base of a logarithm is off: natural on one side, binary on the other.",
    ),
    "twice": (lambda r: 2 * r, "A factor of two is off."),
    "half": (lambda r: r / 2, "A factor of two is off."),
}
OF_FUNCTIONS = {
    "upside down and negative": (
        lambda r: -1 / r,
        "It is upside down, and the sign is off.",
    ),
    "complement": (
        lambda r: 1 - r,
        "It is the other share: with what is asked it makes one.",
    ),
    "one more": (lambda r: r + 1, "One is off: counted from zero, or from one?"),
    "one less": (lambda r: r - 1, "One is off: counted from zero, or from one?"),
    "square": (lambda r: r**2, "It is a square of what is asked."),
    "root": (lambda r: np.sqrt(np.abs(r)), "It is a root of what is asked."),
    "ln": (lambda r: np.log(np.abs(r)), "It is a logarithm of what is asked."),
    "log10": (lambda r: np.log10(np.abs(r)), "It is a logarithm of what is asked."),
    "exponential": (lambda r: np.exp(r), "It is an exponential of what is asked."),
}


def how_far_off(values, rights, bad, kind):
    """A sentence or two on how values differ from the right ones.

    Parameters
    ----------
    values, rights : list of arrays
        One for each case.
    bad : list of arrays of bool
        Which entries are wrong.
    kind : Number, Numbers, Choice or Function

    Returns
    -------
    str
    """
    if isinstance(values[0], str):
        return "That is not it."
    for v, r in zip(values, rights, strict=True):
        if v.shape != r.shape:
            return f"Asked is {_shape(r.shape)}; yours is {_shape(v.shape)}."
    said = _which(bad)
    v, r = (
        np.concatenate([a[b] for a, b in zip(each, bad, strict=True)])
        for each in (values, rights)
    )
    many = len(v) > 2
    with np.errstate(all="ignore"):
        for turned, says in (PATTERNS | (OF_FUNCTIONS if many else {})).values():
            if kind.off([v], [turned(r)])[0].max() <= 1:
                return said + says
        if many and (r != 0).all() and np.ptp(v / r) <= 1e-6 * np.abs(v / r).max():
            return (
                f"{said}All are off by one factor: the dependence is right, a "
                "constant is not."
            )
    return said + _size(v, r)


def _size(v, r):
    """Too large or too small, and roughly by how much."""
    if (np.sign(v) * np.sign(r) < 0).all():
        return "The sign is off, and the size too."
    if (r > 0).any() and (r < 0).any():  # of two signs: a size would not tell
        way = "above" if (v > r).all() else "below" if (v < r).all() else ""
        if way:
            return f"It lies {way} the right number everywhere."
    above = np.abs(v) > np.abs(r)
    way = "too large" if above.all() else "too small" if not above.any() else ""
    if not way:
        return "It is too large for some inputs and too small for others."
    with np.errstate(all="ignore"):
        off = np.abs(np.log(np.abs(v / r))).max()
    steps = {
        np.log(1.1): f"It is {way}, by less than a tenth: is something rounded?",
        np.log(2): f"It is {way}, by less than a factor of two.",
        np.log(10): f"It is {way}, by less than a factor of ten.",
    }
    near = (says for step, says in steps.items() if off < step)
    return next(near, f"It is {way}, by a factor of ten or more.")


def _which(bad):
    """Which entries of several are wrong, if not all are."""
    shapes = {b.shape for b in bad}
    if len(shapes) > 1 or shapes == {()}:
        return ""
    entries = np.any(bad, axis=0)
    if entries.all() or entries.ndim != 1 or entries.size > 9:
        return ""
    places = " and ".join(str(i + 1) for i in np.flatnonzero(entries))
    return f"Of the {entries.size} numbers, look at number {places} again. "


def _shape(shape):
    """A shape in words."""
    if not shape:
        return "one number"
    if len(shape) == 1:
        return f"{shape[0]} numbers"
    return f"an array of shape {shape}"
