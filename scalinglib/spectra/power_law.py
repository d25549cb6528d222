"""Eigenvalues that fall as a power, infinitely many; or any that are given."""

from collections.abc import Callable

import numpy as np
from scipy.special import zeta

from scalinglib._input import number, positive, real_array, whole_number
from scalinglib._labels import like

__all__ = ["PowerLaw"]

_DIRECT = 400  # modes that are summed one by one


class PowerLaw:
    r"""The spectrum :math:`\lambda_i = i^{-a}`, i = 1, 2, …, without an end.

    Its exponent a and the theory's :math:`\alpha = a - 1` differ by one and are easily
    mistaken for each other: give one of them, by name.

    Parameters
    ----------
    a : float
        Exponent of the eigenvalues, from 1.001 to 31.
    alpha : float
        α from 0.001 to 30: α_K of a kernel, β of a target.

    Raises
    ------
    ValueError
        If the exponent is out of range.
    TypeError
        If there is not exactly one, or it has no name.

    Notes
    -----
    Sums over all modes are needed at resolutions as fine as 10⁻¹³ and beyond, where no
    sum over modes one by one ends. `quadrature` replaces them by a sum with weights.

    Examples
    --------
    >>> spectrum = PowerLaw(alpha=1.0)
    >>> spectrum == PowerLaw(a=2.0)
    True
    >>> spectrum([1, 2, 10]).tolist()
    [1.0, 0.25, 0.01]
    >>> round(spectrum.total, 6)  # π² / 6
    1.644934
    """

    def __init__(self, *unnamed, a=None, alpha=None):
        """Take one exponent by name."""
        if unnamed or (a is None) == (alpha is None):
            raise TypeError(
                "PowerLaw takes its exponent by name: PowerLaw(a=1.7) or, the same "
                f"eigenvalues i^-1.7, PowerLaw(alpha=0.7); got {[*unnamed]}, a={a}, "
                f"alpha={alpha}"
            )
        name, least, most = ("a", 1.001, 31) if alpha is None else ("alpha", 1e-3, 30)
        exponent = number(name, a if alpha is None else alpha)
        if not least <= exponent <= most:
            raise ValueError(
                f"{name} must be from {least:g} to {most}, got {exponent!r}"
            )
        # 1.1 - 1 is 0.1 for whoever writes it, whatever is left of its digits.
        self._alpha = round(exponent - 1, 15) if alpha is None else exponent

    @property
    def alpha(self):
        """α = a − 1."""
        return self._alpha

    @property
    def a(self):
        """Exponent of the eigenvalues."""
        return 1 + self._alpha

    def __eq__(self, other):
        return isinstance(other, PowerLaw) and self.alpha == other.alpha

    def __hash__(self):
        return hash((PowerLaw, self.alpha))

    def __repr__(self):
        return f"PowerLaw(alpha={self.alpha!r})"

    def __call__(self, i):
        """Eigenvalue of mode i.

        Parameters
        ----------
        i : array_like
            Index, ≥ 1.

        Returns
        -------
        ndarray of the shape of i, or a DataArray with its labels
        """
        return like(i, positive("i", i) ** -(1 + self.alpha))

    @property
    def total(self):
        """Sum of all eigenvalues, ζ(1 + α)."""
        return float(zeta(1 + self.alpha))

    def sampled(self, N):
        r"""Eigenvalues that a Gram matrix of N random points shows, over N.

        .. math::

           \hat\lambda_n \simeq \lambda_n \, b\Bigl(\frac{n - 1/2}{N}\Bigr), \qquad
           b(x) = 1 - \frac{\pi}{a} \cot\Bigl(\frac{\pi}{a}\Bigr) \, x + O(x^2),
           \qquad a = 1 + \alpha .

        In closed form, with an angle ψ from 0 to π and φ = π − ψ, ``_bend`` has
        b(x) for all x.

        Parameters
        ----------
        N : int
            Number of points, ≥ 1.

        Returns
        -------
        (N,) ndarray

        Raises
        ------
        ValueError
            If N is not a whole number above zero.

        Notes
        -----
        For Gaussian features and N ≫ 1; right to 1 % from N = 400 on for α ≥ ½. For
        α = 0.1 the first ten eigenvalues are above it by 1 to 2 %, for α = 0.01 by 3 to
        10 %. Features of one or two coordinates follow it until points come to lie
        close to each other, up to n of about N / 4.

        References
        ----------
        The equation for eigenvalues of sample covariances of Marčenko and Pastur
        (1967), solved here for a power law: chapter 5 of the course.

        Examples
        --------
        >>> lam = PowerLaw(alpha=2.0).sampled(1000)
        >>> bool(abs(lam[99] * 100**3 - 0.94) < 0.01)
        True
        """
        n = np.arange(1, whole_number("N", N, least=1) + 1)
        return self(n) * _bend(self.alpha)((n - 0.5) / N)

    def quadrature(self, reach, *, direct=0):
        r"""Modes with weights, whose sums are sums over all modes.

        .. math::

           \sum_{i=1}^\infty g(i) \simeq \sum_j w_j \, g(x_j)

        for functions such as λ_i / (λ_i + γ) with γ ≥ λ(reach): one for i up to
        `reach`, beyond it in proportion to λ_i.

        Parameters
        ----------
        reach : float
            Index up to which g may be far from its tail, ≥ 1.
        direct : int, default 0
            Sum at least so many modes one by one.

        Returns
        -------
        x, w : ndarray
            Indices, not whole numbers beyond the first 400, and their weights.

        Notes
        -----
        The first N = 400 modes have weight one. The rest is an integral from N + 1/2,
        by the midpoint form of Euler and Maclaurin's formula, whose first correction
        (g(N + 1) − g(N)) / 24 leaves a relative error of order (1 + α)³ N⁻⁴. In log x
        the integrand is analytic up to a distance π / (1 + α) from the real axis, so
        Gauss's rule converges geometrically on panels of that width. Where λ is 10⁻¹³
        of its value at `reach`, one last node carries the rest, x / α.

        Examples
        --------
        >>> x, w = PowerLaw(alpha=0.1).quadrature(1e6)
        >>> bool(abs(w @ x**-1.1 / PowerLaw(alpha=0.1).total - 1) < 1e-10)
        True
        """
        a, N = 1 + self.alpha, max(_DIRECT, direct)
        start = np.log(N + 0.5)
        end = np.log(max(float(reach), N + 1)) + 13 * np.log(10) / a
        panels = int(np.ceil((end - start) * a / np.pi)) + 1
        node, weight = np.polynomial.legendre.leggauss(20)
        edges = np.linspace(start, end, panels + 1)
        half = np.diff(edges)[:, None] / 2
        middle = (edges[:-1] + edges[1:])[:, None] / 2
        log_x = (middle + half * node).ravel()
        x = np.r_[np.arange(1, N + 2), np.exp(log_x), np.exp(end)]
        w = np.r_[
            np.ones(N + 1),
            (half * weight).ravel() * np.exp(log_x),
            np.exp(end) / self.alpha,
        ]
        w[N - 1 : N + 1] = 1 - 1 / 24, 1 / 24
        return x, w


