"""Forecasts of learning curves by other means, on the curves that are held back."""

import warnings

import numpy as np
import xarray as xr
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.stats import t as student

from scalinglib._input import one_of
from scalinglib.data import HELD_BACK, load_learning_curves
from scalinglib.laws import compare, forecast
from scalinglib.laws.points import points_of
from scalinglib.laws.scoring import interval_score

__all__ = ["HORIZONS", "PEERS", "curves_of", "make_peers", "predict", "scored"]

#: How many times the sizes seen the largest size of a curve is.
HORIZONS = 2, 4, 8, 16
LEVEL = 0.9
RECENT = 4  # sizes through which the local slope goes


def _power(x, floor, a, alpha):
    return floor + a * x**-alpha


def _mmf(x, first, half, last, d):
    return (first * half + last * x**d) / (half + x**d)


def _weibull(x, last, first, rate, d):
    return last + (first - last) * np.exp(-rate * x**d)


#: Laws with the starts and the limits of their parameters, in first sizes and losses.
LAWS = {
    "power with floor": (_power, (0.5, 0.5, 0.5), (0, 0, 0), (2, 100, 3)),
    "MMF": (_mmf, (1, 1, 0.3, 0.5), (0, 1e-3, 0, 0.01), (9, 1e6, 2, 5)),
    "Weibull": (_weibull, (0.3, 1.2, 0.5, 0.3), (0, 0, 1e-6, 0.01), (2, 20, 50, 3)),
}


def _fitted(name, points, at):
    """Least squares by `scipy.optimize.curve_fit`, the delta method, Student's t."""
    law, start, low, high = LAWS[name]
    x, y = points.x / points.x[0], points.mean / points.mean[0]
    freedom = len(x) - len(start)
    if freedom < 1:
        raise RuntimeError("too few sizes")
    sigma = y * points.error if points.freedom else None
    found, covariance = curve_fit(
        law, x, y, start, sigma, bounds=(low, high), maxfev=20_000
    )
    at = at / points.x[0]
    steps = 1e-5 * np.maximum(abs(found), 1e-3)
    slope = [
        (law(at, *(found + step)) - law(at, *(found - step))) / (2 * step.sum())
        for step in np.diag(steps)
    ]
    half = student.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(slope @ covariance @ slope)
    value = law(at, *found)
    ends = np.maximum([value, value - half, value + half], 1e-6)
    return np.log(ends * points.mean[0])


def _last(curve, at):
    return np.log(points_of(curve).mean[-1])


def _slope(curve, at):
    points = points_of(curve)
    u, y = np.log(points.x[-RECENT:]), np.log(points.mean[-RECENT:])
    return np.polyval(np.polyfit(u - u[-1], y, 1), np.log(at) - u[-1])


def _law_by(criterion):
    """The law that is the least by a criterion of `compare`."""

    def ahead(curve, at):
        found = compare(curve)
        best = list(found.fits)[found.table[criterion].values.argmin()]
        return np.log(max(float(found.fits[best](at)), 1e-9))

    return ahead


#: Forecasts without an interval of their own.
LINES = {
    "law of least AICc": _law_by("aicc"),
    "law best ahead": _law_by("ahead"),
    "last value": _last,
    "local slope": _slope,
}


