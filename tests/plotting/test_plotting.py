"""Figures: what is drawn is what was measured."""

import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from PIL import Image
from scipy.stats import t as student_t

from scalinglib import plotting
from scalinglib.laws import fit_power_law
from scalinglib.plotting import style

SIZES = 64.0 * 2 ** np.arange(6)


@pytest.fixture(autouse=True)
def close():
    """No figure outlives its test."""
    yield
    plt.close("all")


@pytest.fixture
def curve():
    """Ten noisy trials of a law with a floor."""
    noise = 0.02 * np.random.default_rng(0).standard_normal((6, 10))
    return (0.1 + SIZES**-0.5)[:, None] * (1 + noise)


def drawn(ax):
    """Points of the first error-bar plot on these axes."""
    return ax.containers[0].lines[0].get_xydata()


def test_points_are_means_over_trials(curve):
    """The points are the means, on logarithmic axes, and nothing is returned."""
    ax = plotting.subplots()
    assert plotting.plot_sweep(ax, SIZES, curve) is None
    np.testing.assert_allclose(drawn(ax).T, [SIZES, curve.mean(axis=1)])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_log_axes_have_plain_labels():
    """Both axes are logarithmic, with numbers instead of powers of ten."""
    ax = plotting.subplots()
    ax.plot([0.02, 3], [0.5, 40])
    plotting.log_axes(ax)
    ax.figure.canvas.draw()
    for axis, expected in ((ax.xaxis, "0.1"), (ax.yaxis, "10")):
        assert expected in [tick.get_text() for tick in axis.get_ticklabels()]


def test_offset_is_subtracted_from_everything(curve):
    """Points, fit and theory are all excess losses; points below are left out."""
    fit = fit_power_law(SIZES, curve, offset="fit", rng=0)
    ax = plotting.subplots()
    plotting.plot_sweep(ax, SIZES, curve, fit=fit, theory=fit, offset=0.16)
    kept = curve.mean(axis=1) > 0.16
    assert 0 < kept.sum() < len(SIZES)
    np.testing.assert_allclose(drawn(ax)[:, 1], curve.mean(axis=1)[kept] - 0.16)
    lines = [line for line in ax.lines if len(line.get_xdata()) == 200]
    for line in lines:
        np.testing.assert_allclose(line.get_ydata(), fit(line.get_xdata()) - 0.16)
    assert [line.get_linestyle() for line in lines] == ["--", "-"]


def test_triangle_shows_the_exponent(curve):
    """The number at the triangle is minus the exponent, where the line is straight."""
    line = fit_power_law(SIZES, curve, rng=0)
    ax = plotting.subplots()
    plotting.plot_sweep(ax, SIZES, curve, fit=line)
    assert [text.get_text() for text in ax.texts] == [f"${-line.exponent:.2f}$"]


def test_triangle_has_the_slope_it_shows(curve):
    """The drawn triangle has the slope of the law; a curved fit has none."""
    line = fit_power_law(SIZES, curve, rng=0)
    ax, other = plotting.subplots(2)
    plotting.plot_sweep(ax, SIZES, curve, fit=line)
    x, y = np.log(ax.lines[-1].get_data())
    assert (y[2] - y[0]) / (x[2] - x[0]) == pytest.approx(-line.exponent)
    bent = fit_power_law(SIZES, curve, offset="fit", rng=0)
    plotting.plot_sweep(other, SIZES, curve, fit=bent)
    assert not other.texts


def test_bars_are_intervals_of_the_mean(curve):
    """Half a bar is Student's quantile times the standard error; the label is there."""
    ax = plotting.subplots()
    plotting.plot_sweep(ax, SIZES, curve, label="a")
    (bars,) = ax.containers[0].lines[2]
    half = [np.ptp(segment[:, 1]) / 2 for segment in bars.get_segments()]
    error = curve.std(axis=1, ddof=1) / np.sqrt(10)
    np.testing.assert_allclose(half, student_t.ppf(0.975, 9) * error)
    assert ax.containers[0].get_label() == "a"


def test_bar_beyond_zero_is_cut():
    """No bar reaches zero, where a logarithmic axis has no place."""
    ax = plotting.subplots()
    plotting.plot_sweep(ax, [1, 2], [[0.1, 3.0], [0.1, 2.0]])
    (bars,) = ax.containers[0].lines[2]
    assert all((segment[:, 1] > 0).all() for segment in bars.get_segments())


