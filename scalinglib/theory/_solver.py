"""Sums over modes, and the resolution that solves the equation between them."""

import math
from threading import Lock
from typing import NamedTuple

import numpy as np

from scalinglib._input import number, real_array
from scalinglib._labels import broadcast, like
from scalinglib.spectra.power_law import PowerLaw, eigenvalues


class Solution(NamedTuple):
    """Where the equations are solved, at pairs of D and P."""

    D: np.ndarray
    gamma: np.ndarray
    gap_D: np.ndarray  # D − z
    gap_P: np.ndarray  # P − z
    sums: np.ndarray  # z, z − q, Σ (1 − L)² v², Σ L (1 − L) v²


def solved(take, spectrum, D, P, target, ridge):
    """The arrays that `take` makes of a `Solution`, on the grid of D and P.

    A large grid is solved in parts, on joblib's threads: it takes little more memory
    than what is returned.
    """
    D, P, labels = _grid(D, P)
    ridge = number("ridge", ridge, least=0)
    least, most = _checked_reach(D, P)
    modes = _modes(spectrum, target, reach=most)
    _check_count(modes, D, P, ridge)
    # At the top z and the gap are at most m / 2.
    table = _Table(modes, top=np.log((2 * modes.total + 4 * ridge) / least))

    def at(part):
        return take(_solution(table, D[part], P[part], ridge))

    return [like(labels, values[()]) for values in _in_parts(at, D.shape)]


_PART = 2**14  # pairs of D and P whose tables lie in a cache


def _in_parts(function, shape):
    """Arrays of this shape that a function makes for parts of them."""
    parts = [*_parts(slice(0, n) for n in shape)]
    if len(parts) == 1:
        return function(parts[0])
    from joblib import Parallel, delayed  # not for a curve

    found = Parallel(require="sharedmem", return_as="generator")(
        delayed(function)(part) for part in parts
    )
    whole = None
    for part, values in zip(parts, found, strict=True):
        if whole is None:
            whole = [np.empty(shape, value.dtype) for value in values]
        for out, value in zip(whole, values, strict=True):
            out[part] = value
    return whole


def _parts(box):
    """Slices of an array, halved along the longest axis until they are small."""
    box = tuple(box)
    sizes = [side.stop - side.start for side in box]
    if math.prod(sizes) <= _PART:
        yield box
        return
    k = int(np.argmax(sizes))
    start, stop = box[k].start, box[k].stop
    middle = (start + stop) // 2
    for side in slice(start, middle), slice(middle, stop):
        yield from _parts((*box[:k], side, *box[k + 1 :]))


def _solution(table, D, P, ridge):
    """Solve for γ, and gather the sums there."""
    m = np.minimum(D, P)
    gamma, gap = np.zeros(m.shape), np.full(m.shape, np.inf)
    sums = np.zeros((4, *m.shape))
    finite = np.isfinite(m)  # else D = P = ∞, and everything is learned
    if finite.any():
        gamma[finite], gap[finite], sums[:, finite] = _distinct_root(
            table, D[finite], P[finite], ridge
        )
    sums[2] += table.modes.never
    larger = gap + (np.maximum(D, P) - np.where(finite, m, 0))
    fewer = P >= D  # points than features
    return Solution(
        D, gamma, np.where(fewer, gap, larger), np.where(fewer, larger, gap), sums
    )


class _Modes(NamedTuple):
    """A spectrum and a target, as sums with weights."""

    lam: np.ndarray
    weight: np.ndarray
    power: np.ndarray | None  # weight · v²; None: v² = λ
    count: float  # of modes above zero
    total: float  # Σ λ
    never: float  # power of the target in modes that are not above zero

    def sums(self, u):
        """Z, z − q, Σ (1 − L)² v² and Σ L (1 − L) v² at γ = e^u."""
        gamma = np.exp(u)[:, None]
        L = self.lam / (self.lam + gamma)
        left = gamma / (self.lam + gamma)
        z, spread = L @ self.weight, (both := L * left) @ self.weight
        if self.power is None:  # λ (1 − L) = γ L
            gamma = gamma[:, 0]
            return np.stack([z, spread, gamma * spread, gamma * (z - spread)])
        return np.stack([z, spread, left**2 @ self.power, both @ self.power])


def _modes(spectrum, target, *, reach):
    """Modes of a spectrum that may be infinite."""
    if isinstance(spectrum, PowerLaw):
        own = target is None or isinstance(target, PowerLaw)
        v2 = None if own else _powers(target)
        x, weight = spectrum.quadrature(reach, direct=0 if own else len(v2))
        lam = spectrum(x)
        power = None
        if isinstance(target, PowerLaw):
            power = weight * target(x)
            power[-1] = x[-1] ** -target.alpha / target.alpha  # the tail of this sum
        elif target is not None:
            power = np.r_[v2, np.zeros(len(x) - len(v2))]
        return _Modes(lam, weight, power, np.inf, spectrum.total, 0.0)
    lam = eigenvalues(spectrum)
    weight, above = np.ones(len(lam)), lam > 0
    if target is None:
        power, never = None, 0.0
    else:
        power = _powers(target, len(lam))
        never = float(power[~above].sum())
        power = power[above]
    lam, weight = lam[above], weight[above]
    return _Modes(lam, weight, power, len(lam), float(lam.sum()), never)


def _distinct_root(table, D, P, ridge):
    """As `_root`; without a ridge γ depends on the lesser of D and P alone."""
    if ridge > 0:
        return _root(table, D, P, ridge)
    m, place = np.unique(np.minimum(D, P), return_inverse=True)
    gamma, gap, sums = _root(table, m, np.full(m.shape, np.inf), ridge)
    return gamma[place], gap[place], sums[:, place]


