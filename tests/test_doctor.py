"""The doctor: it runs wherever Python does, and names faults and what mends them."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv

import pytest
from thorough import exhaustive, long
from whereabouts import ROOT

from scalinglib import doctor
from scalinglib.doctor import checks, libraries

OTHER = {"PYTHONPATH", "PYTHONHOME", "JUPYTER_PATH"}


def visit(python, *paths, quiet=True, **environment):
    """Run the doctor in an environment: what it says, and what it returns."""
    kept = {k: v for k, v in os.environ.items() if k not in OTHER}
    path = os.pathsep.join(map(str, paths))
    done = subprocess.run(
        [python, "-m", "scalinglib.doctor", *(["--quiet"] if quiet else [])],
        env=kept | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
    )
    assert done.stderr == ""
    return done.stdout, done.returncode


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A Python in which nothing is installed."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture
def copy(tmp_path):
    """What the doctor needs, as a package of its own."""
    package = tmp_path / "site" / "scalinglib"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "scalinglib/doctor", package / "doctor", ignore=ignored)
    shutil.copy(ROOT / "scalinglib/__init__.py", package)
    return package


def record(path):
    """A line of a wheel's record."""
    digest = hashlib.sha256(path.read_bytes()).digest()
    encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"scalinglib/{path.name},sha256={encoded},{path.stat().st_size}\n"


def install(site, name, version, *, record="", requires=(), **files):
    """Put a distribution into a folder, as pip would."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    (info / "METADATA").write_text(text)
    (info / "RECORD").write_text(record)
    for module, code in files.items():
        (site / module).mkdir(exist_ok=True)
        (site / module / "__init__.py").write_text(code)


def test_where_nothing_is_installed(bare, copy):
    """It runs without any library, and gives one command for all that is missing."""
    shutil.copy(ROOT / "pyproject.toml", copy.parent)
    said, code = visit(bare, copy.parent)
    assert code == 1
    missing = re.search(r"^x (numpy, .*): missing\.\n +(.*)$", said, re.M)
    assert missing[1].split(", ") == [
        r.name for r in libraries.requirements(None) if not r.extra
    ]
    assert missing[2].startswith(f"{bare} -m pip install")
    assert '"numpy>=2.0"' in missing[2]
    assert re.search(
        rf"^x .*is not installed\.\n +{bare} -m pip install -e", said, re.M
    )
    assert re.search(r"^o torch: not there\. .*\n.*install \"torch>=", said, re.M)


def test_names_say_what_is_missing(bare):
    """Whoever uses the package there is told of the doctor."""
    done = subprocess.run(
        [bare, "-c", "import scalinglib; scalinglib.laws"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "needs lazy-loader; python -m scalinglib.doctor" in done.stderr


def test_too_old(bare, copy):
    """Versions are compared as numbers, and the bound is in the remedy."""
    install(copy.parent, "scalinglib", "0.1.0", requires=["aaa>=2.10", "bbb>=1.9"])
    install(copy.parent, "aaa", "2.9.3", aaa="")
    install(copy.parent, "bbb", "1.10rc1", bbb="")
    said, code = visit(bare, copy.parent, quiet=False)
    assert code == 1
    assert "x aaa is 2.9.3, and 2.10 or newer is needed." in said
    assert 'install --upgrade "aaa>=2.10"' in said
    assert "+ bbb 1.10rc1" in said


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise ImportError('DLL load failed')", "ImportError: DLL load failed"),
        ("import os; os._exit(7)", "The process ended with 7."),
        ("raise SystemExit", "SystemExit"),
        ("print('noise'); 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_broken_libraries(bare, copy, code, why):
    """However an import fails, it is told, and the libraries after it are tried."""
    install(copy.parent, "scalinglib", "0.1.0", requires=["aaa>=1", "bbb>=1"])
    install(copy.parent, "aaa", "1.0", aaa=code)
    install(copy.parent, "bbb", "1.0", bbb="print('[of noise')")
    said, code = visit(bare, copy.parent, quiet=False)
    assert code == 1
    assert f"x aaa 1.0 cannot be used. {why}" in said
    assert 'install --force-reinstall "aaa>=1"' in said
    assert "+ bbb 1.0" in said


@long
def test_an_import_that_does_not_end(tmp_path, monkeypatch):
    """It is stopped; what comes after it is imported."""
    (tmp_path / "endless.py").write_text("while True: pass")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said = libraries.imported(["json", "endless", "csv"], seconds=2)
    assert said["json"] == said["csv"] == ""
    assert "did not end within 2 seconds" in said["endless"]


def test_damaged_files(bare, copy):
    """A file that was changed or lost is named."""
    lines = "".join(map(record, copy.glob("*.py")))
    install(copy.parent, "scalinglib", "0.1.0", record=lines)
    said, code = visit(bare, copy.parent)
    assert (code, "damaged" in said) == (0, False)
    init = copy / "__init__.py"
    init.write_text(init.read_text() + "# changed\n")
    said, code = visit(bare, copy.parent)
    assert code == 1
    assert "damaged: scalinglib/__init__.py was changed." in said
    assert "--force-reinstall --no-deps scalinglib" in said
    lost = copy / "lost.py"
    lost.write_text("")
    lines = record(lost) + "".join(map(record, copy.glob("__*.py")))
    lost.unlink()
    (copy.parent / "scalinglib-0.1.0.dist-info" / "RECORD").write_text(lines)
    said, code = visit(bare, copy.parent)
    assert code == 1
    assert "damaged: scalinglib/lost.py is missing." in said


def test_two_copies(bare, copy, tmp_path):
    """Another copy that comes first is named, with the one that is installed."""
    install(tmp_path / "installed", "scalinglib", "0.1.0", scalinglib="")
    said, code = visit(bare, copy.parent, tmp_path / "installed")
    assert code == 1
    assert f"Two copies: {copy} is imported, {tmp_path / 'installed'}" in said


def test_a_kernel_of_another_python(tmp_path):
    """A kernel that others registered runs notebooks elsewhere."""
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {
        "argv": ["/elsewhere/python", "-m"],
        "display_name": "x",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(tmp_path))
        (found,) = checks.check_kernel(None)
    assert found.state == "ill"
    assert "another Python, /elsewhere/python" in found.what
    assert "-m ipykernel install --sys-prefix" in found.remedy


@exhaustive
def test_here_all_is_well():
    """In the environment of the tests nothing is ill."""
    found = doctor.examine()
    assert [finding for finding in found if finding.state == "ill"] == []
    names = [r.name for r in libraries.requirements(libraries.distribution())]
    assert {f.what.split()[0] for f in found if f.state == "well"} >= set(names)
    assert doctor.main(["--quiet"]) == 0


def test_requirements_as_installed_and_as_written():
    """Both roads to what the package needs agree, extras included."""
    installed = set(libraries.requirements(libraries.distribution()))
    assert installed == set(libraries.requirements(None))
    assert {r.extra for r in installed} - {""} == set(libraries.EXTRAS)
    for needed in installed:
        assert needed.module.isidentifier()
        assert sys.version_info[:2] >= (3, 11)
