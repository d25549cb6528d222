"""What the functions of the room `text` accept; see `domains.py`."""

from accepted import Domain, but, whole

WORDS = "In the beginning was the Word, and the Word was with God."

prose = Domain(WORDS, ("", " \n", b"bytes", None, 3, [WORDS]))
yes_or_no = Domain(True, (None, 0, 1, "yes"))

DOMAINS_OF_TEXT = {
    "text.characters": {"text": prose, "lower": yes_or_no},
    "text.words": {"text": prose, "lower": yes_or_no},
    "text.byte_pairs": {
        "text": prose,
        "vocabulary": but(whole(300), 255),
        "lower": yes_or_no,
    },
}
