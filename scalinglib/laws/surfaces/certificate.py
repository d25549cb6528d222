r"""How far the fit of a surface can be from the best there is: branch and bound."""

from dataclasses import dataclass, replace

import numpy as np

from scalinglib._input import above_zero, probability, real_array, whole_number
from scalinglib.laws.surfaces.branching import LEAST, SIDE, grid, lowered, swept
from scalinglib.laws.surfaces.observed import Runs
from scalinglib.laws.surfaces.relaxing import Problem

__all__ = ["Certificate", "certify"]

MOST = 20_000  # cells, unless the user says otherwise
FEW = 48  # cells of which it pays to bound the ratios
HIGHEST = 30.0  # logarithm of a ceiling
STEEPEST = 3.0  # exponent
SHAVED = 3  # halvings of cells, at the end, for a narrow box


@dataclass(frozen=True)
class Certificate:
    """What no parameters undercut, and where the exponents must lie.

    Attributes
    ----------
    bound : float
        No parameters of the domain have an objective below it.
    share : float
        Of the objective that was to be certified.
    box : ((float, float), (float, float))
        Ends of alpha_P and of alpha_D: outside, every objective is above that.
    cells : int
        How many were examined.
    complete : bool
        Whether the target was reached.

    See Also
    --------
    certify : How it is made.
    """

    bound: float
    share: float
    box: tuple
    cells: int
    complete: bool

    def __str__(self):
        (a, b), (c, d) = self.box
        return (
            f"no objective below {self.bound:.6g}, {100 * self.share:.2f} % of the "
            f"one found; alpha_P in {a:.4g} to {b:.4g}, alpha_D in {c:.4g} to {d:.4g}"
        )


def certify(
    runs,
    best,
    *,
    delta=1e-3,
    box=((0, 1.5), (0, 1.5)),
    over=None,
    target=0.97,
    cells=None,
):
    r"""Bound from below the Huber objective of a surface, whatever its parameters.

    A fit finds a minimum; this proves that no other is much lower. The objective is
    the sum over the runs of the Huber loss h of :math:`r = \log L - \log \hat L`,
    :math:`\hat L = E + A P^{-\alpha_P} + B D^{-\alpha_D}`, with E, A and B at least
    zero.

    Parameters
    ----------
    runs : Runs
        As `scalinglib.laws.surfaces.observed.runs_of` returns them.
    best : float
        Objective that was found, above zero.
    delta : float, default 1e-3
        Where h turns from :math:`r^2/2` to :math:`\delta(|r| - \delta/2)`; above 0, at
        most 1.
    box : ((float, float), (float, float)), default ((0, 1.5), (0, 1.5))
        Ends of both exponents, from 0 to 3: the domain.
    over : float, optional
        If given, the domain holds only parameters that over-predict no run by more
        than this share of its loss. Without, nothing is assumed.
    target : float, default 0.97
        Stop where the bound is this share of `best`; above 0 and below 1.
    cells : int, optional
        At most about so many cells, default 20 000.

    Returns
    -------
    Certificate

    Raises
    ------
    ValueError
        If something is out of range, `best` is too large to bound the over-prediction
        without `over`, or `best` is below every objective of the domain.

    Notes
    -----
    Let :math:`u_i = \hat L_i/L_i`, and let the *ceilings* :math:`U_i` bound what
    :math:`u_i` can be where the objective f is at most :math:`f^*`, `best`. At first
    :math:`h(\log u_i) \le f \le f^*` gives :math:`U_i = \exp(f^*/\delta + \delta/2)`.

    1. *Convex in u.* :math:`h(\log u)` is convex for :math:`\log u \le \delta`, and
       concave above. Its tangent that passes through the point at :math:`U_i` replaces
       it from where it touches: :math:`\varphi_i \le h`, convex on
       :math:`(0, U_i]`. Beyond, where no u lies, it may rise at will. The same with a
       larger width w in place of δ, times δ/w, is lower still, for :math:`h_w/w` falls
       with w.
    2. *Tangents.* For any points :math:`\hat u_i` and the slopes
       :math:`g_i = \varphi_i'(\hat u_i)`, :math:`f \ge \sum_i \varphi_i(u_i) \ge
       \sum_i [\varphi_i(\hat u_i) - g_i \hat u_i] + \sum_i g_i u_i`, and with
       :math:`w_i = g_i/L_i` the last sum is :math:`E \sum_i w_i + A\, G(\alpha_P) +
       B\, H(\alpha_D)`, :math:`G(\alpha) = \sum_i w_i e^{-\alpha p_i}`, p the centred
       log P (A in these units), H alike.
    3. *On a cell.* With K at least :math:`G'' = \sum_i w_i p_i^2 e^{-\alpha p_i}`
       (each power at the end of the cell where its term is larger) and s the side,
       :math:`G \ge \min(G(a), G(b)) - \max(K, 0)\, s^2/8`: a function whose second
       derivative is at most K is above its chord less that.
    4. *Bounded coefficients.* :math:`u_i \le U_i` gives :math:`0 \le E \le E_1 =
       \min_i U_i L_i`, and :math:`A \le A_1 = \min_i U_i L_i/\min(e^{-a p_i},
       e^{-b p_i})`. So :math:`f \ge \sum_i [\varphi_i(\hat u_i) - g_i \hat u_i] +
       E_1 \min(0, \sum w) + A_1 \min(0, \min G) + B_1 \min(0, \min H)`.
    5. *Good points* come from minimising :math:`\sum_i \varphi_i` over E and powers
       at both ends of the cell, with coefficients at least zero, by Newton's method
       with a barrier: there G and H are above zero at both ends, and nothing is lost
       at 4. If the method were to fail, the bound would be low, but hold. What is
       lost at 3 is of second order in the side, so that few cells do.
    6. *Ceilings.* The same bound c of :math:`f - \delta\tau u_k` gives
       :math:`u_k \le (f^* - c)/(\delta\tau)`: on all cells that can still hold
       :math:`f \le f^*`, the largest is a new ceiling of run k, and chords get
       shorter.

    Cells whose bound is above `best` are dropped, others cut in four. Some hundred
    cells do where ceilings can be lowered; time grows with the square of the number
    of runs, and 240 take seconds. An objective far above the lowest one never reaches
    its target. Where ceilings are used that hold for :math:`f \le f^*` alone, what is
    proved is :math:`f \ge \min(f^*, \text{bound})`, which is the bound.

    All of this is floating point, not interval arithmetic: from each bound is taken
    the usual bound :math:`n\varepsilon\sum|\text{terms}|` of the rounding of sums
    and powers, with a wide factor, but the machine's exp and log are trusted.

    References
    ----------
    The objective: Hoffmann et al., "Training Compute-Optimal Large Language Models",
    2022, arXiv:2203.15556; the data: Besiroglu et al., "Chinchilla Scaling: A
    Replication Attempt", 2024, arXiv:2404.10102. Branch and bound: Horst and Tuy,
    "Global Optimization", Springer, 1996.

    Examples
    --------
    Of 60 runs near a known surface, the truth is nearly as good as anything can be:

    >>> from scalinglib.laws.surfaces.observed import runs_of
    >>> rng = np.random.default_rng(0)
    >>> P, D = 10 ** rng.uniform(7, 10, 60), 10 ** rng.uniform(9, 12, 60)
    >>> loss, r = 1.8 + 400 * P**-0.35 + 2000 * D**-0.37, rng.laplace(size=60) / 200
    >>> truth = np.where(abs(r) < 1e-3, r**2 / 2, 1e-3 * (abs(r) - 5e-4)).sum()
    >>> proof = certify(runs_of(P, D, loss * np.exp(r)), truth, target=0.8)
    >>> proof.complete, proof.box[0][0] < 0.35 < proof.box[0][1]
    (True, True)
    """
    best, delta = above_zero("best", best), above_zero("delta", delta)
    target = probability("target", target)
    problem = _posed(runs, best / delta, delta, over)
    most = MOST if cells is None else whole_number("cells", cells, least=1)
    high = best / delta
    here, known, used = _closed_in(problem, _domain(box), high, target, most)
    bound = min(float(known.min()), high)
    ends = zip(here[..., 0].min(axis=0), here[..., 1].max(axis=0), strict=True)
    return Certificate(
        bound * delta,
        bound / high,
        tuple((float(low), float(up)) for low, up in ends),
        used,
        bool(known.min() >= target * high),
    )


