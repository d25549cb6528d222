"""Networks that predict pixels: what they see and learn, and their stored losses."""

from pathlib import Path

import numpy as np
import pytest
from thorough import exhaustive, long

pytest.importorskip("torch")

from scalinglib import data, stored
from scalinglib.experiments import pixel_budgets, pixel_networks
from scalinglib.experiments.pixel_networks import (
    network_on_pixels,
    pixel_examples,
    pixel_network,
    pixel_problem,
)

ORIGINALS = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="module")
def small():
    """The shipped images, with half as many pixels on a side; a test on hundred."""
    images, _ = data.load_fashion_mnist()
    return pixel_problem(images[:10_000], images[10_000:10_100])


# ---------------------------------------------------------------- what is seen


def test_a_pixel_sees_what_comes_before_it():
    """One by one: four rows above, four columns to each side, zeros outside."""
    rng = np.random.default_rng(0)
    greys = rng.integers(16, size=(3, 7, 7), dtype=np.uint8)
    X, y = pixel_examples(greys, np.arange(greys.size))
    for k in range(greys.size):
        image, row, column = k // 49, k % 49 // 7, k % 7
        seen = []
        for dy in range(-4, 1):
            for dx in range(-4, 5):
                if (dy, dx) < (0, 0):
                    r, c = row + dy, column + dx
                    inside = r >= 0 and 0 <= c < 7
                    seen.append(greys[image, r, c] if inside else 0)
        assert y[k] == greys[image, row, column]
        np.testing.assert_allclose(X[k, :40] * 5.5 + 4.3, seen, atol=1e-5)
        np.testing.assert_allclose(X[k, 40:] * 0.29 * 7 + 3, [row, column], atol=1e-5)


def test_no_pixel_sees_itself_or_what_follows():
    """Changed greys change nothing before them."""
    greys = np.random.default_rng(0).integers(16, size=(1, 6, 6), dtype=np.uint8)
    changed = greys.copy()
    changed.ravel()[20:] = 15 - changed.ravel()[20:]
    before, after = (pixel_examples(g, np.arange(36))[0] for g in (greys, changed))
    np.testing.assert_array_equal(before[:21], after[:21])
    assert (before[21:] != after[21:]).any(axis=1).sum() == 15


def test_inputs_are_of_the_order_of_one(small):
    """On other images, at half the resolution."""
    assert abs(small.X.mean()) < 0.3
    assert 0.7 < small.X.std(axis=0).min() < small.X.std(axis=0).max() < 1.3


