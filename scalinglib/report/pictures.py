"""Pictures that stand in a file, for light and for dark screens."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from matplotlib import style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from scalinglib.plotting.style import STYLE

__all__ = ["Picture", "picture", "save_picture"]

SIZE = 5.4, 3.5  # inches: as wide as a phone and a half, so that letters stay readable
#: The same bytes every time: no dates.
KINDS = {".svg": {"Date": None}, ".png": {}, ".pdf": {"CreationDate": None}}
INK = {"light": ("#1c2024", "#c9cdd2"), "dark": ("#e4e7ea", "#4a4f56")}


@dataclass(frozen=True)
class Picture:
    """A drawing twice, as addresses that hold all of it.

    Attributes
    ----------
    light, dark : str
        ``data:`` addresses of SVG.
    says : str
        What one sees, for those who do not.
    """

    light: str
    dark: str
    says: str


def picture(draw, says):
    """Draw on light and on dark.

    Parameters
    ----------
    draw : callable
        ``draw(ax)``.
    says : str
        What one sees.

    Returns
    -------
    Picture
    """
    light = _svg(draw)
    dark = light
    for there, instead in zip(INK["light"], INK["dark"], strict=True):
        dark = dark.replace(there, instead)
    return Picture(_address(light), _address(dark), says)


def with_legend(ax, draw, *what, **how):
    """Draw with a small legend."""
    draw(ax, *what, **how)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize="small")


def _svg(draw):
    ink, grid = INK["light"]
    colours = dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"), ink
    ) | {"ytick.color": ink, "grid.color": grid, "grid.alpha": 1.0}
    # Letters as outlines, for fonts are no part of the file; the same bytes every time.
    still = {"svg.fonttype": "path", "svg.hashsalt": "report"}
    # Whatever style the caller has set: reports are of one.
    with style.context(["default", STYLE | colours | still]):
        figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        ax = figure.add_subplot(facecolor="none")
        draw(ax)
        out = io.BytesIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata={"Date": None, "Creator": ""}
        )
    return out.getvalue().decode()


def _address(svg):
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def kind_of(path):
    """The ending of a picture's name, if it is one that can be written."""
    kind = Path(path).suffix.lower()
    if kind not in KINDS:
        raise ValueError(
            f"a picture must end in {', '.join(KINDS)}, got {Path(path).name!r}"
        )
    return kind


def save_picture(draw, path):
    """Draw to a file.

    Parameters
    ----------
    draw : callable
        ``draw(ax)``.
    path : path-like
        Ends in .svg, .png or .pdf.

    Raises
    ------
    ValueError
        If it ends in something else.
    OSError
        If it cannot be written.
    """
    kind = kind_of(path)
    with style.context(["default", STYLE]):
        figure = Figure(figsize=SIZE, dpi=200, layout="constrained")
        draw(figure.add_subplot())
        figure.savefig(path, metadata=KINDS[kind])
