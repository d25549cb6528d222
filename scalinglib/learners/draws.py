"""Where the examples of a trial come from: a data set that is split, or a target."""

from scalinglib._input import function, rows_and_targets, whole_number

__all__ = ["fresh_sample", "random_split"]


def random_split(X, Y, *, test, train=None):
    """Split a data set at random, for `learning_curve`.

    Parameters
    ----------
    X : (N, …) array_like
        Inputs.
    Y : (N,) or (N, C) array_like
        Targets.
    test : int
        How many examples are for the test, from 1 to N − 1.
    train : int, optional
        How many of the others are for training; by default all.

    Returns
    -------
    draw : callable
        ``draw(rng) -> (X, Y, X_test, Y_test)``. The training examples are in random
        order, so that the first D are a sample.

    Raises
    ------
    ValueError
        If lengths differ or a number is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> draw = random_split(np.arange(10)[:, None], np.arange(10), test=4)
    >>> X, Y, X_test, Y_test = draw(np.random.default_rng(0))
    >>> X.shape, Y_test.shape, sorted([*Y, *Y_test]) == list(range(10))
    ((6, 1), (4,), True)
    """
    X, Y = rows_and_targets(X, Y)
    test = whole_number("test", test, least=1)
    rest = len(X) - test
    if rest < 1:
        raise ValueError(f"test must be below the {len(X)} rows of X, got {test}")
    train = rest if train is None else whole_number("train", train, least=1)
    if train > rest:
        raise ValueError(
            f"train must be at most the {rest} rows that are not for the test, got "
            f"{train}"
        )

    def draw(rng):
        order = rng.permutation(len(X))
        seen, unseen = order[test : test + train], order[:test]
        return X[seen], Y[seen], X[unseen], Y[unseen]

    return draw


def fresh_sample(sample, target, *, train, test):
    """Draw points that were never seen, labelled by a target, for `learning_curve`.

    Parameters
    ----------
    sample : callable
        ``sample(D, rng=rng)`` returns D random points, as that of a
        `scalinglib.geometry.Manifold` does.
    target : callable
        ``target(X)`` are their labels, as of a `scalinglib.geometry.Teacher`.
    train, test : int
        Numbers of points for training and for the test, at least 1.

    Returns
    -------
    draw : callable
        ``draw(rng) -> (X, Y, X_test, Y_test)``. The test points are drawn first: they
        do not depend on `train`.

    Raises
    ------
    ValueError
        If a number is below 1, or `sample` or `target` cannot be called.

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib import geometry
    >>> wave = geometry.fourier(2, smoothness=1, rng=0)
    >>> draw = fresh_sample(geometry.torus(2).sample, wave, train=64, test=1000)
    >>> [part.shape for part in draw(np.random.default_rng(0))]
    [(64, 2), (64,), (1000, 2), (1000,)]
    """
    function("sample", sample, of="(size, rng=rng)")
    function("target", target, of="inputs")
    train, test = (
        whole_number(name, value, least=1)
        for name, value in {"train": train, "test": test}.items()
    )

    def draw(rng):
        X_test, X = sample(test, rng=rng), sample(train, rng=rng)
        return X, target(X), X_test, target(X_test)

    return draw
