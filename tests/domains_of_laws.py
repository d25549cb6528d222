"""What the functions of `scalinglib.laws` accept."""

import numpy as np
from accepted import (
    Domain,
    above_zero,
    array,
    but,
    choice,
    free,
    integers,
    seed,
    whole,
)
from sklearn.naive_bayes import GaussianNB

from scalinglib import laws
from scalinglib.laws.surfaces.observed import runs_of

rng = np.random.default_rng(0)
SIZES = 2.0 ** np.arange(6, 14)
LOSS = 0.1 + SIZES[:, None] ** -0.5 * np.exp(0.01 * rng.standard_normal((8, 9)))
# Two settings, two data sets and two seeds at two sizes.
BITS = np.indices([2] * 4).reshape(4, -1)
ROWS = dict(zip(["D", "lr", "data", "seed"], BITS, strict=True))
ROWS |= {"D": 1 + ROWS["D"], "N": 3 * np.ones(16), "se": 0.1 * np.ones(16)}
ROWS |= {"loss": 2.0 + np.arange(16), "host": ["a"] * 16, "note": [*"ab"] * 8}
#: Sizes and losses, as a curve that no function of laws takes.
CURVES = None, 3, "curve", LOSS, {"x": SIZES}, (SIZES,)
CURVES += (
    (SIZES, LOSS[:-1]),
    (SIZES[::-1], LOSS),
    (-SIZES, LOSS),
    (SIZES * np.nan, LOSS),
    (SIZES, -LOSS),
    (SIZES, LOSS * 0),
    (SIZES, LOSS * np.nan),
    (SIZES, LOSS * np.inf),
    (SIZES, LOSS + 1j),
    (SIZES, LOSS.astype(str)),
    (SIZES, np.ma.masked_array(LOSS, np.ones_like(LOSS))),
    (SIZES, LOSS[..., None]),
    (SIZES[:2], LOSS[:2]),
    (SIZES**30, LOSS),
)
#: Eight runs of two sizes, and an objective that their surface has.
RUNS = runs_of(SIZES, SIZES[[3, 0, 6, 1, 7, 2, 5, 4]], LOSS[:, 0])
OUTSIDE = ((-1, 1), (0, 1)), ((0, 4), (0, 1)), ((0, np.nan), (0, 1)), "text"
OUTSIDE += ((0, 1), (0, 1, 2)), ((False, True), (False, True)), 1j * np.ones((2, 2))
KNOWN = 3, "floor", {"slope": 1}, {"floor": -1}, {"floor": (0.2, 0.1)}
KNOWN += {"floor": np.nan}, {"floor": "0.1"}, {"amplitude": 0}, {"floor": (1, 2, 3)}
FORESEEN = Domain((SIZES, LOSS), CURVES)

level = Domain(0.9, (0, 1, 95, -0.1, np.nan, "0.95", None, True))
curve = {"x": array(SIZES, -SIZES, SIZES * 0, SIZES[:2]), "loss": array(LOSS, -LOSS)}
ISOFLOP = np.array([(C, P * C**0.5) for C in (1e3, 1e6) for P in SIZES / 1024])
ISOFLOP = ISOFLOP.T
VALLEY = 2 + ISOFLOP[1] ** -0.3 + (ISOFLOP[0] / ISOFLOP[1] / 6) ** -0.3
PLANE = np.stack([side.ravel() for side in np.meshgrid(SIZES, 10 * SIZES)])
PLANE = np.vstack([PLANE, 1 + (4 * PLANE**-0.4).sum(axis=0)])
PARABOLA = {
    "alpha_P": array([0.3, 0.4], 0.0, [0.3, -0.1], [0.3] * 3),
    "alpha_D": array([0.3, 0.4], 0.0, [0.3, -0.1], [0.3] * 3),
    "half_width": array([1.0, 2.0], 0.0, [1.0, -1.0], [1.0] * 3),
    "drift": array([0.0, 0.5], [0.1] * 3),
}
OFFSET = Domain(0.0, (-0.1, np.nan, "floor", True, 10.0, [0.1, 0.2]))

