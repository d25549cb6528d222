"""Learning curves, and runs of many sizes, that other people measured."""

from importlib import resources

import numpy as np

from scalinglib._input import one_of, whole_number

__all__ = [
    "HELD_BACK",
    "load_learning_curves",
    "load_surface_runs",
    "measured_curve",
]

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


def load_surface_runs(study):
    """Losses of language models over parameters and compute, as two studies drew them.

    Parameters
    ----------
    study : str
        ``"chinchilla"``: 245 runs of Hoffmann et al. (2022), their figure 4, with the
        largest losses first; those who fit a surface to them leave out the five largest
        and take D = C/(6 N). ``"llama3"``: 133 runs of Grattafiori et al. (2024), their
        figure 2: profiles at ten budgets, each divided by a normaliser of its own unit.

    Returns
    -------
    DataFrame
        Columns ``N`` (parameters), ``C`` (compute of the training) and ``loss``; of
        ``"llama3"`` also ``D`` (tokens).

    Raises
    ------
    ValueError
        If there is no such study.

    References
    ----------
    J. Hoffmann et al., "Training compute-optimal large language models",
    arXiv:2203.15556 (2022), read off the figure by T. Besiroglu, E. Erdil, M. Barnett
    and J. You, arXiv:2404.10102 (2024). A. Grattafiori et al., "The Llama 3 herd of
    models", arXiv:2407.21783 (2024), read off by the authors of
    github.com/Open-Athena/scaling-law-analysis.

    Examples
    --------
    >>> runs = load_surface_runs("chinchilla")
    >>> len(runs), runs.loss.nsmallest(240).max().round(2)
    (245, np.float64(3.41))
    """
    import pandas as pd

    study = one_of("study", study, ("chinchilla", "llama3"))
    path = resources.files("scalinglib") / "data" / f"runs_{study}.csv"
    with resources.as_file(path) as file:
        return pd.read_csv(file)
