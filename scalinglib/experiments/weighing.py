"""Prior weights of components that make what came later most probable."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from scalinglib.experiments.examples import HORIZONS
from scalinglib.laws import experience as kept
from scalinglib.laws.wandering import (
    ENDS,
    EXPONENTS,
    FAMILIES,
    LATE,
    LENGTHS,
    NOISE,
    PLACES,
    RATES,
    SHARES,
    SIZES,
    STEEP,
    UNKNOWN,
    components,
)

FLOOR = np.exp(-5.0)  # density below which a surprise is no more surprising
RIDGE = 3e-4  # of squared log weights, in nats an example
ROUNDS = 80
SLOTS = max(len(NOISE), len(UNKNOWN))
SHAPES, PROCESSES = sum(FAMILIES.values()), 1 + (len(LENGTHS) + 1) * len(SIZES)


def _onehot(index, count):
    """Rows for all shapes, ones where a number is its own."""
    table = np.zeros((SHAPES, count))
    held = np.flatnonzero(index >= 0)
    table[held, index[held]] = 1
    return table


def _design():
    """What the weight of a shape is a sum of: its family and its numbers."""
    family = np.repeat(np.arange(len(FAMILIES)), list(FAMILIES.values()))
    tables = [_onehot(family, len(FAMILIES))]
    first = np.cumsum([0, *FAMILIES.values()])
    grids = (
        (slice(first[1], first[3]), (len(SHARES), len(EXPONENTS)), (None, 1)),
        (slice(first[2], first[3]), (len(SHARES) - 1, len(EXPONENTS)), (0, None)),
        (slice(first[3], first[4]), (len(RATES), len(LATE)), (0, 1)),
        (slice(first[4], first[5]), (len(ENDS), len(PLACES), len(STEEP)), (0, 1, 2)),
    )
    for rows, shape, axes in grids:
        places = np.indices(shape).reshape(len(shape), -1)
        for axis, place in zip(axes, places, strict=True):
            if axis is not None:
                index = np.full(SHAPES, -1)
                index[rows] = place
                tables.append(_onehot(index, shape[axis]))
    return np.concatenate(tables, axis=1)


DESIGN = _design()
PARTS = {
    "shapes": (DESIGN.shape[1],),
    "processes": (PROCESSES,),
    "groups": (3, PROCESSES),
    "noise": (len(NOISE),),
    "unknown": (len(UNKNOWN),),
    "temper": (2,),
    "surprises": (3, 3),
}
PULLS = {"temper": 0.0, "surprises": 0.3, "groups": 1.5}  # in units of the ridge


def _split(theta):
    """Parameters by name."""
    ends = np.cumsum([int(np.prod(shape)) for shape in PARTS.values()])[:-1]
    pieces = np.split(theta, ends)
    return {
        name: piece.reshape(shape)
        for (name, shape), piece in zip(PARTS.items(), pieces, strict=True)
    }


def _start():
    process = [0, *[0, 0, 1, 0, -1] * (len(LENGTHS) + 1)]
    parts = {name: np.zeros(shape) for name, shape in PARTS.items()}
    parts |= {"processes": np.array(process), "noise": np.array([0, 0, -1, -2])}
    parts |= {"temper": np.array([-0.5, -0.3])}
    parts |= {"surprises": np.array([[2, 0, -2], [2, 0, -2], [0, 1, 0]])}
    return np.concatenate([parts[name].ravel() for name in PARTS]).astype(float)


def _normalised(logs):
    return logs - logsumexp(logs, axis=-1, keepdims=True)


def _experience(theta):
    """The parameters as an `Experience`."""
    part = _split(theta)
    return kept.Experience(
        _normalised(DESIGN @ part["shapes"]),
        _normalised(part["processes"] + part["groups"]),
        _normalised(part["noise"]),
        _normalised(part["unknown"]),
        part["temper"],
        _normalised(part["surprises"]),
        {"True": np.zeros(6), "False": np.zeros(6)},
        HORIZONS[-1],
    )


@dataclass(frozen=True, eq=False)
class _Stack:
    """Evidence and log densities of the truth, for all examples and components."""

    evidence: np.ndarray
    density: np.ndarray
    known: np.ndarray
    size: np.ndarray


def _stack(chosen):
    shape = len(chosen), SHAPES, PROCESSES, SLOTS
    evidence = np.full(shape, -1e4, np.float32)  # a slot that is none has no weight
    density = np.zeros((len(kept.SURPRISES), *shape), np.float32)
    for k, example in enumerate(chosen):
        u, y = example.u, example.y
        found = components(u, y, example.error, u[-1:] + example.ahead)
        slots = slice(0, len(found.noise))
        evidence[k, ..., slots] = found.evidence
        mean, variance = found.mean[..., 0], found.variance[..., 0] + found.noise**2
        change = abs(mean - y[-1]) + kept.USUAL * example.ahead
        for s, surprise in enumerate(kept.SURPRISES):
            total = variance + (surprise * change) ** 2
            off = (example.truth - mean) ** 2 / total
            density[s, k, ..., slots] = -0.5 * (off + np.log(2 * np.pi * total))
    np.exp(density, out=density)
    known = np.array([example.error is not None for example in chosen])
    size = np.array([len(example.u) for example in chosen])
    return _Stack(evidence, density, known, np.log(size / kept.TYPICAL))


def _objective(theta, stack):
    """Mean surprise at the truth with a ridge, in nats, and its gradient."""
    part = _split(theta)
    pulls = {name: PULLS.get(name, 1.0) * RIDGE for name in PARTS}
    value = sum(pulls[name] * (part[name] ** 2).sum() for name in PARTS)
    slope = {name: 2 * pulls[name] * part[name] for name in PARTS}
    model = _experience(theta)
    cells = np.zeros((2, SHAPES, PROCESSES, SLOTS))
    count = len(stack.known)
    surprises = np.exp(model.surprises).astype(np.float32)
    for first in range(0, count, 250):
        rows = slice(first, first + 250)
        known, evidence = stack.known[rows], stack.evidence[rows]
        power = np.exp(part["temper"] @ [np.ones(len(known)), stack.size[rows]])
        power = power.astype(np.float32)[:, None, None, None]
        logs = np.where(known[:, None, None, None], *map(_padded, _priors(model)))
        logs = logs.astype(np.float32) + power * evidence
        weight = np.exp(logs - logs.max(axis=(1, 2, 3), keepdims=True))
        weight /= weight.sum(axis=(1, 2, 3), keepdims=True)
        density = stack.density[:, rows]
        shares = surprises[kept.GROUP].T[:, None, :, None, None]
        mixed = (shares * density).sum(axis=0)
        likely = (weight * mixed).sum(axis=(1, 2, 3), keepdims=True)
        value -= np.log(likely + FLOOR).sum() / count
        scale = weight / (likely + FLOOR) / count
        pull = scale * (likely - mixed)
        for row, is_known in enumerate((False, True)):
            cells[row] += pull[known == is_known].sum(axis=0)
        along = (pull * evidence * power).sum(axis=(1, 2, 3))
        slope["temper"] += [along.sum(), along @ stack.size[rows]]
        each = -np.einsum("srmpc,rmpc->sm", density, scale)
        by_group = np.stack([each[:, g == kept.GROUP].sum(axis=1) for g in range(3)])
        slope["surprises"] += _through(by_group * surprises, model.surprises)
    slope["shapes"] += DESIGN.T @ _through(cells.sum(axis=(0, 2, 3)), model.shapes)
    by_shape = cells.sum(axis=(0, 3))
    by_group = np.stack([by_shape[g == kept.GROUP].sum(axis=0) for g in range(3)])
    by_group = _through(by_group, model.processes)
    slope["groups"] += by_group
    slope["processes"] += by_group.sum(axis=0)
    for row, name in enumerate(("unknown", "noise")):
        each = cells[row].sum(axis=(0, 1))[: PARTS[name][0]]
        slope[name] += _through(each, getattr(model, name))
    return value, np.concatenate([slope[name].ravel() for name in PARTS])


def _priors(model):
    return model.prior(True), model.prior(False)


def _padded(prior):
    """Log weights for all slots: one that is none has no weight."""
    lacking = SLOTS - prior.shape[2]
    return np.pad(prior, [(0, 0), (0, 0), (0, lacking)], constant_values=-1e4)


def _through(slope, logs):
    """A gradient by normalised log weights as one by those that were normalised."""
    return slope - np.exp(logs) * slope.sum(axis=-1, keepdims=True)


def learn(chosen, rounds=ROUNDS):
    """Weights that make the truths of examples most probable.

    Parameters
    ----------
    chosen : list of Example
    rounds : int

    Returns
    -------
    scalinglib.laws.experience.Experience
        Not stretched yet.
    """
    stack = _stack(chosen)
    found = minimize(
        _objective, _start(), (stack,), "L-BFGS-B", jac=True,
        options={"maxiter": rounds},
    )  # fmt: skip
    return _experience(found.x)
