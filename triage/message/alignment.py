"""What a gateway has written about a message of our own: SPF, DKIM, DMARC, and for whom (RFC 8601)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.domain.model import Verdict
from triage.message.authentication import Gateway, dmarc_verdict, own_results

_METHOD = re.compile(r"\s*(spf|dkim)(?:/\d{1,3})?\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?:smtp\.mailfrom|smtp\.helo|header\.d|header\.i)\s*=\s*\"?(?:[^\s@;\"]{0,64}@)?([A-Za-z0-9.-]{1,253})"
)


@dataclass(frozen=True, slots=True)
class Result:
    """A method, "spf" or "dkim", its result in lower case, and the domain that it is about, "" for none."""

    method: str
    result: str
    domain: str

    def helps(self, sender: str) -> bool:
        """Tell whether DMARC passes by it for a domain (RFC 7489 section 3.1)."""
        return self.result == "pass" and aligned(self.domain, sender)

    def __str__(self) -> str:
        return f"{self.method}={self.result}" + (f" for {self.domain}" if self.domain else "")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that the school's own gateway has written; ``results`` is empty where it has written nothing."""

    dmarc: Verdict
    results: tuple[Result, ...]


def judgement(headers: Sequence[tuple[str, str]], gateway: Gateway) -> Judgement:
    """Return what the gateway says; ``headers`` are the message's, topmost first, names in lower case."""
    found = tuple(each for value in own_results(headers, gateway) for each in _results(value))
    return Judgement(dmarc_verdict(headers, gateway), found)


def aligned(one: str, other: str) -> bool:
    """Tell whether two domains are one, or one lies under the other (RFC 7489 section 3.1, relaxed)."""
    first, second = one.lower().rstrip("."), other.lower().rstrip(".")
    return bool(first and second) and (
        first == second or first.endswith(f".{second}") or second.endswith(f".{first}")
    )


def _results(value: str) -> Iterator[Result]:
    for part in value.split(";"):
        # At Microsoft the first result stands where others have their own name.
        found = _METHOD.match(part)
        if found:
            domain = _DOMAIN.search(part)
            yield Result(found[1].lower(), found[2].lower(), domain[1].lower() if domain else "")
