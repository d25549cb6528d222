"""A text becomes numbers, and back, whatever it holds."""

import bz2
import gzip
import lzma

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglib import text

VERSE = "In the beginning God created the heaven and the earth."
UNITS = [text.characters, text.words, text.byte_pairs]


def spelled(tokens):
    """The tokens as strings, one after the other."""
    return [tokens.vocabulary[i] for i in tokens.ids]


@given(st.text(min_size=1).filter(str.strip))
def test_characters_are_the_text(written):
    """Written out they are the text, with each run of white space as one space."""
    assert "".join(spelled(text.characters(written))) == " ".join(written.split())


def test_layout_is_kept_if_it_matters():
    """Then not a single space is lost."""
    source = "def f():\n    return 1\n"
    assert "".join(spelled(text.characters(source, layout=True))) == source
    assert len(text.characters(source)) == len("def f(): return 1")


def test_long_texts_are_looked_up_in_parts():
    """Beyond a million characters, new ones come in the second part."""
    written = "ab" * 600_000 + "c" * 7 + "\U0001f600"
    tokens = text.characters(written)
    assert tokens.vocabulary == ("a", "b", "c", "\U0001f600")
    assert tokens.counts.tolist() == [600_000, 600_000, 7, 1]
    assert "".join(spelled(tokens)) == written


@given(st.text(min_size=1).filter(str.strip))
def test_words_hold_every_character(written):
    """Words and marks together are the text without its white space."""
    found = text.words(written)
    assert "".join(spelled(found)) == "".join(written.split())
    assert not any(
        character.isspace() for word in found.vocabulary for character in word
    )


def test_words_are_what_one_expects():
    """Apostrophes inside belong to a word, those around it do not."""
    assert spelled(text.words("'Tis Moses' rod; don't, God’s x_2!")) == [
        *("'", "Tis", "Moses", "'", "rod", ";", "don't", ",", "God’s", "x", "_", "2"),
        "!",
    ]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("हिन्दी भाषा", 2),  # vowel signs and a virama
        ("كِتَابٌ", 1),  # vowels above and below
        ("cafe\u0301 café", 2),  # an accent of its own, and one that is not
        ("می\u200cخواهم", 1),  # joined by nothing that is seen
        ("e\u0301, \u0301", 3),  # an accent on nothing is a mark
    ],
)
def test_letters_keep_what_hangs_on_them(written, count):
    """In scripts that write vowels as signs too."""
    assert len(text.words(written)) == count


def test_parts_of_characters_have_names_of_their_own():
    """Byte pairs of a script whose characters are of three bytes."""
    tokens = text.byte_pairs("日本語の文章を読む。" * 30, vocabulary=270)
    assert len(set(tokens.vocabulary)) == tokens.V > 10
    assert not any("\ufffd" in name for name in tokens.vocabulary)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([0, 1], "ids must be an array"),
        (np.zeros((2, 2), int), "ids must be an array"),
        (np.array([0, 2]), "ids must be from 0 to 1.*got 0 to 2"),
        (np.array([-1, 0]), "ids must be from 0 to 1.*got -1 to 0"),
    ],
)
def test_numbers_must_be_those_of_the_vocabulary(ids, said):
    """Or they are no text."""
    with pytest.raises(ValueError, match=said):
        text.Tokens(ids, ("a", "b"))


@pytest.mark.parametrize("unit", UNITS)
def test_the_most_frequent_comes_first(unit):
    """Counts fall, none is zero, and they sum to the length."""
    tokens = unit(VERSE)
    assert (np.diff(tokens.counts) <= 0).all()
    assert tokens.counts.min() > 0
    assert tokens.counts.sum() == len(tokens)
    assert len(tokens.counts) == tokens.V == len(set(tokens.vocabulary))


@pytest.mark.parametrize("unit", UNITS)
def test_capitals_may_be_ignored(unit):
    """With lower=True a text and its capitals are the same."""
    same, other = (spelled(unit(t, lower=True)) for t in (VERSE, VERSE.upper()))
    assert same == other


def test_byte_pairs_are_the_text():
    """Spelled out they are the text; a larger vocabulary takes fewer of them."""
    written = (VERSE + "\n") * 5
    few, many = (text.byte_pairs(written, vocabulary=v) for v in (260, 300))
    assert "".join(spelled(few)) == "".join(spelled(many)) == written
    assert len(many) < len(few)
    assert few.unit == "byte pairs"


def test_a_file_is_read(tmp_path):
    """A byte order mark goes, ends of lines become one."""
    file = tmp_path / "a.txt"
    file.write_bytes("\ufeffé\r\nb\rc\n".encode())
    assert text.read(file) == "é\nb\nc\n"
    file.write_bytes("é".encode("latin-1"))
    assert text.read(file, encoding="latin-1") == "é"


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_a_compressed_file_is_read(tmp_path, module):
    """As what it holds; one that is cut off is refused."""
    file = tmp_path / f"a.{ {gzip: 'gz', bz2: 'bz2', lzma: 'xz'}[module] }"
    packed = module.compress(b"In the beginning")
    file.write_bytes(packed)
    assert text.read(file) == "In the beginning"
    for spoiled in (packed[:-9], b"no archive"):
        file.write_bytes(spoiled)
        with pytest.raises(ValueError, match=r"a\..* cannot be decompressed"):
            text.read(file)
    with pytest.raises(FileNotFoundError):
        text.read(tmp_path / f"b{file.suffix}")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "path must be a text; a.txt is empty"),
        (b" \n\t", "is empty"),
        (b"MZ\x00\x01", "holds a zero at character 2"),
        (b"abc\xff", "byte 3 is 0xff"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path, raw, said):
    """With what is wrong, and where."""
    file = tmp_path / "a.txt"
    file.write_bytes(raw)
    with pytest.raises(ValueError, match=said):
        text.read(file)


@pytest.mark.parametrize("encoding", ["UTF-8", "utf8", "utf-8-sig", "utf_8"])
def test_a_byte_order_mark_goes_however_utf_8_is_called(tmp_path, encoding):
    """And bytes are counted from the start of the file."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfabc")
    assert text.read(file, encoding=encoding) == "abc"
    file.write_bytes(b"\xef\xbb\xbfabc\xff")
    with pytest.raises(ValueError, match="is not: byte 6 is 0xff"):
        text.read(file, encoding=encoding)


def test_half_of_a_pair_has_no_bytes():
    """Characters and words take it, byte pairs say why they do not."""
    assert text.characters("a\ud800b").V == text.words("a \ud800 b").V == 3
    with pytest.raises(ValueError, match=r"text must be Unicode.*character 1"):
        text.byte_pairs("a\ud800b" * 9)


@pytest.mark.parametrize("encoding", ["none such", "undefined", "hex", "a\0", None, 3])
def test_encoding_must_be_known(tmp_path, encoding):
    """A name that Python knows."""
    file = tmp_path / "a.txt"
    file.write_text("abc")
    with pytest.raises(ValueError, match="encoding must be"):
        text.read(file, encoding=encoding)
