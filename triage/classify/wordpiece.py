"""The encoder's tokens: WordPiece over lower-case words, as the model's vocabulary was made (BERT, uncased).

The kept library for it, tokenizers, brings an HTTP client and a model hub with it; neither belongs on a
machine that no text may leave. training/ holds this code to that library, token by token.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

UNKNOWN: Final = "[UNK]"
_LONGEST_WORD: Final = 100
_CACHED_WORDS: Final = 50_000
_CJK: Final = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Turns text into the numbers of a vocabulary; pure and thread-safe once made."""

    def __init__(self, words: Sequence[str]) -> None:
        self._numbers: Mapping[str, int] = {word: number for number, word in enumerate(words)}
        self._unknown = self._numbers[UNKNOWN]
        self.pieces = lru_cache(maxsize=_CACHED_WORDS)(self._pieces)

    def number(self, token: str) -> int:
        """Return the number of a token of the vocabulary. Raises KeyError."""
        return self._numbers[token]

    def __call__(self, text: str) -> list[int]:
        """Return the numbers of a text's tokens; never raises, linear in its length."""
        return [number for word in _words(text) for number in self.pieces(word)]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """Cut a word into the longest pieces that the vocabulary has, from the left."""
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        found: list[int] = []
        start = 0
        while start < len(word):
            end = len(word)
            while end > start and self._named(word, start, end) not in self._numbers:
                end -= 1
            if end == start:
                return (self._unknown,)
            found.append(self._numbers[self._named(word, start, end)])
            start = end
        return tuple(found)

    @staticmethod
    def _named(word: str, start: int, end: int) -> str:
        return f"##{word[start:end]}" if start else word[:end]


def _words(text: str) -> Iterator[str]:
    """Yield words without case and accents; every sign of punctuation and every ideograph is a word."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFD", plain)
    word: list[str] = []
    for character in plain:
        kind = _kind(character)
        if kind == "letter":
            word.append(character)
        elif kind != "nothing":
            if word:
                yield "".join(word)
                word.clear()
            if kind == "sign":
                yield character
    if word:
        yield "".join(word)


@lru_cache(maxsize=10_000)
def _kind(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if character in "\t\n\r" or category in {"Zs", "Zl", "Zp"}:
        return "space"
    if code in {0, 0xFFFD} or category in {"Mn", "Cc", "Cf", "Co", "Cs"}:
        return "nothing"
    ascii_sign = character.isascii() and not character.isalnum()
    if ascii_sign or category.startswith("P") or any(low <= code <= high for low, high in _CJK):
        return "sign"
    return "letter"
