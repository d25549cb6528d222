r"""Powers of several sizes, :math:`y = c\, N^a D^b`: optimal rates, batch sizes."""

from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import positive, probability, truth
from scalinglib._labels import labelled, like
from scalinglib.laws.uncertainty import LEVEL, StudentEstimate, quantile

__all__ = ["ProductFit", "fit_product"]

TOGETHER = 1e-6  # least share of a size's logarithm that the other sizes do not give


@dataclass(frozen=True, eq=False)
class ProductFit:
    r"""A fitted product of powers; call it with its sizes to evaluate it.

    Attributes
    ----------
    constant : float
        c, the value where all sizes are one.
    exponents : dict
        For each size a `StudentEstimate` of its exponent.
    freedom : int
        Runs less parameters; with none the intervals are infinite.
    scatter : float
        Standard deviation of the residuals, of log y; nan without freedom.
    residuals : (n,) ndarray or DataArray
        Log of what was given over what is fitted.

    See Also
    --------
    fit_product : How it is made.
    """

    constant: float
    exponents: dict
    freedom: int
    scatter: float
    residuals: np.ndarray = field(repr=False)
    _centre: np.ndarray = field(repr=False)
    _level: float = field(repr=False)
    _covariance: np.ndarray = field(repr=False)

    def __call__(self, **sizes):
        """Evaluate at sizes by name, positive, numbers or arrays of one shape."""
        rows, template = self._rows(sizes)
        return like(template, np.exp(rows @ self._coefficients()))

    def interval(self, *, level=LEVEL, new=False, **sizes):
        """Interval of the law at sizes by name, or of one new run there.

        Parameters
        ----------
        level : float, default 0.95
            Probability, above 0 and below 1.
        new : bool, default False
            Whether it holds the value of a new run, which scatters about the law.
        **sizes : float or array_like
            Positive, of one shape.

        Returns
        -------
        (lower, upper)
            Each of the shape of the sizes.

        Raises
        ------
        ValueError
            If a size is missing, not of the law, or not positive; or `level` is out of
            range.
        """
        level = probability("level", level)
        new = truth("new", new)
        rows, template = self._rows(sizes)
        variance = np.einsum("...i,ij,...j->...", rows, self._covariance, rows)
        if not self.freedom:
            half = np.full(variance.shape, np.inf)
        else:
            error = np.sqrt(variance + new * self.scatter**2)
            half = quantile(level, self.freedom) * error
        middle = rows @ self._coefficients()
        ends = np.exp(middle - half), np.exp(middle + half)
        return tuple(like(template, end) for end in ends)

    def _coefficients(self):
        exponents = [estimate.value for estimate in self.exponents.values()]
        return np.array([self._level, *exponents])

    def _rows(self, sizes):
        """Rows (1, log of each size less its mean), and what labels them."""
        if set(sizes) != set(self.exponents):
            raise ValueError(
                f"sizes must be given by name, {', '.join(self.exponents)}, got "
                f"{', '.join(sizes) or 'none'}"
            )
        template = next((x for x in sizes.values() if labelled(x)), None)
        logs = [np.log(positive(name, sizes[name])) for name in self.exponents]
        try:
            logs = np.stack(np.broadcast_arrays(*logs), axis=-1) - self._centre
        except ValueError:
            shapes = [np.shape(size) for size in sizes.values()]
            raise ValueError(f"sizes must have one shape, got {shapes}") from None
        return np.concatenate([np.ones((*logs.shape[:-1], 1)), logs], -1), template

    def __str__(self):
        powers = " ".join(f"{n}^{e.value:.3g}" for n, e in self.exponents.items())
        ends = {name: e.interval() for name, e in self.exponents.items()}
        said = ", ".join(f"{n} {a:.3g} to {b:.3g}" for n, (a, b) in ends.items())
        return f"{self.constant:.3g} {powers}; exponents of {said} (95 %)"


