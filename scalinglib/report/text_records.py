"""What was found in a text, as plain numbers: for machines and for reports."""

import numpy as np

from scalinglib._input import probability
from scalinglib.report.records import finite, interval_or_none
from scalinglib.text.analysis import Analysis

__all__ = ["text_record"]

EXPONENTS = "beta", "gamma", "measured", "predicted"
FREQUENT = 12  # tokens that are shown


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
    order, last = curves.losses.argmin("n"), int(found.lags.index[-1])
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
            {"D": D, "n": finite(n), "beyond": last if np.isinf(n) else None}
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
        "warnings": [*analysis.warnings],
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
