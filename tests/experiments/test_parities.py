"""Parities of many frequencies: the tasks, who learns them, what is stored of it."""

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("torch")

from scalinglib import stored
from scalinglib.experiments import many_parities, results
from scalinglib.experiments.many_parities import (
    STEPS,
    errors_of_skills,
    learned_at,
    losses_of_skills,
)
from scalinglib.experiments.parities import ParityTasks, zipf


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_frequencies_fall_as_a_power(alpha):
    """Twice the rank is 2^(1+α) times as rare, and all together are one."""
    p = zipf(1000, alpha)
    np.testing.assert_allclose(p[:500] / p[1::2], 2 ** (1 + alpha))
    assert abs(p.sum() - 1) < 1e-12


def test_each_task_can_be_told_from_its_labels():
    """One pair of bits says all about the labels of a task, every other nothing."""
    tasks = ParityTasks(0, tasks=5, bits=6)
    X, y = tasks.of_each(1, 2000)
    signs = 1 - 2 * X[:, 5:].reshape(5, 2000, 6)
    labels = 1 - 2 * y.reshape(5, 2000)
    products = np.einsum("kei,kej,ke->kij", signs, signs, labels) / 2000
    pairs = np.triu_indices(6, 1)
    found = products[:, *pairs]
    best = found.argmax(axis=1)
    assert np.transpose(pairs)[best].tolist() == tasks.pairs.tolist()
    assert len(set(best)) == 5
    np.testing.assert_array_equal(found.max(axis=1), 1)
    assert np.sort(np.abs(found), axis=1)[:, :-1].max() < 5 / np.sqrt(2000)


def test_tasks_are_drawn_as_often_as_they_are_used():
    """Counts of 200 000 examples within four standard errors, one task for each."""
    tasks, D = ParityTasks(0, tasks=20, alpha=0.5), 200_000
    X, y = tasks.draw(2, D)
    off = (X[:, :20].sum(axis=0) - D * tasks.p) / np.sqrt(D * tasks.p * (1 - tasks.p))
    assert np.abs(off).max() < 4
    assert (X[:, :20].sum(axis=1) == 1).all()
    np.testing.assert_allclose([y.mean(), X[:, 20:].mean()], 0.5, atol=0.005)


def test_fewer_examples_are_the_first_of_more():
    """Data sets are nested."""
    tasks = ParityTasks(0)
    many, few = (tasks.draw(3, D) for D in (50, 20))
    np.testing.assert_array_equal(many[0][:20], few[0])
    np.testing.assert_array_equal(many[1][:20], few[1])


@pytest.mark.parametrize("rule", ["gradient descent", "Adam"])
def test_a_stored_run_of_parities_is_made_again(rule):
    """The first 300 steps of one trial: the same losses, and one task that falls.

    A step magnifies what another machine rounds: later losses agree in the mean.
    """
    found = stored.load("parity_steps").sel(rule=rule, trial=1)
    few = STEPS[STEPS < 300]
    again = losses_of_skills(np.random.default_rng([0, 1]), rule=rule, steps=few)
    off = again - found.sel(step=few)
    assert abs(off[few < 60]).max() < 0.002
    assert np.sqrt((off**2).mean("task")).max() < 0.05
    assert abs(off.mean()) < 0.005
    assert (again[-1, 0] < 0.9) & (again[-1, 30:].mean() > 0.95)


def test_a_planted_crossing_is_found():
    """Losses c - log t cross at known times; one never does, one is there already."""
    step, c = np.geomspace(10, 1e4, 7), xr.DataArray([4.0, 7.3, 20.0, 2.0], dims="task")
    losses = c - np.log(xr.DataArray(step, {"step": step}))
    found = learned_at(losses, level=0.25)
    expected = [np.exp(3.75), np.exp(7.05), np.nan, np.nan]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_was_never_seen_is_guessed():
    """After 400 examples the first task is known, and the rarest are as for a guess."""
    error = errors_of_skills(0, D=800, steps=600).sel(of="error")
    assert error.sel(task=1) < 0.5
    rare = error.sel(task=slice(33, None))  # 32 tasks of 256 examples
    assert abs(rare.mean() - 1) < 4 * 2 * 0.5 / np.sqrt(32 * 256)


