"""Largest eigenvalues of a Gram matrix that is known by its products alone."""

import numpy as np
from scipy.linalg import eigh, qr

#: Relative residual of an eigenpair: its eigenvalue is nearer than that by far.
RESIDUAL = 1e-3


def largest_by_products(K, modes):
    """Largest eigenvalues of a `GramOperator`, falling.

    Block Lanczos: of the space that a start and its products with K span, the
    eigenvalues of K within it. The start is Nyström's approximation, from columns of
    some points, and has half as many vectors more than are asked for, since the last
    of a block are found last.
    """
    N = K.shape[0]
    width = min(modes + max(modes // 2, 10), N)
    rounding = 10 * np.finfo(K.X.dtype).eps  # of values of the kernel
    Q, V, KV = _start(K, width), np.zeros((N, 0)), np.zeros((N, 0))
    while V.shape[1] + width <= N // 2 or not V.shape[1]:
        V, KV = np.hstack([V, Q]), np.hstack([KV, K @ Q])
        inner = V.T @ KV
        lam, U = eigh((inner + inner.T) / 2)
        lam, U = lam[: -modes - 1 : -1], U[:, : -modes - 1 : -1]
        far = np.linalg.norm(KV @ U - (V @ U) * lam, axis=0)
        if (far <= RESIDUAL * lam + rounding * lam[0]).all():
            return lam
        Q = KV[:, -width:]
        for _ in range(2):  # what the first leaves of V, where little is new
            Q = qr(Q - V @ (V.T @ Q), mode="economic", check_finite=False)[0]
    raise RuntimeError(
        f"K must have eigenvalues that fall faster: of the {modes} largest one is "
        f"known to {(far / lam).max():.1g} only; ask for fewer, or store the matrix"
    )


def _start(K, width):
    """Orthonormal vectors near those that belong to the largest eigenvalues."""
    rng = np.random.default_rng(0)
    places = rng.permutation(K.shape[0])[: max(2 * width, 1000)]
    B = K.nystrom(places)
    _, turned = eigh(B.T @ B)
    U = B @ turned[:, : -width - 1 : -1]
    more = rng.standard_normal((K.shape[0], width - U.shape[1]))  # of a low rank
    return qr(np.hstack([U, more]), mode="economic")[0]
