r"""Forecasts that take a law for granted, or that one of several holds.

Every law is weighted by its evidence, the probability of the points under it, with
parameters drawn from a prior. Both the evidence and the forecast are integrals over the
parameters, by importance sampling from Student distributions around the minima of the
misfit.
"""

import numpy as np
from scipy.special import gammaln, logsumexp, ndtri

from scalinglib._input import one_of
from scalinglib.laws.experience import GRID, Distribution
from scalinglib.laws.families import LAWS
from scalinglib.laws.posing import posed

FIRST, DRAWS = 1000, 3000  # of each law, the first to find where to draw
TAILS = 4.0  # degrees of freedom of the proposals
HIGHEST = 1.2  # floor, in least losses
# How likely laws are before the points are seen, against a power or a floor.
LIKELY = {"break": 4.0, "variance": 0.25, "exponential": 0.25, "saturating": 0.25}
APART = 18.0  # a minimum counts whose misfit exceeds the least by no more
# Without errors their size has a prior as if this many residuals had been of this size.
BEFORE, TYPICAL = 1.0, 0.03
# Exponents: logs around 0.4 within a factor of e; of either sign, around 0.3.
USUAL, FACTOR = np.log(0.4), 1.0
SIGNED, SPREAD = 0.3, 0.6
FINEST = 1e-3  # of log L: no law is known better


def assumed(points, assume, at):
    """Distribution of log L at a size, and how much each law has to say.

    Parameters
    ----------
    points : scalinglib.laws.points.Points
    assume : str
        A key of `LAWS`, or ``"law"`` for all.
    at : float
    """
    one_of("assume", assume, ("law", *LAWS))
    laws = LAWS.values() if assume == "law" else [LAWS[assume]]
    values, logs, evidence = [], [], []
    for law in laws:
        for known, share in _variants(law):
            problem = posed(points, law, known)
            value, log = _weighted(problem, points.freedom, np.log(at))
            values.append(value)
            logs.append(log + np.log(share * LIKELY.get(law.name, 1.0) / len(log)))
            evidence.append(logsumexp(logs[-1]))
    shares = np.exp(np.array(evidence) - logsumexp(evidence))
    weights = np.exp(np.concatenate(logs) - logsumexp(evidence))
    names = [law.name for law in laws for _ in _variants(law)]
    speak = dict.fromkeys(names, 0.0)
    for name, share in zip(names, shares.tolist(), strict=True):
        speak[name] += share
    return _distribution(np.concatenate(values), weights), speak


def _variants(law):
    """What is known of a law's parameters, and how likely that is at first."""
    if law.name in ("break", "saturating"):
        return ({}, 0.5), ({"floor": (0.0, 0.0)}, 0.5)
    return (({}, 1.0),)


def _weighted(problem, freedom, target):
    """Draws of a law's value at a log size, and their log weights."""
    low, high = problem.limits()
    # No floor is above the least loss, but by its noise.
    for k, parameter in enumerate(problem.law.parameters):
        if parameter.kind == "loss":
            high[k] = min(high[k], HIGHEST)
    thetas, costs = problem.minima()
    thetas = np.clip(thetas, low, high)
    scale = 1.0
    if not freedom:
        scale = (costs[0] + BEFORE * TYPICAL**2) / (len(problem.u) + BEFORE)
    near = costs - costs[0] <= APART * scale
    thetas, costs = thetas[near], costs[near]
    free = low < high
    roots = [_root(problem, theta, scale, high - low)[free] for theta in thetas]
    shares = np.exp(-(costs - costs[0]) / (2 * scale)) + 0.05
    proposals = list(zip(shares / shares.sum(), thetas, roots, strict=True))
    rng = np.random.default_rng(0)
    for count in (FIRST, DRAWS):
        draws, proposed = _proposed(proposals, free, count, rng)
        inside = ((draws >= low) & (draws <= high)).all(axis=1)
        draws = np.clip(draws, low, high)
        ahead, misfit = _evaluated(problem, draws, target)
        logs = _likelihood(misfit, len(problem.u), freedom) - proposed
        logs = logs + _prior(problem, draws, low, high)
        logs = np.where(inside & np.isfinite(logs + ahead), logs, -np.inf)
        # The second time from where the first draws were good, too.
        weight = np.exp(logs - logs.max())
        weight = weight / weight.sum()
        centre = weight @ draws
        off = (draws - centre)[:, free]
        covariance = (off * weight[:, None]).T @ off
        if 1 / (weight @ weight) < 4 * free.sum():
            covariance = covariance + roots[0] @ roots[0].T
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 1e-12 * values.max()) + 1e-300)
        proposals = [(share / 2, *rest) for share, *rest in proposals]
        proposals.append((0.5, centre, root))
    return np.where(np.isfinite(logs), ahead, 0.0), logs


