"""Networks and a kernel on images of fewer classes, and of noisier ones."""

import itertools

import numpy as np
import pytest
from thorough import exhaustive

from scalinglib import stored
from scalinglib.data import load_fashion_mnist, one_hot
from scalinglib.experiments import (
    KERNELS,
    TARGETS,
    TASKS,
    convolutional_curve,
    image_networks,
    kernel_curve,
)
from scalinglib.learners import kernel_ridge


def start(trial):
    """Random numbers of a stored trial."""
    return np.random.default_rng([0, trial])


@exhaustive
def test_a_stored_curve_is_found_again():
    """Its first size: to what single precision makes of 1500 steps."""
    found = convolutional_curve(start(3), task="two at random", sizes=[256])
    then = stored.load("image_networks").sel(task="two at random", D=256).isel(trial=3)
    assert found.sel(of="loss").item() == pytest.approx(
        then.sel(of="loss").item(), rel=0.02
    )
    assert found.sel(of="error rate").item() == pytest.approx(
        then.sel(of="error rate").item(), abs=0.005
    )


@pytest.mark.parametrize("task", ["two", "noise 0.3"])
def test_stored_losses_of_the_kernel(task):
    """To rounding, whatever sizes are asked with them."""
    found = kernel_curve(start(1), task=task, sizes=[256, 1024])
    then = stored.load("image_kernels").sel(task=task, D=[256, 1024]).isel(trial=1)
    np.testing.assert_allclose(found, then, rtol=1e-3)


def test_the_kernel_merges_by_the_matrix_of_errors():
    """Even groups: their outputs are sums of those of ten classes."""
    X, y, at, _ = image_networks._problem(start(0), "ten")
    images = np.concatenate([X[at[:256]], X[image_networks.TRAIN :]])
    labels = np.concatenate([y[at[:256]], y[image_networks.TRAIN :]])
    says = kernel_ridge(KERNELS["tangent"])(images[:256], one_hot(labels[:256]))
    off = says(images[256:]) - one_hot(labels[256:])
    for task in ("ten", "five"):
        found = kernel_curve(start(0), task=task, sizes=[256])
        merged = sum((off[:, list(g)].sum(axis=1) ** 2).mean() for g in TARGETS[task])
        assert found.item() == pytest.approx(merged, rel=1e-3)


def test_tasks_share_images_and_groups_are_drawn_anew():
    """Merged at random: equal groups, others in another trial; images in one order."""
    groups = {}
    for trial in (0, 1):
        X, y, at, _ = image_networks._problem(start(trial), "five at random")
        ten = image_networks._problem(start(trial), "ten")
        np.testing.assert_array_equal(at, ten[2])
        np.testing.assert_array_equal(X, ten[0])
        classes = load_fashion_mnist()[1]
        pairs = {tuple(np.unique(classes[y == k])) for k in range(5)}
        assert sorted(c for pair in pairs for c in pair) == list(range(10))
        assert {len(pair) for pair in pairs} == {2}
        groups[trial] = pairs
    assert groups[0] != groups[1]


def test_the_step_is_chosen_on_other_images():
    """Each half of the images is measured where the *other* half says."""
    y = np.zeros(8, dtype=int)
    logits = np.zeros((2, 8, 2))
    logits[0, 0::2, 0] = logits[1, 1::2, 0] = 3  # a step good for evens, one for odds
    logits[0, 1::2, 0] = logits[1, 0::2, 0] = -1
    loss, error = image_networks._stopped_early(logits, y)
    assert loss == pytest.approx(np.log(1 + np.e))  # always the bad one
    assert error == 1


def test_noise_and_classes_do_what_the_page_says():
    """Of the stored losses, on average over trials at every size."""
    loss = stored.load("image_networks").sel(of="loss").mean("trial")
    assert [*TASKS] == loss.task.values.tolist()
    order = "two", "two at random", "five", "five at random", "ten"
    ladder = [loss.sel(task=task) for task in order]
    for low, high in itertools.pairwise(ladder):
        assert (low < high).all()
    assert (loss.sel(task="ten") < loss.sel(task="noise 0.1")).all()
    assert (loss.sel(task="noise 0.1") < loss.sel(task="noise 0.3")).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convolutional_curve(0, task="three"), "task must be one of"),
        (lambda: kernel_curve(0, task="noise 0.2"), "task must be one of"),
        (lambda: kernel_curve(0, task="ten", sizes=[20_000]), "sizes must be"),
        (lambda: convolutional_curve(0, task="ten", sizes=[]), "sizes must be"),
    ],
)
def test_rejects_tasks_and_sizes(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call()
