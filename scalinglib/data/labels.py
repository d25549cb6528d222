"""Labels as targets, and fewer of them."""

from collections.abc import Iterable

import numpy as np

from scalinglib._input import real_array, whole_number

__all__ = ["one_hot", "superclasses"]


def one_hot(y, classes=10, *, centred=True):
    r"""Encode labels as regression targets that sum to zero.

    .. math:: Y_{ic} = \mathbb 1[y_i = c] - 1/C

    Parameters
    ----------
    y : (D,) array_like of int
        Labels 0, …, classes − 1.
    classes : int
        Number of classes C.
    centred : bool
        Subtract 1/C, the mean over the classes; otherwise plain zeros and ones.

    Returns
    -------
    (D, classes) ndarray of float64

    Raises
    ------
    ValueError
        If a label is not an integer in 0, …, classes − 1.

    Examples
    --------
    >>> one_hot([1, 0], classes=2)
    array([[-0.5,  0.5],
           [ 0.5, -0.5]])
    """
    y, classes = real_array("y", y), whole_number("classes", classes, least=1)
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"y must be (D,) integers, got shape {y.shape}, {y.dtype}")
    if not ((y >= 0) & (y < classes)).all():
        raise ValueError(
            f"y holds labels {y.min(initial=0)}…{y.max(initial=0)}; "
            f"accepted are 0…classes − 1 with classes = {classes}"
        )
    return np.eye(classes)[y] - (1 / classes if centred else 0)


def superclasses(y, groups):
    """Give several classes one label.

    Parameters
    ----------
    y : (D,) array_like of int
        Labels.
    groups : sequence of sequences of int
        The labels that become 0, those that become 1, …; every label in one of them.

    Returns
    -------
    (D,) ndarray of int64

    Raises
    ------
    ValueError
        If a label is in no group or in two, or a group is empty.

    Examples
    --------
    >>> superclasses([0, 3, 2, 1], [(0, 1), (2, 3)])
    array([0, 1, 1, 0])
    """
    y = real_array("y", y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"y must be (D,) integers, got shape {y.shape}, {y.dtype}")
    if not isinstance(groups, Iterable):
        raise ValueError(f"groups must be sequences of labels, got {groups!r}")
    new = {}
    for name, group in enumerate(groups):
        labels = real_array(f"groups[{name}]", group)
        if labels.ndim != 1 or not labels.size or labels.dtype.kind not in "iu":
            raise ValueError(f"groups[{name}] must hold labels, got {group!r}")
        for label in labels.tolist():
            if label in new:
                raise ValueError(f"groups must not repeat a label, got {label} twice")
            new[label] = name
    unknown = set(np.unique(y).tolist()) - set(new)
    if unknown:
        raise ValueError(
            f"groups must hold every label of y, {min(unknown)} is missing"
        )
    return np.array([new[label] for label in y.tolist()], dtype=np.int64)
