"""`spectra.exponent`: planted spectra, what it finds, and what it refuses."""

import numpy as np
import pytest
from thorough import first_of, long, some

from scalinglib.kernels import laplace
from scalinglib.spectra import exponent, tail_exponent


def planted(N, P, a, seed, *, lam=None):
    """Gaussian features with eigenvalues n^-a, or others."""
    lam = np.arange(1, P + 1) ** -a if lam is None else lam
    return np.random.default_rng(seed).standard_normal((N, P)) * np.sqrt(lam)


SHAPES = pytest.mark.parametrize(("N", "P"), [(900, 250), (300, 900)])


@SHAPES
@pytest.mark.parametrize("a", first_of([1.2, 0.8, 2.0]))
def test_the_interval_holds_the_planted_exponent(N, P, a):
    """In eight draws but for one; and it is not held by being wide."""
    drawn = [exponent(features=planted(N, P, a, s), centred=True) for s in range(8)]
    assert sum(e.covers(a) for e in drawn) >= 7
    assert np.median([np.diff(e.interval())[0] for e in drawn]) < 0.15 * a
    assert sum(e.status == "power law" for e in drawn) >= 7


@pytest.mark.parametrize("a", [0.8, 1.2])
def test_a_fit_through_eigenvalues_is_wrong(a):
    """The nearest wrong theory, over the same modes: far outside of the interval."""
    F = planted(300, 900, a, 0)
    right = exponent(features=F, centred=True)
    lam = np.linalg.eigvalsh(F @ F.T)[::-1]
    n = np.arange(round(right.window[0]), round(right.window[1]))
    fitted = -np.polyfit(np.log(n), np.log(lam[n - 1]), 1)[0]
    low, high = right.interval()
    assert abs(fitted - a) > high - low


@pytest.mark.parametrize("kind", ["uniform", "t", "lengths", "sparse"])
def test_features_need_not_be_gaussian(kind):
    """Nor rows of one length."""
    rng, (N, P) = np.random.default_rng(1), (600, 400)
    Z = {
        "uniform": lambda: rng.random((N, P)) - 0.5,
        "t": lambda: rng.standard_t(5, (N, P)),
        "lengths": lambda: (
            rng.standard_normal((N, P)) / np.sqrt(rng.chisquare(5, (N, 1)))
        ),
        "sparse": lambda: (rng.random((N, P)) < 0.1) * rng.standard_normal((N, P)),
    }[kind]()
    e = exponent(features=Z * np.arange(1, P + 1) ** -0.7, centred=True)
    assert e.covers(1.4)
    assert e.status == "power law"
    assert np.diff(e.interval())[0] < 0.3


def test_units_order_and_rotation_do_not_matter():
    """Nor whether features, their Gram matrix or its eigenvalues are given."""
    F = planted(400, 300, 1.2, 2)
    a = exponent(features=F, centred=True)
    rng = np.random.default_rng(0)
    turned = F @ np.linalg.qr(rng.standard_normal((300, 300)))[0]
    centred = F - F.mean(axis=0)
    lam = np.linalg.eigvalsh(centred.T @ centred)
    others = [
        exponent(features=1e9 * F[::-1, ::-1], centred=True),
        exponent(features=turned, centred=True),
        exponent(gram=1e-9 * F @ F.T, columns=300, centred=True),
        exponent(gram=F @ F.T, centred=True),  # its rank tells how many columns
    ]
    for other in others:
        np.testing.assert_allclose(
            [other.value, *other.interval()], [a.value, *a.interval()], rtol=1e-4
        )
    alone = {"points": 400, "columns": 300, "centred": True}
    one = exponent(eigenvalues=lam, **alone, rng=0)
    assert one.covers(a.value)
    assert np.isnan(one.mean_share)


@pytest.mark.parametrize("form", ["features", "gram"])
def test_the_mean_is_named(form):
    """A mode of its own: it changes what is said, and not the exponent."""
    F = planted(500, 300, 1.5, 3)
    moved = F + 2.0
    given = {form: moved if form == "features" else moved @ moved.T}
    given |= {"columns": 300} if form == "gram" else {}
    without, within = exponent(**given, centred=True), exponent(**given, centred=False)
    plain = exponent(features=F, centred=True)
    expected = 300 * 4 / (300 * 4 + (np.arange(1, 301) ** -1.5).sum())
    for e in (without, within):
        assert e.mean_share == pytest.approx(expected, rel=0.01)
        assert e.value == pytest.approx(plain.value, rel=1e-4)
    assert "subtracted" in without.found[0]
    assert "a mode of its own" in within.found[0]
    assert plain.found == ()


def test_kernels_of_few_coordinates():
    """On a circle a = 2, on a sphere 3/2; where points are far apart it shows."""
    rng = np.random.default_rng(0)
    x = rng.random(800)
    gap = np.abs(x[:, None] - x)
    circle = exponent(gram=np.exp(-3 * np.minimum(gap, 1 - gap)), centred=False)
    assert circle.value == pytest.approx(2, abs=0.05)
    X = rng.standard_normal((800, 3))
    K = laplace(X / np.linalg.norm(X, axis=1, keepdims=True), bandwidth=1.0)
    sphere = exponent(gram=K, centred=False)
    assert sphere.value == pytest.approx(1.5, abs=0.07)
    # Eight groups of points, bent tails: further away, or less sure.
    old = tail_exponent(K)
    closer = abs(old.value - 1.5) > abs(sphere.value - 1.5)
    assert closer or np.diff(old.interval()) > np.diff(sphere.interval())


