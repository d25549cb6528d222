"""Where the fit of each law starts, and how far it may go."""

import numpy as np

SHARPEST = 36.0  # between the first two sizes a power falls by exp(-36) at most


def limited(*kinds):
    """Limits for parameters of these kinds, in units in which the least loss is 1."""

    def limits(u, loss):
        span, top = u[-1] - u[0], np.log(loss.max())
        steepest = SHARPEST / (u[1] - u[0])
        amplitude = steepest * abs(u).max() + 50
        quickest = np.log(np.expm1(u[1] - u[0]) / SHARPEST) + u[0]
        table = {
            "E": (0.0, loss.max()),
            "A": (-amplitude, amplitude),
            "any": (-steepest, steepest),
            "alpha": (0.0, steepest),
            "low": (0.0, np.exp(0.5 * top)),
            "high": (-np.exp(-0.5 * top), -1e-4 / loss.max()),
            "tau": (quickest, u[-1] + 7),
            "A tau": (-50.0, np.exp(u[0] - quickest) + 50),
            "inside": (u[min(1, len(u) - 1)], u[max(len(u) - 2, 0)]),
            "width": (np.log(0.2 * span / len(u)), np.log(span)),
            "shape": (np.log(0.02), np.log(50)),
        }
        return np.array([table[kind] for kind in kinds]).T

    return limits


def line_starts(u, loss, weight, low, high):
    """The best line."""
    v, w = np.log(loss), weight**2
    du = u - (w @ u) / w.sum()
    slope = (w * v) @ du / ((w * du) @ du)
    level = (w @ v) / w.sum() - slope * (w @ u) / w.sum()
    return np.clip([[level, -slope]], low, high)


def _projected(power, loss, weight, low, high):
    """Floor and amplitude, not negative, for rows of powers (B, n): least squares."""
    w = (weight / loss) ** 2
    w = w / w.sum()
    centre = (power @ w)[:, None]
    shape = power - centre
    amplitude = (shape @ (w * loss)) / np.maximum((shape**2) @ w, 1e-300)
    floor = np.clip(w @ loss - amplitude * centre[:, 0], low, min(high, loss.min()))
    rest = loss - floor[:, None]
    amplitude = ((power * rest) @ w) / np.maximum((power**2) @ w, 1e-300)
    return floor, np.log(np.maximum(amplitude, 1e-12))


def floor_starts(u, loss, weight, low, high):
    """Best floors and amplitudes for a grid of exponents, and a line without one."""
    span = u[-1] - u[0]
    alpha = np.clip(np.geomspace(0.1, 30, 10) / span, low[2], high[2])
    floor, a = _projected(
        np.exp(-alpha[:, None] * (u - u[0])), loss, weight, low[0], high[0]
    )
    found = np.stack([floor, a + alpha * u[0], alpha], axis=1)
    line = line_starts(u, loss, weight, low[1:], high[1:])[0]
    return np.clip([*found, [low[0], *line]], low, high)


def variance_starts(u, loss, weight, low, high):
    """The best floor and amplitude."""
    floor, a = _projected(np.exp(u[0] - u)[None], loss, weight, low[0], high[0])
    return np.clip(np.stack([floor, a + u[0]], axis=1), low, high)


def exponential_starts(u, loss, weight, low, high):
    """Best floors and amplitudes for a grid of scales."""
    tau = np.linspace(low[2], min(u[-1] + 1, high[2]), 16)
    ratio = np.exp(u - tau[:, None])
    power = np.exp(ratio[:, :1] - ratio)
    floor, a = _projected(power, loss, weight, low[0], high[0])
    a = a + ratio[:, 0]
    return np.clip(np.stack([floor, a, tau], axis=1), low, high)


def _regressed(columns, v, w):
    """Coefficients of weighted regressions, (B, n, k) on (B, n)."""
    weighted = columns * w[..., None]
    normal = np.swapaxes(weighted, 1, 2) @ columns
    scale = np.trace(normal, axis1=1, axis2=2)[:, None, None]
    normal = normal + 1e-9 * scale * np.eye(columns.shape[2])
    return np.linalg.solve(normal, np.einsum("bnk,bn->bk", weighted, v)[..., None])[
        ..., 0
    ]


def break_starts(u, loss, weight, low, high):
    """Best powers for a grid of floors, places and widths."""
    share, place, width = np.meshgrid(
        [0.0, 0.6, 0.9, 1.0], np.linspace(0, 1, 8), [0.2, 1.0], indexing="ij"
    )
    share, place, width = share.ravel(), place.ravel(), width.ravel()
    floor = np.clip(share * loss.min(), low[0], high[0])
    place = np.clip(u[0] + place * (u[-1] - u[0]), low[4], high[4])
    width = np.clip(np.log(width), low[5], high[5])
    excess = np.maximum(loss - floor[:, None], 1e-3 * loss)
    f = np.exp(width)[:, None]
    soft = f * np.logaddexp(0, (u - place[:, None]) / f)
    columns = np.stack([np.ones_like(soft), soft - u, -soft], axis=-1)
    w = (weight * excess / loss) ** 2
    a, early, alpha = _regressed(columns, np.log(excess), w).T
    return np.clip(np.stack([floor, a, early, alpha, place, width], 1), low, high)


def saturating_starts(u, loss, weight, low, high):
    """Best powers for a grid of both ends and of shapes."""
    share, top, shape = np.meshgrid(
        [0.0, 0.7, 1.0], [1.001, 1.3, 8.0], [0.1, 1.0, 5.0], indexing="ij"
    )
    floor = np.clip(share.ravel() * loss.min(), low[0], high[0])
    ceiling = np.clip(-1 / (top.ravel() * loss.max()), low[1], high[1])
    shape = np.clip(np.log(shape.ravel()), low[4], high[4])
    width = np.maximum(-1 / ceiling - floor, 1e-9)
    p = np.clip((loss - floor[:, None]) / width[:, None], 1e-3, 1 - 1e-3)
    z = np.log(p / (1 - p))
    r = z + (np.exp(shape) - 1)[:, None] * np.logaddexp(0, z)
    columns = np.stack(np.broadcast_arrays(np.ones_like(r), -u), axis=-1)
    level, c = _regressed(columns, r, (weight * p * (1 - p)) ** 2).T
    found = np.stack([floor, ceiling, level + np.log(width), c, shape], 1)
    # And steps from one end to the other, at many places.
    place, c = np.meshgrid(np.linspace(u[0], u[-1], 8), [1.0, 4.0], indexing="ij")
    place, c = place.ravel(), c.ravel()
    step = 1 / (1 + np.exp(np.minimum(c[:, None] * (u - place[:, None]), 300)))
    floor, width = _projected(step, loss, weight, low[0], high[0])
    ceiling = -1 / (floor + np.exp(width))
    steps = np.stack([floor, ceiling, width + c * place, c, 0 * c], 1)
    return np.clip(np.concatenate([found, steps]), low, high)
