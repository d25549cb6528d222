"""Fashion-MNIST, as shipped and at full size, and the encodings the course uses."""

import gzip
import hashlib
import math
import zlib
from importlib import resources
from pathlib import Path

import numpy as np

from scalinglib._input import (
    finite_rows,
    generator,
    number,
    real_array,
    whole_number,
)

__all__ = [
    "FASHION_MNIST_CLASSES",
    "add_noise",
    "centre_and_normalise",
    "crop",
    "decode_idx",
    "fetch_fashion_mnist",
    "load_fashion_mnist",
    "one_hot",
    "pool",
    "read_fashion_mnist",
    "stored_arrays",
    "superclasses",
]

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""Names of the ten classes: ``FASHION_MNIST_CLASSES[y]`` is the name of label y."""

_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
# MD5 of the compressed file (published in the README of Fashion-MNIST: what a download
# must be) and SHA-256 of its content (what any copy, however compressed, must hold).
_FILES = {
    "train-images-idx3-ubyte": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train-labels-idx1-ubyte": (
        "25c81989df183df01b3e8a0aad5dffbe",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    "t10k-images-idx3-ubyte": (
        "bef4ecab320f06d8554ea6380940ec79",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "t10k-labels-idx1-ubyte": (
        "bb300cfdad3c16e7a12a480ee83cd310",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}


def load_fashion_mnist():
    """Load the 12 000 small Fashion-MNIST images that ship with the package.

    The first 10 000 images of the official training set, then the first 2 000 of the
    official test set, each 2×2 block of pixels replaced by its mean.

    Returns
    -------
    X : (12000, 196) ndarray of float32
        Images of 14×14 pixels, row by row, in [0, 1]. Single precision holds the stored
        bytes k/255 to 8 digits and lets `scalinglib.kernels` work at twice the speed.
    y : (12000,) ndarray of int64
        Labels 0, …, 9; their names are `FASHION_MNIST_CLASSES`.

    Notes
    -----
    Both arrays are fresh at every call: change them as you like. The file is made by
    ``python -m scalinglib.data.make_fashion_mnist``; its provenance and licence (MIT)
    lie beside it in ``scalinglib/data``.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747 (2017).

    Examples
    --------
    >>> X, y = load_fashion_mnist()
    >>> X.shape, FASHION_MNIST_CLASSES[y[0]]
    ((12000, 196), 'Ankle boot')
    """
    stored = stored_arrays("fashion_mnist_14x14.npz")
    return _unit_interval(stored["X"]), stored["y"].astype(np.int64)


def fetch_fashion_mnist(*, source=None):
    """Load all 70 000 Fashion-MNIST images at full size, downloading them once.

    Parameters
    ----------
    source : path, optional
        A directory that already holds the four original files, compressed or not
        (Debian: ``/usr/share/datasets/fashion-mnist``). By default they are downloaded
        (30 MB) into the cache that `pooch` keeps for this user, at the first call only.

    Returns
    -------
    X : (70000, 784) ndarray of float32
        Images of 28×28 pixels, row by row, in [0, 1]: 60 000 official training images,
        then 10 000 official test images.
    y : (70000,) ndarray of int64
        Labels 0, …, 9.

    Raises
    ------
    ValueError
        If a file is missing from `source` or does not hold the original bytes.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747 (2017).

    Examples
    --------
    >>> X, y = fetch_fashion_mnist()  # doctest: +SKIP
    """
    X_train, y_train, X_test, y_test = read_fashion_mnist(source)
    X = np.concatenate([X_train, X_test]).reshape(-1, 28 * 28)
    return _unit_interval(X), np.concatenate([y_train, y_test]).astype(np.int64)


def read_fashion_mnist(source=None):
    """Read the four original files of Fashion-MNIST, verified by their SHA-256.

    Parameters
    ----------
    source : path, optional
        As in `fetch_fashion_mnist`.

    Returns
    -------
    X_train, y_train, X_test, y_test : ndarrays of uint8
        Of shapes (60000, 28, 28), (60000,), (10000, 28, 28), (10000,).

    Raises
    ------
    ValueError
        If a file is missing from `source` or does not hold the original bytes.

    Examples
    --------
    >>> X_train, y_train, X_test, y_test = read_fashion_mnist()  # doctest: +SKIP
    """
    find = _download if source is None else _in_directory(source)
    return tuple(_read_verified(find(name), name) for name in _FILES)


def decode_idx(content):
    """Decode an array of unsigned bytes from the IDX format of the MNIST family.

    The content is 0, 0, 8 (unsigned bytes), the number of dimensions, each dimension as
    a big-endian 32-bit integer, then the array in C order.

    Parameters
    ----------
    content : bytes
        The decompressed file.

    Returns
    -------
    ndarray of uint8
        Read-only: a view of `content`.

    Raises
    ------
    ValueError
        If `content` has another header, or another length than its header says.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats".

    Examples
    --------
    >>> decode_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    array([7, 8, 9], dtype=uint8)
    """
    ndim = int.from_bytes(content[3:4])
    start = 4 + 4 * ndim
    if content[:3] != b"\0\0\x08" or len(content) < start:
        raise ValueError(
            f"content starts with {content[:4]!r}; "
            "an IDX file of unsigned bytes starts with 0, 0, 8, ndim and the shape"
        )
    shape = tuple(np.frombuffer(content, ">u4", ndim, offset=4).tolist())
    values = np.frombuffer(content, np.uint8, offset=start)
    if values.size != math.prod(shape):
        raise ValueError(
            f"content holds {values.size} values, but its header says shape {shape}"
        )
    return values.reshape(shape)


def one_hot(y, classes=10, *, centred=True):
    r"""Encode labels as regression targets that sum to zero.

    .. math:: Y_{ic} = \mathbb 1[y_i = c] - 1/C

    Parameters
    ----------
    y : (D,) array_like of int
        Labels 0, …, classes − 1.
    classes : int
        Number of classes C.
    centred : bool
        Subtract 1/C, the mean over the classes; otherwise plain zeros and ones.

    Returns
    -------
    (D, classes) ndarray of float64

    Raises
    ------
    ValueError
        If a label is not an integer in 0, …, classes − 1.

    Examples
    --------
    >>> one_hot([1, 0], classes=2)
    array([[-0.5,  0.5],
           [ 0.5, -0.5]])
    """
    y, classes = real_array("y", y), whole_number("classes", classes, least=1)
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"y must be (D,) integers, got shape {y.shape}, {y.dtype}")
    if not ((y >= 0) & (y < classes)).all():
        raise ValueError(
            f"y holds labels {y.min(initial=0)}…{y.max(initial=0)}; "
            f"accepted are 0…classes − 1 with classes = {classes}"
        )
    return np.eye(classes)[y] - (1 / classes if centred else 0)


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


def stored_arrays(name):
    """Read all arrays of a file that ships with the package.

    Parameters
    ----------
    name : str
        Of a file in ``scalinglib/data``.

    Returns
    -------
    dict of ndarray

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> sorted(stored_arrays("torus_networks.npz"))
    ['D', 'd', 'loss']
    """
    files = {
        file.name: file
        for file in resources.files("scalinglib.data").iterdir()
        if file.name.endswith(".npz")
    }
    if not isinstance(name, str) or name not in files:
        raise ValueError(f"name must be one of {sorted(files)}, got {name!r}")
    with files[name].open("rb") as stream, np.load(stream) as stored:
        return dict(stored)


def superclasses(y, groups):
    """Give several classes one label.

    Parameters
    ----------
    y : (D,) array_like of int
        Labels.
    groups : sequence of sequences of int
        The labels that become 0, those that become 1, …; every label in one of them.

    Returns
    -------
    (D,) ndarray of int64

    Raises
    ------
    ValueError
        If a label is in no group or in two, or a group is empty.

    Examples
    --------
    >>> superclasses([0, 3, 2, 1], [(0, 1), (2, 3)])
    array([0, 1, 1, 0])
    """
    y = real_array("y", y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"y must be (D,) integers, got shape {y.shape}, {y.dtype}")
    new = {}
    for name, group in enumerate(groups):
        labels = real_array(f"groups[{name}]", group)
        if labels.ndim != 1 or not labels.size or labels.dtype.kind not in "iu":
            raise ValueError(f"groups[{name}] must hold labels, got {group!r}")
        for label in labels.tolist():
            if label in new:
                raise ValueError(f"groups must not repeat a label, got {label} twice")
            new[label] = name
    unknown = set(np.unique(y).tolist()) - set(new)
    if unknown:
        raise ValueError(
            f"groups must hold every label of y, {min(unknown)} is missing"
        )
    return np.array([new[label] for label in y.tolist()], dtype=np.int64)


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


def _unit_interval(X):
    return np.divide(X, 255, dtype=np.float32)


def _download(name):
    import pooch  # only on request: it opens the door to the network

    cache = pooch.create(
        path=pooch.os_cache("scalinglib"),
        base_url=_URL,
        registry={f"{name}.gz": f"md5:{md5}" for name, (md5, _) in _FILES.items()},
    )
    return Path(cache.fetch(f"{name}.gz"))


def _in_directory(source):
    def find(name):
        for path in (Path(source, f"{name}.gz"), Path(source, name)):
            if path.is_file():
                return path
        raise ValueError(
            f"source = {str(source)!r} has no {name}.gz; "
            f"it must be a directory with the files {', '.join(_FILES)} (.gz or not)"
        )

    return find


def _read_verified(path, name):
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"source: {path} is not the original {name}: {error}"
            ) from None
    found, expected = hashlib.sha256(content).hexdigest(), _FILES[name][1]
    if found != expected:
        raise ValueError(
            f"source: {path} is not the original {name}: its content has "
            f"SHA-256 {found}, accepted is {expected}"
        )
    return decode_idx(content)
