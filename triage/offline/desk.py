"""A desk at which messages from files are judged as the service would, without a record or a network."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime, unquote

from triage.domain.language import Languages
from triage.domain.model import Delivery, History
from triage.domain.policy import Policy
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.judge import Classify, Judgement, judge
from triage.message.parse import Gateway, parse

_HEADER_BYTES = 262_144
_FIELD = re.compile(r"^[!-9;-~]+\s*:")


class NoMessageError(ValueError):
    """A file that holds no message."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a school knows and wants, as ``judge`` needs it, and whose the inboxes are.

    There is at least one of ``deliveries``. Of a message over ``cap_bytes`` only so much is to be read.
    """

    school: School
    policy: Callable[[], Policy]
    roster: Callable[[], Roster]
    languages: Callable[[], Languages]
    classify: Classify
    gateway: Gateway
    deliveries: tuple[Delivery, ...]
    cap_bytes: int

    def judge(self, raw: bytes, *, truncated: bool = False) -> Judgement:
        """Take a message from a file through stages 1 to 4. Raises NoMessageError when there is no header."""
        _refuse_no_message(raw)
        received = received_at(raw)
        return self.judge_in(self.delivery_of(raw), raw, received, truncated=truncated)

    def judge_in(
        self, delivery: Delivery, raw: bytes, received: datetime, *, truncated: bool = False
    ) -> Judgement:
        """Take a message that lay in a known inbox through stages 1 to 4."""
        return judge(self, delivery, raw, received, history_of=lambda *_: History(), truncated=truncated)

    def delivery_of(self, raw: bytes) -> Delivery:
        """Return the inbox that a message names, else the first: a file does not say where it lay."""
        headers = raw[:_HEADER_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        named = parse(headers, received_at(raw), self.gateway).recipients
        for delivery in self.deliveries:
            own = {delivery.mailbox, *delivery.aliases, *delivery.private_addresses}
            if named & {address.lower() for address in own}:
                return delivery
        return self.deliveries[0]


def received_at(raw: bytes) -> datetime:
    """Return when a message was received: by its topmost Received line, else its Date, else the year 1970.

    Only headers with a time zone count; the last is so old that nothing is ever answered on its account.
    """
    headers = BytesHeaderParser().parsebytes(raw[:_HEADER_BYTES])
    received = str(headers.get("Received", "")).rpartition(";")[2]
    for value in (received, str(headers.get("Date", ""))):
        try:
            found = parsedate_to_datetime(unquote(value.strip()))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if found.tzinfo is not None:
            return found
    return datetime(1970, 1, 1, tzinfo=UTC)


def _refuse_no_message(raw: bytes) -> None:
    first = raw.lstrip(b"\r\n")[:1000].split(b"\n", 1)[0].decode("latin-1")
    if not _FIELD.match(first):
        raise NoMessageError("this is no message: it does not begin with a header")
