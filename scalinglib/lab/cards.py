r"""The report card: an answer beside the truth and beside what could be done.

Points are of two questions, the loss and the size, 50 for each. The yardstick is the
interval score to be expected by somebody who knows the form of the law and buys the
runs that are best for its parameters: with standard error s of the logarithm and an
interval of level p, from -z to z in these errors, it is
:math:`\frac{4}{1 - p}\,\varphi(z)\,s`. As good as that, or better, is 50 points. No
points are for what a stranger could say, who knows what games there are and, of this
one, the loss at the largest size: the interval that holds 90 % of all games. Between
the two points fall with the logarithm of the score. An infinite end counts as ten
thousand times the largest size.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import xarray as xr
from scipy.special import ndtri

from scalinglib.lab.answers import LEVEL, answer
from scalinglib.lab.designs import Design, best_design, design_error
from scalinglib.lab.truths import LARGEST, Truth, truth_of
from scalinglib.laws.forecasting import forecast
from scalinglib.laws.planning import size_for
from scalinglib.laws.scoring import interval_score

__all__ = ["ReportCard", "points_for", "report_card", "strangers"]

QUESTIONS = "loss", "size"
YOU, WITHOUT, KNOWING = "you", "no law assumed", "the form known"
FARTHEST = 1e4  # times the largest size: an infinite end counts as this
STRANGE = 10**6  # first of the seeds that tell what games there are


@dataclass(frozen=True, eq=False, repr=False)
class ReportCard:
    """What an answer was worth.

    Attributes
    ----------
    truth : Truth
        What was hidden.
    table : Dataset
        Along ``who`` and ``question``: ``low``, ``value``, ``high``, ``held``,
        ``score``. Besides you, from the same runs: `forecast` and `size_for` without a
        law, and with the form of the true one.
    expected : DataArray
        Along ``question``: the score to be expected with the form known and the runs
        that are best for this question.
    stranger : DataArray
        Along ``question``: the score of who knows nothing but what games there are and
        the loss at the largest size.
    points : DataArray
        Along ``question``, up to 50 each.
    bought : dict of int to int
        Your runs.
    best : Design
        The best runs for the loss.
    efficiency : float
        What your runs tell of the loss, over what the best ones tell, as information:
        one half says that half of the budget would do.
    """

    truth: Truth
    table: xr.Dataset
    expected: xr.DataArray
    stranger: xr.DataArray
    points: xr.DataArray
    bought: dict
    best: Design
    efficiency: float

    @property
    def held(self):
        """Whether your intervals held the truth, along ``question``."""
        return self.table["held"].sel(who=YOU, drop=True)

    @property
    def total(self):
        """Points, up to 100."""
        return float(self.points.sum())

    def __str__(self):
        asked = {
            "loss": f"the loss at {self.truth.at:.0f}, {self.truth.loss:.4g}",
            "size": f"the size for {self.truth.target:g}, {self.truth.size:.4g}",
        }
        lines = [f"The truth: {self.truth}"]
        for question, what in asked.items():
            lines += ["", f"{what:<36} {'90 %':>22}         score"]
            for who in self.table["who"].values:
                row = self.table.sel(who=who, question=question)
                ends = f"{float(row.low):.4g} to {float(row.high):.4g}"
                says = "held" if row.held else "missed"
                lines.append(
                    f"{who:<22} {float(row.value):>13.4g} {ends:>22} {says:<7} "
                    f"{float(row.score):6.3g}"
                )
            expected = float(self.expected.sel(question=question))
            lines.append(f"{'to be expected':<68}{expected:6.3g}")
            stranger = float(self.stranger.sel(question=question))
            lines.append(f"{'a stranger':<68}{stranger:6.3g}")
        spent = sum(x * n for x, n in self.bought.items())
        share = f"{100 * self.efficiency:.0f} %"
        return "\n".join(
            [
                *lines,
                "",
                f"Spent {spent}. Your runs tell {share} of what these would:",
                f"{self.best}.",
                f"Points: {self.total:.0f} of 100",
            ]
        )

    __repr__ = __str__


def points_for(score, expected, stranger):
    """Points of one question, from its score, the one expected and a stranger's.

    Where even the best runs hardly tell more than a stranger knows, half of what he is
    charged is good enough.
    """
    good = np.minimum(expected, stranger / 2)
    with np.errstate(divide="ignore"):
        share = np.log(np.divide(stranger, score)) / np.log(stranger / good)
    return 50 * np.clip(share, 0, 1)


@cache
def strangers():
    """Scores to be expected of who knows nothing but the loss at the largest size."""
    truths = [truth_of(seed) for seed in range(STRANGE, STRANGE + 400)]
    logs = np.log([(t.loss / t(LARGEST), t.size / LARGEST) for t in truths]).T
    ends = np.quantile(logs, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return interval_score(*ends[..., None], logs, LEVEL).mean(axis=1)


def report_card(truth, curve, bought, budget, loss, size):
    """A report card for answers from these runs.

    Parameters
    ----------
    truth : Truth
    curve : DataArray
        The runs.
    bought : dict of int to int
        How many at which size.
    budget : int
        What there was to spend.
    loss, size : Answer

    Returns
    -------
    ReportCard
    """
    true = {"loss": truth.loss, "size": truth.size}
    given = {YOU: {"loss": loss, "size": size}} | _rivals(truth, curve)
    farthest = {"loss": 1e300, "size": LARGEST * FARTHEST}
    rows = []
    for each in given.values():
        for question in QUESTIONS:
            said = each[question]
            ends = np.clip([said.low, said.high], 1e-300, farthest[question])
            score = interval_score(*np.log(ends), np.log(true[question]), LEVEL)
            held = said.holds(true[question])
            rows.append((said.low, said.value, said.high, held, score))
    columns = np.array(rows, float).reshape(len(given), len(QUESTIONS), 5)
    dims, coords = ("who", "question"), {"who": list(given), "question": [*QUESTIONS]}
    names = "low", "value", "high", "held", "score"
    table = xr.Dataset(
        {name: (dims, columns[..., k]) for k, name in enumerate(names)}, coords
    ).assign(held=(dims, columns[..., 3] > 0))
    best = best_design(truth, budget, truth.at)
    there = best_design(truth, budget, truth.size)
    _, slope = truth.gradient([truth.size])
    errors = np.array([best.error, there.error / abs(slope[0])])
    questions = {"question": [*QUESTIONS]}
    expected = xr.DataArray(_expected(errors), questions)
    stranger = xr.DataArray(strangers(), questions)
    score = table["score"].sel(who=YOU, drop=True)
    yours = design_error(truth, bought, truth.at)
    return ReportCard(
        truth,
        table,
        expected,
        stranger,
        points_for(score, expected, stranger),
        dict(bought),
        best,
        float(min(1.0, (best.error / yours) ** 2)),
    )


def _rivals(truth, curve):
    """What the package says of the same runs; nothing where they are too few."""
    found = {}
    for who, assume in ((WITHOUT, None), (KNOWING, truth.law.name)):
        try:
            found[who] = {
                "loss": answer("loss", forecast(curve, at=truth.at, assume=assume)),
                "size": answer("size", size_for(curve, truth.target, assume=assume)),
            }
        except ValueError:
            continue
    return found


def _expected(error):
    """Interval score to be expected of a normal distribution with this error."""
    z = ndtri((1 + LEVEL) / 2)
    return 4 / (1 - LEVEL) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * error
