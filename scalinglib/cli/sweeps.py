"""The command that tells how far a sweep is."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from scalinglib.cli.tables import Json
from scalinglib.cli.terminal import app, errors_told, say, table_of
from scalinglib.experiments import sweep
from scalinglib.report.records import finite

Folder = Annotated[
    Path,
    typer.Argument(
        help="A folder given to sweep.run as checkpoint.", show_default=False
    ),
]
Tracebacks = Annotated[
    bool, typer.Option("--tracebacks", help="Show where each failed trial failed.")
]


@app.command("status")
def how_far(folder: Folder, tracebacks: Tracebacks = False, as_json: Json = False):
    """Tell which trials of a sweep are done, run, failed or wait, and the time left."""
    with errors_told():
        found = sweep.status(folder)
    if as_json:
        told = dataclasses.asdict(found)
        times = {name: finite(told[name]) for name in ("seconds", "left")}
        print(json.dumps(told | times, indent=2))
        return
    summary, *_ = str(found).splitlines()
    say(summary)
    if not found.failures:
        return
    table = table_of("trial", "setting", "error")
    for failure in found.failures:
        setting = ", ".join(f"{k} = {v}" for k, v in failure["setting"].items())
        words = str(failure["trial"]), setting, failure["error"]
        table.add_row(*map(escape, words))
    say(table)
    if tracebacks:
        for failure in found.failures:
            print(failure["traceback"])
