"""What is done to images before a kernel sees them."""

import numpy as np

from scalinglib._input import finite_rows, generator, number, real_array, whole_number

__all__ = ["add_noise", "centre_and_normalise", "crop", "pool"]


def pool(X, factor):
    """Replace blocks of pixels by their mean.

    Parameters
    ----------
    X : (D, n) array_like
        Square images as rows, n = side², row by row.
    factor : int
        Side of a block, a divisor of the side of the image.

    Returns
    -------
    (D, n / factor²) ndarray
        Of float32 if `X` is, else of float64.

    Raises
    ------
    ValueError
        If images are not square or not finite, or `factor` does not divide their side.

    Examples
    --------
    >>> pool([[1.0, 2.0, 3.0, 4.0]], 2)
    array([[2.5]])
    """
    X, side = _square_images(X)
    factor = whole_number("factor", factor, least=1)
    if side % factor:
        raise ValueError(f"factor must divide the side {side}, got {factor}")
    blocks = X.reshape(len(X), side // factor, factor, side // factor, factor)
    dtype = np.float32 if X.dtype == np.float32 else np.float64
    return blocks.mean(axis=(2, 4), dtype=np.float64).reshape(len(X), -1).astype(dtype)


def crop(X, side):
    """Keep the middle of square images.

    Parameters
    ----------
    X : (D, n) array_like
        Square images as rows, row by row.
    side : int
        Of the images that are returned: that of `X` less an even number.

    Returns
    -------
    (D, side²) ndarray
        A copy, of the type of `X`.

    Raises
    ------
    ValueError
        If images are not square or not finite, or the frame has no even width.

    Examples
    --------
    >>> crop([range(16)], 2)
    array([[ 5,  6,  9, 10]])
    """
    X, wide = _square_images(X)
    side = whole_number("side", side, least=1)
    frame, odd = divmod(wide - side, 2)
    if frame < 0 or odd:
        raise ValueError(
            f"side must be {wide} less an even number, and at least 1, got {side}"
        )
    middle = slice(frame, frame + side)
    return X.reshape(-1, wide, wide)[:, middle, middle].reshape(len(X), -1).copy()


def add_noise(X, level, *, rng=None):
    r"""Add independent normal noise to every coordinate.

    .. math:: x_{ij} + s \, \xi_{ij}, \qquad \xi_{ij} \sim \mathcal N(0, 1)

    Parameters
    ----------
    X : (D, n) array_like
        Inputs as rows.
    level : float
        s ≥ 0, in the units of the inputs.
    rng : None, int or numpy.random.Generator
        Draws the noise.

    Returns
    -------
    (D, n) ndarray
        Of float32 if `X` is, else of float64.

    Raises
    ------
    ValueError
        If `X` is not finite and (D, n), or `level` is negative or so large that the
        result is not finite.

    Examples
    --------
    >>> noisy = add_noise(np.zeros((1000, 9)), 0.5, rng=0)
    >>> round(float(noisy.std()), 1)
    0.5
    """
    dtype = np.float32 if real_array("X", X).dtype == np.float32 else np.float64
    X, level = finite_rows("X", X), number("level", level, least=0)
    noise = generator(rng).standard_normal(X.shape)
    with np.errstate(over="ignore"):
        noisy = (X + level * noise).astype(dtype)
    if not np.isfinite(noisy).all():
        raise ValueError(f"level must leave X within {dtype.__name__}, got {level:g}")
    return noisy


def centre_and_normalise(X, *, mean=None):
    r"""Subtract the mean image and scale each image to unit norm.

    .. math:: \hat x_i = (x_i - \bar x) / |x_i - \bar x|

    The data then lie on a sphere, where a ReLU network's kernel depends on angles only.

    Parameters
    ----------
    X : (D, n) array_like
        Images as rows.
    mean : (n,) array_like, optional
        The mean image to subtract, so that test images can be centred with the mean of
        the training images. By default the mean of `X`.

    Returns
    -------
    (D, n) ndarray
        Of float32 if `X` is, else of float64. The arithmetic is in float64.

    Raises
    ------
    ValueError
        If `X` or `mean` is not finite, their shapes do not match, or a row equals the
        mean, so that it has no direction.

    Examples
    --------
    >>> centre_and_normalise([[0.0, 0.0], [6.0, 8.0]])
    array([[-0.6, -0.8],
           [ 0.6,  0.8]])
    """
    X = real_array("X", X)
    dtype = np.float32 if X.dtype == np.float32 else np.float64
    if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all():
        raise ValueError(f"X must be finite and (D, n), got shape {X.shape}")
    mean = (
        X.mean(axis=0, dtype=np.float64) if mean is None else real_array("mean", mean)
    )
    if mean.shape != X.shape[1:] or not np.isfinite(mean).all():
        raise ValueError(
            f"mean must be finite and {X.shape[1:]}, got shape {mean.shape}"
        )
    centred = X - mean.astype(np.float64)
    # In units of the largest difference, so that no square leaves the range of floats.
    unit = np.abs(centred).max() or 1.0
    centred /= unit
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    # Rounding leaves |x - mean| of this size where it should be zero.
    lost = np.flatnonzero(norm <= 1e-12 / unit * np.abs(X).max(axis=1, keepdims=True))
    if lost.size:
        raise ValueError(
            f"X must differ from the mean in every row; row {lost[0]} does not"
        )
    return (centred / norm).astype(dtype)


def _square_images(X):
    """Images as an array, and their side."""
    X = real_array("X", X)
    side = round(X.shape[1] ** 0.5) if X.ndim == 2 else 0
    if not X.size or not side or side**2 != X.shape[1]:
        raise ValueError(f"X must be (D, side * side), not empty; got shape {X.shape}")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite, got nan or infinity")
    return X, side
