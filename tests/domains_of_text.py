"""What the functions of the room `text` accept; see `domains.py`."""

import numpy as np
from accepted import Domain, but, integers, whole

WORDS = "In the beginning was the Word, and the Word was with God."

prose = Domain(WORDS, ("", " \n", b"bytes", None, 3, [WORDS]))
draws = np.random.default_rng(0).zipf(1.5, 5000)
numbers = Domain(
    draws, ([], [1], [[1, 2]], draws + 0.5, draws * np.nan, np.full(5000, 3), "a", None)
)
yes_or_no = Domain(True, (None, 0, 1, "yes"))

DOMAINS_OF_TEXT = {
    "text.characters": {"text": prose, "lower": yes_or_no},
    "text.words": {"text": prose, "lower": yes_or_no},
    "text.byte_pairs": {
        "text": prose,
        "vocabulary": but(whole(300), 255),
        "lower": yes_or_no,
    },
    "text.distinct": {
        "tokens": numbers,
        "sizes": integers([10, 100, 5000], [10, 5001]),
        "in_order": yes_or_no,
    },
    "text.missing_mass": {
        "tokens": but(numbers, [1, 2]),
        "sizes": integers([10, 100, 4999], [10, 5000]),
    },
    "text.heaps_exponent": {
        "tokens": but(numbers, [1, 2], np.arange(5000) % 9),
        "first": but(whole(100, optional=True), 1001),
        "last": but(whole(2000, optional=True), 199, 4751),
    },
    "text.zipf_exponent": {
        "tokens": but(numbers, [1, 2], np.arange(5000) % 9, np.arange(5000)),
        "first": but(whole(2), 5),
        "last": but(whole(16, optional=True), 7, 4000),
    },
}
