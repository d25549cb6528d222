"""A hash of all that determines what a function does, the same in every process."""

import copyreg
import dis
import functools
import hashlib
import sys
import types

import numpy as np
import xarray as xr

from scalinglib.experiments._sweeps.origins import forget, origin_of, text_of

EMPTY = "an empty cell"
PLAIN = str | bytes | int | float | complex | bool | type(None)


def fingerprint_of(function):
    """Hash that changes with the function, and with nothing else.

    It sees the compiled code (not its comments), what the function closes over, its
    defaults, the global names it uses, and the same of the user's own functions among
    them. Functions and classes of installed packages are known by name and version.
    """
    forget()  # a notebook's kernel outlives edits of files
    try:
        return _digest(function, {})
    except RecursionError:
        raise ValueError(
            "checkpoint cannot tell whether what the trial uses is the same in another "
            "run, so deep is it nested: make it within the trial"
        ) from None


def _digest(value, memo):
    """Hash of a value; `memo` keeps what it has seen alive, so that no id is reused."""
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # of any length
    if isinstance(value, PLAIN):
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
    if type(value) is np.ndarray or isinstance(value, np.generic):
        if value.dtype.kind != "O":
            return [str(value.dtype), str(value.shape), value.tobytes()]
        return [str(value.shape), *np.ravel(value).tolist()]
    if isinstance(value, dict | types.MappingProxyType):
        return [*value.keys(), *value.values()]
    if isinstance(value, set | frozenset):
        return sorted(_digest(item, {}) for item in value)
    if isinstance(value, range):
        return [value.start, value.stop, value.step]
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, types.ModuleType):
        return [value.__name__, origin_of(value) or _of_module(value)]
    if isinstance(value, types.CodeType):
        return _of_code(value)
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
        coords = {name: (c.dims, c.values) for name, c in value.coords.items()}
        return [value.dims, value.values, coords, value.name, value.attrs]
    if isinstance(value, functools._lru_cache_wrapper | functools.cached_property):
        return [getattr(value, "__wrapped__", None) or value.func]
    torch = sys.modules.get("torch")
    if torch and isinstance(value, torch.Tensor):  # its pickle has an address in it
        values = value.detach().cpu().contiguous().reshape(-1)
        return [str(value.dtype), list(value.shape), values.view(torch.uint8).numpy()]
    if torch and isinstance(value, torch.Generator):
        return [value.get_state()]
    return _reduced(value)


def _of_code(code):
    """What it does, with the names by which it is called, and where errors go."""
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    return [
        code.co_code,
        code.co_consts,
        code.co_names,
        [own, counts, code.co_flags, code.co_freevars],
        getattr(code, "co_exceptiontable", b""),
    ]


def _of_module(module):
    """Text of a module of the user's, of those it names, and its plain values."""
    package = module.__name__.partition(".")[0]
    values = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, PLAIN) and not name.startswith("__")
    }
    return [values, {name: text_of(name) for name in sorted({package, *_own(module)})}]


def _own(module, seen=()):
    """Packages of the user's that a module names, and that those name."""
    found = {*seen}
    for value in [*vars(module).values()]:
        is_module = isinstance(value, types.ModuleType)
        name = value.__name__ if is_module else getattr(value, "__module__", None)
        package = name.partition(".")[0] if isinstance(name, str) else ""
        other = sys.modules.get(package)
        new = other and package not in found and package != "__main__"
        if new and not origin_of(other):
            found |= _own(other, found | {package})
    return found


def _of_function(function):
    """Code, closure, defaults and the globals that it names."""
    cells = [contents_of(cell) for cell in function.__closure__ or ()]
    held = [cells, function.__defaults__, function.__kwdefaults__, function.__dict__]
    name = f"{function.__module__}.{function.__qualname__}"
    if origin := origin_of(function):
        return [name, origin, *held]
    used = names_of(function.__code__) & set(function.__globals__)
    named = {name: function.__globals__[name] for name in sorted(used)}
    inside = {
        name: text for name in imports_of(function.__code__) if (text := _text(name))
    }
    return [function.__code__, *held, named, inside]


def contents_of(cell):
    """What a function closes over; it may not be there yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def _text(name):
    """Hash of a module of the user's that is imported within a function."""
    package = name.partition(".")[0]
    module = sys.modules.get(package) or types.ModuleType(package)
    return "" if origin_of(module) else text_of(package)


def _of_class(kind):
    """What it defines; of an installed package name and version."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if origin := origin_of(kind):
        return [name, origin]
    unsaid = "__dict__", "__weakref__", "__doc__", "_abc_impl"
    defined = {n: part for n, part in vars(kind).items() if n not in unsaid}
    return [kind.__qualname__, kind.__bases__, defined]


def names_of(code):
    """Names of globals that a function and those within it use."""
    loads = "LOAD_GLOBAL", "LOAD_NAME"
    own = {i.argval for i in dis.get_instructions(code) if i.opname in loads}
    return own.union(*map(names_of, _inner(code)))


def imports_of(code):
    """Modules that are imported within a function."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname == "IMPORT_NAME"}
    return sorted(found.union(*map(imports_of, _inner(code))))


def _inner(code):
    return [part for part in code.co_consts if isinstance(part, types.CodeType)]


def _reduced(value):
    """What pickle would write of an object."""
    reduce = copyreg.dispatch_table.get(type(value))
    try:
        reduced = reduce(value) if reduce else value.__reduce_ex__(4)
    except (TypeError, ValueError, AttributeError, RuntimeError):
        raise ValueError(
            f"checkpoint cannot tell whether {value!r}, which the trial uses, is the "
            "same in another run: make it within the trial, or pass what it is made "
            "of as a setting"
        ) from None
    if isinstance(reduced, str):  # a name, as of a function in C
        return [reduced, getattr(value, "__module__", None)]
    items = [list(part) for part in reduced[3:5] if part is not None]
    return [*reduced[:3], items]
