"""The repository itself: what is in it, what it needs, and what it must not hold."""

import ast
import doctest
import json
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from thorough import long
from whereabouts import ROOT

TOP = {
    *("book", "scalinglib", "tests", "_config.yml", "_toc.yml", "requirements.txt"),
    *("README.md", "pyproject.toml", "LICENSE", "CITATION.cff", "CONTRIBUTING.md"),
    "CHANGELOG.md",
}


def run(*command):
    """Run a command at the top of the repository."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def tracked():
    """Paths of the files in version control, relative to the top."""
    listed = run("git", "ls-files", "-z")
    assert listed.returncode == 0, listed.stderr
    return [Path(name) for name in listed.stdout.split("\0") if name]


def abstract():
    """Requirements in pyproject.toml: lower bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(r) for r in chain(project["dependencies"], *extras)]


def pinned():
    """Requirements in requirements.txt: one version each."""
    rows = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(row) for row in rows if re.match(r"\w", row)]


def test_top_level_is_what_was_agreed():
    """The top level holds the agreed names and nothing else, hidden files aside."""
    names = {path.parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_changelog_begins_with_the_version_that_is_packaged():
    """What changes for users has a place from the beginning."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    headings = re.findall(
        r"(?m)^## (\S+?),?(?: |$)", (ROOT / "CHANGELOG.md").read_text()
    )
    assert headings[0] == project["version"]


def test_readme_prints_what_it_says():
    """The examples of the README run and print the output that stands there."""
    text, parse = (ROOT / "README.md").read_text(), doctest.DocTestParser()
    ran = []
    for example in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        test = parse.get_doctest(example, {}, "README", "README.md", 0)
        ran.append(doctest.DocTestRunner().run(test))
    assert ran == [(0, 3), (0, 8)]


def test_import_is_light():
    """To import the package loads none of the libraries that a module alone needs."""
    probe = "import sys, scalinglib; print(*sys.modules)"
    loaded = run(sys.executable, "-c", probe).stdout.split()
    assert "scalinglib" in loaded
    assert {"torch", "xarray", "matplotlib", "scipy"}.isdisjoint(loaded)


def test_requirements_name_one_version_each():
    """Every line of requirements.txt but the last pins one version."""
    assert all(re.fullmatch(r"==[\w.]+", str(r.specifier)) for r in pinned())
    assert (ROOT / "requirements.txt").read_text().rstrip().endswith("\n-e .")


@pytest.mark.parametrize("bound", abstract(), ids=str)
def test_pins_satisfy_the_lower_bounds(bound):
    """The versions the book was made with are ones that the package accepts."""
    pins = {r.name: next(iter(r.specifier)).version for r in pinned()}
    assert bound.specifier.contains(pins[bound.name])


@pytest.mark.parametrize("name", sorted({r.name for r in [*abstract(), *pinned()]}))
def test_dependency_has_a_reason(name):
    """CONTRIBUTING.md says in a line why each dependency is here."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    told = [line for line in text.splitlines() if f"`{name}`" in line]
    assert any(len(re.findall(r"\w{2,}", line)) > 4 for line in told)


# Not after a letter or a character of base64, in which anything may occur by chance;
# not every X:\name, which TeX writes too.
PLACE = re.compile(
    r"(?<![\w+/])((file://)?/(home|root|tmp|work|Users|mnt)/\w"
    r"|[A-Z]:\\(Users|Documents|Program|Temp|Windows))"
)


def readable(path):
    """Text of a tracked file as its reader sees it; nothing for a binary one."""
    data = (ROOT / path).read_bytes()
    if b"\0" in data:
        return ""
    if path.suffix != ".ipynb":
        return data.decode()
    # Without the escapes of JSON: they hide some paths and look like others.
    return "\n".join(strings(json.loads(data)))


def strings(value):
    """Every string in a JSON document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        parts = chain(*value.items()) if isinstance(value, dict) else value
        yield from chain.from_iterable(map(strings, parts))


@long
def test_no_path_of_one_machine():
    """No tracked text holds an absolute path of the machine it was written on."""
    paths = [path for path in tracked() if (ROOT / path).is_file()]
    found = [(path, m[0]) for path in paths for m in PLACE.finditer(readable(path))]
    assert found == []


@pytest.mark.parametrize("place", ["at {}home{}me", "file://{}tmp{}x", "C:{}Users{}me"])
def test_paths_are_found_in_text_and_notebooks(place, tmp_path):
    """A path is found as plain text and in the JSON of a notebook."""
    text = place.replace("{}", "\\" if "C:" in place else "/")  # not found in this file
    for name, content in {"a.md": text, "b.ipynb": json.dumps([{"a": text}])}.items():
        (tmp_path / name).write_text(content)
        assert PLACE.search(readable(tmp_path / name))


def test_readme_names_the_commands_that_ci_runs():
    """What .ci/run proves is what the README tells a reader to type."""
    readme, script = ((ROOT / name).read_text() for name in ("README.md", ".ci/run"))
    for command in (
        "pip install -r requirements.txt && jupyter-book build .",
        "pytest",
    ):
        typed = rf"(?m)^\s*{re.escape(command)}"
        assert re.search(rf"{typed}$", readme), f"README.md does not say: {command}"
        but = r"( \S+--ignore=\S+)?$"  # for what it has executed just before
        assert re.search(typed + but, script), f".ci/run does not run: {command}"


@pytest.mark.parametrize(
    "check",
    [
        ("check", "scalinglib", "tests", "book"),
        ("format", "--check", "scalinglib", "tests", "book/_ext", "book/_pack"),
    ],
    ids=" ".join,
)
def test_ruff_has_nothing_to_say(check):
    """Code is linted and formatted by the ruff that requirements.txt pins."""
    done = run(sys.executable, "-m", "ruff", *check)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rooms_import_what_stands_below_them():
    """The contracts of pyproject.toml hold: layers, and torch in networks alone."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = run(tool, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_are_short_and_named_apart():
    """No module has more than 300 lines, or the name of a public function or class."""
    paths = [ROOT / p for p in tracked() if p.parts[0] == "scalinglib"]
    modules = [p for p in paths if p.suffix == ".py" and p.is_file()]
    assert {p.name: n for p in modules if (n := p.read_text().count("\n")) > 300} == {}
    public = re.compile(r"^(?:def|class) ([A-Za-z]\w*)", re.M)
    named = {
        name
        for p in modules
        if not p.name.startswith(("_", "make_"))
        for name in public.findall(p.read_text())
    }
    assert named.isdisjoint(p.stem for p in modules)


def test_no_room_hands_on_two_things_by_one_name():
    """The second would take the place of the first, without a word."""
    rooms = [p for p in tracked() if p.name == "__init__.py" and len(p.parts) > 2]
    handed = 0
    for path in rooms:
        calls = ast.walk(ast.parse((ROOT / path).read_text()))
        for node in calls:
            if isinstance(node, ast.keyword) and node.arg == "submod_attrs":
                inside = chain.from_iterable(map(ast.walk, node.value.values))
                names = [n.value for n in inside if isinstance(n, ast.Constant)]
                handed += len(names)
                assert len(names) == len(set(names)), path
    assert handed > 300


def test_no_two_files_of_tests_have_one_name():
    """They are imported by their bare names, whatever folder they lie in."""
    names = [p.stem for p in tracked() if p.parts[0] == "tests" and p.suffix == ".py"]
    assert len(names) > 50
    assert len(set(names)) == len(names)


def test_every_module_is_in_the_reference():
    """Whatever module has public names is on the page of the package."""
    pages = (ROOT / "book").glob("api*.md")
    page = "\n".join(path.read_text() for path in pages)
    told = set(re.findall(r"automodule:: (\S+)", page))
    public = {
        ".".join(path.with_suffix("").parts)
        for path in tracked()
        if path.parts[0] == "scalinglib"
        and path.suffix == ".py"
        and re.search("^__all__ = ", (ROOT / path).read_text(), re.M)
    }
    assert len(public) > 30
    assert public <= told
