"""[[relays]]: submission servers beside [smtp], each for some of those who send."""

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from triage.settings.servers import SmtpTable
from triage.settings.values import domain_name, mail_address


def _sender(value: str) -> str:
    return mail_address(value).lower() if "@" in value else domain_name(value)


class RelayTable(SmtpTable):
    """[[relays]]: a server that takes what goes out from some addresses, or from all of a domain."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    senders: tuple[Annotated[str, AfterValidator(_sender)], ...] = ()


def faults(
    relays: Sequence[RelayTable], mailboxes: Collection[str], domains: Collection[str]
) -> Iterator[str]:
    """Say what cannot be about several relays: a name or a sender twice, a sender whom nobody knows.

    ``mailboxes`` and ``domains`` are those of the school, in lower case.
    """
    names: set[str] = set()
    senders: dict[str, str] = {}
    for relay in relays:
        if relay.name in names:
            yield f"relays: there are two of the name {relay.name}"
        names.add(relay.name)
        for sender in relay.senders:
            if sender not in {*mailboxes, *domains}:
                yield f"relays: {sender} of {relay.name} is neither a mailbox nor one of school.domains"
            if sender in senders:
                yield f"relays: {sender} is of both {senders[sender]} and {relay.name}"
            senders[sender] = relay.name
