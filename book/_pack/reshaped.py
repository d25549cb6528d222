"""What the site says or shows otherwise than paper: reshaped, an article at a time."""

import re

from bs4 import BeautifulSoup, NavigableString

from .answers_apart import tag, taken

#: Texts that make sense on a screen alone: page, how a paragraph or an item of a list
#: begins, and what paper says instead, in HTML; nothing, if paper needs no word.
SCREEN = [
    ("book/routes", "A box that you tick", ""),
    ("book/routes", "Play:", ""),
    (
        "book/review",
        "What is recalled stays",
        "What is recalled stays; what is only read does not. On the site all questions "
        "of the book come back when they are due. On paper do it by hand: choose a few "
        "a day; come back to one that you missed on the next day, and to one that you "
        "knew after 3, 7, 21 and 60 days. Answers stand at the end of each page. Ten "
        "minutes before you read on are well spent.",
    ),
    (
        "book/teaching/reading_group",
        "To download",
        "On the site this page has them to download, as PDF.",
    ),
    (
        "book/teaching/reading_group",
        "One person moderates",
        "<strong>One person moderates</strong>, another one each week. The moderator "
        "reads the notes at the end of this page, runs the code once alone, and keeps "
        "the clock. The notes say what a good discussion finds; they are not to be "
        "read aloud.",
    ),
    (
        "book/take_away",
        "The whole course fits",
        "The whole course fits into a few files that need no network. On the site this "
        "page has them to download:",
    ),
]
STUB = re.compile(r"^○\s*not attempted\.")
BREAKS = re.compile(r"(?<=[\w)\]][._(])(?=\w)")
NEW = BeautifulSoup("", "html.parser")


def reshape(article, name):
    """Reshape an article for paper, all of it."""
    for page, start, instead in SCREEN:
        if name.startswith(page):
            say_instead(article, start, instead)
    shorten_stubs(article)
    head_tables(article)
    break_code(article)
    call_proofs_once(article)
    for text in article.select("p"):
        if text.get_text().rstrip().endswith(":"):
            text["class"] = [*text.get("class", []), "lead"]  # to what follows


def say_instead(article, start, instead):
    """Replace the paragraphs and items that begin so, or drop them."""
    for found in article.select("li, p"):
        if found.get_text().strip().startswith(start):
            found.clear()
            if instead:
                found.extend(taken(BeautifulSoup(instead, "html.parser")))
            else:
                found.extract()


def shorten_stubs(article):
    """Of the verdict on a stub leave what is to be handed in: nobody grades paper."""
    for told in article.select(".cell_output p"):
        if not STUB.match(told.get_text().strip()):
            continue
        for helps in told.select("code"):
            if helps.get_text().startswith("exercises.hint"):
                for after in list(helps.next_siblings):
                    after.extract()
                helps.extract()
        told.strong.extract()
        first = told.find(string=re.compile("Hand in"))
        if first is None:
            told.find_parent(class_="cell_output").extract()
            continue
        for before in list(first.previous_siblings):
            before.extract()
        first.replace_with(NavigableString(first[first.index("Hand in") :]))


def head_tables(article):
    """Let the first row of a table, if it is one of headings, be its head."""
    for table in article.select("table"):
        row = table.find("tr")
        if row and not table.thead and not row.find("td"):
            row.insert_before(head := tag("thead"))
            head.append(row.extract())
            if head.parent.name == "tbody":
                head.parent.insert_before(head.extract())


def break_code(article):
    """Let code in tables break after its dots, bars and brackets, and nowhere else."""
    for text in article.select("td code, th code"):
        for string in list(text.find_all(string=True)):
            first, *others = BREAKS.split(string)
            pieces = [first]
            for other in others:
                pieces += [NEW.new_tag("wbr"), other]
            string.replace_with(*pieces)


def call_proofs_once(article):
    """Drop the word before a proof whose box is named already."""
    for proof in article.select(".dropdown .proof:not(.theorem)"):
        text = proof.find("p")
        first = text and next(iter(text.find_all(string=True)), None)
        if first and first.startswith("Proof."):
            first.replace_with(NavigableString(first.removeprefix("Proof.").lstrip()))
