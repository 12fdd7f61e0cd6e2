"""Which character sets are believed, and what becomes of bytes that are not of the one that is named."""

import codecs
import encodings
from encodings.aliases import aliases
from pkgutil import iter_modules

import pytest

from triage.message.characters import decode, known_charset

EVERY_CODEC = sorted({*aliases, *(module.name for module in iter_modules(encodings.__path__))})


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("us-ascii", "ascii"),
        ("ISO-8859-1", "iso8859-1"),
        ("iso-8859-15", "iso8859-15"),
        ("Windows-1252", "cp1252"),
        ("cp1250", "cp1250"),
        ("koi8-u", "koi8-u"),
        ("gb2312", "gb2312"),
        ("GB18030", "gb18030"),
        ("big5", "big5"),
        ("ks_c_5601-1987", "euc_kr"),
        ("iso-2022-jp", "iso2022_jp"),
        ("Shift_JIS", "shift_jis"),
        ("utf-7", "utf-7"),
        ("utf-16le", "utf-16-le"),
        ("macintosh", "mac-roman"),
        ("tis-620", "tis-620"),
    ],
)
def test_a_character_set_of_mail_is_known(name, known):
    assert known_charset(name) == known


@pytest.mark.parametrize(
    "name",
    [
        "idna",
        "punycode",
        "unicode_escape",
        "raw-unicode-escape",
        "undefined",
        "charmap",
        "rot13",
        "base64",
        "zlib",
        "hex",
        "quopri",
        "cp037",  # EBCDIC: no mail program knows it, so that all show the bytes as they are
        "x-none",
        "",
        "utf-8\n",
        "a" * 100,
    ],
)
def test_a_codec_that_is_none_of_mail_is_not_known(name):
    assert known_charset(name) is None


def test_a_known_character_set_is_the_one_that_python_knows_by_that_name():
    known = {name: known_charset(name) for name in EVERY_CODEC}
    assert {name: codecs.lookup(name).name for name, found in known.items() if found} == {
        name: found for name, found in known.items() if found
    }


def test_a_strangers_character_set_is_not_looked_for_among_pythons_modules():
    asked: list[str] = []
    codecs.register(asked.append)
    try:
        decode(b"he is hurt", "x-of-a-stranger")
    finally:
        codecs.unregister(asked.append)
    assert asked == []


@pytest.mark.parametrize("words", ["he is hurt", "he is hurt."])
def test_words_in_plain_letters_are_read_whatever_character_set_is_named(words):
    read = {charset: decode(words.encode(), charset)[0] for charset in EVERY_CODEC}
    assert {charset: text for charset, text in read.items() if text != words} == {}


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-32"])
def test_what_is_wide_in_name_only_is_read_and_a_defect(charset):
    misfit = f"bytes that are not of the character set {known_charset(charset)}"
    assert decode("Zoë is hurt – badly".encode(), charset) == ("Zoë is hurt – badly", misfit)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("words", ["", "a", "he is hurt", "Zoë", "他受伤了", "он ранен"])
def test_what_is_wide_is_read(charset, words):
    assert decode(words.encode(charset), charset) == (words, None)


@pytest.mark.parametrize("data", [b"+2AA-", b"\\ud800", b"\xed\xa0\x80", b"\xd8\x00", b"\x00\xd8", b"\xff"])
def test_no_bytes_become_half_a_character(data):
    for charset in EVERY_CODEC:
        assert not [sign for sign in decode(data, charset)[0] if "\ud800" <= sign <= "\udfff"], charset


def test_a_number_that_no_character_set_has_is_not_known():
    numbers = [f"{family}{number}" for family in ("cp", "iso-8859-", "utf-") for number in range(1300)]
    assert {"cp1252", "iso8859-15", "utf-8"} < {known_charset(name) for name in numbers}
    assert known_charset("iso-8859-12") is None
