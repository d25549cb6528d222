"""Words of a resolved doctree as CommonMark: emphasis, code, maths, links."""

import html
import re

from docutils import nodes

SPECIAL = re.compile(r"([\\`*\[\]<$]|(?<!\w)_|_(?!\w)|~(?=~)|&(?=#?\w+;))")
FIRST = re.compile(r"(?:([#>]|[-+](?=\s))|(\d+)([.)])(?=\s))")


def escape(text):
    r"""Text that Markdown would take for a sign of its own, made harmless.

    >>> print(escape("a*b* [x] $5, snake_case, _so_"))
    a\*b\* \[x\] \$5, snake_case, \_so\_
    """
    return SPECIAL.sub(r"\\\1", text)


def escape_first(text):
    r"""The same for what is special only where a paragraph begins.

    >>> print(escape_first("1. is no list"))
    1\. is no list
    """
    return FIRST.sub(
        lambda m: f"{m[2]}\\{m[3]}" if m[2] else f"\\{m[1]}", text, count=1
    ) if FIRST.match(text) else text  # fmt: skip


def one_line(text):
    """Text with every run of white space as one space."""
    return " ".join(text.split())


class Inline:
    """Writes what stands within a paragraph.

    Parameters
    ----------
    builder
        The `ReadersBuilder`, which knows numbers and the names of the notebooks.
    prefix : str
        How to get from the notebook to its neighbours: ``""`` or ``"../"``.
    """

    def __init__(self, builder, prefix=""):
        self.builder = builder
        self.prefix = prefix
        self.cited = {}
        self.in_table = False

    def inline(self, children):
        """Return nodes as one line of Markdown."""
        text = "".join(self.named(child, "inline") for child in children)
        return re.sub(r"\s*\n\s*", " ", text)

    def named(self, node, *kinds):
        """Call the method for a node, or that for a class that it is of."""
        for kind in kinds:
            for cls in type(node).__mro__:
                method = getattr(self, f"{kind}_{cls.__name__}", None)
                if method:
                    return method(node)
        raise NotImplementedError(f"no {kinds[0]} Markdown for {node.tagname}: {node}")

    # ------------------------------------------------------------ one method a node

    def inline_Text(self, node):
        """Words."""
        text = escape(str(node))
        return text.replace("|", r"\|") if self.in_table else text

    def inline_emphasis(self, node):
        """Emphasis."""
        return f"*{self.inline(node.children)}*"

    inline_title_reference = inline_emphasis

    def inline_strong(self, node):
        """Strong emphasis."""
        return f"**{self.inline(node.children)}**"

    def inline_literal(self, node):
        """Code, between more backticks than it holds; a name of a reference is none."""
        if "xref" in node["classes"] and "std" in node["classes"]:
            return self.inline(node.children)
        text = one_line(node.astext())
        ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
        space = " " if "`" in text else ""
        text = text.replace("|", r"\|") if self.in_table else text
        return f"{ticks}{space}{text}{space}{ticks}"

    def inline_math(self, node):
        """A formula."""
        return f"${self.tex(node.astext())}$"

    def tex(self, text):
        """LaTeX on one line, without the bar that would end a cell of a table."""
        text = one_line(text)
        if self.in_table:
            text = text.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        return text

    def inline_inline(self, node):
        """Words with a class, which Markdown has not."""
        return self.inline(node.children)

    inline_abbreviation = inline_inline
    inline_generated = inline_inline
    inline_pending_xref = inline_inline

    def inline_superscript(self, node):
        """Raised."""
        return f"<sup>{self.inline(node.children)}</sup>"

    def inline_subscript(self, node):
        """Lowered."""
        return f"<sub>{self.inline(node.children)}</sub>"

    def inline_footnote_reference(self, node):
        """The number of a footnote."""
        return f"<sup>{node.astext()}</sup>"

    def inline_image(self, node):
        """What is to be seen."""
        return f"*(picture on the web page: {escape(node.get('alt', ''))})*"

    def inline_raw(self, node):
        """HTML, which Markdown may hold; nothing for LaTeX."""
        return node.astext() if "html" in node["format"].split() else ""

    def inline_target(self, node):
        """The end of a reference, which is not to be seen."""
        return self.inline(node.children)

    def inline_comment(self, node):
        """Nothing."""
        return ""

    inline_system_message = inline_comment
    inline_index = inline_comment

    def inline_reference(self, node):
        """A link to another site or notebook; words if it leads elsewhere."""
        text, address = self.inline(node.children), node.get("refuri", "")
        if not address.startswith("book:"):
            outside = re.match(r"https?://|mailto:", address)
            return f"[{text}]({address})" if outside else text
        page, _, name = address.removeprefix("book:").partition("#")
        if name in self.builder.works:
            self.cited[name] = self.builder.works[name]
            return text
        notebook = self.builder.notebooks().get(page)
        if notebook is None or page == self.builder.current_docname:
            return text
        return f"[{text}]({self.prefix}{notebook}.ipynb)"

    inline_number_reference = inline_reference

    # ------------------------------------------------------------ titles in HTML

    def summary(self, children):
        """Return nodes as HTML, for a `<summary>`, in which Markdown is not read."""
        tags = {"emphasis": "em", "strong": "b", "literal": "code"}
        parts = []
        for child in children:
            if isinstance(child, nodes.Text):
                parts.append(html.escape(str(child), quote=False))
            elif isinstance(child, nodes.math):
                parts.append(f"${one_line(child.astext())}$")
            else:
                inside, tag = self.summary(child.children), tags.get(child.tagname)
                parts.append(f"<{tag}>{inside}</{tag}>" if tag else inside)
        return one_line("".join(parts))
