"""What a reply may say: facts of the school, of a mailbox's owner and of the clock, in a language's form.

No fact is about the message, a pupil or who wrote (RFC 3834 section 6; A20).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage.domain.hours import Opening
from triage.domain.language import ENGLISH
from triage.domain.moment_words import opening_words
from triage.domain.school import School
from triage.message.wording_marks import isolated

FACTS = (
    "school",  # the school's name
    "owner",  # title and name of the mailbox's owner
    "office",  # the office's telephone number
    "office_hours",  # when the office answers, in words; "" where the settings have none in this language
    "absence",  # the absence line's number
    "absence_by",  # the time to ring it by, "" for none
    "absence_by_email",  # whether the school takes an e-mail for it
    "emergency",  # the number for what cannot wait, "" for none
    "closed",  # whether the school is closed when the reply leaves
    "opening",  # when it next opens, in words, "" when not known
    "watched",  # whether somebody is on call out of hours
    "answer_within",  # within what time the school promises an answer, "" for no promise
    "help_lines",  # the numbers of HELP_LINES, by name
    "told",  # the numbers that stand further up in the same reply already
    "talking",  # whether a part of this reply asks for a talk, so that a meeting can be offered instead
)
"""What a part of a reply may say."""

HELP_LINES = ("emergency", "out_of_hours_social_care", "samaritans", "childline")
"""Who helps at any hour: the help part must show every number, and calls it what its language does."""

NUMBERS = ("office", "absence", "emergency")
"""The facts that are telephone numbers of the school's."""

_IN_ENGLISH = ("office_hours", "answer_within")
"""What the settings say in English words: another language has its own, or none."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a school's replies say beside its telephone lines.

    ``help_lines`` are numbers by the names of HELP_LINES. ``other_words`` are a language's own for facts that
    the settings give in English: {"cy": {"office_hours": …}}.
    """

    help_lines: Mapping[str, str]
    absence_by_email: bool = False
    answer_within: str = ""
    other_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def reply_facts(
    school: School, owner: str, *, opening: Opening, particulars: Particulars
) -> dict[str, object]:
    """Return the facts of a reply in no language yet, fit for JSON; none of a roster."""
    lines = school.telephone
    return {
        "school": school.name,
        "owner": owner,
        "office": lines.office,
        "office_hours": lines.office_hours,
        "absence": lines.absence,
        "absence_by": _clock(lines.absence_by),
        "absence_by_email": particulars.absence_by_email,
        "emergency": lines.emergency,
        "closed": not opening.school_open,
        "opening": _moment(opening),
        "watched": school.on_call not in {None, "", "none"},
        "answer_within": particulars.answer_within,
        "help_lines": dict(particulars.help_lines),
        "other_words": {language: dict(words) for language, words in particulars.other_words.items()},
    }


def facts_at(facts: Mapping[str, object], now: Opening) -> dict[str, object]:
    """Return a reply's facts with the hours of another moment: what waited says what is so when it leaves."""
    return {**facts, "closed": not now.school_open, "opening": _moment(now)}


def facts_in(language: str, facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts as a template of a language sees them, all but those of one reply: ``told``, ``talking``.

    In a right-to-left language every text is isolated, so that its digits keep their order.
    """
    given = {name: value for name, value in facts.items() if name != "other_words"}
    if language != ENGLISH:
        given |= dict.fromkeys(_IN_ENGLISH, "")
    others = facts.get("other_words")
    given |= others.get(language, {}) if isinstance(others, Mapping) else {}
    given["opening"] = _opening(facts.get("opening"), language)
    return {name: isolated(value, language) for name, value in given.items()}


def told_in(text: str, facts: Mapping[str, object]) -> tuple[object, ...]:
    """Return the school's numbers that stand in a text already."""
    numbers = (facts.get(name) for name in NUMBERS)
    return tuple(number for number in numbers if number and str(number) in text)


def _clock(text: str) -> str:
    """Return a time of day as people write it: "8:30"."""
    return text.removeprefix("0")


def _moment(opening: Opening) -> dict[str, str] | None:
    if opening.next is None:
        return None
    return {"at": opening.next.isoformat(), "before": opening.before}


def _opening(moment: object, language: str) -> str:
    if not isinstance(moment, Mapping):
        return ""
    return opening_words(datetime.fromisoformat(moment["at"]), moment["before"], language)
