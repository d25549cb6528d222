r"""The resolvent of random features, and the inverse of a Laplace transform.

Nothing here checks its input.
"""

import numpy as np

TALBOT = 32  # points of the contour, half of them by symmetry
TURNS = 8  # steps in which a real solution is turned into the plane
SETTLED = 1e-9  # change in the last step of Newton, over ω: that of the next is nil
MOST = 200  # steps of Newton
ROUNDING = 1e-14  # of one term of the inverse, over the term


def losses(t, modes, P, step, noise):
    r"""Loss at times t > 0, (n,), and the relative error that rounding leaves.

    What all modes would have without a bound on P, Σ v² exp(−2γλt), is summed as it
    stands. The rest is inverted from the derivative of its transform, that of t times
    the loss: what is smooth at s = 0 has no part in late losses, may be far above
    them, and most of it is gone so.
    """
    Z, weight = contour()
    z = -Z / (2 * step * t[:, None])
    terms = weight * derivative(z.ravel(), modes, P, step, noise).reshape(z.shape)
    terms /= 2 * step * t[:, None] ** 2
    unlearned = np.exp(-2 * step * t[:, None] * modes.lam) @ modes.power
    loss = unlearned + terms.imag.sum(axis=1)
    return loss, ROUNDING * np.abs(terms).sum(axis=1) / np.abs(loss)


def contour(points=TALBOT):
    r"""Half of the modified contour of Talbot: Z = st, and the weight of F(s) / t.

    .. math::

       Z(\theta) = M \bigl(-0.6122 + 0.5017\, \theta \cot(0.6407\, \theta)
                   + 0.2645\, i \theta\bigr), \qquad
       f(t) \simeq \frac2M \sum_{0 < \theta < \pi}
                   \operatorname{Im} e^Z Z'(\theta)\, \frac{F(Z / t)}t .
    """
    theta = (np.arange(points // 2) + 0.5) * 2 * np.pi / points
    angle = 0.6407 * theta
    Z = points * (-0.6122 + 0.5017 * theta / np.tan(angle) + 0.2645j * theta)
    slope = 0.5017 * (1 / np.tan(angle) - angle / np.sin(angle) ** 2) + 0.2645j
    return Z, 2 * np.exp(Z) * slope


def derivative(z, modes, P, step, noise):
    r"""The derivative in z = −s / 2γ of the loss's transform, less that at P = ∞.

    The transforms of the forcing F and of the kernel of noise K, and of the loss, are

    .. math::

       F = \frac1{2 \gamma m} \sum \frac{v^2}{\lambda - \omega}, \quad
       K = \frac\gamma2 \sum \lambda \frac{\lambda - \omega S / P}{\lambda - \omega}
         = \frac\gamma2 \Bigl(\sum \lambda + z S\Bigr), \quad
       m = \frac z\omega, \quad \frac F{1 - K}.

    With R = (ω − z) / z = S / (P − S) the forcing is

    .. math::

       2 \gamma F = \sum \frac{v^2}{\lambda - z}
         + R \sum \frac{v^2 \lambda}{(\lambda - \omega)(\lambda - z)}

    and in terms of :math:`Q_n = \sum \lambda^n / (\lambda - \omega)^2` the slopes are

    .. math::

       \omega' = \frac1{1 - Q_2 / P}, \quad
       R' = \frac{\omega^2 \omega' Q_1}{P z^2}, \quad
       K' = \frac\gamma2 \Bigl(Q_2 + \frac{\omega^2 \omega' Q_1^2}P\Bigr) .

    No difference of near numbers is taken.
    """
    omega = renormalised(z, modes, P)
    lam, weighted, power = modes
    resolvent, bare = 1 / (lam - omega[:, None]), 1 / (lam - z[:, None])
    squared, both = resolvent**2, resolvent * bare
    S, Q1, Q2 = resolvent @ weighted, squared @ weighted, squared @ (weighted * lam)
    speed = 1 / (1 - Q2 / P)
    ratio, slope = omega / z * S / P, (omega / z) ** 2 * speed * Q1 / P
    learned = power * lam
    shared = both @ learned
    turned = speed * ((both * resolvent) @ learned) + (both * bare) @ learned
    change = slope * shared + ratio * turned  # of 2 γ F, less that at P = ∞
    if not noise:
        return change / (2 * step)
    F, dF = bare @ power + ratio * shared, bare**2 @ power + change
    K = step / 2 * (((lam - (omega * S / P)[:, None]) * resolvent) @ weighted)
    dK = step / 2 * (Q2 + omega**2 * speed * Q1**2 / P)
    return (change + (dF * K + F * dK / (1 - K)) / (1 - K)) / (2 * step)


def renormalised(z, modes, P):
    r"""The solution ω of z = ω (1 − S(ω) / P), S = Σ λ / (λ − ω), beside z.

    With it the resolvent of the features is that of the modes, H m − z = m (H − ω),
    m = z / ω. For z < 0 the right side is convex in ω below its zero, and Newton's
    steps rise to the solution from ω = z − Σ λ / P, which is below it. From there z is
    turned to its own angle. Where that fails, nan.
    """
    size, turn = np.abs(z), np.angle(-z)
    start = -size - modes.weighted.sum() / P
    omega = _settled(start, -size, modes, P).astype(complex)
    for share in np.arange(1, TURNS + 1) / TURNS:
        omega = _newton(omega, -size * np.exp(1j * share * turn), modes, P)
    omega = _settled(omega, z, modes, P)
    return np.where(omega.imag * z.imag > 0, omega, np.nan)


def _settled(omega, z, modes, P):
    """Newton's steps in ω until they change nothing; nan where they do not end."""
    for _ in range(MOST):
        last, omega = omega, _newton(omega, z, modes, P)
        settled = np.abs(last - omega) < SETTLED * np.abs(omega)
        if settled.all():
            break
    return np.where(settled, omega, np.nan)


def _newton(omega, z, modes, P):
    """One step of Newton, as a sum: ω falls by tens of orders in some of them."""
    lam, weighted, _ = modes
    squared = (lam - omega[:, None]) ** -2.0
    Q1, Q2 = squared @ weighted, squared @ (weighted * lam)
    return (z - omega**2 * Q1 / P) / (1 - Q2 / P)
