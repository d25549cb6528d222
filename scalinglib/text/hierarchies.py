"""A random hierarchy: a language with a grammar, of which all is known."""

from functools import reduce

import numpy as np

from scalinglib._input import generator, real_array, whole_number, whole_numbers

__all__ = ["RandomHierarchy"]

_STATES = 1 << 25  # contexts times tokens that are gone through at once


class RandomHierarchy:
    r"""Sentences that a random grammar without ambiguity makes.

    A symbol of height h stands for a pair of symbols of height h − 1. There are v
    symbols at each height and m pairs for each of them, drawn at random but such that
    no two symbols share one. From a root of height L, any symbol as likely as another,
    rules drawn alike lead down to the 2ᴸ leaves of a sentence: its tokens.

    .. math:: f = \frac mv, \qquad \beta_C = \log_2 m, \qquad
       \gamma_H = \log_2 \frac1f, \qquad
       \alpha_D = \frac{\gamma_H}{2 \beta_C} = \frac{\log 1/f}{2 \log m} .

    Parameters
    ----------
    v : int, default 8
        Symbols of a height, ≥ 3.
    m : int, default 4
        Rules for each symbol, from 2 to v − 1: with v of them every pair would be
        grammatical, and no token tell anything of another.
    L : int, default 4
        Height of the root, ≥ 1.
    rng : Generator, int or None
        Source of randomness, of the grammar.

    Attributes
    ----------
    rules : (L, v, m, 2) ndarray
        The pairs that a symbol of height 1 to L stands for.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    Exponents are in n = 2ʰ tokens and those of typical grammars with v, m ≫ 1. Two
    tokens whose paths meet at height k have, in the mean over grammars, elements of
    covariance :math:`C^2 \simeq (1 - f) / (v^3 m^{2k - 1})`. With few symbols each
    height costs C a factor m / (1 − 1/v) rather than m, as their shares sum to one:
    with v = 8 and m = 4, β at hand is about 2.2. And the entropies of low trees are far
    from their limit, so that their exponent is not to be read off a few.

    References
    ----------
    F. Cagnetta et al., "How deep neural networks learn compositional data",
    arXiv:2307.02129; F. Cagnetta and M. Wyart, arXiv:2406.00048.

    Examples
    --------
    >>> grammar = RandomHierarchy(L=3, rng=0)
    >>> grammar.sample(2, rng=0).shape
    (2, 8)
    >>> grammar.beta, grammar.gamma, grammar.alpha
    (2.0, 1.0, 0.25)
    """

    def __init__(self, v=8, m=4, L=4, *, rng):
        """Draw the grammar."""
        rng, self.v = generator(rng), whole_number("v", v, least=3)
        self.m, self.L = whole_number("m", m, least=2), whole_number("L", L, least=1)
        if self.m >= self.v:
            raise ValueError(f"m must be from 2 to v - 1 = {self.v - 1}, got {m}")
        pairs = [rng.permutation(self.v**2)[: self.v * self.m] for _ in range(self.L)]
        codes = np.reshape(pairs, (self.L, self.v, self.m))
        self.rules = np.stack(np.divmod(codes, self.v), axis=-1).astype(np.int32)

    def __repr__(self):
        return f"<grammar of v={self.v}, m={self.m}, L={self.L}>"

    @property
    def beta(self):
        """Exponent of correlations in the distance of tokens, log₂ m."""
        return float(np.log2(self.m))

    @property
    def gamma(self):
        """Exponent of conditional entropies in the length of the context, log₂ 1/f."""
        return float(np.log2(self.v / self.m))

    @property
    def alpha(self):
        """Data exponent γ / 2β that the two predict."""
        return self.gamma / (2 * self.beta)

    def sample(self, D, *, rng):
        """Sentences of the grammar, every derivation as likely as another.

        Parameters
        ----------
        D : int
            How many, ≥ 1.
        rng : Generator, int or None
            Source of randomness.

        Returns
        -------
        (D, 2ᴸ) ndarray of int32
            Tokens 0 to v − 1.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        rng, D = generator(rng), whole_number("D", D, least=1)
        symbols = rng.integers(self.v, size=(D, 1), dtype=np.int32)
        for rules in self.rules[::-1]:
            choice = rng.integers(self.m, size=symbols.shape, dtype=np.int32)
            symbols = rules[symbols, choice].reshape(D, -1)
        return symbols

    def parse(self, tokens, height):
        """Symbols of a height, which are known for certain from the tokens below.

        Parameters
        ----------
        tokens : (D, n) array_like of int
            Sentences or whole subtrees of them: n is a multiple of 2 ** `height`.
        height : int
            Height of the symbols, 0 to L.

        Returns
        -------
        (D, n / 2 ** height) ndarray of int32

        Raises
        ------
        ValueError
            If `height` is out of range, or tokens are not of the grammar.

        Examples
        --------
        >>> grammar = RandomHierarchy(rng=0)
        >>> grammar.parse([[*grammar.rules[0, 5, 2], *grammar.rules[0, 7, 1]]], 1)
        array([[5, 7]], dtype=int32)
        """
        height = self._height("height", height, least=0)
        array = real_array("tokens", tokens)
        if array.ndim != 2 or not array.size or array.shape[1] % 2**height:
            raise ValueError(
                f"tokens must be (D, n), with n a multiple of {2**height} for symbols "
                f"of height {height}, got shape {array.shape}"
            )
        symbols = whole_numbers("tokens", array, most=self.v - 1).astype(np.int32)
        for rules in self.rules[:height]:
            meaning = np.full((self.v, self.v), -1, dtype=np.int32)
            meaning[rules[..., 0], rules[..., 1]] = np.arange(self.v)[:, None]
            symbols = meaning[symbols[:, ::2], symbols[:, 1::2]]
            if symbols.min() < 0:
                row = int(np.argwhere(symbols < 0)[0, 0])
                raise ValueError(f"tokens must be of this grammar, row {row} is not")
        return symbols

    def covariance(self, i, j):
        """Covariance of one-hot tokens at two places of a sentence, exactly.

        Parameters
        ----------
        i, j : int
            Places from 0 to 2ᴸ − 1, i < j.

        Returns
        -------
        (v, v) ndarray
            Joint distribution less the product of the two.

        Raises
        ------
        ValueError
            If they are no places of a sentence, in order.
        """
        j = whole_number("j", j, least=1)
        i = whole_number("i", i, least=0)
        if not i < j < 2**self.L:
            raise ValueError(f"j must be from i + 1 to {2**self.L - 1}, got {i}, {j}")
        k = (i ^ j).bit_length()
        above = np.full(self.v, 1 / self.v) @ self._down(i >> k, self.L, k)
        left, right = (self._down(x % 2 ** (k - 1), k - 1, 0) for x in (i, j))
        return left.T @ self._siblings(above, k) @ right

    def correlation(self, k):
        r"""Size of the covariance of tokens whose paths meet at a height, exactly.

        .. math:: \Bigl(\overline{\textstyle\sum_{ab} C_{ab}^2}\Bigr)^{1/2}

        in the mean over all pairs of places whose paths meet there, about 2ᵏ apart.

        Parameters
        ----------
        k : int
            Height, 1 to L.

        Returns
        -------
        float
            About :math:`\sqrt{(1 - f) / (v m)} \, m^{1 - k}`.

        Raises
        ------
        ValueError
            If `k` is out of range.
        """
        k = self._height("k", k, least=1)
        G = np.eye(self.v)  # T Tᵀ, in the mean over leaves: ‖TᵀCT‖² = tr CᵀGCG
        for h in range(1, k):
            G = sum(T @ G @ T.T for T in self._children(h)) / 2
        above = np.full((1, self.v), 1 / self.v)
        for h in range(self.L, k, -1):
            above = np.concatenate([above @ T for T in self._children(h)])
        total = 0.0
        for symbols in above:
            C = self._siblings(symbols, k)
            total += np.trace(C.T @ G @ C @ G)
        return float(np.sqrt(total / len(above)))

    def entropy(self, h):
        r"""Entropy of the last token given all others of its subtree of a height.

        .. math:: H_h = H(x_n \mid x_1, \dots, x_{n-1}), \qquad n = 2^h .

        Parameters
        ----------
        h : int
            Height of the subtree, 0 to L. With 0 nothing is given.

        Returns
        -------
        float
            In nats, exactly.

        Raises
        ------
        ValueError
            If `h` is out of range, or there are too many contexts.

        Notes
        -----
        The others tell the h symbols beside the path, and no more: vʰ contexts.

        Examples
        --------
        >>> grammar = RandomHierarchy(rng=0)
        >>> bool(grammar.entropy(2) < grammar.entropy(1) < np.log(8))
        True
        """
        h = self._height("h", h, least=0)
        if self.v ** (h + 1) > _STATES:
            most = _STATES // self.v
            raise ValueError(f"h must be lower, got {h}: more than {most} contexts")
        last = 2 ** (self.L - h) - 1
        joint = np.full(self.v, 1 / self.v) @ self._down(last, self.L, h)
        for k in range(h, 0, -1):  # axes: what is seen, then the symbol on the path
            joint = np.tensordot(joint, self._pairs(k), 1)
        seen = np.broadcast_to(joint.sum(axis=-1, keepdims=True), joint.shape)
        there = joint > 0
        return float(-np.sum(joint[there] * np.log(joint[there] / seen[there])))

    def _height(self, name, value, *, least):
        """A height of the grammar."""
        if (height := whole_number(name, value, least=least)) > self.L:
            raise ValueError(f"{name} must be at most L = {self.L}, got {height}")
        return height

    def _pairs(self, h):
        """How likely a symbol of this height stands for which pair, (v, v, v)."""
        left, right = np.moveaxis(self.rules[h - 1], -1, 0)
        found = np.zeros(3 * (self.v,))
        found[np.arange(self.v)[:, None], left, right] = 1 / self.m
        return found

    def _siblings(self, symbols, h):
        """Covariance of the two below a symbol of a height, of this distribution."""
        joint = np.einsum("z,zab->ab", symbols, self._pairs(h))
        return joint - np.outer(joint.sum(axis=1), joint.sum(axis=0))

    def _children(self, h):
        """What stands to the left below a symbol of this height, and to the right."""
        pairs = self._pairs(h)
        return pairs.sum(axis=2), pairs.sum(axis=1)

    def _down(self, place, top, bottom):
        """From a symbol to the one at a place below it: a product of matrices."""
        heights = range(top, bottom, -1)
        steps = [self._children(h)[place >> (h - bottom - 1) & 1] for h in heights]
        return reduce(np.matmul, steps, np.eye(self.v))
