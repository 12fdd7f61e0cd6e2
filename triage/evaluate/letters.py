"""The bytes of a labelled message, as its author's program and the school's own gateway write them.

The corpus and the tests hold messages as people describe them. Written out as mail they take the same way
through the program as what lies in an inbox.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from html import escape
from quopri import encodestring
from typing import Any
from urllib.parse import quote
from zlib import crc32

_REPORTED = {  # the machine-readable part of a report (RFC 6522)
    "delivery-status": "Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1",
    "global-delivery-status": "Reporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1",
    "disposition-notification": "Disposition: manual-action/MDN-sent-manually; displayed",
    "feedback-report": "Feedback-Type: abuse\r\nUser-Agent: desk/1\r\nVersion: 1",
}
_ATTACHED = {
    "text/calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nEND:VCALENDAR",
    "application/ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nEND:VCALENDAR",
    "message/rfc822": "From: office@oakfield.example\r\nSubject: letter\r\n\r\n",
}


_LONGEST_LINE = 900

Row = Mapping[str, Any]
"""A labelled message: the keys of a line of the corpus, and ``return_path`` and ``dmarc``."""


def write(row: Row, received: datetime, gateway: str) -> bytes:
    """Return a labelled message as it lies in the mailbox: the gateway's headers on top, CRLF line ends.

    ``gateway`` is the name that the school's own border writes into Authentication-Results.
    """
    given = {name.lower(): value for name, value in row["headers"].items()}
    body_headers, body = _body(row, received, given.get("content-type", ""))
    headers = [*_border(row, received, gateway), *_authors(row, received, given), *row["headers"].items()]
    headers = [(name, value) for name, value in headers if name.lower() != "content-type"]
    lines = [f"{name}: {_encoded(value)}" for name, value in headers]
    return "\r\n".join([*lines, "MIME-Version: 1.0", *body_headers, "", body, ""]).encode()


def _border(row: Row, received: datetime, gateway: str) -> list[tuple[str, str]]:
    domain = row["from_addr"].rpartition("@")[2]
    headers = [("Return-Path", f"<{row['return_path']}>")] if row["return_path"] is not None else []
    if row["dmarc"]:
        result = f"{gateway}; dmarc={row['dmarc']} header.from={domain}"
        headers.append(("Authentication-Results", result))
    came = f"from mail.{domain} by {gateway} with ESMTPS; {format_datetime(received)}"
    return [*headers, ("Received", came)]


def _authors(row: Row, received: datetime, given: Mapping[str, str]) -> list[tuple[str, str]]:
    name = row["from_name"]
    shown = '"' + name.replace('"', "") + '"' if name.isascii() else _encoded(name)
    headers = [
        ("From", f"{shown} <{row['from_addr']}>" if name else row["from_addr"]),
        ("To", row["to"]),
        ("Subject", row["subject"]),
        ("Date", format_datetime(received)),
        ("Message-ID", f"<{row['id']}@{row['from_addr'].rpartition('@')[2]}>"),
    ]
    if row["thread"]:
        answered = f"<thread-{row['id']}@{row['thread']['from'].rpartition('@')[2]}>"
        headers += [("In-Reply-To", answered), ("References", answered)]
    return [(name, value) for name, value in headers if name.lower() not in given]


def _encoded(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8").encode()


def _body(row: Row, received: datetime, kind: str) -> tuple[list[str], str]:
    """Return the headers and the lines of the body, of the content type that the label names."""
    kind = re.sub(r"\s+", " ", kind)
    media = kind.partition(";")[0].strip().lower()
    if media == "multipart/report":
        return _multipart(row, kind, [_letter(row, received), *_report_parts(row, kind)])
    if media == "text/calendar":
        return _part(kind, _calendar(row, kind))
    attached = [_attachment(one) for one in row["attachments"]]
    if attached or media == "multipart/mixed":
        return _multipart(row, "multipart/mixed", [_letter(row, received), *attached])
    return _letter(row, received)


def _letter(row: Row, received: datetime) -> tuple[list[str], str]:
    """Return what a person reads: plain text, HTML, or both as alternatives."""
    plain, html = row["text"] + _quotation(row, received), row["html"]
    if not html:
        return _part("text/plain; charset=utf-8", plain)
    page = html + _quotation_in_html(row, received)
    if not row["text"]:
        return _part("text/html; charset=utf-8", page)
    parts = [_part("text/plain; charset=utf-8", plain), _part("text/html; charset=utf-8", page)]
    return _multipart(row, "multipart/alternative", parts, mark="alt")


def _quotation(row: Row, received: datetime) -> str:
    """Return what stands below the text in an answer, in the shape of one of three mail programs."""
    if not row["thread"] or "\n> " in row["text"]:
        return ""
    author, quoted = row["thread"]["from"], row["thread"]["text"]
    marked = "\n".join(f"> {line}" for line in quoted.split("\n"))
    shapes = (
        f"\n\nOn {received:%a, %d %b %Y at %H:%M}, <{author}> wrote:\n\n{marked}",
        (
            f"\n\n________________________________\nFrom: {author}\nSent: {received:%d %B %Y %H:%M}\n"
            f"To: {row['from_addr']}\nSubject: {row['subject']}\n\n{quoted}"
        ),
        f"\n\nSent from my phone\n\n> On {received:%d %b %Y, at %H:%M}, {author} wrote:\n> \n{marked}",
    )
    return shapes[crc32(row["id"].encode()) % len(shapes)]


def _quotation_in_html(row: Row, received: datetime) -> str:
    if not row["thread"] or "<blockquote" in row["html"]:
        return ""
    author, quoted = row["thread"]["from"], escape(row["thread"]["text"])
    return (
        f'<div class="gmail_quote">On {received:%a, %d %b %Y}, {author} wrote:<blockquote>'
        f"{quoted}</blockquote></div>"
    )


def _calendar(row: Row, kind: str) -> str:
    method = re.search(r"method=(\w+)", kind, re.IGNORECASE)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method[1].upper()}" if method else "BEGIN:VEVENT"]
    lines += ["BEGIN:VEVENT"] if method else []
    text = row["text"].replace("\n", r"\n").replace(",", r"\,")
    return "\n".join(
        [*lines, f"SUMMARY:{row['subject']}", f"DESCRIPTION:{text}", "END:VEVENT", "END:VCALENDAR"]
    )


def _report_parts(row: Row, kind: str) -> list[tuple[list[str], str]]:
    named = re.search(r'report-type="?([\w-]+)', kind, re.IGNORECASE)
    about = named[1].lower() if named else ""
    returned = f"From: {row['to']}\r\nSubject: A letter\r\nMessage-ID: <sent-{row['id']}@oakfield.example>"
    parts = [(["Content-Type: text/rfc822-headers"], returned)]
    if about == "tlsrpt":
        return [(["Content-Type: application/tlsrpt+gzip"], "H4sIAAAAAAAAAwMAAAAAAAAAAAA="), *parts]
    return [([f"Content-Type: message/{about}"], _REPORTED[about]), *parts] if about in _REPORTED else parts


def _attachment(attached: Row) -> tuple[list[str], str]:
    kind, name = attached["content_type"], attached["filename"]
    headers = [f"Content-Type: {kind}", f"Content-Disposition: attachment; filename*=utf-8''{quote(name)}"]
    if kind.startswith(("message/", "text/")):
        return headers, _ATTACHED.get(kind, "name,form")
    content = _ATTACHED.get(kind, f"the bytes of {name}").encode()
    return [*headers, "Content-Transfer-Encoding: base64"], b64encode(content).decode()


def _part(kind: str, text: str) -> tuple[list[str], str]:
    """Return a part of text: as it is where it may stand so, else quoted-printable."""
    text = text.replace("\n", "\r\n")
    headers = [f"Content-Type: {kind}"]
    if text.isascii() and max(map(len, text.split("\r\n"))) < _LONGEST_LINE:
        return headers, text
    quoted = encodestring(text.replace("\r\n", "\n").encode()).decode().replace("\n", "\r\n")
    return [*headers, "Content-Transfer-Encoding: quoted-printable"], quoted


def _multipart(
    row: Row, kind: str, parts: Sequence[tuple[list[str], str]], mark: str = "all"
) -> tuple[list[str], str]:
    boundary = f"=_{mark}_{row['id']}"
    pieces = ["\r\n".join([f"--{boundary}", *headers, "", body]) for headers, body in parts]
    return [f'Content-Type: {kind}; boundary="{boundary}"'], "\r\n".join([*pieces, f"--{boundary}--"])
