"""What a linear predictor of a chain loses: a quadratic loss exactly, and nats."""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import oaconvolve

from scalinglib._input import real_array
from scalinglib.text.chains import AdditiveChain
from scalinglib.text.tokens import as_tokens

__all__ = ["mean_divergence", "quadratic_excess"]


def quadratic_excess(chain, coefficients):
    r"""Expected excess loss of a linear predictor of a chain, exactly.

    .. math::

       q_t(a) = \frac1V + \sum_\tau \hat w_\tau
       \Bigl([x_{t - \tau} = a] - \frac1V\Bigr), \qquad
       \frac{V - 1}{2} \Bigl(\frac{E[\hat w]}{E_\infty} - 1\Bigr), \quad
       E[\hat w] = 1 - 2 \hat w^\mathsf{T} r + \hat w^\mathsf{T} R \, \hat w

    with :math:`R_{ij} = r(i - j)`.

    Parameters
    ----------
    chain : AdditiveChain
        The chain.
    coefficients : (..., n) array_like
        The ŵ at lags 1 to n. Several predictors stand in the axes before.

    Returns
    -------
    ndarray of shape (...,)
        In the nats of a Gaussian, as follows.

    Raises
    ------
    ValueError
        If `chain` is none, the coefficients are not finite numbers, or n is longer than
        the chain's table of correlations.

    Notes
    -----
    E is the squared error of the predicted one-hot token in units of its variance, and
    E∞ that of the true probabilities. So this is the excess of a quadratic loss: what
    Gaussian noise of variance E∞ / V in each of V − 1 directions would be charged in
    nats. It is no entropy of tokens. Of these, the divergence of q from p is
    ½ Σ (p − q)² / p + O((p − q)³), and p is 1/V but for deviations of relative size
    :math:`\sqrt{(V - 1)(1 - E_\infty)}`: to leading order in them the two are one
    number. `mean_divergence` measures how far apart they are.

    Examples
    --------
    >>> chain = AdditiveChain(1.5, V=4)
    >>> float(quadratic_excess(chain, chain.coefficients))
    0.0
    >>> nothing = quadratic_excess(chain, [0.0])  # q = 1/V, and E = 1
    >>> bool(abs(nothing - 1.5 * (1 / chain.unexplained - 1)) < 1e-12)
    True
    """
    wrong = _coefficients(chain, coefficients)
    n = max(wrong.shape[-1], chain.reach)
    wrong = np.pad(wrong, [(0, 0)] * (wrong.ndim - 1) + [(0, n - wrong.shape[-1])])
    wrong[..., : chain.reach] -= chain.coefficients
    # E - E∞ = (ŵ - w)ᵀ R (ŵ - w), in which nothing large cancels; R by its diagonals.
    size = next_fast_len(2 * n, real=True)
    diagonals = irfft(np.abs(rfft(wrong, size)) ** 2, size)[..., :n]
    r = chain.correlation(np.arange(n))
    more = diagonals[..., 0] + 2 * diagonals[..., 1:] @ r[1:]
    return (chain.V - 1) / 2 * more / chain.unexplained


def mean_divergence(chain, coefficients, tokens):
    r"""Mean Kullback–Leibler divergence of a linear predictor, on a text of a chain.

    .. math:: \overline{\sum_a p_t(a) \log \frac{p_t(a)}{q_t(a)}}

    Parameters
    ----------
    chain : AdditiveChain
        The chain, which knows the true probabilities p.
    coefficients : (n,) array_like
        Of the predictor q, as in `quadratic_excess`.
    tokens : array_like of int
        A text of the chain, of shape (D,). What comes after its first max(n, T) tokens
        is predicted, T the longest lag of the chain.

    Returns
    -------
    float
        In nats a token: what the predictor loses in excess of the chain's entropy.

    Raises
    ------
    ValueError
        If a parameter is out of range, or q is not positive somewhere.

    Examples
    --------
    >>> chain = AdditiveChain(1.5, reach=64)
    >>> nats = mean_divergence(chain, [0.0], chain.sample(100_000, rng=0))
    >>> bool(0.9 < nats / quadratic_excess(chain, [0.0]) < 1.1)
    True
    """
    guess = _coefficients(chain, coefficients)
    if guess.ndim != 1:
        raise ValueError(
            f"coefficients must be those of one predictor, got shape {guess.shape}"
        )
    start = max(len(guess), chain.reach)
    ids = letters(chain, tokens, least=start + 1)
    total = 0.0
    for a in range(chain.V):
        centred = (ids == a) - 1 / chain.V
        p, q = (
            1 / chain.V + oaconvolve(centred, weights)[start - 1 : len(ids) - 1]
            for weights in (chain.coefficients, guess)
        )
        if q.min() <= 0:
            raise ValueError(
                "coefficients must predict positive probabilities, got "
                f"{q.min():.3g} for a token: see quadratic_excess for a loss without"
            )
        total += np.mean(p * np.log(p / q))
    return float(total)


def a_chain(chain):
    """A chain."""
    if not isinstance(chain, AdditiveChain):
        raise ValueError(
            f"chain must be an AdditiveChain, got {type(chain).__name__}: make one as "
            "in text.AdditiveChain(1.5)"
        )
    return chain


def letters(chain, tokens, *, least=2):
    """The numbers of tokens, of which there are no more different ones than V."""
    tokens = as_tokens("tokens", tokens, least=least)
    if tokens.V > chain.V:
        raise ValueError(
            f"tokens must be of the chain's {chain.V} different ones, got {tokens.V}"
        )
    return tokens.ids


def _coefficients(chain, values):
    """Finite numbers, no more in the last axis than correlations are known for."""
    most = a_chain(chain).longest
    array = real_array("coefficients", values).astype(float)
    if not array.ndim or not 1 <= array.shape[-1] <= most:
        raise ValueError(
            f"coefficients must be of shape (..., n) with n from 1 to {most}, got "
            f"shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError("coefficients must be finite, got nan or infinity")
    return array
