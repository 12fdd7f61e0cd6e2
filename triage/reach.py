"""The mail servers of the settings: logging in, waiting for news, sending, marking."""

from collections.abc import Callable

from triage.context import Deliver, Mailbox, Sender
from triage.logins import Logins
from triage.mail import imap
from triage.mail.answer import Answer
from triage.mail.handing_over import HandingOver
from triage.mail.idle import Idle
from triage.mail.imap import Login, MailboxSession, MailError
from triage.mail.relays import SCHOOL, Relay, Relays
from triage.mail.smtp import SmtpServer
from triage.settings import Settings, SettingsError
from triage.settings.servers import Give, MailboxTable, SmtpTable
from triage.store.outbox import Action


def connect(
    settings: Settings, mailbox: MailboxTable, logins: Logins | None = None, give: Give | None = None
) -> MailboxSession:
    """Log in at the server of the inboxes; without ``logins`` nobody counts how often. Raises MailError.

    ``give`` gives the tokens of those that are signed in to by tokens.
    """
    server, login = settings.imap.server(), login_of(settings, mailbox, give)
    return logins.open(server, login) if logins else imap.connect(server, login)


def listen(
    settings: Settings, mailbox: MailboxTable, folder: str, logins: Logins, give: Give | None = None
) -> Idle:
    """Open a folder to wait for news of it. Raises MailError, NoIdleError, NoRoomError."""
    session = logins.hold(settings.imap.server(), login_of(settings, mailbox, give))
    try:
        session.select(folder)
        return session.idle()
    except BaseException:
        session.close()
        raise


def login_of(settings: Settings, mailbox: MailboxTable, give: Give | None = None) -> Login:
    """Return who reads; a password file that went away is trouble of this mailbox alone. Raises MailError."""
    try:
        return mailbox.login(settings.imap.auth, settings.oauth, give)
    except SettingsError as error:
        raise MailError("login", str(error)) from error


def deliver_by(settings: Settings, relays: Relays, give: Give | None = None) -> Deliver:
    """Return what hands one message to its sender's submission server, with the login of that moment."""
    handing_over = HandingOver()

    def deliver(sender: Sender, recipient: str, raw: bytes, before_data: Callable[[], bool]) -> Answer:
        try:
            server = submission(settings, relays.of(sender.address), sender.address, give)
        except SettingsError as error:
            return Answer("retry", None, str(error), "login")
        return handing_over.deliver(
            server,
            sender.envelope,
            recipient,
            raw,
            before_data,
            mailbox=sender.address,
            urgent=sender.urgent,
        )

    return deliver


def table_of(settings: Settings, relay: Relay) -> SmtpTable:
    """Return what the settings say of a submission server."""
    tables = {f"{SCHOOL} {table.name}": table for table in settings.relays}
    return tables.get(relay.name, settings.smtp)


def submission(settings: Settings, relay: Relay, address: str, give: Give | None = None) -> SmtpServer:
    """Return a submission server with the login by which it takes an address's mail. Raises SettingsError."""
    table = table_of(settings, relay)
    if not relay.own_login:
        return table.server(table.account(settings.oauth, give))
    whole = address.lower()
    for mailbox in settings.mailboxes:
        if mailbox.address.lower() == whole:
            return table.server(mailbox.login(settings.imap.auth, settings.oauth, give))
    raise SettingsError(f"{relay.name}: {address} has no mailbox to log in as")


def label(
    settings: Settings,
    table: MailboxTable,
    mailbox: Mailbox,
    action: Action,
    *,
    logins: Logins,
    give: Give | None = None,
) -> bool:
    """Mark or move the message of an action; False where that could not be. Raises MailError."""
    marks, server, who = settings.labels, settings.imap.server(), login_of(settings, table, give)
    with logins.passing(server, who):
        return imap.add_labels(
            server,
            who,
            mailbox.folder,
            uidvalidity=action.uidvalidity or 0,
            uid=action.uid or 0,
            message_id=action.in_reply_to,
            labels=[f"{marks.prefix}-{one}" for one in action.labels] if marks.marks == "keywords" else [],
            gmail=[f"{marks.prefix}/{one}" for one in action.labels] if marks.marks == "gmail" else [],
            move_to=next((marks.folders[one] for one in action.labels if one in marks.folders), None),
        )
