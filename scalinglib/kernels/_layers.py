"""What a layer of infinitely many units does to a kernel."""

import numpy as np

from scalinglib.kernels._gram import squares_of

_PI = np.arctan2(np.longdouble(0), np.longdouble(-1))


def _around(cos, dtype):
    """Return 1 − cos θ, 1 + cos θ and cos θ, rounded after the subtraction."""
    cos = np.clip(cos, -1, 1)
    return (1 - cos).astype(dtype), (1 + cos).astype(dtype), cos.astype(dtype)


def _relu(cos, r, s, depth, bias, dtype, tangent):
    """Apply the layers to unit vectors, in u = 1 − cos θ and v = 1 + cos θ."""
    pi = _PI.astype(dtype)
    u, v, kernel = _around(cos, dtype)
    for _ in range(depth):
        sin, cos = np.sqrt(u * v), 1 - u
        theta = np.arctan2(sin, cos)
        # 1 − κ₁(θ); rounding must not make it negative at θ = 0.
        u = np.maximum(u - (sin - theta * cos) / pi, 0)
        if tangent:
            kernel = kernel * (1 - theta / pi)
        if bias:
            lengths = r * s
            r_next, s_next = np.sqrt(r**2 + bias), np.sqrt(s**2 + bias)
            both = r_next * s_next
            # 1 − cos behind the bias, without a difference of what is nearly equal.
            apart = bias * (r - s) ** 2 / (both + lengths + bias)
            share = (lengths / both).astype(dtype)
            u = u * share + (apart / both).astype(dtype)
            kernel, r, s = kernel * share, r_next, s_next
        v = 2 - u
        kernel = (1 - u) + kernel if tangent else 1 - u
    kernel *= (r * s).astype(dtype)
    return kernel


def _erf(S, sx, sy, depth, bias, dtype, tangent):
    """Apply the layers to inner products S, with Σ(x, x) in sx and Σ(y, y) in sy."""
    factor = 2 / _PI.astype(S.dtype)
    kernel = S = S.copy()
    for _ in range(depth):
        # √(d − 4S²), where nothing cancels for x = y. By Cauchy and Schwarz the last
        # term is not negative; rounding must not make it so.
        rest = np.sqrt(1 + 2 * sx + 2 * sy + 4 * np.maximum(sx * sy - S**2, 0))
        if tangent:
            slope = 2 * factor / rest
        S = factor * np.arctan2(2 * S, rest) + bias
        kernel = S + kernel * slope if tangent else S
        sx, sy = (
            factor * np.arctan2(2 * s, np.sqrt(1 + 4 * s)) + bias for s in (sx, sy)
        )
    return kernel.astype(dtype)


def _polar(name, X, dtype, times):
    """Split rows into directions (float64) and lengths."""
    squares = squares_of(name, X, float(np.finfo(dtype).max) / times)
    small = float(np.finfo(dtype).tiny)
    if not squares.min() >= small:
        at = int(squares.argmin())
        what = "is too short" if X[at].any() else "is zero"
        raise ValueError(
            f"{name} must have rows with ‖x‖² ≥ {small:.0e} for a homogeneous kernel, "
            f"row {at} {what}: it has no direction; drop it, or give the network a bias"
        )
    r = np.sqrt(squares)
    X /= r[:, None]
    return X, r


def _with_coordinate(X, value):
    """Rows in float64, a copy, with one more coordinate unless it is zero."""
    X = X.astype(np.float64)
    return np.column_stack([X, np.full(len(X), value)]) if value else X
