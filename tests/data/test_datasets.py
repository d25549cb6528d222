"""Tests of the data that ship with the package, and of the way to the rest."""

import functools
import gzip
import hashlib
import http.server
import io
import logging
import threading
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import first_of, long

from scalinglib import data
from scalinglib.data import fashion_mnist
from scalinglib.experiments import make_fashion_mnist as script

SEEDS = pytest.mark.parametrize("seed", first_of(range(3)))


def encode_idx(array):
    """Encode an array of bytes as the header says it."""
    shape = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Write four small files in the place of the originals and register their sums."""
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(256, size=shape, dtype=np.uint8)
        for shape in [(6, 28, 28), (6,), (2, 28, 28), (2,)]
    ]
    folder, sums = tmp_path / "originals", {}
    folder.mkdir()
    for name, array in zip(fashion_mnist._FILES, arrays, strict=True):
        content = encode_idx(array)
        packed = gzip.compress(content)
        (folder / f"{name}.gz").write_bytes(packed)
        sums[name] = (
            hashlib.md5(packed).hexdigest(),
            hashlib.sha256(content).hexdigest(),
        )
    monkeypatch.setattr(fashion_mnist, "_FILES", sums)
    return folder, arrays


def test_shipped_data():
    """The shipped images are 12 000 × 196 in [0, 1], their labels 0 … 9."""
    X, y = data.load_fashion_mnist()
    assert (X.shape, X.dtype) == ((12_000, 196), np.float32)
    assert (y.shape, y.dtype) == ((12_000,), np.int64)
    assert X.min() == 0
    assert 0.9 < X.max() <= 1
    np.testing.assert_array_equal(np.rint(255 * X) / np.float32(255), X)
    # The official test file holds 1000 of each class, the training file 6000.
    for part in (y[:10_000], y[10_000:]):
        share = np.bincount(part, minlength=10) / len(part)
        np.testing.assert_allclose(share, 0.1, atol=4 * np.sqrt(0.09 / len(part)))


def test_classes_are_told_apart_by_their_means():
    """The nearest class mean is right for most images: labels and images belong."""
    X, y = data.load_fashion_mnist()
    means = np.stack([X[:10_000][y[:10_000] == c].mean(0) for c in range(10)])
    nearest = ((X[10_000:, None] - means) ** 2).sum(-1).argmin(1)
    assert (nearest == y[10_000:]).mean() > 0.6
    assert len(data.FASHION_MNIST_CLASSES) == 10


def test_arrays_are_fresh():
    """What a caller does to the arrays is not seen by the next."""
    X, y = data.load_fashion_mnist()
    X[:], y[:] = -1, -1
    X, y = data.load_fashion_mnist()
    assert X.min() == 0
    assert y.min() == 0


@long
@pytest.mark.skipif(
    not script.DEBIAN.is_dir(), reason="package dataset-fashion-mnist is not installed"
)
def test_shipped_data_are_what_the_script_makes():
    """The script makes the shipped file from the originals, byte for byte."""
    made, shipped = script.make(script.DEBIAN), script.TARGET.read_bytes()
    with np.load(io.BytesIO(made)) as new, np.load(io.BytesIO(shipped)) as old:
        for name in ("X", "y"):
            np.testing.assert_array_equal(new[name], old[name])
    # zlib-ng, which some builds of Python have, packs the same arrays otherwise.
    assert made == shipped or "ng" in zlib.ZLIB_RUNTIME_VERSION
    assert len(shipped) < 3e6


@SEEDS
def test_pooling_rounds_the_mean(seed):
    """A pooled pixel is the mean of four, rounded to the nearest integer."""
    X = np.random.default_rng(seed).integers(256, size=(5, 28, 28), dtype=np.uint8)
    mean = X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)
    np.testing.assert_array_equal(script.pool(X), np.floor(mean + 0.5))


def test_fetch_from_a_directory(small):
    """The full-size data come from a directory with the originals, packed or not."""
    folder, (X_train, y_train, X_test, y_test) = small
    for _ in range(2):
        X, y = data.fetch_fashion_mnist(source=folder)
        expected = np.concatenate([X_train, X_test]).reshape(8, 784) / np.float32(255)
        np.testing.assert_array_equal(X, expected)
        np.testing.assert_array_equal(y, np.concatenate([y_train, y_test]))
        assert (X.dtype, y.dtype) == (np.float32, np.int64)
        for path in folder.glob("*.gz"):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()


class Server(http.server.SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *_):
        """Stay silent."""


def test_fetch_downloads_once(small, tmp_path, monkeypatch, caplog):
    """Without a source the files are downloaded into the cache, once, and verified."""
    folder, arrays = small
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    handler = functools.partial(Server, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        monkeypatch.setattr(
            fashion_mnist, "_URL", f"http://127.0.0.1:{server.server_port}/"
        )
        threading.Thread(target=server.serve_forever).start()
        with caplog.at_level(logging.CRITICAL, logger="pooch"):
            X, y = data.fetch_fashion_mnist()
        server.shutdown()
    with caplog.at_level(logging.CRITICAL, logger="pooch"):
        again, _ = data.fetch_fashion_mnist()  # the server is gone
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(X[:6] * 255, arrays[0].reshape(6, 784))
    np.testing.assert_array_equal(y[6:], arrays[3])


def test_fetch_rejects_a_missing_file(small):
    """A directory without the files is named, and what belongs there."""
    folder, _ = small
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(ValueError, match=r"source = .* has no t10k-labels-idx1-ubyte"):
        data.fetch_fashion_mnist(source=folder)


def test_fetch_rejects_other_bytes(small):
    """A file that is not the original (MNIST under the same name, say) is refused."""
    folder, arrays = small
    other = gzip.compress(encode_idx(arrays[0] // 2))
    (folder / "train-images-idx3-ubyte.gz").write_bytes(other)
    with pytest.raises(ValueError, match="is not the original train-images-idx3-ubyte"):
        data.fetch_fashion_mnist(source=folder)


@settings(deadline=None)
@given(
    shape=st.lists(st.integers(0, 5), max_size=4).map(tuple),
    fill=st.binary(min_size=625, max_size=625),
)
def test_decode_idx_inverts_encode(shape, fill):
    """Any array of bytes survives the IDX format, and a byte too many is noticed."""
    array = np.frombuffer(fill, np.uint8, int(np.prod(shape))).reshape(shape)
    content = encode_idx(array)
    np.testing.assert_array_equal(data.decode_idx(content), array)
    for wrong in (content + b"\0", content[:-1]):
        with pytest.raises(ValueError, match="content"):
            data.decode_idx(wrong)


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x0d\0", b"\x1f\x8b\x08\0"]
)
def test_decode_idx_rejects_other_formats(content):
    """Files that are empty, of floats, or still compressed are refused."""
    with pytest.raises(ValueError, match="an IDX file of unsigned bytes starts with"):
        data.decode_idx(content)


@SEEDS
def test_one_hot(seed):
    """Rows sum to zero, and each label is where its row is largest."""
    y = np.random.default_rng(seed).integers(10, size=50)
    Y = data.one_hot(y)
    np.testing.assert_allclose(Y.sum(1), 0, atol=1e-15)
    np.testing.assert_array_equal(Y.argmax(1), y)
    plain = data.one_hot(y, 12, centred=False)
    np.testing.assert_array_equal(plain.sum(0), np.bincount(y, minlength=12))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 10], "y holds labels 0…10; accepted are 0…classes − 1 with classes = 10"),
        ([-1, 0], "y holds labels -1…0"),
        ([0.0, 1.0], "y must be"),
        ([[0, 1]], "y must be"),
    ],
)
def test_one_hot_rejects(y, message):
    """Labels are integers of the classes there are."""
    with pytest.raises(ValueError, match=message):
        data.one_hot(y)


@SEEDS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_centre_and_normalise(seed, dtype):
    """Rows have unit norm, and neither shift nor scale of the data matters."""
    X = np.random.default_rng(seed).uniform(size=(30, 9)).astype(dtype)
    unit = data.centre_and_normalise(X)
    eps = np.finfo(dtype).eps
    assert unit.dtype == dtype
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, rtol=4 * eps)
    moved = data.centre_and_normalise(2 * X + dtype(1))
    np.testing.assert_allclose(moved, unit, atol=20 * eps)
    given_mean = data.centre_and_normalise(X[:3], mean=X.mean(0, dtype=np.float64))
    np.testing.assert_allclose(given_mean, unit[:3], atol=eps)


def test_centre_and_normalise_rejects():
    """A row at the mean has no direction; shapes and finiteness are checked."""
    X = np.array([[0.1, 0.7], [0.1, 0.7], [0.1, 0.7]])
    with pytest.raises(ValueError, match="X must differ from the mean in every row"):
        data.centre_and_normalise(X)
    with pytest.raises(ValueError, match="row 1"):
        data.centre_and_normalise([[1, 0], [0, 1]], mean=[0, 1])
    with pytest.raises(ValueError, match="mean must be finite and"):
        data.centre_and_normalise(X, mean=[0.0])
    for bad in (X[0], X[:0], [[np.nan, 1.0]]):
        with pytest.raises(ValueError, match="X must be finite and"):
            data.centre_and_normalise(bad)


# -- transformations -----------------------------------------------------------------


@SEEDS
def test_pooling_in_steps(seed):
    """Blocks of blocks are larger blocks; the mean stays; a factor of 1 is nothing."""
    X = np.random.default_rng(seed).random((5, 144))
    np.testing.assert_allclose(
        data.pool(data.pool(X, 2), 3), data.pool(X, 6), rtol=1e-14
    )
    means = data.pool(X, 12)[:, 0]
    np.testing.assert_allclose(means, X.mean(axis=1), rtol=1e-14)
    np.testing.assert_array_equal(data.pool(X, 1), X)


def test_pooling_keeps_places():
    """The first block of an image is its upper left corner."""
    image = np.arange(16.0).reshape(1, 16)
    expected = [[(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4, 10.5, 12.5]]
    np.testing.assert_array_equal(data.pool(image, 2), expected)
    assert data.pool(image.astype(np.float32), 2).dtype == np.float32


@SEEDS
def test_superclasses(seed):
    """Labels of one group become one label, those of different groups stay apart."""
    y = np.random.default_rng(seed).integers(10, size=200)
    found = data.superclasses(y, [(0, 2, 4, 6, 8), [1, 3, 5, 7, 9]])
    np.testing.assert_array_equal(found, y % 2)
    np.testing.assert_array_equal(data.superclasses(y, np.arange(10)[:, None]), y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.pool(np.ones((2, 12)), 2), r"X must be \(D, side \* side\)"),
        (lambda: data.pool(np.ones(16), 2), r"X must be \(D, side \* side\)"),
        (lambda: data.pool(np.ones((2, 16)), 3), "factor must divide the side 4"),
        (
            lambda: data.pool(np.ones((2, 16)), 0),
            "factor must be at least 1, got 0",
        ),
        (lambda: data.superclasses([0.5], [(0,)]), r"y must be \(D,\) integers"),
        (lambda: data.superclasses([0, 3], [(0,)]), "groups must hold every label"),
        (lambda: data.superclasses([0], [(0,), (0, 1)]), "got 0 twice"),
        (lambda: data.superclasses([0], [()]), r"groups\[0\] must hold labels"),
        (lambda: data.superclasses([0], [0]), r"groups\[0\] must hold labels"),
    ],
)
def test_transformations_reject(call, message):
    """What cannot be pooled or grouped is named."""
    with pytest.raises(ValueError, match=message):
        call()


def test_crop_keeps_the_middle():
    """A frame of equal width goes; what is left is where it was."""
    X = np.arange(2 * 36).reshape(2, 36)
    kept = data.crop(X, 2).reshape(2, 2, 2)
    np.testing.assert_array_equal(kept, X.reshape(2, 6, 6)[:, 2:4, 2:4])
    whole = data.crop(X, 6)
    np.testing.assert_array_equal(whole, X)
    whole += 1  # a copy
    assert X[0, 0] == 0


@pytest.mark.parametrize(
    ("X", "side", "message"),
    [
        (np.ones((2, 36)), 3, "side must be 6 less an even number"),
        (np.ones((2, 36)), 8, "side must be 6 less an even number"),
        (np.ones((2, 36)), 0, "side must be at least 1"),
        (np.ones((2, 35)), 3, r"X must be \(D, side \* side\)"),
        (np.full((2, 4), np.nan), 2, "X must be finite"),
    ],
)
def test_crop_rejects(X, side, message):
    """Frames of odd width, images that are not square."""
    with pytest.raises(ValueError, match=message):
        data.crop(X, side)


@pytest.mark.parametrize("seed", first_of([0, 1, 2]))
def test_noise_has_its_level(seed):
    """Standard deviation and mean within 4 standard errors; the type stays."""
    X = np.full((300, 40), 0.5, dtype=np.float32)
    noise = data.add_noise(X, 0.3, rng=seed) - X
    assert noise.dtype == np.float32
    assert abs(noise.std() / 0.3 - 1) < 4 / (2 * noise.size) ** 0.5
    assert abs(noise.mean()) < 4 * 0.3 / noise.size**0.5
    np.testing.assert_array_equal(X, 0.5)
    np.testing.assert_array_equal(data.add_noise(X, 0), X)


def test_noise_rejects():
    """Negative levels and inputs that are not finite."""
    with pytest.raises(ValueError, match="level must be a finite number >= 0, got -1"):
        data.add_noise(np.ones((2, 2)), -1)
    with pytest.raises(ValueError, match="X must be finite, got nan"):
        data.add_noise([[np.nan]], 1)
    with pytest.raises(ValueError, match="level must leave X within float32"):
        data.add_noise(np.ones((9, 9), np.float32), 1e39)


@pytest.mark.parametrize("name", ["nope.npz", "LICENSE", "results/pooling.nc", 3])
def test_only_what_ships_is_read(name):
    """Names of stored files, and nothing else."""
    with pytest.raises(ValueError, match=r"name must be one of .*fashion_mnist"):
        data.stored_arrays(name)
