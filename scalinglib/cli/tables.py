"""A table of losses as the command line names it."""

from pathlib import Path
from typing import Annotated

import typer

from scalinglib.laws import read

FILES = "A table: .csv, .tsv, .txt, .jsonl, .json or .parquet, packed or not."
CURVE, REPORT = "What is a curve in the table", "A report"
#: Arguments that all commands share.
File = Annotated[Path, typer.Argument(help=FILES, show_default=False)]
Size = Annotated[str, typer.Option(help="Column of sizes.", rich_help_panel=CURVE)]
Loss = Annotated[
    str,
    typer.Option(
        help="Column of losses, or a pattern of columns, one for each trial: seed_*",
        rich_help_panel=CURVE,
    ),
]
Trial = Annotated[
    list[str] | None,
    typer.Option(help="Column that tells repetitions apart.", rich_help_panel=CURVE),
]
Error = Annotated[
    str | None,
    typer.Option(help="Column of known standard errors.", rich_help_panel=CURVE),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="Rows to keep, as optimizer=adam. May be repeated.",
        metavar="COLUMN=VALUE",
        rich_help_panel=CURVE,
    ),
]
Best = Annotated[
    list[str] | None,
    typer.Option(
        help="Column of settings of which the best is kept.", rich_help_panel=CURVE
    ),
]
Mean = Annotated[
    list[str] | None,
    typer.Option(
        help="Column of settings that are averaged over.", rich_help_panel=CURVE
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help="Column that tells nothing.", rich_help_panel=CURVE),
]
Score = Annotated[
    bool | None,
    typer.Option(
        "--score/--no-score",
        help="Whether it is a score: 1 - a, or a negative one without its sign.",
        rich_help_panel=CURVE,
        show_default=False,
    ),
]
Level = Annotated[float, typer.Option(help="Probability of the interval.")]
Json = Annotated[bool, typer.Option("--json", help="Say it as JSON, for machines.")]
Report = Annotated[
    Path | None,
    typer.Option(
        help="Write a report to this .html file: picture, reasons, checklist.",
        rich_help_panel=REPORT,
    ),
]
Note = Annotated[
    list[str] | None,
    typer.Option(
        help="What only you know, as data='C4, each token once', for the report's "
        "checklist, which names its keys. May be repeated.",
        metavar="KEY=TEXT",
        rich_help_panel=REPORT,
    ),
]


def curve_of(
    file: File,
    size: Size = "D",
    loss: Loss = "loss",
    trial: Trial = None,
    error: Error = None,
    where: Where = None,
    best: Best = None,
    mean: Mean = None,
    ignore: Ignore = None,
    score: Score = None,
):
    """The curve that is meant: a DataArray of one size and trials."""
    chosen = {
        "trial": trial or None,
        "error": error,
        "where": conditions(where),
        "best": best or None,
        "mean": mean or None,
        "ignore": ignore or None,
        "score": score,
    }
    return read(file, size, loss, **chosen)


def notes_of(texts):
    """Notes by their keys."""
    found = {}
    for text in texts or ():
        key, equals, said = text.partition("=")
        if not (key and equals):
            raise ValueError(f"--note must be a key and a text, got {text!r}")
        found[key] = said
    return found


def conditions(texts):
    """Conditions as `read` takes them; values of one column are alternatives."""
    found = {}
    for text in texts or ():
        column, equals, value = text.partition("=")
        if not (column and equals):
            raise ValueError(
                f"--where must be a column and a value, as optimizer=adam, got {text!r}"
            )
        found.setdefault(column, []).append(_value(value))
    return found or None


def _value(text):
    """A number if it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