def _root(table, D, P, ridge):
    """γ, the gap m − z, and the sums there, for pairs of D and P, not both infinite."""
    m, M = np.minimum(D, P), np.maximum(D, P)
    apart = np.where(np.isinf(M), 1.0, (M - m) / np.where(np.isinf(M), 1.0, M))
    # δ P / M: the ridge for P ≥ D, less of it for P < D, nothing for D = ∞.
    strength = ridge * np.where(P >= D, 1.0, np.minimum(P, D) / M)

    def gap(u):
        """Solve x (x + M − m) = δ P / γ for x; and its derivative by u."""
        e = strength * np.exp(-u)
        root = np.sqrt(apart**2 + 4 * e / M)
        some = e > 0
        x = np.divide(2 * e, apart + root, out=np.zeros_like(e), where=some)
        return x, np.divide(-e, root, out=np.zeros_like(e), where=some)

    with np.errstate(divide="ignore"):
        bottom = np.log(strength / m)  # there the gap alone is m

    def passed(panel):
        """Whether γ lies above the lower edge of a panel."""
        edge = table.edge(panel)
        return (table.least[panel] + gap(edge)[0] >= m) | (edge <= bottom)

    low_panel = np.zeros(m.shape, int)
    while not passed(table.panels - 1 + low_panel).all():
        table.extend()
    panel = np.full(m.shape, table.panels - 1)
    while (low_panel < panel).any():
        middle = (low_panel + panel) // 2
        inside = passed(middle)
        panel = np.where(inside, middle, panel)
        low_panel = np.where(inside, low_panel, middle + 1)
    low = table.edge(panel)
    high = low + 1
    u = (low + high) / 2
    for _ in range(100):  # Newton's method; outside of its bracket, bisection
        (z, spread), (x, slope) = table(panel, u, sums=2), gap(u)
        above = z + x > m
        low, high = np.where(above, u, low), np.where(above, high, u)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Of log(z + x), which is nearly straight where eigenvalues are a power law.
            new = u - np.log1p((z + x - m) / m) * (z + x) / (slope - spread)
        new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
        moved, u = np.abs(new - u).max(), new
        if moved < 4e-15 * max(1.0, np.abs(u).max()):
            break
    return np.exp(u), gap(u)[0], table(panel, u)


class _Table:
    """The sums as functions of u = log γ, on panels of width one from the top down.

    They are analytic but for poles at a distance of π from the real axis: on 16
    Chebyshev points of a panel they are interpolated to rounding.
    """

    def __init__(self, modes, top):
        k = np.arange(16) + 0.5
        self.node = np.cos(np.pi * k / 16)
        self.weight = np.sin(np.pi * k / 16) * (-1.0) ** np.arange(16)  # barycentric
        self.modes, self.top, self.lock = modes, top, Lock()
        self.least, self.values = np.zeros(0), np.zeros((0, 4, 16))  # z at lower edges
        self.extend()

    @property
    def panels(self):
        """How many there are."""
        return len(self.least)

    def edge(self, panel):
        """Lower edge of a panel."""
        return self.top - 1.0 - panel

    def extend(self):
        """Add a panel below."""
        with self.lock:  # threads share the table
            edge = self.edge(self.panels)
            sums = self.modes.sums(np.r_[edge, edge + (self.node + 1) / 2])
            self.values = np.concatenate([self.values, sums[None, :, 1:]])
            self.least = np.r_[self.least, sums[0, 0]]

    def __call__(self, panel, u, *, sums=4):
        """Interpolate the first of the sums in given panels: (sums, n)."""
        gap = 2 * (u - self.edge(panel))[:, None] - 1 - self.node
        gap[gap == 0] = 1e-300  # at a node its value outweighs all others
        share = self.weight / gap
        share /= share.sum(axis=1, keepdims=True)
        return np.einsum("nk,nck->cn", share, self.values[:, :sums][panel])


def _checked_reach(D, P):
    """Least and largest of min(D, P) where that is finite, else one."""
    m = np.minimum(D, P)
    finite = np.isfinite(m)
    least = m.min(where=finite, initial=np.inf)
    return (
        least if np.isfinite(least) else 1.0,
        m.max(where=finite, initial=1.0),
    )


def _check_count(modes, D, P, ridge):
    """Where nothing but the modes can hold z back from m, there must be enough."""
    m = np.minimum(D, P)
    few = (m >= modes.count) & np.isfinite(m) & ((ridge == 0) | np.isinf(D))
    if few.any():
        raise ValueError(
            f"min(D, P) must be below the number of modes, {modes.count}, unless there "
            f"is a ridge and D is finite; got {m[few].max():g}"
        )


def _powers(target, modes=None):
    v2 = real_array("target", target).astype(float)
    if v2.ndim != 1 or not v2.size or (modes and len(v2) != modes):
        raise ValueError(
            f"target must be a power for each mode, ({modes or 'S'},), "
            f"got shape {v2.shape}"
        )
    if not np.isfinite(v2).all() or v2.min() < 0:
        raise ValueError("target must be finite and not negative: it is v², not v")
    return v2


def _grid(D, P):
    """Sizes that broadcast against each other, and the labels that they have."""
    D, P, labels = broadcast(D=D, P=P)
    D, P = (_sizes(name, value) for name, value in {"D": D, "P": P}.items())
    try:
        return *np.broadcast_arrays(D, P), labels
    except ValueError:
        raise ValueError(
            f"D and P must broadcast against each other, got {D.shape} and {P.shape}"
        ) from None


def _sizes(name, values):
    sizes = real_array(name, values).astype(float)
    if sizes.size == 0 or not (sizes > 0).all():
        raise ValueError(f"{name} must be above zero (infinity included), got {values}")
    return sizes
