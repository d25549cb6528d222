"""Say what is wrong with an installation, and the command that mends it.

``python -m scalinglib.doctor`` needs nothing but Python itself: it tells of libraries
that are missing, too old or broken, of a second copy of the package, of files that were
damaged, and of a kernel that runs notebooks in another Python. It changes nothing.
"""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

__all__ = ["Finding", "examine", "main"]

HERE = Path(__file__).resolve().parent

#: Names by which some distributions are imported.
MODULES = {"pillow": "PIL", "scikit-learn": "sklearn"}

#: What an extra is for, if it is not there.
EXTRAS = {
    "networks": "whatever trains a network, from chapter 2 on",
    "parquet": "tables of runs in files of Parquet",
    "estimators": "learners wrapped as estimators of scikit-learn",
    "text": "byte pairs, in chapter 9",
    "cli": "the command scalinglib and its reports",
}

# Imports one module after the other in a process of its own: an import may hang, or
# end the process. The second part of a line is empty, or why it failed.
PROBE = """
import json, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    print("\\nprobe", json.dumps([name, None]), flush=True)
    try:
        __import__(name)
        if name == "torch":
            import numpy, torch
            torch.from_numpy(numpy.zeros(1)).numpy()
        said = ""
    except BaseException as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    print("\\nprobe", json.dumps([name, said]), flush=True)
"""

# The interpreter that notebooks are run with, "" where nobody has said.
KERNEL = """
from jupyter_client.kernelspec import KernelSpecManager
try:
    print(KernelSpecManager().get_kernel_spec("python3").argv[0])
except Exception:
    print("")
"""


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    state : str
        ``"well"``, ``"ill"``, or ``"note"`` for what is missing and not needed by all.
    what : str
        What was found, in a sentence.
    remedy : str
        The command that mends it, or nothing.

    Examples
    --------
    >>> Finding("ill", "numpy is missing.", "pip install numpy").state
    'ill'
    """

    state: str
    what: str
    remedy: str = ""


class Requirement(NamedTuple):
    """A library, its least version, and the extra that asks for it, if one does."""

    name: str
    least: str
    extra: str

    @property
    def module(self):
        """The name by which it is imported."""
        return MODULES.get(self.name, self.name.replace("-", "_"))


def pip(*arguments):
    """Return a command of the pip that belongs to this Python."""
    return " ".join([quoted(sys.executable), "-m", "pip", "install", *arguments])


def quoted(text):
    """Return a text as one word of a shell."""
    return text if re.fullmatch(r"[\w@%+=:,./\\-]+", text) else f'"{text}"'


def numbers(version):
    """Return the leading numbers of a version.

    >>> numbers("2.4.6rc1") < numbers("2.10")
    True
    """
    return [int(n) for n in re.match(r"\d+(\.\d+)*", version)[0].split(".")]


def requirement(line):
    """Read a line such as ``torch>=2.5; extra == "networks"``.

    >>> requirement('torch>=2.5; extra == "networks"')
    Requirement(name='torch', least='2.5', extra='networks')
    """
    name, least = re.match(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", line).groups()
    extra = re.search(r"""extra == ["']([\w-]+)""", line)
    return Requirement(name.lower(), least or "0", extra[1] if extra else "")


def distribution():
    """Return the installed distribution of this package, or None."""
    try:
        return metadata.distribution("scalinglib")
    except metadata.PackageNotFoundError:
        return None


def requirements(installed):
    """Return what the package needs: as installed, or as its source says."""
    if installed is not None:
        return [requirement(line) for line in installed.requires or ()]
    source = HERE.parent / "pyproject.toml"
    if not source.is_file():
        return []
    project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra, names in project["optional-dependencies"].items():
        lines += [f'{name}; extra == "{extra}"' for name in names]
    return [requirement(line) for line in lines]


# ------------------------------------------------------------- what is looked at


def check_python(installed):
    """Whether this Python is new enough."""
    least = installed and installed.metadata["Requires-Python"]
    least = (least or ">=3.11").lstrip(">= ")
    here = ".".join(map(str, sys.version_info[:3]))
    if numbers(here) < numbers(least):
        what = f"Python is {here}, and {least} or newer is needed."
        yield Finding("ill", what, f"python{least} -m venv .venv")
    else:
        yield Finding("well", f"Python {here}, {sys.executable}")


def check_copy(installed):
    """Whether the package is installed, once."""
    if installed is None:
        what = f"scalinglib is imported from {HERE.parent}, but is not installed."
        source = (HERE.parent / "pyproject.toml").is_file()
        yield Finding(
            "ill", what, pip("-e", quoted(str(HERE.parent))) if source else ""
        )
        return
    places = {Path(installed.locate_file("scalinglib")).resolve()}
    direct = json.loads(installed.read_text("direct_url.json") or "{}")
    if direct.get("dir_info", {}).get("editable"):
        places.add((_local(direct["url"]) / "scalinglib").resolve())
    if HERE not in places:
        what = f"Two copies: {HERE} is imported, {min(map(str, places))} is installed."
        remedy = "leave the folder that you are in, or unset PYTHONPATH"
        yield Finding("ill", what, remedy)
    else:
        yield Finding("well", f"scalinglib {installed.version}, {HERE}")


