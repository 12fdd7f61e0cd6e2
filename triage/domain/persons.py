"""Whether a given name in a text stands for a pupil: not for who is greeted or signs, nor for a word."""

from collections.abc import Sequence
from enum import Enum

from triage.domain.names import Word
from triage.domain.word_names import CALENDAR, is_seldom_word, is_word_family, is_word_name

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "madam", "prof", "professor"})
_GREETINGS = frozenset({"dear", "hi", "hello", "hey", "hiya", "morning", "afternoon", "evening", "annwyl"})
_CLOSINGS = frozenset(
    """
    thanks thank you ta cheers regards kind best warm wishes many yours sincerely faithfully truly love from
    much very and with diolch merci danke dziekuje obrigada obrigado gracias cofion
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_LONGEST_SIGNATURE = 4
_BESIDE = 4
_AS_A_PERSON = frozenset(
    """
    is isnt was wasnt has hasnt had hadnt will wont does doesnt did didnt can cant could couldnt needs need
    went came says said told tells feels felt seems got gets goes left lost forgot hurt loves likes wants and
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_BEFORE_A_PERSON = frozenset(
    """
    son daughter child grandson granddaughter boy girl for about re called named with that ask tell let
    collect our
    """.split()  # noqa: SIM905 - words in a row read better as text
)
_AS_A_CHILD = _AS_A_PERSON - {"is", "was", "will", "and", "needs", "need", "can", "got"}
_KIN = frozenset({"son", "daughter", "grandson", "granddaughter", "nephew", "niece", "child", "lad"})
_BEFORE_A_DATE = frozenset(
    {"in", "by", "of", "until", "till", "from", "since", "last", "next", "this", "early", "late", "mid", "or"}
)
_BEFORE_A_THING = frozenset({"the", "a", "an", "this", "that", "some", "any", "every", "each", "no"})


class Standing(Enum):
    """What a word is in a text: a pupil's name, perhaps one, an everyday word, or nobody of ours."""

    NAME = "name"
    WEAK = "weak"
    WORD = "word"
    NONE = "none"


def standing(words: Sequence[Word], start: int, end: int, *, classed: bool, in_subject: bool) -> Standing:
    """Return what a given name at ``start`` (in) to ``end`` (out) is. ``classed``: a form stands beside it.

    WEAK is enough for the sender's own child only. WORD becomes a name beside another name.
    """
    if _is_addressed(words, start) or _signs(words, start, end):
        return Standing.NONE
    given = tuple(word.atom for word in words[start:end])
    if is_word_name(given[:1]):
        return _of_a_word(words, start, end, classed=classed, in_subject=in_subject)
    word, possessive = words[start], words[end - 1].possessive
    if _is_a_thing(words, start) and not possessive and not word.title:
        return Standing.NONE
    return Standing.WEAK if is_seldom_word(given) and not word.title and not classed else Standing.NAME


def full_standing(words: Sequence[Word], start: int, end: int, *, classed: bool) -> Standing:
    """Return what a full name is: "Poppy Day" and "Will Early" may be everyday words, most others cannot."""
    given, family = (words[start].atom,), tuple(word.atom for word in words[start + 1 : end])
    if classed or words[end - 1].possessive or not is_word_family(family):
        return Standing.NAME
    after = words[end] if end < len(words) else None
    if family[0] in CALENDAR:
        before = {word.atom for word in words[max(0, start - _BESIDE) : start]}
        alone = start == 0 and after is None
        lives = after is not None and after.joined and after.atom in _AS_A_CHILD
        return Standing.NAME if alone or lives or before & _KIN else Standing.WEAK
    if words[start].shouted and is_word_name(given):
        return Standing.WEAK
    opens = words[start].starts_sentence and after is not None and after.joined
    if is_word_name(given) and opens and not _acts(words, start, end):
        return Standing.WEAK
    return Standing.NAME


def _is_addressed(words: Sequence[Word], start: int) -> bool:
    before = words[start - 1] if start else None
    return before is not None and (
        before.atom in _TITLES or (before.atom in _GREETINGS and before.starts_line and words[start].joined)
    )


def _signs(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether the name stands at the end, on a line with nothing before it but "Thanks" and the like."""
    if len(words) - end > _LONGEST_SIGNATURE or words[end - 1].possessive:
        return False
    line = next((at for at in range(start, max(-1, start - _BESIDE - 1), -1) if words[at].starts_line), 0)
    if line == 0 or any(word.atom not in _CLOSINGS for word in words[line:start]):
        return False
    return start > line or all(
        word.title or word.atom[:1].isdigit() or word.atom == "x" for word in words[end:]
    )


def _is_a_thing(words: Sequence[Word], start: int) -> bool:
    return start > 0 and words[start].joined and words[start - 1].atom in _BEFORE_A_THING


def _of_a_word(words: Sequence[Word], start: int, end: int, *, classed: bool, in_subject: bool) -> Standing:
    """Tell "Will" the boy from "will" and "Will you": a capital letter, and what stands beside it."""
    word = words[start]
    if not word.title:
        return Standing.WEAK if words[end - 1].possessive and not _is_a_thing(words, start) else Standing.NONE
    if _is_a_date(words, start, end):
        return Standing.NONE
    if words[end - 1].possessive or classed or _acts(words, start, end):
        return Standing.NAME
    if in_subject and start == 0 and (end == len(words) or not words[end].joined):
        return Standing.NAME
    return Standing.NAME if _is_capital_by_choice(words, start, end) else Standing.WORD


def _acts(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether the words beside it are those that stand beside a person."""
    before = words[start - 1] if start and not words[start].starts_sentence else None
    after = words[end] if end < len(words) else None
    as_a_person = after is not None and after.joined and after.atom in _AS_A_PERSON
    return as_a_person or (before is not None and before.atom in _BEFORE_A_PERSON)


def _is_capital_by_choice(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a word has its capital letter amid small ones, where only a name has one."""
    word = words[start]
    if word.starts_sentence or start == 0 or not word.joined or word.atom in CALENDAR:
        return False
    before, after = words[start - 1], words[end] if end < len(words) else None
    among_capitals = (before.title and not before.starts_sentence) or (
        after is not None and after.joined and after.title
    )
    return not among_capitals and before.atom not in _BEFORE_A_THING


def _is_a_date(words: Sequence[Word], start: int, end: int) -> bool:
    if words[start].atom not in CALENDAR:
        return False
    before = words[start - 1].atom if start else ""
    after = words[end].atom if end < len(words) else ""
    return before in _BEFORE_A_DATE or before[:1].isdigit() or after.isdigit()
