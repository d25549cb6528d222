"""Python, the package itself, and the kernel of the notebooks."""

import base64
import hashlib
import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from scalinglib.doctor.findings import Finding, pip, quoted
from scalinglib.doctor.libraries import HERE, numbers

__all__ = ["check_copy", "check_files", "check_kernel", "check_python"]

# The interpreter that notebooks are run with, "" where nobody has said.
KERNEL = """
from jupyter_client.kernelspec import KernelSpecManager
try:
    print(KernelSpecManager().get_kernel_spec("python3").argv[0])
except Exception:
    print("")
"""


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
