"""A decoder-only transformer, as small as a text of a few megabytes asks for."""

from math import sqrt

import torch
from torch import nn
from torch.nn import functional

from scalinglib._input import whole_number
from scalinglib.networks.loop import share

__all__ = ["Transformer"]

_TURN = 100.0  # the slowest pair of features turns by about one in so many tokens


class Transformer(nn.Module):
    r"""Scores of each token, from those that stand before it in its row.

    .. math::

       x \leftarrow x + \mathrm{attention}(\mathrm{norm}(x)), \qquad
       x \leftarrow x + W_2\,\mathrm{gelu}(W_1\,\mathrm{norm}(x))

    in each layer, from embeddings to scores with the same matrix. Attention knows how
    far back a token stands by rotation: queries and keys turn with their place.

    Parameters
    ----------
    V : int
        Size of the vocabulary, ≥ 1.
    width : int
        Features W of a token, a multiple of twice `heads`.
    layers, heads : int
        Layers, and heads of attention in each, ≥ 1.
    dropout : float, default 0.0
        Share of the features that are left out at random in training, in [0, 1).

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Notes
    -----
    There are 12 W² parameters in a layer, besides 2 W of its norms, and (V + 1) W in
    the embeddings, one of which stands for the beginning of a row. Matrices are drawn
    normal, of variance 1 / (4 inputs), and those that add to x smaller by the root of
    twice the number of layers.

    References
    ----------
    A. Vaswani et al., arXiv:1706.03762 (2017); A. Radford et al., "Language models are
    unsupervised multitask learners" (2019), for the norms and the initialisation; J.
    Su et al., arXiv:2104.09864 (2021), for the rotation.

    Examples
    --------
    >>> net = Transformer(27, width=16, layers=2, heads=2)
    >>> net(torch.tensor([[0, 1, 2], [0, 1, 3]])).shape
    torch.Size([2, 3, 27])
    >>> sum(array.numel() for array in net.parameters()) == 2 * 12 * 16**2 + 33 * 16
    True
    """

    def __init__(self, V, *, width, layers=2, heads=4, dropout=0.0):
        """Draw the parameters, with torch's random numbers."""
        super().__init__()
        self.V = whole_number("V", V, least=1)
        layers = whole_number("layers", layers, least=1)
        heads = whole_number("heads", heads, least=1)
        width = whole_number("width", width, least=2)
        if width % (2 * heads):
            raise ValueError(
                f"width must be a multiple of twice heads, {2 * heads}, got {width}"
            )
        dropout = share("dropout", dropout)
        self.dropout = nn.Dropout(dropout)
        self.tokens = nn.Embedding(self.V + 1, width)
        self.layers = nn.ModuleList(
            _Layer(width, heads, dropout) for _ in range(layers)
        )
        self.norm = _norm(width)
        features = width // heads // 2
        turns = _TURN ** -(torch.arange(features, dtype=torch.float64) / features)
        self.register_buffer("turns", turns, persistent=False)
        nn.init.normal_(self.tokens.weight, std=1 / sqrt(width))
        for layer in self.layers:
            for matrix in (layer.seen, layer.up, layer.heard, layer.down):
                nn.init.normal_(matrix.weight, std=0.5 / sqrt(matrix.in_features))
            for matrix in (layer.heard, layer.down):
                matrix.weight.data /= sqrt(2 * layers)

    def forward(self, ids):
        """Return the scores of each token.

        Parameters
        ----------
        ids : (B, n) tensor of int64
            Rows of tokens, each read from its beginning.

        Returns
        -------
        (B, n, V) tensor
            Logits of the token at each place: of the first without knowing any, of the
            last from the n − 1 before it.
        """
        before = functional.pad(ids[:, :-1], (1, 0), value=self.V)
        places = torch.arange(ids.shape[1], device=ids.device)
        angles = (places[:, None] * self.turns).to(self.tokens.weight.dtype)
        turn = angles.cos(), angles.sin()
        width = self.tokens.embedding_dim
        x = self.dropout(self.tokens(before) * sqrt(width))
        for layer in self.layers:
            x = layer(x, turn)
        return functional.linear(self.norm(x), self.tokens.weight[: self.V])


class _Layer(nn.Module):
    """Attention, then a network of one hidden layer, each added to what enters."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.dropout = nn.Dropout(dropout)
        self.before_attention, self.before_network = _norm(width), _norm(width)
        self.seen = nn.Linear(width, 3 * width, bias=False)
        self.heard = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)

    def forward(self, x, turn):
        """Features (B, n, W) after this layer."""
        B, n, W = x.shape
        seen = self.seen(self.before_attention(x)).view(B, n, 3, self.heads, -1)
        query, key, value = seen.permute(2, 0, 3, 1, 4)  # (B, heads, n, features)
        heard = functional.scaled_dot_product_attention(
            _turned(query, turn), _turned(key, turn), value, is_causal=True
        )
        heard = heard.transpose(1, 2).reshape(B, n, W)
        x = x + self.dropout(self.heard(heard))
        network = self.down(functional.gelu(self.up(self.before_network(x))))
        return x + self.dropout(network)


def _norm(width):
    """Layer norm with a gain and no shift: the linear maps have none either."""
    return nn.LayerNorm(width, bias=False)


def _turned(z, turn):
    """Pairs of features turned by the angle of their place."""
    (cos, sin), (a, b) = turn, z.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
