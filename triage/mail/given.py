"""What a server gave for FETCH: which message it is about, and its values."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from imapclient.response_parser import parse_fetch_response

from triage.mail.mailbox import Fetched

Answer = Mapping[bytes, Any]
Said = bytes | tuple[bytes, bytes] | None
"""A piece of an answer as imaplib gives it: what comes before a literal goes with it."""


def given(said: Iterable[Said]) -> dict[int, dict[bytes, Any]]:
    """Return what was given, by UID. Raises what imapclient raises on an answer that breaks the protocol.

    Each answer is read alone. imapclient puts all those together that name the same place in the folder, but
    while UID FETCH is answered a message may go (RFC 3501 section 7.4.1), and the next has its place then:
    it would get the other's content. An answer without UID is about nobody knows which, and is left out.
    """
    found: dict[int, dict[bytes, Any]] = {}
    for one in _answers(said):
        for answer in parse_fetch_response(one, normalise_times=False, uid_is_key=False).values():
            if b"UID" in answer:
                found.setdefault(answer[b"UID"], {}).update(answer)
    return found


def _answers(said: Iterable[Said]) -> Iterator[list[Said]]:
    """Cut what imaplib gathered into answers: each ends with what comes after its last literal."""
    one: list[Said] = []
    for piece in said:
        one.append(piece)
        if not isinstance(piece, tuple):
            yield one
            one = []


def fetched_from(uid: int, answer: Answer, cap_bytes: int, *, over: bool) -> Fetched:
    """Return a message from an answer; ``over`` tells that no more than its first bytes were asked for."""
    when, raw = aware(answer.get(b"INTERNALDATE")), content(answer)
    if raw is None:
        return Fetched(uid, when, b"", problem="the server gave no content for this message")
    # RFC822.SIZE is an estimate on some servers: the cap holds by what really came.
    return Fetched(uid, when, raw[:cap_bytes], truncated=over or len(raw) > cap_bytes)


def content(answer: Answer) -> bytes | None:
    """Return the body whatever its key is: servers differ in how they echo a partial fetch."""
    bodies = [value for key, value in answer.items() if key.startswith(b"BODY[")]
    return bodies[0] if bodies and isinstance(bodies[0], bytes) else None


def aware(value: object) -> datetime | None:
    """Return a date in UTC; None for one that is missing, without zone or beyond what a date can be."""
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
