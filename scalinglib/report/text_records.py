"""What was found in a text, as plain numbers: for machines and for reports."""

import numpy as np

from scalinglib._input import probability
from scalinglib.report.records import finite, interval_or_none
from scalinglib.text.analysis import Analysis

__all__ = ["text_record"]

EXPONENTS = "beta", "gamma", "measured", "predicted"
FREQUENT = 12  # tokens that are shown
APART = 2.0  # standard errors by which strengths differ if they do
PART = 0.5  # of the correlations: if more is between parts of the text, that is told
SHORT = 64  # times shorter than a block is a lag that tells it


def text_record(analysis, level=0.95):
    r"""What was found in a text, as a dict that JSON knows.

    Parameters
    ----------
    analysis : Analysis
        Of `scalinglib.text.analyse`.
    level : float, default 0.95
        Probability of the intervals.

    Returns
    -------
    dict
        Numbers, strings and None, where there is no number.

    Raises
    ------
    ValueError
        If `analysis` is none, or `level` is out of range.

    Examples
    --------
    >>> from scalinglib.text import analyse, words
    >>> found = analyse(words("the cat sat on the mat. " * 200), orders=4, rng=0)
    >>> text_record(found)["text"]["tokens"]
    1400
    """
    if not isinstance(analysis, Analysis):
        raise ValueError(
            f"analysis must be one of text.analyse, got {type(analysis).__name__}"
        )
    level = probability("level", level)
    tokens, found, curves = analysis.tokens, analysis.correlations, analysis.curves
    counts = tokens.counts[:FREQUENT].tolist()
    sizes = [10**k for k in range(3, len(str(len(tokens))))]
    sizes += [len(tokens)] * (sizes[-1:] != [len(tokens)])
    entropies = curves.entropies.assign(plug_in=curves.plug_in.to_numpy())
    order = curves.losses.argmin("n")
    return {
        "text": {
            "tokens": len(tokens),
            "different": tokens.V,
            "unit": tokens.unit,
            "frequent": [
                {"token": _shown(token), "count": count}
                for token, count in zip(tokens.vocabulary, counts, strict=False)
            ],
        },
        "level": level,
        "exponents": {
            name: _exponent(getattr(analysis, name), level, analysis.reasons.get(name))
            for name in EXPONENTS
        },
        "noise": found.noise,
        "block": found.block,
        "horizons": [
            {"D": D, "n": finite(n), "last": int(found.lags.index[-1])}
            for D, n in zip(sizes, found.horizon(sizes), strict=True)
        ],
        "entropies": _rows(entropies),
        "correlations": _rows(found.lags),
        "losses": [
            {
                "D": int(D),
                "order": int(n),
                "loss": float(curves.losses.sel(D=D, n=n)),
                "error": finite(curves.errors.sel(D=D, n=n)),
                "orders": curves.losses.sel(D=D).values.tolist(),
            }
            for D, n in zip(curves.losses.D.values, order.values, strict=True)
        ],
        "warnings": _warnings(analysis),
        "verdict": analysis.verdict(level),
    }


def _exponent(found, level, because):
    """An exponent with all that is known of it, or with why it is not."""
    if found is None:
        nothing = dict.fromkeys(("value", "low", "high", "first", "last", "octaves"))
        return nothing | {"status": "not determined", "because": because}
    record = {"value": found.value, **interval_or_none(*found.interval(level))}
    if not hasattr(found, "octaves"):
        range_ = dict.fromkeys(("first", "last", "octaves"))
        return record | range_ | {"status": "predicted", "because": None}
    range_ = {"first": found.first, "last": found.last}
    range_["octaves"] = found.octaves.tolist()
    return record | range_ | {"status": found.status, "because": None}


def _rows(table):
    """A table over n, a dict for each row."""
    return [
        {"n": int(n)} | {name: finite(value) for name, value in row.items()}
        for n, row in table.to_dict("index").items()
    ]


def _shown(token):
    """A token as one sees it: spaces are visible, and what no file may hold is told."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in token)
    return text.replace(" ", "␣")


def _warnings(analysis):
    """What to doubt of these very numbers."""
    told = []
    for name, said in (
        ("beta", "correlations fall"),
        ("gamma", "entropies fall"),
        ("measured", "the best loss falls"),
    ):
        found = getattr(analysis, name)
        if found is not None and found.status != "power law":
            least, most = found.octaves.min(), found.octaves.max()
            told.append(
                f"{said} by no power law: octaves from {found.first:.6g} to "
                f"{found.last:.6g} have exponents from {least:.2g} to {most:.2g}, and "
                "their mean is not the exponent of anything"
            )
    if analysis.beta is not None:
        told += _between_parts(analysis.correlations, analysis.beta)
    return told


def _between_parts(found, beta):
    """Whether what is called memory is that parts of the text differ.

    Within blocks even a homogeneous text has less, by its mean correlation over a
    block: only lags much shorter than that tell.
    """
    lags = found.lags.loc[beta.first : beta.last]
    told = lags.loc[: found.block // SHORT].iloc[-1:]
    for n, row in told.iterrows():
        between = row["strength"] - row["local"]
        errors = np.hypot(row["error"], row["local_error"])
        if between > max(PART * row["strength"], APART * errors):
            return [
                f"at lag {n} only {max(row['local'], 0):.2g} of a correlation of "
                f"{row['strength']:.2g} is within blocks of {found.block} tokens: the "
                "rest says that parts of the text differ, and the exponent of the "
                "correlations counts it as memory"
            ]
    return []
