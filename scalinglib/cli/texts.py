"""The command that reads a text: its statistics, and what they predict."""

import json
import math
import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from scalinglib import text
from scalinglib._input import probability
from scalinglib.cli.tables import Json
from scalinglib.cli.terminal import app, digits, errors_told, interval_of, say, table_of
from scalinglib.report.records import level_of

READ = "How the text is read"
#: In letters that every terminal has.
NAMES = {
    "beta": ("beta_C", "n"),
    "gamma": ("gamma_H", "n"),
    "measured": ("alpha_D measured", "D"),
    "predicted": ("alpha_D predicted", None),
}
PAIRS = "byte-pairs"
ORDERS = {"characters": 16, "words": 6, PAIRS: 6}  # unless they are named
LEAST = 2  # digits of an exponent whose interval supports no more

File = Annotated[Path, typer.Argument(help="A text.", show_default=False)]
Unit = Annotated[
    Literal["characters", "words", "byte-pairs"],
    typer.Option(help="What a token is.", rich_help_panel=READ),
]
Vocabulary = Annotated[
    int | None,
    typer.Option(
        help="How many byte pairs to learn, by default 2048.", rich_help_panel=READ
    ),
]
Lower = Annotated[
    bool,
    typer.Option(
        "--lower", help="Make capitals small letters first.", rich_help_panel=READ
    ),
]
Encoding = Annotated[
    str, typer.Option(help="Encoding of the file.", rich_help_panel=READ)
]
Orders = Annotated[
    int | None,
    typer.Option(
        help="How many tokens before it a prediction knows at most: by default 16 of "
        "characters, else 6.",
        show_default=False,
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(help="Write a report to this .html file: pictures and reasons."),
]


@app.command("text")
def tell_text(
    context: typer.Context,
    file: File,
    unit: Unit = "characters",
    vocabulary: Vocabulary = None,
    lower: Lower = False,
    encoding: Encoding = "utf-8",
    orders: Orders = None,
    level: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.95,
    seed: Annotated[int, typer.Option(help="Of what is drawn by chance.")] = 0,
    as_json: Json = False,
    report: Report = None,
):
    """Predict the exponent of a text's learning curve, and measure it with n-grams.

    Correlations over lags, entropies over orders, and losses of n-grams of all orders.
    Four megabytes may take a minute.
    """
    with errors_told():
        level = probability("level", level)  # before the minute
        if report is not None:
            from scalinglib.report.pages import page_path

            page_path(report)
        tokens = _tokens(text.read(file, encoding=encoding), unit, vocabulary, lower)
        orders = ORDERS[unit] if orders is None else orders
        found = text.analyse(tokens, orders=orders, rng=seed)
        if report is not None:
            from scalinglib.report import text_report  # it brings matplotlib

            typed = context.find_root().obj
            source = {"command": shlex.join(["scalinglib", *typed])} if typed else None
            title = f"{file.name}: a text and its learning curve"
            text_report(found, level=level, title=title, source=source).save(report)
        _tell(found, level, as_json)
        if report is not None and not as_json:
            say(f"report: {escape(str(report))}")


def _tokens(string, unit, vocabulary, lower):
    """The text as tokens of the unit that is asked."""
    if unit == PAIRS:
        size = {} if vocabulary is None else {"vocabulary": vocabulary}
        return text.byte_pairs(string, lower=lower, **size)
    if vocabulary is not None:
        raise ValueError(
            f"--vocabulary is for byte pairs, got {vocabulary} and --unit {unit}; "
            f"name --unit {PAIRS}"
        )
    return {"characters": text.characters, "words": text.words}[unit](
        string, lower=lower
    )


def _tell(found, level, as_json):
    """Exponents, horizons and entropies; what is not there, and what follows."""
    from scalinglib.plotting.texts import orders_shown
    from scalinglib.report.text_records import text_record

    record = text_record(found, level)
    if as_json:
        return typer.echo(json.dumps(record, indent=1, allow_nan=False))
    say(str(found.tokens))
    exponents = record["exponents"]
    told = table_of(
        "exponent", "value", f"{level_of(level)} interval", "read from", "status"
    )
    for name, each in exponents.items():
        told.add_row(*_row(name, each))
    say(told)
    horizons = table_of("D", "correlations seen up to lag")
    for row in record["horizons"]:
        horizons.add_row(str(row["D"]), _lag(row))
    say(horizons)
    entropies = table_of("order n", "nats a token", "bounds", "frequencies alone")
    shown = orders_shown(record["entropies"][-1]["n"])
    for row in record["entropies"]:
        if row["n"] in shown:
            ends = interval_of(max(row["low"], 0), row["high"], 3)
            value, plug_in = (f"{row[name]:.3g}" for name in ("value", "plug_in"))
            entropies.add_row(str(row["n"]), value, ends, plug_in)
    say(entropies)
    for warning in record["warnings"]:
        say(f"[yellow]warning:[/yellow] {escape(warning)}")
    for name, because in _missing(found).items():
        say(f"[yellow]{name} is not determined:[/yellow] {escape(because)}")
    say(f"[bold]{escape(record['verdict'])}[/bold]")


def _missing(found):
    """Why there is no number, by the name of the exponent."""
    told = dict(found.reasons)
    if "predicted" in told and not {"beta", "gamma"}.isdisjoint(told):
        told["predicted"] = "it takes both beta_C and gamma_H"  # said once
    return {NAMES[name][0]: because for name, because in told.items()}


def _row(name, each):
    """An exponent as cells of a table."""
    called, of = NAMES[name]
    if each["value"] is None:
        return called, "", "", "", each["status"]
    low, high = (
        math.inf if each[end] is None else each[end] for end in ("low", "high")
    )
    range_ = "gamma_H / (2 beta_C)"
    if of is not None:
        range_ = f"{of} {each['first']:.10g} to {each['last']:.10g}"
    status = each["status"].removesuffix(" in this range")
    value = digits(each["value"], low, high, LEAST)
    return called, value, interval_of(low, high, LEAST), range_, status


def _lag(row):
    """How far so many tokens see."""
    if row["n"] is None:
        return f"beyond {row['beyond']}" if row["beyond"] else "not known"
    return "none" if row["n"] < 1 else f"{row['n']:.3g}"
