"""The command ``scalinglib``: forecasts, budgets, exponents, dimensions, texts.

``scalinglib --help`` tells what there is; ``python -m scalinglib`` is the same.
"""

import sys

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"terminal": ["app"]}
)


def main():
    """Run the command, or say what is missing for it."""
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError:
        sys.exit("scalinglib: the command needs typer and rich: pip install typer rich")
    # They join the app.
    from scalinglib.cli import budgets, commands, estimates, sweeps, texts  # noqa: F401
    from scalinglib.cli.terminal import app

    app(obj=sys.argv[1:])  # a report tells the words that made it
