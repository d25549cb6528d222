"""A text as a sequence of tokens: characters, words or byte pairs."""

import re
import unicodedata
from dataclasses import dataclass, field

import numpy as np

from scalinglib._input import real_array, truth, whole_number

__all__ = ["Tokens", "byte_pairs", "characters", "words"]

_CHUNK = 1 << 20  # characters that are looked up at a time
_SHOWN = 40


@dataclass(frozen=True, eq=False)
class Tokens:
    """A text as numbers.

    Attributes
    ----------
    ids : (D,) ndarray of int32
        Which token stands where, from 0 to V − 1. Token 0 is the most frequent.
    vocabulary : tuple of str
        What each of them is.
    unit : str
        What a token is: ``"characters"``, ``"words"``, ``"byte pairs"``, or
        ``"numbers"`` of a sequence that was no text.

    Examples
    --------
    >>> tokens = words("In the beginning was the Word")
    >>> len(tokens), tokens.V, tokens.vocabulary[0], tokens.ids.tolist()
    (6, 5, 'the', [1, 0, 2, 3, 0, 4])
    """

    ids: np.ndarray = field(repr=False)
    vocabulary: tuple = field(repr=False)
    unit: str = "numbers"

    def __post_init__(self):
        """Refuse what is no text."""
        ids = self.ids
        if (
            not isinstance(ids, np.ndarray)
            or ids.ndim != 1
            or ids.dtype.kind not in "iu"
        ):
            raise ValueError("ids must be an array of whole numbers of shape (D,)")
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self.vocabulary):
            raise ValueError(
                f"ids must be from 0 to {len(self.vocabulary) - 1}, as the vocabulary "
                f"is, got {ids.min()} to {ids.max()}"
            )

    def __len__(self):
        return len(self.ids)

    @property
    def V(self):
        """How many different tokens occur."""
        return len(self.vocabulary)

    @property
    def counts(self):
        """How often each token occurs, falling, of shape (V,)."""
        return np.bincount(self.ids, minlength=self.V)

    def __str__(self):
        return f"{len(self)} {self.unit}, {self.V} different"


def characters(text, *, lower=False, layout=False):
    r"""The characters of a text.

    Parameters
    ----------
    text : str
        The text.
    lower : bool, default False
        Whether capitals become small letters first.
    layout : bool, default False
        Whether white space stays as it is, as it should in the source of a program. By
        default each run of it counts as one space, and lines may end anywhere.

    Returns
    -------
    Tokens

    Raises
    ------
    ValueError
        If `text` is no string or holds nothing but white space.

    Examples
    --------
    >>> characters("banana").vocabulary
    ('a', 'n', 'b')
    """
    text = _text(text, lower)
    text = text if truth("layout", layout) else " ".join(text.split())
    ids = np.empty(len(text), dtype=np.int32)
    number = {}
    for start in range(0, len(text), _CHUNK):
        chunk = text[start : start + _CHUNK]
        codes = np.frombuffer(chunk.encode("utf-32-le", "surrogatepass"), np.uint32)
        found, where = np.unique(codes, return_inverse=True)
        known = [number.setdefault(int(code), len(number)) for code in found]
        ids[start : start + len(chunk)] = np.asarray(known, np.int32)[where]
    return _by_frequency(ids, [chr(code) for code in number], "characters")


def words(text, *, lower=False):
    """The words and the marks of a text.

    A word is a run of letters and digits with their accents and vowel signs, and with
    the apostrophes inside; each other character that is no white space is a token of
    its own. Where words are not set apart, as in Chinese, a word is a run of letters
    between two marks: `characters` serves better there.

    Parameters
    ----------
    text, lower
        As in `characters`.

    Returns
    -------
    Tokens

    Raises
    ------
    ValueError
        As `characters`.

    Examples
    --------
    >>> words("It's late, late!").vocabulary
    ('late', "It's", ',', '!')
    """
    text, number, ids = _text(text, lower), {}, []
    for match in _word(text).finditer(text):
        ids.append(number.setdefault(match.group(), len(number)))
    return _by_frequency(np.asarray(ids, dtype=np.int32), [*number], "words")


def _word(text):
    """A word, or a mark. Letters come with what hangs on them or joins them."""
    hung = (c for c in set(text) if unicodedata.category(c) in ("Mn", "Mc", "Me"))
    letter = rf"(?:[^\W_][{''.join(sorted(hung))}\u200c\u200d]*)"
    return re.compile(rf"{letter}+(?:['’]{letter}+)*|[^\w\s]|_")