def test_stopping_early_takes_the_best_of_the_steps(monkeypatch):
    """By the mean over examples; the errors are those of the last step."""
    seen, measure = [], many_parities._bits_and_errors
    monkeypatch.setattr(
        many_parities,
        "_bits_and_errors",
        lambda *examples: seen.append(measure(*examples)) or seen[-1],
    )
    found, p = errors_of_skills(0, D=100, steps=200), ParityTasks(0).p
    means = [bits @ p for bits, _ in seen]
    assert found.sel(of="stopped").values @ p == pytest.approx(min(means))
    assert min(means) < 0.9 * means[-1]
    np.testing.assert_array_equal(found.sel(of="error"), seen[-1][1])


@pytest.mark.parametrize(
    ("name", "trial", "names"),
    [
        ("parity_steps", "losses_of_skills", ["step", "task"]),
        ("parity_data", "errors_of_skills", ["of", "task"]),
    ],
)
def test_results_of_parities_have_their_form(name, trial, names, monkeypatch):
    """Trials of a sweep, in single precision."""
    then = stored.load(name)
    like = {dim: then[dim] for dim in names}

    def quick(rng, **setting):
        (value,) = setting.values()
        value = {"gradient descent": 1, "Adam": 2}.get(value, value)
        shape = [len(values) for values in like.values()]
        return xr.DataArray(np.full(shape, value + rng.random()), like)

    monkeypatch.setattr(many_parities, trial, quick)
    made = results.find(name)()
    assert made.dims == then.dims
    assert made.coords.equals(then.coords)
    assert (made.dtype, made.attrs["seed"]) == (np.float32, then.attrs["seed"])
    first = made.isel(dict.fromkeys(names, 0))
    draws = [np.random.default_rng([0, t]).random() for t in made.trial.values]
    values = [1, 2] if name == "parity_steps" else made.D.values
    np.testing.assert_allclose(first, np.add.outer(values, draws), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zipf(0, 1.0), "tasks must be at least 1"),
        (lambda: zipf(3, 0), "alpha must be above zero, got 0"),
        (lambda: ParityTasks(0, tasks=7, bits=4), "tasks must be at most 6"),
        (lambda: ParityTasks(0, bits=1), "bits must be at least 2"),
        (lambda: ParityTasks(0).draw(0, 0), "D must be at least 1"),
        (lambda: ParityTasks(0).of_each(0, 0), "D must be at least 1"),
        (lambda: losses_of_skills(0, rule="sgd"), "rule must be one of"),
        (
            lambda: losses_of_skills(0, rule="Adam", steps=[]),
            "steps must be increasing",
        ),
        (lambda: losses_of_skills(0, rule="Adam", steps=5), "steps must be increasing"),
        (lambda: losses_of_skills(0, rule="Adam", width=0), "width must be at least 1"),
        (lambda: losses_of_skills(0, rule="Adam", rate=-1), "rate must be"),
        (lambda: errors_of_skills(0, D=0), "D must be at least 1"),
        (lambda: errors_of_skills(0, D=9, steps=29), "steps must be at least 30"),
        (lambda: learned_at([1.0, 0.2]), "losses must be a DataArray over step"),
        (lambda: learned_at(xr.DataArray([1.0], {"step": [0]})), "step must be"),
        (lambda: learned_at(xr.DataArray([1.0], {"step": [1]}), level=0), "level must"),
    ],
)
def test_rejects_problems_of_parities(call, message):
    """Bad choices are named."""
    with pytest.raises(ValueError, match=message):
        call()