def _process(points, at):
    """A Gaussian process on logarithms: a line, a smooth deviation, noise."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct
    from sklearn.gaussian_process.kernels import WhiteKernel as White

    u, y = np.log(points.x), np.log(points.mean)
    centre, scale = u.mean(), u.std()
    kernel = ConstantKernel() * DotProduct() + ConstantKernel() * RBF() + White(0.01)
    model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0)
    model.fit(((u - centre) / scale)[:, None], y)
    mean, sd = model.predict([[(np.log(at) - centre) / scale]], return_std=True)
    return mean[0] + sd[0] * student.ppf([0.5, 0.05, 0.95], np.inf)


#: Every way to forecast, and what tells its interval: itself, or how far it was off on
#: the curves that are not held back.
PEERS = {
    "this package": "itself",
    "power with floor": "itself",
    "MMF": "itself",
    "Weibull": "itself",
    "Gaussian process": "itself",
    **dict.fromkeys(LINES, "past errors"),
}


def predict(name, curve, at):
    """Log losses by one of `PEERS`: median, lower and upper end at 90 %, or a median.

    Parameters
    ----------
    name : str
        A key of `PEERS`.
    curve : pair of ndarray
        Sizes and trials of losses.
    at : float
        The size.

    Returns
    -------
    ndarray, shape (3,) or ()
        Without ends for those whose interval past errors tell; nan where a fit fails.

    Raises
    ------
    ValueError
        If there is no such name.

    Examples
    --------
    >>> x = 2.0 ** np.arange(6, 12)
    >>> float(np.exp(predict("last value", (x, x[:, None] ** -0.5), 4096)))
    0.0220...
    """
    if one_of("name", name, PEERS) == "this package":
        found = forecast(curve, at=at, level=LEVEL)
        return np.log([found.value, *found.interval()])
    if name in LINES:
        return np.array(LINES[name](curve, at))
    points = points_of(curve)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # no convergence, no covariance: it is judged
        try:
            if name == "Gaussian process":
                return _process(points, at)
            return _fitted(name, points, at)
        except (RuntimeError, ValueError, OptimizeWarning):
            return np.full(3, np.nan)


def curves_of(held_back):
    """Sizes and losses of the curves that had a part in learning, or had not.

    Parameters
    ----------
    held_back : bool
        Whether those that had not.

    Yields
    ------
    (str, ndarray, ndarray)
        Data set and learner, sizes (n,), losses (n, trials).

    Examples
    --------
    >>> len(list(curves_of(True)))
    77
    """
    table = load_learning_curves()
    table = table[(table["dataset"] % HELD_BACK == 0) == held_back]
    for (dataset, learner), rows in table.groupby(["dataset", "learner"]):
        wide = rows.pivot(index="D", columns="trial", values="error")
        yield f"{dataset} {learner}", wide.index.to_numpy(float), wide.to_numpy()


def _outcomes(name, held_back):
    """Forecasts (curve, horizon, 3) and truths (curve, horizon)."""
    found, truths = [], []
    for _, x, loss in curves_of(held_back):
        truth = np.log(np.nanmean(loss[-1]))
        for horizon in HORIZONS:
            n = int((x <= x[-1] / horizon * (1 + 1e-9)).sum())
            said = predict(name, (x[:n], loss[:n]), x[-1])
            found.append(np.broadcast_to(said, 3))
            truths.append(truth)
    shape = -1, len(HORIZONS)
    return np.reshape(found, (*shape, 3)), np.reshape(truths, shape)


def make_peers():
    """Forecasts of all `PEERS` for the curves that are held back, as logarithms.

    Returns
    -------
    Dataset
        ``said`` (peer, curve, horizon, end) with ends median, low, high, and ``truth``
        (curve, horizon).

    Examples
    --------
    >>> from scalinglib import stored
    >>> dict(stored.load("peers").said.sizes)["curve"]
    77
    """
    said = []
    for name, judged in PEERS.items():
        found, truth = _outcomes(name, True)
        if judged == "past errors":
            before, was = _outcomes(name, False)
            off = np.quantile(was - before[..., 0], [0.5, 0.05, 0.95], axis=0)
            found = found[..., :1] + off.T
        said.append(found)
    labels = {
        "peer": list(PEERS),
        "curve": [name for name, *_ in curves_of(True)],
        "horizon": list(HORIZONS),
        "end": ["median", "low", "high"],
    }
    data = {
        "said": (list(labels), np.float32(said)),
        "truth": (["curve", "horizon"], np.float32(truth)),
    }
    return xr.Dataset(data, labels, {"seed": 0})


def scored(found):
    """What forecasts are worth: share held, interval score, median error.

    Parameters
    ----------
    found : Dataset
        As from `make_peers`.

    Returns
    -------
    Dataset
        Along peer and horizon: ``held``; ``score``, the width of the 90 % interval and
        twenty times what lies outside, in logarithms, in the mean; ``trimmed``, the
        same without the worst two per cent; ``error``, the median; ``failed``, the
        share of curves that were not forecast. A forecast that failed counts as the
        worst that the peer made.

    Examples
    --------
    >>> from scalinglib import stored
    >>> worth = scored(stored.load("peers")).sel(peer="this package")
    >>> float(worth.held.mean()) > 0.85
    True
    """
    said, truth = found["said"], found["truth"]
    median, low, high = (said.sel(end=end, drop=True) for end in said["end"].values)
    failed = np.isnan(low + high)
    score = interval_score(low.fillna(0), high.fillna(0), truth, LEVEL).where(~failed)
    score = score.fillna(score.max("curve"))
    keep = int(0.98 * score.sizes["curve"])
    trimmed = xr.apply_ufunc(
        lambda s: np.sort(s, axis=-1)[..., :keep].mean(axis=-1),
        score,
        input_core_dims=[["curve"]],
    )
    error = abs(median - truth)
    return xr.Dataset(
        {
            "held": ((low <= truth) & (truth <= high)).mean("curve"),
            "score": score.mean("curve"),
            "trimmed": trimmed,
            "error": error.fillna(error.max("curve")).median("curve"),
            "failed": failed.mean("curve"),
        }
    )
