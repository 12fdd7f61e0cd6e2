"""The check of the submission server: what it lets through, found by a dialogue that is always taken back."""

from collections.abc import Iterator

from triage.check.line import Line
from triage.mail.smtp import Probe, probe
from triage.settings import Settings, SettingsError

ROOM = 100_000
"""So many bytes a server should take: our largest replies have a tenth of it, and notices less."""

NAMED = 3
"""So many refused senders are named."""

_SET_MAILBOX = 'MAIL FROM:<> is refused: set smtp.envelope_from = "mailbox"'
_OFFERED = {
    "DSN": "it cannot be asked to send no report of what it could not deliver",
    "SMTPUTF8": "nobody with an address beyond ASCII gets a reply, and people are told",
    "8BITMIME": "",
}
"""What a server may offer, and what it means when it does not; nothing, where we need it not."""


def check_smtp(settings: Settings) -> Line:
    """Log in to the submission server, and ask which senders it takes (RFC 3834 section 3.3: A17)."""
    senders = [mailbox.address for mailbox in settings.mailboxes]
    try:
        return _judge(probe(settings.smtp.server(), *senders), settings)
    except (SettingsError, OSError) as error:
        return Line("fail", "smtp", str(error))


def _judge(found: Probe, settings: Settings) -> Line:
    if not found.reached or not found.login_ok:
        return Line("fail", "smtp", found.text)
    if settings.smtp.envelope_from == "null" and "" in found.refused:
        return Line("fail", "smtp", f"{_SET_MAILBOX} ({found.refused['']})")
    refused = {sender: why for sender, why in found.refused.items() if sender}
    if refused:
        return Line("fail", "smtp", _refused(refused))
    words = "; ".join(_good(found, settings))
    if found.size is not None and found.size < ROOM:
        return Line("warn", "smtp", f"it takes no more than {found.size:,} bytes, which may not do; {words}")
    return Line("ok", "smtp", words)


def _refused(refused: dict[str, str]) -> str:
    """Say of which mailboxes nothing can go out: a notice, and a reply where they are the envelope sender."""
    first = list(refused)[:NAMED]
    more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    senders = ", ".join(f"MAIL FROM:<{sender}>" for sender in first)
    return f"{senders}{more} is refused, so nothing can go out from there ({refused[first[0]]})"


def _good(found: Probe, settings: Settings) -> Iterator[str]:
    yield "logged in" if settings.smtp.username else "no login is asked for"
    yield f"MAIL FROM:<> is {'accepted' if found.null_sender_ok else 'refused, and not needed'}"
    if settings.mailboxes:
        yield "every mailbox is accepted"
    yield found.tls or "not encrypted"
    if found.size is not None:
        yield f"up to {found.size:,} bytes"
    offered = [name for name in _OFFERED if name.lower() in found.extensions]
    if offered:
        yield f"offers {', '.join(offered)}"
    yield from (f"no {name}: {why}" for name, why in _OFFERED.items() if why and name not in offered)
