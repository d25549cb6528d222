"""What every public function accepts: for each parameter a value, and what is refused.

`DOMAINS` is data. The tests in `test_domains.py` are made from it: the good values are
accepted together, each bad one is refused by the name of its parameter, and no public
function and no parameter is missing. A new function costs one entry here.
"""

import functools

import numpy as np
from accepted import (
    Domain,
    above_zero,
    array,
    but,
    choice,
    free,
    function,
    integers,
    number,
    seed,
    whole,
)
from domains_of_dynamics import DOMAINS_OF_DYNAMICS, DOMAINS_OF_REGIMES
from domains_of_laws import DOMAINS_OF_LAWS, LOSS, SIZES
from domains_of_text import DOMAINS_OF_TEXT

from scalinglib import (
    geometry,
    kernels,
    lab,
    laws,
    learners,
    networks,
    spectra,
)
from scalinglib.laws import surfaces

rng = np.random.default_rng(0)
X = rng.random((200, 3))
Y = X[:, 0] + 0.1 * rng.standard_normal(200)
NET = networks.MLP([3, 5, 2])
START = NET.initialise(2, rng=0)
PIXELS = rng.random((20, 16))
CLASSES = np.arange(200) % 2
OUTPUTS = np.stack([Y, 1 - Y], axis=1)
KERNEL = functools.partial(kernels.laplace, bandwidth=1.0)
K = kernels.laplace(X, bandwidth=1.0)
POWER = spectra.PowerLaw(a=1.5)
FEATURES = np.random.default_rng(1).standard_normal((200, 60))
FEATURES *= np.arange(1, 61) ** -0.6
LAM = np.linalg.eigvalsh(FEATURES.T @ FEATURES)

points = array(X, X[0], X[:, :0])
square = array(K, K[:, :3], K[0], np.triu(K))
labels = array(Y, Y[:-1])
exercise = Domain("ex-heaps", ("ex-none", "", 3, None, ["ex-heaps"]))
# What a network that diverged says is not finite, and so is its loss.
outputs = Domain(OUTPUTS, (OUTPUTS + 1j, OUTPUTS.astype(str), None))
classes = Domain(CLASSES, (CLASSES + 0.5, -1 - CLASSES, CLASSES.astype(str), None))
ridge = number(0.1, least=0)
several = integers([5, 10], [5, 201])
amount = Domain([10.0], ([0.0], [-1.0], [np.nan], ["1"], [True], [1j], None, {}))
period = above_zero(1.0, optional=True)

ANSWERS = None, 0.1, "0.1", (0.1, 0.2), (0.2, 0.1, 0.3), (0.1, np.nan, 0.3), (0, 0, 1)
ANSWERS += ((-1, 0.2, 0.3), (-np.inf, 0.2, np.inf))


def handed_in(loss, size):
    """An answer to a new game, for there is one to each."""
    game = lab.start(1)
    game.buy(16)
    return game.submit(loss, size)


truth = Domain(1.0, (np.nan, "1", None, True, 1j))
level = Domain(0.9, (0, 1, 95, -0.1, np.nan, "0.95", None, True))

