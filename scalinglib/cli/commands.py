"""The commands: each reads a curve, asks a question of it, and says the answer."""

import functools
import inspect
import json
import math
import shlex
from typing import Annotated

import typer
from rich.markup import escape

from scalinglib import laws
from scalinglib.cli import tables
from scalinglib.cli.terminal import (
    app,
    digits,
    errors_told,
    interval_of,
    say,
    table_of,
)
from scalinglib.report.records import finite, level_of, percent, record_of

At = Annotated[
    list[float],
    typer.Option(help="Size to forecast; may be repeated.", show_default=False),
]
Target = Annotated[
    list[float],
    typer.Option(help="Loss to reach; may be repeated.", show_default=False),
]
Assume = Annotated[
    str | None,
    typer.Option(help="A law to take for granted, or 'law' for one of all."),
]
Factor = Annotated[float, typer.Option(help="By how much the size grows.")]


def _of_a_curve(command):
    """A command of a file and of what is a curve in it, from one of that curve."""
    file, *rest = inspect.signature(tables.curve_of).parameters.values()
    _, *own = inspect.signature(command).parameters.values()
    named = [parameter.name for parameter in (file, *rest)]

    @functools.wraps(command)
    def run(**given):
        with errors_told():
            curve = tables.curve_of(**{name: given.pop(name) for name in named})
            command(curve, **given)

    needed = [p for p in own if p.default is p.empty]
    optional = [p for p in own if p.default is not p.empty]
    parameters = [
        p.replace(kind=p.KEYWORD_ONLY) for p in (file, *needed, *optional, *rest)
    ]
    run.__signature__ = inspect.Signature(parameters)
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


@app.command("forecast")
@_of_a_curve
def forecast_losses(
    curve,
    context: typer.Context,
    at: At,
    level: tables.Level = 0.9,
    assume: Assume = None,
    as_json: tables.Json = False,
    report: tables.Report = None,
    note: tables.Note = None,
):
    """Forecast the loss at sizes that were not run."""
    if report is not None:
        asked = {"at": at, "level": level, "assume": assume}
        found = _reported(curve, report, note, context.find_root().obj, **asked)
    elif note:
        raise ValueError("--note is for a report: name its file with --report")
    else:
        found = [laws.forecast(curve, at=x, level=level, assume=assume) for x in at]
    rows = [record_of(each) for each in found]
    if as_json:
        return _say_json(curve, level, forecasts=rows)
    table = table_of(
        _size_of(curve), _loss_of(curve), f"{level_of(level)} interval", "times as far"
    )
    for row in rows:
        table.add_row(
            f"{row['at']:.10g}", digits(row["loss"], row["low"], row["high"]),
            interval_of(row["low"], row["high"]), f"{row['ratio']:.3g}",
        )  # fmt: skip
    _say(table, curve)
    shares = [(name, 100 * share) for name, share in found[0].speak.items()]
    said = ", ".join(f"{name} {s:.0f} %" for name, s in shares if s >= 0.5)
    say(f"{'assumed' if assume else 'laws that speak'}: {said}")
    for each in found:
        about = f"at {each.at:.10g}, " if len(found) > 1 else ""
        for warning in each.warnings:
            say(f"[yellow]warning:[/yellow] {about}{escape(warning)}")
    if report is not None:
        say(f"report: {escape(str(report))}")


@app.command()
@_of_a_curve
def size_for(
    curve,
    target: Target,
    level: tables.Level = 0.9,
    assume: Assume = None,
    as_json: tables.Json = False,
):
    """Tell the size at which a loss is reached."""
    found = [laws.size_for(curve, each, level, assume=assume) for each in target]
    rows = [
        {
            "loss": each.loss,
            "size": finite(each.value),
            "low": finite(each.interval()[0]),
            "high": finite(each.interval()[1]),
            "reached": each.reached,
            "beyond": each.beyond,
        }
        for each in found
    ]
    if as_json:
        return _say_json(curve, level, sizes=rows)
    table = table_of(
        _loss_of(curve), _size_of(curve), f"{level_of(level)} interval", "ever reached"
    )
    for row in rows:
        ends = f"{_size(row['low'])} to {_size(row['high'])}"
        reached = f"{100 * row['reached']:.0f} %"
        table.add_row(f"{row['loss']:.4g}", _size(row["size"]), ends, reached)
    _say(table, curve)


@app.command()
@_of_a_curve
def gain(
    curve,
    factor: Factor = 2.0,
    level: tables.Level = 0.9,
    assume: Assume = None,
    as_json: tables.Json = False,
):
    """Tell by which share the loss falls if the size grows by a factor."""
    found = laws.gain(curve, factor, level=level, assume=assume)
    low, high = found.interval()
    row = {"factor": factor, "gain": found.value, "low": low, "high": high}
    if as_json:
        return _say_json(curve, level, gain=row | {"falls": found.probability})
    interval = f"{level_of(level)} interval"
    name, falls = _size_of(curve), f"{_loss_of(curve)} falls by"
    table = table_of(f"{name} times", falls, interval)
    table.add_row(
        f"{factor:g}", percent(found.value), f"{percent(low)} to {percent(high)}"
    )
    _say(table, curve)


@app.command()
@_of_a_curve
def compare(
    curve,
    as_json: tables.Json = False,
):
    """Fit laws, test them, and let each forecast what the curve shows later."""
    found = laws.compare(curve)
    rows = [
        _law_row(each, found.table.sel(law=name)) for name, each in found.fits.items()
    ]
    if as_json:
        return _say_json(curve, None, laws=rows)
    table = table_of("law", "fits", "p", "error ahead", "main parameter")
    for row in rows:
        fits = {True: "yes", False: "no", None: "?"}[row["fits"]]
        p = "" if row["p_value"] is None else f"{row['p_value']:.2g}"
        main = f"{row['main']} {row['value']:.3g}"
        table.add_row(row["law"], fits, p, percent(math.expm1(row["ahead"])), main)
    _say(table, curve)


def _reported(curve, path, note, typed, **asked):
    """Forecasts, told by a report too, with the words that were typed."""
    from scalinglib.report.forecasts import forecast_report
    from scalinglib.report.pages import page_path

    path = page_path(path)
    source = {"command": shlex.join(["scalinglib", *typed])} if typed else None
    made = forecast_report(curve, notes=tables.notes_of(note), source=source, **asked)
    made.save(path)
    return made.forecasts


def _law_row(found, judged):
    name = found.law.main
    return {
        "law": found.law.name,
        "fits": found.fits,
        "p_value": finite(found.p_value),
        "ahead": float(judged["ahead"]),
        "main": name,
        "value": finite(found.parameters[name]),
        "parameters": {k: finite(v) for k, v in found.parameters.items()},
    }


def _loss_of(curve):
    return str(curve.name or "loss")


def _size_of(curve):
    (name,) = (dim for dim in curve.dims if dim != "trial")
    return name


def _size(value):
    return "more" if value is None else f"{value:.3g}"


def _say(table, curve):
    name = _size_of(curve)
    sizes = curve[name].values
    trials = curve.sizes.get("trial", 1)
    say(
        f"{len(sizes)} sizes, {escape(name)} from {sizes[0]:.6g} to {sizes[-1]:.6g}, "
        f"{trials} trial{'s' * (trials > 1)}"
    )
    say(table)


def _say_json(curve, level, **found):
    name = _size_of(curve)
    about = {"column": name, "seen": curve.sizes[name]}
    about["largest"] = float(curve[name][-1])
    if level is not None:
        about["level"] = level
    typer.echo(json.dumps(about | found, indent=1, allow_nan=False))
