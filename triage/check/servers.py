"""The checks of the server that holds the inboxes. Nothing is marked, and no mailbox is changed."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from triage.check.answers import explained
from triage.check.line import Line
from triage.check.mended import ENDED, end_wait
from triage.mail.budget import PASSING_AT_ONE
from triage.mail.imap import (
    MailboxSession,
    MailError,
    Selected,
    WritingSession,
    connect,
    connect_to_write,
)
from triage.reach import login_of
from triage.settings import Settings, SettingsError
from triage.settings.servers import Give, MailboxTable
from triage.store.errors import StoreError

AHEAD = timedelta(minutes=2)
_NAME_IT = 'name it in mailboxes.sent, or set "none"; until then fewer answers to staff are known as such'
_NO_KEYWORDS = 'this server keeps no keywords: no labels; set labels.marks = "none"'
_NOTHING = 'nothing is marked: labels.marks is "none", and labels.folders is empty'
WORTH_KNOWING = ("CONDSTORE", "IDLE", "MOVE", "SPECIAL-USE", "UIDPLUS")


def check_mailbox(
    settings: Settings, mailbox: MailboxTable, clock: Callable[[], datetime], give: Give | None = None
) -> Iterator[Line]:
    """Log in to an inbox, open its folders read-only, and say what the service gets there.

    What the server offers; how new mail is learned of; the folder of sent mail; and where labels are switched
    on, whether the server can do what is asked. docs/servers.md has a row for each. ``give`` gives tokens.
    """
    name = f"imap {mailbox.address}"
    try:
        login = login_of(settings, mailbox, give)
        with connect(settings.imap.server(), login) as session:
            if end_wait(settings, login, clock):
                yield Line("ok", f"wait {mailbox.address}", ENDED)
            yield _look(session, mailbox, clock())
            yield _news(session, settings, mailbox)
            yield _look_at_sent(session, settings, mailbox)
            yield from _look_for_junk(session, mailbox)
        if settings.labels.enabled:
            yield from check_labels(settings, mailbox, give)
    except (MailError, SettingsError, StoreError, OSError) as error:
        words = explained(str(error), settings.imap.host, mailbox.address, settings.oauth)
        yield Line("fail", name, words)


def check_labels(settings: Settings, mailbox: MailboxTable, give: Give | None = None) -> Iterator[Line]:
    """Ask whether the server can mark and move messages as the settings say; none is marked or moved.

    Raises MailError, SettingsError.
    """
    name, wanted = f"labels {mailbox.address}", settings.labels
    with connect_to_write(settings.imap.server(), login_of(settings, mailbox, give)) as session:
        if wanted.marks == "gmail" and not session.gives_gmail_labels:
            yield Line("fail", name, 'the server has no labels of Gmail: set labels.marks = "keywords"')
        elif wanted.folders and not session.moves:
            yield Line("fail", name, "the server has neither MOVE nor UIDPLUS: leave labels.folders empty")
        elif set(wanted.folders.values()) & set(mailbox.watched):
            yield Line("fail", name, "a folder of labels.folders is one that is read: choose another")
        else:
            yield _marking(session, settings, mailbox)


def _marking(session: WritingSession, settings: Settings, mailbox: MailboxTable) -> Line:
    """Say what becomes of labels at a server that can do all that is asked, keywords perhaps left out."""
    name, marks = f"labels {mailbox.address}", settings.labels.marks
    moves = _moves(session, settings)
    if marks == "none":
        return Line("ok", name, moves or _NOTHING)
    if marks == "gmail":
        return Line("ok", name, _listed("labels of Gmail are taken", moves))
    if _keeps_keywords(session, settings, mailbox):
        return Line("ok", name, _listed("keywords are kept", moves))
    return Line("warn", name, _listed(_NO_KEYWORDS, moves))


def _listed(*words: str) -> str:
    return ", ".join(filter(None, words))


def _moves(session: WritingSession, settings: Settings) -> str:
    """Say how messages are moved, "" where no folder is set."""
    count = len(settings.labels.folders)
    if not count:
        return ""
    how = "at once, by MOVE" if session.moves_at_once else "copied, then taken out, by UIDPLUS"
    return f"messages can be moved ({how}; {count} folder{'s' if count > 1 else ''})"


def _keeps_keywords(session: MailboxSession, settings: Settings, mailbox: MailboxTable) -> bool:
    # What is kept for good a server tells only of a folder that is opened to be written to.
    selected = (session.select(folder, readonly=False) for folder in mailbox.folders)
    return all(each.stores(settings.labels.prefix) for each in selected)


def _look(session: MailboxSession, mailbox: MailboxTable, now: datetime) -> Line:
    name = f"imap {mailbox.address}"
    offered = [word for word in session.capabilities() if word in WORTH_KNOWING]
    count = 0
    for folder in mailbox.watched:
        selected = session.select(folder)
        count += selected.exists
        if _newest(session, selected, now) > now + AHEAD:
            return Line("warn", name, f"{folder}: the newest message is from the future: compare the clocks")
    return Line("ok", name, f"{count} messages; offers {', '.join(offered) or 'nothing beyond IMAP4'}")


def _news(session: MailboxSession, settings: Settings, mailbox: MailboxTable) -> Line:
    """Say how the service learns of new mail: it looks at its interval, whatever the server tells."""
    name, every = f"news {mailbox.address}", f"looked into every {settings.imap.poll_seconds} seconds"
    if not settings.imap.push:
        return Line("ok", name, f"{every}: imap.push is off")
    if "IDLE" not in session.capabilities():
        return Line("ok", name, f"{every}: the server has no IDLE")
    folders = len(mailbox.watched)
    told = min(settings.imap.connections_per_mailbox - PASSING_AT_ONE, folders)
    if told < 1:
        return Line("ok", name, f"{every}: imap.connections_per_mailbox leaves none to wait on")
    of = "" if told == folders else f" of {told} of {folders} folders"
    return Line("ok", name, f"told by the server (IDLE){of}, and {every}")


def _look_at_sent(session: MailboxSession, settings: Settings, mailbox: MailboxTable) -> Line:
    """Open the folder of sent mail read-only; without it fewer answers are known as such, and no more."""
    name, wanted = f"sent {mailbox.address}", mailbox.sent_folder()
    if wanted is None:
        return Line("ok", name, "not read, as decided")
    try:
        folder = wanted or session.sent_folder(settings.imap.names_of_sent())
        if folder is None:
            return Line("warn", name, f"no folder of sent mail is found: {_NAME_IT}")
        return Line(
            "ok", name, f"{folder}: {session.select(folder).exists} messages, their ids alone are read"
        )
    except MailError as error:
        return Line("warn", name, f"{error}: {_NAME_IT}")


def _look_for_junk(session: MailboxSession, mailbox: MailboxTable) -> Iterator[Line]:
    """Name the folder of junk mail where the server marks one and the settings do not have it read."""
    folder = None if mailbox.junk else session.junk_folder()
    if folder is not None and folder not in mailbox.folders:
        words = f"{folder} is not read; mailboxes.junk has it read and never answered"
        yield Line("ok", f"junk {mailbox.address}", words)


def _newest(session: MailboxSession, selected: Selected, now: datetime) -> datetime:
    """Return when the newest message arrived by the server's clock, ``now`` when it does not tell."""
    newest = session.sizes(session.uids_above(selected.uidnext - 2)) if selected.exists else {}
    return max((found.internaldate for found in newest.values() if found.internaldate), default=now)
