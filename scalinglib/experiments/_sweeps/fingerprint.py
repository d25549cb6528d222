"""A hash of all that determines what a function does, the same in every process."""

import copyreg
import functools
import hashlib
import inspect
import sys
import types
from importlib import metadata

import numpy as np
import xarray as xr


def fingerprint_of(function):
    """Hash that changes with the function, and with nothing else.

    It sees the compiled code (not its comments), what the function closes over, its
    defaults, the global names it uses, and the same of the user's own functions among
    them. Functions and classes of installed packages are known by name and version.
    """
    return _digest(function, {})


def _digest(value, memo):
    """Hash of a value; `memo` keeps what it has seen alive, so that no id is reused."""
    if isinstance(value, str | bytes | int | float | complex | type(None)):
        return repr(value)
    if id(value) in memo:
        return memo[id(value)][1]
    memo[id(value)] = value, f"within {type(value).__qualname__}"  # if it meets itself
    told = hashlib.sha256(type(value).__qualname__.encode())
    for part in _parts(value):
        held = part if isinstance(part, bytes) else _digest(part, memo).encode()
        told.update(b"%d:" % len(held) + held)
    memo[id(value)] = value, told.hexdigest()
    return told.hexdigest()


def _parts(value):
    """What a value consists of: bytes, and simpler values."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind != "O":
        return [str(value.dtype), str(value.shape), value.tobytes()]
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, set | frozenset):
        return sorted(_digest(item, {}) for item in value)
    if isinstance(value, list | tuple | range | np.ndarray):
        return list(value)
    if isinstance(value, types.ModuleType):
        return [value.__name__, origin_of(value) or inspect.getsource(value)]
    if isinstance(value, types.CodeType):
        return [value.co_code, value.co_consts, value.co_names]
    if isinstance(value, types.FunctionType):
        return _of_function(value)
    if isinstance(value, type):
        return _of_class(value)
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, types.MethodType):
        return [value.__self__, value.__func__]
    if isinstance(value, property | staticmethod | classmethod):
        return [getattr(value, "fget", None) or value.__func__]
    if isinstance(value, xr.DataArray):
        coords = {name: part.values for name, part in value.coords.items()}
        return [value.dims, value.values, coords]
    if hasattr(value, "__wrapped__"):  # functools.cache and the like
        return [value.__wrapped__]
    return _reduced(value)


def _of_function(function):
    """Code, closure, defaults and the globals that it names."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    held = [cells, function.__defaults__, function.__kwdefaults__]
    name = f"{function.__module__}.{function.__qualname__}"
    if origin := origin_of(function):
        return [name, origin, *held]
    used = names_of(function.__code__) & set(function.__globals__)
    named = {name: function.__globals__[name] for name in sorted(used)}
    return [function.__code__, *held, named]


def _of_class(kind):
    """What it defines; of an installed package name and version."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if origin := origin_of(kind):
        return [name, origin]
    unsaid = "__dict__", "__weakref__", "__doc__"
    defined = {n: part for n, part in vars(kind).items() if n not in unsaid}
    return [kind.__qualname__, kind.__bases__, defined]


def names_of(code):
    """Names of globals that a function and those within it use."""
    inner = (part for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*map(names_of, inner))


def _reduced(value):
    """What pickle would write of an object."""
    reduce = copyreg.dispatch_table.get(type(value))
    try:
        reduced = reduce(value) if reduce else value.__reduce_ex__(4)
    except (TypeError, ValueError, AttributeError):
        raise ValueError(
            f"checkpoint cannot tell whether {value!r}, which the trial uses, is the "
            "same in another run: make it within the trial, or pass what it is made "
            "of as a setting"
        ) from None
    if isinstance(reduced, str):  # a name, as of a function in C
        return [reduced, getattr(value, "__module__", None)]
    items = [list(part) for part in reduced[3:5] if part is not None]
    return [*reduced[:3], items]


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
    """Name and version of the installed package that a module is of, if any."""
    package = module.partition(".")[0]
    if package == "builtins" or package in sys.stdlib_module_names:
        return "Python {}.{}".format(*sys.version_info)
    if package not in _distributions():
        return ""
    found = sorted(set(_distributions()[package]))
    return " ".join(f"{name} {metadata.version(name)}" for name in found)


@functools.cache
def _distributions():
    return metadata.packages_distributions()
