"""Letters made to look like others, for a second reading by the safeguarding floor alone.

Filters teach children to write "k1ll", "k i l l" or a Cyrillic letter for a Latin one. Every sign is
replaced by exactly one, so the offsets of the second reading are those of the text.
"""

import re
from typing import Final

_JOINED: Final = "\u200b"  # not read, and no end of a word
_LOOK_ALIKES: Final = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0457\u0458\u0455\u0501\u051b"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131",
    "abekmhopctyxiijsdqABEKMHOPCTYXIJSaeikvoptuxABEZHIKMNOPTYXi",
)
_IN_WORDS: Final = str.maketrans("013457@$!|", "oieastasii")
_READ_AS_LETTERS: Final = re.compile(r"[013457@$!|]")
_TOKEN: Final = re.compile(r"[\w@$!|]+")
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*][^\W\d_]){2,}(?![^\W_])")
_BETWEEN: Final = re.compile(r"[ .\-_*]")


def undisguised(text: str) -> str:
    """Return the text with look-alikes, digits in words and spaced-out letters undone; linear.

    The result is as long as the text, and the text itself where nothing is disguised.
    """
    plain = text if text.isascii() else text.translate(_LOOK_ALIKES)
    if _READ_AS_LETTERS.search(plain):
        plain = _TOKEN.sub(_letters, plain)
    return _SPACED.sub(lambda found: _BETWEEN.sub(_JOINED, found[0]), plain)


def _letters(found: re.Match[str]) -> str:
    """Read the digits and signs of a word as letters; those at its end ("die!!") are left."""
    word: str = found[0]
    if word.isalpha() or not any(letter.isalpha() for letter in word):
        return word
    bare = word.rstrip("!|$@")
    return bare.translate(_IN_WORDS) + word[len(bare) :]
