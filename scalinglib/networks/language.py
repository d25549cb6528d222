"""Transformers that learn to predict the next token of a text."""

import copy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm import trange

from scalinglib._input import (
    above_zero,
    generator,
    number,
    one_of,
    real_array,
    whole_number,
)
from scalinglib.networks import _tensors, schedules
from scalinglib.networks.loop import _kept
from scalinglib.networks.transformers import Transformer
from scalinglib.text.tokens import Tokens

__all__ = ["LanguageModel", "language_model"]

_TYPES = {"float32": torch.float32, "float64": torch.float64}
_WARM = 100  # steps in which the rate rises, and at most a tenth of all
_LONGEST = 1.0  # of the gradient: longer ones are shortened to this
_TOGETHER = 2**15  # tokens whose losses are computed at once


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A transformer that has learned, as ``learn`` of `language_model` returns it.

    Attributes
    ----------
    net : Transformer
        The network.
    context : int
        Tokens of a row, as in training.
    path : dict
        For each step that was to be kept, what would have been returned then.
    """

    net: Transformer = field(repr=False)
    context: int
    path: dict = field(default_factory=dict, repr=False)

    @property
    def P(self):
        """Number of parameters."""
        return sum(array.numel() for array in self.net.parameters())

    def losses(self, tokens):
        r"""Nats of each token of a text.

        Parameters
        ----------
        tokens : Tokens, or (L,) or (B, L) array_like of int
            One text or blocks of it, of the vocabulary that was learned; L of a block
            is at least `context`.

        Returns
        -------
        (rows, context) ndarray
            The blocks are cut into rows of `context` tokens, what is left over being
            dropped. Column n holds :math:`-\log p` of tokens whose n tokens before
            were known, so that its mean is :math:`L_n`.

        Raises
        ------
        ValueError
            If these are no tokens of the vocabulary, or too few.
        """
        blocks = _blocks("tokens", tokens, self.net.V, self.context)
        whole = blocks.shape[1] // self.context * self.context
        rows = torch.from_numpy(blocks[:, :whole].reshape(-1, self.context).copy())
        place, found = next(self.net.parameters()).device, []
        with torch.no_grad():
            for part in rows.split(max(1, _TOGETHER // self.context)):
                found.append(_nats(self.net, part.to(place)).numpy(force=True))
        return np.concatenate(found)


def language_model(
    V,
    *,
    steps,
    width=64,
    layers=2,
    heads=4,
    dropout=0.0,
    context=64,
    batch=32,
    rate=0.003,
    decay=0.1,
    schedule="cosine",
    keep=(),
    rng=None,
    dtype="float32",
    device=None,
):
    r"""A transformer trained by AdamW, a learner of texts: ``learn(tokens)``.

    Parameters
    ----------
    V : int
        Size of the vocabulary.
    steps : int
        Steps of training, ≥ 1. One sees `batch` times `context` tokens, rows from
        anywhere in the text; a text shorter than all steps together is seen again.
    width, layers, heads, dropout
        Of the `Transformer`.
    context : int, default 64
        Tokens of a row, ≥ 2: the last one is predicted from ``context - 1``.
    batch : int, default 32
        Rows of a step, ≥ 1.
    rate : float, default 0.003
        Of AdamW, > 0. It rises for 100 steps (a tenth of the steps, if these are
        fewer) and is multiplied by the schedule.
    decay : float, default 0.1
        Weight decay of matrices, ≥ 0; times the rate in each step.
    schedule : {"cosine", "constant"} or callable
        Factor of the rate, from the share of the steps that are done, in [0, 1).
    keep : sequence of int
        Steps after which the model is kept, rising; 0 is the start.
    rng : None, int or numpy.random.Generator
        Draws the parameters, the rows and what is dropped out; from a whole number,
        always the same.
    dtype : {"float32", "float64"}
        In which is computed.
    device : str or torch.device, optional
        Where torch computes; by default on a GPU if there is one.

    Returns
    -------
    learn : callable
        ``learn(tokens) -> LanguageModel``, from Tokens, or (L,) or (B, L) whole
        numbers from 0 to V − 1: one text, or blocks of it over whose ends no row
        reaches; L is at least `context`.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``learn`` if these are no such tokens,
        or the loss is no longer finite: the rate is too large.

    References
    ----------
    I. Loshchilov, F. Hutter, arXiv:1711.05101 (2017), for AdamW. Gradients longer than
    one are shortened: R. Pascanu, T. Mikolov, Y. Bengio, arXiv:1211.5063 (2012).

    Examples
    --------
    >>> learn = language_model(3, steps=60, width=16, context=8, rate=0.01, rng=0)
    >>> model = learn([0, 1, 2, 1] * 50)
    >>> L_n = model.losses([0, 1, 2, 1] * 20).mean(axis=0)
    >>> bool(L_n[0] > 0.8), bool(L_n[-1] < 0.2)
    (True, True)
    """
    V = whole_number("V", V, least=1)
    steps = whole_number("steps", steps, least=1)
    context = whole_number("context", context, least=2)
    batch = whole_number("batch", batch, least=1)
    rate, decay = above_zero("rate", rate), number("decay", decay, least=0)
    keep, rates = _kept(keep, steps), _rates(rate, schedules.factors(schedule, steps))
    dtype = _TYPES[one_of("dtype", dtype, _TYPES)]
    place = _tensors.device(device)
    generator(rng)  # refused here, not at the first text; a seed stays what it is

    shape = {"width": width, "layers": layers, "heads": heads, "dropout": dropout}
    _seeded(lambda: Transformer(V, **shape), 0, place)  # refused here, too

    def learn(tokens):
        blocks = _blocks("tokens", tokens, V, context)
        source = generator(rng)

        def fitted():
            net = Transformer(V, **shape).to(place, dtype)
            drawn = (_rows(blocks, context, batch, source) for _ in range(steps))
            return _trained(net, drawn, rates, decay, keep)

        found = _seeded(fitted, int(source.integers(2**63)), place)
        path = {step: LanguageModel(net, context) for step, net in found.items()}
        return LanguageModel(path[steps].net, context, {k: path[k] for k in keep})

    return learn


def _seeded(make, seed, place):
    """What a function makes with torch's random numbers, whose state is left as is."""
    gpus = [place] if place.type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.manual_seed(seed)
        return make()


