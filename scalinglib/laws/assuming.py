r"""Forecasts that take a law for granted, or that one of several holds.

Every law is weighted by its evidence, the probability of the points under it, with
parameters drawn from a prior. Both the evidence and the forecast are integrals over the
parameters: the evidence by importance sampling from Student distributions around the
minima of the misfit, the forecast by an ensemble of walkers that starts from there.

References
----------
J. Goodman and J. Weare, "Ensemble samplers with affine invariance", Communications in
Applied Mathematics and Computational Science 5 (2010) 65–80: the stretch move.
"""

from dataclasses import replace

import numpy as np
from scipy.special import gammaln, logsumexp, ndtri

from scalinglib._input import one_of
from scalinglib.laws.experience import GRID, Distribution
from scalinglib.laws.families import LAWS
from scalinglib.laws.points import PRIOR, coarse
from scalinglib.laws.posing import posed

FIRST, SECOND = 700, 1500  # draws of each law, the first to find where to draw
WALKERS, STEPS, STRETCH = 240, 20, 2.0  # steps for each parameter, half to forget
SILENT = 0.03  # a law with a smaller share of the evidence is not heard
PLACES = 32  # from which the next are drawn
TAILS = 4.0  # degrees of freedom of the proposals
HIGHEST = 1.2  # floor, in least losses
# How likely laws are before the points are seen, against a floor.
LIKELY = {"power": 2.0, "break": 3.0, "floor": 1.0}
OTHERS = 0.25
FLOORLESS = 2 / 3  # of laws that may have a floor, as a power is to one with a floor
APART = 18.0  # a minimum counts whose misfit exceeds the least by no more
# Without errors their size has a prior as if this many residuals had been of this size.
BEFORE, TYPICAL = 1.0, 0.03
# Exponents: logs around 0.4 within a factor of e; of either sign, Cauchy's around 0.3.
USUAL, FACTOR = np.log(0.4), 1.0
SIGNED, SPREAD = 0.3, 0.5
FINEST = 1e-3  # of log L: no law is known better


def assumed(points, assume, targets):
    """Distributions of log L at log sizes, and how much each law has to say.

    Parameters
    ----------
    points : scalinglib.laws.points.Points
    assume : str
        A key of `LAWS`, or ``"law"`` for all.
    targets : ndarray, shape (T,)
    """
    values, weights, speak = _sampled(points, assume, targets)
    return [_distribution(column, weights) for column in values.T], speak


def assumed_change(points, assume, targets):
    """Distribution of the change of log L between two log sizes.

    What is not known of the level is the same at both, and takes no part.
    """
    values, weights, _ = _sampled(points, assume, targets)
    return _distribution(values[:, 1] - values[:, 0], weights, finest=0.0)


def _sampled(points, assume, targets):
    """Log losses (draws, targets), their weights, and shares of the laws."""
    one_of("assume", assume, ("law", *LAWS))
    points = _inflated(coarse(points, independent=True))
    laws = LAWS.values() if assume == "law" else [LAWS[assume]]
    found = []
    for law in laws:
        for known, share in _variants(law):
            problem = posed(points, law, known)
            posterior, draws, logs = _drawn(problem, points.freedom)
            odds = np.log(share * LIKELY.get(law.name, OTHERS) / len(logs))
            found.append((problem, posterior, draws, logs, logsumexp(logs) + odds))
    evidence = np.array([each[-1] for each in found])
    if not np.isfinite(evidence.max()):
        raise ValueError(
            f"curve must be one that the law {assume!r} can pass, got {len(points.x)} "
            "sizes; assume another one, or none"
        )
    shares = np.exp(evidence - logsumexp(evidence))
    speak = {law.name: 0.0 for law in laws}
    values, weights = [], []
    for (problem, posterior, draws, logs, _), share in zip(found, shares, strict=True):
        speak[problem.law.name] += float(share)
        if share > SILENT:
            walked = _walked(posterior, draws, logs, problem)
            values.append(_ahead(problem, walked, targets))
            weights.append(np.full(len(walked), share / len(walked)))
    weights = np.concatenate(weights) / np.sum([w.sum() for w in weights])
    return np.concatenate(values), weights, speak


def _inflated(points):
    r"""Larger errors, for weights from few trials are noise too.

    A mean with weights from estimated variances has, to first order in the relative
    variance :math:`\delta^2` of these, :math:`1 + 2\delta^2(1 - 1/n)` times the
    variance that it says: P. Meier, "Variance of a weighted mean", Biometrics 9 (1953)
    59–73.
    """
    if points.scatter is None:
        return points
    free = points.scatter[1]
    guessed = np.mean(2 * free / (free + PRIOR) ** 2)
    larger = np.sqrt(1 + 2 * guessed * (1 - 1 / len(free)))
    return replace(points, error=larger * points.error)


