"""Forecasts as plain numbers: for machines, and as people read them."""

import math


def record_of(guess):
    """What a forecast says, as a dict that JSON knows."""
    low, high = guess.interval()
    return {
        "at": guess.at,
        "loss": guess.value,
        "low": low,
        "high": high,
        "level": guess.level,
        "ratio": guess.ratio,
        "beyond": guess.beyond,
        "speak": guess.speak,
        "warnings": list(guess.warnings),
    }


def digits_for(low, high, least=4, most=9):
    """How many digits tell two numbers apart, and two digits of what is between."""
    largest, width = max(abs(low), abs(high)), abs(high - low)
    if not (math.isfinite(largest) and width > 0):
        return least
    return min(max(math.ceil(math.log10(largest / width)) + 2, least), most)


def percent(share, digits=3):
    """A share in per cent, without powers of ten."""
    value = 100 * share
    if abs(value) >= 1e6:
        return "over a million %"
    if abs(value) >= 10**digits:
        return f"{value:.0f} %"
    return f"{value:.{digits}g} %"


def level_of(level):
    """A level in per cent, with all its digits."""
    return f"{100 * level:.12g} %"


def finite(value):
    """A number, or None: JSON knows no infinity."""
    return float(value) if math.isfinite(value) else None


def interval_or_none(low, high):
    """Ends of an interval by their names; None where nothing bounds it."""
    return {"low": finite(low), "high": finite(high)}