def test_greys_of_bytes():
    """Sixteen levels of sixteen bytes each, however the bytes are held."""
    bytes_ = np.arange(256).reshape(1, 256)
    for dtype in (np.float32, np.float64):
        greys = pixel_problem((bytes_ / 255).astype(dtype), np.zeros((1, 256))).greys
        np.testing.assert_array_equal(greys.ravel(), np.arange(256) // 16)


@long
def test_the_test_is_the_same_for_all(small):
    """So many different pixels of other images; all of them if there are fewer."""
    images, _ = data.load_fashion_mnist()
    many, again = (pixel_problem(images[:n], images[10_000:]) for n in (10, 20))
    assert many.X.shape == (2**17, 42)
    np.testing.assert_array_equal(many.X, again.X)
    assert len(np.unique(many.X, axis=0)) > 2**15
    assert small.X.shape == (100 * 196, 42)


@pytest.mark.parametrize(
    ("greys", "places", "said"),
    [
        (np.zeros((2, 3, 4), np.uint8), [0], r"greys must be .M, side, side. of uint8"),
        (np.zeros((2, 3, 3)), [0], "greys must be .* of float64"),
        (np.zeros((2, 3, 3), np.uint8), [0.5], "places must be whole numbers"),
        (np.zeros((2, 3, 3), np.uint8), 3, "places must be whole numbers"),
        (np.zeros((2, 3, 3), np.uint8), [-1], r"places must be in \[0, 18\), got -1"),
        (np.zeros((2, 3, 3), np.uint8), [18], r"places must be in \[0, 18\), got 18"),
    ],
)
def test_places_that_are_none(greys, places, said):
    """No pixel is taken for another."""
    with pytest.raises(ValueError, match=said):
        pixel_examples(greys, places)


def test_images_of_two_sizes():
    """A place means the same in both."""
    with pytest.raises(ValueError, match="test must have images of 2² pixels"):
        pixel_problem(np.zeros((1, 4)), np.zeros((1, 9)))


def test_images_that_are_none():
    """Not square, or not from 0 to 1."""
    for images in (np.zeros((2, 5)), np.full((2, 4), 1.5), np.full((2, 4), -0.1)):
        with pytest.raises(ValueError, match=r"test must be rows of side² numbers in"):
            pixel_problem(np.zeros((1, 4)), images)


# ------------------------------------------------------------- what is trained


def test_parameters_are_counted():
    """Those of arrays that are drawn."""
    for W in (1, 8, 48):
        arrays = pixel_network(W).initialise(1, rng=0)
        assert pixel_budgets._parameters(W) == sum(a[0].size for a in arrays)
        assert pixel_budgets._parameters(W) == W * W + 60 * W + 16


@pytest.mark.parametrize("D", [128, 4096, 12_800, 9_984])
def test_no_pixel_is_learnt_from_twice(small, monkeypatch, D):
    """What the steps of training see, all but the block that begins."""
    seen, honest = [], pixel_networks.pixel_examples

    def noted(greys, places):
        seen.append(places)
        return honest(greys, places)

    monkeypatch.setattr(pixel_networks, "pixel_examples", noted)
    network_on_pixels(0, problem=small, W=4, D=D, rate=0.1, members=1)
    learnt = np.concatenate(seen[1:])[:D]
    assert len(np.unique(learnt)) == D
    assert learnt.max() > small.greys.size / 2  # from all images


def test_pixels_come_again(small, monkeypatch):
    """So many different ones, whatever the length of the training."""
    seen, honest = [], pixel_networks.pixel_examples

    def noted(greys, places):
        seen.append(places)
        return honest(greys, places)

    monkeypatch.setattr(pixel_networks, "pixel_examples", noted)
    few = small._replace(greys=small.greys[:4])  # 784 pixels: a draw would repeat some
    trial = {"problem": few, "W": 4, "rate": 0.1}
    network_on_pixels(0, unique=512, D=2560, **trial)
    assert [len(np.unique(places)) for places in seen] == [512, 512]
    assert not np.array_equal(*seen)


@long
def test_few_pixels_that_come_again_are_learnt_by_heart(small):
    """Worse on others than as many new ones, by far more than members differ."""
    trial = {"problem": small, "W": 64, "D": 2**17, "rate": 0.1}
    new, old = network_on_pixels(0, **trial), network_on_pixels(0, unique=2**9, **trial)
    assert old.sel(share=1).min() > new.sel(share=1).max() + 0.3


def test_losses_along_the_way(small):
    """After 1/16, … of the steps; the same with other members; less at the end."""
    trial = {"problem": small, "W": 8, "D": 25_600, "rate": 0.2}
    three = network_on_pixels(0, members=3, **trial)
    two = network_on_pixels(0, members=2, **trial)
    np.testing.assert_allclose(three[:, :2], two, rtol=1e-4)
    assert three.share.values.tolist() == [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]
    assert (three.diff("share") < 0).all()
    assert np.log(16) > three.max() > three.min() > 0.5


@exhaustive
def test_precision_is_enough(small):
    """Single precision draws other members; in the mean they are as good."""
    trial = {"problem": small, "W": 16, "D": 64_000, "rate": 0.1, "members": 12}
    single, double = (
        network_on_pixels(0, dtype=dtype, **trial).sel(share=1)
        for dtype in ("float32", "float64")
    )
    error = np.hypot(single.std(ddof=1), double.std(ddof=1)) / np.sqrt(12)
    assert abs(single.mean() - double.mean()) < 3.5 * error
    assert error < 0.003


def test_loss_of_a_network_that_says_nothing(small):
    """Nearly equal odds at once after the start, and the frequencies of greys soon."""
    loss = network_on_pixels(0, problem=small, W=4, D=128, rate=1e-6)
    np.testing.assert_allclose(loss, np.log(16), atol=0.15)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"D": 100}, "D must be at least 128"),
        ({"D": 1000}, "D must be a multiple of 128, got 1000"),
        ({"D": 2**21}, "D must be at most 1960000, all pixels, got 2097152"),
        (
            {"unique": 2**21, "D": 2**22},
            "unique must be at most 1960000, all pixels, got 2097152",
        ),
        ({"unique": 1408}, "unique must be at most D, 1280, got 1408"),
        ({"unique": 0}, "unique must be at least 128, got 0"),
        ({"unique": 2.5}, "unique must be a whole number"),
        ({"problem": (1, 2, 3)}, "problem must be a PixelProblem .*, got tuple"),
        ({"members": 0}, "members must be at least 1"),
        ({"W": 0}, "W must be at least 1, got 0"),
        ({"rate": 0}, "rate must be"),
    ],
)
def test_what_no_training_could_use(small, change, said):
    """Named, before anything is trained."""
    trial = {"problem": small, "W": 4, "D": 1280, "rate": 0.1}
    with pytest.raises(ValueError, match=said):
        network_on_pixels(0, **trial | change)


