"""Tasks of one network that have only their kind in common: parities of two bits."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import above_zero, generator, whole_number

__all__ = ["ALPHA", "ParityTasks", "zipf"]

#: Number of tasks, of task bits, and exponent of the frequencies less one.
TASKS, BITS, ALPHA = 64, 24, 0.5


def zipf(tasks, alpha):
    r"""Frequencies of tasks, which fall as a power.

    .. math:: p_k = \frac{k^{-(1+\alpha)}}{\sum_{j \le T} j^{-(1+\alpha)}}

    Parameters
    ----------
    tasks : int
        T ≥ 1.
    alpha : float
        α > 0.

    Returns
    -------
    (T,) ndarray

    Raises
    ------
    ValueError
        If an argument is not one of these.

    Examples
    --------
    >>> zipf(3, 1.0).round(3).tolist()
    [0.735, 0.184, 0.082]
    """
    k = np.arange(1, whole_number("tasks", tasks, least=1) + 1)
    p = k ** -(1 + above_zero("alpha", alpha))
    return p / p.sum()


@dataclass(frozen=True, eq=False)
class ParityTasks:
    """Tasks told by control bits: the parity of two of the task bits.

    An input has a control bit for each task, of which one is set, and random task bits.
    Task k asks whether two of these differ; no two tasks ask of the same two.

    Parameters
    ----------
    rng : None, int or numpy.random.Generator
        Draws the pairs.
    tasks : int
        T, from 1 to the number of pairs.
    bits : int
        Number of task bits, ≥ 2.
    alpha : float
        Exponent of their frequencies, as in `zipf`.

    Attributes
    ----------
    pairs : (T, 2) ndarray of int
        The bits that matter.
    p : (T,) ndarray
        Frequencies of the tasks.

    Raises
    ------
    ValueError
        If an argument is not one of these.

    References
    ----------
    E. J. Michaud, Z. Liu, U. Girit, M. Tegmark, arXiv:2303.13506 (2023), section 3,
    with parities of three bits of a hundred, and 500 tasks.

    Examples
    --------
    >>> X, y = ParityTasks(0, tasks=3, bits=4, alpha=1.0).draw(0, 5)
    >>> X.shape, X[:, :3].sum(axis=1).tolist(), y.shape
    ((5, 7), [1.0, 1.0, 1.0, 1.0, 1.0], (5,))
    """

    rng: object = field(repr=False)
    tasks: int = TASKS
    bits: int = BITS
    alpha: float = ALPHA
    pairs: np.ndarray = field(init=False, repr=False)
    p: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        """Draw the pairs."""
        bits = whole_number("bits", self.bits, least=2)
        every = np.array(list(itertools.combinations(range(bits), 2)))
        p = zipf(self.tasks, self.alpha)
        if len(p) > len(every):
            raise ValueError(
                f"tasks must be at most {len(every)}, the pairs of {bits} bits, got "
                f"{self.tasks}"
            )
        chosen = every[generator(self.rng).permutation(len(every))[: len(p)]]
        chosen.setflags(write=False)
        object.__setattr__(self, "pairs", chosen)
        object.__setattr__(self, "p", p)

    def draw(self, rng, D):
        """Draw examples of all tasks, as often as each is used.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
            Fewer examples of the same source are the first of them.
        D : int
            How many, ≥ 1.

        Returns
        -------
        X, y : ndarrays (D, T + bits) of zeros and ones, (D,) of labels

        Raises
        ------
        ValueError
            If an argument is not one of these.
        """
        which, bits = generator(rng).spawn(2)
        u = which.random(whole_number("D", D, least=1))
        # Rounding may leave the last of the sums below one.
        tasks = np.searchsorted(self.p.cumsum()[:-1], u)
        return self._examples(bits, tasks)

    def of_each(self, rng, D):
        """Draw as many examples of every task.

        Parameters
        ----------
        rng : None, int or numpy.random.Generator
        D : int
            How many of each, ≥ 1.

        Returns
        -------
        X, y : ndarrays (T D, T + bits), (T D,)
            Those of the first task first.

        Raises
        ------
        ValueError
            If an argument is not one of these.
        """
        tasks = np.arange(len(self.p)).repeat(whole_number("D", D, least=1))
        return self._examples(generator(rng), tasks)

    def _examples(self, rng, tasks):
        """Examples of these tasks."""
        bits = rng.random((len(tasks), self.bits), dtype=np.float32) < 0.5
        first, second = np.take_along_axis(bits, self.pairs[tasks], axis=1).T
        control = np.eye(len(self.p), dtype=np.float32)[tasks]
        X = np.concatenate([control, bits.astype(np.float32)], axis=1)
        return X, (first ^ second).astype(int)
