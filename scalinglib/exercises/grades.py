"""What an answer is told."""

import re
import textwrap
from dataclasses import dataclass

__all__ = ["Grade", "Note"]

MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○"}
HEADS = {"right": "right", "wrong": "not yet right", "not attempted": "not attempted"}
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~])")


@dataclass(frozen=True, repr=False)
class Grade:
    """What `grade` returns; in a notebook it is shown as Markdown.

    Attributes
    ----------
    id : str
        The exercise.
    state : {"not attempted", "wrong", "right"}
    reason : str
        Why.
    belief : str or None
        The wrong belief that leads to this answer, if it is a known one.
    """

    id: str
    state: str
    reason: str
    belief: str | None = None

    def __repr__(self):
        said = f"{MARKS[self.state]} {self.id}: {HEADS[self.state]}. "
        said += f"[{self.belief}] " if self.belief else ""
        return filled(said + self.reason)

    def _repr_markdown_(self):
        said = f"{MARKS[self.state]} **{HEADS[self.state]}.** "
        said += f"*{escaped(self.belief)}.* " if self.belief else ""
        text, call, rest = self.reason.partition(f'exercises.hint("{self.id}")')
        code = f"`{call}`{escaped(rest)}" if call else ""
        return said + escaped(text) + code


@dataclass(frozen=True, repr=False)
class Note:
    """A hint or a solution; in a notebook it is shown as Markdown.

    Attributes
    ----------
    title : str
    text : str
        Markdown.
    code : str
        Python, or empty.
    """

    title: str
    text: str
    code: str = ""

    def __repr__(self):
        parts = f"{self.title}\n\n{filled(self.text)}", self.code.rstrip()
        return "\n\n".join(filter(None, parts))

    def _repr_markdown_(self):
        code = f"\n\n```python\n{self.code.rstrip()}\n```" if self.code else ""
        return f"**{self.title}**\n\n{self.text}{code}"


def filled(text):
    """Text in lines, in which no call to be copied is broken at a hyphen."""
    paragraphs = text.split("\n\n")
    lines = (textwrap.fill(each, 79, break_on_hyphens=False) for each in paragraphs)
    return "\n\n".join(lines)


def escaped(text):
    r"""Text in which nothing is Markdown.

    >>> print(escaped("L_1 < L_2"))
    L\_1 \< L\_2
    """
    return SPECIAL.sub(r"\\\1", text)