def _blocks(name, tokens, V, context):
    """Tokens as blocks (B, L) of whole numbers."""
    array = real_array(name, tokens.ids if isinstance(tokens, Tokens) else tokens)
    array = array[None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] < context or not len(array):
        raise ValueError(
            f"{name} must be (L,) or (B, L) with L of {context}, the context, or more, "
            f"got {array.shape}"
        )
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= V:
        raise ValueError(
            f"{name} must be whole numbers from 0 to V − 1 = {V - 1}, got "
            f"{array.min()} to {array.max()} of {array.dtype}"
        )
    return array.astype(np.int64, copy=False)


def _rates(rate, factors):
    """Rate of each step, rising at first."""
    warm = max(1, min(_WARM, len(factors) // 10))
    rising = np.minimum(np.arange(1, len(factors) + 1) / warm, 1.0)
    return (rate * rising * factors).tolist()


def _rows(blocks, context, batch, source):
    """Rows of tokens from anywhere in the blocks, (batch, context)."""
    block = source.integers(len(blocks), size=batch)
    first = source.integers(blocks.shape[1] - context + 1, size=batch)
    return torch.from_numpy(blocks[block[:, None], first[:, None] + np.arange(context)])


def _nats(net, rows):
    """Loss of each token of each row."""
    return functional.cross_entropy(net(rows).mT, rows, reduction="none")


def _trained(net, drawn, rates, decay, keep):
    """The network after the steps that are to be kept, and the last; it is changed."""
    arrays, steps = list(net.parameters()), len(rates)
    matrices = [array for array in arrays if array.ndim == 2]
    others = [array for array in arrays if array.ndim != 2]
    groups = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
    rule = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=decay)
    place = arrays[0].device
    kept = {0: _copy(net)} if 0 in keep else {}
    for step in trange(1, steps + 1, desc="steps", delay=1, disable=None, leave=False):
        for group in rule.param_groups:
            group["lr"] = rates[step - 1]
        loss = _nats(net, next(drawn).to(place)).mean()
        rule.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(arrays, _LONGEST)
        if not loss.isfinite():
            raise ValueError(
                f"rate must be smaller: the loss is {loss:g} after {step - 1} steps "
                f"with rates up to {max(rates):g}"
            )
        rule.step()
        if step in keep or step == steps:
            kept[step] = _copy(net)
    return kept


def _copy(net):
    """The network as it is, for use and no longer for training."""
    return copy.deepcopy(net).requires_grad_(False).eval()
