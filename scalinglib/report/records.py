"""Forecasts as plain numbers, for machines."""


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
