"""Libraries: which are needed, which are there, and which can be imported."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from scalinglib.doctor.findings import Finding, pip, quoted

__all__ = ["check_libraries", "imported", "numbers", "requirements"]

HERE = Path(__file__).resolve().parents[1]

#: Names by which some distributions are imported.
MODULES = {"pillow": "PIL", "scikit-learn": "sklearn"}

#: What an extra is for, if it is not there.
EXTRAS = {
    "networks": "whatever trains a network, from chapter 2 on",
    "parquet": "tables of runs in files of Parquet",
    "estimators": "learners wrapped as estimators of scikit-learn",
    "text": "byte pairs, in chapter 9",
    "cli": "the command scalinglib and its reports",
    "cluster": "sweeps on a cluster of Dask",
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


class Requirement(NamedTuple):
    """A library, its least version, and the extra that asks for it, if one does."""

    name: str
    least: str
    extra: str

    @property
    def module(self):
        """The name by which it is imported."""
        return MODULES.get(self.name, self.name.replace("-", "_"))


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