DOMAINS = {
    **DOMAINS_OF_LAWS,
    **DOMAINS_OF_DYNAMICS,
    **DOMAINS_OF_TEXT,
    **DOMAINS_OF_REGIMES,
    # geometry
    **{f"geometry.{name}": {"d": whole(2)} for name in ("ball", "cube", "sphere")},
    "geometry.torus": {"d": whole(2)},
    "geometry.swiss_roll": {"turns": above_zero(1.5), "height": above_zero(10.0)},
    "geometry.embedding": {
        "n": whole(2),
        "n_ambient": but(whole(5), 1),
        "curvature": number(0.1, least=0),
        "rng": seed(),
    },
    "geometry.expected_distance": {"D": array([10, 20], 0, -1), "d": whole(2)},
    "geometry.fourier": {
        "d": whole(2),
        "smoothness": above_zero(1.0),
        "modes": whole(8),
        "rng": seed(),
    },
    "geometry.weierstrass": {
        "d": whole(2),
        "exponent": but(above_zero(0.5), 1.0, 2.0),
        "octaves": whole(8),
        "rng": seed(),
    },
    "geometry.relu_network": {
        "n": whole(2),
        "width": whole(8),
        "depth": whole(2),
        "rng": seed(),
    },
    "geometry.nearest": {
        "X": points,
        "k": but(whole(2), 201),
        "period": period,
        "method": choice("tree"),
    },
    "geometry.two_nn": {"X": but(points, X[:3], np.ones((9, 2))), "period": period},
    "geometry.levina_bickel": {
        "X": but(points, X[:3], np.ones((9, 2))),
        "k": but(whole(5, least=2), 199),
        "period": period,
    },
    "dimension.estimate": {
        "X": but(points, X[:39], np.ones((200, 2))),
        "times": array(np.arange(200.0), np.arange(199), np.full(200, np.inf)),
        "theiler": number(1.0, least=0, optional=True),
        "rounding": number(0.0, least=0, optional=True),
        "noise": number(0.0, least=0, optional=True),
        "period": period,
        "rng": seed(),
    },
    "geometry.k_nearest": {"k": whole(2), "period": period},
    "geometry.piecewise_linear": {"period": period},
    "geometry.lipschitz_constant": {
        "f": labels,
        "X": points,
        "distance": Domain(None, (3, "euclidean")),
    },
    # kernels
    **{
        f"kernels.{name}": {
            "X": points,
            "Y": array(X[:5], X[:5, :2], X[0], optional=True),
            "diagonal": free(False),
        }
        | own
        for name, own in {
            "arc_cosine": {"order": Domain(1, (3, -1, 0.5, "1", None, [1, 1]))},
            "brownian": {
                "X": array(X[:, :1], X, X[0], -X[:, :1]),
                "Y": array(X[:5, :1], X, X[0], -X[:, :1], optional=True),
            },
            "gaussian": {"bandwidth": above_zero(1.0)},
            "laplace": {"bandwidth": above_zero(1.0)},
            "matern": {
                "nu": but(above_zero(1.5), 51),
                "bandwidth": above_zero(1.0),
            },
            **{
                name: {
                    "depth": whole(2, least=0),
                    "activation": choice("relu"),
                    "bias": number(0.1, least=0),
                }
                for name in ("nngp", "ntk")
            },
        }.items()
    },
    "kernels.from_features": {"features": function(np.sin)},
    "kernels.GramOperator": {
        "kernel": function(KERNEL),
        "X": points,
        "tile": whole(64),
    },
    "kernels.profile": {
        "kernel": Domain(kernels.ntk, (3, "ntk", np.sin)),
        "depth": whole(2, least=0),
    },
    "kernels.torus": {"lam": array([1.0, 0.5, 0.5], [1.0, 2.0, 3.0], [[1, 0.5]], [])},
    # spectra
    "spectra.PowerLaw": {"a": but(number(1.5, optional=True), 1.0, 0.5)},
    "spectra.Sample": {"K": square},
    "spectra.empirical": {"K": square, "modes": but(whole(5, optional=True), 201)},
    "spectra.exponent": {
        "features": array(FEATURES, FEATURES[0], FEATURES[:10], FEATURES[:, :5]),
        "gram": Domain(None, (FEATURES @ FEATURES.T, 3)),
        "eigenvalues": Domain(None, (LAM, 3)),
        "centred": Domain(True, (None, 1, "yes", 0.0)),
        "points": Domain(None, (200, 3)),
        "columns": Domain(None, (60, np.inf)),
        "window": Domain(None, (3, (9, 4), (0, 9), (1, 2, 3), "all", (2, np.nan))),
        "rng": seed(),
    },
    "exponent of a Gram matrix": {
        "gram": array(FEATURES @ FEATURES.T, FEATURES, FEATURES[0], np.eye(10)),
        "columns": but(whole(60, least=20, optional=True), -np.inf),
    },
    "exponent of eigenvalues": {
        "eigenvalues": array(LAM, LAM[:50], LAM - 1, np.eye(60)),
        "points": whole(200, least=60),
        "columns": but(whole(60, least=20), -np.inf),
    },
    "spectra.noise_exponent": {"K": square, "groups": whole(8, least=2)},
    "spectra.resolution_exponent": {
        "K": square,
        "groups": whole(4, least=2),
        "sizes": Domain(None, ([3, 2], [0, 5], "10", 5)),
    },
    "spectra.resolutions": {"K": square},
    "spectra.tail_exponent": {
        "K": square,
        "groups": whole(4, least=2),
        "window": Domain(None, (3, (5, 2), (0, 5), (2, 2000), "all", (1.5, 7))),
    },
    "spectra.sphere": {
        "profile": function(np.exp),
        "d": whole(2),
        "degrees": whole(8, least=0),
    },
    "spectra.torus": {
        "eigenvalue": function(lambda k: 1 / (1 + k) ** 4),
        "d": whole(2),
        "size": whole(16),
    },
    # theory
    "theory.extrapolated_loss": {
        "K": square,
        "Y": labels,
        "D": array([400], [0], [-1]),
    },
    "theory.finite_size_loss": {
        "spectrum": Domain(POWER, (3, "power", None)),
        "D": amount,
        "P": Domain(np.inf, (0.0, -1.0, np.nan, "4", None)),
    },
    "theory.kare": {
        "K": square,
        "Y": labels,
        "sizes": integers([10, 20], [10, 201]),
        "ridge": ridge,
    },
    "theory.kernel_loss": {
        "spectrum": Domain(POWER, (3, "power", None)),
        "D": amount,
        "target": Domain(None, (3, "power")),
        "ridge": ridge,
        "noise": number(0.1, least=0),
    },
    "theory.large_m_constant": {"alpha": above_zero(0.5)},
    "theory.learnabilities": {
        "spectrum": Domain(POWER, (3, "power", None)),
        "D": amount,
        "P": Domain(np.inf, (0.0, -1.0, np.nan, "4", None)),
        "ridge": ridge,
        "modes": Domain(5, (0, -1, 2.5, "5", True)),
    },
    "theory.feature_modes": {
        "F": array(FEATURES, FEATURES[0], 0 * FEATURES),
        "Y": labels,
    },
    "theory.missed_power": {
        "K": square,
        "Y": labels,
        "ridges": array([0.1], [0.0], [-1.0]),
    },
    "theory.random_feature_loss": {
        "spectrum": Domain(POWER, (3, "power", None)),
        "D": amount,
        "P": amount,
        "target": Domain(None, (3, "power")),
        "ridge": ridge,
        "noise": number(0.1, least=0),
    },
    "theory.resolution": {
        "spectrum": Domain(POWER, (3, "power", None)),
        "D": amount,
        "P": Domain(np.inf, (0.0, -1.0, np.nan, "4", None)),
        "ridge": ridge,
    },
    # learners
    "learners.error_matrices": {
        "rng": free(np.random.default_rng(0)),
        "kernel": function(KERNEL),
        "X": points,
        "Y": array(OUTPUTS, OUTPUTS[:-1], Y),
        "sizes": several,
        "test": but(whole(20), 200),
    },
    **{
        f"learners.{name}": {"f": outputs, "Y": but(outputs, OUTPUTS[:-1])}
        for name in ("squared_error", "error_rate")
    },
    "learners.feature_ridge": {"features": function(np.sin), "ridge": ridge},
    "learners.kernel_ridge": {"kernel": function(KERNEL), "ridge": ridge},
    "learners.large_kernel_ridge": {
        "kernel": function(KERNEL),
        "ridge": above_zero(1.0),
        "rank": whole(10),
        "tolerance": above_zero(1e-3),
        "steps": whole(50),
        "tile": whole(64),
        "rng": seed(),
    },
    "learners.fresh_sample": {
        "sample": function(geometry.cube(2).sample),
        "target": function(lambda X: X[:, 0]),
        "train": whole(5),
        "test": whole(5),
    },
    "learners.learning_curve": {
        "learn": function(geometry.k_nearest()),
        "draw": function(learners.random_split(X, Y, test=10)),
        "sizes": integers([5, 10]),
        "measure": function(learners.squared_error),
    },
    "learners.least_squares": {"f": array(X, X[0]), "Y": labels, "ridge": ridge},
    "learners.leave_one_out": {"K": square, "Y": labels, "ridge": ridge},
    "learners.nested_predictions": {
        "K": square,
        "K_test": array(K[:3], K[:3, :5], K[0]),
        "Y": labels,
        "sizes": several,
        "ridge": ridge,
        "overwrite": free(False),
    },
    "learners.random_split": {
        "X": Domain(X, (X[:-1], 3, None)),
        "Y": Domain(Y, (Y[:-1], 3, None)),
        "test": but(whole(10), 200),
        "train": but(whole(10, optional=True), 191),
    },
    "learners.teacher_average": {
        "K": square,
        "K_test": array(K[:3], K[:3, :5], K[0]),
        "own": array(np.ones(3), np.ones(4)),
        "sizes": several,
        "teacher": Domain(None, (3, "K", K[:3])),
        "ridge": ridge,
    },
    # data
    "data.load_surface_runs": {"study": choice("llama3")},
    "data.measured_curve": {
        "dataset": but(whole(28), 1),
        "learner": choice("RandomForest"),
    },
    "data.add_noise": {"X": points, "level": number(0.1, least=0), "rng": seed()},
    "data.centre_and_normalise": {
        "X": points,
        "mean": array(X.mean(axis=0), X[0, :2], X, optional=True),
    },
    "data.crop": {"X": array(PIXELS, X, X[0]), "side": but(whole(2), 3, 6)},
    "data.pool": {"X": array(PIXELS, X, X[0]), "factor": but(whole(2), 3)},
    "data.one_hot": {"y": classes, "classes": but(whole(2), 1), "centred": free(True)},
    "data.superclasses": {
        "y": classes,
        "groups": Domain([[0], [1]], ([[0]], [[0], [0, 1]], 3, [], [[0.5], [1]])),
    },
    "theory.gradient_flow": {
        "t": array([0.0, 1.0, 10.0], [-1.0], [[1.0]], []),
        "lam": array([1.0, 0.5], [0.0, 1.0], [[1.0, 0.5]], [1.0]),
        "v2": array([1.0, 0.5], [-1.0, 1.0], [1.0]),
        "richness": number(1.0, least=0),
    },
    # networks
    **{
        f"networks.{name}": {
            "net": Domain(NET, (3, "net", None)),
            "rate": above_zero(0.1),
            "steps": whole(3),
            "batch": whole(2, optional=True),
            "schedule": Domain("cosine", ("linear", None, 3, lambda s: -1.0)),
            "loss": choice("mse"),
            "centred": free(False),
            "scale": above_zero(2.0),
            "keep": Domain((0, 3), (3, (3, 0), (1, 1), (4,), (-1,), (0.5,), None)),
            # A sequence has one source for each member.
            "rng": Domain([0, 1], (*seed().bad[:-1], [0, "a"], [0.5])),
        }
        | own
        for name, own in {
            "adam": {
                "betas": Domain((0.9, 0.9), (0.9, (0.9, 1.0), (-0.1, 0.9), "ab", None)),
                "eps": above_zero(1e-8),
            },
            "gradient_descent": {"momentum": but(number(0.9, least=0), 1.0)},
        }.items()
    },
    "networks.linearised": {
        "net": Domain(NET, (3, "net", None, networks.MLP([3, 5, 2], "relu", "mup"))),
        "rate": Domain(0.1, (None, 0, -1.0, np.nan, "1")),
        "steps": whole(3),
        "momentum": but(number(0.9, least=0), 1.0),
        "loss": choice("mse"),
        "centred": free(False),
        "rng": seed(),
    },
    "networks.language_model": {
        "V": whole(3),
        "steps": whole(2),
        "width": but(whole(8, least=2), 14),
        "layers": whole(1),
        "heads": whole(2),
        "dropout": but(number(0.1, least=0), 1.0),
        "context": whole(8, least=2),
        "batch": whole(2),
        "rate": above_zero(0.1),
        "decay": number(0.1, least=0),
        "schedule": Domain("cosine", ("linear", None, 3, lambda s: -1.0)),
        "keep": Domain((0, 2), (3, (2, 0), (1, 1), (3,), (-1,), (0.5,), None)),
        "rng": seed(),
        "dtype": choice("float64"),
    },
    "networks.MLP": {
        "widths": Domain((3, 5, 2), ((3,), 3, (3, 0, 2), (3, 2.5, 2), "352", None)),
        "activation": choice("relu"),
        "parameterisation": choice("ntk"),
        "bias": number(0.1, least=0),
        "input_scale": above_zero(0.5),
    },
    "networks.convolutional": {
        "side": but(whole(8), 7),
        "outputs": whole(2),
        "channels": whole(2),
        "hidden": whole(2),
    },
    "networks.mean_squared_error": {"f": outputs, "Y": but(outputs, OUTPUTS[:-1])},
    "networks.cross_entropy": {
        "f": outputs,
        "y": but(classes, CLASSES[:-1], CLASSES + 1),
    },
    # experiments
    "experiments.check": {
        "claim": Domain("one is one", ("", " ", 3, None)),
        "measured": Domain(1.0, ("1", None, [], 1j)),
        "expected": Domain(1.0, ("1", None, 1j)),
        "within": number(0.1, least=0),
    },
    "experiments.on_circles": {"X": points},
    "experiments.torus_kernel": {
        "p": but(number(3.5), 2, 51),
        "d": whole(2),
        "size": but(whole(16, least=4, optional=True), 15),
    },
    "experiments.teacher_population": {"N": whole(20)},
    # lab
    "lab.start": {"seed": whole(1, least=0)},
    "lab.truth_of": {"seed": whole(1, least=0)},
    "lab.start_exam": {
        "word": Domain("a word", ("", " ", 3, None)),
        "student": Domain("Ada", ("", " ", 3, None)),
    },
    "lab.design_error": {
        "truth": Domain(lab.truth_of(1), (None, 3, "floor")),
        "runs": Domain({16: 3, 64: 2}, (None, [16], {16: 0}, {-1: 2}, {16: np.nan})),
        "at": above_zero(1e5),
    },
    "lab.best_design": {
        "truth": Domain(lab.truth_of(1), (None, 3, "floor")),
        "budget": above_zero(65536),
        "at": above_zero(1e5),
        "smallest": above_zero(16),
        "largest": above_zero(16384),
    },
    # exercises
    "exercises.find": {
        "chapter": but(whole(9, optional=True), 99),
        "objective": whole(1, optional=True),
    },
    "exercises.grade": {"id": exercise, "answer": free(0.5), "rng": seed()},
    "exercises.hint": {"id": exercise, "number": but(whole(1, optional=True), 99)},
    "exercises.solution": {"id": exercise},
    # what these return
    **{
        f"{kind}.{method}": {"level": level} | own
        for kind in ("PowerLawFit", "Dimension")
        for method, own in (("interval", {}), ("covers", {"value": truth}))
    },
    "LawFit.interval": {"parameter": choice("exponent"), "level": level},
    "LawFit": {"x": array(SIZES, -SIZES, SIZES * 0)},
    "LawFit.local_exponent": {"x": array(SIZES, -SIZES, SIZES * 0)},
    "Game.buy": {
        "D": Domain([16, 17], (0, 15, 16385, [16, 2.5], "16", None, [], np.nan)),
        "trials": Domain(2, (0, 2.5, "2", None, [], [1, 2, 3], 10**5)),
    },
    "handed_in": {
        "loss": Domain((0.1, 0.2, np.inf), ANSWERS),
        "size": Domain((np.inf, np.inf, np.inf), ANSWERS),
    },
    "Forecast.fan": {
        "sizes": array(SIZES, -SIZES, SIZES[::-1], SIZES * 1e13, [], optional=True),
        "shares": array([0.1, 0.9], [0.9, 0.1], [0.0, 0.5], [0.5, 1.0], []),
    },
    "Forecast.quantile": {"share": level},
    "Forecast.probability_below": {"loss": above_zero(0.1)},
    "PowerLawFit.band_if_law": {
        "x": array(SIZES, -SIZES, SIZES * 0),
        "level": level,
    },
    "Manifold.sample": {"D": whole(5), "rng": seed()},
    "Manifold.distance": {
        "X": array(X[:, :2], X, X[0]),
        "Y": array(X[:, :2], X, X[0]),
    },
    "Teacher": {"X": array(X[:, :2], X, X[0])},
    "find": {"X_new": array(X, X[:, :2], X[0])},
    **{
        name: {"X": points, "Y": array(Y, Y[:-1])}
        for name in ("k_nearest", "kernel_ridge", "feature_ridge")
    },
    "piecewise_linear": {"X": points, "Y": array(Y, Y[:-1])},
    "MLP.initialise": {"members": whole(2), "rng": seed()},
    "Sample.first": {"D": but(whole(20), 201)},
}

#: What a call returns and what is called then, under the name that it has above.
RETURNED = {
    "PowerLawFit": laws.fit_power_law(SIZES, LOSS, rng=0),
    "LawFit": laws.fit((SIZES, LOSS)),
    "Forecast": laws.forecast((SIZES, LOSS), at=65536),
    "surfaces": surfaces,
    "Game": lab.start(1),
    "handed_in": handed_in,
    "Dimension": geometry.two_nn(X),
    "dimension": geometry.dimension,
    "Manifold": geometry.torus(2),
    "Teacher": geometry.fourier(2, smoothness=1.0, rng=0),
    "find": geometry.nearest(X),
    "k_nearest": geometry.k_nearest(),
    "piecewise_linear": geometry.piecewise_linear(),
    "kernel_ridge": learners.kernel_ridge(KERNEL),
    "feature_ridge": learners.feature_ridge(np.sin),
    "MLP": NET,
    "exponent of a Gram matrix": functools.partial(spectra.exponent, centred=True),
    "exponent of eigenvalues": functools.partial(spectra.exponent, centred=False),
    "Sample": spectra.Sample(K),
}
