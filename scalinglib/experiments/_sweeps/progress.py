"""A bar on a terminal or in a notebook that somebody watches, and none in logs."""

import os
import sys

from tqdm import tqdm


def bar_of(total, done):
    """Bar of `total` trials of which some are done; only shown if somebody is there.

    In a notebook it comes after a second and is gone at the end: of most sweeps nothing
    is seen. ``TQDM_DISABLE=1`` in the environment hides it everywhere.
    """
    watched = sys.stderr.isatty()
    hidden = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(
        total=total,
        initial=done,
        unit="trial",
        disable=hidden or not (watched or _in_notebook()),
        leave=watched,
        delay=0 if watched else 1,
    )


def _in_notebook():
    """Whether the code runs in a notebook's kernel."""
    known = sys.modules.get("IPython")
    shell = known and known.get_ipython()
    return "IPKernelApp" in getattr(shell, "config", {})
