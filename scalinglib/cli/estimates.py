"""Commands that read a number off data: a dimension, the exponent of a spectrum."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from scalinglib import data, geometry, plotting, spectra
from scalinglib._input import probability
from scalinglib.cli.tables import Json
from scalinglib.cli.terminal import app, digits, errors_told, interval_of, say, table_of
from scalinglib.report.records import level_of

FILES = (
    "Numbers, a row for each point: .npy, .npz, .csv, .tsv, .txt, .json or .parquet."
)
POINTS = "What is a point in the file"
File = Annotated[Path, typer.Argument(help=FILES, show_default=False)]
Array = Annotated[
    str | None,
    typer.Option(help="Array of an .npz file.", rich_help_panel=POINTS),
]
Drop = Annotated[
    list[str] | None,
    typer.Option(
        help="Column to leave out (of an array its number). May be repeated.",
        rich_help_panel=POINTS,
    ),
]
Time = Annotated[
    str | None,
    typer.Option(
        help="Column that tells when, for points of a trajectory.",
        rich_help_panel=POINTS,
    ),
]
Picture = Annotated[
    Path | None,
    typer.Option(help="Draw it to this file: .svg, .png or .pdf.", show_default=False),
]
Seed = Annotated[int, typer.Option(help="Of what is drawn by chance.")]
Probability = Annotated[float, typer.Option(help="Probability of the interval.")]


@app.command("dimension")
def tell_dimension(
    file: File,
    array: Array = None,
    drop: Drop = None,
    time: Time = None,
    theiler: Annotated[
        float | None, typer.Option(help="Time between points that may be compared.")
    ] = None,
    rounding: Annotated[
        float | None, typer.Option(help="Step of rounded values, if it is known.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(help="Standard deviation of known noise.")
    ] = None,
    period: Annotated[
        float | None, typer.Option(help="Period of the coordinates, on a torus.")
    ] = None,
    level: Probability = 0.95,
    seed: Seed = 0,
    picture: Picture = None,
    as_json: Json = False,
):
    """Estimate the intrinsic dimension of points."""
    with errors_told():
        _ready(level, picture)
        table = data.read_points(file, array=array, drop=drop or ())
        times = _taken(table, time)
        known = {"theiler": theiler, "rounding": rounding, "noise": noise}
        found = geometry.dimension.estimate(
            table.to_numpy(), times=times, period=period, rng=seed, **known
        )
        scales = {
            "points of a ball": found.scales.index,
            "radius": found.scales["radius"].map("{:.3g}".format),
            "second moments": found.scales["second"].map("{:.3g}".format),
            "third": found.scales["third"].map("{:.3g}".format),
        }
        shown = "plot_dimension", scales, found.scales.reset_index()
        _tell("d", found, table, level, picture, as_json, *shown)


@app.command("spectrum")
def tell_exponent(
    file: File,
    centred: Annotated[
        bool,
        typer.Option(
            "--centred/--not-centred",
            help="Whether the mean of the features does not count (of eigenvalues: was "
            "subtracted).",
            show_default=False,
        ),
    ],
    holds: Annotated[
        Literal["features", "gram", "eigenvalues"],
        typer.Option(help="What the file holds."),
    ] = "features",
    array: Array = None,
    drop: Drop = None,
    points: Annotated[
        int | None, typer.Option(help="How many points eigenvalues come from.")
    ] = None,
    columns: Annotated[
        float | None,
        typer.Option(help="How many features there were; inf for a kernel."),
    ] = None,
    first: Annotated[float | None, typer.Option(help="First mode to look at.")] = None,
    last: Annotated[float | None, typer.Option(help="Last mode to look at.")] = None,
    level: Probability = 0.95,
    seed: Seed = 0,
    picture: Picture = None,
    as_json: Json = False,
):
    """Estimate the exponent a of a spectrum, λ ∝ n^-a."""
    with errors_told():
        _ready(level, picture)
        table = data.read_points(file, array=array, drop=drop or ())
        values = table.to_numpy()
        if holds == "eigenvalues":
            values = _one_axis(values)
        if (first is None) != (last is None):
            raise ValueError("--first and --last go together: they are a window")
        found = spectra.exponent(
            **{holds: values},
            centred=centred,
            points=points,
            columns=columns,
            window=None if first is None else (first, last),
            rng=seed,
        )
        of, ends = found.scales, found.scales[["first", "last"]].to_numpy()
        scales = {
            "modes": [f"{first:.0f} to {last:.0f}" for first, last in ends],
            "exponent": of["exponent"].map("{:.4g}".format),
            "error": of["error"].map("{:.2g}".format),
            "agrees": of["within"].map({True: "yes", False: "no"}),
        }
        shown = "plot_exponent", scales, of
        _tell("a", found, table, level, picture, as_json, *shown)


def _ready(level, picture):
    """Say what is wrong with the answer before it is looked for."""
    probability("level", level)
    if picture is not None:
        from scalinglib.report.pictures import kind_of  # it brings matplotlib

        kind_of(picture)


def _tell(name, found, table, level, picture, as_json, plot, scales, records):
    """An estimate: drawn, and said as JSON or as text with its scales."""
    rows, columns = table.shape
    about = f"{rows} rows, {columns} column{'s' * (columns > 1)}"
    low, high = found.interval(level)
    if picture is not None:
        from scalinglib.report.pictures import save_picture  # it brings matplotlib

        draw = getattr(plotting, plot)
        save_picture(lambda ax: draw(ax, found, level=level), picture)
    if as_json:
        record = {
            "value": found.value,
            "low": low,
            "high": high,
            "level": level,
            "status": found.status,
            "because": found.because,
            "found": [*found.found],
            "data": about,
            "scales": json.loads(records.to_json(orient="records")),
        }
        typer.echo(json.dumps(record, indent=1, allow_nan=False))
        return
    say(about)
    value, ends = digits(found.value, low, high), interval_of(low, high)
    interval = f"{level_of(level)} interval {ends}"
    say(f"{name} = [bold]{value}[/bold], {interval}: {found.status}")
    say(escape(found.because))
    for each in found.found:
        say(f"[yellow]found:[/yellow] {escape(each)}")
    listed = table_of(*scales)
    for row in zip(*scales.values(), strict=True):
        listed.add_row(*map(str, row))
    say(listed)
    if picture is not None:
        say(f"picture: {escape(str(picture))}")


def _taken(table, column):
    """A column that is no coordinate, taken out of the table."""
    if column is None:
        return None
    if column not in table:
        listed = ", ".join(map(str, table.columns[:12]))
        raise ValueError(
            f"--time {column!r} is no column of the file; there are {listed}"
        )
    return table.pop(column).to_numpy()


def _one_axis(values):
    """Eigenvalues in a row or in a column."""
    if min(values.shape) != 1:
        raise ValueError(
            f"eigenvalues must be one column or one row, got shape {values.shape}; "
            "--drop the others"
        )
    return values.ravel()
