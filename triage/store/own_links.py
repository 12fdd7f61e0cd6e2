"""The links of a digest: each does one thing to one message for its mailbox's owner, without a login.

A link needs no row: it names the message and its last day, and carries a keyed hash of those with the verb
and the address. Whoever holds it can do that one thing and learns nothing by it: what it does looks the same
whatever is on record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from sqlalchemy import Connection, exists, insert, select

from triage.domain.by_hand import raised_by_owner
from triage.domain.visibility import Viewer
from triage.store import audit
from triage.store.encrypted import keyring_of
from triage.store.flagging import note_event, open_like, raise_flag
from triage.store.keys import Keyring
from triage.store.own_mail import NOT_RIGHT, corrections_by
from triage.store.tables import (
    corrections,
    decisions,
    flag_events,
    flags,
    mailboxes,
    messages,
    pupils,
)

PATH = "digest"
"""Where on the review site the links lead."""

HOLDS = timedelta(days=14)
RAISED = "raised from the digest"
_MAC = 32  # 128 bits in hex: nobody tries so many
_LARGEST = 2**31 - 2
_LONGEST_DAY = 7


class Verb(StrEnum):
    """What a link does."""

    NOT_RIGHT = "not-right"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A link that holds: to which message of whose mailbox, and the case that it belongs to."""

    verb: Verb
    owner: str
    message_id: int
    case_id: int


def link_to(keyring: Keyring, verb: Verb, message_id: int, owner: str, now: datetime) -> str:
    """Return what stands at the end of a link's address; it holds for 14 days."""
    last = (now.astimezone(UTC) + HOLDS).date()
    return f"{message_id}-{last.toordinal()}-{_seal(keyring, verb, message_id, owner, last)}"


def read_link(conn: Connection, verb: Verb, text: str, now: datetime) -> OwnLink | None:
    """Return what a link stands for; None for one that is over, or that is none of ours."""
    named, day, seal = _parts(text)
    last = _day(day)
    if last is None or not named or now.astimezone(UTC).date() > last:
        return None
    lay = select(messages.c.case_id, mailboxes.c.address).join_from(messages, mailboxes)
    row = conn.execute(lay.where(messages.c.id == named, messages.c.case_id.is_not(None))).first()
    # Of a message that is gone a seal is made all the same, so that the time tells nothing.
    owner = "" if row is None else row.address
    fits = compare_digest(seal.encode(), _seal(keyring_of(conn), verb, named, owner, last).encode())
    return OwnLink(verb, owner.lower(), named, row.case_id) if fits and row is not None else None


def follow(conn: Connection, link: OwnLink, now: datetime) -> None:
    """Do what a link stands for, in a write transaction; a second time it does nothing."""
    _DOING[link.verb](conn, link, now)


def _say_not_right(conn: Connection, link: OwnLink, now: datetime) -> None:
    """Keep that something is not right; no flag changes by it."""
    said = corrections_by(conn, Viewer(link.owner, frozenset()), link.case_id)
    if any(each.verdict == NOT_RIGHT for each in said):
        return
    values = {"case_id": link.case_id, "topic": "", "verdict": NOT_RIGHT, "at": now, "actor": link.owner}
    conn.execute(insert(corrections).values(**values))
    _note(conn, link, "correction kept by link", f"case {link.case_id}", now)


def _raise(conn: Connection, link: OwnLink, now: datetime) -> None:
    """Raise a flag for the head of year; the owner's second wish for the same message changes nothing."""
    if raised_at(conn, link.owner, link.case_id) is not None:
        return
    flag = raised_by_owner(_year(conn, link.message_id))
    open_already = open_like(conn, link.case_id, flag)
    flag_id = raise_flag(conn, link.case_id, flag, now, origin=now.isoformat()) or open_already
    assert flag_id is not None  # noqa: S101 - for the type checker: what is open already is not raised again
    note_event(conn, flag_id, RAISED, now, actor=link.owner)
    _note(conn, link, "flag raised by link", f"flag {flag_id}", now)


def raised_at(conn: Connection, owner: str, case_id: int) -> datetime | None:
    """Return when somebody has raised a flag about a case by such a link, whatever became of it."""
    ours = exists().where(flags.c.id == flag_events.c.flag_id, flags.c.case_id == case_id)
    found = select(flag_events.c.actor, flag_events.c.at).where(flag_events.c.event == RAISED, ours)
    return next((row.at for row in conn.execute(found) if row.actor == owner), None)


_DOING: dict[Verb, Callable[[Connection, OwnLink, datetime], None]] = {
    Verb.NOT_RIGHT: _say_not_right,
    Verb.RAISE: _raise,
}


def _note(conn: Connection, link: OwnLink, action: str, object_: str, now: datetime) -> None:
    audit.append(conn, keyring_of(conn), now, link.owner, action, object_=object_)


def _year(conn: Connection, message_id: int) -> int | None:
    """Return the year of the pupils of a message, None where it is not one."""
    found = select(decisions.c.pupils).where(decisions.c.message_id == message_id)
    ids = conn.execute(found).scalar_one_or_none() or ()
    years = set(conn.execute(select(pupils.c.year).where(pupils.c.id.in_(ids))).scalars())
    return years.pop() if len(years) == 1 else None


def _seal(keyring: Keyring, verb: Verb, message_id: int, owner: str, last: date) -> str:
    return keyring.digest("own link", verb, str(message_id), owner.lower(), last.isoformat())[:_MAC]


def _parts(text: str) -> tuple[int, str, str]:
    """Return the message's number, the day and the seal that a link names; 0 for what is no number."""
    named, _, rest = text.partition("-")
    day, _, seal = rest.partition("-")
    is_number = named.isascii() and named.isdecimal() and len(named) <= len(str(_LARGEST))
    number = int(named) if is_number else 0
    return (number if number <= _LARGEST else 0), day, seal


def _day(text: str) -> date | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_DAY
    try:
        return date.fromordinal(int(text)) if is_number else None
    except (ValueError, OverflowError):
        return None
