"""What reading a mailbox takes and gives: values only."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from triage.mail.bearer import Tokens
from triage.mail.tls import Security, refuse_plain


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where to read. Raises ValueError for a plain connection to another machine.

    ``timeout`` counts for one wait on the network, ``command_timeout`` for a whole command with its
    answer; it should be shorter than the time for which a worker has the mailbox to itself.
    """

    host: str
    port: int
    security: Security = "tls"
    timeout: float = 30
    ca_file: Path | None = None
    command_timeout: float = 240

    def __post_init__(self) -> None:
        refuse_plain(self.host, self.security)


@dataclass(frozen=True, slots=True)
class Login:
    """Who reads: by a password, or by tokens."""

    username: str
    password: str | None = field(default=None, repr=False)
    tokens: Tokens | None = field(default=None, repr=False)

    @property
    def proof(self) -> str:
        """What the login is proved by in the end, which people change where it is refused."""
        return self.tokens.proof if self.tokens else self.password or ""


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as the server described it. ``exists`` is its number of messages.

    Where the server does not tell its next UID (``tells_next``), ``uidnext`` follows the last message's.
    """

    uidvalidity: int
    uidnext: int
    exists: int
    permanent_flags: tuple[str, ...] = ()
    tells_next: bool = True

    def went_back(self, uid: int) -> bool:
        """Tell whether the server is about to give a number again that was given before, up to ``uid``.

        Of one that does not tell its next number nobody knows: its last message may have been taken away.
        """
        return self.tells_next and self.uidnext <= uid

    def stores(self, keyword: str) -> bool:
        """Tell whether the folder keeps such a keyword for good (RFC 3501 section 7.1)."""
        return "\\*" in self.permanent_flags or keyword in self.permanent_flags


@dataclass(frozen=True, slots=True)
class Standing:
    """How a folder's numbers stand: equal to what was read before, and nothing has come since."""

    uidvalidity: int
    uidnext: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Size in bytes and INTERNALDATE (aware, UTC) of a message; the date is None when it is unreadable."""

    size: int
    internaldate: datetime | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message. ``truncated`` when not all of it that can be read was fetched.

    Of a large one ``raw`` is put together from its parts, and what is attached to it is empty there.

    ``problem`` says in words why the server gave no content, and then ``raw`` is empty. ``followed`` is true
    while others follow that came with it, so that nobody has to wait for them.
    """

    uid: int
    internaldate: datetime | None
    raw: bytes
    truncated: bool = False
    problem: str | None = None
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what an answer to a sent message is known: its Message-ID, "" where it has none.

    ``automatic`` is true when a machine sent it (RFC 3834 section 5), ``internaldate`` as in Summary.
    ``mark`` is that of our own mail, "" where it has none.
    """

    uid: int
    message_id: str
    internaldate: datetime | None
    automatic: bool = False
    mark: str = ""
