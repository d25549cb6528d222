"""Learning curves of scikit-learn's estimators."""

import numpy as np
import xarray as xr
from tqdm import tqdm

from scalinglib._input import generator, increasing, truth, whole_number

__all__ = ["from_estimator"]


def from_estimator(
    estimator,
    X,
    y,
    sizes,
    *,
    splits=5,
    scoring=None,
    rng=None,
    jobs=None,
    progress=True,
):
    """Measure the learning curve of an estimator of scikit-learn.

    Parameters
    ----------
    estimator : estimator
        Any with ``fit`` and ``predict``; each fit is of a clone.
    X : array_like, shape (N, d)
        Inputs.
    y : array_like, shape (N,) or (N, outputs)
        Targets.
    sizes : (n,) array_like of int
        Training samples, increasing, at most four fifths of N.
    splits : int, default 5
        Random splits into training and test samples, the trials; the smaller training
        sets of a split are parts of its larger ones.
    scoring : str, optional
        A name that scikit-learn knows; by default ``"accuracy"`` for a classifier and
        ``"neg_mean_squared_error"`` otherwise. What begins with ``neg_`` changes its
        sign, anything else is taken from one, to be a loss.
    rng : None, int or numpy.random.Generator
        For the splits.
    jobs : int, optional
        Processes.
    progress : bool, default True
        Whether to show a bar.

    Returns
    -------
    DataArray, dims (D, trial)
        A curve, as `scalinglib.laws.fit` and `scalinglib.laws.forecast` take it.

    Raises
    ------
    ValueError
        If `sizes` are not increasing or too large, `splits` is below one, or `scoring`
        is not a name.
    ImportError
        If scikit-learn is not installed: ``pip install scikit-learn``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_digits(return_X_y=True)
    >>> curve = from_estimator(GaussianNB(), X, y, [64, 256, 1024], progress=False)
    >>> curve.dims
    ('D', 'trial')
    """
    try:
        from sklearn.base import is_classifier
        from sklearn.model_selection import ShuffleSplit, learning_curve
    except ImportError as error:
        raise ImportError(
            "from_estimator needs scikit-learn: pip install scikit-learn"
        ) from error
    progress = truth("progress", progress)
    if not hasattr(estimator, "fit"):
        raise ValueError(
            f"estimator must be one of scikit-learn, with fit, got {estimator!r}"
        )
    if np.ndim(y) == 0 or len(y) < 2:
        raise ValueError(f"y must hold a target for each sample, got {y!r}")
    samples = len(y)
    held_out = -(-samples // 5)
    sizes = increasing("sizes", sizes, most=samples - held_out)
    splits = whole_number("splits", splits, least=1)
    if scoring is None:
        scoring = "accuracy" if is_classifier(estimator) else "neg_mean_squared_error"
    if not isinstance(scoring, str):
        raise ValueError(
            "scoring must be a name that scikit-learn knows, as 'neg_log_loss', got "
            f"{scoring!r}"
        )
    seed = int(generator(rng).integers(2**31))
    cv = ShuffleSplit(splits, test_size=held_out, random_state=seed)
    rows = []
    for size in tqdm(sizes, disable=not progress, unit="size"):
        _, _, scores = learning_curve(
            estimator, X, y, train_sizes=[int(size)], cv=cv, scoring=scoring,
            n_jobs=jobs, error_score="raise",
        )  # fmt: skip
        rows.append(-scores[0] if scoring.startswith("neg_") else 1 - scores[0])
    labels = {"D": sizes, "trial": np.arange(splits)}
    return xr.DataArray(np.array(rows), labels, ["D", "trial"], name="loss")