def test_band_is_drawn(curve):
    """The shaded band is that of the fit."""
    fit = fit_power_law(SIZES, curve, rng=0)
    ax = plotting.subplots()
    plotting.plot_law(ax, fit, SIZES)
    edge = ax.collections[0].get_paths()[0].vertices[:, 1]
    lower, upper = fit.band_if_law(SIZES)
    assert (edge.min(), edge.max()) == pytest.approx((lower.min(), upper.max()))


def test_axis_is_named_after_the_dimension(curve):
    """A labelled curve names the horizontal axis."""
    ax = plotting.subplots()
    labelled = xr.DataArray(curve, coords={"D": SIZES, "trial": range(10)})
    plotting.plot_sweep(ax, labelled)
    assert ax.get_xlabel() == "D"


def test_curves_differ_in_colour_and_marker(curve):
    """A second curve is told from the first with and without colour."""
    ax = plotting.subplots()
    for _ in range(2):
        plotting.plot_sweep(ax, SIZES, curve)
    first, second = (container.lines[0] for container in ax.containers)
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()


def test_intervals_that_miss_stand_out(curve):
    """An interval that misses the truth is drawn differently."""
    fit = fit_power_law(SIZES, curve, rng=0)
    ax = plotting.subplots()
    plotting.plot_intervals(ax, [fit], truth=fit.exponent)
    plotting.plot_intervals(ax, [fit], truth=9.0)
    hit, miss = ax.collections
    assert tuple(hit.get_color()[0]) != tuple(miss.get_color()[0])
    assert miss.get_linewidth()[0] > hit.get_linewidth()[0]


def test_unbounded_interval_is_drawn_long(curve):
    """An interval without ends runs beyond all others instead of vanishing."""
    known = fit_power_law(SIZES, curve, rng=0)
    unknown = fit_power_law(SIZES[:2], curve[:2, 0], rng=0)
    ax = plotting.subplots()
    plotting.plot_intervals(ax, [known, unknown], truth=known.exponent)
    (first,), (second,) = (c.get_segments() for c in ax.collections)
    assert second[0, 0] < first[0, 0] < first[1, 0] < second[1, 0]


def test_style_is_applied():
    """use_style sets matplotlib's parameters."""
    with plt.rc_context():
        plotting.use_style()
        assert plt.rcParams["figure.dpi"] == plotting.STYLE["figure.dpi"]


def test_bad_input_is_named(curve):
    """The error names the argument, its value and what is accepted."""
    with pytest.raises(ValueError, match="columns must be 1, 2, 3 or 4, got 7"):
        plotting.subplots(7)
    with pytest.raises(ValueError, match="loss must be finite and positive"):
        plotting.plot_sweep(plotting.subplots(), SIZES, -curve)
    with pytest.raises(ValueError, match="offset must be below some mean loss"):
        plotting.plot_sweep(plotting.subplots(), SIZES, curve, offset=9.0)
    with pytest.raises(ValueError, match="loss is missing"):
        plotting.plot_sweep(plotting.subplots(), SIZES)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.4, 0.7], ["0.4", "0.5", "0.6", "0.7"]),
        ([0.01, 0.1], ["0.01", "0.02", "0.03", "0.05", "0.1"]),
        ([1e-9, 1e-7, 1e-2], ["$10^{-9}$", "$10^{-7}$", "$10^{-3}$"]),
        ([1e-5, 2e-4], [r"$2\times10^{-5}$", "$10^{-4}$"]),
        ([1e5, 1e6], [r"$2\times10^{5}$", "$10^{6}$"]),
    ],
)
def test_ticks_are_read_at_a_glance(values, labels):
    """Plain numbers where all are short, powers where not, a dozen at most."""
    ax = plotting.subplots()
    plotting.plot_sweep(ax, np.arange(1, len(values) + 1), values)
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    shown = [
        tick.label1.get_text()
        for tick in ax.yaxis.get_major_ticks()
        if low <= tick.get_loc() <= high
    ]
    assert set(labels) <= set(shown)
    assert len(shown) <= 12


