"""What the way to a mailbox has written on a message that the mailbox sent itself."""

from collections.abc import Sequence

from triage.check.line import Line
from triage.domain.model import Verdict
from triage.message.alignment import judgement
from triage.message.authentication import Gateway

_STRIPPED = (
    "the server keeps no Return-Path: no reply is sent for want of it, and a report that a reply came back "
    "never ends writing to a dead address; ask the provider to keep it"
)
_NOTHING = (
    "the gateway has written nothing about the message, as it may be where it never left the provider: "
    "look at the headers of a reply that went elsewhere"
)
_FAILS = "DMARC fails: parents' providers may refuse replies; have the server sign with DKIM for {domain}"


def returns(headers: Sequence[tuple[str, str]]) -> Line:
    """Say whether the store keeps the envelope sender, by which a report is known (RFC 5321 section 4.4)."""
    if any(name == "return-path" for name, _ in headers):
        return Line("ok", "return-path", "the server keeps it")
    return Line("warn", "return-path", _STRIPPED)


def verdict(headers: Sequence[tuple[str, str]], gateway: Gateway, address: str) -> Line:
    """Say whether mail in the name of an address's domain passes DMARC, by the gateway's own word."""
    domain = address.rpartition("@")[2]
    if not gateway.authserv_ids and not gateway.provider:
        return Line("warn", "dmarc", "nobody's word is believed: set school.authserv_ids or school.authserv")
    found = judgement(headers, gateway)
    results = "; ".join(map(str, found.results))
    behind = f" ({results})" if results else ""
    if found.dmarc is Verdict.PASS:
        return Line("ok", "dmarc", f"passes for {domain}{behind}")
    if found.dmarc is Verdict.FAIL:
        return Line("fail", "dmarc", f"{_FAILS.format(domain=domain)}{behind}")
    if any(result.helps(domain) for result in found.results):
        return Line("ok", "dmarc", f"no verdict, and it would pass for {domain}{behind}")
    if not found.results:
        return Line("warn", "dmarc", _NOTHING)
    return Line("warn", "dmarc", f"no verdict, and neither SPF nor DKIM speaks for {domain}{behind}")