@pytest.mark.parametrize("bent", ["cut", "floor", "faster"])
def test_what_is_no_power_law_is_not_called_one(bent):
    """Eigenvalues that end early, stand on noise, or fall faster and faster."""
    n = np.arange(1, 401)
    lam = {
        "cut": n**-1.2 * np.exp(-n / 60),
        "floor": n**-1.2 + 30**-1.2,
        "faster": np.exp(-2 * np.sqrt(n)),
    }[bent]
    e = exponent(features=planted(1200, 400, 0, 0, lam=lam), centred=True)
    assert e.status != "power law"
    assert np.diff(e.interval())[0] > 0.15


def test_other_heads_do_not_matter():
    """Three modes that are ten times too large."""
    lam = np.arange(1, 401) ** -1.2
    lam[:3] *= 10
    e = exponent(features=planted(2000, 400, 0, 0, lam=lam), centred=True)
    assert e.covers(1.2)
    assert e.value == pytest.approx(1.2, abs=0.02)


@long
def test_a_law_that_sets_in_late():
    """Its octaves come down slowly; the interval holds where they go."""
    n = np.arange(1, 501)
    lam = n**-1.2 * (1 + 0.5 * n**-0.5)
    drawn = [
        exponent(features=planted(3000, 500, 0, seed, lam=lam), centred=True)
        for seed in some(range(6), 3)
    ]
    assert sum(not e.covers(1.2) for e in drawn) <= len(drawn) // 3
    assert all(e.scales["exponent"].iloc[0] > 1.22 for e in drawn)


def test_more_points_tell_more():
    """Half the interval at 64 times the points, or less."""
    wide, narrow = (
        np.diff(exponent(features=planted(N, 300, 1.2, 5), centred=True).interval())[0]
        for N in (200, 6400)
    )
    assert narrow < wide / 4


def test_a_window_of_ones_own():
    """Only these modes are looked at, and all of them count."""
    F = planted(2000, 500, 1.2, 6)
    whole, part = (
        exponent(features=F, centred=True, window=w) for w in (None, (10, 50))
    )
    first, last = part.window
    assert 9 < first < 12
    assert 40 < last < 55
    assert part.scales["within"].all()
    assert len(part.scales) < len(whole.scales)


def test_theory_exponent():
    """It is less by one, ends at zero, and is none for a below one."""
    a = exponent(features=planted(600, 300, 1.04, 0), centred=True)
    (low, high), (alpha_low, alpha_high) = a.interval(), a.alpha_K.interval()
    assert a.alpha_K.value == a.value - 1
    assert alpha_low == max(low - 1, 0)
    assert alpha_high == pytest.approx(high - 1)
    small = exponent(features=planted(600, 300, 0.8, 0), centred=True)
    with pytest.raises(ValueError, match=r"alpha_K is a - 1 for a > 1.*here a is 0\."):
        _ = small.alpha_K


def test_a_lone_row_is_left_out():
    """And said so; columns that do not vary do not count."""
    F = planted(400, 200, 1.2, 7)
    plain = exponent(features=F, centred=True)
    spoiled = np.vstack([F, 1e4 * np.ones((1, 200))])
    spoiled = np.hstack([spoiled, np.ones((401, 7))])
    e = exponent(features=spoiled, centred=True)
    assert e.value == pytest.approx(plain.value, rel=1e-6)
    told = " ".join(e.found)
    for part in ("7 of 207 columns", "1 rows set aside"):
        assert part in told


def test_rows_that_are_mostly_silent_are_not_left_out():
    """A few that hold the signal are no outliers, however weak the others."""
    rng = np.random.default_rng(0)
    n = np.arange(1, 301)
    F = rng.standard_normal((1500, 300)) * n**-0.9 * (rng.random((1500, 1)) < 0.2)
    F = F + rng.standard_normal((1500, 300)) * n**-0.45 / 1000
    e = exponent(features=F, centred=False)
    assert e.covers(1.8)
    assert "set aside" not in " ".join(e.found)


def test_copies_stay_and_are_named():
    """Draws of few different rows are draws all the same: Walsh functions of 8 bits."""
    bits = np.random.default_rng(0).choice([-1.0, 1.0], (1000, 8))
    F = np.ones((1000, 1))
    for b in bits.T:
        F = np.hstack([F, F * b[:, None]])
    scaled = F[:, 1:] * np.arange(1, 256) ** -0.6
    for given in ({"features": scaled}, {"gram": scaled @ scaled.T, "columns": 255}):
        e = exponent(**given, centred=True)
        assert e.covers(1.2)
        assert e.value == pytest.approx(1.2, abs=0.02)
        assert "rows are copies of others, and stay" in " ".join(e.found)


