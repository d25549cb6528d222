"""Sums over a power law's modes, as sums over some hundreds of them with weights."""

import functools
from typing import NamedTuple

import numpy as np

DIRECT = 60  # modes that are summed one by one
NODES = 14  # of Gauss's rule, on each panel
WIDTH = 2.0  # of a panel in log λ
BEYOND = 1e15  # eigenvalues this much below the least that is resolved are nothing


class Modes(NamedTuple):
    """Eigenvalues, and what stands for a sum over modes: Σ λ g(λ) and Σ v² g(λ)."""

    lam: np.ndarray
    weighted: np.ndarray
    power: np.ndarray


@functools.lru_cache(maxsize=64)
def power_law_modes(a, b, modes, P):
    r"""λ = j^-b and v² = j^-a for j = 1 ... modes, perhaps without end.

    One by one at first, then an integral over log j from DIRECT + 1/2 to modes + 1/2,
    by the midpoint form of Euler and Maclaurin's formula with its first correction, and
    by Gauss's rule on panels. A number of modes that is not whole has a part of the
    last one. Without an end, one last mode carries the rest.
    """
    if modes < DIRECT + 2:
        j = np.arange(1.0, np.ceil(modes) + 1)
        w = np.minimum(1.0, modes - j + 1)
        return Modes(j**-b, w * j**-b, w * j**-a)
    last = modes if np.isfinite(modes) else (P + DIRECT) * BEYOND ** (1 / b)
    start, end = np.log(DIRECT + 0.5), np.log(last + 0.5)
    edges = np.linspace(start, end, int(np.ceil((end - start) * b / WIDTH)) + 1)
    node, weight = np.polynomial.legendre.leggauss(NODES)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    x = np.exp((middle + half * node).ravel())
    j = np.r_[np.arange(1.0, DIRECT + 2), x]
    w = np.r_[np.ones(DIRECT + 1), (half * weight).ravel() * x]
    w[DIRECT - 1 : DIRECT + 1] = 1 - 1 / 24, 1 / 24
    lam, weighted, power = j**-b, w * j**-b, w * j**-a
    if np.isfinite(modes):
        return Modes(lam, weighted, power)
    tail = np.exp(end)
    return Modes(
        np.r_[lam, tail**-b],
        np.r_[weighted, tail ** (1 - b) / (b - 1)],
        np.r_[power, tail ** (1 - a) / (a - 1)],
    )
