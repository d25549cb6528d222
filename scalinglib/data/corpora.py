"""Texts that ship with the package."""

import lzma
from importlib import resources

from scalinglib._input import one_of

__all__ = ["load_text"]

TEXTS = "king_james", "python_library"


def load_text(name):
    r"""Read a text that ships with the package.

    Parameters
    ----------
    name : str
        ``"king_james"``, the King James Bible, a verse to a line, 4.1 million
        characters; or ``"python_library"``, the modules at the top of Python's
        standard library, 4.7 million.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such text.

    Examples
    --------
    >>> load_text("king_james").splitlines()[2]
    'And God said, Let there be light: and there was light.'
    """
    name = one_of("name", name, TEXTS)
    file = resources.files("scalinglib.data") / f"{name}.txt.xz"
    return lzma.decompress(file.read_bytes()).decode()