def _proposed(proposals, free, count, rng):
    """Draws around several places, and the log density with which they come."""
    which = rng.choice(len(proposals), count, p=[share for share, _, _ in proposals])
    steps = rng.standard_normal((count, free.sum()))
    steps *= np.sqrt(TAILS / rng.chisquare(TAILS, count))[:, None]
    roots = np.array([root for _, _, root in proposals])
    draws = np.array([place for _, place, _ in proposals])[which]
    draws[:, free] += np.einsum("bpq,bq->bp", roots[which], steps)
    parts = [
        np.log(share) + _student((draws - place)[:, free], root)
        for share, place, root in proposals
    ]
    return draws, logsumexp(parts, axis=0)


def _evaluated(problem, draws, target):
    """Log losses at a log size, and misfits."""
    size, unit = problem.units
    with np.errstate(all="ignore"):
        value, _, _ = problem.law.curve(draws, problem.u)
        ahead = problem.law.curve(draws, np.array([target - size]))[0][:, 0] + unit
        misfit = ((problem.weight * (problem.y - value)) ** 2).sum(axis=1)
    return ahead, misfit


def _likelihood(misfit, n, freedom):
    """Log probability of the points, whose errors are known as well as they are."""
    if np.isinf(freedom):
        return -misfit / 2
    if freedom:
        return -(n + freedom) / 2 * np.log1p(misfit / freedom)
    before = BEFORE * TYPICAL**2
    return -(n + BEFORE) / 2 * np.log(misfit + before)


def _prior(problem, draws, low, high):
    """Log density of parameters before the points were seen."""
    logs = np.zeros(len(draws))
    for k, parameter in enumerate(problem.law.parameters):
        value = draws[:, k]
        if parameter.kind == "amplitude" or low[k] == high[k]:
            continue
        if parameter.kind != "exponent":
            logs -= np.log(high[k] - low[k])
        elif parameter.least < 0:
            logs -= ((value - SIGNED) / SPREAD) ** 2 / 2 + np.log(SPREAD)
        else:
            place = np.log(np.maximum(value, 1e-12))
            logs -= ((place - USUAL) / FACTOR) ** 2 / 2 + np.log(FACTOR) + place
        if parameter.kind == "exponent":
            logs -= np.log(2 * np.pi) / 2
    return logs


def _root(problem, theta, scale, width):
    """A root of the covariance of parameters around a minimum, the prior included.

    Rows are parameters, columns those that are free.
    """
    _, _, gradient = problem.law.curve(theta[None], problem.u)
    J = problem.weight[:, None] * gradient[0] / np.sqrt(scale)
    wide = np.minimum(width, 8.0)
    for k, parameter in enumerate(problem.law.parameters):
        if parameter.kind == "exponent" and width[k]:
            wide[k] = 1.0
    J = (J * wide)[:, width > 0]
    values, vectors = np.linalg.eigh(J.T @ J + np.eye(J.shape[1]))
    root = np.zeros((len(theta), J.shape[1]))
    root[width > 0] = wide[width > 0, None] * vectors / np.sqrt(values)
    return root


def _student(steps, root):
    """Log density of Student's distribution with this root of the scale matrix."""
    p = steps.shape[1]
    distance = (np.linalg.solve(root, steps.T) ** 2).sum(axis=0)
    norm = gammaln((TAILS + p) / 2) - gammaln(TAILS / 2) - p / 2 * np.log(TAILS * np.pi)
    norm -= np.linalg.slogdet(root)[1]
    return norm - (TAILS + p) / 2 * np.log1p(distance / TAILS)


def _distribution(values, weights):
    """A weighted sample as a distribution."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    below = np.cumsum(weights) - weights / 2
    some = weights > 0
    scores = ndtri(np.clip(below[some], 1e-9, 1 - 1e-9))
    scores = scores + 1e-12 * np.arange(len(scores))
    quantiles = np.interp(GRID, scores, values[some])
    return Distribution(quantiles + FINEST * GRID / 2)
