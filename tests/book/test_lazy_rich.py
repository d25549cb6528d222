"""From lazy to rich, as a reader moves it: numbers, pictures, what is refuted."""

import numpy as np
import pytest
from playing import hosts, pictured, play, table
from playwright.sync_api import expect
from scipy.integrate import solve_ivp
from scipy.special import zeta
from thorough import some, unless_touched

from scalinglib import theory

pytestmark = unless_touched("book/_static", "book/_ext", "tests/book")

KIND = "lazy-rich"
PAGE = (
    f"""<div class="{KIND}" data-beta="0.5" data-gamma="0.3" data-t="100000"></div>"""
)
BESIDE, UP_TO, STEP = (
    3000,
    36,
    0.005,
)  # modes one by one; then their logarithm, in steps


def modes(beta):
    """Eigenvalues and powers of all modes, by the midpoint and Simpson's rules."""
    one = np.arange(1.0, BESIDE + 1)
    start = np.log(BESIDE + 0.5)
    far = start + STEP * np.arange(2 * int((UP_TO - start) / STEP / 2) + 1)
    weights = STEP / 3 * np.r_[1, np.tile([4, 2], far.size // 2)[:-1], 1]
    k = np.r_[one, np.exp(far)]
    v2 = k ** (-1 - 2 * beta) * np.r_[np.ones_like(one), weights * np.exp(far)]
    v2[-1] += k[-1] ** (-2 * beta) / (2 * beta)
    assert v2.sum() == pytest.approx(zeta(1 + 2 * beta), rel=1e-8)
    return {"lam": k**-2, "v2": v2 / v2.sum()}


def package(t, beta, gamma):
    """The package's loss and kernel, at times."""
    return theory.gradient_flow(np.atleast_1d(t), richness=gamma, **modes(beta))


def shown(page, **setting):
    """Set the sliders; what they and the numbers hold, in full."""
    now = play(page, KIND, **setting)
    return now | {key: 10 ** now[key] for key in ("gamma", "t") if key in setting}


def random_settings(count):
    """Positions of all sliders, anywhere."""
    rng = np.random.default_rng(2)
    for _ in range(count):
        yield {
            "beta": rng.uniform(0.1, 2),
            "gamma": rng.uniform(-2, 1),
            "t": rng.uniform(0, 7),
        }


# ---------------------------------------------------------------- the numbers


def test_numbers_are_those_of_the_package(page):
    """Losses, kernel, slopes, the lazy time of a loss, and when the kernel doubles."""
    for setting in some(random_settings(16), 6):
        now = shown(page, **setting)
        beta, gamma, t = now["beta"], now["gamma"], now["t"]
        of = modes(beta)
        (loss,), (kernel,) = package(t, beta, gamma)
        lazily = package([t, now["time-lazy"]], beta, 0).loss
        expected = {
            "loss-lazy": lazily[0],
            "loss-rich": loss,
            "loss-factor": lazily[0] / loss,
            "kernel": kernel,
            "time-rich": t,
            "time-factor": now["time-lazy"] / t,
        }
        for key, (time, speed) in {
            "slope-lazy": (t, 1),
            "slope-rich": (now["time-lazy"], t * kernel / now["time-lazy"]),
        }.items():
            left = of["v2"] * np.exp(-2 * of["lam"] * time)
            expected[key] = 2 * time * speed * (left @ of["lam"]) / left.sum()
        expected["slope-factor"] = expected["slope-rich"] / expected["slope-lazy"]
        for key, value in expected.items():
            assert now[key] == pytest.approx(value, rel=2e-6), (key, setting)
        assert lazily[1] == pytest.approx(loss, rel=2e-6)
        if now["twice"] and now["twice"] < 1e12:
            assert package(now["twice"], beta, gamma).growth[0] == pytest.approx(
                2, rel=1e-6
            )
            if now["delay"] and now["delay"] < 1e3:
                later = now["twice"] * now["delay"]
                twice = package(later, beta, gamma / 2).growth[0]
                assert twice == pytest.approx(2, rel=1e-6)


def test_the_clock_is_that_of_an_integrator(page):
    """The lazy time, by an adaptive method of high order, to ten millionths."""
    for beta, gamma, t in ((0.3, 2.0, 1e4), (1.2, 10.0, 1e2), (1.0, 0.05, 1e6)):
        of = modes(beta)

        def speed(_, log_tau, of=of, gamma=gamma):
            # d log tau / d log t needs t: integrate t over log tau instead.
            gone = -np.expm1(-of["lam"] * np.exp(log_tau))
            S = of["v2"] / of["lam"] @ gone**2
            return 2 / (1 + np.sqrt(1 + 4 * gamma**2 * S))

        tau = page.evaluate(
            "([b, g, t]) => explorables.lazyRich.solve(b, g, t).rich.tau",
            [beta, gamma, t],
        )
        found = solve_ivp(
            lambda u, _: [np.exp(u) * speed(u, u)],
            (np.log(1e-7), np.log(tau)),
            [1e-7],
            "DOP853",
            rtol=1e-10,
            atol=1e-14,
        )
        assert found.y[0, -1] == pytest.approx(t, rel=1e-7)


def test_slopes_are_slopes(page):
    """The slope at a time is what two times close to it give."""
    for setting in some(random_settings(12), 4):
        now = shown(page, **setting)
        around = now["t"] * np.exp([-0.01, 0.01])
        for key, gamma in (("slope-lazy", 0), ("slope-rich", now["gamma"])):
            early, late = np.log(package(around, now["beta"], gamma).loss)
            assert now[key] == pytest.approx((early - late) / 0.02, abs=2e-3)


def test_exponents_are_those_of_the_theorem(page):
    """β and 2β/(1 + β) below one, β from there on; slopes come to them."""
    for beta in (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 2.0):
        now = shown(page, beta=beta, gamma=1, t=7)
        rich = 2 * beta / (1 + beta) if beta < 1 else beta
        found = [now[f"exponent-{part}"] for part in ("lazy", "rich", "factor")]
        assert found == pytest.approx([beta, rich, rich / beta], rel=1e-12)
        if beta != 1:  # where logarithms are left
            assert now["slope-lazy"] == pytest.approx(beta, abs=1e-5)
            assert now["slope-rich"] == pytest.approx(rich, abs=0.02)


def test_the_kernel_of_an_easy_task_comes_to_an_end(page):
    """Its norm is a quotient of Riemann's function; without one there is a dash."""
    for beta, gamma in ((1.05, 0), (1.5, 1), (2.0, -2), (1.3, 0.3)):
        now = shown(page, beta=beta, gamma=gamma, t=7)
        norm = zeta(2 * beta - 1) / zeta(2 * beta + 1)
        end = (1 + np.sqrt(1 + 4 * 100**gamma * norm)) / 2
        assert now["end"] == pytest.approx(end, rel=1e-6)
        assert now["kernel"] < end
    assert shown(page, beta=1, gamma=1, t=7)["end"] is None
    assert shown(page, beta=0.5, gamma=1, t=7)["end"] is None


# ---------------------------------------------------------- what it refutes


def test_a_small_richness_is_not_slow(page):
    """Nowhere is a rich loss above the lazy one; before the turn they are one."""
    for beta in (0.2, 0.5, 1.5):
        at = [shown(page, beta=beta, gamma=g, t=1.5) for g in (-2, -1, 0, 1)]
        losses = [now["loss-rich"] for now in at]
        assert losses == sorted(losses, reverse=True)
        assert losses[0] <= at[0]["loss-lazy"]
        assert losses[0] == pytest.approx(at[0]["loss-lazy"], rel=0.005)


def test_the_turn_moves_with_the_richness(page):
    """A tenth of γ: 10^(2/(1-β)) times later, where the norm is a power of time."""
    for beta, within in ((0.1, 0.03), (0.25, 0.03), (0.5, 0.03)):
        early, late = (shown(page, beta=beta, gamma=g, t=5)["twice"] for g in (-1, -2))
        assert np.log10(late / early) == pytest.approx(2 / (1 - beta), rel=within)


def test_features_do_not_always_change_the_exponent(page):
    """An easy task gains the factor of its kernel in time, and no slope."""
    now = shown(page, beta=1.5, gamma=1, t=7)
    assert now["time-factor"] == pytest.approx(now["end"], rel=0.002)
    assert now["slope-factor"] == pytest.approx(1, abs=0.001)
    assert now["loss-factor"] > 40


# --------------------------------------------------------------- the pictures


@pytest.mark.parametrize("setting", [(0.5, -0.5, 5), (1.5, 1, 2), (0.1, -2, 0)])
def test_losses_are_drawn_to_scale(page, widget, setting):
    """Both curves, read off by the ticks; the dots lie on them, at the time."""
    beta, log_gamma, log_t = setting
    now = shown(page, beta=beta, gamma=log_gamma, t=log_t)
    panel = widget.locator("[data-panel=loss]")
    for mark, gamma, dot in (
        ("along-D", now["gamma"], "dot-D"),
        ("along-P", 0, "dot-P"),
    ):
        css = f"polyline[data-mark={mark}]"
        log_time, drawn = pictured(panel, css)
        loss = package(10**log_time, beta, gamma).loss
        assert drawn == pytest.approx(np.log10(loss), abs=0.03)
        assert log_time.min() < -1
        assert log_time.max() > 7
        points = panel.locator(css).get_attribute("points").split()
        pixels = np.array([point.split(",") for point in points], float)
        place = panel.locator(f"[data-mark={dot}]")
        x, y = (float(place.get_attribute(name)) for name in ("cx", "cy"))
        scale = np.polyfit(log_time, pixels[:, 0], 1)
        assert x == pytest.approx(np.polyval(scale, log_t), abs=0.5)
        assert y == pytest.approx(np.interp(x, *pixels.T), abs=0.7)
    turn, _ = pictured(panel, "polyline[data-mark=floor]")
    assert turn == pytest.approx(np.log10(now["twice"]), abs=0.03)
    way = pictured(panel, "polyline[data-mark=level]")
    times = [log_t, log_t, np.log10(now["time-lazy"])]
    assert way[0] == pytest.approx(times, abs=0.03)
    assert way[1][1:] == pytest.approx(np.log10(now["loss-rich"]), abs=0.03)


def test_exponents_are_drawn_to_scale(page, widget):
    """Line, curve, the dots of the task on both, and the ring at the slope."""
    now = shown(page, beta=0.4, gamma=-1, t=4)
    panel = widget.locator("[data-panel=exponents]")
    beta, lazy = pictured(panel, "polyline[data-mark=along-P]")
    assert lazy == pytest.approx(beta, abs=0.01)
    beta, rich = pictured(panel, "polyline[data-mark=along-D]")
    assert rich == pytest.approx(beta * np.maximum(1, 2 / (1 + beta)), abs=0.01)
    points = panel.locator("polyline[data-mark=along-P]").get_attribute("points")
    ends = np.array([points.split()[i].split(",") for i in (0, -1)], float)
    for mark, key in (
        ("dot-P", "exponent-lazy"),
        ("dot-D", "exponent-rich"),
        ("ring", "slope-rich"),
    ):
        place = panel.locator(f"[data-mark={mark}]")
        at = np.array([float(place.get_attribute(name)) for name in ("cx", "cy")])
        share = (at - ends[0]) / (ends[1] - ends[0])
        assert 2 * share == pytest.approx([0.4, now[key]], abs=0.01)


def test_a_slope_beyond_the_picture_has_no_ring(page, widget):
    """While the first mode of an easy task is learned the slope is very steep."""
    ring = widget.locator("[data-mark=ring]")
    now = shown(page, beta=2, gamma=1, t=7)
    expect(ring).to_have_count(1)
    assert now["slope-rich"] < 2.4
    steep = shown(page, beta=2, gamma=-2, t=0.2)
    assert steep["slope-rich"] > 2.4
    expect(ring).to_have_count(0)


# ------------------------------------------------------------ words and page


def test_sentences_tell_hard_from_easy(page, widget):
    """In words: what is still lazy, what has turned, what ends, and the border."""
    summary = widget.locator(".law-summary")
    for setting, said in (
        ({"beta": 0.5, "gamma": -1, "t": 2}, "still lazy"),
        ({"t": 7}, "The kernel doubled"),
        ({"beta": 1}, "On the border"),
        ({"beta": 1, "gamma": -2, "t": 0}, "Lazy training needs as long for the same"),
        ({"beta": 1, "gamma": 1, "t": 7}, "times as long for the same"),
        ({"beta": 1.5, "gamma": 1}, "the slope stays"),
        ({"gamma": -2}, "the two curves are one"),
        ({"beta": 0.95}, "does not double in any time that counts"),
    ):
        play(page, KIND, **setting)
        expect(summary).to_contain_text(said)
    assert widget.locator("data[data-value=twice]").inner_text() == "–"


def test_presets_are_what_they_say(page, widget):
    """The hard ones gain an exponent, sooner or later, the easy one does not."""
    told = {
        "hard": 0.5,
        "hard, nearly lazy": 0.5,
        "very hard": 0.1,
        "easy, very rich": 1.5,
    }
    turns = []
    for name, beta in told.items():
        widget.get_by_role("button", name=name, exact=True).click()
        now = play(page, KIND)
        assert now["exponent-lazy"] == beta
        assert (now["exponent-factor"] > 1.3) == (beta < 1)
        turns.append(now["twice"])
    assert turns[1] > 1000 * turns[0]


def test_the_table_of_the_page_holds():
    """What paper has: exponents, when the kernel doubles, what lazy training takes."""
    rows = [[float(cell) for cell in row] for row in table(hosts()[KIND])]
    assert len(rows) >= 4
    for beta, gamma, lazy, rich, twice, t, factor in rows:
        exponents = [beta, beta * max(1, 2 / (1 + beta))]
        assert [lazy, rich] == pytest.approx(exponents, abs=0.005)
        assert package(twice, beta, gamma).growth[0] == pytest.approx(2, rel=0.02)
        loss = package(t, beta, gamma).loss
        assert package(t * factor, beta, 0).loss == pytest.approx(loss, rel=0.05)
