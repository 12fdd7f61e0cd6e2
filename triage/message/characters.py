"""Bytes to characters that every later part can keep: no lone surrogates, no NUL, no control characters."""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

# iso-8859-1 and us-ascii are what clients claim; what they send is cp1252 and UTF-8 (WHATWG Encoding).
_MEANT = {"iso8859-1": "cp1252", "ascii": "utf-8"}
# What mail is written in, by Python's names of modules. A stranger's name is not looked up among all codecs:
# some are no character sets, raise or are slow; EBCDIC hides what mail programs show; and Python tries to
# import, and remembers for ever, each name that it does not know.
_NAMES = """
ascii utf_7 utf_8 utf_8_sig utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le latin_1
big5 big5hkscs gb2312 gbk gb18030 hz euc_kr johab iso2022_kr euc_jp euc_jis_2004 euc_jisx0213
shift_jis shift_jis_2004 shift_jisx0213 iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004
iso2022_jp_3 iso2022_jp_ext koi8_r koi8_t koi8_u kz1048 ptcp154 tis_620 hp_roman8 mac_croatian
mac_cyrillic mac_greek mac_iceland mac_latin2 mac_roman mac_romanian mac_turkish
iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10
iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255
cp1256 cp1257 cp1258 cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862
cp863 cp864 cp865 cp866 cp869 cp874 cp932 cp949 cp950 cp1125
"""
_OF_MAIL = frozenset(_NAMES.split())
_WIDE = ("utf-16", "utf-32")
_PLAIN = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_IN_TEXT = _CONTROLS | {ord(end): "\n" for end in _LINE_ENDS} | {ord("\t"): "\t"}
_ODD_IN_TEXT = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\U0010ffff]")
_IN_LINE = _CONTROLS | {ord(end): " " for end in _LINE_ENDS + "\t"}


def known_charset(name: str) -> str | None:
    """Return Python's name for a character set of mail, None for one that is unknown or none of mail."""
    if not _NAME.fullmatch(name):
        return None
    plain = normalize_encoding(name).lower()
    module = aliases.get(plain, plain)
    return codecs.lookup(module).name if module in _OF_MAIL else None


def decode(data: bytes, charset: str | None) -> tuple[str, str | None]:
    """Decode bytes; return the text and, for an unknown charset or bytes that do not fit, what was wrong.

    Without a charset it is UTF-8 when that fits and cp1252 when not. Nothing is lost in silence: what
    cannot be read, half a character (a lone surrogate) too, becomes U+FFFD.
    """
    if not charset:
        return _guess(data), None
    known = known_charset(charset)
    if known is None:
        return _guess(data), f"unknown character set {clean_line(charset)[:40]!r}"
    misfit = f"bytes that are not of the character set {known}"
    if known.startswith(_WIDE) and _is_narrow(data):  # words must not be hidden by a wrong name
        return _guess(data), misfit
    meant = _MEANT.get(known, known)
    try:
        return _SURROGATES.sub("\ufffd", data.decode(meant)), None
    except UnicodeError:
        return _SURROGATES.sub("\ufffd", _replaced(data, meant)), misfit


def _is_narrow(data: bytes) -> bool:
    """Whether nearly all bytes are plain letters; of wide text in plain letters half are not, or more."""
    return len(data.translate(None, _PLAIN)) * 4 < len(data)


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _replaced(data: bytes, charset: str) -> str:
    if charset == "utf-8":
        return _guess(data)
    try:
        return data.decode(charset, "replace")
    except UnicodeError:  # a codec that knows no replacement
        return _guess(data)


def clean_text(text: str) -> str:
    """Return text of many lines: every line end is one line feed, no other control characters but tabs."""
    if not _ODD_IN_TEXT.search(text):
        return text
    return _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").translate(_IN_TEXT))


def clean_line(text: str) -> str:
    """Return text of one line: line ends and tabs are spaces, no control characters at all."""
    if text.isprintable():  # so nothing of the kind stands in it
        return text
    return _SURROGATES.sub("\ufffd", text.translate(_IN_LINE))
