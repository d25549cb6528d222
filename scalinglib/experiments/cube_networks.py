"""Networks that learn from a network: inputs in a cube, teacher and student of ReLU."""

from math import sqrt

import numpy as np
import xarray as xr

from scalinglib import geometry, networks
from scalinglib._input import generator, one_of, whole_number
from scalinglib.experiments import sweep

__all__ = [
    "cube_problem",
    "make_bent_cubes",
    "make_cube_networks",
    "make_cube_shapes",
    "steps_for",
    "student_on_cube",
]

#: Sizes of the training sets, widths of teacher and student, and test points.
SIZES, TEACHER, STUDENT, TEST = [128, 256, 512, 1024, 2048], 96, 192, 8192

#: Shapes of students with some ten thousand parameters in four dimensions, from one
#: hidden layer to six; and widths of two hidden layers.
SHAPES = {"1": [1650], "2": [96] * 2, "3": [68] * 3, "6": [44] * 6}
SHAPES |= {f"W={W}": [W] * 2 for W in (12, 48)}

#: Spread of the biases of both, rate of Adam, examples of a step.
BIAS, RATE, BATCH = 0.5, 3e-3, 256

#: In so many coordinates a bent cube lies, with so much curvature.
AMBIENT, CURVATURE = 50, 0.1


def steps_for(D):
    """Steps of training: ten thousand, and at least twenty for each example.

    Parameters
    ----------
    D : int
        Size of the training set, ≥ 1.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `D` is below 1.

    Examples
    --------
    >>> [steps_for(D) for D in (128, 512, 2048)]
    [10000, 10240, 40960]
    """
    return max(10_000, 20 * whole_number("D", D, least=1))


def cube_problem(rng, *, d, D):
    r"""Draw a random teacher on the cube :math:`[-1, 1]^d`, test and training points.

    The teacher is a ReLU network of two hidden layers of 96 units with the weights of
    He et al. (2015) and biases of variance 1/4. What it says is brought to mean 0 and
    variance 1 on the test points, so that a loss of 1 is that of a constant.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the teacher, 8192 test points, then those for training, so that fewer of
        them are a prefix of more.
    d : int
        Dimension of the cube, ≥ 1.
    D : int
        Number of training points, ≥ 1.

    Returns
    -------
    X, Y, X_test, Y_test : ndarrays (D, d), (D, 1), (8192, d), (8192, 1)

    Raises
    ------
    ValueError
        If `d` or `D` is below 1.

    Examples
    --------
    >>> X, Y, X_test, Y_test = cube_problem(0, d=3, D=16)
    >>> X.shape, Y.shape, float(Y_test.std().round(9))
    ((16, 3), (16, 1), 1.0)
    """
    d, D = (whole_number(n, v, least=1) for n, v in {"d": d, "D": D}.items())
    rng = generator(rng)
    says = _teacher(rng, d)
    X_test, X = rng.uniform(-1, 1, (TEST, d)), rng.uniform(-1, 1, (D, d))
    Y_test, Y = says(X_test), says(X)
    mean, spread = Y_test.mean(), Y_test.std()
    return X, (Y - mean) / spread, X_test, (Y_test - mean) / spread


def _teacher(rng, d, dtype="float64"):
    """Random function of points of a cube."""
    teacher = _network(d, d, [TEACHER, TEACHER])
    weights = teacher.initialise(1, rng=rng, dtype=dtype)
    return lambda X: teacher(weights, X, device="cpu")[0]


def _network(inputs, d, hidden):
    """ReLU network on points with d coordinates of the order of one."""
    widths = [inputs, *hidden, 1]
    return networks.MLP(widths, "relu", "standard", bias=BIAS, input_scale=sqrt(2 / d))


