r"""The loss on images over data and parameters: the plane on the book's front page."""

import numpy as np
import xarray as xr

from scalinglib import data

__all__ = ["feature_plane"]

SIZES = 2 ** np.arange(4, 11)  # 16, …, 1024, of data and of features alike
RIDGES = 10.0 ** np.arange(-5, 2.1, 0.5)
CHOOSE, TEST = 2000, 3000  # images that choose the ridge, and that measure the loss


def feature_plane(rng=None):
    r"""Test loss of random ReLU features on Fashion-MNIST, over data and parameters.

    Of each of ten classes the indicator is learned by ridge regression on the features
    :math:`f_j(x)=\sqrt{2/P}\,\max(w_j\cdot x, 0)` with Gaussian :math:`w_j`. Of 15
    ridges the one is taken that is best on 2000 other images; the loss, summed over
    classes, is measured on 3000 more. Smaller sizes are the first images and features
    of larger ones.

    Parameters
    ----------
    rng : int or Generator, optional
        Of the images that are drawn, and of the features.

    Returns
    -------
    DataArray, dims (P, D), shape (7, 7)
        For P and D of 16, 32, …, 1024.

    Examples
    --------
    >>> feature_plane(0).dims  # doctest: +SKIP
    ('P', 'D')
    """
    rng = np.random.default_rng(rng)
    images, labels = data.load_fashion_mnist()[:2]
    X = data.centre_and_normalise(images.reshape(len(images), -1).astype(float))
    Y = data.one_hot(labels) - 0.1  # all classes are as frequent
    at = np.split(rng.permutation(len(X)), np.cumsum([SIZES[-1], CHOOSE, TEST]))[:3]
    F = np.maximum(X @ rng.standard_normal((X.shape[1], SIZES[-1])), 0) * np.sqrt(2)
    train, choose, test = ((F[some], Y[some]) for some in at)
    losses = np.empty((len(SIZES), len(SIZES)))
    for i, P in enumerate(SIZES):
        for j, D in enumerate(SIZES):
            few = [(f[:, :P] / np.sqrt(P), y) for f, y in (train, choose, test)]
            losses[i, j] = _ridge_loss(*(part[:D] for part in few[0]), *few[1:])
    return xr.DataArray(losses, coords={"P": SIZES, "D": SIZES})


def _ridge_loss(f, y, choose, test):
    """Loss on `test` with the ridge that is best on `choose`."""
    U, s, Vt = np.linalg.svd(f, full_matrices=False)
    filters = s / (s**2 + RIDGES[:, None])
    theta = Vt.T @ (filters[:, :, None] * (U.T @ y))
    chosen, losses = (
        ((g @ theta - z) ** 2).sum(axis=2).mean(axis=1) for g, z in (choose, test)
    )
    return losses[chosen.argmin()]
