"""Transformers that learn a text: their losses on it, for many sizes of the data."""

import functools
from math import sqrt
from typing import NamedTuple

import numpy as np
import xarray as xr

from scalinglib import data, networks
from scalinglib._input import generator, whole_number
from scalinglib.experiments import sweep
from scalinglib.text.tokens import as_tokens, characters

__all__ = [
    "TEXT_POINTS",
    "TextProblem",
    "make_king_james_transformers",
    "text_problem",
    "transformer_on_text",
]

BLOCK = 1024  # tokens
TRIED, CHOOSING = 0.08, 0.02  # shares of the blocks
CONTEXT, ROWS = 64, 32  # tokens of a row, rows of a step
FEATURES = 16  # of a head

#: Rate of width W: this over its root.
RATE = 0.048

#: Trials, blocks to learn from, widths, share dropped out, and steps of training.
_RUNS = [
    (2, 4, 32, 0.2, [128]),
    (2, 4, 64, 0.2, [64, 128, 256]),
    (2, 4, 128, 0.2, [128]),
    (2, 16, 32, 0.2, [512]),
    (2, 16, 64, 0.2, [256, 512, 1024, 2048]),
    (2, 16, 128, 0.2, [512]),
    (2, 64, 32, 0.2, [2048]),
    (2, 64, 64, 0.2, [2048, 4096]),
    (1, 16, 64, 0.0, [512, 1024]),
    (1, 64, 64, 0.0, [1024, 2048]),
    (1, 64, 64, 0.2, [8192]),
    (1, 64, 128, 0.2, [2048]),
    (1, 256, 64, 0.2, [4096, 8192, 16384]),
    (1, 256, 64, 0.0, [4096, 8192]),
    (1, 1024, 64, 0.0, [4096, 8192]),
    (1, 3584, 64, 0.0, [4096, 8192]),
]

#: What transformers learn from, and how, by the number of trials.
#:
#: :meta hide-value:
TEXT_POINTS = {
    trials: [
        {"blocks": blocks, "W": W, "dropout": dropout, "steps": steps}
        for count, blocks, W, dropout, lengths in _RUNS
        for steps in lengths
        if count == trials
    ]
    for trials in (2, 1)
}


class TextProblem(NamedTuple):
    """Blocks of a text: to be tested on, to choose by, and to learn from."""

    V: int
    """Size of the vocabulary."""
    test: np.ndarray
    """(B, 1024) array of int: one in twelve, those of `text.ngram_curves`, seed 0."""
    choosing: np.ndarray
    """(B', 1024) array: one in fifty, by which the length of training is chosen."""
    learned: np.ndarray
    """(B'', 1024) array: all others."""


def text_problem(tokens):
    """Cut a text into blocks and deal them out.

    Parameters
    ----------
    tokens : Tokens or (D,) array_like of int
        At least 65536.

    Returns
    -------
    TextProblem

    Raises
    ------
    ValueError
        If there are fewer tokens.

    Examples
    --------
    >>> problem = text_problem([0, 1] * 51_200)
    >>> [len(part) for part in problem[1:]]
    [8, 2, 90]
    """
    tokens = as_tokens("tokens", tokens, least=64 * BLOCK)
    whole = len(tokens) // BLOCK
    blocks = tokens.ids[: whole * BLOCK].reshape(whole, BLOCK).astype(np.int64)
    drawn = np.random.default_rng(0).permutation(whole)
    tried, last = round(TRIED * whole), round(CHOOSING * whole)
    parts = drawn[:tried], drawn[-last:], drawn[tried:-last]
    return TextProblem(tokens.V, *(blocks[part] for part in parts))


