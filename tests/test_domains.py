"""Every parameter of every public function refuses what it cannot take, by name."""

import importlib
import inspect
import re

import pytest
from domains import DOMAINS, RETURNED

ROOMS = "laws", "geometry", "kernels", "spectra", "theory", "learners", "text"
ROOMS += "data", "report", "lab", "exercises", "networks", "experiments"
EACH = pytest.mark.parametrize("name", DOMAINS)

# Functions of a file or a network of which the tests of their rooms ask more.
ELSEWHERE = {
    "data.decode_idx",
    "data.fetch_fashion_mnist",
    "data.load_fashion_mnist",
    "data.load_learning_curves",
    "data.read_fashion_mnist",
    "data.read_points",
    "data.stored_arrays",
    "lab.grade",
    "text.read",
}
DEVICE = {"device"}  # torch says what it has


def called(name):
    """The function of this name: in a room, or what another one returned."""
    room, *inner = name.split(".")
    if room in RETURNED:
        return getattr(RETURNED[room], *inner) if inner else RETURNED[room]
    return getattr(importlib.import_module(f"scalinglib.{room}"), *inner)


def functions(room):
    """The public functions of a room, without what they return."""
    module = importlib.import_module(f"scalinglib.{room}")
    found = {name: getattr(module, name) for name in module.__all__}
    return {f"{room}.{name}" for name, it in found.items() if inspect.isfunction(it)}


@pytest.mark.parametrize("room", ROOMS[:-1])
def test_every_function_has_its_domains(room):
    """No public function is missing, and no parameter of it."""
    assert functions(room) - ELSEWHERE <= set(DOMAINS)
    for name in functions(room) & set(DOMAINS):
        named = inspect.signature(called(name)).parameters.values()
        names = {
            p.name for p in named if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        }
        assert names - DEVICE <= set(DOMAINS[name]), name


@EACH
def test_good_values_are_accepted(name):
    """All the good values together."""
    called(name)(**{key: domain.good for key, domain in DOMAINS[name].items()})


@pytest.mark.parametrize(
    ("name", "parameter"), [(n, p) for n, ds in DOMAINS.items() for p in ds]
)
def test_bad_values_are_refused_by_name(name, parameter):
    """A short ValueError that names the parameter, whatever is wrong with it."""
    good = {key: domain.good for key, domain in DOMAINS[name].items()}
    for bad in DOMAINS[name][parameter].bad:
        said = refusal(called(name), good | {parameter: bad})
        assert said is not None, f"{parameter} = {bad!r} was accepted"
        assert re.search(rf"\b{parameter}\b", said), said
        assert len(said) < 400


def refusal(function, arguments):
    """What the ValueError says that a call raises, if it does."""
    try:
        function(**arguments)
    except ValueError as error:
        return str(error)
    return None
