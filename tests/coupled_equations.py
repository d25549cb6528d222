"""The published equations, solved as they stand: what the theory is compared with."""

import numpy as np
from scipy.optimize import brentq


def nested_roots(lam, D, P, v2, ridge, noise=0.0, *, find=brentq):
    """Solve the coupled equations of 2311.14646, a root within a root."""

    def gamma_of(kappa):
        def f(u):
            return (lam / (lam + np.exp(u))).sum() + P * kappa / np.exp(u) - P

        return np.exp(find(f, np.log(kappa), 40, xtol=1e-13))

    def outer(u):
        kappa = np.exp(u)
        return (lam / (lam + gamma_of(kappa))).sum() + ridge / kappa - D

    kappa = np.exp(find(outer, -30, 30, xtol=1e-13))
    gamma = gamma_of(kappa)
    L = lam / (lam + gamma)
    z, q = L.sum(), (L**2).sum()
    front = 1 - (q * (P - 2 * z) + z**2) / (D * (P - q))
    modes = gamma / (lam + gamma) - kappa * lam / (lam + gamma) ** 2 * P / (P - q)
    return (modes @ v2 + noise) / front
