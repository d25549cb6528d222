"""What a learner of networks is: ``learn(X, Y)``, for one network or an ensemble."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import generator, real_array
from scalinglib.networks.batches import several

__all__ = ["Predictor"]

ENSEMBLES = (
    "; data for each member of an ensemble go with start=net.initialise(members)"
)


@dataclass(frozen=True, eq=False)
class Predictor:
    """What a learner returns: call it with X_new for predictions.

    From one network that was drawn, they have the shape of the targets: X_new (D', n)
    gives (D', C) or (D',). From an ensemble that was passed as ``start``, X_new (D', n)
    or (T, D', n) gives (T, D', C).

    Attributes
    ----------
    parameters : tuple of ndarray
        After training, with a leading axis of T members; those at initialisation for
        the linearised network.
    loss : ndarray, shape (T,)
        Loss of each member on its training data.
    path : dict
        For each step that was to be kept, what the learner would have returned then.

    Examples
    --------
    >>> from scalinglib.networks import MLP, gradient_descent
    >>> net = MLP([1, 4, 1])
    >>> learn = gradient_descent(net, rate=0.1, steps=5, rng=0)
    >>> learn([[1.0], [2.0]], [0.0, 1.0])([[1.5]]).shape
    (1,)
    >>> many = net.initialise(3, rng=0)
    >>> predict = learn([[1.0], [2.0]], [[0.0], [1.0]], start=many)
    >>> predict([[1.5]]).shape, predict.loss.shape, len(predict.parameters)
    ((3, 1, 1), (3,), 2)
    """

    parameters: tuple[np.ndarray, ...] = field(repr=False)
    loss: np.ndarray
    _predict: Callable = field(repr=False)
    path: dict = field(default_factory=dict, repr=False)

    def __call__(self, X):
        """Evaluate the network, or all members.

        Parameters
        ----------
        X : (D', n) or (T, D', n) array_like
            The same inputs for all members, or inputs for each.

        Returns
        -------
        ndarray
            Of the shape of the targets, or (T, D', C) for an ensemble.

        Raises
        ------
        ValueError
            If the shape does not match or X, or the result, is not finite.
        """
        return self._predict(X)


def learner(net, fit, rng, *, labels=False, weighted=True, sources=False):
    """Turn ``fit(parameters, X, Y[, weights])`` into ``learn(X, Y, *, start=None, …)``.

    With `labels` targets are classes (D,), else numbers (D, C), or (D,) for one output.
    With `sources` each member may have random numbers of its own.
    """
    for source in rng if sources and several(rng) else [rng]:
        generator(source)  # refused here, not at the first fit; a seed stays what it is

    def learn(X, Y, *misplaced, start=None, weights=None):
        if misplaced:
            raise TypeError(
                f"learn takes X and Y, got {len(misplaced)} more: give the parameters "
                "of an ensemble as start=, weights of the examples as weights="
            )
        if not weighted and weights is not None:
            raise ValueError(
                "weights must be left out: a network that fits all examples does so "
                f"whatever their weights, got {type(weights).__name__}"
            )
        options = {"weights": weights} if weighted else {}
        if start is not None:
            return fit(start, X, Y, **options)
        if sources and several(rng):
            raise ValueError(
                f"rng must be one source where a network is drawn, got {len(rng)}: a "
                "sequence goes with start=, one for each member"
            )
        X, Y = _one_data_set(net, X, Y, weights, labels)
        flat = Y.ndim == 1 and not labels
        Y = Y[:, None] if flat else Y
        return _alone(fit(net.initialise(1, rng=rng), X, Y, **options), net, flat)

    return learn


def _alone(trained, net, flat):
    """Predictor of a network that is no ensemble."""

    def predict(X_new):
        f = trained(_of_one("X_new", X_new, net.inputs))[0]
        return f[:, 0] if flat else f

    path = {step: _alone(then, net, flat) for step, then in trained.path.items()}
    return Predictor(trained.parameters, trained.loss, predict, path)


def _one_data_set(net, X, Y, weights, labels):
    """Examples for one network; more would train several, of which one is shown."""
    X, Y, C = _of_one("X", X, net.inputs), real_array("Y", Y), net.outputs
    shapes = [(len(X),)] if labels or C == 1 else []
    shapes += [] if labels else [(len(X), C)]
    if Y.shape not in shapes:
        accepted = " or ".join(map(str, shapes))
        remedy = ENSEMBLES if Y.ndim == 1 + len(shapes[-1]) else ""
        raise ValueError(f"Y must have shape {accepted}, got {Y.shape}" + remedy)
    if weights is not None and (found := np.shape(weights)) != (len(X),):
        remedy = ENSEMBLES if len(found) == 2 else ""
        raise ValueError(f"weights must have shape ({len(X)},), got {found}" + remedy)
    return X, Y


def _of_one(name, X, n):
    """Inputs of one network."""
    X = real_array(name, X)
    if X.ndim != 2 or X.shape[1] != n or not len(X):
        remedy = ENSEMBLES if X.ndim == 3 else ""
        raise ValueError(f"{name} must have shape (D, {n}), got {X.shape}" + remedy)
    return X