def student_on_cube(
    rng,
    *,
    d,
    sizes=SIZES,
    hidden=(STUDENT, STUDENT),
    bent=False,
    steps=steps_for,
    dtype="float32",
):
    r"""Losses of a student that learns from a teacher, on growing data: a trial.

    By default the student has two hidden layers of 192 units. It is trained by Adam on
    batches of 256, at a rate of 0.003 that falls to zero as a cosine. Data sets of one
    trial are nested, and the initialisation is the same. So is figure 1b of
    arXiv:2102.06701 made (appendix A.5), but for batches of 64, 40 000 steps at every
    size, and the loss where it was least, not at the end.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws `cube_problem` for the largest size, the bending, then the initialisation
        and the batches.
    d : int
        Dimension of the cube, ≥ 1.
    sizes : sequence of int
        Sizes of the training sets, rising.
    hidden : sequence of int
        Widths of the student's hidden layers.
    bent : bool, default False
        Show the student the cube as a bent sheet in 50 dimensions.
    steps : callable
        Number of steps for a size.
    dtype : {"float32", "float64"}
        In which the student is trained.

    Returns
    -------
    DataArray, dims (of, D)
        Mean squared errors: ``test``, on the test points, and ``train``, on those it
        was trained on.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    Y. Bahri et al., "Explaining neural scaling laws", arXiv:2102.06701 (2021). U.
    Sharma, J. Kaplan, arXiv:2004.10802 (2020).

    Examples
    --------
    >>> loss = student_on_cube(0, d=2, sizes=[16, 32], steps=lambda D: 200)
    >>> loss.dims, bool((loss.sel(of="test") > loss.sel(of="train")).all())
    (('of', 'D'), True)
    """
    one_of("dtype", dtype, ("float32", "float64"))
    rng, sizes = generator(rng), [int(D) for D in sizes]
    X, Y, X_test, Y_test = cube_problem(rng, d=d, D=max(sizes))
    if bent:
        embed = geometry.embedding(d, AMBIENT, curvature=CURVATURE, rng=rng)
        X, X_test = 2 * embed((X + 1) / 2), 2 * embed((X_test + 1) / 2)
    net = _network(X.shape[1], d, hidden)
    start, found = net.initialise(1, rng=rng, dtype=dtype), []
    (order,) = rng.spawn(1)
    for D in sizes:
        learn = networks.adam(
            net,
            rate=RATE,
            steps=steps(D),
            batch=BATCH,
            schedule="cosine",
            rng=order,
            device="cpu",
        )
        predict = learn(X[:D], Y[:D], start=start)
        test = ((predict(X_test)[0] - Y_test) ** 2).mean()
        found.append([test, predict.loss[0]])
    return xr.DataArray(
        np.transpose(found).astype(float),
        dims=["of", "D"],
        coords={"of": ["test", "train"], "D": sizes},
    )


def make_cube_networks(*, checkpoint=None):
    """Losses of students on cubes of d = 2…8 dimensions, D = 128…2048, 8 trials each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (d, of, D, trial)
        As `student_on_cube` returns them; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("cube_networks").sizes["trial"]
    8
    """
    grid = {"d": range(2, 9)}
    found = sweep.run(student_on_cube, trials=8, seed=0, checkpoint=checkpoint, **grid)
    return found.astype(np.float32)


def make_bent_cubes(*, checkpoint=None):
    """Losses of students on cubes bent into 50 dimensions, d = 3 and 6, 8 trials each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (d, of, D, trial)
        As `student_on_cube` returns them, for D = 128…1024; seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("bent_cubes").d.values.tolist()
    [3, 6]
    """

    def bent(rng, d):
        return student_on_cube(rng, d=d, sizes=SIZES[:4], bent=True)

    found = sweep.run(bent, trials=8, seed=0, d=[3, 6], checkpoint=checkpoint)
    return found.astype(np.float32)


def make_cube_shapes(*, checkpoint=None):
    """Losses of students of one to six hidden layers in d = 4, 8 trials each.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (shape, of, D, trial)
        As `student_on_cube` returns them, for D = 128…1024. Shapes ``1``, ``2``, … have
        so many hidden layers and ten thousand parameters; ``W=12``, … two layers of
        that width. Seed 0.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("cube_shapes")["shape"].values.tolist()
    ['1', '2', '3', '6', 'W=12', 'W=48']
    """

    def trial(rng, shape):
        return student_on_cube(rng, d=4, sizes=SIZES[:4], hidden=SHAPES[shape])

    grid = {"shape": [*SHAPES]}
    found = sweep.run(trial, trials=8, seed=0, checkpoint=checkpoint, **grid)
    return found.astype(np.float32)
