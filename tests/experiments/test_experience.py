"""Learning from curves: examples, gradients, and the stretch of what was left out."""

import numpy as np
import pytest
from scipy.special import ndtri
from thorough import exhaustive, long

from scalinglib import data
from scalinglib.experiments import examples, experience, weighing
from scalinglib.laws.experience import shipped_experience as shipped


def curves(every=40):
    """A few of the curves that ship and are not held back."""
    table = data.load_learning_curves()
    table = table[table["dataset"] % data.HELD_BACK != 0]
    for k, ((dataset, _), rows) in enumerate(table.groupby(["dataset", "learner"])):
        if k % every == 0:
            wide = rows.pivot(index="D", columns="trial", values="error")
            yield dataset, wide.index.to_numpy(float), wide.to_numpy()


@pytest.fixture(scope="module")
def chosen():
    """Examples of a few curves."""
    return list(examples.examples_of(curves()))


def test_examples_are_what_comes_later(chosen):
    """Of three kinds, at horizons near those asked for, with truths of the curve."""
    assert {example.kind for example in chosen} == {"trials", "thinned", "single"}
    for example in chosen:
        assert example.ahead > 0.6
        assert (example.error is None) == (example.kind == "single")
        assert len(example.u) >= 3
    group, x, loss = next(iter(curves()))
    ends = [e for e in chosen if e.group == group and e.kind == "trials" and e.largest]
    assert len(ends) == 4
    for end, horizon in zip(ends, examples.HORIZONS, strict=True):
        assert end.truth == pytest.approx(np.log(np.nanmean(loss[-1])))
        assert end.ahead >= horizon - 1e-9
        assert end.u[-1] + end.ahead == pytest.approx(np.log(x[-1]))


def test_folds_keep_data_sets_together():
    """Curves of one data set are in one fold, and every fold has some."""
    groups = np.repeat(np.arange(20), 7)
    fold = examples.folds(groups)
    assert all(len(set(fold[groups == g])) == 1 for g in range(20))
    assert np.bincount(fold).tolist() == [28] * 5


def test_gradient_of_the_objective(chosen):
    """Each kind of parameter, by central differences."""
    stack = weighing._stack(chosen[::25])
    theta = weighing._start() + np.random.default_rng(0).normal(
        0, 0.3, len(weighing._start())
    )
    _, slope = weighing._objective(theta, stack)
    for k in range(0, len(theta), 11):
        step = np.zeros_like(theta)
        step[k] = 1e-2
        ends = [weighing._objective(theta + s * step, stack)[0] for s in (1, -1)]
        assert slope[k] == pytest.approx((ends[0] - ends[1]) / 2e-2, abs=2e-5)


def test_learning_makes_truths_more_probable(chosen):
    """A few rounds on a few examples lower the surprise, and weights stay weights."""
    few = chosen[::20]
    stack = weighing._stack(few)
    before, _ = weighing._objective(weighing._start(), stack)
    model = weighing.learn(few, rounds=5)
    logs = model.shapes, model.noise, model.unknown, *model.processes, *model.surprises
    for each in logs:
        assert np.exp(each).sum() == pytest.approx(1)
    after = -np.mean([_density(model, k, stack) for k in range(len(few))])
    assert after < before


def _density(model, k, stack):
    """Log density of the truth of one example."""
    prior = model.prior(bool(stack.known[k]))
    evidence = stack.evidence[k][..., : prior.shape[2]]
    size = 10 * np.exp(stack.size[k])
    weight = model.weights(evidence, size, bool(stack.known[k]))
    shares = np.exp(model.surprises)[weighing.kept.GROUP].T[:, :, None, None]
    density = (shares * stack.density[:, k, ..., : prior.shape[2]]).sum(axis=0)
    return np.log((weight * density).sum() + weighing.FLOOR)


@long
def test_the_stretch_finds_what_was_planted():
    """Scores twice as wide below, and shifted: the six numbers say so."""
    rng = np.random.default_rng(0)
    z, ahead = rng.standard_normal(8000), rng.uniform(0.7, 3.0, 8000)
    scores = 0.3 + np.where(z < 0, 2.0, 1.0) * z
    numbers = experience.stretch(scores, ahead, 3.1)
    np.testing.assert_allclose(numbers[:3], [0.3, np.log(2), 0], atol=0.08)
    np.testing.assert_allclose(numbers[3:], 0, atol=0.1)


@exhaustive
def test_what_ships_holds_on_what_it_learned_from(chosen):
    """Quantiles of the largest sizes, near their shares; other numbers would fail."""
    ends = [e for e in examples.examples_of(curves(20)) if e.largest]
    z = experience.scores(ends, shipped())
    for level in (0.5, 0.9):
        held = np.mean(np.abs(z) <= ndtri((1 + level) / 2))
        assert abs(held - level) < 0.15


def test_what_is_written_is_read(tmp_path):
    """Four digits of every number."""
    experience.write(shipped(), tmp_path / "experience.json")
    there = experience.kept.__file__.replace("experience.py", "experience.json")
    with open(there) as kept:
        assert (tmp_path / "experience.json").read_text() == kept.read()
