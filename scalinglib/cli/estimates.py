"""Commands that read a number off data: a dimension, the exponent of a spectrum."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from scalinglib.cli.tables import Json
from scalinglib.cli.terminal import app, digits, errors_told, interval_of, say, table_of
from scalinglib.data import read_points
from scalinglib.geometry import dimension
from scalinglib.plotting.estimates import plot_dimension, plot_exponent
from scalinglib.report.pictures import save_picture
from scalinglib.report.records import level_of
from scalinglib.spectra import exponent

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
        table = read_points(file, array=array, drop=drop or ())
        times = _taken(table, time)
        known = {"theiler": theiler, "rounding": rounding, "noise": noise}
        found = dimension.estimate(
            table.to_numpy(), times=times, period=period, rng=seed, **known
        )
        about = _shape(table)
        if picture is not None:
            save_picture(lambda ax: plot_dimension(ax, found, level=level), picture)
        if as_json:
            return _say_json(found, about, level, found.scales.reset_index())
        _say_estimate("d", found, about, level)
        scales = table_of("points of a ball", "radius", "second moments", "third")
        for k, row in found.scales.iterrows():
            scales.add_row(
                str(k), f"{row['radius']:.3g}", f"{row['second']:.3g}",
                f"{row['third']:.3g}",
            )  # fmt: skip
        _say_rest(found, scales, picture)


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
        table = read_points(file, array=array, drop=drop or ())
        values = table.to_numpy()
        if holds == "eigenvalues":
            values = _one_axis(values)
        if (first is None) != (last is None):
            raise ValueError("--first and --last go together: they are a window")
        found = exponent(
            **{holds: values},
            centred=centred,
            points=points,
            columns=columns,
            window=None if first is None else (first, last),
            rng=seed,
        )
        about = _shape(table)
        if picture is not None:
            save_picture(lambda ax: plot_exponent(ax, found, level=level), picture)
        if as_json:
            return _say_json(found, about, level, found.scales)
        _say_estimate("a", found, about, level)
        scales = table_of("modes", "exponent", "error", "agrees")
        for _, row in found.scales.iterrows():
            scales.add_row(
                f"{row['first']:.0f} to {row['last']:.0f}", f"{row['exponent']:.4g}",
                f"{row['error']:.2g}", "yes" if row["within"] else "no",
            )  # fmt: skip
        _say_rest(found, scales, picture)


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


def _shape(table):
    rows, columns = table.shape
    return f"{rows} rows, {columns} column{'s' * (columns > 1)}"


def _say_estimate(name, found, about, level):
    low, high = found.interval(level)
    say(about)
    value = digits(found.value, low, high)
    say(
        f"{name} = [bold]{value}[/bold], {level_of(level)} interval "
        f"{interval_of(low, high)}: {found.status}"
    )
    say(escape(found.because))
    for each in found.found:
        say(f"[yellow]found:[/yellow] {escape(each)}")


def _say_rest(found, scales, picture):
    say(scales)
    if picture is not None:
        say(f"picture: {escape(str(picture))}")


def _say_json(found, about, level, scales):
    low, high = found.interval(level)
    record = {
        "value": found.value,
        "low": low,
        "high": high,
        "level": level,
        "status": found.status,
        "because": found.because,
        "found": [*found.found],
        "data": about,
        "scales": json.loads(scales.to_json(orient="records")),
    }
    typer.echo(json.dumps(record, indent=1, allow_nan=False))
