"""The end of a claim: what the server answered, or that nobody will ever know; and what came back later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, or_, select, update

from triage.domain.machine_headers import null_return_path
from triage.domain.model import Flag, Message, Returned, Route, Severity, Trouble
from triage.store.actions import Action, Kind, read_action
from triage.store.addresses import address_hash
from triage.store.db import database_now
from triage.store.encrypted import keyring_of
from triage.store.flagging import raise_flag
from triage.store.restraint import take_back
from triage.store.tables import actions, correspondents, decisions, mailboxes

Outcome = Literal["sent", "retry", "rejected", "unsure", "abandoned"]

REJECTED = 500
WENT_OUT = ("sending", "sent", "unsure")
FREE: dict[str, object] = {
    "holder": None,
    "claim_token": None,
    "claim_expires_at": None,
    "data_started_at": None,
}
_TAKES_NO_MAIL = "it came back: the address takes no mail"
_DOUBTFUL = "a report says that it came back, but not as a mail server reports it: nobody is silenced by it"
_WITHOUT_PATH = (
    "a report says that it came back, but without a Return-Path, so it may be forged: nobody is silenced "
    "by it; triage check --mailbox tells whether the server strips it"
)
_NOT_THEIR_OWN = "it came back, and not because of the address: the report in the mailbox says why"
_FAILED: Mapping[Kind, Trouble] = {
    "reply": Trouble.REPLY_FAILED,
    "notify": Trouble.NOTICE_FAILED,
    "alert": Trouble.NOTICE_FAILED,
}
TRIED_FOR = timedelta(days=7)
"""For how long after a reply a report that it did not arrive can come."""

LABEL_ATTEMPTS = 5  # a reply comes to be too late by itself, and a notice is never given up for a crash
UNSAID: dict[str, object] = {"said": None, "said_at": None}


@dataclass(frozen=True, slots=True)
class Recovered:
    """Actions whose claim ran out: those that are due again, and those that may have gone out."""

    returned: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()


def settle(
    conn: Connection,
    action_id: int,
    token: str,
    *,
    kind: Outcome,
    now: datetime,
    code: int | None = None,
    text: str = "",
    raw: bytes | None = None,
    next_attempt_at: datetime | None = None,
    recipient_refused: bool = False,
) -> bool:
    """Write down how a claimed action ended. False: the claim was no longer ours, and nothing is written.

    "sent" keeps ``raw``. "retry" and "abandoned" mean that nothing went out: the action is pending again at
    ``next_attempt_at``; "retry" without one gives up, like "rejected". "rejected" fails it and raises a flag.
    "unsure" is never sent again and raises a flag; a notice or label is tried again instead, because
    a second notice does no harm and a lost one does. ``recipient_refused``: a 5xx to RCPT, so that address is
    never written to again.
    """
    action = read_action(conn, action_id)
    if action is None:
        return False
    end = _end(action.kind, kind, next_attempt_at)
    answer: dict[str, object] = {"code": code, "answer": text or None}
    if end == "sent":
        return _finish(conn, action, token, answer | {"state": "sent", "raw": _text(raw)}, now)
    if end == "unsure":
        return _unsure(conn, action, token, answer | {"raw": _text(raw)}, now)
    if end == "failed":
        return _fail(conn, action, token, answer, now, suppress=_suppresses(kind, code, recipient_refused))
    return _return(conn, action, token, answer, next_attempt_at or now)


def recover(conn: Connection, now: datetime) -> Recovered:
    """Free every claim that ran out by the database's clock; safe beside workers and other sweeps.

    A reply whose DATA had not begun is due again; one whose DATA had begun is unsure. A notice is due again.
    """
    returned: list[int] = []
    unsure: list[int] = []
    for action_id, token, data_started_at in _lapsed(conn):
        action = read_action(conn, action_id)
        if action is None:
            continue
        if action.kind == "reply" and data_started_at is not None:
            if _unsure(conn, action, token, {}, now):
                unsure.append(action_id)
        elif action.kind == "label" and action.attempts >= LABEL_ATTEMPTS:
            _fail(conn, action, token, {}, now, suppress=False)
        elif _return(conn, action, token, {}, now):
            returned.append(action_id)
    return Recovered(tuple(returned), tuple(unsure))


def came_back(conn: Connection, message: Message, mailbox_id: int, now: datetime) -> bool:
    """Take in what a delivery report tells: an address that takes no mail is not written to again.

    A notice that came back has failed: whoever it was for does not know.
    The address is the one that we wrote to, whatever the report says of others (RFC 3464; D1, #3). False, and
    nothing is written, where the report names nothing that we sent, or does not say that it has failed.
    Our ids are keyed hashes, but whoever gets a copy of an answer to us learns one. So a report that could be
    forged silences nobody.
    """
    returned = message.returned
    sent = _named(conn, returned) if returned is not None and returned.failed else None
    action = None if sent is None else read_action(conn, sent)
    if action is None or returned is None:
        return False
    why = _TAKES_NO_MAIL if returned.refused else _NOT_THEIR_OWN
    if returned.refused and action.correspondent is not None:
        if _is_plausible(conn, action, message, mailbox_id, now):
            _suppress(conn, action.correspondent, now)
        else:
            why = _DOUBTFUL if message.return_path is not None else _WITHOUT_PATH
    if action.kind == "notify":
        conn.execute(update(actions).where(actions.c.id == action.id).values(state="failed", settled_at=now))
    _flag(conn, action, _FAILED[action.kind], why, now)
    return True


def _is_plausible(conn: Connection, action: Action, message: Message, mailbox_id: int, now: datetime) -> bool:
    """Tell whether a report came as a server sends it: from nobody, to who had sent, in time, unanswered.

    RFC 3464 section 2: the null sender, to the envelope sender. RFC 5321 section 4.5.4.1: servers try for
    some days. Whoever has answered the reply has got it.
    """
    if not null_return_path(message) or action.said_at is None or now - action.said_at > TRIED_FOR:
        return False
    same = mailboxes.alias()
    sent = mailboxes.c.id == action.mailbox_id, mailboxes.c.address_hash == same.c.address_hash
    came = select(mailboxes.c.id).where(*sent, same.c.id == mailbox_id)
    return conn.execute(came).first() is not None and not _is_answered(conn, action)


def _is_answered(conn: Connection, action: Action) -> bool:
    """Tell whether whoever was written to has written again in the case since."""
    later = decisions.c.case_id == action.case_id, decisions.c.decided_at > action.said_at
    senders = conn.execute(select(decisions.c.sender).where(*later)).scalars()
    return action.correspondent in {address_hash(keyring_of(conn), sender) for sender in senders}


def _named(conn: Connection, returned: Returned) -> int | None:
    """Return the id of what we sent under one of the names that a report gives, None when there is none."""
    # A server may have put an id of its own in the place of ours; it leaves the mark alone.
    marked = [actions.c.message_id.startswith(f"<{mark}@", autoescape=True) for mark in returned.marks]
    named = or_(actions.c.message_id.in_(returned.ids), *marked)
    found = select(actions.c.id).where(named, actions.c.state.in_(WENT_OUT)).order_by(actions.c.id.desc())
    return conn.execute(found.limit(1)).scalar_one_or_none()


def _end(kind: Kind, outcome: Outcome, next_attempt_at: datetime | None) -> str:
    """Tell in which state an outcome leaves an action."""
    if outcome == "unsure" and kind != "reply":
        outcome = "retry"
    if outcome == "retry":
        return "failed" if next_attempt_at is None else "pending"
    return {"sent": "sent", "unsure": "unsure", "rejected": "failed", "abandoned": "pending"}[outcome]


def _lapsed(conn: Connection) -> list[tuple[int, str, datetime | None]]:
    lapsed = (
        select(actions.c.id, actions.c.claim_token, actions.c.data_started_at)
        .where(actions.c.state == "sending", actions.c.claim_expires_at <= database_now(conn))
        .order_by(actions.c.id)
        .with_for_update(skip_locked=True)
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(lapsed)]


def _ours(conn: Connection, action: Action, token: str, values: dict[str, object]) -> bool:
    """Change an action that is still claimed under this token."""
    where = (actions.c.id == action.id, actions.c.state == "sending", actions.c.claim_token == token)
    return conn.execute(update(actions).where(*where).values(**values)).rowcount == 1


def _finish(conn: Connection, action: Action, token: str, values: dict[str, object], now: datetime) -> bool:
    return _ours(conn, action, token, FREE | {"settled_at": now} | values)


def _return(conn: Connection, action: Action, token: str, answer: dict[str, object], at: datetime) -> bool:
    values = FREE | UNSAID | answer | {"state": "pending", "next_attempt_at": at}
    if not _ours(conn, action, token, values):
        return False
    take_back(conn, action.id)
    return True


def _unsure(conn: Connection, action: Action, token: str, answer: dict[str, object], now: datetime) -> bool:
    if not _finish(conn, action, token, answer | {"state": "unsure"}, now):
        return False
    _flag(
        conn,
        action,
        Trouble.REPLY_UNSURE,
        "nobody knows whether the reply arrived; it is not sent again",
        now,
    )
    return True


def _fail(
    conn: Connection, action: Action, token: str, answer: dict[str, object], now: datetime, *, suppress: bool
) -> bool:
    if not _finish(conn, action, token, UNSAID | answer | {"state": "failed"}, now):
        return False
    take_back(conn, action.id)
    if suppress and action.correspondent is not None:
        _suppress(conn, action.correspondent, now)
    if action.kind in _FAILED:
        _flag(conn, action, _FAILED[action.kind], "the mail server refused it for good", now)
    return True


def _suppresses(kind: Outcome, code: int | None, recipient_refused: bool) -> bool:
    return kind == "rejected" and recipient_refused and code is not None and code >= REJECTED


def _suppress(conn: Connection, whose: str, now: datetime) -> None:
    conn.execute(
        update(correspondents)
        .where(correspondents.c.address_hash == whose, correspondents.c.suppressed.is_(None))
        .values(suppressed="the address refused a reply", suppressed_at=now)
    )


def _flag(conn: Connection, action: Action, trouble: Trouble, why: str, now: datetime) -> None:
    if action.case_id is not None:
        flag = Flag(trouble, Severity.HIGH, Route.ADMINISTRATOR, why=why)
        raise_flag(conn, action.case_id, flag, now, origin=action.dedupe)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("latin-1")
