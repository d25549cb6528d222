"""What is tested always, and what only where nobody waits: see `tests/conftest.py`."""

import pytest

exhaustive = pytest.mark.exhaustive


def first_of(values, count=1):
    """Parameters of which the first are tried always, the others under CI."""
    values = [*values]
    rest = [
        pytest.param(*(v if isinstance(v, tuple) else (v,)), marks=exhaustive)
        for v in values[count:]
    ]
    return values[:count] + rest
