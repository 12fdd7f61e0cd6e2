"""The mail servers of the settings: logging in, waiting for news, sending, marking."""

from collections.abc import Callable

from triage.context import Deliver, Mailbox
from triage.mail import imap, smtp
from triage.mail.answer import Answer
from triage.mail.idle import Idle
from triage.mail.imap import Login, MailboxSession, MailError
from triage.settings import Settings, SettingsError
from triage.settings.servers import MailboxTable
from triage.store.outbox import Action


def connect(settings: Settings, mailbox: MailboxTable) -> MailboxSession:
    """Log in at the server of the inboxes. Raises MailError."""
    return imap.connect(settings.imap.server(), _login(mailbox))


def listen(settings: Settings, login: MailboxTable, folder: str) -> Idle:
    """Open a folder to wait for news of it. Raises MailError, NoIdleError."""
    session = connect(settings, login)
    try:
        session.select(folder)
        return session.idle()
    except BaseException:
        session.close()
        raise


def _login(mailbox: MailboxTable) -> Login:
    """Return who reads; a password file that went away is trouble of this mailbox alone."""
    try:
        return mailbox.login()
    except SettingsError as error:
        raise MailError("login", str(error)) from error


def deliver_by(settings: Settings) -> Deliver:
    """Return what hands one message to the submission server, with the password of that moment."""

    def deliver(envelope_from: str, recipient: str, raw: bytes, before_data: Callable[[], bool]) -> Answer:
        try:
            server = settings.smtp.server()
        except SettingsError as error:
            return Answer("retry", None, str(error), "login")
        return smtp.deliver(server, envelope_from, recipient, raw, before_data)

    return deliver


def label(settings: Settings, login: MailboxTable, mailbox: Mailbox, action: Action) -> bool:
    """Mark or move the message of an action; False where that could not be. Raises MailError."""
    marks = settings.labels
    return imap.add_labels(
        settings.imap.server(),
        _login(login),
        mailbox.folder,
        uidvalidity=action.uidvalidity or 0,
        uid=action.uid or 0,
        message_id=action.in_reply_to,
        labels=[f"{marks.prefix}-{label}" for label in action.labels] if marks.marks == "keywords" else [],
        gmail=[f"{marks.prefix}/{label}" for label in action.labels] if marks.marks == "gmail" else [],
        move_to=next((marks.folders[label] for label in action.labels if label in marks.folders), None),
    )
