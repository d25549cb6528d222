"""The text of a question: its prompt, its answers and their feedback.

What may be written is told in `questions`; a ValueError says what is wrong with it.
"""

import math
import re
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path

#: Wrong beliefs by key: what each `says`, and the label `where` it is refuted.
BELIEFS = tomllib.loads(Path(__file__).with_name("beliefs.toml").read_text("utf-8"))

BULLET = re.compile(r"[-*+] ")
TASK = re.compile(r"[-*+] \[([ xX?])\]\s")
KEYED = re.compile(r"[-*+] (right|otherwise|[-−+.\d][^:]*):(\s|$)")
# What may hide a colon: an escape, code or a role, maths, a link's text.
COLON = re.compile(r"\\.|(`+).*?\1|\$\$.*?\$\$|\$[^$]*\$|\[[^\]]*\]|(:)(?=\s|$)", re.S)
PLAIN = re.compile(r"[-+]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)(e[-+]?[0-9]+)?", re.I)
THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}((,[0-9]{3})+|(\s[0-9]{3})+)(\.[0-9]*)?")
POWER = re.compile(r"([-+]?)([^-+^]+?)\s*\^\s*([-+]?[0-9]{1,4})")


@dataclass
class Answer:
    """One answer: what is offered, what is explained, and where it stands."""

    label: str
    feedback: str
    right: bool
    value: float | None
    line: int
    feedback_line: int
    unsure: bool = False  # neither right nor wrong: what is said is there to be read

    @property
    def verdict(self):
        """What is said of it in a word."""
        return "Yes" if self.right else "" if self.unsure else "No"


def read_part(text):
    """Read a number without a fraction bar; None if it is none.

    >>> [read_part(text) for text in ("10,000", "0,500", "2^-3", "one")]
    [10000.0, 0.5, 0.125, None]
    """
    text = text.strip()
    if THOUSANDS.fullmatch(text):
        return float(re.sub(r"[,\s]", "", text))
    if PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    power = POWER.fullmatch(text)
    base = read_part(power[2]) if power else None
    return base if base is None else float(f"{power[1]}1") * base ** int(power[3])


def read_number(text):
    """Read a number as ``questions.js`` reads it; ValueError if it is none.

    >>> [read_number(text) for text in ("1/2", ".5", "0,5", "5e-1", "−3")]
    [0.5, 0.5, 0.5, 0.5, -3.0]
    >>> [read_number(text) for text in ("10 000", "10,000", "10^4", "59 %")]
    [10000.0, 10000.0, 10000.0, 0.59]
    """
    bare = text.replace("−", "-").rstrip()
    scale = 100 if bare.endswith("%") else 1
    parts = bare.removesuffix("%").split("/")
    try:
        top, bottom = [read_part(part) for part in parts] + [1.0] * (2 - len(parts))
        found = top / bottom / scale
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is not a number such as 0.5, 1/2 or 1e-3") from None
    except ArithmeticError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f"{text!r} is not a finite number")
    return found


def split_feedback(text):
    """Split at the first colon before a space, outside maths, code and links.

    >>> split_feedback("it is $f: x$, always: Yes. See")
    ('it is $f: x$, always', 'Yes. See')
    >>> split_feedback("no feedback")
    ('no feedback', '')
    """
    for match in COLON.finditer(text):
        if match[2]:
            return text[: match.start()].strip(), text[match.end() :].strip()
    return text.strip(), ""


def split_items(lines, marker):
    """Split lines into the prompt and the (line, text) of each final bullet."""
    start = next((i for i, line in enumerate(lines) if marker.match(line)), len(lines))
    while start and BULLET.match(lines[start - 1]):
        start -= 1  # the same list, so it should have been an answer
    items = []
    for i, line in enumerate(lines[start:], start):
        if BULLET.match(line):
            if not marker.match(line):
                raise ValueError(f"expected an answer, not {line!r}")
            items.append((i, [line]))
        elif line.strip() and not line[0].isspace() and not lines[i - 1].strip():
            raise ValueError(f"text after the answers: {line!r}")
        else:
            items[-1][1].append(line)
    texts = [(i, first[2:], textwrap.dedent("\n".join(r))) for i, (first, *r) in items]
    return lines[:start], [(i, f"{first}\n{rest}".strip()) for i, first, rest in texts]


def read_answers(lines, numeric):
    """Read prompt and answers; ValueError where one is incomplete.

    The "Yes." or "No." that opens a feedback is for readers of the notebook; the
    book prints the verdict itself.
    """
    prompt, items = split_items(lines, KEYED if numeric else TASK)
    answers = []
    for line, text in items:
        right = text[1] in "xX"
        label, feedback = split_feedback(text if numeric else text[3:])
        feedback = re.sub(r"^(Yes|No)\.(\s+|$)", "", feedback)
        if not label:
            raise ValueError(f"an answer without text: {text!r}")
        if not feedback:
            raise ValueError(f"no feedback for the answer {label!r}")
        value = None
        if numeric:
            right = label == "right"
            value = None if label in ("right", "otherwise") else read_number(label)
        above = text.count("\n") - feedback.count("\n")
        unsure = not numeric and text[1] == "?"
        answer = Answer(label, feedback, right, value, line, line + above, unsure)
        answers.append(answer)
    if not any(line.strip() for line in prompt):
        raise ValueError("no question before the answers")
    return prompt, answers


def check_choice(answers):
    """ValueError unless there are two answers or more, one of them right."""
    right = sum(answer.right for answer in answers)
    if len(answers) < 2:
        raise ValueError("needs two answers or more, as a task list")
    if right != 1:
        raise ValueError(f"needs exactly one right answer, has {right or 'none'}")


def check_number(answers, target, within):
    """ValueError unless 'right' and 'otherwise' are there and the rest is wrong."""
    labels = [answer.label for answer in answers]
    for label in ("right", "otherwise"):
        if labels.count(label) != 1:
            raise ValueError(f"needs exactly one '{label}:' feedback")
    values = [answer.value for answer in answers if answer.value is not None]
    if len(set(values)) < len(values):
        raise ValueError("two feedbacks for the same number")
    if within < 0:
        raise ValueError(f"':within: {within:g}' is negative")
    for value in values:
        if abs(value - target) <= within:
            raise ValueError(f"the wrong number {value:g} is within reach of the right")


def read_beliefs(text):
    """Read the keys of wrong beliefs; ValueError for one that is not in the table.

    >>> read_beliefs("floor order")
    ['floor', 'order']
    """
    keys = text.split()
    for key in keys:
        if key not in BELIEFS:
            raise ValueError(f"':belief: {key}' is none of {', '.join(BELIEFS)}")
    if len(set(keys)) < len(keys):
        raise ValueError(f"':belief: {text}' names one twice")
    return keys
