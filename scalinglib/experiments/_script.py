"""What scripts share that store a result computed from images at full size."""

import argparse
from pathlib import Path


def run(main, name, description):
    """Call ``main(file, source)`` with what stands on the command line."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument(
        "file", nargs="?", default=Path(__file__).parents[1] / "data" / name
    )
    parser.add_argument("--source", help="directory of the four original files")
    arguments = parser.parse_args()
    main(arguments.file, arguments.source)
