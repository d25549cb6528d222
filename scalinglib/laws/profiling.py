"""The fit itself, in units of the curve, and the profile of its misfit."""

from dataclasses import dataclass, field

import numpy as np

from scalinglib.laws.marquardt import minimise

# How many of the starts take some steps, how many steps, and how many go on to the end.
TRIED, STEPS, KEPT = 64, 5, 8
ROUNDS = 100
RADII = 2.0 ** np.arange(-2, 9)  # of a profile, in half-widths of the normal interval
FINER = np.linspace(0, 1, 8)[1:-1]


@dataclass(frozen=True, eq=False)
class Problem:
    """Points in units that make all numbers moderate, a law, and its limits.

    Attributes
    ----------
    law : scalinglib.laws.families.Law
    u, y, weight : ndarray, shape (n,)
        Logarithms of sizes and losses in these units, and inverse errors.
    units : (float, float)
        Logarithms of the units of size and of loss.
    low, high : ndarray, shape (p,)
        Limits of theta; equal for a parameter that is known.
    elbow : float
        Of Huber's loss.
    """

    law: object
    u: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    units: tuple
    low: np.ndarray = field(default=None)
    high: np.ndarray = field(default=None)
    elbow: float = np.inf

    def descend(self, theta, weight, low, high, **choices):
        """`minimise` for this law and these points."""
        shape = theta.shape
        low, high = np.broadcast_to(low, shape), np.broadcast_to(high, shape)
        weight = np.broadcast_to(weight, (len(theta), len(self.u)))
        return minimise(
            self.law.curve,
            theta,
            self.u,
            self.y,
            weight,
            low,
            high,
            elbow=self.elbow,
            **choices,
        )

    def prefixes(self, sizes):
        """Fits to the first so many points each, all at once: theta (O, p), cost (O,).

        What a prefix does not see has no weight there.
        """
        starts, weights, lows, highs = [], [], [], []
        loss = np.exp(self.y)
        for n in sizes:
            low, high = self.law.limits(self.u[:n], loss[:n])
            low, high = self.within(low, high)
            part = self.law.starts(self.u[:n], loss[:n], self.weight[:n], low, high)
            starts.append(part)
            weights.append(np.where(np.arange(len(self.u)) < n, self.weight, 0.0))
            lows.append(low)
            highs.append(high)
        starts = np.concatenate(starts)
        rows = np.repeat(np.arange(len(sizes)), len(starts) // len(sizes))
        limits = [np.array(part) for part in (weights, lows, highs)]
        for most, rounds in ((TRIED, 0), (KEPT, STEPS), (1, ROUNDS)):
            starts, cost = self.descend(
                starts, *(part[rows] for part in limits), rounds=rounds
            )
            order = cost.reshape(len(sizes), -1).argsort(axis=1)[:, :most]
            first = np.arange(len(sizes))[:, None] * (len(cost) // len(sizes))
            chosen = (order + first).ravel()
            starts, cost, rows = starts[chosen], cost[chosen], rows[chosen]
        return starts, cost

    def minima(self):
        """The lowest minima that are found, theta (K, p), the best first; cost (K,)."""
        low, high = self.limits()
        theta = self.law.starts(self.u, np.exp(self.y), self.weight, low, high)
        for most, rounds in ((TRIED, 0), (KEPT, STEPS), (KEPT, ROUNDS)):
            theta, cost = self.descend(theta, self.weight, low, high, rounds=rounds)
            order = cost.argsort()[:most]
            theta, cost = theta[order], cost[order]
        # One that was found twice counts once.
        apart = abs(theta[:, None] - theta).max(axis=2) > 1e-3
        first = np.array([apart[k, :k].all() for k in range(len(theta))])
        return theta[first], cost[first]

    def within(self, low, high):
        """Limits of the points, and what is known besides."""
        if self.low is None:
            return low, high
        fixed = np.maximum(low, self.low), np.minimum(high, self.high)
        none = fixed[0] > fixed[1]  # what is known lies beyond: it is what holds
        return np.where(none, self.low, fixed[0]), np.where(none, self.high, fixed[1])

    def limits(self):
        """Limits of theta for all points."""
        return self.within(*self.law.limits(self.u, np.exp(self.y)))

    def free(self, theta):
        """Which parameters are neither known nor at a limit."""
        low, high = self.limits()
        return (low < high) & (theta > low) & (theta < high)

    def linearised(self, theta):
        """Weighted residuals (n,) and their gradient (n, free)."""
        value, _, gradient = self.law.curve(theta[None], self.u)
        residual = self.weight * (self.y - value[0])
        return residual, (self.weight[:, None] * gradient[0])[:, self.free(theta)]

    def profile(self, theta, cost, column, threshold):
        """Ends of theta[column] within which the misfit stays below a threshold.

        The misfit is that of the best law with this value. Rings of values widen until
        the threshold is passed on each side; then the place is found between two.
        """
        low, high = self.limits()
        at = theta[column]
        if low[column] >= high[column]:
            return at, at
        if np.isinf(threshold):
            return low[column], high[column]
        along, half = self._along(theta, column, threshold - cost)
        ends = []
        for sign, limit in ((-1, low[column]), (1, high[column])):
            steps = np.append(sign * half * RADII, limit - at)
            steps = np.clip(steps, low[column] - at, high[column] - at)
            guesses = np.clip(theta + np.multiply.outer(steps, along), low, high)
            guesses = np.concatenate([guesses, np.tile(theta, (len(steps), 1))])
            guesses[:, column] = np.tile(at + steps, 2)
            ends.append(self._end((theta, cost), column, threshold, guesses, limit))
        return tuple(ends)

    def _end(self, inner, column, threshold, guesses, limit):
        """Where the misfit passes the threshold, or the limit.

        That is between the last value below it and the first above.
        """
        least, count = inner[1], len(guesses) // 2
        for _ in range(3):
            thetas, costs = self._constrained(column, guesses)
            if len(guesses) > count:  # two guesses for each value: the better one
                better = costs[:count] <= costs[count:]
                thetas = np.where(better[:, None], thetas[:count], thetas[count:])
                costs = np.minimum(costs[:count], costs[count:])
            # The outermost below it: a ring before it may be a poor minimum.
            within = np.flatnonzero(costs <= threshold)
            first = within[-1] + 1 if within.size else 0
            if first == count:
                return limit
            if first:
                inner = thetas[first - 1], costs[first - 1]
            outer = thetas[first], costs[first]
            share = np.append(FINER, 1.0)
            guesses = inner[0] + np.multiply.outer(share, outer[0] - inner[0])
            count = len(guesses)
        if self._numerical(inner[0], column) or self._numerical(outer[0], column):
            return limit
        # The square root of what is added is nearly straight.
        added = np.array([inner[1], outer[1], threshold]) - least
        below, above, at = np.sqrt(np.maximum(added, 0.0))
        share = float(np.clip((at - below) / max(above - below, 1e-300), 0, 1))
        return inner[0][column] + share * (outer[0][column] - inner[0][column])

    def _numerical(self, theta, column):
        """Whether an amplitude is bounded by a limit of the exponent alone."""
        names, order = self.law.names, self.law.order
        if self.law.parameters[column].kind != "amplitude" or order not in names:
            return False
        exponent = names.index(order)
        return bool(theta[exponent] >= self.limits()[1][exponent])

    def _constrained(self, column, guesses):
        """Best laws in which one parameter is as guessed, and their misfits."""
        low, high = (np.tile(each, (len(guesses), 1)) for each in self.limits())
        low[:, column] = high[:, column] = guesses[:, column]
        return self.descend(guesses, self.weight, low, high)

    def _along(self, theta, column, rise):
        """How theta moves with one parameter, and the half-width of a parabola.

        To first order: the others follow so that the misfit stays least.
        """
        free = self.free(theta)
        free[column] = False
        _, _, gradient = self.law.curve(theta[None], self.u)
        J = self.weight[:, None] * gradient[0]
        along = np.zeros_like(theta)
        along[column] = 1.0
        scale = np.maximum(abs(J[:, free]).max(axis=0, initial=0.0), 1e-300)
        others = np.linalg.lstsq(J[:, free] / scale, -J[:, column], rcond=1e-9)[0]
        along[free] = others / scale
        steep = max(np.linalg.norm(J @ along), 1e-9 * np.linalg.norm(J[:, column]))
        return along, np.sqrt(max(rise, 1e-30)) / max(steep, 1e-300) + 1e-9
