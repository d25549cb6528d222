"""One network learns many skills, frequent ones and rare ones: over time, from data."""

import numpy as np
import xarray as xr

from scalinglib import networks
from scalinglib._input import (
    above_zero,
    generator,
    increasing,
    one_of,
    rising,
    whole_number,
)
from scalinglib.experiments import sweep
from scalinglib.experiments.parities import ParityTasks

__all__ = [
    "errors_of_skills",
    "learned_at",
    "losses_of_skills",
    "make_parity_data",
    "make_parity_steps",
]

#: Units of the hidden layer, examples of a step, test examples of each task.
WIDTH, BATCH, TEST = 192, 256, 256

#: Optimisers and their rates.
RULES = {
    "gradient descent": (networks.gradient_descent, 1.0),
    "Adam": (networks.adam, 0.001),
}

#: Steps at which losses over time are stored, and how many there are of a data set.
STEPS, DATA_STEPS = np.unique(np.geomspace(30, 16_000, 48).round()).astype(int), 8000

#: Sizes of data sets, and trials.
SIZES, TRIALS = [1000, 2000, 4000, 8000, 16_000], 6


def losses_of_skills(rng, *, rule, steps=STEPS, width=WIDTH, rate=None):
    """Losses of all tasks while a network sees fresh examples: a trial.

    One hidden layer of ReLU, in the standard parameterisation, learns 64 tasks of
    frequencies k^(-3/2), in steps of 256 new examples, by the cross-entropy.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws tasks, network and examples: the same for every rule.
    rule : {"gradient descent", "Adam"}
    steps : sequence of int
        At which losses are measured, rising; training ends at the last.
    width : int
        Of the hidden layer, ≥ 1.
    rate : float, optional
        By default 1 for gradient descent, 0.001 for Adam.

    Returns
    -------
    DataArray, dims (step, task)
        Losses in bits on 256 other examples of each task.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    As for `ParityTasks`, there with Adam.

    Examples
    --------
    >>> loss = losses_of_skills(0, rule="gradient descent", steps=[1, 300])
    >>> loss.dims, bool(loss.sel(step=300, task=1) < 0.5)
    (('step', 'task'), True)
    """
    optimiser, usual = RULES[one_of("rule", rule, RULES)]
    steps = increasing("steps", steps)
    tasks, start, net, test, source = _problem(rng, width)
    learn = optimiser(
        net,
        rate=usual if rate is None else rate,
        steps=int(steps[-1]),
        batch=BATCH,
        loss="cross-entropy",
        keep=steps.tolist(),
        rng=source,
        device="cpu",
    )
    path = learn.online(tasks.draw, start=start).path
    bits = [_bits_and_errors(predict, *test)[0] for predict in path.values()]
    return xr.DataArray(bits, {"step": [*path], "task": _numbers(tasks)})


def errors_of_skills(rng, *, D, steps=DATA_STEPS):
    """Errors of all tasks after long training on D examples: a trial.

    The network, the tasks and gradient descent are those of `losses_of_skills`.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws tasks, network and examples: fewer examples are the first of them.
    D : int
        Number of examples, ≥ 1.
    steps : int
        Of training, ≥ 30.

    Returns
    -------
    DataArray, dims (of, task)
        Twice the share of wrong answers after the last step, ``error``, one for a
        guess; and losses in bits, ``stopped``, at that of up to 24 steps at which their
        mean over examples is lowest, by the same test examples.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> errors_of_skills(0, D=50, steps=30).sizes
    Frozen({'of': 2, 'task': 64})
    """
    optimiser, rate = RULES["gradient descent"]
    tasks, start, net, test, source = _problem(rng, WIDTH)
    steps = whole_number("steps", steps, least=30)
    keep = np.unique(np.geomspace(30, steps, 24).round()).astype(int)
    learn = optimiser(
        net,
        rate=rate,
        steps=steps,
        batch=BATCH,
        loss="cross-entropy",
        keep=keep,
        rng=[source],
        device="cpu",
    )
    X, y = tasks.draw(source, D)
    path = learn(X, y, start=start).path
    found = np.array([_bits_and_errors(predict, *test) for predict in path.values()])
    best = (found[:, 0] @ tasks.p).argmin()
    return xr.DataArray(
        [found[-1, 1], found[best, 0]],
        {"of": ["error", "stopped"], "task": _numbers(tasks)},
    )


