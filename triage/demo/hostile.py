"""Makers of the messages whose very bytes are the point: machines' reports, broken and hostile mail.

Each takes a message of which the headers are written and a text, and returns the whole message.
"""

import base64
from collections.abc import Callable, Mapping
from email.message import EmailMessage

Maker = Callable[[EmailMessage, str], bytes]

DEPTH = 3_000
ADDRESSES = 5_000
LARGE = 600_000


def with_attachment(message: EmailMessage, text: str) -> bytes:
    """Write a text with a small PDF beside it."""
    message.set_content(text)
    message.add_attachment(
        b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="Museum trip.pdf"
    )
    message.set_boundary("form")
    return message.as_bytes()


def too_large(message: EmailMessage, text: str) -> bytes:
    """Write a text with a photograph that takes the message over the demo's size cap."""
    message.set_content(text)
    message.add_attachment(bytes(LARGE), maintype="image", subtype="jpeg", filename="volcano.jpg")
    message.set_boundary("photograph")
    return message.as_bytes()


def bounce(message: EmailMessage, _text: str) -> bytes:
    """Write a delivery status notification (RFC 3464)."""
    status = (
        "Reporting-MTA: dns; mx.fastpost.example\r\n\r\n"
        "Final-Recipient: rfc822; old.address@fastpost.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    words = "Your message could not be delivered to old.address@fastpost.example: no such mailbox.\r\n"
    return _report(message, "delivery-status", words, status)


def read_receipt(message: EmailMessage, _text: str) -> bytes:
    """Write a message disposition notification (RFC 8098)."""
    status = (
        "Reporting-UA: worksite.example; Mail\r\n"
        "Final-Recipient: rfc822; peter.hartnell@worksite.example\r\n"
        "Original-Message-ID: <flu-1@oakfield.example>\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    words = "Your message about flu vaccinations was read on Tuesday 13 October 2026 at 09:42.\r\n"
    return _report(message, "disposition-notification", words, status)


def calendar_acceptance(message: EmailMessage, _text: str) -> bytes:
    """Write a calendar program's acceptance of a meeting (RFC 6047)."""
    reply = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//worksite.example//Calendar\r\nMETHOD:REPLY\r\n"
        "BEGIN:VEVENT\r\nUID:will-thursday@oakfield.example\r\nDTSTAMP:20261013T090000Z\r\n"
        "DTSTART:20261015T143000Z\r\nSUMMARY:Meeting about Will\r\n"
        "ORGANIZER:mailto:r.osborne@oakfield.example\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:simon.early@worksite.example\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    message.set_content("Simon Early has accepted this invitation.\r\n")
    message.add_alternative(reply, subtype="calendar", params={"method": "REPLY"})
    message.set_boundary("calendar")
    return message.as_bytes()


def unknown_charset(message: EmailMessage, text: str) -> bytes:
    """Write a text in a charset that nobody knows."""
    return _with_body(message, {"Content-Type": 'text/plain; charset="x-oakfield-9"'}, _crlf(text))


def broken_base64(message: EmailMessage, text: str) -> bytes:
    """Write a text in base64 with stray characters in it and its last characters lost."""
    coded = base64.b64encode(text.encode())
    broken = b"!" + coded[:60] + b"\r\n*%*\r\n" + coded[60:-5] + b"\r\n"
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "base64"}
    return _with_body(message, headers, broken)


def header_line_breaks(message: EmailMessage, text: str) -> bytes:
    """Hide line breaks and further headers inside encoded words of From and Subject."""
    sender = message["From"].addresses[0].addr_spec
    del message["From"], message["Subject"]
    forged_name = _encoded_word("Samir's dad\r\nBcc: everybody@oakfield.example\r\nX-Forged: yes")
    forged_subject = _encoded_word("hello\r\nAuto-Submitted: auto-replied\r\n\r\nforged body")
    forged = f"From: {forged_name} <{sender}>\r\nSubject: {forged_subject}\r\n".encode()
    return forged + _with_body(message, {"Content-Type": "text/plain; charset=utf-8"}, _crlf(text))


def nested_parts(message: EmailMessage, _text: str) -> bytes:
    """Write a multipart in a multipart, three thousand deep, none of them closed."""
    opened = "".join(
        f'--b{depth}\r\nContent-Type: multipart/mixed; boundary="b{depth + 1}"\r\n\r\n'
        for depth in range(DEPTH)
    )
    body = f"{opened}--b{DEPTH}\r\nContent-Type: text/plain\r\n\r\nat the bottom\r\n"
    return _with_body(message, {"Content-Type": 'multipart/mixed; boundary="b0"'}, body.encode())


def huge_to(message: EmailMessage, text: str) -> bytes:
    """Name five thousand recipients in the To header."""
    others = ",\r\n ".join(f"Stall {number} <stall{number}@townfair.example>" for number in range(ADDRESSES))
    to = f"To: {message['To']},\r\n {others}\r\n".encode()
    del message["To"]
    return to + _with_body(message, {"Content-Type": "text/plain; charset=utf-8"}, _crlf(text))


def _report(message: EmailMessage, kind: str, words: str, status: str) -> bytes:
    """Write a multipart/report (RFC 6522): the words for people, then the fields for machines."""
    parts = (("text/plain; charset=us-ascii", words), (f"message/{kind}", status))
    body = "".join(f"--report\r\nContent-Type: {type_}\r\n\r\n{text}\r\n" for type_, text in parts)
    headers = {"Content-Type": f'multipart/report; report-type={kind}; boundary="report"'}
    return _with_body(message, headers, f"{body}--report--\r\n".encode())


def _with_body(message: EmailMessage, headers: Mapping[str, str], body: bytes) -> bytes:
    """Put a body under the headers as it is, however wrong; ``email`` would mend it."""
    message["MIME-Version"] = "1.0"
    described = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    return message.as_bytes().removesuffix(b"\r\n") + described + b"\r\n" + body


def _encoded_word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


MAKERS: Mapping[str, Maker] = {
    maker.__name__: maker
    for maker in (
        with_attachment,
        too_large,
        bounce,
        read_receipt,
        calendar_acceptance,
        unknown_charset,
        broken_base64,
        header_line_breaks,
        nested_parts,
        huge_to,
    )
}
