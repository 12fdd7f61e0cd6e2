"""Whether a text is English enough for phrases to be trusted. A first version: a share of small words."""

from collections.abc import Sequence
from typing import Final

from triage.classify.phrases import Phrases

_FEWEST_WORDS: Final = 8  # fewer say nothing: "Jake 8B dentist 2pm" is English
_LEAST_SHARE: Final = 0.12  # English mail has 0.3 to 0.5 of the words listed, other languages under 0.05
_FEWEST_LETTERS: Final = 5


def is_english_enough(phrases: Phrases, text_words: Sequence[str]) -> bool:
    """Whether the share of the commonest English words (listed in phrases.toml) is high enough.

    Few words are given the benefit of the doubt unless most of their letters are not Latin.
    """
    words = [word for word in text_words if word.isalpha()]
    letters = sum(len(word) for word in words)
    latin = sum(len(word) for word in words if word < "\u0250")
    if letters >= _FEWEST_LETTERS and latin * 2 < letters:
        return False
    known = sum(word in phrases.english for word in words)
    return len(words) < _FEWEST_WORDS or known >= _LEAST_SHARE * len(words)
