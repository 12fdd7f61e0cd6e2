"""What the record holds that bears on a message: read before the decision, handed to it as a value."""

from datetime import timedelta

from sqlalchemy import Connection, select

from triage.domain.matter import is_verified
from triage.domain.model import History, Identity, Message
from triage.message.our_words import words_of_reply
from triage.store.addresses import address_hash
from triage.store.discussion import under_discussion
from triage.store.keys import Keyring
from triage.store.safeguarding import open_safeguarding
from triage.store.sent import is_read, is_sent
from triage.store.settlement import WENT_OUT
from triage.store.tables import actions, case_pupils, correspondents

JOINS_FOR = timedelta(days=28)
"""For how long an answer to a reply of ours joins its case."""
SENT_FRESH = timedelta(days=1)
"""How long before a message sent mail may last have been read, for an unknown id to mean something."""


def read_history(
    conn: Connection, keyring: Keyring, message: Message, identity: Identity, *, mailbox: str, resync: bool
) -> History:
    """Read what bears on a message that lies in the mailbox of an address.

    An answer to our reply counts as one only by exact Message-ID from the same sender.
    """
    whose = address_hash(keyring, message.sender.address)
    answered = _answered(conn, message, whose)
    subject, words = _our_words(conn, message)
    return History(
        answers_our_reply=answered,
        case_pupils=_case_pupils(conn, answered),
        our_subject=subject,
        our_words=words,
        answers_sent=_answers_sent(conn, message, mailbox),
        answers_automatic=_answers_automatic(conn, message),
        under_discussion=under_discussion(conn, keyring, message, identity, joins=answered),
        open_safeguarding=open_safeguarding(conn, whose, pupils=_pupils(message, identity)),
        suppressed=_suppressed(conn, whose),
        is_our_own=_is_our_own(conn, message),
        resync=resync,
    )


def _parents(message: Message) -> tuple[str, ...]:
    """Return what a message answers: without In-Reply-To the last of References, the rest is the thread."""
    return message.in_reply_to or message.references[-1:]


def _answers_sent(conn: Connection, message: Message, mailbox: str) -> bool | None:
    """Tell whether anything in the thread was sent by staff; None where sent mail is not read."""
    if is_sent(conn, (*message.in_reply_to, *message.references)):
        return True
    return False if is_read(conn, mailbox, message.received - SENT_FRESH) else None


def _answers_automatic(conn: Connection, message: Message) -> bool:
    """Tell whether a message answers one of ours, whoever writes: it may have been passed on."""
    if not _parents(message):
        return False
    ours = select(actions.c.id).where(actions.c.message_id.in_(_parents(message)))
    return conn.execute(ours.limit(1)).first() is not None


def _our_words(conn: Connection, message: Message) -> tuple[str, str]:
    """Return subject and text of the mail of ours that a message answers, "" where it is not known."""
    if not _parents(message):
        return "", ""
    ours = select(actions.c.raw).where(
        actions.c.message_id.in_(_parents(message)), actions.c.raw.is_not(None)
    )
    raw = conn.execute(ours.order_by(actions.c.id.desc()).limit(1)).scalar_one_or_none()
    return ("", "") if raw is None else words_of_reply(raw.encode("latin-1"))


def _case_pupils(conn: Connection, case_id: int | None) -> tuple[str, ...]:
    """Return the pupils whom the case that is answered is about."""
    if case_id is None:
        return ()
    about = select(case_pupils.c.pupil_id).where(case_pupils.c.case_id == case_id)
    return tuple(conn.execute(about.order_by(case_pupils.c.pupil_id)).scalars())


def _answered(conn: Connection, message: Message, whose: str) -> int | None:
    """Return the case whose reply a message answers; an old one is only what somebody took to write anew."""
    if not _parents(message):
        return None
    answered = (
        select(actions.c.case_id)
        .where(
            actions.c.kind == "reply",
            actions.c.message_id.in_(_parents(message)),
            actions.c.correspondent == whose,
            actions.c.state.in_(WENT_OUT),
            actions.c.said_at > message.received - JOINS_FOR,
        )
        .order_by(actions.c.id.desc())
    )
    return conn.execute(answered.limit(1)).scalar_one_or_none()


def _pupils(message: Message, identity: Identity) -> tuple[str, ...]:
    """Return the pupils whose flags may change the reply: all who fit, for a sender who is known (T2).

    Whoever is not must not learn from a reply, or from silence, what is on record about a pupil they name.
    """
    return (*identity.pupils, *identity.several) if is_verified(message, identity) else ()


def _suppressed(conn: Connection, whose: str) -> str | None:
    found = select(correspondents.c.suppressed).where(correspondents.c.address_hash == whose)
    return conn.execute(found).scalar_one_or_none()


def _is_our_own(conn: Connection, message: Message) -> bool:
    if message.message_id is None:
        return False
    ours = select(actions.c.id).where(actions.c.message_id == message.message_id)
    return conn.execute(ours.limit(1)).first() is not None
