"""The dimension of planted sets by other means: scikit-dimension's, and the field's."""

import importlib
import time
import warnings

import numpy as np
import xarray as xr

from scalinglib import geometry
from scalinglib._input import one_of
from scalinglib.experiments.torus_networks import on_circles
from scalinglib.geometry import dimension

__all__ = ["PEERS", "SETS", "by_peers", "fitted", "make_dimension_peers"]

N, DRAWS = 1000, 5


def _rounded(rng):
    turn = np.linalg.qr(rng.standard_normal((40, 3)))[0]
    return np.round(rng.random((N, 3)) @ turn.T, 2)


def _copied(rng):
    X = rng.standard_normal((N, 5))
    X[-10:] = X[:10] * (1 + 1e-7)  # nearly the same
    return X


def _of(manifold):
    return lambda rng: manifold.sample(N, rng=rng)


#: Name, dimension and how to draw a thousand points.
SETS = {
    "sphere 2": (2, _of(geometry.sphere(2))),
    "sphere 5": (5, _of(geometry.sphere(5))),
    "sphere 10": (10, _of(geometry.sphere(10))),
    "cube 3": (3, _of(geometry.cube(3))),
    "cube 10": (10, _of(geometry.cube(10))),
    "cube 20": (20, _of(geometry.cube(20))),
    "normal 5": (5, lambda rng: rng.standard_normal((N, 5))),
    "normal 20": (20, lambda rng: rng.standard_normal((N, 20))),
    "swiss roll": (2, lambda rng: geometry.swiss_roll().sample(N, rng=rng)),
    "circles 6": (6, lambda rng: on_circles(geometry.torus(6).sample(N, rng=rng))),
    "rounded 3": (3, _rounded),
    "copies 5": (5, _copied),
}

#: Every way to tell a dimension: its name in scikit-dimension, or ours.
PEERS = {
    "estimate": None,
    "TwoNN": None,
    "Levina-Bickel": None,
    "MLE": "MLE",
    "correlation": "CorrInt",
    "local PCA": "lPCA",
    "DANCo": "DANCo",
    "ESS": "ESS",
    "Fisher S": "FisherS",
    "TLE": "TLE",
    "method of moments": "MOM",
}


def fitted(name, X):
    """Dimension by one of `PEERS`, the ends of its interval, and seconds.

    Parameters
    ----------
    name : str
        A key of `PEERS`.
    X : (N, n) ndarray
        Points.

    Returns
    -------
    (4,) ndarray
        Value, lower and upper end at 95 %, nan where no error is stated, and seconds of
        a processor.

    Raises
    ------
    ImportError
        If it is scikit-dimension's, and that is not there.

    Examples
    --------
    >>> X = geometry.cube(2).sample(500, rng=0)
    >>> value, low, high, seconds = fitted("TwoNN", X)
    >>> bool(low < 2 < high)
    True
    """
    theirs = PEERS[one_of("name", name, PEERS)]
    own = {
        "estimate": lambda: dimension.estimate(X, rng=0),
        "TwoNN": lambda: geometry.two_nn(X),
        "Levina-Bickel": lambda: geometry.levina_bickel(X, k=10),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of assumptions that fail: it is judged
        if theirs is None:
            start = time.process_time()
            found = own[name]()
            seconds = time.process_time() - start
            return np.array([found.value, *found.interval(), seconds])
        kind = getattr(importlib.import_module("skdim.id"), theirs)
        start = time.process_time()
        value = float(kind().fit(X).dimension_)
        return np.array([value, np.nan, np.nan, time.process_time() - start])


def make_dimension_peers():
    """Dimensions of all `SETS` by all `PEERS`, in five draws.

    Returns
    -------
    Dataset
        ``value`` and ``seconds`` (peer, set, draw); ``interval`` (stating, set, draw,
        end) of the peers that state one; ``truth`` (set).

    Examples
    --------
    >>> from scalinglib import stored
    >>> stored.load("dimension_peers").truth.sel(set="cube 20").item()
    20.0
    """
    found = np.empty((len(PEERS), len(SETS), DRAWS, 4))
    for j, (_, draw) in enumerate(SETS.values()):
        for k in range(DRAWS):
            X = draw(np.random.default_rng(k))
            for i, name in enumerate(PEERS):
                if not (j or k):  # what is compiled at the first call does not count
                    fitted(name, X[:100])
                found[i, j, k] = fitted(name, X)
    return packed(found)


def packed(found):
    """What was found, with labels.

    Parameters
    ----------
    found : (peers, sets, draws, 4) ndarray
        As from `fitted`.

    Returns
    -------
    Dataset
    """
    labels = {"peer": list(PEERS), "set": list(SETS), "draw": range(found.shape[2])}
    stating = [name for name, theirs in PEERS.items() if theirs is None]
    ends = found[: len(stating), ..., 1:3]
    return xr.Dataset(
        {
            "value": ([*labels], np.float32(found[..., 0])),
            "seconds": ([*labels], np.float32(found[..., 3])),
            "interval": (["stating", "set", "draw", "end"], np.float32(ends)),
            "truth": ("set", np.float32([d for d, _ in SETS.values()])),
        },
        labels | {"stating": stating, "end": ["low", "high"]},
        {"seed": 0},
    )


def by_peers(found):
    """What the peers are worth: error, share held, seconds.

    Parameters
    ----------
    found : Dataset
        As from `make_dimension_peers`.

    Returns
    -------
    Dataset
        ``error`` (peer, set), the median over draws, relative; ``worst`` (peer), the
        largest of these; ``held`` (peer), the share of intervals that hold, nan where
        no error is stated; ``seconds`` (peer), the median.

    Examples
    --------
    >>> from scalinglib import stored
    >>> bool(by_peers(stored.load("dimension_peers")).held.sel(peer="estimate") > 0.9)
    True
    """
    error = abs(found.value / found.truth - 1).median("draw")
    low, high = (found.interval.sel(end=end, drop=True) for end in found.end.values)
    held = ((low <= found.truth) & (high >= found.truth)).mean(["set", "draw"])
    return xr.Dataset(
        {
            "error": error,
            "middle": error.median("set"),
            "worst": error.max("set"),
            "held": held.rename(stating="peer").reindex(peer=found.peer),
            "seconds": found.seconds.median(["set", "draw"]),
        }
    )