def byte_pairs(text, *, vocabulary=2048, lower=False):
    """The byte pairs of a text, of a vocabulary that is learned from it.

    Starts with bytes and merges the pair that occurs most often, again and again, but
    never across a space before a word. Needs the package ``tokenizers``, of the
    extra ``text``.

    Parameters
    ----------
    text, lower
        As in `characters`; white space stays as it is.
    vocabulary : int, default 2048
        How many tokens to learn, at least 256. Fewer may occur in the text.

    Returns
    -------
    Tokens

    Raises
    ------
    ValueError
        As `characters`, or if `vocabulary` is out of range.
    ImportError
        If ``tokenizers`` is not installed.

    References
    ----------
    R. Sennrich, B. Haddow and A. Birch, "Neural machine translation of rare words with
    subword units", arXiv:1508.07909.

    Examples
    --------
    >>> byte_pairs("low lower lowest " * 9, vocabulary=260).vocabulary
    (' lowe', 'r', 's', 't', ' low', ' ', 'low')
    """
    text, size = _text(text, lower), whole_number("vocabulary", vocabulary, least=256)
    if (lone := re.search("[\ud800-\udfff]", text)) is not None:
        raise ValueError(
            f"text must be Unicode to have bytes; character {lone.start()} is half of "
            "a pair, as errors='surrogateescape' leaves them"
        )
    try:
        from tokenizers import ByteLevelBPETokenizer
    except ImportError:
        raise ImportError(
            "byte_pairs needs the package tokenizers; install scalinglib[text]"
        ) from None
    coder = ByteLevelBPETokenizer()
    lines = text.splitlines(keepends=True)
    coder.train_from_iterator(
        lines, vocab_size=size, min_frequency=2, show_progress=False
    )
    coded = coder.encode_batch(lines)
    raw = np.concatenate([np.asarray(line.ids, dtype=np.int32) for line in coded])
    found, ids = np.unique(raw, return_inverse=True)
    # A part of a character is named by its bytes, as the package writes them.
    names = [coder.decode([int(i)]) for i in found]
    names = [
        coder.id_to_token(int(i)) if "\ufffd" in name else name
        for i, name in zip(found, names, strict=True)
    ]
    return _by_frequency(ids.astype(np.int32), names, "byte pairs")


def as_tokens(name, tokens, *, least=2):
    """Tokens, or whole numbers of any sequence as tokens; at least so many."""
    if not isinstance(tokens, Tokens):
        if isinstance(tokens, str):
            raise ValueError(
                f"{name} must be tokens, got a string of {len(tokens)} characters: "
                "split it by text.characters, text.words or text.byte_pairs"
            )
        if isinstance(tokens, bytes):
            raise ValueError(
                f"{name} must be tokens, got bytes: text.read decodes them"
            )
        listed = isinstance(tokens, list | tuple | np.ndarray) and len(tokens)
        if listed and isinstance(tokens[0], str):
            raise ValueError(
                f"{name} must be tokens or whole numbers, got strings: number them by "
                "np.unique(…, return_inverse=True)[1]"
            )
        array = real_array(name, tokens)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ValueError(
                f"{name} must be tokens, as text.characters(text) makes them, or whole "
                f"numbers of shape (D,), got {array.dtype} of shape {array.shape}; "
                "floats that are whole become such by .astype(int)"
            )
        values, ids = np.unique(array, return_inverse=True)
        tokens = _by_frequency(ids.astype(np.int32), [*map(str, values)], "numbers")
    if len(tokens) < least or tokens.V < 2:
        raise ValueError(
            f"{name} must be at least {least} tokens, two of them different, got "
            f"{len(tokens)} with {tokens.V} different"
        )
    return tokens


def _text(text, lower):
    """A string with something in it."""
    if isinstance(text, bytes):
        raise ValueError("text must be a string, got bytes; text.read decodes a file")
    if not isinstance(text, str):
        raise ValueError(f"text must be a string, got {type(text).__name__}")
    if not text.strip():
        raise ValueError(f"text must not be empty, got {text[:_SHOWN]!r}")
    return text.lower() if truth("lower", lower) else text


def _by_frequency(ids, names, unit):
    """Tokens with the most frequent first."""
    counts = np.bincount(ids, minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(names), dtype=np.int32)
    rank[order] = np.arange(len(names))
    vocabulary = tuple(names[i] for i in order if counts[i])
    return Tokens(rank[ids], vocabulary, unit)
