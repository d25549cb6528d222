"""Losses on several sources of text, learned from mixtures of them."""

import numpy as np

from scalinglib._input import generator, real_array, whole_number, whole_numbers
from scalinglib.text.histories import sort_histories
from scalinglib.text.kneser_ney import held_out_losses

__all__ = ["exchange_rates", "mixture_losses"]

LEAST = 32  # blocks of a source
TRIED, SHARE = 64, 8  # held out of each: so many blocks, or one in so many


def mixture_losses(
    sources, counts, *, unique=None, order=8, block=1024, trials=1, rng=None
):
    r"""Losses :math:`L_i` on each source of n-gram models that learned from mixtures.

    Parameters
    ----------
    sources : sequence of (D_i,) arrays of int
        Two texts or more, their tokens numbered alike: parts of one sequence of ids.
    counts : (points, sources) array_like of int
        How many tokens of each source to learn from, whole blocks. A row is a mixture.
    unique : (sources,) array_like of int, optional
        How many tokens there are of each source; who asks for more has the same again,
        and again. By default all that is not held out, and none twice.
    order : int, default 8
        How many tokens a prediction knows.
    block : int, default 1024
        Tokens in a block of a text.
    trials : int, default 1
        How often blocks are drawn anew, to be held out and to be learned from.
    rng : None, int or Generator
        Draws the blocks.

    Returns
    -------
    DataArray, dimensions (point, source, trial)
        Nats a token, with ``tokens``, what was learned from, over (point, source).

    Raises
    ------
    ValueError
        If a source is shorter than 32 blocks, or there is too little of one.

    Notes
    -----
    One model, interpolated Kneser–Ney, counts all that it is given, and is not told of
    which source a token is. In a trial all mixtures are tried on the same tokens, and
    the blocks of a smaller count are among those of a larger one: their losses differ
    by the mixture, and scatter together.

    References
    ----------
    As in `scalinglib.text.ngram_curves`.

    Examples
    --------
    >>> two, three = np.arange(20_000) % 2, np.arange(20_000) % 3  # 0101…, 012012…
    >>> mix = [[4096, 0], [4096, 4096]]
    >>> found = mixture_losses([two, three], mix, order=2, block=512, rng=0)
    >>> found.mean("trial").round(1).values.tolist()
    [[0.0, 3.9], [0.3, 0.3]]
    """
    block = whole_number("block", block, least=2)
    order = whole_number("order", order, least=0)
    if order >= block // 2:
        raise ValueError(
            f"order must be less than half a block of {block} tokens, got {order}"
        )
    blocks, V = _blocks(sources, block)
    whole = np.array([len(each) for each in blocks])
    tried = np.minimum(TRIED, whole // SHARE)
    left = whole - tried
    if unique is not None:
        unique = _whole_blocks("unique", unique, block, (len(blocks),))
        if (unique < 1).any() or (unique > left).any():
            raise ValueError(
                f"unique must be from {block} tokens to {(left * block).tolist()}, "
                f"those that are not held out, got {(unique * block).tolist()}"
            )
    counts = _whole_blocks("counts", counts, block, (None, len(blocks)))
    if (counts.sum(axis=1) == 0).any():
        raise ValueError("counts must hold tokens to learn from in every row")
    if unique is None and (lacking := counts.max(axis=0) > left).any():
        i = int(np.argmax(lacking))
        raise ValueError(
            f"counts must be at most {left[i] * block} tokens of source {i}, those "
            f"that are not held out, got {counts[:, i].max() * block}; with unique "
            "the same are learned again"
        )
    trials, rng = whole_number("trials", trials, least=1), generator(rng)
    there = left if unique is None else unique
    losses = []
    for _ in range(trials):
        drawn = [each[rng.permutation(len(each))] for each in blocks]
        losses.append(_one_trial(drawn, tried, counts, there, order, V))
    return _labelled(losses, counts * block)


def exchange_rates(losses, source):
    r"""What a token of the other sources is worth, in tokens of one's own.

    .. math::

       \tau_i = \frac{D_i^{\mathrm{eff}} - D_i}{\sum_{j \ne i} D_j}

    with the effective data of source i: from so much of it alone the loss on it would
    be the same.

    Parameters
    ----------
    losses : DataArray, dimensions (point, source, trial)
        Of `mixture_losses`: mixtures, and source i alone at several sizes.
    source : int
        Which source, from 0.

    Returns
    -------
    DataArray, dimensions (point, trial)
        For each mixture whose loss lies between losses of the source alone, in every
        trial; with ``own``, its tokens of the source, and ``other``, those of others.
        Between sizes the loss is taken to be a power of the tokens. Alone, sizes count
        from where on more of them lower the loss in every trial.

    Raises
    ------
    ValueError
        If there are not two sizes of the source alone, or their losses do not fall.

    References
    ----------
    D. Hernandez, J. Kaplan, T. Henighan and S. McCandlish, "Scaling laws for transfer",
    arXiv:2102.01293: effective data, there of pre-training.

    Examples
    --------
    >>> ids = 1000 ** np.random.default_rng(0).random((2, 40_000))  # two that are alike
    >>> mix = [[1024, 0], [2048, 0], [4096, 0], [8192, 0], [2048, 2048]]
    >>> found = mixture_losses([*ids.astype(int)], mix, order=0, trials=9, rng=0)
    >>> round(float(exchange_rates(found, 0).mean()))
    1
    """
    if getattr(losses, "dims", None) != ("point", "source", "trial"):
        raise ValueError("losses must be a DataArray as mixture_losses returns it")
    source = whole_number("source", source, least=0)
    if source >= losses.sizes["source"]:
        raise ValueError(f"source must be below {losses.sizes['source']}, got {source}")
    loss, tokens = losses.values[:, source], losses.tokens.values
    own = tokens[:, source]
    other = tokens.sum(axis=1) - own
    alone = np.flatnonzero((other == 0) & (own > 0))
    alone = alone[np.argsort(own[alone])]
    falls = (np.diff(loss[alone], axis=0) < 0).all(axis=1)
    alone = alone[np.append(0, np.flatnonzero(~falls) + 1)[-1] :]
    if len(alone) < 2:
        raise ValueError(
            "losses must fall with the tokens of the source alone, of two sizes or more"
        )
    if not (loss > 0).all():
        raise ValueError("losses must be above zero")
    most, least = loss[alone[0]], loss[alone[-1]]
    there = ((loss <= most) & (loss >= least)).all(axis=1)
    mixed = np.flatnonzero((other > 0) & (own > 0) & there)
    x = np.log(loss)
    effective = [
        np.exp(np.interp(-x[mixed, t], -x[alone, t], np.log(own[alone])))
        for t in range(loss.shape[1])
    ]
    import xarray as xr  # so that the room loads without it

    rates = (np.transpose(effective) - own[mixed, None]) / other[mixed, None]
    return xr.DataArray(
        rates,
        dims=("point", "trial"),
        coords={"own": ("point", own[mixed]), "other": ("point", other[mixed])},
        name="rate of exchange",
    )


def _one_trial(drawn, tried, counts, there, order, V):
    """Losses (points, sources): the first blocks of each are tried, others learned."""
    most = counts.max(axis=0)
    learned = [
        each[t + np.arange(m) % u]
        for each, t, m, u in zip(drawn, tried, most, there, strict=True)
    ]
    first = [each[:t] for each, t in zip(drawn, tried, strict=True)]
    histories = sort_histories(np.concatenate([*first, *learned]), order + 1)
    # To which source a block belongs, and as which one of those to learn from.
    held, length = sum(tried), histories.length
    source = np.repeat(np.arange(len(most)), most)
    place = np.concatenate([np.arange(m) for m in most])
    inside = np.arange(order, length)
    at = (np.arange(held)[:, None] * length + inside).ravel()
    known, found = np.zeros(held + len(place), dtype=bool), []
    for count in counts:
        known[held:] = place < count[source]
        used = histories.of_blocks(known | (np.arange(len(known)) < held))
        each = held_out_losses(used, known, at, V=V, orders=order)[-1]
        of_block = each.reshape(held, len(inside)).mean(axis=1)
        found.append([b.mean() for b in np.split(of_block, np.cumsum(tried)[:-1])])
    return found


def _blocks(sources, block):
    """Each source in blocks, and how many different tokens there may be."""
    if not isinstance(sources, list | tuple) or len(sources) < 2:
        raise ValueError("sources must be a list of two texts or more")
    found = []
    for i, source in enumerate(sources):
        ids = real_array(f"sources[{i}]", source)
        if (
            ids.ndim != 1
            or ids.dtype.kind not in "iu"
            or len(ids) < LEAST * block
            or ids.min() < 0
        ):
            raise ValueError(
                f"sources[{i}] must be at least {LEAST} blocks of {block} tokens, "
                "whole numbers from 0, of shape (D,), got "
                f"{ids.dtype} of shape {ids.shape}"
            )
        found.append(ids[: len(ids) // block * block].reshape(-1, block))
    return found, int(max(each.max() for each in found)) + 1


def _whole_blocks(name, tokens, block, shape):
    """Tokens as numbers of blocks, one of each source in the last axis."""
    array = whole_numbers(name, tokens, most=2**40)
    rows = shape[0] is None
    if (
        array.ndim != len(shape)
        or array.shape[-1] != shape[-1]
        or (array % block).any()
    ):
        wanted = f"({'points, ' if rows else ''}{shape[-1]}{'' if rows else ','})"
        raise ValueError(
            f"{name} must be whole blocks of {block} tokens, of shape {wanted}, got "
            f"shape {array.shape}"
        )
    return array // block


def _labelled(losses, tokens):
    """Losses (trials, points, sources) with the names of their dimensions."""
    import xarray as xr  # so that the room loads without it

    return xr.DataArray(
        np.moveaxis(np.array(losses), 0, -1),
        dims=("point", "source", "trial"),
        coords={"tokens": (("point", "source"), tokens)},
        name="loss",
    )
