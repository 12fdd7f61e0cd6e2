"""The tables of settings.toml about mail servers and the inboxes on them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from triage.domain.school import Span
from triage.mail.bearer import UNDER_TLS, Tokens
from triage.mail.imap import ImapServer, Login
from triage.mail.oauth import Grant
from triage.mail.smtp import CONNECTIONS, SmtpServer
from triage.mail.special import SENT_NAMES
from triage.mail.tls import Security, refuse_plain
from triage.settings.errors import SettingsError
from triage.settings.oauth import Auth, OAuthTable
from triage.settings.tables import HoursTable
from triage.settings.values import File, MailAddress, Port, Secret, Table, Text, none_if_empty

NOT_READ = "none"
Give = Callable[[Grant], Tokens]
"""Gives the tokens of a grant."""


class Credentials(Table):
    """How to log in. ``password`` wins over ``password_file``."""

    username: str = ""
    password: Secret = None
    password_file: File = None

    def login_password(self) -> str | None:
        """Return the password, read now so that a changed file counts; None when none is set.

        Raises SettingsError when the file cannot be read.
        """
        if self.password is not None:
            return self.password.get_secret_value()
        return read_secret(self.password_file) if self.password_file else None


def read_secret(file: Path) -> str:
    """Return a secret file's text without the line break at its end. Raises SettingsError naming the file."""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{file}: the secret cannot be read: {reason}") from None


class ServerTable(Table):
    """A mail server, verified TLS unless it is this machine."""

    host: Text
    port: Port
    security: Security
    ca_file: File = None
    timeout: Annotated[float, Field(gt=0, le=300)] = 30.0

    @field_validator("security")
    @classmethod
    def _plain_stays_here(cls, value: Security, info: ValidationInfo) -> Security:
        refuse_plain(str(info.data.get("host", "localhost")), value)
        return value


class ImapTable(ServerTable):
    """[imap]: the server that holds the inboxes, and how it is polled."""

    port: Port = 993
    security: Security = "tls"
    auth: Auth = "password"
    push: bool = True
    poll_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    max_message_bytes: Annotated[int, Field(ge=65_536)] = 10_485_760
    first_contact_days: Annotated[int, Field(ge=0, le=90)] = 0
    attempts: Annotated[int, Field(ge=2, le=20)] = 3  # alone; one might be an accident
    connections: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    connections_per_mailbox: Annotated[int, Field(ge=1, le=100)] = 5
    logins_per_second: Annotated[float, Field(ge=0.1, le=1_000)] = 20.0
    sent_names: tuple[Text, ...] = ()

    def names_of_sent(self) -> tuple[str, ...]:
        """Return what a folder of sent mail may be called: the school's own names first."""
        return (*self.sent_names, *SENT_NAMES)

    def server(self) -> ImapServer:
        """Return where to read."""
        return ImapServer(self.host, self.port, self.security, self.timeout, self.ca_file)


class SmtpTable(ServerTable, Credentials):
    """[smtp]: the server that takes replies and notices."""

    port: Port = 587
    security: Security = "starttls"
    auth: Auth = "password"
    envelope_from: Literal["null", "mailbox"] = "null"
    login_as: Literal["account", "mailbox"] = "account"
    connections: Annotated[int, Field(ge=1, le=100)] = CONNECTIONS

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if self.login_as == "mailbox" and self.username:
            raise ValueError('with login_as = "mailbox" each mailbox logs in as itself: leave username empty')
        if self.auth != "password" and self.security == "plain":
            raise ValueError(UNDER_TLS)
        if self.auth != "password" and not self.username and self.login_as == "account":
            raise ValueError("username is missing: with tokens, it is the mailbox that sends")
        return self

    def server(self, login: Login | None = None) -> SmtpServer:
        """Return where to send and as whom, by the account of the table where no ``login`` is given.

        Raises SettingsError when the password cannot be read.
        """
        login = login or self.account()
        return SmtpServer(
            self.host,
            self.port,
            self.security,
            self.timeout,
            self.ca_file,
            login.username or None,
            login.password,
            login.tokens,
            connections=self.connections,
        )

    def account(self, oauth: OAuthTable | None = None, give: Give | None = None) -> Login:
        """Return who sends; with tokens, ``give`` gives them by the table ``oauth``.

        Raises SettingsError when a secret cannot be read.
        """
        if self.username and self.auth != "password":
            return Login(self.username, tokens=tokens_of(self.auth, self.username, oauth, give))
        return Login(self.username, self.login_password() if self.username else None)


class MailboxTable(Credentials):
    """[[mailboxes]]: an inbox that is read; ``username`` is the address when left out."""

    address: MailAddress
    name: Text
    auth: Annotated[Auth | None, BeforeValidator(none_if_empty)] = None
    folders: Annotated[tuple[Text, ...], Field(min_length=1)] = ("INBOX",)
    junk: str = ""
    sent: str = ""
    aliases: tuple[MailAddress, ...] = ()
    private_addresses: tuple[MailAddress, ...] = ()
    digest: bool = True
    hours: HoursTable | None = None

    @field_validator("hours")
    @classmethod
    def _some_hours(cls, value: HoursTable | None) -> HoursTable | None:
        if value is not None and not value.week():
            raise ValueError("names no hours; leave the table out where the school's count")
        return value

    @model_validator(mode="after")
    def _junk_is_no_inbox(self) -> Self:
        if self.junk in self.folders:
            raise ValueError(f"junk is {self.junk!r}, and folders has it too: take it out of one of them")
        return self

    @property
    def watched(self) -> tuple[str, ...]:
        """Every folder that is read, that of junk mail last."""
        return (*self.folders, *([self.junk] if self.junk else ()))

    def sent_folder(self) -> str | None:
        """Return the folder of sent mail, "" for the one that is found, None when it is not to be read."""
        return None if self.sent == NOT_READ else self.sent

    def own_week(self) -> Mapping[int, tuple[Span, ...]] | None:
        """Return the owner's own hours by day, 0 for Monday; None where the school's count."""
        return None if self.hours is None else self.hours.week()

    def login(
        self, auth: Auth = "password", oauth: OAuthTable | None = None, give: Give | None = None
    ) -> Login:
        """Return who reads, by ``auth`` where the mailbox has none of its own.

        With tokens, ``give`` gives them by the table ``oauth``. Raises SettingsError when there is neither
        password nor token, or a secret cannot be read.
        """
        how, who = self.auth or auth, self.username or self.address
        if how != "password":
            return Login(who, tokens=tokens_of(how, who, oauth, give))
        password = self.login_password()
        if password is None:
            raise SettingsError(f"mailboxes: {self.address} has neither password nor password_file")
        return Login(who, password)


def tokens_of(auth: Auth, mailbox: str, oauth: OAuthTable | None, give: Give | None) -> Tokens:
    """Return the tokens of a mailbox. Raises SettingsError where the settings do not say how to get them."""
    if oauth is None or give is None:
        raise SettingsError(f"{mailbox}: it is signed in to by tokens, which are kept in the database")
    return give(oauth.grant(auth, mailbox, read_secret))