DOMAINS_OF_LAWS = {
    "laws.fit_power_law": curve
    | {
        "offset": OFFSET,
        "rng": seed(),
        "resamples": but(whole(200, least=0), 50),
    },
    "laws.fit": {
        "curve": Domain((SIZES, LOSS), CURVES),
        "law": choice("floor"),
        "known": Domain({"floor": (0.05, 0.15), "exponent": 0.5}, KNOWN),
        "robust": Domain(True, (None, 1, "yes", 0.5)),
    },
    "laws.compare": {
        "curve": Domain((SIZES, LOSS), CURVES),
        "laws": Domain(["power", "floor"], ([], "power", 3, ["slope"], [3])),
        "origins": Domain([5, 7], ([2, 7], [5, 8], [7, 5], 5, "5", [], [5.5])),
    },
    "laws.bracket": curve | {"at": above_zero(2.0**16), "rng": seed()},
    "laws.forecast": {
        "curve": FORESEEN,
        "at": but(above_zero(2.0**16), SIZES[-1], 1e30),
        "level": level,
        "rng": seed(),
        "assume": choice("law", optional=True),
    },
    "report.forecast_report": {
        "curve": FORESEEN,
        "at": Domain([2.0**16], ([], SIZES[-1], [1e30], "far", None)),
        "level": level,
        "assume": choice("power", optional=True),
        "title": Domain("A title", (3, ["a"])),
        "source": Domain({"file": "runs.csv"}, ("runs.csv", {"file": 3}, {3: "a"})),
        "notes": Domain({"data": "C4"}, ("C4", {"dat": "C4"}, {"data": 3})),
    },
    "report.surface_report": {
        "surface": Domain(laws.fit_loss_surface(*PLANE, resamples=0)),
        "budgets": array(1e12, [1e9, -1.0]),
        "level": level,
        "title": Domain("A title", (3, ["a"])),
        "source": Domain({"file": "runs.csv"}, ("runs.csv", {"file": 3}, {3: "a"})),
    },
    "laws.size_for": {
        "curve": FORESEEN,
        "loss": but(above_zero(0.105), 5.0),
        "level": level,
        "assume": choice("floor", optional=True),
    },
    "laws.exchange_rate": {
        "a": FORESEEN,
        "b": FORESEEN,
        "loss": but(above_zero(0.12, optional=True), 1e-9),
        "level": level,
        "rng": seed(),
        "assume": choice("floor", optional=True),
    },
    "laws.interval_score": {
        "low": Domain([0.1, 1.0], ([np.nan, 0], ["1", "2"], [1j, 1], [3.0, 3.0])),
        "high": Domain([2.0, np.inf], ([np.nan, 2], ["1", "2"], [1j, 1], [0.0, 0.0])),
        "truth": array([0.2, 2.0]),
        "level": level,
    },
    "laws.gain": {
        "curve": FORESEEN,
        "factor": but(above_zero(2.0), 1.0, 1e30),
        "level": level,
        "assume": choice("floor", optional=True),
    },
    "laws.from_estimator": {
        "estimator": free(GaussianNB()),
        "X": free(SIZES[:, None].repeat(10, axis=0)),
        "y": free(np.arange(80) % 2),
        "sizes": integers([20, 40], [20, 100]),
        "splits": whole(2),
        "scoring": Domain("accuracy", (3, ["accuracy"], max)),
        "rng": seed(),
        "jobs": free(None),
        "progress": Domain(False, ("yes", 3)),
    },
    "laws.local_exponents": curve | {"offset": OFFSET},
    "laws.fit_isoflop": {
        "P": array(ISOFLOP[1], -ISOFLOP[1], ISOFLOP[1][:5], ISOFLOP[1][:-1]),
        "D": Domain(None, (ISOFLOP[1], "D")),
        "loss": array(VALLEY, -ISOFLOP[1], ISOFLOP[1][:-1]),
        "C": array(ISOFLOP[0], -ISOFLOP[0], ISOFLOP[0][:-1]),
        "flops": above_zero(6.0),
        "budgets": array(
            [1e3, 1e6], [1e6, 1e3], [1e3, 1.01e3], [1e9, 1e12], optional=True
        ),
        "shape": choice("surface"),
    },
    "laws.fit_loss_surface": {
        "P": array(PLANE[0], -PLANE[0], PLANE[0][:5], PLANE[0][:-1]),
        "D": array(PLANE[1], -PLANE[1], PLANE[1][:-1]),
        "loss": array(PLANE[2], -PLANE[2], PLANE[2][:-1]),
        "C": Domain(None, (PLANE[1], "C", 3)),
        "flops": above_zero(6.0),
        "unique": Domain(None, (PLANE[1], "U", 3)),
        "form": choice("joint"),
        "delta": Domain(np.inf, (0, -1, np.nan, "1", None, [1.0], True)),
        "rng": seed(),
        "resamples": but(whole(0, least=0), 50),
    },
    "laws.parabola_bias": PARABOLA | {"points": whole(9, least=3, optional=True)},
    "laws.parabola_bias_expansion": PARABOLA,
    "laws.fit_product": {
        "values": Domain(
            laws.read((SIZES, LOSS)), (None, LOSS, -LOSS[:, 0], "text", {})
        )
    },
    "laws.read": {
        "table": Domain(ROWS, ([], 3, None, {"D": [1]}, {"loss": [1.0]}, b"x")),
        "sizes": Domain(("N", "D"), ("X", 3, [3], (), None, ("N", "N"))),
        "loss": Domain("loss", ("L", 3, "x*", ["loss", "L"], None)),
        "trial": Domain("seed", ("X", 3, [None])),
        "error": Domain("se", ("X", 3, ["se", "se"])),
        "where": Domain({"host": ["a"]}, (3, "host", {"X": 1}, {"host": "b"})),
        "best": Domain("lr", ("X", 3, ["X"])),
        "mean": Domain("data", ("X", 3, ["lr"])),
        "ignore": Domain("note", ("X", 3)),
        "score": Domain(False, ("yes", 3, [True])),
    },
    "surfaces.certify": {
        "runs": Domain(RUNS, (None, 3, LOSS, (SIZES, SIZES, LOSS), "text", {})),
        "best": but(above_zero(0.01), 1e-12),
        "delta": but(above_zero(0.1), 1.5),
        "box": Domain(
            ((0.2, 0.6), (0.2, 0.6)),
            (None, 3, (0, 1), ((0, 1),), ((1, 0), (0, 1)), ((0, 0), (0, 1)), *OUTSIDE),
        ),
        "over": above_zero(0.5, optional=True),
        "target": Domain(0.5, (0, 1, 97, -0.1, np.nan, "0.97", None, True)),
        "cells": whole(50, optional=True),
    },
}
