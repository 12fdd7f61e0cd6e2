"""Reading a whole mailbox to judge it and do nothing: by EXAMINE and BODY.PEEK, a few messages at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.model import Delivery
from triage.mail.batches import chunks
from triage.mail.imap import Fetched, MailboxSession

_AT_ONCE = 500
_A_DAY = timedelta(days=1)  # the server searches by days of a zone of its own


@dataclass(frozen=True, slots=True)
class Inbox:
    """A mailbox of the settings: its folders, and how to open a session. ``connect`` raises MailError."""

    delivery: Delivery
    folders: tuple[str, ...]
    cap_bytes: int
    connect: Callable[[], MailboxSession]


def arrived(inbox: Inbox, since: datetime, found: Callable[[int], None]) -> Iterator[tuple[str, Fetched]]:
    """Yield the messages that have arrived since a moment, each with its folder, as they are fetched.

    ``found`` is told of each folder how many they are. Of a message over the cap its first bytes come.
    Nothing in the mailbox changes. Raises MailError.
    """
    with inbox.connect() as session:
        for folder in inbox.folders:
            session.select(folder)
            due = _due(session, since)
            found(len(due))
            for uids in chunks(due, _AT_ONCE):
                for fetched in session.fetch(uids, inbox.cap_bytes):
                    yield folder, fetched


def _due(session: MailboxSession, since: datetime) -> list[int]:
    """Return those that arrived since; one whose time of arrival nobody knows counts too."""
    lie = session.sizes(session.uids_since((since - _A_DAY).date()))
    return [uid for uid, one in lie.items() if one.internaldate is None or one.internaldate >= since]
