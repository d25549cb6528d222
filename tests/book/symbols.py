r"""The symbols of a page's formulas, and those that its text introduces.

A symbol is a letter with its accent or its alphabet: ``\hat f``, ``\mathcal K``, ``V``.
What stands in a subscript is an index or a label and is not collected.
"""

import re

GREEK = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa"
    "|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|varphi|chi|psi|omega|ell"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega"
)
ACCENTS = "hat|bar|tilde|dot|ddot|vec|mathcal|mathbf|mathfrak|mathbb|mathsf"

LETTER = rf"(?:\\(?:{GREEK})(?![a-zA-Z])|[a-zA-Z])"
ACCENT = rf"\\(?P<accent>{ACCENTS})(?![a-zA-Z])"
SYMBOL = re.compile(rf"{ACCENT}\s*\{{?\s*(?P<under>{LETTER})|(?P<plain>{LETTER})")
WORDS = re.compile(r"\\(?:text|mathrm|operatorname\*?|begin|end|tag)\s*\{[^{}]*\}")
COMMAND = re.compile(rf"\\(?!(?:{GREEK}|{ACCENTS})(?![a-zA-Z]))[a-zA-Z]+")
# A subscript: a group in braces, a command with what it stands over, or a character.
SUBSCRIPT = re.compile(
    r"_\s*(?:\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
    r"|\\[a-zA-Z]+(?:\s*\{[^{}]*\}|\s+[a-zA-Z](?![a-zA-Z]))?|.)"
)
DISPLAYED = re.compile(r"\$\$(.+?)\$\$|(`{3,}|:{3,})\{math\}.*?\n(.+?)\2", re.S)
INLINE = re.compile(r"\$([^$]+)\$")
QUOTED = re.compile(r"^:[\w-]+:.*$|(?<!`)`[^`\n]+`", re.M)  # options, code


def symbols(tex):
    """Symbols of a formula in their order, as often as they stand there."""
    tex = COMMAND.sub(" ", SUBSCRIPT.sub(" ", WORDS.sub(" ", tex)))
    return [
        f"\\{found['accent']} {found['under']}" if found["accent"] else found["plain"]
        for found in SYMBOL.finditer(tex)
    ]


def formulas(text):
    """Formulas of a page: those in a line of their own, and those in a sentence."""
    text = QUOTED.sub(" ", text)
    displayed = [found[1] or found[3] for found in DISPLAYED.finditer(text)]
    return displayed, INLINE.findall(DISPLAYED.sub(" ", text))


def used(text):
    """Every symbol in the formulas of a page."""
    displayed, inline = formulas(text)
    return {symbol for tex in displayed + inline for symbol in symbols(tex)}


def introduced(text):
    """Symbols with which a formula in a sentence begins, or a part after a comma.

    In "a step $q$, and $u, w = 2$" they are q, u and w.
    """
    _, inline = formulas(text)
    begun = [part.strip() for tex in inline for part in re.split("[,;]", tex)]
    return {symbols(part)[0] for part in begun if SYMBOL.match(part) and symbols(part)}
