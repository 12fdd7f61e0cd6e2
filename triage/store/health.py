"""How the service stands, for whoever looks after it: ids, states and numbers, and no word of a message.

Each list holds so many at most, and says how many there are. A case in which something is alleged about
the viewer is left out everywhere, as on its own page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from triage.domain.model import Trouble
from triage.store.actions import Kind
from triage.store.addresses import address_hash
from triage.store.db import database_now
from triage.store.encrypted import keyring_of
from triage.store.tables import accounts, actions, decisions, flags, mailboxes, messages, roster_imports

LISTED = 100
RECENT = timedelta(days=30)
"""How long what nobody can mark as dealt with is told, and over which time the withheld are counted."""

OVERDUE = timedelta(minutes=15)
"""How long after its time something that has not gone out is stuck: the sweep comes every few minutes."""

SUPPRESSED = "suppressed"
"""The gate, and the reason, of an address that has refused a reply."""

T = TypeVar("T")


class Standing(StrEnum):
    """What is wrong with something that should go out."""

    UNSURE = "unsure"
    FAILED = "failed"
    STUCK = "stuck"
    TRYING = "trying"


@dataclass(frozen=True, slots=True)
class Few(Generic[T]):
    """The first of many: ``shown``, of ``number`` that there are."""

    shown: tuple[T, ...] = ()
    number: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.shown)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reply or a notice that did not go out as it should. ``code`` is what the mail server answered.

    ``at`` is when it came to stand so; of what is still to go out, when it should have gone.
    """

    id: int
    case_id: int | None
    state: str
    at: datetime
    attempts: int
    code: int | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be read, and lies in its mailbox for people."""

    address: str
    folder: str
    uid: int
    attempts: int
    since: datetime
    case_id: int | None


@dataclass(frozen=True, slots=True)
class Import:
    """The last import of the roster, in numbers."""

    imported_at: datetime
    pupils: int
    guardians: int


@dataclass(frozen=True, slots=True)
class Disabled:
    """An account that is shut out."""

    address: str
    since: datetime


def unsent(conn: Connection, address: str, kind: Kind, now: datetime) -> Mapping[Standing, Few[Unsent]]:
    """Return what of a kind did not go out as it should and waits for somebody, the newest first.

    What is unsure or has failed waits as long as the flag that says so is open on its case, or for ``RECENT``
    where there is no case.
    """
    own = actions.c.kind == kind, _not_about(conn, actions.c.case_id, address)
    return {each: _few_unsent(conn, *own, _is(conn, each, kind, now)) for each in Standing}


def withheld(conn: Connection, address: str, now: datetime) -> Mapping[str, int]:
    """Return how many replies that were due within ``RECENT`` were withheld, by reason, the most first.

    What an address that takes no mail would have been told is among them: it comes to no action.
    """
    counted = (
        select(actions.c.reason, func.count())
        .where(
            actions.c.kind == "reply",
            actions.c.state == "withheld",
            actions.c.next_attempt_at > now - RECENT,
            _not_about(conn, actions.c.case_id, address),
        )
        .group_by(actions.c.reason)
    )
    found = {row[0]: row[1] for row in conn.execute(counted)}
    untold = _suppressed(conn, address, now)
    if untold:
        found[SUPPRESSED] = found.get(SUPPRESSED, 0) + untold
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _suppressed(conn: Connection, address: str, now: datetime) -> int:
    """Return how many decisions had something to say to an address that is not written to any more."""
    where = (
        decisions.c.withheld == SUPPRESSED,
        decisions.c.decided_at > now - RECENT,
        func.json_array_length(decisions.c.parts) > 0,
        _not_about(conn, decisions.c.case_id, address),
    )
    return conn.execute(select(func.count()).select_from(decisions).where(*where)).scalar_one()


def set_aside(conn: Connection, address: str) -> Few[SetAside]:
    """Return the messages that were set aside and whose flag is open, the newest first."""
    where = (
        messages.c.mailbox_id == mailboxes.c.id,
        messages.c.state == "quarantined",
        _has_open(messages.c.case_id, Trouble.UNREADABLE),
        _not_about(conn, messages.c.case_id, address),
    )
    columns = (
        mailboxes.c.address,
        mailboxes.c.folder,
        messages.c.uid,
        messages.c.attempts,
        messages.c.first_seen_at.label("since"),
        messages.c.case_id,
    )
    rows = conn.execute(select(*columns).where(*where).order_by(messages.c.id.desc()).limit(LISTED))
    number = conn.execute(select(func.count()).select_from(messages, mailboxes).where(*where)).scalar_one()
    return Few(tuple(SetAside(**row) for row in rows.mappings()), number)


def last_import(conn: Connection) -> Import | None:
    """Return the last import of the roster, None when there was none."""
    columns = [roster_imports.c[name] for name in Import.__dataclass_fields__]
    row = conn.execute(select(*columns).order_by(roster_imports.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else Import(**row)


def disabled_accounts(conn: Connection) -> Few[Disabled]:
    """Return the accounts that are shut out, the latest first."""
    shut = accounts.c.disabled_at.is_not(None)
    found = select(accounts.c.address, accounts.c.disabled_at).where(shut)
    rows = conn.execute(found.order_by(accounts.c.disabled_at.desc(), accounts.c.id).limit(LISTED))
    number = conn.execute(select(func.count()).select_from(accounts).where(shut)).scalar_one()
    return Few(tuple(Disabled(*row) for row in rows), number)


def _few_unsent(conn: Connection, *where: ColumnElement[bool]) -> Few[Unsent]:
    at = func.coalesce(actions.c.settled_at, actions.c.next_attempt_at)
    columns = [actions.c[name] for name in Unsent.__dataclass_fields__ if name != "at"]
    rows = conn.execute(
        select(*columns, at.label("at")).where(*where).order_by(actions.c.id.desc()).limit(LISTED)
    )
    number = conn.execute(select(func.count()).select_from(actions).where(*where)).scalar_one()
    return Few(tuple(Unsent(**row) for row in rows.mappings()), number)


def _is(conn: Connection, standing: Standing, kind: Kind, now: datetime) -> ColumnElement[bool]:
    failed = Trouble.REPLY_FAILED if kind == "reply" else Trouble.NOTICE_FAILED
    match standing:
        case Standing.UNSURE:
            return and_(actions.c.state == "unsure", _waits(Trouble.REPLY_UNSURE, now))
        case Standing.FAILED:
            return and_(actions.c.state == "failed", _waits(failed, now))
        case Standing.STUCK:
            # A claim runs out by the database's clock, as whoever took it asked.
            lapsed = actions.c.claim_expires_at <= database_now(conn) - OVERDUE
            return or_(
                and_(actions.c.state == "pending", actions.c.next_attempt_at <= now - OVERDUE),
                and_(actions.c.state == "sending", lapsed),
            )
        case Standing.TRYING:
            due = actions.c.next_attempt_at > now - OVERDUE
            return and_(actions.c.state == "pending", due, actions.c.attempts > 0)


def _waits(trouble: Trouble, now: datetime) -> ColumnElement[bool]:
    recent = and_(actions.c.case_id.is_(None), actions.c.settled_at > now - RECENT)
    return or_(recent, _has_open(actions.c.case_id, trouble))


def _has_open(case_id: ColumnElement[int | None], trouble: Trouble) -> ColumnElement[bool]:
    """Return the condition that nobody has dealt with the flag that tells of a trouble."""
    return exists().where(flags.c.case_id == case_id, flags.c.state == "open", flags.c.topic == trouble.value)


def _not_about(conn: Connection, case_id: ColumnElement[int | None], address: str) -> ColumnElement[bool]:
    own = address_hash(keyring_of(conn), address)
    about = select(flags.c.case_id).where(flags.c.about_hash == own)
    return or_(case_id.is_(None), case_id.not_in(about))
