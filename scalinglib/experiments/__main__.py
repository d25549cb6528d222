"""Stored results on the command line: list them, or make them anew."""

import argparse
import inspect
import time
from pathlib import Path

import joblib

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
    maker.add_argument(
        "--checkpoint",
        type=Path,
        metavar="DIR",
        help="for runs of hours: each trial is written there as it ends, and read "
        "where it is there already, so that the same command goes on after a crash",
    )
    maker.add_argument(
        "--jobs",
        type=_processes,
        default=1,
        metavar="N",
        help="how many processes run trials (default: 1); the numbers are the same",
    )
    chosen = parser.parse_args(arguments)
    if chosen.command == "list":
        print(*map(_row, results.RESULTS), sep="\n")
        return
    names = [*results.RESULTS] if "all" in chosen.names else chosen.names
    images = {name for name in results.RESULTS if results.needs_images(name)}
    if chosen.source and images.isdisjoint(names):
        maker.error(f"argument --source: only for {', '.join(sorted(images))}")
    long = [name for name in names if results.takes(name, "checkpoint")]
    if chosen.checkpoint and not long:
        of = [name for name in results.RESULTS if results.takes(name, "checkpoint")]
        maker.error(f"argument --checkpoint: only for {', '.join(of)}")
    for name in dict.fromkeys(names):
        started = time.monotonic()
        options = {
            "source": chosen.source if name in images else None,
            "checkpoint": _place(chosen.checkpoint, name) if name in long else None,
        }
        with joblib.parallel_config(n_jobs=chosen.jobs):
            file = results.make(name, folder=chosen.folder, **options)
        minutes = (time.monotonic() - started) / 60
        print(f"{file}: {_size(file)}, {minutes:.1f} minutes", flush=True)


def _place(checkpoint, name):
    """Folder of a result's own below the one that was given."""
    return checkpoint and Path(checkpoint) / name


def _directory(text):
    """Path of a directory that exists."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {text!r}")
    return Path(text)


def _processes(text):
    """Whole number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, not {text}")
    return int(text)


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
