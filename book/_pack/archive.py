"""The zip: notebooks, solutions, the wheel of the package, how to start, licences."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

START = """\
Explaining Neural Scaling Laws: the notebooks
=============================================

1. Python 3.11 or newer, in a virtual environment:  python -m venv .venv
2. Activate it:  . .venv/bin/activate   (Windows: .venv\\Scripts\\activate)
3. Install JupyterLab and the package of the course, which lies here:
   pip install jupyterlab {wheel}
4. Chapters from 2 on train networks:  pip install torch
   (on Linux much smaller: --index-url https://download.pytorch.org/whl/cpu)
5. Start:  jupyter lab index.ipynb   It lists all pages in their order.

The first cell of each notebook says whether the package is there, and installs it if
not. Exercises are for you to do; solutions/ holds the answers, with their code.
Code is BSD-3-Clause, text and figures CC BY 4.0: see licences/.
"""
LICENCES = ("LICENSE", "scalinglib/data/LICENSE", "scalinglib/data/LICENSE-PYTHON")
TOP = "scaling-laws-notebooks"


def wheel(root, folder):
    """Build the wheel of the package in a folder; return its path.

    From a copy, as it leaves what it builds beside the source, and takes it again.
    """
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    with tempfile.TemporaryDirectory() as copy:
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, copy)
        left = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(root / "scalinglib", Path(copy, "scalinglib"), ignore=left)
        subprocess.run([*pip, "--wheel-dir", str(folder), copy], check=True)
    (made,) = folder.glob("scalinglib-*.whl")
    return made


def archive(folder, to, root):
    """Zip a folder of notebooks with all that a reader needs; count the files."""
    start = START.format(wheel=wheel(root, folder).name)
    (folder / "README.txt").write_text(start, encoding="utf-8")
    (folder / "licences").mkdir()
    for name in LICENCES:
        flat = name.replace("/", "-")
        (folder / "licences" / flat).write_bytes((root / name).read_bytes())
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in paths:
            packed.write(path, f"{TOP}/{path.relative_to(folder).as_posix()}")
    return len(paths)
