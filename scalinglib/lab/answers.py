"""What is handed in: a number with an interval of 90 %."""

from dataclasses import dataclass

import numpy as np

from scalinglib._input import real_array
from scalinglib.laws.uncertainty import Estimate

__all__ = ["LEVEL", "Answer", "answer"]

LEVEL = 0.9


@dataclass(frozen=True)
class Answer:
    """A number above zero, and the ends of an interval around it."""

    low: float
    value: float
    high: float

    def holds(self, truth):
        """Whether the interval holds a number."""
        return bool(self.low <= truth <= self.high)

    def __str__(self):
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


def answer(name, given):
    """An answer, of an estimate or of three numbers."""
    if isinstance(given, Answer):
        return given
    if isinstance(given, Estimate):
        low, high = given.interval(LEVEL)
        given = low, given.value, high
    given = real_array(name, given).astype(float)
    if given.shape != (3,) or np.isnan(given).any() or (given[:-1] > given[1:]).any():
        raise ValueError(
            f"{name} must be an estimate or (low, value, high), increasing, got "
            f"{given.tolist()}"
        )
    if given[0] < 0 or not given[1] > 0:
        raise ValueError(f"{name} must be above zero, got {given.tolist()}")
    return Answer(*given.tolist())
