"""A kernel that dies before it has said a word is started again."""

import pytest
from conftest import persistent


class Start:
    """A start that fails some times."""

    def __init__(self, failures):
        self.failures, self.calls = failures, []

    def __call__(self, *args, **options):
        """What nbval's start returns, or its error."""
        self.calls.append((args, options))
        if len(self.calls) <= self.failures:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return "manager", "client"


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_it_is_there_at_last(failures):
    """With the same arguments."""
    start = Start(failures)
    assert persistent(start)(60, kernel_name="python3") == ("manager", "client")
    assert start.calls == (failures + 1) * [((60,), {"kernel_name": "python3"})]


def test_a_kernel_that_never_starts_is_an_error():
    """After three tries."""
    start = Start(9)
    with pytest.raises(RuntimeError, match="died"):
        persistent(start)()
    assert len(start.calls) == 3
