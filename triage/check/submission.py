"""The check of the submission server: what it lets through, found by a dialogue that is always taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from triage.check.answers import explained
from triage.check.line import Line
from triage.from_settings import relays_of
from triage.mail.relays import SCHOOL, Relay, serving
from triage.mail.smtp import Probe, probe
from triage.reach import submission
from triage.settings import Settings, SettingsError
from triage.settings.servers import Give

ROOM = 100_000
"""So many bytes a server should take: our largest replies have a tenth of it, and notices less."""

NAMED = 3
"""So many refused senders are named."""

_SET_MAILBOX = 'MAIL FROM:<> is refused: set {table}.envelope_from = "mailbox"'
_OFFERED = {
    "DSN": "it cannot be asked to send no report of what it could not deliver",
    "SMTPUTF8": "nobody with an address beyond ASCII gets a reply, and people are told",
    "8BITMIME": "",
}
"""What a server may offer, and what it means when it does not; nothing, where we need it not."""


def check_smtp(settings: Settings, give: Give | None = None) -> Iterator[Line]:
    """Log in to each submission server, and ask which senders it takes (RFC 3834 section 3.3: A17).

    A line for each server, or for each mailbox where each logs in as itself. ``give`` gives tokens.
    """
    every = [mailbox.address for mailbox in settings.mailboxes]
    served = list(serving(relays_of(settings), every))
    for relay, senders in served:
        if relay.own_login:
            yield from (_try(settings, relay, f"{relay.name} {one}", [one], give) for one in senders)
        elif senders or len(served) == 1:
            yield _try(settings, relay, relay.name, senders, give)


def _try(settings: Settings, relay: Relay, name: str, senders: Sequence[str], give: Give | None) -> Line:
    """Ask one server of its senders; ``name`` is the line's."""
    try:
        server = submission(settings, relay, next(iter(senders), ""), give)
        line = _judge(probe(server, *senders), relay, name, senders, logged_in=server.username is not None)
        if line.ok != "fail":
            return line
        whose = next(iter(senders), "MAILBOX")
        return replace(line, words=explained(line.words, server.host, whose, settings.oauth))
    except (SettingsError, OSError) as error:
        return Line("fail", name, str(error))


def _judge(found: Probe, relay: Relay, name: str, senders: Sequence[str], *, logged_in: bool) -> Line:
    if not found.reached or not found.login_ok:
        return Line("fail", name, found.text)
    if relay.null_sender and "" in found.refused:
        table = "smtp" if relay.name == SCHOOL else "relays"
        return Line("fail", name, f"{_SET_MAILBOX.format(table=table)} ({found.refused['']})")
    refused = {sender: why for sender, why in found.refused.items() if sender}
    if refused:
        return Line("fail", name, _refused(refused))
    words = "; ".join(("logged in" if logged_in else "no login is asked for", *_good(found, senders)))
    if found.size is not None and found.size < ROOM:
        return Line("warn", name, f"it takes no more than {found.size:,} bytes, which may not do; {words}")
    return Line("ok", name, words)


def _refused(refused: dict[str, str]) -> str:
    """Say of which mailboxes nothing can go out: a notice, and a reply where they are the envelope sender."""
    first = list(refused)[:NAMED]
    more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    senders = ", ".join(f"MAIL FROM:<{sender}>" for sender in first)
    return f"{senders}{more} is refused, so nothing can go out from there ({refused[first[0]]})"


def _good(found: Probe, senders: Sequence[str]) -> Iterator[str]:
    yield f"MAIL FROM:<> is {'accepted' if found.null_sender_ok else 'refused, and not needed'}"
    if senders:
        yield "every mailbox is accepted"
    yield found.tls or "not encrypted"
    if found.size is not None:
        yield f"up to {found.size:,} bytes"
    offered = [name for name in _OFFERED if name.lower() in found.extensions]
    if offered:
        yield f"offers {', '.join(offered)}"
    yield from (f"no {name}: {why}" for name, why in _OFFERED.items() if why and name not in offered)
