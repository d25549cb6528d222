"""Convolutional networks on images: fewer classes, and noise on the pixels."""

import functools

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import generator, increasing, one_of
from scalinglib.data.fashion_mnist import load_fashion_mnist
from scalinglib.data.labels import one_hot, superclasses
from scalinglib.data.pixels import add_noise, centre_and_normalise
from scalinglib.experiments import sweep
from scalinglib.experiments.images import KERNELS, TARGETS
from scalinglib.learners.ridge import nested_predictions

__all__ = [
    "TASKS",
    "convolutional_curve",
    "kernel_curve",
    "make_image_kernels",
    "make_image_networks",
]

#: What is learned: groups of classes, or how many groups are drawn, and the noise.
TASKS = {
    "ten": (TARGETS["ten"], 0.0),
    "five": (TARGETS["five"], 0.0),
    "two": (TARGETS["two"], 0.0),
    "five at random": (5, 0.0),
    "two at random": (2, 0.0),
    "noise 0.1": (TARGETS["ten"], 0.1),
    "noise 0.3": (TARGETS["ten"], 0.3),
}

#: Sizes of training sets; steps of Adam at all of them, on batches of 64.
SIZES, STEPS, BATCH, RATE, TRAIN = [2**k for k in range(8, 14)], 1500, 64, 1e-3, 10_000

#: Steps after which the loss on other images is looked at, to keep the lowest.
LOOKS = np.unique(np.geomspace(20, STEPS, 16).astype(int)).tolist()


def convolutional_curve(rng, *, task, sizes=SIZES):
    r"""Losses of a convolutional network on growing sets of images: a trial.

    Adam, cross-entropy, 1500 steps at every size, at a rate of 0.001 that falls to zero
    as a cosine; the loss is taken where it was lowest. Which step that is, is read off
    one half of the 2000 test images, and the loss off the other; then the halves change
    places. Data sets of a trial are nested, its initialisation is the same, and both
    are the same for all tasks. Batches come from one stream, size after size.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws images, groups of classes, initialisation, batches and noise.
    task : str
        Of `TASKS`: ``ten`` classes; merged by likeness into ``five`` or ``two``; merged
        at random, anew in every trial; or ten with Gaussian noise on all images, of
        this standard deviation where pixels go from 0 to 1.
    sizes : sequence of int
        Sizes of the training sets, rising, up to 10 000.

    Returns
    -------
    DataArray, dims (of, D)
        Cross-entropy, as ``loss``, and ``error rate`` on the test images.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    Y. Bahri et al., "Explaining neural scaling laws", arXiv:2102.06701 (2021), figure
    3, with wide residual networks on CIFAR.

    Examples
    --------
    >>> curve = convolutional_curve(0, task="two", sizes=[64])  # doctest: +SKIP
    >>> curve.dims  # doctest: +SKIP
    ('of', 'D')
    """
    sizes = increasing("sizes", sizes, most=TRAIN)
    X, y, at, (begin, shuffle) = _problem(rng, task)
    X *= np.sqrt(X.shape[1])  # so that pixels are of the order of one
    net = _network(y.max() + 1)
    start = net.initialise(1, rng=begin, dtype=np.float32)
    test, found = slice(TRAIN, None), []
    for D in sizes:
        learn = networks.adam(
            net,
            rate=RATE,
            steps=STEPS,
            batch=BATCH,
            schedule="cosine",
            loss="cross-entropy",
            keep=LOOKS,
            rng=shuffle,
            device="cpu",
        )
        learned = learn(X[at[:D]], y[at[:D]], start=start)
        then = np.stack([says(X[test])[0] for says in learned.path.values()])
        found.append(_stopped_early(then, y[test]))
    return xr.DataArray(
        np.transpose(found),
        dims=["of", "D"],
        coords={"of": ["loss", "error rate"], "D": sizes},
    )


def kernel_curve(rng, *, task, sizes=SIZES):
    r"""Squared error of regression with a kernel on the same images: a trial.

    With the tangent kernel of three hidden layers, without a ridge, on one-hot labels
    less one over the number of classes. Images, groups and noise are those of
    `convolutional_curve`.

    Parameters
    ----------
    rng, task, sizes
        As in `convolutional_curve`.

    Returns
    -------
    DataArray, dims (D)
        Mean squared error on the 2000 test images, summed over classes.

    Raises
    ------
    ValueError
        As in `convolutional_curve`.

    Examples
    --------
    >>> loss = kernel_curve(0, task="two", sizes=[64, 256])
    >>> bool(loss[1] < loss[0] < 0.5)
    True
    """
    sizes = increasing("sizes", sizes, most=TRAIN)
    X, y, at, _ = _problem(rng, task)
    Y, kernel, train = one_hot(y, y.max() + 1), KERNELS["tangent"], at[: sizes[-1]]
    says = nested_predictions(
        kernel(X[train]), kernel(X[TRAIN:], X[train]), Y[train], sizes, overwrite=True
    )
    errors = [((f - Y[TRAIN:]) ** 2).sum(axis=1).mean() for f in says]
    return xr.DataArray(errors, coords={"D": sizes})


def _problem(rng, task):
    """Images of length one, what they are, an order, and what a network draws from."""
    groups, noise = TASKS[one_of("task", task, TASKS)]
    order, draw, begin, shuffle, blur = generator(rng).spawn(5)
    images, labels = load_fashion_mnist()
    if not isinstance(groups, list):
        classes = draw.permutation(10).tolist()
        groups = [tuple(classes[k::groups]) for k in range(groups)]
    X = centre_and_normalise(add_noise(images, noise, rng=blur))
    return X, superclasses(labels, groups), order.permutation(TRAIN), (begin, shuffle)


@functools.cache
def _network(classes):
    """One for all trials: it takes a second to see what a module does."""
    return networks.convolutional(14, classes)


def _stopped_early(outputs, y):
    """Loss and error rate, each half of the images at the step best for the other."""
    halves = [
        (outputs[:, part], y[part]) for part in (slice(0, None, 2), slice(1, None, 2))
    ]
    losses = [networks.cross_entropy(f, of) for f, of in halves]
    errors = [(f.argmax(axis=2) != of).mean(axis=1) for f, of in halves]
    best = [loss.argmin() for loss in losses[::-1]]
    return [
        np.mean([row[step] for row, step in zip(rows, best, strict=True)])
        for rows in (losses, errors)
    ]


def make_image_kernels():
    """Losses of a kernel at D = 256…8192 for the same tasks, 8 trials each.

    Returns
    -------
    DataArray, dims (task, D, trial)
        As `kernel_curve` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("image_kernels").sizes["task"]
    7
    """
    found = sweep.run(kernel_curve, trials=8, seed=0, task=[*TASKS])
    return found.rename("squared_error").astype(np.float32)


def make_image_networks(*, checkpoint=None):
    """Losses of convolutional networks at D = 256…8192 for seven tasks, 8 trials each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (task, of, D, trial)
        As `convolutional_curve` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("image_networks").sizes["task"]
    7
    """
    grid = {"task": [*TASKS]}
    found = sweep.run(
        convolutional_curve, trials=8, seed=0, checkpoint=checkpoint, **grid
    )
    return found.rename("test_loss").astype(np.float32)
