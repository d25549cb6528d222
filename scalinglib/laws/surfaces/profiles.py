r"""Runs of a few budgets: the best size of each, and its power law, IsoFLOP."""

import numpy as np
import xarray as xr

from scalinglib._input import above_zero, one_of
from scalinglib.laws.surfaces.budgets import profiles_of
from scalinglib.laws.surfaces.lines import line, off_the_others
from scalinglib.laws.surfaces.observed import runs_of
from scalinglib.laws.surfaces.optima import IsoFLOP
from scalinglib.laws.surfaces.valleys import of_parabolas, of_surface
from scalinglib.laws.uncertainty import StudentEstimate

__all__ = ["fit_isoflop"]

SHAPES = "parabola", "surface"
UNSURE = 0.5  # error of ln P beyond which the bottom of a profile is not seen


def fit_isoflop(
    P, D=None, loss=None, *, C=None, flops=6.0, budgets=None, shape="parabola"
):
    r"""Fit the least loss of each budget, and the power law of the best sizes.

    Parameters
    ----------
    P, D, loss, C
        Runs, as columns or a labelled array: P with loss and one of D and C.
    flops : float, default 6.0
        Compute for each parameter and example: C = flops P D.
    budgets : (K,) array_like, optional
        Increasing. Runs whose C is within 5 % of one are of it. By default budgets are
        where C of many runs lies within 10 %, at least twice as densely as beside it;
        the budget is their median.
    shape : {"parabola", "surface"}
        A parabola of the loss in :math:`\ln P` for each budget, whose vertex is biased
        (`parabola_bias`); or :math:`L_0 + a P^{-\alpha_P} + b D^{-\alpha_D}` with
        :math:`L_0, a, b \ge 0` of each budget and exponents of all of them, which is
        not, if such is the loss.

    Returns
    -------
    IsoFLOP

    Raises
    ------
    ValueError
        If the runs are not positive numbers of one length, there are fewer than two
        budgets with five sizes each, or fewer than two with a minimum.

    Notes
    -----
    Four sizes leave a parabola one residual, which tells no error: profiles have five.
    A run more than chance (one profile in a thousand) off a smooth curve of the others
    is left out, and noted. The scatter of a profile is drawn towards that of the
    others, as if by four more residuals. Errors of :math:`\ln P^*` follow from it to
    first order; of the surface those of the exponents are among them, and go together.

    .. math:: \ln P^* = \frac{1}{\alpha_P + \alpha_D}
                        \ln \frac{\alpha_P a}{\alpha_D b (C/f)^{-\alpha_D}}

    Minima outside their window are not used for the power law. The others weigh by
    their errors and a scatter common to all, less if they are beyond 1.5 errors. One is
    noted to be off the power law of the others where chance would do so in one table
    of twenty (of 100 with 1 % noise it was noted in nine).

    Of 200 planted tables with 1 % noise the 95 % intervals of :math:`P^*` within the
    budgets and ten times beyond hold 94 to 98 % with the surface. With parabolas they
    hold 89 to 96 % in centred windows of exponents .34 and .36, and next to nothing
    where wide windows drift.

    References
    ----------
    J. Hoffmann et al., "Training compute-optimal large language models", NeurIPS 2022,
    approach 2. G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate", SIAM J. Numer. Anal. 10
    (1973) 413–432.

    Examples
    --------
    >>> C = np.repeat([1e18, 1e19, 1e20, 1e21], 9)
    >>> P = 0.1 * C**0.5 * np.tile(np.geomspace(1 / 8, 8, 9), 4)
    >>> loss = 1.8 + 500 * P**-0.35 + 2000 * (C / (6 * P)) ** -0.35
    >>> found = fit_isoflop(P, loss=loss, C=C, shape="surface")
    >>> print(f"{found.exponent.value:.4f}")
    0.5000
    >>> P, D = found.optimal(1e24)
    >>> print(f"{P.value / D.value:.4f} {0.25 ** (1 / 0.35):.4f}")
    0.0190 0.0190
    """
    shape = one_of("shape", shape, SHAPES)
    runs = runs_of(P, D, loss, C=C, flops=flops)
    flops = above_zero("flops", flops)
    profiles, left_over = profiles_of(runs, flops, budgets)
    parabolas = shape == "parabola"
    found = of_parabolas(profiles) if parabolas else of_surface(profiles, flops)
    log_C = np.log([p.C for p in profiles])
    ends = np.log([[p.P[0], p.P[-1]] for p in profiles]).T
    inside = (ends[0] <= found.log_P) & (found.log_P <= ends[1])
    if inside.sum() < 2:
        raise ValueError(
            "loss must have a minimum within the sizes of at least two budgets, got "
            f"{inside.sum()} of {len(profiles)}; run more sizes on the side where the "
            "loss still falls"
        )
    chosen = np.ix_(inside, inside)
    minima = log_C[inside], found.log_P[inside], found.covariance[chosen], found.freedom
    path, off = line(*minima), np.full((2, len(profiles)), np.nan)
    off[:, inside] = off_the_others(*minima)
    errors = np.sqrt(np.diag(found.covariance))
    table = _table(profiles, found, flops, ends, errors, inside, off)
    slope, error, freedom = path.along(np.array([0.0, 1.0]))
    exponents = None
    if found.exponents is not None:
        pairs = zip(found.exponents, found.errors, strict=True)
        exponents = tuple(
            StudentEstimate(float(v), float(e), found.freedom) for v, e in pairs
        )
    return IsoFLOP(
        table,
        StudentEstimate(float(slope), float(error), float(freedom)),
        exponents,
        path.scatter,
        shape,
        flops,
        left_over,
        path,
        profiles,
    )


def _table(profiles, found, flops, ends, errors, inside, off):
    """Profiles as a dataset."""
    C, P = np.array([p.C for p in profiles]), np.exp(found.log_P)
    errors = np.where(np.isfinite(P), errors, np.inf)
    rows = zip(profiles, found.log_P, errors, off.T, strict=True)
    columns = {
        "P": P,
        "D": C / (flops * P),
        "loss": found.loss,
        "stderr": errors,
        "runs": [len(p) for p in profiles],
        "sizes": [p.sizes for p in profiles],
        "half_width": (ends[1] - ends[0]) / 2,
        "drift": (ends[1] + ends[0]) / 2 - found.log_P,
        "used": inside,
        "note": np.array([_note(*row) for row in rows], dtype=object),
    }
    data = {name: ("C", values) for name, values in columns.items()}
    return xr.Dataset(data, coords={"C": C})


def _note(profile, log_P, error, off):
    """What is wrong with a profile."""
    said = [
        f"left out the run of P = {P:.3g}, off the others" for P in profile.left_out
    ]
    below = len({*profile.P[np.log(profile.P) < log_P]})
    above = len({*profile.P[np.log(profile.P) > log_P]})
    if np.isnan(log_P):
        said.append("no minimum: the fit opens downward, or falls to one side")
    elif not below or not above:
        said.append("the minimum is outside the window")
    elif min(below, above) == 1:
        said.append("one side of the minimum has one size")
    if np.isfinite(log_P) and error > UNSURE:
        said.append("the minimum is hardly seen")
    if np.isfinite(off[0]):
        known = ", as its own error allows" * bool(off[1])
        said.append(f"off the power law of the others by a factor {off[0]:.3g}{known}")
    return "; ".join(said)
