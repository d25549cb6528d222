"""Make the texts that ship with the package from what Debian's packages hold.

Run ``python -m scalinglib.experiments.make_texts``. It needs the packages `bible-kjv`,
`bible-kjv-text` and `libpython3.11-stdlib`.
"""

import lzma
import subprocess
from pathlib import Path

PYTHON = Path("/usr/lib/python3.11")
FOLDER = Path(__file__).parents[1] / "data"


def king_james():
    """The King James Bible, a verse to a line, without the numbers of the verses.

    Examples
    --------
    >>> king_james()[:16]  # doctest: +SKIP
    'In the beginning'
    """
    command = ["bible", "-f", "gen1:1-rev22:21"]
    printed = subprocess.run(command, capture_output=True, check=True, text=True)
    return "".join(line.split(" ", 1)[1] for line in printed.stdout.splitlines(True))


def python_library(folder=PYTHON):
    """The modules of a folder, one after the other in the order of their names.

    Parameters
    ----------
    folder : Path
        With files of Python's source.

    Examples
    --------
    >>> len(python_library()) > 4_000_000  # doctest: +SKIP
    True
    """
    return "".join(file.read_text("utf-8") for file in sorted(folder.glob("*.py")))


if __name__ == "__main__":
    for make in (king_james, python_library):
        file = FOLDER / f"{make.__name__}.txt.xz"
        file.write_bytes(lzma.compress(make().encode(), preset=9 | lzma.PRESET_EXTREME))
        print(f"{file.name}: {file.stat().st_size / 1e6:.2f} MB")
