"""How the rate falls while a network is trained."""

from math import cos, isfinite, pi

from scalinglib._input import function, one_of

_SCHEDULES = {
    "constant": lambda s: 1.0,
    "cosine": lambda s: (1 + cos(pi * s)) / 2,
}


def factors(schedule, steps):
    """Factor of the rate at each step, from the share of the steps that are done."""
    if callable(schedule):
        schedule = function("schedule", schedule, of="(share)")
    else:
        schedule = _SCHEDULES[one_of("schedule", schedule, _SCHEDULES)]
    found = [schedule(t / steps) for t in range(steps)]
    for t, factor in enumerate(found):
        try:
            fine = isfinite(factor) and factor >= 0
        except TypeError:
            fine = False
        if not fine:
            raise ValueError(
                "schedule must return a finite number, not negative, for each share "
                f"of the steps in [0, 1), got {factor!r} at {t / steps:g}"
            )
    if not any(found):
        raise ValueError("schedule must not be zero at every step")
    return [float(factor) for factor in found]
