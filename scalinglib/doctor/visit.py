"""Look at everything, and tell."""

import argparse

from scalinglib.doctor.checks import (
    check_copy,
    check_files,
    check_kernel,
    check_python,
)
from scalinglib.doctor.libraries import check_libraries, distribution

__all__ = ["examine", "main"]

ABOUT = "Say what is wrong with an installation, and the command that mends it."
CHECKS = (check_python, check_copy, check_files, check_libraries, check_kernel)


def examine(checks=CHECKS):
    """Look at everything.

    Parameters
    ----------
    checks : sequence of callable, optional
        What is looked at; each takes the installed distribution, and yields findings.

    Returns
    -------
    list of Finding
        What is ill comes first, then notes, then what is well.

    Examples
    --------
    >>> from scalinglib.doctor.checks import check_python
    >>> [finding.state for finding in examine([check_python])]
    ['well']
    """
    installed = distribution()
    found = [finding for check in checks for finding in check(installed)]
    return sorted(found, key=lambda finding: ["ill", "note", "well"].index(finding[0]))


def main(arguments=None):
    """Print what was found; return 1 if something is ill, else 0.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line.

    Returns
    -------
    int

    Raises
    ------
    SystemExit
        If an argument is not known.
    """
    parser = argparse.ArgumentParser("python -m scalinglib.doctor", description=ABOUT)
    parser.add_argument("--quiet", action="store_true", help="only what is not well")
    quiet = parser.parse_args(arguments).quiet
    found = examine()
    marks = {"ill": "x", "note": "o", "well": "+"}
    for state, what, remedy in found:
        if not (quiet and state == "well"):
            print(f"{marks[state]} {what}")
            if remedy:
                print(f"    {remedy}")
    ill = sum(finding.state == "ill" for finding in found)
    if ill:
        print(f"\n{ill} to mend, above, with the command for each.")
    elif not quiet:
        print("\nAll is well.")
    return int(ill > 0)
