"""Questions to answer before running a cell, with feedback that explains.

A choice is a task list, a number is a list of numbers, each answer followed by a
colon, a space and the feedback to whoever gives it::

    :::{question} A title
    :name: q-floor
    The exponent you read off is …
    - [ ] too large: No. The floor flattens the tail …
    - [x] too small: Yes. A flat tail has a small slope …
    :::

    :::{question} A number
    :answer: 1/2
    :within: 0.05
    With $d = 4$ and $c = 2$ the exponent is …
    - right: Yes. It is $c/d$ …
    - 0.25: No. You took $c = 1$ …
    - otherwise: Count the powers of the distance …
    :::

The HTML is complete without JavaScript (an answer opens to its feedback);
``questions.js`` turns it into a form. Every other builder gets ordinary lists.
The extension also loads what the explorables of a page need (`EXPLORABLES`).
"""

import hashlib
import math
import re
import textwrap
from dataclasses import dataclass
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id

INTERACTIVE = ("html", "dirhtml")
#: Scripts of the figures to play with, by the class of the element they fill: what
#: several of them need comes first.
EXPLORABLES = {
    "law-explorer": ["explorer.js"],
    "variance-crossover": ["spectrum.js", "crossover.js"],
    "feature-plane": ["spectrum.js", "plane.js"],
    "smooth-spectrum": ["spectrum.js", "smoothness.js"],
    "compute-frontier": ["frontier.js"],
    "horizon-collapse": ["horizon.js"],
    "lazy-rich": ["spectrum.js", "lazy_rich.js"],
}
BULLET = re.compile(r"[-*+] ")
TASK = re.compile(r"[-*+] \[([ xX])\]\s")
KEYED = re.compile(r"[-*+] (right|otherwise|[-−+.\d][^:]*):(\s|$)")
# What may hide a colon: an escape, code or a role, maths, a link's text.
COLON = re.compile(r"\\.|(`+).*?\1|\$\$.*?\$\$|\$[^$]*\$|\[[^\]]*\]|(:)(?=\s|$)", re.S)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.I)


# ---------------------------------------------------------------- reading


@dataclass
class Answer:
    """One answer: what is offered, what is explained, and where it stands."""

    label: str
    feedback: str
    right: bool
    value: float | None
    line: int
    feedback_line: int


def read_number(text):
    """Read a number as ``questions.js`` reads it; ValueError if it is none.

    >>> [read_number(text) for text in ("1/2", ".5", "0,5", "5e-1", "−3")]
    [0.5, 0.5, 0.5, 0.5, -3.0]
    """
    parts = text.replace("−", "-").replace(",", ".").split("/")
    parts = [part.strip() for part in parts]
    if len(parts) > 2 or not all(NUMBER.fullmatch(part) for part in parts):
        raise ValueError(f"{text!r} is not a number such as 0.5, 1/2 or 1e-3")
    top, bottom = float(parts[0]), float(parts[1]) if parts[1:] else 1.0
    if bottom == 0 or not math.isfinite(top / bottom):
        raise ValueError(f"{text!r} is not a finite number")
    return top / bottom


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
        answers.append(Answer(label, feedback, right, value, line, line + above))
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


# ---------------------------------------------------------------- the directive


class question(nodes.General, nodes.Element):
    """A question: title, prompt, answers."""


class question_title(nodes.Part, nodes.TextElement):
    """Its title."""


class question_prompt(nodes.Part, nodes.Element):
    """What is asked."""


class question_answers(nodes.Part, nodes.Element):
    """All answers."""


class question_answer(nodes.Part, nodes.Element):
    """One answer: label and feedback."""


class question_label(nodes.Part, nodes.TextElement):
    """What is offered."""


class question_feedback(nodes.Part, nodes.Element):
    """What is explained to whoever gave the answer."""


