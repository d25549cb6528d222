"""What is installed, known by name and version, and what is the user's own."""

import functools
import hashlib
import importlib.util
import sys
import sysconfig
import types
from importlib import metadata
from pathlib import Path

_PLACES = [
    Path(place).resolve()
    for place in {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
]
_STANDARD = Path(sysconfig.get_path("stdlib")).resolve()


def origin_of(value):
    """Installed package of a function, class or module, with version; or nothing."""
    if isinstance(value, types.ModuleType):
        return _origin(value.__name__)
    module = getattr(value, "__module__", None) or ""
    # What was typed may say it is of the built-in functions, which are not of Python.
    typed = isinstance(value, types.FunctionType) and module == "builtins"
    return "" if typed else _origin(module)


@functools.cache
def _origin(module):
    """Name and version of what a module is of; of a project in work its text, too.

    Where the file lies decides, as a module of the user's may have any name.
    """
    package = module.partition(".")[0]
    if not package or package == "__main__":
        return ""
    file = _file_of(package)
    python = "Python {}.{}".format(*sys.version_info)
    if file is None:
        known = (
            package in sys.builtin_module_names or package in sys.stdlib_module_names
        )
        return python if known else ""
    if any(place in file.parents for place in _PLACES):
        found = sorted(set(_distributions().get(package, [])))
        return " ".join(f"{name} {metadata.version(name)}" for name in found) or package
    if _STANDARD in file.parents:
        return python
    found = sorted(set(_distributions().get(package, [])))
    if found:  # installed as it is edited: its version says little
        names = " ".join(f"{name} {metadata.version(name)}" for name in found)
        return f"{names} #{text_of(package)[:8]}"
    return ""


def _file_of(package):
    """Where a module lies; None of what has no file."""
    module = sys.modules.get(package)
    named = getattr(module, "__file__", None)
    if module is None:
        try:
            spec = importlib.util.find_spec(package)
        except (ImportError, ValueError):
            spec = None
        named = spec and spec.has_location and spec.origin
    for place in getattr(module, "__path__", ()) if not named else ():
        return Path(place).resolve() / "__init__.py"  # a package without such a file
    return Path(named).resolve() if named else None


@functools.cache
def text_of(package):
    """Hash of all files of Python of a module or a package of the user's."""
    file = _file_of(package)
    if file is None:
        return ""
    one = file.name != "__init__.py"
    files = [file] if one else sorted(file.parent.rglob("*.py"))
    told = hashlib.sha256()
    for path in files:
        told.update(str(path.relative_to(file.parent)).encode())
        told.update(path.read_bytes() if path.is_file() else b"")
    return told.hexdigest()


def forget():
    """Look at files again, which may have been edited."""
    _origin.cache_clear()
    text_of.cache_clear()


@functools.cache
def _distributions():
    return metadata.packages_distributions()