def _bend(alpha) -> Callable:
    r"""λ̂ / λ as a function of x = (n − ½) / N, interpolated.

    The resolution κ = r N^{−a} e^{iφ} solves C κ^{−1/a} − N = N λ̂ / κ, the equation
    of theory for a power law with ridge −N λ̂, which is real if

    .. math:: r^{1/a} = C \frac{\sin b \phi}{\sin \phi}, \qquad b = 1 - 1/a ,

    and n is the integral of the density, Im (1 / κ) / π.
    """
    a = 1 + alpha
    b, C = 1 - 1 / a, (np.pi / a) / np.sin(np.pi / a)
    near = np.geomspace(1e-9, 0.5, 600)
    psi = np.pi * np.r_[near, 1 - near[-2::-1]]
    phi = np.pi - psi
    cot = 1 / np.tan(b * phi)
    log_r = a * np.log(C * np.sin(b * phi) / np.sin(psi))
    ratio = np.sin(psi) * cot + np.cos(psi)  # λ̂ / r
    share = a * np.sin(phi / a) / np.sin(b * phi) - ratio
    log_x = np.log((psi + np.sin(psi) * share) / np.pi)
    log_bend = log_r + np.log(ratio) + a * log_x
    return lambda x: np.exp(np.interp(np.log(x), log_x, log_bend))


def eigenvalues(spectrum):
    """Eigenvalues as floats, in falling order, not negative and not all zero."""
    lam = real_array("spectrum", spectrum).astype(float)
    if lam.ndim != 1 or not lam.size:
        raise ValueError(
            f"spectrum must be a PowerLaw or an array (S,), got shape {lam.shape}"
        )
    if not np.isfinite(lam).all():
        raise ValueError("spectrum must be finite, got nan or infinity")
    if lam.min() < 0 or not lam.max() > 0:
        raise ValueError(
            "spectrum must not be negative and not all zero, got least eigenvalue "
            f"{lam.min():g}: eigenvalues that rounding made negative are zero"
        )
    if (np.diff(lam) > 0).any():
        at = int(np.argmax(np.diff(lam) > 0))
        raise ValueError(
            "spectrum must be in falling order, got "
            f"{lam[at]:g} followed by {lam[at + 1]:g} at {at}"
        )
    return lam
