"""Learning curves that other people measured."""

from importlib import resources

import numpy as np

from scalinglib._input import one_of, whole_number

__all__ = ["HELD_BACK", "load_learning_curves", "measured_curve"]

#: Data sets whose number is a multiple of this had no part in learning to forecast.
HELD_BACK = 5


def load_learning_curves():
    """Error rates of eight classifiers on 52 tabular data sets, 353 curves.

    Returns
    -------
    DataFrame
        With columns ``dataset`` (its OpenML number), ``learner``, ``D`` (training
        samples), ``trial`` and ``error``; the trials are up to five outer splits, each
        a mean over inner ones.

    References
    ----------
    F. Mohr, T. J. Viering, M. Loog and J. N. van Rijn, "LCDB 1.0: an extensive learning
    curves database for classification tasks", ECML PKDD (2022): error rates on the test
    parts, from sets with an even number, at least 14 sizes and 4000 samples.

    Examples
    --------
    >>> table = load_learning_curves()
    >>> table.groupby(["dataset", "learner"]).ngroups
    353
    """
    import pandas as pd

    path = resources.files("scalinglib") / "data" / "learning_curves.csv.gz"
    with resources.as_file(path) as file:
        return pd.read_csv(file)


def measured_curve(dataset, learner):
    """One of the curves of `load_learning_curves`.

    Parameters
    ----------
    dataset : int
        Its OpenML number.
    learner : str
        As in the table.

    Returns
    -------
    DataArray, dims (D, trial)

    Raises
    ------
    ValueError
        If there is no such curve.

    Examples
    --------
    >>> measured_curve(28, "RandomForest").sizes["trial"]
    5
    """
    import xarray as xr

    table = load_learning_curves()
    learner = one_of("learner", learner, sorted(set(table["learner"])))
    table = table[table["learner"] == learner]
    rows = table[table["dataset"] == whole_number("dataset", dataset, least=1)]
    if rows.empty:
        there = np.unique(table["dataset"])
        raise ValueError(
            f"dataset must have a curve of {learner}, as {', '.join(map(str, there))} "
            f"have, got {dataset}"
        )
    wide = rows.pivot(index="D", columns="trial", values="error")
    labels = {"D": wide.index.to_numpy(), "trial": wide.columns.to_numpy()}
    return xr.DataArray(wide.to_numpy(), labels, ["D", "trial"], name="error")
