"""Which examples a step of training sees: all, a shuffled few, or fresh ones."""

import numpy as np
import torch

from scalinglib._input import generator, real_array
from scalinglib.networks import _tensors

DRAWN = 4096  # examples that are drawn at once, if a batch is smaller


def several(rng):
    """Whether these are sources of random numbers, and not one."""
    return isinstance(rng, list | tuple | range) or getattr(rng, "ndim", 0) == 1


def streams(rng, members):
    """One source of random numbers for each member; a sequence gives them.

    They are children of what was given, which may draw initialisations too.
    """
    if not several(rng):
        return generator(rng).spawn(members)
    if len(rng) != members:
        raise ValueError(
            f"rng must be one source, or one for each of {members} members, got "
            f"{len(rng)}"
        )
    return [generator(source).spawn(1)[0] for source in rng]


def everything(arrays):
    """The same examples at each step."""
    while True:
        yield arrays


def shuffled(arrays, D, batch, sources):
    """So many examples at each step, each once before any comes again.

    Every member has an order of its own, so arrays (1, D, …) become (T, batch, …).
    """
    device, order = arrays[0].device, np.empty((len(sources), 0), np.int64)
    first = torch.arange(len(sources), device=device)[:, None] * D
    while True:
        while order.shape[1] < batch:
            epoch = [source.permutation(D) for source in sources]
            order = np.concatenate([order, epoch], axis=1)
        positions = _tensors.tensor(order, device)
        for start in range(0, order.shape[1] - batch + 1, batch):
            at = positions[:, start : start + batch]
            yield [_taken(a, at, first) for a in arrays]
        order = order[:, start + batch :]


def _taken(array, positions, first):
    """Examples (T, batch, …) at these positions of each member."""
    if len(array) > 1:
        positions = positions + first
    rows = array.flatten(0, 1).index_select(0, positions.reshape(-1))
    return rows.view(*positions.shape, *array.shape[2:])


class Fresh:
    """Examples that no step sees twice, drawn for each member from its own source.

    ``draw(rng, B)`` returns X (B, n) and Y; many steps are drawn at once.
    """

    def __init__(self, draws, sources, batch, net, checked, like):
        """Keep what draws, for as many members as there are sources."""
        self.draws, self.sources, self.batch = draws, sources, batch
        self.net, self.checked, self.like = net, checked, like

    def block(self, size):
        """X (T, size, n) and Y of all members."""
        pairs = zip(self.draws, self.sources, strict=True)
        drawn = [self._drawn(draw(source, size), size) for draw, source in pairs]
        X, Y = (np.stack(parts) for parts in zip(*drawn, strict=True))
        x = _tensors.finite("X of draw", X, self.like)
        shape = len(drawn), size, self.net.outputs
        return x, self.checked(Y, *shape, self.like, name="Y of draw")

    def _drawn(self, drawn, size):
        """X and Y of one member, of the shapes that they must have."""
        try:
            X, Y = drawn
        except (TypeError, ValueError):
            kind = type(drawn).__name__
            raise ValueError(f"draw must return X and Y, got {kind}") from None
        X, Y = real_array("X of draw", X), real_array("Y of draw", Y)
        numbers, C = self.checked is _tensors.targets, self.net.outputs
        if numbers and Y.ndim == 1 and C == 1:
            Y = Y[:, None]
        expected = (size, self.net.inputs), (size, C) if numbers else (size,)
        if (X.shape, Y.shape) != expected:
            raise ValueError(
                f"draw must return X {expected[0]} and Y {expected[1]}, got "
                f"{X.shape} and {Y.shape}"
            )
        return X, Y

    def __iter__(self):
        """Batches of training, without end."""
        steps = max(1, DRAWN // self.batch)
        while True:
            x, y = self.block(steps * self.batch)
            parts = zip(*(a.split(self.batch, dim=1) for a in (x, y)), strict=True)
            w = _tensors.weights(None, 1, self.batch, self.like)
            for part in parts:
                yield [*part, w]
