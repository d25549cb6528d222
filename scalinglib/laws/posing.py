"""A fit in moderate units, and its parameters in those of the curve."""

from dataclasses import replace

import numpy as np

from scalinglib._input import number, one_of, pair
from scalinglib.laws.profiling import Problem

STEEPEST, LARGEST = 1e3, 1e100  # of what is known: an exponent, anything else


def posed(data, law, known):
    """The problem of fitting a law to points, in units in which numbers are moderate.

    Sizes are in units of the first one. A known amplitude is a loss at x = 1, and then
    the unit is that.
    """
    amplitude = any(p.kind == "amplitude" and p.name in known for p in law.parameters)
    units = 0.0 if amplitude else float(np.log(data.x[0])), np.log(data.mean.min())
    weight = 1 / data.error if data.freedom else np.ones_like(data.x)
    low, high = np.full((2, len(law.names)), [[-np.inf], [np.inf]])
    for k, parameter in enumerate(law.parameters):
        if parameter.name in known:
            ends = np.array(known[parameter.name])
            low[k], high[k] = _inside(parameter, ends, units)
    u, y = np.log(data.x) - units[0], np.log(data.mean) - units[1]
    return Problem(law, u, y, weight, units, low, high)


def _inside(parameter, values, units):
    """Values of a parameter as they are fitted."""
    if parameter.logarithmic:
        with np.errstate(divide="ignore"):
            values = np.log(values)
    if parameter.kind == "size":
        return values - units[0]
    if parameter.kind == "amplitude":
        return values - units[1]
    if parameter.kind == "high loss":
        return -np.exp(units[1]) / np.maximum(values, 1e-300)
    return values * np.exp(-units[1]) if parameter.kind == "loss" else values


def _outside(problem, column, value, order=0.0):
    """A fitted number as the value of a parameter."""
    kind = problem.law.parameters[column].kind
    size, loss = problem.units
    if kind == "loss":
        return float(value * np.exp(loss))
    if kind == "high loss":
        return float(-np.exp(loss) / value)
    if kind == "exponent":
        return float(value)
    shift = {"size": size, "amplitude": loss + order * size}
    with np.errstate(over="ignore", under="ignore"):
        return float(np.exp(value + shift.get(kind, 0.0)))


def parameters(problem, theta):
    """Names and values."""
    order = _order(problem.law, theta)
    return {
        name: _outside(problem, k, theta[k], order)
        for k, name in enumerate(problem.law.names)
    }


def _order(law, theta):
    """The exponent by which the amplitude depends on the unit of x."""
    if isinstance(law.order, str):
        return float(theta[law.names.index(law.order)])
    return law.order


def at_one(problem, theta):
    """The same problem with sizes in the unit 1, and where its solution lies there."""
    shift = np.zeros_like(theta)
    for k, parameter in enumerate(problem.law.parameters):
        if parameter.kind == "amplitude":
            shift[k] = _order(problem.law, theta) * problem.units[0]
        if parameter.kind == "size":
            shift[k] = problem.units[0]
    moved = replace(
        problem,
        u=problem.u + problem.units[0],
        units=(0.0, problem.units[1]),
        low=problem.low + shift,
        high=problem.high + shift,
    )
    return moved, theta + shift


def reported(problem, column, end, side, known):
    """An end of a profile as the value of a parameter, or what lies beyond."""
    limit = problem.limits()[side > 0][column]
    if end == limit and not known:
        return np.inf if side > 0 else problem.law.parameters[column].least
    return _outside(problem, column, end)


def ranges(law, known):
    """What is known of the parameters, as pairs."""
    if known is None:
        return {}
    if not isinstance(known, dict):
        raise ValueError(
            "known must be a dict from a parameter to a number or a pair, as in "
            f"{{'floor': (1.4, 1.6)}}, got {type(known).__name__}"
        )
    found = {}
    for name, value in known.items():
        one_of("each parameter in known", name, law.names)
        label, parameter = f"known[{name!r}]", law.parameters[law.names.index(name)]
        ends = (value, value) if np.ndim(value) == 0 else pair(label, value)
        low, high = (number(label, end, least=parameter.least) for end in ends)
        most = STEEPEST if parameter.kind == "exponent" else LARGEST
        above = parameter.logarithmic or parameter.kind == "high loss"
        if low > high or (above and high <= 0) or max(-low, high) > most:
            raise ValueError(
                f"{label} must be a number or an increasing pair of numbers"
                f"{' above zero' * above}, up to {most:g}, got {value!r}"
            )
        if parameter.kind == "high loss" and low <= 0:
            raise ValueError(f"{label} must be above zero, got {value!r}")
        found[name] = low, high
    return found
