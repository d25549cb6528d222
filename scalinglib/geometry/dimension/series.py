"""Points in time: neighbours along the path of a trajectory say nothing of its set."""

import numpy as np

__all__ = ["correlation_time", "one_per_passage"]


def one_per_passage(times, window, rng):
    """Pick of the points of a ball one from each time the trajectory came through.

    Parameters
    ----------
    times : (N,) ndarray
        Time of each point.
    window : float
        Points less than this apart, one after another, are one passage.
    rng : numpy.random.Generator
        Draws which point of a passage: the nearest to the centre of each would lie on
        a surface across the flow, of one dimension less.

    Returns
    -------
    callable
        ``pick(index (m, k)) -> (m, k)`` of bool.
    """

    def pick(index):
        when = times[index]
        order = np.argsort(when, axis=1)
        later = np.diff(np.take_along_axis(when, order, 1), axis=1) > window
        passage = np.zeros(index.shape)
        passage[:, 1:] = np.cumsum(later, axis=1)
        key = passage + rng.random(index.shape)
        shuffled = np.argsort(key, axis=1)
        sorted_passage = np.take_along_axis(passage, shuffled, 1)
        last = np.ones(index.shape, bool)
        last[:, :-1] = sorted_passage[:, 1:] != sorted_passage[:, :-1]
        chosen = np.zeros(index.shape, bool)
        where = np.take_along_axis(order, shuffled, 1)
        np.put_along_axis(chosen, where, last, 1)
        return chosen

    return pick


def correlation_time(X, times):
    r"""Time after which a trajectory has forgotten where it was.

    Four times the least lag at which the mean squared displacement reaches the share
    1 − 1/e of twice the variance, in units of the times.

    Parameters
    ----------
    X : (N, n) ndarray
        Points in the order of time.
    times : (N,) ndarray
        Their times, increasing.

    Returns
    -------
    float
    """
    N = len(X)
    Z = X - X.mean(axis=0)
    enough = (1 - np.exp(-1)) * 2 * (Z**2).sum(axis=1).mean()
    for lag in range(1, N // 4):
        if ((Z[lag:] - Z[:-lag]) ** 2).sum(axis=1).mean() >= enough:
            break
    return float(4 * np.mean(times[lag:] - times[:-lag]))
