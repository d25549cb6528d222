"""Levenberg and Marquardt's least squares, from many starts and for many curves."""

import numpy as np


def minimise(curve, theta, u, y, weight, low, high, *, elbow=np.inf, rounds=200):
    """Minimise the sum of squares of ``weight * (y - log L)``, within limits.

    Parameters
    ----------
    curve : callable
        As in `scalinglib.laws.families.Law`.
    theta : ndarray, shape (B, p)
        Starts, each of which goes its own way.
    u, y : ndarray, shape (n,)
        Logarithms of sizes and of losses.
    weight : ndarray, shape (B, n)
        Zero where a start does not see the point.
    low, high : ndarray, shape (B, p)
        Limits; where both are equal, a parameter is fixed.
    elbow : float or ndarray, shape (B, n), default inf
        Residual beyond which the square goes on as a straight line (Huber's loss).
    rounds : int
        How many steps are tried at most.

    Returns
    -------
    theta : ndarray, shape (B, p)
    cost : ndarray, shape (B,)

    References
    ----------
    D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear
    parameters", J. SIAM 11 (1963) 431–441.
    """
    theta = np.clip(theta, low, high)
    elbow = np.broadcast_to(elbow, weight.shape)
    best, least = theta.copy(), np.full(len(theta), np.inf)
    live = np.arange(len(theta))
    place, cost, slope, normal = theta, *_state(curve, theta, u, y, weight, elbow)
    best[:], least[:] = place, cost
    damping = np.full(len(live), 1e-3)
    for _ in range(rounds):
        stuck = (low >= high) | ((place <= low) & (slope < 0))
        stuck |= (place >= high) & (slope > 0)
        free = ~stuck
        step = _step(normal, slope, free, damping)
        trial = np.clip(place + step, low, high)
        # Where a step ends at a limit, the others take theirs with this one known.
        if (cut := (trial != place + step) & free).any():
            known = np.where(cut, trial - place, 0.0)
            rest = slope - np.einsum("bpq,bq->bp", normal, known)
            step = known + _step(normal, rest, free & ~cut, damping)
            trial = np.clip(place + step, low, high)
        new = _state(curve, trial, u, y, weight, elbow)
        better = new[0] < cost
        gain = np.where(better, cost, 0.0) - np.where(better, new[0], 0.0)
        moved = abs(trial - place).max(axis=1) > 1e-12 * (1 + abs(place).max(axis=1))
        done = (better & (gain <= 1e-9 * cost)) | ~moved | (damping > 1e12)
        place = np.where(better[:, None], trial, place)
        cost = np.where(better, new[0], cost)
        slope = np.where(better[:, None], new[1], slope)
        normal = np.where(better[:, None, None], new[2], normal)
        damping = np.where(better, np.maximum(damping / 5, 1e-14), damping * 5)
        best[live], least[live] = place, cost
        if done.any():
            keep = ~done
            if not keep.any():
                break
            live, place, cost, slope = live[keep], place[keep], cost[keep], slope[keep]
            normal, damping, weight = normal[keep], damping[keep], weight[keep]
            low, high, elbow = low[keep], high[keep], elbow[keep]
    return best, least


def _step(normal, slope, free, damping):
    """Damped steps of the free parameters."""
    matrix = normal * (free[:, :, None] & free[:, None, :])
    scale = np.where(free, np.einsum("bpp->bp", normal) + 1e-12, 1.0)
    extra = np.where(free, damping[:, None], 1.0) * scale
    matrix = matrix + np.eye(free.shape[1]) * extra[:, None]
    return np.linalg.solve(matrix, np.where(free, slope, 0.0)[..., None])[..., 0]


def _state(curve, theta, u, y, weight, elbow):
    """Cost, and the right-hand side and the matrix of the normal equations."""
    with np.errstate(all="ignore"):
        value, _, gradient = curve(theta, u)
        residual = weight * (y - value)
        gradient = gradient * weight[..., None]
        size = abs(residual)
        if np.isinf(elbow).all():
            cost, share = (residual**2).sum(axis=1), 1.0
        else:
            share = np.minimum(1.0, elbow / np.maximum(size, elbow))
            inner = np.minimum(size, elbow)
            cost = (inner * (2 * size - inner)).sum(axis=1)
        slope = np.einsum("bnp,bn->bp", gradient, share * residual)
        weighted = gradient * (share[..., None] if np.ndim(share) else share)
        normal = np.swapaxes(weighted, 1, 2) @ gradient
    bad = ~(np.isfinite(cost) & np.isfinite(normal).all(axis=(1, 2)))
    if bad.any():
        cost = np.where(bad, np.inf, cost)
        slope = np.where(bad[:, None], 0.0, slope)
        normal = np.where(bad[:, None, None], np.eye(normal.shape[1]), normal)
    return cost, slope, normal
