"""The post between mailboxes of the tests: what a sink took is carried on by LMTP, as it is or mangled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy

from tests.servers.dovecot import Dovecot
from tests.servers.sink import Received, Sink

MARKS = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-School-Triage")
"""Every header by which our replies say that no person wrote them."""

THREAD = ("In-Reply-To", "References")


@dataclass(frozen=True)
class Letter:
    """A message on its way: its envelope and its bytes."""

    mail_from: str
    recipient: str
    raw: bytes

    @classmethod
    def of(cls, received: Received) -> "Letter":
        """The letter that a sink took."""
        return cls("" if received.mail_from == "<>" else received.mail_from, received.recipient, received.raw)

    @property
    def author(self) -> str:
        """The address of From."""
        return message_from_bytes(self.raw, policy=policy.default)["From"].addresses[0].addr_spec


Relay = Callable[[Letter], Letter]


def as_it_is(letter: Letter) -> Letter:
    """Carry a letter on untouched."""
    return letter


def strips(*names: str) -> Relay:
    """Return a relay that takes headers out."""

    def relay(letter: Letter) -> Letter:
        mail = message_from_bytes(letter.raw)
        for name in names:
            del mail[name]
        return replace(letter, raw=mail.as_bytes())

    return relay


def writes_sender(letter: Letter) -> Letter:
    """Name the author as envelope sender, as a provider does that knows no null sender."""
    return replace(letter, mail_from=letter.author)


def renames(letter: Letter) -> Letter:
    """Show the author by the address alone, and another subject, as a gateway does that rewrites headers."""
    mail = message_from_bytes(letter.raw)
    author = letter.author
    del mail["From"], mail["Subject"]
    mail["From"], mail["Subject"] = author, "Jake Pole 8B"
    return replace(letter, raw=mail.as_bytes())


def in_turn(*relays: Relay) -> Relay:
    """Return a relay that does what several do."""

    def relay(letter: Letter) -> Letter:
        for each in relays:
            letter = each(letter)
        return letter

    return relay


@dataclass
class Post:
    """Carries what the sink took to the mailboxes of ``users``, by address, once each and in order."""

    sink: Sink
    users: Mapping[str, tuple[Dovecot, str]]
    relay: Relay = as_it_is
    carried: list[Letter] = field(default_factory=list)
    _seen: int = 0

    def run(self) -> int:
        """Carry on what came since the last time; returns how many letters those were."""
        new = self.sink.accepted[self._seen :]
        self._seen += len(new)
        letters = [self.relay(Letter.of(one)) for one in new if one.recipient in self.users]
        for letter in letters:
            self.bring(letter)
        return len(letters)

    def bring(self, letter: Letter) -> None:
        """Deliver one letter, with the results that the gateway of whoever gets it writes on top."""
        server, user = self.users[letter.recipient]
        domain = letter.author.rpartition("@")[2]
        stamp = f"Authentication-Results: mx.oakfield.example; dmarc=pass header.from={domain}\r\n"
        server.deliver(user, stamp.encode() + letter.raw, mail_from=letter.mail_from, to=letter.recipient)
        self.carried.append(letter)