# ------------------------------------------------------------- what is stored


@pytest.mark.parametrize("name", ["pixel_networks", "pixels_later", "pixels_again"])
def test_stored_points_are_what_they_say(name):
    """Parameters, pixels, and budgets spent to half a step in hundred."""
    found = stored.load(name)
    W = found.W.values
    np.testing.assert_array_equal(found.P, W * W + 60 * W + 16)
    assert (found.D % 128 == 0).all()
    if name == "pixels_again":
        assert (found.D / found.unique >= 4).all()
        return
    np.testing.assert_array_equal(found.unique, found.D)
    C = 6.0 * found.P * found.D
    nearest = 10 ** (np.round(2 * np.log10(C)) / 2)
    assert (abs(C / nearest - 1) < 5e-3).all()
    own = {"pixel_networks": pixel_budgets.PIXEL_BUDGETS}
    made = pixel_budgets._spent(own.get(name, pixel_budgets.LATER_BUDGETS))
    stored_points = zip(W.tolist(), found.D.values.tolist(), strict=True)
    assert {(each["W"], each["D"]) for each in made} == {*stored_points}
    budgets = pixel_budgets.PIXEL_BUDGETS | pixel_budgets.LATER_BUDGETS
    for budget in np.unique(nearest):
        near = np.isclose(nearest, budget)
        chosen = next(own for C, own in budgets.items() if np.isclose(C, budget))
        assert sorted(W[near].tolist()) == chosen


@exhaustive
@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="needs the images at full size")
def test_stored_losses_are_found_again():
    """The smallest budget: early steps tightly, where rounding grew in the mean."""
    problem = pixel_budgets._fashion(ORIGINALS)
    then = stored.load("pixel_networks")
    point = then.isel(point=int((then.P * then.D).argmin("point"))).sel(rate=0.1)
    now = network_on_pixels(
        np.random.default_rng([0, 0]),
        problem=problem,
        W=int(point.W),
        D=int(point.D),
        rate=0.1,
    ).rename(member="trial")
    np.testing.assert_allclose(now.isel(share=0), point.isel(share=0), atol=5e-3)
    assert abs(float((now - point).sel(share=1).mean())) < 0.02