def _local(url):
    """Return the folder of an address of a file."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(url).path))


def check_files(installed):
    """Whether the files that came with the package are what they were."""
    bad = []
    for file in (installed and installed.files) or ():
        if file.hash is None or not str(file).startswith("scalinglib/"):
            continue
        path = Path(file.locate())
        if not path.is_file():
            bad.append(f"{file} is missing")
        elif _digest(path, file.hash.mode) != file.hash.value:
            bad.append(f"{file} was changed")
    if bad:
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        what = f"The package is damaged: {bad[0]}{more}."
        yield Finding("ill", what, pip("--force-reinstall", "--no-deps", "scalinglib"))


def _digest(path, mode):
    """Return the digest of a file as records of wheels have it."""
    digest = hashlib.new(mode, path.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_libraries(installed):
    """Whether libraries are there, new enough, and can be imported."""
    here, missing = [], {}
    for needed in requirements(installed):
        try:
            version = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            missing.setdefault(needed.extra, []).append(needed)
            continue
        asked = f"{needed.name}>={needed.least}"
        if numbers(version) < numbers(needed.least):
            what = f"{needed.name} is {version}, and {needed.least} or newer is needed."
            yield Finding("ill", what, pip("--upgrade", quoted(asked)))
        else:
            here.append((needed, version))
    for extra, lacking in missing.items():
        names = ", ".join(needed.name for needed in lacking)
        asked = [quoted(f"{needed.name}>={needed.least}") for needed in lacking]
        if extra:
            what = f"{names}: not there. For {EXTRAS.get(extra, extra)}."
        else:
            what = f"{names}: missing."
        yield Finding("note" if extra else "ill", what, pip(*asked))
    said = imported([needed.module for needed, _ in here])
    for needed, version in here:
        if said[needed.module]:
            what = f"{needed.name} {version} cannot be used. {said[needed.module]}"
            asked = quoted(f"{needed.name}>={needed.least}")
            yield Finding("ill", what, pip("--force-reinstall", asked))
        else:
            yield Finding("well", f"{needed.name} {version}")


def imported(modules, *, seconds=120):
    """Import modules in another process; why each fails, "" for those that do not.

    >>> imported(["json", "no_such_module"])["json"]
    ''
    """
    said, left = {}, list(modules)
    while left:
        command = [sys.executable, "-c", PROBE, *left]
        begun = None
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds
            )
            lines, how = done.stdout, f"The process ended with {done.returncode}."
        except subprocess.TimeoutExpired as late:
            lines = (late.stdout or b"").decode()
            how = f"The import did not end within {seconds} seconds."
        for line in lines.splitlines():
            if line.startswith("probe ["):
                begun, why = json.loads(line.removeprefix("probe "))
                if why is not None:
                    said[begun] = why
        left = [name for name in left if name not in said]
        if left:  # it died at the one that it had begun
            said[begun or left[0]] = how
            left = [name for name in left if name not in said]
    return said


def check_kernel(installed):
    """Whether notebooks are run by this Python, if there is a kernel at all."""
    try:
        metadata.version("ipykernel")
        metadata.version("jupyter-client")
    except metadata.PackageNotFoundError:
        what = "ipykernel: not there. For whoever runs the notebooks."
        yield Finding("note", what, pip("jupyterlab", "ipykernel"))
        return
    asked = [sys.executable, "-c", KERNEL]
    told = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    if told and Path(told).is_absolute() and Path(told) != Path(sys.executable):
        what = f"Notebooks are run by another Python, {told}."
        remedy = f"{quoted(sys.executable)} -m ipykernel install --sys-prefix"
        yield Finding("ill", what, remedy)
    else:
        yield Finding("well", "notebooks are run by this Python")


CHECKS = (check_python, check_copy, check_files, check_libraries, check_kernel)


def examine(checks=CHECKS):
    """Look at everything.

    Parameters
    ----------
    checks : sequence of callable, optional
        What is looked at; each takes the installed distribution, and yields findings.

    Returns
    -------
    list of Finding
        What is ill comes first, then notes, then what is well.

    Examples
    --------
    >>> [finding.state for finding in examine([check_python])]
    ['well']
    """
    installed = distribution()
    found = [finding for check in checks for finding in check(installed)]
    return sorted(found, key=lambda finding: ["ill", "note", "well"].index(finding[0]))


def main(arguments=None):
    """Print what was found; return 1 if something is ill, else 0.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line.

    Returns
    -------
    int

    Raises
    ------
    SystemExit
        If an argument is not known.
    """
    parser = argparse.ArgumentParser("python -m scalinglib.doctor", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="only what is not well")
    quiet = parser.parse_args(arguments).quiet
    found = examine()
    marks = {"ill": "x", "note": "o", "well": "+"}
    for state, what, remedy in found:
        if not (quiet and state == "well"):
            print(f"{marks[state]} {what}")
            if remedy:
                print(f"    {remedy}")
    ill = sum(finding.state == "ill" for finding in found)
    if ill:
        print(f"\n{ill} to mend, above, with the command for each.")
    elif not quiet:
        print("\nAll is well.")
    return int(ill > 0)


if __name__ == "__main__":
    sys.exit(main())
