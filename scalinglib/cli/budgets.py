"""The command that splits a budget of compute: a surface of losses and its optimum."""

import json
import math
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from scalinglib import laws
from scalinglib._input import positive, probability
from scalinglib.cli import tables
from scalinglib.cli.terminal import app, digits, errors_told, interval_of, say, table_of
from scalinglib.report.pages import page_path
from scalinglib.report.records import level_of

RUNS = "What is a run in the table"
NAMES = "P", "D", "loss", "tokens_per_parameter"
Budget = Annotated[
    list[float] | None,
    typer.Option(help="Compute to split; may be repeated.", show_default=False),
]
Report = Annotated[
    Path | None,
    typer.Option(help="Write a report to this .html file: pictures and reasons."),
]


@app.command("surface")
def fit_surface(
    context: typer.Context,
    file: tables.File,
    budget: Budget = None,
    level: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.95,
    form: Annotated[
        str, typer.Option(help="additive (Chinchilla's) or joint (Kaplan's).")
    ] = "additive",
    delta: Annotated[
        float, typer.Option(help="Elbow of Huber's loss of log L; inf for squares.")
    ] = 1e-3,
    flops: Annotated[
        float, typer.Option(help="Compute for each parameter and example.")
    ] = 6.0,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    as_json: tables.Json = False,
    report: Report = None,
    parameters: Annotated[
        str,
        typer.Option("--N", "--P", help="Column of parameters.", rich_help_panel=RUNS),
    ] = "N",
    data: Annotated[
        str | None,
        typer.Option(
            "--D",
            help="Column of data.  [default: D, unless --C]",
            rich_help_panel=RUNS,
        ),
    ] = None,
    compute: Annotated[
        str | None,
        typer.Option(
            "--C", help="Column of compute, instead of data.", rich_help_panel=RUNS
        ),
    ] = None,
    loss: Annotated[
        str, typer.Option(help="Column of losses.", rich_help_panel=RUNS)
    ] = "loss",
    trial: tables.Trial = None,
    where: tables.Where = None,
    best: tables.Best = None,
    mean: tables.Mean = None,
    ignore: tables.Ignore = None,
):
    """Fit the loss over parameters and data, and split budgets of compute."""
    with errors_told():
        if data is not None and compute is not None:
            raise ValueError("--D and --C: name one of them, the other follows")
        # What is wrong is said before the fit, which takes a while.
        probability("level", level)
        positive("C", budget or ())
        report = None if report is None else page_path(report)
        second = compute or data or "D"
        runs = laws.read(
            file,
            (parameters, second),
            loss,
            trial=trial or None,
            where=tables.conditions(where),
            best=best or None,
            mean=mean or None,
            ignore=ignore or None,
        )
        surface = laws.fit_loss_surface(
            runs,
            C=compute,
            flops=flops,
            form=form,
            delta=delta,
            rng=seed,
        )
        if report is not None:
            from scalinglib.report import surface_report  # it brings matplotlib

            typed = context.find_root().obj
            source = {"command": shlex.join(["scalinglib", *typed])} if typed else None
            surface_report(
                surface, budgets=budget or (), level=level, source=source
            ).save(report)
        _tell(surface, budget or [], level, as_json)
        if report is not None and not as_json:
            say(f"report: {escape(str(report))}")


def _tell(surface, budgets, level, as_json):
    """Parameters, optima, and what to beware of."""
    from scalinglib.report.surfaces import surface_record

    record = surface_record(surface, budgets, level)
    if as_json:
        return typer.echo(json.dumps(record, indent=1, allow_nan=False))
    say(f"{record['runs']} runs, {surface.form.formula}")
    told = table_of("parameter", "value", f"{level_of(level)} interval", "determined")
    for name, value in surface.parameters.items():
        low, high = surface.interval(name, level)
        known = "yes" if surface.identified[name] else "no"
        told.add_row(name, digits(value, low, high), interval_of(low, high), known)
    say(told)
    for name, because in surface.reasons.items():
        say(f"[yellow]{name} is not determined:[/yellow] {escape(because)}")
    for C, found in zip(budgets, record["budgets"], strict=True):
        listed = table_of(f"C = {C:.4g}", "best", f"{level_of(level)} interval")
        for name in (*NAMES, "loss_by_valleys"):
            if found[name] is None:  # no valleys, or a budget among them
                continue
            value, low, high = _finite(found[name])
            listed.add_row(
                name.replace("_", " "), digits(value, low, high), interval_of(low, high)
            )
        say(listed)
    for warning in surface.warnings:
        say(f"[yellow]warning:[/yellow] {escape(warning)}")
    for found in filter(None, (each["loss_by_valleys"] for each in record["budgets"])):
        for warning in found["warnings"]:
            say(f"[yellow]warning:[/yellow] loss by valleys: {escape(warning)}")


def _finite(found):
    """A value and its ends; where nothing bounds it, infinity."""
    low = 0.0 if found["low"] is None else found["low"]
    ends = (math.inf if found[k] is None else found[k] for k in ("value", "high"))
    value, high = ends
    return value, low, high
