"""Text as words and sentences: folded so that phrases match, with offsets that stay true.

Every word of the reading keeps the span of the original text that it came from, and phrases begin and
end at words, so evidence can always be cut out of the original, whatever the folding did to its letters.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"  # accents apart from their letter, zero-width signs
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"  # vowel points and lengthening of Arabic script
    "\u0900-\u0903\u093a-\u094f\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3"  # of
    "\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75"  # Devanagari, Bengali and Gurmukhi
)
_LETTERS: Final = rf"(?:[^\W_]|[{_MARKS}])+"
_APOSTROPHES: Final = "'\u2018\u2019\u02bc\u2032\u0060\u00b4\uff07"
_TOKEN: Final = re.compile(
    rf"(?P<word>{_LETTERS}(?:[{_APOSTROPHES}]{_LETTERS})*)|(?P<space>\s+)|(?P<stop>[.!?\u2026]+)|(?P<sign>.)",
    re.DOTALL,
)
_ONE_FOR_ONE: Final = dict.fromkeys(map(ord, _APOSTROPHES), "'") | str.maketrans(
    "\u0142\u0141\u0131\u0111\u0110\u00f8\u00d8\u06a9\u06cc\u06c1\u06d2\u0649\u0629\u0491\u0490",
    "lLidDoO\u0643\u064a\u0647\u064a\u064a\u0647\u0433\u0413",
)  # what Unicode does not take apart: l with a stroke, i without a dot, Urdu's forms of letters
_NOT_READ: Final = frozenset(
    '"*_~>|#\u201c\u201d\u00ab\u00bb' + _APOSTROPHES
)  # quotation marks, emphasis, quoting
_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014")
_BULLETS: Final = frozenset("-*\u2022\u00b7\u2013")
_ENDINGS: Final = {
    "'s": "s",  # is, has or the possessive: not told apart
    "'d": "d",  # had or would
    "'m": "am",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
}
_NEGATED: Final = {"wo": "will", "ca": "can", "sha": "shall"}
_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "st", "prof", "rev", "yr", "approx", "tel", "eg", "ie"}
)
_SHORT_LINE: Final = 45  # a line much shorter than a mail client's wrapping was ended by its writer


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read word by word. ``folded`` holds the words with one space before and after each.

    ``words``, ``spans`` (offsets in the text) and ``sentences`` (numbered from 0) run side by side;
    ``places`` are the offsets of the words in ``folded``.
    """

    folded: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[int, ...]
    places: tuple[int, ...]


def read(text: str, spellings: Mapping[str, Sequence[str]] | None = None) -> Reading:
    """Read any text; never raises, linear in its length.

    Letters lose case and accents, typographic apostrophes become plain ones, contractions are written
    out ("won't" is "will not", "he'll" is "he will"), hyphens join as a space does, whitespace of any
    kind and length is one space, and quotation marks are not read. ``spellings`` maps a folded word to
    the words to read in its place. Full stops and other signs are words of their own.
    """
    known = spellings or {}
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    sentences: list[int] = []
    for token, span, sentence in _tokens(text):
        if "'" in token or token in known:
            read_as = _normal(token, known)
            words += read_as
            spans += [span] * len(read_as)
            sentences += [sentence] * len(read_as)
        else:
            words.append(token)
            spans.append(span)
            sentences.append(sentence)
    places: list[int] = []
    place = 1
    for word in words:
        places.append(place)
        place += len(word) + 1
    folded = f" {' '.join(words)} " if words else " "
    return Reading(folded, tuple(words), tuple(spans), tuple(sentences), tuple(places))


def phrase(text: str, spellings: Mapping[str, Sequence[str]] | None = None) -> str:
    """Fold a phrase as texts are folded: "" when no word is left, else its words between single spaces."""
    return read(text, spellings).folded.strip(" ")


def _tokens(text: str) -> Iterator[tuple[str, tuple[int, int], int]]:
    sentence = 0
    before = ""
    line_start = 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "space":
            sentence += _breaks(text, match, line_start, before)
            line_start = match.end() if "\n" in token else line_start
            continue
        folded = _fold(token) if kind == "word" else _sign(text, match)
        if folded:
            yield folded, match.span(), sentence
            before = f"{before[-16:]} ." if folded == "." else folded


def _breaks(text: str, space: re.Match[str], line_start: int, before: str) -> bool:
    """Whether a sentence ends before this whitespace."""
    if before.endswith(" ."):
        last = before.removesuffix(" .").rpartition(" ")[2]
        return last not in _ABBREVIATIONS and (len(last) != 1 or last.isdigit())
    newlines = space.group().count("\n")
    if newlines == 1:
        return text[space.end() : space.end() + 1] in _BULLETS or space.start() - line_start < _SHORT_LINE
    return newlines > 1


def _sign(text: str, match: re.Match[str]) -> str:
    sign = match.group()
    if match.lastgroup == "stop":
        return "."
    if sign in _NOT_READ:
        return ""
    if sign in _DASHES:
        around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        return "-" if around.isspace() else ""
    return sign


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower().replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", word.translate(_ONE_FOR_ONE))
    letters = (letter for letter in decomposed if not _is_mark(letter))
    return "".join("".join(letters).casefold().split())


def _is_mark(letter: str) -> bool:
    return unicodedata.combining(letter) != 0 or unicodedata.category(letter) == "Cf" or letter == "\u0640"


def _normal(word: str, spellings: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if word in spellings:
        return spellings[word]
    stem, _, ending = word.rpartition("'")
    if ending == "t" and stem.endswith("n"):
        stem = stem.removesuffix("n")
        return (_NEGATED.get(stem, stem), "not") if stem else ("not",)
    written_out = _ENDINGS.get(f"'{ending}")
    return (*spellings.get(stem, (stem,)), written_out) if written_out and stem else (word,)