def _variants(law):
    """What is known of a law's parameters, and how likely that is at first."""
    if law.name in ("break", "saturating"):
        return ({}, 1 - FLOORLESS), ({"floor": (0.0, 0.0)}, FLOORLESS)
    return (({}, 1.0),)


def _drawn(problem, freedom):
    """The log posterior of a law's parameters, draws, and their log weights."""
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

    def posterior(draws):
        inside = ((draws >= low) & (draws <= high)).all(axis=1)
        draws = np.clip(draws, low, high)
        with np.errstate(all="ignore"):
            value, _, _ = problem.law.curve(draws, problem.u)
            misfit = ((problem.weight * (problem.y - value)) ** 2).sum(axis=1)
            logs = _likelihood(misfit, len(problem.u), freedom)
        logs = logs + _prior(problem, draws, low, high)
        return np.where(inside & np.isfinite(logs), logs, -np.inf)

    shares = np.exp(-(costs - costs[0]) / (2 * scale)) + 0.05
    proposals = list(zip(shares / shares.sum(), thetas, roots, strict=True))
    rng = np.random.default_rng(0)
    draws, proposed = _proposed(proposals, free, FIRST, rng)
    logs = posterior(draws) - proposed
    if np.isfinite(logs.max()):
        # Again, from places along the ridges that were found, too.
        weight = np.exp(logs - logs.max())
        places = np.unique(rng.choice(FIRST, PLACES, p=weight / weight.sum()))
        proposals = [(0.2 * part, *rest) for part, *rest in proposals]
        for place in draws[places]:
            root = _root(problem, place, scale, high - low)[free]
            proposals.append((0.8 / len(places), place, root))
        draws, proposed = _proposed(proposals, free, SECOND, rng)
        logs = posterior(draws) - proposed
    return posterior, draws, logs


def _walked(posterior, draws, logs, problem):
    """Draws from the posterior, by walkers that stretch towards each other.

    Posteriors of laws are bent and narrow; few of the first draws lie well in them.
    """
    rng = np.random.default_rng(1)
    free = problem.limits()[0] < problem.limits()[1]
    weight = np.exp(logs - logs.max()) + 1e-3 * np.isfinite(logs)
    place = draws[rng.choice(len(draws), WALKERS, p=weight / weight.sum())]
    height, kept, half = posterior(place), [], WALKERS // 2
    halves = slice(half), slice(half, None)
    steps = STEPS * int(free.sum())
    for step in range(steps):
        for own, other in (halves, halves[::-1]):
            partner = place[other][rng.integers(half, size=half)]
            z = (1 + (STRETCH - 1) * rng.random(half)) ** 2 / STRETCH
            moved = partner + z[:, None] * (place[own] - partner)
            there = posterior(moved)
            gain = (free.sum() - 1) * np.log(z) + there - height[own]
            taken = np.log(rng.random(half)) < gain
            place[own] = np.where(taken[:, None], moved, place[own])
            height[own] = np.where(taken, there, height[own])
        if step >= steps // 2:
            kept.append(place.copy())
    return np.concatenate(kept)


def _ahead(problem, draws, targets):
    """Log losses at log sizes, (draws, targets)."""
    size, unit = problem.units
    with np.errstate(all="ignore"):
        return problem.law.curve(draws, targets - size)[0] + unit


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
            logs -= np.log(np.pi * SPREAD * (1 + ((value - SIGNED) / SPREAD) ** 2))
        else:
            place = np.log(np.maximum(value, 1e-12))
            logs -= ((place - USUAL) / FACTOR) ** 2 / 2 + place
            logs -= np.log(FACTOR * np.sqrt(2 * np.pi))
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
    # Symmetric: whatever signs a library gives to vectors, the draws are the same.
    symmetric = (vectors / np.sqrt(np.maximum(values, 1.0))) @ vectors.T
    root[width > 0] = wide[width > 0, None] * symmetric
    return root


def _student(steps, root):
    """Log density of Student's distribution with this root of the scale matrix."""
    p = steps.shape[1]
    distance = (np.linalg.solve(root, steps.T) ** 2).sum(axis=0)
    norm = gammaln((TAILS + p) / 2) - gammaln(TAILS / 2) - p / 2 * np.log(TAILS * np.pi)
    norm -= np.linalg.slogdet(root)[1]
    return norm - (TAILS + p) / 2 * np.log1p(distance / TAILS)


def _distribution(values, weights, finest=FINEST):
    """A weighted sample as a distribution."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    below = np.cumsum(weights) - weights / 2
    some = weights > 0
    scores = ndtri(np.clip(below[some], 1e-9, 1 - 1e-9))
    scores = scores + 1e-12 * np.arange(len(scores))
    quantiles = np.interp(GRID, scores, values[some])
    return Distribution(quantiles + (finest / 2 + 1e-12) * GRID)
