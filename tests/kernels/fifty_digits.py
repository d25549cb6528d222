"""Points, and the kernels of networks as their definition says, in 50 digits."""

import mpmath


def exact(x, y, depth, bias=0.0):
    """Evaluate (Σ, Θ) of two vectors as the definition says, in 50 digits."""
    with mpmath.workdps(50):
        x, y = [mpmath.mpf(float(a)) for a in x], [mpmath.mpf(float(b)) for b in y]
        square = mpmath.mpf(bias) ** 2
        xx, yy = mpmath.fdot(x, x) + square, mpmath.fdot(y, y) + square
        sigma = theta = mpmath.fdot(x, y) + square
        for _ in range(depth):
            scale = mpmath.sqrt(xx * yy)
            angle = mpmath.acos(max(-1, min(1, sigma / scale)))
            off = (mpmath.pi - angle) / mpmath.pi
            sigma = scale * (mpmath.sin(angle) / mpmath.pi + off * mpmath.cos(angle))
            sigma += square
            xx, yy = xx + square, yy + square
            theta = sigma + theta * off
        return float(sigma), float(theta)
