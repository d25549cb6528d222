"""Figures of texts: what is drawn is what was found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from made_up_texts import branching, of_parts

from scalinglib import text
from scalinglib.plotting import (
    plot_correlations,
    plot_entropies,
    plot_ngram_curves,
    subplots,
)
from scalinglib.plotting.texts import LINE, orders_shown


@pytest.fixture(scope="module")
def found():
    """All statistics of a grammar's sentences."""
    return text.analyse(text.characters(branching(20_000, rng=3)), orders=8, rng=0)


@pytest.fixture
def ax():
    """Axes that are closed again."""
    ax = subplots()
    yield ax
    plt.close(ax.figure)


def lines(ax):
    """Points of each line that has a name."""
    named = {line.get_label(): line.get_xydata() for line in ax.lines}
    errors = {bars.get_label(): bars.lines[0].get_xydata() for bars in ax.containers}
    return named | errors


def least_squares(x, y, exponent):
    """Ends of the straight line through what an exponent was read from."""
    kept = (x >= exponent.first) & (x <= exponent.last)
    slope, level = np.polyfit(np.log(x[kept]), np.log(y[kept]), 1)
    ends = np.array([exponent.first, exponent.last])
    return np.stack([ends, np.exp(level) * ends**slope], axis=1)


def test_correlations_and_where_they_are_lost(ax, found):
    """Points with two errors; a triangle for each that noise may have made."""
    plot_correlations(ax, found.correlations, exponent=found.beta)
    table, drawn = found.correlations.lags, lines(ax)
    for label, column, errors in (
        ("strength", "strength", "error"),
        ("within blocks", "local", "local_error"),
    ):
        seen = table[table[column] > 2 * table[errors]]
        np.testing.assert_array_equal(
            drawn[label], np.stack([seen.index, seen[column]], axis=1)
        )
        (bars,) = (c for c in ax.containers if c.get_label() == label)
        lengths = [np.ptp(bar[:, 1]) for bar in bars.lines[2][0].get_segments()]
        np.testing.assert_allclose(lengths, 4 * seen[errors])
    lost = table.index[table["strength"] <= 2 * table["error"]]
    assert 0 < len(lost) < len(table)
    assert drawn["lost in noise"][:, 0].tolist() == lost.tolist()
    np.testing.assert_array_equal(drawn["all counts"][:, 1], table["raw"])


def test_noise_and_law_are_those_of_the_text(ax, found):
    """The dashed line is c / √D, the law is least squares over its range."""
    plot_correlations(ax, found.correlations, exponent=found.beta)
    drawn, correlations = lines(ax), found.correlations
    floor = correlations.noise / np.sqrt(correlations.D)
    np.testing.assert_allclose(drawn[r"noise, $c / \sqrt{D}$"][:, 1], floor)
    strength = correlations.lags["strength"]
    (law,) = (xy for label, xy in drawn.items() if "propto" in label)
    expected = least_squares(strength.index.to_numpy(), strength, found.beta)
    np.testing.assert_allclose(law, expected)
    low, high = ax.get_ylim()
    assert low < strength[strength > 0].min() or low < floor
    assert low < law.min()
    assert law[:, 1].max() < high


def test_without_an_exponent_there_is_no_law(ax, found):
    """Nor is anything else lost."""
    plot_correlations(ax, found.correlations)
    assert not any("propto" in label for label in lines(ax))
    assert "strength" in lines(ax)


def test_counts_that_are_not_correlated_have_no_picture(ax):
    """A logarithmic axis has no place for zero."""
    alone = text.correlations(np.r_[np.zeros(5000, int), 1], rng=0)
    with pytest.raises(ValueError, match="correlations must be above zero at some lag"):
        plot_correlations(ax, alone)


def test_losses_and_their_envelope(ax, found):
    """A line for each order that is shown, and the least of all orders."""
    plot_ngram_curves(ax, found.curves, exponent=found.measured)
    losses = found.curves.losses
    thin = [line.get_xydata() for line in ax.lines[: len(orders_shown(8))]]
    for n, line in zip([0, 1, 2, 3, 4, 6, 8], thin, strict=True):
        np.testing.assert_array_equal(line, np.stack([losses.D, losses.sel(n=n)], 1))
    drawn = lines(ax)
    np.testing.assert_array_equal(
        drawn["the best of all"][:, 1], losses.values.min(axis=0)
    )
    (law,) = (xy for label, xy in drawn.items() if "propto" in label)
    best = losses.values.min(axis=0)
    np.testing.assert_allclose(
        law, least_squares(losses.D.values, best, found.measured)
    )


