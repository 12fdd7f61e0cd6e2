"""The one place that calls the standard library's parser, made safe for what hostile mail does to it.

``policy.compat32`` because ``policy.default`` raises on mail that exists and is superlinear. What is
left: nested parts end in RecursionError and cost a regular expression a level and line; a long
Content-Type costs its square; some of its RFC 2231 parameters raise. Hence the caps below. A header
over a cap is renamed in place, so that its part is read as plain text: nothing is hidden by it. Of a
group with RFC 2231 parameters the library is shown only what is used, as this package reads it.
"""

import email
import re
from email.message import Message as MimePart
from email.policy import compat32
from email.utils import quote

from triage.message.characters import decode
from triage.message.parameters import parameter

_CONTAINERS = 60
_FEWEST_CONTAINERS = 8
_LEVELS_TIMES_LINES = 20_000_000  # about two seconds
_LONGEST_FIELD = 2000
_FIELD = re.compile(rb"^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
# The library takes four more control characters for blanks than bytes do.
_CONTAINER = re.compile(rb"content-type:[\s\x1c-\x1f]*(?:(multipart)|message)/", re.IGNORECASE)
_USED = ("boundary", "report-type")
_ENCODING = re.compile("base64|quoted-printable|x-uuencode|uuencode|x-uue|uue|7bit|8bit|binary")
_ENCODED = frozenset({"base64", "quoted-printable"})
_NO_BLANKS = dict.fromkeys(map(ord, " \t\r\n"))

# The parser's own findings that tell a person something; the others repeat these.
_WORDS = {
    "NoBoundaryInMultipartDefect": "several parts are announced, but no boundary between them",
    "StartBoundaryNotFoundDefect": "several parts are announced, but none begins",
    "CloseBoundaryNotFoundDefect": "the last part does not end",
    "MissingHeaderBodySeparatorDefect": "a line among the headers is none",
    "FirstHeaderLineIsContinuationDefect": "the headers begin in the middle of one",
    "MisplacedEnvelopeHeaderDefect": "an envelope line stands among the headers",
    "InvalidMultipartContentTransferEncodingDefect": "an encoding is named for a group of parts",
    "InvalidBase64PaddingDefect": "broken base64",
    "InvalidBase64CharactersDefect": "broken base64",
    "InvalidBase64LengthDefect": "broken base64",
}


def line_ends(raw: bytes) -> bytes:
    """Return the message with one line feed for each line end, and without NUL bytes."""
    return raw.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def split(raw: bytes, most: int = _CONTAINERS) -> tuple[MimePart, list[str]]:
    """Return the message as a tree of parts, and in words what is wrong with it. Never raises.

    ``raw`` has passed ``line_ends``. The tree has ``most`` groups of parts within each other, and is at most
    about twice as many levels deep.
    """
    defects: list[str] = []
    affordable = _LEVELS_TIMES_LINES // (raw.count(b"\n") + 1)
    containers = min(most, max(_FEWEST_CONTAINERS, affordable))
    try:
        return email.message_from_bytes(_tamed(raw, containers, defects), policy=compat32), defects
    except (ValueError, TypeError, LookupError, RecursionError):
        # The last net: a stack that is nearly used up, or another library than the ones that were tried.
        flat = _tamed(raw, 0, [])
        return email.message_from_bytes(flat, policy=compat32), ["its parts cannot be told apart"]


def decoded(part: MimePart, child: MimePart) -> tuple[MimePart, list[str]] | None:
    """Return the message that is attached in base64 or quoted-printable, None where it is not encoded.

    RFC 2046 section 5.2.1 forbids it, and mail programs do it. The library takes what is encoded for a
    message: for ``child``, whose lines are put together again here. Never raises.
    """
    encoding = transfer_encoding(part)
    if encoding not in _ENCODED or child.is_multipart():
        return None
    carrier = MimePart()
    carrier["Content-Transfer-Encoding"] = encoding
    carrier.set_payload(encoded_lines(child).decode("ascii", "surrogateescape"))
    content = carrier.get_payload(decode=True)
    return split(line_ends(content), _FEWEST_CONTAINERS) if isinstance(content, bytes) else None


def encoded_lines(message: MimePart) -> bytes:
    """Return the lines that the library took for a message, put together again; it spoils ``message``."""
    head = "".join(f"{name}: {value}\n" for name, value in message.raw_items())
    del message["Content-Transfer-Encoding"]  # it stands in the head, and is not for its lines as they are
    text = message.get_payload(decode=True)
    body = text if isinstance(text, bytes) else b""
    return head.encode("utf-8", "surrogateescape") + b"\n" + body if head else body


def transfer_encoding(part: MimePart) -> str:
    """Return by what a part is encoded, whatever stands around its name; "" where nothing is known of it."""
    found = _ENCODING.search(str(part.get("content-transfer-encoding", "")).translate(_NO_BLANKS).lower())
    return found[0] if found else ""


def part_defects(part: MimePart) -> list[str]:
    """Return what the library found wrong with a part so far, in words."""
    names = (type(defect).__name__ for defect in part.defects)
    return [_WORDS[name] for name in names if name in _WORDS]


def _tamed(raw: bytes, containers: int, defects: list[str]) -> bytes:
    seen = 0

    def tame(match: re.Match[bytes]) -> bytes:
        nonlocal seen
        field = match[0]
        container = _CONTAINER.match(field)
        seen += bool(container)
        if len(field) > _LONGEST_FIELD:
            defects.append("a content header is too long")
        elif seen > containers and container:
            defects.append(f"more than {containers} groups of parts")
        else:
            return _survivable(field) if container and container[1] and b"*" in field else field
        return b"x-" + field[2:]

    return _FIELD.sub(tame, raw)


def _survivable(field: bytes) -> bytes:
    """Return a group's Content-Type with no other parameters than are used, in a form that never raises."""
    value = decode(field.replace(b"\n", b""), None)[0]
    read = {name: parameter(value, name) for name in _USED}
    kept = [f'{name}="{quote(text)}"'.encode() for name, text in read.items() if text]
    return b"; ".join([field.partition(b";")[0].rstrip(), *kept])
