"""An exam: a game for each student, one answer, and a table for who marks it."""

import hashlib
import json
import unicodedata
from pathlib import Path

import pandas as pd

from scalinglib._input import named_path
from scalinglib.lab.answers import answer
from scalinglib.lab.cards import YOU, report_card
from scalinglib.lab.games import Game

__all__ = ["Exam", "Receipt", "grade", "start_exam"]

ENDING = ".json"
COLUMNS = ["student", "points", "loss held", "size held", "efficiency", "fault"]


class Receipt:
    """What a student hands in: the runs and the answers, not yet marked.

    Attributes
    ----------
    student : str
        Who.
    """

    def __init__(self, student, check, bought, loss, size):
        self.student = student
        self._said = {
            "student": student,
            "check": check,
            "bought": [[x, n] for x, n in sorted(bought.items())],
            "loss": [loss.low, loss.value, loss.high],
            "size": [size.low, size.value, size.high],
        }

    def save(self, path):
        """Write the file that is handed in.

        Parameters
        ----------
        path : path-like
            Ends in .json; a file there is not written over.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        FileExistsError
            If it is there.
        ValueError
            If it does not end so.
        """
        path = named_path("path", path)
        if path.suffix != ENDING:
            raise ValueError(f"path must end in {ENDING}, got {str(path)!r}")
        with path.open("x", encoding="utf-8") as file:
            json.dump(self._said, file, indent=1)
        return path

    def __repr__(self):
        return f"<answers of {self.student}: save them, as in .save('name.json')>"


class Exam(Game):
    """A game whose answer is marked later; made by `start_exam`.

    Attributes
    ----------
    student : str
        Who plays.
    """

    def __init__(self, word, student):
        super().__init__(_seed(word, student))
        self.student = _spelled(student)
        self._check = _check(word)

    def _received(self, loss, size):
        return Receipt(self.student, self._check, self.bought, loss, size)

    def __repr__(self):
        return (
            super().__repr__().replace(f"game {self.seed}", f"exam of {self.student}")
        )


def start_exam(word, student):
    """Start the exam of a student: a game of their own, with one answer.

    What :meth:`~scalinglib.lab.games.Game.submit` returns is no report card but a
    receipt to save and to hand in.

    Parameters
    ----------
    word : str
        Of the exam; told when it begins.
    student : str
        A name or a number, the same whenever they start again; capitals and blanks
        at its ends do not matter.

    Returns
    -------
    Exam

    Raises
    ------
    ValueError
        If one is empty or no text.

    Notes
    -----
    *What it is worth.* The law follows from word and name, by code that everyone can
    read, and whoever starts again sees the same runs: buying twice, to look at more
    than the budget allows, cannot be told from buying once. It keeps apart who works
    together, and shows a forecast that was made before its truth. Where more is needed,
    let it run on a machine of the course.

    Examples
    --------
    >>> exam = start_exam("a word", "Ada")
    >>> exam.buy([16, 256, 4096], 2).sizes
    Frozen({'D': 3, 'trial': 2})
    >>> exam.submit((0.1, 0.2, 0.3), (2e4, 1e5, 2e5))
    <answers of Ada: save them, as in .save('name.json')>
    """
    for name, value in (("word", word), ("student", student)):
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{name} must be text that is not empty, got {value!r}")
    return Exam(word, student)


def grade(receipts, word):
    """Mark an exam.

    Parameters
    ----------
    receipts : path-like, or sequence of path-like
        A folder of receipts, or files.
    word : str
        Of the exam.

    Returns
    -------
    DataFrame
        A row for each file, its index: ``student``, ``points`` of 100, ``loss held``,
        ``size held``, ``efficiency`` of the runs, and ``fault``: what is wrong with a
        receipt that cannot be marked, or that there are two of one student; else empty.

    Raises
    ------
    ValueError
        If there is no receipt, or `word` is no text.

    Examples
    --------
    >>> grade("/no/such/folder", "a word")
    Traceback (most recent call last):
    ...
    ValueError: receipts must be a folder with .json files, or such files, got ...
    """
    if not isinstance(word, str) or not word.strip():
        raise ValueError(f"word must be text that is not empty, got {word!r}")
    rows = {str(path): _marked(path, word) for path in _files(receipts)}
    found = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    marked = found["student"][found["fault"] == ""].str.casefold()
    again = marked.index[marked.duplicated(keep=False)]
    found.loc[again, "fault"] = "there is another receipt of this name"
    return found


def _files(receipts):
    one = isinstance(receipts, str | Path)
    try:
        paths = [Path(receipts)] if one else [Path(path) for path in receipts]
    except TypeError:
        paths = []
    found, there = [], True
    for path in paths:
        found += sorted(path.glob(f"*{ENDING}")) if path.is_dir() else [path]
        there = there and (path.is_dir() or path.is_file())
    if not found or not there:
        raise ValueError(
            f"receipts must be a folder with {ENDING} files, or such files, got "
            f"{receipts!r}"
        )
    return found


def _marked(path, word):
    """A row of the table; what is wrong stands in its last column."""
    student = ""
    try:
        if not path.is_file():
            raise ValueError("it is no file")
        said = json.loads(path.read_text(encoding="utf-8"))
        student = _spelled(said["student"])
        if said["check"] != _check(word):
            raise ValueError("it is of an exam with another word")
        game = start_exam(word, student)
        for x, n in said["bought"]:
            game.buy(x, n)
        loss, size = answer("loss", said["loss"]), answer("size", said["size"])
        played = game._truth, game.curve, game.bought, game.budget
        card = report_card(*played, loss, size)
    except Exception as error:  # whatever is wrong with a file stops no other
        told = str(error) or type(error).__name__
        said = f"has no {told}" if isinstance(error, KeyError) else told
        return [student, float("nan"), False, False, float("nan"), said]
    held = card.table["held"].sel(who=YOU)
    return [
        student,
        card.total,
        bool(held.sel(question="loss")),
        bool(held.sel(question="size")),
        card.efficiency,
        "",
    ]


def _spelled(name):
    """A name as everyone spells it, whatever machine it was typed on."""
    if not isinstance(name, str):
        return ""
    plain = unicodedata.normalize("NFC", name).encode("utf-8", "replace").decode()
    return " ".join(plain.split())


def _seed(word, student):
    texts = (_spelled(text).casefold() for text in (word, student))
    return int.from_bytes(_digest("seed", *texts)[:6], "big")


def _check(word):
    return _digest("check", _spelled(word).casefold()).hex()[:12]


def _digest(*texts):
    return hashlib.sha256(json.dumps(texts).encode()).digest()
