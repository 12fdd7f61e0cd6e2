"""What a rehearsal has found and must not be left lying: a case like any other, beside the mailboxes.

The message is entered under a folder that is nobody's. So no mailbox counts as read any further than it is, a
first contact is as it would have been, and in the mailbox's own pages and figures one single message of its
kind does not give away that it is there. When the service meets the message itself it joins the same case.
"""

from dataclasses import replace

from sqlalchemy import Connection, exists, func, select

from triage.store.addresses import message_key
from triage.store.decided import record
from triage.store.intake import Intake, Recorded, begin_attempts
from triage.store.keys import Keyring
from triage.store.mailboxes import PASSED_ON, ensure_mailbox
from triage.store.tables import mailboxes, messages

_UIDVALIDITY = 1
_NOBODYS = ""


def make_room(conn: Connection) -> int:
    """Return the folder of what is passed on, made on the first call: that it is there tells nothing."""
    return ensure_mailbox(conn, _NOBODYS, PASSED_ON).id


def pass_on(conn: Connection, keyring: Keyring, found: Intake) -> Recorded:
    """Record a decided message of a rehearsal; nothing when it is on record already, from wherever.

    Where ``found`` says that it lies does not matter.
    """
    box = make_room(conn)
    # Two rehearsals at a time pass on one after the other.
    conn.execute(select(mailboxes.c.id).where(mailboxes.c.id == box).with_for_update())
    if _is_on_record(conn, message_key(keyring, found.message)):
        return Recorded(decided=False)
    last = select(func.max(messages.c.uid)).where(messages.c.mailbox_id == box)
    uid = (conn.execute(last).scalar_one() or 0) + 1
    begin_attempts(conn, box, _UIDVALIDITY, [uid], found.now)
    return record(conn, keyring, replace(found, mailbox_id=box, uidvalidity=_UIDVALIDITY, uid=uid))


def _is_on_record(conn: Connection, origin: str) -> bool:
    return conn.execute(select(exists().where(messages.c.origin == origin))).scalar_one()