def test_figures_of_a_notebook_are_sharp_and_small(curve):
    """A stored figure has two pixels for each of the page, few bytes, its colours."""
    ax = plotting.subplots()
    plotting.plot_sweep(ax, SIZES, curve, fit=fit_power_law(SIZES, curve, rng=0))
    stored, shown = style._palette_png(ax.figure)
    drawn = io.BytesIO()
    ax.figure.savefig(drawn, dpi=200, bbox_inches="tight")
    compact, full = (Image.open(io.BytesIO(b)) for b in (stored, drawn.getvalue()))
    assert compact.size == full.size
    assert (
        abs(2 * shown["width"] - full.width) + abs(2 * shown["height"] - full.height)
        < 3
    )
    assert len(stored) < 0.5 * len(drawn.getvalue())
    off = np.abs(
        np.subtract(*(np.asarray(i.convert("RGB"), float) for i in (compact, full)))
    )
    assert off.max() < 40
    assert off.mean() < 0.2


def test_triangle_stands_on_the_side_asked_for(curve):
    """Below the line by default, above it on request, never across."""
    fit = fit_power_law(SIZES, curve, rng=0)
    for above, ax in zip((False, True), plotting.subplots(2), strict=True):
        plotting.plot_sweep(ax, SIZES, curve, fit=fit, above=above)
        drawn = ax.lines[-1].get_transform().transform(ax.lines[-1].get_xydata())
        x, y = ax.transData.inverted().transform(drawn).T
        assert ((y > fit(x)) if above else (y < fit(x))).all()


@pytest.mark.parametrize("top", [500, 5_000, 500_000])
def test_labels_of_the_horizontal_axis_do_not_touch(top):
    """Over one decade or four, labels of both axes have room between them."""
    for ax in plotting.subplots(2):
        plotting.plot_sweep(ax, [64, top], [1.0, 0.1])
        ax.figure.canvas.draw()
        boxes = [t.get_window_extent() for t in ax.get_xticklabels() if t.get_text()]
        low, high = ax.bbox.x0 - 1, ax.bbox.x1 + 1
        boxes = sorted(
            (b for b in boxes if low < (b.x0 + b.x1) / 2 < high), key=lambda b: b.x0
        )
        assert len(boxes) >= 1
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def scaled(values, **coords):
    """A labelled curve."""
    dims = ["D", "trial"][: np.ndim(values)]
    return xr.DataArray(values, dims=dims, coords=coords)


def test_scaled_curves_show_means_and_either_sign():
    """Means over trials, intervals of the mean, one line at zero, labels."""
    values = np.random.default_rng(0).standard_normal((3, 10))
    ax = plotting.subplots()
    plotting.plot_scaled(ax, scaled(values, D=[64, 128, 256]), label="a")
    plotting.plot_scaled(ax, scaled(-values, D=[64, 128, 256]), label="b")
    np.testing.assert_allclose(drawn(ax)[:, 1], values.mean(axis=1))
    (bars,) = ax.containers[0].lines[2]
    half = np.ptp([segment[:, 1] for segment in bars.get_segments()], axis=1) / 2
    error = values.std(axis=1, ddof=1) / np.sqrt(10)
    np.testing.assert_allclose(half, student_t.ppf(0.975, 9) * error)
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "linear", "D")
    level = [line for line in ax.lines if set(line.get_ydata()) == {0}]
    assert len(level) == 1
    assert ax.get_legend_handles_labels()[1] == ["a", "b"]


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ([1.0, 2.0], "curve must be a DataArray"),
        (scaled(np.ones(2), D=[1, 2]), "curve must be a DataArray"),
        (scaled(np.ones((2, 2))), "curve must be a DataArray"),
        (scaled([[1.0, np.nan]], D=[1]), "curve must be finite"),
        (scaled(np.ones((2, 2)), D=[0, 1]), "D must be finite and positive, got 0.0"),
    ],
)
def test_rejects_what_cannot_be_scaled(curve, message):
    """A scaled curve is labelled, finite, over positive sizes."""
    with pytest.raises(ValueError, match=message):
        plotting.plot_scaled(plotting.subplots(), curve)


def test_plane_of_sizes():
    """Colours are the losses, cells surround their sizes, infinity is left blank."""
    sizes = {"D": [10, 100], "P": [1, 10, 100]}
    loss = xr.DataArray([[3.0, np.inf, 1], [2, 1, 0.5]], coords=sizes)
    ax = plotting.subplots()
    plotting.plot_plane(ax, loss, limits=(0.1, 10), label="L")
    mesh = ax.collections[0]
    assert mesh.get_array().mask.tolist() == [[False, True, False], [False] * 3]
    np.testing.assert_allclose(mesh.get_array().compressed(), [3, 1, 2, 1, 0.5])
    assert mesh.get_clim() == (0.1, 10)
    np.testing.assert_allclose(ax.get_xlim(), [10**-0.5, 10**2.5])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("P", "D")
    assert len(ax.figure.axes) == 2  # the colour bar


