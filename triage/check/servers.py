"""The checks of the mail servers. Nothing is sent, and no mailbox is changed."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from triage.check.line import Line
from triage.mail.imap import MailboxSession, MailError, Selected, connect
from triage.mail.smtp import Probe, probe
from triage.settings import Settings, SettingsError
from triage.settings.servers import MailboxTable

AHEAD = timedelta(minutes=2)
_NAME_IT = 'name it in mailboxes.sent, or set "none"; until then fewer answers to staff are known as such'
_WORTH_KNOWING = ("CONDSTORE", "IDLE", "MOVE", "SPECIAL-USE", "UIDPLUS")


def check_mailbox(settings: Settings, mailbox: MailboxTable, clock: Callable[[], datetime]) -> Iterator[Line]:
    """Log in to an inbox, open its folders read-only, and say what the server offers; then its sent mail."""
    name = f"imap {mailbox.address}"
    try:
        with connect(settings.imap.server(), mailbox.login()) as session:
            yield _look(session, settings, mailbox, clock())
            yield _look_at_sent(session, mailbox)
    except (MailError, SettingsError, OSError) as error:
        yield Line("fail", name, str(error))


def check_smtp(settings: Settings) -> Line:
    """Log in to the submission server, and ask which senders it takes (RFC 3834 section 3.3: A17)."""
    sender = settings.mailboxes[0].address if settings.mailboxes else ""
    try:
        return _judge(probe(settings.smtp.server(), sender), settings, sender)
    except (SettingsError, OSError) as error:
        return Line("fail", "smtp", str(error))


def _look(session: MailboxSession, settings: Settings, mailbox: MailboxTable, now: datetime) -> Line:
    name = f"imap {mailbox.address}"
    offered = [word for word in session.capabilities() if word in _WORTH_KNOWING]
    count = 0
    for folder in mailbox.folders:
        selected = session.select(folder)
        count += selected.exists
        if _newest(session, selected, now) > now + AHEAD:
            return Line("warn", name, f"{folder}: the newest message is from the future: compare the clocks")
        if settings.labels.enabled and not selected.stores(settings.labels.prefix):
            return Line("warn", name, f"{folder}: the server keeps no labels: set labels.enabled = false")
    return Line("ok", name, f"{count} messages; offers {', '.join(offered) or 'nothing beyond IMAP4'}")


def _look_at_sent(session: MailboxSession, mailbox: MailboxTable) -> Line:
    """Open the folder of sent mail read-only; without it fewer answers are known as such, and no more."""
    name, wanted = f"sent {mailbox.address}", mailbox.sent_folder()
    if wanted is None:
        return Line("ok", name, "not read, as decided")
    try:
        folder = wanted or session.sent_folder()
        if folder is None:
            return Line("warn", name, f"no folder of sent mail is found: {_NAME_IT}")
        return Line(
            "ok", name, f"{folder}: {session.select(folder).exists} messages, their ids alone are read"
        )
    except MailError as error:
        return Line("warn", name, f"{error}: {_NAME_IT}")


def _newest(session: MailboxSession, selected: Selected, now: datetime) -> datetime:
    """Return when the newest message arrived by the server's clock, ``now`` when it does not tell."""
    newest = session.sizes(session.uids_above(selected.uidnext - 2)) if selected.exists else {}
    return max((found.internaldate for found in newest.values() if found.internaldate), default=now)


def _judge(found: Probe, settings: Settings, sender: str) -> Line:
    if not found.reached or not found.login_ok:
        return Line("fail", "smtp", found.text)
    if settings.smtp.envelope_from == "mailbox":
        return _judge_mailbox_sender(found, sender)
    if found.null_sender_ok:
        return Line("ok", "smtp", f"logged in; MAIL FROM:<> is accepted{_limit(found)}")
    words = 'MAIL FROM:<> is refused: set smtp.envelope_from = "mailbox"'
    return Line("fail", "smtp", f"{words} ({found.text})" if found.text else words)


def _judge_mailbox_sender(found: Probe, sender: str) -> Line:
    if found.sender_ok:
        return Line("ok", "smtp", f"logged in; MAIL FROM:<{sender}> is accepted{_limit(found)}")
    return Line("fail", "smtp", f"MAIL FROM:<{sender}> is refused ({found.text})")


def _limit(found: Probe) -> str:
    return f", up to {found.size:,} bytes" if found.size else ""
