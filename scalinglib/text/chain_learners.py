"""Learners of a chain: how much they lose, by theory and on a text."""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.linalg import cholesky, solve, solve_triangular

from scalinglib._input import increasing, positive, truth, whole_numbers
from scalinglib._labels import broadcast, like, over
from scalinglib.text.predicting_chains import a_chain, letters, quadratic_excess

__all__ = ["ChainLearner"]


class ChainLearner:
    r"""Predicts a token of a chain from others, with weights that it learns.

    .. math:: q_t(a) = \frac1V + \sum_{j \le n} \hat w_j
       \Bigl([x_{t - \tau_j} = a] - \frac1V\Bigr) .

    Of order n it has n weights, those of lags 1 to n. Told the lags of the chain, it
    has the weights of the first n of them, and none to learn in between.

    Parameters
    ----------
    chain : AdditiveChain
        What makes the texts.
    told : bool, default False
        Whether it is told the lags of the chain.

    Raises
    ------
    ValueError
        If a parameter is not what it should be.

    Notes
    -----
    Losses are excess losses as `quadratic_excess` has them. With D tokens a learner of
    order n loses

    .. math:: L_n(D) - L_\infty \simeq b(n) + \frac{n}{2 D} ,

    for any V: least squares over D tokens in V − 1 directions leave in E / E∞ − 1 the
    noise of n weights from (V − 1) D observations, and (V − 1)/2 of this is Wilks's
    n / 2D. That too is the leading order in 1 − ε and in 1 / n: for V = 4, ε = 0.8 it
    is 1 % more at n = 40, and 10 to 40 % at n = 1. All T orders are solved at once, in
    of the order of T² operations.

    Where b ~ n^−γ, on dense lags, :math:`n^\gamma (L_n - L_\infty)` is a function of
    :math:`D / n^{2 \beta}` alone, as 2β = γ + 1 there. The best order is
    :math:`n^* \sim D^{1 / (\gamma + 1)}`, and the loss falls with
    :math:`\alpha_D = \gamma / (\gamma + 1) = 1 - 1/2s`. For lags kᑫ the first is still
    so of who is not told them. Who is told pays only for lags at which there is
    something to learn, and has the :math:`\gamma / 2 \beta = 1 - 1/2qs` that is
    predicted from the two exponents.

    References
    ----------
    F. Cagnetta, A. Raventós, S. Ganguli and M. Wyart, arXiv:2602.07488.

    Examples
    --------
    >>> from scalinglib.text import AdditiveChain
    >>> learner = ChainLearner(AdditiveChain(1.5))
    >>> learner.best_order([4.0**4, 4.0**8, 4.0**12]).tolist()
    [1, 11, 75]
    >>> round(float(learner.exponent(2.0**28)), 2)  # 1 - 1/2s is 2/3
    0.66
    """

    def __init__(self, chain, *, told=False):
        """Know from the start what each order loses without end of data."""
        self.chain, self.told = a_chain(chain), truth("told", told)
        if self.told:
            lost = _later(_explained_by(chain.correlation, chain.lags))
            share = lost / chain.unexplained
        else:
            *_, phi = _levinson(chain.correlation(np.arange(chain.reach + 1)), [])
            # E_n / E∞ is a product over later orders, in which nothing cancels.
            share = np.expm1(_later(-np.log1p(-(phi**2))))
        self._bias = (chain.V - 1) / 2 * share

    def __repr__(self):
        return f"ChainLearner({self.chain!r}, told={self.told})"

    @property
    def lags(self):
        """The lags whose weights it learns, one after the other."""
        return self.chain.lags if self.told else np.arange(1, self.chain.reach + 1)

    def bias(self, n):
        """Excess loss of order n, with data without end.

        Parameters
        ----------
        n : array_like of int
            Orders, from 0 to the number of `lags`, at which it is zero.

        Returns
        -------
        ndarray of the shape of n, or a DataArray with its labels

        Raises
        ------
        ValueError
            If n are not whole numbers in this range.

        Notes
        -----
        Of the best linear predictor, exactly. What any predictor could lose that sees n
        tokens, the conditional entropy less its limit, is the same to leading order
        in 1 − ε.
        """
        return like(n, self._bias[whole_numbers("n", n, most=len(self.lags))])

    def loss_of_order(self, n, D):
        """Expected excess loss of order n, learned from D tokens: b(n) + n / 2D.

        Parameters
        ----------
        n : array_like of int
            Orders, as of `bias`.
        D : array_like
            Numbers of tokens, above zero, ≫ n.

        Returns
        -------
        ndarray of the broadcast shape, or a DataArray with both labels

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        order, size, template = broadcast(n=n, D=D)
        loss = self.bias(order) + np.asarray(order) / (2 * positive("D", size))
        return like(template, loss)

    def best_order(self, D):
        """Order that loses least with D tokens.

        Parameters
        ----------
        D : array_like
            Numbers of tokens, above zero.

        Returns
        -------
        ndarray of int of the shape of D, or a DataArray with its labels
            If it is the number of `lags`, the chain is learned whole, and no exponent
            but 1 is to be seen any more.
        """
        sizes = positive("D", D)
        order = np.arange(len(self._bias))
        best = [np.argmin(self._bias + order / (2 * size)) for size in sizes.ravel()]
        return like(D, np.reshape(best, sizes.shape)[()])

    def envelope(self, D):
        """Expected excess loss of the best order, with D tokens.

        Parameters
        ----------
        D : array_like
            Numbers of tokens, above zero.

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels
        """
        sizes = positive("D", D)
        best = self.best_order(sizes)
        return like(D, self._bias[best] + best / (2 * sizes))

    def exponent(self, D):
        """Local exponent of the envelope, from D / 2 to 2 D.

        Parameters
        ----------
        D : array_like
            Numbers of tokens, above zero.

        Returns
        -------
        ndarray of the shape of D, or a DataArray with its labels

        Notes
        -----
        Orders are whole numbers: in a shorter window one would see one of them, and
        the exponent jump whenever the next takes over.
        """
        sizes = positive("D", D)
        fall = self.envelope(sizes / 2) / self.envelope(2 * sizes)
        return like(D, np.log(fall) / np.log(4))

    def fit(self, tokens, orders):
        """Learn from a text; how much each order really loses, without a test text.

        Parameters
        ----------
        tokens : array_like of int
            The text, of shape (D,).
        orders : (k,) array_like of int
            Orders, increasing from 1. Their lags must be shorter than the text.

        Returns
        -------
        (k,) ndarray, or a DataArray labelled by `orders`
            Excess loss of each order.

        Raises
        ------
        ValueError
            If a parameter is out of range.

        Notes
        -----
        Yule and Walker's equations with correlations of the text, in which the learner
        knows that all tokens are equally frequent; Levinson's recursion solves them for
        all orders in one pass. That is least squares but for the ends of the text. To
        compare with `envelope`, average the loss of each order over texts first: the
        least of one text is less than the least of the mean. And n / 2D scatters from
        text to text by √(2 / n) of itself.

        Examples
        --------
        >>> from scalinglib.text import AdditiveChain
        >>> chain = AdditiveChain(1.5)
        >>> learner = ChainLearner(chain)
        >>> loss = learner.fit(chain.sample(2**16, rng=0), [1, 10, 100, 1000])
        >>> (loss / learner.loss_of_order([1, 10, 100, 1000], 2**16)).round(1)
        array([1. , 0.8, 0.8, 1. ])
        """
        ids = letters(self.chain, tokens)
        end = np.searchsorted(self.lags, len(ids))  # lags from here on are too long
        orders = increasing("orders", asked := orders, most=int(end))
        lags = self.lags[: orders[-1]]
        r = _autocorrelation(ids, self.chain.V, lags[-1])
        if self.told:
            weights = np.zeros((len(orders), lags[-1]))
            for row, n in zip(weights, orders, strict=True):
                row[lags[:n] - 1] = _least_squares(r, lags[:n])
        else:
            weights, _ = _levinson(r, orders)
        return over(asked, quadratic_excess(self.chain, weights))


def _later(terms):
    """For each order from 0 on, the sum of the terms of later ones."""
    return np.r_[np.cumsum(terms[::-1])[::-1], 0]


def _levinson(r, orders):
    """Coefficients of these orders in rows, and all partial correlations."""
    n, error = len(r) - 1, 1.0
    a, phi = np.zeros(n), np.zeros(n)
    rows = {}
    for k in range(n):
        phi[k] = (r[k + 1] - a[:k] @ r[k:0:-1]) / error
        a[:k] -= phi[k] * a[:k][::-1]
        a[k] = phi[k]
        error *= 1 - phi[k] ** 2
        rows[k + 1] = a.copy() if k + 1 in orders else None
    return np.array([rows[n] for n in orders]), phi


def _gram(r, lags):
    """Correlations of tokens at these lags with each other."""
    return r[abs(lags[:, None] - lags)]


def _least_squares(r, lags):
    """Coefficients at these lags."""
    return solve(_gram(r, lags), r[lags], assume_a="pos")


def _explained_by(correlation, lags):
    """Share of the variance that each lag explains beyond those before it."""
    L = cholesky(correlation(abs(lags[:, None] - lags)), lower=True)
    return solve_triangular(L, correlation(lags), lower=True) ** 2


def _autocorrelation(ids, V, most):
    """Correlations of a text from lag 0 to this one, each a sum over D tokens."""
    size = next_fast_len(len(ids) + int(most), real=True)
    power = sum(np.abs(rfft((ids == a) - 1 / V, size)) ** 2 for a in range(V))
    raw = irfft(power, size)[: most + 1]
    return raw / raw[0]
