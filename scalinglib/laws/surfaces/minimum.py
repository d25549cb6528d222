"""The fit itself: one descent, and many at once."""

import numpy as np
from scipy.optimize import minimize

from scalinglib.laws.marquardt import minimise

ROUNDS = 150  # steps of many descents at once
SCALE = 1e3  # of the objective, which is small where a descent would stop


def descend(form, theta, sizes, log_loss, delta):
    """The minimum that a descent finds, and the objective there.

    Parameters
    ----------
    form : Form
    theta : (p,) ndarray
        Where it begins.
    sizes, log_loss : (2, n) and (n,) ndarray
    delta : float
        Residual beyond which squares go on as straight lines; infinite for squares.
    """

    def objective(theta):
        value, _, gradient = form.log_loss(theta[None], sizes)
        residual = log_loss - value[0]
        inner = np.clip(residual, -delta, delta)
        total = (inner * (residual - inner / 2)).sum()
        return SCALE * total, -SCALE * (inner @ gradient[0])

    found = minimize(
        objective,
        theta,
        jac=True,
        method="L-BFGS-B",
        bounds=[*zip(form.low, form.high, strict=True)],
        options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 2000, "maxfun": 4000},
    )
    return found.x, float(found.fun) / SCALE


def descend_all(form, theta, sizes, log_loss, delta, counts):
    """Minima of resamples, all at once.

    Parameters
    ----------
    form : Form
    theta : (p,) ndarray
        Where all begin.
    sizes, log_loss : (2, n) and (n,) ndarray
    delta : float
    counts : (B, n) ndarray
        How often each run is there.

    Returns
    -------
    (B, p) ndarray
    """
    weight = np.sqrt(counts)
    elbow = delta * np.where(counts, weight, 1.0)
    shape = len(counts), len(theta)
    limits = (np.broadcast_to(limit, shape) for limit in (form.low, form.high))
    start = np.tile(theta, (len(counts), 1))
    found, _ = minimise(
        form.log_loss,
        start,
        sizes,
        log_loss,
        weight,
        *limits,
        elbow=elbow,
        rounds=ROUNDS,
    )
    return found
