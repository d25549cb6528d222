"""The lab's rules as the page has them: draws, laws, fits and scores of the package."""

import functools

import numpy as np
import pytest
from lab_players import EVEN, SEEDS, SMALL, host, kind_of, played
from playing import page_of
from thorough import some, unless_touched

from scalinglib import lab, laws
from scalinglib.lab.cards import points_for
from scalinglib.lab.games import BUDGET

pytestmark = unless_touched("book/_static", "tests/book", "scalinglib/lab")

RULES = "explorables.labRules"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Folder of the built page."""
    return page_of(tmp_path_factory, host())


def test_draws_are_those_of_numpy(page):
    """Uniform, normal with their tail, and a shuffle of two, from any seed."""
    for entropy in ([271828, 0, 7], [271828, 1, 13, 16384], [4294967295, 0, 1, 2]):
        found = page.evaluate(
            """(entropy) => {
              const rng = explorables.numpyDraws.generator(entropy);
              const list = (n, draw) => Array.from({ length: n }, draw);
              return [rng.uniform(-1, 3), rng.random(), ...list(20000, rng.normal),
                ...rng.shuffled([0, 1])];
            }""",
            entropy,
        )
        rng = np.random.default_rng(entropy)
        expected = [rng.uniform(-1, 3), rng.random(), *rng.standard_normal(20_000)]
        expected += [*rng.permutation([0.0, 1.0])]
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-13)
        assert max(np.abs(found)) > 3.66  # beyond the last strip


def test_every_seed_hides_the_same_law(page):
    """Kind, parameters, noise, target and both answers, stored games or not."""
    seeds = [*SEEDS, *range(100, 300), 2**31]
    found = page.evaluate(f"(seeds) => seeds.map({RULES}.truthOf)", seeds)
    for seed, law in zip(seeds, found, strict=True):
        truth = lab.truth_of(seed)
        assert law["kind"] == kind_of(truth)
        near = functools.partial(pytest.approx, rel=1e-10)
        for name in ("noise", "target", "loss", "size"):
            assert law[name] == near(getattr(truth, name)), (seed, name)
        # By this rule the page bounds what can be said of the loss.
        steps = [-0.7 * np.log(truth.at / (n * 16384)) for n in (2, 40)]
        assert steps[0] <= np.log(truth.loss / truth.target) <= steps[1]
        floor, amplitude, early, exponent, place, width = law["theta"]
        parameters = {
            "floor": floor,
            "amplitude": np.exp(amplitude),
            "early": early,
            "exponent": exponent,
            "place": np.exp(place),
            "width": np.exp(width),
        }
        for name, value in truth.parameters.items():
            assert parameters[name] == near(value), (seed, name)


def designs():
    """Games and runs: those of both players, and of chance."""
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        share = rng.dirichlet(np.ones(11))
        by_chance = (BUDGET * share / 2 ** np.arange(4, 15)).astype(int)
        lucky = {16 * 2**k: int(n) for k, n in enumerate(by_chance) if n}
        yield from ((seed, runs) for runs in (EVEN, lucky, SMALL))


def asked(page, call, cases):
    """What a function of the page makes of (truth, runs), for each (seed, runs)."""
    listed = [[seed, {str(x): n for x, n in runs.items()}] for seed, runs in cases]
    return page.evaluate(
        f"""(cases) => cases.map(([seed, bought]) => {{
          const rules = {RULES};
          const truth = rules.truthOf(seed);
          return ({call})(rules, truth, bought);
        }})""",
        listed,
    )


def test_runs_are_the_same(page):
    """Means at each size, the scatter of a run, and local exponents with errors."""
    cases = [*designs()]
    call = "(rules, truth, bought) => rules.measured(truth, bought)"
    for (seed, runs), found in zip(cases, asked(page, call, cases), strict=True):
        curve = played(seed, runs).curve
        mean, near = curve.mean("trial"), functools.partial(pytest.approx, rel=1e-9)
        assert [p["x"] for p in found["points"]] == curve.D.values.tolist()
        assert [p["mean"] for p in found["points"]] == near(mean.values)
        squares = float(((curve / mean - 1) ** 2).sum())
        scatter = np.sqrt(squares / (sum(runs.values()) - len(runs)))
        assert found["scatter"] == near(scatter)
        middle, exponents, _ = laws.local_exponents(mean)
        assert [s["x"] for s in found["steps"]] == near(np.asarray(middle))
        assert [s["exponent"] for s in found["steps"]] == near(np.asarray(exponents))
        error = scatter / np.sqrt(list(runs.values()))
        steps = np.hypot(error[1:], error[:-1]) / np.diff(np.log([*runs]))
        assert [s["error"] for s in found["steps"]] == near(steps)


def test_fits_are_those_of_the_package(page):
    """No minimum of the package is deeper; powers and floors agree to a millionth."""
    cases = some(designs(), 6)
    call = """(rules, truth, bought) => Object.keys(rules.KINDS).map((kind) => {
      const data = rules.measured(truth, bought);
      const fit = rules.fit(kind, data);
      return fit && [kind, fit.squares, fit.misfit, data.scatter,
        [...data.points.map(({ x }) => x), rules.AT].map((x) => rules.lossOf(fit, x))];
    })"""
    same = 0
    for (seed, runs), fits in zip(cases, asked(page, call, cases), strict=True):
        mean = played(seed, runs).curve.mean("trial").astype(float)
        error = mean.values / np.sqrt(list(runs.values()))
        curve = mean.assign_coords(error=("D", error))
        assert fits[3] is not None or len(runs) < 7
        for kind, squares, misfit, scatter, losses in filter(None, fits):
            name = "break" if kind == "both" else kind
            known = {"floor": 0.0} if kind == "break" else None
            fit = laws.fit(curve, name, known=known)
            assert squares <= fit.statistic * (1 + 1e-6)
            free = {"power": 2, "floor": 3, "break": 5, "both": 6}[kind]
            root = np.sqrt(squares / (len(runs) - free)) / scatter
            assert misfit == pytest.approx(root, rel=1e-9)
            if squares >= fit.statistic * (1 - 1e-6):
                same += 1
                rel = 1e-6 if kind in ("power", "floor") else 2e-4
                expected = fit(np.array([*runs, 262144.0]))
                assert losses == pytest.approx(expected, rel=rel), (seed, kind)
    assert same >= 0.8 * sum(fit is not None for _ in cases for fit in fits)


def test_what_runs_tell_is_what_the_package_says(page):
    """The error of a design, and its efficiency against the best one."""
    cases = [*designs()]
    call = """(rules, truth, bought) => {
      const error = rules.designError(truth, bought, rules.AT);
      return Number.isFinite(error) ? error : null;
    }"""
    for (seed, runs), found in zip(cases, asked(page, call, cases), strict=True):
        truth = lab.truth_of(seed)
        expected = lab.design_error(truth, runs, truth.at)
        if expected > 100:  # these runs tell nothing
            assert found is None or found > 50
        else:
            assert found == pytest.approx(expected, rel=1e-6)


FREE = {"power": [1, 3], "floor": [0, 1, 3], "break": [1, 2, 3, 4, 5]}


def derivatives(kind, theta, sizes):
    """Of the log loss by the free parameters of a law, by complex steps."""
    columns, u = [], np.log(sizes)
    for k in FREE.get(kind, range(6)):
        moved = np.array(theta, complex)
        moved[k] += 1e-30j
        E, a, early, late, place, width = moved
        width = np.exp(width)
        bend = width * np.log1p(np.exp((u - place) / width))
        if kind in ("power", "floor"):
            early, bend = late, 0
        loss = E + np.exp(a - early * u - (late - early) * bend)
        columns.append(np.log(loss).imag / 1e-30)
    return np.stack(columns, axis=-1)


def test_widths_of_fits_are_those_of_their_covariance(page):
    """One standard error of a fitted log loss far away, by the scatter of runs."""
    cases = some(designs(), 6)
    call = """(rules, truth, bought) => Object.keys(rules.KINDS).map((kind) => {
      const data = rules.measured(truth, bought);
      const fit = rules.fit(kind, data);
      const error = fit && rules.designError({ ...fit, noise: data.scatter }, bought,
        rules.AT);
      return fit && [kind, fit.theta, data.scatter, Math.min(error, 1e300)];
    })"""
    compared = set()
    for (_, runs), fits in zip(cases, asked(page, call, cases), strict=True):
        weights = np.sqrt([*runs.values()])[:, None]
        for kind, theta, scatter, error in filter(None, fits):
            F = weights * derivatives(kind, theta, np.array([*runs], float))
            c = derivatives(kind, theta, 262144.0)
            unit = np.linalg.norm(F, axis=0)
            if not unit.all() or np.linalg.cond(F / unit) > 1e6:
                continue  # these runs tell nothing of such a law
            expected = scatter * np.linalg.norm(np.linalg.pinv(F / unit).T @ (c / unit))
            assert error == pytest.approx(expected, rel=1e-6), (kind, runs)
            compared.add(kind)
    assert compared >= {"power", "floor", "break"}


def test_scores_and_points_are_those_of_the_card(page):
    """Intervals that hold, miss, or have no end; also where a stranger knows much."""
    rng = np.random.default_rng(0)
    logs = rng.uniform([-2, 0, -1], [1, 1, 1], (40, 3))
    cases = np.exp([(y + d - w, y + d + w, y) for y, w, d in logs]).tolist()
    found = page.evaluate(
        f"(cases) => cases.map((each) => {RULES}.score('loss', ...each))", cases
    )
    expected = [laws.interval_score(*np.log(case), 0.9) for case in cases]
    assert found == pytest.approx(expected, rel=1e-9)
    cases = np.exp(rng.uniform(-3, 1, (200, 3))).tolist()
    found = page.evaluate(
        f"(cases) => cases.map((each) => {RULES}.points(...each))", cases
    )
    expected = [float(points_for(*case)) for case in cases]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert sum(0 < each < 50 for each in expected) > 40
    endless = page.evaluate(f"{RULES}.score('size', Infinity, Infinity, 1e5)")
    far = np.log(16384e4)
    assert endless == pytest.approx(laws.interval_score(far, far, np.log(1e5), 0.9))