def learned_at(losses, *, level=0.5):
    """Step at which each loss first falls below a level.

    Between steps that were measured losses are straight lines over log step.

    Parameters
    ----------
    losses : DataArray
        With a dimension ``step``, whose coordinate rises from above zero.
    level : float
        Above zero.

    Returns
    -------
    DataArray
        Without that dimension. NaN for a loss that never falls so far, or is there at
        the first step.

    Raises
    ------
    ValueError
        If there is no dimension ``step``, or an argument is not one of these.

    Examples
    --------
    >>> losses = xr.DataArray([1.0, 0.6, 0.2], {"step": [1, 10, 100]})
    >>> learned_at(losses, level=0.4).round(1).item()
    31.6
    """
    if not isinstance(losses, xr.DataArray) or "step" not in losses.dims:
        raise ValueError(
            f"losses must be a DataArray over step, got {type(losses).__name__}"
        )
    rising("step", losses.step.values)
    below = losses < above_zero("level", level)
    after = below.argmax("step")
    before = (after - 1).clip(min=0)
    a, b = (losses.isel(step=at).drop_vars("step") for at in (before, after))
    x, y = (np.log(losses.step[at]).drop_vars("step") for at in (before, after))
    there = below.any("step") & (after > 0)
    share = (a - level) / (a - b).where(there, 1)
    return np.exp(x + share * (y - x)).where(there)


def _problem(rng, width):
    """Tasks, start, network, test examples, and the source of what else is random."""
    of_tasks, of_net, of_test, source = generator(rng).spawn(4)
    tasks = ParityTasks(of_tasks)
    sizes = [len(tasks.p) + tasks.bits, whole_number("width", width, least=1), 2]
    net = networks.MLP(
        sizes, "relu", "standard", bias=0.5, input_scale=(tasks.bits + 1) ** -0.5
    )
    start = net.initialise(1, rng=of_net, dtype=np.float32)
    X, y = tasks.of_each(of_test, TEST)
    return tasks, start, net, (X, y), source


def _bits_and_errors(predict, X, y):
    """Mean loss in bits of each task, and twice its share of wrong answers."""
    f = predict(X)[0].astype(float)
    against = (f[:, 0] - f[:, 1]) * (2 * y - 1)
    bits = np.logaddexp(0, against) / np.log(2)
    return np.array([bits, 2.0 * (against > 0)]).reshape(2, -1, TEST).mean(axis=2)


def _numbers(tasks):
    """Numbers of the tasks, from the most frequent."""
    return np.arange(1, len(tasks.p) + 1)


def make_parity_steps(*, checkpoint=None):
    """Losses of 64 tasks over 16 000 steps, with gradient descent and with Adam.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (rule, step, task, trial)
        As `losses_of_skills` returns them; seed 0, six trials.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("parity_steps").sizes["trial"]
    6
    """

    def trial(rng, rule):
        return losses_of_skills(rng, rule=rule)

    options = {"trials": TRIALS, "seed": 0, "checkpoint": checkpoint}
    return sweep.run(trial, rule=[*RULES], **options).astype(np.float32)


def make_parity_data(*, checkpoint=None):
    """Errors of 64 tasks after training on 1000…16 000 examples.

    Parameters
    ----------
    checkpoint : path, optional
        As in :func:`scalinglib.experiments.sweep.run`.

    Returns
    -------
    DataArray, dims (D, of, task, trial)
        As `errors_of_skills` returns them; seed 0, six trials.

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("parity_data").D.values.tolist()
    [1000, 2000, 4000, 8000, 16000]
    """

    def trial(rng, D):
        return errors_of_skills(rng, D=D)

    options = {"trials": TRIALS, "seed": 0, "checkpoint": checkpoint}
    return sweep.run(trial, D=SIZES, **options).astype(np.float32)