def transformer_on_text(
    rng, *, problem, blocks, W, steps, layers=2, dropout=0.2, rate=None
):
    """Losses of a transformer that learned from some blocks of a text: a trial.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the blocks, the parameters and the order of the data.
    problem : TextProblem
    blocks : int
        Blocks of 1024 tokens to learn from.
    W : int
        Width of the transformer, with heads of 16 features each.
    steps : int
        Steps of training, of 2048 tokens each.
    layers, dropout, rate
        As of `scalinglib.networks.language_model`; the rate is by default .048 / √W.

    Returns
    -------
    DataArray, dims (part, n)
        Nats of a token whose n tokens before are known, n = 0, …, 63, in the mean over
        the ``"test"``, the blocks for ``"choosing"``, and up to 64 of those
        ``"learned"`` from.

    Raises
    ------
    ValueError
        If an argument is not one of these, or there are fewer blocks.

    Examples
    --------
    >>> problem = text_problem([0, 1] * 51_200)
    >>> loss = transformer_on_text(0, problem=problem, blocks=8, W=16, steps=30)
    >>> loss.dims, bool(loss.sel(part="test")[-1] < 0.1)
    (('part', 'n'), True)
    """
    if not isinstance(problem, TextProblem):
        kind = type(problem).__name__
        raise ValueError(f"problem must be a TextProblem of text_problem, got {kind}")
    blocks, there = whole_number("blocks", blocks, least=1), len(problem.learned)
    if blocks > there:
        raise ValueError(f"blocks must be at most {there}, all of them, got {blocks}")
    W = whole_number("W", W, least=FEATURES)
    if W % FEATURES:
        raise ValueError(f"W must be a multiple of {FEATURES}, got {W}")
    source = generator(rng)
    seen = problem.learned[source.choice(there, blocks, replace=False)]
    learn = networks.language_model(
        problem.V,
        steps=steps,
        width=W,
        layers=layers,
        heads=W // FEATURES,
        dropout=dropout,
        context=CONTEXT,
        batch=ROWS,
        rate=RATE / sqrt(W) if rate is None else rate,
        rng=source,
        device="cpu",
    )
    model = learn(seen)
    parts = {"test": problem.test, "choosing": problem.choosing, "learned": seen[:64]}
    losses = [model.losses(part).mean(axis=0) for part in parts.values()]
    coords = {"part": list(parts), "n": np.arange(CONTEXT)}
    return xr.DataArray(losses, coords, ["part", "n"])


def make_king_james_transformers(*, checkpoint=None):
    """Nats a character of transformers that learned from the King James Bible.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (point, part, n)
        As `transformer_on_text` returns them, for all of `TEXT_POINTS`. A point has
        the coordinates ``P`` (parameters), ``D`` (characters learned from), ``W``,
        ``dropout``, ``steps`` and ``trial``. Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("king_james_transformers").sizes["n"]
    64
    """

    def trial(rng, blocks, W, dropout, steps):
        own = {"blocks": blocks, "W": W, "dropout": dropout, "steps": steps}
        return transformer_on_text(rng, problem=_king_james(), **own)

    runs = []
    for trials, points in TEXT_POINTS.items():
        own = {"trials": trials, "seed": 0, "checkpoint": checkpoint}
        found = sweep.run(trial, points=points, **own)
        runs += [found.isel(trial=t).assign_coords(trial=t) for t in range(trials)]
    return _labelled(runs).astype(np.float32)


def _labelled(runs):
    """All runs along one dimension, a trial being a coordinate of theirs."""
    along = [
        run.assign_coords(trial=("point", run.sizes["point"] * [int(run.trial)]))
        for run in runs
    ]
    found = xr.concat(along, "point")
    V = _king_james().V
    # Parameters first, then data: as fits of surfaces take them.
    sizes = {"P": [_parameters(V, W) for W in found.W.values.tolist()]}
    sizes |= {"D": found.blocks.values * BLOCK}
    sizes |= {name: found[name].values for name in ("W", "dropout", "steps", "trial")}
    coords = {name: ("point", values) for name, values in sizes.items()}
    coords |= {"part": found.part.values, "n": found.n.values}
    found = xr.DataArray(found.values, coords, found.dims, "loss", found.attrs)
    return found.sortby(["D", "P", "dropout", "steps", "trial"])


def _parameters(V, W):
    """How many parameters a transformer of this width has."""
    net = networks.Transformer(V, width=W, heads=W // FEATURES)
    return sum(array.numel() for array in net.parameters())


@functools.lru_cache(maxsize=1)
def _king_james():
    """The problem of the Bible's characters."""
    return text_problem(characters(data.load_text("king_james"), lower=True))
