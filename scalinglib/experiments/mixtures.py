r"""Two texts in one model: losses over the share of each, and what one is worth."""

import numpy as np
import xarray as xr

from scalinglib import data
from scalinglib._input import one_of
from scalinglib.text.mixing import mixture_losses
from scalinglib.text.tokens import characters

__all__ = ["make_mixtures", "make_transfers", "pair_of_texts"]

SHARES = np.array([0, 1, 2, 4, 6, 8, 10, 12, 14, 15, 16])  # sixteenths
SIZES = 2 ** np.arange(14, 22)  # tokens of both
OWN = 2 ** np.arange(11, 19)  # tokens of each
PAIRS = "Bible, Python", "Testaments", "halves of Python", "Python recoded"
TRIALS = 8


def pair_of_texts(name):
    """Characters of two texts that ship, with one alphabet.

    Parameters
    ----------
    name : str
        ``"Bible, Python"``: the King James Bible and the top of Python's library.
        ``"Testaments"``: the Bible, parted before Matthew. ``"halves of Python"``: the
        library's modules, parted in the middle of the alphabet. ``"Python recoded"``:
        as the first, but each character of Python's library is another one than any of
        the Bible's.

    Returns
    -------
    list of two (D_i,) ndarrays of int32
        For `scalinglib.text.mixture_losses`.

    Raises
    ------
    ValueError
        If there is no such pair.

    Examples
    --------
    >>> [len(ids) for ids in pair_of_texts("Testaments")]
    [3188369, 949481]
    """
    name = one_of("name", name, PAIRS)
    bible, library = data.load_text("king_james"), data.load_text("python_library")
    whole, place = bible + library, len(bible)
    if name == "Testaments":
        whole, place = bible, bible.index("The book of the generation of Jesus Christ")
    elif name == "halves of Python":
        whole, place = library, len(library) // 2
    tokens = characters(whole, layout=True)
    first, second = np.split(tokens.ids, [place])
    if name == "Python recoded":
        second = second + np.int32(tokens.V)
    return [first, second]


def make_mixtures():
    """Losses on the Bible and on Python's library over the Bible's share of D tokens.

    Returns
    -------
    DataArray, dims (point, source, trial)
        As `scalinglib.text.mixture_losses`, in single precision, with the coordinates
        ``D`` and ``share``.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("mixtures").sizes["trial"]
    8
    """
    D, share = (grid.ravel() for grid in np.meshgrid(SIZES, SHARES, indexing="ij"))
    counts = np.stack([D * share // 16, D - D * share // 16], axis=1)
    sources = pair_of_texts("Bible, Python")
    found = mixture_losses(sources, counts, trials=TRIALS, rng=0)
    return (
        found.astype(np.float32)
        .assign_coords(
            D=("point", D), share=("point", share / 16), source=["Bible", "Python"]
        )
        .assign_attrs(seed=0)
    )


def make_transfers():
    """Losses on each of two texts, learned alone and from as much of both.

    Returns
    -------
    DataArray, dims (pair, point, source, trial)
        As `scalinglib.text.mixture_losses` for four pairs of `pair_of_texts`.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("transfers").sizes["pair"]
    4
    """
    alone = np.concatenate([OWN[:1] // 2, OWN, 2 * OWN[-1:]])
    counts = np.concatenate(
        [np.outer(alone, [1, 0]), np.outer(alone, [0, 1]), np.outer(OWN, [1, 1])]
    )
    found = [
        mixture_losses(pair_of_texts(name), counts, trials=TRIALS, rng=0)
        for name in PAIRS
    ]
    found = xr.concat(found, xr.Variable("pair", list(PAIRS)))
    return (
        found.astype(np.float32)
        .assign_coords(source=["first", "second"])
        .assign_attrs(seed=0)
    )
