"""What the sender wrote now: without quotations, signature and disclaimer.

Three libraries were tried (bench/own_text.py sets them beside this, docs/own-text.md has the table): each
loses what people wrote, above all below a quotation, between its lines, and in what is forwarded.
Here whatever is not surely somebody else's stays. The rules go by lines: one pass, a few lines ahead.
"""

import re
from collections.abc import Iterator, Sequence

from triage.message.quotation import border, depth, heading, is_mark, leads_to_quotation, seen, unmarked
from triage.message.quotation_words import BELOW, FORWARD_SUBJECT, REPLY_SUBJECT
from triage.message.signature import without_signature

_SHOWN = 2_000  # of a letter, where it may say "see below"
_BLANK_LINES = re.compile(r"\n{3,}")
_HEADING = -1  # where other segments have their depth of quotation


def forwards(subject: str) -> bool:
    """Whether a subject says that the message forwards another ("Fwd:", "WG:", "TR:")."""
    return bool(FORWARD_SUBJECT.match(subject))


def replies(subject: str) -> bool:
    """Whether a subject says that the message answers another ("Re:", "AW:", "Odp:")."""
    return bool(REPLY_SUBJECT.match(subject))


def own_text(text: str, *, forward: bool | None = None) -> str:
    """Return what the sender wrote, and a forwarded message where it is the point. Linear, never raises.

    ``forward`` is true when the message forwards or answers nothing, false for an answer, None when nothing
    is known. A marked forward always counts, and so does any quotation when ``forward`` is true. Else one
    counts only where the sender's words may stand in it, or nothing else is there: below "see below"; when
    it is not marked line by line, also below a colon or nothing; or alone when ``forward`` is None.
    """
    lines = text.split("\n")
    looks = [seen(line) for line in lines]
    at = (where := border(looks)).at
    above, below = list(_segments(lines[:at], looks[:at])), list(_segments(lines[at:], looks[at:]))
    if forward:
        return _joined(_carried(above), _carried(below)) or _carried((*above, *below), block=False)
    parts = [segment for kind, segment in above if kind == 0]
    # Some write in the place that a program keeps for the signature: nothing but one is taken for the letter.
    own = _own(parts) or _own(parts, block=False)
    if where.forwarded or (below and (not own or own.endswith(":") or BELOW.search(own[:_SHOWN]))):
        return _joined(own, _carried(below))
    if own and not (len(above) > 1 and own == _own(parts[:1]) and BELOW.search(own[:_SHOWN])):
        return own
    return _carried(above) if own or forward is None else ""


def _own(parts: Sequence[Sequence[str]], *, block: bool = True) -> str:
    """Return what stands above, between and below quotations, each part without its signature."""
    return _tidy("\n".join(line for part in parts for line in without_signature(part, block=block)))


def _carried(segments: Sequence[tuple[int, Sequence[str]]], *, block: bool = True) -> str:
    """Return all lines without marks of quotation and forwarding, and without signatures."""
    kept: list[str] = []
    for _, segment in segments:
        kept += without_signature([unmarked(line) for line in segment], block=block)
    return _tidy("\n".join(line for line in kept if not is_mark(seen(line))))


def _segments(lines: Sequence[str], looks: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield runs of lines of one depth of quotation, or what introduces a quotation as ``_HEADING``."""
    begin = index = before = 0
    while index < len(lines):
        length, kind = heading(looks, index), depth(looks[index])
        if length and leads_to_quotation(looks, index + length):
            kind = _HEADING
        if kind != before or kind == _HEADING:
            if index > begin:
                yield before, lines[begin:index]
            begin, before = index, kind
        index += length or 1
    if begin < len(lines):
        yield before, lines[begin:]


def _joined(own: str, carried: str) -> str:
    return f"{own}\n\n{carried}".strip()


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n").strip()
