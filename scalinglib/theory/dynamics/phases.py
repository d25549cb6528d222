r"""The seven phases of compute-optimal training, and the four terms that make them."""

from typing import NamedTuple

from scalinglib._input import truth
from scalinglib.theory.dynamics.deterministic import both_exponents

__all__ = ["Phase", "phase", "phase_terms"]

STRIP = 2 - 2**0.5  # b that parts IVa from IVb, α = 1 − 1/√2


class Phase(NamedTuple):
    r"""What happens along the best sizes.

    Attributes
    ----------
    name : str
        ``"Ia"``, ``"Ib"``, ``"Ic"``, ``"II"``, ``"III"``, ``"IVa"`` or ``"IVb"``.
    loss_exponent : float
        η of :math:`L \sim C^{-\eta}`.
    size_exponent : float
        ξ of :math:`P \sim C^\xi`.
    balance : tuple of str
        The two terms that are equal at the best size, see `phase_terms`.
    proved : bool
        Whether the source proves it; what is without noise is not its subject.
    """

    name: str
    loss_exponent: float
    size_exponent: float
    balance: tuple
    proved: bool


def phase(a, b, *, noise=True):
    r"""Phase of compute-optimal training, with its exponents.

    With eigenvalues :math:`k^{-b}`, the target's power :math:`k^{-a}` and compute
    C = P t,

    ===== ========================== ================ ============== ================
    phase region                     balance          η              ξ
    ===== ========================== ================ ============== ================
    Ia    b > 1, a < b + 1           F_pp = F_0       (a−1)/(b+1)    1/(b+1)
    Ib    b < 1, a < b + 1           F_pp = F_0       (a−1)/2        1/2
    Ic    b < 1/2, a > b + 1         F_pp = F_0       b(a−1)/u       (a−1)/u
    II    b > 1, b + 1 < a < 2b      F_pp = F_ac      (a−1)/a        (a−b)/a
    III   b > 1, a > 2b              K_pp = F_ac      1 − 1/(2b)     1/2
    IVa   2 − √2 < b < 1, a > b + 1  K_pp = F_0       b/2            1/2
    IVb   1/2 < b < 2 − √2,          F_pp = K_pp      (1−b)(a−1)/w   (a−2b)/w
          a > b + 1
    ===== ========================== ================ ============== ================

    with u = 2a + b − 2 − b(a − b) and w = 2a − 3b − b(a − b).

    Parameters
    ----------
    a : float
        Exponent of the target, above 1, to 20.
    b : float
        Exponent of the eigenvalues, above 0, to 20. In the letters of the source
        b = 2α and a = 2(α + β).
    noise : bool, default True
        False for gradient flow, without K_pp: II goes on to a > 2b, Ic to b < 1.

    Returns
    -------
    Phase
        On a line between two phases the exponents that both have, and one of the
        names. ξ alone jumps between IVa and IVb; on their line it is that of IVa.

    Raises
    ------
    ValueError
        If a ≤ 1, where the loss is no power of compute; or if an exponent is out of
        range.

    Notes
    -----
    All of it follows from the powers in `phase_terms`: the best size makes the largest
    of four terms least. At given compute K_pp is :math:`P^{4 - b - 2/b}`, which rises
    with P in IVa and falls in IVb. Where they meet it does neither, and all sizes
    between P^ξ of the one and of the other have the same loss: η goes over, ξ jumps.

    That the solved model has these exponents was measured with `compute_optimal`, to
    0.0005 in every phase, but in some at budgets that nobody will have. In IVb at
    C = 1e40 the local η is still 0.003 to 0.009 above, at 1e100 up to 0.002.

    References
    ----------
    E. Paquette, C. Paquette, L. Xiao, J. Pennington, arXiv:2405.15074 (2024). The
    phases and the balance of terms are its; its table of exponents could not be read,
    and this one was derived anew from the terms. The source says that for α < 1/4,
    which is Ic and a part of Ib, its proof is not complete.

    Examples
    --------
    >>> hard, easy = phase(1.5, 2.0), phase(4.0, 1.5)
    >>> hard.name, round(hard.loss_exponent, 3), round(hard.size_exponent, 3)
    ('Ia', 0.167, 0.333)
    >>> easy.name, round(easy.loss_exponent, 3), easy.size_exponent
    ('III', 0.667, 0.5)
    """
    a, b = both_exponents(a, b)
    decays(a)
    if not truth("noise", noise):
        return _without_noise(a, b)._replace(proved=False)
    if a <= b + 1 or b <= 0.5:
        return _without_noise(a, b)._replace(proved=b > 0.5)
    if b >= 1:
        if a <= 2 * b:
            return _without_noise(a, b)
        return Phase("III", 1 - 1 / (2 * b), 0.5, ("K_pp", "F_ac"), True)
    if b >= STRIP:
        return Phase("IVa", b / 2, 0.5, ("K_pp", "F_0"), True)
    w = 2 * a - 3 * b - b * (a - b)
    eta, xi = (1 - b) * (a - 1) / w, (a - 2 * b) / w
    return Phase("IVb", eta, xi, ("F_pp", "K_pp"), True)


