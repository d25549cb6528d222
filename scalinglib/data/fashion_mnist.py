"""Fashion-MNIST, as shipped and at full size."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np

from scalinglib.data.shipped import stored_arrays

__all__ = [
    "FASHION_MNIST_CLASSES",
    "decode_idx",
    "fetch_fashion_mnist",
    "load_fashion_mnist",
    "read_fashion_mnist",
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
    ``python -m scalinglib.experiments.make_fashion_mnist``; its provenance and licence
    (MIT) lie beside it in ``scalinglib/data``.

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
