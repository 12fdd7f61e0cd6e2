"""Delivery reports as mail servers write them, of a reply that a sink has taken."""

from collections.abc import Sequence

from tests.servers.sink import Received

DAEMON = "MAILER-DAEMON@mx.home.example"
HEADERS_ALONE = "text/rfc822-headers"
WHOLE = "message/rfc822"
NOTHING = ""


def a_bounce(
    reply: Received,
    *,
    to: str,
    action: str = "failed",
    status: str = "5.1.1",
    holds: str = WHOLE,
    without: Sequence[str] = (),
    headers: Sequence[str] = (),
) -> bytes:
    """A delivery report about a reply. ``without`` are headers that the server leaves out of what it returns.

    ``holds`` is the type of the part that gives the letter back, NOTHING for none. ``headers`` are further
    ones of the report itself.
    """
    lines = [
        f"From: Mail Delivery System <{DAEMON}>",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <20261014.7f3a@mx.home.example>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        *headers,
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b0"',
        "",
        "--b0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--b0",
        "Content-Type: message/delivery-status",
        "",
        *a_status(reply.recipient, action, status),
        *_given_back(reply, holds, without),
        "--b0--",
        "",
    ]
    return "\r\n".join(lines).encode()


def a_status(recipient: str, action: str = "failed", status: str = "5.1.1") -> list[str]:
    """The groups of a delivery status: of the message, then of its one recipient."""
    told = [f"Action: {action}"] if action else []
    told += [f"Status: {status}"] if status else []
    return [
        "Reporting-MTA: dns; mx.home.example",
        "Arrival-Date: Wed, 14 Oct 2026 10:30:00 +0100",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        *told,
        "Diagnostic-Code: smtp; 550 no such user",
        "",
    ]


def _given_back(reply: Received, holds: str, without: Sequence[str]) -> list[str]:
    if holds == NOTHING:
        return []
    head, _, body = reply.raw.decode().partition("\r\n\r\n")
    left_out = tuple(f"{name.lower()}:" for name in without)
    kept = [line for line in head.split("\r\n") if not line.lower().startswith(left_out)]
    letter = ["", body] if holds == WHOLE else []
    return ["--b0", f"Content-Type: {holds}", "", *kept, *letter, ""]