def _without_noise(a, b):
    """The phases in which K_pp has no part."""
    if a > b + 1 and b > 1:
        return Phase("II", (a - 1) / a, (a - b) / a, ("F_pp", "F_ac"), True)
    balance = "F_pp", "F_0"
    if b >= 1:
        return Phase("Ia", (a - 1) / (b + 1), 1 / (b + 1), balance, True)
    if a <= b + 1:
        return Phase("Ib", (a - 1) / 2, 0.5, balance, True)
    u = 2 * a + b - 2 - b * (a - b)
    return Phase("Ic", b * (a - 1) / u, (a - 1) / u, balance, True)


def phase_terms(a, b, *, noise=True):
    r"""Powers of the parameters and of the steps in each term of the loss.

    .. math::

       F_{pp} \sim G^{-(a - 1)/b}, \quad
       F_0 \sim P^{-\min(b, a - 1)}, \quad
       F_{ac} \sim P^{-1} G^{-1 + 1/b}, \quad
       K_{pp} \sim \gamma \, G^{-2 + 1/b}

    with :math:`G = \gamma t` and the largest stable step,
    :math:`\gamma \sim 1 / \sum \lambda \sim P^{\min(0, b - 1)}`.

    Parameters
    ----------
    a : float
        Exponent of the target, above 1, to 20.
    b : float
        Exponent of the eigenvalues, above 0, to 20.
    noise : bool, default True
        False for gradient flow, without K_pp.

    Returns
    -------
    dict
        For each term (p, q) of :math:`P^p t^q`: ``"F_pp"``, modes not yet learned;
        ``"F_0"``, what the features cannot hold; for b > 1 and a > b + 1 ``"F_ac"``,
        how features distort learned modes; for b > 1/2 and a > b + 1 ``"K_pp"``, the
        noise of examples.

    Raises
    ------
    ValueError
        If a ≤ 1, where the loss is no power of compute; or if an exponent is out of
        range.

    Notes
    -----
    F_0 is :math:`\sum v_k^2 \kappa / (\lambda_k + \kappa)` with
    :math:`\kappa \sim P^{-b}`, first order in κ: its exponent is min(a − 1, b).

    References
    ----------
    arXiv:2405.15074, in other letters, and derived anew.

    Examples
    --------
    >>> phase_terms(3.5, 2.0)["F_ac"]
    (-1.0, -0.5)
    """
    a, b = both_exponents(a, b)
    decays(a)
    falls = min(0.0, b - 1)  # of γ with P
    powers = {"F_pp": (0.0, -(a - 1) / b), "F_0": (-min(b, a - 1), 0.0)}
    if a > b + 1 and b > 1:
        powers["F_ac"] = (-1.0, -1 + 1 / b)
    if truth("noise", noise) and a > b + 1 and b > 0.5:
        powers["K_pp"] = (falls, -2 + 1 / b)
    return {name: (p + falls * q, q) for name, (p, q) in powers.items()}


def decays(a):
    """Refuse targets with which the loss is no power of compute."""
    if a <= 1:
        raise ValueError(
            f"a must be above 1, got {a:g}: the power of the target's last modes has "
            "no bound and the loss is no power of compute; take a faster decay"
        )
