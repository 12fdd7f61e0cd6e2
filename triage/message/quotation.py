"""Where the words of somebody else begin in a text, and what kind of mark says so. Line rules, one pass."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from triage.message.quotation_words import (
    BEGINNINGS,
    FIELDS,
    FORWARD_BEGINS,
    FORWARDED,
    ORIGINAL,
    WROTE,
)

OUTLOOKS_RULE: Final = "_" * 32
"""The line that Outlook draws above what it quotes, in plain text."""

_SHOWN = 400  # of a line, all that a rule looks at
_AHEAD = 6
_LONGEST_BLOCK = 12
_FEWEST_FIELDS = 3
_WRAPPED = 3
_FEW_WORDS = 4
# Signs that show nothing stand before attributions: Apple's U+FEFF, the marks of direction.
_UNSEEN = dict.fromkeys(
    [0xFEFF, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
_SEEN = _UNSEEN | {0xA0: " ", 0x202F: " ", 0xFF1A: ":"}
_QUOTED = re.compile(r"[ \t]{0,3}>(?!From )")  # an old program puts ">" before a line that begins with From
_MARKS = re.compile(r"^[ \t]{0,3}(?:>[ \t]?){1,50}")
_BETWEEN_HYPHENS = re.compile(r"[ \t*]*-{2,}([^-].{1,60}?)-{2,}[ \t*]*$")
_RULE = re.compile(r"[ \t]*_{10,}[ \t]*$")
_FIELD = re.compile(r"[ \t*]{0,6}([^\W\d_][^:\n@<>]{0,24}?)[ \t*]{0,3}:")
_ADDRESS = re.compile(r"<[^<>@]{1,120}@[^<>]{1,120}>")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_DATED = re.compile(r"\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[-年]")
_PERSON = re.compile(r"\b(?:I|we|he|she|they|you) (?:wrote|writes|have written)\b", re.IGNORECASE)
_IN_ITS_LINE = re.compile(r"(.{5,300}?<[^<>@]{1,80}@[^<>]{1,120}>[^:<>]{1,30}:)[ \t]")


@dataclass(frozen=True, slots=True)
class Border:
    """Where another message begins: ``at`` is its first line, ``forwarded`` whether a mark says forwarded."""

    at: int
    forwarded: bool = False


def seen(line: str) -> str:
    """Return of a line what a rule looks at: its beginning, without signs that show nothing."""
    return line[:_SHOWN].translate(_SEEN)


def depth(line: str) -> int:
    """Return how many marks of quotation a line, as ``seen``, begins with."""
    marks = _MARKS.match(line) if _QUOTED.match(line) else None
    return marks[0].count(">") if marks else 0


def unmarked(line: str) -> str:
    """Return a line without the marks of quotation at its beginning."""
    return _MARKS.sub("", line.lstrip("\ufeff"), count=1)


def is_mark(line: str) -> bool:
    """Tell whether a line, as ``seen``, only says that a forwarded or an answered message follows."""
    return bool(_is_forward(line) or _is_original(line) or _RULE.match(line))


def border(lines: Sequence[str]) -> Border:
    """Return where the rest of a text, as ``seen``, is another message; past its end when it is not.

    Below an attribution without an address only marked lines are quoted: people write "he wrote:" too.
    """
    index = 0
    while index < len(lines):
        if _is_forward(lines[index]):
            return Border(index, forwarded=True)
        length = heading(lines, index)
        if length and not leads_to_quotation(lines, index + length):
            whole = " ".join(lines[index : index + length])
            if "@" in whole or not _is_attribution(whole):
                return Border(index)
        index += length or 1
    return Border(len(lines))


def heading(lines: Sequence[str], index: int) -> int:
    """Return how many lines introduce another message here, 0 when none do.

    That is a line of hyphens or underscores that says so, Outlook's block of fields, "On <date>, <name>
    wrote:", or two of these.
    """
    line = lines[index]
    if not line.strip() or depth(line):
        return 0
    between = _BETWEEN_HYPHENS.match(line)
    original = _is_original(line)
    below = next((at for at in range(index + 1, min(index + 3, len(lines))) if lines[at].strip()), index)
    length = 0
    if original or _RULE.match(line):
        length = _block(lines, below) or _attribution(lines, below)
    if not length and (line.strip() == OUTLOOKS_RULE or (between and len(between[1].split()) <= _FEW_WORDS)):
        length = _fields(lines, below)
    if length:
        return below - index + length
    if original and between:
        return 1
    return _block(lines, index) or _attribution(lines, index)


def leads_to_quotation(lines: Sequence[str], index: int) -> bool:
    """Tell whether the next line that is not blank is marked as quoted."""
    following = [line for line in lines[index : index + _AHEAD] if line.strip()]
    return bool(following and depth(following[0]))


def _is_forward(line: str) -> bool:
    between = _BETWEEN_HYPHENS.match(line)
    return bool(FORWARD_BEGINS.match(line) or (between and FORWARDED.search(between[1])))


def _is_original(line: str) -> bool:
    between = _BETWEEN_HYPHENS.match(line)
    if between:
        return len(between[1].split()) <= _FEW_WORDS and ORIGINAL.search(between[1]) is not None
    return ORIGINAL.fullmatch(line.strip()) is not None


def _attribution(lines: Sequence[str], index: int) -> int:
    """Return how many lines "On <date>, <name> wrote:" takes here; what stands before it is no part of it."""
    for length in range(1, _WRAPPED + 1):
        part = lines[index : index + length]
        if len(part) < length or not part[-1].strip() or depth(part[-1]):
            return 0
        whole = " ".join(part)
        if _is_attribution(whole) or (_may_be(whole) and leads_to_quotation(lines, index + length)):
            return length if length == 1 or _begins_here(part) else 0
    return 0


def _may_be(text: str) -> bool:
    """Whether this is an attribution if a marked quotation follows."""
    whole = text.strip()
    return whole.endswith(":") and bool(
        BEGINNINGS.match(whole) and WROTE.search(whole) and _DIGIT.search(whole) and not _PERSON.search(whole)
    )


def _begins_here(part: Sequence[str]) -> bool:
    """Whether a wrapped attribution begins in its first line, which is not the end of a letter then.

    A letter can end with "On 12/11/2026 he hit me", too: then the attribution begins below it.
    """
    later = [part[skipped:] for skipped in range(1, len(part)) if _is_attribution(" ".join(part[skipped:]))]
    if BEGINNINGS.match(part[0]) and _TIME.search(part[0]):
        return not any(BEGINNINGS.match(rest[0]) and _TIME.search(rest[0]) for rest in later)
    return not later


def _is_attribution(text: str) -> bool:
    whole = text.strip()
    within = _IN_ITS_LINE.match(whole) if "@" in whole and not whole.endswith(":") else None
    if within is not None:
        whole = within[1]
    if not whole.endswith(":") or _PERSON.search(whole):
        return False
    begins, wrote, timed = BEGINNINGS.match(whole), WROTE.search(whole), _TIME.search(whole)
    if within is not None:
        return bool(begins and wrote and timed)
    if _ADDRESS.search(whole):
        return bool((wrote and timed) or (wrote and not begins) or _DATED.search(whole))
    return bool(wrote and timed and (begins or whole[0].isdigit()))


def _block(lines: Sequence[str], index: int) -> int:
    """Return how many lines Outlook's block of From, Sent, To, Subject takes here."""
    if _kind(lines[index]) not in {"from", "date"}:
        return 0
    kinds: list[str] = []
    end = index
    for at in range(index, min(index + _LONGEST_BLOCK, len(lines))):
        kind = _kind(lines[at])
        if kind:
            kinds.append(kind)
            end = at + 1
        elif not lines[at].strip():
            break
    return end - index if _is_certain(kinds, " ".join(lines[index:end])) else 0


def _is_certain(kinds: Sequence[str], block: str) -> bool:
    """Whether fields are those of a message: people write "From: Monday, To: Friday" too."""
    if "from" not in kinds or len({*kinds} - {"more"}) < _FEWEST_FIELDS:
        return False
    whole = kinds[0] == "from" and {*kinds} >= {"from", "date", "to", "subject"}
    timed = _CLOCK.search(block) and ("subject" in kinds or kinds[1] == "date")
    return bool(whole or timed or "@" in block)


def _kind(line: str) -> str:
    label = _FIELD.match(line)
    return FIELDS.get(label[1].strip().casefold(), "") if label else ""


def _fields(lines: Sequence[str], index: int) -> int:
    """Return how many lines three fields take here, by whatever names, one with an address or a moment.

    A time of day alone is none: people list "Monday: 10:30, hit by Sam".
    """
    block = lines[index : index + _AHEAD]
    length = next((at for at, line in enumerate(block) if not _FIELD.match(line)), len(block))
    certain = any("@" in line or (_CLOCK.search(line) and _DATED.search(line)) for line in block[:length])
    return length if certain and length >= _FEWEST_FIELDS else 0
