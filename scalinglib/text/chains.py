"""A chain that copies its own past: a language whose statistics are known exactly."""

from functools import cached_property

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from scalinglib._input import (
    above_zero,
    generator,
    increasing,
    number,
    positive,
    whole_number,
    whole_numbers,
)
from scalinglib._labels import like

__all__ = ["AdditiveChain"]

_FORGOTTEN = 1e-15  # left of r where the grid closes; T tokens leave 1 - ε at most
_GRID = 1 << 24  # at most so many lags: 128 MiB


class AdditiveChain:
    r"""Tokens that are copied from the past, or else drawn anew.

    .. math::

       P(x_t = a \mid x_{t-1}, x_{t-2}, \dots) = \frac{\epsilon}{V}
       + (1 - \epsilon) \sum_k w_k \, [x_{t - \tau_k} = a], \qquad
       w_k \propto \tau_k^{-s}, \quad \tau_k = k^q \le T .

    With probability ε a token is new, each of V as likely as any other. Otherwise it is
    a copy of the token at a lag that is drawn with the weights w. Correlations fall
    with :math:`\beta_C = s`, losses with :math:`\gamma_H = 2s - 1/q`.

    Parameters
    ----------
    s : float
        Exponent of the weights, above zero. The exponents need s > 1.
    V : int, default 4
        Number of different tokens, ≥ 2.
    epsilon : float, default 0.8
        Probability ε of a new token, above 0 and below 1.
    reach : int, default 8192
        Longest lag T that there may be, ≥ 1.
    spacing : int, default 1
        q ≥ 1: lags are 1, 2ᑫ, 3ᑫ, …; all of them if q = 1.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the memory too long for a table of
        correlations.

    Notes
    -----
    One-hot tokens less 1/V are, by their conditional mean, an autoregression with
    weights (1 − ε) w in V − 1 directions that are alike. So the covariance is

    .. math::

       C(n) = r(n) \Bigl(\frac{\mathbb 1}{V} - \frac{1 1^\mathsf{T}}{V^2}\Bigr), \qquad
       \lVert C(n) \rVert = \frac{r(n)}{V}, \qquad
       r(n) \propto \int_0^1 \! \frac{\cos 2 \pi f n \; \mathrm d f}
       {\lvert 1 - (1 - \epsilon) \hat w(f) \rvert^2} ,

    exactly. At long lags r is :math:`E_\infty (1 - \epsilon) w / \epsilon^3`. At
    short ones copies of copies make it fall slower: for ε = 0.8 and s = 1.2 with 1.14
    from lag 16 to 256, and for ε = 0.3 exponents at lags from 4 to 64 are off by 20 to
    30 %. Of sparse lags β_C is that of r at the lags; in between r is far smaller.

    References
    ----------
    F. Cagnetta, A. Raventós, S. Ganguli and M. Wyart, arXiv:2602.07488.

    Examples
    --------
    >>> chain = AdditiveChain(1.5)
    >>> r = chain.correlation([0, 256, 512])
    >>> r[0].round(9), (r[1] / r[2] / 2**1.5).round(1)
    (np.float64(1.0), np.float64(1.0))
    >>> AdditiveChain(1.2, spacing=2, reach=30).lags.tolist()
    [1, 4, 9, 16, 25]
    """

    def __init__(self, s, *, V=4, epsilon=0.8, reach=8192, spacing=1):
        """Lags that are powers of whole numbers."""
        self._s = above_zero("s", s)
        q = self._q = whole_number("spacing", spacing, least=1)
        reach = whole_number("reach", reach, least=1)
        _grid(reach, number("epsilon", epsilon))  # before there is a table of lags
        last = round(reach ** (1 / q))
        last -= last**q > reach
        lags = np.arange(1, last + 1, dtype=np.int64) ** q
        self._set(lags, lags**-self._s, V, epsilon)

    @classmethod
    def of_lags(cls, lags, weights, *, V=4, epsilon=0.8):
        r"""A chain of any lags and weights.

        Parameters
        ----------
        lags : (K,) array_like of int
            Lags τ, increasing from 1.
        weights : (K,) array_like
            How often each is copied from, above zero; what they sum to does not matter.
        V, epsilon
            As of the class.

        Returns
        -------
        AdditiveChain
            It has no exponents.

        Raises
        ------
        ValueError
            If a parameter is out of range.

        Examples
        --------
        >>> AdditiveChain.of_lags([1, 7], [3, 1]).weights.tolist()
        [0.75, 0.25]
        """
        chain = cls.__new__(cls)
        chain._s = chain._q = None
        lags, weights = increasing("lags", lags), positive("weights", weights)
        if (found := weights.shape) != lags.shape:
            raise ValueError(f"weights must be {len(lags)}, as lags are, got {found}")
        chain._set(lags, weights, V, epsilon)
        return chain

    def _set(self, lags, weights, V, epsilon):
        """Take what all chains are made of."""
        self.V = whole_number("V", V, least=2)
        self.lags, self.weights = lags, weights / weights.sum()
        self.epsilon = number("epsilon", epsilon)
        self._grid = _grid(self.reach, self.epsilon)

    def __repr__(self):
        made = "given lags" if self._s is None else f"s={self._s:g}, spacing={self._q}"
        return f"<chain of {made}, V={self.V}, epsilon={self.epsilon:g}>"

    @property
    def reach(self):
        """The longest lag there is."""
        return int(self.lags[-1])

    @property
    def longest(self):
        """The longest lag at which `correlation` is known, some times `reach`."""
        return self._grid // 2

    @property
    def beta(self):
        """Exponent of correlations at long lags, s."""
        return self._exponents()[0]

    @property
    def gamma(self):
        """Exponent of the loss in the number of tokens seen, 2s − 1/q."""
        s, q = self._exponents()
        return 2 * s - 1 / q

    def _exponents(self):
        """What the lags and weights are powers with."""
        if self._s is None or self._s <= 1:
            raise ValueError(
                "s must be above 1 for a chain to have exponents, got "
                f"{self._s or 'a chain of given lags'}"
            )
        return self._s, self._q

    @property
    def coefficients(self):
        """The best predictor: (1 − ε) w at lags 1 to T, of shape (T,)."""
        full = np.zeros(self.reach)
        full[self.lags - 1] = (1 - self.epsilon) * self.weights
        return full

    @cached_property
    def _table(self):
        """R at all lags of half the grid, and the variance that no past explains."""
        response = rfft(np.r_[1, -self.coefficients], self._grid)
        raw = irfft(1 / np.abs(response) ** 2, self._grid)
        return raw[: self.longest + 1] / raw[0], 1 / raw[0]

    @property
    def unexplained(self):
        r"""The share :math:`E_\infty` of the variance that no past explains."""
        return float(self._table[1])

    def correlation(self, n):
        r"""Correlation of tokens at a lag, exactly.

        .. math::

           r(n) = \frac{P(x_t = x_{t+n}) - 1/V}{1 - 1/V}

        Parameters
        ----------
        n : array_like of int
            Lags, from 0 to `longest`.

        Returns
        -------
        ndarray of the shape of n, or a DataArray with its labels
            Its size is V times the operator norm of the covariance.

        Raises
        ------
        ValueError
            If n are not whole numbers in this range.

        Notes
        -----
        One Fourier transform, on a grid so long that r is gone where it closes.

        Examples
        --------
        >>> AdditiveChain(1.5, reach=1, epsilon=0.5).correlation([0, 1, 2]).round(9)
        array([1.  , 0.5 , 0.25])
        """
        return like(n, self._table[0][whole_numbers("n", n, most=self.longest)])

    def sample(self, D, *, rng):
        r"""A text of the chain.

        Parameters
        ----------
        D : int
            How many tokens, ≥ 1.
        rng : Generator, int or None
            Source of randomness.

        Returns
        -------
        (D,) ndarray of int32
            Tokens 0 to V − 1.

        Raises
        ------
        ValueError
            If a parameter is out of range.

        Notes
        -----
        Every token is a copy of a copy … of a new one, which is found for all of them
        at once by ``p = p[p]``, log₂ of the longest line of copies times. While a line
        leads out of what was drawn, more of the past is drawn: so the text is
        stationary, exactly, from its first token on.

        Examples
        --------
        >>> AdditiveChain(1.2, V=2).sample(10**5, rng=0).mean().round(1)
        np.float64(0.5)
        """
        rng, D = generator(rng), whole_number("D", D, least=1)
        steps = self._steps(D + 4 * self.reach, rng)
        while (source := _sources(steps))[-D:].min() < 0:
            steps = np.r_[self._steps(len(steps), rng), steps]
        new = rng.integers(self.V, size=len(steps), dtype=np.int32)
        return new[source[-D:]]

    def _steps(self, count, rng):
        """How far back each token was copied from; 0 where it is new."""
        steps = np.zeros(count, dtype=np.int64)
        copied = np.flatnonzero(rng.random(count) >= self.epsilon)
        edges = np.cumsum(self.weights)[:-1]
        steps[copied] = self.lags[np.searchsorted(edges, rng.random(len(copied)))]
        return steps


def _grid(reach, epsilon):
    """Twice as many lags as correlations are known for."""
    if not 0 < epsilon < 1:
        raise ValueError(
            f"epsilon must be above 0 and below 1, got {epsilon:g}: with 0 nothing is "
            "ever new, with 1 nothing is ever copied"
        )
    forgotten = reach * (1 + np.log(_FORGOTTEN) / np.log1p(-epsilon))
    if forgotten > _GRID:
        raise ValueError(
            f"reach must be shorter or epsilon larger, got lag {reach} and epsilon "
            f"{epsilon:g}: correlations outlast {_GRID} tokens"
        )
    return 2 * next_fast_len(int(forgotten / 2) + 1)


def _sources(steps):
    """The new token of which each is a copy; -1 if it lies before the first."""
    # Place 0 is what lies before, the source of itself.
    place = np.arange(1, len(steps) + 1)
    source = np.r_[0, np.maximum(place - steps, 0)]
    while not np.array_equal(further := source[source], source):
        source = further
    return source[1:] - 1