def test_rows_in_order_of_time_are_named():
    """Neighbours that are alike; in another order nothing is seen, and nothing said."""
    rng = np.random.default_rng(0)
    walk = planted(1000, 200, 1.2, 0)
    for i in range(1, 1000):
        walk[i] += 0.9 * walk[i - 1]
    said = exponent(features=walk, centred=True).found
    assert "correlation 0.8" in " ".join(said)
    mixed = exponent(features=rng.permutation(walk), centred=True).found
    assert "correlation" not in " ".join(mixed)


def test_points_of_a_grid_have_no_noise():
    """All are alike, so that no error can be told; it is no failure."""
    t = np.arange(256) / 256
    gap = np.abs(t[:, None] - t)
    e = exponent(gram=np.exp(-6 * np.minimum(gap, 1 - gap)), centred=True)
    assert e.value == pytest.approx(2, abs=0.2)


def test_octaves_that_tell_nothing_do_not_count():
    """Rows that end at different modes: some octaves have no law that fits."""
    for seed in some(range(3), 1):
        rng = np.random.default_rng(seed)
        ends = rng.random((1000, 1)) ** (-1 / 0.3)
        n = np.arange(1, 1501)
        F = rng.standard_normal((1000, 1500)) * n**-0.65 * (n <= ends)
        e = exponent(features=F, centred=False)
        assert np.isfinite(e.interval()).all()
        assert (e.scales["first"] < e.scales["last"]).all()


def test_single_precision_is_not_taken_for_no_kernel():
    """Rounding of another precision is named, and what is below is left alone."""
    F = planted(500, 200, 1.2, 1)
    rough = (F.astype(np.float32) @ F.astype(np.float32).T).astype(float)
    plain = exponent(features=F, centred=True)
    e = exponent(gram=rough, columns=200, centred=True)
    assert e.value == pytest.approx(plain.value, rel=1e-3)
    assert "rounding of lower precision" in " ".join(e.found)
    steep = planted(500, 400, 2.5, 1).astype(np.float32)
    e = exponent(gram=(steep @ steep.T).astype(float), columns=400, centred=True)
    assert e.covers(2.5)
    assert e.scales["resolution"].min() > 1e-6
    moved = F + 1e4
    far = exponent(gram=moved @ moved.T, columns=200, centred=True)
    assert far.value == pytest.approx(plain.value, rel=0.01)


def test_an_unknown_end_is_reckoned_with():
    """A Gram matrix does not say how many features there are."""
    drawn = [planted(500, 1000, 1.2, seed) for seed in some(range(8), 4)]
    held = [exponent(gram=F @ F.T, centred=False).covers(1.2) for F in drawn]
    assert len(held) - sum(held) <= len(held) // 8


def test_octaves_that_drift_do_not_agree():
    """With logarithms the exponent falls from scale to scale, by more than a tenth."""
    n = np.arange(1, 2001)
    lam = n**-1.3 / np.log(n + 1) ** 2
    e = exponent(features=planted(1000, 2000, 0, 0, lam=lam), centred=True)
    assert e.status == "no power law at these scales"


F = planted(300, 100, 1.2, 0)
LAM = np.arange(1, 101.0) ** -1.2
ALONE = {"eigenvalues": LAM, "points": 300, "columns": 100, "centred": True}
REFUSED = {
    "takes one of features=, gram= and eigenvalues=, got none": {"centred": True},
    "got features and gram": {"features": F, "gram": F @ F.T, "centred": True},
    "centred must be True, if .* or False": {"features": F},
    "centred must be True or False, got 1": {"features": F, "centred": 1},
    "points is for eigenvalues": {"features": F, "centred": True, "points": 3},
    "columns is for gram and": {"features": F, "centred": True, "columns": 3},
    "no negative eigenvalue, but its least is -2 .*A ridge of 2 would": {
        "gram": F @ F.T - 2 * np.eye(300),
        "centred": False,
    },
    "eigenvalues must have no negative": ALONE | {"eigenvalues": LAM - 0.1},
    "must be all 100 .* got 50": ALONE | {"eigenvalues": LAM[:50]},
    "at most 49 above rounding": ALONE | {"points": 50},
    "points must be given with": ALONE | {"points": None},
    "columns must be given with": ALONE | {"columns": None},
    "eigenvalues must be at least 20 finite": ALONE | {"eigenvalues": np.eye(30)},
    "features must not be all zero": {"features": 0 * F, "centred": True},
    "at least 20 columns that vary, got 0": {"features": 0 * F + 1, "centred": False},
    "at least 20 different rows, got 2": {
        "features": np.vstack([np.tile(F[0], (30, 1)), F[1]]),
        "centred": True,
    },
    "nearly equal": {
        "features": np.random.default_rng(0).standard_normal((300, 200)),
        "centred": True,
    },
    "from 900 to 1000": {"features": F, "centred": True, "window": (900, 1000)},
    "window must be increasing": {"features": F, "centred": True, "window": (9, 3)},
}


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    """Each by name, with what is accepted."""
    with pytest.raises(ValueError, match=message):
        exponent(**REFUSED[message])
