"""What an exercise is: data."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Exercise", "Wrong"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Wrong:
    """A wrong answer that people give.

    Attributes
    ----------
    belief : str
        The wrong belief behind it, in a few words.
    answer : callable
        What the belief leads to: takes the inputs that the reference takes.
    says : str
        Why it is wrong and where to look next, without the right answer. Plain text:
        it is read on a terminal, too.
    """

    belief: str
    answer: Callable
    says: str


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Exercise:
    """One exercise of the book that can be checked.

    Attributes
    ----------
    id : str
        The label that it has in the book.
    chapter : int or str
        The chapter that it stands in, or the name of a page of practice.
    objective : int
        Which objective of that page it practises, counted from one.
    title : str
        Its title in the book.
    asks : str
        What to hand in, in a sentence.
    kind : Number, Numbers, Choice or Function
        How an answer is read and compared, and with which inputs.
    reference : callable
        The solution: takes the inputs, returns the right answer.
    right : str
        What a right answer has shown.
    wrong : tuple of Wrong
        Three or more.
    hints : tuple of str
        From the lightest on.
    reasoning : str
        How one gets to the solution, in Markdown.
    """

    id: str
    chapter: int | str
    objective: int
    title: str
    asks: str
    kind: object
    reference: Callable
    right: str
    wrong: tuple
    hints: tuple
    reasoning: str

    def __repr__(self):
        page = self.chapter
        page = page if isinstance(page, str) else f"chapter {page}"
        return f"{self.id} ({page}, objective {self.objective}): {self.title}"
