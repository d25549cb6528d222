"""The command line: ``notebooks --to FOLDER``, ``zip --to FILE``, ``slides …``."""

import argparse
import contextlib
import shutil
import tempfile
from pathlib import Path

from .archive import archive

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"


def main(arguments=None):
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python book/_pack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in (("notebooks", "a folder"), ("zip", "a file")):
        command = commands.add_parser(name, help=f"write the notebooks into {told}")
        command.add_argument("--to", type=Path, required=True)
        command.add_argument(
            "--build",
            type=Path,
            default=BUILD,
            help="where the book is built: what was read for it is not read again",
        )
        command.add_argument("pages", nargs="*", help="book/01_….ipynb; all, if none")
    command = commands.add_parser("slides", help="print the decks of the meetings")
    command.add_argument("--to", type=Path, required=True)
    command.add_argument("meetings", nargs="*", type=int, help="1 to 6; all, if none")
    asked = parser.parse_args(arguments)
    if asked.command == "slides":
        from .printing import print_decks

        print(*print_decks(asked.to, asked.meetings), sep="\n")
        return 0
    if asked.command == "notebooks":
        made = notebooks(asked.to, asked.build, asked.pages)
        print(f"{len(made)} notebooks in {asked.to}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        notebooks(Path(folder), asked.build, asked.pages)
        count = archive(Path(folder), asked.to, ROOT)
    print(f"{count} files in {asked.to}")
    return 0


def notebooks(to, build=BUILD, pages=()):
    """Write the notebooks of pages, or of all, into a folder; return their paths."""
    from jupyter_book.sphinx import build_sphinx

    out = build / "readers"
    shutil.rmtree(out, ignore_errors=True)
    with contextlib.chdir(ROOT):  # extensions are named from there
        done = build_sphinx(
            str(ROOT),
            str(out),
            path_config=str(ROOT / "_config.yml"),
            noconfig=True,
            # As jupyter-book has it: with any other path all would be read again.
            confoverrides={
                "external_toc_path": (ROOT / "_toc.yml").as_posix(),
                "latex_individualpages": False,
            },
            doctreedir=str(build / ".doctrees"),
            filenames=[str(ROOT / page) for page in pages],
            builder="readers",
            quiet=True,
        )
    if done:
        raise SystemExit(f"the notebooks were not written: {done}")
    made = sorted(out.rglob("*.ipynb"))
    for path in made:
        (to / path.relative_to(out)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to / path.relative_to(out))
    return [to / path.relative_to(out) for path in made]
