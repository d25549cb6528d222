"""A game: runs are bought from a hidden law, and one forecast is handed in."""

import numpy as np
import xarray as xr

from scalinglib._input import whole_number
from scalinglib.lab.answers import answer
from scalinglib.lab.cards import report_card
from scalinglib.lab.truths import LARGEST, SMALLEST, truth_of

__all__ = ["PRACTICE", "Game", "start"]

BUDGET = 65_536  # four of the largest runs
MOST = 10_000  # runs at a size
#: Seeds to practise with.
PRACTICE = tuple(range(1, 11))


class Game:
    """A hidden law, a price list and a budget; made by `start`.

    Attributes
    ----------
    seed : int
        What the law hides behind.
    smallest, largest : int
        Sizes that can be run.
    at : float
        Size at which the loss is to be forecast.
    target : float
        Loss whose size is to be forecast.
    budget, left : int
        What there was to spend, and what is left. A run costs its size.
    bought : dict of int to int
        How many runs at which size.
    """

    smallest, largest, budget = SMALLEST, LARGEST, BUDGET

    def __init__(self, seed):
        self.seed = seed
        self._truth = truth_of(seed)
        self.at, self.target = self._truth.at, self._truth.target
        self.bought = {}
        self._handed_in = None

    @property
    def left(self):
        """What can still be spent."""
        return self.budget - sum(x * n for x, n in self.bought.items())

    @property
    def curve(self):
        """All runs that were bought: a DataArray over D and trial, for any of `laws`.

        Trials that were not run are nan.

        Raises
        ------
        ValueError
            If nothing was bought.
        """
        if not self.bought:
            raise ValueError("curve has no run yet: buy some, as in game.buy(64)")
        return _curve(self._truth, self.seed, self.bought)

    def buy(self, D, trials=1):
        """Buy runs; what was bought before stays.

        Parameters
        ----------
        D : int or (k,) array_like of int
            Sizes, from `smallest` to `largest`.
        trials : int or (k,) array_like of int, default 1
            How many runs at each; a run costs its size.

        Returns
        -------
        DataArray
            The new `curve`.

        Raises
        ------
        ValueError
            If a size cannot be run, it costs more than is left, or the forecast was
            handed in. Nothing is bought then.
        """
        if self._handed_in is not None:
            raise ValueError("D cannot be bought any more: the forecast was handed in")
        sizes = _whole("D", D)
        counts = _whole("trials", trials)
        if counts.size not in (1, sizes.size):
            raise ValueError(
                f"trials must be one number or one for each D, got {counts.size} for "
                f"{sizes.size} sizes"
            )
        counts = np.broadcast_to(counts, sizes.shape).tolist()
        sizes = sizes.tolist()
        wrong = [x for x in sizes if not self.smallest <= x <= self.largest]
        if wrong:
            raise ValueError(
                f"D must be from {self.smallest} to {self.largest}, got {wrong[0]}"
            )
        cost = sum(x * n for x, n in zip(sizes, counts, strict=True))
        if cost > self.left:
            raise ValueError(
                f"D and trials must cost at most the {self.left} that are left, and "
                f"cost {cost}: buy fewer runs or smaller ones"
            )
        after = dict(self.bought)
        for x, n in zip(sizes, counts, strict=True):
            after[x] = after.get(x, 0) + n
            if after[x] > MOST:
                raise ValueError(f"trials must be at most {MOST} at a size, at D = {x}")
        self.bought = after
        return self.curve

    def submit(self, loss, size):
        """Hand in the forecast; there is one.

        Parameters
        ----------
        loss : Estimate or (low, value, high)
            Of the loss at `at`; ends of an interval of 90 %.
        size : Estimate or (low, value, high)
            Of the size at which the loss is `target`. Its ends may be infinite.

        Returns
        -------
        ReportCard

        Raises
        ------
        ValueError
            If an answer is none, nothing was bought, or one was handed in already.
        """
        if self._handed_in is not None:
            raise ValueError("loss and size were handed in already; start a new game")
        loss, size = answer("loss", loss), answer("size", size)
        if not self.bought:
            raise ValueError("loss and size must come from runs: buy some first")
        self._handed_in = self._received(loss, size)
        return self._handed_in

    def _received(self, loss, size):
        game = self._truth, self.curve, self.bought, self.budget
        return report_card(*game, loss, size)

    def __repr__(self):
        bought = ", ".join(f"{n} at {x}" for x, n in sorted(self.bought.items()))
        return "\n".join(
            [
                f"Scaling lab, game {self.seed}: {self.left} of {self.budget} left; a "
                f"run at D costs D, from {self.smallest} to {self.largest}.",
                f"Forecast the loss at {self.at:.0f}, and the size at which it is "
                f"{self.target:g}.",
                f"Bought: {bought or 'nothing'}.",
            ]
        )


def start(seed):
    """Start a game.

    Parameters
    ----------
    seed : int
        From 0. `PRACTICE` are ten to learn with.

    Returns
    -------
    Game

    Raises
    ------
    ValueError
        If `seed` is no whole number from 0.

    Examples
    --------
    >>> from scalinglib import laws
    >>> game = start(1)
    >>> curve = game.buy([16, 64, 256, 1024, 4096], 3)
    >>> curve.sizes, game.left
    (Frozen({'D': 5, 'trial': 3}), 49168)
    >>> card = game.submit(
    ...     laws.forecast(curve, at=game.at), laws.size_for(curve, game.target)
    ... )
    >>> card.held.values
    array([ True,  True])
    """
    return Game(whole_number("seed", seed, least=0))


def _curve(truth, seed, bought):
    sizes = sorted(bought)
    losses = np.full((len(sizes), max(bought.values())), np.nan)
    for row, x in enumerate(sizes):
        losses[row, : bought[x]] = truth.runs(seed, x, bought[x])
    coords = {"D": sizes, "trial": np.arange(losses.shape[1])}
    return xr.DataArray(losses, coords, name="loss")


def _whole(name, values):
    values = np.asarray(values, dtype=object).ravel()
    if not values.size:
        raise ValueError(f"{name} must hold one number at least, got none")
    return np.array([whole_number(name, value, least=1) for value in values], object)