def _closed_in(problem, ends, high, target, most):
    """Cells that may hold the objective over delta, bounds, and how many were seen."""
    (here, known), gap = grid(ends), (1 - target) / 4 * high
    side, used = SIDE, 0
    while True:
        here, known, more = swept(problem, here, known, side, high, gap, most - used)
        used += more
        _reached(here, high * problem.delta)
        complete = known.min() >= target * high
        if complete or used >= most:
            break
        if len(here) <= FEW:
            ceilings = lowered(problem, here[np.argsort(known)], high, gap)
            problem = replace(problem, ceilings=ceilings)
        side /= 2
    if complete:
        side /= 2**SHAVED
        here, known, more = swept(problem, here, known, side, high, gap, most - used)
        used += more
        _reached(here, high * problem.delta)
    return here, known, used


def _posed(runs, high, delta, over):
    """The problem, with ceilings from the objective alone, or from `over`."""
    if not isinstance(runs, Runs):
        raise ValueError(
            f"runs must be Runs, got {type(runs).__name__}: make them with "
            "runs_of(P, D, loss)"
        )
    if delta > 1:
        raise ValueError(f"delta must be at most 1, got {delta}")
    # The loss of one run is at most that of all.
    end = high + delta / 2 if high > delta / 2 else np.sqrt(2 * high * delta)
    if over is not None:
        end = min(end, np.log1p(above_zero("over", over)))
    if end > HIGHEST:
        raise ValueError(
            f"over must be given, for best allows an over-prediction by exp({end:.3g}):"
            " pass the largest one that is of interest, as over=0.5"
        )
    logs = np.log(np.stack([runs.P, runs.D]))
    reach = STEEPEST * abs(logs).max()
    error = np.finfo(float).eps * (len(runs) + 32 + 8 * reach) * (1 + reach**2)
    logs -= logs.mean(axis=1, keepdims=True)
    ceilings = np.full(len(runs), max(np.exp(end), LEAST))
    return Problem(logs, runs.loss, delta, ceilings, error)


def _reached(cells, best):
    """Refuse an objective that no cell can hold."""
    if not len(cells):
        raise ValueError(
            f"best must be an objective that some parameters reach, got {best:.6g}: "
            "all are proved to be above it on this domain; pass what a fit found "
            "for these runs and this delta, or widen box and over"
        )


def _domain(box):
    """Ends of both exponents, checked."""
    ends = real_array("box", box).astype(float)
    inside = ends.shape == (2, 2) and ends.min() >= 0 and ends.max() <= STEEPEST
    if inside and (ends[:, 0] < ends[:, 1]).all():
        return ends
    raise ValueError(
        "box must be two pairs of ends, rising, from 0 to 3, as ((0, 1.5), (0, 1.5)), "
        f"got {box}"
    )
