"""Stored results on the command line: list them, or make them anew."""

import argparse
import inspect
import time
from pathlib import Path

from scalinglib.experiments import results


def main(arguments=None):
    """Do what stands on the command line.

    Examples
    --------
    >>> main(["make", "one_layer_erf", "--folder", "elsewhere"])  # doctest: +SKIP
    """
    parser = argparse.ArgumentParser(
        prog="python -m scalinglib.experiments", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what is stored")
    maker = commands.add_parser("make", help="make results anew, and store them")
    maker.add_argument(
        "names",
        nargs="+",
        choices=[*results.RESULTS, "all"],
        metavar="NAME",
        help="of a result, as list tells it, or all",
    )
    maker.add_argument(
        "--source",
        type=_directory,
        metavar="DIR",
        help="with the four original files of Fashion-MNIST, for results of images at "
        "full size (default: a download)",
    )
    maker.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where to write (default: in the place of what ships with the package)",
    )
    chosen = parser.parse_args(arguments)
    if chosen.command == "list":
        print(*map(_row, results.RESULTS), sep="\n")
        return
    names = [*results.RESULTS] if "all" in chosen.names else chosen.names
    images = {name for name in results.RESULTS if results.needs_images(name)}
    if chosen.source and images.isdisjoint(names):
        maker.error(f"argument --source: only for {', '.join(sorted(images))}")
    for name in dict.fromkeys(names):
        started, source = time.monotonic(), chosen.source if name in images else None
        file = results.make(name, source=source, folder=chosen.folder)
        minutes = (time.monotonic() - started) / 60
        print(f"{file}: {_size(file)}, {minutes:.1f} minutes", flush=True)


def _directory(text):
    """Path of a directory that exists."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {text!r}")
    return Path(text)


def _row(name):
    """One line of the list: name, size of the file, minutes, sizes, what it is."""
    file, what = results.FOLDER / f"{name}.nc", inspect.getdoc(results.find(name))
    held, dims = "not made", ""
    if file.is_file():
        found = results.unpack(file.read_bytes())
        held = _size(file)
        dims = ", ".join(f"{dim} {size}" for dim, size in found.sizes.items())
    minutes = f"{results.RESULTS[name][1]:g} min"
    return f"{name:15} {held:>8} {minutes:>7}  {dims:49} {what.splitlines()[0]}"


def _size(file):
    return f"{file.stat().st_size / 1000:.0f} kB"


if __name__ == "__main__":
    main()
