"""What all commands share: the command itself, how it speaks, and how it fails."""

from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scalinglib.report.records import digits_for

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Forecasts of learning curves, best splits of budgets, dimensions of data and "
    "exponents of spectra, with intervals that were tried on real and planted ones; "
    "and what a text says of its own learning curve.",
)
FAILED = 1


@contextmanager
def errors_told():
    """What is wrong with the input is said in a line, without a traceback."""
    try:
        yield
    except (ValueError, OSError, ImportError) as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"scalinglib: {error}", markup=False
        )
        raise typer.Exit(FAILED) from None


@app.callback()
def _about():
    pass


def digits(value, low, high, least=4):
    """A number with as many digits as its interval supports, but some at least."""
    return f"{value:.{digits_for(low, high, least)}g}"


def interval_of(low, high, least=4):
    """Two ends of an interval, with as many digits as it supports."""
    return " to ".join(digits(end, low, high, least) for end in (low, high))


def table_of(*names):
    """An empty table with columns of these names."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(escape(name), justify="right", overflow="fold")
    return table


def say(what):
    """Print a text or a table."""
    Console(highlight=False, soft_wrap=True).print(what)
