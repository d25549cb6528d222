"""A text out of a file."""

import bz2
import codecs
import gzip
import lzma
import zlib

from scalinglib._input import named_path

__all__ = ["read"]


def read(path, *, encoding="utf-8"):
    r"""Read a text from a file.

    Parameters
    ----------
    path : path
        The file, which may be compressed (.gz, .bz2, .xz). Ends of lines become
        ``\n``, a byte order mark is left out.
    encoding : str, default "utf-8"
        Of the file.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the file is empty, holds zero bytes (it is no text then), is not in this
        encoding, or cannot be decompressed.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> len(read(Path(__file__))) > 1000  # this module
    True
    """
    path = named_path("path", path)
    opened = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    try:
        with opened.get(path.suffix, open)(path, "rb") as file:
            raw = file.read()
    except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        if getattr(error, "errno", None):  # a file that is not there, say
            raise
        raise ValueError(
            f"path must be a text; {path.name} cannot be decompressed ({error})"
        ) from None
    if not isinstance(encoding, str):
        raise ValueError(f"encoding must be a name, got {encoding!r}")
    try:
        # A mark of byte order is taken off here: bytes are counted from the start.
        name = codecs.lookup(encoding).name.removesuffix("-sig")
        text = raw.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _undecoded(path, raw, encoding, error) from None
    except (LookupError, ValueError):
        raise ValueError(
            f"encoding must be that of a text, as utf-8 is, got {encoding!r}"
        ) from None
    if not text.strip():
        raise ValueError(f"path must be a text; {path.name} is empty")
    if (at := text.find("\0")) >= 0:
        raise ValueError(
            f"path must be a text; {path.name} holds a zero at character {at}, as "
            "binary files and texts in UTF-16 do"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _undecoded(path, raw, encoding, error):
    """What to say of a file that is not in its encoding."""
    return ValueError(
        f"path must be a text in {encoding}; {path.name} is not: byte {error.start} is "
        f"0x{raw[error.start]:02x}. Name the encoding it has, as in "
        'encoding="latin-1"'
    )
