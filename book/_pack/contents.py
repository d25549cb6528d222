"""The pages of the book in their order, with the part and the depth of each."""

from dataclasses import dataclass

import yaml

#: The reference of the package is as long as half of the book, and is looked up, not
#: read: on paper it stays away.
LEFT_OUT = "book/api"


@dataclass(frozen=True)
class Page:
    """A page that was built: its name, how deep it stands, the part it begins."""

    name: str
    depth: int = 0
    part: str = ""


def pages(root):
    """List the pages that a table of contents, ``_toc.yml``, names."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = [Page(toc["root"], part="About")]
    for part in toc["parts"]:
        caption = part["caption"]
        for chapter in part["chapters"]:
            if not chapter["file"].startswith(LEFT_OUT):
                found.append(Page(chapter["file"], 0, caption))
                below = chapter.get("sections", ())
                found += [Page(section["file"], 1) for section in below]
                caption = ""
    return found
