"""Raw messages for the tests of this layer."""

from datetime import UTC, datetime

from triage.domain.model import Message
from triage.message.parse import NO_GATEWAY, Gateway, parse

RECEIVED = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


def raw(
    *headers: str, body: str = "Jake is ill today.\n", sender: str | None = "Anna Reed <anna@parent.example>"
):
    """A message as bytes; header lines as given, below the From line."""
    origin = [f"From: {sender}"] if sender is not None else []
    return "\r\n".join([*origin, *headers, "", body]).encode()


def parsed(*headers: str, gateway: Gateway = NO_GATEWAY, **named) -> Message:
    """The same, parsed."""
    return parse(raw(*headers, **named), RECEIVED, gateway)


def part(body: str, kind: str = "text/plain", *headers: str) -> str:
    """One part of a multipart body."""
    return "\r\n".join([f"Content-Type: {kind}", *headers, "", body])


def multipart(*parts: str, kind: str = "mixed") -> Message:
    """A multipart message, parsed."""
    body = "".join(f"--b\r\n{each}\r\n" for each in parts) + "--b--\r\n"
    return parsed(f'Content-Type: multipart/{kind}; boundary="b"', body=body)
