"""What is found, and commands that mend it."""

import re
import sys
from typing import NamedTuple

__all__ = ["Finding", "pip", "quoted"]


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    state : str
        ``"well"``, ``"ill"``, or ``"note"`` for what is missing and not needed by all.
    what : str
        What was found, in a sentence.
    remedy : str
        The command that mends it, or nothing.

    Examples
    --------
    >>> Finding("ill", "numpy is missing.", "pip install numpy").state
    'ill'
    """

    state: str
    what: str
    remedy: str = ""


def pip(*arguments):
    """Return a command of the pip that belongs to this Python."""
    return " ".join([quoted(sys.executable), "-m", "pip", "install", *arguments])


def quoted(text):
    """Return a text as one word of a shell."""
    return text if re.fullmatch(r"[\w@%+=:,./\\-]+", text) else f'"{text}"'