class QuestionDirective(SphinxDirective):
    """``{question}``: a choice, or a number if ``:answer:`` is given."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "name": directives.unchanged_required,
        "answer": directives.unchanged_required,
        "within": directives.unchanged_required,
    }

    def run(self):
        """Return the question, or warn where it stands."""
        try:
            return [self.question()]
        except ValueError as error:
            raise self.warning(f"question: {error}") from error

    def question(self):
        """Read, check and build the question."""
        lines = list(self.content)
        prompt, answers = read_answers(lines, "answer" in self.options)
        node = question(data=self.check(answers))
        # An attempt at an earlier version of the question is not brought back.
        source = "\n".join([*lines, *map(str, node["data"].values())])
        node["data"]["data-digest"] = hashlib.sha256(source.encode()).hexdigest()[:8]
        self.set_source_info(node)
        node += question_title("", "", *self.inline(*self.arguments[:1]))
        self.identify(node)
        node += self.block(question_prompt(), "\n".join(prompt), 0)
        node += question_answers()
        node[-1] += [self.answer(answer) for answer in answers]
        return node

    def check(self, answers):
        """Check the answers against the options; return what the script needs."""
        if "answer" in self.options:
            target = read_number(self.options["answer"])
            within = read_number(self.options.get("within", "0"))
            check_number(answers, target, within)
            kind = {"data-answer": target, "data-within": within}
            return {"data-kind": "number"} | kind
        if "within" in self.options:
            raise ValueError("':within:' without ':answer:'")
        check_choice(answers)
        return {"data-kind": "choice"}

    def identify(self, node):
        """Give the node its id and, if named, a label unique in the book."""
        document = self.state.document
        label = nodes.fully_normalize_name(self.options.get("name", ""))
        std = self.env.get_domain("std")
        if label in std.anonlabels or document.nametypes.get(label):
            raise ValueError(f"the name {label!r} is taken")
        node["ids"] = [make_id(self.env, document, "" if label else "question", label)]
        document.set_id(node)
        if label:
            place = (self.env.docname, node["ids"][0])
            std.anonlabels[label] = place
            std.labels[label] = (*place, node[0].astext() or label)

    def answer(self, answer):
        """Build one answer."""
        label = answer.label
        if label == "right":
            label = self.options["answer"]
            if "within" in self.options:
                label += f" (within {self.options['within']})"
        elif label == "otherwise":
            label = "any other number"
        data = {"data-right": ""} if answer.right else {}
        if answer.value is not None:
            data["data-value"] = answer.value
        node = question_answer(data=data, right=answer.right)
        node += question_label("", "", *self.inline(label, answer.line))
        node += self.block(question_feedback(), answer.feedback, answer.feedback_line)
        return node

    def inline(self, text="", line=0):
        """Parse text that fits on a line."""
        children, messages = self.parse_inline(text, lineno=self.lineno + line)
        return children + messages

    def block(self, node, text, line):
        """Parse blocks of text into the node."""
        lines = StringList(text.splitlines(), source=self.get_source_info()[0])
        self.state.nested_parse(lines, self.content_offset + line, node)
        return node


# ---------------------------------------------------------------- writing


class PlainQuestions(SphinxPostTransform):
    """Turn questions into ordinary lists, for builders that cannot interact."""

    default_priority = 5

    def is_supported(self):
        """Every builder but the interactive ones."""
        return self.app.builder.name not in INTERACTIVE

    def run(self, **kwargs):
        """Replace each question by its heading, its prompt and its answers."""
        for node in list(self.document.findall(question)):
            title, prompt, answers = node.children
            head = nodes.strong("", "Predict. ", *title.children)
            items = nodes.bullet_list(bullet="-")
            for answer in answers:
                label, feedback = answer.children
                verdict = nodes.Text(" — Yes." if answer["right"] else " — No.")
                line = nodes.paragraph("", "", nodes.strong("", "", *label), verdict)
                items += nodes.list_item("", line, *feedback.children)
            target = nodes.target(ids=node["ids"])
            box = nodes.container(classes=["question"])
            box += [nodes.paragraph("", "", target, head), *prompt.children, items]
            node.parent.replace(node, box)  # replace_self would copy the id


def element(tag, css, opening="", closing=""):
    """Return the visitors that write a node as an HTML element."""

    def visit(self, node):
        start = self.starttag(node, tag, CLASS=css, **node.get("data", {}))
        self.body.append(start + opening)

    def depart(self, node):
        self.body.append(f"{closing}</{tag}>\n")

    return visit, depart


def visit_answers(self, node):
    """Open the answers: choices are in sight, numbers would give too much away."""
    if node.parent["data"]["data-kind"] == "choice":
        hint = '<p class="question-hint">Open the answer you would give.</p>'
    else:
        hint = "<details><summary>Compare with your number</summary>"
    self.body.append(f'<div class="question-answers">\n{hint}\n')


def depart_answers(self, node):
    """Close the answers."""
    number = node.parent["data"]["data-kind"] == "number"
    self.body.append("</details></div>\n" if number else "</div>\n")


def visit_feedback(self, node):
    """Open the feedback with the verdict in words."""
    verdict = "Yes" if node.parent["right"] else "Not yet"
    html = f'<div class="question-feedback"><p class="question-verdict">{verdict}</p>'
    self.body.append(html + "\n")


def depart_feedback(self, node):
    """Close the feedback."""
    self.body.append("</div>\n")


def load_scripts(app, pagename, templatename, context, doctree):
    """Load a script on the pages that have something for it."""
    if doctree is None or app.builder.name not in INTERACTIVE:
        return
    if next(doctree.findall(question), None):
        app.add_js_file("questions.js", loading_method="defer")
    raw = " ".join(node.astext() for node in doctree.findall(nodes.raw))
    scripts = [s for name, each in EXPLORABLES.items() if name in raw for s in each]
    if scripts:
        app.add_css_file("explorables.css")
        for script in dict.fromkeys(["explorables.js", *scripts]):
            app.add_js_file(script, loading_method="defer")


def setup(app):
    """Register the directive, its nodes and the files they need."""
    kicker = '<span class="question-kicker">Predict</span> '
    form = element("form", "question", "<fieldset>\n", "</fieldset>")
    app.add_directive("question", QuestionDirective)
    app.add_node(question, html=form)
    app.add_node(question_title, html=element("legend", "question-title", kicker))
    app.add_node(question_prompt, html=element("div", "question-prompt"))
    app.add_node(question_answers, html=(visit_answers, depart_answers))
    app.add_node(question_answer, html=element("details", "question-answer"))
    app.add_node(question_label, html=element("summary", "question-label"))
    app.add_node(question_feedback, html=(visit_feedback, depart_feedback))
    app.add_css_file("questions.css")
    app.add_post_transform(PlainQuestions)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
