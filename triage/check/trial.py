"""``triage check --mailbox``: one mailbox tried from end to end, by a message that it sends itself.

It signs in, reads, sends, waits for what it has sent, labels it where labels are on, looks at what was
written on it on its way, and takes it away again. Nobody else's message is opened, marked or moved.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.check.answers import explained
from triage.check.line import Line
from triage.check.mended import ENDED, end_wait
from triage.check.verdict import returns, verdict
from triage.context import Sender
from triage.from_settings import gateway_of, relays_of
from triage.mail.imap import Login, MailboxSession, MailError, add_labels, connect, connect_to_write
from triage.message.compose import Envelope, compose_notice
from triage.message.headers import fields
from triage.message.structure import line_ends, split
from triage.reach import deliver_by, login_of, table_of
from triage.settings import Settings, SettingsError
from triage.settings.servers import Give, MailboxTable
from triage.store.errors import StoreError

SUBJECT = "School inbox: a trial, nothing to do"
_TEXT = "This message was sent by triage check to try the mailbox. It takes itself away again."
EVERY, TRIES = 5.0, 36
"""How often it is looked for, in seconds, and how many times: three minutes."""
_MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class _Found:
    """The message as it came: where it lies, by what id, its headers topmost first."""

    folder: str
    uidvalidity: int
    uid: int
    message_id: str
    headers: list[tuple[str, str]]


def try_mailbox(
    settings: Settings,
    address: str,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    give: Give | None = None,
) -> Iterator[Line]:
    """Try one mailbox of the settings, a line a step, each as soon as it is known.

    After a server has failed there is no further step. ``wait`` lets so many seconds go by, ``give`` gives
    tokens. Never raises for what it finds.
    """
    mailbox = next((one for one in settings.mailboxes if one.address.lower() == address.lower()), None)
    if mailbox is None:
        yield Line("fail", "mailbox", "the settings name no such mailbox: write its mailboxes.address")
        return
    step = "sign in"
    try:
        for line in _steps(settings, mailbox, clock, wait, give):
            step = f"after {line.name}"
            yield line
    except (MailError, SettingsError, StoreError, OSError) as error:
        words = explained(str(error), settings.imap.host, mailbox.address, settings.oauth)
        yield Line("fail", step, words)


def _steps(
    settings: Settings,
    mailbox: MailboxTable,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    give: Give | None,
) -> Iterator[Line]:
    login = login_of(settings, mailbox, give)
    with connect(settings.imap.server(), login) as session:
        ended = f"; {ENDED}" if end_wait(settings, login, clock) else ""
        yield Line("ok", "sign in", f"as {login.username}{ended}")
        marks = _marks(session, settings, mailbox)
        yield Line("ok", "read", f"{', '.join(marks)}: opened read-only")
    mark = secrets.token_hex(20)  # as long as those by which our own mail is known when it comes back
    sent = _send(settings, mailbox.address, mark, clock(), give)
    yield sent
    if sent.ok == "fail":
        return
    found = _awaited(settings, login, marks, mark, wait)
    if found is None:
        minutes = EVERY * TRIES / 60
        yield Line("fail", "arrive", f"it has not come in {minutes:.0f} minutes; look for it by hand")
        return
    yield _arrived(found, mailbox)
    if settings.labels.enabled:
        yield _labelled(settings, login, found)
    yield returns(found.headers)
    yield verdict(found.headers, gateway_of(settings), mailbox.address)
    yield _taken_away(settings, login, marks, mark)


def _marks(session: MailboxSession, settings: Settings, mailbox: MailboxTable) -> dict[str, int]:
    """Return where the trial may come to lie, with the number from which on each folder is looked into."""
    folders = dict.fromkeys((*mailbox.folders, session.junk_folder(), _sent(session, settings, mailbox)))
    return {folder: session.select(folder).uidnext for folder in folders if folder}


def _sent(session: MailboxSession, settings: Settings, mailbox: MailboxTable) -> str | None:
    """Return the folder of sent mail, in which some servers file a copy of what they send."""
    named = mailbox.sent_folder()
    return session.sent_folder(settings.imap.names_of_sent()) if named == "" else named


def _send(settings: Settings, address: str, mark: str, now: datetime, give: Give | None) -> Line:
    domain = address.rpartition("@")[2]
    envelope = Envelope(settings.school.name, address, address, f"<{mark}@{domain}>", now)
    relays = relays_of(settings)
    relay = relays.of(address)
    sender = Sender(address, "" if relay.null_sender else address)
    raw = compose_notice(envelope, f"{SUBJECT} {_word(mark)}", _TEXT)
    answer = deliver_by(settings, relays, give)(sender, address, raw, lambda: True)
    if answer.kind == "sent":
        return Line("ok", "send", f"by {relay.name}, MAIL FROM:<{sender.envelope}>")
    host = table_of(settings, relay).host
    return Line("fail", "send", explained(answer.text, host, address, settings.oauth))


def _awaited(
    settings: Settings, login: Login, marks: dict[str, int], mark: str, wait: Callable[[float], None]
) -> _Found | None:
    """Look until the message has come, where it is expected before a copy in the folder of sent mail."""
    for number in range(TRIES):
        if number:
            wait(EVERY)
        with connect(settings.imap.server(), login) as session:
            found = list(_ours(session, marks, mark))
        for one in found:
            # A copy of what was sent has been received by nobody.
            if any(name == "received" for name, _ in one.headers):
                return one
    return None


def _ours(session: MailboxSession, marks: dict[str, int], mark: str) -> Iterator[_Found]:
    """Yield what of the trial lies in some folders, found by its subject: nothing else is fetched."""
    for folder, first in marks.items():
        selected = session.select(folder)
        for one in session.fetch(session.with_subject(_word(mark), first - 1), _MOST_BYTES):
            headers = fields(split(line_ends(one.raw))[0])
            message_id = "".join(dict(reversed(headers)).get("message-id", "").split())
            yield _Found(folder, selected.uidvalidity, one.uid, message_id, headers)


def _word(mark: str) -> str:
    """Return the word of the subject by which the trial is found, whatever id a server gives it."""
    return mark[:12]


def _arrived(found: _Found, mailbox: MailboxTable) -> Line:
    if found.folder not in mailbox.folders:
        return Line("warn", "arrive", f"it lies in {found.folder}, which is not read: let the filter pass it")
    return Line("ok", "arrive", f"in {found.folder}")


def _labelled(settings: Settings, login: Login, found: _Found) -> Line:
    """Mark the message as the settings say; it is not moved, so that it can be taken away."""
    marks, prefix = settings.labels.marks, settings.labels.prefix
    if marks == "none":
        return Line("ok", "label", "nothing is marked: labels.marks is none")
    done = add_labels(
        settings.imap.server(),
        login,
        found.folder,
        uidvalidity=found.uidvalidity,
        uid=found.uid,
        message_id=found.message_id,
        labels=[f"{prefix}-trial"] if marks == "keywords" else [],
        gmail=[f"{prefix}/trial"] if marks == "gmail" else [],
    )
    if done:
        return Line("ok", "label", f"marked, by {marks}")
    return Line("warn", "label", f'the server keeps no such mark: labels.marks = "{marks}" is of no use here')


def _taken_away(settings: Settings, login: Login, marks: dict[str, int], mark: str) -> Line:
    """Remove what the trial has left, by its own mark and id."""
    left = []
    with connect_to_write(settings.imap.server(), login) as session:
        for one in list(_ours(session, marks, mark)):
            session.select(one.folder, readonly=False)
            if not session.remove(one.uid, one.message_id):
                left.append(one.folder)
    if left:
        return Line("warn", "clean up", f"it is still in {', '.join(left)}: delete “{SUBJECT}” by hand")
    return Line("ok", "clean up", "the message is gone again")
