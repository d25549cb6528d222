"""What the functions of the room `text` accept; see `domains.py`."""

import numpy as np
from accepted import Domain, array, but, integers, seed, whole

from scalinglib.laws import StudentEstimate
from scalinglib.text import analyse

WORDS = "In the beginning was the Word, and the Word was with God."

prose = Domain(WORDS, ("", " \n", b"bytes", None, 3, [WORDS]))
yes_or_no = Domain(True, (None, 0, 1, "yes"))
IDS = np.arange(2000) ** 2 % 7
tokens = array(IDS, IDS[:100], IDS + 0.5, IDS * 0, IDS[:, None])
orders = but(whole(2, least=0), 40)


def or_none(domain):
    """The same where nothing has to be passed."""
    return Domain(domain.good, tuple(bad for bad in domain.bad if bad is not None))


estimate = Domain(StudentEstimate(1.0, 0.1), (1.0, None, StudentEstimate(-1.0, 0.1)))

DOMAINS_OF_TEXT = {
    "text.analyse": {
        "tokens": tokens,
        "orders": orders,
        "trials": whole(1),
        "rng": seed(),
    },
    "text.correlations": {
        "tokens": tokens,
        "lags": or_none(integers([1, 2, 4], [1, 500])),
        "rng": seed(),
    },
    "text.ngram_curves": {
        "tokens": tokens,
        "orders": orders,
        "sizes": or_none(integers([500, 1000], [1, 100], [500, 510])),
        "trials": whole(1),
        "rng": seed(),
    },
    "report.text_report": {
        "analysis": Domain(analyse(IDS, orders=2, rng=0), (None, IDS, "a text")),
        "level": Domain(0.9, (0, 1, 95, -0.1, np.nan, "0.95", None, True)),
        "title": Domain("A title", (3, ["a"])),
        "source": Domain({"file": "a.txt"}, ("a.txt", {"file": 3}, {3: "a"})),
    },
    "text.predicted_exponent": {"gamma": estimate, "beta": estimate},
    "text.characters": {"text": prose, "lower": yes_or_no},
    "text.words": {"text": prose, "lower": yes_or_no},
    "text.byte_pairs": {
        "text": prose,
        "vocabulary": but(whole(300), 255),
        "lower": yes_or_no,
    },
}
