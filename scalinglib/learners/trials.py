"""Train on D examples, test on others, for every D: the trial of a learning curve."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from scalinglib._input import function, increasing, real_array

__all__ = ["error_rate", "learning_curve", "squared_error"]


def squared_error(f, Y):
    r"""Mean over points of :math:`\|f(x) - y\|^2`, summed over outputs.

    Parameters
    ----------
    f, Y : (D,) or (D, C) array_like
        Predictions and targets, of the same shape.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    >>> squared_error([[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]])
    3.0
    """
    f, Y = _alike(f, Y)
    return float(((f - Y) ** 2).reshape(len(Y), -1).sum(axis=-1).mean())


def error_rate(f, Y):
    """Fraction of points whose largest output is not that of their class.

    Parameters
    ----------
    f : (D, C) array_like
        Outputs, one for each of at least two classes.
    Y : (D,) or (D, C) array_like
        Labels 0, …, C − 1, or targets with the largest entry there, as one-hot.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes do not match, or a label is none of these.

    Examples
    --------
    >>> f = [[0.9, 0.2], [0.6, 0.4]]
    >>> error_rate(f, [[1.0, 0.0], [0.0, 1.0]]), error_rate(f, [0, 1])
    (0.5, 0.5)
    """
    f, Y = real_array("f", f), real_array("Y", Y)
    if f.ndim != 2 or f.shape[1] < 2 or not len(f):
        raise ValueError(
            f"f must be (D, C) with an output for each of at least two classes, got "
            f"{f.shape}"
        )
    if Y.shape not in (f.shape, f.shape[:1]):
        raise ValueError(
            f"Y must be {f.shape} or labels {f.shape[:1]}, got shape {Y.shape}"
        )
    if Y.ndim == 1 and not np.isin(Y, np.arange(f.shape[1])).all():
        raise ValueError(
            f"Y must hold labels 0, …, {f.shape[1] - 1}, got {Y.min()} to {Y.max()}"
        )
    labels = Y if Y.ndim == 1 else Y.argmax(axis=1)
    return float((f.argmax(axis=1) != labels).mean())


def learning_curve(learn, draw, sizes, measure=squared_error):
    """Test loss of a learner trained on the first D examples, for every D: a trial.

    A learner is any ``learn(X, Y) -> predict`` with ``predict(X_new)`` of the shape of
    Y: `scalinglib.geometry.k_nearest`, `kernel_ridge`, `feature_ridge`,
    `scalinglib.networks.adam`, or a function of your own. One that offers
    ``learn.nested(X, Y, X_test, sizes)``, the predictions for all D from one
    factorisation, as `kernel_ridge` does, is asked for these.

    Parameters
    ----------
    learn : callable, or dict of callables
        The learner; or several under their names, which see the same data.
    draw : callable
        ``draw(rng) -> (X, Y, X_test, Y_test)``, in random order, with at least as many
        training examples as the largest size: see `random_split` and `fresh_sample`.
    sizes : sequence of int, or DataArray
        The values of D, increasing.
    measure : callable, or dict of callables
        ``measure(f, Y_test) -> float``; or several under their names.

    Returns
    -------
    trial : callable
        ``trial(rng) -> DataArray`` over D, or what the dimension of `sizes` is called;
        before it ``learner`` and ``measure`` where there are several. For
        `scalinglib.experiments.sweep.run`.

    Raises
    ------
    ValueError
        If `sizes` do not increase, something is not callable; by ``trial`` if too few
        examples are drawn, or whatever the learner refuses.

    Examples
    --------
    >>> from scalinglib.geometry import k_nearest, piecewise_linear, torus
    >>> from scalinglib.learners import fresh_sample
    >>> def wave(X):
    ...     return np.sin(2 * np.pi * X[:, 0])
    >>> draw = fresh_sample(torus(1).sample, wave, train=64, test=50)
    >>> learners = {"copy": k_nearest(), "connect": piecewise_linear()}
    >>> loss = learning_curve(learners, draw, [16, 64])(np.random.default_rng(0))
    >>> loss.dims, bool(loss.sel(D=64, learner="copy") < loss.sel(D=16, learner="copy"))
    (('learner', 'D'), True)
    """
    labels, sizes = sizes, increasing("sizes", sizes)
    (dim,) = getattr(labels, "dims", ["D"])
    if dim in ("learner", "measure"):
        raise ValueError(
            f"sizes must not have the dimension {dim!r}, a name taken: rename it"
        )
    learners, measures = _named("learn", learn), _named("measure", measure)
    function("draw", draw, of="rng")

    def trial(rng):
        X, Y, X_test, Y_test = _drawn(draw(rng), sizes[-1])
        losses = np.array(
            [
                [
                    [_number(of(f, Y_test)) for of in measures.values()]
                    for f in _predictions(learn, X, Y, X_test, sizes)
                ]
                for learn in learners.values()
            ],
            dtype=float,
        )
        dims = ["learner", dim, "measure"]
        coords = {"learner": [*learners], "measure": [*measures], dim: sizes}
        coords |= getattr(labels, "coords", {})
        curves = xr.DataArray(losses, dims=dims, coords=coords)
        alone = {
            name: 0
            for name, given in (("learner", learn), ("measure", measure))
            if not isinstance(given, Mapping)
        }
        return curves.transpose("learner", "measure", dim).isel(alone, drop=True)

    return trial


def _number(loss):
    """What a measure returns."""
    if np.ndim(loss):
        raise ValueError(
            f"measure must return a number, got shape {np.shape(loss)}: several are a "
            "dict of functions"
        )
    return float(loss)


def _predictions(learn, X, Y, X_test, sizes):
    """Predictions at the test points, one array for each size."""
    if hasattr(learn, "nested"):
        yield from learn.nested(X, Y, X_test, sizes)
        return
    for D in sizes:
        yield learn(X[:D], Y[:D])(X_test)


def _drawn(parts, most):
    """Training examples as many as needed, and test examples."""
    try:
        X, Y, X_test, Y_test = parts
    except (TypeError, ValueError):
        held = f" of {len(parts)}" if isinstance(parts, tuple | list) else ""
        raise ValueError(
            f"draw must return (X, Y, X_test, Y_test), got {type(parts).__name__}{held}"
        ) from None
    if not all(np.ndim(part) for part in (X, Y, X_test, Y_test)):
        raise ValueError("draw must return arrays (X, Y, X_test, Y_test), got a number")
    if len(X) != len(Y) or len(X_test) != len(Y_test) or not len(X_test):
        raise ValueError(
            "draw must return as many targets as inputs, and test examples; got "
            f"{len(X)} and {len(Y)}, {len(X_test)} and {len(Y_test)}"
        )
    if len(X) < most:
        raise ValueError(
            f"sizes must be at most the {len(X)} training examples drawn, got {most}"
        )
    return X[:most], Y[:most], X_test, Y_test


def _named(name, given):
    """Functions under their names; one alone has none."""
    functions = dict(given) if isinstance(given, Mapping) else {"": given}
    for one in functions.values():
        # An estimator's class can be called, but is no learner.
        if not callable(one) or hasattr(one, "fit"):
            raise ValueError(
                f"{name} must be a function or a dict of functions, got {one!r}"
                + _remedy(one)
            )
    if not functions:
        raise ValueError(f"{name} must not be empty")
    return functions


def _remedy(given):
    """What to write for an estimator in the style of scikit-learn."""
    if not hasattr(given, "fit"):
        return ""
    return ": pass lambda X, Y: clone(estimator).fit(X, Y).predict"


def _alike(f, Y):
    f, Y = real_array("f", f), real_array("Y", Y)
    if f.shape != Y.shape or not Y.size:
        raise ValueError(
            f"f and Y must have the same shape, not empty, got {f.shape} and {Y.shape}"
        )
    return f, Y
