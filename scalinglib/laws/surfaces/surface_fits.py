r"""Fit a surface of losses over parameters and data, :math:`L(P, D)`."""

import numpy as np

from scalinglib._input import generator, one_of, real_array
from scalinglib.laws.power_law import enough
from scalinglib.laws.surfaces.forms import FORMS
from scalinglib.laws.surfaces.judging import far_off
from scalinglib.laws.surfaces.loss_surface import LossSurface, scaled
from scalinglib.laws.surfaces.minimum import descend
from scalinglib.laws.surfaces.observed import runs_of
from scalinglib.laws.surfaces.resampling import Linearised, resampled

__all__ = ["fit_loss_surface"]

DELTA = 1e-3
RESAMPLES = 400
USUAL, ALIKE = 0.35, -1.0  # exponents, and logs of terms, of another start
FEW = 60  # runs: of more, one descent finds the minimum
GONE = 1e-4  # share of the loss: a floor that is smaller is at its limit, none
FLAT = 1e-5  # of the largest singular value: a direction that is open,
OPEN = 1e6  # and the error along it


def fit_loss_surface(
    P,
    D=None,
    loss=None,
    *,
    C=None,
    flops=6.0,
    unique=None,
    form="additive",
    delta=DELTA,
    rng=None,
    resamples=RESAMPLES,
):
    r"""Fit a surface of losses over parameters and data to runs.

    .. math:: L(P, D) = E + A P^{-\alpha_P} + B D^{-\alpha_D}, \qquad
              \sum_i h_\delta\!\left(\log L_i - \log L(P_i, D_i)\right) \to \min

    Parameters
    ----------
    P : (n,) array_like or DataArray
        Parameters of each run. Or all of it, as `scalinglib.laws.reading.read` returns
        it with two sizes: the first is P, the second D; trials are seeds. Known errors
        are not used: the scatter about the surface is what counts.
    D, loss : (n,) array_like, optional
        Data and losses. Runs of the same sizes are seeds.
    C : (n,) array_like or str, optional
        Training compute, from which D = C/(flops P). Of a labelled array the name of
        the size that is compute.
    flops : float, default 6.0
        Compute for each parameter and example.
    unique : (n,) array_like or str, optional
        How many of the data are different ones, U; where D is larger, data were seen
        again. Of a labelled array the name of that size.
    form : str, default "additive"
        A key of `FORMS`: ``"additive"``; ``"joint"``, Kaplan's; or ``"repeated"``, in
        which data that are seen again are worth less, for runs with `unique`.
    delta : float, default 0.001
        Residual of log L beyond which its size counts and not its square (Huber's loss
        :math:`h_\delta`). Infinite: least squares.
    rng : None, int or Generator
        For the bootstrap; see :func:`numpy.random.default_rng`.
    resamples : int, default 400
        Of each bootstrap, at least 100; or 0 for the estimate alone, in some
        milliseconds, with intervals without ends.

    Returns
    -------
    LossSurface

    Raises
    ------
    ValueError
        If something is missing or there twice, not finite and positive, lengths differ,
        there are fewer than six runs, the same runs are there in two units, or an
        argument is out of range.

    See Also
    --------
    scalinglib.laws.surfaces.forms.FORMS : the surfaces there are.

    Notes
    -----
    *Minimum.* For given exponents the surface is linear in E, A and B; the best of a
    grid of exponents is the start of one descent (L-BFGS with the exact gradient) in
    the logarithms of the terms at the geometric means of P and D. In these coordinates
    the published fit of Chinchilla has a condition number of 62, and 500 of 500 random
    starts reach its minimum. Below sixty runs there are five starts; of eighty tables
    of six to fifteen runs with heavy tails of 15 %, six had a lower minimum still.
    From the customary grid of log A and log B in {0, 10, 20} most descents end on
    plateaus, where all residuals are beyond δ and one term is everything.

    *Intervals.* Settings are resampled, seeds and all; and so are all runs of a model
    size, and all of a budget, where there are fifteen groups or more. Of these, the
    widest counts, moved apart by the ratio of Student's quantile to the normal one. A
    likelihood whose scale is the mean residual gives half the width where tails are
    heavy or runs share their luck. On 400 planted surfaces (exponents .1 to .8, 1 to
    5 % of noise, a quarter heavy-tailed, a quarter common to a model size) the
    intervals of 95 % held 97 % of exponents and floors, and 97 % of the best sizes a
    hundredfold beyond the largest budget. That is if the form is right.

    References
    ----------
    J. Hoffmann et al., "Training compute-optimal large language models",
    arXiv:2203.15556 (2022), approach 3: the surface and Huber's loss of log L.
    T. Besiroglu, E. Erdil, M. Barnett and J. You, "Chinchilla scaling: a replication
    attempt", arXiv:2404.10102 (2024): the sum, and not the mean, is to be minimised.

    Examples
    --------
    >>> P, D = np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 6))
    >>> noise = np.random.default_rng(0).normal(1, 0.002, P.size)
    >>> loss = (1.7 + 400 * P.ravel()**-0.34 + 1500 * D.ravel()**-0.36) * noise
    >>> surface = fit_loss_surface(P.ravel(), D.ravel(), loss, rng=0)
    >>> surface.interval("alpha_P")[0] < 0.34 < surface.interval("alpha_P")[1]
    True
    >>> best = surface.optimal(1e22)
    >>> best.P.covers(1.14e10), f"{6 * best.P.value * best.D.value:.6g}"
    (True, '1e+22')
    """
    runs = runs_of(P, D, loss, C=C, flops=flops, unique=unique)
    form = FORMS[one_of("form", form, FORMS)]
    if (form.name == "repeated") != (runs.unique is not None):
        raise ValueError(
            "unique and form='repeated' need each other: how many of the data of each "
            f"run are different ones, and a surface that asks; got form={form.name!r}"
        )
    delta = real_array("delta", delta)
    if delta.ndim or not delta > 0:
        raise ValueError(
            f"delta must be above zero, or infinite for least squares, got {delta}"
        )
    number = enough(resamples)
    return fitted(runs, form, float(delta), float(flops), generator(rng), number)


