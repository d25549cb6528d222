"""Estimates whose interval has a level of its own."""

from scalinglib.laws.uncertainty import Estimate

__all__ = ["Levelled"]


class Levelled(Estimate):
    """An estimate whose interval has a level of its own, where no other is asked for.

    Attributes
    ----------
    level : float
        Probability of the interval.
    """

    level: float

    def interval(self, level=None):
        """Interval that holds the truth with this probability.

        Parameters
        ----------
        level : float, optional
            Probability, above 0 and below 1; by default the estimate's own.

        Returns
        -------
        (float, float)
            Lower and upper end, of which one may be infinite.

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        return super().interval(self.level if level is None else level)

    def covers(self, value, level=None):
        """Whether the interval holds a number.

        Parameters
        ----------
        value : float
            The number.
        level : float, optional
            As in `interval`.

        Returns
        -------
        bool
        """
        return super().covers(value, self.level if level is None else level)
