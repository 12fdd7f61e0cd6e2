"""What the record holds that bears on a message: read before the decision, handed to it as a value."""

from sqlalchemy import Connection, select

from triage.domain.matter import is_verified
from triage.domain.model import History, Identity, Message
from triage.store.addresses import address_hash
from triage.store.keys import Keyring
from triage.store.safeguarding import open_safeguarding
from triage.store.tables import actions, correspondents

WENT_OUT = ("sending", "sent", "unsure")


def read_history(
    conn: Connection, keyring: Keyring, message: Message, identity: Identity, *, resync: bool
) -> History:
    """Read what bears on a message. An answer counts as one only by exact Message-ID from the same sender."""
    whose = address_hash(keyring, message.sender.address)
    return History(
        answers_our_reply=_answered(conn, message, whose),
        open_safeguarding=open_safeguarding(conn, whose, pupils=_pupils(message, identity)),
        suppressed=_suppressed(conn, whose),
        is_our_own=_is_our_own(conn, message),
        resync=resync,
    )


def _answered(conn: Connection, message: Message, whose: str) -> int | None:
    # Without In-Reply-To the parent is the last of References; earlier ones are only the thread.
    ids = message.in_reply_to or message.references[-1:]
    answered = (
        select(actions.c.case_id)
        .where(
            actions.c.kind == "reply",
            actions.c.message_id.in_(ids),
            actions.c.correspondent == whose,
            actions.c.state.in_(WENT_OUT),
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
