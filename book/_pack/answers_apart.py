"""On paper what folds is open, and answers stand at the end of a page.

A page of the site hides an answer behind a click. Paper cannot, so questions keep
their choices and hand their explanations to a list at the end of the page; exercises
hand on their hints and solutions. Links lead there and back.
"""

import re

from bs4 import BeautifulSoup


def tag(name, *children, **attributes):
    """Return an element; ``class_`` is its class."""
    attributes = {
        key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()
    }
    made = BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes)
    made.extend(children)
    return made


def taken(element):
    """Take an element's children out of it, and return them."""
    return [child.extract() for child in list(element.children)]


def number(place):
    """Return where the number of the page of a place will stand."""
    return tag("span", "000", class_="number", data_place=place)


def unfold(article):
    """Turn each dropdown into a box that is open; hidden code follows what it made."""
    for folded in article.select("div.cell > details.hide"):
        cell, code = folded.parent, folded.select_one(".cell_input")
        if code and cell.select_one(":scope > .cell_output"):
            cell.append(folded)
        folded.summary.decompose()
        folded.name = "div"
        folded["class"] = "folded"
    for dropdown in article.select("details:not(.question details)"):
        title = dropdown.summary
        if title:
            title.name = "p"
            title["class"] = "box-title"
        dropdown.name = "div"
        dropdown["class"] = "dropdown"


def set_apart(article, level):
    """Move answers and solutions to the end of an article, below a heading."""
    found = []
    for asked in article.select("form.question, div.exercise"):
        question = asked.name == "form"
        there = answers(asked) if question else hints_and_solution(asked)
        if there is None:
            continue
        there["id"] = f"answer-{asked['id']}"
        told = "Answers" if question else "Hints and solution"
        link = tag("a", f"{told}: page\u00a0", number(there["id"]))
        link["href"] = f"#{there['id']}"
        asked.append(tag("p", link, class_="turn"))
        found.append(there)
    if found:
        heading = tag(f"h{level}", "Answers and solutions")
        end = tag("section", heading, *found, id="answers-and-solutions")
        (article.find("section") or article).append(end)


def answers(question):
    """Leave a question with its choices; return the list of its explained answers."""
    choice = question["data-kind"] == "choice"
    title = question.select_one(".question-title")
    offered, explained = tag("ol", type="a"), tag("ol" if choice else "ul")
    if choice:
        explained["type"] = "a"
    for answer in question.select(".question-answer"):
        label = taken(answer.select_one(".question-label"))
        offered.append(tag("li", *(_copy(label))))
        answer.select_one(".question-verdict").decompose()
        told = answer.select_one(".question-feedback")
        verdict = "Yes" if "data-right" in answer.attrs else "No"
        said = re.match(rf"{verdict}\b", told.get_text().strip())
        if not said and "data-unsure" not in answer.attrs:
            (told.find("p") or told).insert(0, f"{verdict}. ")
        label = tag("strong", *label, class_="question-label")
        explained.append(tag("li", label, *taken(told)))
    question.select_one(".question-answers").replace_with(offered if choice else "")
    question.name, title.name = "div", "p"
    fieldset = question.find("fieldset")
    fieldset.unwrap()
    back = tag("a", *_copy(title.contents), href=f"#{question['id']}")
    if kicker := back.select_one(".question-kicker"):
        kicker.decompose()
    return tag("div", tag("p", back, class_="box-title"), explained, class_="answer")


def hints_and_solution(exercise):
    """Take what follows an exercise and belongs to it; None if nothing does."""
    found = []
    while _belongs(follower := exercise.find_next_sibling()):
        found.append(follower.extract())
    if not found:
        return None
    title = exercise.select_one(".admonition-title")
    back = tag("a", *_copy(title.contents), href=f"#{exercise['id']}")
    return tag("div", tag("p", back, class_="box-title"), *found, class_="answer")


def _belongs(follower):
    """Whether what follows an exercise is a hint or its solution."""
    kinds = follower.get("class", []) if follower else []
    title = follower.select_one(":scope > .box-title") if "dropdown" in kinds else None
    hint = title and title.get_text().strip().startswith("Hint")
    return "solution" in kinds or bool(hint)


def moderate(article, level):
    """Move folded notes, which give away what is to be predicted, to the end."""
    end = tag("section", tag(f"h{level}", "For the moderator"), id="for-the-moderator")
    meeting = None
    for n, box in enumerate(article.select("div.dropdown"), 1):
        title = box.select_one(":scope > .box-title")
        heading = box.find_previous(f"h{level}")
        if heading is not meeting:
            meeting = heading
            end.append(tag(f"h{level + 1}", *_copy(heading.contents)))
        link = tag("a", "Notes: page\u00a0", number(f"note-{n}"), href=f"#note-{n}")
        asked = _copy(title.contents)
        if title.get_text().strip().startswith("For the moderator"):
            asked = ["What comes out"]
        back = tag("a", *_copy(asked), href=f"#noted-{n}")
        there = tag("span", "\u2002", link, class_="turn")
        box.insert_before(tag("p", *asked, there, id=f"noted-{n}"))
        title.clear()
        title.append(back)
        box["id"] = f"note-{n}"
        end.append(box.extract())
    if meeting:
        (article.find("section") or article).append(end)


def _copy(children):
    """Copies of nodes, without their ids."""
    copied = BeautifulSoup("".join(map(str, children)), "html.parser")
    for named in copied.select("[id]"):
        del named["id"]
    return list(copied.children)