def fit_product(values, **sizes):
    r"""Fit a product of powers, :math:`y = c \prod_k x_k^{a_k}`, to runs.

    Least squares of :math:`\log y` on the :math:`\log x_k`, with Student's intervals:
    the residuals are taken to be independent, and to scatter alike. That the law is
    right is assumed: look at the residuals along each size.

    Parameters
    ----------
    values : (n,) array_like or DataArray
        Positive; what `scalinglib.laws.reading.read` returns, trials averaged and its
        sizes known, or an array.
    **sizes : (n,) array_like
        By name, positive: only for an array.

    Returns
    -------
    ProductFit

    Raises
    ------
    ValueError
        If something is not finite and positive, lengths differ, there are fewer runs
        than parameters, or the sizes of the runs go together so that their exponents
        cannot be told apart.

    Examples
    --------
    The best learning rate of six models, of N parameters and D tokens:

    >>> N, D = np.array([1e7, 1e7, 1e8, 1e8, 1e9, 1e9]), np.geomspace(1e8, 1e11, 6)
    >>> noise = np.exp([0.01, -0.02, 0.01, 0.02, -0.03, 0.01])
    >>> law = fit_product(3.0 * N**-0.25 * D**0.1 * noise, N=N, D=D)
    >>> f"{law.exponents['N']:.2f}", f"{law.exponents['D']:.2f}"
    ('-0.26 (-0.32 to -0.20)', '0.10 (0.06 to 0.15)')
    >>> low, high = law.interval(N=1e10, D=1e12)
    >>> bool(low < 3.0 * 1e10**-0.25 * 1e12**0.1 < high)
    True
    """
    template = None
    if labelled(values):
        values, sizes, template = _labelled(values, sizes)
    y = positive("values", values)
    if not sizes:
        raise ValueError("values without labels need sizes by name, as N=N, D=D")
    columns = {name: positive(name, size) for name, size in sizes.items()}
    for name, column in columns.items():
        if y.ndim != 1 or column.shape != y.shape:
            raise ValueError(
                f"values and {name} must have one axis and one length, got shapes "
                f"{y.shape} and {column.shape}"
            )
    n, p = len(y), 1 + len(columns)
    if n < p:
        raise ValueError(f"values must hold at least {p} runs, got {n}")
    logs = np.log(np.stack(list(columns.values()), axis=1))
    centre = logs.mean(axis=0)
    rows = np.column_stack([np.ones(n), logs - centre])
    _told_apart(rows[:, 1:], list(columns))
    found, *_ = np.linalg.lstsq(rows, np.log(y))
    residuals, freedom = np.log(y) - rows @ found, n - p
    scatter = np.sqrt(residuals @ residuals / freedom) if freedom else np.nan
    covariance = np.linalg.inv(rows.T @ rows) * (scatter**2 if freedom else np.inf)
    errors = np.sqrt(np.diag(covariance)) if freedom else np.full(p, np.inf)
    estimates = [
        StudentEstimate(float(value), float(error), freedom or np.inf)
        for value, error in zip(found[1:], errors[1:], strict=True)
    ]
    with np.errstate(over="ignore", under="ignore"):
        constant = float(np.exp(found[0] - centre @ found[1:]))
    return ProductFit(
        constant,
        dict(zip(columns, estimates, strict=True)),
        freedom,
        float(scatter),
        like(template, residuals),
        centre,
        float(found[0]),
        covariance,
    )


def _labelled(values, sizes):
    """Values, sizes and labels of a curve; trials are averaged."""
    if sizes:
        raise ValueError("values have labels: the sizes are theirs, and none is given")
    if "trial" in values.dims:
        values = values.mean("trial")
    if values.ndim != 1:
        raise ValueError(
            f"values must have one dimension and perhaps 'trial', got "
            f"{dict(values.sizes)}"
        )
    along = values.dims[0]
    found = {
        name: coordinate.values
        for name, coordinate in values.coords.items()
        if coordinate.dims == (along,) and name not in ("run", "error")
    }
    if not found:
        raise ValueError(f"values must have sizes as coordinates along {along!r}")
    return values.values, found, values


def _told_apart(logs, names):
    """Refuse sizes that the other ones determine."""
    spread = np.sqrt((logs**2).sum(axis=0))
    for k, name in enumerate(names):
        others = np.delete(logs, k, axis=1)
        left = logs[:, k] - others @ np.linalg.lstsq(others, logs[:, k])[0]
        if np.sqrt(left @ left) <= TOGETHER * spread[k] or not spread[k]:
            rest = [other for other in names if other != name]
            how = f"goes together with {rest}" if spread[k] else "is the same in all"
            raise ValueError(
                f"{name} {how} in these runs, and its exponent cannot be told: leave "
                "it out, or add runs"
            )
