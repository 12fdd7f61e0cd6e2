"""Authentication-Results of the school's own gateway, and of nobody else (RFC 8601; T1, T2).

Anybody can write such a header into a message. The gateway's own one stands above everything that came
from outside, so the headers are read from the top and no further than the gateway's own trace.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.domain.model import Verdict
from triage.message.comments import without_comments

_BY = re.compile(r"(?:^|\s)by\s+([^\s;]{1,255})", re.IGNORECASE)
_LOCAL_DELIVERY = re.compile(r"\swith\s+LMTPS?A?(?:\s|;|$)", re.IGNORECASE)
_DMARC = re.compile(r"\s*dmarc(?:/\d{1,3})?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_VERDICTS = {"pass": Verdict.PASS, "fail": Verdict.FAIL, "none": Verdict.NONE}


@dataclass(frozen=True, slots=True)
class Gateway:
    """Whose results are believed: ``authserv_ids`` in lower case, or a ``provider``'s way of marking them.

    ``provider`` is "microsoft" or "google". With neither, nobody is believed.
    """

    authserv_ids: frozenset[str] = frozenset()
    provider: str | None = None


NO_GATEWAY = Gateway()


def dmarc_verdict(headers: Sequence[tuple[str, str]], gateway: Gateway = NO_GATEWAY) -> Verdict:
    """Return what the school's gateway says of the sender: UNKNOWN without a gateway or a result of its own.

    ``headers`` are the message's fields, topmost first, names in lower case. A temporary or permanent
    error is UNKNOWN too. Unknown methods and properties are passed over (RFC 8601 section 2.7).
    """
    for value in _own_results(headers, gateway):
        for part in without_comments(value).split(";"):
            found = _DMARC.match(part)
            if found:
                return _VERDICTS.get(found[1].lower(), Verdict.UNKNOWN)
    return Verdict.UNKNOWN


def _own_results(headers: Sequence[tuple[str, str]], gateway: Gateway) -> Iterator[str]:
    """Yield the gateway's own results: those above the first Received line that came from outside."""
    # Google's border writes its results below its own Received line, everybody else above it.
    below = gateway.provider == "google"
    passed = found = False
    for name, value in headers:
        if name == "received":
            border = _is_border(value, gateway)
            if found or passed or (border and not below):
                return
            passed = border
        elif name == "authentication-results" and _is_own(value, gateway):
            found = True
            yield value


def _is_own(value: str, gateway: Gateway) -> bool:
    first = without_comments(value).partition(";")[0].split()
    if gateway.provider == "microsoft":  # no authserv-id: the first result stands in its place
        return bool(first) and "=" in first[0]
    return bool(first) and first[0].lower() in _ids(gateway)


def _is_border(value: str, gateway: Gateway) -> bool:
    """Whether a Received line was written by the gateway when it took the message from outside."""
    found = _BY.search(without_comments(value))
    host = found[1].lower() if found else ""
    if gateway.provider == "microsoft":
        return not host.endswith(".outlook.com") or host.endswith(".protection.outlook.com")
    if gateway.provider == "google":
        return host in _ids(gateway)
    # A last hop by LMTP is the gateway handing the message to its own mail store.
    return host in _ids(gateway) and not _LOCAL_DELIVERY.search(value)


def _ids(gateway: Gateway) -> frozenset[str]:
    return frozenset({"mx.google.com"}) if gateway.provider == "google" else gateway.authserv_ids
