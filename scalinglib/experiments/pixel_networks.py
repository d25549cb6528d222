"""Networks that predict the next pixel, of many sizes and for many budgets of compute.

What a language model does with words, they do with the greys of an image: given those
above and to the left, how probable is each grey here? Losses are in nats a pixel.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import finite_rows, generator, whole_number

__all__ = [
    "PixelProblem",
    "network_on_pixels",
    "pixel_examples",
    "pixel_network",
    "pixel_problem",
]

#: Levels of grey, rows above and columns beside a pixel that are seen, pixels of a step
#: and pixels that losses are measured on.
GREYS, REACH, BATCH, TEST = 16, 4, 128, 2**17

#: Shares of the training after which the loss is measured.
SHARES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]


class PixelProblem(NamedTuple):
    """Images to learn from, and pixels of others to be tested on."""

    greys: np.ndarray
    """(M, side, side) array of uint8: 0, …, 15."""
    X: np.ndarray
    """(131072, 42) array: what is seen before the pixels of the test, or before all of
    them if there are fewer."""
    y: np.ndarray
    """(131072,) array: their greys."""


def pixel_problem(images, test):
    """Images as a text of greys, and a test on others.

    Parameters
    ----------
    images, test : (M, side²) array_like
        Square images as rows, row by row, in [0, 1].

    Returns
    -------
    PixelProblem

    Raises
    ------
    ValueError
        If images are not square, not in [0, 1], or of two sizes.

    Examples
    --------
    >>> problem = pixel_problem([[0.0, 0.25, 0.5, 1.0]], [[1.0, 0.0, 0.0, 0.0]])
    >>> problem.greys.tolist(), problem.y.tolist()
    ([[[0, 4], [8, 15]]], [15, 0, 0, 0])
    """
    greys, others = _greys("images", images), _greys("test", test)
    if greys.shape[1:] != others.shape[1:]:
        raise ValueError(
            f"test must have images of {greys.shape[1]}² pixels, as images has, got "
            f"{others.shape[1]}²"
        )
    few = min(TEST, others.size)
    places = np.sort(np.random.default_rng(0).choice(others.size, few, replace=False))
    return PixelProblem(greys, *pixel_examples(others, places))


def _greys(name, images):
    """Images (M, side, side) in whole numbers."""
    images = finite_rows(name, images)
    side = round(sqrt(images.shape[1]))
    if side**2 != images.shape[1] or images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"{name} must be rows of side² numbers in [0, 1], got shape "
            f"{images.shape}, from {images.min():g} to {images.max():g}"
        )
    greys = np.minimum(images * GREYS, GREYS - 1).astype(np.uint8)
    return greys.reshape(-1, side, side)


def pixel_examples(greys, places):
    """What is seen before some pixels, and what they are.

    Parameters
    ----------
    greys : (M, side, side) array_like of uint8
        As in `PixelProblem`.
    places : (D,) array_like of int
        Pixels: number k is ``k % side²`` of image ``k // side²``.

    Returns
    -------
    X : (D, 42) ndarray of float32
        Greys of 36 pixels in the four rows above, up to four columns to each side, and
        of 4 to the left, with zeros outside the image; then row and column. All are
        of the order of one.
    y : (D,) ndarray of int64
        Greys of the pixels.

    Raises
    ------
    ValueError
        If `greys` are no such array, or a place is none of theirs.

    Examples
    --------
    >>> greys = np.array([[[0, 4], [8, 15]]], dtype=np.uint8)
    >>> X, y = pixel_examples(greys, [0, 3])
    >>> X.shape, y.tolist()
    ((2, 42), [0, 15])
    """
    greys, places = np.asarray(greys), np.asarray(places)
    if greys.dtype != np.uint8 or greys.ndim != 3 or greys.shape[1] != greys.shape[2]:
        raise ValueError(
            "greys must be (M, side, side) of uint8, as those of a PixelProblem, got "
            f"{greys.shape} of {greys.dtype}"
        )
    if places.ndim != 1 or places.dtype.kind not in "iu":
        raise ValueError(f"places must be whole numbers (D,), got {places!r}")
    if places.size and not 0 <= places.min() <= places.max() < greys.size:
        raise ValueError(
            f"places must be in [0, {greys.size}), got {places.min()} to {places.max()}"
        )
    side = greys.shape[1]
    image, place = np.divmod(places, side * side)
    row, column = np.divmod(place, side)
    dy, dx = (part.ravel() for part in np.mgrid[-REACH:1, -REACH : REACH + 1])
    before = (dy < 0) | (dx < 0)
    y_seen, x_seen = row[:, None] + dy[before], column[:, None] + dx[before]
    inside = (y_seen >= 0) & (x_seen >= 0) & (x_seen < side)
    seen = greys[image[:, None], y_seen * inside, x_seen * inside] * inside
    X = np.empty((len(places), seen.shape[1] + 2), np.float32)
    # Mean and spread of the greys of Fashion-MNIST, and those of a coordinate.
    X[:, :-2] = (seen - np.float32(4.3)) / np.float32(5.5)
    X[:, -2:] = (np.stack([row, column], 1) - (side - 1) / 2) / (0.29 * side)
    return X, greys[image, row, column].astype(np.int64)


def pixel_network(W):
    """Network with two hidden layers of width W that predicts pixels.

    Parameters
    ----------
    W : int
        ≥ 1.

    Returns
    -------
    MLP
        42 inputs and 16 outputs, in the parameterisation ``"mup"``, in which one rate
        serves all large widths.

    Raises
    ------
    ValueError
        If `W` is below 1.

    Examples
    --------
    >>> pixel_network(32).widths
    (42, 32, 32, 16)
    """
    W = whole_number("W", W, least=1)
    inputs = 2 * REACH * (REACH + 1) + 2
    widths = [inputs, W, W, GREYS]
    return networks.MLP(widths, "relu", "mup", bias=0.1, input_scale=sqrt(2 / inputs))


def network_on_pixels(
    rng, *, problem, W, D, rate, unique=None, members=2, dtype="float32"
):
    """Losses of networks of one width that learn to predict pixels: a trial.

    They are trained by Adam for the cross-entropy, in batches of 128 pixels, at a rate
    that falls to zero as a cosine. No pixel is seen twice, unless `unique` says so.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws, for each member, initialisation and pixels. For the same member and D
        these are the same at all rates.
    problem : PixelProblem
    W : int
        Width of `pixel_network`.
    D : int
        Pixels that are seen, a multiple of 128.
    rate : float
        > 0.
    unique : int, optional
        There are so many different pixels, 128 or more, and they come again, shuffled,
        until D have been seen. By default all D are different.
    members : int
        Networks that are trained.
    dtype : {"float32", "float64"}
        In which they are trained.

    Returns
    -------
    DataArray, dims (share, member)
        Nats a pixel on the test, after 1/16, 1/8, 1/4, 1/2 and all of the training; all
        but the last before the rate has fallen to zero.

    Raises
    ------
    ValueError
        If an argument is not one of these, or there are fewer pixels.

    References
    ----------
    J. Hoffmann et al., arXiv:2203.15556 (2022), for the design: a schedule as long as
    the run. G. Yang et al., arXiv:2203.03466 (2022), for the parameterisation.

    Examples
    --------
    >>> from scalinglib import data
    >>> images, _ = data.load_fashion_mnist()
    >>> problem = pixel_problem(images[:10_000], images[10_000:])
    >>> loss = network_on_pixels(0, problem=problem, W=4, D=12_800, rate=0.2)
    >>> loss.dims, bool((loss.sel(share=1) < 2).all())
    (('share', 'member'), True)
    """
    steps, net = _steps(D), pixel_network(W)
    there = _enough(problem, D, unique)
    sources = generator(rng).spawn(whole_number("members", members, least=1))
    starts = [net.initialise(1, rng=source, dtype=dtype) for source in sources]
    start = [np.concatenate(arrays) for arrays in zip(*starts, strict=True)]
    keep = [max(1, int(share * steps)) for share in SHARES]
    learn = networks.adam(
        net,
        rate=rate,
        steps=steps,
        batch=BATCH,
        schedule="cosine",
        loss="cross-entropy",
        keep=sorted(set(keep)),
        rng=sources,
        device="cpu",
    )
    if unique is None:
        draws = [_endless(problem.greys, source, D) for source in sources]
        learnt = learn.online(draws, start=start)
    else:
        places = [source.choice(there, unique, replace=False) for source in sources]
        drawn = [pixel_examples(problem.greys, at) for at in places]
        X, y = (np.stack(parts) for parts in zip(*drawn, strict=True))
        learnt = learn(X, y, start=start)
    losses = [_loss(learnt.path[step], problem) for step in keep]
    return xr.DataArray(losses, dims=["share", "member"], coords={"share": SHARES})


def _steps(D):
    """Steps in which so many pixels are seen."""
    if whole_number("D", D, least=BATCH) % BATCH:
        raise ValueError(f"D must be a multiple of {BATCH}, got {D}")
    return D // BATCH


def _enough(problem, D, unique):
    """How many pixels there are, if they are enough."""
    if not isinstance(problem, PixelProblem):
        kind = type(problem).__name__
        raise ValueError(f"problem must be a PixelProblem of pixel_problem, got {kind}")
    there, name, many = problem.greys.size, "D", D
    if unique is not None:
        name, many = "unique", whole_number("unique", unique, least=BATCH)
        if many > D:
            raise ValueError(f"unique must be at most D, {D}, got {many}")
    if many > there:
        raise ValueError(f"{name} must be at most {there}, all pixels, got {many}")
    return there


def _endless(greys, rng, D):
    """What draws pixels in random order, none twice among D."""
    places, at = rng.choice(greys.size, D, replace=False), 0

    def draw(_, B):
        nonlocal at
        # Training begins with a block that it does not learn from, and its last steps
        # learn from these pixels: from none twice.
        own = places.take(range(at, at + B), mode="wrap")
        at += B
        return pixel_examples(greys, own)

    return draw


def _loss(predict, problem):
    """Nats a pixel of each member."""
    return networks.cross_entropy(predict(problem.X), problem.y)
