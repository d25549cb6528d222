"""The command line: what readers take along, each by itself or ``all --to FOLDER``."""

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from . import contents
from .archive import LICENCES, archive, wheel

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
COMMANDS = {
    "notebooks": "write the notebooks into a folder",
    "zip": "write a zip of the notebooks, with the wheel of the package",
    "pdf": "write the book as one tagged PDF",
    "site": "write a zip of the built pages, to be opened without a server",
    "slides": "print the slides of meetings into a folder, a PDF each",
    "all": "write both zips, the PDF, the slides and the wheel into a folder",
}
BOOK, SITE, NOTEBOOKS = (
    f"scaling-laws-{name}" for name in ("book.pdf", "book.zip", "notebooks.zip")
)


def main(arguments=None):
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python book/_pack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in COMMANDS.items():
        command = commands.add_parser(name, help=told)
        command.add_argument("--to", type=Path, required=True)
        command.add_argument(
            "--build",
            type=Path,
            default=BUILD,
            help="where the book is built, or will be: a folder named _build",
        )
        if name in ("notebooks", "zip", "pdf"):
            told = "book/01_….ipynb; all, if none"
            command.add_argument("pages", nargs="*", help=told)
        if name == "slides":
            told = "1 to 6; all, if none"
            command.add_argument("meetings", nargs="*", type=int, help=told)
    asked = vars(parser.parse_args(arguments))
    print(RUN[asked.pop("command")](**asked))
    return 0


def write_notebooks(to, build, pages):
    """Write the folder of notebooks."""
    return f"{len(notebooks(to, build, pages))} notebooks in {to}"


def write_zip(to, build, pages=()):
    """Write the zip of notebooks."""
    with tempfile.TemporaryDirectory() as folder:
        notebooks(Path(folder), build, pages)
        return f"{archive(Path(folder), to, ROOT)} files in {to}"


def write_pdf(to, build, pages=()):
    """Write the PDF."""
    from .paper import document
    from .printing import chromium, to_pdf

    chromium()  # if there is none, say so at once
    names = [page.rsplit(".", 1)[0] for page in pages]
    listed = [p for p in contents.pages(ROOT) if not names or p.name in names]
    text, dead = document(built(build), listed, about())
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.html")
        source.write_text(text, encoding="utf-8")
        wide = to_pdf(source, to, about())
    for fault in [
        *(f"leads nowhere: {d}" for d in dead),
        *(f"wide: {w}" for w in wide),
    ]:
        print(fault, file=sys.stderr)
    return f"{len(listed)} pages of the book in {to}"


def write_site(to, build):
    """Write the zip of built pages."""
    from .site import archive_site

    licences = {
        f"licences/{name.replace('/', '-')}": (ROOT / name).read_bytes()
        for name in LICENCES
    }
    return f"{archive_site(built(build), to, licences)} files in {to}"


def write_slides(to, build=BUILD, meetings=()):
    """Print the slides."""
    from .decks import print_decks

    return "\n".join(map(str, print_decks(to, meetings)))


def write_all(to, build):
    """Write everything; tell how large it is and how long it took."""
    to.mkdir(parents=True, exist_ok=True)
    built(build)
    steps = {
        SITE: lambda path: write_site(path, build),
        BOOK: lambda path: write_pdf(path, build),
        NOTEBOOKS: lambda path: write_zip(path, build),
        "slides": write_slides,
        "the package": lambda path: wheel(ROOT, to),
    }
    began = time.monotonic()
    for name, write in steps.items():
        start = time.monotonic()
        said = write(to / name)
        path = said if isinstance(said, Path) else to / name
        files = path.iterdir() if path.is_dir() else [path]
        size, took = (
            sum(f.stat().st_size for f in files) / 1e6,
            time.monotonic() - start,
        )
        print(f"{path.name:36} {size:6.1f} MB {took / 60:6.1f} min", flush=True)
    return f"all in {to}: {(time.monotonic() - began) / 60:.1f} min"


RUN = {
    "notebooks": write_notebooks,
    "zip": write_zip,
    "pdf": write_pdf,
    "site": write_site,
    "slides": write_slides,
    "all": write_all,
}


def built(build):
    """Return the folder of the built pages; build them if they are not there."""
    pages = build / "html"
    if not (pages / "index.html").exists():
        tool = Path(sys.executable).with_name("jupyter-book")
        command = [tool, "build", ROOT, "--path-output", build.resolve().parent]
        subprocess.run(command, check=True)
    return pages


def about():
    """Title, author and the like, from the configuration of the book."""
    config, cited = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        for name in ("_config.yml", "CITATION.cff")
    )
    year = str(cited["date-released"])[:4]
    return {
        "title": config["title"],
        "subtitle": "Why the loss of a network falls as a power law in data and "
        "parameters, and what sets the exponent",
        "author": config["author"],
        "version": f"Made in {year}, with version {cited['version']} of scalinglib.",
        "rights": f"© {config['copyright']}.",
        "note": "Every chapter and further page, with all answers and solutions. What "
        "needs a screen is on the web pages alone: figures to play with, questions "
        "that answer, and the reference of the package, which is 300 pages long. "
        "The code to run is in the notebooks.",
    }


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