@pytest.mark.parametrize("limits", [(0.3, 0.9), (0.1, 10), (1e-4, 1)])
def test_colour_bar_has_numbers(limits):
    """Within a decade too, the colours of a plane can be read as losses."""
    loss = xr.DataArray(np.full((2, 2), 0.5), coords={"D": [1, 2], "P": [1, 2]})
    ax = plotting.subplots()
    plotting.plot_plane(ax, loss, limits=limits, label="L")
    bar = ax.figure.axes[1]
    ax.figure.canvas.draw()
    ends = bar.get_ylim()
    told = [
        t.get_text()
        for t, y in zip(bar.get_yticklabels(), bar.get_yticks(), strict=True)
        if ends[0] <= y <= ends[1]
    ]
    assert len([text for text in told if text]) >= 2


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (np.ones((2, 2)), "loss must be a DataArray over two dimensions"),
        (xr.DataArray(np.ones((2, 2))), "loss must be a DataArray over two dimensions"),
        (
            xr.DataArray(np.ones((2, 2)), coords={"D": [2, 1], "P": [1, 2]}),
            "D must hold at least two increasing sizes",
        ),
        (
            xr.DataArray(np.zeros((2, 2)), coords={"D": [1, 2], "P": [1, 2]}),
            "loss must be finite and positive",
        ),
    ],
)
def test_plane_rejects(loss, message):
    """What has no place on a plane of sizes is named."""
    with pytest.raises(ValueError, match=message):
        plotting.plot_plane(plotting.subplots(), loss)


def test_plane_takes_integers_and_checks_its_limits():
    """Whole numbers are losses; nan, and limits that are none, are not."""
    sizes = {"D": [1, 2], "P": [1, 2]}
    loss = xr.DataArray([[3, 2], [2, 1]], coords=sizes)
    ax = plotting.subplots()
    plotting.plot_plane(ax, loss)
    assert ax.collections[0].get_clim() == (1, 3)
    for limits in ((1,), (2, 1), (0, 1), (np.nan, 1)):
        with pytest.raises(ValueError, match="limits must be"):
            plotting.plot_plane(plotting.subplots(), loss, limits=limits)
    with pytest.raises(ValueError, match="loss must be finite and positive"):
        plotting.plot_plane(plotting.subplots(), loss * np.nan)
    with pytest.raises(ValueError, match="loss must be finite somewhere"):
        plotting.plot_plane(plotting.subplots(), loss * np.inf)


def test_areas_are_tinted_and_named():
    """A tint for each name, written once, inside its own area."""
    x, y = np.linspace(0, 1, 30), np.linspace(-1, 1, 20)
    names = np.where(x > 0.6 + 0 * y[:, None], "noise", "no noise")
    ax = plotting.subplots()
    plane = xr.DataArray(names, coords={"l": y, "q": x})
    plotting.plot_regimes(ax, plane)
    codes = ax.collections[0].get_array()
    assert codes.shape == names.shape
    assert ((codes == codes[0, -1]) == (names == "noise")).all()
    places = {text.get_text(): text.get_position() for text in ax.texts}
    assert set(places) == {"no\nnoise", "noise"}
    assert 0.2 < places["no\nnoise"][0] < 0.4  # the middle of its area
    assert 0.7 < places["noise"][0] < 0.9
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("q", "l")
    with pytest.raises(ValueError, match="over two dimensions, with coordinates"):
        plotting.plot_regimes(ax, names)
    with pytest.raises(ValueError, match="q must"):
        plotting.plot_regimes(ax, plane.isel(q=slice(None, None, -1)))
    with pytest.raises(ValueError, match="at most 6"):
        plotting.plot_regimes(ax, plane[:1, :7].copy(data=[[*"abcdefg"]]))


def test_a_name_stands_where_its_area_is_wide():
    """Not in the long thin part of it."""
    x, y = np.linspace(0, 1, 101), np.linspace(0, 1, 101)
    wide = (x < 0.2) | (abs(y[:, None] - 0.5) < 0.02)
    ax = plotting.subplots()
    names = np.where(wide, "wide", "rest")
    plotting.plot_regimes(ax, xr.DataArray(names, coords={"l": y, "q": x}))
    (place,) = [t.get_position() for t in ax.texts if t.get_text() == "wide"]
    assert place[0] < 0.15
