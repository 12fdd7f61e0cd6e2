"""What ``triage status`` shows: how mailboxes, replies and flags stand, in ids, states and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.console import Row, Section
from triage.mail.relays import AS, SCHOOL
from triage.store.addresses import address_hash
from triage.store.encrypted import keyring_of
from triage.store.health import set_aside
from triage.store.intake import counts
from triage.store.mailboxes import MailboxRow, list_mailboxes
from triage.store.outages import current
from triage.store.outbox import Kind, tally, withheld_reasons
from triage.store.roster import roster_imported_at
from triage.store.switches import replies_stopped
from triage.store.tokens import TokenRow, list_tokens
from triage.store.watched import Unread, behind, news_of, sort_of_trouble, unread
from triage.views import Place, flag_totals, named, trouble

KINDS: tuple[Kind, ...] = ("reply", "notify", "alert", "label")
NOBODY = ""
"""Who looks where nobody is named: no case is about them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The folders that the settings name, and how often each is looked into."""

    places: Sequence[Place]
    every: timedelta


def status_sections(conn: Connection, watched: Watched, now: datetime, *, live: bool) -> list[Section]:
    """Return the state of the service, in ids and numbers: replies, mailboxes, messages, outbox, flags.

    ``live`` tells whether the settings let replies out.
    """
    known = {(row.address, row.folder): row for row in list_mailboxes(conn)}
    return [
        Section("service", "Service", [_service(conn, live=live)], upright=True),
        Section("mailbox", "Mailboxes", list(_mailboxes(known, watched, unread(conn), now))),
        Section("failing", "Failing", [_failing(row) for row in known.values() if row.failures]),
        trouble((place, row.last_error) for place, row in known.items()),
        Section("token", "Tokens for signing in", [_token(row, now) for row in list_tokens(conn)]),
        Section("sending", "Cannot send", list(_cannot_send(conn, watched))),
        _set_aside(conn),
        Section("messages", "Messages seen", [_messages(conn, row) for row in known.values()]),
        Section("outbox", "Outbox", _outbox(conn), "nothing was sent yet"),
        Section("withheld", "Replies withheld at the last moment", _withheld(conn)),
        flag_totals(conn),
    ]


def _service(conn: Connection, *, live: bool) -> Row:
    stopped = replies_stopped(conn)
    return {
        "replies": "stopped" if stopped else "live" if live else "rehearsed",
        "stopped_at": stopped.at if stopped else None,
        "stopped_by": stopped.by if stopped else None,
        "reason": stopped.reason if stopped else None,
        "roster_imported": roster_imported_at(conn),
    }


def _mailboxes(
    known: Mapping[Place, MailboxRow], watched: Watched, left: Mapping[int, Unread], now: datetime
) -> Iterator[Row]:
    for place in dict.fromkeys((*watched.places, *known)):
        row = known.get(place)
        unhandled = left.get(row.id, Unread()) if row else Unread()
        late = behind(row, unhandled, watched.every, now) if row else None
        yield {
            "mailbox": place[0],
            "folder": place[1],
            "state": _mailbox_state(row) if place in watched.places else "not in the settings",
            "news": news_of(row) if row else None,
            "last_read": row.last_success_at if row else None,
            "minutes_behind": None if late is None else late // timedelta(minutes=1),
            "set_aside": unhandled.set_aside,
        }


def _failing(row: MailboxRow) -> Row:
    return {
        "mailbox": row.address,
        "folder": row.folder,
        "what": sort_of_trouble(row),
        "in_a_row": row.failures,
        "next_try": row.next_attempt_at,
    }


def _token(row: TokenRow, now: datetime) -> Row:
    """Return how a token stands; of what it is nothing is told."""
    age = None if row.obtained_at is None else (now - row.obtained_at) // timedelta(minutes=1)
    over = row.expires_at is None or row.expires_at <= now
    return {
        "for": row.whose,
        "state": "failing" if row.failing_since else "run out" if over else "good",
        "minutes_old": age,
        "runs_out": row.expires_at,
        "logged_in": row.logged_in_at,
        "failing_since": row.failing_since,
        "failures": row.failures,
        "trouble": row.words,
    }


def _cannot_send(conn: Connection, watched: Watched) -> Iterator[Row]:
    """Yield each submission server that is out of order, and whose login where that is one mailbox's own."""
    whose = {address_hash(keyring_of(conn), address): address for address, _ in watched.places}
    for each in current(conn):
        if each.name == SCHOOL or each.name.startswith(f"{SCHOOL} "):
            server, _, login = each.name.partition(AS)
            yield {
                "server": server,
                "mailbox": whose.get(login, "not in the settings") if login else None,
                "what": "sign-in refused" if each.refused else "out of reach",
                "since": each.since,
            }


def _set_aside(conn: Connection) -> Section:
    """Return where the mail lies that is left to people, by its numbers."""
    found = set_aside(conn, NOBODY)
    rows = [
        {
            "mailbox": each.address,
            "folder": each.folder,
            "uid": each.uid,
            "case": each.case_id,
            "first_seen": each.since,
            "tries": each.attempts,
        }
        for each in found.shown
    ]
    more = f" (the newest {len(rows)} of {found.number})" if found.more else ""
    return Section("set-aside", f"Set aside: to be read in the mailbox, by its owner{more}", rows)


def _mailbox_state(row: MailboxRow | None) -> str:
    if row is None or row.first_contact_at is None:
        return "failing" if row and row.failures else "never read"
    if row.failures:
        return "failing"
    return "replies paused" if row.paused_at else "read"


def _messages(conn: Connection, row: MailboxRow) -> Row:
    found = counts(conn, row.id)
    return {
        "mailbox": row.address,
        "folder": row.folder,
        "seen": found.seen,
        "decided": found.decided,
        "known": found.known,
        "vanished": found.vanished,
        "set_aside": found.quarantined,
        "unfinished": found.unfinished,
    }


def _outbox(conn: Connection) -> list[Row]:
    return [
        {"what": named(kind), "state": state, "number": number}
        for kind in KINDS
        for state, number in sorted(tally(conn, kind).items())
    ]


def _withheld(conn: Connection) -> list[Row]:
    return [{"reason": why, "replies": number} for why, number in sorted(withheld_reasons(conn).items())]
