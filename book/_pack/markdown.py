"""Blocks of a resolved doctree as CommonMark and LaTeX, as Jupyter shows them."""

import re
import textwrap

from docutils import nodes
from sphinx.util.math import get_node_equation_number
from sphinx_exercise.nodes import is_exercise_node

from .inline import Inline, escape_first

TO_PLAY_WITH = re.compile(r'<div class="[\w-]+" data-.*?>(?=<)(.*)</div>', re.S)


def quoted(text):
    r"""A block quote; a formula in it must not span lines, or it holds their ``>``.

    >>> print(quoted("a\n\nb"))
    > a
    >
    > b
    """
    return "\n".join(f"> {line}".rstrip() for line in flat(text).split("\n"))


def flat(text):
    """Text with each displayed formula on one line."""
    formula = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.S | re.M)
    return formula.sub(lambda m: f"$$ {' '.join(m[1].split())} $$", text)


def folded(summary, text):
    """What is seen when its title is pressed."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


class Markdown(Inline):
    """Writes blocks: a method for each kind of node, and an error for any other."""

    def blocks(self, children):
        """Return nodes as Markdown, an empty line between any two blocks."""
        parts = []
        for child in children:
            parts.append(self.named(child, "block", "inline"))
        return "\n\n".join(part for part in parts if part.strip())

    def number(self, node):
        """The number that the book gives to a figure, an exercise or a theorem."""
        kind = self.builder.env.get_domain("std").get_enumerable_node_type(node)
        kind = node.get("countertype", kind)
        numbers = self.builder.fignumbers.get(kind, {})
        found = next((numbers[i] for i in node["ids"] if i in numbers), ())
        return ".".join(map(str, found))

    def inline_reference(self, node):
        """A link; objectives name what they ask for, for here it is no link."""
        text = super().inline_reference(node)
        if text not in ("predict", "practise") or not node.get("refid"):
            return text
        root = node
        while root.parent is not None:
            root = root.parent
        there = root.findall(lambda n: node["refid"] in _names(n))
        there = next((n for n in there if n.children), None)
        if there is None:
            return text
        if is_exercise_node(there) and self.number(there):
            form = self.builder.config.numfig_format["exercise"]
            return f"{text}: {form % self.number(there)}"
        return f"{text}: *{self.inline(there.children[0].children)}*"

    # ------------------------------------------------------------ text

    def block_paragraph(self, node):
        """A paragraph."""
        return escape_first(self.inline(node.children))

    block_compact_paragraph = block_paragraph

    def block_title(self, node):
        """A title that heads nothing: of a list of contents, of a box."""
        return f"**{self.inline(node.children)}**"

    block_rubric = block_title
    block_caption = block_title

    def block_section(self, node):
        """What a box holds."""
        return self.blocks(node.children)

    block_compound = block_section
    block_topic = block_section

    def block_container(self, node):
        """What is folded, proofs and hints, under its title; or any other box."""
        if node.get("design_component") != "dropdown":
            return self.blocks(node.children)
        title, *rest = node.children
        return folded(self.summary(title.children), self.blocks(rest))

    def block_block_quote(self, node):
        """A quotation."""
        return quoted(self.blocks(node.children))

    def block_literal_block(self, node):
        """Code that is not run here."""
        language = node.get("language", "")
        language = "" if language in ("default", "none") else language
        return f"```{language}\n{node.astext().rstrip()}\n```"

    block_doctest_block = block_literal_block

    def block_math_block(self, node):
        """A displayed formula, with the number of the book."""
        text = re.sub(r"\n\s*\n", "\n", node.astext().strip())
        if r"\\" in text and r"\begin" not in text:
            text = f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}"
        if node.get("number"):
            number = get_node_equation_number(self, node)
            text += f"\n\\tag{{{number}}}"
        return f"$$\n{text}\n$$"

    def block_raw(self, node):
        """HTML; of a figure to play with, what it keeps for paper."""
        return TO_PLAY_WITH.sub(r"\1", self.inline_raw(node)).strip()

    def block_transition(self, node):
        """A line."""
        return "---"

    def block_comment(self, node):
        """Nothing is to be seen of comments and targets."""
        return ""

    block_target = block_comment
    block_index = block_comment
    block_substitution_definition = block_comment
    block_system_message = block_comment
    block_meta = block_comment

    # ------------------------------------------------------------ lists and tables

    def block_bullet_list(self, node):
        """A list."""
        return self._items(node, lambda i: "- ")

    def block_enumerated_list(self, node):
        """A list with numbers."""
        return self._items(node, lambda i: f"{node.get('start', 1) + i}. ")

    def _items(self, node, mark):
        """Items, indented by their marks; close together if each is a paragraph."""
        items = []
        for i, item in enumerate(node.children):
            space = " " * len(mark(i))
            text = flat(self.blocks(item.children))
            if isinstance(item.children[-1:] and item[-1], nodes.bullet_list):
                text = re.sub(r"\n\n(?=- )", "\n", text)
            items.append(mark(i) + textwrap.indent(text, space)[len(space) :])
        tight = not any("\n\n" in item for item in items)
        return ("\n" if tight else "\n\n").join(items)

    def block_definition_list(self, node):
        """Terms and what they mean."""
        items = []
        for item in node.children:
            term, meaning = item.children[0], item.children[-1]
            head = f"**{self.inline(term.children)}**"
            items.append(f"{head}: {self.blocks(meaning.children)}")
        return "\n\n".join(items)

    def block_table(self, node):
        """A table, with a first row that names the columns."""
        self.in_table = True
        rows = [
            [
                " ".join(self.blocks(entry.children).split())
                for entry in row.findall(nodes.entry)
            ]
            for row in node.findall(nodes.row)
        ]
        self.in_table = False
        if not next(node.findall(nodes.thead), None):
            rows.insert(0, [""] * len(rows[0]))
        rows.insert(1, ["---"] * len(rows[0]))
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        titles = [f"**{self.inline(t.children)}**" for t in node.findall(nodes.title)]
        return "\n\n".join([*titles, table])

    def block_footnote(self, node):
        """A footnote, with its number."""
        label, *rest = node.children
        return f"<sup>{label.astext()}</sup> {self.blocks(rest)}"

    # ------------------------------------------------------------ figures and boxes

    def block_figure(self, node):
        """The number and the caption; the picture is drawn by a cell, or on the web."""
        captions = list(node.findall(nodes.caption))
        if not captions:
            return ""
        form = self.builder.config.numfig_format["figure"]
        number = self.number(node)
        head = f"**{form % number}** " if number else ""
        return head + " ".join(self.inline(c.children) for c in captions)

    def block_image(self, node):
        """What is to be seen."""
        return self.inline_image(node)

    def block_Admonition(self, node):
        """A box: a quote under its title, or folded where the book folds it.

        The title of a theorem begins with its number.
        """
        title, rest = node.tagname.capitalize(), node.children
        if rest and isinstance(rest[0], nodes.title):
            title, rest = rest[0], rest[1:]
            if {"dropdown", "toggle"} & set(node["classes"]):
                return folded(self.summary(title.children), self.blocks(rest))
            title = self.inline(title.children).strip()
        if "realtype" in node:
            head = f"{node['realtype'].capitalize()} {self.number(node)}"
            title = f"{head} {title}".strip()
        return quoted(f"**{title}**\n\n{self.blocks(rest)}")

    def block_proof_node(self, node):
        """A proof."""
        text = self.blocks(node.children[0].children)
        return re.sub(r"^Proof\.\s*", "*Proof.* ", text)

    def block_readers_question(self, node):
        """A question; answers and what is said to them are folded."""
        title, prompt, answers = node.children
        offered, told = [], []
        for label, feedback in (answer.children for answer in answers.children):
            text = self.inline(label.children)
            offered.append(f"- {text}")
            verdict = label.parent["verdict"]
            said = flat(self.blocks(feedback.children))
            item = f"- **{text}**: " + (f"*{verdict}.* " if verdict else "") + said
            told.append(textwrap.indent(item, "  ")[2:])
        head = f"**Predict: {self.inline(title.children)}**"
        choice = node["kind"] == "choice"
        parts = [head, self.blocks(prompt.children)]
        parts += ["\n".join(offered)] if choice else []
        title = "The answers" if choice else "Compare with your number"
        return quoted("\n\n".join([*parts, folded(title, "\n".join(told))]))


def _names(node):
    """What a node is referred to by."""
    return node.get("ids", ()) if isinstance(node, nodes.Element) else ()
