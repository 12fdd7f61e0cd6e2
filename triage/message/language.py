"""The language in which somebody has written: told when it is sure, and otherwise not at all.

A reply in the wrong language is worse than one in English, so a text is English as soon as two of its words
and a fifth of them are among the commonest English ones, whatever greeting or quotation stands beside them.
Only what is left is shown to the model of py3langid, which knows 140 languages and runs here: a text that is
Dutch must be told from German although the school has no words in Dutch. docs/decisions/0014 has the figures.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from triage.domain.language import Spoken

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE: Final = 0.8
"""The probability, normalised over all languages of the model, from which a language is told."""

_FEWEST_WORDS: Final = 4
_FEWEST_ENGLISH: Final = 2
_ENGLISH_SHARE: Final = 0.15
_LONGEST: Final = 4_000  # characters that are read: a letter's language shows long before

_OF: Final = {"pcm": "en", "ary": "ar", "arz": "ar", "nn": "no", "wuu": "zh", "yue": "zh"}
"""What the model tells apart and a reader of the written language does not: Moroccan and Egyptian Arabic."""

_NOT_IN: Final = {
    "ar": frozenset("\u0679\u0688\u0691\u06ba\u06d2"),  # Urdu's own letters
    "fa": frozenset("\u0679\u0688\u0691\u06ba\u06d2"),
    "ur": frozenset("\u067c\u0689\u0693\u069a\u06d0"),  # Pashto's
    # Sindhi's
    "ps": frozenset("\u067a\u067b\u067d\u067f\u0683\u0684\u0687\u068a\u068c\u068d\u0699\u06a6\u06b3\u06bb"),
    "uk": frozenset("\u044b\u044d\u0451\u044a"),  # Russian's and Bulgarian's
    "bg": frozenset("\u044b\u044d\u0451\u0456\u0457\u0454"),  # Russian's and Ukrainian's
}
"""Letters that show a neighbour's language in the same script, whatever the model says."""

_ENGLISH: Final = (
    "about after all also and any are back because been before being but can can't could day did didn't "
    "does doesn't don't for from get going got had have hers him his home how i'm isn't it's just know "
    "let like need not now off out please school she she's should sorry thank thanks that the their "
    "them then there they this today tomorrow up wasn't week were what when where which who why will "
    "with won't would yesterday you your"
)
"""What English mail is full of; left out is what is a word elsewhere too: "is", "to", "as", "my"."""
_COMMONEST: Final = frozenset(_ENGLISH.split())

_NO_WORDS: Final = re.compile(r"[@\d]|https?:|www\.")  # addresses, links, numbers, classes
_MARKS: Final = r"\u0300-\u036f\u0610-\u06ff\u0900-\u0dff'\u2019\u200c\u200d"
_WORD: Final = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*")
_SENTENCE_END: Final = re.compile(r"[.!?\u061f\u06d4\u0964\n][\s\"')]*$")


def language_of(text: str) -> Spoken:
    """Return the language of a text; linear, never raises. The model is read at the first text that needs it.

    Names, addresses and numbers do not count: four words are wanted beside them.
    """
    read = text[:_LONGEST]
    words = _words(re.sub(r"\S+", _worded, read) if _NO_WORDS.search(read) else read)
    if _is_english(words):
        return Spoken("en", "most of its small words are English")
    counted = [word for word, named in words if not named and not word[0].isupper()]
    if len(counted) < _FEWEST_WORDS:
        return Spoken(None, "it has too few words to tell its language")
    code, sure = _told(" ".join(word for word, named in words if not named))
    if sure < SURE or not _NOT_IN.get(code, frozenset()).isdisjoint(text):
        return Spoken(None, "its language is not sure")
    return Spoken(code, "its words are of that language")


def can_tell(code: str) -> bool:
    """Tell whether a text can ever be told to be in a language."""
    return code in _model().labels


def _worded(stretch: re.Match[str]) -> str:
    return "" if _NO_WORDS.search(stretch[0]) else stretch[0]


def _words(text: str) -> list[tuple[str, bool]]:
    """Return the words, and of each whether it looks like a name: a capital inside a sentence."""
    if text.isupper():
        text = text.lower()
    return [
        (found[0], found[0][0].isupper() and not _begins(text, found.start()))
        for found in _WORD.finditer(text)
    ]


def _begins(text: str, at: int) -> bool:
    """Tell whether a sentence begins at an offset."""
    before = text[max(at - 20, 0) : at]
    return not before.strip() or _SENTENCE_END.search(before) is not None


def _is_english(words: list[tuple[str, bool]]) -> bool:
    known = sum(word.lower().replace("\u2019", "'") in _COMMONEST for word, _ in words)
    return known >= max(_FEWEST_ENGLISH, _ENGLISH_SHARE * len(words))


def _told(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text with its probability, dialects counted with their language."""
    shares: dict[str, float] = {}
    for label, share in _model().rank(text):
        code = _OF.get(label, label)
        shares[code] = shares.get(code, 0.0) + share
    return max(shares.items(), key=lambda one: one[1])


@cache
def _model() -> "LanguageIdentifier":
    """Return the model: 0.8 s and 75 MB, so only where a text is not plainly English. No network is asked."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - read when it is needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
