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

An answer marked ``[?]``, as *I cannot say yet*, is neither right nor wrong: what
follows it is there to be read, and it counts as not known.

With ``:belief: floor order`` it names the wrong beliefs that its answers come from:
keys of ``beliefs.toml``. They change nothing here; `review` gathers questions by them.

The HTML is complete without JavaScript (an answer opens to its feedback);
``questions.js`` turns it into a form. Every other builder gets ordinary lists.
The extension also loads what the explorables of a page need (`EXPLORABLES`).
"""

import hashlib
from typing import ClassVar

from answers import (
    check_choice,
    check_number,
    read_answers,
    read_beliefs,
    read_number,
)
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
    "near-points": ["neighbours.js"],
    "feature-plane": ["spectrum.js", "plane.js"],
    "smooth-spectrum": ["spectrum.js", "smoothness.js"],
    "last-mode": ["last_mode.js"],
    "compute-frontier": ["frontier.js"],
    "horizon-collapse": ["horizon.js"],
    "lazy-rich": ["spectrum.js", "lazy_rich.js"],
    "open-curve": ["open_rules.js", "open_curve.js"],
    "scaling-lab": ["numpy_draws.js", "lab_rules.js", "lab_pictures.js", "lab_game.js"],
}


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
        "belief": directives.unchanged_required,
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
        beliefs = read_beliefs(self.options.get("belief", ""))
        node = question(data=self.check(answers), beliefs=beliefs)
        if "answer" in self.options and "how many per cent" in " ".join(prompt):
            node["data"]["data-percent"] = "asked"  # then 59 % is 59
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
        node["data"]["data-label"] = label  # what is remembered goes by it
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
        if answer.unsure:
            data["data-unsure"] = ""
        node = question_answer(data=data, verdict=answer.verdict)
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
                told = answer["verdict"] and f" {answer['verdict']}."
                verdict = nodes.Text(f" —{told}")
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
    said = {"Yes": "Yes", "No": "Not yet", "": "Then read this"}
    verdict = said[node.parent["verdict"]]
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
        for script in ("memory.js", "questions.js"):
            app.add_js_file(script, loading_method="defer")
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
    safe = {"parallel_read_safe": True, "parallel_write_safe": True}
    return {"version": "1", "env_version": 2, **safe}  # 2: answers have a verdict
