"""What strangers wrote, made safe to read: signs that cannot be seen or that turn the order of others.

A name such as "invoice<U+202E>fdp.exe" is shown by a browser as "invoiceexe.pdf". With every such sign
written out, what is read is what is there.
"""

import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_IN_WORDS = frozenset("\u200c\u200d")
"""Joiners that Persian, Hindi and signs of several parts need: they hide nothing in a name."""

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GAP = re.compile(r"\s{3,}")
_DOTS = str.maketrans(dict.fromkeys("\u2024\u3002\ufe52\uff0e\uff61", "."))
_LONGEST_ENDING = 10


def visible(text: str) -> str:
    """Return text of one line with every sign that is not seen written out, and long gaps closed."""
    written = "".join(f"[U+{ord(char):04X}]" if _is_unseen(char) else char for char in text)
    return _GAP.sub(" [gap] ", written).strip()


def turns(text: str) -> bool:
    """Tell whether a text holds signs that change the order in which it is read."""
    return _TURNING.search(text) is not None


def unseen(text: str) -> bool:
    """Tell whether a text holds any sign that cannot be seen, joiners included."""
    return any(_is_unseen(char) or char in _IN_WORDS for char in text)


def endings(filename: str) -> tuple[str, ...]:
    """Return the endings of a file's name as a computer takes them, in small letters: the last one counts."""
    seen = "".join(char for char in filename.translate(_DOTS) if not _is_unseen(char))
    plain = unicodedata.normalize("NFKC", seen).strip().rstrip(". ")
    parts = re.split(r"[/\\]", plain)[-1].lower().split(".")[1:]
    return tuple(part.strip() for part in parts if 0 < len(part.strip()) <= _LONGEST_ENDING)


def _is_unseen(char: str) -> bool:
    if char in _IN_WORDS:
        return False
    return char in _BLANK or unicodedata.category(char) in _UNSEEN