def fitted(runs, form, delta, flops, rng, number):
    """A surface of runs that were checked."""
    logs = np.log([runs.P, runs.D, runs.loss])
    units = np.array([logs[0].mean(), logs[1].mean(), np.median(logs[2])])
    sizes, log_loss = scaled(runs.P, runs.D, runs.unique, units), logs[2] - units[2]
    theta, objective = _least(form, sizes, log_loss, delta)
    draws, few = (), ()
    if number:
        draws, few = resampled(form, theta, sizes, log_loss, delta, runs, rng, number)
    condition, linear = _linearised(form, theta, sizes, log_loss, runs)
    residual = log_loss - form.log_loss(theta[None], sizes)[0][0]
    parameters = form.parameters(theta[None], units)[0]
    return LossSurface(
        form,
        dict(zip(form.names, map(float, parameters), strict=True)),
        objective,
        delta,
        condition,
        flops,
        runs,
        far_off(runs, residual, len(theta))
        + tuple(
            f"too few groups, {each}, to see whether their runs share their luck: "
            "intervals take these runs to be independent"
            for each in few
        ),
        theta,
        tuple(map(float, units)),
        draws,
        linear,
    )


def _least(form, sizes, log_loss, delta):
    """The lowest minimum that is found, and the objective there.

    Few and noisy runs may have several: then descents begin at the least squares too,
    with exponents of half and of twice the size, and where all terms are alike.
    """
    start = form.start(sizes, log_loss)
    found = [descend(form, start, sizes, log_loss, delta)]
    if len(log_loss) < FEW:
        exponents = np.array(form.exponent, bool)
        others = [descend(form, start, sizes, log_loss, np.inf)[0]]
        others += [np.where(exponents, factor * start, start) for factor in (0.5, 2.0)]
        others.append(np.where(exponents, USUAL, ALIKE))
        found += [descend(form, each, sizes, log_loss, delta) for each in others]
    return min(found, key=lambda each: each[1])


def _linearised(form, theta, sizes, log_loss, runs):
    """Condition number, and the fit to first order.

    A term that has gone is at its limit and takes no part. Along a direction that the
    runs leave open the error is as good as infinite.
    """
    value, _, gradient = form.log_loss(theta[None], sizes)
    residual, gradient = log_loss - value[0], gradient[0]
    # A floor that has gone is at its limit; another term leaves the split open, and so
    # does an exponent at the end of what is searched.
    free = (abs(gradient).max(axis=0) > GONE) | (np.array(form.floor) == 0)
    at_end = np.array(form.exponent) * ((theta <= form.low) | (theta >= form.high))
    _, values, right = np.linalg.svd(gradient[:, free], full_matrices=False)
    settings = int(runs.setting.max()) + 1
    scale = np.sqrt((residual**2).sum() / max(settings - free.sum(), 1))
    errors = scale / np.maximum(values, FLAT * values[0])
    errors[values <= FLAT * values[0]] = OPEN
    covariance = np.zeros((len(theta), len(theta)))
    covariance[np.ix_(free, free)] = (right.T * errors**2) @ right
    covariance += np.diag(at_end * OPEN**2)
    condition = values[0] / values[-1] if values[-1] > FLAT * values[0] else np.inf
    freedom = max(settings - len(theta), 0)
    return float(condition), Linearised(theta, covariance, freedom)
