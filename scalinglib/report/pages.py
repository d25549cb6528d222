"""What all reports are: one page of HTML that needs no other file."""

import importlib.resources
from dataclasses import dataclass

import numpy as np

import scalinglib
from scalinglib._input import named_path
from scalinglib.report.records import digits_for, level_of, percent

__all__ = ["Page"]

ENDINGS = ".html", ".htm"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, repr=False)
class Page:
    """A page, ready to be saved.

    Attributes
    ----------
    html : str
        All of it.
    """

    html: str

    def save(self, path):
        """Write the file.

        Parameters
        ----------
        path : path-like
            Ends in .html or .htm; a file there is written over.

        Returns
        -------
        pathlib.Path

        Raises
        ------
        ValueError
            If it does not end so, or its folder does not exist.
        """
        path = page_path(path)
        path.write_text(self.html, encoding="utf-8")
        return path


def page_path(path):
    """Where a page can be saved."""
    path = named_path("path", path)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"path must end in .html or .htm, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        raise ValueError(
            f"path must be in a folder that exists, got {str(path)!r}; make "
            f"{str(path.parent)!r} first"
        )
    return path


def template(name):
    """A template of this package, in which all values are escaped.

    Asked for before anything is fitted or drawn: it may be that jinja2 is missing.
    """
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
    except ImportError:
        raise ImportError("a report needs jinja2: pip install jinja2") from None
    room = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    room.filters |= {"number": number, "percent": share, "interval": interval}
    room.filters |= {"exp": np.exp, "level": level_of}
    room.globals["version"] = scalinglib.__version__
    return room.get_template(name)


def texts_of(source):
    """What is said of how a report was made: texts by their names."""
    source = {} if source is None else source
    if not isinstance(source, dict) or not all(
        isinstance(text, str) for pair in source.items() for text in pair
    ):
        raise ValueError(f"source must be a dict of texts, got {source!r}")
    return source


def number(value, digits=4):
    """Some digits; a whole number in full as long as it is short."""
    value = float(value)
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == round(value) and abs(value) < 1e12:
        return f"{value:,.0f}".replace(",", "\u202f")
    mantissa, _, power = f"{value:.{digits}g}".partition("e")
    mantissa = mantissa.replace("-", "−")
    if not power:
        return mantissa
    ten = f"10{str(int(power)).translate(RAISED)}"
    return ten if mantissa == "1" else f"{mantissa}\u202f·\u202f{ten}"


def interval(ends, least=3):
    """Two ends, with as many digits as tell them apart."""
    digits = digits_for(*ends, least)
    return " to ".join(number(end, digits) for end in ends)


def share(value, digits=3):
    """A share in per cent."""
    return percent(value, digits).replace("-", "−")


def _template(name):
    file = importlib.resources.files("scalinglib.report") / name
    return file.read_text(encoding="utf-8")
