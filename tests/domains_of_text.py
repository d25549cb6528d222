"""What the functions of the room `text` accept; see `domains.py`."""

import numpy as np
from accepted import Domain, array, but, choice, integers, seed, whole

from scalinglib.laws import StudentEstimate
from scalinglib.text import AdditiveChain, RandomHierarchy, analyse, mixture_losses

WORDS = "In the beginning was the Word, and the Word was with God."

prose = Domain(WORDS, ("", " \n", b"bytes", None, 3, [WORDS]))
CHAIN = AdditiveChain(1.5, reach=9)
chain = Domain(CHAIN, ("chain", None, 1.5, [CHAIN], AdditiveChain))
sample = CHAIN.sample(200, rng=0)
letters = array(
    sample, sample + 0.5, sample[:9], np.arange(200), sample[:, None], 3, 0 * sample
)
GRAMMAR = RandomHierarchy(v=4, m=2, L=2, rng=0)
grammar = Domain(GRAMMAR, ("grammar", None, 4, [GRAMMAR], RandomHierarchy))
sentences = GRAMMAR.sample(300, rng=0)
height = but(whole(1), 2)
draws = np.random.default_rng(0).zipf(1.5, 5000)
numbers = Domain(
    draws, ([], [1], [[1, 2]], draws + 0.5, draws * np.nan, np.full(5000, 3), "a", None)
)
yes_or_no = Domain(True, (None, 0, 1, "yes"))
IDS = np.arange(2000) ** 2 % 7
tokens = array(IDS, IDS[:100], IDS + 0.5, IDS * 0, IDS[:, None])
orders = but(whole(2, least=0), 40)

MIX = [[64, 0], [640, 0], [128, 128], [64, 192], [128, 384], [256, 256]]
MIXED = mixture_losses([IDS, IDS], MIX, order=1, block=32, trials=3, rng=0)
mixtures = Domain(MIXED[2:], (None, 3, MIXED.values, MIXED, MIXED.T))


def or_none(domain):
    """The same where nothing has to be passed."""
    return Domain(domain.good, tuple(bad for bad in domain.bad if bad is not None))


estimate = Domain(StudentEstimate(1.0, 0.1), (1.0, None, StudentEstimate(-1.0, 0.1)))

DOMAINS_OF_TEXT = {
    "data.load_text": {"name": choice("king_james")},
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
    "text.exchange_rates": {
        "losses": Domain(MIXED, (None, 3, MIXED.values, MIXED[:1], MIXED.T)),
        "source": but(whole(0, least=0), 2),
    },
    "experiments.pair_of_texts": {"name": choice("Testaments")},
    "experiments.mixture_forecast": {
        "law": choice("counted"),
        "losses": mixtures,
        "source": but(whole(1, least=0), 2),
        "share": array([0.5], [0.5, 0.5], [0.0], [[0.5]]),
        "D": array([64.0], [64.0, 64.0], [0.0]),
    },
    "experiments.mixture_errors": {
        "law": choice("counted"),
        "losses": mixtures,
        "source": but(whole(1, least=0), 2),
        "tried": but(mixtures, MIXED[2:, :, :1]),
    },
    "text.mixture_losses": {
        "sources": but(
            Domain([IDS, IDS % 5], ("text", [IDS], None, 3, IDS)),
            *([IDS, bad] for bad in (IDS + 0.5, IDS[:100], -IDS, IDS[:, None], "text")),
        ),
        "counts": array(
            [[640, 0], [320, 320]],
            [[640], [320]],
            [640, 320],
            [[10, 10]],
            [[-32, 32]],
            [[0, 0]],
            np.zeros((0, 2), int),
        ),
        "unique": array(
            [640, 320],
            [640],
            [[640, 320]],
            [0, 32],
            [10, 32],
            [64000, 32],
            optional=True,
        ),
        "order": but(whole(2, least=0), 16),
        "block": whole(32, least=2),
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
    "text.characters": {"text": prose, "lower": yes_or_no, "layout": yes_or_no},
    "text.words": {"text": prose, "lower": yes_or_no},
    "text.byte_pairs": {
        "text": prose,
        "vocabulary": but(whole(300), 255),
        "lower": yes_or_no,
    },
    "text.mean_divergence": {
        "chain": chain,
        "coefficients": array([0.1, 0.05], 0.1, [], [[0.1]], [5.0, 0.0]),
        "tokens": letters,
    },
    "text.quadratic_excess": {
        "chain": chain,
        "coefficients": array([0.1, 0.05], 0.1, []),
    },
    "text.pair_clustering": {
        "grammar": grammar,
        "tokens": array(sentences, sentences[:, :3], sentences[0], 9 + sentences, 3),
        "height": height,
        "by": choice("latents"),
        "rng": seed(),
    },
    "text.sentences_needed": {
        "grammar": grammar,
        "height": height,
        "by": choice("tokens"),
        "score": Domain(0.5, (0, 1, 70, -0.1, float("nan"), "0.5", None, True)),
        "most": but(whole(1 << 14), 4),
        "rng": seed(),
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
