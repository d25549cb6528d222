"""Make ``fashion_mnist_14x14.npz`` from the four original files of Fashion-MNIST.

Run ``python -m scalinglib.experiments.make_fashion_mnist``. The same input gives the
same bytes, so that ``git diff`` shows whether anything changed.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np

from scalinglib.data.fashion_mnist import read_fashion_mnist

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # of package dataset-fashion-mnist
TARGET = Path(__file__).parents[1] / "data" / "fashion_mnist_14x14.npz"


def pool(images):
    """Average 2×2 blocks of pixels, rounding halves up: (D, 28, 28) → (D, 196) bytes.

    Examples
    --------
    >>> pool(np.array([[[1, 2], [3, 4]]], dtype=np.uint8))
    array([[3]], dtype=uint8)
    """
    D, height, width = images.shape
    blocks = images.reshape(D, height // 2, 2, width // 2, 2)
    # Integers: the same rounding on every machine.
    return ((blocks.sum(axis=(2, 4)) + 2) // 4).astype(np.uint8).reshape(D, -1)


def npz(**arrays):
    """Compress arrays into the bytes of an ``.npz`` file that depend on them alone.

    `numpy.savez_compressed` leaves time stamps and platform to `zipfile`.

    Examples
    --------
    >>> npz(a=np.arange(3)) == npz(a=np.arange(3))
    True
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # Unix, wherever it runs
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            file.writestr(member, content.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return archive.getvalue()


def make(source=None):
    """Return the bytes of the shipped file, made from the original files in `source`.

    Examples
    --------
    >>> len(make())  # doctest: +SKIP
    """
    X_train, y_train, X_test, y_test = read_fashion_mnist(source)
    X = np.concatenate([X_train[:10_000], X_test[:2_000]])
    y = np.concatenate([y_train[:10_000], y_test[:2_000]])
    return npz(X=pool(X), y=y)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--source",
        type=Path,
        default=DEBIAN if DEBIAN.is_dir() else None,
        help=f"directory with the original files (default: {DEBIAN}, else a download)",
    )
    TARGET.write_bytes(make(parser.parse_args().source))
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e6:.2f} MB")
