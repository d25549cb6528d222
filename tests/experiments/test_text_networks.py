"""Transformers that learn a text: what they learn from, and their stored losses."""

import numpy as np
import pytest
from thorough import exhaustive

pytest.importorskip("torch")

from scalinglib import data, stored, text
from scalinglib.experiments import text_networks
from scalinglib.experiments.text_networks import text_problem, transformer_on_text


@pytest.fixture(scope="module")
def problem():
    """The problem of a text that counts: each token tells the next."""
    return text_problem(np.arange(100 * 1024) % 10)


@pytest.fixture(scope="module")
def then():
    """The stored losses."""
    return stored.load("king_james_transformers")


def test_blocks_are_dealt_out_once():
    """Each block of the text is in one part, and what is left over in none."""
    tokens = np.arange(100 * 1024 + 7) // 1024  # a block is its number
    problem = text_problem(tokens)
    assert [len(part) for part in problem[1:]] == [8, 2, 90]
    found = np.concatenate(problem[1:])
    assert (found == found[:, :1]).all()
    assert sorted(found[:, 0].tolist()) == list(range(100))
    assert problem.V == 101


def test_the_test_is_that_of_the_curves_of_ngrams():
    """The blocks that these hold out: without them they say what they said with all."""
    tokens = text.characters(data.load_text("king_james")[: 2**17], lower=True).ids
    problem = text_problem(tokens)
    sizes = [len(problem.learned) // 2 * 1024]
    whole = text.ngram_curves(tokens, orders=1, sizes=sizes, trials=1, rng=0)
    # Held out first, then learned from, in the order drawn.
    drawn = np.random.default_rng(0).permutation(128)
    tried = round(0.08 * 128)
    blocks = tokens.reshape(128, 1024)
    np.testing.assert_array_equal(problem.test, blocks[drawn[:tried]])
    counts = np.zeros((37, 37))
    for block in blocks[drawn[tried : tried + sizes[0] // 1024]]:
        np.add.at(counts, (block[:-1], block[1:]), 1)
    nats = []
    for block in problem.test:
        nats += (-np.log((counts + 0.1) / (counts + 0.1).sum(1, keepdims=True)))[
            block[:-1], block[1:]
        ].tolist()
    # Of order 1, with a tenth of a count for each: near that of Kneser and Ney.
    assert float(whole.losses.sel(n=1)[0]) == pytest.approx(np.mean(nats), abs=0.02)


@exhaustive
def test_a_trial(problem):
    """What is learned by heart from the text is known on the test; not the first."""
    loss = transformer_on_text(0, problem=problem, blocks=8, W=16, steps=60)
    assert loss.dims == ("part", "n")
    assert loss.shape == (3, 64)
    assert loss.part.values.tolist() == ["test", "choosing", "learned"]
    assert (loss[:, 0] > 0.9 * np.log(10)).all()
    assert (loss[:, 8:] < 0.5).all()


def test_trials_draw_blocks_of_their_own(monkeypatch, problem):
    """As many as asked for, each once; the same for the same seed."""
    seen = []

    class Model:
        def losses(self, blocks):
            return np.zeros((len(blocks), 64))

    def language_model(V, **options):
        return lambda blocks: seen.append(blocks) or Model()

    monkeypatch.setattr(text_networks.networks, "language_model", language_model)
    numbered = problem._replace(learned=np.arange(90)[:, None].repeat(1024, axis=1))
    for seed in (0, 0, 1):
        loss = transformer_on_text(seed, problem=numbered, blocks=70, W=16, steps=1)
        assert loss.sel(part="learned").sum() == 0
    first, again, other = (blocks[:, 0].tolist() for blocks in seen)
    assert first == again != other
    assert len(set(first)) == len(set(other)) == 70


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"problem": 3}, "problem must be a TextProblem of text_problem, got int"),
        ({"blocks": 91}, "blocks must be at most 90, all of them, got 91"),
        ({"blocks": 0}, "blocks must be at least 1"),
        ({"W": 24}, "W must be a multiple of 16, got 24"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"rate": -1.0}, "rate must be"),
    ],
)
def test_what_is_refused(problem, change, said):
    """By name, with what is accepted."""
    good = {"problem": problem, "blocks": 8, "W": 16, "steps": 1}
    with pytest.raises(ValueError, match=said):
        transformer_on_text(0, **good | change)


def test_a_text_must_be_long():
    """64 blocks at least."""
    with pytest.raises(ValueError, match="tokens must"):
        text_problem(np.arange(1000) % 3)


# ------------------------------------------------------------- what is stored


def test_stored_points_are_what_they_say(then):
    """Sizes, widths, steps and trials as they were asked for."""
    asked = [
        (each["blocks"] * 1024, each["W"], each["steps"], t)
        for trials, points in text_networks.TEXT_POINTS.items()
        for each in points
        for t in range(trials)
    ]
    columns = (then[name].values.tolist() for name in ("D", "W", "steps", "trial"))
    assert sorted(zip(*columns, strict=True)) == sorted(asked)
    assert (then.P == 2 * (12 * then.W**2 + 2 * then.W) + 39 * then.W).all()


@exhaustive
def test_stored_losses_are_found_again(then):
    """The shortest training: to what rounding makes of it."""
    problem = text_networks._king_james()
    points = text_networks.TEXT_POINTS[2]
    point = min(points, key=lambda each: each["steps"] * each["W"] ** 2)
    kept = {"D": point["blocks"] * 1024, "W": point["W"], "steps": point["steps"]}
    kept["trial"] = 0
    place = np.logical_and.reduce([then[name] == kept[name] for name in kept])
    rng = np.random.default_rng([0, 0])
    now = transformer_on_text(rng, problem=problem, **point)
    np.testing.assert_allclose(now, then[place][0], atol=0.02)
