"""Our own reply, taken out of an answer to it: its help lines are no sign of harm, and nobody's words.

Where a mail program marks what it quotes, ``own_text`` leaves it out. Some mark nothing, some write the
answer below, and the fixed safeguarding phrases read quotations too. What we have sent we know word for word.
"""

import re
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.policy import default

LONG_ENOUGH = 12
"""So many words in a row are our reply; a few are not, for a child may write "somebody is in danger now"."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[^\w\s]{0,9}")
_HEAD = re.compile(
    r"(?m)(?:^[ \t>*]*(?:-{2,}.{1,40}-{2,}|_{10,})[ \t]*\n\s*)?"
    r"(?:^[ \t>*]*[^\W\d_][\w ]{0,14}\*?[ \t\xa0]?:.*\n){3,8}[\s>*]*\Z"
)
_HEAD_LENGTH = 2_000


def words_of_reply(raw: bytes) -> tuple[str, str]:
    """Return the subject and the text of a reply of ours as it went out."""
    letter = message_from_bytes(raw, policy=default)
    body = letter.get_body(("plain",))
    return str(letter["Subject"] or ""), "" if body is None else body.get_content()


def without(text: str, ours: str) -> str:
    """Return a text without the long runs of words that stand in a reply of ours, however they are wrapped.

    The marks of a quotation between such words go with them, and the head (From, Sent, To) above them. Linear
    in both; raises nothing.
    """
    words = list(_WORD.finditer(text))
    theirs, known = (
        [word[0].casefold() for word in words],
        [word[0].casefold() for word in _WORD.finditer(ours)],
    )
    places = _places(known)
    kept: list[str] = []
    end = at = 0
    while at <= len(theirs) - LONG_ENOUGH:
        place = places.get(tuple(theirs[at : at + LONG_ENOUGH]))
        length = 0 if place is None else _shared(theirs, at, known, place)
        if length:
            kept.append(_without_head(text[end : words[at].start()]))
            end = _after_signs(text, words[at + length - 1].end())
        at += length or 1
    return "".join([*kept, text[end:]]) if kept else text


def _without_head(before: str) -> str:
    """Leave out the head that a mail program puts above a message that it quotes."""
    far = max(0, len(before) - _HEAD_LENGTH)
    return before[:far] + _HEAD.sub("\n", before[far:])


def _after_signs(text: str, at: int) -> int:
    """Return where the signs end that stand at the end of a word."""
    signs = _SIGNS.match(text, at)
    return signs.end() if signs else at


def _places(known: Sequence[str]) -> Mapping[tuple[str, ...], int]:
    """Return where each run of words begins, the first place of several."""
    runs = range(len(known) - LONG_ENOUGH, -1, -1)
    return {tuple(known[at : at + LONG_ENOUGH]): at for at in runs}


def _shared(theirs: Sequence[str], at: int, known: Sequence[str], place: int) -> int:
    """Return how many words are the same from two places on."""
    length = 0
    while at + length < len(theirs) and place + length < len(known):
        if theirs[at + length] != known[place + length]:
            break
        length += 1
    return length
