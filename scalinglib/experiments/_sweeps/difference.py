"""What a trial is made of, in words, and in what two of them differ."""

import difflib
import functools
import inspect
import re
import reprlib
import textwrap
import types

import numpy as np

from scalinglib.experiments._sweeps.fingerprint import (
    contents_of,
    fingerprint_of,
    names_of,
)
from scalinglib.experiments._sweeps.origins import origin_of

LONGEST = 80  # letters of a value


def outline(trial):
    """Parts of a trial by name: its text, and what else its results depend on."""
    told = {}
    _tell("trial", trial, told, set())
    return told


def _tell(name, value, told, seen):
    """Add a value, and of functions of the user's also what they use, once."""
    if isinstance(value, functools.partial):
        _tell(name, value.func, told, seen)
        given = [*enumerate(value.args, 1), *value.keywords.items()]
        _tell_all("argument", given, name, told, seen)
    elif isinstance(value, types.MethodType):
        _tell(name, value.__func__, told, seen)
        _tell_all("argument", [("self", value.__self__)], name, told, seen)
    elif isinstance(value, types.FunctionType) and not origin_of(value):
        if value in seen:  # functions may name each other
            return
        seen.add(value)
        told[name] = _text(value)
        _tell_all("default", _defaults(value), name, told, seen)
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        held = [(inner, contents_of(cell)) for inner, cell in cells]
        used = names_of(value.__code__) & set(value.__globals__)
        for inner, part in [*held, *((n, value.__globals__[n]) for n in sorted(used))]:
            _tell(f"{inner} of {name}" if inner in told else inner, part, told, seen)
    else:
        told[name] = _short(value)


def _tell_all(kind, values, name, told, seen):
    for inner, value in values:
        _tell(f"{kind} {inner} of {name}", value, told, seen)


def _defaults(function):
    """Names and values of defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.default) for p in parameters if p.default is not p.empty]


def _text(function):
    """Source of a function, or what its code is made of."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        code = function.__code__
        return f"code {code.co_code.hex()} {code.co_names} {_short(code.co_consts)}"


def _short(value):
    """A value in some words; what they cannot tell is in the hash behind them."""
    name = getattr(value, "__name__", None)
    if name and (origin := origin_of(value)):
        return f"{name} {origin}"
    if isinstance(value, np.ndarray):
        words = f"array {value.dtype} {value.shape} {reprlib.repr(value.tolist())}"
    else:
        words = re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))
    plain = isinstance(value, str | bytes | int | float | complex | type(None))
    if plain and len(words) <= LONGEST:
        return words
    return textwrap.shorten(words, LONGEST, placeholder=" …") + _hash(value)


def _hash(value):
    return f" #{fingerprint_of(value)[:8]}"


def differences(before, now):
    """In what two outlines differ, a few lines for each part."""
    told = [
        line
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
        for line in _changed(name, before.get(name), now.get(name))
    ]
    return "\n".join(told or ["  (what it uses; no part that has a name)"])


def _changed(name, before, now):
    """How one part changed."""
    if before is None or now is None:
        word, value = ("new", now) if before is None else ("gone", before)
        return [f"  {name}: {word}: {value.splitlines()[0] if value else ''}"]
    if "\n" not in before + now:
        return [f"  {name}: {before} → {now}"]
    lines = difflib.unified_diff(
        before.splitlines(), now.splitlines(), n=1, lineterm=""
    )
    return [f"  {name}:"] + [f"    {line}" for line in [*lines][3:] if line[0] != "@"]
