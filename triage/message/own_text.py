"""What the sender wrote now: without quotations, signature and disclaimer.

mail-parser-reply was tried first. It fails here (tests/unit/message/test_own_text.py shows each): a list
("- Jake has a cough") or a line that begins with "Thanks," ends the message as its signature; quoted
lines around an answer are kept; a forwarded message is dropped though it may be the point; and a page
of blank lines costs it the square of its length. So these are line rules: one pass, a few lines ahead.
"""

import re
from collections.abc import Sequence

_SHOWN = 400  # of a line, all that a rule looks at
_AHEAD = 6
_BLOCK_FIELDS = 3
_QUOTED = re.compile(r"[ \t]{0,3}>")
_MARKS = re.compile(r"^[ \t]{0,3}(?:>[ \t]?){1,50}")
_FORWARD = re.compile(r"[ \t*]*(?:-{2,}[ \t]*forwarded message|begin forwarded message)\b", re.IGNORECASE)
_ORIGINAL = re.compile(r"[ \t*]*-{2,}[ \t]*original message\b", re.IGNORECASE)
_RULE = re.compile(r"[ \t]*_{10,}[ \t]*$")
_FROM_WORDS = "from|oddi wrth|von|de|od|da|van|från"
_FIELD = re.compile(
    rf"[ \t>*]*({_FROM_WORDS}|sent|date|to|cc|subject|reply-to|importance|anfonwyd|dyddiad|at|pwnc"
    r"|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto|assunto|inviato|data|a|oggetto"
    r"|wysłano|do|temat|verzonden|aan|onderwerp|skickat|till|ämne)\*?[ \t\xa0]?:",
    re.IGNORECASE,
)
_FROM = re.compile(rf"[ \t*]*(?:{_FROM_WORDS})\*?[ \t\xa0]?:", re.IGNORECASE)
_ATTRIBUTION_STARTS = re.compile(r"[ \t]*(?:on|ar|am|le|el|il|em|op|dnia|w dniu|den)\b", re.IGNORECASE)
_WROTE = re.compile(
    r"\b(?:wrote|ysgrifennodd|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|napisał|skrev)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_SIGNATURE = re.compile(r"-- ?$")
_DEVICE = re.compile(
    r"[ \t]*(?:sent from (?:my |outlook|mail |yahoo|samsung|proton|gmail|aol)|get outlook for |sent via )",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"[ \t*]*(?:(?:confidentiality|privacy|legal) (?:notice|note)|disclaimer|"
    r"this (?:e-?mail|message|communication))\b",
    re.IGNORECASE,
)
_DISCLAIMED = re.compile(
    r"intended (?:recipient|solely|only)|addressee|received (?:this|it)\b.{0,60}\berror", re.IGNORECASE
)
_FORWARD_SUBJECT = re.compile(r"\s{0,9}(?:fw|fwd|wg|tr|rv|enc|vs)\s?:", re.IGNORECASE)


def forwards(subject: str) -> bool:
    """Whether a subject says that the message forwards another ("Fwd:", "WG:", "TR:")."""
    return bool(_FORWARD_SUBJECT.match(subject))


def own_text(text: str, *, forward: bool | None = None) -> str:
    """Return what the sender wrote, and a forwarded message where it is the point. Linear, never raises.

    ``forward`` is true when the subject says so, false for an answer, None when nothing is known. A
    marked forward always counts. Any other quotation counts when ``forward`` is true, or when nothing
    stands beside it and ``forward`` is None.
    """
    lines = text.split("\n")
    at, marked = _end_of_own(lines)
    own = _trimmed(_unquoted(lines[:at]))
    if marked or forward or (forward is None and not own):
        carried = _trimmed(_without_marks(lines[at:] if own or marked else lines))
        return f"{own}\n\n{carried}".strip()
    return own


def _end_of_own(lines: Sequence[str]) -> tuple[int, bool]:
    """Return the line at which the rest is another message, and whether it is marked as forwarded."""
    for index, whole in enumerate(lines):
        line = whole[:_SHOWN]
        if _FORWARD.match(line):
            return index, True
        if _ORIGINAL.match(line) or _is_header_block(lines, index + bool(_RULE.match(line))):
            return index, False
        length = _attribution(lines, index)
        if length and not _is_quoted(lines, index + length):
            return index, False
    return len(lines), False


def _is_header_block(lines: Sequence[str], index: int) -> bool:
    """Whether Outlook's block of From, Sent, To, Subject begins here, a blank line before it or not."""
    first = next((at for at in range(index, min(index + 2, len(lines))) if lines[at].strip()), None)
    if first is None or not _FROM.match(lines[first]):
        return False
    block = (_FIELD.match(line[:_SHOWN]) for line in lines[first : first + _AHEAD])
    return len({found[1].lower() for found in block if found}) >= _BLOCK_FIELDS


def _attribution(lines: Sequence[str], index: int) -> int:
    """Return how many lines "On <date>, <name> wrote:" takes here, 0 when it does not stand here."""
    if not _ATTRIBUTION_STARTS.match(lines[index]):
        return 0
    joined = ""
    for length in (1, 2, 3):
        joined = " ".join(
            [joined, *(line[:_SHOWN].strip() for line in lines[index + length - 1 : index + length])]
        )
        if joined.endswith(":") and _WROTE.search(joined) and _DIGIT.search(joined):
            return length
    return 0


def _is_quoted(lines: Sequence[str], index: int) -> bool:
    following = [line for line in lines[index : index + _AHEAD] if line.strip()]
    return bool(following and _QUOTED.match(following[0]))


def _unquoted(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    attributed = 0
    for index, line in enumerate(lines):
        attributed = max(attributed - 1, 0) or _attribution(lines, index)
        if not attributed and not _QUOTED.match(line):
            kept.append(line)
    return kept


def _without_marks(lines: Sequence[str]) -> list[str]:
    bare = [_MARKS.sub("", line, count=1) for line in lines]
    return [line for line in bare if not (_FORWARD.match(line[:_SHOWN]) or _ORIGINAL.match(line[:_SHOWN]))]


def _trimmed(lines: Sequence[str]) -> str:
    """Return lines as text without signature, marks of devices, disclaimers and blank ends."""
    end = next((at for at, line in enumerate(lines) if _SIGNATURE.match(line)), len(lines))
    kept = [line.rstrip() for line in lines[:end] if not _DEVICE.match(line)]
    paragraphs = "\n".join(kept).split("\n\n")
    return "\n\n".join(each for each in paragraphs if not _is_disclaimer(each)).strip()


def _is_disclaimer(paragraph: str) -> bool:
    # Both are asked for: "This email is confidential: my son …" is a parent's sentence, not a lawyer's.
    text = paragraph.replace("\n", " ").strip()
    return bool(_DISCLAIMER.match(text) and _DISCLAIMED.search(text))