def test_orders_stand_at_the_ends_of_their_lines(ax, found):
    """From the highest loss down, apart enough to be read, and on the picture."""
    plot_ngram_curves(ax, found.curves)
    last = found.curves.losses.isel(D=-1)
    labels = [(a.get_text(), np.log(a.xy[1])) for a in ax.texts]
    names = [name.removeprefix("n = ") for name, _ in labels]
    expected = sorted(orders_shown(8), key=lambda n: -float(last.sel(n=n)))
    assert names == [str(n) for n in expected]
    low, high = np.log(ax.get_ylim())
    heights = np.array([height for _, height in labels])
    assert (np.diff(heights) < -0.8 * LINE * (high - low)).all()
    assert low < heights.min()
    assert heights.max() < high
    moved = heights - np.log([float(last.sel(n=n)) for n in expected])
    assert abs(moved).max() < 2 * LINE * (high - low)
    np.testing.assert_allclose(moved.sum(), 0, atol=1e-9)


def test_lines_that_end_together_have_labels_apart(ax):
    """Of a periodic text all orders but the first lose the same, hardly anything."""
    curves = text.ngram_curves(np.arange(4000) % 2, orders=12, rng=0)
    plot_ngram_curves(ax, curves)
    ax.figure.canvas.draw()
    low, high = np.log(ax.get_ylim())
    heights = np.log([label.xy[1] for label in ax.texts])
    assert len(heights) == len(orders_shown(12))
    assert (np.diff(heights) < -0.5 * LINE * (high - low)).all()
    assert heights.min() > low + 0.3 * LINE * (high - low)


def test_entropies_lie_in_their_band(ax, found):
    """Bounds, values and plug-in; the lowest value is above the foot."""
    plot_entropies(ax, found.curves, exponent=found.gamma)
    table = found.curves.entropies.loc[1:]
    drawn = lines(ax)
    values = np.stack([table.index, table["value"]], axis=1)
    np.testing.assert_array_equal(drawn["entropy"], values)
    plug_in = drawn["frequencies taken\nat their word"]
    np.testing.assert_array_equal(plug_in[:, 0], table.index)
    foot = ax.get_ylim()[0]
    expected = found.curves.plug_in.values[1:]
    seen = expected > foot
    np.testing.assert_array_equal(plug_in[seen, 1], expected[seen])
    assert (plug_in[~seen, 1] < foot).all()
    band = ax.collections[0].get_paths()[0].vertices
    for n, row in table.iterrows():
        ends = band[band[:, 0] == n, 1]
        assert ends.max() == row["high"]
        assert ends.min() == row["low"] or row["low"] < foot
    np.testing.assert_allclose(foot, table["value"].min() / 2)
    (law,) = (xy for label, xy in drawn.items() if "propto" in label)
    n, value = table.index.to_numpy(), table["value"].to_numpy()
    np.testing.assert_allclose(law, least_squares(n, value, found.gamma))


def test_entropies_that_are_zero_have_no_picture(ax):
    """Nor has order 0 alone."""
    known = text.ngram_curves(np.arange(4000) % 2, orders=3, rng=0)
    alone = text.ngram_curves(np.arange(4000) % 2, orders=0, rng=0)
    for curves in (known, alone):
        with pytest.raises(ValueError, match="curves must be of orders above 0"):
            plot_entropies(ax, curves)


def test_two_orders_an_octave_are_shown():
    """And the last one, whatever it is."""
    assert orders_shown(16) == [0, 1, 2, 3, 4, 6, 8, 12, 16]
    assert orders_shown(7) == [0, 1, 2, 3, 4, 6, 7]
    assert orders_shown(5) == [0, 1, 2, 3, 4, 5]
    assert [orders_shown(n) for n in range(3)] == [[0], [0, 1], [0, 1, 2]]


def test_within_blocks_a_text_of_parts_has_nothing(ax):
    """Squares are missing where circles stand: only parts differ."""
    mixed = text.characters(of_parts(20_000, part=7000, rng=0))
    plot_correlations(ax, text.correlations(mixed, rng=0))
    drawn = lines(ax)
    assert len(drawn.get("within blocks", ())) < len(drawn["strength"]) / 2
